//! What surrounds everything: a request has an id and a client, and is one line of the log.

use std::{fmt::Write, sync::Arc, time::Instant};

use axum::{
    Router,
    extract::{MatchedPath, Request, State},
    http::{HeaderName, HeaderValue},
    middleware::{self, Next},
    response::Response,
};
use dialects::http::{ClientAddress, RequestId};
use domain::time::Clock;

use super::{client_address::TrustedProxies, server::Peer};
use crate::system::{SystemClock, SystemEntropy};

/// The header that names a request.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Parts of a path that no route knows that are written down.
const SHOWN_SEGMENTS: usize = 4;

/// Characters of such a part. What is longer may be a token.
const SHOWN_LENGTH: usize = 20;

/// The same routes, guarded: `proxies` are believed.
pub(super) fn guarded(router: Router, proxies: TrustedProxies) -> Router {
    router.layer(middleware::from_fn_with_state(Arc::new(proxies), guard))
}

async fn guard(State(proxies): State<Arc<TrustedProxies>>, mut request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let method = request.method().clone();
    let matched = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let path = matched.unwrap_or_else(|| shown(request.uri().path()));
    let id = RequestId::new(&SystemEntropy, SystemClock.now());
    if let Some(Peer(Some(peer))) = request.extensions().get::<Peer>().copied() {
        let client = proxies.client(peer, request.headers());
        request.extensions_mut().insert(ClientAddress(client));
    }
    request.extensions_mut().insert(id.clone());
    let mut response = next.run(request).await;
    if let Ok(value) = HeaderValue::from_str(id.as_str()) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    tracing::info!(
        method = method.as_str(),
        path,
        status = response.status().as_u16(),
        took_us = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX),
        request_id = id.as_str(),
        "request"
    );
    response
}

/// A path that no route knows, without what may be a token in it.
fn shown(path: &str) -> String {
    let is_word = |part: &str| {
        let is_plain =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte);
        part.len() <= SHOWN_LENGTH && part.bytes().all(is_plain)
    };
    let mut text = String::new();
    for (index, part) in path.split('/').skip(1).enumerate() {
        let part = if index < SHOWN_SEGMENTS && is_word(part) { part } else { "…" };
        // Writing to a text cannot fail.
        let _ = write!(text, "/{part}");
        if index >= SHOWN_SEGMENTS {
            break;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_a_token_is_not_written_down() {
        for (path, expected) in [
            ("/", "/"),
            ("/v2/payments", "/v2/payments"),
            ("/pay/chk_0ABCDEFGHIJKLMNOPQRSTU/other", "/pay/…/other"),
            ("/a/b/c/d/e/f", "/a/b/c/d/…"),
            ("/%0a/x", "/…/x"),
            ("/sk_test_0123456789abcdefghij", "/…"),
        ] {
            assert_eq!(shown(path), expected);
        }
    }
}
