//! Money arrives on simulated chains, and the payment tells the truth of it.

use domain::{
    chain::Network,
    event::EventKind,
    money::{Amount, Rate},
    payment::{DecisionKind, Status},
    receipt::Standing,
    refusal::{Failure, Refusal},
    time::Span,
};
use engine::sandbox::SimulatePay;
use testkit::scene::{Scene, method};

#[tokio::test]
async fn exactly_what_was_asked_is_paid_on_every_network() {
    for (network, asset, asked) in [
        ("bitcoin", "BTC", "0.00041667"),
        ("ethereum", "ETH", "0.00833334"),
        ("ethereum", "USDT", "25.00"),
        ("tron", "TRX", "200.00"),
        ("card", "USD", "25.00"),
    ] {
        let scene = Scene::new().await;
        scene.choose(network, asset).await.unwrap();
        assert_eq!(scene.due().await, asked, "{network} {asset}");
        scene.simulate(scene.pay()).await;
        let payment = scene.view().await.record.payment;
        assert_eq!(payment.state.status, Status::Paid, "{network} {asset}");
        assert_eq!(payment.state.balance.confirmed, Amount::from_minor(2_500), "{network} {asset}");
        let flags = payment.state.flags;
        assert!(!flags.short && !flags.over && !flags.late, "{network} {asset}");
    }
}

#[tokio::test]
async fn without_options_the_first_method_is_chosen_and_the_money_is_final() {
    let scene = Scene::new().await;
    scene.simulate(scene.pay()).await;
    assert_eq!(scene.status().await, Status::Paid);
    let story = [EventKind::Created, EventKind::MethodChosen, EventKind::Seen, EventKind::Paid];
    assert_eq!(scene.story().await, story);
    let view = scene.view().await;
    assert_eq!(view.record.quotes[0].method, method("bitcoin", "BTC"));
    assert!(view.events.iter().rev().map(|event| event.sequence).eq(1..=4), "no gap in the sequence");
}

#[tokio::test]
async fn confirmations_count_up_to_the_depth_and_no_earlier() {
    let scene = Scene::new().await;
    scene.choose("ethereum", "ETH").await.unwrap();
    let network = Network::parse("ethereum").unwrap();
    scene.simulate(SimulatePay { confirmations: Some(0), ..scene.pay() }).await;
    assert_eq!((scene.status().await, scene.view().await.receipts[0].confirmations), (Status::Processing, 0));
    for confirmations in 1..=2 {
        scene.gateway.engine.mine(network, 1).await.unwrap();
        scene.gateway.settle().await;
        let seen = scene.view().await.receipts[0].confirmations;
        assert_eq!((scene.status().await, seen), (Status::Processing, confirmations));
    }
    scene.gateway.engine.mine(network, 1).await.unwrap();
    scene.gateway.settle().await;
    assert_eq!((scene.status().await, scene.view().await.receipts[0].confirmations), (Status::Paid, 3));
}

#[tokio::test]
async fn a_shops_own_depth_is_what_its_new_payments_ask() {
    let scene = Scene::new().await;
    let policy = engine::shops::ChangePolicy { depth: Some(Some(5)), ..Default::default() };
    let change = engine::shops::ChangeShop { policy, ..Default::default() };
    scene.gateway.engine.change_shop(scene.shop.id, change).await.unwrap();
    let payment = scene.gateway.payment(&scene.shop, 1_000).await;
    let scene = Scene { payment, ..scene };
    scene.choose("ethereum", "ETH").await.unwrap();
    scene.simulate(SimulatePay { confirmations: Some(4), ..scene.pay() }).await;
    assert_eq!(scene.status().await, Status::Processing);
    scene.gateway.engine.mine(Network::parse("ethereum").unwrap(), 1).await.unwrap();
    scene.gateway.settle().await;
    assert_eq!(scene.status().await, Status::Paid);
}

#[tokio::test]
async fn a_part_leaves_the_rest_due_on_the_same_address() {
    let scene = Scene::new().await;
    scene.choose("ethereum", "USDT").await.unwrap();
    scene.send("10").await;
    let payment = scene.view().await.record.payment;
    assert_eq!((payment.state.status, payment.state.flags.short), (Status::Waiting, true));
    assert_eq!(scene.due().await, "15.00");
    scene.simulate(scene.pay()).await;
    let view = scene.view().await;
    assert_eq!(view.record.payment.state.status, Status::Paid);
    assert_eq!(view.receipts[0].address, view.receipts[1].address);
    let story = scene.story().await;
    assert_eq!(story[2..], [EventKind::PartPaid, EventKind::Seen, EventKind::Paid]);
}

#[tokio::test]
async fn more_than_was_asked_is_over_and_waits_for_a_decision() {
    let scene = Scene::new().await;
    scene.choose("ethereum", "USDT").await.unwrap();
    scene.send("30").await;
    let payment = scene.view().await.record.payment;
    assert_eq!((payment.state.status, payment.state.flags.over), (Status::Paid, true));
    assert_eq!(payment.remaining().minor(), -500);
    assert_eq!(scene.decisions().await, [DecisionKind::Over]);
}

