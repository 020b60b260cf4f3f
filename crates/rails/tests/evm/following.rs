//! Blocks in their order: beginning, catching up, waiting.

use std::{
    collections::BTreeSet,
    future::{Ready, ready},
};

use domain::{chain::BlockRef, time::Timestamp};
use rails::{RailError, evm::EvmRail};
use testkit::anvil::Front;

use crate::{
    chain::{ALICE, Chain, settings},
    follower::{Follower, Meanwhile, told, watching},
};

#[tokio::test]
async fn a_new_cursor_begins_with_the_newest_blocks() {
    let chain = Chain::start().await;
    chain.node.mine(48).await;
    chain.node.set_next_time(4_000_000_000).await;
    chain.node.mine(1).await;
    let mut follower = Follower::of(&chain).await;
    let heights: Vec<_> = follower.cursor.recent.iter().map(|known| known.height).collect();
    assert_eq!(heights, (19..=50).rev().collect::<Vec<_>>());
    assert_eq!(follower.cursor.recent[0].hash, chain.node.hash(50).await);

    // Nothing new: nothing is said, and nobody is asked what is watched.
    let mut nobody = Meanwhile(|| -> Ready<()> { panic!("no block was fetched") }, watching(&[]));
    let progress = follower.rail.next(&follower.cursor, &mut nobody).await.unwrap();
    assert!(progress.batch.blocks.is_empty() && progress.caught_up);
    assert_eq!((progress.head.height, progress.head.time), (50, Timestamp::from_seconds(4_000_000_000)));

    chain.node.set_next_time(4_000_000_012).await;
    chain.node.mine(1).await;
    let progress = follower.next().await;
    let [block] = &progress.batch.blocks[..] else { panic!("one block") };
    assert_eq!(block.at, BlockRef { height: 51, hash: chain.node.hash(51).await });
    assert_eq!(block.time, Timestamp::from_seconds(4_000_000_012));
}

#[tokio::test]
async fn a_chain_of_one_block_is_followed() {
    let node = testkit::anvil::Anvil::start().await;
    let mut follower = Follower::start(settings(&node.url(), &[])).await;
    assert_eq!(follower.height(), 0);
    let genesis = node.hash(0).await;
    assert_eq!(follower.cursor.chain.as_str(), format!("31337:{genesis}"));
    node.mine(1).await;
    follower.catch_up().await;
    assert_eq!(follower.height(), 1);
}

#[tokio::test]
async fn a_long_gap_is_caught_up_in_bounded_batches() {
    let chain = Chain::start().await;
    let front = Front::start(chain.node.url(), |_, _| {}).await;
    let mut follower = Follower::start(settings(&front.url(), &[("USDT", chain.token)])).await;
    let mut paid = Vec::new();
    for _ in 0..10 {
        chain.node.mine(49).await;
        paid.push(chain.pay_token(ALICE, 7).await);
        chain.node.mine(1).await;
    }
    let before = front.requests().len();
    let mut batches = 0;
    let mut found = Vec::new();
    loop {
        let progress = follower.next().await;
        batches += 1;
        found.extend(progress.batch.blocks.into_iter().flat_map(|block| block.transfers));
        if progress.caught_up {
            break;
        }
    }
    assert_eq!((batches, follower.height()), (16, 501));
    let found: Vec<_> = found.into_iter().map(|transfer| transfer.transaction).collect();
    assert_eq!(found, paid);
    let requests = front.requests().split_off(before);
    assert!(requests.iter().all(|calls| calls.len() <= 8), "{requests:?}");
    // Empty blocks have no receipts that anybody would ask for.
    assert_eq!(requests.iter().flatten().filter(|method| *method == "eth_getBlockReceipts").count(), 10);
}

#[tokio::test]
async fn what_is_watched_is_asked_for_after_the_blocks_were_fetched() {
    let chain = Chain::start().await;
    let front = Front::start(chain.node.url(), |_, _| {}).await;
    let follower = Follower::start(settings(&front.url(), &[])).await;
    let paid = chain.pay(ALICE, 5).await;
    chain.node.mine(1).await;
    let before = front.count("eth_getBlockByNumber");
    // The address is given out while the block that pays it is on its way.
    let look = || {
        let view_and_block = 4;
        assert_eq!(front.count("eth_getBlockByNumber") - before, view_and_block);
        assert_eq!(front.count("eth_getBlockReceipts"), 0);
        ready(())
    };
    let asked = follower.rail.next(&follower.cursor, &mut Meanwhile(look, watching(&[ALICE]))).await;
    let progress = asked.unwrap();
    assert_eq!(told(&progress.batch.blocks[0].transfers), [(&*paid, 0, &ALICE[..], "ETH", 5)]);
}

