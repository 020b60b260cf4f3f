//! Shops, and what belongs to them.

use axum::http::Method;
use serde_json::{Value, json};
use testkit::plain::PLAIN;

use crate::asked::Desk;

/// The account key of the vector of BIP-44 for coin 60, whose first address is known.
const XPUB: &str = concat!(
    "xpub6DCoCpSuQZB2jawqnGMEPS63ePKWkwWPH4TU45Q7LPXWuNd8TMtV",
    "xRrgjtEshuqpK3mdhaWHPFsBngh5GFZaM6si3yZdUsT8ddYM3PwnATt"
);

#[tokio::test]
async fn a_shop_is_made_listed_shown_and_changed() {
    let desk = Desk::new().await;
    let shop = desk.shop("Café Lumière").await;
    let shown = desk.get("/shops/{shop}", &[&shop]).await;
    assert_eq!(shown["name"], "Café Lumière");
    assert_eq!(
        (&shown["active"], &shown["order_validity"], &shown["depth"]),
        (&json!(true), &Value::Null, &Value::Null)
    );
    let change = json!({ "active": false, "order_validity": "45m", "depth": 3,
        "tolerance": { "percent": "0.5", "minor_units": "20" } });
    desk.good(Method::PATCH, "/shops/{shop}", &[&shop], Some(change)).await;
    // What a change does not name stays as it was; a null takes a rule back.
    let change = json!({ "name": "Bar", "order_validity": null, "tolerance": { "percent": "1" } });
    let changed = desk.good(Method::PATCH, "/shops/{shop}", &[&shop], Some(change)).await;
    assert_eq!(changed["name"], "Bar");
    assert_eq!((&changed["active"], &changed["depth"]), (&json!(false), &json!(3)));
    assert_eq!(changed["order_validity"], Value::Null);
    assert_eq!(changed["tolerance"], json!({ "percent": "1", "minor_units": "20" }));
    assert_eq!(desk.get("/shops", &[]).await["items"], json!([changed]));
}

#[tokio::test]
async fn changes_of_different_parts_at_once_both_last() {
    let desk = Desk::new().await;
    let shop = desk.shop("Café").await;
    let names = [shop.as_str()];
    let change = |body: Value| desk.good(Method::PATCH, "/shops/{shop}", &names, Some(body));
    tokio::join!(
        change(json!({ "depth": 3 })),
        change(json!({ "order_validity": "45m" })),
        change(json!({ "tolerance": { "percent": "1" } })),
        change(json!({ "tolerance": { "minor_units": "20" } })),
        change(json!({ "name": "Bar" })),
    );
    let shown = desk.get("/shops/{shop}", &names).await;
    assert_eq!((&shown["name"], &shown["depth"]), (&json!("Bar"), &json!(3)));
    assert_eq!(shown["order_validity"], "45m");
    assert_eq!(shown["tolerance"], json!({ "percent": "1", "minor_units": "20" }));
}

#[tokio::test]
async fn an_id_is_taken_in_every_form() {
    let desk = Desk::new().await;
    let shop = desk.shop("Café").await;
    let id = operator::ids::read::<domain::id::kind::Shop>(&shop).unwrap();
    for form in [id.base62(), id.uuid().to_string()] {
        assert_eq!(desk.get("/shops/{shop}", &[&form]).await["id"], json!(shop));
    }
}

#[tokio::test]
async fn a_key_is_shown_once_and_works_until_it_is_revoked() {
    let desk = Desk::new().await;
    let shop = desk.shop("Café").await;
    let body = json!({ "dialect": PLAIN, "scopes": ["read"], "expires": "90d" });
    let issued = desk.post("/shops/{shop}/credentials", &[&shop], body).await;
    let key = issued["secret_key"].as_str().unwrap();
    assert!(key.ends_with(issued["hint"].as_str().unwrap()));
    assert_eq!((&issued["kind"], &issued["scopes"]), (&json!("secret"), &json!(["read"])));
    assert_eq!(issued["expires_at"], "2026-09-14T12:00:00Z");
    let dialect = testkit::plain::Plain::dialect_name();
    assert!(desk.gateway.engine.authenticate(dialect, key, None).await.is_ok());
    let listed = desk.get("/shops/{shop}/credentials", &[&shop]).await;
    assert_eq!(listed["items"][0]["id"], issued["id"]);
    assert!(!listed.to_string().contains(key));
    let revoked =
        desk.post("/credentials/{credential}/revoke", &[issued["id"].as_str().unwrap()], json!({})).await;
    assert!(revoked["revoked_at"].is_string());
    assert!(desk.gateway.engine.authenticate(dialect, key, None).await.is_err());
    let allowed = json!({ "dialect": PLAIN, "allowed_ips": ["203.0.113.7/24", "::1"] });
    let issued = desk.post("/shops/{shop}/credentials", &[&shop], allowed).await;
    assert_eq!(issued["allowed_ips"], json!(["203.0.113.0/24", "::1"]));
    let wrong = json!({ "dialect": PLAIN, "allowed_ips": ["shop.example"] });
    let refused = desk.ask(Method::POST, "/shops/{shop}/credentials", &[&shop], Some(wrong)).await;
    assert_eq!((refused.status.as_u16(), &refused.body["error"]["code"]), (422, &json!("ip_block_invalid")));
    let publishable = json!({ "dialect": PLAIN, "kind": "publishable" });
    let issued = desk.post("/shops/{shop}/credentials", &[&shop], publishable).await;
    assert!(issued["publishable_key"].is_string() && issued.get("secret_key").is_none());
}

