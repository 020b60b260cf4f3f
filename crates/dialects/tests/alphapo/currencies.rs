//! What is offered, and what it is worth.

use dialects::alphapo::{Fee, Settings};
use serde_json::{Value, json};

use crate::{
    exchange::Ask,
    rig::{Plan, Rig},
};

/// The codes of a list, in its order.
fn codes(list: &Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(|row| row["currency"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_list_has_what_networks_carry_and_the_fiat_currencies() {
    let rig = Rig::new().await;
    let answer = rig.post("/currencies/list", &json!({})).await;
    let codes = codes(&answer.data());
    assert_eq!(codes[..9], ["BTC", "ETH", "EUR", "USD", "TRX", "USDTE", "USDTT", "GBP", "ARS"]);
    assert_eq!(codes.len(), 5 + 42);
    for row in [
        concat!(
            r#"{"id":1,"type":"crypto","currency":"BTC","minimum_amount":"0.00010000","#,
            r#""deposit_fee_percent":"0.000000","withdrawal_fee_percent":"0.000000","precision":8}"#
        ),
        concat!(
            r#"{"id":3,"type":"fiat","currency":"EUR","minimum_amount":"0.00000000","#,
            r#""deposit_fee_percent":"0.000000","withdrawal_fee_percent":"0.000000","precision":8}"#
        ),
    ] {
        assert!(answer.text.contains(row), "{row} in {}", answer.text);
    }
}

#[tokio::test]
async fn every_body_that_clients_send_to_lists_is_taken() {
    let rig = Rig::new().await;
    for path in ["/currencies/list", "/currencies/pairs", "/currencies/rates", "/accounts/list"] {
        for body in ["null", "[]", "{}", "{\"visible\":\"1\"}", "{\"visible\":true}"] {
            assert_eq!(rig.ask(Ask::post(path, body)).await.told(), "200", "{path} {body}");
        }
        let bare = Ask::new(axum::http::Method::POST, path);
        assert_eq!(rig.ask(bare).await.told(), "200", "{path}");
        for body in ["1", "\"a\"", "[1]", "{", "{\"a\":1,\"a\":1}"] {
            assert_eq!(
                rig.ask(Ask::post(path, body)).await.told(),
                "400 bad_content_format",
                "{path} {body}"
            );
        }
        let plain = Ask::post(path, "{}").without("content-type");
        assert_eq!(rig.ask(plain).await.told(), "400 bad_content_format", "{path}");
    }
    let visible = rig.post("/currencies/list", &json!({"visible": "yes"})).await;
    assert_eq!(visible.told(), r#"400 {"visible":"The visible field must be true or false."}"#);
}

#[tokio::test]
async fn a_fee_that_the_operator_sets_is_told() {
    let deposit_fees = [("BTC".to_owned(), Fee::parse("0.008").unwrap())].into();
    let settings = Settings { deposit_fees, ..Settings::default() };
    let rig = Rig::with(Plan { settings, ..Plan::default() }).await;
    let list = rig.post("/currencies/list", &json!([])).await.data();
    assert_eq!(
        (&list[0]["deposit_fee_percent"], &list[1]["deposit_fee_percent"]),
        (&json!("0.008000"), &json!("0.000000"))
    );
}

#[tokio::test]
async fn pairs_have_a_coin_and_a_rate() {
    let rig = Rig::new().await;
    let pair = rig.post("/currencies/pairs", &json!({"currency_from": "BTC", "currency_to": "EUR"})).await;
    assert_eq!(
        pair.text,
        concat!(
            r#"{"data":[{"currency_from":{"currency":"BTC","type":"crypto","min_amount":"0.00010000","#,
            r#""min_amount_deposit_with_exchange":"0.00010000"},"currency_to":{"currency":"EUR","type":"fiat"},"#,
            r#""rate_from":"1","rate_to":"48000.00000000"}]}"#
        )
    );
    let back = rig.post("/currencies/rates", &json!({"currency_from": "EUR", "currency_to": "BTC"})).await;
    assert_eq!(
        back.text,
        concat!(
            r#"{"data":[{"currency_from":{"currency":"EUR","type":"fiat","min_amount":"0.00000000"},"#,
            r#""currency_to":{"currency":"BTC","type":"crypto"},"rate_from":"1","rate_to":"0.00002083"}]}"#
        )
    );
    let all = rig.post("/currencies/pairs", &json!({})).await;
    assert_eq!(all.text, rig.post("/currencies/rates", &json!(null)).await.text);
    let all = all.data();
    let named: Vec<String> = all
        .as_array()
        .unwrap()
        .iter()
        .map(|pair| {
            let code = |side: &str| pair[side]["currency"].as_str().unwrap().to_owned();
            format!("{}/{}", code("currency_from"), code("currency_to"))
        })
        .collect();
    // Five coins, and the two fiat currencies that have a rate here; USDT is USDT on whichever network.
    assert_eq!(named.len(), 5 * 4 - 2 + 5 * 2 * 2);
    assert!(named.contains(&"BTC/USDTT".to_owned()) && !named.contains(&"USD/EUR".to_owned()), "{named:?}");
    let from = rig.post("/currencies/pairs", &json!({"currency_from": "TRX"})).await.data();
    assert_eq!(from.as_array().unwrap().len(), 6);
    let none = rig.post("/currencies/pairs", &json!({"currency_from": "EUR", "currency_to": "USD"})).await;
    assert_eq!(none.text, r#"{"data":[]}"#);
    let wrong = rig.post("/currencies/pairs", &json!({"currency_from": "XXX", "currency_to": 5})).await;
    assert_eq!(
        wrong.text,
        concat!(
            r#"{"errors":{"currency_from":"The selected currency from is invalid.","#,
            r#""currency_to":"The currency to must be a string."}}"#
        )
    );
    let to = rig.post("/currencies/rates", &json!({"currency_to": "BCH"})).await;
    assert_eq!(to.told(), r#"400 {"currency_to":"The selected currency to is invalid."}"#);
}

#[tokio::test]
async fn an_exchange_is_calculated_and_never_made() {
    let rig = Rig::new().await;
    let ask = json!({"sender_currency": "BTC", "receiver_currency": "EUR", "sender_amount": 0.02});
    assert_eq!(
        rig.post("/exchange/calculate", &ask).await.text,
        concat!(
            r#"{"data":{"sender_currency":"BTC","sender_amount":"0.02000000","receiver_currency":"EUR","#,
            r#""receiver_amount":"960.00000000","fee_currency":"BTC","fee_amount":"0.00000000","#,
            r#""price":"48000.00000000","ts_fixed":1781611200,"ts_release":1781611260,"fix_period":60}}"#
        )
    );
    let no_rate = json!({"sender_currency": "BTC", "receiver_currency": "GBP", "sender_amount": "1"});
    let refused = r#"400 {"sender_currency":"Exchange is unavailable for given currencies"}"#;
    assert_eq!(rig.post("/exchange/calculate", &no_rate).await.told(), refused);
    for path in ["/exchange/fixed", "/exchange/now"] {
        let body = json!({
            "sender_currency": "BTC", "receiver_currency": "EUR", "sender_amount": 0.003, "foreign_id": "a",
            "price": "48000",
        });
        assert_eq!(rig.post(path, &body).await.told(), refused);
        assert_eq!(rig.ask(Ask::post(path, "{")).await.told(), "400 bad_content_format");
    }
    let body = json!({"currency": "BTC", "amount": "0.01", "address": "a", "foreign_id": "a"});
    let withdrawn = rig.post("/withdrawal/crypto", &body).await;
    assert_eq!(withdrawn.told(), r#"400 {"currency":"Withdrawal is unavailable for given currency"}"#);
}

#[tokio::test]
async fn calculations_are_limited_by_address() {
    let rig = Rig::new().await;
    let ask = || {
        let body = json!({"sender_currency": "BTC", "receiver_currency": "EUR", "sender_amount": 1});
        Ask::json("/exchange/calculate", &body).signed(&rig.key)
    };
    for _ in 0..30 {
        assert_eq!(rig.send(ask().from("192.0.2.1")).await.told(), "200");
    }
    let limited = rig.send(ask().from("192.0.2.1")).await;
    assert_eq!(limited.text, r#"{"errors":{"rate_limit":"error code: 1015"}}"#);
    assert_eq!((limited.status.as_u16(), limited.header("retry-after")), (429, Some("2")));
    assert_eq!(rig.send(ask().from("192.0.2.2")).await.told(), "200");
    rig.gateway.clock.advance(domain::time::Span::minutes(1));
    assert_eq!(rig.send(ask().from("192.0.2.1")).await.told(), "200");
}
