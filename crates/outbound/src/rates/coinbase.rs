//! Coinbase: `GET /v2/exchange-rates?currency=BTC`.
//!
//! The form is that of <https://docs.cdp.coinbase.com/coinbase-app/track-apis/exchange-rates>: what one unit of the
//! base is worth in every currency that Coinbase knows, as text. One answer so serves all pairs of a base, those in
//! currencies that few others price among them. No time is told. An unknown base is answered with 400 or 404 and a
//! complaint about the currency.

use std::collections::{BTreeMap, BTreeSet};

use domain::{money::AssetCode, pair::Pair, time::Timestamp};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    heard::{Heard, Question, Said, Unheard},
    number,
};

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    data: Data<'a>,
}

#[derive(Deserialize)]
struct Data<'a> {
    currency: String,
    #[serde(borrow)]
    rates: BTreeMap<String, &'a RawValue>,
}

pub(super) fn questions(pairs: &[Pair]) -> Vec<Question> {
    let bases: BTreeSet<AssetCode> = pairs.iter().map(|pair| pair.base).collect();
    let question = |base: AssetCode| Question {
        path: format!("/v2/exchange-rates?currency={base}"),
        pairs: pairs.iter().copied().filter(|pair| pair.base == base).collect(),
    };
    bases.into_iter().map(question).collect()
}

pub(super) fn read(body: &[u8], question: &Question, now: Timestamp) -> Result<Heard, Unheard> {
    let Answer { data } = serde_json::from_slice(body).map_err(|_| Unheard::Unreadable)?;
    if question.pairs.iter().any(|pair| pair.base.as_str() != data.currency) {
        return Err(Unheard::Unreadable);
    }
    let said = question.pairs.iter().filter_map(|pair| {
        let value = data.rates.get(pair.counter.as_str())?;
        Some(Said { pair: *pair, rate: number::rate(value), at: now })
    });
    Ok(said.collect())
}

/// What an answer says whose status is 400 or 404. Anything but a complaint about the currency is no answer.
pub(super) fn read_refusal(body: &[u8]) -> Result<Heard, Unheard> {
    let refused: BTreeMap<String, &RawValue> =
        serde_json::from_slice(body).map_err(|_| Unheard::Unreadable)?;
    let is_about = |value: &&RawValue| value.get().to_ascii_lowercase().contains("currency");
    let is_unknown = refused.get("errors").or(refused.get("error")).is_some_and(is_about);
    Err(if is_unknown { Unheard::Unlisted } else { Unheard::Unreadable })
}
