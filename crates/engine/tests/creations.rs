//! What may be asked of a payment when it is made: a reference of its own.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use domain::{
    merchant::Shop,
    payment::Order,
    refusal::{Failure, Refusal},
    time::Span,
};
use engine::payments::{CreatePayment, Filter, IdempotencyKey, ListPayments};
use testkit::{
    gateway::{Gateway, order},
    keyed::Keyed,
};

fn referenced(shop: &Shop, reference: &str) -> CreatePayment {
    CreatePayment {
        order: Order { reference: Some(reference.to_owned()), ..Order::default() },
        unique_reference: true,
        ..order(shop, Keyed::dialect_name(), 2_500)
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
