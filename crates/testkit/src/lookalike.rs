//! A dialect that does everything as another one does, its keys included, but for one thing.

use std::sync::Arc;

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

/// The dialect that looks like another one.
pub struct Lookalike {
    of: Arc<dyn Dialect>,
    name: DialectName,
    writes: bool,
}

impl Lookalike {
    /// One of another name. What was made for either is nothing to the other.
    ///
    /// # Panics
    /// Where the name gets too long.
    pub fn of(of: Arc<dyn Dialect>) -> Self {
        let name = DialectName::parse(&format!("{}like", of.name())).expect("a name that is not too long");
        Self { of, name, writes: false }
    }

    /// The same one, as it would be if it wrote to buyers.
    pub fn writing(of: Arc<dyn Dialect>) -> Self {
        Self { name: of.name(), of, writes: true }
    }
}

impl Dialect for Lookalike {
    fn name(&self) -> DialectName {
        self.name
    }

    fn scopes(&self) -> &'static [&'static str] {
        self.of.scopes()
    }

    fn key_kinds(&self) -> &'static [KeyKind] {
        self.of.key_kinds()
    }

    fn issue(&self, kind: KeyKind, environment: Environment, entropy: &[u8; 32]) -> IssuedKey {
        self.of.issue(kind, environment, entropy)
    }

    fn event_names(&self) -> &'static [&'static str] {
        self.of.event_names()
    }

    fn event_name(&self, kind: EventKind, state: &State) -> Option<&'static str> {
        self.of.event_name(kind, state)
    }

    fn numbers(&self) -> bool {
        self.of.numbers()
    }

    fn endpoint_limit(&self) -> usize {
        self.of.endpoint_limit()
    }

    fn signs_with_credential(&self) -> bool {
        self.of.signs_with_credential()
    }

    fn tells(&self, occasion: &Occasion<'_>) -> bool {
        self.of.tells(occasion)
    }

    fn event_facts(&self, occasion: &Occasion<'_>) -> Option<String> {
        self.of.event_facts(occasion)
    }

    fn endpoint_secret(&self, entropy: &[u8; 32]) -> String {
        self.of.endpoint_secret(entropy)
    }

    fn callback_body(&self, announcement: &Announcement<'_>) -> Vec<u8> {
        self.of.callback_body(announcement)
    }

    fn callback_headers(&self, attempt: &CallbackAttempt<'_>) -> Vec<(&'static str, String)> {
        self.of.callback_headers(attempt)
    }

    fn callback_schedule(&self) -> Schedule {
        self.of.callback_schedule()
    }

    fn callback_taken(&self, http_status: u16) -> bool {
        self.of.callback_taken(http_status)
    }

    fn takes(&self, payment: &Payment, method: Method, networks: &[NetworkSpec]) -> bool {
        self.of.takes(payment, method, networks)
    }

    fn mails(&self, kind: MailKind) -> bool {
        self.writes || self.of.mails(kind)
    }

    fn payment_id(&self, id: PaymentId) -> String {
        self.of.payment_id(id)
    }

    fn checkout_path(&self, token: &str) -> String {
        self.of.checkout_path(token)
    }
}
