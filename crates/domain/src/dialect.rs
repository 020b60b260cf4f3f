//! What the rest of the house may know of a dialect: its name, and pure functions that find its words.
//!
//! Each dialect fulfils [`Dialect`]; the binary hands the list of them to the engine, the workers and the operator's
//! API. So none of those names a vendor, and adding a dialect touches none of them.

use std::fmt;

use arrayvec::ArrayString;

use crate::{
    chain::{Method, Network, NetworkSpec, Script},
    delivery::Schedule,
    event::{Event, EventKind},
    id::{DeliveryId, PaymentId},
    mail::MailKind,
    merchant::{Environment, KeyKind, MAX_ENDPOINTS},
    payment::{Payment, Record, State},
    receipt::Receipt,
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

    /// The kinds of keys that it knows.
    fn key_kinds(&self) -> &'static [KeyKind] {
        &[KeyKind::Secret, KeyKind::Publishable]
    }

    /// A new key of this kind, made from 32 unpredictable bytes.
    fn issue(&self, kind: KeyKind, environment: Environment, entropy: &[u8; 32]) -> IssuedKey;

    /// The names of the events that an endpoint may listen to.
    fn event_names(&self) -> &'static [&'static str];

    /// What an event is called, by its kind and the state that it led to; `None` for one that the dialect does not
    /// tell.
    fn event_name(&self, kind: EventKind, state: &State) -> Option<&'static str>;

    /// Whether payments, receipts, and addresses that are given out get numbers of their shop's own.
    fn numbers(&self) -> bool {
        false
    }

    /// How many endpoints a shop may have in it.
    fn endpoint_limit(&self) -> usize {
        MAX_ENDPOINTS
    }

    /// Whether callbacks are signed with the secret of the shop's credential instead of one of their endpoint's own.
    /// The newest credential that works signs; where there is none, what is due waits for one.
    fn signs_with_credential(&self) -> bool {
        false
    }

    /// Whether an event that has a name is told at all: for dialects that tell only some of the events of a kind. It is
    /// asked in the transaction of the event.
    fn tells(&self, _occasion: &Occasion<'_>) -> bool {
        true
    }

    /// What the callback of an event says that is not in the event itself, as it is in that moment. It is asked in the
    /// transaction of the event, kept with it, and handed out at every attempt. Its length is the dialect's to bound:
    /// the facts of every event are kept.
    fn event_facts(&self, _occasion: &Occasion<'_>) -> Option<String> {
        None
    }

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

    /// Whether a payment's buyer may choose this method of those that are served. Money that comes by another one all
    /// the same counts, as it always does.
    fn takes(&self, _payment: &Payment, _method: Method, _networks: &[NetworkSpec]) -> bool {
        true
    }

    /// Whether the buyer is written to about this, where the payment has his address.
    fn mails(&self, kind: MailKind) -> bool;

    /// A payment's id as the dialect writes it.
    fn payment_id(&self, id: PaymentId) -> String;

    /// The path of a payment's checkout page, by its public token.
    fn checkout_path(&self, token: &str) -> String;
}

/// A key that was just made. It is shown once.
pub struct IssuedKey {
    /// What the key is called where it is shown: `secret_key`.
    pub field: &'static str,
    /// The key. It is not kept, unless a secret goes with it: then it is public.
    pub text: String,
    /// What callers sign with who name the key; `None` where the key itself is the proof.
    pub secret: Option<IssuedSecret>,
}

/// The secret of a key that was just made. It is shown once, and kept sealed.
pub struct IssuedSecret {
    /// What it is called where it is shown.
    pub field: &'static str,
    /// The secret.
    pub text: String,
}

/// The moment of an event: everything about its payment as it is right after it.
pub struct Occasion<'a> {
    /// The event.
    pub event: &'a Event,
    /// The payment with all its facts. It and its receipts have their numbers, where the dialect gives them.
    pub record: &'a Record,
    /// The networks that are served.
    pub networks: &'a [NetworkSpec],
    /// Where money goes that is sent to a script, as its network writes it; `None` for a network that is not served.
    pub address: &'a dyn Fn(Network, &Script) -> Option<String>,
    /// The number of an address that was given out on a network, where it has one.
    pub address_number: &'a dyn Fn(Network, &Script) -> Option<u32>,
    /// Blocks that confirm money of this payment, as far as its chain was followed.
    pub confirmations: &'a dyn Fn(&Receipt) -> u64,
    /// What happened to the payment before, newest first, and at most the newest 200 of it.
    pub history: &'a dyn Fn() -> Vec<Event>,
}

/// An event, and what its payment was when it was made.
pub struct Announcement<'a> {
    /// The event.
    pub event: &'a Event,
    /// What the dialect calls it.
    pub name: &'a str,
    /// The payment. What changes after its creation is in the event's own state and in its facts; nothing else of it
    /// may be told.
    pub payment: &'a Payment,
    /// What the dialect wrote down of the event's moment.
    pub facts: Option<&'a str>,
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
    /// The public key that goes with the secret; `None` for the secret of an endpoint.
    pub key: Option<&'a str>,
    /// The secret: the endpoint's, or that of the shop's credential.
    pub secret: &'a str,
    /// The wall time of this attempt.
    pub at: Timestamp,
    /// The body, to the byte.
    pub body: &'a [u8],
}
