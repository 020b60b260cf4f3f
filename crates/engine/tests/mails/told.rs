//! What a buyer is told, and what not.

use domain::{
    chain::{Batch, ChainKey, Network},
    event::EventKind,
    mail::{MailKind, MailOutcome, MailStatus},
    merchant::Name,
    payment::Order,
    time::Span,
};
use engine::{
    mails::{MailView, NoLetter},
    payments::CreatePayment,
    sandbox::SimulatePay,
    shops::ChangeShop,
};
use insta::assert_snapshot;
use testkit::{creation::creation, gateway::Gateway, scene::Scene};

use crate::desk::{BUYER, URL, finish, mails, over, take, the_mail};

/// What the mail says, without what is drawn by lot.
fn words(scene: &Scene, view: &MailView) -> String {
    let letter = scene.gateway.engine.letter(view, URL).unwrap();
    let token = scene.gateway.engine.token(scene.payment.id);
    let mut text = format!("To: {}\nSubject: {}\n\n{}", letter.to.as_str(), letter.subject, letter.text);
    for (found, shown) in [(view.reference.as_str(), "[payment]"), (&token, "[token]")] {
        assert!(text.contains(found), "{text}");
        text = text.replace(found, shown);
    }
    for one in &view.receipts {
        text = text.replace(&one.receipt.transaction, "[transaction]");
        text = text.replace(one.address.as_deref().unwrap_or("?"), "[address]");
    }
    text
}

async fn short() -> Scene {
    let scene = Scene::with_buyer(BUYER).await;
    scene.choose("ethereum", "USDT").await.unwrap();
    scene.send("10").await;
    assert_eq!(mails(&scene.gateway).await, [], "the rest may still come");
    scene.gateway.advance(Span::minutes(31)).await;
    scene
}

#[tokio::test]
async fn a_payment_that_expired_short_is_told_to_its_buyer() {
    let scene = short().await;
    let mail = the_mail(&scene).await;
    assert_eq!((mail.kind, mail.status, mail.receipt), (MailKind::Short, MailStatus::Pending, None));
    let view = take(&scene).await.unwrap();
    assert_eq!(view.event.kind, EventKind::Expired);
    assert_snapshot!(words(&scene, &view));
}

#[tokio::test]
async fn a_payment_whose_money_was_too_slow_is_told_as_that() {
    let gateway = Gateway::start(Vec::new()).await;
    let shop = gateway.shop("Kiosk").await;
    let order = Order { customer_email: Some(BUYER.to_owned()), ..Order::default() };
    let command = CreatePayment { order, confirm_limit: Some(Span::hours(3)), ..creation(&shop, 2_500) };
    let payment = gateway.engine.create_payment(command).await.unwrap().payment;
    let scene = Scene { gateway, shop, payment };
    scene.choose("ethereum", "USDT").await.unwrap();
    scene.simulate(SimulatePay { confirmations: Some(0), ..scene.pay() }).await;
    scene.gateway.advance(Span::hours(4)).await;
    assert_eq!(the_mail(&scene).await.kind, MailKind::Short);
    let words = words(&scene, &take(&scene).await.unwrap());
    assert!(words.contains("Subject: [Test] Your payment to Kiosk: it was not final in time"), "{words}");
    assert!(words.contains("was seen, and was not final in time. The payment has expired."), "{words}");
    assert!(!words.contains("less"), "{words}");
}

#[tokio::test]
async fn money_beyond_the_price_is_told_to_the_buyer() {
    let scene = over().await;
    let mail = the_mail(&scene).await;
    let receipt = scene.view().await.record.receipts[0].id;
    assert_eq!((mail.kind, mail.receipt), (MailKind::Over, Some(receipt)));
    let view = take(&scene).await.unwrap();
    assert_eq!(view.event.kind, EventKind::Over);
    assert_snapshot!(words(&scene, &view));
}

#[tokio::test]
async fn money_that_came_late_is_told_to_the_buyer() {
    let scene = Scene::with_buyer(BUYER).await;
    scene.choose("ethereum", "USDT").await.unwrap();
    scene.gateway.advance(Span::minutes(31)).await;
    assert_eq!(mails(&scene.gateway).await, [], "nothing came, and nothing is to be told");
    scene
        .simulate(SimulatePay { amount: Some("25".to_owned()), confirmations: Some(1), ..scene.pay() })
        .await;
    let view = take(&scene).await.unwrap();
    assert_eq!((view.mail.kind, view.event.kind), (MailKind::Held, EventKind::Late));
    assert_snapshot!(words(&scene, &view));
}

