//! Mails to buyers.

use std::collections::BTreeSet;

use domain::id::MailId;

use super::{
    Judged,
    facts::{EventRow, Facts, Key, show},
    hold,
    invariants::{MAILS, TOLD},
};
use crate::world::World;

/// What a mail is about, by the event that leads to it: its kind, and the receipt or else the payment. The plain
/// dialect mails whatever there is to decide.
fn due(facts: &Facts, event: &EventRow) -> Option<(&'static str, Key)> {
    let is_short = || facts.decisions.iter().any(|one| one.payment == event.payment && one.kind == "short");
    match (event.kind.as_str(), event.receipt) {
        ("over", Some(receipt)) => Some(("over", receipt)),
        ("late", Some(receipt)) => Some(("held", receipt)),
        ("expired", None) if is_short() => Some(("short", event.payment)),
        _ => None,
    }
}

/// Every event that a buyer is to be told of has one mail for its fact, and every mail has such an event. A payment
/// without an address has none.
pub(super) fn judge(world: &World, facts: &Facts) -> Judged {
    let with_address: BTreeSet<Key> =
        facts.payments.iter().filter(|one| one.email.is_some()).map(|one| one.id).collect();
    let made: BTreeSet<(&str, Key)> =
        facts.mails.iter().map(|mail| (mail.kind.as_str(), mail.about)).collect();
    hold(made.len() == facts.mails.len(), MAILS, || "one fact has two mails".to_owned())?;
    let told = facts.events.iter().filter(|event| with_address.contains(&event.payment));
    let told: Vec<_> = told.filter_map(|event| Some((event, due(facts, event)?))).collect();
    for (event, fact) in &told {
        hold(made.contains(fact), MAILS, || {
            format!("event {} ({}) has no mail", show(&event.id), event.kind)
        })?;
    }
    for mail in &facts.mails {
        let has_event = told.iter().any(|(event, fact)| {
            event.id == mail.event
                && event.payment == mail.payment
                && *fact == (mail.kind.as_str(), mail.about)
        });
        hold(has_event, MAILS, || format!("{} is about nothing that happened", show(&mail.id)))?;
        let was_taken = world.known.borrow().posted.contains(&MailId::from_bytes(mail.id));
        hold(mail.status != "sent" || was_taken, MAILS, || {
            format!("{} is said to be sent, and nobody took it", show(&mail.id))
        })?;
        let waits = matches!(mail.status.as_str(), "pending" | "retrying");
        hold(waits == mail.next_attempt_at.is_some(), MAILS, || {
            format!("{} is {}, and next due at {:?}", show(&mail.id), mail.status, mail.next_attempt_at)
        })?;
    }
    Ok(())
}

/// Once the world is well, no mail waits, and none is kept that somebody still waits for.
pub(super) fn told(facts: &Facts) -> Judged {
    for mail in &facts.mails {
        hold(!matches!(mail.status.as_str(), "pending" | "retrying" | "kept"), TOLD, || {
            format!("mail {} is still {}", show(&mail.id), mail.status)
        })?;
    }
    Ok(())
}
