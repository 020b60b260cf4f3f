//! Three nodes behind a real proxy, restarted one after the other while shops order.

use std::sync::{Arc, atomic::Ordering};

use testkit::{
    merchant::Merchant,
    postgres::Server,
    process::{Launch, free_port},
};

use crate::{
    balancer::Balancer,
    fleet::{Node, check_books, launch},
    load::{Load, Rule},
    shop::Shop,
};

/// Orders that are answered before, between and after the restarts, each.
const ORDERS: usize = 50;

#[tokio::test(flavor = "multi_thread")]
async fn no_request_fails_while_nodes_are_restarted_one_after_the_other() {
    let server = Server::start();
    let database = server.database();
    let merchant = Merchant::start().await;
    let ports = [(); 3].map(|()| free_port());
    let node = |port: u16| -> Launch {
        launch(&database).port(port).variable("TILLGATE_TRUSTED_PROXIES", "[\"127.0.0.1\"]")
    };
    let [one, two, three] = ports.map(|port| Node::of(node(port)));
    let (one, two, three) = tokio::join!(one, two, three);
    let mut nodes = vec![("one", one), ("two", two), ("three", three)];
    let balancer = Balancer::start(ports).await;
    let shop = Arc::new(Shop::open(&nodes[0].1.launch, &merchant).await);
    let mut load = Load::start(&shop, &[balancer.url()], Rule::NothingFails);
    load.more(ORDERS).await;
    for place in 0..nodes.len() {
        let (name, Node { launch, process }) = nodes.remove(place);
        let stopped = load
            .during(async {
                let (ended, ()) = tokio::join!(process.stop(), balancer.sees(name, false));
                assert_eq!(ended.code, Some(0), "{}", ended.log);
                assert!(!ended.log.contains("cut off"), "{}", ended.log);
                let node = Node::of(launch).await;
                balancer.sees(name, true).await;
                node
            })
            .await;
        nodes.insert(place, (name, stopped));
        load.more(ORDERS).await;
    }
    let log = Arc::clone(&load.log);
    let made = load.finish(&balancer.url()).await;
    println!(
        "three restarts: {} requests, {made} of them orders; {} failed",
        log.requests.load(Ordering::SeqCst),
        log.unanswered.load(Ordering::SeqCst)
    );
    assert!(made >= 4 * ORDERS);
    for (_, node) in nodes {
        node.process.stop().await;
    }
    check_books(&database).await;
}
