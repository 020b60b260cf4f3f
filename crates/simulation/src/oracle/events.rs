//! Events and their deliveries.

use std::collections::{BTreeMap, BTreeSet};

use domain::id::DeliveryId;
use testkit::keyed::KEYED;

use super::{
    Judged,
    facts::{EndpointRow, EventRow, Facts, Key, show},
    hold,
    invariants::{DELIVERIES, EVENTS, LEASES},
};
use crate::world::World;

/// The events of each payment are numbered from 1, each names the one before it, and the payment names the last.
pub(super) fn sequence(facts: &Facts) -> Judged {
    let mut tails: BTreeMap<Key, (u32, Key)> = BTreeMap::new();
    for event in &facts.events {
        let before = tails.get(&event.payment).copied();
        let is_next = event.sequence == before.map_or(1, |(number, _)| number + 1)
            && event.previous == before.map(|(_, id)| id);
        hold(is_next, EVENTS, || {
            format!("event {} of {} does not follow {before:?}", event.sequence, show(&event.payment))
        })?;
        tails.insert(event.payment, (event.sequence, event.id));
    }
    for payment in &facts.payments {
        let tail = tails.get(&payment.id).copied();
        let is_so = tail == payment.last_event.map(|id| (payment.events, id));
        hold(is_so, EVENTS, || {
            format!("{} names {} events, and has {tail:?}", show(&payment.id), payment.events)
        })?;
    }
    Ok(())
}

/// What one of the dialects writes down of every event, and the other of none.
pub(super) fn facts_of_the_moment(facts: &Facts) -> Judged {
    for event in &facts.events {
        let is_kept = event.dialect.as_deref() == Some(KEYED);
        hold(event.facts.is_some() == is_kept, EVENTS, || {
            format!("event {} says of its moment: {:?}", show(&event.id), event.facts)
        })?;
    }
    Ok(())
}

/// Whether an endpoint is told of an event: its dialect tells every one under the name of its kind, but for choices
/// after the first where it is told of those alone.
fn listens(endpoint: &EndpointRow, event: &EventRow) -> bool {
    let mut names = endpoint.subscriptions.split_whitespace();
    let is_of_dialect = event.dialect.as_ref() == Some(&endpoint.dialect);
    let may_be_silent = event.kind == "method_chosen" && endpoint.dialect == KEYED;
    endpoint.shop == event.shop
        && is_of_dialect
        && !may_be_silent
        && names.any(|name| name == "*" || name == event.kind)
}

/// Every event that is new since the last look has one delivery for each endpoint that was there the whole time and
/// listens, and nobody has two.
pub(super) fn deliveries(
    facts: &Facts,
    seen_events: &mut BTreeSet<Key>,
    seen_endpoints: &mut BTreeSet<Key>,
) -> Judged {
    let mut made = BTreeSet::new();
    for delivery in facts.deliveries.iter().filter(|one| !one.is_manual) {
        hold(made.insert((delivery.event, delivery.endpoint)), DELIVERIES, || {
            format!("event {} has two deliveries for {}", show(&delivery.event), show(&delivery.endpoint))
        })?;
    }
    let there: Vec<&EndpointRow> = facts.endpoints.iter().filter(|one| one.deleted_at.is_none()).collect();
    for event in facts.events.iter().filter(|event| !seen_events.contains(&event.id)) {
        for endpoint in there.iter().filter(|one| seen_endpoints.contains(&one.id) && listens(one, event)) {
            hold(made.contains(&(event.id, endpoint.id)), DELIVERIES, || {
                format!(
                    "event {} ({}) has no delivery for {}",
                    show(&event.id),
                    event.kind,
                    show(&endpoint.id)
                )
            })?;
        }
    }
    seen_events.extend(facts.events.iter().map(|event| event.id));
    *seen_endpoints = there.iter().map(|endpoint| endpoint.id).collect();
    Ok(())
}

/// Tries of a delivery before it is parked.
const TRIES: u32 = 3;

/// What is delivered was taken, and what is parked was tried often enough, or has nowhere to go.
pub(super) fn attempts(world: &World, facts: &Facts) -> Judged {
    let (merchant, known) = (world.merchant.borrow(), world.known.borrow());
    let gone: BTreeSet<Key> =
        facts.endpoints.iter().filter(|one| one.deleted_at.is_some()).map(|one| one.id).collect();
    for delivery in &facts.deliveries {
        let id = DeliveryId::from_bytes(delivery.id);
        let is_so = match delivery.status.as_str() {
            "delivered" => merchant.taken.contains(&id),
            "failed" => delivery.attempts >= TRIES || gone.contains(&delivery.endpoint),
            _ => delivery.next_attempt_at.is_some(),
        };
        hold(is_so, DELIVERIES, || {
            format!("{} is {} after {} tries", show(&delivery.id), delivery.status, delivery.attempts)
        })?;
        // Whoever has it and has not yet begun to say what came of it, has it still; unless somebody who had it before
        // says that it was taken.
        let lease = known.leases.get(&id).filter(|lease| lease.attempt == delivery.attempts);
        let is_kept = lease.is_none_or(|lease| lease.until.micros() <= delivery.leased_until);
        hold(is_kept || delivery.status == "delivered" || gone.contains(&delivery.endpoint), LEASES, || {
            format!("{} is {} while somebody sends it", show(&delivery.id), delivery.status)
        })?;
    }
    Ok(())
}
