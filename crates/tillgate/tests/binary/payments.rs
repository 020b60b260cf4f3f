//! From an order to a paid one, with the commands alone.

use serde_json::json;
use testkit::merchant::{Answer, Merchant};

use crate::asked::{create, get, launch, text};

#[tokio::test]
async fn a_payment_is_paid_and_its_shop_is_told() {
    let launch = launch();
    let process = launch.start().await;
    let (demo, shop_server) = (launch.demo(), Merchant::start().await);
    let (shop, key) = (text(&demo, "/shop_id"), launch.demo_key("alpha"));
    let hook = shop_server.url("/hook");
    let endpoint =
        launch.json(&["endpoint", "create", "--shop", shop, "--dialect", "alpha", "--url", &hook]).await;
    assert!(text(&endpoint, "/secret").starts_with("whsec_"));
    let made = create(&process.url, &key, "order-1").await;
    assert_eq!(made.status, 201);
    let payment = text(&made.json(), "/data/id").to_owned();
    assert_eq!(shop_server.next().await.header("x-alpha-event"), Some("payment.created"));
    let paid = launch.json(&["simulate", "pay", &payment, "--network", "ethereum", "--asset", "USDT"]).await;
    assert_eq!((text(&paid, "/payment"), text(&paid, "/amount")), (payment.as_str(), "25.00"));
    loop {
        let hit = shop_server.next().await;
        if hit.header("x-alpha-event") == Some("payment.completed") {
            break;
        }
    }
    let shown = launch.json(&["payments", "show", &payment]).await;
    assert_eq!((text(&shown, "/id"), text(&shown, "/status")), (payment.as_str(), "paid"));
    assert_eq!(shown["receipts"][0]["standing"], "confirmed");
    assert_eq!(shown["quotes"][0]["sources"][0]["pair"], "USDT/USD");
    let page = get(text(&shown, "/checkout_url")).await;
    assert_eq!(page.status, 200);
    let human = launch.run(&["payments", "show", &payment]).await.output;
    for line in [
        "status     paid",
        "Quotes",
        "Receipts",
        "25.000000 USDT on ethereum",
        "confirmed, 12 of 12 confirmations",
    ] {
        assert!(human.contains(line), "{line:?} in\n{human}");
    }
}

#[tokio::test]
async fn what_was_not_taken_is_shown_and_sent_again_by_hand() {
    let launch = launch();
    let process = launch.start().await;
    let (demo, shop_server) = (launch.demo(), Merchant::start().await);
    let (shop, key) = (text(&demo, "/shop_id"), launch.demo_key("alpha"));
    shop_server.answer_next(Answer::Status(500));
    let hook = shop_server.url("/hook");
    let create_endpoint = [
        "endpoint",
        "create",
        "--shop",
        shop,
        "--dialect",
        "alpha",
        "--url",
        &hook,
        "--event",
        "payment.created",
    ];
    let endpoint = launch.json(&create_endpoint).await;
    create(&process.url, &key, "order-1").await;
    let first = shop_server.next().await;
    shop_server.ended(first.index).await;
    let delivery = first.header("x-alpha-delivery").unwrap().to_owned();
    // Time passes, and the same event comes again.
    launch.json(&["clock", "advance", "2m"]).await;
    let second = shop_server.next().await;
    assert_eq!((second.header("x-alpha-delivery"), &second.body), (Some(delivery.as_str()), &first.body));
    shop_server.ended(second.index).await;
    let resent = launch.json(&["deliveries", "resend", &delivery]).await;
    assert_eq!((&resent["manual"], &resent["event_name"]), (&json!(true), &json!("payment.created")));
    let third = shop_server.next().await;
    assert_eq!(third.header("x-alpha-delivery"), Some(text(&resent, "/id")));
    let shown = launch.json(&["deliveries", "show", &delivery]).await;
    assert_eq!(shown["log"][0]["http_status"], 500);
    assert_eq!(text(&shown, "/url"), hook);
    let human = launch.run(&["deliveries", "show", &delivery]).await.output;
    assert!(human.contains("payment.created") && human.contains("TRY  AT"), "{human}");
    // The endpoint is found by where it posts to as well.
    let test = launch.json(&["endpoint", "test", "--shop", shop, "--dialect", "alpha", "--url", &hook]).await;
    assert_eq!(shop_server.next().await.header("x-alpha-delivery"), Some(text(&test, "/delivery")));
    let rotated = launch.json(&["endpoint", "rotate", "--shop", shop, text(&endpoint, "/id")]).await;
    assert_ne!(rotated["secret"], endpoint["secret"]);
    let rotate = ["endpoint", "rotate", "--shop", shop, text(&endpoint, "/id"), "--cutover", "2h"];
    assert!(launch.json(&rotate).await["cutover_at"].is_string());
    launch.json(&["endpoint", "delete", "--shop", shop, text(&endpoint, "/id")]).await;
    let left = launch.run(&["endpoint", "list", "--shop", shop]).await;
    assert_eq!(left.output, "No endpoints yet: `tillgate endpoint create` makes one.\n");
}

#[tokio::test]
async fn time_that_passes_expires_what_waits() {
    let launch = launch();
    let process = launch.start().await;
    let (demo, shop_server) = (launch.demo(), Merchant::start().await);
    let hook = shop_server.url("/hook");
    let shop = text(&demo, "/shop_id");
    let endpoint = [
        "endpoint",
        "create",
        "--shop",
        shop,
        "--dialect",
        "alpha",
        "--url",
        &hook,
        "--event",
        "payment.expired",
    ];
    launch.json(&endpoint).await;
    let made = create(&process.url, &launch.demo_key("alpha"), "order-1").await.json();
    let moved = launch.json(&["clock", "advance", "31m"]).await;
    assert_eq!(text(&moved, "/ahead"), "31m");
    // The payment of the printed link expires as well, in whatever order.
    let told = [shop_server.next().await, shop_server.next().await];
    let id = text(&made, "/data/id");
    assert!(told.iter().any(|hit| String::from_utf8_lossy(&hit.body).contains(id)));
    let listed = launch.json(&["payments", "list", "--status", "expired", "--status", "cancelled"]).await;
    assert_eq!(listed["items"].as_array().unwrap().len(), 2);
}
