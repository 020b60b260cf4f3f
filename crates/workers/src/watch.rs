//! Follows the chains.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use domain::{
    chain::{ChainKey, Cursor, Health, Network, NetworkReport},
    id::WalletId,
    refusal::{Failure, Refusal},
    time::Span,
};
use engine::{Engine, nodes::Lease};
use rails::{
    Rail, RailError,
    progress::{Head, Progress},
    sandbox,
    watch::{WatchSet, Watched},
};
use tokio_util::sync::CancellationToken;

use crate::{
    membership::{Leased, UnderLease},
    reconcile::{Look, Next, Rhythm, reconcile},
};

/// How long a simulated network waits for a hint at most.
const SANDBOX_PERIOD: Duration = Duration::from_secs(1);

/// Follows one network.
pub struct Watcher {
    engine: Engine,
    network: Network,
    period: Duration,
    max_block_age: Span,
    source: Source,
    lease: Option<Lease>,
}

enum Source {
    Sandbox,
    Chain(Box<Followed>),
}

/// A real chain, and what is kept of it between two looks: nothing that would be missed.
struct Followed {
    rail: Rail,
    chain: Option<ChainKey>,
    watched: ScriptsSoFar,
    /// What the log was told last.
    said: Option<Health>,
}

/// The scripts that are watched, and how many of each wallet they are.
#[derive(Default)]
struct ScriptsSoFar {
    set: Arc<WatchSet>,
    seen: BTreeMap<WalletId, u32>,
}

/// Why a look led to nothing.
#[derive(Debug)]
pub enum WatchError {
    /// The node.
    Rail(RailError),
    /// The store.
    Engine(Failure),
}

impl std::fmt::Display for WatchError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Rail(error) => error.fmt(f),
            Self::Engine(failure) => failure.fmt(f),
        }
    }
}

impl From<RailError> for WatchError {
    fn from(error: RailError) -> Self {
        Self::Rail(error)
    }
}

impl From<Failure> for WatchError {
    fn from(failure: Failure) -> Self {
        Self::Engine(failure)
    }
}

impl Watcher {
    /// A watcher of a network that the sandbox simulates.
    pub fn sandbox(engine: Engine, network: Network) -> Self {
        let (period, max_block_age) = (SANDBOX_PERIOD, Span::ZERO);
        Self { engine, network, period, max_block_age, source: Source::Sandbox, lease: None }
    }

    /// A watcher of a real chain. A newest block older than `max_block_age` means that nobody can tell what is paid.
    pub fn chain(
        engine: Engine,
        network: Network,
        rail: Rail,
        period: Duration,
        max_block_age: Span,
    ) -> Self {
        let followed = Followed { rail, chain: None, watched: ScriptsSoFar::default(), said: None };
        let source = Source::Chain(Box::new(followed));
        Self { engine, network, period, max_block_age, source, lease: None }
    }

    /// What is to be said of the network after a look.
    fn report(&self, looked: &Result<Seen, WatchError>) -> NetworkReport {
        let now = self.engine.wall_time();
        let chain = match &self.source {
            Source::Sandbox => Some(ChainKey::sandbox()),
            Source::Chain(followed) => followed.chain.clone(),
        };
        let (health, reason, head) = match looked {
            Ok(seen) => self.judge(seen, now.since(seen.head.time)),
            Err(WatchError::Rail(RailError::Reorganised)) => (Health::CatchingUp, None, None),
            Err(error @ WatchError::Rail(RailError::ReorgTooDeep { .. })) => {
                (Health::Stopped, Some(error.to_string()), None)
            }
            Err(error) => (Health::Blind, Some(error.to_string()), None),
        };
        NetworkReport {
            network: self.network,
            chain,
            health,
            reason,
            head_height: head.map(|head| head.height),
            head_time: head.map(|head| head.time),
            reported_at: now,
        }
    }

    /// Tells the log of a node that answers, and yet nobody can tell what is paid; and of the end of that. A node that
    /// does not answer is a failure of the look, which is told with all others.
    fn say(&mut self, report: &NetworkReport) {
        let Source::Chain(followed) = &mut self.source else { return };
        let before = followed.said.replace(report.health);
        if before == Some(report.health) {
            return;
        }
        let (network, height) = (report.network.as_str(), report.head_height);
        match (report.health, &report.reason) {
            (Health::Live, _) => tracing::info!(network, height, "the chain is followed to its newest block"),
            (Health::CatchingUp, _) => {}
            (_, reason) => {
                let reason = reason.as_deref().unwrap_or_default();
                tracing::warn!(network, height, reason, "the chain cannot be seen, and its methods wait");
            }
        }
    }

