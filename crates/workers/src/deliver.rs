//! Tells shops what happened.
//!
//! Lease, send, finish. The lease is longer than a sending can take; whoever dies in between loses it, and the same
//! event goes again. Each endpoint has at most [`PER_ENDPOINT`] deliveries in flight, so that one that hangs delays
//! nobody else.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use domain::{
    delivery::Outcome,
    dialect::{Announcement, CallbackAttempt},
    id::EndpointId,
    refusal::Failure,
    time::{Span, Timestamp},
};
use engine::{
    Engine,
    deliveries::{Capacity, Dispatch, Taken},
};
use outbound::{
    callback::Callbacks,
    target::{Target, TargetPolicy},
};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Deliveries in flight to one endpoint.
pub const PER_ENDPOINT: u32 = 8;

/// Deliveries in flight in all. As many endpoints as this holds [`PER_ENDPOINT`] may hang at once before others wait.
pub const IN_FLIGHT: u32 = 256;

/// How long it waits at most before it looks for what is due.
const PERIOD: Duration = Duration::from_secs(1);

/// How much longer a lease is than an attempt can take.
const LEASE_MARGIN: Span = Span::seconds(20);

/// What an attempt says that was never made, because its target may not be reached.
const NOT_ALLOWED: &str = "address not allowed";

/// Sends callbacks.
pub struct Deliverer {
    engine: Engine,
    callbacks: Callbacks,
    policy: TargetPolicy,
    lease: Span,
}

impl Deliverer {
    /// A deliverer whose attempts take at most `timeout` each.
    pub fn new(engine: Engine, callbacks: Callbacks, policy: TargetPolicy, timeout: Duration) -> Self {
        let timeout = Span::from_micros(i64::try_from(timeout.as_micros()).unwrap_or(i64::MAX));
        Self { engine, callbacks, policy, lease: timeout + LEASE_MARGIN }
    }

    /// Takes what is due and has room.
    async fn take(&self, in_flight: &BTreeMap<EndpointId, u32>) -> Result<Taken, Failure> {
        let used: u32 = in_flight.values().sum();
        let capacity = Capacity {
            per_endpoint: PER_ENDPOINT,
            total: IN_FLIGHT.saturating_sub(used),
            in_flight: in_flight.clone(),
            lease: self.lease,
        };
        self.engine.take_deliveries(capacity).await
    }

    /// Makes one attempt, and writes down what came of it.
    async fn send(&self, dispatch: Dispatch) {
        let began = self.engine.wall_time();
        let outcome = self.attempt(&dispatch, began).await;
        let (id, status, error) = (dispatch.delivery.id, outcome.http_status, outcome.error.clone());
        if let Err(failure) = self.engine.finish_delivery(&dispatch.delivery, began, outcome).await {
            // The lease lapses, and the event goes again: the shop tells the two apart by the event's id.
            tracing::warn!(delivery = id.base62(), %failure, "the outcome of a delivery was not written down");
        }
        tracing::debug!(delivery = id.base62(), status, error, "a callback was sent");
    }

    async fn attempt(&self, dispatch: &Dispatch, at: Timestamp) -> Outcome {
        let Dispatch { delivery, dialect, url, secret, event, payment } = dispatch;
        let refused = |error: &str| Outcome {
            http_status: None,
            error: Some(error.to_owned()),
            excerpt: String::new(),
            took: Span::ZERO,
        };
        let Ok(dialect) = self.engine.dialect(*dialect) else { return refused("dialect not served") };
        let Ok(target) = Target::parse(url, self.policy) else { return refused(NOT_ALLOWED) };
        let name = delivery.event_name.as_str();
        let environment = self.engine.environment();
        let body = dialect.callback_body(&Announcement { event, name, payment, environment });
        let signing = CallbackAttempt { delivery: delivery.id, event, name, secret, at, body: &body };
        let headers = dialect.callback_headers(&signing);
        self.callbacks.post(&target, &headers, body).await
    }
}

/// Sends what is due, until it is stopped; then it finishes what is in flight.
pub async fn run(deliverer: Deliverer, stop: CancellationToken) {
    let deliverer = Arc::new(deliverer);
    let mut in_flight: BTreeMap<EndpointId, u32> = BTreeMap::new();
    let mut sends: JoinSet<EndpointId> = JoinSet::new();
    let mut failing = false;
    while !stop.is_cancelled() {
        let hinted = deliverer.engine.hints().deliver.notified();
        match deliverer.take(&in_flight).await {
            Ok(taken) => {
                failing = false;
                for dispatch in taken.dispatches {
                    let endpoint = dispatch.delivery.endpoint;
                    *in_flight.entry(endpoint).or_default() += 1;
                    let deliverer = Arc::clone(&deliverer);
                    sends.spawn(async move {
                        deliverer.send(dispatch).await;
                        endpoint
                    });
                }
            }
            Err(failure) if !failing => {
                failing = true;
                tracing::warn!(%failure, "deliveries cannot be taken now");
            }
            Err(_) => {}
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = hinted => {}
            () = tokio::time::sleep(PERIOD) => {}
            Some(ended) = sends.join_next() => release(&mut in_flight, ended),
        }
        while let Some(ended) = sends.try_join_next() {
            release(&mut in_flight, ended);
        }
    }
    while sends.join_next().await.is_some() {}
}

fn release(in_flight: &mut BTreeMap<EndpointId, u32>, ended: Result<EndpointId, tokio::task::JoinError>) {
    match ended {
        Ok(endpoint) => {
            let left = in_flight.entry(endpoint).or_default();
            *left = left.saturating_sub(1);
            if *left == 0 {
                in_flight.remove(&endpoint);
            }
        }
        // It cannot say whose it was. Its place stays taken; that its lease lapses is what saves the event.
        Err(error) => tracing::error!(%error, "a delivery ended by a fault"),
    }
}
