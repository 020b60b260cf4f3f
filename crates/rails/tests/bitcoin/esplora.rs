//! An Esplora server in place of a node.

use std::slice;

use rails::{
    RailError,
    bitcoin::{BitcoinRail, Chain},
};
use testkit::bitcoin::{Esplora, Story, nobody};

use crate::{
    follower::{Follower, told},
    rig::{alice, bob, of_esplora},
};

async fn start(blocks: usize) -> (Story, Esplora, Follower) {
    let story = Story::default();
    story.mine(blocks);
    let esplora = Esplora::start(story.clone()).await;
    let follower = Follower::start(of_esplora(&esplora)).await;
    (story, esplora, follower)
}

#[tokio::test]
async fn blocks_are_followed_and_nobody_is_asked_about_an_address() {
    let (story, esplora, mut follower) = start(60).await;
    assert_eq!((follower.cursor.recent.len(), follower.height()), (32, 60));
    let mut paid = Vec::new();
    for _ in 0..5 {
        story.mine(9);
        let one = story.paying(&[(nobody(), 1), (alice(), 5_000), (bob(), 6_000)]);
        story.mine_these(slice::from_ref(&one));
        paid.push(one.compute_txid().to_string());
    }
    let found = follower.catch_up().await;
    let expected: Vec<_> =
        paid.iter().flat_map(|id| [(&**id, 1, alice(), 5_000), (&**id, 2, bob(), 6_000)]).collect();
    assert_eq!(told(&found), expected);
    assert_eq!(follower.height(), 110);
    let paths = esplora.paths();
    let asked = |beginning: &str| paths.iter().filter(|path| path.starts_with(beginning)).count();
    assert_eq!(asked("/address") + asked("/scripthash"), 0);
    assert_eq!(asked("/block/") - paths.iter().filter(|path| path.ends_with("/raw")).count(), 2);
}

#[tokio::test]
async fn little_is_asked_where_nothing_is_new() {
    let (_story, esplora, mut follower) = start(5).await;
    let before = esplora.paths().len();
    follower.next().await;
    let asked = esplora.paths().split_off(before);
    // The list of what waits is believed only while the newest block stays the same.
    let expected = ["/block-height/0", "/blocks/tip/hash", "/mempool", "/mempool/txids", "/blocks/tip/hash"];
    assert_eq!(asked, expected);
}

#[tokio::test]
async fn what_waits_is_seen_mined_and_replaced() {
    let (story, _esplora, mut follower) = start(5).await;
    let first = story.paying(&[(alice(), 5_000)]);
    story.wait(&first);
    let id = first.compute_txid().to_string();
    let expected = [(&*id, 0, alice(), 5_000)];
    assert_eq!(told(&follower.waiting().await.unwrap()), expected);
    story.mine(1);
    let progress = follower.next().await;
    assert_eq!(told(&progress.batch.blocks[0].transfers), expected);
    assert_eq!(progress.batch.waiting, Some(Vec::new()));
    let second = story.paying(&[(bob(), 6_000)]);
    story.wait(&second);
    assert_eq!(follower.waiting().await.map(|waiting| waiting.len()), Some(1));
    story.forget(second.compute_txid());
    assert_eq!(
        follower.waiting().await.map(|waiting| waiting.len()),
        Some(1),
        "it may be in a block any moment"
    );
    assert_eq!(follower.waiting().await, Some(Vec::new()));
}

#[tokio::test]
async fn what_is_unknown_at_one_look_is_not_gone() {
    let (story, _esplora, mut follower) = start(5).await;
    let paid = story.paying(&[(alice(), 5_000)]);
    story.wait(&paid);
    assert_eq!(follower.waiting().await.map(|waiting| waiting.len()), Some(1));
    for _ in 0..2 {
        // The server has forgotten what waited, and does not have the block yet.
        story.forget(paid.compute_txid());
        assert_eq!(follower.waiting().await.map(|waiting| waiting.len()), Some(1));
        story.wait(&paid);
        assert_eq!(follower.waiting().await.map(|waiting| waiting.len()), Some(1));
    }
    story.forget(paid.compute_txid());
    assert_eq!(follower.waiting().await.map(|waiting| waiting.len()), Some(1));
    story.mine_these(&[paid]);
    let progress = follower.next().await;
    assert_eq!((progress.batch.blocks[0].transfers.len(), progress.batch.waiting), (1, Some(Vec::new())));
}

