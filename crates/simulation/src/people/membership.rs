//! Being one of several nodes: beating, burying, and working under a lease.

use std::rc::Rc;

use domain::{
    chain::{Batch, Health, NetworkReport},
    id::NodeId,
    money::Rate,
    pair::Pair,
    quote::SourcedRate,
    refusal::{Failure, Refusal},
    time::Timestamp,
};
use engine::Engine;

use crate::{oracle::invariants, world::World};

/// What the lease is called.
const WATCH: &str = "watch";

/// One look of a node at the others. Now and then it takes one for dead, itself among them, whether it is or not:
/// clocks may say anything.
pub(crate) async fn look(world: Rc<World>, engine: Engine) {
    let node = match engine.node() {
        Some(node) => Some(node),
        None => world.judge("join", engine.join().await),
    };
    let Some(node) = node else { return };
    let Some(beats) = world.judge("beat", engine.beat(node).await) else { return };
    let other = world.chance.borrow_mut().pick(&beats).copied();
    if let Some((other, beat)) = other.filter(|_| world.one_in(3)) {
        bury(&world, &engine, other, beat).await;
    }
    if world.one_in(6) {
        take_everything(&world, node);
        world.judge("leave", engine.leave().await);
    }
}

/// Whether a node was buried: from now on nobody can tell what it still has.
async fn bury(world: &World, engine: &Engine, node: NodeId, beat: u64) -> bool {
    take_everything(world, node);
    let buried = world.judge("bury", engine.bury(node, beat).await).unwrap_or_default();
    if buried {
        world.count("nodes that were buried");
    }
    buried
}

fn take_everything(world: &World, node: NodeId) {
    let mut known = world.known.borrow_mut();
    known.buried.insert(node);
    known.leases.retain(|_, lease| lease.node != Some(node));
}

/// Brings a batch, and a report, under a lease; between taking the lease and that the node may be taken for dead.
pub(crate) async fn watch(world: Rc<World>, engine: Engine, batch: Option<Batch>) {
    let Some(node) = engine.node() else { return };
    let Some(Some(lease)) = world.judge("lease", engine.lease(WATCH, node).await) else { return };
    let Some(beats) = world.judge("beat", engine.beat(node).await) else { return };
    let beat = beats.iter().find(|(known, _)| *known == node).map_or(0, |(_, beat)| *beat);
    let is_buried = world.one_in(2) && bury(&world, &engine, node, beat).await;
    let network = world.chain.borrow().network;
    let report = NetworkReport {
        network,
        chain: Some(world.chain.borrow().key.clone()),
        health: Health::CatchingUp,
        reason: Some(format!("beat {beat}")),
        head_height: None,
        head_time: None,
        reported_at: engine.wall_time(),
    };
    let told = engine.report_network_under(report, Some(lease.clone())).await;
    expect_lost(&world, is_buried, &told);
    world.judge("report_network_under", told);
    let said = engine.record_rates_under(said(beat), Some(lease.clone())).await;
    expect_lost(&world, is_buried, &said);
    world.judge("record_rates_under", said);
    let Some(batch) = batch else { return };
    let seen = engine.observe_under(batch, Some(lease)).await;
    if seen.as_ref().is_ok_and(|observed| observed.moved) {
        expect_lost(&world, is_buried, &seen);
    }
    world.judge("observe_under", seen);
}

/// What a market said, whoever is believed.
pub(crate) fn said(price: u64) -> Vec<SourcedRate> {
    let (pair, rate) = (Pair::parse("ETH/USD"), Rate::ratio(u128::from(price.saturating_add(1)), 1));
    let said = |pair, rate| SourcedRate { source: "kraken".to_owned(), pair, rate, at: Timestamp::default() };
    pair.ok().zip(rate.ok()).map(|(pair, rate)| said(pair, rate)).into_iter().collect()
}

/// Whoever was buried writes nothing under the lease that it had.
fn expect_lost<T>(world: &World, is_buried: bool, answer: &Result<T, Failure>) {
    match answer {
        Ok(_) if is_buried => {
            world.violated(invariants::LEASES, "a buried node wrote under its old lease".to_owned());
        }
        Err(Failure::Refused(Refusal::LeaseLost)) => world.count("leases that were lost"),
        _ => {}
    }
}
