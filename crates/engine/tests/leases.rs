//! Nodes, their leases, and what is refused to one that was taken for dead.

use domain::{
    chain::{Health, Network, NetworkReport},
    refusal::{Failure, Refusal},
};
use testkit::{gateway::Gateway, postgres::Server};

const LOST: Failure = Failure::Refused(Refusal::LeaseLost);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_leased_by_a_buried_node_is_refused_to_it_and_free_for_others() {
    let gateway = Gateway::start_on(Server::shared().database()).await;
    let engine = &gateway.engine;
    let first = engine.join().await.unwrap();
    let old = engine.lease("watch", first).await.unwrap().expect("a lease that nobody holds");
    assert_eq!(engine.lease("watch", first).await.unwrap().as_ref(), Some(&old));
    let report = |health| NetworkReport {
        network: Network::parse("ethereum").unwrap(),
        chain: None,
        health,
        reason: None,
        head_height: None,
        head_time: None,
        reported_at: engine.wall_time(),
    };
    engine.report_network_under(report(Health::Live), Some(old.clone())).await.unwrap();

    let second = engine.join().await.unwrap();
    assert_eq!(engine.lease("watch", second).await, Ok(None), "the first node holds it");
    let beat = |beats: &engine::nodes::Beats| beats.iter().find(|(node, _)| *node == first).unwrap().1;
    let seen = beat(&engine.beat(second).await.unwrap());
    engine.beat(first).await.unwrap();
    assert_eq!(engine.bury(first, seen).await, Ok(false), "it has given a sign of life since");
    let seen = beat(&engine.beat(second).await.unwrap());
    assert_eq!(engine.bury(first, seen).await, Ok(true));
    assert_eq!(engine.bury(first, seen).await, Ok(false), "it is buried once");

    assert_eq!(engine.report_network_under(report(Health::Blind), Some(old.clone())).await, Err(LOST));
    assert_eq!(engine.lease("watch", first).await, Err(LOST), "the dead take nothing");
    let new = engine.lease("watch", second).await.unwrap().expect("a lease that is free again");
    assert_ne!(new, old);
    assert_eq!(engine.report_network_under(report(Health::Blind), Some(old)).await, Err(LOST));
    assert_eq!(engine.beat(first).await, Err(LOST));
    engine.report_network_under(report(Health::Blind), Some(new)).await.unwrap();

    engine.join().await.unwrap();
    engine.leave().await.unwrap();
    assert_eq!(engine.node(), None);
}
