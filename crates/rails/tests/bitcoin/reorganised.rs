//! Chains that change behind us and under our feet.

use domain::chain::REORG_LIMIT;
use rails::RailError;
use testkit::bitcoin::{Core, Story, nobody};

use crate::{
    follower::{Follower, Meanwhile, told, watching},
    rig::{Regtest, alice, bob, of_core},
};

#[tokio::test]
async fn a_coin_that_is_spent_otherwise_in_a_longer_branch_is_lost() {
    let mut chain = Regtest::start().await;
    let mut follower = Follower::start(chain.settings()).await;
    let coin = chain.payer.coin();
    let to_alice = chain.payer.spend(coin, &[(alice(), 90_000)]);
    let instead = chain.payer.spend(coin, &[(nobody(), 90_000)]);
    chain.node.send(&to_alice).await;
    chain.node.mine(2).await;
    let id = to_alice.compute_txid().to_string();
    assert_eq!(told(&follower.catch_up().await), [(&*id, 0, alice(), 90_000)]);
    let ancestor = follower.cursor.recent[2].clone();

    chain.node.take_back(2).await;
    chain.node.send(&instead).await;
    chain.node.mine(3).await;
    let progress = follower.next().await;
    assert_eq!(progress.batch.rolled_back_to, Some(ancestor));
    assert!(progress.batch.blocks.iter().all(|block| block.transfers.is_empty()));
    assert_eq!((progress.batch.waiting, progress.caught_up), (Some(Vec::new()), true));
    for known in &follower.cursor.recent {
        assert_eq!(known.hash, chain.node.hash(known.height).await);
    }
}

async fn check_depth(depth: u64) {
    let mut chain = Regtest::start().await;
    let mut follower = Follower::start(chain.settings()).await;
    let paid = chain.payer.pay(&[(nobody(), 1), (bob(), 5_000), (alice(), 6_000)]);
    chain.node.send(&paid).await;
    chain.node.mine(depth).await;
    let first = follower.catch_up().await;
    assert_eq!(first.len(), 2);
    let ancestor = follower.cursor.recent[usize::try_from(depth).unwrap()].clone();

    chain.node.take_back(depth).await;
    chain.node.mine(1).await;
    chain.node.send(&paid).await;
    chain.node.mine(depth).await;
    let progress = follower.next().await;
    assert_eq!(progress.batch.rolled_back_to, Some(ancestor));
    let per_block: Vec<_> = progress.batch.blocks.iter().map(|block| block.transfers.len()).collect();
    assert_eq!(per_block.iter().position(|count| *count == 2), Some(1), "a block later than before");
    assert_eq!(progress.batch.blocks[1].transfers, first, "the same money under the same name");
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
async fn what_waits_again_after_its_block_is_gone_is_not_lost() {
    let story = Story::default();
    let core = Core::start(story.clone()).await;
    let mut follower = Follower::start(of_core(&core)).await;
    story.wait(&story.paying(&[(alice(), 5_000)]));
    story.mine(2);
    let first = follower.catch_up().await;
    story.take_back(2);
    story.mine_these(&[]);
    story.mine_these(&[]);
    let progress = follower.next().await;
    assert!(progress.batch.rolled_back_to.is_some());
    assert_eq!(progress.batch.waiting, Some(first));
}

#[tokio::test]
async fn what_was_mined_while_nobody_looked_at_what_waits_is_read_again_when_it_waits_again() {
    let story = Story::default();
    let core = Core::start(story.clone()).await;
    let mut follower = Follower::start(of_core(&core)).await;
    story.wait(&story.paying(&[(alice(), 5_000)]));
    let first = follower.waiting().await;
    core.mood().pool_unread = true;
    story.mine(1);
    assert_eq!(follower.catch_up().await.len(), 1);
    core.mood().pool_unread = false;
    story.take_back(1);
    story.mine_these(&[]);
    story.mine_these(&[]);
    let progress = follower.next().await;
    assert!(progress.batch.rolled_back_to.is_some() && first.as_ref().is_some_and(|first| first.len() == 1));
    assert_eq!(progress.batch.waiting, first);
}

#[tokio::test]
async fn a_chain_that_became_shorter_is_rolled_back() {
    let story = Story::default();
    story.mine(9);
    let core = Core::start(story.clone()).await;
    let mut follower = Follower::start(of_core(&core)).await;
    story.take_back(3);
    story.mine_these(&[]);
    let known = follower.cursor.clone();
    let progress = follower.next().await;
    assert_eq!(progress.batch.rolled_back_to, Some(known.recent[3].clone()));
    assert_eq!((follower.height(), progress.caught_up), (7, true));
}

#[tokio::test]
async fn a_node_that_is_behind_is_waited_for() {
    let story = Story::default();
    story.mine(9);
    let core = Core::start(story.clone()).await;
    let mut follower = Follower::start(of_core(&core)).await;
    story.take_back(3);
    let progress = follower.next().await;
    assert!(progress.batch.blocks.is_empty() && progress.batch.rolled_back_to.is_none());
    assert_eq!((progress.caught_up, progress.batch.waiting, follower.height()), (false, None, 9));
}

#[tokio::test]
async fn a_reorganisation_below_all_that_is_remembered_stops() {
    let story = Story::default();
    story.mine(300);
    let core = Core::start(story.clone()).await;
    let mut follower = Follower::start(of_core(&core)).await;
    story.mine(150);
    follower.catch_up().await;
    story.take_back(REORG_LIMIT + 1);
    story.mine_these(&[]);
    story.mine(REORG_LIMIT + 1);
    let oldest = 450 - REORG_LIMIT as u64;
    let error = follower.ask().await.unwrap_err();
    assert_eq!(error, RailError::ReorgTooDeep { oldest });
    assert!(!error.is_transient());
}

#[tokio::test]
async fn a_reorganisation_at_the_limit_is_followed() {
    let story = Story::default();
    story.mine(300);
    let core = Core::start(story.clone()).await;
    let mut follower = Follower::start(of_core(&core)).await;
    story.mine(150);
    follower.catch_up().await;
    story.take_back(REORG_LIMIT);
    story.mine_these(&[]);
    story.mine(REORG_LIMIT);
    let progress = follower.next().await;
    assert_eq!(progress.batch.rolled_back_to.map(|ancestor| ancestor.height), Some(350));
    follower.catch_up().await;
    assert_eq!(follower.height(), 451);
}

#[tokio::test]
async fn a_chain_that_changes_while_it_is_read_is_read_again() {
    let story = Story::default();
    story.mine(5);
    let core = Core::start(story.clone()).await;
    let mut follower = Follower::start(of_core(&core)).await;
    story.mine_these(&[story.paying(&[(alice(), 5_000)])]);
    // Once the block was fetched, another one takes its place.
    let meanwhile = || {
        story.take_back(1);
        story.mine_these(&[]);
        std::future::ready(())
    };
    let asked = follower.rail.next(&follower.cursor, &mut Meanwhile(meanwhile, watching(&[alice()]))).await;
    let progress = asked.unwrap();
    assert_eq!(progress.batch.blocks[0].transfers.len(), 1);
    follower.apply(&progress);
    let progress = follower.next().await;
    assert_eq!(progress.batch.rolled_back_to.map(|ancestor| ancestor.height), Some(5));
    assert!(progress.batch.blocks[0].transfers.is_empty());
}
