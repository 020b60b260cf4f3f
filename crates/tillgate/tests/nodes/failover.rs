//! A primary that dies, and a standby that takes its place.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Instant,
};

use testkit::{merchant::Merchant, postgres::Server, until::until};

use crate::{
    fleet::{Node, check_books},
    load::{Load, Rule},
    shop::Shop,
};

/// Orders that are answered before the primary is killed, and after that.
const ORDERS: usize = 300;

/// Requests that are not answered in between: several of each client.
const UNANSWERED: u32 = 24;

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
    // Every client is told so at least once before there is a primary again.
    let log = Arc::clone(&load.log);
    let missed = until("clients miss the database", async || match log.unanswered.load(Ordering::SeqCst) {
        few @ ..UNANSWERED => Err(few.to_string()),
        _ => Ok(()),
    });
    load.during(missed).await;
    standby.promote();
    let promoted = killed.elapsed();
    load.more(1).await;
    let first = killed.elapsed();
    load.more(ORDERS).await;
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

/// Lets every commit of a server wait for a standby that is not there, or for none.
fn await_standby(server: &Server, name: &str) {
    server.run(&format!("alter system set synchronous_standby_names = '{name}'"));
    server.run("select pg_reload_conf()");
}

/// What a node leases that is alone: four networks to watch, and two kinds of upkeep.
const LEASES: usize = 6;

/// Those that made a payment, and wait for a standby to have it.
const WAITING: &str = "from pg_stat_activity a join pg_locks l using (pid)
                       where a.wait_event = 'SyncRep' and l.relation = 'payments'::regclass
                         and l.mode = 'RowExclusiveLock'";

/// An order that no standby has, whether its commit goes on waiting or is told not to: it is not answered as done, and
/// later it is found under its key.
async fn is_unanswered(cancelled: bool) {
    let server = Server::start_with(&[]);
    let merchant = Merchant::start().await;
    let node = Node::start(&server.database()).await;
    let shop = Arc::new(Shop::open(&node.launch, &merchant).await);
    let before: u32 = server.run("select count(*) from payments").parse().expect("a number");
    // What a node does first is done: its own commits would wait as well, and others for them.
    until("the node has settled", async || match node.leases().len() {
        LEASES => Ok(()),
        other => Err(format!("{other} leases")),
    })
    .await;
    await_standby(&server, "nobody");
    let asked = tokio::spawn(shop.try_ask(shop.order(node.url(), "order-1")));
    until("the order waits", async || match &server.run(&format!("select count(*) {WAITING}"))[..] {
        "1" => Ok(()),
        other => Err(other.to_owned()),
    })
    .await;
    if cancelled {
        assert_eq!(server.run(&format!("select pg_cancel_backend(pid) {WAITING}")), "t");
    }
    let answer = asked.await.expect("a client").expect("an answer");
    assert_eq!((answer.status, answer.retry_after.as_deref()), (503, Some("1")), "{answer:?}");
    // Everybody can see the one whose wait was cancelled, though it would be gone with this machine.
    let seen: u32 = server.run("select count(*) from payments").parse().expect("a number");
    assert_eq!(seen - before, u32::from(cancelled));

    await_standby(&server, "");
    let again = until("the order is answered", async || {
        let answer = shop.try_ask(shop.order(node.url(), "order-1")).await.expect("an answer");
        if answer.status == 201 { Ok(answer) } else { Err(format!("{answer:?}")) }
    })
    .await;
    assert!(again.replayed, "{again:?}");
    assert_eq!(shop.list(node.url()).await.len(), 1);
    node.process.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_no_standby_has_is_not_answered() {
    is_unanswered(false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_is_one_whose_wait_for_a_standby_was_cancelled() {
    is_unanswered(true).await;
}
