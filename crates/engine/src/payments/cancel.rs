//! Giving a payment up.

use domain::{
    id::{PaymentId, ShopId},
    payment::{Fact, Payment, Status},
    refusal::{Failure, Refusal},
};
use store::{Abort, Fault, Tx};

use crate::{Engine, record::OpenRecord};

impl Engine {
    /// Cancels a payment. `version` is the one that the page showed, where a page asks.
    ///
    /// # Errors
    /// [`Refusal::PaymentNotFound`]; [`Refusal::VersionStale`] where it changed since; [`Refusal::MoneySeen`] once any
    /// money is there; [`Refusal::PaymentClosed`] once it has ended; [`Failure::Unknown`] where the database was lost
    /// while it committed, and the payment was not found cancelled.
    pub async fn cancel_payment(
        &self,
        shop: ShopId,
        id: PaymentId,
        version: Option<u32>,
    ) -> Result<Payment, Failure> {
        let (engine, moment) = (self.clone(), self.moment());
        let job = move |tx: &mut Tx<'_>| -> Result<(Payment, bool), Abort> {
            let now = moment.business(tx)?;
            let mut open = OpenRecord::open(tx, shop, id)?;
            if version.is_some_and(|shown| shown != open.record().payment.version) {
                return Err(Refusal::VersionStale.into());
            }
            open.record().may_cancel()?;
            open.apply(Fact::Cancelled, now)?;
            let written = open.write(tx, &engine, &mut moment.ids(now), now)?;
            let payment = store::payments::get(tx, shop, id)?;
            Ok((payment.ok_or(Fault::broken("a payment that was changed is missing"))?, written.delivers))
        };
        let look = move |tx: &mut Tx<'_>| -> Result<Option<(Payment, bool)>, Abort> {
            let found = store::payments::lock(tx, shop, id)?;
            let found = found.filter(|payment| payment.state.status == Status::Cancelled);
            Ok(found.map(|payment| (payment.into_inner(), true)))
        };
        let (payment, delivers) = self.transact_or_look("payments.cancel", job, look).await?;
        if delivers {
            self.hints().deliver.notify_one();
        }
        Ok(payment)
    }
}
