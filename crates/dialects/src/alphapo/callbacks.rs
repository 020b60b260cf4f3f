//! What shops are told, and how it is signed.

pub(crate) mod body;

use domain::{
    delivery::Schedule,
    dialect::{Announcement, CallbackAttempt, Occasion},
    event::{Event, EventKind},
    payment::{State, Status},
    time::Span,
};

use super::{
    auth::{KEY, SIGNATURE},
    sign,
    wire::{details::Details, php_json, status},
};

/// The names of the events: the states that they led to. The vendor's one URL hears all of them. Those of deposits are
/// told under the same names.
pub(crate) const EVENT_NAMES: &[&str] =
    &[status::PENDING, status::PROCESSING, status::CONFIRMED, status::FAILED];

/// The vendor has one URL for each merchant.
pub(crate) const ENDPOINTS: usize = 1;

/// What an event is called, where it may be told. Whether it is told, its moment says: [`tells`].
pub(crate) const fn event_name(kind: EventKind, state: &State) -> Option<&'static str> {
    match (kind, state.status) {
        (EventKind::MethodChosen | EventKind::PartPaid, Status::Waiting) => Some(status::PENDING),
        (EventKind::Seen, Status::Processing) => Some(status::PROCESSING),
        (EventKind::Paid, Status::Paid) => Some(status::CONFIRMED),
        (EventKind::Expired | EventKind::Cancelled | EventKind::Failed, _) => Some(status::FAILED),
        // What is there at its creation is in the answer to that. More than was due changes no state, late money comes
        // after the last one, and money that left the chain takes nothing back that was said.
        (
            EventKind::Created
            | EventKind::MethodChosen
            | EventKind::Seen
            | EventKind::PartPaid
            | EventKind::Paid
            | EventKind::Over
            | EventKind::Late
            | EventKind::Orphaned
            | EventKind::Reopened,
            _,
        ) => None,
    }
}

/// Whether an event is told: a callback goes out whenever the state of an invoice changes, and for each part of what is
/// due.
pub(crate) fn tells(occasion: &Occasion<'_>) -> bool {
    let Occasion { event, record, .. } = occasion;
    let Some(name) = event_name(event.kind, &event.state) else { return false };
    // What was overtaken in its own moment is not told: the two would go out at once, and might arrive the other way
    // round, which some shops take for the last word.
    if event.state.status != record.payment.state.status {
        return false;
    }
    let history = (occasion.history)();
    // The last states are final, whatever becomes of the money.
    if is_confirmed(&history) {
        return false;
    }
    match event.kind {
        // Only the first choice of a coin starts a timer, where none was running. It is told, and later ones are not.
        EventKind::MethodChosen => starts_timer(occasion) && !has(&history, EventKind::MethodChosen),
        EventKind::PartPaid => tells_parts(occasion),
        // An invoice that never began has no times to tell of, and the vendor knows no end of it.
        EventKind::Cancelled if starts_timer(occasion) => has(&history, EventKind::MethodChosen),
        // The same state is not told twice: money may leave the chain, and come back.
        _ => last_told(&history) != Some(name),
    }
}

/// Whether all that was due had been final before, as these events tell.
pub(crate) fn is_confirmed(history: &[Event]) -> bool {
    has(history, EventKind::Paid)
}

fn has(history: &[Event], kind: EventKind) -> bool {
    history.iter().any(|event| event.kind == kind)
}

/// What was said of the invoice last.
fn last_told(history: &[Event]) -> Option<&'static str> {
    history.iter().find_map(|event| event_name(event.kind, &event.state))
}

fn starts_timer(occasion: &Occasion<'_>) -> bool {
    match Details::read(occasion.record.payment.order.details.as_deref()) {
        Some(Details::Invoice(details)) => !details.timer,
        Some(Details::Deposit(_)) | None => false,
    }
}

fn tells_parts(occasion: &Occasion<'_>) -> bool {
    match Details::read(occasion.record.payment.order.details.as_deref()) {
        Some(Details::Invoice(details)) => details.kind.tells_parts(),
        Some(Details::Deposit(_)) | None => false,
    }
}

/// What is written down of an event's moment, where it is told: the callback itself, to the byte.
pub(crate) fn facts(occasion: &Occasion<'_>) -> Option<String> {
    let body = tells(occasion).then(|| body::of(occasion)).flatten()?;
    String::from_utf8(php_json::to_bytes(&body)).ok()
}

/// The body of a callback.
pub(crate) fn body(announcement: &Announcement<'_>) -> Vec<u8> {
    announcement.facts.unwrap_or_default().as_bytes().to_vec()
}

/// When a callback that was not taken is tried again: twelve times after the first, each so long after the one before.
pub(crate) const SCHEDULE: Schedule = &[
    Span::ZERO,
    Span::minutes(1),
    Span::minutes(5),
    Span::minutes(15),
    Span::minutes(30),
    Span::minutes(60),
    Span::minutes(90),
    Span::minutes(120),
    Span::minutes(180),
    Span::minutes(240),
    Span::minutes(240),
    Span::minutes(240),
    Span::minutes(240),
];

/// Whether an answer says that the callback was taken: 200, and no other.
pub(crate) const fn is_taken(http_status: u16) -> bool {
    http_status == 200
}

/// The headers of one attempt. The names are sent in this very case.
pub(crate) fn headers(attempt: &CallbackAttempt<'_>) -> Vec<(&'static str, String)> {
    vec![
        ("Content-Type", "application/json".to_owned()),
        (KEY, attempt.key.unwrap_or_default().to_owned()),
        (SIGNATURE, sign(attempt.secret, attempt.body)),
    ]
}
