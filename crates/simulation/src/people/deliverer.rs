//! Tells the shops, as `workers::deliver` does, without HTTP.

use std::rc::Rc;

use domain::{
    dialect::{Announcement, CallbackAttempt},
    time::Span,
};
use engine::{
    Engine,
    deliveries::{Capacity, Dispatch},
};

use crate::{
    merchant::Mood,
    oracle::invariants,
    world::{Lease, World},
};

/// How long a delivery is leased for: longer than the shortest wait between two tries, so that a try too early is seen.
const LEASE: Span = Span::seconds(90);

/// Deliveries that one look takes.
const AT_ONCE: u32 = 6;

/// Takes what is due, and sends it; how many there were.
pub(crate) async fn look(world: Rc<World>, engine: Engine) {
    let began = engine.wall_time();
    let capacity = Capacity { per_endpoint: 4, total: AT_ONCE, lease: LEASE, ..Capacity::default() };
    let (node, gone) = (engine.node(), world.known.borrow().buried.len());
    let Some(taken) = world.judge("take_deliveries", engine.take_deliveries(capacity).await) else { return };
    // Whoever was taken for dead meanwhile, or only began to be a node, may have lost them already; and one who is none
    // may have been one in between.
    let is_sure = engine.node() == node
        && node.is_none_or(|node| !world.known.borrow().buried.contains(&node))
        && (node.is_some() || world.known.borrow().buried.len() == gone);
    for dispatch in &taken.dispatches {
        let (delivery, attempt) = (dispatch.delivery.id, dispatch.delivery.attempts);
        let mut known = world.known.borrow_mut();
        known.deliveries.push(delivery);
        if !is_sure {
            known.leases.remove(&delivery);
            continue;
        }
        let mut newer = Lease { node, attempt, began, until: began + LEASE };
        let mut doubled = false;
        if let Some(mut older) = known.leases.remove(&delivery) {
            // Whoever took it first may hear of it last.
            if older.attempt > newer.attempt {
                std::mem::swap(&mut older, &mut newer);
            }
            doubled = older.until > newer.began;
        }
        known.leases.insert(delivery, newer);
        drop(known);
        if doubled {
            world.violated(invariants::LEASES, format!("{delivery:?} was taken while it was leased"));
        }
    }
    for dispatch in taken.dispatches {
        send(&world, &engine, dispatch).await;
    }
}

async fn send(world: &Rc<World>, engine: &Engine, dispatch: Dispatch) {
    let Dispatch { delivery, dialect, key, secret, event, facts, payment, .. } = dispatch;
    let began = engine.wall_time();
    let (Ok(dialect), Some(secret)) = (engine.dialect(dialect), secret) else {
        world.violated(invariants::DELIVERIES, format!("{:?} cannot be worded or signed", delivery.id));
        return;
    };
    let (name, environment) = (delivery.event_name.as_str(), engine.environment());
    let announcement =
        Announcement { event: &event, name, payment: &payment, facts: facts.as_deref(), environment };
    let body = dialect.callback_body(&announcement);
    let signing = CallbackAttempt {
        delivery: delivery.id,
        event: &event,
        name,
        key: key.as_deref(),
        secret: &secret,
        at: began,
        body: &body,
    };
    if dialect.callback_headers(&signing).is_empty() {
        world.violated(invariants::DELIVERIES, format!("{:?} has no headers", delivery.id));
    }
    if world.merchant.borrow_mut().was_told_otherwise(delivery.endpoint, event.id, &body) {
        world.violated(invariants::DELIVERIES, format!("{:?} was told in other words before", event.id));
    }
    world.outside("before a callback").await;
    let mood = world.merchant.borrow().mood(delivery.endpoint);
    let outcome = world.merchant.borrow_mut().post(delivery.endpoint, delivery.id);
    world.count("callbacks");
    if mood != Mood::Kind {
        world.count("rude answers");
    }
    if matches!(mood, Mood::Slow | Mood::Hangs) {
        for _ in 0..3 {
            crate::exec::pause().await;
        }
    }
    world.outside("after a callback").await;
    // From here on it is not known whether the lease is still there.
    let attempt = delivery.attempts;
    let may_end = |lease: &Lease| lease.attempt <= attempt || outcome.http_status == Some(200);
    world.known.borrow_mut().leases.retain(|id, lease| *id != delivery.id || !may_end(lease));
    world.judge("finish_delivery", engine.finish_delivery(&delivery, began, outcome).await);
}
