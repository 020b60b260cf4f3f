//! Who may call, and what they are told who may not.

use std::sync::Arc;

use axum::http::Method;
use dialects::alpha::Alpha;
use domain::{
    dialect::Dialect,
    ip_block::IpBlock,
    merchant::{Environment, KeyKind, Shop},
    time::Span,
};
use engine::{credentials::CreateCredential, shops::ChangeShop};
use testkit::{clock::START, lookalike::Lookalike, plain::Plain};

use crate::{
    contract::Contract,
    exchange::{Ask, example_with},
    rig::{Plan, Rig, alpha},
};

/// Operations that anybody may ask. An operation that joins them is a decision: it is written down here.
const PUBLIC: &[&str] = &["getCheckout"];

/// One request for each operation of the document that takes a key, and the scope that it takes.
async fn guarded(rig: &Rig) -> Vec<(Ask, String)> {
    let id = rig.create("for-reading").await.text_of("id");
    let mut asks = Vec::new();
    for (path, method, operation) in Contract::new().operations() {
        let name = operation["operationId"].as_str().unwrap();
        let required = operation["security"][0].as_object().unwrap();
        if required.is_empty() {
            assert!(PUBLIC.contains(&name), "{name} takes no key");
            continue;
        }
        let scope = required["secret_key"][0].as_str().unwrap().to_owned();
        let path = format!("/v1{}", path.replace("{id}", &id));
        assert!(!path.contains('{'), "say what to put into {path}");
        let method: Method = method.to_uppercase().parse().unwrap();
        let ask = if method == Method::POST { Ask::create("never") } else { Ask::new(method, path) };
        asks.push((ask, scope));
    }
    assert_eq!(asks.len(), 3);
    asks
}

/// Another dialect, whose keys look like this one's.
fn lookalike() -> Arc<dyn Dialect> {
    Arc::new(Lookalike::of(Arc::new(Alpha)))
}

/// A key of another dialect, made from the same kind of text.
async fn lookalike_key(rig: &Rig) -> String {
    let command = CreateCredential {
        shop: rig.shop.id,
        dialect: lookalike().name(),
        kind: KeyKind::Secret,
        scopes: Vec::new(),
        allowed_ips: Vec::new(),
        expires_at: None,
    };
    rig.gateway.engine.create_credential(command).await.unwrap().1.text
}

async fn revoked_key(rig: &Rig, shop: &Shop) -> String {
    let key = rig.key_for(shop, &[]).await;
    let all = rig.gateway.engine.list_credentials(shop.id).await.unwrap();
    let own = all.iter().find(|credential| key.ends_with(&credential.hint)).unwrap();
    rig.gateway.engine.revoke_credential(own.id).await.unwrap();
    key
}

