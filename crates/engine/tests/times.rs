//! Orders that are open from their buyer's choice on, and money that has to become final in time.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use domain::{
    event::EventKind,
    merchant::Shop,
    payment::{DecisionKind, Payment, Status},
    refusal::{Failure, Refusal},
    terms::LateMoney,
    time::{Clock, Span},
};
use engine::{
    checkout::ChooseMethod,
    payments::CreatePayment,
    sandbox::{SimulatePay, Target},
    shops::{ChangePolicy, ChangeShop},
};
use testkit::{
    creation::creation,
    gateway::Gateway,
    scene::{Scene, method},
};

/// The shortest span there is.
const INSTANT: Span = Span::from_micros(1);

/// An order without a deadline, open for a quarter of an hour once its buyer has chosen.
fn open_from_choice(shop: &Shop) -> CreatePayment {
    CreatePayment { order_validity: None, window: Some(Span::minutes(15)), ..creation(shop, 2_500) }
}

/// An order whose money may take three hours to become final.
fn limited(shop: &Shop) -> CreatePayment {
    CreatePayment { confirm_limit: Some(Span::hours(3)), ..creation(shop, 2_500) }
}

/// A gateway with a payment that was made so.
async fn scene(command: impl FnOnce(&Shop) -> CreatePayment) -> Scene {
    let gateway = Gateway::start(Vec::new()).await;
    let shop = gateway.shop("Shop").await;
    let payment = gateway.engine.create_payment(command(&shop)).await.unwrap().payment;
    Scene { gateway, shop, payment }
}

async fn payment(scene: &Scene) -> Payment {
    scene.view().await.record.payment
}

#[tokio::test]
async fn an_order_is_open_from_its_buyers_first_choice_on() {
    let scene = scene(open_from_choice).await;
    assert_eq!(payment(&scene).await.terms.deadline, None);
    scene.gateway.advance(Span::days(400)).await;
    assert_eq!(scene.status().await, Status::Waiting, "who never chooses lets nothing expire");
    scene.choose("ethereum", "USDT").await.unwrap();
    let deadline = scene.gateway.clock.now() + Span::minutes(15);
    let view = scene.view().await;
    assert_eq!(view.record.payment.terms.deadline, Some(deadline));
    assert_eq!(view.record.quotes[0].valid_until, Some(deadline));
    scene.gateway.advance(Span::minutes(14)).await;
    scene.choose("tron", "USDT").await.unwrap();
    let view = scene.view().await;
    assert_eq!(view.record.payment.terms.deadline, Some(deadline), "another choice moves nothing");
    assert_eq!(view.record.quotes[1].valid_until, Some(deadline), "no promise outlives the deadline");
    scene.gateway.advance(Span::minutes(1)).await;
    assert_eq!(scene.status().await, Status::Waiting, "the deadline itself is in time");
    scene.gateway.advance(INSTANT).await;
    assert_eq!(scene.status().await, Status::Expired);
    let late = scene.choose("ethereum", "USDT").await;
    assert_eq!(late, Err(Failure::Refused(Refusal::PaymentClosed)));
}

#[tokio::test]
async fn a_shop_says_how_long_its_orders_are_open_whatever_opens_them() {
    let gateway = Gateway::start(Vec::new()).await;
    let shop = gateway.shop("Shop").await;
    let policy = ChangePolicy { order_validity: Some(Some(Span::hours(2))), ..ChangePolicy::default() };
    gateway.engine.change_shop(shop.id, ChangeShop { policy, ..ChangeShop::default() }).await.unwrap();
    let made = gateway.engine.create_payment(open_from_choice(&shop)).await.unwrap().payment;
    assert_eq!((made.terms.deadline, made.terms.window), (None, Some(Span::hours(2))));
    let bare = CreatePayment { window: None, ..open_from_choice(&shop) };
    let made = gateway.engine.create_payment(bare).await.unwrap().payment;
    assert_eq!((made.terms.deadline, made.terms.window), (None, None), "an order for ever stays one");
}

