//! Rates: exact ratios, compared exactly, and rounded by name where they were computed.

use std::cmp::Ordering;

use ethnum::U256;

use super::{Amount, Asset, Price, Rounding, decimal, divided, mul_div, power_of_ten};
use crate::refusal::Refusal;

/// How many whole units of a currency one whole unit of an asset is worth: an integer ratio that cannot be zero,
/// negative or not a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    numerator: u128,
    denominator: u128,
}

/// Decimal places of a rate's text: more is noise, and leaves no room for products.
const RATE_PLACES: u8 = 18;

/// Decimal places that a source may write: programs write a number that is not small with seventeen digits.
const NUMBER_PLACES: i16 = 30;

/// The largest numerator of a rate that was computed, unless it is whole: fifteen digits tell apart what no market can.
const MOST_DIGITS: u128 = 1_000_000_000_000_000;

/// One whole, in millionths.
const MILLION: u32 = 1_000_000;

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

    /// The rate that a source writes: as in [`Rate::parse`], and with an exponent where JSON has one, such as
    /// `"1.25e-05"`. It is taken to the letter, and never through a binary fraction.
    ///
    /// # Errors
    /// [`Refusal::RateMalformed`] for zero, a sign, what is no number, or more digits than fit.
    pub fn parse_number(text: &str) -> Result<Self, Refusal> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i16>().ok()),
            None => (text, Some(0)),
        };
        let places = exponent.zip(decimal(mantissa)).and_then(|(exponent, (number, places))| {
            Some((number, i16::from(places).checked_sub(exponent)?))
        });
        let (number, places) = places.ok_or(Refusal::RateMalformed)?;
        let scale = u8::try_from(places.unsigned_abs()).ok().and_then(power_of_ten);
        let scale = scale.filter(|_| places <= NUMBER_PLACES).ok_or(Refusal::RateMalformed)?;
        if places > 0 {
            return Self::ratio(number, scale);
        }
        Self::ratio(number.checked_mul(scale).ok_or(Refusal::RateMalformed)?, 1)
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

    /// The rate half-way between two.
    ///
    /// # Errors
    /// [`Refusal::RateUnavailable`] where it does not fit.
    pub fn midpoint(self, other: Self, rounding: Rounding) -> Result<Self, Refusal> {
        let sum = self.times_denominator_of(other).checked_add(other.times_denominator_of(self));
        let whole = U256::from(self.denominator).checked_mul(U256::from(other.denominator));
        let twice = whole.and_then(|whole| whole.checked_mul(U256::from(2_u8)));
        let (sum, twice) = sum.zip(twice).ok_or(Refusal::RateUnavailable)?;
        Self::computed(sum, twice, rounding)
    }

    /// As [`Rate::per`], rounded to the digits of a computed rate.
    ///
    /// # Errors
    /// [`Refusal::RateUnavailable`] where it does not fit.
    pub fn quotient(self, other: Self, rounding: Rounding) -> Result<Self, Refusal> {
        let below = U256::from(self.denominator).checked_mul(U256::from(other.numerator));
        let below = below.ok_or(Refusal::RateUnavailable)?;
        Self::computed(self.times_denominator_of(other), below, rounding)
    }

    /// The rate less so many millionths of itself, rounded down: what a unit of an asset counts for that is taken at
    /// less than the market's price. Without any it is the rate itself, to the last digit.
    ///
    /// # Errors
    /// [`Refusal::RateUnavailable`] where nothing would be left, or it does not fit.
    pub fn lessened(self, parts_per_million: u32) -> Result<Self, Refusal> {
        if parts_per_million == 0 {
            return Ok(self);
        }
        let left = MILLION.checked_sub(parts_per_million).ok_or(Refusal::RateUnavailable)?;
        let above = U256::from(self.numerator).checked_mul(U256::from(left));
        let below = U256::from(self.denominator).checked_mul(U256::from(MILLION));
        let (above, below) = above.zip(below).ok_or(Refusal::RateUnavailable)?;
        Self::computed(above, below, Rounding::Down)
    }

    /// Whether it is no further from `other` than so many millionths of that one.
    pub fn is_near(self, other: Self, parts_per_million: u32) -> bool {
        let (one, two) = (self.times_denominator_of(other), other.times_denominator_of(self));
        let distance = one.max(two).saturating_sub(one.min(two)).checked_mul(U256::from(MILLION));
        let allowed = two.checked_mul(U256::from(parts_per_million));
        distance.zip(allowed).is_some_and(|(distance, allowed)| distance <= allowed)
    }

    /// What a buyer has to send in `asset` to settle `price`: rounded up, to the asset's quote precision.
    ///
    /// # Errors
    /// [`Refusal::AmountOutOfRange`] where that does not fit.
    pub fn asks(self, price: Price, asset: &Asset) -> Result<Amount, Refusal> {
        let (up, down) = self.scales(&price.currency, asset)?;
        let exact = mul_div(price.amount.minor(), down, up, Rounding::Up)?;
        asset.round_up(Amount::from_minor(exact))
    }

    /// What `amount` of `asset` is worth in `currency`: rounded down.
    ///
    /// # Errors
    /// [`Refusal::AmountOutOfRange`] where that does not fit.
    pub fn worth(self, amount: Amount, asset: &Asset, currency: &Asset) -> Result<Amount, Refusal> {
        let (up, down) = self.scales(currency, asset)?;
        mul_div(amount.minor(), up, down, Rounding::Down).map(Amount::from_minor)
    }

    /// The rate as decimal text with `places` places, rounded down: for people, never for money.
    pub fn to_decimal(self, places: u8) -> String {
        let scale = power_of_ten(places).unwrap_or(1);
        mul_div(self.numerator, scale, self.denominator, Rounding::Down).map_or_else(
            |_| format!("{}/{}", self.numerator, self.denominator),
            |minor| Amount::from_minor(minor).to_decimal(places),
        )
    }

    /// Factors so that (minor units of the asset) * up / down = (minor units of the currency).
    fn scales(self, currency: &Asset, asset: &Asset) -> Result<(u128, u128), Refusal> {
        let up = power_of_ten(currency.decimals).and_then(|scale| scale.checked_mul(self.numerator));
        let down = power_of_ten(asset.decimals).and_then(|scale| scale.checked_mul(self.denominator));
        up.zip(down).ok_or(Refusal::AmountOutOfRange)
    }

    /// The numerator over both denominators: what two rates are compared by. It always fits.
    fn times_denominator_of(self, other: Self) -> U256 {
        U256::from(self.numerator).saturating_mul(U256::from(other.denominator))
    }

    /// `above / below` with at most eighteen places, and fifteen digits where it is not larger than that.
    fn computed(above: U256, below: U256, rounding: Rounding) -> Result<Self, Refusal> {
        let mut found = Err(Refusal::RateUnavailable);
        for places in 0..=RATE_PLACES {
            let scale = power_of_ten(places).ok_or(Refusal::RateUnavailable)?;
            let Some(scaled) = above.checked_mul(U256::from(scale)) else { break };
            let Ok(numerator) = divided(scaled, below, rounding) else { break };
            if places > 0 && numerator > MOST_DIGITS {
                break;
            }
            found = Self::ratio(numerator, scale).map_err(|_| Refusal::RateUnavailable);
        }
        found
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

impl Ord for Rate {
    fn cmp(&self, other: &Self) -> Ordering {
        self.times_denominator_of(*other).cmp(&other.times_denominator_of(*self))
    }
}

impl PartialOrd for Rate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
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

    #[test]
    fn what_a_source_writes_is_taken_to_the_letter() {
        for (text, numerator, denominator) in [
            ("60000", 60_000, 1),
            ("0.12345678901234567", 12_345_678_901_234_567, 100_000_000_000_000_000),
            ("1.25e-05", 1, 80_000),
            ("1.5E+3", 1_500, 1),
            ("6e4", 60_000, 1),
            ("1.0e1", 10, 1),
        ] {
            assert_eq!(Rate::parse_number(text), Rate::ratio(numerator, denominator), "{text}");
        }
        // 0.1 and 0.2 make 0.3 here.
        let middle = |a: &str, b: &str| {
            Rate::parse_number(a).unwrap().midpoint(Rate::parse_number(b).unwrap(), Rounding::Down)
        };
        assert_eq!(middle("0.1", "0.2"), Rate::ratio(3, 20));
        for text in [
            "", "0", "0.0", "0e5", "-1", "+1", "-0", "NaN", "Infinity", "null", "1.", ".5", "1e", "e5",
            "1e5.0", "0x10", "1,5", " 1", "1e-31", "1e39", "1e99999", "1e-99999", "١",
        ] {
            assert_eq!(Rate::parse_number(text), Err(Refusal::RateMalformed), "{text}");
        }
    }

    #[test]
    fn a_spread_takes_its_share_and_none_takes_nothing() {
        let rate = Rate::parse("3000.123456789012345678").unwrap();
        assert_eq!(rate.lessened(0), Ok(rate));
        assert_eq!(Rate::parse("3000").unwrap().lessened(5_000), Rate::parse("2985"));
        assert_eq!(rate.lessened(1_000_000), Err(Refusal::RateUnavailable));
        assert_eq!(rate.lessened(1_000_001), Err(Refusal::RateUnavailable));
    }

    /// Rates as markets have them, from a hundred-millionth to a billion.
    fn rates() -> impl Strategy<Value = Rate> {
        (1_u128..1_000_000_000_000, 0_u8..=11)
            .prop_map(|(digits, places)| Rate::ratio(digits, 10_u128.pow(u32::from(places))).unwrap())
    }

    proptest! {
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
        fn the_middle_lies_between_and_is_rounded_as_it_was_told(one in rates(), other in rates()) {
            let (down, up) =
                (one.midpoint(other, Rounding::Down).unwrap(), one.midpoint(other, Rounding::Up).unwrap());
            prop_assert!(down <= up && down.is_near(up, 1));
            prop_assert!(up >= one.min(other) && down <= one.max(other));
            prop_assert_eq!(down, other.midpoint(one, Rounding::Down).unwrap());
        }

        #[test]
        fn a_quotient_lies_around_the_exact_one(one in rates(), other in rates()) {
            let exact = one.per(other).unwrap();
            let (down, up) =
                (one.quotient(other, Rounding::Down).unwrap(), one.quotient(other, Rounding::Up).unwrap());
            prop_assert!(down <= exact && exact <= up);
            prop_assert!(down.is_near(exact, 1) || exact < Rate::ratio(1, 1_000_000_000_000).unwrap());
        }

        #[test]
        fn a_computed_rate_leaves_room_for_every_asset(one in rates(), other in rates(), decimals in 0_u8..=18) {
            let computed = one.quotient(other, Rounding::Down).unwrap();
            let asset = Asset::new("COIN", decimals).unwrap();
            // The price alone may be more of the asset than there can be.
            prop_assert!(computed.scales(&usd(1).currency, &asset).is_ok());
        }

        #[test]
        fn rates_are_ordered_as_numbers_are(a in 1_u32.., b in 1_u32.., c in 1_u32.., d in 1_u32..) {
            let (one, other) =
                (Rate::ratio(a.into(), b.into()).unwrap(), Rate::ratio(c.into(), d.into()).unwrap());
            prop_assert_eq!(one.cmp(&other), (u64::from(a) * u64::from(d)).cmp(&(u64::from(c) * u64::from(b))));
            prop_assert_eq!(one == other, one.cmp(&other) == Ordering::Equal);
            prop_assert!(one.is_near(one, 0));
        }

        #[test]
        fn a_spread_never_raises_a_rate(rate in rates(), spread in 0_u32..100_000) {
            let left = rate.lessened(spread).unwrap();
            prop_assert!(left <= rate && left.is_near(rate, spread + 1));
        }
    }
}
