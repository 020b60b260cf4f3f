//! Telling shops: taking what is due, and writing down what came back.
//!
//! A delivery is leased before it is sent and finished after it. When the sender dies in between, the lease lapses
//! and the same event goes again: at least once, and nowhere else.

use std::collections::BTreeMap;

use domain::{
    delivery::{Attempt, Delivery, DeliveryStatus, Lack, Outcome, next_wait},
    dialect::DialectName,
    event::Event,
    id::{AttemptId, DeliveryId, EndpointId, EventId, ShopId},
    payment::Payment,
    refusal::{Failure, Refusal},
    time::{Span, Timestamp},
};
use store::{
    Abort, Fault, Locked, Rx, Tx, credentials::CredentialRow, deliveries::Claim, endpoints::EndpointRow,
};
use zeroize::Zeroizing;

use crate::{Engine, events};

/// The most deliveries in one page.
pub const MAX_DELIVERIES: usize = 100;

/// Rows that one page looks at.
const MAX_SCAN: usize = 5_000;

/// Rows that one statement reads.
const CHUNK: u32 = 250;

/// A delivery that is to be sent now, and all that it takes.
pub struct Dispatch {
    /// The delivery, its attempt counted already.
    pub delivery: Delivery,
    /// The dialect that words it.
    pub dialect: DialectName,
    /// Where it goes.
    pub url: String,
    /// The public key that goes with the secret, where it is that of the shop's credential.
    pub key: Option<String>,
    /// What it is signed with; `None` where no master key opens it, so that it cannot be sent.
    pub secret: Option<Zeroizing<String>>,
    /// What it tells.
    pub event: Event,
    /// What its dialect wrote down of the event's moment.
    pub facts: Option<String>,
    /// Whom it is about.
    pub payment: Payment,
}

/// How much may be taken.
#[derive(Clone, Debug, Default)]
pub struct Capacity {
    /// Deliveries that may be in flight to one endpoint.
    pub per_endpoint: u32,
    /// Deliveries that may be taken in all.
    pub total: u32,
    /// Deliveries that are in flight, by endpoint.
    pub in_flight: BTreeMap<EndpointId, u32>,
    /// How long they are leased for, by the wall clock: longer than an attempt can take.
    pub lease: Span,
}

/// What was taken, and when there is more.
#[derive(Default)]
pub struct Taken {
    /// What is to be sent now.
    pub dispatches: Vec<Dispatch>,
    /// When the next of the rest is due, by the business clock.
    pub next_due: Option<Timestamp>,
}

/// Which deliveries to list.
#[derive(Clone, Debug, Default)]
pub struct ListDeliveries {
    /// Of this shop.
    pub shop: Option<ShopId>,
    /// To this endpoint.
    pub endpoint: Option<EndpointId>,
    /// With this status.
    pub status: Option<DeliveryStatus>,
    /// Where the page begins: after this delivery, towards older ones.
    pub after: Option<DeliveryId>,
    /// How many at most; no more than [`MAX_DELIVERIES`].
    pub limit: usize,
}

/// A delivery with every attempt of it.
#[derive(Clone, Debug)]
pub struct DeliveryView {
    /// The delivery.
    pub delivery: Delivery,
    /// Its attempts, oldest first.
    pub attempts: Vec<Attempt>,
    /// The event that it tells.
    pub event: Event,
    /// Where it goes; `None` once the endpoint is gone.
    pub url: Option<String>,
}

