//! What the rest of the house may know of a dialect: its name, and pure functions that find its words.
//!
//! Each dialect fulfils [`Dialect`]; the binary hands the list of them to the engine, the workers and the operator's
//! API. So none of those names a vendor, and adding a dialect touches none of them.

use std::fmt;

use arrayvec::ArrayString;

use crate::{
    delivery::Schedule,
    event::{Event, EventKind},
    id::{DeliveryId, PaymentId},
    mail::MailKind,
    merchant::{Environment, KeyKind},
    payment::{Payment, State},
    refusal::Refusal,
    time::Timestamp,
};

/// The name of a dialect. Lower-case letters, at most 16.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DialectName(ArrayString<16>);

impl DialectName {
    /// The dialect that `text` names.
    ///
    /// # Errors
    /// [`Refusal::DialectUnknown`] for a text that is no such name.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        match ArrayString::from(text) {
            Ok(name) if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase()) => {
                Ok(Self(name))
            }
            Ok(_) | Err(_) => Err(Refusal::DialectUnknown),
        }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Display for DialectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for DialectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A vendor's API, as far as the rest of the house needs it.
pub trait Dialect: Send + Sync {
    /// Its name.
    fn name(&self) -> DialectName;

    /// The scopes that a credential may have.
    fn scopes(&self) -> &'static [&'static str];

    /// A new key of this kind, made from 32 unpredictable bytes.
    fn issue(&self, kind: KeyKind, environment: Environment, entropy: &[u8; 32]) -> IssuedKey;

    /// The names of the events that an endpoint may listen to.
    fn event_names(&self) -> &'static [&'static str];

    /// What an event is called, by its kind and the state that it led to; `None` for one that the dialect does not
    /// tell.
    fn event_name(&self, kind: EventKind, state: &State) -> Option<&'static str>;

    /// The secret of a new endpoint, made from 32 unpredictable bytes.
    fn endpoint_secret(&self, entropy: &[u8; 32]) -> String;

    /// The body of the callback for an event: from the event's facts alone, so that it is the same at every attempt.
    fn callback_body(&self, announcement: &Announcement<'_>) -> Vec<u8>;

    /// The headers of one attempt, signature included, `Content-Type` as well.
    fn callback_headers(&self, attempt: &CallbackAttempt<'_>) -> Vec<(&'static str, String)>;

    /// When a callback that was not taken is tried again.
    fn callback_schedule(&self) -> Schedule;

    /// Whether an answer with this status means that the callback was taken.
    fn callback_taken(&self, http_status: u16) -> bool;

    /// Whether the buyer is written to about this, where the payment has his address.
    fn mails(&self, kind: MailKind) -> bool;

    /// A payment's id as the dialect writes it.
    fn payment_id(&self, id: PaymentId) -> String;

    /// The path of a payment's checkout page, by its public token.
    fn checkout_path(&self, token: &str) -> String;
}

/// A key that was just made. The text is shown once and never kept.
pub struct IssuedKey {
    /// What the key is called where it is shown: `secret_key`.
    pub field: &'static str,
    /// The key.
    pub text: String,
}

/// An event, and what its payment was when it was made.
pub struct Announcement<'a> {
    /// The event.
    pub event: &'a Event,
    /// What the dialect calls it.
    pub name: &'a str,
    /// The payment. What changes after its creation is in the event's own state; nothing else of it may be told.
    pub payment: &'a Payment,
    /// Whether money is real.
    pub environment: Environment,
}

/// What one attempt of a callback is signed with.
pub struct CallbackAttempt<'a> {
    /// The delivery.
    pub delivery: DeliveryId,
    /// The event.
    pub event: &'a Event,
    /// What the dialect calls it.
    pub name: &'a str,
    /// The endpoint's secret.
    pub secret: &'a str,
    /// The wall time of this attempt.
    pub at: Timestamp,
    /// The body, to the byte.
    pub body: &'a [u8],
}
