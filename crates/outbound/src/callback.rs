//! Telling a shop: one POST, and what came of it.

use std::{sync::Arc, time::Instant};

use domain::{delivery::Outcome, time::Span};
use reqwest::{
    Certificate, Client, Method, Request,
    header::{HeaderMap, HeaderName, HeaderValue},
};

use crate::{
    client,
    excerpt::Excerpt,
    fault::Fault,
    resolve::Judge,
    target::{Target, TargetPolicy},
};

pub use crate::client::{DEFAULT_TIMEOUT, Settings, SetupError, USER_AGENT};

/// Sends callbacks. It is cheap to clone: clones share their connections.
#[derive(Clone)]
pub struct Callbacks {
    client: Client,
    policy: TargetPolicy,
}

impl Callbacks {
    /// A sender with these settings.
    ///
    /// Where the policy allows private targets, a system without root certificates is no error: callbacks over plain
    /// `http` work, and those over `https` end with "certificate not valid".
    pub fn new(settings: Settings) -> Result<Self, SetupError> {
        let policy = settings.policy;
        Self::with(settings, Arc::new(move |address| policy.permits(address)), Vec::new())
    }

    /// The same with a judge of addresses and with further root certificates: tests treat a part of this host as the
    /// public internet.
    fn with(settings: Settings, judge: Judge, roots: Vec<Certificate>) -> Result<Self, SetupError> {
        let policy = settings.policy;
        let client = client::build(settings.clone(), Arc::clone(&judge), roots).or_else(|error| {
            if !policy.allow_private {
                return Err(error);
            }
            tracing::warn!(%error, "no root certificates of the system: callbacks over https will fail");
            client::build_without_roots(settings, judge)
        })?;
        Ok(Self { client, policy })
    }

    /// Sends one callback and waits for the answer, within the time that is set.
    ///
    /// The request has exactly these headers and this body, and besides them `User-Agent`, `Accept: */*`, `Host` and
    /// `Content-Length`, every name in title case. It is sent once. A redirect is an answer like any other. At most
    /// [`EXCERPT_BYTES`](domain::delivery::EXCERPT_BYTES) of the answer's body are kept; where more is to come,
    /// the connection is dropped. When the answer breaks off before that, the outcome has its status and an error.
    ///
    /// Nothing is kept here: after a crash the caller knows only that the callback may have arrived.
    pub async fn post(&self, url: &Target, headers: &[(&str, String)], body: Vec<u8>) -> Outcome {
        let begun = Instant::now();
        let answer = self.exchange(url, headers, body).await.unwrap_or_else(Answer::none);
        Outcome {
            http_status: answer.status,
            error: answer.fault.map(|fault| fault.to_string()),
            excerpt: answer.excerpt.text(),
            took: Span::from_micros(i64::try_from(begun.elapsed().as_micros()).unwrap_or(i64::MAX)),
        }
    }

    async fn exchange(
        &self,
        url: &Target,
        headers: &[(&str, String)],
        body: Vec<u8>,
    ) -> Result<Answer, Fault> {
        url.check(self.policy).map_err(|_| Fault::AddressNotAllowed)?;
        let mut request = Request::new(Method::POST, url.url().clone());
        *request.headers_mut() = header_map(headers)?;
        *request.body_mut() = Some(body.into());
        let mut response = self.client.execute(request).await.map_err(|error| Fault::of(&error))?;
        let mut excerpt = Excerpt::default();
        let fault = loop {
            match response.chunk().await {
                Ok(Some(chunk)) => excerpt.push(&chunk),
                Ok(None) => break None,
                Err(error) => break Some(Fault::of(&error)),
            }
            if excerpt.is_cut() {
                break None;
            }
        };
        Ok(Answer { status: Some(response.status().as_u16()), excerpt, fault })
    }
}

/// What came back.
struct Answer {
    status: Option<u16>,
    excerpt: Excerpt,
    fault: Option<Fault>,
}

impl Answer {
    /// No answer at all.
    fn none(fault: Fault) -> Self {
        Self { status: None, excerpt: Excerpt::default(), fault: Some(fault) }
    }
}

/// Headers for the client, in their order. Their values are signatures: the client's own logs do not show them.
fn header_map(headers: &[(&str, String)]) -> Result<HeaderMap, Fault> {
    let mut map = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| Fault::RequestInvalid)?;
        let mut value = HeaderValue::from_str(value).map_err(|_| Fault::RequestInvalid)?;
        value.set_sensitive(true);
        map.append(name, value);
    }
    Ok(map)
}

#[cfg(test)]
mod tests;
