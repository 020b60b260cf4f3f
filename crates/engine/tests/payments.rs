//! Creating, finding and listing payments.

use domain::{
    id::PaymentId,
    merchant::Shop,
    money::Amount,
    payment::{Order, Status},
    refusal::{Failure, Refusal},
    time::Span,
};
use engine::{
    Engine,
    payments::{CreatePayment, Created, Filter, ListPayments},
    sandbox::{SimulatePay, Target},
};
use testkit::{
    clock::START,
    creation::{creation, idempotency_key},
    gateway::Gateway,
};

fn command(shop: &Shop, key: Option<&str>, fingerprint: u8) -> CreatePayment {
    CreatePayment {
        order: Order { reference: Some("order-1".to_owned()), ..Order::default() },
        idempotency: key.map(|key| idempotency_key(key, fingerprint)),
        ..creation(shop, 2_500)
    }
}

async fn create(engine: &Engine, command: CreatePayment) -> Result<Created, Failure> {
    engine.create_payment(command).await
}

fn list(shop: &Shop) -> ListPayments {
    ListPayments { shop: Some(shop.id), dialect: None, filter: Filter::default(), after: None, limit: 100 }
}

#[tokio::test]
async fn a_repeated_request_finds_the_payment_that_it_made() {
    let gateway = Gateway::start(Vec::new()).await;
    let shop = gateway.shop("Shop").await;
    let first = create(&gateway.engine, command(&shop, Some("a"), 1)).await.unwrap();
    let again = create(&gateway.engine, command(&shop, Some("a"), 1)).await.unwrap();
    assert_eq!((first.replayed, again.replayed), (false, true));
    assert_eq!(first.payment, again.payment);
    let conflict = create(&gateway.engine, command(&shop, Some("a"), 2)).await;
    assert_eq!(conflict, Err(Failure::Refused(Refusal::IdempotencyConflict)));
    let other_key = create(&gateway.engine, command(&shop, Some("b"), 1)).await.unwrap();
    assert_ne!(other_key.payment.id, first.payment.id);
}

