//! Which key receives what.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use domain::{
    chain::{ChainKey, Health, Network, NetworkReport},
    refusal::{Failure, Refusal},
    time::{Clock, Span},
};
use engine::wallets::SetWallet;
use testkit::{gateway::sandbox_networks, scene::Scene};

/// The scene after a restart with a configuration in which ethereum is a real chain, and its node is followed.
async fn with_a_real_ethereum(scene: Scene) -> Scene {
    let ethereum = Network::parse("ethereum").unwrap();
    let mut networks = sandbox_networks();
    networks.iter_mut().filter(|spec| spec.network == ethereum).for_each(|spec| spec.simulated = false);
    let gateway = scene.gateway.restart_with(Vec::new(), networks).await;
    let report = NetworkReport {
        network: ethereum,
        chain: Some(ChainKey::new("1:0xgenesis")),
        health: Health::Live,
        reason: None,
        head_height: Some(7),
        head_time: Some(gateway.clock.now()),
        reported_at: gateway.clock.now(),
    };
    gateway.engine.report_network(report).await.unwrap();
    Scene { gateway, ..scene }
}

#[tokio::test]
async fn no_real_money_is_asked_for_at_an_address_that_everybody_can_spend_from() {
    let scene = with_a_real_ethereum(Scene::new().await).await;
    assert_eq!(scene.choose("ethereum", "ETH").await, Err(Failure::Refused(Refusal::MethodUnavailable)));
    let token = scene.gateway.engine.token(scene.payment.id);
    let offers = scene.gateway.engine.checkout(&token).await.unwrap().offers;
    assert!(
        offers.iter().all(|offer| offer.method.network.as_str() != "ethereum"),
        "it is not offered either"
    );
    assert!(!offers.is_empty(), "the simulated ones are");
    let wallets = scene.gateway.engine.wallets(scene.shop.id).await.unwrap();
    assert!(wallets.iter().all(|view| view.network.as_str() != "ethereum"));
}

#[tokio::test]
async fn the_sandboxs_key_is_known_also_where_somebody_handed_it_in() {
    let scene = Scene::new().await;
    let network = Network::parse("ethereum").unwrap();
    let command = SetWallet { shop: scene.shop.id, network, xpub: addresses::sandbox::XPUB.to_owned() };
    assert!(scene.gateway.engine.set_wallet(command).await.unwrap().wallet.simulated);
    let scene = with_a_real_ethereum(scene).await;
    assert_eq!(scene.choose("ethereum", "ETH").await, Err(Failure::Refused(Refusal::MethodUnavailable)));
}

#[tokio::test]
async fn a_sandbox_address_that_was_shown_is_shown_no_more_once_its_network_is_real() {
    let scene = Scene::new().await;
    scene.choose("ethereum", "ETH").await.unwrap();
    let scene = with_a_real_ethereum(scene).await;
    let token = scene.gateway.engine.token(scene.payment.id);
    assert!(scene.gateway.engine.checkout(&token).await.unwrap().instruction.is_none());
    for asset in ["ETH", "USDT"] {
        assert_eq!(scene.choose("ethereum", asset).await, Err(Failure::Refused(Refusal::MethodUnavailable)));
    }
    scene.choose("tron", "TRX").await.unwrap();
    assert!(scene.gateway.engine.checkout(&token).await.unwrap().instruction.is_some());
    scene.gateway.advance(Span::seconds(1)).await;
}
