//! Bugs on purpose: see [`store::planted`].

use domain::{id::PaymentId, refusal::Failure};
use store::{
    Abort, Tx,
    planted::{Bug, is},
};

use super::{CreatePayment, claim_key};
use crate::{Engine, clock::Moment};

impl Engine {
    /// Takes a key in a transaction of its own.
    pub(super) async fn claim_early(&self, command: &CreatePayment, moment: Moment) -> Result<(), Failure> {
        if !is(Bug::KeyBeforePayment) {
            return Ok(());
        }
        let command = command.clone();
        let job = move |tx: &mut Tx<'_>| -> Result<(), Abort> {
            let now = moment.business(tx)?;
            claim_key(tx, &command, moment.ids(now).make(), now)?;
            Ok(())
        };
        self.store().transact("planted.claim", job).await
    }
}

/// Whether a key that is taken was taken by this very request.
pub(super) fn is_own(taken_for: PaymentId, id: PaymentId) -> bool {
    is(Bug::KeyBeforePayment) && taken_for == id
}
