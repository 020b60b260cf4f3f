//! What one currency would give in another. Nothing is exchanged: it is a figure for the shop's own pages.

use domain::{
    money::{Amount, Asset, Price, Rate},
    refusal::Refusal,
    time::Timestamp,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    codes::Currency,
    currencies::{one_of, write_rate},
    fields::{Fields, Problem, Problems},
    number::{self, Number},
    sentence::Rule,
};
use crate::alphapo::errors::{ApiError, NO_EXCHANGE};

/// Seconds for which the vendor's figure would hold.
const FIX_PERIOD: i64 = 60;

/// What to calculate. Fields that are not named here are ignored.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes; see Calculation::read")]
pub(crate) struct CalculateBody {
    /// What would be given.
    #[schema(examples("BTC"))]
    sender_currency: String,
    /// What would be received.
    #[schema(examples("EUR"))]
    receiver_currency: String,
    /// How much would be given; either this or `receiver_amount`.
    #[schema(value_type = Option<f64>, examples(0.02))]
    sender_amount: Option<String>,
    /// How much is to be received.
    #[schema(value_type = Option<f64>)]
    receiver_amount: Option<String>,
}

/// What to calculate, checked.
#[derive(Debug)]
pub(crate) struct Calculation<'a> {
    pub(crate) from: Currency<'a>,
    pub(crate) to: Currency<'a>,
    given: Given,
}

#[derive(Debug)]
enum Given {
    Sender(Number),
    Receiver(Number),
}

/// The fields of the amounts.
const SENDER: &str = "sender_amount";
const RECEIVER: &str = "receiver_amount";

impl<'a> Calculation<'a> {
    /// Reads a body.
    ///
    /// # Errors
    /// One sentence for each field that is not what it has to be.
    pub(crate) fn read(fields: Fields<'_>, known: &[Currency<'a>]) -> Result<Self, ApiError> {
        let mut problems = Problems::default();
        let currency = |field: &str| fields.required(field, one_of(fields, field, known));
        let from = problems.take(currency("sender_currency"));
        let to = problems.take(currency("receiver_currency"));
        let given = problems.take(given(fields));
        let (Some(from), Some(to), Some(given)) = (from, to, given) else { return Err(problems.into()) };
        if from.asset().code == to.asset().code {
            return Err(ApiError::worded("sender_currency", NO_EXCHANGE));
        }
        Ok(Self { from, to, given })
    }

    /// The answer at this rate: what one unit of the first is worth in the second. What is received is rounded down,
    /// and what is given is rounded up.
    ///
    /// # Errors
    /// A sentence for an amount of nothing, or that cannot be counted.
    pub(crate) fn answer(&self, rate: Rate, now: Timestamp) -> Result<Calculated, ApiError> {
        let (from, to) = (with_places(self.from.asset())?, with_places(self.to.asset())?);
        let read = |field: &'static str, number: &Number, asset: &Asset| {
            number.amount(asset).map_err(|refusal| {
                let rule = match refusal {
                    Refusal::AmountZero => Rule::Min(Amount::from_minor(1).to_decimal(asset.decimals)),
                    _ => Rule::Format,
                };
                ApiError::of(field, &rule)
            })
        };
        let (sends, receives) = match &self.given {
            Given::Sender(number) => {
                let sends = read(SENDER, number, &from)?;
                (sends, rate.worth(sends, &from, &to)?)
            }
            Given::Receiver(number) => {
                let receives = read(RECEIVER, number, &to)?;
                (rate.asks(Price { amount: receives, currency: to }, &from)?, receives)
            }
        };
        let fixed = now.seconds();
        Ok(Calculated {
            sender_currency: self.from.code().to_owned(),
            sender_amount: number::write(sends, from.decimals),
            receiver_currency: self.to.code().to_owned(),
            receiver_amount: number::write(receives, to.decimals),
            fee_currency: self.from.code().to_owned(),
            fee_amount: number::write(Amount::ZERO, number::PLACES),
            price: write_rate(rate),
            ts_fixed: fixed,
            ts_release: fixed.saturating_add(FIX_PERIOD),
            fix_period: FIX_PERIOD,
        })
    }
}

/// The one amount that is given.
fn given(fields: Fields<'_>) -> Result<Given, Problem> {
    match (fields.number(SENDER)?, fields.number(RECEIVER)?) {
        (Some(number), None) => Ok(Given::Sender(number)),
        (None, Some(number)) => Ok(Given::Receiver(number)),
        (None, None) => Err(fields.problem(SENDER, &Rule::RequiredWithout(RECEIVER))),
        (Some(_), Some(_)) => Err(fields.problem(SENDER, &Rule::Prohibits(RECEIVER))),
    }
}

/// A currency as figures have it: with eight places at least.
fn with_places(asset: Asset) -> Result<Asset, Refusal> {
    Asset::new(asset.code.as_str(), asset.decimals.max(number::PLACES))
}

