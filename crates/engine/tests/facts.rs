//! What a dialect writes down of the moment of an event.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use domain::{
    dialect::Announcement,
    merchant::{KeyKind, Shop},
    payment::Payment,
    time::{Clock, Span},
};
use engine::{
    checkout::ChooseMethod,
    credentials::CreateCredential,
    deliveries::{Capacity, Dispatch},
    endpoints::CreateEndpoint,
    payments::CreatePayment,
    sandbox::{SimulatePay, Target},
};
use testkit::{
    creation::{creation, creation_in},
    gateway::Gateway,
    keyed::Keyed,
    scene::method,
};

/// A shop that is told of everything in the keyed dialect.
async fn gateway() -> (Gateway, Shop) {
    let gateway = Gateway::start(Vec::new()).await;
    let shop = gateway.shop("Shop").await;
    let (scopes, allowed_ips, dialect) = (Vec::new(), Vec::new(), Keyed::dialect_name());
    let kind = KeyKind::Secret;
    let signer = CreateCredential { shop: shop.id, dialect, kind, scopes, allowed_ips, expires_at: None };
    gateway.engine.create_credential(signer).await.unwrap();
    let url = "http://127.0.0.1:9/hook".to_owned();
    let endpoint = CreateEndpoint { shop: shop.id, dialect, url, subscriptions: Vec::new() };
    gateway.engine.create_endpoint(endpoint).await.unwrap();
    (gateway, shop)
}

async fn take(gateway: &Gateway) -> Vec<Dispatch> {
    let capacity =
        Capacity { per_endpoint: 100, total: 100, lease: Span::seconds(30), ..Capacity::default() };
    let mut taken = gateway.engine.take_deliveries(capacity).await.unwrap().dispatches;
    taken.sort_unstable_by_key(|dispatch| dispatch.event.sequence);
    taken
}

async fn choose(gateway: &Gateway, payment: &Payment, network: &str) {
    let (shop, payment, method) = (payment.shop, payment.id, method(network, "USDT"));
    gateway.engine.choose_method(ChooseMethod { shop, payment, method, version: None }).await.unwrap();
}

async fn pay(gateway: &Gateway, payment: &Payment, amount: &str, confirmations: u32) {
    let target = Target { shop: payment.shop, payment: payment.id };
    let (amount, confirmations) = (Some(amount.to_owned()), Some(confirmations));
    let pay = SimulatePay { target, method: None, amount, confirmations };
    gateway.engine.simulate_pay(pay).await.unwrap();
    gateway.settle().await;
}

/// What the events were called, and what was written down of them.
fn story(taken: &[Dispatch]) -> Vec<(&str, &str)> {
    taken.iter().map(|one| (one.delivery.event_name.as_str(), one.facts.as_deref().unwrap())).collect()
}

fn body(gateway: &Gateway, dispatch: &Dispatch) -> Vec<u8> {
    let dialect = gateway.engine.dialect(dispatch.dialect).unwrap();
    dialect.callback_body(&Announcement {
        event: &dispatch.event,
        name: &dispatch.delivery.event_name,
        payment: &dispatch.payment,
        facts: dispatch.facts.as_deref(),
        environment: gateway.engine.environment(),
    })
}

#[tokio::test]
async fn an_event_keeps_what_was_so_in_its_moment_for_every_attempt() {
    let (gateway, shop) = gateway().await;
    let payment = gateway
        .engine
        .create_payment(creation_in(&shop, Keyed::dialect_name(), 2_500))
        .await
        .unwrap()
        .payment;
    choose(&gateway, &payment, "ethereum").await;
    pay(&gateway, &payment, "10", 1).await;
    pay(&gateway, &payment, "15", 0).await;
    let view = gateway.engine.payment_view(shop.id, payment.id).await.unwrap();
    let place =
        gateway.engine.address(method("ethereum", "USDT").network, &view.record.quotes[0].script).unwrap();
    let [one, two] = [0, 1].map(|index: usize| {
        let receipt = &view.record.receipts[index];
        format!("receipt {}: {} in {}", receipt.number.unwrap(), receipt.amount.minor(), receipt.transaction)
    });
    let number = payment.number.unwrap();
    let asked = |due: &str| format!("payment {number}; due {due} USDT at {place} ({})", number + 1);
    let expected = [
        ("created", format!("payment {number}")),
        ("method_chosen", asked("25.000000")),
        ("part_paid", format!("{}; {one} at 1", asked("15.000000"))),
        ("seen", format!("{}; {one} at 1; {two} at 0", asked("0.000000"))),
    ];
    let taken = take(&gateway).await;
    assert_eq!(story(&taken), expected.each_ref().map(|(name, facts)| (*name, facts.as_str())));
    let told: Vec<Vec<u8>> = taken.iter().map(|dispatch| body(&gateway, dispatch)).collect();
    // The chain goes on; what happened stays what it was.
    gateway.engine.mine(method("ethereum", "USDT").network, 5).await.unwrap();
    gateway.advance(Span::minutes(1)).await;
    let again = take(&gateway).await;
    assert!(again.len() > told.len(), "and more happened since");
    for (told, again) in told.iter().zip(&again) {
        assert_eq!(*told, body(&gateway, again));
    }
    assert!(again.last().unwrap().facts.as_ref().unwrap().ends_with("at 5"), "{:?}", story(&again));
}

#[tokio::test]
async fn what_is_asked_for_at_creation_is_known_in_the_moment_of_creation() {
    let (gateway, shop) = gateway().await;
    let command = CreatePayment {
        method: Some(method("ethereum", "USDT")),
        ..creation_in(&shop, Keyed::dialect_name(), 2_500)
    };
    gateway.engine.create_payment(command).await.unwrap();
    let taken = take(&gateway).await;
    assert_eq!(taken.len(), 1);
    assert!(story(&taken)[0].1.contains("; due 25.000000 USDT at 0x"), "{:?}", story(&taken));
}

#[tokio::test]
async fn a_dialect_may_tell_only_some_of_the_events_of_a_kind() {
    let (gateway, shop) = gateway().await;
    let payment = gateway
        .engine
        .create_payment(creation_in(&shop, Keyed::dialect_name(), 2_500))
        .await
        .unwrap()
        .payment;
    for network in ["ethereum", "tron", "ethereum"] {
        choose(&gateway, &payment, network).await;
        gateway.clock.advance(Span::seconds(1));
    }
    let view = gateway.engine.payment_view(shop.id, payment.id).await.unwrap();
    assert_eq!(view.events.len(), 4);
    let taken = take(&gateway).await;
    let names: Vec<&str> = story(&taken).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["created", "method_chosen"]);
    let plain = gateway.engine.create_payment(creation(&shop, 2_500)).await.unwrap().payment;
    assert!(plain.created_at <= gateway.clock.now());
    assert!(take(&gateway).await.is_empty(), "another dialect's events are not told here");
}
