//! Where a simulation listens to the store, and lets it fail: at any statement, before a commit, after one.
//!
//! A probe belongs to the store's threads, so that nothing between a thread and its statements has to know of it. Where
//! there is none, as everywhere but in a simulation, it costs a branch.

use std::{cell::OnceCell, sync::Arc};

use crate::{fault::Fault, sql::Sql};

/// Hears what the threads of a store do, on those threads.
pub trait Probe: Send + Sync {
    /// A group of jobs that write, or one that reads, is about to begin.
    fn begin(&self);

    /// A statement is about to run.
    ///
    /// # Errors
    /// The fault that its job meets instead.
    fn statement(&self, name: &'static str) -> Result<(), Fault>;

    /// A group of jobs is about to be committed.
    ///
    /// # Errors
    /// The fault that the commit meets instead: all of the group is undone.
    fn before_commit(&self) -> Result<(), Fault>;

    /// A group is durable, and nobody was told yet.
    fn after_commit(&self);
}

thread_local! {
    static PROBE: OnceCell<Arc<dyn Probe>> = const { OnceCell::new() };
}

/// Lets a probe hear what this thread does from now on.
pub(crate) fn attach(probe: Option<Arc<dyn Probe>>) {
    if let Some(probe) = probe {
        let _ = PROBE.with(|cell| cell.set(probe));
    }
}

pub(crate) fn begin() {
    PROBE.with(|cell| cell.get().map_or((), |probe| probe.begin()));
}

pub(crate) fn statement(sql: &Sql) -> Result<(), Fault> {
    PROBE.with(|cell| cell.get().map_or(Ok(()), |probe| probe.statement(sql.name())))
}

pub(crate) fn before_commit() -> Result<(), Fault> {
    PROBE.with(|cell| cell.get().map_or(Ok(()), |probe| probe.before_commit()))
}

pub(crate) fn after_commit() {
    PROBE.with(|cell| cell.get().map_or((), |probe| probe.after_commit()));
}