#[tokio::test]
async fn no_route_opens_without_a_key_that_works() {
    let rig = Rig::with(Plan { dialects: vec![lookalike()], ..Plan::default() }).await;
    let off = rig.gateway.shop("Closed").await;
    let of_closed = rig.key_for(&off, &[]).await;
    let change = ChangeShop { active: Some(false), ..ChangeShop::default() };
    rig.gateway.engine.change_shop(off.id, change).await.unwrap();
    let expired = rig.credential(&rig.shop, KeyKind::Secret, &[], Some(START + Span::hours(1))).await;
    let publishable = rig.credential(&rig.shop, KeyKind::Publishable, &[], None).await;
    let revoked = revoked_key(&rig, &rig.shop).await;
    let others = lookalike_key(&rig).await;
    let asks = guarded(&rig).await;
    rig.gateway.clock.advance(Span::hours(2));
    let unknown = Alpha.issue(KeyKind::Secret, Environment::Test, &[9; 32]).text;
    let production = Alpha.issue(KeyKind::Secret, Environment::Production, &[9; 32]).text;
    let values = [
        (None, "401 missing_api_key"),
        (Some(String::new()), "401 invalid_api_key"),
        (Some("Bearer".to_owned()), "401 invalid_api_key"),
        (Some("Bearer ".to_owned()), "401 invalid_api_key"),
        (Some(rig.key.clone()), "401 invalid_api_key"),
        (Some(format!("Basic {}", rig.key)), "401 invalid_api_key"),
        (Some(format!("Bearer {}x", rig.key)), "401 invalid_api_key"),
        (Some(format!("Bearer {}", rig.key.to_uppercase())), "401 invalid_api_key"),
        (Some(format!("Bearer {}, Bearer {}", rig.key, rig.key)), "401 invalid_api_key"),
        (Some(format!("Bearer {unknown}")), "401 invalid_api_key"),
        (Some(format!("Bearer {production}")), "401 invalid_api_key"),
        (Some(format!("Bearer {revoked}")), "401 invalid_api_key"),
        (Some(format!("Bearer {expired}")), "401 invalid_api_key"),
        (Some(format!("Bearer {others}")), "401 invalid_api_key"),
        (Some(format!("Bearer {publishable}")), "403 publishable_key_not_allowed"),
        (Some("Bearer pk_test_anything".to_owned()), "403 publishable_key_not_allowed"),
        (Some(format!("Bearer {of_closed}")), "403 merchant_not_active"),
    ];
    for (ask, _) in &asks {
        for (value, told) in &values {
            let ask = value.iter().fold(ask.clone(), |ask, value| ask.header("Authorization", value));
            let answer = rig.send(ask.clone()).await;
            assert_eq!(answer.told(), *told, "{ask:?}");
            assert!(
                !answer.text.contains("pay_") && answer.header("ratelimit-limit").is_none(),
                "{answer:?}"
            );
        }
    }
    let list = rig.get("/v1/payments").await;
    assert_eq!(list.data().as_array().unwrap().len(), 1, "{list:?}");
}

