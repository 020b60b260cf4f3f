//! Which key receives what.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use domain::{
    chain::{ChainKey, Health, Network, NetworkReport, ScriptKind},
    payment::Status,
    refusal::{Failure, Refusal},
    time::{Clock, Span},
};
use engine::{checkout::ChooseMethod, sandbox::SimulatePay, wallets::SetWallet};
use testkit::{gateway::sandbox_networks, scene::Scene};

/// Account keys of the vectors of BIP-84 and BIP-86, and the first addresses of both, as simulated networks write them.
const SEGWIT: &str = concat!(
    "xpub6CatWdiZiodmUeTDp8LT5or8nmbKNcuyvz7WyksVFkKB4RHwCD3Xyuv",
    "PEbvqAQY3rAPshWcMLoP2fMFMKHPJ4ZeZXYVUhLv1VMrjPC7PW6V"
);
const SEGWIT_ADDRESS: &str = "bcrt1qcr8te4kr609gcawutmrza0j4xv80jy8zeqchgx";
const TAPROOT: &str = concat!(
    "tr([73c5da0a/86h/0h/0h]xpub6BgBgsespWvERF3LHQu6CnqdvfEvtMcQjYrcRzx53QJjSxarj2afYWc",
    "LteoGVky7D3UKDP9QyrLprQ3VCECoY49yfdDEHGCtMMj92pReUsQ/0/*)"
);
const TAPROOT_ADDRESS: &str = "bcrt1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqvg32hk";

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

/// Lets the scene's shop receive with this key on the simulated Bitcoin.
async fn set(scene: &Scene, key: &str) -> Result<engine::wallets::WalletView, Failure> {
    let network = Network::parse("bitcoin").unwrap();
    let command = SetWallet { shop: scene.shop.id, network, xpub: key.to_owned() };
    scene.gateway.engine.set_wallet(command).await
}

#[tokio::test]
async fn money_is_seen_at_addresses_of_either_kind_when_a_shop_goes_over_to_the_other() {
    let scene = Scene::new().await;
    let segwit = set(&scene, SEGWIT).await.unwrap();
    assert_eq!(
        (segwit.wallet.script_kind, &*segwit.first_addresses[0]),
        (ScriptKind::WitnessKeyHash, SEGWIT_ADDRESS)
    );
    scene.choose("bitcoin", "BTC").await.unwrap();
    // The first payment keeps its address, and the next one gets one of the new kind.
    let taproot = set(&scene, TAPROOT).await.unwrap();
    assert_eq!(
        (taproot.wallet.script_kind, &*taproot.first_addresses[0]),
        (ScriptKind::Taproot, TAPROOT_ADDRESS)
    );
    let second = Scene { payment: scene.gateway.payment(&scene.shop, 2_500).await, ..scene };
    second.choose("bitcoin", "BTC").await.unwrap();
    second.simulate(second.pay()).await;
    assert_eq!(second.status().await, Status::Paid);
    let first = second.gateway.engine.find_payment(SEGWIT_ADDRESS).await.unwrap();
    let found = second.gateway.engine.find_payment(TAPROOT_ADDRESS).await.unwrap();
    assert!(found.id == second.payment.id && first.id != found.id);
}

#[tokio::test]
async fn one_key_makes_addresses_of_one_kind() {
    let scene = Scene::new().await;
    set(&scene, SEGWIT).await.unwrap();
    let refused = set(&scene, &format!("tr({SEGWIT}/0/*)")).await;
    assert_eq!(refused.unwrap_err(), Failure::Refused(Refusal::KeyOfOtherForm));
    // The same key in another dress is the same wallet.
    let again = set(&scene, &format!("wpkh({SEGWIT}/0/*)")).await.unwrap();
    assert_eq!(again.wallet.id, set(&scene, SEGWIT).await.unwrap().wallet.id);
}

#[tokio::test]
async fn a_wallet_tells_how_many_addresses_lie_behind_the_last_money() {
    let scene = Scene::new().await;
    set(&scene, SEGWIT).await.unwrap();
    let mut payments = vec![scene.payment.clone()];
    for _ in 0..9 {
        payments.push(scene.gateway.payment(&scene.shop, 2_500).await);
    }
    let paying = |payment: &domain::payment::Payment| {
        let target = engine::sandbox::Target { shop: scene.shop.id, payment: payment.id };
        let method = Some(testkit::scene::method("bitcoin", "BTC"));
        SimulatePay { target, method, amount: None, confirmations: None }
    };
    for payment in &payments {
        let command = ChooseMethod {
            shop: scene.shop.id,
            payment: payment.id,
            method: testkit::scene::method("bitcoin", "BTC"),
            version: None,
        };
        scene.gateway.engine.choose_method(command).await.unwrap();
    }
    let gap = async || {
        let wallets = scene.gateway.engine.wallets(scene.shop.id).await.unwrap();
        let wallet = wallets.into_iter().find(|view| view.network.as_str() == "bitcoin").unwrap();
        (wallet.gap.widest, wallet.gap.unpaid)
    };
    assert_eq!(gap().await, (0, 10));
    scene.simulate(paying(&payments[1])).await;
    assert_eq!(gap().await, (1, 8));
    scene.simulate(paying(&payments[7])).await;
    assert_eq!(gap().await, (5, 2));
    // What is gone from the chain again was never there for a wallet that looks.
    let bitcoin = Network::parse("bitcoin").unwrap();
    scene.gateway.engine.reorganise(bitcoin, 2, true).await.unwrap();
    scene.gateway.settle().await;
    assert_eq!(gap().await, (1, 8));
}
