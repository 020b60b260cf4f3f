//! Money of every amount and kind.

use serde_json::json;

use crate::{
    chain::Chain,
    till::{ADDRESSES, Till, text},
    told::story,
};

#[tokio::test]
async fn ether_pays_a_payment_at_its_depth_and_not_before() {
    let chain = Chain::start().await;
    let till = Till::start(&chain, 3).await;
    let payment = till.payment().await;
    let page = payment.buyer.choose("ETH").await;
    assert_eq!(
        (page.state(), page.amount(), page.address()),
        ("pay", "0.00833334", ADDRESSES[0]),
        "{}",
        page.html
    );
    let transaction = chain.send(page.address(), page.amount()).await;
    chain.node.mine(1).await;
    till.reaches(&payment, "processing").await;
    assert_eq!(till.shop.hears(&payment.id, "payment.processing").await.status, "processing");
    chain.node.mine(1).await;
    till.confirmations(&payment, 2).await;
    assert_eq!(till.status(&payment).await, "processing");
    assert_eq!(payment.buyer.page().await.state(), "seen");
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
        (transaction.as_str(), "8333340000000000", &json!(3))
    );
}

#[tokio::test]
async fn tokens_of_the_listed_contract_pay_a_payment() {
    let chain = Chain::start().await;
    let till = Till::start(&chain, 2).await;
    let payment = till.payment().await;
    let page = payment.buyer.choose("USDT").await;
    assert_eq!((page.amount(), page.address()), ("25.00", ADDRESSES[0]));
    // The same token by its name and places, at a contract that nobody listed.
    chain.send_imitation(page.address(), page.amount()).await;
    let transaction = chain.send_token(page.address(), page.amount()).await;
    chain.node.mine(1).await;
    till.reaches(&payment, "processing").await;
    chain.node.mine(1).await;
    till.reaches(&payment, "completed").await;
    till.shop.hears(&payment.id, "payment.completed").await;
    let shown = till.shown(&payment).await;
    let receipts = shown["receipts"].as_array().expect("a list");
    assert_eq!((receipts.len(), text(&receipts[0], "/transaction")), (1, transaction.as_str()));
    assert_eq!((&receipts[0]["asset"], &receipts[0]["minor_units"]), (&json!("USDT"), &json!("25000000")));
}

#[tokio::test]
async fn the_rest_of_a_short_payment_goes_to_the_same_address() {
    let chain = Chain::start().await;
    let till = Till::start(&chain, 2).await;
    let payment = till.payment().await;
    let page = payment.buyer.choose("USDT").await;
    let address = page.address().to_owned();
    chain.send_token(&address, "10").await;
    chain.node.mine(2).await;
    let part = json!({"seen": "10.00", "confirmed": "10.00", "remaining": "15.00"});
    let shown = till.shows(&payment, &[("/balance", part)]).await;
    assert_eq!(shown["flags"], json!({"short": true, "over": false, "late": false}));
    assert_eq!(till.status(&payment).await, "pending");
    let page = payment.buyer.page().await;
    assert_eq!((page.state(), page.amount(), page.address()), ("short", "15.00", address.as_str()));
    chain.send_token(&address, page.amount()).await;
    chain.node.mine(1).await;
    till.reaches(&payment, "processing").await;
    chain.node.mine(1).await;
    till.reaches(&payment, "completed").await;
    till.shop.hears(&payment.id, "payment.completed").await;
    let shown = till.shown(&payment).await;
    assert_eq!(shown["balance"], json!({"seen": "25.00", "confirmed": "25.00", "remaining": "0.00"}));
    assert_eq!(shown["flags"], json!({"short": false, "over": false, "late": false}));
    let told = till.told(&payment).await;
    assert_eq!(
        told,
        story(&[("created", "pending"), ("processing", "processing"), ("completed", "completed")])
    );
}

#[tokio::test]
async fn what_is_too_much_is_counted_flagged_and_told_once() {
    let chain = Chain::start().await;
    let till = Till::start(&chain, 2).await;
    let payment = till.payment().await;
    let page = payment.buyer.choose("USDT").await;
    chain.send_token(page.address(), "30.5").await;
    chain.node.mine(2).await;
    till.reaches(&payment, "completed").await;
    till.shop.hears(&payment.id, "payment.completed").await;
    let more = payment.buyer.page().await;
    assert_eq!(more.state(), "over");
    // And again, to an order that is paid.
    chain.send_token(page.address(), "1").await;
    chain.node.mine(2).await;
    let balance = json!({"seen": "31.50", "confirmed": "31.50", "remaining": "-6.50"});
    let shown = till.shows(&payment, &[("/balance", balance)]).await;
    assert_eq!((&shown["status"], &shown["flags"]["over"]), (&json!("paid"), &json!(true)));
    assert_eq!(till.status(&payment).await, "completed");
    let told = till.told(&payment).await;
    assert_eq!(
        told,
        story(&[("created", "pending"), ("processing", "processing"), ("completed", "completed")])
    );
}

#[tokio::test]
async fn two_payments_in_one_block_have_addresses_and_money_of_their_own() {
    let chain = Chain::start().await;
    let till = Till::start(&chain, 2).await;
    let (first, second) = (till.payment().await, till.payment().await);
    let (ether, tokens) = (first.buyer.choose("ETH").await, second.buyer.choose("USDT").await);
    assert_eq!([ether.address(), tokens.address()], ADDRESSES);
    chain.send_token(tokens.address(), "24.99").await;
    chain.send(ether.address(), ether.amount()).await;
    chain.node.mine(2).await;
    till.reaches(&first, "completed").await;
    till.shows(&first, &[("/balance/confirmed", json!("25.00"))]).await;
    let shown = till.shows(&second, &[("/balance/confirmed", json!("24.99"))]).await;
    assert_eq!(shown["flags"], json!({"short": true, "over": false, "late": false}));
    assert_eq!(till.status(&second).await, "pending");
    chain.send_token(tokens.address(), "0.01").await;
    chain.node.mine(2).await;
    till.reaches(&second, "completed").await;
    till.shop.hears(&second.id, "payment.completed").await;
    assert_eq!(till.shown(&first).await["balance"]["seen"], "25.00");
}
