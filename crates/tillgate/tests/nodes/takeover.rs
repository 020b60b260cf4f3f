//! Nodes that are killed, and nodes that only slept.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use rustix::process::Signal;
use testkit::{
    cable::Cable,
    merchant::{Answer, Merchant},
    postgres::Server,
    until::{until, within},
};
use tokio::time;

use crate::{
    fleet::{BURIES, Node, TAKES, check_books, told},
    shop::Shop,
};

/// How long the work of a node that was killed may lie.
const TAKEOVER: Duration = Duration::from_secs(10);

/// The line of a node that was taken for dead.
const BEGINS_ANEW: &str = "the other nodes took this one for dead; it begins anew";

/// Callbacks that are on their way when their node is killed: as many as go to one endpoint at once.
const IN_FLIGHT: usize = 8;

#[tokio::test(flavor = "multi_thread")]
async fn the_work_of_a_killed_node_is_taken_over_within_ten_seconds() {
    let server = Server::start();
    let database = server.database();
    let merchant = Merchant::start().await;
    merchant.answer(Answer::Hang);
    let mut one = Node::start(&database).await;
    one.process.line(TAKES).await;
    let shop = Shop::open(&one.launch, &merchant).await;
    let mut payments = Vec::new();
    for number in 0..IN_FLIGHT {
        payments.push(shop.create(one.url(), &format!("order-{number}")).await);
    }
    for _ in 0..IN_FLIGHT {
        merchant.next().await;
    }
    let all = ["expire", "watch ethereum"];
    until("the first node does everything", async || holds(&one, &all)).await;
    let two = Node::start(&database).await;
    assert_eq!(two.leases(), Vec::<String>::new(), "nobody has let go of anything");

    merchant.answer(Answer::Status(200));
    let killed = Instant::now();
    one.process.kill().await;
    // Money comes in while nobody looks, and a deadline passes.
    two.pay(&payments[0]).await;
    within(left(killed), "money is seen", async || shop.is(two.url(), &payments[0], "completed").await).await;
    let paid = killed.elapsed();
    two.launch.json(&["clock", "advance", "31m"]).await;
    within(left(killed), "a payment expires", async || shop.is(two.url(), &payments[1], "expired").await)
        .await;
    let expired = killed.elapsed();
    let wanted = |payment: &String| (payment.clone(), "payment.created".to_owned());
    within(left(killed), "callbacks go again", async || {
        let told = told(&merchant.hits());
        let twice = payments.iter().filter(|payment| told.get(&wanted(payment)) == Some(&2)).count();
        if twice == IN_FLIGHT { Ok(()) } else { Err(format!("{twice} of {IN_FLIGHT}")) }
    })
    .await;
    let again = killed.elapsed();
    println!("taken over after a kill: money seen {paid:?}, expired {expired:?}, callbacks again {again:?}");
    let ended = two.process.stop().await;
    assert_eq!(ended.code, Some(0), "{}", ended.log);
    assert_eq!(ended.log.matches(BURIES).count(), 1, "{}", ended.log);
    check_books(&database).await;
}

/// What is left of the time since a kill.
fn left(killed: Instant) -> Duration {
    TAKEOVER.saturating_sub(killed.elapsed())
}

fn holds(node: &Node, wanted: &[&str]) -> Result<(), String> {
    let leases = node.leases();
    if wanted.iter().all(|name| leases.iter().any(|lease| lease == name)) {
        Ok(())
    } else {
        Err(format!("{leases:?}"))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_stands_still_in_a_transaction_holds_nobody_up() {
    let server = Server::start();
    let name = server.database_name();
    let database = server.url(&name);
    let cable = Cable::to(&server).await;
    let merchant = Merchant::start().await;
    let mut one = Node::start(&cable.url(&name)).await;
    one.process.line(TAKES).await;
    until("the first node does everything", async || holds(&one, &["expire", "watch ethereum"])).await;
    let shop = Arc::new(Shop::open(&one.launch, &merchant).await);
    let two = Node::start(&database).await;
    let (paid, expired) = (shop.create(two.url(), "order-1").await, shop.create(two.url(), "order-2").await);

    // It stands still in the middle of its beat, with whatever that has locked.
    time::timeout(TAKEOVER, cable.freeze_at_commit()).await.expect("a beat");
    let frozen = Instant::now();
    let asked = tokio::spawn(shop.try_ask(shop.order(one.url(), "order-3")));
    two.pay(&paid).await;
    within(left(frozen), "money is seen", async || shop.is(two.url(), &paid, "completed").await).await;
    two.launch.json(&["clock", "advance", "31m"]).await;
    within(left(frozen), "a payment expires", async || shop.is(two.url(), &expired, "expired").await).await;
    println!("taken over from a node that stood still: {:?}", frozen.elapsed());

    cable.thaw();
    one.process.line(BEGINS_ANEW).await;
    let asked = asked.await.expect("a client").expect("an answer");
    assert!([201, 503].contains(&asked.status), "{asked:?}");
    let made = shop.create(one.url(), "order-3").await;
    let listed = shop.list(two.url()).await;
    assert_eq!((listed.len(), &listed[0].1), (3, &made));
    for node in [one, two] {
        let ended = node.process.stop().await;
        assert_eq!(ended.code, Some(0), "{}", ended.log);
    }
    check_books(&database).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_slept_begins_anew_and_nothing_is_doubled() {
    let server = Server::start();
    let database = server.database();
    let merchant = Merchant::start().await;
    let mut one = Node::start(&database).await;
    one.process.line(TAKES).await;
    let shop = Shop::open(&one.launch, &merchant).await;
    let mut two = Node::start(&database).await;
    let mut payments = Vec::new();
    for number in 0..4 {
        payments.push(shop.create(two.url(), &format!("order-{number}")).await);
    }
    // It falls asleep at its work, which is money that comes in.
    tokio::join!(two.pay(&payments[0]), two.pay(&payments[1]));
    one.process.signal(Signal::STOP);
    two.process.line(BURIES).await;
    two.pay(&payments[2]).await;
    for payment in &payments[..3] {
        shop.reaches(two.url(), payment, "completed").await;
    }
    one.process.signal(Signal::CONT);
    one.process.line(BEGINS_ANEW).await;
    assert_eq!(shop.status(one.url(), &payments[0]).await, "completed");
    payments.push(shop.create(one.url(), "order-awake").await);
    // The other one goes, and leaves everything to the one that slept.
    let ended = two.process.stop().await;
    assert_eq!(ended.code, Some(0), "{}", ended.log);
    one.pay(&payments[3]).await;
    one.pay(&payments[4]).await;
    for payment in &payments {
        shop.reaches(one.url(), payment, "completed").await;
        let shown = shop.read(one.url(), &format!("/payments/{payment}")).await;
        assert_eq!(shown["data"]["amount"], "25.00");
    }
    until("everything is told", async || {
        let told = told(&merchant.hits());
        let done = told.keys().filter(|(_, name)| name == "payment.completed").count();
        if done == payments.len() { Ok(()) } else { Err(format!("{told:?}")) }
    })
    .await;
    let ended = one.process.stop().await;
    assert_eq!(ended.code, Some(0), "{}", ended.log);
    let receipts = server.run("select count(*), count(distinct payment_id) from receipts");
    assert_eq!(receipts, "5|5", "money that came once is written down once");
    check_books(&database).await;
}
