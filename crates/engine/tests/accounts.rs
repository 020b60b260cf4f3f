//! What shops have received.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use domain::{
    merchant::Shop,
    refusal::{Failure, Refusal},
};
use engine::sandbox::{SimulatePay, Target};
use testkit::{gateway::Gateway, scene::method};

async fn pay(gateway: &Gateway, shop: &Shop, (network, asset): (&str, &str), amount: &str, depth: u32) {
    let target = Target { shop: shop.id, payment: gateway.payment(shop, 2_500).await.id };
    let (amount, confirmations) = (Some(amount.to_owned()), Some(depth));
    let pay = SimulatePay { target, method: Some(method(network, asset)), amount, confirmations };
    gateway.engine.simulate_pay(pay).await.unwrap();
    gateway.settle().await;
}

/// What a shop has received, as people write it.
async fn accounts(gateway: &Gateway, shop: &Shop) -> Vec<String> {
    let accounts = gateway.engine.accounts(shop.id).await.unwrap();
    let write = |one: &engine::accounts::AccountBalance| {
        let amount = one.amount.to_trimmed_decimal(one.asset.decimals, 2);
        format!("{amount} {} on {}", one.asset.code, one.network)
    };
    accounts.iter().map(write).collect()
}

#[tokio::test]
async fn what_is_final_adds_up_by_network_and_asset_and_what_is_not_does_not() {
    let gateway = Gateway::start(Vec::new()).await;
    let (shop, other) = (gateway.shop("Shop").await, gateway.shop("Other").await);
    assert!(accounts(&gateway, &shop).await.is_empty());
    pay(&gateway, &shop, ("ethereum", "USDT"), "10", 0).await;
    assert!(accounts(&gateway, &shop).await.is_empty(), "it is seen, and not final");
    for _ in 0..2 {
        pay(&gateway, &shop, ("tron", "USDT"), "12.5", 2).await;
        pay(&gateway, &shop, ("bitcoin", "BTC"), "0.01", 2).await;
    }
    pay(&gateway, &other, ("bitcoin", "BTC"), "0.5", 2).await;
    assert_eq!(accounts(&gateway, &shop).await, ["0.02 BTC on bitcoin", "25.00 USDT on tron"]);
    assert_eq!(accounts(&gateway, &other).await, ["0.50 BTC on bitcoin"]);
    gateway.engine.mine(method("ethereum", "USDT").network, 3).await.unwrap();
    gateway.settle().await;
    let all = ["0.02 BTC on bitcoin", "10.00 USDT on ethereum", "25.00 USDT on tron"];
    assert_eq!(accounts(&gateway, &shop).await, all);
    let nobody = gateway.engine.accounts(domain::id::Id::from_bytes([7; 16])).await;
    assert_eq!(nobody, Err(Failure::Refused(Refusal::ShopNotFound)));
}

#[tokio::test]
async fn what_is_reversed_is_taken_off_again_and_comes_back_once() {
    let gateway = Gateway::start(Vec::new()).await;
    let shop = gateway.shop("Shop").await;
    let network = method("ethereum", "USDT").network;
    pay(&gateway, &shop, ("ethereum", "USDT"), "10", 3).await;
    pay(&gateway, &shop, ("ethereum", "USDT"), "15", 3).await;
    assert_eq!(accounts(&gateway, &shop).await, ["25.00 USDT on ethereum"]);
    gateway.engine.reorganise(network, 3, true).await.unwrap();
    gateway.settle().await;
    let left = accounts(&gateway, &shop).await;
    assert_eq!(left, ["10.00 USDT on ethereum"], "the blocks of the second one left the chain");
    gateway.engine.reorganise(network, 7, true).await.unwrap();
    gateway.settle().await;
    assert_eq!(accounts(&gateway, &shop).await, ["0.00 USDT on ethereum"], "never less than nothing");
}
