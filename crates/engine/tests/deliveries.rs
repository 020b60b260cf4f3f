//! From an event to its deliveries, without a network.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use domain::{
    delivery::{DeliveryStatus, Outcome},
    merchant::{Endpoint, Shop},
    refusal::{Failure, Refusal},
    time::{Clock, Span},
};
use engine::{
    deliveries::{Capacity, Dispatch, ListDeliveries},
    endpoints::CreateEndpoint,
};
use testkit::{
    gateway::{Gateway, MASTER_KEY},
    plain::Plain,
};

/// The shortest span there is.
const INSTANT: Span = Span::from_micros(1);

async fn endpoint(gateway: &Gateway, shop: &Shop, subscriptions: &[&str]) -> (Endpoint, String) {
    let command = CreateEndpoint {
        shop: shop.id,
        dialect: Plain::dialect_name(),
        url: "http://127.0.0.1:9/hook".to_owned(),
        subscriptions: subscriptions.iter().map(|name| (*name).to_owned()).collect(),
    };
    gateway.engine.create_endpoint(command).await.unwrap()
}

fn capacity() -> Capacity {
    Capacity { per_endpoint: 8, total: 100, lease: Span::seconds(30), ..Capacity::default() }
}

async fn take(gateway: &Gateway) -> Vec<Dispatch> {
    gateway.engine.take_deliveries(capacity()).await.unwrap().dispatches
}

fn secret_of(dispatch: &Dispatch) -> String {
    dispatch.secret.as_deref().unwrap().clone()
}

fn outcome(status: u16) -> Outcome {
    Outcome {
        http_status: Some(status),
        error: None,
        excerpt: "as you like".to_owned(),
        took: Span::seconds(1),
    }
}

async fn finish(gateway: &Gateway, dispatch: &Dispatch, status: u16) {
    gateway.engine.finish_delivery(&dispatch.delivery, gateway.clock.now(), outcome(status)).await.unwrap();
}

#[tokio::test]
async fn an_event_goes_to_the_endpoints_that_listen_to_it() {
    let gateway = Gateway::start(Vec::new()).await;
    let (shop, other) = (gateway.shop("Shop").await, gateway.shop("Other").await);
    let (all, secret) = endpoint(&gateway, &shop, &[]).await;
    endpoint(&gateway, &shop, &["paid", "expired"]).await;
    endpoint(&gateway, &other, &[]).await;
    let payment = gateway.payment(&shop, 100).await;
    let taken = take(&gateway).await;
    assert_eq!(taken.len(), 1);
    assert_eq!((taken[0].delivery.endpoint, taken[0].payment.id), (all.id, payment.id));
    assert_eq!((taken[0].event.sequence, taken[0].delivery.event_name.as_str()), (1, "created"));
    assert_eq!(secret_of(&taken[0]), secret);
    finish(&gateway, &taken[0], 200).await;
    gateway.advance(Span::minutes(31)).await;
    let names: Vec<String> = take(&gateway).await.into_iter().map(|one| one.delivery.event_name).collect();
    assert_eq!(names, ["expired", "expired"]);
}

#[tokio::test]
async fn what_is_taken_is_leased_and_comes_back_when_the_lease_lapses() {
    let gateway = Gateway::start(Vec::new()).await;
    let shop = gateway.shop("Shop").await;
    endpoint(&gateway, &shop, &[]).await;
    gateway.payment(&shop, 100).await;
    let first = take(&gateway).await;
    assert!(take(&gateway).await.is_empty());
    gateway.clock.advance(Span::seconds(29));
    assert!(take(&gateway).await.is_empty());
    gateway.clock.advance(Span::seconds(1));
    let again = take(&gateway).await;
    assert_eq!(again[0].delivery.id, first[0].delivery.id);
    assert_eq!((first[0].delivery.attempts, again[0].delivery.attempts), (1, 2));
}

