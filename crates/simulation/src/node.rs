//! A process of the gateway: it dies, and begins again on the same database.

use std::{cell::RefCell, path::PathBuf, rc::Rc, sync::Arc};

use engine::Engine;
use store::Probe;
use testkit::clock::{HandClock, Seeded};

use crate::{
    exec::Gate,
    faults::{Mishap, Place, Saboteur},
    people::watcher::Watched,
    template,
    world::World,
};

/// Statements of an opening, at most, after which it may be cut off.
const OPENING: u32 = 8;

/// One of the processes that share a database.
pub(crate) struct Node {
    path: PathBuf,
    clock: Arc<HandClock>,
    entropy: Arc<Seeded>,
    engine: Option<Engine>,
    pub(crate) saboteur: Arc<Saboteur>,
    pub(crate) watched: Rc<RefCell<Watched>>,
}

impl Node {
    /// A process that does not run yet.
    pub(crate) fn new(path: PathBuf, clock: Arc<HandClock>, entropy: Arc<Seeded>, gate: Arc<Gate>) -> Self {
        let (engine, watched) = Default::default();
        let saboteur = Arc::new(Saboteur::new(gate));
        Self { path, clock, entropy, engine, saboteur, watched }
    }

    /// Ends the process at once, and begins it again. Now and then it dies while it begins.
    pub(crate) fn restart(&mut self, world: &World) -> Result<(), String> {
        self.saboteur.give_up();
        self.engine = None;
        self.watched = Rc::default();
        if !world.is_well.get() && world.one_in(6) {
            let after = u32::try_from(world.below(8)).unwrap_or_default();
            self.saboteur.plan(Place::Statement(after.min(OPENING)), Mishap::Crash);
            if self.open().is_err() && self.saboteur.happened().is_some() {
                world.count("crashes while beginning");
            }
            self.saboteur.give_up();
            self.saboteur.happened();
        }
        if self.engine.is_none() {
            self.open()?;
        }
        Ok(())
    }

    fn open(&mut self) -> Result<(), String> {
        let probe: Arc<dyn Probe> = Arc::<Saboteur>::clone(&self.saboteur);
        let (clock, entropy) = (Arc::clone(&self.clock), Arc::clone(&self.entropy));
        self.engine = Some(template::open(&self.path, clock, entropy, Some(&probe))?);
        Ok(())
    }

    /// The engine of this process.
    pub(crate) fn engine(&self) -> Option<Engine> {
        self.engine.clone()
    }
}
