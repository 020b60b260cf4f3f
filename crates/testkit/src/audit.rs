//! The books of a gateway, read from its database and compared with what they are about.

use std::collections::BTreeMap;

use domain::{
    chain::Method,
    id::{EntryId, PaymentId, ReceiptId, ShopId},
    ledger::Account,
    payment::Record,
    receipt::{Receipt, Standing},
};
use store::{Abort, Rx, Store, numbers::Kind};

/// Rows that are read at once.
const PAGE: u32 = 500;

/// Compares everything that is derived with what it is derived from: every entry sums to zero; the ledger says of each
/// receipt what its standing says; every payment's saved state is the one that follows from its facts; its events are
/// numbered without a gap; what has a number of the shop's is what that number names; and what each shop has received
/// is what is final of its receipts.
///
/// # Panics
/// With the first difference.
pub async fn audit(store: &Store) {
    let ledger = store.read("test.audit_ledger", ledger).await.expect("the ledger is read");
    let records = store.read("test.audit_records", records).await.expect("payments are read");
    let mut receipts = 0;
    for record in &records {
        let payment = &record.payment;
        assert_eq!(payment.state, record.derive(), "the saved state of {:?}", payment.id);
        for receipt in &record.receipts {
            let booked = ledger.get(&receipt.id).copied().unwrap_or_default();
            assert_eq!(booked, expected(receipt), "the ledger of receipt {:?}", receipt.id);
            receipts += 1;
        }
    }
    store.read("test.audit_numbers", move |rx| numbers(rx, &records)).await.expect("numbers are read");
    store.read("test.audit_balances", balances).await.expect("balances are read");
    assert!(ledger.len() <= receipts, "the ledger speaks of receipts that are not there");
}

/// What the accounts hold of one receipt: with the buyer, incoming, received.
type Booked = (i128, i128, i128);

fn expected(receipt: &Receipt) -> Booked {
    let amount = i128::try_from(receipt.amount.minor()).expect("an amount that a ledger can hold");
    match receipt.standing {
        Standing::Gone => (0, 0, 0),
        Standing::Seen => (-amount, amount, 0),
        Standing::Confirmed => (-amount, 0, amount),
    }
}

/// What every shop has received is what is final of its receipts.
fn balances(rx: &mut Rx<'_>) -> Result<(), Abort> {
    for shop in store::shops::list(rx, ShopId::from_bytes([0; 16]), PAGE)? {
        let mut sums: BTreeMap<Method, i128> = BTreeMap::new();
        let mut before = PaymentId::from_bytes([0xff; 16]);
        loop {
            let page = store::payments::list(rx, shop.id, before, PaymentId::from_bytes([0; 16]), PAGE)?;
            let Some(last) = page.last() else { break };
            before = last.id;
            for payment in page {
                for receipt in store::receipts::of_payment(rx, shop.id, payment.id)? {
                    if receipt.standing == Standing::Confirmed {
                        let amount =
                            i128::try_from(receipt.amount.minor()).expect("an amount that can be booked");
                        *sums.entry(receipt.method).or_default() += amount;
                    }
                }
            }
        }
        let mut kept: BTreeMap<Method, i128> = BTreeMap::new();
        kept.extend(
            store::balances::of_shop(rx, shop.id)?.iter().map(|one| (one.method, one.amount.minor())),
        );
        kept.retain(|_, amount| *amount != 0);
        assert_eq!(kept, sums, "what {:?} has received", shop.id);
    }
    Ok(())
}

/// Every number names what has it.
fn numbers(rx: &mut Rx<'_>, records: &[Record]) -> Result<(), Abort> {
    for record in records {
        let payment = &record.payment;
        let own = payment.number.map(|number| (number, Kind::Payment, payment.id.bytes().to_vec()));
        let of = |one: &Receipt| Some((one.number?, Kind::Receipt, one.id.bytes().to_vec()));
        for (number, kind, subject) in own.into_iter().chain(record.receipts.iter().filter_map(of)) {
            let named = store::numbers::get(rx, payment.shop, number)?;
            assert_eq!(named, Some((kind, subject)), "number {number}");
        }
    }
    Ok(())
}

fn ledger(rx: &mut Rx<'_>) -> Result<BTreeMap<ReceiptId, Booked>, Abort> {
    let mut booked: BTreeMap<ReceiptId, Booked> = BTreeMap::new();
    let mut entries: BTreeMap<EntryId, i128> = BTreeMap::new();
    let mut after = (EntryId::from_bytes([0; 16]), 0);
    loop {
        let page = store::postings::page(rx, after, PAGE)?;
        let Some(last) = page.last() else { break };
        after = (last.entry, last.line);
        for line in page {
            *entries.entry(line.entry).or_default() += line.amount.minor();
            let (buyer, incoming, received) = booked.entry(line.receipt).or_default();
            *match line.account {
                Account::Buyer => buyer,
                Account::Incoming => incoming,
                Account::Received => received,
            } += line.amount.minor();
        }
    }
    assert!(entries.values().all(|sum| *sum == 0), "an entry of the ledger does not sum to zero");
    Ok(booked)
}

fn records(rx: &mut Rx<'_>) -> Result<Vec<Record>, Abort> {
    let mut records = Vec::new();
    let mut before = PaymentId::from_bytes([0xff; 16]);
    loop {
        let page = store::payments::list_all(rx, before, PAGE)?;
        let Some(last) = page.last() else { return Ok(records) };
        before = last.id;
        for payment in page {
            let (shop, id, events) = (payment.shop, payment.id, payment.events);
            let trail = store::events::trail(rx, shop, events.last, usize::MAX)?;
            assert!(trail.iter().rev().map(|event| event.sequence).eq(1..=events.count), "events of {id:?}");
            records.push(Record {
                payment,
                quotes: store::quotes::of_payment(rx, shop, id)?,
                receipts: store::receipts::of_payment(rx, shop, id)?,
            });
        }
    }
}
