//! A primary that dies, and a standby that takes its place.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Instant,
};

use testkit::{merchant::Merchant, postgres::Server};

use crate::{
    fleet::{Node, check_books},
    load::{Load, Rule},
    shop::Shop,
};

/// Orders that are answered before the primary is killed, and after that.
const ORDERS: usize = 300;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_was_answered_is_lost_or_doubled_by_a_failover() {
    let primary = Server::start_with(&[]);
    let standby = primary.standby();
    let database = primary.url_with(&standby);
    let merchant = Merchant::start().await;
    let (one, two, three) =
        tokio::join!(Node::start(&database), Node::start(&database), Node::start(&database));
    let shop = Arc::new(Shop::open(&one.launch, &merchant).await);
    let nodes = [&one, &two, &three].map(|node| node.url().to_owned());
    let mut load = Load::start(&shop, &nodes, Rule::AskAgain);
    load.more(ORDERS).await;
    assert_eq!(primary.run("select sync_state from pg_stat_replication"), "sync");

    let killed = Instant::now();
    primary.kill();
    let before = load.more(0).await;
    standby.promote();
    let promoted = killed.elapsed();
    load.more(1).await;
    let first = killed.elapsed();
    load.more(ORDERS).await;
    let log = Arc::clone(&load.log);
    let made = load.finish(&nodes[0]).await;
    println!(
        "failover: {before} orders answered before, {} after; promoted {promoted:?} after the kill, next order \
         answered {first:?} after it; {} requests not answered, {} payments found again under their keys",
        made - before,
        log.unanswered.load(Ordering::SeqCst),
        log.found_again.load(Ordering::SeqCst),
    );
    assert!(before >= ORDERS && made - before >= ORDERS);
    let paid = shop.create(&nodes[1], "paid").await;
    two.pay(&paid).await;
    shop.reaches(&nodes[2], &paid, "completed").await;
    for node in [one, two, three] {
        let ended = node.process.stop().await;
        assert_eq!(ended.code, Some(0), "{}", ended.log);
    }
    check_books(&standby.url("postgres")).await;
}
