//! Files that are damaged, or not ours: recognised at the start, and left as they are.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use domain::{
    id::{Entropy, Id},
    merchant::{Merchant, Name},
    time::{Clock, Timestamp},
};
use rusqlite::Connection;
use store::{Settings, Store, merchants};

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

/// Bytes of a page of ours.
const PAGE: u64 = 4_096;

/// Bytes before the first frame of a log, and of a frame.
const LOG_HEADER: u64 = 32;
const FRAME: u64 = 24 + PAGE;

fn settings(path: &Path) -> Settings {
    Settings::Sqlite { path: path.to_owned(), readers: 1 }
}

fn open(path: &Path) -> Result<Store, String> {
    let opened = Store::open(&settings(path), Arc::new(Still), Arc::new(Zeros));
    opened.map_err(|error| error.to_string())
}

async fn add(store: &Store, number: u16) {
    let mut id = [0; 16];
    id[..2].copy_from_slice(&number.to_be_bytes());
    let name = Name::parse("Merchant").unwrap();
    let merchant = Merchant { id: Id::from_bytes(id), name, created_at: Timestamp::from_seconds(0) };
    store.transact("test.add", move |tx| Ok(merchants::insert(tx, &merchant)?)).await.unwrap();
}

/// How many of the first merchants are there.
async fn count(store: &Store) -> u16 {
    let all = |rx: &mut store::Rx<'_>| {
        let mut number = 0_u16;
        loop {
            let mut id = [0; 16];
            id[..2].copy_from_slice(&(number + 1).to_be_bytes());
            if merchants::get(rx, Id::from_bytes(id))?.is_none() {
                return Ok(number);
            }
            number += 1;
        }
    };
    store.read("test.count", all).await.unwrap()
}

/// A database that was closed in order, with this many merchants in it.
async fn closed(folder: &Path, merchants: u16) -> PathBuf {
    let path = folder.join("test.db");
    let store = open(&path).unwrap();
    for number in 1..=merchants {
        add(&store, number).await;
    }
    drop(store);
    assert!(!beside(&path, "-wal").exists(), "a store that is closed in order leaves no log behind");
    path
}

/// A database as a crash leaves it, its last merchants only in its log: a transaction each.
async fn crashed(folder: &Path, before: u16, logged: u16) -> PathBuf {
    let path = closed(folder, before).await;
    let store = open(&path).unwrap();
    for number in 1..=logged {
        add(&store, before + number).await;
    }
    let copy = folder.join("copy.db");
    for suffix in ["", "-wal"] {
        fs::copy(beside(&path, suffix), beside(&copy, suffix)).unwrap();
    }
    copy
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn overwrite(path: &Path, at: u64, bytes: u64) {
    let file = fs::OpenOptions::new().write(true).open(path).unwrap();
    file.write_all_at(&vec![0xa5; usize::try_from(bytes).unwrap()], at).unwrap();
}

fn cut(path: &Path, bytes: u64) {
    fs::OpenOptions::new().write(true).open(path).unwrap().set_len(bytes).unwrap();
}

/// Everything in the folder of a file, but what SQLite writes anew whenever it opens one.
fn contents(path: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let folder = fs::read_dir(path.parent().unwrap()).unwrap().map(|entry| entry.unwrap().path());
    let files = folder.filter(|path| path.is_file() && !path.to_string_lossy().ends_with("-shm"));
    files.map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

/// The database is refused with all of these words, to a plan as to a start, and nothing is changed.
fn refused(path: &Path, words: &[&str]) {
    let before = contents(path);
    let plan = Store::plan(&settings(path)).map_err(|error| error.to_string());
    let messages = [open(path).err().expect("no start"), plan.expect_err("no plan")];
    for message in messages {
        for word in words.iter().copied().chain([path.to_str().unwrap()]) {
            assert!(message.contains(word), "{word:?} is not in: {message}");
        }
    }
    assert!(before == contents(path), "a database that is refused was changed");
}

const CURE: [&str; 2] = ["restore the newest backup", "`.recover` of sqlite.org"];

#[test]
fn a_folder_and_a_file_of_another_kind_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.db");
    fs::create_dir(&path).unwrap();
    refused(&path, &["is no file", "--database sqlite:", "tillgate.db"]);
    fs::remove_dir(&path).unwrap();
    fs::write(&path, "a shopping list, and longer than the beginning of a database has to be".repeat(20))
        .unwrap();
    refused(&path, &["is no database", "name another file"]);
}

#[test]
fn the_database_of_another_program_is_refused_and_left_as_it_is() {
    for mode in ["delete", "wal"] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test.db");
        let connection = Connection::open(&path).unwrap();
        connection.pragma_update(None, "journal_mode", mode).unwrap();
        connection.execute_batch("create table recipes (id integer primary key)").unwrap();
        drop(connection);
        refused(&path, &["belongs to another program", "recipes", "--database"]);
        assert_eq!(contents(&path).len(), 1, "{mode}");
        // One that keeps its schema as we do, and one whose owner died.
        let connection = Connection::open(&path).unwrap();
        connection
            .execute_batch("create table refinery_schema_history (version integer primary key)")
            .unwrap();
        refused(&path, &["belongs to another program", "recipes"]);
    }
}

