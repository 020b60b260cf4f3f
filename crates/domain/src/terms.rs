//! What was agreed when a payment was made. Terms are stored on the payment and never change, but for a deadline that
//! its buyer's first choice sets: a setting that is changed later binds later payments only.

use crate::{
    money::{Amount, Rounding, mul_div},
    time::{Span, Timestamp},
};

/// The terms of one payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// When the order expires; `None` for an order that waits for ever, or for its buyer's first choice.
    pub deadline: Option<Timestamp>,
    /// How long an order without a deadline is open from the moment at which its buyer first chooses a method. `None`
    /// sets it no deadline.
    pub window: Option<Span>,
    /// How long a quote holds. No quote outlives the deadline.
    pub quote_validity: Span,
    /// How long money that was seen in time, but is in no block now, holds up expiry: it may yet be mined again.
    pub seen_limit: Span,
    /// How long all that is due may take to become final, from the moment at which the last of it was seen, where that
    /// was in time; after that the payment expires with all of its money there. It binds only where late money is held:
    /// elsewhere the same money would bring the payment back. `None` for as long as it takes.
    pub confirm_limit: Option<Span>,
    /// What becomes of money after the deadline.
    pub late: LateMoney,
    /// How much may be missing.
    pub tolerance: Tolerance,
    /// Confirmations that make money final; `None` for what each network has by default.
    pub depth: Option<u32>,
    /// By how many millionths below the market money in another asset counts. Nothing where the price is in the asset.
    pub spread_parts_per_million: u32,
    /// Whether what things are worth was fixed when the payment was made, for as long as the order is open.
    pub fixes_rates: bool,
}

/// What becomes of money that arrives after the deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LateMoney {
    /// The states of the payment are final: the money is recorded, announced, and held for a decision.
    Held,
    /// It counts as if it had come in time, and may reopen the payment.
    Reopens,
}

/// How much may be missing for a payment to count as paid: the larger of the two. Nothing by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tolerance {
    /// Minor units of the price's currency.
    pub absolute: Amount,
    /// Millionths of the price.
    pub parts_per_million: u32,
}

/// The least that is not nothing.
const SOMETHING: Amount = Amount::from_minor(1);

impl Tolerance {
    /// The least that settles a price. However much may be missing, something has to come: a tolerance that is larger
    /// than a small price must not make it paid before any money is there.
    pub fn least(self, price: Amount) -> Amount {
        let share = mul_div(price.minor(), u128::from(self.parts_per_million), 1_000_000, Rounding::Down)
            .map_or(Amount::ZERO, Amount::from_minor);
        price.saturating_sub(self.absolute.max(share)).max(SOMETHING)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_larger_tolerance_counts_and_the_default_is_none() {
        let price = Amount::from_minor(10_000);
        let least = |absolute, parts_per_million| {
            Tolerance { absolute: Amount::from_minor(absolute), parts_per_million }.least(price).minor()
        };
        assert_eq!(Tolerance::default().least(price), price);
        assert_eq!(least(5, 10_000), 9_900);
        assert_eq!(least(500, 10_000), 9_500);
        assert_eq!((least(9_999, 0), least(10_000, 0), least(20_000, 0)), (1, 1, 1), "something has to come");
    }
}
