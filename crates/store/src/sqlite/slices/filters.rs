//! Building the filters of closed slices, beside everything else.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, Receiver, Sender},
    },
    thread::JoinHandle,
};

use fastbloom::BloomFilter;

use super::{Slices, fingerprint};
use crate::{
    OpenError,
    fault::Fault,
    sqlite::{self, health},
    tables::idempotency,
};

/// How often a filter says "yes" to a key that is not in its slice.
const FALSE_YES: f64 = 0.001;

/// Keys that are read between two looks at whether the gateway is ending.
const KEYS_BETWEEN_LOOKS: usize = 1_024;

/// The thread that builds filters, with the slices that it builds them for.
pub(crate) struct Builder {
    slices: Arc<Slices>,
    work: Sender<Task>,
    is_ending: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

pub(super) enum Task {
    Count(i64),
    Build(i64),
    End,
    #[cfg(test)]
    Tell(Sender<()>),
}

impl Builder {
    /// Looks at which slices there are, and begins with what has to be built.
    pub(crate) fn start(path: &Path) -> Result<Self, OpenError> {
        let slices = Slices::of(&sqlite::connect(path)?).map_err(|error| health::explain(path, error))?;
        Self::with(path, Arc::new(slices))
    }

    pub(super) fn with(path: &Path, slices: Arc<Slices>) -> Result<Self, OpenError> {
        let (work, tasks) = mpsc::channel();
        let is_ending = Arc::new(AtomicBool::new(false));
        let bench =
            Bench { path: path.to_owned(), slices: Arc::clone(&slices), is_ending: Arc::clone(&is_ending) };
        let thread = std::thread::Builder::new()
            .name("store-filters".to_owned())
            .spawn(move || bench.work(&tasks))
            .map_err(|error| OpenError::Migration(format!("no thread for the filters: {error}")))?;
        let builder = Self { slices, work, is_ending, thread: Some(thread) };
        builder.ask(Task::Count(builder.slices.open()));
        // Newest first, as they are asked for.
        builder.slices.without_filter().into_iter().rev().for_each(|slice| builder.ask(Task::Build(slice)));
        Ok(builder)
    }

    /// The slices.
    pub(crate) const fn slices(&self) -> &Arc<Slices> {
        &self.slices
    }

    /// What the writer does after each commit.
    pub(crate) fn turner(&self) -> Turner {
        Turner { slices: Arc::clone(&self.slices), work: self.work.clone() }
    }

    pub(super) fn ask(&self, task: Task) {
        // A thread that has ended builds nothing more: slices are then asked in the tree.
        let _ = self.work.send(task);
    }
}

impl Drop for Builder {
    fn drop(&mut self) {
        self.is_ending.store(true, Ordering::Relaxed);
        self.ask(Task::End);
        if let Some(thread) = self.thread.take().filter(|thread| !sqlite::is_this(thread)) {
            let _ = thread.join();
        }
    }
}

/// Closes slices that are full.
pub(crate) struct Turner {
    slices: Arc<Slices>,
    work: Sender<Task>,
}

impl Turner {
    /// The slices.
    pub(crate) fn slices(&self) -> &Slices {
        &self.slices
    }

    /// After a commit: closes the open slice where it is full, and has its filter built.
    pub(crate) fn committed(&self) {
        if let Some(full) = self.slices.turn() {
            let _ = self.work.send(Task::Build(full));
        }
    }
}

/// What the thread works with.
struct Bench {
    path: PathBuf,
    slices: Arc<Slices>,
    is_ending: Arc<AtomicBool>,
}

impl Bench {
    fn work(&self, tasks: &Receiver<Task>) {
        for task in tasks {
            let done = match task {
                Task::End => return,
                Task::Count(slice) => self.count(slice),
                Task::Build(slice) => self.build(slice),
                #[cfg(test)]
                Task::Tell(caller) => {
                    caller.send(()).unwrap();
                    Ok(())
                }
            };
            if let Err(error) = done {
                tracing::warn!(%error, "a filter of idempotency keys was not built; the tree is asked instead");
            }
        }
    }

    /// The open slice was begun by a process before this one: what it holds already counts.
    fn count(&self, slice: i64) -> Result<(), BuildError> {
        let keys = self.keys(slice)?.map_or(0, |keys| keys.len());
        self.slices.filled.fetch_add(u32::try_from(keys).unwrap_or(u32::MAX), Ordering::Relaxed);
        Ok(())
    }

    fn build(&self, slice: i64) -> Result<(), BuildError> {
        let Some(keys) = self.keys(slice)? else { return Ok(()) };
        let mut filter = BloomFilter::with_false_pos(FALSE_YES).expected_items(keys.len().max(1));
        for key in keys {
            filter.insert_hash(key);
        }
        self.slices.keep(slice, filter);
        Ok(())
    }

    /// The fingerprints of a slice's keys; nothing where the gateway is ending.
    fn keys(&self, slice: i64) -> Result<Option<Vec<u64>>, BuildError> {
        let text = idempotency::KEYS_OF_SLICE.sqlite();
        let connection = sqlite::connect(&self.path)?;
        let mut statement = connection.prepare(text).map_err(Fault::from)?;
        let mut rows = statement.query([slice]).map_err(Fault::from)?;
        let mut keys = Vec::new();
        while let Some(row) = rows.next().map_err(Fault::from)? {
            let read = || -> rusqlite::Result<u64> {
                let shop: [u8; 16] = row.get(0)?;
                Ok(fingerprint(&shop, row.get_ref(1)?.as_str()?, row.get_ref(2)?.as_str()?))
            };
            keys.push(read().map_err(Fault::from)?);
            if keys.len().is_multiple_of(KEYS_BETWEEN_LOOKS) && self.is_ending.load(Ordering::Relaxed) {
                return Ok(None);
            }
        }
        Ok(Some(keys))
    }
}

#[derive(Debug, thiserror::Error)]
enum BuildError {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error("{0}")]
    Fault(#[from] Fault),
}
