//! An invoice through its states: what each fact is called, wherever it is told. One test for each cell of the table.

use domain::{
    money::Rate,
    refusal::{Failure, Refusal},
    time::Span,
};
use serde_json::{Value, json};

use crate::{
    exchange::{example, fixed, timed},
    rig::{Rig, Told},
};

/// What is said of an invoice: its state, what is left to pay, how many transactions, and why it failed.
async fn said(rig: &Rig, foreign_id: &str) -> String {
    let info = rig.info(foreign_id).await;
    assert_eq!(info["foreign_id"], foreign_id);
    line(&info)
}

fn line(body: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let transactions = body["transactions"].as_array().unwrap().len();
    let rest = text(&body["currency_sent"]["remaining_amount"]);
    format!("{} {rest} {transactions} {}", text(&body["status"]), text(&body["error"])).trim_end().to_owned()
}

/// What was told, in order.
async fn told(rig: &Rig) -> Vec<String> {
    rig.told().await.iter().map(|told| line(&told.json())).collect()
}

/// A rig that hears, with an invoice in bitcoin: 0.00222396 are due.
async fn selling() -> Rig {
    let rig = Rig::new().await;
    rig.endpoint().await;
    rig.create(&fixed("a", "BTC")).await;
    rig
}

const DUE: &str = "0.00222396";

#[tokio::test]
async fn waiting_without_a_timer_is_created() {
    let rig = Rig::new().await;
    rig.endpoint().await;
    let made = rig.create(&example("a")).await;
    assert_eq!(made.text_of("status"), "created");
    let info = rig.info("a").await;
    assert_eq!(
        (line(&info).as_str(), &info["fixed_at"], &info["expires_at"]),
        ("created - 0", &Value::Null, &Value::Null)
    );
    assert!(info.get("crypto_address").is_none() && info.get("currency_sent").is_none(), "{info}");
    // It waits for ever, and nobody is told.
    rig.gateway.advance(Span::days(365)).await;
    assert_eq!(said(&rig, "a").await, "created - 0");
    assert_eq!(told(&rig).await, [""; 0]);
}

#[tokio::test]
async fn waiting_with_a_timer_is_pending() {
    let rig = Rig::new().await;
    rig.endpoint().await;
    let made = rig.create(&timed("a")).await;
    assert_eq!(made.text_of("status"), "pending");
    let info = rig.info("a").await;
    assert_eq!(line(&info), "pending - 0");
    assert_eq!((&info["fixed_at"], &info["expires_at"]), (&json!(1_781_611_200), &json!(1_781_612_100)));
    // A choice changes no state.
    rig.choose("a", "bitcoin", "BTC").await;
    assert_eq!(said(&rig, "a").await, format!("pending {DUE} 0"));
    assert_eq!(told(&rig).await, [""; 0]);
}

#[tokio::test]
async fn the_first_choice_makes_created_pending_and_later_ones_change_nothing() {
    let rig = Rig::new().await;
    rig.endpoint().await;
    rig.create(&example("a")).await;
    rig.gateway.advance(Span::hours(3)).await;
    rig.choose("a", "bitcoin", "BTC").await;
    assert_eq!(told(&rig).await, [format!("pending {DUE} 0")]);
    let info = rig.info("a").await;
    let (fixed, ends) = (info["fixed_at"].as_i64().unwrap(), info["expires_at"].as_i64().unwrap());
    assert_eq!((fixed, ends - fixed), (1_781_611_200 + 3 * 3_600, 900));
    rig.gateway.advance(Span::minutes(10)).await;
    rig.choose("a", "ethereum", "ETH").await;
    assert_eq!(told(&rig).await, [""; 0]);
    let later = rig.info("a").await;
    assert_eq!((&later["fixed_at"], &later["expires_at"]), (&info["fixed_at"], &info["expires_at"]));
    assert_eq!(later["currency_sent"]["currency"], "ETH");
    rig.gateway.advance(Span::minutes(5) + Span::seconds(1)).await;
    assert_eq!(told(&rig).await, ["failed 0.04447917 0 Timer expired. User not paid."]);
}

