//! What waits to be mined, at a node that answers as Bitcoin Core does.

use std::future::ready;

use testkit::bitcoin::{Core, Story, nobody};

use crate::{
    follower::{Follower, Meanwhile, told, watching},
    rig::{alice, bob, of_core},
};

async fn start() -> (Story, Core, Follower) {
    let story = Story::default();
    story.mine(3);
    let core = Core::start(story.clone()).await;
    let follower = Follower::start(of_core(&core)).await;
    (story, core, follower)
}

#[tokio::test]
async fn what_was_replaced_waits_no_more_and_its_replacement_does() {
    let (story, _core, mut follower) = start().await;
    let first = story.paying(&[(alice(), 5_000)]);
    story.wait(&first);
    let id = first.compute_txid();
    assert_eq!(told(&follower.waiting().await.unwrap()), [(&*id.to_string(), 0, alice(), 5_000)]);
    // The same for a higher fee, and then the money goes elsewhere.
    story.forget(id);
    let second = story.paying(&[(nobody(), 9), (alice(), 5_000)]);
    story.wait(&second);
    let other = second.compute_txid();
    assert_eq!(told(&follower.waiting().await.unwrap()), [(&*other.to_string(), 1, alice(), 5_000)]);
    story.forget(other);
    story.wait(&story.paying(&[(nobody(), 5_000)]));
    assert_eq!(follower.waiting().await, Some(Vec::new()));
}

#[tokio::test]
async fn each_transaction_is_read_once() {
    let (story, core, mut follower) = start().await;
    for _ in 0..250 {
        story.wait(&story.paying(&[(nobody(), 5)]));
    }
    story.wait(&story.paying(&[(alice(), 5_000)]));
    assert_eq!(follower.waiting().await.map(|waiting| waiting.len()), Some(1));
    assert_eq!(core.calls("getrawtransaction").len(), 251);
    story.wait(&story.paying(&[(bob(), 6_000)]));
    assert_eq!(follower.waiting().await.map(|waiting| waiting.len()), Some(2));
    assert_eq!(core.calls("getrawtransaction").len(), 252);
}

#[tokio::test]
async fn a_list_that_is_newer_than_the_blocks_is_not_believed() {
    let (story, core, mut follower) = start().await;
    let paid = story.paying(&[(alice(), 5_000)]);
    story.wait(&paid);
    assert_eq!(follower.waiting().await.map(|waiting| waiting.len()), Some(1));
    // A block takes it in after we looked for blocks, and before we looked at what waits: the node's newest block is
    // another one by then than the one that was fetched last.
    story.forget(paid.compute_txid());
    core.mood().newest = Some(story.block_at(1).unwrap().block_hash());
    assert_eq!(follower.waiting().await, None, "nothing is said, least of all that it is gone");
    core.mood().newest = None;
    story.mine_these(&[paid]);
    let progress = follower.next().await;
    assert_eq!((progress.batch.blocks[0].transfers.len(), progress.batch.waiting), (1, Some(Vec::new())));
}

#[tokio::test]
async fn a_node_that_does_not_know_yet_what_waited_says_nothing_of_it() {
    let (story, core, mut follower) = start().await;
    story.wait(&story.paying(&[(alice(), 5_000)]));
    assert!(follower.waiting().await.is_some());
    core.mood().pool_unread = true;
    assert_eq!(follower.waiting().await, None);
    core.mood().pool_unread = false;
    assert_eq!(follower.waiting().await.map(|waiting| waiting.len()), Some(1));
}

#[tokio::test]
async fn a_node_that_does_not_show_what_waits_is_followed_all_the_same() {
    let (story, core, mut follower) = start().await;
    for method in ["getmempoolinfo", "getrawmempool", "getrawtransaction"] {
        core.mood().without = Some(method);
        story.wait(&story.paying(&[(bob(), 6_000)]));
        assert_eq!(follower.waiting().await, None, "{method}");
        story.mine(1);
        assert_eq!(follower.catch_up().await.len(), 1, "{method}");
    }
    core.mood().without = None;
    story.wait(&story.paying(&[(bob(), 6_000)]));
    assert_eq!(follower.waiting().await.map(|waiting| waiting.len()), Some(1));
}

#[tokio::test]
async fn whoever_does_not_want_to_see_it_asks_for_nothing() {
    let (story, core, _) = start().await;
    let before = core.calls("getrawmempool").len();
    let mut settings = of_core(&core);
    settings.sees_waiting = false;
    let mut follower = Follower::start(settings).await;
    story.wait(&story.paying(&[(alice(), 5_000)]));
    assert_eq!(follower.waiting().await, None);
    assert_eq!(core.calls("getrawmempool").len(), before);
}

#[tokio::test]
async fn what_is_watched_is_asked_for_after_everything_was_fetched() {
    let (story, core, mut follower) = start().await;
    // Nothing new: nobody is asked what is watched.
    let mut nobody_asks =
        Meanwhile(|| -> std::future::Ready<()> { panic!("nothing was fetched") }, watching(&[]));
    follower.rail.next(&follower.cursor, &mut nobody_asks).await.unwrap();

    // Addresses are given out while a block and a transaction that pay them are on their way.
    story.mine_these(&[story.paying(&[(alice(), 5_000)])]);
    story.wait(&story.paying(&[(bob(), 6_000)]));
    let look = || {
        assert_eq!(core.calls("getrawtransaction").len(), 1);
        ready(())
    };
    let watched = watching(&[alice(), bob()]);
    let asked = follower.rail.next(&follower.cursor, &mut Meanwhile(look, watched)).await;
    let progress = asked.unwrap();
    follower.apply(&progress);
    assert_eq!(progress.batch.blocks[0].transfers.len(), 1);
    assert_eq!(progress.batch.waiting.map(|waiting| waiting.len()), Some(1));
}
