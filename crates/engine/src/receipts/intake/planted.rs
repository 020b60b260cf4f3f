//! Bugs on purpose: see [`store::planted`].

use domain::{
    chain::{Batch, Block},
    id::{IdMaker, ReceiptId},
    payment::Record,
    receipt::{Inclusion, Standing},
    refusal::Failure,
};
use store::{
    Abort, Tx,
    planted::{Bug, is},
};

use super::{Intake, Observed};
use crate::{Engine, clock::Moment};

/// Whether money that lost its block stays, because it was final.
pub(super) fn is_final(record: &Record, id: ReceiptId) -> bool {
    is(Bug::SkippedOrphan) && record.receipt(id).is_some_and(|one| one.standing == Standing::Confirmed)
}

/// Whether the cursor has passed a batch whose facts are still to be written down.
pub(super) fn is_late(batch: &Batch) -> bool {
    is(Bug::CursorAlone) && !batch.blocks.is_empty() && batch.waiting.is_none()
}

/// Moves the cursor to the end of a batch, in a transaction of its own.
pub(in crate::receipts) async fn move_cursor_early(
    engine: &Engine,
    batch: &Batch,
    moment: Moment,
) -> Result<(), Failure> {
    if !is_late(batch) {
        return Ok(());
    }
    let without = |block: &Block| Block { transfers: Vec::new(), ..block.clone() };
    let blocks = batch.blocks.iter().map(without).collect();
    // A batch that says what waits is taken in whole: nothing does here.
    let bare = Batch { blocks, waiting: Some(Vec::new()), ..batch.clone() };
    let own = engine.clone();
    let job = move |tx: &mut Tx<'_>| -> Result<Observed, Abort> {
        let now = moment.business(tx)?;
        super::take(tx, &own, &bare, moment, now)
    };
    engine.store().transact("planted.cursor", job).await.map(|_| ())
}

impl Intake<'_> {
    /// Writes down what the blocks of a batch held, wherever the cursor stands.
    pub(super) fn take_facts(&mut self, tx: &mut Tx<'_>, ids: &mut IdMaker) -> Result<Observed, Abort> {
        let batch = self.batch;
        for block in &batch.blocks {
            for transfer in &block.transfers {
                let inclusion = Inclusion { block: block.at.clone(), time: block.time + self.shift };
                self.arrived(tx, ids, transfer, Some(inclusion))?;
            }
        }
        let head = batch.blocks.last().map(|block| block.at.height);
        let mut observed = Observed { moved: true, written: self.written, ..Observed::default() };
        for ((payment, shop), news) in std::mem::take(&mut self.news) {
            observed.written.join(self.change(tx, ids, shop, payment, news, head)?);
            observed.payments += 1;
        }
        std::mem::take(&mut self.received).book(tx, self.engine)?;
        Ok(observed)
    }
}
