//! The public state of a checkout.

use axum::http::Method;
use serde_json::json;

use crate::{
    exchange::{Answer, Ask, example_with},
    rig::{CHECKOUT_URL, Rig},
};

fn path_of(made: &Answer) -> String {
    let url = made.text_of("checkout_url");
    let token = url.strip_prefix(&format!("{CHECKOUT_URL}/pay/")).unwrap();
    assert!(token.starts_with("chk_") && token.len() == 26, "{url}");
    format!("/v1/checkout/{token}")
}

#[tokio::test]
async fn anybody_may_read_what_the_buyer_sees_and_no_more() {
    let rig = Rig::new().await;
    let made = rig.create_with("a", &example_with("metadata", json!({"secret-note": "x"}))).await;
    let path = path_of(&made);
    let answer = rig.send(Ask::get(&path)).await;
    let expected = json!({
        "object": "checkout",
        "token": path.rsplit('/').next().unwrap(),
        "status": "pending",
        "amount": "25.00",
        "currency": "USD",
        "description": "Order A1001",
        "merchant_name": "Café Lumière",
        "livemode": false,
        "expires_at": "2026-06-16T12:30:00Z",
        "success_url": "https://merchant.example/success",
        "cancel_url": "https://merchant.example/cancel",
    });
    assert_eq!(answer.data(), expected);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    for hidden in ["buyer@example.com", "order-a1001", "secret-note", "pay_"] {
        assert!(!answer.text.contains(hidden), "{hidden}: {answer:?}");
    }
}

#[tokio::test]
async fn tokens_that_name_nothing_are_not_found() {
    let rig = Rig::new().await;
    let path = path_of(&rig.create("a").await);
    let token = path.rsplit('/').next().unwrap();
    for name in [
        "chk_0000000000000000000000".to_owned(),
        token.replace("chk_", ""),
        token.replace("chk_", "pay_"),
        format!("{token}0"),
        "chk_".to_owned(),
        "%00".to_owned(),
        "%ff".to_owned(),
    ] {
        let answer = rig.send(Ask::get(format!("/v1/checkout/{name}"))).await;
        assert_eq!(answer.told(), "404 checkout_not_found", "{name}");
    }
}

#[tokio::test]
async fn only_pages_of_the_checkout_may_read_it_from_a_browser() {
    let rig = Rig::new().await;
    let path = path_of(&rig.create("a").await);
    let allowed = |answer: &Answer| answer.header("access-control-allow-origin").map(str::to_owned);
    let own = rig.send(Ask::get(&path).header("Origin", CHECKOUT_URL)).await;
    assert_eq!(allowed(&own).as_deref(), Some(CHECKOUT_URL));
    assert_eq!(own.header("vary"), Some("Origin"));
    let missing = rig.send(Ask::get("/v1/checkout/chk_x").header("Origin", CHECKOUT_URL)).await;
    assert_eq!(allowed(&missing).as_deref(), Some(CHECKOUT_URL));
    for origin in ["https://merchant.example", "null", "https://checkout.example.com.evil.example", "*"] {
        let answer = rig.send(Ask::get(&path).header("Origin", origin)).await;
        assert_eq!((answer.told().as_str(), allowed(&answer)), ("200", None), "{origin}");
        assert_eq!(answer.header("vary"), Some("Origin"));
    }
    let list = rig.send(Ask::get("/v1/payments").key(&rig.key).header("Origin", CHECKOUT_URL)).await;
    assert_eq!(allowed(&list), None);
    let asked_before =
        rig.send(Ask::new(Method::OPTIONS, "/v1/payments").header("Origin", CHECKOUT_URL)).await;
    assert_eq!((asked_before.told().as_str(), allowed(&asked_before)), ("405 method_not_allowed", None));
}
