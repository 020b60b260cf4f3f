//! Numbers of a shop's own.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use std::collections::BTreeSet;

use domain::{
    dialect::DialectName,
    merchant::Shop,
    payment::Payment,
    refusal::{Failure, Refusal},
};
use engine::{
    checkout::ChooseMethod,
    numbers::{MAX_NUMBER, Numbered},
    sandbox::{SimulatePay, Target},
};
use testkit::{creation::creation_in, gateway::Gateway, keyed::Keyed, plain::Plain, scene::method};

async fn create(gateway: &Gateway, shop: &Shop, dialect: DialectName) -> Payment {
    gateway.engine.create_payment(creation_in(shop, dialect, 2_500)).await.unwrap().payment
}

async fn named(gateway: &Gateway, shop: &Shop, number: u32) -> Option<Numbered> {
    gateway.engine.numbered(shop.id, Keyed::dialect_name(), number).await.unwrap()
}

async fn choose(gateway: &Gateway, payment: &Payment, network: &str, asset: &str) {
    let (shop, payment, method) = (payment.shop, payment.id, method(network, asset));
    gateway.engine.choose_method(ChooseMethod { shop, payment, method, version: None }).await.unwrap();
}

#[tokio::test]
async fn whatever_a_shop_has_gets_a_number_that_names_nothing_else() {
    let gateway = Gateway::start(Vec::new()).await;
    let shop = gateway.shop("Shop").await;
    let payment = create(&gateway, &shop, Keyed::dialect_name()).await;
    for (network, asset) in [("ethereum", "USDT"), ("card", "USD")] {
        choose(&gateway, &payment, network, asset).await;
    }
    choose(&gateway, &payment, "ethereum", "USDT").await;
    let target = Target { shop: shop.id, payment: payment.id };
    for amount in ["10", "15"] {
        let amount = Some(amount.to_owned());
        let pay = SimulatePay { target, method: None, amount, confirmations: None };
        gateway.engine.simulate_pay(pay).await.unwrap();
        gateway.settle().await;
    }
    let view = gateway.engine.payment_view(shop.id, payment.id).await.unwrap();
    let of_payment = payment.number.unwrap();
    assert_eq!(view.record.payment.number, Some(of_payment));
    assert_eq!(named(&gateway, &shop, of_payment).await, Some(Numbered::Payment(payment.id)));
    let mut seen = BTreeSet::from([of_payment]);
    for receipt in &view.record.receipts {
        let number = receipt.number.unwrap();
        assert_eq!(named(&gateway, &shop, number).await, Some(Numbered::Receipt(payment.id, receipt.id)));
        assert!(seen.insert(number), "{number} names two");
    }
    let mut scripts = BTreeSet::new();
    for number in 1..=10 {
        if let Some(Numbered::Address(script)) = named(&gateway, &shop, number).await {
            assert!(seen.insert(number) && scripts.insert(script));
        }
    }
    let asked: BTreeSet<_> = view.record.quotes.iter().map(|quote| quote.script.clone()).collect();
    assert_eq!(scripts, asked, "each address has one number, however often it is asked at");
    assert!(seen.iter().all(|number| (1..=MAX_NUMBER).contains(number)));
    assert_eq!(named(&gateway, &shop, 10_000).await, None);
}

#[tokio::test]
async fn a_number_is_of_one_shop_and_one_dialect() {
    let gateway = Gateway::start(Vec::new()).await;
    let (shop, other) = (gateway.shop("Shop").await, gateway.shop("Other").await);
    let (one, two) = (
        create(&gateway, &shop, Keyed::dialect_name()).await,
        create(&gateway, &other, Keyed::dialect_name()).await,
    );
    assert_eq!(one.number, two.number, "each shop counts for itself");
    assert_eq!(named(&gateway, &shop, one.number.unwrap()).await, Some(Numbered::Payment(one.id)));
    assert_eq!(named(&gateway, &other, two.number.unwrap()).await, Some(Numbered::Payment(two.id)));
    let foreign = gateway.engine.numbered(shop.id, Plain::dialect_name(), one.number.unwrap()).await;
    assert_eq!(foreign.unwrap(), None, "another dialect does not learn what it names");
    let bare = create(&gateway, &shop, Plain::dialect_name()).await;
    assert_eq!(bare.number, None);
}

#[tokio::test]
async fn numbers_may_be_left_out_and_are_never_given_twice() {
    let gateway = Gateway::start(Vec::new()).await;
    let shop = gateway.shop("Shop").await;
    let mut seen = BTreeSet::new();
    for _ in 0..120 {
        assert!(seen.insert(create(&gateway, &shop, Keyed::dialect_name()).await.number.unwrap()));
    }
    // What the process had ready goes with it.
    let gateway = gateway.restart(Vec::new()).await;
    for _ in 0..3 {
        assert!(seen.insert(create(&gateway, &shop, Keyed::dialect_name()).await.number.unwrap()));
    }
    assert!(*seen.last().unwrap() > 123, "{seen:?}");
}

/// Whoever operates the gateway hears of numbers from merchants. One that two shops have names nothing for him.
#[tokio::test]
async fn a_number_finds_its_payment_where_one_shop_alone_has_it() {
    let gateway = Gateway::start(Vec::new()).await;
    let shop = gateway.shop("Shop").await;
    let payment = create(&gateway, &shop, Keyed::dialect_name()).await;
    let number = payment.number.unwrap().to_string();
    assert_eq!(gateway.engine.find_payment(&number).await.unwrap().id, payment.id);
    let missing = Err(Failure::Refused(Refusal::PaymentNotFound));
    assert_eq!(gateway.engine.find_payment("4711").await, missing);
    let other = gateway.shop("Other").await;
    let twin = create(&gateway, &other, Keyed::dialect_name()).await;
    assert_eq!(twin.number, payment.number, "each shop counts for itself");
    assert_eq!(gateway.engine.find_payment(&number).await, missing);
}
