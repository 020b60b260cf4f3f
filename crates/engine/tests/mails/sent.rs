//! From a mail to its end: leased, put off, refused, kept, sent again, forgotten.

use domain::{
    id::MailId,
    mail::{GIVE_UP_AFTER, MailOutcome, MailStatus},
    payment::Order,
    refusal::{Failure, Refusal},
    time::{Clock, Span},
};
use engine::mails::{KEPT_SENT, ListMails, MAILS_KEPT};
use testkit::{gateway::Gateway, postgres::Server, scene::Scene};

use crate::desk::{BUYER, LEASE, finish, mails, over, take, the_mail};

const INSTANT: Span = Span::from_micros(1);

fn later() -> MailOutcome {
    MailOutcome::Later("450 4.2.1 later".to_owned())
}

#[tokio::test]
async fn a_mail_is_leased_and_goes_again_when_the_lease_lapses() {
    let scene = over().await;
    let first = take(&scene).await.unwrap();
    assert!(take(&scene).await.is_none(), "somebody has it");
    scene.gateway.clock.advance(LEASE);
    let second = take(&scene).await.unwrap();
    assert_eq!((first.mail.id, second.mail.attempts), (second.mail.id, 2));
    assert_eq!(first.mail.reference(), second.mail.reference(), "a double is known for one");
    // Whoever had it first has nothing to say any more, unless it was taken.
    finish(&scene, &first, MailOutcome::Never("550 never".to_owned())).await;
    assert_eq!(the_mail(&scene).await.status, MailStatus::Pending);
    finish(&scene, &first, MailOutcome::Taken).await;
    assert_eq!(the_mail(&scene).await.status, MailStatus::Sent);
    finish(&scene, &second, later()).await;
    assert_eq!(the_mail(&scene).await.status, MailStatus::Sent, "what was sent stays so");
}

#[tokio::test]
async fn a_mail_that_is_put_off_comes_again_and_is_given_up_after_four_days() {
    let scene = over().await;
    let clock = &scene.gateway.clock;
    let began = the_mail(&scene).await.created_at;
    loop {
        let view = take(&scene).await.expect("it is due");
        finish(&scene, &view, later()).await;
        let mail = the_mail(&scene).await;
        assert_eq!(mail.error.as_deref(), Some("450 4.2.1 later"));
        let Some(next) = mail.next_attempt_at else { break };
        assert_eq!(mail.status, MailStatus::Retrying);
        clock.advance((next - INSTANT).since(clock.now()));
        assert!(take(&scene).await.is_none(), "not yet");
        clock.advance(INSTANT);
    }
    let mail = the_mail(&scene).await;
    assert_eq!((mail.status, mail.attempts), (MailStatus::Failed, 22));
    assert!(mail.ended_at.unwrap().since(began) >= GIVE_UP_AFTER);
    clock.advance(Span::days(30));
    assert!(take(&scene).await.is_none());
}

#[tokio::test]
async fn a_mail_that_is_refused_is_parked_until_somebody_sends_it_again() {
    let scene = over().await;
    let view = take(&scene).await.unwrap();
    finish(&scene, &view, MailOutcome::Never("550 5.1.1 no such user".to_owned())).await;
    let parked = the_mail(&scene).await;
    assert_eq!(
        (parked.status, parked.error.as_deref()),
        (MailStatus::Failed, Some("550 5.1.1 no such user"))
    );
    assert!(take(&scene).await.is_none());
    scene.gateway.clock.advance(Span::days(10));
    let again = scene.gateway.engine.resend_mail(parked.id).await.unwrap();
    assert_eq!((again.status, again.error), (MailStatus::Pending, None));
    let second = take(&scene).await.unwrap();
    assert_ne!(second.mail.reference(), view.mail.reference(), "it is not to be taken for the first one");
    finish(&scene, &second, later()).await;
    assert_eq!(the_mail(&scene).await.status, MailStatus::Retrying, "its four days begin anew");
    let missing = scene.gateway.engine.resend_mail(MailId::from_bytes([9; 16])).await;
    assert_eq!(missing, Err(Failure::Refused(Refusal::MailNotFound)));
}

