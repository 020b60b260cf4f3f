//! What is peculiar to Bitcoin Core: how it says that it cannot answer, and what it wants to be asked.

use std::slice;

use rails::{RailError, bitcoin::BitcoinRail};
use serde_json::json;
use testkit::bitcoin::{Core, Story};

use crate::{
    follower::{Follower, told},
    rig::{alice, node, of_core, settings},
};

async fn start(blocks: usize) -> (Story, Core) {
    let story = Story::default();
    story.mine(blocks);
    let core = Core::start(story.clone()).await;
    (story, core)
}

#[tokio::test]
async fn blocks_are_asked_for_in_bytes_and_headers_without_words() {
    let (story, core) = start(3).await;
    let mut follower = Follower::start(of_core(&core)).await;
    let paid = story.paying(&[(alice(), 5_000)]);
    story.mine_these(slice::from_ref(&paid));
    let id = paid.compute_txid().to_string();
    assert_eq!(told(&follower.catch_up().await), [(&*id, 0, alice(), 5_000)]);
    let hash = story.newest().block_hash().to_string();
    assert_eq!(core.calls("getblock").last(), Some(&json!([hash, 0])));
    assert_eq!(core.calls("getblockheader").last(), Some(&json!([hash, false])));
    // A newest block that is known already is not described again.
    let before = core.calls("getblockheader").len();
    follower.next().await;
    assert_eq!(core.calls("getblockheader").len(), before);
}

#[tokio::test]
async fn a_node_that_is_starting_is_waited_for() {
    let (_story, core) = start(3).await;
    let follower = Follower::start(of_core(&core)).await;
    for old_statuses in [false, true] {
        let words = "Loading block index…";
        core.mood().warming_up = Some(words);
        core.mood().old_statuses = old_statuses;
        let error = follower.ask().await.unwrap_err();
        assert!(matches!(error, RailError::Starting { .. }) && error.is_transient(), "{error:?}");
        assert_eq!(error.to_string(), format!("the node is still starting: {}", words.escape_debug()));
    }
    core.mood().warming_up = None;
    assert!(follower.ask().await.unwrap().caught_up);
}

#[tokio::test]
async fn a_node_that_fetches_the_chain_knows_that_it_is_blind() {
    let (_story, core) = start(7).await;
    let follower = Follower::start(of_core(&core)).await;
    core.mood().fetching = Some(850_000);
    let error = follower.ask().await.unwrap_err();
    assert_eq!(error, RailError::Fetching { blocks: 7, headers: 850_000 });
    assert!(error.is_transient());
    assert_eq!(error.to_string(), "the node is still fetching the chain: it has 7 of 850000 blocks");
}

#[tokio::test]
async fn a_block_that_was_thrown_away_is_named() {
    let (story, core) = start(5).await;
    let mut follower = Follower::start(of_core(&core)).await;
    story.mine(20);
    core.mood().pruned_below = Some(10);
    for old_statuses in [false, true] {
        core.mood().old_statuses = old_statuses;
        let error = follower.ask().await.unwrap_err();
        assert_eq!(error, RailError::Pruned { height: 6, oldest: 10 });
        assert!(!error.is_transient());
    }
    // One that still has what comes next is as good as any other.
    core.mood().pruned_below = Some(6);
    follower.catch_up().await;
    assert_eq!(follower.height(), 25);
}

#[tokio::test]
async fn a_block_of_another_branch_by_now_is_no_block_that_was_thrown_away() {
    let (story, core) = start(5).await;
    let mut follower = Follower::start(of_core(&core)).await;
    core.mood().old_statuses = true;
    story.mine(3);
    story.take_back(5);
    story.mine(6);
    let progress = follower.next().await;
    assert_eq!(progress.batch.rolled_back_to.map(|ancestor| ancestor.height), Some(3));
}

#[tokio::test]
async fn wrong_credentials_are_told_as_that() {
    let (_story, core) = start(1).await;
    let rail = BitcoinRail::new(settings(node(&core.url(), ("till", "wrong")))).unwrap();
    let error = rail.chain().await.unwrap_err();
    assert_eq!(error, RailError::Unauthorized { status: 401 });
    let words = error.to_string();
    assert!(words.contains("credentials") && !words.contains("wrong"), "{words}");
}

#[tokio::test]
async fn a_program_that_is_no_node_of_bitcoin_is_told_as_that() {
    let (_story, core) = start(1).await;
    let rail = BitcoinRail::new(of_core(&core)).unwrap();
    for old_statuses in [false, true] {
        core.mood().old_statuses = old_statuses;
        core.mood().without = Some("getblockchaininfo");
        let error = rail.chain().await.unwrap_err();
        assert!(matches!(error, RailError::Rpc { code: -32601, .. }) && !error.is_transient(), "{error:?}");
    }
}