#[tokio::test]
async fn money_that_does_not_become_final_in_time_expires_with_all_of_it_seen() {
    let scene = scene(limited).await;
    scene.choose("ethereum", "USDT").await.unwrap();
    scene
        .simulate(SimulatePay { amount: Some("10".to_owned()), confirmations: Some(1), ..scene.pay() })
        .await;
    scene.gateway.advance(Span::minutes(5)).await;
    scene.simulate(SimulatePay { confirmations: Some(0), ..scene.pay() }).await;
    let last = scene.gateway.clock.now() + Span::hours(3);
    assert_eq!(payment(&scene).await.confirm_by, Some(last), "from the moment at which the rest was seen");
    scene.gateway.advance(Span::hours(3)).await;
    assert_eq!(scene.status().await, Status::Processing, "the last moment is in time");
    scene.gateway.advance(INSTANT).await;
    let view = scene.view().await;
    assert_eq!(view.record.payment.state.status, Status::Expired);
    assert_eq!(view.record.payment.state.balance.seen, view.record.payment.price.amount);
    assert_eq!(view.record.payment.confirm_by, None);
    assert_eq!(scene.decisions().await, [DecisionKind::Short]);
    assert_eq!(*scene.story().await.last().unwrap(), EventKind::Expired);
    // It is final: what is mined afterwards is booked, and brings nothing back.
    scene.gateway.engine.mine(method("ethereum", "USDT").network, 6).await.unwrap();
    scene.gateway.settle().await;
    let state = payment(&scene).await.state;
    assert_eq!((state.status, state.balance.confirmed), (Status::Expired, state.balance.seen));
}

#[tokio::test]
async fn money_that_becomes_final_in_time_is_paid_and_nothing_is_said_of_limits() {
    let scene = scene(limited).await;
    scene.choose("ethereum", "USDT").await.unwrap();
    scene.simulate(SimulatePay { confirmations: Some(0), ..scene.pay() }).await;
    scene.gateway.advance(Span::hours(3)).await;
    scene.gateway.engine.mine(method("ethereum", "USDT").network, 6).await.unwrap();
    scene.gateway.settle().await;
    scene.gateway.advance(Span::days(2)).await;
    assert_eq!(scene.status().await, Status::Paid);
    assert_eq!(payment(&scene).await.confirm_by, None);
}

#[tokio::test]
async fn a_chain_that_cannot_be_seen_makes_nothing_unconfirmed() {
    let scene = scene(limited).await;
    let network = method("ethereum", "USDT").network;
    scene.choose("ethereum", "USDT").await.unwrap();
    scene.simulate(SimulatePay { confirmations: Some(0), ..scene.pay() }).await;
    scene.gateway.engine.stall(network, true).await.unwrap();
    scene.gateway.advance(Span::days(2)).await;
    assert_eq!(scene.status().await, Status::Processing, "it may have become final unseen");
    scene.gateway.engine.stall(network, false).await.unwrap();
    scene.gateway.settle().await;
    assert_eq!(scene.status().await, Status::Expired);
}

#[tokio::test]
async fn where_late_money_counts_no_limit_ends_a_payment() {
    let reopens = |shop: &Shop| CreatePayment { late: LateMoney::Reopens, ..limited(shop) };
    let scene = scene(reopens).await;
    scene.choose("ethereum", "USDT").await.unwrap();
    let target = Target { shop: scene.shop.id, payment: scene.payment.id };
    scene.simulate(SimulatePay { target, confirmations: Some(0), ..scene.pay() }).await;
    scene.gateway.advance(Span::days(2)).await;
    assert_eq!((scene.status().await, payment(&scene).await.confirm_by), (Status::Processing, None));
}

#[tokio::test]
async fn a_choice_that_is_made_with_the_payment_opens_it_at_once() {
    let at_once =
        |shop: &Shop| CreatePayment { method: Some(method("ethereum", "USDT")), ..open_from_choice(shop) };
    let scene = scene(at_once).await;
    assert_eq!(scene.payment.terms.deadline, Some(scene.payment.created_at + Span::minutes(15)));
    assert_eq!(payment(&scene).await.terms.deadline, scene.payment.terms.deadline);
    let again = ChooseMethod {
        shop: scene.shop.id,
        payment: scene.payment.id,
        method: method("ethereum", "USDT"),
        version: None,
    };
    scene.gateway.engine.choose_method(again).await.unwrap();
    assert_eq!(scene.view().await.record.quotes.len(), 1, "it asks as it did");
}
