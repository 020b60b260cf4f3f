//! What may be asked of a payment, given how it stands.

use super::{Record, Status};
use crate::{
    money::{Amount, Price},
    receipt::Receipt,
    refusal::Refusal,
    time::Timestamp,
};

impl Record {
    /// What a new quote has to cover: what is still open of the price.
    ///
    /// # Errors
    /// [`Refusal::PaymentClosed`] once the payment takes no more money or its deadline has passed,
    /// [`Refusal::NothingDue`] while what is due is there already.
    pub fn open_price(&self, now: Timestamp) -> Result<Price, Refusal> {
        match self.payment.state.status {
            Status::Waiting => {}
            Status::Processing | Status::Paid => return Err(Refusal::NothingDue),
            Status::Expired | Status::Cancelled | Status::Failed => return Err(Refusal::PaymentClosed),
        }
        if self.payment.terms.deadline.is_some_and(|deadline| now > deadline) {
            return Err(Refusal::PaymentClosed);
        }
        let amount = self.payment.remaining().positive();
        if amount.is_zero() {
            return Err(Refusal::NothingDue);
        }
        Ok(Price { amount, currency: self.payment.price.currency })
    }

    /// The last moment at which a quote made `now` may hold. It may be the one that sets the deadline.
    pub fn quote_limit(&self, now: Timestamp) -> Timestamp {
        let terms = &self.payment.terms;
        let limit = now + terms.quote_validity;
        let deadline = terms.deadline.or(terms.window.map(|window| now + window));
        deadline.map_or(limit, |deadline| limit.min(deadline))
    }

    /// Whether the payment may be cancelled.
    ///
    /// # Errors
    /// [`Refusal::MoneySeen`] once any money is there, [`Refusal::PaymentClosed`] once it has ended.
    pub fn may_cancel(&self) -> Result<(), Refusal> {
        match self.payment.state.status {
            Status::Waiting if self.receipts.iter().any(Receipt::counts) => Err(Refusal::MoneySeen),
            Status::Waiting => Ok(()),
            Status::Processing | Status::Paid => Err(Refusal::MoneySeen),
            Status::Expired | Status::Cancelled | Status::Failed => Err(Refusal::PaymentClosed),
        }
    }

    /// What is still to be sent by the quote that the buyer was shown last, in its asset.
    ///
    /// # Errors
    /// [`Refusal::AmountOutOfRange`] where that does not fit.
    pub fn due_by_shown_quote(&self, asset: &crate::money::Asset) -> Result<Amount, Refusal> {
        let Some(quote) = self.shown_quote() else { return Ok(Amount::ZERO) };
        quote.due(self.received_by(quote), self.payment.remaining(), asset)
    }
}
