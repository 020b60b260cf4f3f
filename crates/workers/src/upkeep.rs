//! Work that keeps the rest quick: addresses ahead of need, tables without what is no longer kept.

use std::time::Duration;

use domain::refusal::Failure;
use engine::{Engine, nodes::Lease};
use tokio_util::sync::CancellationToken;

use crate::{
    membership::{Leased, UnderLease},
    reconcile::{Look, Next, Rhythm, reconcile},
};

/// How often wallets are looked at without a hint.
const DERIVE_PERIOD: Duration = Duration::from_mins(1);

/// How often old rows are deleted, and money without a rate is looked at again.
const PRUNE_PERIOD: Duration = Duration::from_mins(1);

/// How often the last use of credentials is written down.
const LAST_USE_PERIOD: Duration = Duration::from_mins(1);

/// Makes addresses for wallets that are short of them, until it is stopped.
pub async fn derive(engine: Engine, stop: CancellationToken) {
    let rhythm = Rhythm { name: "derive", period: DERIVE_PERIOD, hint: Some(&engine.hints().derive) };
    // Without a lease: whoever is short of addresses needs them now, and what another node made meanwhile is found.
    reconcile(&rhythm, &stop, Derive(&engine)).await;
}

struct Derive<'a>(&'a Engine);

impl Look for Derive<'_> {
    type Error = Failure;

    async fn look(&mut self) -> Result<Next, Failure> {
        self.0.fill_pools().await?;
        Ok(Next::WhenDue)
    }
}

/// Deletes what is no longer kept, one small batch after the other, and values money that came without a rate.
pub async fn prune(engine: Engine, stop: CancellationToken) {
    let rhythm = Rhythm { name: "prune", period: PRUNE_PERIOD, hint: None };
    let worker = Leased { engine: engine.clone(), name: "prune".to_owned(), worker: Prune(&engine) };
    reconcile(&rhythm, &stop, worker).await;
}

struct Prune<'a>(&'a Engine);

impl Look for Prune<'_> {
    type Error = Failure;

    async fn look(&mut self) -> Result<Next, Failure> {
        self.0.value_receipts().await?;
        Ok(if self.0.prune().await? { Next::AtOnce } else { Next::WhenDue })
    }
}

/// Writes down when credentials were last used, until it is stopped, and once more at the end.
pub async fn note_last_use(engine: Engine, stop: CancellationToken) {
    let rhythm = Rhythm { name: "last use", period: LAST_USE_PERIOD, hint: None };
    reconcile(&rhythm, &stop, NoteLastUse(&engine)).await;
    if let Err(error) = engine.flush_last_used().await {
        tracing::warn!(%error, "the last use of credentials was not written down");
    }
}

struct NoteLastUse<'a>(&'a Engine);

impl Look for NoteLastUse<'_> {
    type Error = Failure;

    async fn look(&mut self) -> Result<Next, Failure> {
        self.0.flush_last_used().await?;
        Ok(Next::WhenDue)
    }
}

impl UnderLease for Prune<'_> {
    /// What is deleted is gone for everybody: the lease only saves the others the work.
    fn under(&mut self, _: Option<Lease>) {}
}
