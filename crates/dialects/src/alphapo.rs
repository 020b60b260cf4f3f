//! `AlphaPo`'s merchant API, version 2: the same as `CryptoProcessing`'s and `CoinsPaid`'s.
//!
//! What the vendor states is kept to the letter; where it is silent, or its pages disagree, the choice stands at the
//! code that makes it. Nothing is exchanged or withdrawn: the gateway holds no money.

mod auth;
mod callbacks;
mod errors;
mod frame;
mod openapi;
mod routes;
mod server;
mod settings;
mod sign;
mod wire;

use domain::{
    chain::{Method, NetworkSpec},
    delivery::Schedule,
    dialect::{Announcement, CallbackAttempt, Dialect, DialectName, IssuedKey, Occasion},
    event::EventKind,
    id::PaymentId,
    mail::MailKind,
    merchant::{Environment, KeyKind},
    payment::{Payment, State},
};

pub use self::{
    frame::unavailable,
    openapi::{Document, SAMPLE_URL, document},
    routes::{router, router_of_own_host},
    settings::{Fee, MINIMUM, Settings},
    sign::sign,
};

/// The dialect, as the rest of the house knows it.
#[derive(Clone, Copy, Debug)]
pub struct Alphapo;

/// The name of the dialect.
#[expect(clippy::expect_used, reason = "a name of seven lower-case letters is one; a test says so")]
pub(crate) fn name() -> DialectName {
    DialectName::parse("alphapo").expect("the dialect's own name")
}

/// Whether the vendor has a coin with this code, whether it is offered here or not.
pub fn is_code(code: &str) -> bool {
    wire::codes::is_known(code)
}

impl Dialect for Alphapo {
    fn name(&self) -> DialectName {
        name()
    }

    fn scopes(&self) -> &'static [&'static str] {
        &[]
    }

    fn key_kinds(&self) -> &'static [KeyKind] {
        auth::KINDS
    }

    fn issue(&self, _: KeyKind, _: Environment, entropy: &[u8; 32]) -> IssuedKey {
        auth::issue(entropy)
    }

    fn event_names(&self) -> &'static [&'static str] {
        callbacks::EVENT_NAMES
    }

    fn event_name(&self, kind: EventKind, state: &State) -> Option<&'static str> {
        callbacks::event_name(kind, state)
    }

    fn numbers(&self) -> bool {
        true
    }

    fn endpoint_limit(&self) -> usize {
        callbacks::ENDPOINTS
    }

    fn signs_with_credential(&self) -> bool {
        true
    }

    fn tells(&self, occasion: &Occasion<'_>) -> bool {
        callbacks::tells(occasion)
    }

    fn event_facts(&self, occasion: &Occasion<'_>) -> Option<String> {
        callbacks::facts(occasion)
    }

    // Endpoints have none of their own.
    fn endpoint_secret(&self, _: &[u8; 32]) -> String {
        String::new()
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
        callbacks::is_taken(http_status)
    }

    fn takes(&self, payment: &Payment, method: Method, networks: &[NetworkSpec]) -> bool {
        wire::details::takes(payment, method, networks)
    }

    // The vendor writes to `email_user` on any mismatch.
    fn mails(&self, _kind: MailKind) -> bool {
        true
    }

    fn payment_id(&self, id: PaymentId) -> String {
        id.base62()
    }

    fn checkout_path(&self, token: &str) -> String {
        routes::checkout_path(token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dialect_has_a_name() {
        assert_eq!(name().as_str(), "alphapo");
    }
}
