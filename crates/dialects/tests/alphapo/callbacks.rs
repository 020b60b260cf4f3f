//! What endpoints are told: to the byte, signed, and as the document says.

use dialects::alphapo::{self, Alphapo, Fee, Settings};
use domain::{dialect::Dialect, refusal::Refusal, time::Span};
use engine::endpoints::CreateEndpoint;
use serde_json::{Value, json};

use crate::{
    contract::Contract,
    exchange::{example, fixed, timed},
    golden::assert_golden,
    rig::{Plan, Rig, Told, name},
};

/// Holds the one callback that waits against the file of this name, and against the document.
async fn assert_told(rig: &Rig, kept: &str) -> Value {
    let told = rig.told().await;
    assert_eq!(told.len(), 1, "{kept}");
    let [one] = &told[..] else { return Value::Null };
    assert_golden(kept, &one.body);
    check(rig, one);
    one.json()
}

fn check(rig: &Rig, told: &Told) {
    let text = String::from_utf8(told.body.clone()).unwrap();
    assert!(
        text.is_ascii() && !text.contains("{}") && !text.contains(", ") && !text.ends_with('\n'),
        "{text}"
    );
    let signature = alphapo::sign(&rig.key.secret, &told.body);
    let expected = [
        ("Content-Type", "application/json".to_owned()),
        ("X-Processing-Key", rig.key.key.clone()),
        ("X-Processing-Signature", signature),
    ];
    assert_eq!(told.headers, expected);
    let body = told.json();
    no_floats(&body);
    let contract = Contract::new();
    let operation = &contract.document["webhooks"][body["type"].as_str().unwrap()]["post"];
    let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
    assert!(schema.is_object());
    contract.valid(schema, &body, &text);
    let expected = match body["status"].as_str().unwrap() {
        "not_confirmed" => "processing",
        other => other,
    };
    assert_eq!(told.name, expected);
}