impl Engine {
    /// Takes deliveries that are due, no more for each endpoint than may be in flight there: one that hangs takes
    /// nothing from the others.
    ///
    /// # Errors
    /// Only when the store fails.
    pub async fn take_deliveries(&self, capacity: Capacity) -> Result<Taken, Failure> {
        let (engine, moment) = (self.clone(), self.moment());
        let look = capacity.clone();
        let due = self.store().read("deliveries.due", move |rx| {
            let now = moment.business(rx)?;
            find_due(rx, &look, now)
        });
        let due = due.await?;
        if due.endpoints.is_empty() {
            return Ok(Taken { dispatches: Vec::new(), next_due: due.next });
        }
        let next_due = due.next;
        let job = move |tx: &mut Tx<'_>| -> Result<Vec<Dispatch>, Abort> {
            let now = moment.business(tx)?;
            let node = engine.node();
            let mut left = capacity.total;
            let mut dispatches = Vec::new();
            for endpoint in &due.endpoints {
                let limit = capacity.free(*endpoint).min(left);
                let wall = moment.wall;
                let leased_until = wall + capacity.lease;
                let claim = Claim { endpoint: *endpoint, due: now, wall, leased_until, limit, node };
                for delivery in store::deliveries::claim(tx, &claim)? {
                    // What is put off takes nobody's place.
                    if let Some(ready) = dispatch(tx, &engine, delivery, (now, wall))? {
                        left = left.saturating_sub(1);
                        dispatches.push(ready);
                    }
                }
            }
            Ok(dispatches)
        };
        let dispatches = self.store().transact("deliveries.take", job).await?;
        Ok(Taken { dispatches, next_due })
    }

    /// Writes down what came back from an attempt, and when the next one is due. `taken` is the delivery as it was
    /// taken for this attempt. Where somebody else has taken it since, a failure is only written down: what becomes of
    /// it is for the newer attempt to say.
    ///
    /// # Errors
    /// [`Refusal::DeliveryNotFound`], [`Refusal::DialectUnknown`].
    pub async fn finish_delivery(
        &self,
        taken: &Delivery,
        began: Timestamp,
        outcome: Outcome,
    ) -> Result<(), Failure> {
        let (engine, moment) = (self.clone(), self.moment());
        let (id, number) = (taken.id, taken.attempts);
        let mut jitter = [0_u8];
        self.entropy().fill(&mut jitter);
        let job = move |tx: &mut Tx<'_>| -> Result<(), Abort> {
            let now = moment.business(tx)?;
            let delivery = store::deliveries::lock(tx, id)?.ok_or(Refusal::DeliveryNotFound)?;
            let attempt = Attempt {
                id: moment.ids(now).make(),
                delivery: id,
                number,
                at: began,
                outcome: outcome.clone(),
            };
            store::attempts::insert(tx, delivery.shop, &attempt)?;
            finish(tx, &engine, &delivery, &attempt, jitter, now)
        };
        self.store().transact("deliveries.finish", job).await
    }

    /// Lists deliveries, newest first.
    ///
    /// # Errors
    /// [`Refusal::TooMany`] for a longer page than [`MAX_DELIVERIES`].
    pub async fn list_deliveries(&self, query: ListDeliveries) -> Result<Vec<Delivery>, Failure> {
        if query.limit > MAX_DELIVERIES {
            return Err(Refusal::TooMany.into());
        }
        self.store().read("deliveries.list", move |rx| list(rx, &query)).await
    }

    /// A delivery with its attempts.
    ///
    /// # Errors
    /// [`Refusal::DeliveryNotFound`].
    pub async fn delivery(&self, id: DeliveryId) -> Result<DeliveryView, Failure> {
        let job = move |rx: &mut Rx<'_>| -> Result<DeliveryView, Abort> {
            let delivery = store::deliveries::get(rx, id)?.ok_or(Refusal::DeliveryNotFound)?;
            let attempts = store::attempts::of_delivery(rx, delivery.shop, id)?;
            let event = event_of(rx, delivery.shop, delivery.event)?;
            let url = store::endpoints::get(rx, delivery.endpoint)?.map(|row| row.endpoint.url);
            Ok(DeliveryView { delivery, attempts, event, url })
        };
        self.store().read("deliveries.get", job).await
    }

    /// Sends an event again, as a new delivery to the same endpoint.
    ///
    /// # Errors
    /// [`Refusal::DeliveryNotFound`]; [`Refusal::EndpointNotFound`] once the endpoint is gone.
    pub async fn resend_delivery(&self, id: DeliveryId) -> Result<Delivery, Failure> {
        let moment = self.moment();
        let job = move |tx: &mut Tx<'_>| -> Result<Delivery, Abort> {
            let now = moment.business(tx)?;
            let old = store::deliveries::get(tx, id)?.ok_or(Refusal::DeliveryNotFound)?;
            store::endpoints::get(tx, old.endpoint)?.ok_or(Refusal::EndpointNotFound)?;
            let event = event_of(tx, old.shop, old.event)?;
            let mut delivery =
                events::new_delivery(&mut moment.ids(now), &event, &old.event_name, old.endpoint, now);
            delivery.manual = true;
            store::deliveries::insert(tx, &delivery)?;
            Ok(delivery)
        };
        let delivery = self.store().transact("deliveries.resend", job).await?;
        self.hints().deliver.notify_one();
        Ok(delivery)
    }

    /// Lets every lease lapse. Only for the start of a process that has its database for itself: whoever held a lease
    /// is gone.
    ///
    /// # Errors
    /// Only when the store fails.
    pub async fn release_deliveries(&self) -> Result<usize, Failure> {
        let release = |tx: &mut Tx<'_>| -> Result<usize, Abort> { Ok(store::deliveries::release_all(tx)?) };
        self.store().transact("deliveries.release", release).await
    }
}

