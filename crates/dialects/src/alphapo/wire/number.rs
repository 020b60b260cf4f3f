//! Amounts: as clients write them, and as the vendor does.
//!
//! Clients send numbers, and texts with numbers in them. Neither goes through floating point: the digits are taken as
//! they were written. The vendor writes texts with eight decimal places.

use domain::{
    money::{Amount, Asset},
    refusal::Refusal,
};

use crate::http::json::Json;

/// Decimal places that every amount is written with, and no fewer.
pub(crate) const PLACES: u8 = 8;

/// The longest number that is read, in characters, and the largest exponent in one. No amount comes near.
const MAX_LENGTH: usize = 64;

/// A number as it was written, without an exponent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Number {
    negative: bool,
    /// Plain decimal text, without zeros at its ends that say nothing.
    plain: String,
}

impl Number {
    /// The number in a JSON value; nothing for other values, and for more digits than are read.
    pub(crate) fn of(json: &Json) -> Option<Self> {
        match json {
            Json::Number(text) => Self::parse(text),
            Json::Text(text) => Self::parse(text.trim_matches(' ')),
            Json::Null | Json::Bool(_) | Json::List(_) | Json::Object(_) => None,
        }
    }

    /// Reads what PHP calls a numeric string: `106.75`, `-1`, `.5`, `1.`, `1e-7`.
    fn parse(text: &str) -> Option<Self> {
        let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
        let negative = text.starts_with('-');
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, whole(exponent)?),
            None => (unsigned, 0),
        };
        let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = format!("{before}{after}");
        if text.len() > MAX_LENGTH || digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let point = isize::try_from(before.len()).ok()?.checked_add(exponent)?;
        Some(Self { negative, plain: placed(&digits, point) })
    }

    /// The amount of an asset that this number writes.
    ///
    /// # Errors
    /// [`Refusal::AmountZero`] for zero and less; [`Refusal::AmountMalformed`] for more places than the asset has, or
    /// more than can be counted.
    pub(crate) fn amount(&self, asset: &Asset) -> Result<Amount, Refusal> {
        if self.negative {
            return Err(Refusal::AmountZero);
        }
        let amount = Amount::parse(&self.plain, asset.decimals)?;
        if amount.is_zero() { Err(Refusal::AmountZero) } else { Ok(amount) }
    }

    /// Decimal places, without zeros at their end.
    pub(crate) fn places(&self) -> usize {
        self.plain.split_once('.').map_or(0, |(_, places)| places.trim_end_matches('0').len())
    }

    /// The whole number that this is, where it is one and not negative.
    pub(crate) fn whole(&self) -> Option<u64> {
        if self.negative { None } else { self.plain.parse().ok() }
    }
}

/// An exponent that numbers may have.
fn whole(text: &str) -> Option<isize> {
    let most = isize::try_from(MAX_LENGTH).ok()?;
    text.parse().ok().filter(|exponent: &isize| exponent.unsigned_abs() <= most.unsigned_abs())
}

/// Digits with a decimal point behind the first `point` of them.
fn placed(digits: &str, point: isize) -> String {
    let leading = usize::try_from(point.saturating_neg()).unwrap_or_default();
    let digits = format!("{}{digits}", "0".repeat(leading));
    let width = usize::try_from(point).unwrap_or_default();
    let digits = format!("{digits:0<width$}");
    let (whole, part) = digits.split_at(width);
    let (whole, part) = (whole.trim_start_matches('0'), part.trim_end_matches('0'));
    let whole = if whole.is_empty() { "0" } else { whole };
    if part.is_empty() { whole.to_owned() } else { format!("{whole}.{part}") }
}

/// An amount as the vendor writes it: with eight places, and more only where money that came has them.
pub(crate) fn write(amount: Amount, decimals: u8) -> String {
    pad(amount.to_trimmed_decimal(decimals, PLACES))
}

