//! A dialect that does everything as another one does, its keys included, and is another one all the same.

use std::sync::Arc;

use domain::{
    delivery::Schedule,
    dialect::{Announcement, CallbackAttempt, Dialect, DialectName, IssuedKey, Occasion},
    event::EventKind,
    id::PaymentId,
    merchant::{Environment, KeyKind},
    payment::State,
};

/// The dialect that looks like this one. What was made for either is nothing to the other.
pub struct Lookalike(pub Arc<dyn Dialect>);

impl Dialect for Lookalike {
    fn name(&self) -> DialectName {
        DialectName::parse(&format!("{}like", self.0.name())).expect("a name that is not too long")
    }

    fn scopes(&self) -> &'static [&'static str] {
        self.0.scopes()
    }

    fn key_kinds(&self) -> &'static [KeyKind] {
        self.0.key_kinds()
    }

    fn issue(&self, kind: KeyKind, environment: Environment, entropy: &[u8; 32]) -> IssuedKey {
        self.0.issue(kind, environment, entropy)
    }

    fn event_names(&self) -> &'static [&'static str] {
        self.0.event_names()
    }

    fn event_name(&self, kind: EventKind, state: &State) -> Option<&'static str> {
        self.0.event_name(kind, state)
    }

    fn numbers(&self) -> bool {
        self.0.numbers()
    }

    fn endpoint_limit(&self) -> usize {
        self.0.endpoint_limit()
    }

    fn signs_with_credential(&self) -> bool {
        self.0.signs_with_credential()
    }

    fn tells(&self, occasion: &Occasion<'_>) -> bool {
        self.0.tells(occasion)
    }

    fn event_facts(&self, occasion: &Occasion<'_>) -> Option<String> {
        self.0.event_facts(occasion)
    }

    fn endpoint_secret(&self, entropy: &[u8; 32]) -> String {
        self.0.endpoint_secret(entropy)
    }

    fn callback_body(&self, announcement: &Announcement<'_>) -> Vec<u8> {
        self.0.callback_body(announcement)
    }

    fn callback_headers(&self, attempt: &CallbackAttempt<'_>) -> Vec<(&'static str, String)> {
        self.0.callback_headers(attempt)
    }

    fn callback_schedule(&self) -> Schedule {
        self.0.callback_schedule()
    }

    fn callback_taken(&self, http_status: u16) -> bool {
        self.0.callback_taken(http_status)
    }

    fn payment_id(&self, id: PaymentId) -> String {
        self.0.payment_id(id)
    }

    fn checkout_path(&self, token: &str) -> String {
        self.0.checkout_path(token)
    }
}
