//! From the simulated network to the real one of the same name.

use crate::{
    chain::Chain,
    till::{ADDRESSES, Till, config, launch},
};

#[tokio::test]
async fn no_money_is_asked_for_at_the_sandboxs_addresses_on_a_real_chain() {
    let chain = Chain::start().await;
    let till = Till::without_wallet(launch()).await;
    let mut payment = till.payment_unseen().await;
    let simulated = payment.buyer.choose("ETH").await;
    assert_eq!(simulated.state(), "pay");
    // From here on the name is a real chain's, and the shop has no wallet of its own yet.
    let till = till.restart_with(&config(&chain, &chain.node.url(), 2)).await;
    payment.buyer.moved_to(till.url());
    let mut fresh = till.payment_unseen().await;
    fresh.buyer.moved_to(till.url());
    for page in [fresh.buyer.page().await, payment.buyer.page().await] {
        assert_eq!(page.state(), "choose");
        assert!(page.offer("ETH").is_none() && !page.html.contains(simulated.address()), "{}", page.html);
    }
    till.set_wallet().await;
    for (payment, address) in [(&fresh, ADDRESSES[0]), (&payment, ADDRESSES[1])] {
        payment.buyer.is_offered("ETH").await;
        let page = payment.buyer.choose("ETH").await;
        assert_eq!(page.address(), address);
        chain.send(page.address(), page.amount()).await;
    }
    chain.node.mine(2).await;
    till.reaches(&fresh, "completed").await;
    till.reaches(&payment, "completed").await;
}
