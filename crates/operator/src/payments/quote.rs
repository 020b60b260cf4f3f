//! What a method asked for, and where its rate came from.

use domain::{
    chain::Method,
    money::{Amount, Asset},
    payment::Record,
    quote::{Quote, SourcedRate},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Api, ids, span, time};

/// Places of a rate, for people.
const RATE_PLACES: u8 = 18;

/// What one method asked for.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PaymentQuote {
    /// Its id.
    pub id: String,
    /// The network.
    pub network: String,
    /// The asset.
    pub asset: String,
    /// Where the money has to go; null where the network is no longer served.
    pub address: Option<String>,
    /// How much of the asset it asks for; null where the network is no longer served.
    pub asks: Option<String>,
    /// What that settles, in the price's currency.
    pub covers: String,
    /// What came by it, in the asset.
    pub received: Option<String>,
    /// What that is worth, in the price's currency.
    pub worth: String,
    /// Units of the price's currency for one unit of the asset, less the spread of the payment's terms.
    pub rate: String,
    /// What the rate was made from, before the spread. None where both are the same.
    pub sources: Vec<QuoteSource>,
    /// Confirmations that make its money final.
    pub depth: u32,
    /// When it was made.
    pub created_at: String,
    /// Until when it held; null for one that was made for money that had come already.
    pub valid_until: Option<String>,
}

/// What one source said of a rate.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct QuoteSource {
    /// The source: `kraken`, `coinbase`, `bitfinex`, `coingecko`, `ecb`, `fixed`, `simulated`.
    pub source: String,
    /// The pair.
    pub pair: String,
    /// What it said.
    pub rate: String,
    /// When it said so, or was asked where it does not tell.
    pub at: String,
    /// How old that was when the quote was made.
    pub age: String,
}

impl PaymentQuote {
    pub(super) fn new(api: &Api, record: &Record, quote: &Quote) -> Self {
        let asset = asset(api, quote.method);
        let in_asset = |amount: Amount| asset.map(|asset| amount.to_decimal(asset.decimals));
        let in_price = |amount: Amount| amount.to_decimal(record.payment.price.currency.decimals);
        let received = record.received_by(quote);
        Self {
            id: ids::write(quote.id),
            network: quote.method.network.to_string(),
            asset: quote.method.asset.to_string(),
            address: api.engine.address(quote.method.network, &quote.script),
            asks: in_asset(quote.asks),
            covers: in_price(quote.covers),
            received: in_asset(received),
            worth: in_price(quote.worth(received)),
            rate: trimmed(&quote.provenance.rate.to_decimal(RATE_PLACES)),
            sources: quote.provenance.sources.iter().map(|said| source(said, quote.created_at)).collect(),
            depth: quote.depth,
            created_at: time::write(quote.created_at),
            valid_until: quote.valid_until.map(time::write),
        }
    }
}

/// What is counted on a network; `None` where it is no longer served.
fn asset(api: &Api, method: Method) -> Option<Asset> {
    let spec = api.engine.network(method.network).ok()?;
    spec.asset(method.asset).map(|asset| asset.asset)
}

fn source(said: &SourcedRate, used_at: Timestamp) -> QuoteSource {
    QuoteSource {
        source: said.source.clone(),
        pair: said.pair.to_string(),
        rate: trimmed(&said.rate.to_decimal(RATE_PLACES)),
        at: time::write(said.at),
        age: span::write(used_at.since(said.at)),
    }
}

/// A decimal without zeros at its end.
fn trimmed(decimal: &str) -> String {
    if decimal.contains('.') {
        decimal.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        decimal.to_owned()
    }
}
