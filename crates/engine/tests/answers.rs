//! What a buyer is asked before he is told where to pay.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use domain::{
    buyer::{Answers, BirthDate, PersonalName, Questions, Sender},
    mail::MailAddress,
    merchant::Shop,
    payment::{Order, Payment},
    refusal::{Failure, Refusal},
};
use engine::{
    checkout::{AnswerQuestions, ChooseMethod},
    payments::CreatePayment,
};
use testkit::{creation::creation, gateway::Gateway, scene::method};

const ASKED: Questions = Questions { email: true, sender: true };

fn ada() -> Sender {
    let name = |text| PersonalName::parse(text).unwrap();
    Sender::Person {
        first_name: name("Ada"),
        last_name: name("Lovelace"),
        born: BirthDate::parse("1915-12-10"),
    }
}

fn order(email: Option<&str>) -> Order {
    Order { questions: ASKED, customer_email: email.map(str::to_owned), ..Order::default() }
}

async fn asked(gateway: &Gateway, shop: &Shop, email: Option<&str>) -> Payment {
    gateway.payment_for(shop, 2_500, order(email)).await
}

fn says(payment: &Payment, email: Option<&str>, sender: Option<Sender>) -> AnswerQuestions {
    let email = email.map(|text| MailAddress::parse(text).unwrap());
    let answers = Answers { email, sender };
    AnswerQuestions { shop: payment.shop, payment: payment.id, answers, version: None }
}

async fn chooses(gateway: &Gateway, payment: &Payment) -> Result<(), Failure> {
    let method = method("ethereum", "USDT");
    let command = ChooseMethod { shop: payment.shop, payment: payment.id, method, version: None };
    gateway.engine.choose_method(command).await
}

async fn known(gateway: &Gateway, payment: &Payment) -> (Option<String>, Option<Sender>) {
    let view = gateway.engine.payment_view(payment.shop, payment.id).await.unwrap();
    (view.record.payment.order.customer_email, view.sender)
}

#[tokio::test]
async fn money_is_asked_for_once_all_is_said() {
    let gateway = Gateway::start(Vec::new()).await;
    let shop = gateway.shop("Kiosk").await;
    gateway.settle().await;
    let payment = asked(&gateway, &shop, None).await;
    let refused = Err(Failure::Refused(Refusal::AnswerMissing));
    assert_eq!(chooses(&gateway, &payment).await, refused, "nothing was said");
    gateway.engine.answer_questions(says(&payment, Some("a@b.example"), None)).await.unwrap();
    assert_eq!(chooses(&gateway, &payment).await, refused, "who pays was not said");
    gateway.engine.answer_questions(says(&payment, Some("c@d.example"), Some(ada()))).await.unwrap();
    assert_eq!(chooses(&gateway, &payment).await, Ok(()));
    assert_eq!(known(&gateway, &payment).await, (Some("c@d.example".to_owned()), Some(ada())));
    // Both stay as they are from here on.
    gateway.engine.answer_questions(says(&payment, Some("e@f.example"), None)).await.unwrap();
    assert_eq!(known(&gateway, &payment).await, (Some("c@d.example".to_owned()), Some(ada())));
}

#[tokio::test]
async fn what_the_shop_says_is_not_asked() {
    let gateway = Gateway::start(Vec::new()).await;
    let shop = gateway.shop("Kiosk").await;
    gateway.settle().await;
    let command =
        CreatePayment { order: order(Some("a@b.example")), sender: Some(ada()), ..creation(&shop, 2_500) };
    let payment = gateway.engine.create_payment(command.clone()).await.unwrap().payment;
    assert_eq!(chooses(&gateway, &payment).await, Ok(()));
    assert_eq!(known(&gateway, &payment).await, (Some("a@b.example".to_owned()), Some(ada())));
    // Where it is not asked for, nobody keeps it.
    let command = CreatePayment { order: Order::default(), ..command };
    let payment = gateway.engine.create_payment(command).await.unwrap().payment;
    assert_eq!(known(&gateway, &payment).await, (None, None));
}

#[tokio::test]
async fn who_pays_is_nowhere_in_the_database_in_plain_text() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tillgate.db");
    let gateway = Gateway::start_at(file.clone(), Vec::new()).await;
    let shop = gateway.shop("Kiosk").await;
    let payment = asked(&gateway, &shop, Some("a@b.example")).await;
    gateway.engine.answer_questions(says(&payment, None, Some(ada()))).await.unwrap();
    let mut bytes = std::fs::read(&file).unwrap();
    let log = std::path::PathBuf::from(format!("{}-wal", file.display()));
    bytes.extend(std::fs::read(log).unwrap_or_default());
    let has = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(has("a@b.example"), "the look at the file sees what is in it");
    assert!(!has("Lovelace") && !has("1915-12-10"));
}

#[tokio::test]
async fn a_form_of_an_older_page_says_nothing() {
    let gateway = Gateway::start(Vec::new()).await;
    let shop = gateway.shop("Kiosk").await;
    let payment = asked(&gateway, &shop, None).await;
    let first =
        AnswerQuestions { version: Some(payment.version), ..says(&payment, Some("a@b.example"), None) };
    let version = gateway.engine.answer_questions(first.clone()).await.unwrap();
    assert!(version > payment.version);
    let again = gateway.engine.answer_questions(first).await;
    assert_eq!(again, Err(Failure::Refused(Refusal::VersionStale)));
    gateway.engine.cancel_payment(payment.shop, payment.id, None).await.unwrap();
    let late = gateway.engine.answer_questions(says(&payment, None, Some(ada()))).await;
    assert_eq!(late, Err(Failure::Refused(Refusal::PaymentClosed)));
    assert_eq!(known(&gateway, &payment).await.1, None);
}
