use std::sync::{Arc, Mutex};

use testkit::{
    clock::{START, Seeded},
    gateway::Gateway,
};
use tower::ServiceExt;

use super::*;
use crate::{Limits, Urls, http::RequestId};

/// What `certain` makes of these outcomes, and how often it asked.
async fn asked(outcomes: Vec<Failure>) -> (Failure, usize) {
    let left = Arc::new(Mutex::new(outcomes));
    let count = left.lock().unwrap().len();
    let outcome = certain(async || Err(left.lock().unwrap().remove(0))).await;
    let asked = count - left.lock().unwrap().len();
    (outcome.unwrap_err(), asked)
}

#[tokio::test]
async fn what_is_unknown_is_asked_once_more() {
    let refused = Failure::Refused(Refusal::IdempotencyConflict);
    assert_eq!(asked(vec![Failure::Unknown, refused]).await, (refused, 2));
    assert_eq!(asked(vec![Failure::Unknown, Failure::Unknown, refused]).await, (Failure::Unknown, 2));
    assert_eq!(asked(vec![refused, refused]).await, (refused, 1));
}

#[test]
fn idempotency_keys_are_one_header_of_visible_characters() {
    let read = |values: &[&[u8]]| {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(IDEMPOTENCY_KEY, HeaderValue::from_bytes(value).unwrap());
        }
        idempotency_key(&headers).map_err(|error| error.code)
    };
    let longest = "k".repeat(MAX_KEY);
    for key in ["order-a1001", "!", "~", "a/b:c;d,e\"f", &longest] {
        assert_eq!(read(&[key.as_bytes()]), Ok(key.to_owned()));
    }
    assert_eq!(read(&[]), Err(Code::IdempotencyKeyRequired));
    for key in ["", "a b", "a\tb", &format!("{longest}k")] {
        assert_eq!(read(&[key.as_bytes()]), Err(Code::IdempotencyKeyInvalid), "{key}");
    }
    assert_eq!(read(&["é".as_bytes()]), Err(Code::IdempotencyKeyInvalid));
    assert_eq!(read(&[b"a", b"a"]), Err(Code::IdempotencyKeyInvalid));
}

#[tokio::test]
async fn a_handler_that_panics_is_answered_like_any_fault() {
    let gateway = Gateway::start(Vec::new()).await;
    let url = "https://pay.example".to_owned();
    let api = Api {
        engine: gateway.engine.clone(),
        entropy: Arc::new(Seeded::new(1)),
        urls: Urls { public: url.clone(), checkout: url },
        limits: Limits::default(),
    };
    let broken = async || -> ApiError { panic!("as told") };
    let routes =
        Router::new().route("/broken", get(broken)).route("/bare", get(async || StatusCode::CONFLICT));
    let routes = dressed(routes, Server::new(api, Settings::default()));
    let id = RequestId::new(&Seeded::new(2), START);
    for path in ["/broken", "/bare"] {
        let mut request = Request::get(path).body(Body::empty()).unwrap();
        request.extensions_mut().insert(id.clone());
        let response = routes.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR, "{path}");
        assert_eq!(response.headers()["x-alpha-api-version"], "v1");
        let body = axum::body::to_bytes(response.into_body(), 1_000).await.unwrap();
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body["error"]["code"], "internal_error", "{path}");
        assert_eq!(body["error"]["request_id"], id.as_str(), "{path}");
    }
}
