//! What happened to a payment, in order.

use crate::{
    id::{EventId, PaymentId, ReceiptId, ShopId},
    payment::State,
    time::Timestamp,
};

macro_rules! event_kinds {
    ($($(#[doc = $doc:literal])* $name:ident = $code:literal;)*) => {
        /// What kind of thing happened.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum EventKind {
            $($(#[doc = $doc])* $name,)*
        }

        impl EventKind {
            /// Every kind there is.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The stable name.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }

            /// The kind with this name.
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$name),)* _ => None }
            }
        }
    };
}

event_kinds! {
    /// The payment was made.
    Created = "created";
    /// The buyer chose a method, or another one.
    MethodChosen = "method_chosen";
    /// Money was seen, and with it all that is due.
    Seen = "seen";
    /// Money was seen, and more is due.
    PartPaid = "part_paid";
    /// All that is due is final.
    Paid = "paid";
    /// More came than was due.
    Over = "over";
    /// The deadline passed, and not all that is due had come.
    Expired = "expired";
    /// Money came for a payment that no longer takes any; it is held for a decision.
    Late = "late";
    /// Money that was seen is in no block of the chain any more.
    Orphaned = "orphaned";
    /// Late money brought an expired payment back.
    Reopened = "reopened";
    /// The buyer or the shop cancelled.
    Cancelled = "cancelled";
    /// A card was declined for good.
    Failed = "failed";
}

/// One thing that happened to one payment, and how the payment stood right after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its id; the same in every delivery and every attempt.
    pub id: EventId,
    /// The shop.
    pub shop: ShopId,
    /// The payment.
    pub payment: PaymentId,
    /// Its place among the payment's events: 1, 2, 3, without a gap.
    pub sequence: u32,
    /// What happened.
    pub kind: EventKind,
    /// When.
    pub at: Timestamp,
    /// The payment's state right after.
    pub state: State,
    /// The money that it was about.
    pub receipt: Option<ReceiptId>,
    /// The payment's event before this one.
    pub previous: Option<EventId>,
}

/// Where a payment's next event goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EventTail {
    /// The newest event; `None` before the first.
    pub last: Option<EventId>,
    /// Events so far.
    pub count: u32,
}
