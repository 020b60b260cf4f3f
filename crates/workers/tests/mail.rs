//! The postman between a gateway and a real mail server.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use domain::{
    mail::{Mail, MailStatus},
    time::Span,
};
use engine::mails::ListMails;
use outbound::mail::{Mailer, Sender, Sent, Settings};
use testkit::{
    scene::Scene,
    smtp::{Manner, PATIENCE, Received, SmtpServer},
};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use workers::mail::{self, Postman};

const URL: &str = "https://pay.example";

/// A payment that more came for than was asked, and a postman who runs.
struct Sending {
    scene: Scene,
    stopping: CancellationToken,
    running: JoinHandle<()>,
}

fn mailer(url: &str) -> Mailer {
    let from = Sender::parse("Example Pay <pay@shop.example>").unwrap();
    Mailer::new(Settings { url: url.parse().unwrap(), from, timeout: PATIENCE }).unwrap()
}

fn url(server: &SmtpServer) -> String {
    format!("smtp://127.0.0.1:{}", server.port())
}

impl Sending {
    async fn start(url: Option<&str>) -> Self {
        let scene = Scene::with_buyer("buyer@example.com").await;
        if scene.gateway.engine.is_shared() {
            // A postman takes nothing before his process is a node.
            scene.gateway.engine.join().await.unwrap();
        }
        scene.choose("ethereum", "USDT").await.unwrap();
        scene.send("30").await;
        Self::run(scene, url)
    }

    fn run(scene: Scene, url: Option<&str>) -> Self {
        let postman = Postman::new(scene.gateway.engine.clone(), url.map(mailer), URL.to_owned());
        let stopping = CancellationToken::new();
        let running = tokio::spawn(mail::run(postman, stopping.clone()));
        Self { scene, stopping, running }
    }

    async fn mail(&self) -> Mail {
        let query = ListMails { limit: 100, ..ListMails::default() };
        let mut mails = self.scene.gateway.engine.list_mails(query).await.unwrap();
        assert_eq!(mails.len(), 1, "{mails:?}");
        mails.remove(0)
    }

    /// Waits until the mail stands like this.
    async fn stands(&self, status: MailStatus) -> Mail {
        let look = async {
            loop {
                let mail = self.mail().await;
                if mail.status == status {
                    return mail;
                }
                tokio::task::yield_now().await;
            }
        };
        let waited = tokio::time::timeout(PATIENCE, look).await;
        waited.unwrap_or_else(|_| panic!("waited {PATIENCE:?} in vain until the mail is {status:?}"))
    }

    /// Lets the next try be due.
    fn later(&self, by: Span) {
        self.scene.gateway.clock.advance(by);
        self.scene.gateway.engine.hints().mail.notify_one();
    }

    async fn stop(self) -> Scene {
        self.stopping.cancel();
        tokio::time::timeout(PATIENCE, self.running).await.expect("the postman ends").unwrap();
        self.scene
    }
}

/// Whether two mails would be taken for one.
fn is_same(one: &Received, other: &Received) -> bool {
    one.header("Message-ID") == other.header("Message-ID")
}

#[tokio::test]
async fn a_buyer_reads_what_came_and_what_to_do() {
    let mut server = SmtpServer::start().await;
    let sending = Sending::start(Some(&url(&server))).await;
    let mail = server.next().await;
    assert_eq!(mail.to, ["buyer@example.com"]);
    assert_eq!(mail.header("Subject"), "[Test] Your payment to Café Lumière: more came than was asked for");
    let view = sending.scene.view().await;
    let token = sending.scene.gateway.engine.token(sending.scene.payment.id);
    for line in [
        "What was asked for: 25.00 USD".to_owned(),
        "What it was for: Two coffees".to_owned(),
        "  30.00 USDT on Ethereum, worth 30.00 USD".to_owned(),
        format!("  transaction {}", view.receipts[0].receipt.transaction),
        format!("  to {}", view.receipts[0].address.as_deref().unwrap()),
        "What can be refunded: what is too much, 5.00 USDT on Ethereum, worth 5.00 USD".to_owned(),
        format!("  - the reference of this payment: plain_{}", sending.scene.payment.id.base62()),
        format!("The page of this payment: {URL}/pay/{token}"),
    ] {
        assert!(mail.text.lines().any(|found| found == line), "{line:?} in\n{}", mail.text);
    }
    let sent = sending.stands(MailStatus::Sent).await;
    assert_eq!(mail.header("Message-ID"), format!("<{}@shop.example>", sent.id.base62()));
    sending.stop().await;
    assert_eq!(server.stop().await, [], "one fact has one mail");
}

