//! Nodes that are away, stuck, or behind.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::{Value, json};
use testkit::anvil::{Anvil, Front};

use crate::{
    chain::Chain,
    till::{Till, config, text},
};

/// What a buyer reads beside a method whose chain cannot be seen.
const UNSEEN: &str = "We cannot see Ethereum right now.";

/// A little longer than a payment is open for.
const DEADLINE: Duration = Duration::from_mins(31);

#[tokio::test]
async fn what_was_sent_while_the_node_was_away_is_found_when_it_is_back() {
    let mut chain = Chain::start().await;
    let till = Till::start(&chain, 2).await;
    let (payment, undecided) = (till.payment().await, till.payment().await);
    let page = payment.buyer.choose("ETH").await;
    let state = chain.node.dump().await;
    chain.node.stop().await;
    undecided.buyer.is_refused("ETH", UNSEEN).await;
    let page_meanwhile = payment.buyer.page().await;
    assert_eq!((page_meanwhile.state(), page_meanwhile.address()), ("blind", page.address()));
    // A form of the page as it was before is refused, and no address is given out for it.
    let refused = undecided.buyer.choose_anyway("ETH").await;
    assert!(refused.html.contains("That way to pay cannot be used right now."), "{}", refused.html);
    assert_eq!(refused.state(), "choose");

    // The chain goes on without our node: another one of the same chain takes the money in.
    let elsewhere = chain.elsewhere(&state).await;
    let transaction = elsewhere.send(page.address(), page.amount()).await;
    elsewhere.node.mine(1).await;
    let later = elsewhere.node.dump().await;
    chain.node.restart(&later).await;
    till.reaches(&payment, "processing").await;
    assert_eq!(payment.buyer.page().await.state(), "seen");
    chain.node.mine(1).await;
    till.reaches(&payment, "completed").await;
    till.shop.hears(&payment.id, "payment.completed").await;
    assert_eq!(text(&till.shown(&payment).await, "/receipts/0/transaction"), transaction);
    assert_eq!(undecided.buyer.choose("USDT").await.state(), "pay");
}

#[tokio::test]
async fn a_node_that_stopped_long_ago_asks_nobody_for_money() {
    let chain = Chain::on(Anvil::start_behind(Duration::from_mins(11)).await).await;
    let mut till = Till::start(&chain, 2).await;
    let payment = till.payment_unseen().await;
    payment.buyer.is_refused("ETH", UNSEEN).await;
    // The operator is told why; the buyer is not bothered with it.
    let line = till.said("the chain cannot be seen, and its methods wait").await;
    assert_eq!(
        (text(&line, "/network"), text(&line, "/reason")),
        ("ethereum", "its newest block is 11 minutes old")
    );
    // The newest block is of this minute: the node is there again.
    chain.node.call("evm_increaseTime", json!([Duration::from_mins(11).as_secs()])).await;
    chain.node.mine(1).await;
    payment.buyer.is_offered("ETH").await;
    till.said("the chain is followed to its newest block").await;
    let page = payment.buyer.choose("ETH").await;
    chain.send(page.address(), page.amount()).await;
    chain.node.mine(2).await;
    till.reaches(&payment, "completed").await;
}

/// A node that can be made to lag: it then says that an old block is its newest.
struct Lagging {
    front: Front,
    newest: Arc<Mutex<Option<Value>>>,
}

impl Lagging {
    async fn before(node: &Anvil) -> Self {
        let newest = Arc::<Mutex<Option<Value>>>::default();
        let shown = Arc::clone(&newest);
        let amend = Front::each(move |call, answer| {
            let is_newest = call["method"] == "eth_getBlockByNumber" && call["params"][0] == "latest";
            if let (true, Some(block)) = (is_newest, shown.lock().unwrap().as_ref()) {
                answer["result"] = block.clone();
            }
        });
        Self { front: Front::start(node.url(), amend).await, newest }
    }

    /// From here on its newest block is this one.
    async fn lag_at(&self, node: &Anvil, height: u64) {
        let block = node.call("eth_getBlockByNumber", json!([format!("{height:#x}"), false])).await;
        *self.newest.lock().unwrap() = Some(block);
    }

    fn catch_up(&self) {
        *self.newest.lock().unwrap() = None;
    }
}

#[tokio::test]
async fn a_payment_does_not_expire_while_its_node_is_behind_and_money_sent_in_time_counts() {
    // The business clock will be moved past the deadline. Blocks follow it: what this chain says of their time is then
    // about when the payment was made.
    let chain = Chain::on(Anvil::start_behind(DEADLINE).await).await;
    let node = Lagging::before(&chain.node).await;
    let config = config(&chain, &node.front.url(), 2) + "max_block_age_s = 7200\n";
    let till = Till::with(&config).await;
    let paid = till.payment().await;
    let (unpaid, unasked) = (till.payment().await, till.payment().await);
    let page = paid.buyer.choose("ETH").await;
    unpaid.buyer.choose("USDT").await;
    chain.node.mine(1).await;
    let height = chain.node.height().await;
    node.lag_at(&chain.node, height - 2).await;
    unasked.buyer.is_refused("ETH", UNSEEN).await;
    chain.send(page.address(), page.amount()).await;
    chain.node.mine(1).await;

    till.launch.json(&["clock", "advance", "31m"]).await;
    // One that was asked for no money on the chain expires at once, the others do not: all are looked at together.
    till.shop.hears(&unasked.id, "payment.expired").await;
    for payment in [&paid, &unpaid] {
        assert_eq!(till.status(payment).await, "pending");
        assert_eq!(payment.buyer.page().await.state(), "blind");
    }

    node.catch_up();
    till.reaches(&paid, "processing").await;
    chain.node.mine(1).await;
    till.reaches(&paid, "completed").await;
    till.shop.hears(&paid.id, "payment.completed").await;
    let shown = till.shown(&paid).await;
    assert_eq!(shown["flags"], json!({"short": false, "over": false, "late": false}));
    // Followed, but not yet past the deadline.
    assert_eq!(till.status(&unpaid).await, "pending");
    chain.node.call("evm_increaseTime", json!([DEADLINE.as_secs()])).await;
    chain.node.mine(1).await;
    till.reaches(&unpaid, "expired").await;
    till.shop.hears(&unpaid.id, "payment.expired").await;
    assert_eq!(till.status(&paid).await, "completed");
}
