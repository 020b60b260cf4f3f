//! Payments, deliveries, and the sandbox.

use axum::http::{Method, StatusCode};
use domain::{
    delivery::Outcome,
    time::{Span, Timestamp},
};
use engine::deliveries::Capacity;
use serde_json::{Value, json};

use crate::asked::{CHECKOUT, Desk};

/// A shop with one payment of 25 dollars: the shop's id, and the payment's.
async fn scene(desk: &Desk) -> (String, String) {
    let shop = desk.shop("Café").await;
    let owner = desk.owner().await;
    let payment = desk.gateway.payment(&owner, 2_500).await;
    (shop, format!("plain_{}", payment.id.base62()))
}

#[tokio::test]
async fn a_payment_is_shown_with_everything_that_happened_to_it() {
    let desk = Desk::new().await;
    let (shop, id) = scene(&desk).await;
    let order = json!({ "payment": id, "network": "ethereum", "asset": "ETH", "confirmations": 1 });
    let sent = desk.post("/simulate/pay", &[], order).await;
    assert_eq!((&sent["network"], &sent["asset"]), (&json!("ethereum"), &json!("ETH")));
    desk.gateway.settle().await;
    let shown = desk.get("/payments/{payment}", &[&id]).await;
    assert_eq!(
        (&shown["id"], &shown["shop"], &shown["status"]),
        (&json!(id), &json!(shop), &json!("processing"))
    );
    assert_eq!(shown["price"], json!({ "amount": "25.00", "currency": "USD" }));
    assert_eq!(shown["balance"], json!({ "seen": "25.00", "confirmed": "0.00", "remaining": "0.00" }));
    assert!(shown["checkout_url"].as_str().unwrap().starts_with(&format!("{CHECKOUT}/pay/")));
    let quote = &shown["quotes"][0];
    assert_eq!(
        (&quote["rate"], &quote["covers"], &quote["depth"]),
        (&json!("3000"), &json!("25.00"), &json!(3))
    );
    assert_eq!(quote["sources"][0]["source"], "fixed");
    assert_eq!(quote["sources"][0]["pair"], "ETH/USD");
    assert_eq!(quote["sources"][0]["age"], "0s");
    let receipt = &shown["receipts"][0];
    assert_eq!((&receipt["standing"], &receipt["confirmations"]), (&json!("seen"), &json!(1)));
    assert_eq!(receipt["transaction"], sent["transaction"]);
    assert_eq!(receipt["blocks"][0]["hash"], sent["head"]["hash"]);
    assert_eq!((&receipt["quote"], &receipt["address"]), (&quote["id"], &quote["address"]));
    let kinds: Vec<_> =
        shown["events"].as_array().unwrap().iter().map(|event| event["kind"].clone()).collect();
    assert_eq!(kinds, [json!("seen"), json!("method_chosen"), json!("created")]);
    // The address and the checkout token name it too.
    let token = shown["checkout_url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    for name in [receipt["address"].as_str().unwrap(), &token, shown["uuid"].as_str().unwrap()] {
        assert_eq!(desk.get("/payments/{payment}", &[name]).await["id"], json!(id), "{name}");
    }
}

#[tokio::test]
async fn the_sandbox_obeys() {
    let desk = Desk::new().await;
    let (_, id) = scene(&desk).await;
    desk.post("/simulate/rate", &[], json!({ "pair": "ETH/USD", "value": "2500" })).await;
    let order = json!({ "payment": id, "network": "ethereum", "confirmations": 0 });
    let sent = desk.post("/simulate/pay", &[], order).await;
    assert_eq!(
        (&sent["asset"], &sent["amount"], &sent["head"]),
        (&json!("ETH"), &json!("0.01"), &Value::Null)
    );
    let mined = desk.post("/simulate/mine", &[], json!({ "network": "ethereum", "blocks": 3 })).await;
    desk.gateway.settle().await;
    assert_eq!(desk.get("/payments/{payment}", &[&id]).await["status"], "paid");
    let replaced =
        desk.post("/simulate/reorg", &[], json!({ "network": "ethereum", "depth": 3, "drop": true })).await;
    assert_eq!(replaced["height"].as_u64().unwrap(), mined["height"].as_u64().unwrap() + 1);
    desk.gateway.settle().await;
    let shown = desk.get("/payments/{payment}", &[&id]).await;
    assert_eq!((&shown["status"], &shown["receipts"][0]["standing"]), (&json!("waiting"), &json!("gone")));
    assert!(shown["receipts"][0]["blocks"][0]["orphaned_at"].is_string());
}

#[tokio::test]
async fn a_stalled_network_says_so_and_a_card_is_declined() {
    let desk = Desk::new().await;
    let (_, id) = scene(&desk).await;
    let health = async |name: &str| {
        let networks = desk.get("/networks", &[]).await;
        let found = networks["items"].as_array().unwrap().iter().find(|one| one["name"] == name).cloned();
        found.unwrap()["health"].clone()
    };
    assert_eq!(health("ethereum").await, "live");
    desk.post("/simulate/stall", &[], json!({ "network": "ethereum", "on": true })).await;
    assert_eq!((health("ethereum").await, health("tron").await), (json!("blind"), json!("live")));
    let order = json!({ "payment": id, "network": "card", "amount": "1.00" });
    desk.post("/simulate/pay", &[], order).await;
    assert_eq!(desk.post("/simulate/decline", &[], json!({ "payment": id })).await["payment"], json!(id));
}

