//! Chains that change behind us and under our feet.

use domain::chain::{REORG_LIMIT, Transfer};
use rails::RailError;
use testkit::anvil::Contract;

use crate::{
    chain::{ALICE, BOB, Chain},
    follower::{Follower, Meanwhile, told, watching},
};

async fn check_depth(depth: u64) {
    let chain = Chain::start().await;
    chain.node.mine(20).await;
    let lost = chain.pay(ALICE, 5).await;
    chain.node.mine(depth).await;
    let mut follower = Follower::of(&chain).await;
    let head = follower.height();
    let ancestor = follower.cursor.recent[usize::try_from(depth).unwrap()].clone();

    chain.node.reorganise(depth, &[]).await;
    let instead = chain.pay(BOB, 6).await;
    chain.node.mine(1).await;
    let progress = follower.next().await;
    assert_eq!(progress.batch.rolled_back_to.as_ref(), Some(&ancestor));
    assert_eq!((follower.height(), progress.caught_up), (head + 1, true));
    for known in &follower.cursor.recent {
        assert_eq!(known.hash, chain.node.hash(known.height).await);
    }
    let found: Vec<Transfer> = progress.batch.blocks.into_iter().flat_map(|block| block.transfers).collect();
    assert_eq!(told(&found), [(&*instead, 0, &BOB[..], "ETH", 6)]);
    assert!(found.iter().all(|transfer| transfer.transaction != lost));
}

#[tokio::test]
async fn one_block_is_rolled_back() {
    check_depth(1).await;
}

#[tokio::test]
async fn three_blocks_are_rolled_back() {
    check_depth(3).await;
}

#[tokio::test]
async fn eight_blocks_are_rolled_back() {
    check_depth(8).await;
}

#[tokio::test]
async fn a_transaction_that_is_mined_again_keeps_its_name() {
    let chain = Chain::start().await;
    let spreader = chain.node.deploy(chain.payer, Contract::Spreader).await;
    let mut follower = Follower::of(&chain).await;
    chain.pay_token(spreader, 100).await;
    chain.node.mine(1).await;
    let coins = chain.pay(ALICE, 5).await;
    let spread = Contract::spread(chain.token, &[(BOB, 1), (ALICE, 2), (ALICE, 3)]);
    let tokens = chain.node.invoke(chain.payer, spreader, spread, 0).await;
    chain.node.mine(4).await;
    let first = follower.catch_up().await;
    assert_eq!(first.len(), 4);
    let known = follower.cursor.clone();

    // Both again, the coins two blocks later than before and the tokens one after that, where nothing stands before
    // their logs.
    let again = [(chain.node.signed(&coins).await, 2), (chain.node.signed(&tokens).await, 3)];
    chain.node.reorganise(4, &again).await;
    let progress = follower.next().await;
    assert_eq!(progress.batch.rolled_back_to, Some(known.recent[4].clone()));
    let per_block: Vec<_> = progress.batch.blocks.iter().map(|block| block.transfers.len()).collect();
    assert_eq!(per_block, [0, 0, 1, 3]);
    let second: Vec<Transfer> = progress.batch.blocks.into_iter().flat_map(|block| block.transfers).collect();
    assert_eq!(second, first);
}

#[tokio::test]
async fn a_chain_that_became_shorter_is_rolled_back() {
    let chain = Chain::start().await;
    chain.node.mine(9).await;
    let mut follower = Follower::of(&chain).await;
    let known = follower.cursor.clone();

    // Fewer blocks, all of which we know: as far as anybody can tell, the node is behind.
    chain.node.roll_back(4).await;
    let progress = follower.next().await;
    assert!(progress.batch.rolled_back_to.is_none() && !progress.caught_up);

    // Fewer blocks, and the newest one is another than ours.
    chain.pay(ALICE, 5).await;
    chain.node.mine(1).await;
    let progress = follower.next().await;
    assert_eq!(progress.batch.rolled_back_to, Some(known.recent[4].clone()));
    assert_eq!((follower.height(), progress.caught_up), (7, true));
    assert_eq!(progress.batch.blocks[0].transfers.len(), 1);
}

#[tokio::test]
async fn a_reorganisation_is_followed_to_the_end_of_what_is_remembered_and_not_further() {
    let chain = Chain::start().await;
    let mut follower = Follower::of(&chain).await;
    let limit = REORG_LIMIT as u64;
    chain.node.mine(limit + 20).await;
    follower.catch_up().await;
    let oldest = follower.cursor.recent[REORG_LIMIT].clone();
    let cursor = follower.cursor.clone();

    chain.node.reorganise(limit, &[]).await;
    let progress = follower.next().await;
    assert_eq!(progress.batch.rolled_back_to, Some(oldest.clone()));
    follower.catch_up().await;

    follower.cursor = cursor;
    chain.node.reorganise(limit + 1, &[]).await;
    let error = follower.ask().await.unwrap_err();
    assert_eq!(error, RailError::ReorgTooDeep { oldest: oldest.height });
    assert!(!error.is_transient());
}

#[tokio::test]
async fn a_short_memory_makes_a_reorganisation_too_deep() {
    let chain = Chain::start().await;
    chain.node.mine(10).await;
    let mut follower = Follower::of(&chain).await;
    follower.cursor.recent.truncate(3);
    chain.node.reorganise(3, &[]).await;
    assert_eq!(follower.ask().await, Err(RailError::ReorgTooDeep { oldest: 9 }));
}

#[tokio::test]
async fn a_chain_that_changes_between_two_questions_is_asked_again() {
    let chain = Chain::start().await;
    let mut follower = Follower::of(&chain).await;
    for _ in 0..3 {
        chain.pay(ALICE, 5).await;
        chain.node.mine(1).await;
    }
    // After the blocks and before their receipts all three are replaced.
    let mut meanwhile = Meanwhile(|| chain.node.reorganise(3, &[]), watching(&[ALICE]));
    let error = follower.rail.next(&follower.cursor, &mut meanwhile).await.unwrap_err();
    assert_eq!((error.is_transient(), error), (true, RailError::Reorganised));
    assert_eq!(follower.catch_up().await, []);
}

#[tokio::test]
async fn what_is_sure_is_told_when_the_chain_changes_above_it() {
    let chain = Chain::start().await;
    let mut follower = Follower::of(&chain).await;
    let mut paid = Vec::new();
    for _ in 0..3 {
        paid.push(chain.pay(ALICE, 5).await);
        chain.node.mine(1).await;
    }
    let again = [(chain.node.signed(&paid[2]).await, 0)];
    let mut meanwhile = Meanwhile(|| chain.node.reorganise(1, &again), watching(&[ALICE]));
    let progress = follower.rail.next(&follower.cursor, &mut meanwhile).await.unwrap();
    follower.apply(&progress);
    assert!(!progress.caught_up);
    let mut found: Vec<_> = progress.batch.blocks.into_iter().flat_map(|block| block.transfers).collect();
    assert_eq!(found.len(), 2);
    found.extend(follower.catch_up().await);
    let found: Vec<_> = found.into_iter().map(|transfer| transfer.transaction).collect();
    assert_eq!(found, paid);
}
