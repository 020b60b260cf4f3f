//! Money: integers in minor units, and the only place where they are added and multiplied.
//!
//! Every product goes through 256 bits ([`mul_div`]), every rounding is named at its call, and no rounding makes the
//! shop short: what a buyer is asked for is rounded up, what money is worth is rounded down.

use std::fmt;

use arrayvec::ArrayString;
use ethnum::U256;

use crate::refusal::Refusal;

mod rate;

pub use self::rate::Rate;

/// The most decimal places that an asset may have. Chains stop at 18; anything above could not be priced in 128 bits.
pub const MAX_DECIMALS: u8 = 24;

/// Minor units of an asset: satoshi, wei, cents. Never negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(u128);

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// This many minor units.
    pub const fn from_minor(minor: u128) -> Self {
        Self(minor)
    }

    /// The number of minor units.
    pub const fn minor(self) -> u128 {
        self.0
    }

    /// Whether there is nothing.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The sum, or the most that can be written. A sum at that limit is above every price there can be, so what is
    /// derived from it (paid, over) stays true.
    #[must_use]
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// The difference, or nothing where `other` is larger.
    #[must_use]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// The amount as a signed one.
    ///
    /// # Errors
    /// [`Refusal::AmountOutOfRange`] above 127 bits.
    pub fn signed(self) -> Result<SignedAmount, Refusal> {
        i128::try_from(self.0).map(SignedAmount).map_err(|_| Refusal::AmountOutOfRange)
    }

    /// Reads the major units of an asset with `decimals` places: `"25"`, `"25.00"`, never a sign or an exponent.
    ///
    /// # Errors
    /// [`Refusal::AmountMalformed`] for any other text, more places than the asset has, or more than fits 128 bits.
    pub fn parse(text: &str, decimals: u8) -> Result<Self, Refusal> {
        let (number, places) = decimal(text).ok_or(Refusal::AmountMalformed)?;
        let missing = decimals.checked_sub(places).ok_or(Refusal::AmountMalformed)?;
        let scale = power_of_ten(missing).ok_or(Refusal::AmountMalformed)?;
        number.checked_mul(scale).map(Self).ok_or(Refusal::AmountMalformed)
    }

    /// The amount in major units with exactly `decimals` places.
    pub fn to_decimal(self, decimals: u8) -> String {
        let scale = power_of_ten(decimals).unwrap_or(u128::MAX);
        let width = usize::from(decimals);
        let (whole, part) =
            (self.0.checked_div(scale).unwrap_or_default(), self.0.checked_rem(scale).unwrap_or_default());
        if width == 0 { whole.to_string() } else { format!("{whole}.{part:0width$}") }
    }

    /// The amount in major units without trailing zeros, but with at least `places` of them (and at most `decimals`).
    pub fn to_trimmed_decimal(self, decimals: u8, places: u8) -> String {
        let full = self.to_decimal(decimals);
        let Some(point) = full.find('.') else { return full };
        let keep = point.saturating_add(1).saturating_add(usize::from(places));
        let trimmed = full.trim_end_matches('0').len().max(keep).min(full.len());
        let text = full.get(..trimmed).unwrap_or(&full);
        text.trim_end_matches('.').to_owned()
    }
}

/// Minor units with a sign: what a balance or a ledger line says. Never clipped at zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SignedAmount(i128);

impl SignedAmount {
    /// This many minor units.
    pub const fn from_minor(minor: i128) -> Self {
        Self(minor)
    }

    /// The number of minor units.
    pub const fn minor(self) -> i128 {
        self.0
    }

    /// `a - b`, at the end of the range where that does not fit.
    pub fn difference(a: Amount, b: Amount) -> Self {
        match i128::try_from(a.0.abs_diff(b.0)) {
            Ok(size) if a.0 >= b.0 => Self(size),
            Ok(size) => Self(size.saturating_neg()),
            Err(_) if a.0 >= b.0 => Self(i128::MAX),
            Err(_) => Self(i128::MIN),
        }
    }

    /// The sum.
    ///
    /// # Errors
    /// [`Refusal::AmountOutOfRange`] where it does not fit.
    pub fn checked_add(self, other: Self) -> Result<Self, Refusal> {
        self.0.checked_add(other.0).map(Self).ok_or(Refusal::AmountOutOfRange)
    }

