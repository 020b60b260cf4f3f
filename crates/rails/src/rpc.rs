//! JSON-RPC 2.0 over HTTP, as nodes speak it.
//!
//! One client asks one node. It bounds what it is answered, and it never tells anybody the node's whole URL.

use std::{
    error::Error,
    iter,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use domain::time::Span;
use futures_util::{StreamExt, TryStreamExt, stream};
use reqwest::{Client, Response, StatusCode, header, redirect};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{NodeUrl, RailError};

mod answer;

/// The largest answer that is read: some ten times what eight full blocks of Ethereum take.
pub(crate) const MAX_ANSWER_BYTES: usize = 64 * 1024 * 1024;

/// Calls that go into one request at most. Hosted nodes count and bound them; with more of them an answer would only be
/// larger.
pub(crate) const CALLS_PER_REQUEST: usize = 8;

/// Requests that are under way at once: enough to hide the way to a distant node.
const REQUESTS_AT_ONCE: usize = 4;

/// Memory that is set aside for an answer before it arrives, whatever length it promises.
const FIRST_BUFFER_BYTES: usize = 1024 * 1024;

/// What became of one call: its result, nothing where that is `null`, or [`RailError::Rpc`].
pub(crate) type Answer<T> = Result<Option<T>, RailError>;

/// One call.
pub(crate) struct Call {
    /// The method.
    pub(crate) method: &'static str,
    /// Its parameters: an array.
    pub(crate) params: Value,
}

/// A call as it is written.
#[derive(Serialize)]
struct Request<'a> {
    jsonrpc: &'static str,
    id: usize,
    method: &'static str,
    params: &'a Value,
}

/// A node's API.
pub(crate) struct Rpc {
    http: Client,
    url: NodeUrl,
    /// Calls in one request. It starts at [`CALLS_PER_REQUEST`], and is halved for good when the node refuses so many,
    /// or as much as they return.
    calls_per_request: AtomicUsize,
}

impl Rpc {
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
        let http = builder.build().map_err(|_| RailError::Tls)?;
        Ok(Self { http, url, calls_per_request: AtomicUsize::new(CALLS_PER_REQUEST) })
    }

    /// Makes any number of calls, in requests of a bounded size, and returns the answers in their order.
    ///
    /// # Errors
    /// All that concern a node as a whole. A call that is refused is an answer.
    pub(crate) async fn batch<T: DeserializeOwned>(
        &self,
        calls: &[Call],
    ) -> Result<Vec<Answer<T>>, RailError> {
        loop {
            let size = self.calls_per_request.load(Ordering::Relaxed);
            // Collected first: a stream over the closure itself is not provably Send, and workers run as tasks.
            let requests: Vec<_> = calls.chunks(size).map(|part| self.request(part)).collect();
            let answers = stream::iter(requests).buffered(REQUESTS_AT_ONCE).try_concat().await;
            match answers {
                Err(error) if size > 1 && is_too_much(&error) => {
                    self.calls_per_request.fetch_min(size / 2, Ordering::Relaxed);
                    tracing::info!(node = %self.url, calls = size / 2, %error, "fewer calls a request from now on");
                }
                done => return done,
            }
        }
    }

    /// One HTTP request with these calls, and its answers in their order.
    async fn request<T: DeserializeOwned>(&self, calls: &[Call]) -> Result<Vec<Answer<T>>, RailError> {
        let response = self
            .http
            .post(self.url.secret().clone())
            .header(header::CONTENT_TYPE, "application/json")
            .body(written(calls))
            .send()
            .await
            .map_err(unreachable)?;
        let status = response.status();
        if let Some(error) = patience(&response) {
            return Err(error);
        }
        let method = calls.first().map_or("", |call| call.method);
        let bytes = read(response, method).await?;
        let answers = answer::read(&bytes, calls, |message| self.url.conceal(message));
        // Some nodes send what they refuse with a status of its own kind. Without JSON-RPC in it, the status is all
        // there is.
        match answers {
            Err(RailError::Malformed { .. }) if !status.is_success() => {
                Err(RailError::Http { status: status.as_u16() })
            }
            answers => answers,
        }
    }
}

impl<'a> Request<'a> {
    fn new((id, call): (usize, &'a Call)) -> Self {
        Self { jsonrpc: "2.0", id, method: call.method, params: &call.params }
    }
}

/// The body of a request: a lone call stands alone, for nodes that know no lists.
fn written(calls: &[Call]) -> Vec<u8> {
    let body = match calls {
        [call] => serde_json::to_vec(&Request::new((0, call))),
        calls => serde_json::to_vec(&calls.iter().enumerate().map(Request::new).collect::<Vec<_>>()),
    };
    // Text keys and JSON values can always be written.
    body.unwrap_or_default()
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

/// Whether the same calls in smaller requests may go through. Beside our own bound that is a list that is refused as a
/// whole, and what go-ethereum says of a list that returns too much (-32003) or takes too long (-32002).
fn is_too_much(error: &RailError) -> bool {
    matches!(
        error,
        RailError::TooLarge { .. } | RailError::Rpc { .. } | RailError::Http { status: 400 | 405 | 413 }
    )
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