#[tokio::test]
async fn a_failed_attempt_is_repeated_as_the_schedule_says_and_then_no_more() {
    let gateway = Gateway::start(Vec::new()).await;
    let shop = gateway.shop("Shop").await;
    let (target, _) = endpoint(&gateway, &shop, &[]).await;
    gateway.payment(&shop, 100).await;
    for (number, status, wait) in [
        (1, DeliveryStatus::Retrying, Span::minutes(1)),
        (2, DeliveryStatus::Retrying, Span::minutes(5)),
        (3, DeliveryStatus::Failed, Span::days(3)),
    ] {
        let taken = take(&gateway).await;
        assert_eq!((taken.len(), taken[0].delivery.attempts), (1, number));
        finish(&gateway, &taken[0], 500).await;
        let view = gateway.engine.delivery(taken[0].delivery.id).await.unwrap();
        assert_eq!((view.delivery.status, view.attempts.len()), (status, number as usize));
        if let Some(next) = view.delivery.next_attempt_at {
            let waits = next.since(gateway.clock.now());
            assert!(waits <= wait && waits >= Span::from_micros(wait.micros() * 9 / 10), "{waits:?}");
        }
        assert!(take(&gateway).await.is_empty(), "not before its time");
        gateway.clock.advance(wait);
    }
    assert!(take(&gateway).await.is_empty());
    let endpoints = gateway.engine.list_endpoints(shop.id).await.unwrap();
    assert!(endpoints[0].failing_since.is_some());
    let failed =
        gateway.engine.list_deliveries(ListDeliveries { limit: 10, ..Default::default() }).await.unwrap();
    let again = gateway.engine.resend_delivery(failed[0].id).await.unwrap();
    assert!(again.manual && again.id != failed[0].id && again.event == failed[0].event);
    let taken = take(&gateway).await;
    finish(&gateway, &taken[0], 204).await;
    let endpoints = gateway.engine.list_endpoints(shop.id).await.unwrap();
    assert_eq!((endpoints[0].id, endpoints[0].failing_since), (target.id, None));
}

#[tokio::test]
async fn an_error_is_no_acceptance_whatever_the_status() {
    let gateway = Gateway::start(Vec::new()).await;
    let shop = gateway.shop("Shop").await;
    endpoint(&gateway, &shop, &[]).await;
    gateway.payment(&shop, 100).await;
    let taken = take(&gateway).await;
    let broken = Outcome { error: Some("connection reset".to_owned()), ..outcome(200) };
    gateway.engine.finish_delivery(&taken[0].delivery, gateway.clock.now(), broken).await.unwrap();
    let view = gateway.engine.delivery(taken[0].delivery.id).await.unwrap();
    assert_eq!(view.delivery.status, DeliveryStatus::Retrying);
}

#[tokio::test]
async fn an_endpoint_with_much_waiting_leaves_room_for_the_others() {
    let gateway = Gateway::start(Vec::new()).await;
    let shop = gateway.shop("Shop").await;
    endpoint(&gateway, &shop, &["created"]).await;
    endpoint(&gateway, &shop, &["created"]).await;
    for _ in 0..30 {
        gateway.payment(&shop, 100).await;
    }
    let taken = take(&gateway).await;
    assert_eq!(taken.len(), 16, "eight for each");
    let mut busy = capacity();
    busy.in_flight.insert(taken[0].delivery.endpoint, 8);
    let others = gateway.engine.take_deliveries(busy).await.unwrap().dispatches;
    assert!(others.iter().all(|one| one.delivery.endpoint != taken[0].delivery.endpoint));
    assert_eq!(others.len(), 8);
}

#[tokio::test]
async fn what_waits_for_a_deleted_endpoint_is_given_up() {
    let gateway = Gateway::start(Vec::new()).await;
    let shop = gateway.shop("Shop").await;
    let (gone, _) = endpoint(&gateway, &shop, &[]).await;
    gateway.payment(&shop, 100).await;
    gateway.engine.delete_endpoint(shop.id, gone.id).await.unwrap();
    assert!(take(&gateway).await.is_empty());
    let listed =
        gateway.engine.list_deliveries(ListDeliveries { limit: 10, ..Default::default() }).await.unwrap();
    assert_eq!(listed[0].status, DeliveryStatus::Failed);
    let answer = gateway.engine.resend_delivery(listed[0].id).await;
    assert_eq!(answer.unwrap_err(), Failure::Refused(Refusal::EndpointNotFound));
}

#[tokio::test]
async fn a_restart_lets_leases_lapse_at_once() {
    let gateway = Gateway::start(Vec::new()).await;
    let shop = gateway.shop("Shop").await;
    endpoint(&gateway, &shop, &[]).await;
    gateway.payment(&shop, 100).await;
    assert_eq!(take(&gateway).await.len(), 1);
    let gateway = gateway.restart(Vec::new()).await;
    assert!(take(&gateway).await.is_empty());
    assert_eq!(gateway.engine.release_deliveries().await.unwrap(), 1);
    assert_eq!(take(&gateway).await.len(), 1);
}

#[tokio::test]
async fn a_rotated_secret_signs_at_once_and_a_test_sends_what_was_last() {
    let gateway = Gateway::start(Vec::new()).await;
    let shop = gateway.shop("Shop").await;
    let (target, old) = endpoint(&gateway, &shop, &[]).await;
    let answer = gateway.engine.test_endpoint(shop.id, target.id).await;
    assert_eq!(answer.unwrap_err(), Failure::Refused(Refusal::EventNotFound));
    gateway.payment(&shop, 100).await;
    let (_, new) = gateway.engine.rotate_endpoint(shop.id, target.id, Span::ZERO).await.unwrap();
    let taken = take(&gateway).await;
    assert_ne!(old, new);
    assert_eq!(secret_of(&taken[0]), new);
    finish(&gateway, &taken[0], 200).await;
    let test = gateway.engine.test_endpoint(shop.id, target.id).await.unwrap();
    let taken = take(&gateway).await;
    assert_eq!((taken[0].delivery.id, taken[0].delivery.event_name.as_str()), (test, "created"));
}

