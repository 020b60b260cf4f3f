//! Keeping tables small.

use domain::{
    refusal::Failure,
    time::{Span, Timestamp},
};
use store::{Abort, Tx};

use crate::{Engine, deliveries, mails};

/// How long an idempotency key is kept. A key older than that is new again.
pub const KEYS_KEPT: Span = Span::days(7);

/// Rows that one transaction deletes: small enough that no request waits for it.
const BATCH: u32 = 500;

impl Engine {
    /// Deletes one batch of what is no longer kept; whether there may be more.
    ///
    /// # Errors
    /// Only when the store fails.
    pub async fn prune(&self) -> Result<bool, Failure> {
        let moment = self.moment();
        let idle = move |rx: &mut store::Rx<'_>| -> Result<Timestamp, Abort> { Ok(moment.business(rx)?) };
        let now = self.store().read("upkeep.now", idle).await?;
        let job = move |tx: &mut Tx<'_>| -> Result<bool, Abort> {
            let keys = store::idempotency::prune(tx, now - KEYS_KEPT, BATCH)?;
            let attempts = store::attempts::prune(tx, deliveries::oldest_kept(now), BATCH)?;
            let mails = store::mails::prune(tx, mails::oldest_kept(now), BATCH)?;
            let rates = store::fixed_rates::prune(tx, now, BATCH)?;
            store::endpoints::forget_previous(tx, now)?;
            Ok([attempts, mails, rates].into_iter().fold(keys, usize::max) >= BATCH as usize)
        };
        self.store().transact("upkeep.prune", job).await
    }
}
