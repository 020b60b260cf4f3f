//! Who may call, and what they are told who may not.

use std::sync::Arc;

use axum::http::Method;
use dialects::{Limits, alpha::Alpha};
use domain::{dialect::Dialect, merchant::KeyKind, time::Span};
use engine::{credentials::CreateCredential, shops::ChangeShop};
use testkit::clock::START;

use crate::{
    contract::Contract,
    exchange::{Ask, Key},
    rig::{Plan, Rig, unlimited},
};

/// Operations that anybody may ask. An operation that joins them is a decision: it is written down here.
const PUBLIC: &[&str] = &["ping"];

/// One request for each operation of the document that takes a signature.
fn guarded() -> Vec<Ask> {
    let mut asks = Vec::new();
    for (path, method, operation) in Contract::new().operations() {
        let name = operation["operationId"].as_str().unwrap();
        let required = operation["security"][0].as_object().unwrap();
        if required.is_empty() {
            assert!(PUBLIC.contains(&name), "{name} takes no key");
            continue;
        }
        assert_eq!(required.keys().collect::<Vec<_>>(), ["key", "signature"]);
        let method: Method = method.to_uppercase().parse().unwrap();
        asks.push(Ask::new(method, &path).header("Content-Type", "application/json").bytes("{}"));
    }
    assert_eq!(asks.len(), OPERATIONS);
    asks
}

/// Operations that take a signature.
const OPERATIONS: usize = 11;

#[tokio::test]
async fn no_route_opens_without_a_signature_that_is_right() {
    let rig = Rig::with(Plan { dialects: vec![Arc::new(Alpha)], ..Plan::default() }).await;
    let off = rig.gateway.shop("Closed").await;
    let of_closed = rig.key_for(&off, &[], None).await;
    let change = ChangeShop { active: Some(false), ..ChangeShop::default() };
    rig.gateway.engine.change_shop(off.id, change).await.unwrap();
    let expired = rig.key_for(&rig.shop, &[], Some(START + Span::hours(1))).await;
    let elsewhere = rig.key_for(&rig.shop, &["203.0.113.0/24"], None).await;
    let revoked = rig.key_for(&rig.shop, &[], None).await;
    let all = rig.gateway.engine.list_credentials(rig.shop.id).await.unwrap();
    let own = all.iter().find(|one| one.public_key.as_deref() == Some(revoked.key.as_str())).unwrap();
    rig.gateway.engine.revoke_credential(own.id).await.unwrap();
    let command = CreateCredential {
        shop: rig.shop.id,
        dialect: Alpha.name(),
        kind: KeyKind::Secret,
        scopes: Vec::new(),
        allowed_ips: Vec::new(),
        expires_at: None,
    };
    let bearer = rig.gateway.engine.create_credential(command).await.unwrap().1.text;
    let of_alpha = Key { secret: bearer.clone(), key: bearer };
    rig.gateway.clock.advance(Span::hours(2));
    let key = &rig.key;
    let with_secret = |secret: &str| Key { secret: secret.to_owned(), ..key.clone() };
    for ask in guarded() {
        let named = |name: &str| ask.clone().header("X-Processing-Key", name);
        let unknown = Key { key: "unknown".to_owned(), ..key.clone() };
        let right = ask.clone().signed(key);
        let signature = right.headers["x-processing-signature"].to_str().unwrap().to_owned();
        for (ask, told) in [
            (ask.clone(), "403 required_header_key"),
            (ask.clone().header("X-Processing-Signature", &signature), "403 required_header_key"),
            (named(""), "403 required_header_key"),
            (ask.clone().signed(&unknown), "403 bad_header_key"),
            (named("unknown"), "403 bad_header_key"),
            (named(&key.key.to_uppercase()), "403 bad_header_key"),
            (named(&key.key).header("X-Processing-Key", &key.key), "403 bad_header_key"),
            (ask.clone().signed(&expired), "403 bad_header_key"),
            (ask.clone().signed(&revoked), "403 bad_header_key"),
            (ask.clone().signed(&of_closed), "403 bad_header_key"),
            (ask.clone().signed(&of_alpha), "403 bad_header_key"),
            (ask.clone().signed(&elsewhere), "403 forbidden_ip"),
            (ask.clone().signed(&elsewhere).from("203.0.114.9"), "403 forbidden_ip"),
            (named(&elsewhere.key), "403 forbidden_ip"),
            (named(&key.key), "403 required_header_signature"),
            (named(&key.key).header("X-Processing-Signature", " "), "403 required_header_signature"),
            (named(&key.key).header("X-Processing-Signature", "text"), "403 bad_header_signature"),
            (ask.clone().signed(&with_secret("other")), "403 bad_header_signature"),
            (ask.clone().signed(&with_secret("")), "403 bad_header_signature"),
            (ask.clone().signed(&with_secret(&key.key)), "403 bad_header_signature"),
            (right.clone().bytes("{} "), "403 bad_header_signature"),
            (right.clone().bytes(""), "403 bad_header_signature"),
            (right.clone().header("X-Processing-Signature", &signature), "403 bad_header_signature"),
        ] {
            let answer = rig.send(ask.clone()).await;
            assert_eq!(answer.told(), told, "{ask:?}");
            assert!(answer.header("ratelimit-limit").is_none(), "{answer:?}");
        }
        assert!(rig.send(right).await.status.as_u16() != 403, "{ask:?}");
        assert!(rig.send(ask.signed(&elsewhere).from("203.0.113.9")).await.status.as_u16() != 403);
    }
}

