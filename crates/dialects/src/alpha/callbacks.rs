//! What shops are told, and how it is signed.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use domain::{
    delivery::Schedule,
    dialect::{Announcement, CallbackAttempt},
    event::EventKind,
    payment::{State, Status},
    time::Span,
};
use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use sha2::Sha256;
use utoipa::ToSchema;

use crate::{
    alpha::wire::{ids, status, time},
    http::json,
};

/// The version of the envelope: a date, whereas answers of the API carry a path's version in the same header.
pub(crate) const API_VERSION: &str = "2026-06-08";

const CREATED: &str = "payment.created";
const PROCESSING: &str = "payment.processing";
const COMPLETED: &str = "payment.completed";
const FAILED: &str = "payment.failed";
const CANCELLED: &str = "payment.cancelled";
const EXPIRED: &str = "payment.expired";

/// The events that are told, each with what it means.
pub(crate) const TOLD: &[(&str, &str)] = &[
    (CREATED, "A payment was made, and its checkout is open."),
    (
        PROCESSING,
        "All that is due was seen and is not final, or money that had been seen is in no block any more: \
         the status says how the payment stands now.",
    ),
    (COMPLETED, "All that is due is final. Fulfil the order."),
    (FAILED, "The payment was declined for good."),
    (CANCELLED, "The payment was given up before any money was seen."),
    (EXPIRED, "The checkout closed, and not all that was due had come."),
];

/// The names that an endpoint may listen to: all that the contract has. Those that nothing causes yet are taken as
/// well. A shop that moves here brings its list along, and silence about refunds is the truth while there are none.
pub(crate) const EVENT_NAMES: &[&str] = &[
    CREATED,
    PROCESSING,
    COMPLETED,
    FAILED,
    CANCELLED,
    EXPIRED,
    "payment.refunded",
    "payment.disputed",
    "refund.created",
    "refund.completed",
    "refund.failed",
    "chargeback.created",
    "chargeback.updated",
    "chargeback.closed",
    "settlement.created",
    "settlement.paid",
    "payout.created",
    "payout.completed",
    "payout.failed",
];

/// What an event is called. What leaves the vendor's state as it was is not told, but for money that left the chain:
/// whether it was a part, or all that was due, cannot be seen from the state after it.
pub(crate) const fn event_name(kind: EventKind, state: &State) -> Option<&'static str> {
    match (kind, state.status) {
        (EventKind::Created, _) => Some(CREATED),
        (EventKind::Seen, Status::Processing)
        | (EventKind::Orphaned, Status::Waiting | Status::Processing) => Some(PROCESSING),
        (EventKind::Paid, _) => Some(COMPLETED),
        (EventKind::Expired, _) => Some(EXPIRED),
        (EventKind::Cancelled, _) => Some(CANCELLED),
        (EventKind::Failed, _) => Some(FAILED),
        (
            EventKind::MethodChosen
            | EventKind::Seen
            | EventKind::PartPaid
            | EventKind::Over
            | EventKind::Late
            | EventKind::Orphaned
            | EventKind::Reopened,
            _,
        ) => None,
    }
}

/// When a callback that was not taken is tried again: eight tries in all.
pub(crate) const SCHEDULE: Schedule = &[
    Span::ZERO,
    Span::minutes(1),
    Span::minutes(5),
    Span::minutes(30),
    Span::hours(2),
    Span::hours(6),
    Span::hours(12),
    Span::hours(24),
];

/// The secret of an endpoint. The whole text is the key.
pub(crate) fn endpoint_secret(entropy: &[u8; 32]) -> String {
    format!("whsec_{}", BASE64_URL_SAFE_NO_PAD.encode(entropy))
}

