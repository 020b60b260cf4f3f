//! What things are worth. Sources write their answers down; a command reads them in its own transaction.

use std::collections::BTreeMap;

use domain::{
    merchant::Environment,
    money::{Asset, AssetCode, Rate},
    pair::Pair,
    payment::Record,
    quote::{Provenance, SourcedRate},
    rates::{self, FIXED, NoRate, SIMULATED},
    refusal::{Failure, Refusal},
    time::Timestamp,
};
use store::{Abort, Rx, Tx};

use crate::{
    Engine,
    nodes::{self, Lease},
};

impl Engine {
    /// Takes the configured table in, in place of the one before it.
    ///
    /// # Errors
    /// Only when the store fails.
    pub async fn set_fixed_rates(&self, table: Vec<(Pair, Rate)>) -> Result<(), Failure> {
        let now = self.wall_time();
        let job = move |tx: &mut Tx<'_>| -> Result<(), Abort> {
            store::rates::forget(tx, FIXED)?;
            for (pair, rate) in &table {
                let said = SourcedRate { source: FIXED.to_owned(), pair: *pair, rate: *rate, at: now };
                store::rates::save(tx, &said)?;
            }
            Ok(())
        };
        self.store().transact("rates.set_fixed", job).await
    }

    /// Says what a pair such as `ETH/USD` is worth in the sandbox from now on. Quotes that were made keep their rate.
    ///
    /// # Errors
    /// [`Refusal::NotSimulated`] where money is real; [`Refusal::AssetUnknown`] for a text that is no pair.
    pub async fn simulate_rate(&self, pair: &str, rate: Rate) -> Result<(), Failure> {
        if self.environment() == Environment::Production {
            return Err(Refusal::NotSimulated.into());
        }
        let (pair, at) = (Pair::parse(pair)?, self.wall_time());
        let job = move |tx: &mut Tx<'_>| -> Result<(), Abort> {
            let said = SourcedRate { source: SIMULATED.to_owned(), pair, rate, at };
            Ok(store::rates::save(tx, &said)?)
        };
        self.store().transact("rates.simulate", job).await
    }

    /// Takes in what sources said, each time in place of what the same source said of the pair before. What could be no
    /// price is left out: what was said before counts on, as long as it is fresh.
    ///
    /// # Errors
    /// Only when the store fails.
    pub async fn record_rates(&self, said: Vec<SourcedRate>) -> Result<(), Failure> {
        self.record_rates_under(said, None).await
    }

    /// The same, as the holder of a lease.
    ///
    /// # Errors
    /// Also [`Refusal::LeaseLost`].
    pub async fn record_rates_under(
        &self,
        mut said: Vec<SourcedRate>,
        lease: Option<Lease>,
    ) -> Result<(), Failure> {
        said.retain(|said| rates::is_price(said.rate));
        // In one order everywhere, so that two transactions never wait for each other.
        said.sort_by(|one, other| (one.pair, &one.source).cmp(&(other.pair, &other.source)));
        let job = move |tx: &mut Tx<'_>| -> Result<(), Abort> {
            nodes::hold(tx, lease.as_ref())?;
            for said in &said {
                store::rates::save(tx, said)?;
            }
            Ok(())
        };
        self.store().transact("rates.record", job).await
    }

    /// Which assets that are served have no rate now in which of these currencies, and why not.
    ///
    /// # Errors
    /// Only when the store fails.
    pub async fn missing_rates(&self, currencies: Vec<AssetCode>) -> Result<Vec<(Pair, NoRate)>, Failure> {
        let engine = self.clone();
        let job = move |rx: &mut Rx<'_>| -> Result<Vec<(Pair, NoRate)>, Abort> {
            let mut missing = Vec::new();
            for pair in engine.priced_pairs(&currencies) {
                if let Err(reason) = market(rx, &engine, pair)? {
                    missing.push((pair, reason));
                }
            }
            Ok(missing)
        };
        self.store().read("rates.missing", job).await
    }

    /// Every asset that is served, in each of these currencies.
    fn priced_pairs(&self, currencies: &[AssetCode]) -> Vec<Pair> {
        let served = self.networks().iter().flat_map(|spec| &spec.assets).map(|asset| asset.asset.code);
        let mut pairs: Vec<Pair> =
            served.flat_map(|asset| currencies.iter().map(move |code| Pair::new(asset, *code))).collect();
        pairs.sort_unstable();
        pairs.dedup();
        pairs
    }
}