/// A figure.
#[derive(Serialize, ToSchema)]
pub(crate) struct Calculated {
    /// What would be given.
    #[schema(examples("BTC"))]
    sender_currency: String,
    /// How much of it.
    #[schema(pattern = "^[0-9]+\\.[0-9]{8,}$", examples("0.02000000"))]
    sender_amount: String,
    /// What would be received.
    #[schema(examples("EUR"))]
    receiver_currency: String,
    /// How much of it.
    #[schema(pattern = "^[0-9]+\\.[0-9]{8,}$", examples("1090.90909090"))]
    receiver_amount: String,
    /// What a fee would be taken in.
    #[schema(examples("BTC"))]
    fee_currency: String,
    /// The fee: none.
    #[schema(pattern = "^[0-9]+\\.[0-9]{8,}$", examples("0.00000000"))]
    fee_amount: String,
    /// What one unit given is worth.
    #[schema(pattern = "^[0-9]+\\.[0-9]{8,}$", examples("54545.45454545"))]
    price: String,
    /// When it was calculated: Unix seconds.
    #[schema(examples(1_781_611_200))]
    ts_fixed: i64,
    /// 60 seconds later.
    #[schema(examples(1_781_611_260))]
    ts_release: i64,
    /// Always 60.
    #[schema(minimum = 60, maximum = 60, examples(60))]
    fix_period: i64,
}

#[cfg(test)]
mod tests {
    use testkit::gateway::sandbox_networks;

    use super::*;
    use crate::{alphapo::wire::codes, http::json::Json};

    fn told(body: &str, rate: &str) -> Result<String, String> {
        let networks = sandbox_networks();
        let known = codes::all(&networks);
        let json = Json::parse(body.as_bytes()).unwrap();
        let answer = Calculation::read(Fields::of(&json).unwrap(), &known).and_then(|calculation| {
            calculation.answer(Rate::parse(rate).unwrap(), Timestamp::from_seconds(1_665_008_630))
        });
        answer.map(|answer| serde_json::to_string(&answer).unwrap()).map_err(|error| error.body())
    }

    #[test]
    fn a_figure_has_the_vendor_s_keys_in_its_order() {
        let body = r#"{"sender_currency":"BTC","receiver_currency":"EUR","sender_amount":"0.02"}"#;
        assert_eq!(
            told(body, "77314.264444").unwrap(),
            concat!(
                r#"{"sender_currency":"BTC","sender_amount":"0.02000000","receiver_currency":"EUR","#,
                r#""receiver_amount":"1546.28528888","fee_currency":"BTC","fee_amount":"0.00000000","#,
                r#""price":"77314.26444400","ts_fixed":1665008630,"ts_release":1665008690,"fix_period":60}"#
            )
        );
        let body = r#"{"sender_currency":"ETH","receiver_currency":"EUR","receiver_amount":100}"#;
        let told = told(body, "3000").unwrap();
        assert!(
            told.contains(
                r#""sender_amount":"0.03333334","receiver_currency":"EUR","receiver_amount":"100.00000000""#
            ),
            "{told}"
        );
    }

    #[test]
    fn every_mistake_has_its_sentence() {
        for (body, expected) in [
            (
                r#"{"sender_currency":"BTC","receiver_currency":"EUR"}"#,
                r#"{"sender_amount":"The sender amount field is required when receiver amount is not present."}"#,
            ),
            (
                r#"{"sender_currency":"BTC","receiver_currency":"EUR","sender_amount":1,"receiver_amount":1}"#,
                r#"{"sender_amount":"The sender amount field prohibits receiver amount from being present."}"#,
            ),
            (
                r#"{"sender_currency":"XXX","sender_amount":"1"}"#,
                concat!(
                    r#"{"sender_currency":"The selected sender currency is invalid.","#,
                    r#""receiver_currency":"The receiver currency field is required."}"#
                ),
            ),
            (
                r#"{"sender_currency":"BTC","receiver_currency":"BTC","sender_amount":1}"#,
                r#"{"sender_currency":"Exchange is unavailable for given currencies"}"#,
            ),
            (
                r#"{"sender_currency":"USDTE","receiver_currency":"USDTT","sender_amount":1}"#,
                r#"{"sender_currency":"Exchange is unavailable for given currencies"}"#,
            ),
            (
                r#"{"sender_currency":"BTC","receiver_currency":"EUR","sender_amount":0}"#,
                r#"{"sender_amount":"The sender amount must be at least 0.00000001."}"#,
            ),
            (
                r#"{"sender_currency":"BTC","receiver_currency":"EUR","receiver_amount":"x"}"#,
                r#"{"receiver_amount":"The receiver amount must be a number."}"#,
            ),
            (
                r#"{"sender_currency":"BTC","receiver_currency":"EUR","sender_amount":0.000000001}"#,
                r#"{"sender_amount":"The sender amount format is invalid."}"#,
            ),
        ] {
            assert_eq!(told(body, "1").unwrap_err(), format!(r#"{{"errors":{expected}}}"#), "{body}");
        }
    }
}
