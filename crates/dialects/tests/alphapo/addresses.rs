//! Addresses that stay with clients, and what comes there.

use dialects::alphapo::Settings;
use domain::{chain::Network, time::Span};
use engine::sandbox::SimulateTransfer;
use serde_json::{Value, json};
use testkit::scene::method;

use crate::{
    contract::Contract,
    exchange::{Answer, Ask},
    golden::assert_golden,
    rig::{Plan, Rig},
};

async fn take(rig: &Rig, coin: &str, client: &str) -> Answer {
    let body = json!({"currency": coin, "foreign_id": client, "end_user_reference": "12345"});
    let answer = rig.post("/addresses/take", &body).await;
    assert_eq!(answer.told(), "201", "{}", answer.text);
    answer
}

/// Lets money come to an address.
async fn send(rig: &Rig, taken: &Answer, amount: &str, confirmations: Option<u32>) {
    let command = SimulateTransfer {
        method: method("bitcoin", "BTC"),
        address: taken.text_of("address"),
        amount: amount.to_owned(),
        confirmations,
    };
    rig.gateway.engine.simulate_transfer(command).await.unwrap();
    rig.gateway.settle().await;
}

#[tokio::test]
async fn a_client_keeps_an_address_for_each_coin() {
    let rig = Rig::new().await;
    let first = take(&rig, "BTC", "user-2048").await;
    assert!(first.data().get("convert_to").is_none(), "{}", first.text);
    assert_eq!(take(&rig, "BTC", "user-2048").await.text, first.text);
    rig.gateway.advance(Span::days(400)).await;
    assert_eq!(take(&rig, "BTC", "user-2048").await.text, first.text);
    let others = [take(&rig, "BTC", "user-2049").await, take(&rig, "USDTE", "user-2048").await];
    for other in &others {
        assert_ne!(
            (other.data()["id"].clone(), other.text_of("address")),
            (first.data()["id"].clone(), first.text_of("address"))
        );
    }
    assert_eq!(others[1].data()["tag"], Value::Null);
    // An id of a client is no id of an invoice.
    assert_eq!(rig.ask(Ask::create(&crate::exchange::example("user-2048"))).await.told(), "201");
}

#[tokio::test]
async fn each_deposit_is_told_and_read() {
    let rig = Rig::new().await;
    rig.endpoint().await;
    let taken = take(&rig, "BTC", "user-2048").await;
    assert_eq!(rig.told().await.len(), 0);
    send(&rig, &taken, "0.015", Some(0)).await;
    let told = rig.told().await;
    assert_eq!(told.len(), 1);
    assert_golden("callback-deposit-not-confirmed", &told[0].body);
    let seen = told[0].json();
    rig.mine("bitcoin", 2).await;
    let told = rig.told().await;
    assert_eq!(told.len(), 1);
    assert_golden("callback-deposit-confirmed", &told[0].body);
    let confirmed = told[0].json();
    assert_eq!((&seen["status"], &confirmed["status"]), (&json!("not_confirmed"), &json!("confirmed")));
    assert_eq!((&seen["id"], &seen["crypto_address"]["id"]), (&confirmed["id"], &taken.data()["id"]));
    assert_eq!(confirmed["crypto_address"]["foreign_id"], "user-2048");
    let contract = Contract::new();
    let schema = &contract.document["webhooks"]["deposit"]["post"]["requestBody"]["content"]["application/json"]
        ["schema"];
    contract.valid(schema, &seen, "seen");
    contract.valid(schema, &confirmed, "confirmed");
    // It is read by its number and by its transaction; the client's id is no name of it.
    for asked in [json!({"id": confirmed["id"]}), json!({"txid": confirmed["transactions"][0]["txid"]})] {
        let ask = Ask { method: axum::http::Method::GET, ..Ask::json("/transactions/info", &asked) };
        assert_eq!(rig.ask(ask).await.json(), confirmed, "{asked}");
    }
    let ask = Ask::get("/transactions/info?foreign_id=user-2048");
    assert_eq!(rig.ask(ask).await.told(), "404 not_found");
    // The next one is another deposit at the same address.
    send(&rig, &taken, "0.001", None).await;
    let next = rig.told().await.remove(0).json();
    assert_ne!(next["id"], confirmed["id"]);
    assert_eq!(next["crypto_address"], confirmed["crypto_address"]);
    let balance = rig.post("/accounts/list", &json!([])).await.data()[0]["balance"].clone();
    assert_eq!(balance, "0.01600000");
}

#[tokio::test]
async fn every_mistake_has_its_sentence() {
    let rig = Rig::new().await;
    for (body, told) in [
        (json!({"foreign_id": "a"}), r#"400 {"currency":"The currency field is required."}"#),
        (json!({"currency": "BTC"}), r#"400 {"foreign_id":"The foreign id field is required."}"#),
        (
            json!({"currency": "EUR", "foreign_id": "a"}),
            r#"400 {"currency":"The selected currency is invalid."}"#,
        ),
        (
            json!({"currency": "DOGE", "foreign_id": "a"}),
            r#"400 {"currency":"The selected currency is invalid."}"#,
        ),
        (
            json!({"currency": "BTC", "foreign_id": "x".repeat(256)}),
            r#"400 {"foreign_id":"The foreign id may not be greater than 255 characters."}"#,
        ),
        (
            json!({"currency": "BTC", "foreign_id": "a", "convert_to": "EUR"}),
            r#"400 {"convert_to":"Exchange is unavailable for given currencies"}"#,
        ),
    ] {
        assert_eq!(rig.post("/addresses/take", &body).await.told(), told);
    }
    let same = json!({"currency": "BTC", "foreign_id": "a", "convert_to": "BTC"});
    assert_eq!(rig.post("/addresses/take", &same).await.told(), "201");
    let settings = Settings { strict_2026: true, ..Settings::default() };
    let strict = Rig::with(Plan { settings, ..Plan::default() }).await;
    let body = json!({"currency": "BTC", "foreign_id": "a"});
    let told = r#"400 {"end_user_reference":"The end user reference field is required."}"#;
    assert_eq!(strict.post("/addresses/take", &body).await.told(), told);
    assert_eq!(strict.ask(Ask::post("/addresses/take", "")).await.told(), "400 bad_content_format");
}

#[tokio::test]
async fn money_that_leaves_the_chain_before_it_is_final_is_waited_for() {
    let rig = Rig::new().await;
    rig.endpoint().await;
    let taken = take(&rig, "BTC", "a").await;
    send(&rig, &taken, "0.01", Some(1)).await;
    let told = rig.told().await.remove(0).json();
    assert_eq!(told["status"], "not_confirmed");
    rig.gateway.engine.reorganise(Network::parse("bitcoin").unwrap(), 1, true).await.unwrap();
    rig.gateway.settle().await;
    assert_eq!(rig.told().await.len(), 0);
    let ask = Ask {
        method: axum::http::Method::GET,
        ..Ask::json("/transactions/info", &json!({"id": told["id"]}))
    };
    let read = rig.ask(ask).await.json();
    assert_eq!(
        (&read["status"], &read["transactions"][0]["confirmations"]),
        (&json!("not_confirmed"), &json!("0"))
    );
}
