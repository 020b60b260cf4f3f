//! Tells shops what happened.
//!
//! Lease, send, finish. The lease is longer than a sending can take; whoever dies in between loses it, and the same
//! event goes again. Each endpoint has at most [`PER_ENDPOINT`] deliveries in flight, so that one that hangs delays
//! nobody else.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

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
use tokio::task::{Id, JoinError, JoinSet};
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

/// What one says that was never made, because nothing could sign it. A rotation of the endpoint's secret mends that, or
/// another credential where credentials sign.
const NOT_SIGNED: &str = "its secret does not open with any master key";

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
        if self.engine.is_shared() && self.engine.node().is_none() {
            // What nobody's node has taken, nobody's burial would free.
            return Ok(Taken::default());
        }
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
        let Dispatch { delivery, dialect, url, key, secret, event, facts, payment } = dispatch;
        let refused = |error: &str| Outcome {
            http_status: None,
            error: Some(error.to_owned()),
            excerpt: String::new(),
            took: Span::ZERO,
        };
        let Ok(dialect) = self.engine.dialect(*dialect) else { return refused("dialect not served") };
        let Ok(target) = Target::parse(url, self.policy) else { return refused(NOT_ALLOWED) };
        let Some(secret) = secret else { return refused(NOT_SIGNED) };
        let name = delivery.event_name.as_str();
        let environment = self.engine.environment();
        let facts = facts.as_deref();
        let body = dialect.callback_body(&Announcement { event, name, payment, facts, environment });
        let key = key.as_deref();
        let signing = CallbackAttempt { delivery: delivery.id, event, name, key, secret, at, body: &body };
        let headers = dialect.callback_headers(&signing);
        self.callbacks.post(&target, &headers, body).await
    }
}

/// Sends what is due, until it is stopped; then it finishes what is in flight.
pub async fn run(deliverer: Deliverer, stop: CancellationToken) {
    let deliverer = Arc::new(deliverer);
    let mut sends = Sends::default();
    let mut failing = false;
    while !stop.is_cancelled() {
        let hinted = deliverer.engine.hints().deliver.notified();
        match deliverer.take(&sends.in_flight()).await {
            Ok(taken) => {
                failing = false;
                for dispatch in taken.dispatches {
                    let deliverer = Arc::clone(&deliverer);
                    sends.start(dispatch.delivery.endpoint, async move { deliverer.send(dispatch).await });
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
            () = sends.ended() => {}
        }
    }
    while !sends.tasks.is_empty() {
        sends.ended().await;
    }
}

/// What is being sent, and to which endpoint.
#[derive(Default)]
struct Sends {
    tasks: JoinSet<()>,
    endpoints: HashMap<Id, EndpointId>,
}

impl Sends {
    fn start(&mut self, endpoint: EndpointId, sending: impl Future<Output = ()> + Send + 'static) {
        let task = self.tasks.spawn(sending);
        self.endpoints.insert(task.id(), endpoint);
    }

    /// How many there are to each endpoint.
    fn in_flight(&self) -> BTreeMap<EndpointId, u32> {
        let mut counts = BTreeMap::new();
        for endpoint in self.endpoints.values() {
            *counts.entry(*endpoint).or_default() += 1;
        }
        counts
    }

    /// Waits until one has ended, and lets go of its place, and of those of all others that have ended; for ever where
    /// there is none.
    async fn ended(&mut self) {
        let Some(first) = self.tasks.join_next_with_id().await else { return std::future::pending().await };
        self.let_go(&first);
        while let Some(ended) = self.tasks.try_join_next_with_id() {
            self.let_go(&ended);
        }
    }

    fn let_go(&mut self, ended: &Result<(Id, ()), JoinError>) {
        let id = match ended {
            Ok((id, ())) => *id,
            Err(error) => {
                // Nothing of it was written down: its lease lapses, and the event goes again.
                tracing::error!(%error, "a delivery ended by a fault");
                error.id()
            }
        };
        self.endpoints.remove(&id);
    }
}

#[cfg(test)]
mod tests {
    use domain::id::Id as DomainId;

    use super::*;

    #[tokio::test]
    async fn a_sending_that_ends_by_a_fault_gives_its_place_back() {
        let endpoint = DomainId::floor(Timestamp::from_seconds(1));
        let mut sends = Sends::default();
        sends.start(endpoint, async { panic!("as told") });
        sends.start(endpoint, std::future::pending());
        assert_eq!(sends.in_flight(), BTreeMap::from([(endpoint, 2)]));
        sends.ended().await;
        assert_eq!(sends.in_flight(), BTreeMap::from([(endpoint, 1)]));
    }
}