#[tokio::test]
async fn until_the_cutover_the_old_secret_signs() {
    let gateway = Gateway::start(Vec::new()).await;
    let shop = gateway.shop("Shop").await;
    let (target, old) = endpoint(&gateway, &shop, &[]).await;
    let rotate = async |cutover| gateway.engine.rotate_endpoint(shop.id, target.id, cutover).await;
    let sign = async || {
        gateway.payment(&shop, 100).await;
        secret_of(&take(&gateway).await[0])
    };
    let (_, skipped) = rotate(Span::hours(1)).await.unwrap();
    // A second rotation before the cutover: what never signed never will.
    let (rotated, new) = rotate(Span::hours(2)).await.unwrap();
    let cutover = gateway.clock.now() + Span::hours(2);
    assert_eq!(rotated.cutover_at, Some(cutover));
    assert_ne!(skipped, new);
    gateway.clock.advance(Span::hours(2) + Span::from_micros(-1));
    assert_eq!(sign().await, old);
    gateway.clock.advance(INSTANT);
    assert_eq!(sign().await, new);
    gateway.engine.prune().await.unwrap();
    assert_eq!(gateway.engine.list_endpoints(shop.id).await.unwrap()[0].cutover_at, None);
    assert_eq!(sign().await, new);
    for cutover in [Span::hours(24) + INSTANT, Span::from_micros(-1)] {
        assert_eq!(rotate(cutover).await.unwrap_err(), Failure::Refused(Refusal::CutoverOutOfRange));
    }
    assert!(rotate(Span::hours(24)).await.is_ok());
}

#[tokio::test]
async fn whoever_lost_the_lease_does_not_take_back_what_was_taken() {
    let gateway = Gateway::start(Vec::new()).await;
    let shop = gateway.shop("Shop").await;
    endpoint(&gateway, &shop, &[]).await;
    gateway.payment(&shop, 100).await;
    let slow = take(&gateway).await;
    gateway.clock.advance(Span::seconds(30));
    let quick = take(&gateway).await;
    finish(&gateway, &quick[0], 200).await;
    gateway.clock.advance(Span::seconds(1));
    finish(&gateway, &slow[0], 500).await;
    let view = gateway.engine.delivery(slow[0].delivery.id).await.unwrap();
    assert_eq!((view.delivery.status, view.delivery.next_attempt_at), (DeliveryStatus::Delivered, None));
    let numbers: Vec<u32> = view.attempts.iter().map(|attempt| attempt.number).collect();
    assert_eq!(numbers, [2, 1], "each attempt under its own number, in the order in which they ended");
    assert!(take(&gateway).await.is_empty());
}

#[tokio::test]
async fn what_was_taken_is_taken_whoever_learned_of_it() {
    let gateway = Gateway::start(Vec::new()).await;
    let shop = gateway.shop("Shop").await;
    endpoint(&gateway, &shop, &[]).await;
    gateway.payment(&shop, 100).await;
    let slow = take(&gateway).await;
    gateway.clock.advance(Span::seconds(30));
    let quick = take(&gateway).await;
    let status = async || gateway.engine.delivery(slow[0].delivery.id).await.unwrap().delivery.status;
    // A failure of whoever lost the lease is not the end of the attempt that runs.
    finish(&gateway, &slow[0], 500).await;
    assert_eq!(status().await, DeliveryStatus::Pending);
    assert!(take(&gateway).await.is_empty(), "the lease holds");
    finish(&gateway, &slow[0], 200).await;
    assert_eq!(status().await, DeliveryStatus::Delivered);
    finish(&gateway, &quick[0], 500).await;
    assert_eq!(status().await, DeliveryStatus::Delivered);
}

#[tokio::test]
async fn an_endpoint_whose_secret_no_key_opens_holds_nobody_up() {
    let (ring, other) = (MASTER_KEY, "6b".repeat(32));
    let gateway = Gateway::start(Vec::new()).await;
    let gateway = gateway.restart_with_keys(&format!("{other} {ring}")).await;
    let shop = gateway.shop("Shop").await;
    let (sealed_before, _) = endpoint(&gateway, &shop, &[]).await;
    // The key that sealed it leaves the ring.
    let gateway = gateway.restart_with_keys(ring).await;
    let (sealed_now, secret) = endpoint(&gateway, &shop, &[]).await;
    gateway.payment(&shop, 100).await;
    let taken = take(&gateway).await;
    let of = |id| taken.iter().find(|dispatch| dispatch.delivery.endpoint == id).unwrap();
    assert!(of(sealed_before.id).secret.is_none());
    assert_eq!(secret_of(of(sealed_now.id)), secret);
}
