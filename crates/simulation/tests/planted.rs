//! Bugs on purpose: the simulation finds each of them, and says which invariant it breaks.

#![expect(clippy::print_stdout, reason = "it tells which seed found a bug")]

use std::sync::{Mutex, PoisonError};

use simulation::{
    COMMITTED,
    oracle::invariants::{
        ADDRESSES, BALANCES, BOOKS, CHAIN, DELIVERIES, EVENTS, EXPIRY, KEYS, LEASES, MAILS, NUMBERS, TOLD,
    },
    planted::{self, Bug},
    run,
};

/// A bug belongs to the whole process: where tests share one, they take turns.
static TURN: Mutex<()> = Mutex::new(());

/// Some committed seed fails under `bug` by `invariant`, and says how to see it again.
fn is_found(bug: Bug, invariant: &str) {
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    planted::choose(Some(bug));
    let mut others = Vec::new();
    let found = COMMITTED.map(run).find(|outcome| {
        let broken = outcome.violation.as_ref().map(|violation| violation.invariant);
        others.extend(broken);
        broken == Some(invariant)
    });
    planted::choose(None);
    drop(turn);
    let found = found.unwrap_or_else(|| panic!("{} was not found by this; but by {others:?}", bug.code()));
    let report = found.report();
    println!("{}: {}", bug.code(), report.lines().rev().nth(1).unwrap_or_default());
    assert!(report.contains(invariant));
    assert!(report.ends_with(&format!("cargo run -p simulation -- --seed {}", found.seed)), "{report}");
    let sound = run(found.seed);
    assert!(sound.violation.is_none(), "seed {} fails without the bug: {}", found.seed, sound.report());
}

#[test]
fn a_lost_posting_is_found() {
    is_found(Bug::LostPosting, BOOKS);
}

#[test]
fn a_skipped_orphan_is_found() {
    is_found(Bug::SkippedOrphan, CHAIN);
}

#[test]
fn a_delivery_that_two_have_is_found() {
    is_found(Bug::DoubleDelivery, LEASES);
}

#[test]
fn a_forgotten_lock_is_found() {
    is_found(Bug::ForgottenLock, EVENTS);
}

#[test]
fn an_address_that_was_given_twice_is_found() {
    is_found(Bug::AddressTwice, ADDRESSES);
}

#[test]
fn an_event_that_somebody_is_not_told_is_found() {
    is_found(Bug::SilentEvent, DELIVERIES);
}

#[test]
fn a_buyer_who_is_not_told_is_found() {
    is_found(Bug::LostMail, MAILS);
}

#[test]
fn a_cursor_that_moves_alone_is_found() {
    is_found(Bug::CursorAlone, CHAIN);
}

#[test]
fn a_key_that_is_durable_before_its_payment_is_found() {
    is_found(Bug::KeyBeforePayment, KEYS);
}

#[test]
fn a_lease_that_never_lapses_is_found() {
    is_found(Bug::LeaseForEver, TOLD);
}

#[test]
fn an_expiry_that_does_not_wait_for_the_chain_is_found() {
    is_found(Bug::HastyExpiry, EXPIRY);
}

#[test]
fn a_balance_that_is_not_told_of_a_reversal_is_found() {
    is_found(Bug::StaleBalance, BALANCES);
}

#[test]
fn money_without_a_number_is_found() {
    is_found(Bug::ForgottenNumber, NUMBERS);
}

#[test]
fn every_bug_there_is_has_its_test() {
    let tests = include_str!("planted.rs");
    for bug in Bug::ALL {
        assert!(tests.contains(&format!("is_found(Bug::{bug:?}, ")), "{bug:?}");
    }
}
