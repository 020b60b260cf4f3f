//! What becomes of requests that are wrong.

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use operator::BASE;
use serde_json::json;

use crate::asked::Desk;

/// A path of the document with a name in the place of each parameter.
fn filled(path: &str) -> String {
    path.split('/')
        .map(|part| if part.starts_with('{') { "nothing" } else { part })
        .collect::<Vec<_>>()
        .join("/")
}

#[tokio::test]
async fn every_body_that_is_wrong_is_refused_in_the_apis_form() {
    let desk = Desk::new().await;
    let mut asked = 0;
    for (method, path, _) in desk.operations().into_iter().filter(|(_, _, takes_body)| *takes_body) {
        for (kind, body, status, code) in [
            ("application/json", "{", StatusCode::BAD_REQUEST, "invalid_json"),
            ("application/json", "{\"no_such_field\":1}", StatusCode::UNPROCESSABLE_ENTITY, "invalid_body"),
            ("application/json", "[]", StatusCode::UNPROCESSABLE_ENTITY, "invalid_body"),
            ("text/plain", "{}", StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type"),
        ] {
            let request = Request::builder().method(method.clone()).uri(filled(&path));
            let request = request.header(header::CONTENT_TYPE, kind).body(Body::from(body)).unwrap();
            let answer = desk.send(request).await;
            assert_eq!(answer.status, status, "{method} {path} {body}");
            assert_eq!(answer.body["error"]["code"], code, "{method} {path} {body}");
            asked += 1;
        }
    }
    assert!(asked >= 40, "{asked}");
}

#[tokio::test]
async fn a_body_without_end_is_refused() {
    let desk = Desk::new().await;
    let body = json!({ "name": "a".repeat(3_000_000) }).to_string();
    let request = Request::post(format!("{BASE}/shops")).header(header::CONTENT_TYPE, "application/json");
    let answer = desk.send(request.body(Body::from(body)).unwrap()).await;
    assert_eq!(
        (answer.status, &answer.body["error"]["code"]),
        (StatusCode::PAYLOAD_TOO_LARGE, &json!("payload_too_large"))
    );
}

#[tokio::test]
async fn what_is_not_there_is_told_in_the_apis_form() {
    let desk = Desk::new().await;
    for (method, path, status, code) in [
        (Method::GET, "/nothing", StatusCode::NOT_FOUND, "not_found"),
        (Method::GET, "/shops/shop_x", StatusCode::NOT_FOUND, "shop_not_found"),
        (Method::GET, "/payments/pay_x", StatusCode::NOT_FOUND, "payment_not_found"),
        (Method::GET, "/deliveries/del_x", StatusCode::NOT_FOUND, "delivery_not_found"),
        (Method::POST, "/credentials/cred_x/revoke", StatusCode::NOT_FOUND, "credential_not_found"),
        (Method::DELETE, "/shops", StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
        (Method::GET, "/payments?limit=0", StatusCode::UNPROCESSABLE_ENTITY, "invalid_value"),
        (Method::GET, "/payments?limit=101", StatusCode::UNPROCESSABLE_ENTITY, "invalid_value"),
        (Method::GET, "/payments?limit=ten", StatusCode::BAD_REQUEST, "invalid_parameter"),
        (Method::GET, "/payments?other=1", StatusCode::BAD_REQUEST, "invalid_parameter"),
        (Method::GET, "/payments?status=done", StatusCode::UNPROCESSABLE_ENTITY, "invalid_value"),
        (Method::GET, "/payments?created_from=today", StatusCode::UNPROCESSABLE_ENTITY, "invalid_value"),
        (Method::GET, "/payments?cursor=x", StatusCode::BAD_REQUEST, "cursor_invalid"),
        (Method::GET, "/deliveries?status=lost", StatusCode::UNPROCESSABLE_ENTITY, "invalid_value"),
        (Method::GET, "/shops?cursor=x", StatusCode::BAD_REQUEST, "cursor_invalid"),
        (Method::GET, "/shops/%ff", StatusCode::BAD_REQUEST, "invalid_parameter"),
    ] {
        let request = Request::builder().method(method).uri(format!("{BASE}{path}"));
        let answer = desk.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!((answer.status, &answer.body["error"]["code"]), (status, &json!(code)), "{path}");
        assert!(answer.body["error"]["message"].is_string(), "{path}");
    }
}

#[tokio::test]
async fn what_has_no_sense_is_refused_with_its_reason() {
    let desk = Desk::new().await;
    let shop = desk.shop("Café").await;
    for (template, names, body, code) in [
        ("/clock/advance", &[][..], json!({ "by": "soon" }), "invalid_value"),
        ("/clock/advance", &[], json!({ "by": "0s" }), "clock_out_of_range"),
        ("/simulate/rate", &[], json!({ "pair": "ETHUSD", "value": "1" }), "asset_unknown"),
        ("/simulate/rate", &[], json!({ "pair": "ETH/USD", "value": "-1" }), "rate_malformed"),
        ("/simulate/mine", &[], json!({ "network": "ethereum", "blocks": 0 }), "blocks_out_of_range"),
        ("/simulate/pay", &[], json!({ "payment": "x", "asset": "ETH" }), "invalid_value"),
        ("/shops/{shop}/credentials", &[&shop], json!({ "dialect": "none" }), "dialect_unknown"),
        ("/shops/{shop}/credentials", &[&shop], json!({ "dialect": "plain", "kind": "x" }), "invalid_value"),
        (
            "/shops/{shop}/credentials",
            &[&shop],
            json!({ "dialect": "plain", "expires": "x" }),
            "invalid_value",
        ),
        (
            "/shops/{shop}/credentials",
            &[&shop],
            json!({ "dialect": "plain", "scopes": ["x"] }),
            "scope_unknown",
        ),
        (
            "/shops/{shop}/endpoints",
            &[&shop],
            json!({ "dialect": "plain", "url": "ftp://x" }),
            "endpoint_url_invalid",
        ),
    ] {
        let names: Vec<&str> = names.iter().map(|name: &&String| name.as_str()).collect();
        let answer = desk.ask(Method::POST, template, &names, Some(body)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{template} {answer:?}");
        assert_eq!(answer.body["error"]["code"], code, "{template}");
    }
}
