//! What an operator may set.

use domain::{
    money::{Amount, Asset},
    refusal::Refusal,
    time::Span,
};

/// What an operator may set. A change binds later payments only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How long a checkout is open where the shop has no rule of its own.
    pub order_validity: Span,
    /// How long a quote holds.
    pub quote_validity: Span,
    /// How long money that was seen in time, and lost its block, holds up expiry.
    pub seen_limit: Span,
    /// The currencies in which a payment may be asked for.
    pub currencies: Vec<CurrencyRule>,
}

/// A currency, and how much may be asked for in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CurrencyRule {
    /// The currency.
    pub currency: Asset,
    /// The least, in minor units.
    pub minimum: Amount,
    /// The most, in minor units.
    pub maximum: Amount,
}

/// The most digits before the point.
pub(crate) const WHOLE_DIGITS: u8 = 12;

impl CurrencyRule {
    /// The currency with this ISO 4217 code, from one minor unit to all that twelve digits and its places can write.
    ///
    /// # Errors
    /// [`Refusal::AssetUnknown`] for a code that the standard does not list.
    pub fn new(code: &str) -> Result<Self, Refusal> {
        let currency = Asset::currency(code)?;
        let digits = u32::from(WHOLE_DIGITS.saturating_add(currency.decimals));
        let maximum = 10_u128.saturating_pow(digits).saturating_sub(1);
        Ok(Self { currency, minimum: Amount::from_minor(1), maximum: Amount::from_minor(maximum) })
    }
}

/// The currencies where nothing is set.
const CURRENCIES: [&str; 4] = ["USD", "EUR", "GBP", "AED"];

impl Default for Settings {
    fn default() -> Self {
        Self {
            order_validity: Span::minutes(30),
            quote_validity: Span::minutes(15),
            seen_limit: Span::hours(1),
            currencies: CURRENCIES.iter().filter_map(|code| CurrencyRule::new(code).ok()).collect(),
        }
    }
}

impl Settings {
    /// The rule of an allowed currency.
    pub(crate) fn currency(&self, code: &str) -> Option<&CurrencyRule> {
        self.currencies.iter().find(|rule| rule.currency.code.as_str() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_currencies_of_the_contract_are_allowed_where_nothing_is_set() {
        let settings = Settings::default();
        let rules: Vec<_> = settings
            .currencies
            .iter()
            .map(|rule| {
                let written = |amount: Amount| amount.to_decimal(rule.currency.decimals);
                (rule.currency.code.as_str().to_owned(), written(rule.minimum), written(rule.maximum))
            })
            .collect();
        let expected = ["USD", "EUR", "GBP", "AED"]
            .map(|code| (code.to_owned(), "0.01".to_owned(), "999999999999.99".to_owned()));
        assert_eq!(rules, expected);
        assert_eq!(CurrencyRule::new("usd"), Err(Refusal::AssetUnknown));
    }
}