#[tokio::test]
async fn what_is_in_no_list_and_yet_known_is_not_gone() {
    let (story, esplora, mut follower) = start(5).await;
    let paid = story.paying(&[(alice(), 5_000)]);
    story.wait(&paid);
    assert_eq!(follower.waiting().await.map(|waiting| waiting.len()), Some(1));
    // The server has the node's newer list, and not yet the node's newer block.
    esplora.list(Some(Vec::new()));
    assert_eq!(follower.waiting().await.map(|waiting| waiting.len()), Some(1));
    story.mine(1);
    let progress = follower.next().await;
    assert_eq!((progress.batch.blocks[0].transfers.len(), progress.batch.waiting), (1, Some(Vec::new())));
    // Mined, it is not asked for any more.
    let before = esplora.paths().len();
    follower.next().await;
    assert!(esplora.paths().split_off(before).iter().all(|path| !path.starts_with("/tx/")));
}

#[tokio::test]
async fn more_than_a_server_should_be_asked_for_is_not_looked_at() {
    let (story, esplora, mut follower) = start(5).await;
    for _ in 0..2_001 {
        story.wait(&story.paying(&[(nobody(), 1)]));
    }
    let before = esplora.paths().len();
    assert_eq!(follower.waiting().await, None);
    assert!(!esplora.paths().split_off(before).contains(&"/mempool/txids".to_owned()));
    story.mine(1);
    assert_eq!(follower.waiting().await, Some(Vec::new()));
}

#[tokio::test]
async fn a_server_of_ones_own_is_asked_for_as_much_as_is_set_and_not_for_all_of_it_at_once() {
    let story = Story::default();
    story.mine(5);
    let esplora = Esplora::start(story.clone()).await;
    let mut settings = of_esplora(&esplora);
    settings.largest_pool = 3_000;
    let mut follower = Follower::start(settings).await;
    for _ in 0..2_000 {
        story.wait(&story.paying(&[(nobody(), 1)]));
    }
    story.wait(&story.paying(&[(alice(), 5_000)]));
    assert_eq!(follower.waiting().await, None, "not all was looked at");
    assert_eq!(follower.waiting().await.map(|waiting| waiting.len()), Some(1));
}

#[tokio::test]
async fn another_branch_is_rolled_back_to_and_a_shorter_one_waited_for() {
    let (story, _esplora, mut follower) = start(20).await;
    let paid = story.paying(&[(alice(), 5_000)]);
    story.mine_these(slice::from_ref(&paid));
    story.mine(2);
    assert_eq!(follower.catch_up().await.len(), 1);
    story.take_back(3);
    let behind = follower.next().await;
    assert!(!behind.caught_up && behind.batch.rolled_back_to.is_none());
    story.forget(paid.compute_txid());
    story.mine(4);
    let progress = follower.next().await;
    assert_eq!(progress.batch.rolled_back_to.map(|ancestor| ancestor.height), Some(20));
    assert_eq!(progress.batch.waiting, Some(Vec::new()));
    assert_eq!(follower.height(), 24);
}

#[tokio::test]
async fn a_server_of_another_chain_is_refused() {
    let esplora = Esplora::start(Story::default()).await;
    let mut settings = of_esplora(&esplora);
    settings.chain = Chain::Main;
    let wrong = RailError::WrongChain { expected: "main".into(), found: "regtest".into() };
    assert_eq!(BitcoinRail::new(settings).unwrap().chain().await, Err(wrong));
}
