//! What things are worth, by what sources say of them.
//!
//! No source is believed by itself. What one says counts while it is fresh and could be a price at all; of what is left
//! the middle is taken, and only where enough sources agree with it. Where they do not, there is no rate: none is ever
//! made up. Rates are found [here](RatePolicy::rate) for quotes, and the same way for the pages that tell of them.

mod agreement;
#[cfg(test)]
mod liars;
#[cfg(test)]
mod tests;
mod wanted;

use crate::{
    money::{AssetCode, Rate, Rounding},
    pair::Pair,
    quote::{Provenance, SourcedRate},
    refusal::Refusal,
    time::{Span, Timestamp},
};

pub use self::wanted::wanted;

/// The source that is the table of the configuration.
pub const FIXED: &str = "fixed";

/// The source that is the operator of a sandbox. It goes before every other one.
pub const SIMULATED: &str = "simulated";

/// How long what a market says counts.
pub const MARKET_AGE: Span = Span::minutes(10);

/// How long what a reference says counts. References are published on working days: the longest pause that the
/// calendar of TARGET knows is from the Thursday before Easter to the Tuesday after it.
pub const REFERENCE_AGE: Span = Span::days(6);

/// How far ahead of our clock a source's may be.
const AHEAD: Span = Span::minutes(2);

/// How far a market may be from the middle of all, in millionths of it.
pub const AGREEMENT: u32 = 20_000;

/// How far a market may be from a reference, in millionths of it: a reference is up to some days old.
pub const REFERENCE_AGREEMENT: u32 = 50_000;

/// Prices lie between these two: a hundred-millionth, at or below which there are but the marks of an empty book, and a
/// trillion.
const PRICES: [(u128, u128); 2] = [(1, 100_000_000), (1_000_000_000_000, 1)];

/// Currencies by which two others are compared, in the order in which they are tried.
const BRIDGES: [&str; 2] = ["USD", "EUR"];

/// What references count in.
const REFERENCE_BASE: &str = "EUR";

/// How rates are found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RatePolicy {
    /// In the table of the configuration, alone and without a quorum.
    Table,
    /// By what these sources say.
    Live(Sources),
}

/// The sources that are asked, and how many of them have to agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sources {
    /// Markets, each of which says what is paid there now.
    pub markets: Vec<String>,
    /// References, which say once a working day what a euro is worth in other currencies.
    pub references: Vec<String>,
    /// How many markets have to agree on a price; at least one.
    pub quorum: usize,
}

/// Why there is no rate. Of two reasons the later one here tells more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum NoRate {
    /// No source says anything.
    #[error("no source says it")]
    Unsaid,
    /// Something was said, too long ago.
    #[error("what sources said is too old")]
    Stale,
    /// Fewer say it than have to agree.
    #[error("too few sources say it: {said} of {quorum}")]
    TooFew {
        /// How many say it.
        said: usize,
        /// How many have to.
        quorum: usize,
    },
    /// Enough say it, and not the same.
    #[error("the sources do not agree")]
    Disagreement,
    /// What a reference says is not what is paid.
    #[error("the markets contradict the reference")]
    Contradicted,
    /// It is no number that could be counted with.
    #[error("the rate is out of range")]
    OutOfRange,
}

impl From<NoRate> for Refusal {
    fn from(_: NoRate) -> Self {
        Self::RateUnavailable
    }
}

/// Whether a rate could be the price of anything. Zero and less are no rates to begin with.
pub fn is_price(rate: Rate) -> bool {
    let [least, most] = PRICES.map(|(numerator, denominator)| Rate::ratio(numerator, denominator));
    least.is_ok_and(|least| rate > least) && most.is_ok_and(|most| rate < most)
}

/// The pairs that a rate of `asset` in `currency` may be made from: what has to be known for [`RatePolicy::rate`].
pub fn pairs_for(asset: AssetCode, currency: AssetCode) -> Vec<Pair> {
    let bridges = BRIDGES.map(AssetCode::parse);
    let bridges = bridges.iter().flatten().copied();
    let through = bridges.clone().flat_map(|bridge| [Pair::new(asset, bridge), Pair::new(currency, bridge)]);
    let references = bridges.chain([asset, currency]).filter_map(|code| Some(Pair::new(euro()?, code)));
    let mut pairs: Vec<Pair> =
        [Pair::new(asset, currency)].into_iter().chain(through).chain(references).collect();
    pairs.retain(|pair| pair.base != pair.counter);
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

fn euro() -> Option<AssetCode> {
    AssetCode::parse(REFERENCE_BASE).ok()
}

impl RatePolicy {
    /// What one unit of `asset` is worth in `currency`, by what was `said` and is known at `now`: directly where that
    /// can be, else through the dollar, else through the euro. It is rounded down, if at all.
    ///
    /// # Errors
    /// Why there is none.
    pub fn rate(
        &self,
        asset: AssetCode,
        currency: AssetCode,
        said: &[SourcedRate],
        now: Timestamp,
    ) -> Result<Provenance, NoRate> {
        if asset == currency {
            return Ok(Provenance { rate: Rate::ONE, sources: Vec::new() });
        }
        let judge = Judge { policy: self, said, now };
        let bridges = BRIDGES.map(|code| AssetCode::parse(code).ok()).into_iter().flatten();
        let bridges = bridges.take(if *self == Self::Table { 1 } else { BRIDGES.len() });
        let (mut found, mut reason) = (None, NoRate::Unsaid);
        for way in [None].into_iter().chain(bridges.map(Some)) {
            match judge.by(asset, currency, way) {
                Ok(rate) if rate.is_simulated() => return Ok(rate),
                Ok(rate) => found = found.or(Some(rate)),
                Err(other) => reason = reason.max(other),
            }
        }
        found.ok_or(reason)
    }
}

impl Provenance {
    fn is_simulated(&self) -> bool {
        self.sources.iter().any(|said| said.source == SIMULATED)
    }
}

/// What is known, and who is believed.
struct Judge<'a> {
    policy: &'a RatePolicy,
    said: &'a [SourcedRate],
    now: Timestamp,
}

