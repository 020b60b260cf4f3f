//! Creating invoices: three kinds, every mistake, and the same id twice.

use axum::http::Method;
use dialects::alphapo::{MINIMUM, Settings};
use domain::{chain::Network, merchant::Environment};
use serde_json::{Value, json};

use crate::{
    exchange::{Answer, Ask, example, fixed, timed},
    golden::assert_golden,
    rig::{CHECKOUT_URL, Plan, Rig},
};

/// The keys of an invoice, in their order.
fn keys(answer: &Answer) -> Vec<String> {
    let data = answer.text.trim_start_matches(r#"{"data":{"#);
    let keys = data.split(',').filter_map(|member| member.split_once(r#"":"#));
    keys.map(|(key, _)| key.trim_start_matches('"').to_owned()).collect()
}

#[tokio::test]
async fn the_three_kinds_are_answered_to_the_byte() {
    let rig = Rig::new().await;
    let create = async |body: Value| {
        let answer = rig.ask(Ask::create(&body)).await;
        assert_eq!(answer.told(), "201", "{}", answer.text);
        answer
    };
    let first = create(example("user_196")).await;
    assert_golden("answer-invoice-without-timer", first.text.as_bytes());
    let data = first.data();
    for field in ["address", "sender_currency", "sender_amount", "fixed_at", "release_at", "seconds_left"] {
        assert_eq!(data[field], Value::Null, "{field}");
    }
    assert_eq!((&data["status"], &data["amount"]), (&json!("created"), &json!("106.75000000")));
    let second = create(timed("user_197")).await;
    assert_golden("answer-invoice-with-timer", second.text.as_bytes());
    let data = second.data();
    for field in ["address", "sender_currency", "sender_amount"] {
        assert_eq!(data[field], Value::Null, "{field}");
    }
    assert_eq!(data["status"], "pending");
    let times = (&data["fixed_at"], &data["release_at"], &data["seconds_left"]);
    assert_eq!(times, (&json!(1_781_611_200), &json!(1_781_612_100), &json!(899)));
    let third = create(fixed("user_198", "BTC")).await;
    assert_golden("answer-invoice-with-coin", third.text.as_bytes());
    let data = third.data();
    // 106.75 EUR at 1.25 USD, and 60000 USD for a bitcoin: 0.0022239583…, rounded up.
    assert_eq!((&data["sender_currency"], &data["sender_amount"]), (&json!("BTC"), &json!("0.00222396")));
    assert!(data["address"].as_str().unwrap().starts_with("bcrt1"), "{data}");
    assert_eq!(data["status"], "pending");
    assert_eq!(
        keys(&third),
        [
            "id",
            "url",
            "foreign_id",
            "end_user_reference",
            "address",
            "title",
            "status",
            "currency",
            "amount",
            "sender_currency",
            "sender_amount",
            "fixed_at",
            "release_at",
            "seconds_left"
        ]
    );
    let ids: Vec<u64> = [&first, &second, &third].map(|made| made.data()["id"].as_u64().unwrap()).to_vec();
    assert!(ids[0] >= 1 && ids.is_sorted() && ids[2] < 1 << 31, "{ids:?}");
    let url = first.text_of("url");
    let slug = url.strip_prefix(&format!("{CHECKOUT_URL}/invoice/")).unwrap();
    assert!(slug.len() == 22 && slug.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{url}");
}

#[tokio::test]
async fn a_reference_that_was_not_given_is_not_answered() {
    let rig = Rig::new().await;
    let mut body = example("a");
    body.as_object_mut().unwrap().remove("end_user_reference");
    let answer = rig.ask(Ask::create(&body)).await;
    assert_eq!(answer.told(), "201");
    assert!(!answer.text.contains("end_user_reference"), "{}", answer.text);
}

#[tokio::test]
async fn amounts_are_rounded_up_to_what_the_coin_can_say() {
    let rig = Rig::new().await;
    for (coin, expected) in [
        ("BTC", "0.00222396"),
        ("ETH", "0.04447917"),
        ("USDTE", "133.43750000"),
        ("USDTT", "133.43750000"),
        ("TRX", "1067.50000000"),
    ] {
        let answer = rig.ask(Ask::create(&fixed(coin, coin))).await;
        assert_eq!(
            (answer.text_of("sender_currency").as_str(), answer.text_of("sender_amount").as_str()),
            (coin, expected)
        );
    }
    let mut body = fixed("crypto", "USDTT");
    body["currency"] = "BTC".into();
    body["amount"] = "0.00000001".into();
    let answer = rig.ask(Ask::create(&body)).await;
    // A satoshi is 0.0006 USDT, which has six places of its own.
    assert_eq!(
        (answer.text_of("amount").as_str(), answer.text_of("sender_amount").as_str()),
        ("0.00000001", "0.00060000")
    );
    body["foreign_id"] = "same".into();
    body["sender_currency"] = "BTC".into();
    let answer = rig.ask(Ask::create(&body)).await;
    assert_eq!(answer.text_of("sender_amount"), "0.00000001");
}

#[tokio::test]
async fn what_php_and_go_clients_send_is_taken() {
    let rig = Rig::new().await;
    let php = concat!(
        r#"{"timer":"1","title":"Caf\u00e9","currency":"EUR","amount":"106.75","foreign_id":"order-17","#,
        r#""url_success":"https:\/\/example.com\/success","url_failed":"https:\/\/example.com\/failed","#,
        r#""email_user":"buyer@example.com"}"#
    );
    let answer = rig.ask(Ask::post("/invoices/create", php)).await;
    assert_eq!((answer.told().as_str(), answer.text_of("title").as_str()), ("201", "Café"));
    let go = concat!(
        r#"{"timer":true,"title":"Café","currency":"EUR","amount":"106.75","foreign_id":"order/18","#,
        r#""url_success":"https://example.com/success","url_failed":"https://example.com/failed","#,
        r#""email_user":"buyer@example.com","sender_currency":null}"#
    );
    let answer = rig.ask(Ask::post("/invoices/create", go)).await;
    assert_eq!((answer.told().as_str(), answer.text_of("foreign_id").as_str()), ("201", "order/18"));
    let typed = Ask::post("/invoices/create", go.replace("18", "19"))
        .without("Content-Type")
        .header("Content-Type", "application/json; charset=utf-8");
    assert_eq!(rig.ask(typed).await.told(), "201");
}

#[tokio::test]
async fn a_body_that_is_signed_right_and_wrong_all_the_same_is_told_why() {
    let rig = Rig::new().await;
    let create = async |body: &str| rig.ask(Ask::post("/invoices/create", body)).await.told();
    for body in [
        "",
        "{",
        "text",
        "[1]",
        "1",
        "\"a\"",
        "{\"timer\":1}}",
        "{\"timer\":1,\"timer\":2}",
        "{\"a\":\"\\ud800\"}",
    ] {
        assert_eq!(create(body).await, "400 bad_content_format", "{body}");
    }
    for body in ["{}", "[]", "null"] {
        assert!(create(body).await.starts_with(r#"400 {"amount":"The amount field is required.""#), "{body}");
    }
    let empty = rig.ask(Ask::post("/invoices/create", "{}")).await;
    assert!(
        empty
            .text
            .starts_with(r#"{"errors":{"timer":"The timer field is required.","title":"The title field is"#),
        "{}",
        empty.text
    );
    let mut wrong = example("a");
    wrong["amount"] = "many".into();
    wrong["currency"] = "XXX".into();
    assert_eq!(
        rig.ask(Ask::create(&wrong)).await.text,
        r#"{"errors":{"currency":"The selected currency is invalid.","amount":"The amount must be a number."}}"#
    );
    for content_type in ["text/plain", "application/x-www-form-urlencoded", ""] {
        let ask = Ask::new(Method::POST, "/invoices/create")
            .header("Content-Type", content_type)
            .bytes(example("a").to_string());
        assert_eq!(rig.ask(ask).await.told(), "400 bad_content_format", "{content_type}");
    }
    // Nothing was made of any of them.
    assert_eq!(rig.ask(Ask::create(&example("a"))).await.told(), "201");
}

#[tokio::test]
async fn an_id_names_one_invoice_for_ever() {
    let rig = Rig::new().await;
    let taken = r#"400 {"foreign_id":"The foreign id has already been taken."}"#;
    assert_eq!(rig.ask(Ask::create(&example("a"))).await.told(), "201");
    assert_eq!(rig.ask(Ask::create(&example("a"))).await.told(), taken);
    assert_eq!(rig.ask(Ask::create(&fixed("a", "BTC"))).await.told(), taken);
    assert_eq!(rig.ask(Ask::create(&example("A"))).await.told(), "201");
    rig.gateway.advance(domain::time::Span::days(400)).await;
    assert_eq!(rig.ask(Ask::create(&example("a"))).await.told(), taken);
    // Another shop's are its own.
    let other = rig.gateway.shop("Other").await;
    let key = rig.key_for(&other, &[], None).await;
    assert_eq!(rig.send(Ask::create(&example("a")).signed(&key)).await.told(), "201");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_at_the_same_moment_one_is_made() {
    let rig = Rig::new().await;
    let asks = (0..8).map(|_| rig.ask(Ask::create(&fixed("twin", "BTC"))));
    let answers = futures_util::future::join_all(asks).await;
    let told = |status: u16| answers.iter().filter(|answer| answer.status.as_u16() == status).count();
    assert_eq!((told(201), told(400)), (1, 7), "{answers:?}");
}

#[tokio::test]
async fn an_amount_below_the_least_is_told_in_euros() {
    let settings = Settings { minimum: Some(MINIMUM), ..Settings::default() };
    let rig = Rig::with(Plan { settings, ..Plan::default() }).await;
    let create = async |id: &str, currency: &str, amount: &str| {
        let mut body = example(id);
        body["currency"] = currency.into();
        body["amount"] = amount.into();
        rig.ask(Ask::create(&body)).await.told()
    };
    let small = r#"400 {"amount":"The amount is too small. The minimum amount is 10.00 EUR."}"#;
    assert_eq!(create("a", "EUR", "9.99").await, small);
    assert_eq!(create("a", "EUR", "10.00").await, "201");
    assert_eq!(create("b", "USD", "12.49").await, small);
    assert_eq!(create("b", "USD", "12.50").await, "201");
    assert_eq!(create("c", "BTC", "0.0002").await, small);
    assert_eq!(create("c", "BTC", "0.00020834").await, "201");
    // What a naira is worth nobody says here: that is no reason to refuse it.
    assert_eq!(create("d", "NGN", "1").await, "201");
}

#[tokio::test]
async fn a_coin_that_cannot_be_taken_now_is_told_so() {
    let rig = Rig::new().await;
    let unavailable = r#"400 {"sender_currency":"Exchange is unavailable for given currencies"}"#;
    let mut no_rate = fixed("a", "BTC");
    no_rate["currency"] = "NGN".into();
    assert_eq!(rig.ask(Ask::create(&no_rate)).await.told(), unavailable);
    rig.gateway.engine.stall(Network::parse("tron").unwrap(), true).await.unwrap();
    assert_eq!(rig.ask(Ask::create(&fixed("a", "USDTT"))).await.told(), unavailable);
    // Its id is free, since nothing was made.
    assert_eq!(rig.ask(Ask::create(&fixed("a", "USDTE"))).await.told(), "201");
    // Where the buyer chooses later, there may be a rate by then.
    no_rate["foreign_id"] = "b".into();
    no_rate["sender_currency"] = Value::Null;
    assert_eq!(rig.ask(Ask::create(&no_rate)).await.told(), "201");
}

#[tokio::test]
async fn every_environment_takes_invoices() {
    for environment in [Environment::Test, Environment::Staging, Environment::Production] {
        let rig = Rig::with(Plan { environment: Some(environment), ..Plan::default() }).await;
        assert_eq!(rig.ask(Ask::create(&fixed("a", "ETH"))).await.told(), "201", "{environment:?}");
    }
}

#[tokio::test]
async fn amounts_have_the_places_of_their_currency_and_eight_at_most() {
    let rig = Rig::new().await;
    let mut asked = 0;
    for (currency, amount, told) in [
        ("EUR", "106.75", "201"),
        ("EUR", "106.7500", "201"),
        ("EUR", "106.755", r#"400 {"amount":"The amount format is invalid."}"#),
        ("ETH", "0.12345678", "201"),
        ("ETH", "0.123456780", "201"),
        ("ETH", "0.123456789", r#"400 {"amount":"The amount format is invalid."}"#),
    ] {
        asked += 1;
        let mut body = example(&format!("places-{asked}"));
        (body["currency"], body["amount"]) = (currency.into(), amount.into());
        assert_eq!(rig.ask(Ask::create(&body)).await.told(), told, "{amount} {currency}");
    }
}
