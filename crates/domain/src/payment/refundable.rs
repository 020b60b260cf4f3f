//! What a buyer may ask back, as the facts are now.

use super::{Record, Status};
use crate::{
    id::ReceiptId,
    mail::MailKind,
    money::{Amount, Rounding, mul_div},
    receipt::Receipt,
    terms::LateMoney,
};

/// Money that may go back to whoever sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refundable {
    /// The receipts that it is about, oldest first; never none.
    pub receipts: Vec<ReceiptId>,
    /// How much of that money is too much; `None` where all of it may go back.
    pub excess: Option<Excess>,
}

/// What came beyond the price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Excess {
    /// Minor units of the price's currency; never nothing.
    pub worth: Amount,
    /// The same in minor units of the asset that came; `None` where it came in several assets, or at several rates.
    pub amount: Option<Amount>,
}

impl Record {
    /// What a mail of this kind would say; `None` where it is not so, or no longer: the money left its chain again, a
    /// block stated a time that makes it timely, or more of it came and reopened the payment.
    pub fn refundable(&self, kind: MailKind, receipt: Option<ReceiptId>) -> Option<Refundable> {
        match kind {
            MailKind::Short => self.refundable_short(),
            MailKind::Over => self.refundable_over(receipt?),
            MailKind::Held => self.refundable_held(receipt?),
        }
    }

    /// All that came before a payment expired and is no longer waited for.
    fn refundable_short(&self) -> Option<Refundable> {
        let expired_at = self.payment.closing.expired_at?;
        let held = self.payment.terms.late == LateMoney::Held;
        let in_time =
            |receipt: &Receipt| receipt.first_seen <= expired_at && !(held && self.is_late(receipt));
        let is_expired = self.payment.state.status == Status::Expired;
        self.all(|receipt| is_expired && receipt.counts() && in_time(receipt), None)
    }

    /// What more came than was asked, of everything that counts. Money that is held has a mail of its own.
    fn refundable_over(&self, about: ReceiptId) -> Option<Refundable> {
        let counted = |receipt: &Receipt| receipt.counts() && !self.holds(receipt);
        if !self.receipt(about).is_some_and(counted) {
            return None;
        }
        let worth = self.worth(counted).saturating_sub(self.payment.price.amount);
        if worth.is_zero() {
            return None;
        }
        let amount = self.excess_amount(counted);
        self.all(counted, Some(Excess { worth, amount }))
    }

    fn refundable_held(&self, about: ReceiptId) -> Option<Refundable> {
        self.all(|receipt| receipt.id == about && receipt.counts() && self.holds(receipt), None)
    }

    /// What came beyond what settles the price, where all of it came by one quote: no rounding of rates is in it.
    fn excess_amount(&self, counted: impl Fn(&Receipt) -> bool) -> Option<Amount> {
        let mut receipts = self.receipts.iter().filter(|receipt| counted(receipt));
        let first = receipts.next()?;
        let quote = self.quote(first.valued_by?)?;
        let mut came = first.amount;
        for receipt in receipts {
            if receipt.valued_by != Some(quote.id) {
                return None;
            }
            came = came.saturating_add(receipt.amount);
        }
        if quote.covers.is_zero() {
            return None;
        }
        let price = self.payment.price.amount.minor();
        let settles = mul_div(price, quote.asks.minor(), quote.covers.minor(), Rounding::Up).ok()?;
        let excess = came.saturating_sub(Amount::from_minor(settles));
        (!excess.is_zero()).then_some(excess)
    }

    fn all(&self, pick: impl Fn(&Receipt) -> bool, excess: Option<Excess>) -> Option<Refundable> {
        let receipts: Vec<ReceiptId> =
            self.receipts.iter().filter(|receipt| pick(receipt)).map(|receipt| receipt.id).collect();
        (!receipts.is_empty()).then_some(Refundable { receipts, excess })
    }
}