    /// The same size with the other sign.
    #[must_use]
    pub const fn negated(self) -> Self {
        Self(self.0.saturating_neg())
    }

    /// The amount where this is positive, else nothing.
    pub fn positive(self) -> Amount {
        Amount(u128::try_from(self.0).unwrap_or_default())
    }

    /// The amount in major units with exactly `decimals` places and a minus sign where it is negative.
    pub fn to_decimal(self, decimals: u8) -> String {
        let sign = if self.0 < 0 { "-" } else { "" };
        format!("{sign}{}", Amount(self.0.unsigned_abs()).to_decimal(decimals))
    }
}

/// Which way a division that does not come out even goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// Towards nothing: what money is worth.
    Down,
    /// Away from nothing: what a buyer is asked for.
    Up,
}

impl Rounding {
    /// The other way: for what something else is divided by.
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            Self::Down => Self::Up,
            Self::Up => Self::Down,
        }
    }
}

/// `a * b / c` with the product in 256 bits.
///
/// # Errors
/// [`Refusal::AmountOutOfRange`] where the result does not fit 128 bits, or `c` is zero.
pub fn mul_div(a: u128, b: u128, c: u128, rounding: Rounding) -> Result<u128, Refusal> {
    let product = U256::from(a).checked_mul(U256::from(b)).ok_or(Refusal::AmountOutOfRange)?;
    divided(product, U256::from(c), rounding)
}

/// `a / b`, where that fits 128 bits and `b` is not zero.
fn divided(a: U256, b: U256, rounding: Rounding) -> Result<u128, Refusal> {
    let quotient = a.checked_div(b).ok_or(Refusal::AmountOutOfRange)?;
    let even = quotient.checked_mul(b) == Some(a);
    let rounded = match rounding {
        Rounding::Up if !even => quotient.checked_add(U256::ONE).ok_or(Refusal::AmountOutOfRange)?,
        Rounding::Up | Rounding::Down => quotient,
    };
    u128::try_from(rounded).map_err(|_| Refusal::AmountOutOfRange)
}

/// `10^exponent`, where that fits.
fn power_of_ten(exponent: u8) -> Option<u128> {
    10_u128.checked_pow(u32::from(exponent))
}

/// The digits of a plain decimal text as one number, and how many of them stood behind the point.
fn decimal(text: &str) -> Option<(u128, u8)> {
    let (whole, part) = match text.split_once('.') {
        Some((_, "")) => return None,
        Some((whole, part)) => (whole, part),
        None => (text, ""),
    };
    if whole.is_empty() || !whole.bytes().chain(part.bytes()).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number = format!("{whole}{part}").parse().ok()?;
    Some((number, u8::try_from(part.len()).ok()?))
}

/// The code of an asset: `USD`, `BTC`, `USDT`. Upper-case letters and digits, at most 12.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AssetCode(ArrayString<12>);

impl AssetCode {
    /// The code that `text` writes.
    ///
    /// # Errors
    /// [`Refusal::AssetUnknown`] unless it is 1 to 12 upper-case letters and digits.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let plain =
            !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        match ArrayString::from(text) {
            Ok(code) if plain => Ok(Self(code)),
            Ok(_) | Err(_) => Err(Refusal::AssetUnknown),
        }
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether it is the code of a currency in ISO 4217.
    pub fn is_currency(&self) -> bool {
        Asset::currency(self.as_str()).is_ok()
    }
}

impl fmt::Display for AssetCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for AssetCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Something that amounts are counted in: a currency or a coin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Asset {
    /// Its code.
    pub code: AssetCode,
    /// Decimal places between its major and its minor unit.
    pub decimals: u8,
    /// Decimal places that a quote uses: nobody types eighteen of them.
    pub precision: u8,
}

/// Decimal places of a quote in an asset that has at least as many.
const QUOTE_PRECISION: u8 = 8;

impl Asset {
    /// An asset with `decimals` places, quoted with all of them up to eight.
    ///
    /// # Errors
    /// [`Refusal::AssetUnknown`] for a code or a number of places that no asset has.
    pub fn new(code: &str, decimals: u8) -> Result<Self, Refusal> {
        if decimals > MAX_DECIMALS {
            return Err(Refusal::AssetUnknown);
        }
        Ok(Self { code: AssetCode::parse(code)?, decimals, precision: decimals.min(QUOTE_PRECISION) })
    }

