//! A database that cannot be reached for a while.

use std::sync::Arc;

use testkit::{
    cable::Cable,
    merchant::Merchant,
    postgres::Server,
    until::{until, within},
};

use crate::{
    fleet::{Node, check_books},
    load::{Load, Rule},
    shop::{Shop, text},
};

/// How long a node may take until it has found its database again, and works.
const HEALED: std::time::Duration = std::time::Duration::from_secs(10);

/// Orders before and after an outage, each.
const ORDERS: usize = 50;

#[tokio::test(flavor = "multi_thread")]
async fn a_node_without_its_database_says_so_and_heals_by_itself() {
    let server = Server::start();
    let name = server.database_name();
    let cable = Cable::to(&server).await;
    let merchant = Merchant::start().await;
    let node = Node::start(&cable.url(&name)).await;
    let shop = Arc::new(Shop::open(&node.launch, &merchant).await);
    let waiting = shop.create(node.url(), "waiting").await;
    let mut load = Load::start(&shop, &[node.url().to_owned()], Rule::AskAgain);
    load.more(ORDERS).await;

    cable.cut();
    let ready = format!("{}/readyz", node.url());
    let is_ready = async || {
        let answer = reqwest::get(&ready).await.expect("an answer");
        (answer.status().as_u16(), answer.text().await.expect("a body"))
    };
    until("it is not ready", async || match is_ready().await {
        (503, word) if word == r#"{"status":"database_failed"}"# => Ok(()),
        other => Err(format!("{other:?}")),
    })
    .await;
    for request in [
        shop.order(node.url(), "outage"),
        shop.look(node.url(), &format!("/payments/{waiting}")),
        shop.look(node.url(), "/payments"),
    ] {
        let answer = shop.try_ask(request).await.expect("an answer");
        assert_eq!(answer.status, 503, "{answer:?}");
        assert_eq!(answer.retry_after.as_deref(), Some("1"), "{answer:?}");
        assert_eq!(text(&answer.body, "/error/code"), "service_unavailable");
    }
    let alive = reqwest::get(format!("{}/healthz", node.url())).await.expect("an answer");
    assert_eq!(alive.status(), 200, "nobody should restart it for this");

    cable.mend();
    let ((), ready) = within(HEALED, "it is ready", async || match is_ready().await {
        (200, _) => Ok(()),
        other => Err(format!("{other:?}")),
    })
    .await;
    node.pay(&waiting).await;
    let ((), works) =
        within(HEALED, "it works", async || shop.is(node.url(), &waiting, "completed").await).await;
    println!("after an outage: ready {ready:?} after it, and at work {works:?} after money came");
    load.more(ORDERS).await;
    let log = Arc::clone(&load.log);
    // The order that was made before the clients began is none of theirs.
    let made = load.finish_beside(node.url(), &["waiting"]).await;
    println!(
        "{made} orders; {} requests not answered",
        log.unanswered.load(std::sync::atomic::Ordering::SeqCst)
    );
    node.process.stop().await;
    check_books(&server.url(&name)).await;
}
