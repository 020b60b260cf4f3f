//! What the other workers of a node do, one look at a time.

use std::rc::Rc;

use domain::chain::Network;
use engine::Engine;
use workers::{
    reconcile::{Look, Next},
    watch::{WatchError, Watcher},
};

use crate::{oracle::invariants, world::World};

/// Looks at a simulated chain with the workers' own watcher, until there is nothing new.
pub(crate) async fn watch(world: Rc<World>, engine: Engine, network: Network) {
    let mut watcher = Watcher::sandbox(engine, network);
    loop {
        world.outside("before asking a simulated node").await;
        match watcher.look().await {
            Ok(next) => {
                for command in ["cursor", "sandbox_view", "observe"] {
                    world.figures.borrow_mut().command(command);
                }
                world.note(format!("    looked at {network}: {next:?}"));
                if next == Next::WhenDue {
                    return;
                }
            }
            Err(WatchError::Engine(failure)) => {
                world.judge("observe", Err::<(), _>(failure));
                return;
            }
            Err(WatchError::Rail(error)) => {
                world.violated(invariants::CAUSES, format!("{network} cannot be followed: {error}"));
                return;
            }
        }
    }
}

/// Ends what has expired.
pub(crate) async fn expire(world: Rc<World>, engine: Engine) {
    if let Some(count) = world.judge("expire_payments", engine.expire_payments().await) {
        world.figures.borrow_mut().add("expired payments", u64::try_from(count).unwrap_or_default());
    }
}

/// Makes addresses ahead of need.
pub(crate) async fn derive(world: Rc<World>, engine: Engine) {
    world.judge("fill_pools", engine.fill_pools().await);
}

/// Values what came without a rate, and deletes what is no longer kept.
pub(crate) async fn tidy(world: Rc<World>, engine: Engine) {
    world.judge("value_receipts", engine.value_receipts().await);
    world.judge("prune", engine.prune().await);
    world.judge("flush_last_used", engine.flush_last_used().await);
}