#[tokio::test]
async fn a_wallet_tells_its_fingerprint_and_first_addresses() {
    let desk = Desk::new().await;
    let shop = desk.shop("Café").await;
    let before = desk.get("/shops/{shop}/wallets/{network}", &[&shop, "ethereum"]).await;
    assert_eq!(before["simulated"], true);
    let set = json!({ "xpub": XPUB });
    let wallet =
        desk.good(Method::PUT, "/shops/{shop}/wallets/{network}", &[&shop, "ethereum"], Some(set)).await;
    assert_eq!(wallet["first_addresses"][0], "0x9858EfFD232B4033E47d90003D41EC34EcaEda94");
    assert_eq!(wallet["first_addresses"].as_array().unwrap().len(), 5);
    assert_eq!(wallet["fingerprint"].as_str().unwrap().len(), 64);
    assert!(!wallet.to_string().contains(XPUB));
    let listed = desk.get("/shops/{shop}/wallets", &[&shop]).await;
    let networks: Vec<_> =
        listed["items"].as_array().unwrap().iter().map(|one| one["network"].clone()).collect();
    assert_eq!(networks, [json!("bitcoin"), json!("ethereum"), json!("tron")]);
    let card = desk.ask(Method::GET, "/shops/{shop}/wallets/{network}", &[&shop, "card"], None).await;
    assert_eq!(card.body["error"]["code"], "wallet_not_found");
    let other = desk.ask(Method::GET, "/shops/{shop}/wallets/{network}", &[&shop, "moon"], None).await;
    assert_eq!(other.body["error"]["code"], "network_unknown");
}

#[tokio::test]
async fn an_endpoint_is_made_tested_rotated_and_deleted() {
    let desk = Desk::new().await;
    let shop = desk.shop("Café").await;
    let made = desk.endpoint(&shop, "https://shop.example/hook").await;
    let id = made["id"].as_str().unwrap();
    assert_eq!(made["events"], json!(["*"]));
    let listed = desk.get("/shops/{shop}/endpoints", &[&shop]).await;
    assert_eq!(listed["items"][0]["id"], made["id"]);
    assert!(listed["items"][0].get("secret").is_none());
    let test = "/shops/{shop}/endpoints/{endpoint}/test";
    let nothing = desk.ask(Method::POST, test, &[&shop, id], None).await;
    assert_eq!(nothing.body["error"]["code"], "event_not_found");
    let owner = desk.owner().await;
    desk.gateway.payment(&owner, 2_500).await;
    let tested = desk.good(Method::POST, test, &[&shop, id], None).await;
    assert!(tested["delivery"].as_str().unwrap().starts_with("del_"));
    let rotate = "/shops/{shop}/endpoints/{endpoint}/rotate";
    let rotated = desk.good(Method::POST, rotate, &[&shop, id], Some(json!({ "cutover": "2h" }))).await;
    assert_ne!(rotated["secret"], made["secret"]);
    assert!(rotated["cutover_at"].is_string() && made["cutover_at"].is_null());
    for (cutover, code) in [("25h", "cutover_out_of_range"), ("soon", "invalid_value")] {
        let refused = desk.ask(Method::POST, rotate, &[&shop, id], Some(json!({ "cutover": cutover }))).await;
        assert_eq!(refused.body["error"]["code"], code, "{cutover}");
    }
    let gone = desk.good(Method::DELETE, "/shops/{shop}/endpoints/{endpoint}", &[&shop, id], None).await;
    assert_eq!(gone, json!({ "id": id, "deleted": true }));
    assert_eq!(desk.get("/shops/{shop}/endpoints", &[&shop]).await["items"], json!([]));
}

#[tokio::test]
async fn shops_come_page_by_page() {
    let desk = Desk::new().await;
    for number in 0..101 {
        let name = domain::merchant::Name::parse(&format!("Shop {number}")).unwrap();
        let command = engine::shops::CreateShop { name, merchant: None };
        desk.gateway.engine.create_shop(command).await.unwrap();
        // Ids of one moment are in no order of ours.
        desk.gateway.clock.advance(domain::time::Span::seconds(1));
    }
    let first = desk.get("/shops", &[]).await;
    assert_eq!(first["items"].as_array().unwrap().len(), 100);
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = desk.get(&format!("/shops?cursor={cursor}"), &[]).await;
    assert_eq!(second["items"][0]["name"], "Shop 100");
    assert_eq!(second["next_cursor"], Value::Null);
}
