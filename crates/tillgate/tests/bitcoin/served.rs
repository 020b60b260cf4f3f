//! From the simulated network to the real one of the same name, and several real ones side by side.

use serde_json::Value;
use testkit::bitcoin::{Core, Story};

use crate::{
    chain::Chain,
    till::{ADDRESSES, TPUB, Till, config, launch},
};

#[tokio::test]
async fn no_money_is_asked_for_at_the_sandboxs_addresses_on_a_real_chain() {
    let mut chain = Chain::start().await;
    let till = Till::without_wallet(launch()).await;
    let mut payment = till.payment_unseen().await;
    let simulated = payment.buyer.choose("BTC").await;
    assert_eq!(simulated.state(), "pay");
    // From here on the name is a real chain's, and the shop has no wallet of its own yet.
    let node = config(&chain.node.url(), chain.node.credentials(), 1);
    let till = till.restart_with(&node).await;
    payment.buyer.moved_to(till.url());
    let page = payment.buyer.page().await;
    assert_eq!(page.state(), "choose");
    assert!(page.offer("BTC").is_none() && !page.html.contains(simulated.address()), "{}", page.html);
    till.set_wallet(TPUB, &ADDRESSES).await;
    payment.buyer.is_offered("BTC").await;
    let page = payment.buyer.choose("BTC").await;
    assert_eq!(page.address(), ADDRESSES[0]);
    chain.send(page.address(), page.amount()).await;
    chain.node.mine(1).await;
    till.reaches(&payment, "completed").await;
}

#[tokio::test]
async fn several_networks_are_followed_under_names_of_their_own() {
    let (one, other) = (Story::recent(), Story::recent());
    one.mine(3);
    other.mine(4);
    let (first, second) = (Core::start(one).await, Core::start(other).await);
    let (user, password) = second.credentials();
    let both = format!(
        "{}[[rails.bitcoin]]\nnetwork = \"liquidless\"\nchain = \"regtest\"\nrpc_url = \"{}\"\nrpc_user = \"{user}\"\n\
         rpc_password = \"{password}\"\npoll_ms = 100\n",
        config(&first.url(), first.credentials(), 1),
        second.url(),
    );
    let till = Till::with(&both).await;
    till.payment().await;
    testkit::until::until("both are followed", async || {
        let networks = till.operator("/networks").await;
        let head = |name: &str| {
            let items = networks["items"].as_array()?;
            items.iter().find(|network| network["name"] == name)?["head_height"].as_u64()
        };
        let heads: [Option<u64>; 2] = ["bitcoin", "liquidless"].map(head);
        if heads == [Some(3), Some(4)] { Ok(()) } else { Err(Value::to_string(&networks)) }
    })
    .await;
}