#[tokio::test]
async fn who_is_calling_is_asked_before_anything_is_understood() {
    let rig = Rig::new().await;
    let wrong = || Ask::new(Method::POST, "/invoices/create").header("Content-Type", "text/plain").bytes("{");
    assert_eq!(rig.send(wrong()).await.told(), "403 required_header_key");
    let named = wrong().header("X-Processing-Key", &rig.key.key);
    assert_eq!(rig.send(named.clone()).await.told(), "403 required_header_signature");
    let bad = named.header("X-Processing-Signature", "00");
    assert_eq!(rig.send(bad).await.told(), "403 bad_header_signature");
    assert_eq!(rig.ask(wrong()).await.told(), "400 bad_content_format");
    let broken = wrong().without("Content-Type").header("Content-Type", "application/json");
    assert_eq!(rig.ask(broken.clone()).await.told(), "400 bad_content_format");
    assert!(rig.ask(broken.bytes("{}")).await.told().starts_with("400 {"));
}

#[tokio::test]
async fn header_names_are_read_in_any_case() {
    let rig = Rig::new().await;
    let signature = dialects::alphapo::sign(&rig.key.secret, b"[]");
    for (key, sign) in [
        ("X-Processing-Key", "X-Processing-Signature"),
        ("X-processing-key", "X-processing-signature"),
        ("x-processing-key", "x-processing-signature"),
        ("X-PROCESSING-KEY", "X-PROCESSING-SIGNATURE"),
    ] {
        let ask = Ask::post("/currencies/list", "[]").header(key, &rig.key.key).header(sign, &signature);
        assert_eq!(rig.send(ask).await.told(), "200");
    }
}

#[tokio::test]
async fn anybody_may_ask_whether_it_answers() {
    let rig = Rig::new().await;
    for body in ["", "{}", "[]", "null", "{"] {
        assert_eq!(rig.send(Ask::get("/ping").bytes(body)).await.text, "OK");
    }
    assert_eq!(rig.ask(Ask::get("/ping").bytes("{}")).await.text, "OK");
    let posted = rig.send(Ask::post("/ping", "{}")).await;
    assert_eq!(
        (posted.told().as_str(), posted.header("allow")),
        ("405 method_not_allowed", Some("GET,HEAD"))
    );
}

