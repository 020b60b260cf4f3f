//! What holds once nothing goes wrong any more and time has passed: everything came to rest, and each payment is what
//! its chains say, by the oracle's own reckoning.

use std::collections::BTreeMap;

use super::{
    Judged,
    facts::{Facts, Key, PaymentRow, QuoteRow, ReceiptRow, show},
    hold,
    invariants::{MODEL, TOLD},
};
use crate::{template::SCRIPTED, world::World};

/// Whether nothing waits to be sent, and nothing may yet expire.
pub(super) fn is_at_rest(facts: &Facts) -> bool {
    facts.deliveries.iter().all(|one| one.next_attempt_at.is_none())
        && facts.mails.iter().all(|one| one.next_attempt_at.is_none())
        && facts.payments.iter().all(|one| one.status != "waiting" || one.deadline.is_none())
        && facts.payments.iter().all(|one| one.status != "processing" || one.confirm_by.is_none())
}

/// Everything is delivered or parked.
pub(super) fn told(_world: &World, facts: &Facts) -> Judged {
    for delivery in &facts.deliveries {
        hold(delivery.next_attempt_at.is_none(), TOLD, || {
            format!("{} is still {} after {} tries", show(&delivery.id), delivery.status, delivery.attempts)
        })?;
    }
    Ok(())
}

/// The money on the canonical chains, by network and transaction, and how much it is.
fn on_chain(world: &World, facts: &Facts) -> BTreeMap<(String, String, u32, u128), Vec<u8>> {
    let chain = world.chain.borrow();
    let scripted = chain.canonical.iter().flat_map(|block| &block.transfers).map(|one| {
        let key = (SCRIPTED.to_owned(), one.transaction.clone(), one.ordinal, one.amount.minor());
        (key, one.script.bytes().to_vec())
    });
    let simulated = facts.transfers.iter().filter(|one| one.height.is_some());
    let simulated =
        simulated.map(|one| ((one.network.clone(), one.txid.clone(), 0, one.amount), one.script.clone()));
    scripted.chain(simulated).collect()
}

/// Each payment's status is what its money on the canonical chains makes of it, at the promises that were given.
pub(super) fn model(world: &World, facts: &Facts) -> Judged {
    let mut money = on_chain(world, facts);
    let quotes: BTreeMap<Key, &QuoteRow> = facts.quotes.iter().map(|one| (one.id, one)).collect();
    let mut by_payment: BTreeMap<Key, Vec<&ReceiptRow>> = BTreeMap::new();
    for receipt in &facts.receipts {
        let key = (receipt.network.clone(), receipt.txid.clone(), receipt.ordinal, receipt.amount);
        let is_there = money.remove(&key).is_some_and(|script| script == receipt.script);
        let counts = receipt.standing == "confirmed";
        hold(is_there == counts, MODEL, || {
            let where_is_it = if is_there { "on its chain" } else { "not on its chain" };
            format!("{} is {}, and {where_is_it}", receipt.txid, receipt.standing)
        })?;
        if let Some(quote) = receipt.valued_by.and_then(|id| quotes.get(&id)) {
            hold(is_fit(quote, receipt), MODEL, || format!("{} counts by a wrong promise", receipt.txid))?;
        }
        if counts {
            by_payment.entry(receipt.payment).or_default().push(receipt);
        }
    }
    let given: Vec<&[u8]> = facts.addresses.iter().map(|one| &one.script[..]).collect();
    for ((network, transaction, ..), script) in &money {
        hold(!given.contains(&&script[..]), MODEL, || {
            format!("{transaction} is on {network}, at an address of ours, and was never recorded")
        })?;
    }
    for payment in &facts.payments {
        let receipts = by_payment.remove(&payment.id).unwrap_or_default();
        let expected = status(payment, &receipts, &quotes);
        hold(payment.status == expected, MODEL, || {
            format!("{} is {}, and its chains say {expected}", show(&payment.id), payment.status)
        })?;
    }
    Ok(())
}

/// Whether money may count by a promise: one that was given for it, or was made of it.
fn is_fit(quote: &QuoteRow, receipt: &ReceiptRow) -> bool {
    let same = quote.payment == receipt.payment
        && (quote.network.as_str(), quote.asset.as_str())
            == (receipt.network.as_str(), receipt.asset.as_str())
        && quote.script == receipt.script;
    same && quote.valid_until.map_or(quote.asks == receipt.amount, |last| receipt.moment <= last)
}

fn status(payment: &PaymentRow, receipts: &[&ReceiptRow], quotes: &BTreeMap<Key, &QuoteRow>) -> &'static str {
    if payment.cancelled_at.is_some() {
        return "cancelled";
    }
    if payment.failed_at.is_some() {
        return "failed";
    }
    if payment.is_held && payment.expired_at.is_some() {
        return "expired";
    }
    let in_time = |moment: i64| payment.deadline.is_none_or(|deadline| moment <= deadline);
    let settling = receipts.iter().filter(|one| !payment.is_held || in_time(one.moment));
    match (worth(settling.copied(), quotes) >= least(payment), payment.expired_at) {
        (true, _) => "paid",
        (false, Some(_)) => "expired",
        (false, None) => "waiting",
    }
}

/// What money is worth by the promises that it counts by.
pub(super) fn worth<'a>(
    receipts: impl Iterator<Item = &'a ReceiptRow>,
    quotes: &BTreeMap<Key, &QuoteRow>,
) -> u128 {
    let mut came: BTreeMap<Key, u128> = BTreeMap::new();
    for receipt in receipts {
        if let Some(quote) = receipt.valued_by {
            *came.entry(quote).or_default() += receipt.amount;
        }
    }
    let values =
        came.iter().filter_map(|(id, amount)| quotes.get(id).map(|one| amount * one.covers / one.asks));
    values.sum()
}

/// The least that settles a payment.
pub(super) fn least(payment: &PaymentRow) -> u128 {
    payment.price.saturating_sub(payment.tolerance).max(1)
}