#[tokio::test]
async fn each_scope_opens_its_own_routes_and_no_other() {
    let rig = Rig::new().await;
    for (ask, needed) in guarded(&rig).await {
        for scope in Alpha.scopes() {
            let key = rig.key_for(&rig.shop, &[scope]).await;
            let answer = rig.send(ask.clone().key(&key)).await;
            if *scope == needed {
                assert!(answer.status.is_success(), "{scope}: {answer:?}");
            } else {
                assert_eq!(answer.told(), "403 insufficient_scope");
                assert!(answer.text.contains(&needed), "{answer:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_key_that_is_revoked_stops_at_once_and_the_others_go_on() {
    let rig = Rig::new().await;
    let revoked = revoked_key(&rig, &rig.shop).await;
    assert_eq!(rig.send(Ask::get("/v1/payments").key(&revoked)).await.told(), "401 invalid_api_key");
    assert_eq!(rig.get("/v1/payments").await.told(), "200");
}

#[tokio::test]
async fn a_shop_that_is_switched_off_can_be_switched_on_again() {
    let rig = Rig::new().await;
    let switch = async |active| {
        let change = ChangeShop { active: Some(active), ..ChangeShop::default() };
        rig.gateway.engine.change_shop(rig.shop.id, change).await.unwrap();
        rig.create("a").await.told()
    };
    assert_eq!(switch(false).await, "403 merchant_not_active");
    assert_eq!(switch(true).await, "201");
}

#[tokio::test]
async fn the_scheme_is_read_in_any_case() {
    let rig = Rig::new().await;
    for scheme in ["bearer", "BEARER", "Bearer "] {
        let ask = Ask::get("/v1/payments").header("Authorization", &format!("{scheme} {}", rig.key));
        assert_eq!(rig.send(ask).await.told(), "200", "{scheme}");
    }
    let twice = Ask::get("/v1/payments").key(&rig.key).key(&rig.key);
    assert_eq!(rig.send(twice).await.told(), "401 invalid_api_key");
}

#[tokio::test]
async fn each_environment_has_its_own_keys_and_says_whether_money_is_real() {
    for (environment, begins, is_live) in [
        (Environment::Test, "sk_test_", false),
        (Environment::Staging, "sk_test_", false),
        (Environment::Production, "sk_production_", true),
    ] {
        let rig = Rig::with(Plan { environment: Some(environment), ..Plan::default() }).await;
        assert!(rig.key.starts_with(begins) && rig.key.len() == begins.len() + 43, "{environment:?}");
        let made = rig.create("a").await;
        assert_eq!((made.told().as_str(), &made.data()["livemode"]), ("201", &is_live.into()));
        let token = made.text_of("checkout_url").rsplit('/').next().unwrap().to_owned();
        let checkout = rig.send(Ask::get(format!("/v1/checkout/{token}"))).await;
        assert_eq!(checkout.data()["livemode"], is_live);
        let local = rig.create_with("b", &example_with("success_url", "http://localhost/")).await;
        assert_eq!(local.told(), if is_live { "422 validation_failed" } else { "201" });
        for other in [Environment::Test, Environment::Staging, Environment::Production] {
            let key = Alpha.issue(KeyKind::Secret, other, &[9; 32]).text;
            assert_eq!(rig.send(Ask::get("/v1/payments").key(&key)).await.told(), "401 invalid_api_key");
        }
    }
}

#[tokio::test]
async fn who_is_calling_is_asked_before_anything_is_read() {
    let rig = Rig::new().await;
    let huge = Ask::create("a").without("Content-Type").bytes(vec![b' '; 2 * 1024 * 1024]);
    assert_eq!(rig.send(huge).await.told(), "401 missing_api_key");
    let reader = rig.key_for(&rig.shop, &["payments:read"]).await;
    let broken = Ask::create("a").without("Content-Type").key(&reader);
    assert_eq!(rig.send(broken).await.told(), "403 insufficient_scope");
}

#[tokio::test]
async fn another_shop_s_payment_does_not_exist() {
    let rig = Rig::new().await;
    let other = rig.gateway.shop("Other").await;
    let key = rig.key_for(&other, &[]).await;
    let made = rig.create("a").await;
    let path = format!("/v1/payments/{}", made.text_of("id"));
    let theirs = rig.send(Ask::get(&path).key(&key)).await;
    let nobodys = rig.send(Ask::get("/v1/payments/pay_000000000000000000000000").key(&key)).await;
    assert_eq!(theirs.told(), "404 payment_not_found");
    assert_eq!(theirs.json()["error"]["message"], nobodys.json()["error"]["message"]);
    let list = rig.send(Ask::get("/v1/payments").key(&key)).await;
    assert_eq!(list.data().as_array().unwrap().len(), 0);
    // The same idempotency key is another shop's own.
    assert_eq!(rig.send(Ask::create("a").key(&key)).await.header("idempotent-replayed"), None);
    assert_eq!(rig.get(&path).await.data(), made.data());
}

#[tokio::test]
async fn another_dialect_s_payment_does_not_exist() {
    let rig = Rig::new().await;
    let payment = rig.gateway.payment(&rig.shop, 2_500).await;
    assert_eq!(payment.dialect, Plain::dialect_name());
    let path = format!("/v1/payments/{}", Alpha.payment_id(payment.id));
    assert_eq!(rig.get(&path).await.told(), "404 payment_not_found");
    let token = rig.gateway.engine.token(payment.id);
    assert_eq!(
        rig.send(Ask::get(format!("/v1/checkout/chk_{token}"))).await.told(),
        "404 checkout_not_found"
    );
    assert_eq!(rig.get("/v1/payments").await.data().as_array().unwrap().len(), 0);
}

#[tokio::test]
async fn a_key_for_some_addresses_opens_nothing_from_another() {
    let rig = Rig::new().await;
    let command = CreateCredential {
        shop: rig.shop.id,
        dialect: alpha(),
        kind: KeyKind::Secret,
        scopes: Vec::new(),
        allowed_ips: vec![IpBlock::parse("203.0.113.0/24").unwrap()],
        expires_at: None,
    };
    let key = rig.gateway.engine.create_credential(command).await.unwrap().1.text;
    let ask = || Ask::get("/v1/payments").key(&key);
    assert_eq!(rig.send(ask().from("203.0.113.9")).await.told(), "200");
    for answer in [rig.send(ask().from("203.0.114.9")).await, rig.send(ask()).await] {
        assert_eq!(answer.told(), "401 invalid_api_key");
        assert!(answer.text.contains("may not be used from this address"), "{}", answer.text);
    }
}