#[tokio::test]
async fn waiting_with_a_part_in_time_is_pending_with_the_rest() {
    let rig = selling().await;
    rig.pay("a", Some("0.001"), Some(0)).await;
    assert_eq!(said(&rig, "a").await, "pending 0.00122396 1");
    rig.pay("a", Some("0.001"), Some(1)).await;
    assert_eq!(said(&rig, "a").await, "pending 0.00022396 2");
    assert_eq!(told(&rig).await, ["pending 0.00122396 1", "pending 0.00022396 2"]);
    // A part that becomes final changes nothing.
    rig.mine("bitcoin", 5).await;
    assert_eq!(told(&rig).await, [""; 0]);
    rig.pay("a", None, None).await;
    assert_eq!(told(&rig).await, ["confirmed 0.00000000 3"]);
}

#[tokio::test]
async fn processing_is_processing() {
    let rig = selling().await;
    rig.pay("a", None, Some(0)).await;
    assert_eq!(said(&rig, "a").await, "processing 0.00000000 1");
    assert_eq!(told(&rig).await, ["processing 0.00000000 1"]);
}

#[tokio::test]
async fn paid_is_confirmed() {
    let rig = selling().await;
    rig.pay("a", None, Some(0)).await;
    rig.mine("bitcoin", 2).await;
    assert_eq!(said(&rig, "a").await, "confirmed 0.00000000 1");
    assert_eq!(told(&rig).await, ["processing 0.00000000 1", "confirmed 0.00000000 1"]);
}

#[tokio::test]
async fn what_is_overtaken_in_its_moment_is_not_told() {
    let rig = selling().await;
    // Seen and final at once: some shops would take the one that arrives last for the truth.
    rig.pay("a", None, None).await;
    assert_eq!(told(&rig).await, ["confirmed 0.00000000 1"]);
}

#[tokio::test]
async fn paid_over_is_confirmed() {
    let rig = selling().await;
    rig.pay("a", Some("0.003"), None).await;
    assert_eq!(told(&rig).await, ["confirmed 0.00000000 1"]);
    rig.pay("a", Some("0.001"), None).await;
    assert_eq!(told(&rig).await, [""; 0]);
    let info = rig.info("a").await;
    assert_eq!(line(&info), "confirmed 0.00000000 2");
    let amounts: Vec<&str> =
        info["transactions"].as_array().unwrap().iter().map(|one| one["amount"].as_str().unwrap()).collect();
    assert_eq!(amounts, ["0.00300000", "0.00100000"]);
}

#[tokio::test]
async fn expired_with_nothing_is_failed() {
    let rig = selling().await;
    rig.gateway.advance(Span::minutes(15)).await;
    assert_eq!(said(&rig, "a").await, format!("pending {DUE} 0"));
    rig.gateway.advance(Span::seconds(1)).await;
    let failed = format!("failed {DUE} 0 Timer expired. User not paid.");
    assert_eq!(said(&rig, "a").await, failed);
    assert_eq!(told(&rig).await, [failed]);
}

#[tokio::test]
async fn expired_without_a_choice_names_no_coin() {
    let rig = Rig::new().await;
    rig.endpoint().await;
    rig.create(&timed("a")).await;
    rig.gateway.advance(Span::minutes(16)).await;
    let told = rig.told().await;
    let body = told[0].json();
    assert_eq!(line(&body), "failed - 0 Timer expired. User not paid.");
    assert!(body.get("crypto_address").is_none() && body.get("currency_sent").is_none(), "{body}");
    assert_eq!(body["currency_received"], json!({"currency": "EUR", "amount": "106.75000000"}));
}

#[tokio::test]
async fn expired_short_is_failed() {
    let rig = selling().await;
    rig.pay("a", Some("0.002"), None).await;
    rig.gateway.advance(Span::minutes(16)).await;
    let failed = "failed 0.00022396 1 Timer expired. User paid less than requested.";
    assert_eq!(said(&rig, "a").await, failed);
    assert_eq!(told(&rig).await, ["pending 0.00022396 1", failed]);
}

