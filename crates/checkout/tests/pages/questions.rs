//! What a buyer is asked before he is told where to pay.

use axum::http::StatusCode;
use domain::{
    buyer::{Questions, Sender},
    chain::Method,
    payment::Order,
    time::Span,
};
use engine::payments::CreatePayment;
use testkit::creation::creation;

use crate::till::{SECRETS, SETUP, Till, method};

const HOME: &str = "https://coffee.example";
const EMAIL: Questions = Questions { email: true, sender: false };
const BOTH: Questions = Questions { email: true, sender: true };
const PERSON: &str = "payer=person&first_name=Ada&last_name=Lovelace&born=1995-08-17&";

async fn email(till: &Till) -> Option<String> {
    till.gateway.read(till.payment).await.order.customer_email
}

async fn sender(till: &Till) -> Option<Sender> {
    till.gateway.engine.payment_view(till.shop.id, till.payment).await.expect(SETUP).sender
}

#[tokio::test]
async fn a_buyer_confirms_his_address_with_the_way_to_pay() {
    let till = Till::asking(HOME, EMAIL).await;
    let page = till.get(&till.path()).await;
    assert_eq!((page.state(), page.heading()), ("ask", "Choose how to pay"));
    assert!(page.body.contains(&format!("value=\"{}\"", SECRETS[1])), "it is filled in");
    assert!(page.body.contains("Once you continue, you have 15 minutes to pay."));
    let page = till.act("start", "way=ethereum%2FETH&email=other%40example.com&").await;
    assert_eq!((page.state(), page.note()), ("pay", ""));
    assert!(page.body.contains("<dt>Your e-mail address</dt><dd>o***@example.com</dd>"));
    assert!(!page.body.contains("other@example.com"), "whoever has the link learns no address");
    assert_eq!(email(&till).await.as_deref(), Some("other@example.com"));
    // Once money is asked for, mails about it go where they were to go.
    till.act("start", "way=bitcoin%2FBTC&email=thief%40example.com&").await;
    assert_eq!(email(&till).await.as_deref(), Some("other@example.com"));
}

#[tokio::test]
async fn what_is_missing_is_asked_again_with_what_was_filled_in() {
    let till = Till::asking(HOME, BOTH).await;
    let version = till.gateway.read(till.payment).await.version;
    let form = format!("way=ethereum%2FETH&email=nobody&first_name=Ada&version={version}");
    let page = till.post(&format!("{}/start", till.path()), &form).await;
    assert_eq!((page.status, page.state()), (StatusCode::UNPROCESSABLE_ENTITY, "ask"));
    for part in [
        "value=\"ethereum/ETH\" checked",
        "name=\"email\" value=\"nobody\"",
        "name=\"first_name\" value=\"Ada\"",
        "id=\"email-wrong\"",
        "id=\"last_name-wrong\"",
        "id=\"born-wrong\"",
    ] {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
    assert!(!page.body.contains("id=\"first_name-wrong\""));
    assert_eq!((email(&till).await.as_deref(), sender(&till).await), (Some(SECRETS[1]), None));
}

#[tokio::test]
async fn who_pays_is_said_once_and_told_to_the_operator_alone() {
    let till = Till::asking(HOME, BOTH).await;
    let page = till.act("start", &format!("way=ethereum%2FETH&email=a%40b.example&{PERSON}")).await;
    assert_eq!((page.state(), page.note()), ("pay", ""));
    assert!(!page.body.contains("Lovelace"));
    let known = sender(&till).await;
    assert!(matches!(&known, Some(Sender::Person { last_name, .. }) if last_name.as_str() == "Lovelace"));
    let company = "payer=company&company=Ada+%26+Co&country=gbr&";
    till.act("start", &format!("way=bitcoin%2FBTC&{company}")).await;
    assert_eq!(sender(&till).await, known);
}

#[tokio::test]
async fn no_method_is_chosen_past_what_is_asked() {
    let till = Till::asking(HOME, BOTH).await;
    let page = till.act("method", "network=ethereum&asset=ETH&").await;
    assert_eq!((page.state(), page.note()), ("ask", "Please fill in what is asked here first."));
}

#[tokio::test]
async fn a_method_that_was_chosen_for_the_buyer_waits_for_who_he_is() {
    let till = Till::asking(HOME, BOTH).await;
    let way: Option<Method> = Some(method("ethereum", "ETH"));
    let order = Order { questions: BOTH, ..Order::default() };
    let command = CreatePayment { order, method: way, ..creation(&till.shop, 2_500) };
    let payment = till.gateway.engine.create_payment(command).await.expect(SETUP).payment.id;
    let till = Till { payment, ..till };
    let page = till.get(&till.path()).await;
    assert_eq!((page.state(), page.heading()), ("ask", "Say who pays"));
    assert!(!page.body.contains("name=\"way\"") && !page.body.contains("name=\"email\""), "{}", page.body);
    let page = till.act("start", PERSON).await;
    assert_eq!((page.state(), page.note(), page.heading()), ("pay", "", "Send 0.00833334 ETH on Ethereum"));
}

#[tokio::test]
async fn sent_twice_it_is_done_once_and_from_an_older_page_not_at_all() {
    let till = Till::asking(HOME, EMAIL).await;
    let (path, version) = (till.path(), till.gateway.read(till.payment).await.version);
    let form = format!("way=ethereum%2FETH&email=a%40b.example&version={version}");
    for _ in 0..2 {
        let page = till.follow(&till.post(&format!("{path}/start"), &form).await).await;
        assert_eq!((page.state(), page.note()), ("pay", ""));
    }
    let older = format!("way=bitcoin%2FBTC&version={version}");
    let page = till.follow(&till.post(&format!("{path}/start"), &older).await).await;
    assert_eq!(page.note(), "This payment had changed in the meantime. This is how it stands now.");
    assert_eq!(page.heading(), "Send 0.00833334 ETH on Ethereum");
}

#[tokio::test]
async fn nobody_is_asked_once_it_has_ended() {
    let till = Till::asking(HOME, BOTH).await;
    till.cancel().await;
    let form = format!("way=ethereum%2FETH&email=a%40b.example&{PERSON}");
    let page = till.act("start", &form).await;
    assert_eq!(
        (page.state(), page.note()),
        ("cancelled", "That was not done: this payment takes no more money.")
    );
    assert_eq!((email(&till).await.as_deref(), sender(&till).await), (Some(SECRETS[1]), None));
    till.gateway.advance(Span::minutes(1)).await;
}