#[tokio::test]
async fn money_in_several_assets_is_told_by_its_worth() {
    let scene = Scene::with_buyer(BUYER).await;
    scene.choose("ethereum", "USDT").await.unwrap();
    scene.send("10").await;
    scene.gateway.clock.advance(Span::seconds(1));
    scene.choose("bitcoin", "BTC").await.unwrap();
    scene.send("0.0005").await;
    let view = take(&scene).await.unwrap();
    assert_eq!(view.mail.kind, MailKind::Over);
    assert_snapshot!(words(&scene, &view));
}

#[tokio::test]
async fn what_was_sent_beyond_an_odd_quote_is_told_to_the_last_place() {
    let scene = Scene::with_buyer(BUYER).await;
    scene.choose("ethereum", "ETH").await.unwrap();
    scene.send("0.01").await;
    let words = words(&scene, &take(&scene).await.unwrap());
    assert!(words.contains("what is too much, 0.00166666 ETH on Ethereum, worth 4.99 USD"), "{words}");
}

#[tokio::test]
async fn money_for_a_payment_that_was_cancelled_is_told_to_the_buyer() {
    let scene = Scene::with_buyer(BUYER).await;
    scene.choose("ethereum", "USDT").await.unwrap();
    scene.gateway.engine.cancel_payment(scene.shop.id, scene.payment.id, None).await.unwrap();
    scene.send("25").await;
    assert_eq!(the_mail(&scene).await.kind, MailKind::Held);
}

#[tokio::test]
async fn nobody_is_told_of_money_that_fits() {
    let scene = Scene::with_buyer(BUYER).await;
    scene.choose("ethereum", "USDT").await.unwrap();
    scene.send("10").await;
    scene.simulate(scene.pay()).await;
    scene.gateway.advance(Span::minutes(31)).await;
    assert_eq!(mails(&scene.gateway).await, []);
}

#[tokio::test]
async fn a_payment_without_an_address_has_no_mail() {
    let scene = Scene::new().await;
    scene.choose("ethereum", "USDT").await.unwrap();
    scene.send("30").await;
    assert_eq!(scene.story().await.last(), Some(&EventKind::Paid));
    assert_eq!(mails(&scene.gateway).await, []);
}

#[tokio::test]
async fn each_event_has_a_mail_of_its_own() {
    let scene = over().await;
    scene.send("1").await;
    let mails = mails(&scene.gateway).await;
    assert_eq!(mails.iter().map(|mail| mail.kind).collect::<Vec<_>>(), [MailKind::Over; 2]);
    assert_ne!(mails[0].event, mails[1].event);
    // What the buyer is told last is the whole of it.
    let first = take(&scene).await.unwrap();
    finish(&scene, &first, MailOutcome::Taken).await;
    let second = words(&scene, &take(&scene).await.unwrap());
    assert!(second.contains("what is too much, 6.00 USDT on Ethereum, worth 6.00 USD"), "{second}");
}

#[tokio::test]
async fn a_held_part_and_a_short_one_are_told_apart() {
    let scene = Scene::with_buyer(BUYER).await;
    let bitcoin = Network::parse("bitcoin").unwrap();
    scene.choose("bitcoin", "BTC").await.unwrap();
    scene.choose("ethereum", "USDT").await.unwrap();
    scene.send("10").await;
    scene.gateway.engine.stall(bitcoin, true).await.unwrap();
    scene.gateway.advance(Span::minutes(31)).await;
    scene.send("15").await;
    scene.gateway.engine.stall(bitcoin, false).await.unwrap();
    scene.gateway.advance(Span::seconds(1)).await;
    let mut told = Vec::new();
    while let Some(view) = take(&scene).await {
        told.push((view.mail.kind, words(&scene, &view).contains("all of it, 15.00 USDT")));
    }
    assert_eq!(told, [(MailKind::Held, true), (MailKind::Short, false)]);
}