#[tokio::test]
async fn money_that_is_never_final_is_failed_a_day_later() {
    let rig = selling().await;
    rig.gateway.advance(Span::minutes(5)).await;
    rig.pay("a", None, Some(0)).await;
    let info = rig.info("a").await;
    // Of bitcoin the deadline moves, to a day after all was seen.
    assert_eq!(info["expires_at"], 1_781_611_200 + 300 + 86_400);
    rig.gateway.advance(Span::hours(23)).await;
    assert_eq!(said(&rig, "a").await, "processing 0.00000000 1");
    rig.gateway.advance(Span::hours(1) + Span::seconds(1)).await;
    let failed = "failed 0.00000000 1 Timer expired. Transactions were in status processing too long.";
    assert_eq!(said(&rig, "a").await, failed);
    assert_eq!(told(&rig).await, ["processing 0.00000000 1", failed]);
    // Final is final.
    rig.mine("bitcoin", 3).await;
    assert_eq!(said(&rig, "a").await, failed);
    assert_eq!(told(&rig).await, [""; 0]);
}

#[tokio::test]
async fn of_other_coins_the_deadline_does_not_move_and_the_day_is_the_same() {
    let rig = Rig::new().await;
    rig.create(&fixed("a", "ETH")).await;
    rig.pay("a", None, Some(0)).await;
    assert_eq!(rig.info("a").await["expires_at"], 1_781_612_100);
    rig.gateway.advance(Span::hours(23)).await;
    assert_eq!(said(&rig, "a").await, "processing 0.00000000 1");
    rig.mine("ethereum", 3).await;
    assert_eq!(said(&rig, "a").await, "confirmed 0.00000000 1");
    assert_eq!(rig.info("a").await["expires_at"], 1_781_612_100);
}

#[tokio::test]
async fn cancelled_is_failed() {
    let rig = selling().await;
    let id = rig.payment("a").await.id;
    rig.gateway.engine.cancel_payment(rig.shop.id, id, None).await.unwrap();
    let failed = format!("failed {DUE} 0 Invoice cancelled.");
    assert_eq!(said(&rig, "a").await, failed);
    assert_eq!(told(&rig).await, [failed]);
}

#[tokio::test]
async fn an_invoice_that_never_began_is_cancelled_without_a_word() {
    let rig = Rig::new().await;
    rig.endpoint().await;
    for foreign_id in ["never", "begun"] {
        rig.create(&example(foreign_id)).await;
    }
    rig.choose("begun", "bitcoin", "BTC").await;
    for foreign_id in ["never", "begun"] {
        let id = rig.payment(foreign_id).await.id;
        rig.gateway.engine.cancel_payment(rig.shop.id, id, None).await.unwrap();
    }
    // One that has no times would be told with nulls, which clients do not read.
    let told: Vec<Value> = rig.told().await.iter().map(Told::json).collect();
    assert!(told.iter().all(|told| told["foreign_id"] == "begun" && told["fixed_at"].is_i64()), "{told:?}");
    assert_eq!(told.last().unwrap()["error"], "Invoice cancelled.");
}

/// A coin that the merchant names is the one that is paid with; without one, any coin is, and no card.
#[tokio::test]
async fn a_coin_that_was_named_is_the_only_one() {
    let rig = Rig::new().await;
    let mut waiting = example("waiting");
    waiting["sender_currency"] = "BTC".into();
    rig.create(&waiting).await;
    rig.create(&fixed("running", "BTC")).await;
    rig.create(&timed("any")).await;
    let offers = async |foreign_id: &str| {
        let token = rig.gateway.engine.token(rig.payment(foreign_id).await.id);
        let view = rig.gateway.engine.checkout(&token).await.unwrap();
        let methods =
            view.offers.iter().map(|offer| format!("{}/{}", offer.method.network, offer.method.asset));
        methods.collect::<Vec<_>>()
    };
    for foreign_id in ["waiting", "running"] {
        assert_eq!(offers(foreign_id).await, ["bitcoin/BTC"]);
        let refused = rig.try_to_choose(foreign_id, "ethereum", "ETH").await;
        assert_eq!(refused, Err(Failure::Refused(Refusal::MethodUnknown)));
        rig.pay(foreign_id, None, None).await;
        assert!(said(&rig, foreign_id).await.starts_with("confirmed"));
    }
    let any = offers("any").await;
    assert!(any.len() > 3 && any.iter().all(|method| !method.starts_with("card")), "{any:?}");
    assert!(rig.try_to_choose("any", "card", "USD").await.is_err());
}

