//! What is one for all nodes.

use std::collections::BTreeSet;

use testkit::{merchant::Merchant, postgres::Server};

use crate::{
    fleet::{Node, check_books, launch, told},
    shop::{Shop, text},
};

/// First starts of two nodes at once.
const FIRST_STARTS: u32 = 5;

#[tokio::test(flavor = "multi_thread")]
async fn what_one_node_begins_another_goes_on_with() {
    let server = Server::start();
    let database = server.database();
    let merchant = Merchant::start().await;
    let (one, two) = tokio::join!(Node::start(&database), Node::start(&database));
    let shop = Shop::open(&one.launch, &merchant).await;
    let paid = shop.create(one.url(), "order-1").await;
    let expired = shop.create(two.url(), "order-2").await;
    for (node, payment) in [(&two, &paid), (&one, &expired)] {
        assert_eq!(shop.status(node.url(), payment).await, "pending");
    }
    let again = shop.try_ask(shop.order(two.url(), "order-1")).await.expect("an answer");
    assert!(again.replayed && text(&again.body, "/data/id") == paid, "{again:?}");

    // The buyer goes by the checkout's own token, which has to be the same on every node.
    two.pay(&paid).await;
    shop.reaches(one.url(), &paid, "completed").await;
    one.launch.json(&["clock", "advance", "31m"]).await;
    shop.reaches(two.url(), &expired, "expired").await;
    for _ in 0..4 {
        merchant.next().await;
    }
    // A moved clock is one for all as well: a payment made now is not late.
    let later = shop.create(two.url(), "order-3").await;
    assert_eq!(shop.status(one.url(), &later).await, "pending");
    merchant.next().await;
    for node in [one, two] {
        let ended = node.process.stop().await;
        assert_eq!(ended.code, Some(0), "{}", ended.log);
    }
    let told = told(&merchant.hits());
    let names: Vec<_> =
        told.keys().filter(|(payment, _)| *payment == paid).map(|(_, name)| &name[..]).collect();
    assert!(names.contains(&"payment.created") && names.contains(&"payment.completed"), "{names:?}");
    assert!(told.contains_key(&(expired, "payment.expired".to_owned())), "{told:?}");
    assert!(told.values().all(|times| *times == 1), "{told:?}");
    check_books(&database).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_that_start_at_once_on_an_empty_database_make_one_demo_shop() {
    let server = Server::start();
    for _ in 0..FIRST_STARTS {
        let database = server.database();
        let (one, two) = tokio::join!(Node::start(&database), Node::start(&database));
        let shops = one.launch.json(&["shop", "list"]).await.to_string();
        assert_eq!(shops.matches("Demo shop").count(), 1, "{shops}");
        let demos = [one.launch.demo(), two.launch.demo()];
        assert_eq!(demos[0]["shop_id"], demos[1]["shop_id"]);
        let keys: BTreeSet<String> = [&one, &two].map(|node| node.launch.demo_key("alpha")).into();
        assert_eq!(keys.len(), 2, "each node has keys of its own");
        let payment = Shop::new(two.launch.demo_key("alpha")).create(one.url(), "order-1").await;
        assert_eq!(Shop::new(one.launch.demo_key("alpha")).status(two.url(), &payment).await, "pending");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_joins_later_says_what_can_be_tried_there() {
    let server = Server::start();
    let database = server.database();
    let one = Node::start(&database).await;
    let two = Node::start(&database).await;
    let line = two.process.output_line("curl -sS").await;
    assert!(line.contains(two.url()) && line.contains("demo.headers"), "{line}");
    assert!(!two.process.said().contains("no demo shop"), "{}", two.process.said());
    assert_eq!(one.launch.demo()["shop_id"], two.launch.demo()["shop_id"]);
    // One that starts on the same folder again has its keys still.
    let keys = two.launch.demo_key("alpha");
    let Node { launch: folder, process } = two;
    process.stop().await;
    let two = Node::of(folder).await;
    assert_eq!(two.launch.demo_key("alpha"), keys);
    // Without the key, or with another one, a node does not join.
    let ended =
        launch(&database).variable("TILLGATE_SECRETS__MASTER_KEY", &"11".repeat(32)).run(&["serve"]).await;
    assert_eq!(ended.code, Some(1));
    assert!(ended.log.contains("sealed with another master key"), "{}", ended.log);
}
