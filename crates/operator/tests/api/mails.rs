//! Mails to buyers.

use axum::http::{Method, StatusCode};
use domain::{mail::MailOutcome, payment::Order, time::Span};
use serde_json::{Value, json};

use crate::asked::{CHECKOUT, Desk};

/// A payment of 25 dollars that 30 came for: its shop's id, and its own.
async fn scene(desk: &Desk) -> (String, String) {
    let shop = desk.shop("Café").await;
    let owner = desk.owner().await;
    let order = Order { customer_email: Some("buyer@example.com".to_owned()), ..Order::default() };
    let payment = desk.gateway.payment_for(&owner, 2_500, order).await;
    let id = format!("plain_{}", payment.id.base62());
    let order = json!({ "payment": id, "network": "ethereum", "asset": "USDT", "amount": "30" });
    desk.post("/simulate/pay", &[], order).await;
    desk.gateway.settle().await;
    (shop, id)
}

#[tokio::test]
async fn a_mail_is_shown_with_its_words_and_sent_again() {
    let desk = Desk::new().await;
    let (shop, payment) = scene(&desk).await;
    let listed = desk.get("/mails", &[]).await;
    let mail = &listed["items"][0];
    assert_eq!((&mail["kind"], &mail["status"]), (&json!("over"), &json!("pending")));
    assert_eq!((&mail["shop"], &mail["attempts"], &mail["error"]), (&json!(shop), &json!(0), &Value::Null));
    assert!(!listed.to_string().contains('@'), "a list has no addresses");
    let id = mail["id"].as_str().unwrap();
    let shown = desk.get("/mails/{mail}", &[id]).await;
    assert_eq!((&shown["reference"], &shown["to"]), (&json!(payment), &json!("buyer@example.com")));
    assert_eq!(
        desk.get("/payments/{payment}", &[mail["payment"].as_str().unwrap()]).await["id"],
        json!(payment)
    );
    assert_eq!(shown["subject"], "[Test] Your payment to Café: more came than was asked for");
    let text = shown["text"].as_str().unwrap();
    assert!(text.contains("5.00 USDT on Ethereum") && text.contains(&format!("{CHECKOUT}/pay/")), "{text}");
    let taken = desk.gateway.engine.take_mail(Span::seconds(30)).await.unwrap().unwrap();
    let never = MailOutcome::Never("550 5.1.1 *** unknown".to_owned());
    desk.gateway.engine.finish_mail(&taken.mail, never).await.unwrap();
    let parked = desk.get("/mails?status=failed", &[]).await;
    assert_eq!(parked["items"][0]["error"], "550 5.1.1 *** unknown");
    assert!(parked["items"][0]["ended_at"].is_string());
    let again = desk.good(Method::POST, "/mails/{mail}/resend", &[id], None).await;
    assert_eq!((&again["status"], &again["resent"]), (&json!("pending"), &json!(1)));
}

#[tokio::test]
async fn mails_are_found_by_what_they_are_about() {
    let desk = Desk::new().await;
    let (shop, payment) = scene(&desk).await;
    let other = desk.shop("Other").await;
    let count = async |query: &str| desk.get(query, &[]).await["items"].as_array().unwrap().len();
    assert_eq!(count(&format!("/mails?payment={payment}&shop={shop}&status=pending")).await, 1);
    assert_eq!(count(&format!("/mails?shop={other}")).await, 0);
    assert_eq!(count("/mails?status=sent").await, 0);
    let page = desk.get("/mails?limit=1", &[]).await;
    let next = format!("/mails?limit=1&cursor={}", page["next_cursor"].as_str().unwrap());
    assert_eq!(count(&next).await, 0);
    for (query, status, code) in [
        ("/mails?status=lost", StatusCode::UNPROCESSABLE_ENTITY, "invalid_value"),
        ("/mails?payment=pay_x", StatusCode::NOT_FOUND, "payment_not_found"),
        ("/mails?limit=101", StatusCode::UNPROCESSABLE_ENTITY, "invalid_value"),
    ] {
        let answer = desk.ask(Method::GET, query, &[], None).await;
        assert_eq!((answer.status, &answer.body["error"]["code"]), (status, &json!(code)), "{query}");
    }
    for (method, path) in [(Method::GET, "/mails/{mail}"), (Method::POST, "/mails/{mail}/resend")] {
        let answer = desk.ask(method, path, &["mail_x"], None).await;
        assert_eq!(answer.body["error"]["code"], "mail_not_found");
    }
}