    fn judge(&self, seen: &Seen, age: Span) -> (Health, Option<String>, Option<Head>) {
        let head = Some(seen.head);
        if age > self.max_block_age {
            let minutes = age.whole_seconds() / 60;
            return (Health::Blind, Some(format!("its newest block is {minutes} minutes old")), head);
        }
        if seen.caught_up {
            return (Health::Live, None, head);
        }
        if seen.moved {
            return (Health::CatchingUp, None, head);
        }
        (Health::Blind, Some("its node is behind the blocks that were seen before".to_owned()), head)
    }
}

impl Look for Watcher {
    type Error = WatchError;

    /// Takes in the next part of what the network has to say; after a failure the cursor stands where it stood.
    async fn look(&mut self) -> Result<Next, WatchError> {
        let lease = self.lease.clone();
        match &mut self.source {
            Source::Sandbox => look_at_sandbox(&self.engine, self.network, lease).await,
            Source::Chain(followed) => {
                let looked = look_at_chain(&self.engine, self.network, followed, lease.clone()).await;
                let report = self.report(&looked);
                if looked.is_ok() {
                    self.say(&report);
                }
                self.engine.report_network_under(report, lease).await?;
                looked.map(|seen| seen.next())
            }
        }
    }
}

impl UnderLease for Watcher {
    fn under(&mut self, lease: Option<Lease>) {
        self.lease = lease;
    }
}

/// What a look saw.
struct Seen {
    head: Head,
    caught_up: bool,
    moved: bool,
}

impl Seen {
    /// More blocks are taken in at once; a node that is behind has to come up first.
    const fn next(&self) -> Next {
        if self.moved && !self.caught_up { Next::AtOnce } else { Next::WhenDue }
    }
}

async fn look_at_sandbox(
    engine: &Engine,
    network: Network,
    lease: Option<Lease>,
) -> Result<Next, WatchError> {
    let cursor = engine.cursor(network, ChainKey::sandbox()).await?;
    let view = engine.sandbox_view(cursor.clone()).await?;
    let progress = sandbox::next(&cursor, view)?;
    let caught_up = progress.caught_up;
    take_in(engine, progress, lease).await?;
    Ok(if caught_up { Next::WhenDue } else { Next::AtOnce })
}

async fn look_at_chain(
    engine: &Engine,
    network: Network,
    followed: &mut Followed,
    lease: Option<Lease>,
) -> Result<Seen, WatchError> {
    let chain = match &followed.chain {
        Some(chain) => chain.clone(),
        None => followed.rail.chain().await?,
    };
    followed.chain = Some(chain.clone());
    let cursor: Cursor = engine.cursor(network, chain).await?;
    let watched = &mut Derived { engine, network, watched: &mut followed.watched };
    let asked = followed.rail.next(&cursor, watched).await;
    if matches!(asked, Err(WatchError::Rail(RailError::WrongChain { .. }))) {
        // Another chain answers under the same name: the next look begins with a cursor of its own.
        let before = followed.chain.take();
        let before = before.as_ref().map(ChainKey::as_str).unwrap_or_default();
        tracing::warn!(%network, before, "another chain than before answers under the network's name");
    }
    let progress = asked?;
    let (head, caught_up) = (progress.head, progress.caught_up);
    let moved = !progress.batch.blocks.is_empty() || progress.batch.rolled_back_to.is_some();
    take_in(engine, progress, lease).await?;
    Ok(Seen { head, caught_up, moved })
}

/// The scripts of all wallets, as far as they are derived. An address is derived before it is given out, and the blocks
/// are fetched before this is asked: whatever was paid in them is watched for.
struct Derived<'a> {
    engine: &'a Engine,
    network: Network,
    watched: &'a mut ScriptsSoFar,
}

impl Watched for Derived<'_> {
    type Error = WatchError;

    async fn scripts(&mut self) -> Result<Arc<WatchSet>, WatchError> {
        loop {
            let new = self.engine.scripts_since(self.network, &self.watched.seen).await?;
            if new.is_empty() {
                return Ok(Arc::clone(&self.watched.set));
            }
            let set = Arc::make_mut(&mut self.watched.set);
            for (wallet, position, script) in new {
                set.insert(&script);
                self.watched.seen.insert(wallet, position.saturating_add(1));
            }
        }
    }
}

async fn take_in(engine: &Engine, progress: Progress, lease: Option<Lease>) -> Result<(), Failure> {
    match engine.observe_under(progress.batch, lease).await {
        // Another node was quicker; the next look begins where it left off.
        Ok(_) | Err(Failure::Refused(Refusal::BatchStale)) => Ok(()),
        Err(failure) => Err(failure),
    }
}

/// Follows a network until it is stopped.
pub async fn run(watcher: Watcher, stop: CancellationToken) {
    let (engine, network) = (watcher.engine.clone(), watcher.network);
    let name = format!("watch {network}");
    let rhythm = Rhythm { name: &name, period: watcher.period, hint: engine.hints().watch(network) };
    let worker = Leased { engine: engine.clone(), name: name.clone(), worker: watcher };
    reconcile(&rhythm, &stop, worker).await;
}
