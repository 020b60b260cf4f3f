//! Alpha `DigiWallet`'s merchant payment API, version 1.
//!
//! What the vendor states is kept to the letter; where it is silent, the choice stands at the code that makes it. Not
//! served: refunds, disputes, payouts and settlements, and encrypted callbacks.

mod auth;
mod callbacks;
mod errors;
mod frame;
mod openapi;
mod routes;
mod server;
mod settings;
mod wire;

use domain::{
    delivery::Schedule,
    dialect::{Announcement, CallbackAttempt, Dialect, DialectName, IssuedKey},
    event::EventKind,
    id::PaymentId,
    mail::MailKind,
    merchant::{Environment, KeyKind},
    payment::State,
};

pub use self::{
    frame::unavailable,
    openapi::{Document, SAMPLE_URL, document},
    routes::{router, router_of_own_host},
    settings::{CurrencyRule, Settings},
};

/// The dialect, as the rest of the house knows it.
#[derive(Clone, Copy, Debug)]
pub struct Alpha;

/// The name of the dialect.
#[expect(clippy::expect_used, reason = "a name of five lower-case letters is one; a test says so")]
pub(crate) fn name() -> DialectName {
    DialectName::parse("alpha").expect("the dialect's own name")
}

impl Dialect for Alpha {
    fn name(&self) -> DialectName {
        name()
    }

    fn scopes(&self) -> &'static [&'static str] {
        auth::SCOPES
    }

    fn issue(&self, kind: KeyKind, environment: Environment, entropy: &[u8; 32]) -> IssuedKey {
        auth::issue(kind, environment, entropy)
    }

    fn event_names(&self) -> &'static [&'static str] {
        callbacks::EVENT_NAMES
    }

    fn event_name(&self, kind: EventKind, state: &State) -> Option<&'static str> {
        callbacks::event_name(kind, state)
    }

    fn endpoint_secret(&self, entropy: &[u8; 32]) -> String {
        callbacks::endpoint_secret(entropy)
    }

    fn callback_body(&self, announcement: &Announcement<'_>) -> Vec<u8> {
        callbacks::body(announcement)
    }

    fn callback_headers(&self, attempt: &CallbackAttempt<'_>) -> Vec<(&'static str, String)> {
        callbacks::headers(attempt)
    }

    fn callback_schedule(&self) -> Schedule {
        callbacks::SCHEDULE
    }

    fn callback_taken(&self, http_status: u16) -> bool {
        (200..300).contains(&http_status)
    }

    /// The vendor writes to no buyer; the shop hears of every mismatch by callback.
    fn mails(&self, _kind: MailKind) -> bool {
        false
    }

    fn payment_id(&self, id: PaymentId) -> String {
        wire::ids::payment(id)
    }

    fn checkout_path(&self, token: &str) -> String {
        wire::ids::checkout_path(token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dialect_has_a_name() {
        assert_eq!(name().as_str(), "alpha");
    }
}