#[tokio::test]
async fn late_money_is_held_and_changes_nothing_that_was_said() {
    let rig = selling().await;
    rig.gateway.advance(Span::minutes(16)).await;
    assert_eq!(told(&rig).await.len(), 1);
    rig.pay("a", Some(DUE), None).await;
    assert!(rig.payment("a").await.state.flags.late);
    assert_eq!(told(&rig).await, [""; 0]);
    let info = rig.info("a").await;
    assert_eq!(
        (&info["status"], &info["error"]),
        (&json!("failed"), &json!("Timer expired. User not paid."))
    );
    assert_eq!(info["transactions"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn confirmed_stays_when_its_money_leaves_the_chain() {
    let rig = selling().await;
    rig.pay("a", None, None).await;
    assert_eq!(told(&rig).await, ["confirmed 0.00000000 1"]);
    rig.orphan("bitcoin", 2).await;
    assert_eq!(told(&rig).await, [""; 0]);
    assert_eq!(said(&rig, "a").await, "confirmed 0.00000000 0");
    // Neither does its deadline take it back, nor is it confirmed twice.
    rig.gateway.advance(Span::hours(2)).await;
    assert_eq!(said(&rig, "a").await, "confirmed 0.00000000 0");
    assert_eq!(told(&rig).await, [""; 0]);
}

#[tokio::test]
async fn money_that_comes_back_is_not_told_twice() {
    let rig = selling().await;
    rig.pay("a", None, Some(1)).await;
    assert_eq!(told(&rig).await, ["processing 0.00000000 1"]);
    rig.orphan("bitcoin", 1).await;
    assert_eq!(said(&rig, "a").await, format!("pending {DUE} 0"));
    assert_eq!(told(&rig).await, [""; 0]);
    rig.pay("a", None, Some(1)).await;
    assert_eq!(told(&rig).await, [""; 0]);
    rig.mine("bitcoin", 1).await;
    assert_eq!(told(&rig).await, ["confirmed 0.00000000 1"]);
}

#[tokio::test]
async fn parts_in_two_coins_add_up() {
    let rig = Rig::new().await;
    rig.create(&timed("a")).await;
    rig.choose("a", "bitcoin", "BTC").await;
    rig.pay("a", Some("0.001"), None).await;
    rig.gateway.advance(Span::seconds(1)).await;
    rig.choose("a", "ethereum", "ETH").await;
    rig.pay("a", None, None).await;
    let info = rig.info("a").await;
    assert_eq!(line(&info), "confirmed 0.00000000 2");
    let coins: Vec<&str> = info["transactions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["currency"].as_str().unwrap())
        .collect();
    assert_eq!(coins, ["BTC", "ETH"]);
    assert_eq!(info["currency_sent"]["currency"], "ETH");
}

#[tokio::test]
async fn both_types_take_parts() {
    let rig = Rig::new().await;
    rig.endpoint().await;
    for (id, kind) in [("a", "fill_or_kill"), ("b", "good_until_expired")] {
        let mut body = fixed(id, "BTC");
        body["type"] = kind.into();
        rig.create(&body).await;
        rig.pay(id, Some("0.001"), None).await;
        assert_eq!(told(&rig).await, ["pending 0.00122396 1"], "{kind}");
    }
}

/// With a timer the rate is fixed at the creation; without one, when the buyer chooses.
#[tokio::test]
async fn a_timer_fixes_the_rate_when_it_begins() {
    let rig = Rig::new().await;
    rig.create(&timed("with")).await;
    rig.create(&example("without")).await;
    let due = async |foreign_id: &str| {
        rig.choose(foreign_id, "ethereum", "ETH").await;
        let view =
            rig.gateway.engine.payment_view(rig.shop.id, rig.payment(foreign_id).await.id).await.unwrap();
        view.record.quotes[0].asks.to_trimmed_decimal(18, 0)
    };
    rig.gateway.engine.simulate_rate("ETH/USD", Rate::parse("1").unwrap()).await.unwrap();
    let [fixed, spot] = [due("with").await, due("without").await];
    assert!(fixed.starts_with("0.0") && !spot.starts_with("0."), "{fixed} and {spot}");
}
