//! What expired, and whether that was certain.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Judged, broken,
    facts::{Facts, Key, PaymentRow, QuoteRow, ReceiptRow, show},
    healed, hold,
    invariants::EXPIRY,
};
use crate::{template::SCRIPTED, world::World};

/// What expired since the last look did so once its chains were followed past its deadline, and with every transfer
/// recorded that was mined before it.
pub(super) fn judge(world: &World, facts: &Facts, seen: &mut BTreeSet<Key>) -> Judged {
    for payment in facts.payments.iter().filter(|one| one.expired_at.is_some()) {
        if seen.insert(payment.id) {
            expired(world, facts, payment)?;
        }
    }
    Ok(())
}

fn expired(world: &World, facts: &Facts, payment: &PaymentRow) -> Judged {
    if status_before(facts, payment) == Some("processing") {
        return unconfirmed(facts, payment);
    }
    let Some(deadline) = payment.deadline else {
        return Err(broken(EXPIRY, format!("{} has no deadline, and expired", show(&payment.id))));
    };
    let mut scripts = BTreeSet::new();
    for quote in facts.quotes.iter().filter(|one| one.payment == payment.id && one.valid_until.is_some()) {
        let horizon = facts.cursor(&quote.network).map(|cursor| cursor.horizon);
        hold(horizon.is_some_and(|horizon| horizon > deadline), EXPIRY, || {
            format!("{} expired, and {} was followed up to {horizon:?}", show(&payment.id), quote.network)
        })?;
        scripts.insert((quote.network.as_str(), &quote.script[..]));
    }
    patience(facts, payment, deadline)?;
    // A clock that was set back states times again that it had stated before.
    let limit = deadline.saturating_sub(world.set_back.get().micros());
    let recorded: BTreeSet<(&str, &str)> =
        facts.receipts.iter().map(|one| (one.network.as_str(), one.txid.as_str())).collect();
    let chain = world.chain.borrow();
    for block in chain.canonical.iter().filter(|block| block.time.micros() + facts.offset <= limit) {
        for one in block.transfers.iter().filter(|one| scripts.contains(&(SCRIPTED, one.script.bytes()))) {
            hold(recorded.contains(&(SCRIPTED, one.transaction.as_str())), EXPIRY, || {
                format!("{} expired, and {} was mined in time", show(&payment.id), one.transaction)
            })?;
        }
    }
    for one in &facts.transfers {
        let mined = facts
            .blocks
            .iter()
            .find(|block| block.network == one.network && Some(block.height) == one.height);
        let in_time = mined.is_some_and(|block| block.time <= limit);
        if in_time && scripts.contains(&(one.network.as_str(), &one.script[..])) {
            hold(recorded.contains(&(one.network.as_str(), one.txid.as_str())), EXPIRY, || {
                format!("{} expired, and {} was mined in time", show(&payment.id), one.txid)
            })?;
        }
    }
    Ok(())
}

/// Money that had come in time, and was in no block when the payment expired, had been waited for long enough.
fn patience(facts: &Facts, payment: &PaymentRow, deadline: i64) -> Judged {
    let events = facts.events.iter().filter(|one| one.payment == payment.id);
    let before: Vec<_> = events.take_while(|one| one.kind != "expired").collect();
    let in_time = facts.receipts.iter().filter(|one| one.payment == payment.id && one.moment <= deadline);
    for receipt in in_time {
        let last = before.iter().rfind(|one| one.receipt == Some(receipt.id));
        let was_gone = last.is_some_and(|one| one.kind == "orphaned");
        let until = receipt.first_seen + payment.seen_limit;
        hold(!was_gone || payment.expired_at.is_some_and(|at| at > until), EXPIRY, || {
            format!("{} expired while {} could still be mined again", show(&payment.id), receipt.txid)
        })?;
    }
    Ok(())
}

/// How a payment stood when it expired.
pub(super) fn status_before<'a>(facts: &'a Facts, payment: &PaymentRow) -> Option<&'a str> {
    let events = facts.events.iter().filter(|one| one.payment == payment.id);
    events.take_while(|one| one.kind != "expired").last().map(|event| event.status.as_str())
}

/// What expired with all of its money seen was agreed to do so, and its chains were followed for as long as that after
/// the earliest moment at which all of it can have been seen.
fn unconfirmed(facts: &Facts, payment: &PaymentRow) -> Judged {
    let Some(limit) = payment.confirm_limit.filter(|_| payment.is_held) else {
        return Err(broken(EXPIRY, format!("{} had all of its money, and expired", show(&payment.id))));
    };
    let quotes: BTreeMap<Key, &QuoteRow> = facts.quotes.iter().map(|one| (one.id, one)).collect();
    let is_in_time = |one: &&ReceiptRow| payment.deadline.is_none_or(|deadline| one.moment <= deadline);
    let came = facts.receipts.iter().filter(|one| one.payment == payment.id).filter(is_in_time);
    let mut came: Vec<&ReceiptRow> = came.collect();
    came.sort_unstable_by_key(|one| one.first_seen);
    let covers =
        |count: &usize| healed::worth(came.iter().take(*count).copied(), &quotes) >= healed::least(payment);
    let covered_at =
        (1..=came.len()).find(covers).and_then(|count| came.get(count - 1)).map(|one| one.first_seen);
    let Some(covered_at) = covered_at else {
        return Err(broken(EXPIRY, format!("{} was never covered, and was processing", show(&payment.id))));
    };
    let last = (covered_at + limit).max(payment.deadline.unwrap_or(i64::MIN));
    for quote in facts.quotes.iter().filter(|one| one.payment == payment.id) {
        let horizon = facts.cursor(&quote.network).map(|cursor| cursor.horizon);
        hold(horizon.is_some_and(|horizon| horizon > last), EXPIRY, || {
            format!(
                "{} expired unconfirmed, and {} was followed up to {horizon:?}",
                show(&payment.id),
                quote.network
            )
        })?;
    }
    Ok(())
}

/// An order that its buyer's first choice gives a deadline has that one, and none before.
pub(super) fn windows(world: &World, facts: &Facts) -> Judged {
    let known = world.known.borrow();
    let open: BTreeSet<Key> = known
        .orders
        .iter()
        .filter(|order| order.command.order_validity.is_none())
        .filter_map(|order| order.payment.map(|payment| *payment.bytes()))
        .collect();
    let mut first: BTreeMap<Key, i64> = BTreeMap::new();
    for quote in facts.quotes.iter().filter(|one| one.valid_until.is_some()) {
        // In their own order: a clock that was set back may have made a later one earlier.
        first.entry(quote.payment).or_insert(quote.created_at);
    }
    for payment in &facts.payments {
        let Some(window) = payment.window else { continue };
        let chosen = first.get(&payment.id).map(|at| at + window);
        hold(!open.contains(&payment.id) || payment.deadline == chosen, EXPIRY, || {
            format!(
                "{} expires at {:?}, and its buyer's choice says {chosen:?}",
                show(&payment.id),
                payment.deadline
            )
        })?;
    }
    Ok(())
}
