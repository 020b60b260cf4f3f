//! Reading what somebody publishes: one GET, and what came of it.

use std::{sync::Arc, time::Duration};

use reqwest::{
    Client, Method, Request,
    header::{ACCEPT, HeaderMap, HeaderValue, RETRY_AFTER},
};

use crate::{
    client::{self, Settings, SetupError},
    fault::Fault,
    resolve::Judge,
    target::{Target, TargetPolicy},
};

/// The most bytes of a document that are taken.
pub const MAX_DOCUMENT_BYTES: usize = 1024 * 1024;

/// Reads documents.
pub(crate) struct Fetcher {
    client: Client,
    policy: TargetPolicy,
}

/// What was answered.
pub(crate) struct Document {
    /// The status.
    pub(crate) status: u16,
    /// When to ask again, where that is said.
    pub(crate) retry_after: Option<Duration>,
    /// The body.
    pub(crate) body: Vec<u8>,
}

impl Fetcher {
    pub(crate) fn new(settings: Settings) -> Result<Self, SetupError> {
        let policy = settings.policy;
        let judge: Judge = Arc::new(move |address| policy.permits(address));
        let client = client::build(settings.clone(), Arc::clone(&judge), Vec::new()).or_else(|error| {
            if policy.allow_private { client::build_without_roots(settings, judge) } else { Err(error) }
        })?;
        Ok(Self { client, policy })
    }

    /// The document at a URL, within the time that is set. A redirect is an answer like any other; a document of more
    /// than [`MAX_DOCUMENT_BYTES`] is none, and its connection is dropped.
    pub(crate) async fn get(&self, url: &Target) -> Result<Document, Fault> {
        url.check(self.policy).map_err(|_| Fault::AddressNotAllowed)?;
        let mut request = Request::new(Method::GET, url.url().clone());
        request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json, application/xml"));
        let mut response = self.client.execute(request).await.map_err(|error| Fault::of(&error))?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| Fault::of(&error))? {
            if body.len() + chunk.len() > MAX_DOCUMENT_BYTES {
                return Err(Fault::AnswerTooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        let (status, retry_after) = (response.status().as_u16(), retry_after(response.headers()));
        Ok(Document { status, retry_after, body })
    }
}

/// The seconds of `Retry-After` (RFC 9110, section 10.2.3). A date there is not read: whoever sends one is asked again
/// after the usual pause.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}
