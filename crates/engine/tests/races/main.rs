//! Commands that come at the same moment, on PostgreSQL, where they truly run at the same moment.
//!
//! Every command is run against itself and against every other one, on one payment. Whatever the order in which they
//! come through: nobody is told of a fault, and the books are right. What may happen once happens once.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

mod arena;
mod commands;
mod once;

use std::collections::BTreeSet;

use testkit::commands::of_the_engine;

use crate::{
    arena::Arena,
    commands::{COMMANDS, Command},
};

/// How often each of a pair runs at the same moment.
const COPIES: usize = 2;

/// Rounds of every command against itself: each round on a payment of its own.
const ROUNDS: usize = 8;

/// Pairs after which the books are read, and the rest of the world catches up.
const BETWEEN_AUDITS: usize = 60;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_command_against_every_other() {
    let mut arena = Arena::open().await;
    let mut met = 0;
    for (index, one) in COMMANDS.iter().enumerate() {
        for other in COMMANDS.iter().skip(index) {
            meet(&mut arena, one, other).await;
            met += 1;
            if met % BETWEEN_AUDITS == 0 {
                arena.settle().await;
            }
        }
    }
    arena.settle().await;
    println!("{met} pairs, {} commands answered, {} of them refused", arena.answered(), arena.refused());
    assert!(arena.answered() >= 2 * met, "{} answers in {met} meetings", arena.answered());
    assert!(arena.refused() < arena.answered() / 2, "most of the commands were refused: they met nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_command_against_itself_again_and_again() {
    let mut arena = Arena::open().await;
    for command in COMMANDS {
        for _ in 0..ROUNDS {
            meet(&mut arena, command, command).await;
        }
    }
    arena.settle().await;
}

async fn meet(arena: &mut Arena, one: &Command, other: &Command) {
    arena.next().await;
    let running = (0..COPIES).flat_map(|copy| [(one, 2 * copy), (other, 2 * copy + 1)]);
    let running: Vec<_> = running.map(|(command, number)| arena.run(command, number)).collect();
    for task in running {
        let (name, answer) = task.await.unwrap();
        arena.judge(name, answer, (one.name, other.name));
    }
}

/// Commands that take no part, and why not.
const EXCUSED: &[(&str, &str)] = &[
    (
        "open",
        "it opens the engine: two that open at once are in the store's own tests and in those of many nodes",
    ),
    ("hear", "waits for hints, and writes nothing"),
    ("observe_under", "what `observe` and the watchers run"),
    ("report_network_under", "what `report_network` runs"),
    ("record_rates_under", "what `record_rates` runs"),
    // Reads: a view of one moment, which no other command can disturb.
    ("accounts", "reads"),
    ("authenticate", "reads"),
    ("authenticate_signed", "reads"),
    ("business_time", "reads"),
    ("checkout", "reads"),
    ("cursor", "reads"),
    ("delivery", "reads"),
    ("find_payment", "reads"),
    ("list_credentials", "reads"),
    ("list_deliveries", "reads"),
    ("list_endpoints", "reads"),
    ("list_mails", "reads"),
    ("list_payments", "reads"),
    ("list_shops", "reads"),
    ("look_at", "reads"),
    ("mail", "reads"),
    ("market_rates", "reads"),
    ("missing_rates", "reads"),
    ("network_reports", "reads"),
    ("numbered", "reads"),
    ("payment", "reads"),
    ("payment_by_reference", "reads"),
    ("payment_by_token", "reads"),
    ("payment_by_transaction", "reads"),
    ("payment_view", "reads"),
    ("sandbox_view", "reads"),
    ("scripts_since", "reads"),
    ("shop", "reads"),
    ("wallets", "reads"),
];

#[test]
fn every_command_of_the_engine_is_in_the_races_or_excused() {
    let there = of_the_engine();
    let raced: BTreeSet<&str> = COMMANDS.iter().map(|command| command.name).collect();
    let excused: BTreeSet<&str> = EXCUSED.iter().map(|(name, _)| *name).collect();
    let known = |name: &String| raced.contains(name.as_str()) != excused.contains(name.as_str());
    let missing: Vec<&String> = there.iter().filter(|name| !known(name)).collect();
    assert!(missing.is_empty(), "{missing:?}: add them to commands.rs, or excuse them here");
    let gone: Vec<&&str> = raced.union(&excused).filter(|name| !there.contains(**name)).collect();
    assert!(gone.is_empty(), "the engine has no {gone:?}");
}
