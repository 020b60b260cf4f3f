//! Money of every amount, in one piece and in many.

use serde_json::json;

use crate::{
    chain::{Chain, script},
    till::{ADDRESSES, TAPROOT, TAPROOT_ADDRESSES, Till, launch, text},
    told::story,
};

#[tokio::test]
async fn a_payment_is_seen_before_it_is_mined_and_paid_at_its_depth() {
    let mut chain = Chain::start().await;
    let till = Till::start(&chain.node, 3).await;
    let payment = till.payment().await;
    let page = payment.buyer.choose("BTC").await;
    assert_eq!(
        (page.state(), page.amount(), page.address()),
        ("pay", "0.00041667", ADDRESSES[0]),
        "{}",
        page.html
    );
    let link = format!("bitcoin:{}?amount=0.00041667", ADDRESSES[0]);
    assert!(page.html.contains(&link), "{}", page.html);
    let transaction = chain.send(page.address(), page.amount()).await.compute_txid().to_string();
    till.reaches(&payment, "processing").await;
    assert_eq!(till.shop.hears(&payment.id, "payment.processing").await.status, "processing");
    till.confirmations(&payment, 0).await;
    assert_eq!(payment.buyer.page().await.state(), "seen");
    for depth in 1..=2 {
        chain.node.mine(1).await;
        till.confirmations(&payment, depth).await;
        assert_eq!(till.status(&payment).await, "processing");
    }
    chain.node.mine(1).await;
    till.reaches(&payment, "completed").await;
    assert_eq!(till.shop.hears(&payment.id, "payment.completed").await.status, "completed");
    assert_eq!(payment.buyer.page().await.state(), "paid");

    let shown = till.shown(&payment).await;
    let balance = json!({"seen": "25.00", "confirmed": "25.00", "remaining": "0.00"});
    let flags = json!({"short": false, "over": false, "late": false});
    assert_eq!((&shown["balance"], &shown["flags"]), (&balance, &flags));
    let receipts = shown["receipts"].as_array().expect("a list");
    assert_eq!(receipts.len(), 1);
    assert_eq!(
        (text(&receipts[0], "/transaction"), text(&receipts[0], "/minor_units"), &receipts[0]["depth"]),
        (transaction.as_str(), "41667", &json!(3))
    );
    let told = till.told(&payment).await;
    let once = [("created", "pending"), ("processing", "processing"), ("completed", "completed")];
    assert_eq!(told, story(&once));
}

#[tokio::test]
async fn parts_of_one_transaction_and_of_the_next_add_up() {
    let mut chain = Chain::start().await;
    let till = Till::start(&chain.node, 1).await;
    let payment = till.payment().await;
    let page = payment.buyer.choose("BTC").await;
    let address = page.address().to_owned();
    // Twice in one transaction, and dust beside it: 294 sats are the least that nodes pass on.
    let parts =
        [(&*address, "0.0001"), (ADDRESSES[1], "0.0001"), (&*address, "0.0002"), (&*address, "0.00000294")];
    let first = chain.send_all(&parts).await;
    let shown = till.shows(&payment, &[("/receipts/2/minor_units", json!("294"))]).await;
    assert_eq!(shown["flags"], json!({"short": true, "over": false, "late": false}));
    let transaction = first.compute_txid().to_string();
    let receipts = shown["receipts"].as_array().expect("a list");
    assert!(receipts.iter().all(|receipt| receipt["transaction"] == transaction));
    let parts: Vec<_> =
        receipts.iter().map(|receipt| (&receipt["ordinal"], &receipt["minor_units"])).collect();
    assert_eq!(
        parts,
        [(&json!(0), &json!("10000")), (&json!(2), &json!("20000")), (&json!(3), &json!("294"))]
    );
    assert_eq!(till.status(&payment).await, "pending");
    let page = payment.buyer.page().await;
    assert_eq!((page.state(), page.amount(), page.address()), ("short", "0.00011373", address.as_str()));
    chain.send(&address, page.amount()).await;
    chain.node.mine(1).await;
    till.reaches(&payment, "completed").await;
    till.shop.hears(&payment.id, "payment.completed").await;
    let shown = till.shown(&payment).await;
    assert_eq!(shown["balance"], json!({"seen": "25.00", "confirmed": "25.00", "remaining": "0.00"}));
    assert_eq!(shown["flags"], json!({"short": false, "over": false, "late": false}));
}

#[tokio::test]
async fn a_taproot_wallet_receives_at_taproot_addresses() {
    let mut chain = Chain::start().await;
    let node = crate::till::config(&chain.node.url(), chain.node.credentials(), 1);
    let till = Till::without_wallet(launch().config(&node)).await;
    let wallet = till.set_wallet(TAPROOT, &TAPROOT_ADDRESSES).await;
    assert_eq!(wallet["script_kind"], "taproot");
    let payment = till.payment().await;
    let page = payment.buyer.choose("BTC").await;
    assert_eq!(page.address(), TAPROOT_ADDRESSES[0]);
    chain.send(page.address(), page.amount()).await;
    till.reaches(&payment, "processing").await;
    chain.node.mine(1).await;
    till.reaches(&payment, "completed").await;
    // The address leads to the payment.
    let found = till.launch.json(&["payments", "show", TAPROOT_ADDRESSES[0]]).await;
    assert_eq!(found["id"], till.shown(&payment).await["id"]);
}

#[tokio::test]
async fn coins_from_a_miner_are_final_when_they_can_be_spent() {
    let chain = Chain::start().await;
    let till = Till::start(&chain.node, 1).await;
    let payment = till.payment().await;
    let page = payment.buyer.choose("BTC").await;
    // A pool pays its miners out of the block itself.
    chain.node.mine_to(&script(page.address()), 1).await;
    till.reaches(&payment, "processing").await;
    chain.node.mine(98).await;
    till.confirmations(&payment, 99).await;
    assert_eq!(till.status(&payment).await, "processing");
    chain.node.mine(1).await;
    till.reaches(&payment, "completed").await;
    assert_eq!(till.shown(&payment).await["receipts"][0]["depth"], 100);
}
