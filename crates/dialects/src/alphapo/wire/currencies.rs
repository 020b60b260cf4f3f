//! Currencies, pairs and balances, as lists.

use domain::money::Rate;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    codes::Currency,
    fields::{Fields, Problem},
    number,
    sentence::Rule,
};
use crate::alphapo::{errors::ApiError, settings::Settings};

/// Decimal places of every currency, as the vendor's list says.
const PRECISION: u8 = number::PLACES;

/// The share of a withdrawal that is a fee: nobody takes one.
const NO_FEE: &str = "0.000000";

/// Nothing is asked for. Fields are ignored.
#[derive(ToSchema)]
pub(crate) struct NoFields {}

/// What to list. Fields that are not named here are ignored.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes")]
pub(crate) struct VisibleBody {
    /// Taken, and without effect: every currency is visible.
    #[schema(examples(true))]
    visible: Option<bool>,
}

/// A currency.
#[derive(Serialize, ToSchema)]
#[schema(as = Currency)]
pub(crate) struct CurrencyBody {
    /// Its number.
    #[schema(minimum = 1, examples(1))]
    id: u32,
    /// `crypto` or `fiat`.
    #[serde(rename = "type")]
    #[schema(pattern = "^(crypto|fiat)$", examples("crypto"))]
    kind: &'static str,
    /// Its code.
    #[schema(examples("BTC"))]
    currency: String,
    /// The least deposit that the vendor takes. Nothing is refused here for being less.
    #[schema(pattern = "^[0-9]+\\.[0-9]{8}$", examples("0.00010000"))]
    minimum_amount: String,
    /// The share of a deposit that is called a fee in callbacks.
    #[schema(pattern = "^[0-9]\\.[0-9]{6}$", examples("0.000000"))]
    deposit_fee_percent: String,
    /// The share of a withdrawal.
    #[schema(pattern = "^[0-9]\\.[0-9]{6}$", examples("0.000000"))]
    withdrawal_fee_percent: &'static str,
    /// Decimal places of amounts.
    #[schema(minimum = 8, maximum = 8, examples(8))]
    precision: u8,
}

impl CurrencyBody {
    /// A currency as the list has it.
    pub(crate) fn of(currency: &Currency<'_>, settings: &Settings) -> Self {
        Self {
            id: currency.id(),
            kind: currency.kind(),
            currency: currency.code().to_owned(),
            minimum_amount: number::pad(currency.minimum().to_owned()),
            deposit_fee_percent: settings.deposit_fee(currency.code()).to_text(),
            withdrawal_fee_percent: NO_FEE,
            precision: PRECISION,
        }
    }
}

/// What a pair is given from.
#[derive(Serialize, ToSchema)]
pub(crate) struct PairFrom {
    /// Its code.
    #[schema(examples("BTC"))]
    currency: String,
    /// `crypto` or `fiat`.
    #[serde(rename = "type")]
    #[schema(pattern = "^(crypto|fiat)$", examples("crypto"))]
    kind: &'static str,
    /// The least deposit that the vendor takes.
    #[schema(pattern = "^[0-9]+\\.[0-9]{8}$", examples("0.00010000"))]
    min_amount: String,
    /// The same, of coins.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[0-9]+\\.[0-9]{8}$", examples("0.00010000"))]
    min_amount_deposit_with_exchange: Option<String>,
}

/// What a pair is given in.
#[derive(Serialize, ToSchema)]
pub(crate) struct PairTo {
    /// Its code.
    #[schema(examples("EUR"))]
    currency: String,
    /// `crypto` or `fiat`.
    #[serde(rename = "type")]
    #[schema(pattern = "^(crypto|fiat)$", examples("fiat"))]
    kind: &'static str,
}

/// What one currency is worth in another.
#[derive(Serialize, ToSchema)]
pub(crate) struct Pair {
    currency_from: PairFrom,
    currency_to: PairTo,
    /// Always 1.
    #[schema(pattern = "^1$", examples("1"))]
    rate_from: &'static str,
    /// What one unit of the first is worth in the second.
    #[schema(pattern = "^[0-9]+\\.[0-9]{8,}$", examples("54545.45454545"))]
    rate_to: String,
}

