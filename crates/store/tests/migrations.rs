//! Bringing databases to this version, and refusing those that are beyond it.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use std::{path::Path, sync::Arc};

use domain::{
    id::Entropy,
    time::{Clock, Timestamp},
};
use rusqlite::Connection;
use store::{OpenError, SCHEMA_VERSION, Settings, Store};

struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(0)
    }
}

struct Zeros;

impl Entropy for Zeros {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

fn settings(folder: &Path) -> Settings {
    Settings { path: folder.join("test.db"), readers: 1 }
}

fn open(settings: &Settings) -> Result<Store, OpenError> {
    Store::open(settings, Arc::new(Still), Arc::new(Zeros))
}

/// Writes into the history that a migration of a later version ran.
fn pretend_newer(settings: &Settings, compatible_from: u32) {
    let connection = Connection::open(&settings.path).unwrap();
    let next = SCHEMA_VERSION + 1;
    let history = "insert into refinery_schema_history (version, name, applied_on, checksum)
                   values (?1, 'later', '2030-01-01T00:00:00Z', '1')";
    connection.execute(history, [next]).unwrap();
    connection.execute("update compatibility set compatible_from = ?1", [compatible_from]).unwrap();
}

#[test]
fn a_new_database_is_made_and_opened_again_without_a_change() {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(folder.path());
    let plan = Store::plan(&settings).unwrap();
    assert_eq!((plan.current, plan.pending.len()), (0, SCHEMA_VERSION as usize));
    assert!(!settings.path.exists(), "a plan makes nothing");
    drop(open(&settings).unwrap());
    let plan = Store::plan(&settings).unwrap();
    assert_eq!((plan.current, plan.pending.len()), (SCHEMA_VERSION, 0));
    drop(open(&settings).unwrap());
}

#[test]
fn a_newer_schema_is_refused_unless_it_says_that_we_may() {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(folder.path());
    drop(open(&settings).unwrap());
    pretend_newer(&settings, SCHEMA_VERSION);
    drop(open(&settings).expect("a newer schema that names this version as good enough"));
    let connection = Connection::open(&settings.path).unwrap();
    connection.execute("update compatibility set compatible_from = ?1", [SCHEMA_VERSION + 1]).unwrap();
    let refused = open(&settings).err().expect("a schema beyond this version").to_string();
    assert!(refused.contains("Start the newer version"), "{refused}");
}

#[test]
fn a_file_that_is_no_database_is_refused_with_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(folder.path());
    std::fs::write(&settings.path, "this is not a database, but long enough to be read as one".repeat(20))
        .unwrap();
    let refused = open(&settings).err().expect("no database").to_string();
    assert!(refused.contains("test.db"), "{refused}");
}

#[test]
fn two_processes_that_begin_at_once_make_one_schema() {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(folder.path());
    let opened: Vec<Result<Store, OpenError>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| open(&settings))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    for store in opened {
        assert!(store.is_ok(), "{}", store.err().unwrap());
    }
}
