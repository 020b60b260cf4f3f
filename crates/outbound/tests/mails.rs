//! Mails to a real mail server, kind and rude, plain and encrypted.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use std::time::Duration;

use domain::{
    mail::{Letter, MailAddress},
    time::Timestamp,
};
use outbound::mail::{Mailer, Sender, Sent, Settings};
use testkit::smtp::{Manner, PATIENCE, SmtpServer};

const AT: Timestamp = Timestamp::from_seconds(1_781_611_200);

fn mailer_within(url: &str, timeout: Duration) -> Mailer {
    let from = Sender::parse("Example Pay <pay@shop.example>").unwrap();
    Mailer::new(Settings { url: url.parse().unwrap(), from, timeout }).unwrap()
}

fn letter(to: &str) -> Letter {
    let (subject, text) = ("Deine Zahlung an Café".to_owned(), "Grüße\n.\nEnde\n".to_owned());
    Letter { to: MailAddress::parse(to).unwrap(), subject, text }
}

async fn send_to(url: &str, to: &str) -> Sent {
    mailer_within(url, PATIENCE).send(&letter(to), "0Ab", AT).await
}

async fn send(url: &str) -> Sent {
    send_to(url, "buyer@example.com").await
}

fn plain(server: &SmtpServer) -> String {
    format!("smtp://127.0.0.1:{}", server.port())
}

/// The URL of a server that is asked for TLS first, or speaks it from the first byte.
fn encrypted(server: &SmtpServer, scheme: &str, rest: &str) -> String {
    let required = if scheme == "smtp" { "tls=required&" } else { "" };
    let (port, authority) = (server.port(), server.authority());
    format!("{scheme}://{rest}127.0.0.1:{port}?{required}ca={}", authority.display())
}

#[tokio::test]
async fn a_mail_arrives_as_it_was_written() {
    let mut server = SmtpServer::start().await;
    assert_eq!(send(&plain(&server)).await, Sent::Taken);
    let mail = server.next().await;
    assert_eq!(
        (mail.from.as_str(), mail.to.as_slice()),
        ("pay@shop.example", &["buyer@example.com".to_owned()][..])
    );
    assert_eq!((mail.hello.as_str(), mail.secure, mail.user.as_deref()), ("shop.example", false, None));
    assert_eq!(mail.header("Subject"), "Deine Zahlung an Café");
    assert_eq!(mail.header("Message-ID"), "<0Ab@shop.example>");
    assert_eq!(mail.header("Date"), "Tue, 16 Jun 2026 12:00:00 +0000");
    assert_eq!(mail.header("From"), "\"Example Pay\" <pay@shop.example>");
    assert_eq!(mail.header("To"), "buyer@example.com");
    assert_eq!(mail.header("Auto-Submitted"), "auto-generated");
    assert_eq!(mail.headers.len(), 9, "{:?}", mail.headers);
    assert_eq!(mail.text.trim_end(), "Grüße\n.\nEnde", "a dot ends nothing");
}

#[tokio::test]
async fn what_leaves_this_host_is_encrypted_in_either_form() {
    for (scheme, implicit_tls) in [("smtp", false), ("smtps", true)] {
        let manner = Manner { implicit_tls, starttls: true, ..Manner::default() };
        let mut server = SmtpServer::start_as(manner).await;
        assert_eq!(send(&encrypted(&server, scheme, "")).await, Sent::Taken, "{scheme}");
        assert!(server.next().await.secure, "{scheme}");
    }
}

#[tokio::test]
async fn a_server_without_encryption_is_told_nothing() {
    let login = Some(("me".to_owned(), "secret".to_owned()));
    let mut server = SmtpServer::start_as(Manner { login, ..Manner::default() }).await;
    let refused = Sent::Away("the mail server offers no encryption (STARTTLS)".to_owned());
    assert_eq!(send(&encrypted(&server, "smtp", "me:secret@")).await, refused);
    // One that speaks no TLS at all, where it is to speak it from the first byte.
    assert_eq!(send(&encrypted(&server, "smtps", "")).await, Sent::Away("tls handshake failed".to_owned()));
    assert_eq!(server.stop().await, []);
}

#[tokio::test]
async fn a_certificate_of_nobody_that_is_known_or_of_another_name_is_refused() {
    for (scheme, implicit_tls) in [("smtp", false), ("smtps", true)] {
        let manner = Manner { implicit_tls, starttls: true, ..Manner::default() };
        let other = Manner { name: "other.example".to_owned(), ..manner.clone() };
        let mut server = SmtpServer::start_as(manner).await;
        let mut elsewhere = SmtpServer::start_as(other).await;
        let invalid = Sent::Away("certificate not valid".to_owned());
        let unknown = encrypted(&server, scheme, "").split_once("ca=").unwrap().0.to_owned();
        assert_eq!(send(unknown.trim_end_matches(['?', '&'])).await, invalid, "{scheme}");
        assert_eq!(send(&encrypted(&elsewhere, scheme, "")).await, invalid, "{scheme}");
        assert_eq!((server.stop().await, elsewhere.stop().await), (Vec::new(), Vec::new()));
    }
}

