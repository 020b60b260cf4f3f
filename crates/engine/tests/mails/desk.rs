//! A payment that more came for than was asked, and what is done with its mail.

use domain::{
    mail::{Mail, MailOutcome},
    time::Span,
};
use engine::mails::{ListMails, MailView};
use testkit::{gateway::Gateway, scene::Scene};

pub(crate) const BUYER: &str = "buyer@example.com";
pub(crate) const URL: &str = "https://pay.example";
pub(crate) const LEASE: Span = Span::seconds(30);

pub(crate) async fn mails(gateway: &Gateway) -> Vec<Mail> {
    let query = ListMails { limit: 100, ..ListMails::default() };
    gateway.engine.list_mails(query).await.unwrap()
}

pub(crate) async fn the_mail(scene: &Scene) -> Mail {
    let mut mails = mails(&scene.gateway).await;
    assert_eq!(mails.len(), 1, "{mails:?}");
    mails.remove(0)
}

pub(crate) async fn take(scene: &Scene) -> Option<MailView> {
    scene.gateway.engine.take_mail(LEASE).await.unwrap()
}

pub(crate) async fn finish(scene: &Scene, taken: &MailView, outcome: MailOutcome) {
    scene.gateway.engine.finish_mail(&taken.mail, outcome).await.unwrap();
}

pub(crate) async fn over() -> Scene {
    let scene = Scene::with_buyer(BUYER).await;
    scene.choose("ethereum", "USDT").await.unwrap();
    scene.send("30").await;
    scene
}
