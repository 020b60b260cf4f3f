//! Telling a shop: one event for one endpoint, tried until it is taken.

use crate::{
    id::{AttemptId, DeliveryId, EndpointId, EventId, ShopId},
    time::{Span, Timestamp},
};

/// One event for one endpoint. It is made in the transaction of the event, so that none is ever forgotten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Its id.
    pub id: DeliveryId,
    /// The shop.
    pub shop: ShopId,
    /// Where it goes.
    pub endpoint: EndpointId,
    /// What it tells.
    pub event: EventId,
    /// What the dialect calls that event.
    pub event_name: String,
    /// How it stands.
    pub status: DeliveryStatus,
    /// Tries that were begun.
    pub attempts: u32,
    /// When the next try is due.
    pub next_attempt_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Whether a person asked for it.
    pub manual: bool,
    /// What it waits for besides its time; no try is spent meanwhile.
    pub waits_for: Option<Lack>,
}

/// What a delivery may lack that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lack {
    /// The shop has no working credential that could sign it.
    Credential,
}

impl Lack {
    /// The stable name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Credential => "credential",
        }
    }

    /// The lack with this name.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Credential].into_iter().find(|lack| lack.code() == code)
    }
}

/// How a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeliveryStatus {
    /// Not tried yet.
    Pending,
    /// Tried, and due again.
    Retrying,
    /// Taken.
    Delivered,
    /// Tried as often as the schedule says. It stays, and can be sent again by hand.
    Failed,
}

impl DeliveryStatus {
    /// Every status there is.
    pub const ALL: &'static [Self] = &[Self::Pending, Self::Retrying, Self::Delivered, Self::Failed];

    /// The stable name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Retrying => "retrying",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }

    /// The status with this name.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|status| status.code() == code)
    }
}

/// One try of a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Its id.
    pub id: AttemptId,
    /// What was tried.
    pub delivery: DeliveryId,
    /// Which try it was: 1, 2, 3.
    pub number: u32,
    /// When it began.
    pub at: Timestamp,
    /// What came back.
    pub outcome: Outcome,
}

/// What came back from one try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The status of the answer; `None` where there was none.
    pub http_status: Option<u16>,
    /// Why there was no answer, or why it is not taken as one.
    pub error: Option<String>,
    /// The first of what the answer said; at most [`EXCERPT_BYTES`].
    pub excerpt: String,
    /// How long it took.
    pub took: Span,
}

/// The most that is kept of an answer.
pub const EXCERPT_BYTES: usize = 1_024;

/// When a failed try is repeated: the waits before each try, the first of which is usually none.
pub type Schedule = &'static [Span];

/// How long to wait after `attempts` tries; nothing when there is no further one.
///
/// `jitter` of 0 to 255 shortens the wait by up to a tenth, so that what failed together does not come back together.
pub fn next_wait(schedule: Schedule, attempts: u32, jitter: u8) -> Option<Span> {
    let wait = schedule.get(usize::try_from(attempts).ok()?)?;
    let tenth = wait.micros().checked_div(10).unwrap_or_default();
    let less = tenth.saturating_mul(i64::from(jitter)).checked_div(i64::from(u8::MAX)).unwrap_or_default();
    Some(Span::from_micros(wait.micros().saturating_sub(less)))
}

/// Says whether callbacks may go to a URL. The room that reaches out fulfils it; the engine asks it when an endpoint is
/// made, so that a wrong address is refused at once and not at the first event.
pub trait TargetJudge: Send + Sync {
    /// Whether callbacks may go there, as far as the URL alone tells.
    fn allows(&self, url: &str) -> bool;
}
