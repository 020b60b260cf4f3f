//! Answers of sources of rates, in the form of each vendor's own documentation, as a market of 2026-06-16 would have
//! them, when the clocks of tests begin.
//!
//! - Kraken: <https://docs.kraken.com/api/docs/rest-api/get-ticker-information>. Pairs under Kraken's own names,
//!   prices as text; a pair that is not traded makes the whole answer an error.
//! - Coinbase: <https://docs.cdp.coinbase.com/coinbase-app/track-apis/exchange-rates>, cut to a few currencies.
//! - Bitfinex: <https://docs.bitfinex.com/reference/rest-public-tickers>. Rows of eleven values, the numbers bare.
//! - `CoinGecko`: <https://docs.coingecko.com/reference/simple-price> with `include_last_updated_at` and `precision`.
//! - The European Central Bank: `eurofxref-daily.xml`, whole, as
//!   <https://www.ecb.europa.eu/stats/policy_and_exchange_rates/euro_reference_exchange_rates/html/index.en.html> has
//!   it.

use domain::time::Timestamp;

/// Kraken, asked for everything that it trades here.
pub const KRAKEN: &str = include_str!("../recorded/kraken.json");

/// Kraken, asked for a pair that it does not trade.
pub const KRAKEN_UNKNOWN: &str = include_str!("../recorded/kraken-unknown.json");

/// Coinbase, asked for a base that it does not know: with status 400.
pub const COINBASE_UNKNOWN: &str = include_str!("../recorded/coinbase-unknown.json");

/// Bitfinex, asked for everything that it trades here.
pub const BITFINEX: &str = include_str!("../recorded/bitfinex.json");

/// Bitfinex, asked for a symbol that is none: with status 500.
pub const BITFINEX_UNKNOWN: &str = include_str!("../recorded/bitfinex-unknown.json");

/// `CoinGecko`, asked too often: with status 429.
pub const COINGECKO_BUSY: &str = include_str!("../recorded/coingecko-busy.json");

const COINGECKO: &str = include_str!("../recorded/coingecko.json");
const COINGECKO_AT: &str = "1781611170";
const ECB: &str = include_str!("../recorded/ecb.xml");
const ECB_DAY: &str = "2026-06-15";

/// Coinbase, asked for the worth of one of these bases, each with its answer.
pub const COINBASE: &[(&str, &str)] = &[
    ("BTC", include_str!("../recorded/coinbase-BTC.json")),
    ("ETH", include_str!("../recorded/coinbase-ETH.json")),
    ("EUR", include_str!("../recorded/coinbase-EUR.json")),
    ("USDT", include_str!("../recorded/coinbase-USDT.json")),
];

/// `CoinGecko`, with prices that were last changed at this moment.
pub fn coingecko(at: Timestamp) -> String {
    COINGECKO.replace(COINGECKO_AT, &at.seconds().to_string())
}

/// The European Central Bank, for a day such as `2026-06-15`.
pub fn ecb(day: &str) -> String {
    ECB.replace(ECB_DAY, day)
}
