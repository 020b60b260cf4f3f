//! A real node: paying, catching up, waiting for it.

use domain::chain::BlockRef;
use rails::{
    RailError,
    bitcoin::{BitcoinRail, Chain},
};
use testkit::bitcoin::nobody;

use crate::{
    follower::{Follower, told, watching},
    rig::{Regtest, alice, bob, node, settings},
};

/// The first block of every regression-test chain.
const FIRST: &str = "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206";

#[tokio::test]
async fn every_output_is_seen_waiting_and_then_mined_under_the_same_name() {
    let mut chain = Regtest::start().await;
    let mut follower = Follower::start(chain.settings()).await;
    assert_eq!(follower.cursor.chain.as_str(), FIRST);
    assert_eq!(follower.waiting().await, Some(Vec::new()));

    // Part of one payment, and the rest of it in the same transaction; another payment; somebody else.
    let outputs = [(alice(), 150_000_000), (nobody(), 5), (bob(), 20_000), (alice(), 7_000)];
    let paid = chain.pay(&outputs).await;
    let expected =
        [(&*paid, 0, alice(), 150_000_000), (&*paid, 2, bob(), 20_000), (&*paid, 3, alice(), 7_000)];
    assert_eq!(told(&follower.waiting().await.unwrap()), expected);
    assert_eq!(told(&follower.waiting().await.unwrap()), expected, "for as long as it waits");

    chain.node.mine(1).await;
    let progress = follower.next().await;
    let [block] = &progress.batch.blocks[..] else { panic!("one block") };
    assert_eq!(told(&block.transfers), expected);
    assert_eq!(progress.batch.waiting, Some(Vec::new()));
    let height = chain.node.height().await;
    assert_eq!(block.at, BlockRef { height, hash: chain.node.hash(height).await });
    assert_eq!(progress.head.height, height);
    assert_eq!(progress.head.time, block.time);
}

#[tokio::test]
async fn coins_of_a_block_itself_are_told_to_need_a_hundred_confirmations() {
    let mut chain = Regtest::start().await;
    let mut follower = Follower::start(chain.settings()).await;
    let paid = chain.pay(&[(bob(), 5_000)]).await;
    chain.node.mine_to(&alice(), 1).await;
    let found = follower.catch_up().await;
    let depths: Vec<_> = found.iter().map(|one| (one.script.bytes().len(), one.least_depth)).collect();
    assert_eq!(depths, [(22, 100), (34, 1)]);
    assert_eq!(found[1].transaction, paid);
}

#[tokio::test]
async fn a_long_gap_is_caught_up_in_bounded_batches() {
    let mut chain = Regtest::start().await;
    let mut follower = Follower::start(chain.settings()).await;
    let begun = follower.height();
    let mut paid = Vec::new();
    for _ in 0..10 {
        chain.node.mine(49).await;
        paid.push(chain.pay(&[(alice(), 7_000)]).await);
        chain.node.mine(1).await;
    }
    let (mut batches, mut found) = (0, Vec::new());
    loop {
        let progress = follower.next().await;
        batches += 1;
        found.extend(progress.batch.blocks.into_iter().flat_map(|block| block.transfers));
        if progress.caught_up {
            break;
        }
        assert_eq!(progress.batch.waiting, None, "what waits is looked at once all blocks are known");
    }
    assert_eq!((batches, follower.height() - begun), (16, 500));
    let found: Vec<_> = found.into_iter().map(|transfer| transfer.transaction).collect();
    assert_eq!(found, paid);
}

#[tokio::test]
async fn a_node_that_was_started_again_is_followed_on() {
    let mut chain = Regtest::start().await;
    let mut follower = Follower::start(chain.settings()).await;
    let before = chain.pay(&[(alice(), 5_000)]).await;
    chain.node.mine(3).await;
    assert_eq!(told(&follower.catch_up().await), [(&*before, 0, alice(), 5_000)]);
    let waits = chain.pay(&[(bob(), 6_000)]).await;
    assert_eq!(told(&follower.waiting().await.unwrap()), [(&*waits, 0, bob(), 6_000)]);

    chain.node.restart().await;
    // It has forgotten what waited.
    let progress = follower.next().await;
    assert!(progress.caught_up && progress.batch.blocks.is_empty());
    assert_eq!(progress.batch.waiting, Some(Vec::new()));
    let after = chain.pay(&[(alice(), 8_000)]).await;
    chain.node.mine(1).await;
    assert_eq!(told(&follower.catch_up().await), [(&*after, 0, alice(), 8_000)]);

    chain.node.stop().await;
    let error = follower.ask().await.unwrap_err();
    assert!(matches!(error, RailError::Unreachable { .. }) && error.is_transient(), "{error:?}");
}

#[tokio::test]
async fn a_node_of_another_chain_or_with_other_credentials_is_refused() {
    let chain = testkit::bitcoin::Bcoin::start().await;
    let server = node(&chain.url(), chain.credentials());
    for other in [Chain::Main, Chain::Test, Chain::Signet] {
        let mut settings = settings(server.clone());
        settings.chain = other;
        let wrong = RailError::WrongChain { expected: other.code().into(), found: "regtest".into() };
        let rail = BitcoinRail::new(settings).unwrap();
        assert_eq!(rail.chain().await, Err(wrong.clone()));
        assert!(!wrong.is_transient());
    }
    let mut follower = Follower::start(settings(server)).await;
    assert_eq!(follower.height(), 0, "a chain of one block is followed");
    follower.cursor.chain =
        domain::chain::ChainKey::new("000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f");
    let asked = follower.rail.next(&follower.cursor, &mut watching(&[])).await;
    assert_eq!(asked, Err(RailError::WrongChain { expected: "main".into(), found: "regtest".into() }));

    let stranger = BitcoinRail::new(settings(node(&chain.url(), ("till", "guessed")))).unwrap();
    let error = stranger.chain().await.unwrap_err();
    assert_eq!(error, RailError::Unauthorized { status: 401 });
    assert!(!error.is_transient());
}
