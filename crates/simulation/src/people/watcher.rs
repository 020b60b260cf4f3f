//! Follows the scripted chain, as `workers::watch` does a real one, and brings old batches again.

use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

use domain::{
    chain::{Batch, Health, NetworkReport, Script},
    id::WalletId,
    refusal::{Failure, Refusal},
};
use engine::Engine;
use rails::watch::WatchSet;

use crate::{
    chain::{Chain, Lie},
    oracle::invariants,
    rail::{self, Said},
    world::World,
};

/// The scripts that a node watches, until its process ends.
#[derive(Default)]
pub(crate) struct Watched {
    set: WatchSet,
    seen: BTreeMap<WalletId, u32>,
}

/// One look at the chain; whether there is more to see at once is for the next look to find out.
pub(crate) async fn look(world: Rc<World>, engine: Engine, watched: Rc<RefCell<Watched>>) {
    let (network, key) = {
        let chain = world.chain.borrow();
        (chain.network, chain.key.clone())
    };
    let Some(cursor) = world.judge("cursor", engine.cursor(network, key.clone()).await) else { return };
    world.outside("before asking a node").await;
    let lie = if world.is_well.get() { Lie::None } else { Chain::lie(&mut world.chance.borrow_mut()) };
    let shown = world.chain.borrow().shown(lie);
    count_lie(&world, lie);
    world.outside("after asking a node").await;
    let said = rail::next(&cursor, &shown, lie);
    world.note(format!("    told with {lie:?}: {}", describe(&said)));
    let mut report = NetworkReport {
        network,
        chain: Some(key),
        health: Health::Blind,
        reason: None,
        head_height: None,
        head_time: None,
        reported_at: engine.wall_time(),
    };
    if let Ok(said) = said {
        (report.head_height, report.head_time) = (Some(said.head.at.height), Some(said.head.time));
        let moved = !said.batch.blocks.is_empty() || said.batch.rolled_back_to.is_some();
        report.health = match (said.caught_up, moved) {
            (true, _) => Health::Live,
            (false, true) => Health::CatchingUp,
            (false, false) => Health::Blind,
        };
        if !learn(&world, &engine, &watched, network).await {
            return;
        }
        let batch = keep_watched(&world, said.batch, &watched.borrow().set);
        world.keep_batch(batch.clone());
        observe(&world, &engine, batch).await;
    }
    world.judge("report_network", engine.report_network(report).await);
}

fn describe(said: &Result<Said, rails::RailError>) -> String {
    match said {
        Ok(said) => {
            let (back, new) = (&said.batch.rolled_back_to, said.batch.blocks.len());
            format!("back to {:?}, {new} blocks", back.as_ref().map(|at| at.height))
        }
        Err(error) => error.to_string(),
    }
}

fn count_lie(world: &World, lie: Lie) {
    match lie {
        Lie::None => {}
        Lie::Behind(_) => world.count("nodes whose head went back"),
        Lie::OldBranch => world.count("nodes on an old branch"),
        Lie::BrokenLink(_) => world.count("blocks that do not connect"),
        Lie::Incomplete(_) => world.count("blocks without what they held"),
        Lie::Silent => world.count("silent nodes"),
    }
}

/// Reads the scripts that are new since the last look, after the blocks were fetched.
async fn learn(
    world: &Rc<World>,
    engine: &Engine,
    watched: &Rc<RefCell<Watched>>,
    network: domain::chain::Network,
) -> bool {
    let seen = watched.borrow().seen.clone();
    let Some(new) = world.judge("scripts_since", engine.scripts_since(network, &seen).await) else {
        return false;
    };
    let (mut watched, mut known) = (watched.borrow_mut(), world.known.borrow_mut());
    for (wallet, position, script) in new {
        watched.set.insert(&script);
        if usize::try_from(position).is_ok_and(|position| position == known.scripts.len()) {
            known.scripts.extend(Script::new(&script));
        }
        watched.seen.insert(wallet, position.saturating_add(1));
    }
    true
}

/// Leaves out what is not watched, though now and then not: a script that only looks like ours does no harm.
fn keep_watched(world: &World, mut batch: Batch, set: &WatchSet) -> Batch {
    for block in &mut batch.blocks {
        block.transfers.retain(|transfer| set.contains(transfer.script.bytes()) || world.one_in(2));
    }
    batch
}

async fn observe(world: &Rc<World>, engine: &Engine, batch: Batch) {
    let answer = engine.observe(batch).await;
    match &answer {
        Ok(observed) if observed.moved => world.count("batches"),
        Ok(_) => world.count("batches without news"),
        Err(Failure::Refused(Refusal::BatchStale)) => world.count("stale batches"),
        Err(Failure::Refused(refusal)) => {
            world.violated(invariants::CAUSES, format!("a batch was refused: {refusal}"));
        }
        Err(_) => {}
    }
    world.judge("observe", answer);
}

/// Brings a batch that was brought before: as it was, long after.
pub(crate) async fn bring_again(world: Rc<World>, engine: Engine, batch: Batch) {
    world.count("duplicate and late batches");
    observe(&world, &engine, batch).await;
}