/// Something that happened to a payment.
#[derive(Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the vendor sends the id under two names")]
pub(crate) struct Event {
    /// The event's id: the same in every delivery and every attempt. Handle each id once.
    #[schema(pattern = "^evt_[0-9A-Za-z]{24}$", examples("evt_00033ZMja780gsLWU4d5T61Y"))]
    id: String,
    /// The same id.
    #[schema(pattern = "^evt_[0-9A-Za-z]{24}$", examples("evt_00033ZMja780gsLWU4d5T61Y"))]
    event_id: String,
    /// The version of this envelope.
    #[schema(pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", examples("2026-06-08"))]
    api_version: &'static str,
    /// What happened.
    #[serde(rename = "type")]
    #[schema(examples("payment.completed"))]
    name: String,
    /// Whether money is real.
    livemode: bool,
    /// When it happened: RFC 3339, in UTC, whole seconds.
    #[schema(format = DateTime, examples("2026-06-16T12:00:00Z"))]
    created_at: String,
    /// What it happened to.
    data: EventData,
}

/// What an event happened to.
#[derive(Serialize, ToSchema)]
pub(crate) struct EventData {
    /// The payment, as it was right after the event.
    object: EventPayment,
}

/// A payment, as it was right after an event.
#[derive(Serialize, ToSchema)]
pub(crate) struct EventPayment {
    /// Always `payment`.
    #[schema(pattern = "^payment$", examples("payment"))]
    object: &'static str,
    /// The payment's id.
    #[schema(pattern = "^pay_[0-9A-Za-z]{24}$", examples("pay_00033ZMYAb50T29kTFmGqkRU"))]
    id: String,
    /// What was asked, in major units, with the places of the currency.
    #[schema(pattern = "^[0-9]+(\\.[0-9]+)?$", examples("25.00"))]
    amount: String,
    /// The currency: ISO 4217.
    #[schema(pattern = "^[A-Z]{3}$", examples("USD"))]
    currency: String,
    /// How the payment stood.
    #[schema(value_type = status::PaymentStatus)]
    status: &'static str,
    /// The merchant's own id for the order; null where none was given.
    #[schema(required = true, examples("order-a1001"))]
    reference: Option<String>,
}

/// The body of a callback, from the facts of its event alone.
pub(crate) fn body(announcement: &Announcement<'_>) -> Vec<u8> {
    let Announcement { event, name, payment, environment, .. } = announcement;
    let id = ids::event(event.id);
    let envelope = Event {
        id: id.clone(),
        event_id: id,
        api_version: API_VERSION,
        name: (*name).to_owned(),
        livemode: environment.is_live(),
        created_at: time::write(event.at),
        data: EventData {
            object: EventPayment {
                object: "payment",
                id: ids::payment(payment.id),
                amount: payment.price.amount.to_decimal(payment.price.currency.decimals),
                currency: payment.price.currency.code.to_string(),
                status: status::name(event.state.status),
                reference: payment.order.reference.clone(),
            },
        },
    };
    json::to_text(&envelope).into_bytes()
}

/// The headers of one attempt. Each attempt is signed at its own time: receivers refuse what is older than minutes.
pub(crate) fn headers(attempt: &CallbackAttempt<'_>) -> Vec<(&'static str, String)> {
    let timestamp = time::write(attempt.at);
    let signature = signature(attempt.secret, &timestamp, attempt.body);
    vec![
        ("Content-Type", "application/json".to_owned()),
        ("X-Alpha-Event", attempt.name.to_owned()),
        ("X-Alpha-API-Version", API_VERSION.to_owned()),
        ("X-Alpha-Delivery", ids::delivery(attempt.delivery)),
        ("X-Alpha-Timestamp", timestamp),
        ("X-Alpha-Signature", signature),
    ]
}

/// HMAC-SHA256 over the timestamp's text, a point, and the body, in lower-case hexadecimal. The key is the secret as it
/// was shown, as UTF-8.
#[expect(clippy::expect_used, reason = "HMAC takes keys of any length (RFC 2104, section 2)")]
fn signature(secret: &str, timestamp: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key of any length");
    mac.update(timestamp.as_bytes());
    mac.update(b".");
    mac.update(body);
    const_hex::encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests;
