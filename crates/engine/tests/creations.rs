//! What may be asked of a payment when it is made: a reference of its own, and a method that asks at once.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use domain::{
    event::EventKind,
    merchant::Shop,
    money::Rate,
    pair::Pair,
    payment::{Order, Payment, Record, State},
    refusal::{Failure, Refusal},
    time::Span,
};
use engine::{
    checkout::ChooseMethod,
    payments::{CreatePayment, Filter, IdempotencyKey, ListPayments},
    sandbox::{SimulatePay, Target},
};
use testkit::{creation::creation_in, gateway::Gateway, keyed::Keyed, scene::method};

fn referenced(shop: &Shop, reference: &str) -> CreatePayment {
    CreatePayment {
        order: Order { reference: Some(reference.to_owned()), ..Order::default() },
        unique_reference: true,
        ..creation_in(shop, Keyed::dialect_name(), 2_500)
    }
}

async fn count(gateway: &Gateway, shop: &Shop) -> usize {
    let filter = Filter::default();
    let query = ListPayments { shop: Some(shop.id), dialect: None, filter, after: None, limit: 100 };
    gateway.engine.list_payments(query).await.unwrap().payments.len()
}

#[tokio::test]
async fn a_unique_reference_names_one_payment_for_ever() {
    let gateway = Gateway::start(Vec::new()).await;
    let shop = gateway.shop("Shop").await;
    let first = gateway.engine.create_payment(referenced(&shop, "a/1")).await.unwrap().payment;
    gateway.engine.cancel_payment(shop.id, first.id, None).await.unwrap();
    gateway.clock.advance(Span::days(400));
    while gateway.engine.prune().await.unwrap() {}
    let answer = gateway.engine.create_payment(referenced(&shop, "a/1")).await;
    assert_eq!(answer, Err(Failure::Refused(Refusal::ReferenceTaken)));
    assert_eq!(count(&gateway, &shop).await, 1);
    let find = async |reference: &str| {
        gateway.engine.payment_by_reference(shop.id, Keyed::dialect_name(), reference).await
    };
    assert_eq!(find("a/1").await.unwrap().id, first.id);
    for unknown in ["A/1", "a/1 ", ""] {
        assert_eq!(find(unknown).await, Err(Failure::Refused(Refusal::PaymentNotFound)), "{unknown:?}");
    }
}

#[tokio::test]
async fn a_reference_that_need_not_be_unique_is_not_taken() {
    let gateway = Gateway::start(Vec::new()).await;
    let shop = gateway.shop("Shop").await;
    let common = CreatePayment { unique_reference: false, ..referenced(&shop, "a1") };
    for _ in 0..2 {
        gateway.engine.create_payment(common.clone()).await.unwrap();
    }
    let unique = gateway.engine.create_payment(referenced(&shop, "a1")).await.unwrap().payment;
    let found = gateway.engine.payment_by_reference(shop.id, Keyed::dialect_name(), "a1").await.unwrap();
    assert_eq!(found.id, unique.id);
}

#[tokio::test]
async fn what_is_asked_again_under_its_key_has_its_reference_already() {
    let gateway = Gateway::start(Vec::new()).await;
    let shop = gateway.shop("Shop").await;
    let key = IdempotencyKey { key: "once".to_owned(), fingerprint: [1; 32] };
    let command = CreatePayment { idempotency: Some(key), ..referenced(&shop, "a1") };
    let first = gateway.engine.create_payment(command.clone()).await.unwrap();
    let again = gateway.engine.create_payment(command).await.unwrap();
    assert_eq!((again.payment.id, again.replayed), (first.payment.id, true));
}

fn asking(shop: &Shop, reference: &str) -> CreatePayment {
    CreatePayment { method: Some(method("ethereum", "USDT")), ..referenced(shop, reference) }
}

async fn record(gateway: &Gateway, payment: &Payment) -> Record {
    gateway.engine.payment_view(payment.shop, payment.id).await.unwrap().record
}