#[tokio::test]
async fn payments_are_listed_filtered_and_cancelled() {
    let desk = Desk::new().await;
    let (shop, first) = scene(&desk).await;
    let owner = desk.owner().await;
    desk.gateway.advance(Span::seconds(1)).await;
    let second = desk.gateway.payment(&owner, 100).await;
    let second = format!("plain_{}", second.id.base62());
    let ids = async |query: &str| {
        let page = desk.get(&format!("/payments{query}"), &[]).await;
        let ids = page["items"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned());
        (ids.collect::<Vec<_>>(), page["next_cursor"].as_str().map(str::to_owned))
    };
    assert_eq!(ids("").await, (vec![second.clone(), first.clone()], None));
    let (newest, cursor) = ids("?limit=1").await;
    assert_eq!(newest, std::slice::from_ref(&second));
    assert_eq!(ids(&format!("?limit=1&cursor={}", cursor.unwrap())).await, (vec![first.clone()], None));
    let cancelled = desk.good(Method::POST, "/payments/{payment}/cancel", &[&first], None).await;
    assert_eq!(cancelled["status"], "cancelled");
    assert_eq!(ids("?status=cancelled,paid").await.0, std::slice::from_ref(&first));
    assert_eq!(ids(&format!("?shop={shop}&status=waiting&currency=USD&dialect=plain")).await.0, [second]);
    assert_eq!(ids("?reference=none").await.0, [""; 0]);
    assert_eq!(ids("?created_to=2026-06-16T12:00:00Z").await.0, [""; 0]);
    let again = desk.ask(Method::POST, "/payments/{payment}/cancel", &[&first], None).await;
    assert_eq!(
        (again.status, &again.body["error"]["code"]),
        (StatusCode::CONFLICT, &json!("payment_closed"))
    );
}

#[tokio::test]
async fn deliveries_are_listed_shown_and_sent_again() {
    let desk = Desk::new().await;
    let shop = desk.shop("Café").await;
    let endpoint = desk.endpoint(&shop, "https://shop.example/hook").await["id"].as_str().unwrap().to_owned();
    let owner = desk.owner().await;
    let payment = desk.gateway.payment(&owner, 2_500).await;
    let capacity = Capacity { per_endpoint: 8, total: 8, lease: Span::minutes(1), ..Capacity::default() };
    let taken = desk.gateway.engine.take_deliveries(capacity).await.unwrap().dispatches.pop().unwrap();
    let outcome = Outcome {
        http_status: Some(503),
        error: None,
        excerpt: "come back later".to_owned(),
        took: Span::from_micros(12_345),
    };
    let began = Timestamp::from_seconds(1_781_611_200);
    desk.gateway.engine.finish_delivery(&taken.delivery, began, outcome).await.unwrap();
    let listed = desk.get(&format!("/deliveries?shop={shop}&endpoint={endpoint}&status=retrying"), &[]).await;
    let delivery = listed["items"][0]["id"].as_str().unwrap().to_owned();
    let shown = desk.get("/deliveries/{delivery}", &[&delivery]).await;
    assert_eq!((&shown["event_name"], &shown["status"]), (&json!("created"), &json!("retrying")));
    assert_eq!(shown["payment"], format!("plain_{}", payment.id.base62()));
    assert_eq!(shown["url"], "https://shop.example/hook");
    let attempt = &shown["log"][0];
    assert_eq!(
        (&attempt["number"], &attempt["http_status"], &attempt["took_ms"]),
        (&json!(1), &json!(503), &json!(12))
    );
    assert_eq!(attempt["response_excerpt"], "come back later");
    // Deliveries of one millisecond have no order.
    desk.gateway.clock.advance(Span::seconds(1));
    let again = desk.good(Method::POST, "/deliveries/{delivery}/resend", &[&delivery], None).await;
    assert_eq!((&again["manual"], &again["event"]), (&json!(true), &shown["event"]));
    let first = desk.get("/deliveries?limit=1", &[]).await;
    assert_eq!(first["items"][0]["id"], again["id"]);
    let next = desk
        .get(&format!("/deliveries?limit=1&cursor={}", first["next_cursor"].as_str().unwrap()), &[])
        .await;
    assert_eq!(next["items"][0]["id"], json!(delivery));
}

#[tokio::test]
async fn the_clock_moves_ahead() {
    let desk = Desk::new().await;
    let moved = desk.post("/clock/advance", &[], json!({ "by": "31m" })).await;
    assert_eq!(moved["ahead"], "31m");
    assert_eq!(moved["wall_time"], "2026-06-16T12:00:00Z");
    assert_eq!(desk.get("/clock", &[]).await["business_time"], "2026-06-16T12:31:00Z");
}
