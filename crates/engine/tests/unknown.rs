//! Commits whose answer is lost, on PostgreSQL: nobody is told that nothing happened, and nothing happens twice.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use domain::{merchant::Shop, payment::Status, refusal::Failure};
use engine::payments::{CreatePayment, Created, Filter, ListPayments};
use testkit::{
    cable::{Cable, Loss},
    creation::{creation, idempotency_key},
    gateway::Gateway,
    postgres::Server,
};

/// A gateway whose way to the database can be cut.
async fn gateway() -> (Gateway, Cable, Shop) {
    let server = Server::shared();
    let cable = Cable::to(server).await;
    let gateway = Gateway::start_on(cable.url(&server.database_name())).await;
    let shop = gateway.shop("Kiosk").await;
    (gateway, cable, shop)
}

fn order(shop: &Shop, key: Option<&str>) -> CreatePayment {
    CreatePayment { idempotency: key.map(|key| idempotency_key(key, 7)), ..creation(shop, 2_500) }
}

async fn count(gateway: &Gateway) -> usize {
    let all = ListPayments { shop: None, dialect: None, filter: Filter::default(), after: None, limit: 100 };
    gateway.engine.list_payments(all).await.unwrap().payments.len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_whose_commit_was_done_unheard_is_found_and_answered() {
    let (gateway, cable, shop) = gateway().await;
    let losses = [
        (Loss::Answer, None),
        (Loss::Answer, Some("order-1")),
        // It says itself that there was no room, which is no word on what it had written before.
        (Loss::Fall, None),
        (Loss::Fall, Some("order-2")),
    ];
    for (number, (loss, key)) in losses.into_iter().enumerate() {
        cable.lose(loss, 1);
        let made = gateway.engine.create_payment(order(&shop, key)).await;
        let Ok(Created { payment, replayed: false }) = made else { panic!("{made:?}") };
        assert_eq!(cable.lost(), u32::try_from(number + 1).unwrap());
        assert_eq!(gateway.read(payment.id).await, payment);
        assert_eq!(count(&gateway).await, number + 1);
        if key.is_some() {
            let again = gateway.engine.create_payment(order(&shop, key)).await;
            assert_eq!(again, Ok(Created { payment, replayed: true }));
        }
    }
    gateway.settle().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_whose_commit_never_arrived_is_unknown_and_can_be_asked_for_again() {
    let (gateway, cable, shop) = gateway().await;
    for (number, key) in [None, Some("order-1")].into_iter().enumerate() {
        cable.lose(Loss::Commit, 1);
        let lost = gateway.engine.create_payment(order(&shop, key)).await;
        assert_eq!(lost, Err(Failure::Unknown));
        assert_eq!(count(&gateway).await, number);
        let made = gateway.engine.create_payment(order(&shop, key)).await;
        assert!(matches!(made, Ok(Created { replayed: false, .. })), "{made:?}");
        assert_eq!(count(&gateway).await, number + 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_the_look_is_lost_too_nothing_is_said_of_the_payment() {
    let (gateway, cable, shop) = gateway().await;
    cable.lose(Loss::Answer, 2);
    let lost = gateway.engine.create_payment(order(&shop, Some("order-1"))).await;
    assert_eq!((lost, cable.lost()), (Err(Failure::Unknown), 2));
    let again = gateway.engine.create_payment(order(&shop, Some("order-1"))).await;
    assert!(matches!(again, Ok(Created { replayed: true, .. })), "{again:?}");
    assert_eq!(count(&gateway).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancellation_is_answered_by_what_became_of_it() {
    let (gateway, cable, shop) = gateway().await;
    let (done, undone) = (gateway.payment(&shop, 2_500).await, gateway.payment(&shop, 2_500).await);
    cable.lose(Loss::Answer, 1);
    let cancelled = gateway.engine.cancel_payment(shop.id, done.id, None).await.unwrap();
    assert_eq!((cancelled.state.status, cable.lost()), (Status::Cancelled, 1));
    assert_eq!(gateway.read(done.id).await, cancelled);
    cable.lose(Loss::Commit, 1);
    let lost = gateway.engine.cancel_payment(shop.id, undone.id, None).await;
    assert_eq!(lost, Err(Failure::Unknown));
    assert_eq!(gateway.read(undone.id).await.state.status, Status::Waiting);
}
