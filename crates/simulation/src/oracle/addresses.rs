//! Addresses, idempotency keys, and what was answered.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Judged, broken,
    facts::{Facts, Key, kind_of, show},
    hold,
    invariants::{ADDRESSES, ANSWERED, KEYS},
};
use crate::world::World;

/// Every script belongs to one payment, wherever it stands; and every key to a payment that is there.
pub(super) fn judge(facts: &Facts) -> Judged {
    let mut owners: BTreeMap<(&str, &[u8]), Key> = BTreeMap::new();
    let given = facts.addresses.iter().map(|one| ((one.kind.as_str(), &one.script[..]), one.payment));
    let asked = facts.quotes.iter().map(|one| ((kind_of(&one.network), &one.script[..]), one.payment));
    let came = facts.receipts.iter().map(|one| ((kind_of(&one.network), &one.script[..]), one.payment));
    for (script, payment) in given.chain(asked).chain(came) {
        let owner = *owners.entry(script).or_insert(payment);
        hold(owner == payment, ADDRESSES, || {
            format!("{script:?} is asked for by {} and by {}", show(&owner), show(&payment))
        })?;
    }
    let there: BTreeSet<Key> = facts.payments.iter().map(|one| one.id).collect();
    for key in &facts.keys {
        hold(there.contains(&key.payment), KEYS, || {
            format!("{} stands for {}, which is not there", key.key, show(&key.payment))
        })?;
    }
    let mut references = BTreeSet::new();
    for payment in &facts.payments {
        hold(references.insert(&payment.reference), KEYS, || {
            format!("two payments were made for {:?}", payment.reference)
        })?;
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
