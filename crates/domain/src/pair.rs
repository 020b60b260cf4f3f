//! A pair of assets, of which one is counted in the other.

use std::fmt;

use crate::{money::AssetCode, refusal::Refusal};

/// Two assets: `ETH/USD` says what one unit of the first, the base, is worth in units of the second.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pair {
    /// What is priced.
    pub base: AssetCode,
    /// What its price is counted in.
    pub counter: AssetCode,
}

impl Pair {
    /// The pair of these two.
    pub const fn new(base: AssetCode, counter: AssetCode) -> Self {
        Self { base, counter }
    }

    /// The pair that a text such as `ETH/USD` names.
    ///
    /// # Errors
    /// [`Refusal::AssetUnknown`] for a text that is no pair, or names one asset twice.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let (base, counter) = text.split_once('/').ok_or(Refusal::AssetUnknown)?;
        let pair = Self::new(AssetCode::parse(base)?, AssetCode::parse(counter)?);
        if pair.base == pair.counter { Err(Refusal::AssetUnknown) } else { Ok(pair) }
    }
}

impl fmt::Display for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.base, self.counter)
    }
}

impl fmt::Debug for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_is_two_assets() {
        assert_eq!(Pair::parse("ETH/USD").unwrap().to_string(), "ETH/USD");
        for text in ["", "ETH", "ETHUSD", "ETH/", "/USD", "eth/usd", "USD/USD", "ETH/USD/EUR"] {
            assert_eq!(Pair::parse(text), Err(Refusal::AssetUnknown), "{text}");
        }
    }
}