impl Capacity {
    fn free(&self, endpoint: EndpointId) -> u32 {
        self.per_endpoint.saturating_sub(self.in_flight.get(&endpoint).copied().unwrap_or_default())
    }
}

/// Endpoints for which something is due and that have room, and when the next of the rest is due.
struct Due {
    endpoints: Vec<EndpointId>,
    next: Option<Timestamp>,
}

fn find_due(rx: &mut Rx<'_>, capacity: &Capacity, now: Timestamp) -> Result<Due, Abort> {
    let mut due = Due { endpoints: Vec::new(), next: None };
    let mut after = EndpointId::from_bytes([0; 16]);
    while let Some((endpoint, at)) = store::deliveries::next_endpoint(rx, after)? {
        after = endpoint;
        if at > now {
            due.next = Some(due.next.map_or(at, |next| next.min(at)));
        } else if capacity.free(endpoint) > 0 && capacity.total > 0 {
            due.endpoints.push(endpoint);
        }
    }
    Ok(due)
}

fn dispatch(
    tx: &mut Tx<'_>,
    engine: &Engine,
    delivery: Locked<Delivery>,
    (now, wall): (Timestamp, Timestamp),
) -> Result<Option<Dispatch>, Abort> {
    let Some(row) = store::endpoints::get(tx, delivery.endpoint)? else {
        // It was deleted while this was taken.
        store::deliveries::finish(tx, &delivery, DeliveryStatus::Failed, None)?;
        return Ok(None);
    };
    let Some((key, secret)) = signer(tx, engine, &row, (now, wall))? else {
        store::deliveries::wait(tx, &delivery, Lack::Credential, now + UNSIGNED_WAIT)?;
        return Ok(None);
    };
    let delivery = delivery.into_inner();
    let found = store::events::get_with_facts(tx, delivery.shop, delivery.event)?;
    let (event, facts) = found.ok_or(EVENT_MISSING)?;
    let payment = store::payments::get(tx, delivery.shop, event.payment)?;
    Ok(Some(Dispatch {
        dialect: row.endpoint.dialect,
        url: row.endpoint.url,
        key,
        secret,
        payment: payment.ok_or(Fault::broken("the payment of an event is missing"))?,
        event,
        facts,
        delivery,
    }))
}

/// A public key, and a secret that was opened.
type Opened = (Option<String>, Option<Zeroizing<String>>);

/// What a delivery to an endpoint is signed with; nothing where the shop has to make a credential first. What one
/// endpoint lacks keeps nobody else's deliveries.
fn signer(
    tx: &mut Tx<'_>,
    engine: &Engine,
    row: &EndpointRow,
    (now, wall): (Timestamp, Timestamp),
) -> Result<Option<Opened>, Abort> {
    let endpoint = &row.endpoint;
    if !engine.dialect(endpoint.dialect).is_ok_and(|dialect| dialect.signs_with_credential()) {
        return Ok(Some((None, engine.open_secret(endpoint.id.bytes(), row.signing(now)))));
    }
    let found = store::credentials::signer(tx, endpoint.shop, endpoint.dialect, wall)?;
    Ok(found.map(|found| {
        let CredentialRow { credential, sealed_secret } = found;
        let open = |sealed: Vec<u8>| engine.open_secret(credential.id.bytes(), &sealed);
        (credential.public_key.clone(), sealed_secret.and_then(open))
    }))
}

