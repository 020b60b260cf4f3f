//! From facts to state.

use super::{Balance, Closing, Flags, Record, State, Status};
use crate::{
    chain::{Method, Script},
    id::QuoteId,
    money::Amount,
    quote::Quote,
    receipt::{Receipt, Standing},
    terms::LateMoney,
    time::Timestamp,
};

impl Record {
    /// Status, flags and balance, from nothing but the facts: the same facts in any order give the same state.
    pub fn derive(&self) -> State {
        let price = self.payment.price.amount;
        let least = self.payment.terms.tolerance.least(price);
        let seen = self.worth(Receipt::counts);
        let confirmed = self.worth(|receipt| receipt.standing == Standing::Confirmed);
        State {
            status: self.status(least),
            flags: Flags {
                short: self.receipts.iter().any(Receipt::counts) && seen < least,
                over: seen > price,
                late: self.receipts.iter().any(|receipt| receipt.counts() && self.is_late(receipt)),
            },
            balance: Balance { seen, confirmed },
        }
    }

    fn status(&self, least: Amount) -> Status {
        let closing = &self.payment.closing;
        let held = self.payment.terms.late == LateMoney::Held;
        if closing.cancelled_at.is_some() {
            return Status::Cancelled;
        }
        if closing.failed_at.is_some() {
            return Status::Failed;
        }
        if held && closing.expired_at.is_some() {
            return Status::Expired;
        }
        let settles = |receipt: &Receipt| !(held && self.is_late(receipt));
        if self.worth(|receipt| receipt.standing == Standing::Confirmed && settles(receipt)) >= least {
            return Status::Paid;
        }
        if self.worth(|receipt| receipt.counts() && settles(receipt)) >= least {
            return Status::Processing;
        }
        if closing.expired_at.is_some() { Status::Expired } else { Status::Waiting }
    }

    /// What the receipts that `pick` takes are worth in the price's currency: quote by quote, so that parts of one
    /// quote add up to exactly what it covers, and money in different assets adds up too.
    pub(super) fn worth(&self, pick: impl Fn(&Receipt) -> bool) -> Amount {
        let values = self.quotes.iter().map(|quote| quote.worth(self.received(quote.id, &pick)));
        values.fold(Amount::ZERO, Amount::saturating_add)
    }

    /// What came by one quote, in its asset.
    fn received(&self, quote: QuoteId, pick: impl Fn(&Receipt) -> bool) -> Amount {
        let taken = self.receipts.iter().filter(|receipt| receipt.valued_by == Some(quote) && pick(receipt));
        taken.map(|receipt| receipt.amount).fold(Amount::ZERO, Amount::saturating_add)
    }

    /// What came by one quote and counts, in its asset.
    pub fn received_by(&self, quote: &Quote) -> Amount {
        self.received(quote.id, Receipt::counts)
    }

    /// Whether the money moved after the deadline.
    pub fn is_late(&self, receipt: &Receipt) -> bool {
        self.payment.terms.deadline.is_some_and(|deadline| receipt.moment > deadline)
    }

    /// The quote by which money that moved to `script` at `moment` counts: the newest that a buyer had been shown by
    /// then, while it held. A block may state a time a little before ours, so the first quote counts for what came
    /// before it too. A quote promises nothing about any other script.
    pub fn live_quote(&self, method: Method, script: &Script, moment: Timestamp) -> Option<&Quote> {
        let is_for = move |quote: &&Quote| {
            quote.method == method && quote.script == *script && quote.valid_until.is_some()
        };
        let shown = || self.quotes.iter().filter(is_for);
        let at_the_time = shown().rfind(|quote| quote.created_at <= moment).or_else(|| shown().next());
        at_the_time.filter(|quote| quote.is_live(moment))
    }

    /// When the last of what is due was first seen, of the money that settles; `None` while some is missing.
    pub fn covered_at(&self) -> Option<Timestamp> {
        let least = self.payment.terms.tolerance.least(self.payment.price.amount);
        let settles = |receipt: &Receipt| receipt.counts() && !self.is_late(receipt);
        let mut times: Vec<Timestamp> =
            self.receipts.iter().filter(|one| settles(one)).map(|one| one.first_seen).collect();
        times.sort_unstable();
        let is_too_early =
            |time: &Timestamp| self.worth(|one| settles(one) && one.first_seen <= *time) < least;
        times.get(times.partition_point(is_too_early)).copied()
    }

    /// The last moment at which all that is due may become final, while all of it was seen and that moment is agreed.
    /// It is never before the deadline.
    pub fn confirm_by(&self) -> Option<Timestamp> {
        let terms = &self.payment.terms;
        let limit = terms.confirm_limit.filter(|_| terms.late == LateMoney::Held)?;
        if self.payment.state.status != Status::Processing {
            return None;
        }
        let last = self.covered_at()? + limit;
        Some(terms.deadline.map_or(last, |deadline| last.max(deadline)))
    }

    /// Whether it is certain that the payment has expired, where every chain that it could be paid on was followed up
    /// to `horizon`.
    ///
    /// Expiry is a statement about absence: the deadline itself proves nothing, since money may have moved before it
    /// that we have not seen yet, or may have become final. Money that was seen in time and then lost its block holds
    /// expiry up, for it is likely to be mined again.
    pub fn has_expired(&self, horizon: Timestamp) -> bool {
        if self.payment.closing != Closing::default() {
            return false;
        }
        match self.payment.state.status {
            Status::Waiting => self.has_waited_too_long(horizon),
            Status::Processing => self.confirm_by().is_some_and(|last| horizon > last),
            Status::Paid | Status::Expired | Status::Cancelled | Status::Failed => false,
        }
    }

    fn has_waited_too_long(&self, horizon: Timestamp) -> bool {
        let Some(deadline) = self.payment.terms.deadline else { return false };
        let lost_in_time = self.receipts.iter().filter(|receipt| !receipt.counts() && !self.is_late(receipt));
        let patience = lost_in_time.map(|receipt| receipt.first_seen + self.payment.terms.seen_limit).max();
        horizon > patience.map_or(deadline, |limit| limit.max(deadline))
    }

    /// Whether money that arrives now is held for a decision instead of counting.
    pub(super) fn holds(&self, receipt: &Receipt) -> bool {
        let held = self.payment.terms.late == LateMoney::Held;
        match self.payment.state.status {
            Status::Cancelled | Status::Failed => true,
            Status::Expired => held,
            Status::Waiting | Status::Processing | Status::Paid => held && self.is_late(receipt),
        }
    }
}
