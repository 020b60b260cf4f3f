//! JSON-RPC 2.0 over HTTP, as nodes speak it.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use futures_util::{StreamExt, TryStreamExt, stream};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{NodeUrl, RailError, http::Http};

mod answer;

/// Calls that go into one request at most where nothing else is said. Hosted nodes count and bound them; with more of
/// them an answer would only be larger.
pub(crate) const CALLS_PER_REQUEST: usize = 8;

/// Requests that are under way at once: enough to hide the way to a distant node.
const REQUESTS_AT_ONCE: usize = 4;

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
    http: Http,
    /// Calls in one request. It is halved for good when the node refuses so many, or as much as they return.
    calls_per_request: AtomicUsize,
}

impl Rpc {
    /// A client of the node at `url`, which is sent at most so many calls in one request.
    ///
    /// # Errors
    /// [`RailError::Tls`] for an `https` URL on a system without root certificates.
    pub(crate) fn new(
        url: NodeUrl,
        connect_timeout: Duration,
        timeout: Duration,
        calls_per_request: usize,
    ) -> Result<Self, RailError> {
        let http = Http::new(url, connect_timeout, timeout)?;
        Ok(Self { http, calls_per_request: AtomicUsize::new(calls_per_request) })
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
            match self.requests(calls, size).await {
                Err(error) if size > 1 && is_too_much(&error) => {
                    self.calls_per_request.fetch_min(size / 2, Ordering::Relaxed);
                    let node = self.http.url();
                    tracing::info!(%node, calls = size / 2, %error, "fewer calls a request from now on");
                }
                done => return done,
            }
        }
    }

    /// Makes any number of calls whose answers are large, each in a request of its own.
    ///
    /// # Errors
    /// As [`Rpc::batch`].
    pub(crate) async fn one_by_one<T: DeserializeOwned>(
        &self,
        calls: &[Call],
    ) -> Result<Vec<Answer<T>>, RailError> {
        self.requests(calls, 1).await
    }

    async fn requests<T: DeserializeOwned>(
        &self,
        calls: &[Call],
        size: usize,
    ) -> Result<Vec<Answer<T>>, RailError> {
        // Collected first: a stream over the closure itself is not provably Send, and workers run as tasks.
        let requests: Vec<_> = calls.chunks(size).map(|part| self.request(part)).collect();
        stream::iter(requests).buffered(REQUESTS_AT_ONCE).try_concat().await
    }

    /// One HTTP request with these calls, and its answers in their order.
    async fn request<T: DeserializeOwned>(&self, calls: &[Call]) -> Result<Vec<Answer<T>>, RailError> {
        let method = calls.first().map_or("", |call| call.method);
        let answered = self.http.post(written(calls), method).await?;
        let answers = answer::read(&answered.body, calls, |message| self.http.url().conceal(message));
        // Some nodes send what they refuse with a status of its own kind. Without JSON-RPC in it, the status is all
        // there is.
        match answers {
            Err(RailError::Malformed { .. }) if !answered.status.is_success() => {
                Err(RailError::Http { status: answered.status.as_u16() })
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

/// Whether the same calls in smaller requests may go through. Beside our own bound that is a list that is refused as a
/// whole, and what go-ethereum says of a list that returns too much (-32003) or takes too long (-32002).
fn is_too_much(error: &RailError) -> bool {
    matches!(
        error,
        RailError::TooLarge { .. } | RailError::Rpc { .. } | RailError::Http { status: 400 | 405 | 413 }
    )
}