impl Judge<'_> {
    /// The rate directly, or through a third currency.
    fn by(
        &self,
        asset: AssetCode,
        currency: AssetCode,
        way: Option<AssetCode>,
    ) -> Result<Provenance, NoRate> {
        let Some(bridge) = way else { return self.leg(Pair::new(asset, currency), Rounding::Down) };
        let up = self.leg(Pair::new(asset, bridge), Rounding::Down)?;
        let down = self.leg(Pair::new(currency, bridge), Rounding::Up)?;
        let rate = match self.policy {
            // Both are round numbers of somebody's choice, and stay what they are.
            RatePolicy::Table => up.rate.per(down.rate),
            RatePolicy::Live(_) => up.rate.quotient(down.rate, Rounding::Down),
        };
        join(rate, up, down)
    }

    /// What is said of one pair.
    fn leg(&self, pair: Pair, rounding: Rounding) -> Result<Provenance, NoRate> {
        if pair.base == pair.counter {
            return Ok(Provenance { rate: Rate::ONE, sources: Vec::new() });
        }
        if let Some(said) = self.newest(SIMULATED, pair) {
            return Ok(alone(said));
        }
        match self.policy {
            RatePolicy::Table => self.newest(FIXED, pair).map(alone).ok_or(NoRate::Unsaid),
            RatePolicy::Live(sources) if pair.base.is_currency() && pair.counter.is_currency() => {
                let up = self.in_euros(sources, pair.counter, rounding)?;
                let down = self.in_euros(sources, pair.base, rounding.opposite())?;
                join(up.rate.quotient(down.rate, rounding), up, down)
            }
            RatePolicy::Live(sources) => self.market(sources, pair, rounding),
        }
    }

    /// What one euro is worth in a currency: what the reference says, where the markets do not contradict it; where
    /// there is no reference, what the markets agree on.
    fn in_euros(
        &self,
        sources: &Sources,
        currency: AssetCode,
        rounding: Rounding,
    ) -> Result<Provenance, NoRate> {
        let pair = Pair::new(euro().ok_or(NoRate::Unsaid)?, currency);
        if pair.base == pair.counter {
            return Ok(Provenance { rate: Rate::ONE, sources: Vec::new() });
        }
        if let Some(said) = self.newest(SIMULATED, pair) {
            return Ok(alone(said));
        }
        let Some(reference) = self.fresh(&sources.references, pair, REFERENCE_AGE).first().copied() else {
            return self.market(sources, pair, rounding);
        };
        let markets = self.fresh(&sources.markets, pair, MARKET_AGE);
        let is_near = |said: &&&SourcedRate| said.rate.is_near(reference.rate, REFERENCE_AGREEMENT);
        let with = markets.iter().filter(is_near).count();
        let against = markets.len().saturating_sub(with);
        // The reference is a voice itself. One market against it alone leaves nobody to tell who is right.
        if against > with { Err(NoRate::Contradicted) } else { Ok(alone(reference)) }
    }

    /// What the markets agree on.
    fn market(&self, sources: &Sources, pair: Pair, rounding: Rounding) -> Result<Provenance, NoRate> {
        let fresh = self.fresh(&sources.markets, pair, MARKET_AGE);
        if fresh.is_empty() {
            let was_said = sources.markets.iter().any(|name| self.newest(name, pair).is_some());
            return Err(if was_said { NoRate::Stale } else { NoRate::Unsaid });
        }
        agreement::agree(fresh, sources.quorum, rounding)
    }

    /// What each of these sources says of a pair, where that counts still and could be a price.
    fn fresh(&self, sources: &[String], pair: Pair, limit: Span) -> Vec<&SourcedRate> {
        let counts = |said: &&SourcedRate| {
            self.now.since(said.at) <= limit && said.at <= self.now + AHEAD && is_price(said.rate)
        };
        sources.iter().filter_map(|name| self.newest(name, pair).filter(counts)).collect()
    }

    /// What a source said last of a pair.
    fn newest(&self, source: &str, pair: Pair) -> Option<&SourcedRate> {
        self.said.iter().filter(|said| said.source == source && said.pair == pair).max_by_key(|said| said.at)
    }
}

fn alone(said: &SourcedRate) -> Provenance {
    Provenance { rate: said.rate, sources: vec![said.clone()] }
}

/// A rate that was made from two others.
fn join(rate: Result<Rate, Refusal>, one: Provenance, other: Provenance) -> Result<Provenance, NoRate> {
    let mut sources = one.sources;
    for said in other.sources {
        if !sources.contains(&said) {
            sources.push(said);
        }
    }
    Ok(Provenance { rate: rate.map_err(|_| NoRate::OutOfRange)?, sources })
}
