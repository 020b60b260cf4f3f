//! What happened to a payment, and what a person has to decide about it.

use domain::{dialect::Dialect, event::Event, payment::DecisionNote};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::PaymentFlags;
use crate::{ids, time};

/// Something that happened.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PaymentEvent {
    /// Its id.
    pub id: String,
    /// Its place among the payment's events.
    pub sequence: u32,
    /// What happened.
    pub kind: String,
    /// What the dialect calls it; null for what it does not tell.
    pub name: Option<String>,
    /// When.
    pub at: String,
    /// The status right after it.
    pub status: String,
    /// What else was true right after it.
    pub flags: PaymentFlags,
    /// The money that it was about.
    pub receipt: Option<String>,
}

/// Something that a person has to decide, or had to.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PaymentDecision {
    /// Its id.
    pub id: String,
    /// What about: `held`, `over`, `short` or `unvalued`.
    pub kind: String,
    /// The money that it is about.
    pub receipt: Option<String>,
    /// Since when it waits.
    pub created_at: String,
    /// When it was settled.
    pub resolved_at: Option<String>,
}

impl PaymentEvent {
    pub(super) fn new(dialect: &dyn Dialect, event: &Event) -> Self {
        Self {
            id: ids::write(event.id),
            sequence: event.sequence,
            kind: event.kind.code().to_owned(),
            name: dialect.event_name(event.kind, &event.state).map(str::to_owned),
            at: time::write(event.at),
            status: event.state.status.code().to_owned(),
            flags: PaymentFlags::new(&event.state),
            receipt: event.receipt.map(ids::write),
        }
    }
}

impl From<&DecisionNote> for PaymentDecision {
    fn from(note: &DecisionNote) -> Self {
        Self {
            id: ids::write(note.id),
            kind: note.decision.kind.code().to_owned(),
            receipt: note.decision.receipt.map(ids::write),
            created_at: time::write(note.created_at),
            resolved_at: note.resolved_at.map(time::write),
        }
    }
}
