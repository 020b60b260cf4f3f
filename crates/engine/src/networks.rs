//! How well networks are seen, and what that means for payments.

use domain::{
    chain::{ChainKey, Cursor, Health, Network, NetworkReport, Script},
    refusal::Failure,
    time::{Span, Timestamp},
};
use store::{Abort, Fault, Rx, Tx};

use crate::{
    Engine,
    nodes::{self, Lease},
};

impl Engine {
    /// Where money goes that is sent to a script, as the network writes it; `None` for a network that is not served.
    pub fn address(&self, network: Network, script: &Script) -> Option<String> {
        addresses::address::encode(self.network(network).ok()?.form, script)
    }

    /// Takes in how well a watcher sees its network. An unchanged report is written at most once a minute.
    ///
    /// # Errors
    /// Only when the store fails.
    pub async fn report_network(&self, report: NetworkReport) -> Result<(), Failure> {
        self.report_network_under(report, None).await
    }

    /// The same, as the holder of a lease.
    ///
    /// # Errors
    /// Also [`LeaseLost`](domain::refusal::Refusal::LeaseLost).
    pub async fn report_network_under(
        &self,
        report: NetworkReport,
        lease: Option<Lease>,
    ) -> Result<(), Failure> {
        let (network, compare) = (report.network, report.clone());
        let known = self
            .store()
            .read("networks.get", move |rx| Ok(store::networks::get(rx, network)?))
            .await?
            .is_some_and(|before| says_the_same(&before, &compare));
        if known {
            return Ok(());
        }
        let job = move |tx: &mut Tx<'_>| -> Result<(), Abort> {
            nodes::hold(tx, lease.as_ref())?;
            Ok(store::networks::save(tx, &report)?)
        };
        self.store().transact("networks.report", job).await
    }

    /// What was last reported of every network.
    ///
    /// # Errors
    /// Only when the store fails.
    pub async fn network_reports(&self) -> Result<Vec<NetworkReport>, Failure> {
        self.store().read("networks.all", |rx| Ok(store::networks::all(rx)?)).await
    }

    /// Where the cursor of a chain stands, and the blocks behind it.
    ///
    /// # Errors
    /// Only when the store fails.
    pub async fn cursor(&self, network: Network, chain: ChainKey) -> Result<Cursor, Failure> {
        self.store().read("cursors.get", move |rx| Ok(store::cursors::get(rx, network, &chain)?)).await
    }
}

/// How long a report stands before an unchanged one is written again, so that one can see that its watcher lives.
const REFRESH: Span = Span::minutes(1);

/// How long a report counts. A watcher that has not reported for longer does not watch. A report from further ahead is
/// from before the wall clock was set back, and as old as nobody knows.
const REPORT_COUNTS: Span = Span::minutes(5);

fn says_the_same(before: &NetworkReport, now: &NetworkReport) -> bool {
    before.health == now.health
        && before.reason == now.reason
        && before.chain == now.chain
        && is_within(REFRESH, now.reported_at.since(before.reported_at))
}

/// Whether two moments are less than `limit` apart, whichever is the later.
const fn is_within(limit: Span, between: Span) -> bool {
    between.micros().unsigned_abs() < limit.micros().unsigned_abs()
}

/// The chain that carries a network's name now.
fn current_chain(rx: &mut Rx<'_>, engine: &Engine, network: Network) -> Result<Option<ChainKey>, Fault> {
    if engine.network(network).is_ok_and(|spec| spec.simulated) {
        return Ok(Some(ChainKey::sandbox()));
    }
    Ok(store::networks::get(rx, network)?.and_then(|report| report.chain))
}

/// The height up to which a chain was followed.
pub(crate) fn followed_height(
    rx: &mut Rx<'_>,
    network: Network,
    chain: &ChainKey,
) -> Result<Option<u64>, Fault> {
    Ok(store::cursors::position(rx, network, chain)?.map(|position| position.block.height))
}

/// The moment up to which all money on a network has been seen; `None` where nothing is known of it at all.
pub(crate) fn horizon(
    rx: &mut Rx<'_>,
    engine: &Engine,
    network: Network,
) -> Result<Option<Timestamp>, Fault> {
    let Some(chain) = current_chain(rx, engine, network)? else { return Ok(None) };
    Ok(store::cursors::position(rx, network, &chain)?.map(|position| position.horizon))
}

/// Whether money on a network would be seen now.
///
/// # Errors
/// The reason, in words for a buyer.
pub(crate) fn health(
    rx: &mut Rx<'_>,
    engine: &Engine,
    network: Network,
) -> Result<Result<(), String>, Abort> {
    let spec = engine.network(network)?;
    if spec.simulated {
        let stalled = store::sandbox::stalled_at(rx, network)?.is_some();
        return Ok(if stalled { Err(format!("We cannot see {} right now", spec.label)) } else { Ok(()) });
    }
    let report = store::networks::get(rx, network)?;
    let now = engine.wall_time();
    let fresh = report.filter(|report| is_within(REPORT_COUNTS, now.since(report.reported_at)));
    Ok(match fresh.map(|report| report.health) {
        Some(Health::Live) => Ok(()),
        Some(Health::CatchingUp) => Err(format!("We are catching up with {}", spec.label)),
        Some(Health::Blind | Health::Stopped) => Err(format!("We cannot see {} right now", spec.label)),
        None => Err(format!("We are not connected to {}", spec.label)),
    })
}
