//! Mails to buyers: kept, shown, sent, sent again, by the binary.

use std::sync::Arc;

use dialects::alpha::Alpha;
use domain::{
    chain::{Method, Network},
    delivery::Schedule,
    dialect::{Announcement, CallbackAttempt, Dialect, DialectName, IssuedKey},
    event::EventKind,
    id::PaymentId,
    mail::MailKind,
    merchant::{Environment, KeyKind},
    money::{Amount, Asset, AssetCode, Price},
    payment::{Order, State},
    terms::LateMoney,
    time::Span,
};
use engine::{
    payments::CreatePayment,
    sandbox::{SimulatePay, Target},
};
use serde_json::{Value, json};
use testkit::{
    gateway::{Gateway, MASTER_KEY},
    process::Launch,
    smtp::{Manner, SmtpServer},
};

use crate::asked::{launch, text};

/// Alpha, as it would be if it wrote to buyers.
struct Writing;

impl Dialect for Writing {
    fn name(&self) -> DialectName {
        Alpha.name()
    }

    fn scopes(&self) -> &'static [&'static str] {
        Alpha.scopes()
    }

    fn issue(&self, kind: KeyKind, environment: Environment, entropy: &[u8; 32]) -> IssuedKey {
        Alpha.issue(kind, environment, entropy)
    }

    fn event_names(&self) -> &'static [&'static str] {
        Alpha.event_names()
    }

    fn event_name(&self, kind: EventKind, state: &State) -> Option<&'static str> {
        Alpha.event_name(kind, state)
    }

    fn endpoint_secret(&self, entropy: &[u8; 32]) -> String {
        Alpha.endpoint_secret(entropy)
    }

    fn callback_body(&self, announcement: &Announcement<'_>) -> Vec<u8> {
        Alpha.callback_body(announcement)
    }

    fn callback_headers(&self, attempt: &CallbackAttempt<'_>) -> Vec<(&'static str, String)> {
        Alpha.callback_headers(attempt)
    }

    fn callback_schedule(&self) -> Schedule {
        Alpha.callback_schedule()
    }

    fn callback_taken(&self, http_status: u16) -> bool {
        Alpha.callback_taken(http_status)
    }

    fn mails(&self, _kind: MailKind) -> bool {
        true
    }

    fn payment_id(&self, id: PaymentId) -> String {
        Alpha.payment_id(id)
    }

    fn checkout_path(&self, token: &str) -> String {
        Alpha.checkout_path(token)
    }
}

/// Leaves a database behind in which 30 dollars came for a payment of 25; the payment's id.
async fn prepare(launch: &Launch) -> String {
    std::fs::create_dir(launch.data_dir()).expect("a scene that can be set up");
    let gateway = Gateway::start_at(launch.data_dir().join("tillgate.db"), vec![Arc::new(Writing)]).await;
    let shop = gateway.shop("Café Lumière").await;
    let order = Order {
        description: Some("Two\u{1b}[2J coffees".to_owned()),
        customer_email: Some("buyer@example.com".to_owned()),
        ..Order::default()
    };
    let command = CreatePayment {
        shop: shop.id,
        dialect: Alpha.name(),
        price: Price {
            amount: Amount::from_minor(2_500),
            currency: Asset::currency("USD").expect("a scene that can be set up"),
        },
        order,
        order_validity: Some(Span::minutes(30)),
        quote_validity: Span::minutes(15),
        seen_limit: Span::hours(1),
        late: LateMoney::Held,
        idempotency: None,
    };
    let payment = gateway.engine.create_payment(command).await.expect("a scene that can be set up").payment;
    let network = Network::parse("ethereum").expect("a scene that can be set up");
    let method =
        Some(Method { network, asset: AssetCode::parse("USDT").expect("a scene that can be set up") });
    let target = Target { shop: shop.id, payment: payment.id };
    let pay = SimulatePay { target, method, amount: Some("30".to_owned()), confirmations: None };
    gateway.engine.simulate_pay(pay).await.expect("a scene that can be set up");
    gateway.settle().await;
    Alpha.payment_id(payment.id)
}

/// The one mail there is, once it stands like this.
async fn mail(launch: &Launch, status: &str) -> Value {
    let look = async {
        loop {
            let listed = launch.json(&["mails", "list", "--status", status]).await;
            if let Some(mail) = listed["items"].as_array().expect("a scene that can be set up").first() {
                return mail.clone();
            }
        }
    };
    let waited = tokio::time::timeout(testkit::process::PATIENCE, look).await;
    waited.unwrap_or_else(|_| panic!("no mail is ever {status}"))
}

