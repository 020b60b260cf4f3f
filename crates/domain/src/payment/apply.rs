//! One fact after another, and what each of them means.

use super::{Record, State, Status};
use crate::{
    chain::Method,
    event::EventKind,
    id::{DecisionId, ReceiptId},
    ledger::{self, Entry},
    mail::MailAddress,
    quote::Quote,
    receipt::{Inclusion, Receipt, Standing},
    refusal::Refusal,
    time::Timestamp,
};

/// Something that became known about a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// A method asked for what was due.
    Quoted(Box<Quote>),
    /// Money that was never seen before. The quote comes with it where none was live.
    Sighted(Box<Receipt>, Option<Box<Quote>>),
    /// Money that could not be valued when it was seen is valued now.
    Valued(ReceiptId, Box<Quote>),
    /// A block holds the money.
    Mined(ReceiptId, Inclusion),
    /// The money waits to be mined, and nothing holds it.
    Waits(ReceiptId),
    /// No block of the chain holds the money any more.
    Lost(ReceiptId),
    /// The money is as deep in the chain as its payment asks.
    Confirmed(ReceiptId),
    /// Nothing more can have come in time.
    Expired,
    /// The buyer or the shop gave up.
    Cancelled,
    /// A card was declined for good.
    Declined,
    /// The buyer said where he reads mails.
    EmailGiven(MailAddress),
}

/// What a fact led to. The caller stores all of it in the transaction of the fact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// What happened, in order.
    pub happenings: Vec<Happening>,
    /// What moved in the ledger.
    pub entries: Vec<Entry>,
    /// What a person has to decide.
    pub decisions: Vec<Decision>,
    /// Receipts that are new or changed.
    pub receipts: Vec<ReceiptId>,
    /// How many quotes are new: the last ones of the record.
    pub quotes: usize,
    /// Whether the buyer's e-mail address is another one.
    pub email: bool,
}

/// An event before it has a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Happening {
    /// What happened.
    pub kind: EventKind,
    /// The money that it was about.
    pub receipt: Option<ReceiptId>,
    /// The state right after.
    pub state: State,
}

/// Something that the terms do not settle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decision {
    /// What about.
    pub kind: DecisionKind,
    /// The money that it is about; `None` where it is about the payment.
    pub receipt: Option<ReceiptId>,
}

/// A decision as it waits for a person, or waited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecisionNote {
    /// Its id.
    pub id: DecisionId,
    /// What about.
    pub decision: Decision,
    /// Since when it waits.
    pub created_at: Timestamp,
    /// When it was settled.
    pub resolved_at: Option<Timestamp>,
}

/// What a person has to decide about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DecisionKind {
    /// Money came for a payment that takes no more.
    Held,
    /// More came than was asked.
    Over,
    /// The payment expired with some of the money there.
    Short,
    /// Money came that no trusted rate values.
    Unvalued,
}

impl DecisionKind {
    /// Every kind there is.
    pub const ALL: &'static [Self] = &[Self::Held, Self::Over, Self::Short, Self::Unvalued];

    /// The stable name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Over => "over",
            Self::Short => "short",
            Self::Unvalued => "unvalued",
        }
    }

    /// The kind with this name.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.code() == code)
    }
}

impl Record {
    /// Takes one fact in, and says what follows. A fact that is known already changes nothing and leads to nothing.
    ///
    /// # Errors
    /// [`Refusal::AmountOutOfRange`] for money that the ledger cannot write; nothing is changed then.
    pub fn apply(&mut self, fact: Fact, now: Timestamp) -> Result<Effects, Refusal> {
        let mut effects = Effects::default();
        let before = self.payment.state;
        match fact {
            Fact::Quoted(quote) => self.quoted(*quote, &mut effects),
            Fact::Sighted(receipt, quote) => {
                self.sighted(*receipt, quote.map(|quote| *quote), &mut effects)?;
            }
            Fact::Valued(id, quote) => self.valued(id, *quote, &mut effects),
            Fact::Mined(id, inclusion) => self.held_by(id, Some(inclusion), &mut effects)?,
            Fact::Waits(id) => self.held_by(id, None, &mut effects)?,
            Fact::Lost(id) => self.lost(id, &mut effects)?,
            Fact::Confirmed(id) => self.confirmed(id, &mut effects)?,
            Fact::Expired => self.closed(EventKind::Expired, now, &mut effects),
            Fact::Cancelled => self.closed(EventKind::Cancelled, now, &mut effects),
            Fact::Declined => self.closed(EventKind::Failed, now, &mut effects),
            Fact::EmailGiven(address) => self.reached_at(&address, &mut effects),
        }
        self.conclude(before, now, &mut effects);
        Ok(effects)
    }

