//! Money: integers in minor units, and the only place where they are added and multiplied.
//!
//! Every product goes through 256 bits ([`mul_div`]), every rounding is named at its call, and no rounding makes the
//! shop short: what a buyer is asked for is rounded up, what money is worth is rounded down.

use std::fmt;

use arrayvec::ArrayString;
use ethnum::U256;

use crate::refusal::Refusal;

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

/// `a * b / c` with the product in 256 bits.
///
/// # Errors
/// [`Refusal::AmountOutOfRange`] where the result does not fit 128 bits, or `c` is zero.
pub fn mul_div(a: u128, b: u128, c: u128, rounding: Rounding) -> Result<u128, Refusal> {
    let divisor = U256::from(c);
    let product = U256::from(a).checked_mul(U256::from(b)).ok_or(Refusal::AmountOutOfRange)?;
    let quotient = product.checked_div(divisor).ok_or(Refusal::AmountOutOfRange)?;
    let even = quotient.checked_mul(divisor) == Some(product);
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

/// How many whole units of a currency one whole unit of an asset is worth: an integer ratio that cannot be zero,
/// negative or not a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    numerator: u128,
    denominator: u128,
}

/// Decimal places of a rate's text: more is noise, and leaves no room for products.
const RATE_PLACES: u8 = 18;

impl Rate {
    /// One for one.
    pub const ONE: Self = Self { numerator: 1, denominator: 1 };

