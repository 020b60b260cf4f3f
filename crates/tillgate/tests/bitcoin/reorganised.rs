//! Chains that take a transaction back, mine it again, or spend its coin otherwise.

use serde_json::json;
use testkit::bitcoin::nobody;

use crate::{
    chain::{Chain, sats, script},
    till::{Till, text},
    told::story,
};

/// Confirmations that make money final here: more than the deepest reorganisation takes away.
const CONFIRMATIONS: u64 = 6;

#[tokio::test]
async fn money_that_is_spent_otherwise_in_a_longer_branch_is_taken_back_and_told() {
    let mut chain = Chain::start().await;
    let till = Till::start(&chain.node, u32::try_from(CONFIRMATIONS).unwrap()).await;
    let payment = till.payment().await;
    let page = payment.buyer.choose("BTC").await;
    let coin = chain.payer.coin();
    let paid = chain.payer.spend(coin, &[(script(page.address()), sats(page.amount()))]);
    let instead = chain.payer.spend(coin, &[(nobody(), 5_000)]);
    chain.node.send(&paid).await;
    chain.node.mine(2).await;
    till.confirmations(&payment, 2).await;
    assert_eq!(till.status(&payment).await, "processing");

    chain.node.take_back(2).await;
    chain.node.send(&instead).await;
    chain.node.mine(3).await;
    till.reaches(&payment, "pending").await;
    assert_eq!(payment.buyer.page().await.state(), "orphaned");
    let shown = till.shown(&payment).await;
    assert_eq!(shown["balance"], json!({"seen": "0.00", "confirmed": "0.00", "remaining": "25.00"}));
    assert_eq!(shown["receipts"][0]["standing"], "gone");
    // However many blocks follow, it is gone; and the buyer pays again, to the same address.
    chain.node.mine(CONFIRMATIONS).await;
    let again = payment.buyer.page().await;
    assert_eq!((again.state(), again.address()), ("orphaned", page.address()));
    chain.send(again.address(), again.amount()).await;
    chain.node.mine(CONFIRMATIONS).await;
    till.reaches(&payment, "completed").await;
    let told = till.told(&payment).await;
    let expected = story(&[
        ("created", "pending"),
        ("processing", "processing"),
        ("processing", "pending"),
        ("processing", "processing"),
        ("completed", "completed"),
    ]);
    assert_eq!(told, expected);
}

#[tokio::test]
async fn a_transaction_that_is_mined_again_is_counted_once() {
    let mut chain = Chain::start().await;
    let till = Till::start(&chain.node, u32::try_from(CONFIRMATIONS).unwrap()).await;
    let payment = till.payment().await;
    let page = payment.buyer.choose("BTC").await;
    let paid = chain.send(page.address(), page.amount()).await;
    chain.node.mine(3).await;
    till.confirmations(&payment, 3).await;

    chain.node.take_back(3).await;
    chain.node.mine(4).await;
    till.reaches(&payment, "pending").await;
    chain.node.send(&paid).await;
    till.reaches(&payment, "processing").await;
    chain.node.mine(CONFIRMATIONS - 1).await;
    till.confirmations(&payment, CONFIRMATIONS - 1).await;
    assert_eq!(till.status(&payment).await, "processing");
    chain.node.mine(1).await;
    till.reaches(&payment, "completed").await;
    till.shop.hears(&payment.id, "payment.completed").await;

    let shown = till.shown(&payment).await;
    assert_eq!(shown["balance"], json!({"seen": "25.00", "confirmed": "25.00", "remaining": "0.00"}));
    let receipts = shown["receipts"].as_array().expect("a list");
    assert_eq!((receipts.len(), text(&receipts[0], "/transaction")), (1, &*paid.compute_txid().to_string()));
    // The block that is gone stays written down beside the one that holds it now.
    let blocks = receipts[0]["blocks"].as_array().expect("a list");
    let gone = blocks.iter().filter(|block| block["orphaned_at"].is_string()).count();
    assert_eq!((gone, blocks.len()), (1, 2), "{blocks:?}");
}
