//! The real binary under load: killed at random, on a full disk, and on one that fails. What was answered is there
//! afterwards, and what happened is told.

mod database;
mod dice;
mod disk;
mod failing;
mod full;
mod full_postgres;
mod load;
mod log;
mod till;
mod told;
mod verdict;

use std::{sync::Arc, time::Duration};

use testkit::{
    merchant::Merchant,
    process::{Launch, PATIENCE, Process},
};
use tokio::{sync::oneshot, time};

use crate::{
    database::Database,
    dice::{Dice, Seed},
    load::Load,
    log::Log,
    till::Till,
    told::Told,
};

/// Kills after a good deal of work.
const KILLS: u32 = 22;

/// Kills that a run must have had, and writes that must have been answered in it, for its word to count.
const LEAST_KILLS: u32 = 20;
const LEAST_ANSWERED: u64 = 1_000;

/// Pays among them.
const LEAST_PAID: usize = 100;

/// Kills that must have fallen with an answer, before any client sent its next request.
const LEAST_AT_AN_ANSWER: u32 = 5;

/// Minings among the answered writes.
const LEAST_MININGS: u64 = 100;

/// Payments that a kill must have caught between commit and answer.
const LEAST_FOUND_AGAIN: usize = 5;

/// Answers between two kills: at least the first, and below the sum.
const ANSWERS: (u64, u64) = (50, 60);

/// Lines of the log that go by between the last of these answers and a kill, below this. Every second kill falls with
/// the answer itself, so that the gateway has no time to do what it should have done before; the others fall while
/// requests are on their way, wait for their commit, or are answered.
const LINES: u64 = 40;

/// Microseconds within which a start in a debug build is anywhere between its first step and its last.
const START_UP: u64 = 300_000;

/// First starts that are killed.
const FIRST_STARTS: u32 = 8;

/// Callbacks may take a minute, so that the lease of a delivery whose sender was killed outlasts all that is waited
/// for here: what was cut off goes again because the next start looks for it. Links begin with the same in every life,
/// on whatever port that is.
const CONFIG: &str = concat!(
    "checkout_url = \"http://pay.example\"\n[webhooks]\ntimeout_ms = 60000\n",
    "[limits]\nrequests_per_minute = 0\n"
);

#[tokio::test]
async fn nothing_that_was_answered_is_lost_by_kills_and_every_event_arrives() {
    nothing_is_lost_by_kills(Database::Sqlite).await;
}

#[tokio::test]
async fn nothing_that_was_answered_is_lost_by_kills_on_postgres_either() {
    nothing_is_lost_by_kills(Database::postgres()).await;
}

#[expect(clippy::print_stdout, reason = "a test tells what it did")]
async fn nothing_is_lost_by_kills(database: Database) {
    let seed = Seed::pick();
    let dice = seed.dice(u8::MAX);
    let merchant = Merchant::start().await;
    let (till, log) = (open_shop(launch(&database), database, &merchant).await, Arc::new(Log::default()));
    let mut process = till.start().await;
    let mut load = Load::start(&till, &log, seed);
    let (mut kills, mut at_an_answer) = (0, 0);
    for _ in 0..KILLS {
        let answers = ANSWERS.0 + dice.below(ANSWERS.1);
        let (next, was_an_answer) = kill(&till, &log, &dice, &mut load, process, answers).await;
        process = next;
        kills += 1;
        at_an_answer += u32::from(was_an_answer);
        if dice.one_in(3) {
            // Again, while what the last one left behind is taken up.
            let (next, was_an_answer) = kill(&till, &log, &dice, &mut load, process, dice.below(4)).await;
            process = next;
            kills += 1;
            at_an_answer += u32::from(was_an_answer);
        }
    }
    load.finish().await;
    // Nobody waits for an answer, and much of what was answered is not told yet.
    till.kill(&process);
    process.ended().await;
    let entries = log.read();
    let paid = entries.pays.values().filter(|answered| **answered).count();
    let found_again = entries.creations.values().filter(|creation| creation.is_found_again()).count();
    println!(
        "{kills} kills under load, {at_an_answer} of them between an answer and the next request; {} answered \
         writes, {paid} of them pays and {} minings; {} answers lost, {found_again} of them to payments that were \
         found again",
        entries.answered, entries.minings, entries.lost
    );
    assert!(kills >= LEAST_KILLS, "{kills} kills");
    assert!(
        at_an_answer >= LEAST_AT_AN_ANSWER,
        "{at_an_answer} kills between an answer and the next request"
    );
    assert!(entries.minings >= LEAST_MININGS, "{} minings", entries.minings);
    assert!(entries.answered >= LEAST_ANSWERED, "{} answered writes", entries.answered);
    assert!(paid >= LEAST_PAID, "{paid} answered pays");
    assert!(
        found_again >= LEAST_FOUND_AGAIN,
        "{found_again} payments found again: the kills came at quiet moments"
    );

    let last = till.start().await;
    let made = verdict::judge_alive(&till, &entries, &merchant, &mut Told::default()).await;
    let ended = last.stop().await;
    assert_eq!(ended.code, Some(0), "{}", ended.log);
    let told = verdict::judge_dead(&till, &entries, &merchant, &made).await;
    println!("{} payments; {} events in {} callbacks", made.len(), told.events(), told.callbacks);
}