#[tokio::test]
async fn the_question_can_be_asked_on_any_thread() {
    let chain = Chain::start().await;
    let follower = Follower::of(&chain).await;
    chain.node.mine(1).await;
    let task = tokio::spawn(async move {
        let asked = follower.rail.next(&follower.cursor, &mut watching(&[])).await;
        asked.map(|progress| progress.batch.blocks.len())
    });
    assert_eq!(task.await.unwrap(), Ok(1));
}

#[tokio::test]
async fn a_node_that_was_started_again_is_followed_on() {
    let mut chain = Chain::start().await;
    let mut follower = Follower::of(&chain).await;
    let before = chain.pay(ALICE, 5).await;
    chain.node.mine(3).await;
    let state = chain.node.dump().await;
    assert_eq!(told(&follower.catch_up().await), [(&*before, 0, &ALICE[..], "ETH", 5)]);

    chain.node.stop().await;
    let error = follower.ask().await.unwrap_err();
    assert!(matches!(error, RailError::Unreachable { .. }) && error.is_transient(), "{error:?}");

    chain.node.restart(&state).await;
    assert!(follower.next().await.caught_up);
    let after = chain.pay(ALICE, 6).await;
    chain.node.mine(1).await;
    assert_eq!(told(&follower.catch_up().await), [(&*after, 0, &ALICE[..], "ETH", 6)]);
}

#[tokio::test]
async fn a_node_that_is_behind_is_waited_for() {
    let mut chain = Chain::start().await;
    chain.node.mine(4).await;
    let state = chain.node.dump().await;
    chain.node.mine(20).await;
    let mut follower = Follower::of(&chain).await;
    let position = follower.cursor.clone();

    chain.node.restart(&state).await;
    let progress = follower.next().await;
    assert!(
        progress.batch.blocks.is_empty() && progress.batch.rolled_back_to.is_none() && !progress.caught_up
    );
    assert_eq!((progress.head.height, &follower.cursor), (5, &position));

    // It comes up with another block than it had: now it contradicts what was followed.
    chain.pay(ALICE, 5).await;
    chain.node.mine(1).await;
    let progress = follower.next().await;
    assert_eq!(progress.batch.rolled_back_to, Some(position.recent[20].clone()));
    assert_eq!((follower.height(), progress.caught_up), (6, true));
}

#[tokio::test]
async fn a_node_below_all_that_is_remembered_is_waited_for() {
    let mut chain = Chain::start().await;
    let state = chain.node.dump().await;
    let mut follower = Follower::of(&chain).await;
    chain.node.mine(150).await;
    follower.catch_up().await;
    assert_eq!(follower.cursor.recent.last().unwrap().height, 51);

    chain.node.restart(&state).await;
    chain.node.mine(20).await;
    let progress = follower.next().await;
    assert!(
        progress.batch.blocks.is_empty() && progress.batch.rolled_back_to.is_none() && !progress.caught_up
    );
    assert_eq!(follower.height(), 151);
}

#[tokio::test]
async fn another_chain_under_the_same_name_is_refused() {
    let chain = Chain::start().await;
    let mut other = chain.settings();
    other.chain_id = 1;
    let rail = EvmRail::new(other).unwrap();
    let wrong = RailError::WrongChain { expected: "1".into(), found: "31337".into() };
    assert_eq!(rail.chain().await, Err(wrong.clone()));
    let follower = Follower::of(&chain).await;
    let asked = rail.next(&follower.cursor, &mut watching(&[])).await;
    assert_eq!(asked, Err(wrong));

    // The same id with another first block is another chain too.
    let fake = format!("0x{}", "5".repeat(64));
    let genesis = fake.clone();
    let amend = Front::each(move |call, answer| {
        if call["params"][0] == "0x0" {
            answer["result"]["hash"] = genesis.clone().into();
        }
    });
    let front = Front::start(chain.node.url(), amend).await;
    let rail = EvmRail::new(settings(&front.url(), &[])).unwrap();
    assert_eq!(rail.chain().await.unwrap().as_str(), format!("31337:{fake}"));
    let error = rail.next(&follower.cursor, &mut watching(&[])).await.unwrap_err();
    let expected = follower.cursor.chain.as_str().to_owned();
    assert_eq!(error, RailError::WrongChain { expected, found: format!("31337:{fake}") });
    assert!(!error.is_transient());
}

#[tokio::test]
async fn who_the_node_is_is_asked_every_time() {
    let chain = Chain::start().await;
    let front = Front::start(chain.node.url(), |_, _| {}).await;
    let mut follower = Follower::start(settings(&front.url(), &[])).await;
    let before = front.requests().len();
    follower.next().await;
    let asked = front.requests().split_off(before);
    let methods: BTreeSet<_> = asked.iter().flatten().map(String::as_str).collect();
    assert_eq!(asked.len(), 1, "one request where nothing is new");
    assert_eq!(methods, BTreeSet::from(["eth_chainId", "eth_getBlockByNumber"]));
}
