//! The ledger, the receipts that it tells of, and what is derived from facts.

use std::collections::BTreeMap;

use domain::{id::PaymentId, payment::Record};
use store::{Abort, Rx, Store};

use super::{
    Judged, broken,
    facts::{Facts, Key, show},
    hold,
    invariants::{BALANCES, BOOKS, STATE, ZERO},
};
use crate::exec::finish;

/// Payments that are read at once.
const PAGE: u32 = 500;

/// The ledger sums to zero, and says of each receipt what its standing says.
pub(super) fn judge(facts: &Facts) -> Judged {
    let mut entries: BTreeMap<Key, i128> = BTreeMap::new();
    let mut accounts: BTreeMap<(Key, &str), i128> = BTreeMap::new();
    for line in &facts.postings {
        *entries.entry(line.entry).or_default() += line.amount;
        *accounts.entry((line.receipt, line.account.as_str())).or_default() += line.amount;
    }
    for (entry, sum) in &entries {
        hold(*sum == 0, ZERO, || format!("entry {} sums to {sum}", show(entry)))?;
    }
    for receipt in &facts.receipts {
        let amount = i128::try_from(receipt.amount).unwrap_or(i128::MAX);
        let (incoming, received) = match receipt.standing.as_str() {
            "seen" => (amount, 0),
            "confirmed" => (0, amount),
            _ => (0, 0),
        };
        let buyer = -incoming - received;
        for (account, expected) in [("buyer", buyer), ("incoming", incoming), ("received", received)] {
            let booked = accounts.remove(&(receipt.id, account)).unwrap_or_default();
            hold(booked == expected, BOOKS, || {
                format!("{account} has {booked} of the {} receipt {}", receipt.standing, show(&receipt.id))
            })?;
        }
    }
    hold(accounts.is_empty(), BOOKS, || "the ledger tells of receipts that are not there".to_owned())
}

/// What a shop has received by a method is what the ledger says.
pub(super) fn balances(facts: &Facts) -> Judged {
    let mut sums: BTreeMap<(Key, &str, &str), i128> = BTreeMap::new();
    for line in facts.postings.iter().filter(|line| line.account == "received") {
        *sums.entry((line.shop, &line.network, &line.asset)).or_default() += line.amount;
    }
    for balance in &facts.balances {
        let booked = sums.remove(&(balance.shop, &balance.network, &balance.asset)).unwrap_or_default();
        let (amount, asset, shop) = (balance.amount, &balance.asset, show(&balance.shop));
        hold(amount == booked && amount >= 0, BALANCES, || {
            format!("{shop} has received {amount} {asset}, and the ledger says {booked}")
        })?;
    }
    sums.retain(|_, sum| *sum != 0);
    hold(sums.is_empty(), BALANCES, || format!("of {sums:?} nobody keeps the balance"))
}

/// The saved state of every payment is the one that follows from its facts.
pub(super) fn state(books: &Store) -> Judged {
    let records = finish(books.read("simulation.records", records));
    let records = records.map_err(|failure| broken(STATE, format!("the facts cannot be read: {failure}")))?;
    for record in records {
        let derived = record.derive();
        let payment = record.payment;
        hold(payment.state == derived, STATE, || {
            format!("{:?} is saved as {:?}, and is {derived:?}", payment.id, payment.state)
        })?;
    }
    Ok(())
}

fn records(rx: &mut Rx<'_>) -> Result<Vec<Record>, Abort> {
    let mut records = Vec::new();
    for payment in store::payments::list_all(rx, PaymentId::from_bytes([0xff; 16]), PAGE)? {
        let (shop, id) = (payment.shop, payment.id);
        let quotes = store::quotes::of_payment(rx, shop, id)?;
        let receipts = store::receipts::of_payment(rx, shop, id)?;
        records.push(Record { payment, quotes, receipts });
    }
    Ok(records)
}
