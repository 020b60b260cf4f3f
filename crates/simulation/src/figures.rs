//! What happened in a run, counted: a reader sees that the faults were there.

use std::collections::{BTreeMap, BTreeSet};

/// Counts by name, and the commands that were given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    counts: BTreeMap<&'static str, u64>,
    commands: BTreeSet<&'static str>,
}

impl Figures {
    pub(crate) fn count(&mut self, what: &'static str) {
        self.add(what, 1);
    }

    pub(crate) fn add(&mut self, what: &'static str, count: u64) {
        *self.counts.entry(what).or_default() += count;
    }

    pub(crate) fn command(&mut self, name: &'static str) {
        self.commands.insert(name);
    }

    /// How often something happened.
    pub fn of(&self, what: &str) -> u64 {
        self.counts.get(what).copied().unwrap_or_default()
    }

    /// The engine's commands that were given.
    pub const fn commands(&self) -> &BTreeSet<&'static str> {
        &self.commands
    }

    /// Takes in the figures of another run.
    pub fn join(&mut self, other: &Self) {
        other.counts.iter().for_each(|(what, count)| self.add(what, *count));
        self.commands.extend(&other.commands);
    }

    /// All of it in one line.
    pub fn line(&self) -> String {
        let parts: Vec<String> = self.counts.iter().map(|(what, count)| format!("{what} {count}")).collect();
        parts.join(", ")
    }
}
