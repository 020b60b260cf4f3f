//! Our own process, killed while money waits and while it gets deeper; and a node that was away.

use serde_json::json;

use crate::{chain::Chain, till::Till, told::story};

/// What a buyer reads beside a method whose chain cannot be seen.
const UNSEEN: &str = "We cannot see Bitcoin right now.";

#[tokio::test]
async fn a_payment_goes_on_where_a_killed_process_left_it() {
    let mut chain = Chain::start().await;
    let till = Till::start(&chain.node, 3).await;
    let (mut waits, mut unseen) = (till.payment().await, till.payment().await);
    let (first, second) = (waits.buyer.choose("BTC").await, unseen.buyer.choose("BTC").await);
    assert_ne!(first.address(), second.address());
    chain.send(first.address(), first.amount()).await;
    till.reaches(&waits, "processing").await;

    let till = till
        .crash(async || {
            // While nobody looks, one is mined and the other paid.
            chain.send(second.address(), second.amount()).await;
            chain.node.mine(2).await;
        })
        .await;
    for payment in [&mut waits, &mut unseen] {
        payment.buyer.moved_to(till.url());
        till.confirmations(payment, 2).await;
        assert_eq!(till.status(payment).await, "processing");
    }
    chain.node.mine(1).await;
    for payment in [&waits, &unseen] {
        till.reaches(payment, "completed").await;
        let shown = till.shown(payment).await;
        assert_eq!(shown["balance"]["confirmed"], "25.00");
        assert_eq!(shown["receipts"].as_array().map(Vec::len), Some(1));
        assert_eq!(shown["decisions"], json!([]));
        let once = [("created", "pending"), ("processing", "processing"), ("completed", "completed")];
        assert_eq!(till.told(payment).await, story(&once));
    }
}

#[tokio::test]
async fn a_node_that_was_away_is_followed_on_when_it_is_back() {
    let mut chain = Chain::start().await;
    let till = Till::start(&chain.node, 1).await;
    let (payment, undecided) = (till.payment().await, till.payment().await);
    let page = payment.buyer.choose("BTC").await;
    chain.node.mine(1).await;
    chain.node.restart().await;
    chain.send(page.address(), page.amount()).await;
    chain.node.mine(1).await;
    till.reaches(&payment, "completed").await;
    chain.node.stop().await;
    undecided.buyer.is_refused("BTC", UNSEEN).await;
}
