//! What waits to be mined, and how nodes say that they see nothing: at stand-ins for Bitcoin Core and Esplora.

use serde_json::{Value, json};
use testkit::{
    bitcoin::{Core, Esplora, Story, nobody},
    until::until,
};

use crate::{
    chain::{sats, script},
    till::{Till, config, config_without_server, text},
    told::story,
};

/// What a buyer reads beside a method whose chain cannot be seen.
const UNSEEN: &str = "We cannot see Bitcoin right now.";

/// What the operator is told of the network.
async fn network(till: &Till) -> Value {
    let networks = till.operator("/networks").await;
    let items = networks["items"].as_array().expect("a list").clone();
    items.into_iter().find(|network| network["name"] == "bitcoin").expect("the network")
}

#[tokio::test]
async fn a_payment_that_is_replaced_before_it_is_mined_is_told_of() {
    let told = Story::recent();
    told.mine(5);
    let core = Core::start(told.clone()).await;
    let till = Till::with(&config(&core.url(), core.credentials(), 1)).await;
    let payment = till.payment().await;
    let page = payment.buyer.choose("BTC").await;
    let first = told.paying(&[(script(page.address()), sats(page.amount()))]);
    told.wait(&first);
    till.reaches(&payment, "processing").await;
    // The buyer pays a higher fee, and pays somebody else.
    told.forget(first.compute_txid());
    told.wait(&told.paying(&[(nobody(), sats(page.amount()))]));
    till.reaches(&payment, "pending").await;
    let orphaned = payment.buyer.page().await;
    assert_eq!((orphaned.state(), orphaned.html.contains("completed")), ("orphaned", false));
    let shown = till.shown(&payment).await;
    assert_eq!(
        (&shown["receipts"][0]["standing"], &shown["balance"]["seen"]),
        (&json!("gone"), &json!("0.00"))
    );
    // And then, once more, us.
    let last = told.paying(&[(nobody(), 7), (script(page.address()), sats(page.amount()))]);
    told.wait(&last);
    till.reaches(&payment, "processing").await;
    told.mine(1);
    till.reaches(&payment, "completed").await;
    let shown = till.shown(&payment).await;
    let receipts = shown["receipts"].as_array().expect("a list");
    assert_eq!((receipts.len(), text(&receipts[1], "/transaction")), (2, &*last.compute_txid().to_string()));
    assert_eq!(shown["balance"], json!({"seen": "25.00", "confirmed": "25.00", "remaining": "0.00"}));
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
async fn a_node_that_cannot_tell_is_named_with_the_reason() {
    let told = Story::recent();
    told.mine(5);
    let core = Core::start(told.clone()).await;
    let till = Till::with(&config(&core.url(), core.credentials(), 1)).await;
    let payment = till.payment().await;
    let is_blind = async |reason: &str| {
        until(&format!("the network is blind: {reason}"), async || {
            let network = network(&till).await;
            let fits = network["health"] == "blind" && network["reason"].as_str() == Some(reason);
            if fits { Ok(()) } else { Err(network.to_string()) }
        })
        .await;
    };
    core.mood().fetching = Some(900_000);
    is_blind("the node is still fetching the chain: it has 5 of 900000 blocks").await;
    payment.buyer.is_refused("BTC", UNSEEN).await;
    core.mood().fetching = None;
    core.mood().warming_up = Some("Verifying blocks");
    is_blind("the node is still starting: Verifying blocks").await;
    core.mood().warming_up = None;
    told.mine(8);
    core.mood().pruned_below = Some(10);
    is_blind(
        "the node is pruned and has blocks from 10 on only, and block 6 is needed: let it fetch them again, or name \
         another node",
    )
    .await;
    core.mood().pruned_below = None;
    payment.buyer.is_offered("BTC").await;
}

#[tokio::test]
async fn a_node_that_does_not_let_us_in_is_named_too() {
    let core = Core::start(Story::recent()).await;
    let till = Till::with(&config(&core.url(), ("till", "guessed"), 1)).await;
    until("the network is blind", async || {
        let network = network(&till).await;
        let reason = "the node refuses the credentials, or calls from this machine (HTTP status 401)";
        let fits = network["health"] == "blind" && network["reason"] == reason;
        if fits { Ok(()) } else { Err(network.to_string()) }
    })
    .await;
}

#[tokio::test]
async fn a_shop_without_a_node_is_paid_through_an_esplora_server() {
    let told = Story::recent();
    told.mine(5);
    let esplora = Esplora::start(told.clone()).await;
    let server = format!("{}esplora_url = \"{}\"\n", config_without_server(), esplora.url());
    let till = Till::with(&server).await;
    let payment = till.payment().await;
    let page = payment.buyer.choose("BTC").await;
    told.wait(&told.paying(&[(script(page.address()), sats(page.amount()))]));
    till.reaches(&payment, "processing").await;
    told.mine(2);
    till.reaches(&payment, "completed").await;
    till.shop.hears(&payment.id, "payment.completed").await;
    assert!(
        esplora.paths().iter().all(|path| !path.contains(page.address())),
        "nobody is asked about an address"
    );
}