    fn reached_at(&mut self, address: &MailAddress, effects: &mut Effects) {
        let known = &mut self.payment.order.customer_email;
        if known.as_deref() != Some(address.as_str()) {
            *known = Some(address.as_str().to_owned());
            effects.email = true;
        }
    }

    fn quoted(&mut self, quote: Quote, effects: &mut Effects) {
        let chosen_before: Option<Method> = self.shown_quote().map(|shown| shown.method);
        if chosen_before != Some(quote.method) {
            effects.note(EventKind::MethodChosen, None);
        }
        let terms = &mut self.payment.terms;
        terms.deadline = terms.deadline.or(terms.window.map(|window| quote.created_at + window));
        self.keep_quote(quote, effects);
    }

    fn keep_quote(&mut self, quote: Quote, effects: &mut Effects) {
        effects.quotes = effects.quotes.saturating_add(1);
        self.quotes.push(quote);
    }

    fn sighted(
        &mut self,
        receipt: Receipt,
        quote: Option<Quote>,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        if self.receipt(receipt.id).is_some() {
            return Ok(());
        }
        let entry = ledger::entry(receipt.id, receipt.amount, Standing::Gone, receipt.standing)?;
        effects.entries.extend(entry);
        if let Some(quote) = quote {
            self.keep_quote(quote, effects);
        }
        let (id, held) = (receipt.id, self.holds(&receipt));
        if receipt.valued_by.is_none() {
            effects.decisions.push(Decision { kind: DecisionKind::Unvalued, receipt: Some(id) });
        }
        self.receipts.push(receipt);
        self.arrived(id, held, effects);
        Ok(())
    }

    fn valued(&mut self, id: ReceiptId, quote: Quote, effects: &mut Effects) {
        let Some(receipt) = self.receipts.iter_mut().find(|receipt| receipt.id == id) else { return };
        if receipt.valued_by.is_some() {
            return;
        }
        receipt.valued_by = Some(quote.id);
        let (counts, copy) = (receipt.counts(), receipt.clone());
        self.keep_quote(quote, effects);
        effects.receipts.push(id);
        if counts {
            let held = self.holds(&copy);
            self.arrived(id, held, effects);
        }
    }

    /// Money is there that was not: the first time, or again.
    fn arrived(&mut self, id: ReceiptId, held: bool, effects: &mut Effects) {
        effects.touch(id);
        let before = self.payment.state;
        let after = self.derive();
        let settled = |status: Status| matches!(status, Status::Processing | Status::Paid);
        let grew = after.balance.seen > before.balance.seen;
        let over = after.flags.over && grew;
        if held {
            effects.note(EventKind::Late, Some(id));
            effects.decide(DecisionKind::Held, Some(id));
            return;
        }
        if before.status == Status::Expired && settled(after.status) {
            effects.note(EventKind::Reopened, Some(id));
        }
        if !settled(after.status) {
            effects.note(EventKind::PartPaid, Some(id));
        } else if !settled(before.status) || !over {
            effects.note(EventKind::Seen, Some(id));
        }
        if over {
            effects.note(EventKind::Over, Some(id));
            effects.decide(DecisionKind::Over, Some(id));
        }
    }