#[tokio::test]
async fn who_signs_in_is_known_and_who_does_not_is_sent_away() {
    let login = Some(("me@shop.example".to_owned(), "p@ss:word".to_owned()));
    let manner = Manner { implicit_tls: true, login, ..Manner::default() };
    let mut server = SmtpServer::start_as(manner).await;
    let user = "me%40shop.example";
    assert_eq!(send(&encrypted(&server, "smtps", &format!("{user}:p%40ss%3Aword@"))).await, Sent::Taken);
    assert_eq!(server.next().await.user.as_deref(), Some("me@shop.example"));
    let Sent::Away(why) = send(&encrypted(&server, "smtps", &format!("{user}:wrong@"))).await else {
        panic!("it is let in with another password")
    };
    assert!(why.starts_with("535") && !why.contains("wrong") && !why.contains('@'), "{why}");
    let mut open = SmtpServer::start_as(Manner { implicit_tls: true, ..Manner::default() }).await;
    let refused = Sent::Away("the mail server takes no password (AUTH PLAIN or LOGIN)".to_owned());
    assert_eq!(send(&encrypted(&open, "smtps", "me:secret@")).await, refused);
    assert_eq!((server.stop().await, open.stop().await), (Vec::new(), Vec::new()));
}

#[tokio::test]
async fn each_refusal_is_what_it_says() {
    let mut server = SmtpServer::start().await;
    let url = plain(&server);
    for (stage, code, text, expected) in [
        ("mail", 451, "4.3.0 later", Sent::Later("451 4.3.0 later".to_owned())),
        (
            "rcpt",
            450,
            "4.2.1 <buyer@example.com> is greylisted",
            Sent::Later("450 4.2.1 *** is greylisted".to_owned()),
        ),
        ("rcpt", 550, "5.1.1 buyer@example.com unknown", Sent::Never("550 5.1.1 *** unknown".to_owned())),
        ("data", 452, "4.3.1 full", Sent::Later("452 4.3.1 full".to_owned())),
        ("data", 554, "5.7.1 spam", Sent::Never("554 5.7.1 spam".to_owned())),
        ("connect", 554, "no mail from you", Sent::Away("554 no mail from you".to_owned())),
        ("connect", 421, "busy", Sent::Away("421 busy".to_owned())),
    ] {
        server.refuse_next(stage, code, text).await;
        assert_eq!(send(&url).await, expected, "{stage} {code}");
    }
    assert_eq!(send(&url).await, Sent::Taken);
    server.next().await;
    assert_eq!(server.stop().await, [], "nothing that was refused was taken");
}

#[tokio::test]
async fn a_server_that_is_down_or_silent_is_away() {
    let mut server = SmtpServer::start().await;
    let url = plain(&server);
    for stage in ["connect", "rcpt", "data"] {
        server.hang_next(stage).await;
        let sent =
            mailer_within(&url, Duration::from_millis(500)).send(&letter("b@c.example"), "0", AT).await;
        assert_eq!(sent, Sent::Away("timed out".to_owned()), "{stage}");
    }
    server.stop().await;
    assert_eq!(send(&url).await, Sent::Away("connection refused".to_owned()));
    assert_eq!(send("smtp://nowhere.invalid:25?tls=none").await, Sent::Away("name not found".to_owned()));
}

#[tokio::test]
async fn an_address_of_another_script_goes_where_it_is_taken() {
    let mut modern = SmtpServer::start_as(Manner { utf8: true, ..Manner::default() }).await;
    assert_eq!(send_to(&plain(&modern), "käufer@bücher.example").await, Sent::Taken);
    assert_eq!(modern.next().await.header("To"), "käufer@xn--bcher-kva.example");
    let mut older = SmtpServer::start().await;
    let Sent::Never(why) = send_to(&plain(&older), "käufer@bücher.example").await else {
        panic!("it is taken")
    };
    assert!(why.contains("SMTPUTF8") && !why.contains('@'), "{why}");
    // The domain alone has a form that every server takes.
    assert_eq!(send_to(&plain(&older), "buyer@bücher.example").await, Sent::Taken);
    assert_eq!(older.next().await.header("To"), "buyer@xn--bcher-kva.example");
}

#[test]
fn authorities_that_are_none_are_told_at_the_start() {
    let from = Sender::parse("pay@shop.example").unwrap();
    let setup = |path: &str| {
        let url = format!("smtps://mail.example?ca={path}").parse().unwrap();
        let mailer = Mailer::new(Settings { url, from: from.clone(), timeout: PATIENCE });
        mailer.err().map(|error| error.to_string()).unwrap_or_default()
    };
    assert!(setup("/nowhere/ca.pem").contains("cannot be read"), "{}", setup("/nowhere/ca.pem"));
    assert!(setup(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")).contains("no certificates"));
}
