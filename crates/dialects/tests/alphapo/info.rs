//! Reading what became of something.

use axum::http::Method;
use serde_json::{Value, json};

use crate::{
    exchange::{Answer, Ask, fixed},
    rig::Rig,
};

fn ask(body: &str) -> Ask {
    Ask { method: Method::GET, ..Ask::post("/transactions/info", body) }
}

async fn read(rig: &Rig, body: &Value) -> Answer {
    rig.ask(ask(&body.to_string())).await
}

#[tokio::test]
async fn an_invoice_is_found_by_every_name_that_it_has() {
    let rig = Rig::new().await;
    let made = rig.create(&fixed("order-a1001", "BTC")).await;
    rig.pay("order-a1001", None, None).await;
    let by_own = read(&rig, &json!({"foreign_id": "order-a1001"})).await;
    assert_eq!(by_own.told(), "200");
    let body = by_own.json();
    assert_eq!((&body["id"], &body["status"]), (&made.data()["id"], &json!("confirmed")));
    let transaction = &body["transactions"][0];
    for asked in [
        json!({"id": body["id"]}),
        json!({"id": body["id"].to_string()}),
        json!({"id": transaction["id"]}),
        json!({"txid": transaction["txid"]}),
    ] {
        assert_eq!(read(&rig, &asked).await.text, by_own.text, "{asked}");
    }
    // Older clients ask in the query, and sign nothing.
    for query in [format!("id={}", body["id"]), "foreign_id=order-a1001".to_owned()] {
        let answer = rig.ask(Ask::get(&format!("/transactions/info?{query}"))).await;
        assert_eq!(answer.text, by_own.text, "{query}");
    }
    // A HEAD has no body to read, and tells as much.
    let head = Ask { method: Method::HEAD, ..Ask::get("/transactions/info?foreign_id=order-a1001") };
    assert_eq!(rig.ask(head).await.status, 200);
}

#[tokio::test]
async fn what_is_nothing_here_is_not_found() {
    let rig = Rig::new().await;
    let made = rig.create(&fixed("a", "BTC")).await;
    let address = rig.info("a").await["crypto_address"]["id"].clone();
    for asked in [
        json!({"id": 999_999}),
        json!({"id": 0}),
        json!({"id": 4_294_967_296_u64}),
        json!({"id": address}),
        json!({"foreign_id": "b"}),
        json!({"foreign_id": "A"}),
        json!({"txid": "00"}),
        json!({"id": made.data()["id"], "foreign_id": "a"}),
    ] {
        assert_eq!(read(&rig, &asked).await.told(), "404 not_found", "{asked}");
    }
    let none = r#"400 {"id":"The id field is required when none of foreign id / txid are present."}"#;
    for body in ["{}", "[]", "null"] {
        assert_eq!(rig.ask(ask(body)).await.told(), none, "{body}");
    }
    assert_eq!(rig.ask(Ask::get("/transactions/info")).await.told(), none);
    assert_eq!(read(&rig, &json!({"id": "x"})).await.told(), r#"400 {"id":"The id must be a number."}"#);
    assert_eq!(rig.ask(ask("[1]")).await.told(), "400 bad_content_format");
}

#[tokio::test]
async fn another_shop_s_and_another_dialect_s_do_not_exist() {
    let rig = Rig::new().await;
    let made = rig.create(&fixed("a", "BTC")).await;
    rig.pay("a", None, None).await;
    let txid = rig.info("a").await["transactions"][0]["txid"].clone();
    let other = rig.gateway.shop("Other").await;
    let key = rig.key_for(&other, &[], None).await;
    for asked in [json!({"id": made.data()["id"]}), json!({"foreign_id": "a"}), json!({"txid": txid})] {
        let answer = rig.send(ask(&asked.to_string()).signed(&key)).await;
        assert_eq!(answer.text, r#"{"error":"Not found","code":"not_found"}"#, "{asked}");
    }
    let list = rig.send(Ask::post("/accounts/list", "[]").signed(&key)).await.data();
    assert!(list.as_array().unwrap().iter().all(|row| row["balance"] == "0.00000000"), "{list}");
}

#[tokio::test]
async fn balances_are_what_came_and_is_final() {
    let rig = Rig::new().await;
    let balances = async || {
        let list = rig.post("/accounts/list", &json!([])).await.data();
        let rows = list.as_array().unwrap().iter();
        let some = rows.filter(|row| row["balance"] != "0.00000000");
        some.map(|row| format!("{} {}", row["currency"].as_str().unwrap(), row["balance"].as_str().unwrap()))
            .collect::<Vec<_>>()
    };
    let list = rig.post("/accounts/list", &json!({})).await;
    assert!(list.text.starts_with(r#"{"data":[{"currency":"BTC","type":"crypto","balance":"0.00000000"}"#));
    assert!(list.text.contains(r#"{"currency":"EUR","type":"fiat","balance":"0.00000000"}"#));
    rig.create(&fixed("a", "BTC")).await;
    rig.pay("a", None, Some(1)).await;
    assert_eq!(balances().await, [""; 0]);
    rig.mine("bitcoin", 1).await;
    rig.create(&fixed("b", "USDTT")).await;
    rig.pay("b", None, None).await;
    assert_eq!(balances().await, ["BTC 0.00222396", "USDTT 133.43750000"]);
    rig.orphan("tron", 2).await;
    assert_eq!(balances().await, ["BTC 0.00222396"]);
}