    /// A block holds the money, or it waits for one.
    fn held_by(
        &mut self,
        id: ReceiptId,
        inclusion: Option<Inclusion>,
        effects: &mut Effects,
    ) -> Result<(), Refusal> {
        let Some(receipt) = self.receipts.iter_mut().find(|receipt| receipt.id == id) else { return Ok(()) };
        let waits_in_a_block_already = inclusion.is_none() && receipt.inclusion.is_some();
        if waits_in_a_block_already || (receipt.inclusion == inclusion && receipt.counts()) {
            return Ok(());
        }
        let (came_back, before) = (!receipt.counts(), receipt.clone());
        if came_back {
            effects.entries.extend(ledger::entry(id, receipt.amount, Standing::Gone, Standing::Seen)?);
            receipt.standing = Standing::Seen;
        }
        if let Some(found) = &inclusion {
            receipt.moment = receipt.moment.min(found.time);
        }
        receipt.inclusion = inclusion;
        let after = receipt.clone();
        effects.touch(id);
        let held = self.holds(&after);
        // A block may state a time that makes money timely which was held for being late.
        if came_back || (self.holds(&before) && !held) {
            self.arrived(id, held, effects);
        }
        Ok(())
    }

    fn lost(&mut self, id: ReceiptId, effects: &mut Effects) -> Result<(), Refusal> {
        let Some(receipt) = self.receipts.iter_mut().find(|receipt| receipt.id == id) else { return Ok(()) };
        if !receipt.counts() {
            return Ok(());
        }
        effects.entries.extend(ledger::entry(id, receipt.amount, receipt.standing, Standing::Gone)?);
        receipt.standing = Standing::Gone;
        receipt.inclusion = None;
        effects.touch(id);
        effects.note(EventKind::Orphaned, Some(id));
        Ok(())
    }

    fn confirmed(&mut self, id: ReceiptId, effects: &mut Effects) -> Result<(), Refusal> {
        let Some(receipt) = self.receipts.iter_mut().find(|receipt| receipt.id == id) else { return Ok(()) };
        if receipt.standing != Standing::Seen {
            return Ok(());
        }
        effects.entries.extend(ledger::entry(id, receipt.amount, Standing::Seen, Standing::Confirmed)?);
        receipt.standing = Standing::Confirmed;
        effects.touch(id);
        Ok(())
    }

    fn closed(&mut self, kind: EventKind, now: Timestamp, effects: &mut Effects) {
        let closing = &mut self.payment.closing;
        let mark = match kind {
            EventKind::Expired => &mut closing.expired_at,
            EventKind::Cancelled => &mut closing.cancelled_at,
            _ => &mut closing.failed_at,
        };
        if mark.is_some() {
            return;
        }
        *mark = Some(now);
        effects.note(kind, None);
        // Late money that is held has a decision of its own. It may hide that what came in time was not enough.
        let in_time = |receipt: &Receipt| receipt.counts() && !self.is_late(receipt);
        let is_short = self.derive().flags.short || self.receipts.iter().any(in_time);
        if kind == EventKind::Expired && is_short {
            effects.decide(DecisionKind::Short, None);
        }
    }

    /// Derives the state again, and writes it into every event that does not have one yet.
    fn conclude(&mut self, before: State, now: Timestamp, effects: &mut Effects) {
        let after = self.derive();
        let paid = after.status == Status::Paid;
        if paid && before.status != Status::Paid {
            let receipt = effects.receipts.last().copied();
            effects.note(EventKind::Paid, receipt);
        }
        if effects.is_nothing() {
            return;
        }
        self.payment.paid_at = if paid { self.payment.paid_at.or(Some(now)) } else { None };
        self.payment.state = after;
        self.payment.confirm_by = self.confirm_by();
        self.payment.updated_at = now;
        for happening in &mut effects.happenings {
            happening.state = after;
        }
    }
}

impl Effects {
    /// Whether the fact was known already.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// Takes in what a later fact led to.
    pub fn extend(&mut self, later: Self) {
        self.happenings.extend(later.happenings);
        self.entries.extend(later.entries);
        self.decisions.extend(later.decisions);
        later.receipts.into_iter().for_each(|id| self.touch(id));
        self.quotes = self.quotes.saturating_add(later.quotes);
        self.email |= later.email;
    }

    fn note(&mut self, kind: EventKind, receipt: Option<ReceiptId>) {
        self.happenings.push(Happening { kind, receipt, state: State::NEW });
    }

    fn decide(&mut self, kind: DecisionKind, receipt: Option<ReceiptId>) {
        self.decisions.push(Decision { kind, receipt });
    }

    fn touch(&mut self, id: ReceiptId) {
        if !self.receipts.contains(&id) {
            self.receipts.push(id);
        }
    }
}
