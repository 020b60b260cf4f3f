//! Our own process, killed between a transaction and its confirmation.

use serde_json::json;

use crate::{chain::Chain, till::Till, told::story};

#[tokio::test]
async fn a_payment_goes_on_where_a_killed_process_left_it() {
    let chain = Chain::start().await;
    let till = Till::start(&chain, 4).await;
    let (mut seen, mut unseen) = (till.payment().await, till.payment().await);
    let (first, second) = (seen.buyer.choose("ETH").await, unseen.buyer.choose("USDT").await);
    chain.send(first.address(), first.amount()).await;
    chain.node.mine(1).await;
    till.confirmations(&seen, 1).await;

    let till = till
        .crash(async || {
            // While nobody looks, one gets deeper and the other is paid.
            chain.send_token(second.address(), second.amount()).await;
            chain.node.mine(2).await;
        })
        .await;
    for payment in [&mut seen, &mut unseen] {
        payment.buyer.moved_to(till.url());
    }
    till.confirmations(&seen, 3).await;
    till.confirmations(&unseen, 2).await;
    assert_eq!(till.status(&seen).await, "processing");
    assert_eq!(seen.buyer.page().await.state(), "seen");
    chain.node.mine(1).await;
    till.reaches(&seen, "completed").await;
    assert_eq!(till.status(&unseen).await, "processing");
    chain.node.mine(1).await;
    till.reaches(&unseen, "completed").await;
    for payment in [&seen, &unseen] {
        till.shop.hears(&payment.id, "payment.completed").await;
        let shown = till.shown(payment).await;
        assert_eq!(shown["balance"]["confirmed"], "25.00");
        assert_eq!(shown["receipts"].as_array().map(Vec::len), Some(1));
        assert_eq!(shown["decisions"], json!([]));
        let told = till.told(payment).await;
        let once = [("created", "pending"), ("processing", "processing"), ("completed", "completed")];
        assert_eq!(told, story(&once));
    }
}
