//! The shop's own log: what it sent, and every answer that came whole. It is what the gateway is judged by.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde_json::Value;
use testkit::process::PATIENCE;
use tokio::{sync::watch, time};

/// What the shop writes down: everything before it is sent, and its answer once all of it has come.
#[derive(Default)]
pub(crate) struct Log {
    entries: Mutex<Entries>,
    plan: Mutex<Option<Plan>>,
    /// Writes that were answered, and such that were refused.
    counts: watch::Sender<Counts>,
}

/// How far it has come.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) answered: u64,
    pub(crate) refused: u64,
}

/// Everything that was written down.
#[derive(Clone, Default)]
pub(crate) struct Entries {
    /// Payments that were asked for, by idempotency key.
    pub(crate) creations: BTreeMap<String, Creation>,
    /// Money that was let arrive, by payment, and whether that was answered.
    pub(crate) pays: BTreeMap<String, bool>,
    /// The highest block that was answered as mined, by network.
    pub(crate) mined: BTreeMap<String, u64>,
    /// Payments, pays and minings that were answered, each counted once.
    pub(crate) answered: u64,
    /// Minings among them.
    pub(crate) minings: u64,
    /// Requests that were to be sent again later.
    pub(crate) refused: u64,
    /// Requests that the gateway did not live to answer, or of which it did not know what it had done.
    pub(crate) lost: u64,
}

/// A payment that was asked for.
#[derive(Clone, Default)]
pub(crate) struct Creation {
    /// How often the request was sent.
    sent: u32,
    /// The body of its answer, which never changes.
    pub(crate) answer: Option<String>,
    /// Answers that did not say that they were repeated.
    first_hand: u32,
}

/// What is done once so much was answered.
struct Plan {
    answers: u64,
    lines: u64,
    act: Box<dyn FnOnce(bool) + Send>,
}

impl Creation {
    /// Whether it was made by a request whose answer was lost.
    pub(crate) const fn is_found_again(&self) -> bool {
        self.answer.is_some() && self.first_hand == 0
    }
}

impl Log {
    /// Before a payment is asked for.
    pub(crate) fn sends(&self, key: &str) {
        self.entries().creations.entry(key.to_owned()).or_default().sent += 1;
        self.line(false);
    }

    /// A payment was made, or had been made before. Gives its id.
    pub(crate) fn answered(&self, key: &str, body: &str, replayed: bool) -> String {
        let mut entries = self.entries();
        let creation = entries.creations.get_mut(key).expect("an answer to what was sent");
        assert!(creation.sent > 1 || !replayed, "{key} was sent once, and is answered as a repetition");
        creation.first_hand += u32::from(!replayed);
        assert!(creation.first_hand <= 1, "{key} was made twice: {body} after {:?}", creation.answer);
        let is_first = creation.answer.is_none();
        let first = creation.answer.get_or_insert_with(|| body.to_owned());
        assert_eq!(first, body, "the answer to {key} has changed");
        entries.answered += u64::from(is_first);
        drop(entries);
        self.line(true);
        id_in(body)
    }

    /// Before money is let arrive.
    pub(crate) fn pays(&self, payment: &str) {
        self.entries().pays.insert(payment.to_owned(), false);
        self.line(false);
    }

    /// Money was let arrive.
    pub(crate) fn paid(&self, payment: &str) {
        let mut entries = self.entries();
        entries.pays.insert(payment.to_owned(), true);
        entries.answered += 1;
        drop(entries);
        self.line(true);
    }

    /// A block was mined, and is at this height.
    pub(crate) fn mined(&self, network: &str, height: u64) {
        let mut entries = self.entries();
        let highest = entries.mined.entry(network.to_owned()).or_default();
        *highest = height.max(*highest);
        entries.minings += 1;
        entries.answered += 1;
        drop(entries);
        self.line(true);
    }

    /// A request was refused until later.
    pub(crate) fn refused(&self) {
        self.entries().refused += 1;
        self.line(false);
    }

    /// How far it has come now.
    pub(crate) fn counts(&self) -> Counts {
        *self.counts.borrow()
    }

    /// Waits until it has come so far.
    pub(crate) async fn until(&self, is_far_enough: impl FnMut(&Counts) -> bool) {
        let mut counts = self.counts.subscribe();
        let far = time::timeout(PATIENCE, counts.wait_for(is_far_enough)).await;
        far.unwrap_or_else(|_| panic!("no further than {:?}", self.counts())).expect("a log that is kept");
    }

    /// The gateway was killed before all of an answer had come, or could not say what it had done.
    pub(crate) fn lost(&self) {
        self.entries().lost += 1;
        self.line(false);
    }

    /// Whether an answer to this key has come.
    pub(crate) fn knows(&self, key: &str) -> bool {
        self.entries().creations.get(key).is_some_and(|creation| creation.answer.is_some())
    }

    /// Everything that was written down so far.
    pub(crate) fn read(&self) -> Entries {
        self.entries().clone()
    }

    /// Does something with the line that is written after so many more answers, and so many lines of any kind after
    /// them: at once, and before anything else that a client does. It is told whether that line is an answer.
    pub(crate) fn plan(&self, answers: u64, lines: u64, act: impl FnOnce(bool) + Send + 'static) {
        *self.planned() = Some(Plan { answers, lines, act: Box::new(act) });
    }

    fn line(&self, is_answer: bool) {
        let mut planned = self.planned();
        let due = planned.take_if(|plan| plan.is_due(is_answer));
        drop(planned);
        if let Some(plan) = due {
            (plan.act)(is_answer);
        }
        let Entries { answered, refused, .. } = *self.entries();
        self.counts.send_replace(Counts { answered, refused });
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn planned(&self) -> MutexGuard<'_, Option<Plan>> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Plan {
    /// Counts a line; whether it was the last before the act.
    const fn is_due(&mut self, is_answer: bool) -> bool {
        if self.answers > 0 {
            self.answers -= is_answer as u64;
        } else {
            self.lines = self.lines.saturating_sub(1);
        }
        self.answers == 0 && self.lines == 0
    }
}

/// The id of the payment in an answer.
pub(crate) fn id_in(body: &str) -> String {
    let document: Value = serde_json::from_str(body).unwrap_or_else(|_| panic!("no JSON: {body}"));
    document["data"]["id"].as_str().unwrap_or_else(|| panic!("no id in {body}")).to_owned()
}
