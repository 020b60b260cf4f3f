//! A payment through its states, as reads, lists and the checkout tell them.

use dialects::alpha::Settings;
use domain::{chain::Network, payment::Status, terms::LateMoney, time::Span};
use engine::{
    mails::ListMails,
    sandbox::{SimulatePay, Target},
};
use serde_json::Value;
use testkit::scene::method;

use crate::{
    exchange::{Answer, Ask, example_with},
    rig::{Plan, Rig},
};

/// What the API says of a payment, wherever it is asked, in one line.
async fn seen(rig: &Rig, made: &Answer) -> String {
    let read = rig.get(&format!("/v1/payments/{}", made.text_of("id"))).await.data();
    let status = read["status"].as_str().unwrap().to_owned();
    let list = rig.get(&format!("/v1/payments?status={status}")).await.data();
    assert_eq!(list[0], read);
    let url = made.text_of("checkout_url");
    let token = url.rsplit('/').next().unwrap();
    let checkout = rig.send(Ask::get(format!("/v1/checkout/{token}"))).await.data();
    assert_eq!(checkout["status"], read["status"]);
    assert_eq!(read["created_at"], "2026-06-16T12:00:00Z");
    assert_eq!(read["expires_at"], "2026-06-16T12:30:00Z");
    assert_eq!(read["amount_refunded"], "0.00");
    let text = |field: &str| read[field].as_str().unwrap_or("-").to_owned();
    format!(
        "{status} completed:{} failure:{} updated:{}",
        text("completed_at"),
        text("failure_code"),
        text("updated_at")
    )
}

async fn pay(rig: &Rig, made: &Answer, network: &str, asset: &str, confirmations: u32) {
    let target = Target { shop: rig.shop.id, payment: rig.payment_of(made).await };
    let method = Some(method(network, asset));
    let command = SimulatePay { target, method, amount: None, confirmations: Some(confirmations) };
    rig.gateway.engine.simulate_pay(command).await.unwrap();
    rig.gateway.settle().await;
}

#[tokio::test]
async fn money_that_comes_completes_a_payment_and_money_that_goes_takes_it_back() {
    let rig = Rig::new().await;
    let made = rig.create("a").await;
    assert_eq!(seen(&rig, &made).await, "pending completed:- failure:- updated:2026-06-16T12:00:00Z");
    rig.gateway.advance(Span::minutes(1)).await;
    pay(&rig, &made, "ethereum", "ETH", 1).await;
    assert_eq!(seen(&rig, &made).await, "processing completed:- failure:- updated:2026-06-16T12:01:00Z");
    rig.gateway.advance(Span::minutes(1)).await;
    let ethereum = Network::parse("ethereum").unwrap();
    rig.gateway.engine.mine(ethereum, 2).await.unwrap();
    rig.gateway.settle().await;
    let completed = "completed completed:2026-06-16T12:02:00Z failure:- updated:2026-06-16T12:02:00Z";
    assert_eq!(seen(&rig, &made).await, completed);
    rig.gateway.advance(Span::minutes(1)).await;
    rig.gateway.engine.reorganise(ethereum, 3, true).await.unwrap();
    rig.gateway.settle().await;
    assert_eq!(seen(&rig, &made).await, "pending completed:- failure:- updated:2026-06-16T12:03:00Z");
}

#[tokio::test]
async fn a_payment_that_nobody_pays_expires() {
    let rig = Rig::new().await;
    let made = rig.create("a").await;
    rig.gateway.advance(Span::minutes(30)).await;
    assert!(seen(&rig, &made).await.starts_with("pending "));
    rig.gateway.advance(Span::seconds(1)).await;
    assert_eq!(seen(&rig, &made).await, "expired completed:- failure:- updated:2026-06-16T12:30:01Z");
}

#[tokio::test]
async fn late_money_changes_nothing_that_is_told() {
    let rig = Rig::new().await;
    let made = rig.create("a").await;
    let id = rig.payment_of(&made).await;
    let command = engine::checkout::ChooseMethod {
        shop: rig.shop.id,
        payment: id,
        method: method("bitcoin", "BTC"),
        version: None,
    };
    rig.gateway.engine.choose_method(command).await.unwrap();
    rig.gateway.advance(Span::minutes(31)).await;
    let expired = seen(&rig, &made).await;
    let target = Target { shop: rig.shop.id, payment: id };
    let late = SimulatePay { target, method: None, amount: Some("0.001".to_owned()), confirmations: None };
    rig.gateway.engine.simulate_pay(late).await.unwrap();
    rig.gateway.settle().await;
    assert!(rig.gateway.read(id).await.state.flags.late);
    assert_eq!(seen(&rig, &made).await, expired);
}