#[tokio::test]
async fn a_method_that_is_given_with_the_order_asks_at_once_as_if_its_buyer_had_chosen_it() {
    let gateway = Gateway::start(Vec::new()).await;
    let shop = gateway.shop("Shop").await;
    let made = gateway.engine.create_payment(asking(&shop, "a1")).await.unwrap().payment;
    let chosen = gateway.engine.create_payment(referenced(&shop, "a2")).await.unwrap().payment;
    let choice =
        ChooseMethod { shop: shop.id, payment: chosen.id, method: method("ethereum", "USDT"), version: None };
    gateway.engine.choose_method(choice).await.unwrap();
    let (made, chosen) = (record(&gateway, &made).await, record(&gateway, &chosen).await);
    let [asked, other] = [&made, &chosen].map(|record| {
        assert_eq!(record.quotes.len(), 1);
        record.quotes[0].clone()
    });
    let facts = |quote: &domain::quote::Quote| {
        (quote.method, quote.covers, quote.asks, quote.depth, quote.created_at, quote.valid_until)
    };
    assert_eq!(facts(&asked), facts(&other));
    assert_ne!(asked.script, other.script);
    assert_eq!((made.payment.state, made.payment.terms), (State::NEW, chosen.payment.terms));
    let view = gateway.engine.payment_view(shop.id, made.payment.id).await.unwrap();
    let story: Vec<EventKind> = view.events.iter().map(|event| event.kind).collect();
    assert_eq!(story, [EventKind::Created], "no event of its own");
    // Money finds it as it finds any other.
    let target = Target { shop: shop.id, payment: made.payment.id };
    let pay = SimulatePay { target, method: None, amount: None, confirmations: None };
    gateway.engine.simulate_pay(pay).await.unwrap();
    gateway.settle().await;
    assert!(record(&gateway, &made.payment).await.payment.paid_at.is_some());
}

#[tokio::test]
async fn what_a_method_lacks_refuses_the_creation_and_nothing_is_made() {
    let gateway = Gateway::start(Vec::new()).await;
    let shop = gateway.shop("Shop").await;
    gateway.engine.stall(method("bitcoin", "BTC").network, true).await.unwrap();
    let rates = vec![(Pair::parse("BTC/USD").unwrap(), Rate::parse("60000").unwrap())];
    gateway.engine.set_fixed_rates(rates).await.unwrap();
    for (network, asset, refusal) in [
        ("dogecoin", "DOGE", Refusal::MethodUnknown),
        ("ethereum", "BTC", Refusal::MethodUnknown),
        ("bitcoin", "BTC", Refusal::MethodUnavailable),
        ("ethereum", "ETH", Refusal::RateUnavailable),
    ] {
        let command = CreatePayment { method: Some(method(network, asset)), ..referenced(&shop, "a1") };
        let answer = gateway.engine.create_payment(command).await;
        assert_eq!(answer, Err(Failure::Refused(refusal)), "{asset} on {network}");
    }
    assert_eq!(count(&gateway, &shop).await, 0);
    gateway.engine.create_payment(referenced(&shop, "a1")).await.expect("the reference is free");
}

#[tokio::test]
async fn an_empty_pool_refuses_for_a_moment_and_nothing_is_made() {
    let gateway = Gateway::start(Vec::new()).await;
    let shop = gateway.shop("Shop").await;
    let mut made = 0;
    let failure = loop {
        match gateway.engine.create_payment(asking(&shop, &format!("a{made}"))).await {
            Ok(_) => made += 1,
            Err(failure) => break failure,
        }
    };
    assert!(matches!(failure, Failure::Unavailable { .. }), "{failure:?}");
    assert_eq!(count(&gateway, &shop).await, made);
    // The same request finds nothing of its first try in its way.
    let key = IdempotencyKey { key: "once".to_owned(), fingerprint: [1; 32] };
    let command = CreatePayment { idempotency: Some(key), ..asking(&shop, &format!("a{made}")) };
    assert!(gateway.engine.create_payment(command.clone()).await.is_err());
    gateway.settle().await;
    let created = gateway.engine.create_payment(command.clone()).await.unwrap();
    assert!(!created.replayed);
    assert!(gateway.engine.create_payment(command).await.unwrap().replayed, "it asks for no second address");
    assert_eq!(record(&gateway, &created.payment).await.quotes.len(), 1);
}
