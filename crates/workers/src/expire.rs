//! Ends payments whose deadline has passed.

use std::time::Duration;

use domain::refusal::Failure;
use engine::{Engine, nodes::Lease};
use tokio_util::sync::CancellationToken;

use crate::{
    membership::{Leased, UnderLease},
    reconcile::{Look, Next, Rhythm, reconcile},
};

/// How late a payment expires at most, on a chain that is followed.
const PERIOD: Duration = Duration::from_secs(1);

/// Expires what has expired, until it is stopped.
pub async fn run(engine: Engine, stop: CancellationToken) {
    let rhythm = Rhythm { name: "expire", period: PERIOD, hint: Some(&engine.hints().expire) };
    let worker = Leased { engine: engine.clone(), name: "expire".to_owned(), worker: Expire(&engine) };
    reconcile(&rhythm, &stop, worker).await;
}

struct Expire<'a>(&'a Engine);

impl Look for Expire<'_> {
    type Error = Failure;

    async fn look(&mut self) -> Result<Next, Failure> {
        let expired = self.0.expire_payments().await?;
        if expired > 0 {
            tracing::debug!(expired, "payments expired");
        }
        Ok(Next::WhenDue)
    }
}

impl UnderLease for Expire<'_> {
    /// What is decided is decided in a transaction, by whoever: the lease only saves the others the work.
    fn under(&mut self, _: Option<Lease>) {}
}
