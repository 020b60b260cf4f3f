//! The dialect with a gate in its transactions: a test decides when they go on, or that they fail.

use std::sync::{Arc, Condvar, Mutex};

use dialects::alpha::Alpha;
use domain::{
    delivery::Schedule,
    dialect::{Announcement, CallbackAttempt, Dialect, DialectName, IssuedKey},
    event::EventKind,
    id::PaymentId,
    mail::MailKind,
    merchant::{Environment, KeyKind},
    payment::State,
};
use tokio::sync::Notify;

/// A gate that every transaction of the dialect passes which makes an event.
#[derive(Default)]
pub(crate) struct Gate {
    mood: Mutex<Mood>,
    changed: Condvar,
    reached: Notify,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Mood {
    #[default]
    Open,
    Shut,
    Broken,
}

impl Gate {
    /// Lets nothing through.
    pub(crate) fn shut(&self) {
        self.set(Mood::Shut);
    }

    /// Lets everything through.
    pub(crate) fn open(&self) {
        self.set(Mood::Open);
    }

    /// Lets everything fail that comes.
    pub(crate) fn fail(&self) {
        self.set(Mood::Broken);
    }

    /// Waits until a transaction stands at the gate.
    pub(crate) async fn reached(&self) {
        tokio::time::timeout(testkit::merchant::PATIENCE, self.reached.notified()).await.unwrap();
    }

    fn set(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
        self.changed.notify_all();
    }

    fn pass(&self) {
        let mut mood = self.mood.lock().unwrap();
        if *mood == Mood::Shut {
            // Only then: whoever passed before must not be taken for the one who is waited for.
            self.reached.notify_one();
        }
        while *mood == Mood::Shut {
            mood = self.changed.wait(mood).unwrap();
        }
        let is_broken = *mood == Mood::Broken;
        drop(mood);
        assert!(!is_broken, "the gate is broken, as the test wants it");
    }
}

/// The dialect, with a gate.
pub(crate) struct Gated(pub(crate) Arc<Gate>);

impl Dialect for Gated {
    fn event_name(&self, kind: EventKind, state: &State) -> Option<&'static str> {
        self.0.pass();
        Alpha.event_name(kind, state)
    }

    fn name(&self) -> DialectName {
        Alpha.name()
    }

    fn scopes(&self) -> &'static [&'static str] {
        Alpha.scopes()
    }

    fn issue(&self, kind: KeyKind, environment: Environment, entropy: &[u8; 32]) -> IssuedKey {
        Alpha.issue(kind, environment, entropy)
    }

    fn event_names(&self) -> &'static [&'static str] {
        Alpha.event_names()
    }

    fn endpoint_secret(&self, entropy: &[u8; 32]) -> String {
        Alpha.endpoint_secret(entropy)
    }

    fn callback_body(&self, announcement: &Announcement<'_>) -> Vec<u8> {
        Alpha.callback_body(announcement)
    }

    fn callback_headers(&self, attempt: &CallbackAttempt<'_>) -> Vec<(&'static str, String)> {
        Alpha.callback_headers(attempt)
    }

    fn callback_schedule(&self) -> Schedule {
        Alpha.callback_schedule()
    }

    fn callback_taken(&self, http_status: u16) -> bool {
        Alpha.callback_taken(http_status)
    }

    fn mails(&self, kind: MailKind) -> bool {
        Alpha.mails(kind)
    }

    fn payment_id(&self, id: PaymentId) -> String {
        Alpha.payment_id(id)
    }

    fn checkout_path(&self, token: &str) -> String {
        Alpha.checkout_path(token)
    }
}
