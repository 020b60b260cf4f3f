//! How payments end, and what money does to them then.

use domain::{
    chain::Network,
    event::EventKind,
    money::Amount,
    payment::{DecisionKind, Status},
    receipt::Standing,
    refusal::{Failure, Refusal},
    time::Span,
};
use engine::sandbox::SimulatePay;
use testkit::scene::Scene;

#[tokio::test]
async fn nothing_came_and_the_deadline_passes() {
    let scene = Scene::new().await;
    scene.choose("ethereum", "ETH").await.unwrap();
    scene.gateway.advance(Span::minutes(30)).await;
    assert_eq!(scene.status().await, Status::Waiting, "the deadline itself is in time");
    scene.gateway.advance(Span::seconds(1)).await;
    assert_eq!(scene.status().await, Status::Expired);
    assert_eq!(*scene.story().await.last().unwrap(), EventKind::Expired);
    assert_eq!(scene.choose("ethereum", "ETH").await, Err(Failure::Refused(Refusal::PaymentClosed)));
}

#[tokio::test]
async fn a_short_payment_expires_short_and_waits_for_a_decision() {
    let scene = Scene::new().await;
    scene.choose("ethereum", "USDT").await.unwrap();
    scene.send("10").await;
    scene.gateway.advance(Span::minutes(31)).await;
    let payment = scene.view().await.record.payment;
    assert_eq!((payment.state.status, payment.state.flags.short), (Status::Expired, true));
    assert_eq!(scene.decisions().await, [DecisionKind::Short]);
}

#[tokio::test]
async fn late_money_is_recorded_told_and_held() {
    let scene = Scene::new().await;
    scene.choose("ethereum", "USDT").await.unwrap();
    scene.gateway.advance(Span::minutes(31)).await;
    scene.send("25").await;
    let view = scene.view().await;
    assert_eq!(view.record.payment.state.status, Status::Expired);
    assert!(view.record.payment.state.flags.late);
    assert_eq!(view.record.receipts[0].standing, Standing::Confirmed, "held money has a life of its own");
    assert_eq!(*scene.story().await.last().unwrap(), EventKind::Late);
    assert_eq!(scene.decisions().await, [DecisionKind::Held]);
}

#[tokio::test]
async fn money_seen_in_time_and_final_later_is_in_time() {
    let scene = Scene::new().await;
    scene.choose("ethereum", "USDT").await.unwrap();
    scene.simulate(SimulatePay { confirmations: Some(0), ..scene.pay() }).await;
    scene.gateway.advance(Span::hours(2)).await;
    assert_eq!(scene.status().await, Status::Processing, "money that was seen does not expire");
    scene.gateway.engine.mine(Network::parse("ethereum").unwrap(), 3).await.unwrap();
    scene.gateway.settle().await;
    let payment = scene.view().await.record.payment;
    assert_eq!((payment.state.status, payment.state.flags.late), (Status::Paid, false));
}

#[tokio::test]
async fn a_network_that_cannot_be_seen_delays_expiry_and_offers_nothing() {
    let scene = Scene::new().await;
    let ethereum = Network::parse("ethereum").unwrap();
    scene.choose("ethereum", "USDT").await.unwrap();
    scene.gateway.engine.stall(ethereum, true).await.unwrap();
    let pay = SimulatePay { amount: Some("25".to_owned()), ..scene.pay() };
    scene.simulate(pay).await;
    scene.gateway.advance(Span::minutes(40)).await;
    assert_eq!(scene.status().await, Status::Waiting);
    let token = scene.gateway.engine.token(scene.payment.id);
    let view = scene.gateway.engine.checkout(&token).await.unwrap();
    assert!(view.instruction.unwrap().trouble.unwrap().contains("Ethereum"));
    let other = scene.gateway.payment(&scene.shop, 100).await;
    let view = scene.gateway.engine.checkout(&scene.gateway.engine.token(other.id)).await.unwrap();
    assert!(view.offers.iter().all(|offer| offer.amount.is_err() == (offer.method.network == ethereum)));
    // The node comes back, and what was paid while nobody could look is there, in time.
    scene.gateway.engine.stall(ethereum, false).await.unwrap();
    scene.gateway.settle().await;
    let payment = scene.view().await.record.payment;
    assert_eq!((payment.state.status, payment.state.flags.late), (Status::Paid, false));
}

