//! Taking in what a chain says.
//!
//! One batch is one transaction: the cursor moves together with everything that follows from the blocks that it passes.
//! A crash anywhere leaves the cursor before the batch, and the batch is fetched and taken in again; what was known
//! already leads to nothing.

mod intake;
mod valuation;

use domain::{chain::Batch, id::ReceiptId, refusal::Failure};
use store::{Abort, Rx, Tx};

use crate::{
    Engine,
    hints::Hint,
    nodes::{self, Lease},
    record::Written,
};

/// What taking a batch in led to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Observed {
    /// Payments that changed.
    pub payments: usize,
    /// Whether the cursor moved.
    pub moved: bool,
    pub(crate) written: Written,
}

impl Engine {
    /// Takes a batch in. A batch that says nothing new costs no transaction.
    ///
    /// # Errors
    /// [`NetworkUnknown`](domain::refusal::Refusal::NetworkUnknown);
    /// [`BatchStale`](domain::refusal::Refusal::BatchStale) where the cursor is not where the batch begins: somebody
    /// else moved it, and the next batch is fetched from where it stands.
    pub async fn observe(&self, batch: Batch) -> Result<Observed, Failure> {
        self.observe_under(batch, None).await
    }

    /// The same, as the holder of a lease.
    ///
    /// # Errors
    /// Also [`LeaseLost`](domain::refusal::Refusal::LeaseLost).
    pub async fn observe_under(&self, batch: Batch, lease: Option<Lease>) -> Result<Observed, Failure> {
        let (engine, moment) = (self.clone(), self.moment());
        self.network(batch.network)?;
        let (looking, at) = (self.clone(), batch.clone());
        if !self.store().read("receipts.has_news", move |rx| has_news(rx, &looking, &at)).await? {
            return Ok(Observed::default());
        }
        #[cfg(feature = "planted")]
        intake::planted::move_cursor_early(self, &batch, moment).await?;
        let job = move |tx: &mut Tx<'_>| -> Result<Observed, Abort> {
            nodes::hold(tx, lease.as_ref())?;
            let now = moment.business(tx)?;
            intake::take(tx, &engine, &batch, moment, now)
        };
        let observed = self.store().transact("receipts.observe", job).await?;
        self.wake(observed.written);
        if observed.moved {
            self.hint(Hint::Expire);
        }
        self.restock_numbers().await;
        Ok(observed)
    }
}

/// Whether a batch says anything that is not known already.
fn has_news(rx: &mut Rx<'_>, engine: &Engine, batch: &Batch) -> Result<bool, Abort> {
    if batch.rolled_back_to.is_some() || !batch.blocks.is_empty() || !batch.declined.is_empty() {
        return Ok(true);
    }
    let position = store::cursors::position(rx, batch.network, &batch.chain)?;
    if let (Some(position), Some(until)) = (&position, batch.known_until)
        && store::payments::any_due(rx, position.horizon, until)?
    {
        return Ok(true);
    }
    let Some(waiting) = &batch.waiting else { return Ok(false) };
    let form = engine.network(batch.network)?.form;
    let mut still_waiting = Vec::new();
    for transfer in waiting {
        let kind = form.kind_of(&transfer.script);
        match store::receipts::find(rx, batch.network, &batch.chain, transfer)? {
            Some(place) => still_waiting.push(place.receipt),
            None if store::addresses::owner(rx, kind, &transfer.script)?.is_some() => return Ok(true),
            None => {}
        }
    }
    let unconfirmed = store::receipts::unconfirmed(rx, batch.network, &batch.chain)?;
    let known: Vec<ReceiptId> =
        unconfirmed.iter().filter(|one| one.height.is_none()).map(|one| one.place.receipt).collect();
    Ok(known.iter().any(|id| !still_waiting.contains(id))
        || still_waiting.iter().any(|id| !known.contains(id)))
}
