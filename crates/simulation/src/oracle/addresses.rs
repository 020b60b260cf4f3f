//! Addresses, idempotency keys, and what was answered.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Judged, broken,
    facts::{Facts, Key, kind_of, show},
    hold,
    invariants::{ADDRESSES, ANSWERED, KEYS},
};
use crate::world::World;

/// A script, and the kind of it.
type Place<'a> = (&'a str, &'a [u8]);

/// Every script belongs to one payment, or to one client whose payments have each one arrival of money; and every key
/// to a payment that is there.
pub(super) fn judge(facts: &Facts) -> Judged {
    let clients = of_clients(facts);
    let mut owners: BTreeMap<Place<'_>, Key> = BTreeMap::new();
    let given =
        facts.addresses.iter().filter_map(|one| Some(((one.kind.as_str(), &one.script[..]), one.payment?)));
    let asked = facts.quotes.iter().map(|one| ((kind_of(&one.network), &one.script[..]), one.payment));
    let came = facts.receipts.iter().map(|one| ((kind_of(&one.network), &one.script[..]), one.payment));
    for (script, payment) in
        given.chain(asked).chain(came).filter(|(script, _)| !clients.contains_key(script))
    {
        let owner = *owners.entry(script).or_insert(payment);
        hold(owner == payment, ADDRESSES, || {
            format!("{script:?} is asked for by {} and by {}", show(&owner), show(&payment))
        })?;
    }
    paid_in(facts, &clients, &owners)?;
    let there: BTreeSet<Key> = facts.payments.iter().map(|one| one.id).collect();
    for key in &facts.keys {
        hold(there.contains(&key.payment), KEYS, || {
            format!("{} stands for {}, which is not there", key.key, show(&key.payment))
        })?;
    }
    let mut references = BTreeSet::new();
    let paid_in: BTreeSet<Key> = payments_of(facts, &clients).collect();
    for payment in facts.payments.iter().filter(|one| !paid_in.contains(&one.id)) {
        hold(references.insert(&payment.reference), KEYS, || {
            format!("two payments were made for {:?}", payment.reference)
        })?;
    }
    Ok(())
}

/// The scripts that clients have.
fn of_clients(facts: &Facts) -> BTreeMap<Place<'_>, Key> {
    let given = facts.addresses.iter();
    given.filter_map(|one| Some(((one.kind.as_str(), &one.script[..]), one.client?))).collect()
}

/// The payments of money that came to clients.
fn payments_of<'a>(
    facts: &'a Facts,
    clients: &'a BTreeMap<Place<'a>, Key>,
) -> impl Iterator<Item = Key> + 'a {
    let is_of_client = |network: &str, script: &[u8]| clients.contains_key(&(kind_of(network), script));
    facts.receipts.iter().filter(move |one| is_of_client(&one.network, &one.script)).map(|one| one.payment)
}

/// How many payments clients made by sending money.
pub(super) fn paid_by_clients(facts: &Facts) -> usize {
    payments_of(facts, &of_clients(facts)).count()
}

/// Money at a client's address is a payment of its own, whatever became of it since; and nobody asks for money there.
fn paid_in(facts: &Facts, clients: &BTreeMap<Place<'_>, Key>, owners: &BTreeMap<Place<'_>, Key>) -> Judged {
    let elsewhere: BTreeSet<Key> = owners.values().copied().collect();
    let mut seen = BTreeSet::new();
    for payment in payments_of(facts, clients) {
        hold(!elsewhere.contains(&payment) && seen.insert(payment), ADDRESSES, || {
            format!("{} is not the payment of one arrival at a client's address", show(&payment))
        })?;
    }
    let asked = facts.quotes.iter().filter(|one| one.valid_until.is_some());
    for quote in asked {
        let is_of_client = clients.contains_key(&(kind_of(&quote.network), &quote.script[..]));
        hold(!is_of_client, ADDRESSES, || format!("{} asks for money at a client's", show(&quote.payment)))?;
    }
    Ok(())
}

/// What was answered is there, and stays so.
pub(super) fn answered(world: &World, facts: &Facts) -> Judged {
    let known = world.known.borrow();
    let there: BTreeMap<Key, _> = facts.payments.iter().map(|one| (one.id, one)).collect();
    for order in &known.orders {
        let Some(payment) = order.payment else { continue };
        let row = there
            .get(payment.bytes())
            .ok_or_else(|| broken(ANSWERED, format!("{payment:?} was answered, and is not there")))?;
        hold(row.reference.as_ref() == Some(&order.key), KEYS, || {
            format!("{} was answered with the payment of {:?}", order.key, row.reference)
        })?;
    }
    for payment in &known.cancelled {
        let is_so = there.get(payment.bytes()).is_some_and(|row| row.cancelled_at.is_some());
        hold(is_so, ANSWERED, || format!("{payment:?} was cancelled, and is not"))?;
    }
    Ok(())
}
