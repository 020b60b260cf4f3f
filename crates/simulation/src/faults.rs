//! Crashes and faults inside the store, at a place that the seed chose.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use store::{Fault, Probe};

use crate::exec::Gate;

/// Where something goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// At this statement from now, counted from 0.
    Statement(u32),
    /// Before this commit from now.
    BeforeCommit(u32),
    /// After this commit from now, and before anybody is told.
    AfterCommit(u32),
}

/// What goes wrong there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mishap {
    /// The process dies.
    Crash,
    /// The statement or the commit fails, and the process lives.
    Fault,
}

/// A mishap that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Happened {
    pub(crate) mishap: Mishap,
    pub(crate) place: Place,
    /// The statement at which, or the commit.
    pub(crate) at: &'static str,
}

/// Waits for its place in one node's store.
pub(crate) struct Saboteur {
    state: Mutex<State>,
    gate: Arc<Gate>,
}

#[derive(Default)]
struct State {
    plan: Option<(Place, Mishap)>,
    happened: Option<Happened>,
    statements: u64,
    commits: u64,
}

impl Saboteur {
    /// One who does nothing yet. What the store does waits for the gate.
    pub(crate) fn new(gate: Arc<Gate>) -> Self {
        Self { state: Mutex::default(), gate }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets something go wrong at a place from now.
    pub(crate) fn plan(&self, place: Place, mishap: Mishap) {
        self.state().plan = Some((place, mishap));
    }

    /// Lets nothing go wrong any more.
    pub(crate) fn give_up(&self) {
        self.state().plan = None;
    }

    /// What went wrong since this was asked last.
    pub(crate) fn happened(&self) -> Option<Happened> {
        self.state().happened.take()
    }

    /// Statements and commits so far.
    pub(crate) fn counts(&self) -> (u64, u64) {
        let state = self.state();
        (state.statements, state.commits)
    }
}

impl State {
    /// Whether the plan is for here; counts it down where it is for later.
    fn is_here(&mut self, at: &'static str, count: fn(&mut Place) -> Option<&mut u32>) -> bool {
        let Some((place, mishap)) = &mut self.plan else { return false };
        let (was, mishap) = (*place, *mishap);
        let Some(left) = count(place) else { return false };
        if *left > 0 {
            *left -= 1;
            return false;
        }
        self.plan = None;
        self.happened = Some(Happened { mishap, place: was, at });
        true
    }
}

impl Probe for Saboteur {
    fn begin(&self) {
        self.gate.pass();
    }

    fn statement(&self, name: &'static str) -> Result<(), Fault> {
        let mut state = self.state();
        state.statements += 1;
        let here = state.is_here(name, |place| match place {
            Place::Statement(left) => Some(left),
            Place::BeforeCommit(_) | Place::AfterCommit(_) => None,
        });
        if here { Err(Fault::broken("a fault on purpose")) } else { Ok(()) }
    }

    fn before_commit(&self) -> Result<(), Fault> {
        let mut state = self.state();
        let here = state.is_here("commit", |place| match place {
            Place::BeforeCommit(left) => Some(left),
            Place::Statement(_) | Place::AfterCommit(_) => None,
        });
        if here { Err(Fault::broken("a fault on purpose")) } else { Ok(()) }
    }

    fn after_commit(&self) {
        let mut state = self.state();
        state.commits += 1;
        state.is_here("commit", |place| match place {
            Place::AfterCommit(left) => Some(left),
            Place::Statement(_) | Place::BeforeCommit(_) => None,
        });
    }
}
