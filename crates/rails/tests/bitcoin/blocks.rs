//! Blocks that are not what was asked for: from a server that changes what an honest one says.

use rails::{
    NodeUrl, RailError,
    bitcoin::{BitcoinRail, Server},
};
use testkit::{
    anvil::Front,
    bitcoin::{Core, Story},
};

use crate::{
    follower::Follower,
    rig::{alice, of_core, settings},
};

/// What a rail says of the next two blocks when the node's answers to `getblock` are changed on the way.
async fn amended(amend: impl Fn(&Story, &mut String) + Send + Sync + 'static) -> Result<usize, RailError> {
    let story = Story::default();
    story.mine(3);
    let core = Core::start(story.clone()).await;
    let mut follower = Follower::start(of_core(&core)).await;
    let (user, password) = core.credentials();
    let behind = core.url().replace("http://", &format!("http://{user}:{password}@"));
    let told = story.clone();
    let front = Front::start(
        behind,
        Front::each(move |call, answer| {
            if call["method"] == "getblock"
                && let Some(raw) = answer["result"].as_str()
            {
                let mut raw = raw.to_owned();
                amend(&told, &mut raw);
                answer["result"] = raw.into();
            }
        }),
    )
    .await;
    follower.rail = BitcoinRail::new(settings(Server::Core(NodeUrl::parse(&front.url()).unwrap()))).unwrap();
    story.mine_these(&[story.paying(&[(alice(), 5_000)])]);
    story.mine_these(&[story.paying(&[(alice(), 6_000)])]);
    follower.ask().await.map(|progress| progress.batch.blocks.len())
}

fn malformed(detail: &str) -> Result<usize, RailError> {
    Err(RailError::Malformed { method: "block", detail: detail.to_owned() })
}

#[tokio::test]
async fn a_block_is_believed_only_as_what_its_hash_commits_to() {
    assert_eq!(amended(|_, _| {}).await, Ok(2));
    let cut = amended(|_, raw| raw.truncate(raw.len() - 2)).await;
    assert_eq!(cut, malformed("no whole block"));
    let short = amended(|_, raw| raw.truncate(100)).await;
    assert_eq!(short, malformed("no whole header"));
    let longer = amended(|_, raw| raw.push_str("00")).await;
    assert_eq!(longer, malformed("bytes after the last transaction"));
    let another = amended(|story, raw| {
        *raw = bitcoin::consensus::encode::serialize_hex(&story.block_at(1).unwrap());
    });
    assert_eq!(another.await, malformed("another block than was asked for"));
    // One sat more in its last output, as somebody would like who wants to be believed.
    let richer = amended(|_, raw| {
        let place = raw.rfind("8813000000000000").or_else(|| raw.rfind("7017000000000000")).unwrap();
        raw.replace_range(place..place + 2, "89");
    });
    assert_eq!(richer.await, malformed("other transactions than its header says"));
}

#[tokio::test]
async fn an_answer_that_is_no_hexadecimal_text_is_not_understood() {
    let error = amended(|_, raw| raw.replace_range(0..1, "x")).await.unwrap_err();
    assert!(matches!(error, RailError::Malformed { method: "getblock", .. }), "{error:?}");
}
