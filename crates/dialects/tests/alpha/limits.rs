//! How often somebody may ask.

use dialects::Limits;
use domain::time::Span;

use crate::{
    exchange::{Answer, Ask},
    rig::{CHECKOUT_URL, Plan, Rig, unlimited},
};

fn stand(answer: &Answer) -> [Option<&str>; 4] {
    ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset", "retry-after"]
        .map(|name| answer.header(name))
}

async fn limited(limits: Limits) -> Rig {
    Rig::with(Plan { limits: Some(limits), ..Plan::default() }).await
}

#[tokio::test]
async fn each_key_has_its_own_allowance_and_is_told_how_it_stands() {
    let rig = limited(Limits { requests_per_minute: 2, ..unlimited() }).await;
    assert_eq!(stand(&rig.get("/v1/payments").await), [Some("2"), Some("1"), Some("30"), None]);
    let refused = rig.get("/v1/payments/pay_x").await;
    assert_eq!(refused.told(), "404 payment_not_found");
    assert_eq!(stand(&refused), [Some("2"), Some("0"), Some("60"), None]);
    let over = rig.create("a").await;
    assert_eq!(over.told(), "429 rate_limited");
    assert_eq!(stand(&over), [Some("2"), Some("0"), Some("60"), Some("30")]);
    let other = rig.key_for(&rig.shop, &[]).await;
    assert_eq!(rig.send(Ask::get("/v1/payments").key(&other)).await.told(), "200");
    rig.gateway.clock.advance(Span::seconds(30));
    assert_eq!(rig.create("a").await.told(), "201");
    assert_eq!(rig.create("a").await.told(), "429 rate_limited");
}

#[tokio::test]
async fn a_key_without_the_scope_is_counted_too() {
    let rig = limited(Limits { requests_per_minute: 1, ..unlimited() }).await;
    let reader = rig.key_for(&rig.shop, &["payments:read"]).await;
    let first = rig.send(Ask::create("a").key(&reader)).await;
    assert_eq!(
        (first.told().as_str(), first.header("ratelimit-remaining")),
        ("403 insufficient_scope", Some("0"))
    );
    assert_eq!(rig.send(Ask::create("a").key(&reader)).await.told(), "429 rate_limited");
}

#[tokio::test]
async fn the_public_checkout_is_limited_by_address() {
    let rig = limited(Limits { checkout_requests_per_minute: 1, ..unlimited() }).await;
    let from = |address: &str| Ask::get("/v1/checkout/chk_x").from(address);
    assert_eq!(rig.send(from("192.0.2.1")).await.told(), "404 checkout_not_found");
    let over = rig.send(from("192.0.2.1")).await;
    assert_eq!(over.told(), "429 rate_limited");
    assert_eq!(stand(&over), [Some("1"), Some("0"), Some("60"), Some("60")]);
    let from_page = rig.send(from("192.0.2.1").header("Origin", CHECKOUT_URL)).await;
    let allowed = from_page.header("access-control-allow-origin");
    assert_eq!((from_page.told().as_str(), allowed), ("429 rate_limited", Some(CHECKOUT_URL)));
    assert_eq!(rig.send(from("192.0.2.2")).await.told(), "404 checkout_not_found");
    assert_eq!(rig.send(from("2001:db8::1")).await.told(), "404 checkout_not_found");
    assert_eq!(rig.send(from("2001:db8::2")).await.told(), "429 rate_limited");
    assert_eq!(rig.get("/v1/payments").await.told(), "200");
}

#[tokio::test]
async fn those_without_a_key_are_limited_by_address_and_lock_nobody_out() {
    let rig = limited(Limits { failed_authentications_per_minute: 2, ..unlimited() }).await;
    let stranger = || Ask::get("/v1/payments").from("192.0.2.1");
    assert_eq!(rig.send(stranger()).await.told(), "401 missing_api_key");
    assert_eq!(rig.send(stranger().key("sk_test_x")).await.told(), "401 invalid_api_key");
    let over = rig.send(stranger().key("pk_test_x")).await;
    assert_eq!(over.told(), "429 rate_limited");
    assert_eq!(over.header("retry-after"), Some("30"));
    assert_eq!(rig.send(stranger().key(&rig.key)).await.told(), "200");
    assert_eq!(rig.send(Ask::get("/v1/payments").from("192.0.2.2")).await.told(), "401 missing_api_key");
}

#[tokio::test]
async fn nothing_is_limited_where_limits_are_off() {
    let rig = Rig::new().await;
    for _ in 0..700 {
        let answer = rig.get("/v1/payments?limit=1").await;
        assert_eq!((answer.told().as_str(), stand(&answer)), ("200", [None; 4]));
    }
}