/// What waited to be mined on the network does so no more, until somebody looks again.
async fn vanish(scene: &Scene, network: Network) {
    let engine = &scene.gateway.engine;
    let chain = ChainKey::sandbox();
    let after = engine.cursor(network, chain.clone()).await.unwrap().position().cloned();
    let (rolled_back_to, known_until, waiting) = (None, None, Some(Vec::new()));
    let (blocks, declined) = (Vec::new(), Vec::new());
    let batch = Batch { network, chain, after, rolled_back_to, blocks, waiting, declined, known_until };
    engine.observe(batch).await.unwrap();
}

#[tokio::test]
async fn money_that_is_gone_is_told_no_more_and_again_when_it_comes_back() {
    let scene = Scene::with_buyer(BUYER).await;
    let ethereum = Network::parse("ethereum").unwrap();
    scene.choose("ethereum", "USDT").await.unwrap();
    scene
        .simulate(SimulatePay { amount: Some("30".to_owned()), confirmations: Some(0), ..scene.pay() })
        .await;
    vanish(&scene, ethereum).await;
    assert!(take(&scene).await.is_none(), "it would not be true");
    let dropped = the_mail(&scene).await;
    assert_eq!((dropped.status, dropped.next_attempt_at), (MailStatus::Dropped, None));
    let view = scene.gateway.engine.mail(dropped.id).await.unwrap();
    assert_eq!(scene.gateway.engine.letter(&view, URL), Err(NoLetter::Outdated));
    scene.gateway.settle().await;
    let back = the_mail(&scene).await;
    assert_eq!((back.id, back.status), (dropped.id, MailStatus::Pending), "its fact has one mail");
    assert_ne!(back.event, dropped.event);
    let view = take(&scene).await.unwrap();
    finish(&scene, &view, MailOutcome::Taken).await;
    // Once it was sent, the same money is no news, however often it comes.
    vanish(&scene, ethereum).await;
    scene.gateway.settle().await;
    assert_eq!(scene.story().await.iter().filter(|kind| **kind == EventKind::Over).count(), 3);
    assert_eq!(the_mail(&scene).await.status, MailStatus::Sent);
    assert!(take(&scene).await.is_none());
}

#[tokio::test]
async fn an_address_that_is_none_is_written_to_by_nobody() {
    for email in ["buyer@example.com\r\nBcc: all@example.com", "Buyer <buyer@example.com>", "buyer", ""] {
        let scene = Scene::with_buyer(email).await;
        scene.choose("ethereum", "USDT").await.unwrap();
        scene.send("30").await;
        let view = take(&scene).await.unwrap();
        assert_eq!(scene.gateway.engine.letter(&view, URL), Err(NoLetter::NoAddress), "{email:?}");
    }
}

#[tokio::test]
async fn the_words_of_others_stay_in_their_line() {
    let gateway = Gateway::start(Vec::new()).await;
    let shop = gateway.shop("Shop").await;
    let name = Some(Name::parse("Shop\u{202e}\u{2028}To: all@example.com").unwrap());
    gateway.engine.change_shop(shop.id, ChangeShop { name, ..ChangeShop::default() }).await.unwrap();
    let order = Order {
        description: Some("Coffee\r\n\r\nWhat can be refunded: 1000 BTC\r\n.\r\n\u{2029}Bcc: x".to_owned()),
        customer_email: Some(BUYER.to_owned()),
        ..Order::default()
    };
    let payment = gateway.payment_for(&shop, 2_500, order).await;
    let scene = Scene { gateway, shop, payment };
    scene.choose("ethereum", "USDT").await.unwrap();
    scene.send("30").await;
    let view = take(&scene).await.unwrap();
    let letter = scene.gateway.engine.letter(&view, URL).unwrap();
    assert_eq!(
        letter.subject,
        "[Test] Your payment to Shop To: all@example.com: more came than was asked for"
    );
    let refundable: Vec<&str> =
        letter.text.lines().filter(|line| line.starts_with("What can be refunded")).collect();
    assert_eq!(refundable, ["What can be refunded: what is too much, 5.00 USDT on Ethereum, worth 5.00 USD"]);
    let about = letter.text.lines().find(|line| line.starts_with("What it was for")).unwrap();
    assert_eq!(about, "What it was for: Coffee    What can be refunded: 1000 BTC  .   Bcc: x");
}