#[tokio::test]
async fn a_second_payment_is_recorded_confirmed_and_told() {
    let scene = Scene::new().await;
    scene.choose("ethereum", "USDT").await.unwrap();
    scene.simulate(scene.pay()).await;
    scene.send("25").await;
    let view = scene.view().await;
    assert!(view.record.receipts.iter().all(|receipt| receipt.standing == Standing::Confirmed));
    assert!(view.record.payment.state.flags.over);
    assert_eq!(*scene.story().await.last().unwrap(), EventKind::Over);
    let nothing_due = scene.gateway.engine.simulate_pay(scene.pay()).await;
    assert_eq!(nothing_due, Err(Failure::Refused(Refusal::NothingDue)));
}

#[tokio::test]
async fn money_in_two_assets_adds_up() {
    let scene = Scene::new().await;
    scene.choose("ethereum", "USDT").await.unwrap();
    scene.send("10").await;
    scene.choose("bitcoin", "BTC").await.unwrap();
    assert_eq!(scene.due().await, "0.00025");
    scene.simulate(scene.pay()).await;
    let payment = scene.view().await.record.payment;
    assert_eq!((payment.state.status, payment.state.flags.over), (Status::Paid, false));
}

#[tokio::test]
async fn a_quote_settles_what_it_covered_whatever_the_market_does() {
    let scene = Scene::new().await;
    scene.choose("ethereum", "ETH").await.unwrap();
    scene.gateway.engine.simulate_rate("ETH/USD", Rate::parse("1500").unwrap()).await.unwrap();
    scene.send("0.00833334").await;
    assert_eq!(scene.status().await, Status::Paid);
    let view = scene.view().await;
    assert_eq!(view.record.quotes[0].provenance.sources[0].source, "fixed");
}

#[tokio::test]
async fn who_comes_back_to_a_method_gets_the_promise_that_still_holds() {
    let scene = Scene::new().await;
    scene.choose("ethereum", "ETH").await.unwrap();
    scene.gateway.advance(Span::minutes(5)).await;
    scene.gateway.engine.simulate_rate("ETH/USD", Rate::parse("1500").unwrap()).await.unwrap();
    scene.choose("bitcoin", "BTC").await.unwrap();
    scene.choose("ethereum", "ETH").await.unwrap();
    assert_eq!(scene.due().await, "0.00833334");
    let quotes = scene.view().await.record.quotes;
    assert_eq!(quotes[2].valid_until, quotes[0].valid_until, "no promise grows longer by coming back");
    // What was sent by the first promise counts by the second.
    scene.send("0.00833334").await;
    assert_eq!(scene.status().await, Status::Paid);
}

#[tokio::test]
async fn a_promise_that_holds_no_longer_is_not_given_again() {
    let scene = Scene::new().await;
    scene.choose("ethereum", "ETH").await.unwrap();
    scene.choose("bitcoin", "BTC").await.unwrap();
    scene.gateway.engine.simulate_rate("ETH/USD", Rate::parse("1500").unwrap()).await.unwrap();
    scene.gateway.advance(Span::minutes(15) + Span::seconds(1)).await;
    scene.choose("ethereum", "ETH").await.unwrap();
    assert_eq!(scene.due().await, "0.01666667");
}

#[tokio::test]
async fn the_same_method_keeps_its_quote_and_the_same_network_its_address() {
    let scene = Scene::new().await;
    scene.choose("ethereum", "ETH").await.unwrap();
    scene.choose("ethereum", "ETH").await.unwrap();
    assert_eq!(scene.view().await.record.quotes.len(), 1);
    scene.choose("ethereum", "USDT").await.unwrap();
    scene.choose("bitcoin", "BTC").await.unwrap();
    scene.choose("ethereum", "ETH").await.unwrap();
    let quotes = scene.view().await.record.quotes;
    assert_eq!(quotes.len(), 4);
    assert!(
        quotes
            .iter()
            .filter(|quote| quote.method.network.as_str() == "ethereum")
            .all(|quote| quote.script == quotes[0].script)
    );
}

#[tokio::test]
async fn a_payment_asks_for_money_so_often_and_no_more() {
    let scene = Scene::new().await;
    for number in 0..engine::checkout::MAX_CHOICES {
        let asset = if number % 2 == 0 { "ETH" } else { "USDT" };
        scene.choose("ethereum", asset).await.unwrap();
    }
    let before = scene.view().await.record;
    assert_eq!(scene.choose("ethereum", "ETH").await, Err(Refusal::TooMany.into()));
    assert_eq!(scene.view().await.record, before);
    // What was asked for last goes on holding, and is taken.
    scene.choose("ethereum", "USDT").await.unwrap();
    scene.send("25").await;
    assert_eq!(scene.status().await, Status::Paid);
}

#[tokio::test]
async fn a_tolerance_larger_than_the_price_settles_nothing_before_money_comes() {
    let scene = Scene::new().await;
    // Meant for orders of hundreds of dollars: five dollars may be missing.
    let tolerance_absolute = Some(Amount::from_minor(500));
    let policy = engine::shops::ChangePolicy { tolerance_absolute, ..Default::default() };
    let change = engine::shops::ChangeShop { policy, ..Default::default() };
    scene.gateway.engine.change_shop(scene.shop.id, change).await.unwrap();
    let payment = scene.gateway.payment(&scene.shop, 300).await;
    let scene = Scene { payment, ..scene };
    scene.choose("ethereum", "USDT").await.unwrap();
    assert_eq!(scene.status().await, Status::Waiting);
    assert_eq!(scene.story().await, [EventKind::Created, EventKind::MethodChosen]);
    scene.simulate(scene.pay()).await;
    assert_eq!(scene.status().await, Status::Paid);
}
