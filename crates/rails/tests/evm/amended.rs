//! A real node, whose answers are amended on the way.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use domain::chain::Transfer;
use rails::RailError;
use serde_json::{Value, json};
use testkit::anvil::{Contract, Front};

use crate::{
    chain::{ALICE, BOB, Chain, STRANGER, settings},
    follower::Follower,
};

/// Puts one of everything on a chain.
pub(crate) async fn fill(chain: &Chain) {
    let spreader = chain.node.deploy(chain.payer, Contract::Spreader).await;
    chain.pay_token(spreader, 100).await;
    chain.node.mine(1).await;
    chain.pay(ALICE, 5).await;
    chain.pay(STRANGER, 5).await;
    chain.pay(BOB, 0).await;
    let spread = Contract::spread(chain.token, &[(STRANGER, 1), (ALICE, 2), (BOB, 3)]);
    chain.node.invoke(chain.payer, spreader, spread, 0).await;
    chain.node.mine(1).await;
    chain.pay_token(BOB, 7).await;
    chain.pay_token(STRANGER, 8).await;
    chain.node.mine(1).await;
}

/// Follows a chain through a front that amends single answers, and finds there what is found without it.
pub(crate) async fn check_same(amend: impl Fn(&Value, &mut Value) + Send + Sync + 'static) -> Front {
    let chain = Chain::start().await;
    let front = Front::start(chain.node.url(), Front::each(amend)).await;
    let mut plain = Follower::of(&chain).await;
    let mut fronted = Follower::start(settings(&front.url(), &[("USDT", chain.token)])).await;
    fill(&chain).await;
    let sorted = |mut transfers: Vec<Transfer>| {
        transfers.sort_by(|a, b| (&a.transaction, a.ordinal).cmp(&(&b.transaction, b.ordinal)));
        transfers
    };
    let expected = sorted(plain.catch_up().await);
    assert_eq!(expected.len(), 4);
    assert_eq!(sorted(fronted.catch_up().await), expected);
    assert_eq!(fronted.cursor, plain.cursor);
    chain.pay(ALICE, 9).await;
    chain.node.mine(1).await;
    assert_eq!(fronted.catch_up().await.len(), 1);
    front
}

/// How the rest of a test pays.
#[derive(Clone, Copy)]
pub(crate) enum Paid {
    Coins,
    Tokens,
}

/// How many of three blocks are told, each with one payment of coins, when answers are amended.
pub(crate) async fn ask(
    amend: impl Fn(&Value, &mut Value) + Send + Sync + 'static,
) -> Result<usize, RailError> {
    ask_for(Paid::Coins, amend).await
}

/// The same for either kind of payment. Alice is paid in blocks 2, 3 and 4.
pub(crate) async fn ask_for(
    paid: Paid,
    amend: impl Fn(&Value, &mut Value) + Send + Sync + 'static,
) -> Result<usize, RailError> {
    let chain = Chain::start().await;
    let on = Arc::new(AtomicBool::new(false));
    let switch = Arc::clone(&on);
    let each = move |call: &Value, answer: &mut Value| {
        if switch.load(Ordering::SeqCst) {
            amend(call, answer);
        }
    };
    let front = Front::start(chain.node.url(), Front::each(each)).await;
    let follower = Follower::start(settings(&front.url(), &[("USDT", chain.token)])).await;
    for _ in 0..3 {
        match paid {
            Paid::Coins => chain.pay(ALICE, 5).await,
            Paid::Tokens => chain.pay_token(ALICE, 5).await,
        };
        chain.node.mine(1).await;
    }
    on.store(true, Ordering::SeqCst);
    follower.ask().await.map(|progress| progress.batch.blocks.len())
}

/// A hash that nothing has.
pub(crate) fn nothings_hash() -> Value {
    json!(format!("0x{}", "5".repeat(64)))
}

/// Whether it is a call of this method.
pub(crate) fn is(call: &Value, method: &str) -> bool {
    call["method"] == method
}