impl Pair {
    /// What one `from` is worth in `to`.
    pub(crate) fn of(from: &Currency<'_>, to: &Currency<'_>, rate: Rate) -> Self {
        let minimum = number::pad(from.minimum().to_owned());
        let is_coin = matches!(from, Currency::Crypto(_));
        Self {
            currency_from: PairFrom {
                currency: from.code().to_owned(),
                kind: from.kind(),
                min_amount_deposit_with_exchange: is_coin.then(|| minimum.clone()),
                min_amount: minimum,
            },
            currency_to: PairTo { currency: to.code().to_owned(), kind: to.kind() },
            rate_from: "1",
            rate_to: write_rate(rate),
        }
    }
}

/// The most decimal places of a rate: those of the smallest that there are, such as a won in bitcoin.
const RATE_PLACES: u8 = 16;

/// A rate as text: eight places, and more where those would say too little of it.
pub(crate) fn write_rate(rate: Rate) -> String {
    let usual = rate.to_decimal(number::PLACES);
    let digits = usual.trim_start_matches(['0', '.']).len();
    if digits >= usize::from(number::PLACES) / 2 { usual } else { rate.to_decimal(RATE_PLACES) }
}

/// What to list pairs of. Fields that are not named here are ignored.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes; see PairFilter::read")]
pub(crate) struct PairsBody {
    /// Only pairs from this currency.
    #[schema(examples("BTC"))]
    currency_from: Option<String>,
    /// Only pairs to this currency.
    #[schema(examples("EUR"))]
    currency_to: Option<String>,
}

/// What to list pairs of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PairFilter<'a> {
    from: Option<Currency<'a>>,
    to: Option<Currency<'a>>,
}

impl<'a> PairFilter<'a> {
    /// Reads a body.
    ///
    /// # Errors
    /// A sentence for each code that is not offered.
    pub(crate) fn read(fields: Fields<'_>, known: &[Currency<'a>]) -> Result<Self, ApiError> {
        let mut problems = super::fields::Problems::default();
        let from = problems.take(one_of(fields, "currency_from", known));
        let to = problems.take(one_of(fields, "currency_to", known));
        match (from, to) {
            (Some(from), Some(to)) => Ok(Self { from, to }),
            _ => Err(problems.into()),
        }
    }

    /// Whether a pair is asked for.
    pub(crate) fn takes(&self, from: &Currency<'_>, to: &Currency<'_>) -> bool {
        let is = |wanted: &Option<Currency<'_>>, found: &Currency<'_>| {
            wanted.as_ref().is_none_or(|wanted| wanted.id() == found.id())
        };
        let has_coin = matches!(from, Currency::Crypto(_)) || matches!(to, Currency::Crypto(_));
        has_coin && from.asset().code != to.asset().code && is(&self.from, from) && is(&self.to, to)
    }
}

/// The currency that a field names, where it names one.
pub(crate) fn one_of<'a>(
    fields: Fields<'_>,
    field: &str,
    known: &[Currency<'a>],
) -> Result<Option<Currency<'a>>, Problem> {
    let Some(code) = fields.text(field, usize::MAX)? else { return Ok(None) };
    let found = known.iter().find(|currency| currency.code() == code);
    found.copied().map(Some).ok_or_else(|| fields.problem(field, &Rule::In))
}

/// What the shop has of a currency.
#[derive(Serialize, ToSchema)]
pub(crate) struct Account {
    /// Its code.
    #[schema(examples("BTC"))]
    currency: String,
    /// `crypto` or `fiat`.
    #[serde(rename = "type")]
    #[schema(pattern = "^(crypto|fiat)$", examples("crypto"))]
    kind: &'static str,
    /// What came of it, all final, and is in the shop's own wallet. Fiat currencies have none: nothing is exchanged.
    #[schema(pattern = "^-?[0-9]+\\.[0-9]{8,}$", examples("0.00413945"))]
    balance: String,
}

impl Account {
    /// A balance.
    pub(crate) fn of(currency: &Currency<'_>, balance: String) -> Self {
        Self { currency: currency.code().to_owned(), kind: currency.kind(), balance }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_say_enough() {
        for (text, expected) in [
            ("60000", "60000.00000000"),
            ("1", "1.00000000"),
            ("8795.8", "8795.80000000"),
            ("0.00004920", "0.00004920"),
            ("0.00000492", "0.0000049200000000"),
        ] {
            assert_eq!(write_rate(Rate::parse(text).unwrap()), expected);
        }
        assert_eq!(write_rate(Rate::ratio(1, 60_000).unwrap()), "0.00001666");
    }
}
