//! Bitfinex: `GET /v2/tickers?symbols=tBTCUSD,tETHUSD`.
//!
//! The form is that of <https://docs.bitfinex.com/reference/rest-public-tickers>: a row for each symbol, of which the
//! second value is what is bid and the fourth what is asked, as numbers. No time is told. Symbols that are not traded
//! have no row. An error is a row of its own: `["error", 10020, "symbol: invalid"]`.

use domain::{money::AssetCode, pair::Pair, time::Timestamp};
use serde_json::value::RawValue;

use super::{
    heard::{Heard, Question, Said, Unheard},
    number,
};

/// Where a row has what is bid, and what is asked.
const BID: usize = 1;
const ASK: usize = 3;

/// Codes that Bitfinex writes in its own way.
const OWN_NAMES: &[(&str, &str)] =
    &[("USDT", "UST"), ("USDC", "UDC"), ("BCH", "BCHN"), ("DASH", "DSH"), ("ATOM", "ATO"), ("ALGO", "ALG")];

/// The longest code that stands in a symbol without a colon.
const SHORT: usize = 3;

pub(super) fn questions(pairs: &[Pair]) -> Vec<Question> {
    if pairs.is_empty() {
        return Vec::new();
    }
    let symbols: Vec<String> = pairs.iter().map(|pair| symbol(*pair)).collect();
    vec![Question { path: format!("/v2/tickers?symbols={}", symbols.join(",")), pairs: pairs.to_vec() }]
}

pub(super) fn read(body: &[u8], question: &Question, now: Timestamp) -> Result<Heard, Unheard> {
    let rows: Vec<&RawValue> = serde_json::from_slice(body).map_err(|_| Unheard::Unreadable)?;
    if text(rows.first()).as_deref() == Some("error") {
        let words = text(rows.get(2)).unwrap_or_default();
        return Err(if words.starts_with("symbol") { Unheard::Unlisted } else { Unheard::error(&words) });
    }
    let mut heard = Heard::new();
    for row in rows {
        let row: Vec<&RawValue> = serde_json::from_str(row.get()).map_err(|_| Unheard::Unreadable)?;
        let name = text(row.first()).ok_or(Unheard::Unreadable)?;
        if let Some(pair) = question.pairs.iter().find(|pair| symbol(**pair) == name) {
            heard.push(Said { pair: *pair, rate: number::middle(row.get(BID), row.get(ASK)), at: now });
        }
    }
    Ok(heard)
}

fn text(value: Option<&&RawValue>) -> Option<String> {
    serde_json::from_str(value?.get()).ok()
}

/// What Bitfinex calls a pair. Where a code is longer than three letters, a colon stands between the two.
fn symbol(pair: Pair) -> String {
    let (base, counter) = (name(pair.base), name(pair.counter));
    let colon = if base.len() > SHORT || counter.len() > SHORT { ":" } else { "" };
    format!("t{base}{colon}{counter}")
}

fn name(code: AssetCode) -> String {
    let own = OWN_NAMES.iter().find(|(known, _)| *known == code.as_str());
    own.map_or_else(|| code.to_string(), |(_, own)| (*own).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_are_written_as_bitfinex_writes_them() {
        for (pair, written) in [
            ("BTC/USD", "tBTCUSD"),
            ("USDT/USD", "tUSTUSD"),
            ("USDC/EUR", "tUDCEUR"),
            ("DOGE/USD", "tDOGE:USD"),
            ("BCH/USD", "tBCHN:USD"),
        ] {
            assert_eq!(symbol(Pair::parse(pair).unwrap()), written);
        }
    }
}