#[tokio::test]
async fn a_reorganisation_takes_paid_back_and_mining_gives_it_again() {
    let scene = Scene::new().await;
    let ethereum = Network::parse("ethereum").unwrap();
    scene.choose("ethereum", "USDT").await.unwrap();
    scene.simulate(scene.pay()).await;
    assert_eq!(scene.status().await, Status::Paid);
    scene.gateway.engine.reorganise(ethereum, 3, false).await.unwrap();
    scene.gateway.settle().await;
    assert_eq!(scene.status().await, Status::Processing, "its transaction waits to be mined again");
    scene.gateway.engine.mine(ethereum, 3).await.unwrap();
    scene.gateway.settle().await;
    let view = scene.view().await;
    assert_eq!(view.record.payment.state.status, Status::Paid);
    assert_eq!(view.record.receipts.len(), 1, "it is the same money");
    assert_eq!(view.receipts[0].inclusions.len(), 2);
    assert_eq!(view.receipts[0].inclusions.iter().filter(|(_, orphaned)| orphaned.is_some()).count(), 1);
    let story = scene.story().await;
    let after_paid = [EventKind::Paid, EventKind::Orphaned, EventKind::Seen, EventKind::Paid];
    assert_eq!(story[story.len() - 4..], after_paid);
}

#[tokio::test]
async fn money_that_was_spent_elsewhere_is_gone() {
    let scene = Scene::new().await;
    let ethereum = Network::parse("ethereum").unwrap();
    scene.choose("ethereum", "USDT").await.unwrap();
    scene.simulate(SimulatePay { confirmations: Some(1), ..scene.pay() }).await;
    scene.gateway.engine.reorganise(ethereum, 1, true).await.unwrap();
    scene.gateway.settle().await;
    let view = scene.view().await;
    assert_eq!(view.record.payment.state.status, Status::Waiting);
    assert_eq!(view.record.receipts[0].standing, Standing::Gone);
    assert_eq!(scene.due().await, "25.00");
    scene.simulate(scene.pay()).await;
    assert_eq!(scene.status().await, Status::Paid);
}

#[tokio::test]
async fn cancelled_is_cancelled_and_money_after_it_is_held() {
    let scene = Scene::new().await;
    scene.choose("ethereum", "USDT").await.unwrap();
    let stale = scene.gateway.engine.cancel_payment(scene.shop.id, scene.payment.id, Some(1)).await;
    assert_eq!(stale.unwrap_err(), Failure::Refused(Refusal::VersionStale));
    scene.gateway.engine.cancel_payment(scene.shop.id, scene.payment.id, None).await.unwrap();
    scene.send("25").await;
    let payment = scene.view().await.record.payment;
    assert_eq!(payment.state.status, Status::Cancelled);
    assert_eq!(payment.state.balance.confirmed, Amount::from_minor(2_500));
    assert_eq!(scene.decisions().await, [DecisionKind::Held]);
}

#[tokio::test]
async fn money_forbids_cancelling() {
    let scene = Scene::new().await;
    scene.choose("ethereum", "USDT").await.unwrap();
    scene.send("1").await;
    let refused = scene.gateway.engine.cancel_payment(scene.shop.id, scene.payment.id, None).await;
    assert_eq!(refused.unwrap_err(), Failure::Refused(Refusal::MoneySeen));
}

#[tokio::test]
async fn a_declined_card_fails_the_payment() {
    for chosen in [true, false] {
        let scene = Scene::new().await;
        if chosen {
            scene.choose("card", "USD").await.unwrap();
        }
        scene.gateway.engine.decline(scene.shop.id, scene.payment.id).await.unwrap();
        scene.gateway.settle().await;
        assert_eq!(scene.status().await, Status::Failed, "where no card was asked for, it is chosen");
    }
}