#[tokio::test]
async fn a_mail_is_kept_and_shown_and_goes_once_there_is_a_mail_server() {
    let launch = launch().variable("TILLGATE_SECRETS__MASTER_KEY", MASTER_KEY);
    let payment = prepare(&launch).await;
    let process = launch.start().await;
    let kept = mail(&launch, "kept").await;
    let id = text(&kept, "/id");
    assert_eq!((&kept["kind"], &kept["attempts"]), (&json!("over"), &json!(0)));
    let shown = launch.json(&["mails", "show", id]).await;
    assert_eq!((text(&shown, "/reference"), text(&shown, "/to")), (payment.as_str(), "buyer@example.com"));
    let human = launch.run(&["mails", "show", id]).await.output;
    for line in [
        "to       buyer@example.com",
        "subject  [Test] Your payment to Café Lumière: more came than was asked for",
        "What it was for: Two [2J coffees",
        "What can be refunded: what is too much, 5.00 USDT on Ethereum, worth 5.00 USD",
        &format!("  - the reference of this payment: {payment}"),
    ] {
        assert!(human.lines().any(|found| found == line), "{line:?} in\n{human}");
    }
    let list = launch.run(&["mails", "list", "--payment", &payment]).await.output;
    assert!(list.contains(id) && list.contains("kept") && !list.contains('@'), "{list}");
    let ended = process.stop().await;
    assert!(ended.log.contains("mails are kept") && !ended.log.contains('@'), "{}", ended.log);

    let login = Some(("me".to_owned(), "hunter2".to_owned()));
    let mut server = SmtpServer::start_as(Manner { implicit_tls: true, login, ..Manner::default() }).await;
    let url = format!("smtps://me:hunter2@127.0.0.1:{}?ca={}", server.port(), server.authority().display());
    let launch =
        launch.config("[log]\nlevel = \"debug\"\n[mail]\nfrom = \"Example Pay <pay@shop.example>\"\n");
    let launch = launch.variable("TILLGATE_MAIL__SMTP_URL", &url);
    let process = launch.start().await;
    let first = server.next().await;
    assert_eq!(
        (first.to.as_slice(), first.user.as_deref()),
        (&["buyer@example.com".to_owned()][..], Some("me"))
    );
    assert_eq!(first.header("From"), "\"Example Pay\" <pay@shop.example>");
    assert!(first.text.contains(&format!("{}/pay/", process.url)), "{}", first.text);
    assert_eq!(text(&mail(&launch, "sent").await, "/id"), id);
    let again = launch.json(&["mails", "resend", id]).await;
    assert_eq!((&again["status"], &again["resent"]), (&json!("pending"), &json!(1)));
    let second = server.next().await;
    assert_ne!(first.header("Message-ID"), second.header("Message-ID"));
    assert_eq!(first.text, second.text);
    mail(&launch, "sent").await;
    let ended = process.stop().await;
    for secret in ["buyer@example.com", "hunter2"] {
        assert!(!ended.log.contains(secret) && !ended.output.contains(secret), "{}", ended.log);
    }
    assert!(ended.log.contains("b***@example.com"), "{}", ended.log);
}

#[tokio::test]
async fn a_mail_server_that_cannot_be_used_stops_the_start_with_the_cure() {
    let url = "smtps://me:hunter2@mail.example";
    let cases = [
        (
            format!("[mail]\nsmtp_url = \"{url}\"\n"),
            "`mail.from` has to be given where there is a mail server.",
        ),
        ("[mail]\nsmtp_url_file = \"url\"\n".to_owned(), "`mail.from` has to be given"),
        (
            format!("[mail]\nsmtp_url = \"{url}\"\nfrom = \"me\"\n"),
            "line 3: `mail.from` has to be an address",
        ),
        (
            "[mail]\nsmtp_url = \"mail.example\"\nfrom = \"a@b.example\"\n".to_owned(),
            "line 2: `mail.smtp_url` has",
        ),
        ("[mail]\nsmtp_url_file = \"url\"\nfrom = \"a@b.example\"\n".to_owned(), "cannot be read from url"),
        (
            format!("[mail]\nsmtp_url = \"{url}?ca=nowhere.pem\"\nfrom = \"a@b.example\"\n"),
            "names with ca= cannot be read",
        ),
    ];
    for (config, complaint) in cases {
        let ended = launch().config(&config).run(&["serve", "--listen", "127.0.0.1:0"]).await;
        assert_eq!(ended.code, Some(1), "{config}");
        assert!(ended.log.contains(complaint) && !ended.log.contains("hunter2"), "{config}\n{}", ended.log);
    }
    let launch = launch().config("[mail]\nsmtp_url_file = \"url\"\nfrom = \"a@b.example\"\n");
    std::fs::write(launch.folder().join("url"), "http://me:hunter2@mail.example\n").unwrap();
    let ended = launch.run(&["serve", "--listen", "127.0.0.1:0"]).await;
    assert!(ended.log.contains("mail.smtp_url has to be") && !ended.log.contains("hunter2"), "{}", ended.log);
    std::fs::write(launch.folder().join("url"), format!("{url}\n")).unwrap();
    let process = launch.start().await;
    assert!(!process.said().contains("hunter2"));
    let printed = launch.run(&["config"]).await.output;
    assert!(printed.contains("smtp_url_file = \"url\"") && !printed.contains("hunter2"), "{printed}");
    process.stop().await;
}