#[tokio::test]
async fn a_path_that_is_none_is_told_to_whoever_names_a_key() {
    let rig = Rig::new().await;
    for path in ["", "/", "/invoices", "/invoices/status", "/balance", "/futures/rates", "/a/b/c", "/ping/x"]
    {
        let get = Ask::get(path);
        assert_eq!(rig.send(get.clone()).await.told(), "403 required_header_key", "{path}");
        // A key is named; whether it works is asked where something is.
        let named = get.header("X-Processing-Key", "any");
        assert_eq!(rig.send(named).await.told(), "404 not_found", "{path}");
        assert_eq!(rig.post(path, &serde_json::json!({})).await.told(), "404 not_found", "{path}");
    }
    for (method, path, allow) in [
        (Method::GET, "/invoices/create", "POST"),
        (Method::DELETE, "/currencies/list", "POST"),
        (Method::PUT, "/transactions/info", "GET,HEAD"),
    ] {
        let ask = Ask::new(method, path);
        assert_eq!(rig.send(ask.clone()).await.told(), "403 required_header_key", "{path}");
        let answer = rig.ask(ask).await;
        assert_eq!((answer.told().as_str(), answer.header("allow")), ("405 method_not_allowed", Some(allow)));
    }
}

#[tokio::test]
async fn a_host_of_its_own_belongs_to_it_whole() {
    let rig = Rig::with(Plan { own_host: true, ..Plan::default() }).await;
    for path in ["/", "/favicon.ico", "/v1/payments", "/api/v1/ping", "/api/v2/x"] {
        let at = |ask: Ask| Ask { path: path.to_owned(), ..ask };
        assert_eq!(rig.send(at(Ask::get(""))).await.told(), "403 required_header_key", "{path}");
        assert_eq!(rig.ask(at(Ask::get(""))).await.told(), "404 not_found", "{path}");
    }
    assert_eq!(rig.send(Ask::get("/ping")).await.text, "OK");
}

#[tokio::test]
async fn a_body_that_is_too_large_is_told_so() {
    let rig = Rig::new().await;
    let body = |length: usize| format!("[{}]", " ".repeat(length - 2));
    assert_eq!(rig.ask(Ask::post("/currencies/list", body(64 * 1024))).await.told(), "200");
    let answer = rig.ask(Ask::post("/currencies/list", body(64 * 1024 + 1))).await;
    assert_eq!(answer.told(), "413 payload_too_large");
    assert_eq!(answer.text, r#"{"error":"Payload too large","code":"payload_too_large"}"#);
}

#[tokio::test]
async fn callers_are_limited_and_strangers_by_address() {
    let limits = Limits { requests_per_minute: 2, failed_authentications_per_minute: 2, ..unlimited() };
    let rig = Rig::with(Plan { limits: Some(limits), ..Plan::default() }).await;
    let list = || Ask::post("/currencies/list", "[]");
    for remaining in ["1", "0"] {
        let answer = rig.ask(list()).await;
        assert_eq!((answer.told().as_str(), answer.header("ratelimit-remaining")), ("200", Some(remaining)));
    }
    let limited = rig.ask(list()).await;
    assert_eq!(limited.text, r#"{"errors":{"rate_limit":"error code: 1015"}}"#);
    assert_eq!((limited.status.as_u16(), limited.header("retry-after")), (429, Some("30")));
    for told in ["403 required_header_key", "403 required_header_key"] {
        assert_eq!(rig.send(list().from("192.0.2.1")).await.told(), told);
    }
    assert_eq!(rig.send(list().from("192.0.2.1")).await.status.as_u16(), 429);
    assert_eq!(rig.send(list().from("192.0.2.2")).await.told(), "403 required_header_key");
    // Whoever has a key that works is not counted among strangers.
    rig.gateway.clock.advance(Span::minutes(1));
    assert_eq!(rig.ask(list().from("192.0.2.1")).await.told(), "200");
}
