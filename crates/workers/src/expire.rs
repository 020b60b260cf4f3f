//! Ends payments whose deadline has passed.

use std::time::Duration;

use domain::refusal::Failure;
use engine::Engine;
use tokio_util::sync::CancellationToken;

use crate::reconcile::{Look, Next, Rhythm, reconcile};

/// How late a payment expires at most, on a chain that is followed.
const PERIOD: Duration = Duration::from_secs(1);

/// Expires what has expired, until it is stopped.
pub async fn run(engine: Engine, stop: CancellationToken) {
    let rhythm = Rhythm { name: "expire", period: PERIOD, hint: Some(&engine.hints().expire) };
    reconcile(&rhythm, &stop, Expire(&engine)).await;
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