#[tokio::test]
async fn a_mail_that_is_put_off_goes_later() {
    let mut server = SmtpServer::start().await;
    server.refuse_next("rcpt", 450, "4.2.1 <buyer@example.com> later").await;
    let sending = Sending::start(Some(&url(&server))).await;
    let waiting = sending.stands(MailStatus::Retrying).await;
    assert_eq!(waiting.error.as_deref(), Some("450 4.2.1 *** later"));
    sending.later(Span::minutes(1));
    server.next().await;
    let sent = sending.stands(MailStatus::Sent).await;
    assert_eq!((sent.attempts, sent.error), (2, None));
    sending.stop().await;
}

#[tokio::test]
async fn a_mail_that_is_refused_is_parked_and_goes_when_somebody_says_so() {
    let mut server = SmtpServer::start().await;
    server.refuse_next("data", 554, "5.7.1 spam").await;
    let sending = Sending::start(Some(&url(&server))).await;
    let parked = sending.stands(MailStatus::Failed).await;
    assert_eq!((parked.error.as_deref(), parked.next_attempt_at), (Some("554 5.7.1 spam"), None));
    sending.scene.gateway.engine.resend_mail(parked.id).await.unwrap();
    let mail = server.next().await;
    assert_eq!(mail.header("Message-ID"), format!("<{}.1@shop.example>", parked.id.base62()));
    sending.stands(MailStatus::Sent).await;
    sending.stop().await;
}

#[tokio::test]
async fn a_server_that_is_down_costs_no_mail() {
    let mut server = SmtpServer::start().await;
    let url = url(&server);
    server.stop().await;
    let sending = Sending::start(Some(&url)).await;
    let waiting = sending.stands(MailStatus::Retrying).await;
    assert_eq!(waiting.error.as_deref(), Some("connection refused"));
    server.start_again().await;
    sending.later(Span::minutes(1));
    server.next().await;
    sending.stands(MailStatus::Sent).await;
    sending.stop().await;
}

#[tokio::test]
async fn a_password_that_is_wrong_parks_no_mail() {
    let login = Some(("me".to_owned(), "right".to_owned()));
    let server = SmtpServer::start_as(Manner { login, ..Manner::default() }).await;
    let sending = Sending::start(Some(&format!("smtp://me:wrong@127.0.0.1:{}", server.port()))).await;
    let waiting = sending.stands(MailStatus::Retrying).await;
    assert!(waiting.error.as_deref().unwrap().starts_with("535"), "{waiting:?}");
    sending.stop().await;
}

#[tokio::test]
async fn without_a_server_a_mail_is_kept_and_with_one_it_goes() {
    let sending = Sending::start(None).await;
    sending.stands(MailStatus::Kept).await;
    let scene = sending.stop().await;
    let mut server = SmtpServer::start().await;
    let sending = Sending::run(scene, Some(&url(&server)));
    server.next().await;
    sending.stands(MailStatus::Sent).await;
    sending.stop().await;
}

#[tokio::test]
async fn what_was_taken_before_a_crash_goes_again_and_is_known_for_one() {
    let mut server = SmtpServer::start().await;
    let sending = Sending::start(None).await;
    sending.stands(MailStatus::Kept).await;
    let scene = sending.stop().await;
    let engine = scene.gateway.engine.clone();
    engine.queue_kept_mails().await.unwrap();
    // The server takes the mail, and the process dies before that is written down.
    let view = engine.take_mail(Span::minutes(5)).await.unwrap().unwrap();
    let letter = engine.letter(&view, URL).unwrap();
    let sent = mailer(&url(&server)).send(&letter, &view.mail.reference(), engine.wall_time()).await;
    assert_eq!(sent, Sent::Taken);
    let first = server.next().await;
    engine.release_mails().await.unwrap();
    let sending = Sending::run(scene, Some(&url(&server)));
    let second = server.next().await;
    assert!(is_same(&first, &second));
    assert_eq!((&first.text, first.header("Subject")), (&second.text, second.header("Subject")));
    sending.stands(MailStatus::Sent).await;
    sending.stop().await;
}