#[tokio::test]
async fn without_a_mail_server_mails_are_kept_and_the_young_ones_are_sent_later() {
    let scene = over().await;
    let engine = &scene.gateway.engine;
    assert_eq!(engine.keep_mails().await, Ok(1));
    assert_eq!((engine.keep_mails().await, take(&scene).await.is_none()), (Ok(0), true));
    assert_eq!(the_mail(&scene).await.status, MailStatus::Kept);
    scene.gateway.clock.advance(KEPT_SENT);
    assert_eq!(engine.queue_kept_mails().await, Ok(1));
    assert_eq!(engine.keep_mails().await, Ok(1), "the mail server is gone again");
    scene.gateway.clock.advance(Span::seconds(1));
    assert_eq!(engine.queue_kept_mails().await, Ok(0), "nobody waits for it any more");
    assert_eq!(the_mail(&scene).await.status, MailStatus::Kept);
    engine.resend_mail(the_mail(&scene).await.id).await.unwrap();
    assert!(take(&scene).await.is_some());
    assert_eq!(engine.keep_mails().await, Ok(0), "somebody has it");
}

#[tokio::test]
async fn mails_are_listed_newest_first_and_by_what_is_asked() {
    let scene = over().await;
    scene.send("1").await;
    let engine = &scene.gateway.engine;
    let other = scene.gateway.shop("Other").await;
    let all = mails(&scene.gateway).await;
    let list = async |query: ListMails| -> Vec<MailId> {
        let found = engine.list_mails(ListMails { limit: 1, ..query }).await.unwrap();
        found.iter().map(|mail| mail.id).collect()
    };
    let (shop, payment) = (Some(scene.shop.id), Some(scene.payment.id));
    assert!(all[0].id > all[1].id);
    assert_eq!(list(ListMails::default()).await, [all[0].id]);
    assert_eq!(list(ListMails { after: Some(all[0].id), shop, ..ListMails::default() }).await, [all[1].id]);
    assert_eq!(
        list(ListMails { after: Some(all[0].id), payment, ..ListMails::default() }).await,
        [all[1].id]
    );
    assert_eq!(list(ListMails { shop: Some(other.id), ..ListMails::default() }).await, []);
    assert_eq!(list(ListMails { payment, shop: Some(other.id), ..ListMails::default() }).await, []);
    assert_eq!(list(ListMails { status: Some(MailStatus::Sent), ..ListMails::default() }).await, []);
    let too_many = engine.list_mails(ListMails { limit: 101, ..ListMails::default() }).await;
    assert_eq!(too_many, Err(Failure::Refused(Refusal::TooMany)));
}

#[tokio::test]
async fn mails_are_kept_for_ninety_days() {
    let scene = over().await;
    scene.gateway.clock.advance(MAILS_KEPT);
    scene.gateway.engine.prune().await.unwrap();
    assert_eq!(mails(&scene.gateway).await.len(), 1);
    scene.gateway.clock.advance(Span::seconds(1));
    scene.gateway.engine.prune().await.unwrap();
    assert_eq!(mails(&scene.gateway).await, []);
}

#[tokio::test]
async fn a_lease_lapses_with_its_process() {
    let scene = over().await;
    take(&scene).await.unwrap();
    assert_eq!(scene.gateway.engine.release_mails().await, Ok(1));
    assert!(take(&scene).await.is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lease_lapses_with_its_node() {
    let gateway = Gateway::start_on(Server::shared().database()).await;
    let shop = gateway.shop("Shop").await;
    let order = Order { customer_email: Some(BUYER.to_owned()), ..Order::default() };
    let payment = gateway.payment_for(&shop, 2_500, order).await;
    let scene = Scene { gateway, shop, payment };
    let engine = &scene.gateway.engine;
    let first = engine.join().await.unwrap();
    scene.choose("ethereum", "USDT").await.unwrap();
    scene.send("30").await;
    take(&scene).await.unwrap();
    let second = engine.join().await.unwrap();
    assert!(take(&scene).await.is_none(), "the first node has it");
    let beats = engine.beat(second).await.unwrap();
    let beat = beats.iter().find(|(node, _)| *node == first).unwrap().1;
    assert_eq!(engine.bury(first, beat).await, Ok(true));
    assert!(take(&scene).await.is_some());
}