/// A decimal text with at least eight places.
pub(crate) fn pad(text: String) -> String {
    let places = text.split_once('.').map_or(0, |(_, part)| part.len());
    let missing = usize::from(PLACES).saturating_sub(places);
    let point = if places == 0 { "." } else { "" };
    if missing == 0 { text } else { format!("{text}{point}{}", "0".repeat(missing)) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str, decimals: u8) -> Result<u128, Option<Refusal>> {
        let asset = Asset::new("COIN", decimals).unwrap();
        let number = Number::of(&Json::Text(text.to_owned())).ok_or(None)?;
        number.amount(&asset).map(Amount::minor).map_err(Some)
    }

    #[test]
    fn numbers_are_read_to_the_digit() {
        for (text, decimals, minor) in [
            ("106.75", 2, 10_675),
            ("106.75000000", 2, 10_675),
            ("0106.750", 2, 10_675),
            (" 100 ", 2, 10_000),
            ("+1.", 2, 100),
            (".5", 2, 50),
            ("1e2", 2, 10_000),
            ("1.5E+1", 0, 15),
            ("1e-8", 8, 1),
            ("1E-7", 8, 10),
            ("12345.6789e-3", 8, 1_234_567_890),
            ("0.00000001", 8, 1),
            // What a double cannot hold.
            ("90071992547409.93", 2, 9_007_199_254_740_993),
            ("0.1000000000000000055", 19, 1_000_000_000_000_000_055),
        ] {
            assert_eq!(read(text, decimals), Ok(minor), "{text}");
            let number = Number::of(&Json::Number(text.trim().to_owned())).unwrap();
            assert_eq!(Ok(number), Number::of(&Json::Text(text.to_owned())).ok_or(()));
        }
    }

    #[test]
    fn what_is_no_number_is_none() {
        for text in [
            "", " ", ".", "-", "e5", "1e", "1e1.5", "1,5", "1.2.3", "0x10", "NaN", "Infinity", "1 2",
            "\u{661}", "1e65", "--1", "1\n",
        ] {
            assert_eq!(read(text, 2), Err(None), "{text}");
        }
        assert_eq!(read(&"1".repeat(MAX_LENGTH + 1), 2), Err(None));
        for json in [Json::Null, Json::Bool(true), Json::List(Vec::new()), Json::Object(Vec::new())] {
            assert_eq!(Number::of(&json), None);
        }
    }

    #[test]
    fn what_cannot_be_asked_for_is_told_apart() {
        for text in ["0", "0.00", "-1", "-0", "0e5"] {
            assert_eq!(read(text, 2), Err(Some(Refusal::AmountZero)), "{text}");
        }
        for text in ["106.755", "0.1e-2", "1e60"] {
            assert_eq!(read(text, 2), Err(Some(Refusal::AmountMalformed)), "{text}");
        }
    }

    #[test]
    fn ids_are_whole_numbers() {
        let whole = |text: &str| Number::of(&Json::Text(text.to_owned())).and_then(|number| number.whole());
        assert_eq!((whole("826900"), whole("1e3"), whole("7.0")), (Some(826_900), Some(1_000), Some(7)));
        assert_eq!((whole("-1"), whole("1.5"), whole("99999999999999999999")), (None, None, None));
    }

    #[test]
    fn amounts_have_eight_places() {
        for (minor, decimals, expected) in [
            (10_675, 2, "106.75000000"),
            (500, 0, "500.00000000"),
            (413_945, 8, "0.00413945"),
            (8_333_340_000_000_000, 18, "0.00833334"),
            (8_333_340_000_000_001, 18, "0.008333340000000001"),
            (1_500_000, 6, "1.50000000"),
            (0, 8, "0.00000000"),
        ] {
            assert_eq!(write(Amount::from_minor(minor), decimals), expected);
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(minor in 1_u128..=u128::MAX / 1_000_000_000, decimals in 0_u8..=18) {
            let amount = Amount::from_minor(minor);
            let asset = Asset::new("COIN", decimals).unwrap();
            let written = Json::Text(write(amount, decimals));
            prop_assert_eq!(Number::of(&written).unwrap().amount(&asset), Ok(amount));
        }
    }
}
