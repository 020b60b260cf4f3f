//! Chains that take a transaction back, and mine it again.

use serde_json::json;

use crate::{
    chain::Chain,
    till::{Till, text},
    told::story,
};

/// Confirmations that make money final here: more than the deepest reorganisation takes away.
const CONFIRMATIONS: u64 = 10;

/// Money in a block that leaves the chain together with those above it, `depth` in all.
async fn check_depth(depth: u64, asset: &str) {
    let chain = Chain::start().await;
    let till = Till::start(&chain, u32::try_from(CONFIRMATIONS).expect("a small number")).await;
    let payment = till.payment().await;
    let page = payment.buyer.choose(asset).await;
    let transaction = match asset {
        "ETH" => chain.send(page.address(), page.amount()).await,
        _ => chain.send_token(page.address(), page.amount()).await,
    };
    chain.node.mine(depth).await;
    till.confirmations(&payment, depth).await;
    assert_eq!(till.status(&payment).await, "processing");
    let signed = chain.node.signed(&transaction).await;

    chain.node.reorganise(depth, &[]).await;
    till.reaches(&payment, "pending").await;
    let shown = till.shown(&payment).await;
    assert_eq!(shown["balance"], json!({"seen": "0.00", "confirmed": "0.00", "remaining": "25.00"}));
    assert_eq!(shown["receipts"][0]["standing"], "gone");
    assert_eq!(payment.buyer.page().await.state(), "orphaned");
    // However many blocks follow, money that is in none of them is not final.
    let height = chain.node.height().await;
    chain.node.mine(CONFIRMATIONS + 1).await;
    let other = till.payment().await;
    let marker = other.buyer.choose("ETH").await;
    chain.send_from_another(marker.address(), marker.amount()).await;
    chain.node.mine(1).await;
    till.reaches(&other, "processing").await;
    assert_eq!(till.status(&payment).await, "pending");

    chain.node.call("eth_sendRawTransaction", json!([signed])).await;
    chain.node.mine(CONFIRMATIONS - 1).await;
    till.confirmations(&payment, CONFIRMATIONS - 1).await;
    assert_eq!(till.status(&payment).await, "processing");
    chain.node.mine(1).await;
    till.reaches(&payment, "completed").await;
    till.shop.hears(&payment.id, "payment.completed").await;

    let shown = till.shown(&payment).await;
    assert_eq!(shown["balance"], json!({"seen": "25.00", "confirmed": "25.00", "remaining": "0.00"}));
    assert_eq!(shown["flags"], json!({"short": false, "over": false, "late": false}));
    let receipts = shown["receipts"].as_array().expect("a list");
    assert_eq!((receipts.len(), text(&receipts[0], "/transaction")), (1, transaction.as_str()));
    // The block that is gone stays written down beside the one that holds it now.
    let blocks = receipts[0]["blocks"].as_array().expect("a list");
    let (gone, there): (Vec<_>, Vec<_>) = blocks.iter().partition(|block| block["orphaned_at"].is_string());
    assert_eq!((gone.len(), there.len()), (1, 1), "{blocks:?}");
    assert!(there[0]["height"].as_u64() > Some(height), "{blocks:?}");
    let expected = story(&[
        ("created", "pending"),
        ("processing", "processing"),
        ("processing", "pending"),
        ("processing", "processing"),
        ("completed", "completed"),
    ]);
    assert_eq!(till.told(&payment).await, expected);
}

#[tokio::test]
async fn one_block_is_taken_back() {
    check_depth(1, "ETH").await;
}

#[tokio::test]
async fn three_blocks_are_taken_back() {
    check_depth(3, "USDT").await;
}

#[tokio::test]
async fn eight_blocks_are_taken_back() {
    check_depth(8, "ETH").await;
}

#[tokio::test]
async fn a_transaction_that_is_mined_again_at_once_is_counted_once() {
    let chain = Chain::start().await;
    let till = Till::start(&chain, 4).await;
    let payment = till.payment().await;
    let page = payment.buyer.choose("USDT").await;
    let transaction = chain.send_token(page.address(), page.amount()).await;
    chain.node.mine(3).await;
    till.confirmations(&payment, 3).await;
    // The same transaction, two blocks higher.
    let again = [(chain.node.signed(&transaction).await, 2)];
    chain.node.reorganise(3, &again).await;
    till.confirmations(&payment, 1).await;
    chain.node.mine(2).await;
    till.confirmations(&payment, 3).await;
    assert_eq!(till.status(&payment).await, "processing");
    chain.node.mine(1).await;
    till.reaches(&payment, "completed").await;
    till.shop.hears(&payment.id, "payment.completed").await;
    let shown = till.shown(&payment).await;
    assert_eq!(shown["balance"]["confirmed"], "25.00");
    assert_eq!(shown["receipts"].as_array().map(Vec::len), Some(1));
    let expected = story(&[
        ("created", "pending"),
        ("processing", "processing"),
        ("processing", "pending"),
        ("processing", "processing"),
        ("completed", "completed"),
    ]);
    assert_eq!(till.told(&payment).await, expected);
}
