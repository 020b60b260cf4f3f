//! Telling a shop: one POST, and what came of it.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use domain::{delivery::Outcome, time::Span};
use reqwest::{
    Certificate, Client, Method, Request,
    header::{HeaderMap, HeaderName, HeaderValue},
    redirect, retry,
};

use crate::{
    excerpt::Excerpt,
    fault::Fault,
    resolve::{Guarded, Judge, Resolver, SystemResolver},
    target::{Target, TargetPolicy},
};

/// How callbacks name their sender.
pub const USER_AGENT: &str = concat!("Tillgate/", env!("CARGO_PKG_VERSION"));

/// How long a callback may take in all, where nothing else is set.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);

/// The share of the whole time that a connection may take (name, TCP, TLS): one part in so many.
const CONNECT_SHARE: u32 = 2;

/// The idle connections that are kept for one host: as many as one endpoint has deliveries in flight.
const MAX_IDLE_PER_HOST: usize = 8;

/// How long an idle connection is kept. Common servers close theirs after 5 s (Node's `keepAliveTimeout`, Apache's
/// `KeepAliveTimeout`); whoever sends at the same moment loses a callback that may have arrived. So we close first.
const IDLE_TIMEOUT: Duration = Duration::from_secs(4);

/// How callbacks are sent.
#[derive(Clone)]
pub struct Settings {
    /// The most time for one callback, from the name to the end of the answer.
    pub timeout: Duration,
    /// Where they may go.
    pub policy: TargetPolicy,
    /// What finds the addresses of a name.
    pub resolver: Arc<dyn Resolver>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            timeout: DEFAULT_TIMEOUT,
            policy: TargetPolicy::default(),
            resolver: Arc::new(SystemResolver::default()),
        }
    }
}

/// Why no callbacks can be sent at all.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// Most often the system has no root certificates.
    #[error("TLS cannot be set up: install the system's root certificates (package ca-certificates)")]
    Tls(#[source] reqwest::Error),
}

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
        crate::install_crypto();
        let Settings { timeout, policy, resolver } = settings;
        let resolver = Arc::new(Guarded::new(resolver, judge));
        let builder = || {
            // A name is the same in any case (RFC 9110, section 5.1), and yet some receivers know theirs in title case
            // alone. So that is how all of them are written.
            Client::builder()
                .http1_title_case_headers()
                .user_agent(USER_AGENT)
                .https_only(!policy.allow_private)
                .http1_only()
                .no_proxy()
                .redirect(redirect::Policy::none())
                .retry(retry::never())
                .dns_resolver(Arc::clone(&resolver))
                .timeout(timeout)
                .connect_timeout(timeout / CONNECT_SHARE)
                .pool_max_idle_per_host(MAX_IDLE_PER_HOST)
                .pool_idle_timeout(IDLE_TIMEOUT)
        };
        let client = builder().tls_certs_merge(roots).build().or_else(|error| {
            if !policy.allow_private {
                return Err(SetupError::Tls(error));
            }
            tracing::warn!(?error, "no root certificates of the system: callbacks over https will fail");
            builder().tls_certs_only([]).build().map_err(SetupError::Tls)
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