#[tokio::test]
async fn a_damaged_file_is_refused_with_what_to_do() {
    type Damage = fn(&Path);
    // The beginning, the page with the schema's list, its end.
    let damages: [(Damage, &str); 4] = [
        (|path| overwrite(path, 0, 100), "is no database, or its beginning is overwritten"),
        (|path| overwrite(path, 100, PAGE - 100), "is damaged"),
        (|path| cut(path, PAGE * 3), "is damaged"),
        (|path| cut(path, 60), "is damaged"),
    ];
    for (damage, words) in damages {
        let folder = tempfile::tempdir().unwrap();
        let path = closed(folder.path(), 100).await;
        damage(&path);
        refused(&path, &[&[words][..], &CURE].concat());
    }
}

#[tokio::test]
async fn what_a_crash_left_in_the_log_is_there() {
    let folder = tempfile::tempdir().unwrap();
    // So many that the file as it stands is shorter than the database.
    let path = crashed(folder.path(), 10, 600).await;
    assert_eq!(count(&open(&path).unwrap()).await, 610);
}

#[tokio::test]
async fn a_file_without_which_its_log_is_not_whole_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = crashed(folder.path(), 1_000, 5).await;
    let whole = fs::metadata(&path).unwrap().len();
    cut(&path, whole - 4 * PAGE);
    refused(&path, &[&["is damaged: it ends too early"][..], &CURE].concat());
    cut(&path, 0);
    refused(&path, &[&["is damaged: it is empty or gone"][..], &CURE].concat());
    fs::remove_file(&path).unwrap();
    refused(&path, &[&["is damaged: it is empty or gone"][..], &CURE].concat());
}

#[tokio::test]
async fn a_log_that_would_silently_lose_what_was_answered_is_refused() {
    for (at, bytes, words) in [
        (0, LOG_HEADER, "the beginning of its log is overwritten"),
        (0, 8 * FRAME, "the beginning of its log is overwritten"),
        (LOG_HEADER, FRAME, "transactions in its log are overwritten"),
        (LOG_HEADER + 5 * FRAME + 200, 100, "transactions in its log are overwritten"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = crashed(folder.path(), 10, 20).await;
        let log = beside(&path, "-wal");
        assert!(fs::metadata(&log).unwrap().len() > LOG_HEADER + 8 * FRAME);
        overwrite(&log, at, bytes);
        refused(&path, &[&["is damaged", words][..], &CURE].concat());
    }
}

#[tokio::test]
async fn a_log_that_a_power_cut_left_half_written_is_taken_as_far_as_it_was_answered() {
    let folder = tempfile::tempdir().unwrap();
    let path = crashed(folder.path(), 10, 20).await;
    let log = beside(&path, "-wal");
    let bytes = fs::metadata(&log).unwrap().len();
    // The last transaction is torn, and so was never answered.
    overwrite(&log, bytes - PAGE, 100);
    assert_eq!(count(&open(&path).unwrap()).await, 29);
    // No frame was written yet, and the beginning is torn.
    for torn in [0, 20, LOG_HEADER] {
        let folder = tempfile::tempdir().unwrap();
        let path = closed(folder.path(), 10).await;
        fs::write(beside(&path, "-wal"), vec![0; usize::try_from(torn).unwrap()]).unwrap();
        assert_eq!(count(&open(&path).unwrap()).await, 10);
    }
}

#[tokio::test]
async fn a_log_that_was_begun_anew_still_holds_old_frames_and_that_is_well() {
    let folder = tempfile::tempdir().unwrap();
    let path = closed(folder.path(), 10).await;
    let store = open(&path).unwrap();
    for number in 11..=40 {
        add(&store, number).await;
    }
    // Everything is moved into the file; the next transaction begins the log anew, over the old frames.
    Connection::open(&path).unwrap().query_row("pragma wal_checkpoint(restart)", [], |_| Ok(())).unwrap();
    add(&store, 41).await;
    let copy = folder.path().join("copy.db");
    for suffix in ["", "-wal"] {
        fs::copy(beside(&path, suffix), beside(&copy, suffix)).unwrap();
    }
    assert!(fs::metadata(beside(&copy, "-wal")).unwrap().len() > LOG_HEADER + 20 * FRAME);
    assert_eq!(count(&open(&copy).unwrap()).await, 41);
}
