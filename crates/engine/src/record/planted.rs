//! Bugs on purpose: see [`store::planted`].

use domain::{
    id::{PaymentId, ShopId},
    ledger::{Account, Entry},
    payment::Payment,
};
use store::planted::{Bug, is};

use super::OpenRecord;
use crate::Engine;

/// Whether an entry is one that says that money left again, and is not written.
pub(super) fn is_lost(entry: &Entry) -> bool {
    let leaves = entry.postings.iter().any(|line| line.account == Account::Buyer && line.amount.minor() > 0);
    is(Bug::LostPosting) && leaves
}

impl Engine {
    /// A payment as it is before the transaction that will save it.
    pub(crate) async fn read_too_early(&self, shop: ShopId, id: PaymentId) -> Option<Payment> {
        if !is(Bug::ForgottenLock) {
            return None;
        }
        self.store().read("planted.read", move |rx| Ok(store::payments::get(rx, shop, id)?)).await.ok()?
    }
}

impl OpenRecord {
    /// Goes on from what was read too early.
    pub(crate) fn forget_lock(&mut self, early: Option<&Payment>) {
        if let Some(early) = early {
            let version = self.locked.version;
            self.record.payment = Payment { version, ..early.clone() };
        }
    }
}