    /// The currency with this ISO 4217 code, upper case.
    ///
    /// # Errors
    /// [`Refusal::AssetUnknown`] for anything that the standard does not list, or that has no minor unit there.
    pub fn currency(code: &str) -> Result<Self, Refusal> {
        let known = iso_currency::Currency::from_code(code).ok_or(Refusal::AssetUnknown)?;
        let decimals =
            known.exponent().and_then(|places| u8::try_from(places).ok()).ok_or(Refusal::AssetUnknown)?;
        Self::new(code, decimals)
    }

    /// The smallest amount that a quote in this asset is rounded to.
    fn quantum(&self) -> u128 {
        power_of_ten(self.decimals.saturating_sub(self.precision)).unwrap_or(1)
    }

    /// `amount` rounded up to what a quote in this asset can say.
    ///
    /// # Errors
    /// [`Refusal::AmountOutOfRange`] where that does not fit.
    pub fn round_up(&self, amount: Amount) -> Result<Amount, Refusal> {
        let quantum = self.quantum();
        let steps = mul_div(amount.0, 1, quantum, Rounding::Up)?;
        steps.checked_mul(quantum).map(Amount).ok_or(Refusal::AmountOutOfRange)
    }
}

/// What a shop asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
    /// Minor units of the currency.
    pub amount: Amount,
    /// The currency, or the asset itself where a shop prices in one.
    pub currency: Asset,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn amounts_are_read_and_written_to_the_letter() {
        for (text, decimals, minor) in
            [("25", 2, 2_500), ("25.00", 2, 2_500), ("0.01", 2, 1), ("500", 0, 500), ("0.00000001", 8, 1)]
        {
            assert_eq!(Amount::parse(text, decimals), Ok(Amount::from_minor(minor)), "{text}");
        }
        for (text, decimals) in [
            ("", 2),
            (".5", 2),
            ("5.", 2),
            ("1e3", 2),
            ("-1", 2),
            ("+1", 2),
            (" 1", 2),
            ("1.001", 2),
            ("1.0", 0),
            ("١", 2),
        ] {
            assert_eq!(Amount::parse(text, decimals), Err(Refusal::AmountMalformed), "{text}");
        }
        assert_eq!(Amount::from_minor(2_500).to_decimal(2), "25.00");
        assert_eq!(Amount::from_minor(5).to_decimal(2), "0.05");
        assert_eq!(Amount::from_minor(500).to_decimal(0), "500");
        assert_eq!(Amount::from_minor(1_500_000).to_trimmed_decimal(6, 2), "1.50");
        assert_eq!(Amount::from_minor(1_234_567).to_trimmed_decimal(6, 2), "1.234567");
        assert_eq!(Amount::from_minor(2_000_000).to_trimmed_decimal(6, 0), "2");
        assert_eq!(SignedAmount::from_minor(-250).to_decimal(2), "-2.50");
    }

    #[test]
    fn currencies_have_the_places_of_the_standard() {
        for (code, places) in [("USD", 2), ("JPY", 0), ("KWD", 3)] {
            assert_eq!(Asset::currency(code).map(|currency| currency.decimals), Ok(places), "{code}");
        }
        for code in ["usd", "US", "XXZ", "BTC"] {
            assert_eq!(Asset::currency(code), Err(Refusal::AssetUnknown), "{code}");
        }
    }

    proptest! {
        #[test]
        fn mul_div_agrees_with_itself(a: u128, b: u128, c in 1_u128..) {
            let (down, up) = (mul_div(a, b, c, Rounding::Down), mul_div(a, b, c, Rounding::Up));
            if let (Ok(down), Ok(up)) = (down, up) {
                prop_assert!(up == down || up == down + 1);
                prop_assert!(U256::from(down) * U256::from(c) <= U256::from(a) * U256::from(b));
                prop_assert!(U256::from(up) * U256::from(c) >= U256::from(a) * U256::from(b));
            }
        }

        #[test]
        fn decimal_text_goes_both_ways(minor: u128, decimals in 0_u8..=24) {
            let amount = Amount::from_minor(minor);
            prop_assert_eq!(Amount::parse(&amount.to_decimal(decimals), decimals), Ok(amount));
        }
    }
}
