//! Bugs planted on purpose, to see that the simulation finds them. Only the feature `planted` compiles this, which only
//! the simulation switches on; at run time the whole process has one of them, or none.

use std::sync::atomic::{AtomicUsize, Ordering};

use domain::time::Timestamp;

use crate::deliveries::Claim;

macro_rules! bugs {
    ($($(#[doc = $doc:literal])* $name:ident = $code:literal;)*) => {
        /// A bug that somebody could have made.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Bug {
            $($(#[doc = $doc])* $name,)*
        }

        impl Bug {
            /// Every bug there is.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The name by which it is asked for.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }
        }
    };
}

bugs! {
    /// The ledger is not told that money left again.
    LostPosting = "lost-posting";
    /// Money that is final stays, though its block left the chain.
    SkippedOrphan = "skipped-orphan";
    /// A delivery that is leased is taken by another sender too.
    DoubleDelivery = "double-delivery";
    /// A payment is read before its transaction, and saved as it was read.
    ForgottenLock = "forgotten-lock";
    /// An address that one payment has is given to the next one.
    AddressTwice = "address-twice";
    /// An endpoint that fails is not told what happens meanwhile.
    SilentEvent = "silent-event";
    /// A buyer is not told that his payment expired short.
    LostMail = "lost-mail";
    /// The cursor moves first, and what the blocks held is written down in a transaction of its own.
    CursorAlone = "cursor-alone";
    /// An idempotency key is durable before its payment is.
    KeyBeforePayment = "key-before-payment";
    /// A lease does not lapse when its sender has died.
    LeaseForEver = "lease-for-ever";
    /// A payment expires by the clock, however far its chain was followed.
    HastyExpiry = "hasty-expiry";
    /// What a shop has received is not told that money left again.
    StaleBalance = "stale-balance";
    /// Money that came gets no number.
    ForgottenNumber = "forgotten-number";
}

/// One more than the place in [`Bug::ALL`]; 0 for none.
static CHOSEN: AtomicUsize = AtomicUsize::new(0);

/// Gives the process this bug, in place of the one that it had.
pub fn choose(bug: Option<Bug>) {
    let place = bug.and_then(|bug| Bug::ALL.iter().position(|known| *known == bug));
    CHOSEN.store(place.map_or(0, |place| place + 1), Ordering::SeqCst);
}

/// Whether the process has this bug.
pub fn is(bug: Bug) -> bool {
    let chosen = CHOSEN.load(Ordering::SeqCst).checked_sub(1);
    chosen.and_then(|place| Bug::ALL.get(place)).is_some_and(|chosen| *chosen == bug)
}

pub(crate) fn claim(claim: &Claim) -> Claim {
    let never = Timestamp::from_micros(i64::MAX);
    let mut claim = *claim;
    if is(Bug::DoubleDelivery) {
        claim.wall = never;
    }
    if is(Bug::LeaseForEver) {
        claim.leased_until = never;
    }
    claim
}
