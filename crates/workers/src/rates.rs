//! Asks sources what things are worth.
//!
//! Each source is asked at its own pace, all that are due at once: one that hangs delays nobody for longer than a round
//! may take. What they say is written down as they said it; what is made of it, a command decides when it needs a rate.
//!
//! *Twice at once*: the newer answer of a source stays, and both are what it said. *A crash at any line*: what was said
//! before counts on while it is fresh; the next look asks again. *A node that slept* writes nothing: its lease is gone.

use std::{collections::BTreeMap, time::Duration};

use domain::{money::AssetCode, pair::Pair, quote::SourcedRate, rates::NoRate, refusal::Failure};
use engine::{Engine, nodes::Lease};
use futures_util::future::join_all;
use outbound::rates::{Answer, Kind, RateSource, Trouble};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::{
    membership::{Leased, UnderLease},
    reconcile::{Look, Next, Rhythm, reconcile},
};

/// How often it looks whether a source is due.
const PERIOD: Duration = Duration::from_secs(15);

/// How long a reference is left alone that could not be heard. A market is asked again at its usual pace.
const REFERENCE_RETRY: Duration = Duration::from_mins(5);

/// Asks sources.
pub struct Asker {
    engine: Engine,
    sources: Vec<Paced>,
    pairs: Vec<Pair>,
    currencies: Vec<AssetCode>,
    /// Pairs without a rate, as the log was told last.
    missing: BTreeMap<Pair, NoRate>,
    lease: Option<Lease>,
}

/// A source, and when it is asked next.
struct Paced {
    source: RateSource,
    due: Option<Instant>,
    /// What the log was told last.
    trouble: Option<Trouble>,
}

impl Asker {
    /// An asker for everything that is served, in these currencies.
    pub fn new(engine: Engine, sources: Vec<RateSource>, currencies: Vec<AssetCode>) -> Self {
        let assets: Vec<AssetCode> =
            engine.networks().iter().flat_map(|spec| &spec.assets).map(|known| known.asset.code).collect();
        let pairs = domain::rates::wanted(&assets, &currencies);
        let paced = |source| Paced { source, due: None, trouble: None };
        let sources = sources.into_iter().map(paced).collect();
        Self { engine, sources, pairs, currencies, missing: BTreeMap::new(), lease: None }
    }

    /// Tells the log of pairs that have lost their rate, and of those that have one again.
    async fn say(&mut self) -> Result<(), Failure> {
        let missing: BTreeMap<Pair, NoRate> =
            self.engine.missing_rates(self.currencies.clone()).await?.into_iter().collect();
        let before = std::mem::replace(&mut self.missing, missing);
        let mut lost: BTreeMap<NoRate, Vec<Pair>> = BTreeMap::new();
        for (pair, reason) in self.missing.iter().filter(|(pair, _)| !before.contains_key(pair)) {
            lost.entry(*reason).or_default().push(*pair);
        }
        for (reason, pairs) in lost {
            tracing::warn!(?pairs, %reason, "no rate can be trusted: what is priced by these pairs waits");
        }
        let found: Vec<&Pair> = before.keys().filter(|pair| !self.missing.contains_key(pair)).collect();
        if !found.is_empty() {
            tracing::info!(pairs = ?found, "these pairs have a rate again");
        }
        Ok(())
    }
}

impl Paced {
    /// Asks the source where it is due; what it said.
    async fn ask(&mut self, engine: &Engine, pairs: &[Pair]) -> Vec<SourcedRate> {
        if self.due.is_some_and(|due| Instant::now() < due) {
            return Vec::new();
        }
        let began = Instant::now();
        let Answer { said, trouble, pause } = self.source.ask(pairs, engine.wall_time()).await;
        let source = self.source.source();
        let usual = match source.kind() {
            Kind::Reference if trouble.is_some() => REFERENCE_RETRY,
            Kind::Reference | Kind::Market => source.period(),
        };
        self.due = Some(began + pause.unwrap_or(usual).max(usual));
        self.say(trouble);
        said
    }

    /// Tells the log when a source begins to be trouble, and when it ends.
    fn say(&mut self, trouble: Option<Trouble>) {
        let source = self.source.source().name();
        match (&self.trouble, &trouble) {
            (None, Some(trouble)) => tracing::warn!(source, %trouble, "a source of rates is not heard"),
            (Some(_), None) => tracing::info!(source, "a source of rates is heard again"),
            (Some(before), Some(now)) if before != now => {
                tracing::debug!(source, trouble = %now, "still not heard");
            }
            _ => {}
        }
        self.trouble = trouble;
    }
}

impl Look for Asker {
    type Error = Failure;

    async fn look(&mut self) -> Result<Next, Failure> {
        let (engine, pairs) = (&self.engine, &self.pairs);
        let said = join_all(self.sources.iter_mut().map(|paced| paced.ask(engine, pairs))).await.concat();
        if !said.is_empty() {
            self.engine.record_rates_under(said, self.lease.clone()).await?;
        }
        self.say().await?;
        Ok(Next::WhenDue)
    }
}

impl UnderLease for Asker {
    fn under(&mut self, lease: Option<Lease>) {
        self.lease = lease;
    }
}

/// Asks until it is stopped.
pub async fn run(asker: Asker, stop: CancellationToken) {
    let engine = asker.engine.clone();
    let rhythm = Rhythm { name: "rates", period: PERIOD, hint: None };
    reconcile(&rhythm, &stop, Leased { engine, name: "rates".to_owned(), worker: asker }).await;
}