    /// The rate that a plain decimal text writes, such as `"60000"` or `"0.9215"`.
    ///
    /// # Errors
    /// [`Refusal::RateMalformed`] for zero, a sign, an exponent, more than 18 places, or more than fits.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let (numerator, places) = decimal(text).ok_or(Refusal::RateMalformed)?;
        let denominator = power_of_ten(places).ok_or(Refusal::RateMalformed)?;
        if numerator == 0 || places > RATE_PLACES {
            return Err(Refusal::RateMalformed);
        }
        Ok(Self { numerator, denominator }.reduced())
    }

    /// The rate `numerator / denominator`.
    ///
    /// # Errors
    /// [`Refusal::RateMalformed`] where either is zero.
    pub fn ratio(numerator: u128, denominator: u128) -> Result<Self, Refusal> {
        if numerator == 0 || denominator == 0 {
            return Err(Refusal::RateMalformed);
        }
        Ok(Self { numerator, denominator }.reduced())
    }

    /// Numerator and denominator in lowest terms.
    pub const fn parts(self) -> (u128, u128) {
        (self.numerator, self.denominator)
    }

    /// The rate of an asset in `b` where this is its rate in `a`, and `other` is the rate of `b` in `a`.
    ///
    /// # Errors
    /// [`Refusal::RateUnavailable`] where the ratio does not fit.
    pub fn per(self, other: Self) -> Result<Self, Refusal> {
        let numerator = self.numerator.checked_mul(other.denominator);
        let denominator = self.denominator.checked_mul(other.numerator);
        match (numerator, denominator) {
            (Some(numerator), Some(denominator)) => Ok(Self { numerator, denominator }.reduced()),
            _ => Err(Refusal::RateUnavailable),
        }
    }

    /// What a buyer has to send in `asset` to settle `price`: rounded up, to the asset's quote precision.
    ///
    /// # Errors
    /// [`Refusal::AmountOutOfRange`] where that does not fit.
    pub fn asks(self, price: Price, asset: &Asset) -> Result<Amount, Refusal> {
        let (up, down) = self.scales(&price.currency, asset)?;
        let exact = mul_div(price.amount.0, down, up, Rounding::Up)?;
        asset.round_up(Amount(exact))
    }

    /// What `amount` of `asset` is worth in `currency`: rounded down.
    ///
    /// # Errors
    /// [`Refusal::AmountOutOfRange`] where that does not fit.
    pub fn worth(self, amount: Amount, asset: &Asset, currency: &Asset) -> Result<Amount, Refusal> {
        let (up, down) = self.scales(currency, asset)?;
        mul_div(amount.0, up, down, Rounding::Down).map(Amount)
    }

    /// The rate as decimal text with `places` places, rounded down: for people, never for money.
    pub fn to_decimal(self, places: u8) -> String {
        let scale = power_of_ten(places).unwrap_or(1);
        mul_div(self.numerator, scale, self.denominator, Rounding::Down).map_or_else(
            |_| format!("{}/{}", self.numerator, self.denominator),
            |minor| Amount(minor).to_decimal(places),
        )
    }

    /// Factors so that (minor units of the asset) * up / down = (minor units of the currency).
    fn scales(self, currency: &Asset, asset: &Asset) -> Result<(u128, u128), Refusal> {
        let up = power_of_ten(currency.decimals).and_then(|scale| scale.checked_mul(self.numerator));
        let down = power_of_ten(asset.decimals).and_then(|scale| scale.checked_mul(self.denominator));
        up.zip(down).ok_or(Refusal::AmountOutOfRange)
    }

    fn reduced(self) -> Self {
        let (mut a, mut b) = (self.numerator, self.denominator);
        while let Some(rest) = a.checked_rem(b) {
            (a, b) = (b, rest);
        }
        // `a` is now the greatest common divisor, which is at least one.
        Self {
            numerator: self.numerator.checked_div(a).unwrap_or(self.numerator),
            denominator: self.denominator.checked_div(a).unwrap_or(self.denominator),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn usd(minor: u128) -> Price {
        Price { amount: Amount::from_minor(minor), currency: Asset::currency("USD").unwrap() }
    }

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

    #[test]
    fn a_rate_cannot_be_zero_negative_or_nonsense() {
        for text in ["0", "0.000", "-1", "NaN", "1e5", "", "1.0000000000000000001"] {
            assert_eq!(Rate::parse(text), Err(Refusal::RateMalformed), "{text}");
        }
    }

    #[test]
    fn a_quote_is_rounded_up_to_eight_places() {
        let ether = Asset::new("ETH", 18).unwrap();
        let asked = Rate::parse("3000").unwrap().asks(usd(2_500), &ether).unwrap();
        assert_eq!(asked.to_decimal(18), "0.008333340000000000");
    }

    #[test]
    fn cross_rates_go_through_a_third_currency() {
        let ether_in_usd = Rate::parse("3000").unwrap();
        let euro_in_usd = Rate::parse("1.25").unwrap();
        assert_eq!(ether_in_usd.per(euro_in_usd).unwrap(), Rate::parse("2400").unwrap());
    }

    #[test]
    fn what_money_is_worth_is_rounded_down() {
        let (ether, dollar) = (Asset::new("ETH", 18).unwrap(), Asset::currency("USD").unwrap());
        let worth = |wei| Rate::parse("3000").unwrap().worth(Amount::from_minor(wei), &ether, &dollar);
        // A cent is 3,333,333,333,333 and a third.
        assert_eq!(worth(3_333_333_333_333), Ok(Amount::ZERO));
        assert_eq!(worth(3_333_333_333_334), Ok(Amount::from_minor(1)));
    }

    #[test]
    fn currencies_of_no_two_and_three_places_are_asked_for_to_the_unit() {
        for (currency, minor) in [("JPY", 3_000), ("USD", 300_000), ("KWD", 3_000_000)] {
            let currency = Asset::currency(currency).unwrap();
            for decimals in [6, 8, 18] {
                let (coin, rate) = (Asset::new("COIN", decimals).unwrap(), Rate::parse("3000").unwrap());
                let one = Amount::parse("1", decimals).unwrap();
                let price = Price { amount: Amount::from_minor(minor), currency };
                assert_eq!(rate.asks(price, &coin), Ok(one), "{} {decimals}", currency.code);
                assert_eq!(rate.worth(one, &coin, &currency), Ok(price.amount));
                let less = one.saturating_sub(Amount::from_minor(1));
                assert!(rate.worth(less, &coin, &currency).unwrap() < price.amount);
            }
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
        fn what_a_quote_asks_is_worth_at_least_what_it_covers(
            minor in 1_u128..1_000_000_000_000,
            cents in 1_u128..10_000_000_000,
            decimals in 0_u8..=18,
        ) {
            let asset = Asset::new("COIN", decimals).unwrap();
            let rate = Rate::ratio(cents, 100).unwrap();
            let price = usd(minor);
            let asked = rate.asks(price, &asset).unwrap();
            prop_assert!(rate.worth(asked, &asset, &price.currency).unwrap() >= price.amount);
        }

        #[test]
        fn decimal_text_goes_both_ways(minor: u128, decimals in 0_u8..=24) {
            let amount = Amount::from_minor(minor);
            prop_assert_eq!(Amount::parse(&amount.to_decimal(decimals), decimals), Ok(amount));
        }
    }
}