#[tokio::test]
async fn a_first_start_that_is_killed_can_be_begun_again() {
    first_starts(|| Database::Sqlite).await;
}

#[tokio::test]
async fn a_first_start_that_is_killed_can_be_begun_again_on_postgres_too() {
    first_starts(Database::postgres).await;
}

async fn first_starts(database: fn() -> Database) {
    let dice = Seed::pick().dice(0);
    for _ in 0..FIRST_STARTS {
        let database = database();
        let launch = launch(&database);
        for _ in 0..3 {
            launch.start_and_kill(moment_of_a_start(&dice)).await;
        }
        let process = launch.start().await;
        let key = launch.demo_key("alpha");
        process.kill().await;
        let till = Till::new(launch, database, key);
        let _process = till.start().await;
        let life = till.life();
        let Ok(made) = till.ask(&life, life.create("order-1")).await else { panic!("no answer") };
        assert_eq!(made.status, 201, "{}", made.body);
    }
}

/// A launch on this database.
fn launch(database: &Database) -> Launch {
    outbound::install_crypto();
    Launch::new(env!("CARGO_BIN_EXE_tillgate")).config(&format!("{CONFIG}{}", database.config()))
}

fn moment_of_a_start(dice: &Dice) -> Duration {
    Duration::from_micros(dice.below(START_UP))
}

/// A shop of its own, whose events go to the merchant.
async fn open_shop(launch: Launch, database: Database, merchant: &Merchant) -> Arc<Till> {
    let process = launch.start().await;
    let shop = launch.json(&["shop", "create", "--name", "Kiosk"]).await;
    let shop = shop["id"].as_str().expect("an id");
    let (of_shop, hook) = (["--shop", shop, "--dialect", "alpha"], merchant.url("/hook"));
    let issued = launch.json(&[&["credential", "create"], &of_shop[..]].concat()).await;
    let key = issued["secret_key"].as_str().expect("a key").to_owned();
    launch.json(&[&["endpoint", "create", "--url", &hook], &of_shop[..]].concat()).await;
    process.kill().await;
    Arc::new(Till::new(launch, database, key))
}

/// Kills the gateway once so much more was answered, and begins its next life; sometimes only after a start that was
/// killed as well. Tells whether it fell between an answer and the next request.
async fn kill(
    till: &Arc<Till>,
    log: &Log,
    dice: &Dice,
    load: &mut Load,
    process: Process,
    answers: u64,
) -> (Process, bool) {
    let (killed, is_killed) = oneshot::channel();
    let process = Arc::new(process);
    let (its_till, itself) = (Arc::clone(till), Arc::clone(&process));
    let lines = if dice.one_in(2) { 0 } else { dice.below(LINES) };
    log.plan(answers, lines, move |is_answer| {
        its_till.kill(&itself);
        drop(itself);
        killed.send(is_answer).expect("a test that waits for it");
    });
    let is_killed = time::timeout(PATIENCE, is_killed);
    let mut was_an_answer = false;
    let killed = async { was_an_answer = is_killed.await.expect("answers enough").expect("a kill") };
    load.during(killed).await;
    Arc::into_inner(process).expect("a process of nobody else").ended().await;
    while dice.one_in(4) {
        till.launch().start_and_kill(moment_of_a_start(dice)).await;
    }
    (till.start().await, was_an_answer)
}
