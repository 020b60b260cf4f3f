//! `CoinGecko`: `GET /api/v3/simple/price?ids=bitcoin,ethereum&vs_currencies=usd,eur&include_last_updated_at=true`.
//!
//! The form is that of <https://docs.coingecko.com/reference/simple-price>: for each coin its price in each currency as
//! a number, and the second in which it was last changed. Coins have names of their own there, since many share a code:
//! only those of the table below are asked for.

use std::collections::{BTreeMap, BTreeSet};

use domain::{money::AssetCode, pair::Pair, time::Timestamp};
use serde_json::value::RawValue;

use super::{
    heard::{Heard, Question, Said, Unheard},
    number,
};

/// What `CoinGecko` calls the coins that a code means here.
const COINS: &[(&str, &str)] = &[
    ("ADA", "cardano"),
    ("ARB", "arbitrum"),
    ("AVAX", "avalanche-2"),
    ("BCH", "bitcoin-cash"),
    ("BNB", "binancecoin"),
    ("BTC", "bitcoin"),
    ("DAI", "dai"),
    ("DASH", "dash"),
    ("DOGE", "dogecoin"),
    ("ETC", "ethereum-classic"),
    ("ETH", "ethereum"),
    ("EURC", "euro-coin"),
    ("LINK", "chainlink"),
    ("LTC", "litecoin"),
    ("POL", "polygon-ecosystem-token"),
    ("SOL", "solana"),
    ("TON", "the-open-network"),
    ("TRX", "tron"),
    ("USDC", "usd-coin"),
    ("USDT", "tether"),
    ("WBTC", "wrapped-bitcoin"),
    ("XMR", "monero"),
    ("XRP", "ripple"),
    ("ZEC", "zcash"),
];

/// The field that tells when a price was last changed, in seconds since 1970.
const CHANGED: &str = "last_updated_at";

pub(super) fn questions(pairs: &[Pair]) -> Vec<Question> {
    let pairs: Vec<Pair> = pairs.iter().copied().filter(|pair| coin(pair.base).is_some()).collect();
    if pairs.is_empty() {
        return Vec::new();
    }
    let coins: BTreeSet<&str> = pairs.iter().filter_map(|pair| coin(pair.base)).collect();
    let currencies: BTreeSet<String> = pairs.iter().map(|pair| currency(pair.counter)).collect();
    let list = |names: Vec<&str>| names.join(",");
    let (coins, currencies) =
        (list(coins.into_iter().collect()), list(currencies.iter().map(String::as_str).collect()));
    let path = format!(
        "/api/v3/simple/price?ids={coins}&vs_currencies={currencies}&include_last_updated_at=true&precision=full"
    );
    vec![Question { path, pairs }]
}

pub(super) fn read(body: &[u8], question: &Question) -> Result<Heard, Unheard> {
    let coins: BTreeMap<String, &RawValue> = serde_json::from_slice(body).map_err(|_| Unheard::Unreadable)?;
    let mut heard = Heard::new();
    for pair in &question.pairs {
        let Some(prices) = coin(pair.base).and_then(|coin| coins.get(coin)) else { continue };
        let prices: BTreeMap<String, &RawValue> =
            serde_json::from_str(prices.get()).map_err(|_| Unheard::Unreadable)?;
        let Some(price) = prices.get(&currency(pair.counter)) else { continue };
        // A price whose age nobody tells is none.
        let changed = prices.get(CHANGED).and_then(|seconds| seconds.get().parse().ok());
        let rate = number::rate(price).filter(|_| changed.is_some());
        let at = Timestamp::from_seconds(changed.unwrap_or_default());
        heard.push(Said { pair: *pair, rate, at });
    }
    Ok(heard)
}

fn coin(code: AssetCode) -> Option<&'static str> {
    COINS.iter().find(|(known, _)| *known == code.as_str()).map(|(_, coin)| *coin)
}

fn currency(code: AssetCode) -> String {
    code.as_str().to_ascii_lowercase()
}