#[tokio::test]
async fn a_payment_that_asks_for_no_money_any_more_declines_no_card() {
    let scene = Scene::new().await;
    scene.gateway.engine.cancel_payment(scene.shop.id, scene.payment.id, None).await.unwrap();
    let refused = scene.gateway.engine.decline(scene.shop.id, scene.payment.id).await;
    assert_eq!(refused, Err(Failure::Refused(Refusal::PaymentClosed)));
}

#[tokio::test]
async fn money_on_an_address_of_long_ago_is_seen() {
    let scene = Scene::new().await;
    scene.choose("ethereum", "USDT").await.unwrap();
    scene.gateway.advance(Span::days(730)).await;
    assert_eq!(scene.status().await, Status::Expired);
    let scene = Scene { gateway: scene.gateway.restart(Vec::new()).await, ..scene };
    scene.send("25").await;
    assert_eq!(*scene.story().await.last().unwrap(), EventKind::Late);
    assert_eq!(scene.decisions().await, [DecisionKind::Held]);
}

#[tokio::test]
async fn what_came_in_time_and_was_not_seen_before_the_node_fell_silent_is_in_time() {
    let scene = Scene::new().await;
    let ethereum = Network::parse("ethereum").unwrap();
    scene.choose("ethereum", "USDT").await.unwrap();
    scene.gateway.settle().await;
    // Nobody looks between the money and the silence: the follower was busy, or down.
    scene.gateway.engine.simulate_pay(scene.pay()).await.unwrap();
    scene.gateway.clock.advance(Span::minutes(31));
    scene.gateway.engine.stall(ethereum, true).await.unwrap();
    scene.gateway.advance(Span::minutes(1)).await;
    assert_eq!(scene.status().await, Status::Waiting, "what is not seen cannot be absent");
    scene.gateway.engine.stall(ethereum, false).await.unwrap();
    scene.gateway.settle().await;
    let payment = scene.view().await.record.payment;
    assert_eq!((payment.state.status, payment.state.flags.late), (Status::Paid, false));
}

#[tokio::test]
async fn money_that_never_comes_back_holds_expiry_up_for_its_limit_and_no_longer() {
    let scene = Scene::new().await;
    let ethereum = Network::parse("ethereum").unwrap();
    scene.choose("ethereum", "USDT").await.unwrap();
    scene.simulate(SimulatePay { confirmations: Some(1), ..scene.pay() }).await;
    scene.gateway.engine.reorganise(ethereum, 1, true).await.unwrap();
    scene.gateway.settle().await;
    // Past the deadline; the money may yet be mined again for an hour after it was first seen.
    scene.gateway.advance(Span::minutes(31)).await;
    assert_eq!(scene.status().await, Status::Waiting);
    scene.gateway.advance(Span::minutes(29)).await;
    assert_eq!(scene.status().await, Status::Waiting, "the last moment of the limit is within it");
    scene.gateway.advance(Span::seconds(1)).await;
    assert_eq!(scene.status().await, Status::Expired);
}

#[tokio::test]
async fn a_part_in_time_waits_for_a_decision_where_the_late_rest_is_held() {
    let scene = Scene::new().await;
    let bitcoin = Network::parse("bitcoin").unwrap();
    scene.choose("bitcoin", "BTC").await.unwrap();
    scene.choose("ethereum", "USDT").await.unwrap();
    scene.send("10").await;
    // Bitcoin cannot be seen, so the payment does not expire; the rest comes late meanwhile.
    scene.gateway.engine.stall(bitcoin, true).await.unwrap();
    scene.gateway.advance(Span::minutes(31)).await;
    scene.send("15").await;
    assert_eq!((scene.status().await, scene.decisions().await), (Status::Waiting, vec![DecisionKind::Held]));
    scene.gateway.engine.stall(bitcoin, false).await.unwrap();
    scene.gateway.advance(Span::seconds(1)).await;
    assert_eq!(scene.status().await, Status::Expired);
    assert_eq!(scene.decisions().await, [DecisionKind::Held, DecisionKind::Short]);
}
