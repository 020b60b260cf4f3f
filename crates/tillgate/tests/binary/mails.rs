//! Mails to buyers: kept, shown, sent, sent again, by the binary.

use std::sync::Arc;

use dialects::alpha::Alpha;
use domain::dialect::Dialect;
use serde_json::{Value, json};
use testkit::{
    gateway::MASTER_KEY,
    overpaid::overpaid,
    process::Launch,
    smtp::{Manner, SmtpServer},
};

use crate::asked::{launch, text};

/// Leaves a database behind in which 30 dollars came for a payment of 25; the payment's id.
async fn prepare(launch: &Launch) -> String {
    std::fs::create_dir(launch.data_dir()).expect("a scene that can be set up");
    let payment = overpaid(launch.data_dir().join("tillgate.db"), Arc::new(Alpha)).await;
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