#[tokio::test]
async fn a_payment_that_is_given_up_is_cancelled() {
    let rig = Rig::new().await;
    let made = rig.create("a").await;
    let id = rig.payment_of(&made).await;
    rig.gateway.engine.cancel_payment(rig.shop.id, id, None).await.unwrap();
    assert_eq!(seen(&rig, &made).await, "cancelled completed:- failure:- updated:2026-06-16T12:00:00Z");
}

#[tokio::test]
async fn a_card_that_is_declined_fails_a_payment() {
    let rig = Rig::new().await;
    let made = rig.create("a").await;
    let id = rig.payment_of(&made).await;
    let command = engine::checkout::ChooseMethod {
        shop: rig.shop.id,
        payment: id,
        method: method("card", "USD"),
        version: None,
    };
    rig.gateway.engine.choose_method(command).await.unwrap();
    rig.gateway.engine.decline(rig.shop.id, id).await.unwrap();
    rig.gateway.settle().await;
    assert_eq!(rig.gateway.read(id).await.state.status, Status::Failed);
    assert_eq!(seen(&rig, &made).await, "failed completed:- failure:declined updated:2026-06-16T12:00:00Z");
}

#[tokio::test]
async fn a_payment_is_made_in_the_terms_that_the_operator_set() {
    let settings = Settings {
        order_validity: Span::minutes(41),
        quote_validity: Span::minutes(7),
        seen_limit: Span::minutes(23),
        ..Settings::default()
    };
    let rig = Rig::with(Plan { settings, ..Plan::default() }).await;
    let made = rig.create("a").await;
    assert_eq!(made.text_of("expires_at"), "2026-06-16T12:41:00Z");
    let payment = rig.gateway.read(rig.payment_of(&made).await).await;
    let terms = payment.terms;
    assert_eq!(terms.deadline, Some(payment.created_at + Span::minutes(41)));
    assert_eq!((terms.quote_validity, terms.seen_limit), (Span::minutes(7), Span::minutes(23)));
    assert_eq!(terms.late, LateMoney::Held);
}

#[tokio::test]
async fn a_shop_s_own_validity_goes_before_the_dialect_s() {
    let rig = Rig::new().await;
    let order_validity = Some(Some(Span::hours(2)));
    let policy = engine::shops::ChangePolicy { order_validity, ..Default::default() };
    let change = engine::shops::ChangeShop { policy, ..Default::default() };
    rig.gateway.engine.change_shop(rig.shop.id, change).await.unwrap();
    assert_eq!(rig.create("a").await.text_of("expires_at"), "2026-06-16T14:00:00Z");
}

#[tokio::test]
async fn ids_of_another_form_name_nothing() {
    let rig = Rig::new().await;
    let made = rig.create("a").await;
    let id = made.text_of("id");
    let uuid = rig.payment_of(&made).await.uuid().to_string();
    for name in [
        "x".to_owned(),
        id.replace("pay_", ""),
        id.replace("pay_", "PAY_"),
        format!("{id}0"),
        uuid,
        "%00".to_owned(),
        "%ff".to_owned(),
        "..%2f..%2fetc".to_owned(),
        "é".to_owned(),
    ] {
        let path = format!("/v1/payments/{}", name.replace('é', "%C3%A9"));
        assert_eq!(rig.get(&path).await.told(), "404 payment_not_found", "{name}");
    }
    assert_eq!(rig.get(&format!("/v1/payments/{id}")).await.data()["metadata"], Value::Null);
}

#[tokio::test]
async fn no_buyer_is_written_to() {
    let rig = Rig::new().await;
    let made = rig.create_with("a", &example_with("customer_email", "buyer@example.com")).await;
    let target = Target { shop: rig.shop.id, payment: rig.payment_of(&made).await };
    let (method, amount) = (Some(method("ethereum", "USDT")), Some("30".to_owned()));
    let command = SimulatePay { target, method, amount, confirmations: None };
    rig.gateway.engine.simulate_pay(command).await.unwrap();
    rig.gateway.settle().await;
    let view = rig.gateway.engine.payment_view(target.shop, target.payment).await.unwrap();
    assert_eq!(view.decisions.len(), 1, "somebody has to decide about it");
    let query = ListMails { limit: 1, ..ListMails::default() };
    assert_eq!(rig.gateway.engine.list_mails(query).await.unwrap(), []);
}