#[tokio::test]
async fn a_key_belongs_to_one_shop() {
    let gateway = Gateway::start(Vec::new()).await;
    let (one, other) = (gateway.shop("One").await, gateway.shop("Other").await);
    let first = create(&gateway.engine, command(&one, Some("a"), 1)).await.unwrap();
    let second = create(&gateway.engine, command(&other, Some("a"), 2)).await.unwrap();
    assert!(!second.replayed);
    assert_ne!(first.payment.id, second.payment.id);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_twins_at_once_make_one_payment() {
    let gateway = Gateway::start(Vec::new()).await;
    let shop = gateway.shop("Shop").await;
    let twins: Vec<_> = (0..50)
        .map(|_| {
            let (engine, command) = (gateway.engine.clone(), command(&shop, Some("a"), 1));
            tokio::spawn(async move { engine.create_payment(command).await.unwrap() })
        })
        .collect();
    let mut made = Vec::new();
    for twin in twins {
        made.push(twin.await.unwrap());
    }
    assert_eq!(made.iter().filter(|created| !created.replayed).count(), 1);
    assert!(made.iter().all(|created| created.payment.id == made[0].payment.id));
    assert_eq!(gateway.engine.list_payments(list(&shop)).await.unwrap().payments.len(), 1);
}

#[tokio::test]
async fn a_refused_creation_leaves_no_key_behind() {
    let gateway = Gateway::start(Vec::new()).await;
    let shop = gateway.shop("Shop").await;
    let off = engine::shops::ChangeShop { active: Some(false), ..Default::default() };
    gateway.engine.change_shop(shop.id, off).await.unwrap();
    let refused = create(&gateway.engine, command(&shop, Some("a"), 1)).await;
    assert_eq!(refused, Err(Failure::Refused(Refusal::ShopInactive)));
    let on = engine::shops::ChangeShop { active: Some(true), ..Default::default() };
    gateway.engine.change_shop(shop.id, on).await.unwrap();
    assert!(!create(&gateway.engine, command(&shop, Some("a"), 2)).await.unwrap().replayed);
}

#[tokio::test]
async fn a_key_is_new_again_after_its_time() {
    let gateway = Gateway::start(Vec::new()).await;
    let shop = gateway.shop("Shop").await;
    create(&gateway.engine, command(&shop, Some("a"), 1)).await.unwrap();
    gateway.advance(Span::days(7)).await;
    gateway.engine.prune().await.unwrap();
    assert!(
        create(&gateway.engine, command(&shop, Some("a"), 1)).await.unwrap().replayed,
        "kept for seven days"
    );
    gateway.advance(Span::seconds(1)).await;
    gateway.engine.prune().await.unwrap();
    assert!(!create(&gateway.engine, command(&shop, Some("a"), 1)).await.unwrap().replayed);
}

#[tokio::test]
async fn lists_are_paged_newest_first_and_miss_nothing() {
    let gateway = Gateway::start(Vec::new()).await;
    let (shop, other) = (gateway.shop("Shop").await, gateway.shop("Other").await);
    let mut made: Vec<PaymentId> = Vec::new();
    for _ in 0..23 {
        gateway.clock.advance(Span::seconds(1));
        made.insert(0, gateway.payment(&shop, 100).await.id);
        gateway.payment(&other, 100).await;
    }
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let page =
            gateway.engine.list_payments(ListPayments { after, limit: 5, ..list(&shop) }).await.unwrap();
        found.extend(page.payments.iter().map(|payment| payment.id));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(found, made);
    let too_many = gateway.engine.list_payments(ListPayments { limit: 101, ..list(&shop) }).await;
    assert_eq!(too_many.unwrap_err(), Failure::Refused(Refusal::TooMany));
}

#[tokio::test]
async fn filters_take_what_they_say() {
    let gateway = Gateway::start(Vec::new()).await;
    let shop = gateway.shop("Shop").await;
    let paid = create(&gateway.engine, command(&shop, None, 0)).await.unwrap().payment;
    gateway.clock.advance(Span::minutes(1));
    let waiting = gateway.payment(&shop, 700).await;
    let target = Target { shop: shop.id, payment: paid.id };
    let pay = SimulatePay { target, method: None, amount: None, confirmations: None };
    gateway.engine.simulate_pay(pay).await.unwrap();
    gateway.settle().await;
    let ids = async |filter: Filter| -> Vec<PaymentId> {
        let page = gateway.engine.list_payments(ListPayments { filter, ..list(&shop) }).await.unwrap();
        page.payments.iter().map(|payment| payment.id).collect()
    };
    let minute = START + Span::minutes(1);
    assert_eq!(ids(Filter::default()).await, [waiting.id, paid.id]);
    assert_eq!(ids(Filter { statuses: Some(vec![Status::Paid]), ..Filter::default() }).await, [paid.id]);
    assert_eq!(ids(Filter { statuses: Some(Vec::new()), ..Filter::default() }).await, []);
    assert_eq!(ids(Filter { reference: Some("order-1".to_owned()), ..Filter::default() }).await, [paid.id]);
    assert_eq!(ids(Filter { created_from: Some(minute), ..Filter::default() }).await, [waiting.id]);
    assert_eq!(ids(Filter { created_to: Some(minute), ..Filter::default() }).await, [paid.id]);
    // An end within the millisecond of a payment.
    let instant = minute + Span::from_micros(1);
    let until = async |end| ids(Filter { created_to: Some(end), ..Filter::default() }).await;
    assert_eq!(until(instant).await, [waiting.id, paid.id]);
}

#[tokio::test]
async fn a_payment_is_found_by_every_name_that_it_has() {
    let gateway = Gateway::start(Vec::new()).await;
    let shop = gateway.shop("Shop").await;
    let payment = gateway.payment(&shop, 2_500).await;
    let target = Target { shop: shop.id, payment: payment.id };
    let pay = SimulatePay { target, method: None, amount: None, confirmations: None };
    let address = gateway.engine.simulate_pay(pay).await.unwrap().address;
    let token = gateway.engine.token(payment.id);
    let names = [
        payment.id.base62(),
        format!("pay_{}", payment.id.base62()),
        payment.id.uuid().to_string(),
        token.clone(),
        format!("chk_{token}"),
        address,
    ];
    for name in names {
        assert_eq!(gateway.engine.find_payment(&name).await.unwrap().id, payment.id, "{name}");
    }
    for name in ["", "pay_", "pay_000000000000000000000000", "bcrt1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqdku202"] {
        let refused = gateway.engine.find_payment(name).await;
        assert_eq!(refused.unwrap_err(), Failure::Refused(Refusal::PaymentNotFound), "{name}");
    }
}

#[tokio::test]
async fn a_price_of_nothing_is_refused() {
    let gateway = Gateway::start(Vec::new()).await;
    let shop = gateway.shop("Shop").await;
    let mut nothing = command(&shop, None, 0);
    nothing.price.amount = Amount::ZERO;
    assert_eq!(create(&gateway.engine, nothing).await, Err(Failure::Refused(Refusal::AmountZero)));
}
