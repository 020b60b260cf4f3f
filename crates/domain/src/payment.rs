//! A payment: what was asked, what happened, and what follows from it.
//!
//! Facts are stored; status, flags and balance are derived from them by one pure function, [`Record::derive`], and
//! saved beside them for lists. There is no state in which money is ignored: whatever arrives, [`Record::apply`]
//! makes an event of it, and a [`Decision`] where the terms do not say what becomes of it.

mod apply;
mod derive;
mod guards;
#[cfg(test)]
mod orders;
mod refundable;

pub use apply::{Decision, DecisionKind, DecisionNote, Effects, Fact, Happening};
pub use refundable::{Excess, Refundable};

use crate::{
    buyer::Questions,
    chain::{ChainKey, Method, Network, Transfer},
    dialect::DialectName,
    event::EventTail,
    id::{PaymentId, QuoteId, ReceiptId, ShopId},
    money::{Amount, Price, SignedAmount},
    quote::Quote,
    receipt::Receipt,
    terms::Terms,
    time::Timestamp,
};

/// A payment as reads and lists need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// Its id.
    pub id: PaymentId,
    /// The shop that is paid.
    pub shop: ShopId,
    /// The dialect that made it, and alone announces it.
    pub dialect: DialectName,
    /// Its number among everything of its shop, where the dialect gives one.
    pub number: Option<u32>,
    /// What was asked.
    pub price: Price,
    /// What was agreed.
    pub terms: Terms,
    /// What it is for, in the shop's words.
    pub order: Order,
    /// When it was made.
    pub created_at: Timestamp,
    /// When anything about it last changed.
    pub updated_at: Timestamp,
    /// When the last of what was due became final; taken back when that money is orphaned.
    pub paid_at: Option<Timestamp>,
    /// The last moment at which all that is due may become final, while all of it was seen and that moment is agreed.
    pub confirm_by: Option<Timestamp>,
    /// What ended it.
    pub closing: Closing,
    /// What followed from its facts when it was last changed.
    pub state: State,
    /// Its newest event.
    pub events: EventTail,
    /// How often it was changed: a form filled in from an older page is refused by it.
    pub version: u32,
}

/// What a payment is for, in the shop's words. None of it has a meaning here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Order {
    /// The shop's own id for the order.
    pub reference: Option<String>,
    /// What the buyer reads.
    pub description: Option<String>,
    /// The buyer's e-mail address.
    pub customer_email: Option<String>,
    /// What the buyer is asked before he is told where to pay.
    pub questions: Questions,
    /// Where the buyer goes once it is paid.
    pub success_url: Option<String>,
    /// Where the buyer goes otherwise.
    pub cancel_url: Option<String>,
    /// What else the dialect was given and has to give back, in a form of its own.
    pub details: Option<String>,
}

/// What ended a payment, and when. Facts, like receipts: which status follows is derived.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Closing {
    /// When it was certain that nothing more had come in time.
    pub expired_at: Option<Timestamp>,
    /// When it was cancelled.
    pub cancelled_at: Option<Timestamp>,
    /// When a card was declined for good.
    pub failed_at: Option<Timestamp>,
}

/// Where a payment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Not all that is due was seen.
    Waiting,
    /// All that is due was seen, and is not yet final.
    Processing,
    /// All that is due is final.
    Paid,
    /// The deadline passed first.
    Expired,
    /// Given up by the buyer or the shop.
    Cancelled,
    /// Declined for good.
    Failed,
}

impl Status {
    /// Every status there is.
    pub const ALL: &'static [Self] =
        &[Self::Waiting, Self::Processing, Self::Paid, Self::Expired, Self::Cancelled, Self::Failed];

    /// The stable name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Processing => "processing",
            Self::Paid => "paid",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        }
    }

    /// The status with this name.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|status| status.code() == code)
    }
}

/// What else is true of a payment. Independent of each other and of the status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// Some money is there, and not enough.
    pub short: bool,
    /// More money is there than was asked.
    pub over: bool,
    /// Money is there that came after the deadline.
    pub late: bool,
}

/// How much there is, in minor units of the price's currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Balance {
    /// What all money that is there is worth, final or not, in time or late.
    pub seen: Amount,
    /// What the final part of it is worth.
    pub confirmed: Amount,
}

/// What follows from the facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// Where the payment stands.
    pub status: Status,
    /// What else is true of it.
    pub flags: Flags,
    /// How much there is.
    pub balance: Balance,
}

impl State {
    /// A payment that was just made.
    pub const NEW: Self = Self {
        status: Status::Waiting,
        flags: Flags { short: false, over: false, late: false },
        balance: Balance { seen: Amount::ZERO, confirmed: Amount::ZERO },
    };
}

impl Payment {
    /// What is still open of the price; negative where more came than was asked.
    pub fn remaining(&self) -> SignedAmount {
        SignedAmount::difference(self.price.amount, self.state.balance.seen)
    }
}

/// A payment with all its facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The payment.
    pub payment: Payment,
    /// Everything that its methods ever asked for, oldest first.
    pub quotes: Vec<Quote>,
    /// All the money that ever came, oldest first.
    pub receipts: Vec<Receipt>,
}

impl Record {
    /// The record of a payment that was just made.
    pub const fn new(payment: Payment) -> Self {
        Self { payment, quotes: Vec::new(), receipts: Vec::new() }
    }

    /// The quote with this id.
    pub fn quote(&self, id: QuoteId) -> Option<&Quote> {
        self.quotes.iter().find(|quote| quote.id == id)
    }

    /// The receipt with this id.
    pub fn receipt(&self, id: ReceiptId) -> Option<&Receipt> {
        self.receipts.iter().find(|receipt| receipt.id == id)
    }

    /// The receipt of this transfer, where it was seen before. What moved is part of what it is: a transaction that
    /// moves something else when it is mined again makes another receipt.
    pub fn receipt_of(&self, network: Network, chain: &ChainKey, transfer: &Transfer) -> Option<&Receipt> {
        self.receipts.iter().find(|receipt| {
            receipt.transaction == transfer.transaction
                && receipt.ordinal == transfer.ordinal
                && receipt.method == (Method { network, asset: transfer.asset })
                && receipt.chain == *chain
                && receipt.script == transfer.script
                && receipt.amount == transfer.amount
        })
    }

    /// The newest quote that a buyer was shown.
    pub fn shown_quote(&self) -> Option<&Quote> {
        self.quotes.iter().rev().find(|quote| quote.valid_until.is_some())
    }
}