const EVENT_MISSING: Fault = Fault::broken("the event of a delivery is missing");

fn event_of(rx: &mut Rx<'_>, shop: ShopId, id: EventId) -> Result<Event, Fault> {
    store::events::get(rx, shop, id)?.ok_or(EVENT_MISSING)
}

fn finish(
    tx: &mut Tx<'_>,
    engine: &Engine,
    delivery: &Locked<Delivery>,
    attempt: &Attempt,
    [jitter]: [u8; 1],
    now: Timestamp,
) -> Result<(), Abort> {
    // An endpoint that was deleted meanwhile gave its deliveries up.
    let Some(row) = store::endpoints::get(tx, delivery.endpoint)? else { return Ok(()) };
    let dialect = engine.dialect(row.endpoint.dialect)?;
    let outcome = &attempt.outcome;
    let taken =
        outcome.error.is_none() && outcome.http_status.is_some_and(|status| dialect.callback_taken(status));
    let superseded = attempt.number != delivery.attempts;
    if delivery.status == DeliveryStatus::Delivered || (superseded && !taken) {
        return Ok(());
    }
    let wait = next_wait(dialect.callback_schedule(), delivery.attempts, jitter);
    let (status, next) = match (taken, wait) {
        (true, _) => (DeliveryStatus::Delivered, None),
        (false, Some(wait)) => (DeliveryStatus::Retrying, Some(now + wait)),
        (false, None) => (DeliveryStatus::Failed, None),
    };
    store::deliveries::finish(tx, delivery, status, next)?;
    match status {
        DeliveryStatus::Delivered => store::endpoints::mark_working(tx, delivery.shop, delivery.endpoint)?,
        DeliveryStatus::Failed => {
            let (id, endpoint) = (delivery.id.base62(), delivery.endpoint.base62());
            let url = row.endpoint.url.as_str();
            tracing::error!(
                delivery = id,
                endpoint,
                url,
                "a delivery failed for good; it can be sent again by hand"
            );
            store::endpoints::mark_failing(tx, delivery.shop, delivery.endpoint, now)?;
        }
        DeliveryStatus::Pending | DeliveryStatus::Retrying => {}
    }
    Ok(())
}

fn list(rx: &mut Rx<'_>, query: &ListDeliveries) -> Result<Vec<Delivery>, Abort> {
    let takes = |delivery: &Delivery| {
        query.shop.is_none_or(|shop| shop == delivery.shop)
            && query.endpoint.is_none_or(|endpoint| endpoint == delivery.endpoint)
            && query.status.is_none_or(|status| status == delivery.status)
    };
    let mut before = query.after.unwrap_or(DeliveryId::from_bytes([0xff; 16]));
    let mut found = Vec::new();
    let mut looked_at = 0;
    loop {
        let chunk = store::deliveries::list(rx, before, CHUNK)?;
        let Some(last) = chunk.last() else { return Ok(found) };
        before = last.id;
        looked_at += chunk.len();
        found.extend(chunk.into_iter().filter(takes));
        if found.len() >= query.limit || looked_at >= MAX_SCAN {
            found.truncate(query.limit);
            return Ok(found);
        }
    }
}

/// How soon it is looked again for a credential that could sign. Nobody is told of one that was made meanwhile on
/// another node.
const UNSIGNED_WAIT: Span = Span::minutes(1);

/// Attempts before this moment are no longer kept.
pub(crate) fn oldest_kept(now: Timestamp) -> AttemptId {
    AttemptId::floor(now - ATTEMPTS_KEPT)
}

/// How long the log of attempts is kept.
const ATTEMPTS_KEPT: Span = Span::days(60);