fn no_floats(value: &Value) {
    match value {
        Value::Number(number) => assert!(number.is_i64() || number.is_u64(), "{number}"),
        Value::Array(values) => values.iter().for_each(no_floats),
        Value::Object(members) => members.values().for_each(no_floats),
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

async fn selling(body: &Value) -> Rig {
    let rig = Rig::new().await;
    rig.endpoint().await;
    rig.create(body).await;
    rig
}

#[tokio::test]
async fn a_part_is_told_with_the_rest() {
    let rig = selling(&fixed("order-a1001", "BTC")).await;
    rig.pay("order-a1001", Some("0.001"), Some(0)).await;
    let body = assert_told(&rig, "callback-pending-part").await;
    assert_eq!(body["transactions"][0]["confirmations"], "0");
    assert_eq!((&body["fees"], &body["error"]), (&json!([]), &json!("")));
}

#[tokio::test]
async fn a_choice_is_told_where_it_starts_the_timer() {
    let rig = selling(&example("order-a1001")).await;
    rig.choose("order-a1001", "bitcoin", "BTC").await;
    let body = assert_told(&rig, "callback-pending-chosen").await;
    assert_eq!(
        (&body["transactions"], &body["currency_sent"]["remaining_amount"]),
        (&json!([]), &body["currency_sent"]["amount"])
    );
}

#[tokio::test]
async fn all_that_is_due_is_told_when_it_is_seen_and_when_it_is_final() {
    let rig = selling(&fixed("order-a1001", "BTC")).await;
    rig.gateway.advance(Span::minutes(2)).await;
    rig.pay("order-a1001", None, Some(0)).await;
    let body = assert_told(&rig, "callback-processing").await;
    assert_eq!(body["transactions"][0]["confirmations"], "0");
    rig.mine("bitcoin", 2).await;
    let body = assert_told(&rig, "callback-confirmed").await;
    assert_eq!(body["transactions"][0]["confirmations"], "2");
}

#[tokio::test]
async fn more_than_is_due_is_confirmed_and_shown() {
    let rig = selling(&fixed("order-a1001", "BTC")).await;
    rig.pay("order-a1001", Some("0.003"), None).await;
    let body = assert_told(&rig, "callback-confirmed-over").await;
    assert_eq!(body["transactions"][0]["amount"], "0.00300000");
    assert_eq!(body["currency_sent"]["amount"], "0.00222396");
}

#[tokio::test]
async fn a_fee_is_told_once_it_is_confirmed() {
    let deposit_fees = [("BTC".to_owned(), Fee::parse("0.008").unwrap())].into();
    let settings = Settings { deposit_fees, ..Settings::default() };
    let rig = Rig::with(Plan { settings, ..Plan::default() }).await;
    rig.endpoint().await;
    rig.create(&fixed("order-a1001", "BTC")).await;
    rig.pay("order-a1001", None, Some(0)).await;
    assert_eq!(rig.told().await[0].json()["fees"], json!([]));
    rig.mine("bitcoin", 2).await;
    let body = assert_told(&rig, "callback-confirmed-fee").await;
    // 0.8 % of 0.00222396, rounded down.
    let fee = json!([{"type": "fee_crypto_deposit", "currency": "BTC", "amount": "0.00001779"}]);
    assert_eq!(body["fees"], fee);
}

#[tokio::test]
async fn every_failure_has_its_sentence() {
    let rig = selling(&fixed("order-a1001", "BTC")).await;
    rig.gateway.advance(Span::minutes(16)).await;
    assert_told(&rig, "callback-failed-unpaid").await;
    let rig = selling(&timed("order-a1001")).await;
    rig.gateway.advance(Span::minutes(16)).await;
    assert_told(&rig, "callback-failed-unchosen").await;
    let rig = selling(&fixed("order-a1001", "BTC")).await;
    rig.pay("order-a1001", Some("0.001"), None).await;
    rig.told().await;
    rig.gateway.advance(Span::minutes(16)).await;
    assert_told(&rig, "callback-failed-short").await;
    let rig = selling(&fixed("order-a1001", "BTC")).await;
    rig.pay("order-a1001", None, Some(0)).await;
    rig.told().await;
    rig.gateway.advance(Span::hours(25)).await;
    assert_told(&rig, "callback-failed-slow").await;
}

#[tokio::test]
async fn an_id_with_a_slash_and_letters_is_escaped_as_php_does() {
    let mut body = fixed("shop/order-17-ë🚀", "BTC");
    body["end_user_reference"] = "Zoë/1".into();
    let rig = selling(&body).await;
    rig.pay("shop/order-17-ë🚀", None, Some(0)).await;
    let told = assert_told(&rig, "callback-processing-escaped").await;
    assert_eq!(told["foreign_id"], "shop/order-17-ë🚀");
}

#[tokio::test]
async fn an_invoice_in_the_coin_itself_is_converted_to_nothing() {
    let mut body = fixed("order-a1001", "BTC");
    body["currency"] = "BTC".into();
    body["amount"] = "0.01".into();
    body.as_object_mut().unwrap().remove("end_user_reference");
    let rig = selling(&body).await;
    rig.pay("order-a1001", None, Some(0)).await;
    let told = assert_told(&rig, "callback-processing-same-coin").await;
    assert!(told["crypto_address"].get("convert_to").is_none() && told.get("end_user_reference").is_none());
}

#[tokio::test]
async fn a_callback_is_the_same_at_every_attempt_whatever_becomes_of_its_invoice() {
    let rig = selling(&fixed("a", "BTC")).await;
    rig.pay("a", None, Some(0)).await;
    let first = rig.told().await.remove(0);
    rig.mine("bitcoin", 2).await;
    assert_eq!(rig.told().await[0].name, "confirmed");
    let list = engine::deliveries::ListDeliveries { limit: 10, ..Default::default() };
    let deliveries = rig.gateway.engine.list_deliveries(list).await.unwrap();
    let processing = deliveries.iter().find(|delivery| delivery.event_name == "processing").unwrap();
    rig.gateway.engine.resend_delivery(processing.id).await.unwrap();
    let again = rig.told().await.remove(0);
    assert_eq!((&again.body, &again.headers), (&first.body, &first.headers));
}

#[tokio::test]
async fn a_callback_is_signed_by_the_shop_s_newest_key() {
    let rig = selling(&fixed("a", "BTC")).await;
    rig.gateway.advance(Span::seconds(1)).await;
    let newer = rig.key_for(&rig.shop, &[], None).await;
    rig.pay("a", None, Some(0)).await;
    let told = rig.told().await.remove(0);
    assert_eq!(told.headers[1].1, newer.key);
    assert_eq!(told.headers[2].1, alphapo::sign(&newer.secret, &told.body));
}

#[tokio::test]
async fn a_shop_has_one_url_that_hears_everything() {
    let rig = Rig::new().await;
    rig.endpoint().await;
    let url = "https://merchant.example/second".to_owned();
    let second = CreateEndpoint { shop: rig.shop.id, dialect: name(), url, subscriptions: Vec::new() };
    let refused = rig.gateway.engine.create_endpoint(second).await.unwrap_err();
    assert_eq!(refused, Refusal::EndpointLimit.into());
}

#[test]
fn a_callback_is_tried_twelve_times_more_and_only_200_takes_it() {
    let minutes: Vec<i64> =
        Alphapo.callback_schedule().iter().map(|wait| wait.whole_seconds() / 60).collect();
    assert_eq!(minutes, [0, 1, 5, 15, 30, 60, 90, 120, 180, 240, 240, 240, 240]);
    for status in 100..600 {
        assert_eq!(Alphapo.callback_taken(status), status == 200);
    }
}
