//! A full disk: nothing is answered that is not kept, reads go on, and with room it heals by itself.

use std::sync::Arc;

use testkit::{merchant::Merchant, process::Process};

use crate::{
    database::Database, dice::Seed, disk::Disk, launch, load::Load, log::Log, open_shop, till::Till,
    told::Told, verdict,
};

/// Mebibytes of the disk: more than all that a run writes.
pub(crate) const DISK: u32 = 128;

/// Writes that are answered before the disk is full, and again once there is room.
pub(crate) const ANSWERS: u64 = 300;

/// Writes that are refused while it is full.
pub(crate) const REFUSALS: u64 = 200;

/// What is asked for while no write is possible, and its answer.
const READS: [(&str, u16); 2] = [("/healthz", 200), ("/readyz", 200)];

#[tokio::test]
async fn a_full_disk_refuses_writes_and_heals_by_itself() {
    let (launch, merchant) = (launch(&Database::Sqlite), Merchant::start().await);
    let Some(disk) = Disk::mount(&launch.data_dir(), DISK) else { return };
    let till = open_shop(launch, Database::Sqlite, &merchant).await;
    let process = till.start().await;
    let log = Arc::new(Log::default());
    let mut load = Load::start(&till, &log, Seed::pick());
    load.during(log.until(|counts| counts.answered >= ANSWERS)).await;

    till.expect_refusals();
    disk.fill();
    load.during(log.until(|counts| counts.refused >= REFUSALS)).await;
    let at_its_fullest = log.counts().answered;
    load.during(reads_go_on(&till)).await;
    let more = log.counts().refused + REFUSALS;
    load.during(log.until(|counts| counts.refused >= more)).await;
    assert_eq!(log.counts().answered, at_its_fullest, "a full disk took a write");

    disk.make_room();
    let healed = log.counts().answered + ANSWERS;
    load.during(log.until(|counts| counts.answered >= healed)).await;
    let refused = log.counts().refused;
    load.during(log.until(|counts| counts.answered >= healed + ANSWERS)).await;
    assert_eq!(log.counts().refused, refused, "with room again, it goes on refusing");
    load.finish().await;
    judge_twice(&till, &log, &merchant, process).await;
    drop(disk);
}

pub(crate) async fn reads_go_on(till: &Till) {
    let life = till.life();
    for (path, status) in READS {
        let Ok(answer) = till.ask(&life, life.get(path)).await else { panic!("{path}: no answer") };
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
    }
    let Ok(answer) = till.ask(&life, life.read("/payments?limit=100")).await else { panic!("no answer") };
    assert_eq!(answer.status, 200, "{}", answer.body);
}

/// Everything that was answered is there, and is so after a kill.
#[expect(clippy::print_stdout, reason = "a test tells what it did")]
pub(crate) async fn judge_twice(till: &Till, log: &Log, merchant: &Merchant, process: Process) {
    let (entries, mut told) = (log.read(), Told::default());
    println!("{} answered writes, {} refused, {} lost", entries.answered, entries.refused, entries.lost);
    verdict::judge_alive(till, &entries, merchant, &mut told).await;
    till.kill(&process);
    process.ended().await;
    let last = till.start().await;
    let made = verdict::judge_alive(till, &entries, merchant, &mut told).await;
    let ended = last.stop().await;
    assert_eq!(ended.code, Some(0), "{}", ended.log);
    verdict::judge_dead(till, &entries, merchant, &made).await;
}

#[tokio::test]
async fn a_start_on_a_full_disk_says_so_and_changes_nothing() {
    let launch = launch(&Database::Sqlite);
    let Some(disk) = Disk::mount(&launch.data_dir(), DISK) else { return };
    let serve = ["serve", "--listen", "127.0.0.1:0"];
    disk.fill();
    let first = launch.run(&serve).await;
    assert_eq!((first.code, first.log.contains("make room")), (Some(1), true), "{}", first.log);
    disk.make_room();
    let process = launch.start().await;
    let key = launch.demo_key("alpha");
    process.kill().await;
    let till = Till::new(launch, Database::Sqlite, key);
    let process = till.start().await;
    let life = till.life();
    let Ok(made) = till.ask(&life, life.create("order-1")).await else { panic!("no answer") };
    assert_eq!(made.status, 201, "{}", made.body);
    // After a crash the log and its index are there, after an orderly end both have to be made.
    let mut again = process;
    for crashes in [true, false] {
        if crashes {
            again.kill().await;
        } else {
            assert_eq!(again.stop().await.code, Some(0));
        }
        disk.fill();
        let full = till.launch().run(&serve).await;
        assert_eq!((full.code, full.log.contains("make room")), (Some(1), true), "{}", full.log);
        disk.make_room();
        again = till.start().await;
        let life = till.life();
        let Ok(answer) = till.ask(&life, life.create("order-1")).await else { panic!("no answer") };
        assert_eq!((answer.status, answer.replayed, &answer.body), (201, true, &made.body));
    }
    again.kill().await;
    drop(disk);
}
