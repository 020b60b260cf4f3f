//! Kraken: `GET /0/public/Ticker?pair=XBTUSD,ETHUSD`.
//!
//! The form is that of <https://docs.kraken.com/api/docs/rest-api/get-ticker-information>: each pair under Kraken's own
//! name for it, `a` for what is asked and `b` for what is bid, each with the price first, as text. No time is told. A
//! pair that is not traded makes the whole answer the error `EQuery:Unknown asset pair`.

use std::collections::BTreeMap;

use domain::{money::AssetCode, pair::Pair, time::Timestamp};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    heard::{Heard, Question, Said, Unheard},
    number,
};

/// What the error begins with that names a pair which is not traded.
const UNKNOWN_PAIR: &str = "EQuery:Unknown asset pair";

#[derive(Deserialize)]
struct Answer<'a> {
    error: Vec<String>,
    #[serde(borrow, default)]
    result: BTreeMap<String, &'a RawValue>,
}

#[derive(Deserialize)]
struct Ticker<'a> {
    #[serde(borrow)]
    a: Vec<&'a RawValue>,
    #[serde(borrow)]
    b: Vec<&'a RawValue>,
}

pub(super) fn questions(pairs: &[Pair]) -> Vec<Question> {
    if pairs.is_empty() {
        return Vec::new();
    }
    let names: Vec<String> =
        pairs.iter().map(|pair| [name(pair.base), name(pair.counter)].concat()).collect();
    vec![Question { path: format!("/0/public/Ticker?pair={}", names.join(",")), pairs: pairs.to_vec() }]
}

pub(super) fn read(body: &[u8], question: &Question, now: Timestamp) -> Result<Heard, Unheard> {
    let answer: Answer<'_> = serde_json::from_slice(body).map_err(|_| Unheard::Unreadable)?;
    if answer.error.iter().any(|error| error.starts_with(UNKNOWN_PAIR)) {
        return Err(Unheard::Unlisted);
    }
    if !answer.error.is_empty() {
        return Err(Unheard::error(&answer.error.join(", ")));
    }
    let said = answer.result.iter().filter_map(|(key, ticker)| {
        let pair = question.pairs.iter().find(|pair| is_name_of(key, **pair))?;
        let ticker: Option<Ticker<'_>> = serde_json::from_str(ticker.get()).ok();
        let rate = ticker.and_then(|ticker| number::middle(ticker.b.first(), ticker.a.first()));
        Some(Said { pair: *pair, rate, at: now })
    });
    Ok(said.collect())
}

/// What Kraken calls an asset.
fn name(code: AssetCode) -> String {
    match code.as_str() {
        "BTC" => "XBT".to_owned(),
        "DOGE" => "XDG".to_owned(),
        other => other.to_owned(),
    }
}

/// Whether Kraken answers for a pair under this name: older coins have an `X` before them, and currencies a `Z`.
fn is_name_of(key: &str, pair: Pair) -> bool {
    let (base, counter) = (name(pair.base), name(pair.counter));
    let marks = ["", "X", "Z"];
    marks.iter().any(|one| marks.iter().any(|other| key == format!("{one}{base}{other}{counter}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_found_under_the_names_of_old_and_of_new() {
        let pair = |text: &str| Pair::parse(text).unwrap();
        for (key, of) in [
            ("XXBTZUSD", "BTC/USD"),
            ("XETHZEUR", "ETH/EUR"),
            ("USDTZUSD", "USDT/USD"),
            ("USDTEUR", "USDT/EUR"),
            ("TRXUSD", "TRX/USD"),
            ("ZEURZUSD", "EUR/USD"),
            ("XDGUSD", "DOGE/USD"),
            ("XXDGZUSD", "DOGE/USD"),
        ] {
            assert!(is_name_of(key, pair(of)), "{key} {of}");
            assert!(!is_name_of(key, pair("LTC/USD")), "{key}");
        }
        assert!(!is_name_of("ZUSDXXBT", pair("BTC/USD")), "the pair the other way around is another pair");
    }
}