/// What one unit of `asset` is worth in the currency of a payment's price, less the spread of its terms, and where that
/// comes from.
///
/// # Errors
/// [`Refusal::RateUnavailable`] where nothing can be trusted.
pub(crate) fn lookup(
    rx: &mut Rx<'_>,
    engine: &Engine,
    record: &Record,
    asset: &Asset,
    now: Timestamp,
) -> Result<Provenance, Abort> {
    let payment = &record.payment;
    let pair = Pair::new(asset.code, payment.price.currency.code);
    lookup_pair(rx, engine, pair, payment.terms.spread_parts_per_million, now)
}

/// What [`lookup`] says, or what was promised when the payment was made, for as long as its order is open.
///
/// # Errors
/// [`Refusal::RateUnavailable`] where nothing was promised, and nothing can be trusted.
pub(crate) fn promised(
    rx: &mut Rx<'_>,
    engine: &Engine,
    record: &Record,
    asset: &Asset,
    now: Timestamp,
) -> Result<Provenance, Abort> {
    let payment = &record.payment;
    if payment.terms.fixes_rates && payment.terms.deadline.is_some_and(|end| now <= end) {
        let fixed = store::fixed_rates::get(rx, payment.shop, payment.id, asset.code)?;
        if let Some(fixed) = fixed {
            return Ok(fixed);
        }
    }
    lookup(rx, engine, record, asset, now)
}

/// Writes down what everything is worth that is served, for a new payment whose terms fix that. What cannot be valued
/// is left out: it is valued once it is chosen.
pub(crate) fn fix(tx: &mut Tx<'_>, engine: &Engine, record: &Record, now: Timestamp) -> Result<(), Abort> {
    let payment = &record.payment;
    let Some(end) = payment.terms.deadline.filter(|_| payment.terms.fixes_rates) else { return Ok(()) };
    let served = engine.networks().iter().flat_map(|spec| &spec.assets);
    let assets: BTreeMap<AssetCode, &Asset> = served.map(|one| (one.asset.code, &one.asset)).collect();
    for (code, asset) in assets {
        match lookup(tx, engine, record, asset, now) {
            Ok(worth) => store::fixed_rates::insert(tx, (payment.shop, payment.id), code, &worth, end)?,
            Err(Abort::Refused(Refusal::RateUnavailable)) => {}
            Err(abort) => return Err(abort),
        }
    }
    Ok(())
}

/// What a pair is worth, less a spread, where there is no payment yet.
///
/// # Errors
/// [`Refusal::RateUnavailable`] where nothing can be trusted.
pub(crate) fn lookup_pair(
    rx: &mut Rx<'_>,
    engine: &Engine,
    pair: Pair,
    spread_parts_per_million: u32,
    now: Timestamp,
) -> Result<Provenance, Abort> {
    if pair.base == pair.counter {
        return Ok(Provenance { rate: Rate::ONE, sources: Vec::new() });
    }
    let Provenance { rate, mut sources } = market(rx, engine, pair)?.map_err(Refusal::from)?;
    // Sources live by the wall clock, and payments by the business clock, which may be ahead of it in a sandbox.
    let shift = now.since(engine.wall_time());
    for said in &mut sources {
        said.at = said.at + shift;
    }
    Ok(Provenance { rate: rate.lessened(spread_parts_per_million)?, sources })
}

/// What a pair is worth by what was said of it, and of all that its rate may be made from.
pub(crate) fn market(
    rx: &mut Rx<'_>,
    engine: &Engine,
    pair: Pair,
) -> Result<Result<Provenance, NoRate>, Abort> {
    let said = store::rates::of_pairs(rx, &rates::pairs_for(pair.base, pair.counter))?;
    Ok(engine.0.setup.rates.rate(pair.base, pair.counter, &said, engine.wall_time()))
}
