//! A disk that fails a write or a sync: nothing of that group is answered, and the process ends at once.

use std::{process::Command, sync::Arc};

use testkit::merchant::Merchant;

use crate::{
    database::Database, dice::Seed, disk::left_out, full::judge_twice, launch, load::Load, log::Log,
    open_shop,
};

/// Writes that are answered after the next start.
const ANSWERS: u64 = 100;

const ABORTED: i32 = 6;
const KILLED: i32 = 9;

/// The last word of a process whose disk fails.
const LAST_WORD: &str = "the disk failed under the database; stopping at once, with nothing answered";

#[tokio::test]
async fn a_sync_that_fails_ends_the_process_with_nothing_answered() {
    let ended = fails("fsync,fdatasync", "fsync,fdatasync:error=EIO:when=150").await;
    assert!(ended.is_none_or(|ended| ended == (ABORTED, true)), "{ended:?}");
}

#[tokio::test]
async fn a_write_that_fails_ends_the_process_with_nothing_answered() {
    let ended = fails("pwrite64", "pwrite64:error=EIO:when=800").await;
    assert!(ended.is_none_or(|ended| ended == (ABORTED, true)), "{ended:?}");
}

#[tokio::test]
async fn a_process_that_dies_inside_a_sync_has_answered_nothing_of_it() {
    let ended = fails("fsync,fdatasync", "fsync,fdatasync:signal=SIGKILL:when=150").await;
    assert!(ended.is_none_or(|ended| ended == (KILLED, false)), "{ended:?}");
}

/// Lets calls on the log of the database fail under load, until the process ends by it. The next one has to know all
/// that was answered. Gives the signal that ended it, and whether its last line said why.
async fn fails(calls: &str, fault: &str) -> Option<(i32, bool)> {
    if let Err(error) = Command::new("strace").arg("-V").output() {
        left_out(&format!("strace cannot be run ({error}): cargo xtask test --only tools"));
        return None;
    }
    let (launch, merchant) = (launch(&Database::Sqlite), Merchant::start().await);
    let till = open_shop(launch, Database::Sqlite, &merchant).await;
    let log_file = till.launch().data_dir().canonicalize().expect("a data directory").join("tillgate.db-wal");
    let log_file = log_file.to_str().expect("a text").to_owned();
    let (trace, inject) = (format!("trace={calls}"), format!("inject={fault}"));
    // As a grandchild, so that the gateway is our own child. Calls are counted for each thread.
    let strace =
        ["strace", "-D", "-f", "-qq", "-o", "/dev/null", "-P", &log_file, "-e", &trace, "-e", &inject];
    let process = till.start_under(&strace).await;
    till.expect_end();
    let log = Arc::new(Log::default());
    let mut load = Load::start(&till, &log, Seed::pick());
    let mut ended = None;
    load.during(async { ended = Some(process.ended().await) }).await;
    let ended = ended.expect("an end");
    let answered = log.counts().answered;
    assert!(answered > 0, "it failed before anything was answered: {}", ended.log);
    let process = till.start().await;
    load.during(log.until(|counts| counts.answered >= answered + ANSWERS)).await;
    load.finish().await;
    judge_twice(&till, &log, &merchant, process).await;
    let says_why = ended.log.lines().last().is_some_and(|line| line.contains(LAST_WORD));
    Some((ended.signal.expect("no exit"), says_why))
}
