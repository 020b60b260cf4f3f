//! HTTP, as it is spoken to nodes.
//!
//! One client asks one node. It bounds what it is answered, and it never tells anybody the node's whole URL.

use std::{error::Error, iter, time::Duration};

use domain::time::Span;
use reqwest::{Client, RequestBuilder, Response, StatusCode, header, redirect};

use crate::{NodeUrl, RailError};

/// The largest answer that is read: some ten times what eight full blocks of Ethereum take.
pub(crate) const MAX_ANSWER_BYTES: usize = 64 * 1024 * 1024;

/// Memory that is set aside for an answer before it arrives, whatever length it promises.
const FIRST_BUFFER_BYTES: usize = 1024 * 1024;

/// A node's HTTP server.
pub(crate) struct Http {
    client: Client,
    url: NodeUrl,
}

/// What was answered to a request.
pub(crate) struct Answered {
    /// The status.
    pub(crate) status: StatusCode,
    /// The body.
    pub(crate) body: Vec<u8>,
}

impl Http {
    /// A client of the node at `url`.
    ///
    /// # Errors
    /// [`RailError::Tls`] for an `https` URL on a system without root certificates.
    pub(crate) fn new(url: NodeUrl, connect_timeout: Duration, timeout: Duration) -> Result<Self, RailError> {
        // The error says that the process has a provider already, which is what is wanted.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = Client::builder()
            .http1_only()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .connect_timeout(connect_timeout)
            .timeout(timeout);
        // A node next door is spoken to without TLS, and then no certificates are needed either.
        let plain = url.secret().scheme() == "http";
        let builder = if plain { builder.tls_certs_only([]) } else { builder };
        let client = builder.build().map_err(|_| RailError::Tls)?;
        Ok(Self { client, url })
    }

    /// The node's URL.
    pub(crate) const fn url(&self) -> &NodeUrl {
        &self.url
    }

    /// Sends a JSON document. `method` is what the errors call the question.
    ///
    /// # Errors
    /// All that concern a node as a whole.
    pub(crate) async fn post(&self, document: Vec<u8>, method: &'static str) -> Result<Answered, RailError> {
        let request = self.client.post(self.url.secret().clone());
        send(request.header(header::CONTENT_TYPE, "application/json").body(document), method).await
    }

    /// Asks for what is at this path below the node's URL. `method` is what the errors call the question.
    ///
    /// # Errors
    /// All that concern a node as a whole.
    pub(crate) async fn get(&self, path: &[&str], method: &'static str) -> Result<Answered, RailError> {
        send(self.client.get(self.url.below(path)), method).await
    }
}

async fn send(request: RequestBuilder, method: &'static str) -> Result<Answered, RailError> {
    let response = request.send().await.map_err(unreachable)?;
    if let Some(error) = patience(&response) {
        return Err(error);
    }
    let status = response.status();
    Ok(Answered { status, body: read(response, method).await? })
}

/// The answer's body, as long as it stays within its bound.
async fn read(mut response: Response, method: &'static str) -> Result<Vec<u8>, RailError> {
    let too_large = RailError::TooLarge { method, limit: MAX_ANSWER_BYTES };
    let promised = usize::try_from(response.content_length().unwrap_or_default()).unwrap_or(usize::MAX);
    if promised > MAX_ANSWER_BYTES {
        return Err(too_large);
    }
    let mut bytes = Vec::with_capacity(promised.min(FIRST_BUFFER_BYTES));
    while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
        if bytes.len() + chunk.len() > MAX_ANSWER_BYTES {
            return Err(too_large);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// Whether a node wants to be left alone, and for how long. A date in `Retry-After` is read as no time: it would need a
/// clock.
fn patience(response: &Response) -> Option<RailError> {
    let seconds = || response.headers().get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse::<u32>().ok();
    let retry_after = seconds().map(|seconds| Span::seconds(seconds.into()));
    let asked = match response.status() {
        StatusCode::TOO_MANY_REQUESTS => true,
        StatusCode::SERVICE_UNAVAILABLE => retry_after.is_some(),
        _ => false,
    };
    asked.then_some(RailError::RateLimited { retry_after })
}

/// Why there is no answer. Of all causes the innermost says it, and none of them holds the URL.
#[expect(clippy::needless_pass_by_value, reason = "it stands where an error is mapped")]
fn unreachable(error: reqwest::Error) -> RailError {
    if error.is_timeout() && !error.is_connect() {
        return RailError::TimedOut;
    }
    let mut causes = iter::successors(error.source(), |&cause| cause.source());
    RailError::Unreachable {
        reason: causes.by_ref().last().map_or("no cause is known".into(), ToString::to_string),
    }
}
