//! Where an idempotency key may lie.
//!
//! Keys are random, and a tree of random keys takes every insert to another page of it. So the table begins with a
//! slice: new keys go into the open one, which is small; once it holds enough of them it is closed, and the next one is
//! opened. Whether a key is in a closed slice is asked of a filter in memory, which says "no" for certain, and "yes"
//! wrongly once in a thousand times; then the tree is asked. A slice whose filter is not built yet is asked in the
//! tree, so nothing waits for a filter: not a start, and not whoever closes a slice.
//!
//! Nothing of it is written down but the slice of each row. A crash forgets the filters; they are built again.
//! It holds for one process alone, which is what this database is opened by. On PostgreSQL every key is in slice 0.

mod filters;

use std::{
    collections::hash_map::DefaultHasher,
    hash::{Hash, Hasher},
    sync::{
        PoisonError, RwLock,
        atomic::{AtomicU32, Ordering},
    },
};

use fastbloom::BloomFilter;
use rusqlite::Connection;

pub(crate) use self::filters::{Builder, Turner};
use crate::tables::idempotency;

/// Keys of a slice: as many as the writer's cache can hold the pages of.
const KEYS: u32 = 131_072;

/// The slices of one database, as one process sees them.
pub(crate) struct Slices {
    /// When a slice is closed.
    keys: u32,
    /// Keys that went into the open slice, at least. A job that was undone counts too.
    filled: AtomicU32,
    state: RwLock<State>,
}

struct State {
    open: i64,
    closed: Vec<Closed>,
}

struct Closed {
    slice: i64,
    /// `None` until it is built.
    filter: Option<BloomFilter>,
}

impl Slices {
    /// The slices that a database has.
    pub(crate) fn of(connection: &Connection) -> rusqlite::Result<Self> {
        let mut slices = Vec::new();
        let mut next = after(connection, None)?;
        while let Some(slice) = next {
            slices.push(slice);
            next = after(connection, Some(slice))?;
        }
        let open = slices.pop().unwrap_or_default();
        let closed = slices.into_iter().map(|slice| Closed { slice, filter: None }).collect();
        Ok(Self { keys: KEYS, filled: AtomicU32::new(0), state: RwLock::new(State { open, closed }) })
    }

    /// The slice that takes new keys.
    pub(crate) fn open(&self) -> i64 {
        self.read(|state| state.open)
    }

    /// The closed slices that may hold a key, the newest first: whoever asks again asks soon.
    pub(crate) fn that_may_hold(&self, key: u64) -> Vec<i64> {
        let may_hold =
            |closed: &&Closed| closed.filter.as_ref().is_none_or(|filter| filter.contains_hash(key));
        self.read(|state| state.closed.iter().rev().filter(may_hold).map(|closed| closed.slice).collect())
    }

    /// Notes that a key went into the open slice.
    pub(crate) fn note(&self) {
        self.filled.fetch_add(1, Ordering::Relaxed);
    }

    /// Closes the open slice where it holds enough, and gives it: its filter has to be built. Only after a commit, so
    /// that whoever builds the filter sees every key of it.
    fn turn(&self) -> Option<i64> {
        if self.filled.load(Ordering::Relaxed) < self.keys {
            return None;
        }
        self.filled.store(0, Ordering::Relaxed);
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let full = state.open;
        state.open = full.saturating_add(1);
        state.closed.push(Closed { slice: full, filter: None });
        Some(full)
    }

    /// Forgets a closed slice that has no keys any more.
    pub(crate) fn forget(&self, slice: i64) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        state.closed.retain(|closed| closed.slice != slice);
    }

    /// The oldest of the closed slices.
    pub(crate) fn oldest_closed(&self) -> Option<i64> {
        self.read(|state| state.closed.first().map(|closed| closed.slice))
    }

    fn without_filter(&self) -> Vec<i64> {
        let is_without = |closed: &&Closed| closed.filter.is_none();
        self.read(|state| state.closed.iter().filter(is_without).map(|closed| closed.slice).collect())
    }

    fn keep(&self, slice: i64, filter: BloomFilter) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(closed) = state.closed.iter_mut().find(|closed| closed.slice == slice) {
            closed.filter = Some(filter);
        }
    }

    fn read<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A key as filters know it.
pub(crate) fn fingerprint(shop: &[u8; 16], dialect: &str, key: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (shop, dialect, key).hash(&mut hasher);
    hasher.finish()
}

fn after(connection: &Connection, slice: Option<i64>) -> rusqlite::Result<Option<i64>> {
    let mut statement = connection.prepare_cached(idempotency::NEXT_SLICE.sqlite())?;
    statement.query_row([slice.unwrap_or(i64::MIN)], |row| row.get(0))
}

#[cfg(test)]
mod tests;
