//! How well networks are seen, whatever the clock does.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use domain::{
    chain::{ChainKey, Health, Network, NetworkReport},
    payment::Status,
    time::{Clock, Span},
};
use testkit::{
    gateway::{Gateway, sandbox_networks},
    scene::Scene,
};

fn ethereum() -> Network {
    Network::parse("ethereum").unwrap()
}

/// A scene in which ethereum is a real chain.
async fn scene() -> Scene {
    let scene = Scene::new().await;
    let mut networks = sandbox_networks();
    networks.iter_mut().filter(|spec| spec.network == ethereum()).for_each(|spec| spec.simulated = false);
    Scene { gateway: scene.gateway.restart_with(Vec::new(), networks).await, ..scene }
}

fn report(gateway: &Gateway, health: Health) -> NetworkReport {
    let now = gateway.clock.now();
    NetworkReport {
        network: ethereum(),
        chain: Some(ChainKey::new("1:0xgenesis")),
        health,
        reason: None,
        head_height: Some(7),
        head_time: Some(now),
        reported_at: now,
    }
}

/// The key of an account that is nobody's.
const XPUB: &str = concat!(
    "xpub6CUGRUonZSQ4TWtTMmzXdrXDtypWKiKrhko4egpiMZbpiaQL2jkwSB1i",
    "cqYh2cfDfVxdx4df189oLKnC5fSwqPfgyP3hooxujYzAu3fDVmz"
);

/// What keeps a buyer from choosing ethereum; nothing, or nobody could.
async fn trouble(scene: &Scene) -> Option<String> {
    let command =
        engine::wallets::SetWallet { shop: scene.shop.id, network: ethereum(), xpub: XPUB.to_owned() };
    scene.gateway.engine.set_wallet(command).await.unwrap();
    let token = scene.gateway.engine.token(scene.payment.id);
    let offers = scene.gateway.engine.checkout(&token).await.unwrap().offers;
    offers.into_iter().find(|offer| offer.method.network == ethereum()).unwrap().amount.err()
}

#[tokio::test]
async fn a_network_is_offered_while_its_watcher_reports_and_not_for_longer() {
    let scene = scene().await;
    assert!(trouble(&scene).await.unwrap().contains("not connected"));
    scene.gateway.engine.report_network(report(&scene.gateway, Health::Live)).await.unwrap();
    assert_eq!(trouble(&scene).await, None);
    scene.gateway.clock.advance(Span::minutes(4));
    assert_eq!(trouble(&scene).await, None);
    scene.gateway.clock.advance(Span::minutes(2));
    assert!(trouble(&scene).await.unwrap().contains("not connected"));
}

#[tokio::test]
async fn a_report_from_before_the_clock_was_set_back_is_not_believed_for_hours() {
    let scene = scene().await;
    scene.gateway.engine.report_network(report(&scene.gateway, Health::Live)).await.unwrap();
    scene.gateway.clock.advance(Span::hours(-3));
    assert!(trouble(&scene).await.unwrap().contains("not connected"));
    // A watcher that lives is believed at once, though it says the same as before.
    scene.gateway.engine.report_network(report(&scene.gateway, Health::Live)).await.unwrap();
    assert_eq!(trouble(&scene).await, None);
}

#[tokio::test]
async fn a_network_of_which_nothing_is_known_delays_expiry() {
    let scene = Scene::new().await;
    scene.choose("ethereum", "ETH").await.unwrap();
    let mut networks = sandbox_networks();
    networks.iter_mut().filter(|spec| spec.network == ethereum()).for_each(|spec| spec.simulated = false);
    let scene = Scene { gateway: scene.gateway.restart_with(Vec::new(), networks).await, ..scene };
    scene.gateway.advance(Span::days(1)).await;
    assert_eq!(scene.status().await, Status::Waiting);
    scene.gateway.engine.report_network(report(&scene.gateway, Health::Live)).await.unwrap();
    scene.gateway.settle().await;
    assert_eq!(scene.status().await, Status::Waiting, "a node that answers has not been followed yet");
}
