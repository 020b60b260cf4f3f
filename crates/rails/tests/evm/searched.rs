//! Nodes that list no receipts by block: their logs are searched instead.

use rails::RailError;
use serde_json::Value;
use testkit::anvil::Front;

use crate::{
    amended::{Paid, ask_for, check_same, is, nothings_hash},
    chain::{ALICE, Chain, settings},
    follower::{Follower, Meanwhile, watching},
};

#[tokio::test]
async fn a_node_without_receipts_by_block_is_searched_for_logs() {
    for code in [-32601, -32004] {
        let front = check_same(move |call, answer| {
            if is(call, "eth_getBlockReceipts") {
                Front::refuse(answer, code);
            }
        })
        .await;
        // It was asked once, for the block that makes the token; after that the logs of all five were searched.
        assert_eq!(front.count("eth_getBlockReceipts"), 1);
        assert_eq!(front.count("eth_getLogs"), 6);
        // Four transactions that may concern us, and the last one.
        assert_eq!(front.count("eth_getTransactionReceipt"), 4);
    }
}

#[tokio::test]
async fn without_tokens_no_logs_are_searched() {
    let chain = Chain::start().await;
    let amend = Front::each(|call, answer| {
        if is(call, "eth_getBlockReceipts") {
            Front::refuse(answer, -32601);
        }
    });
    let front = Front::start(chain.node.url(), amend).await;
    let mut follower = Follower::start(settings(&front.url(), &[])).await;
    chain.pay(ALICE, 5).await;
    chain.node.mine(1).await;
    assert_eq!(follower.catch_up().await.len(), 1);
    assert_eq!((front.count("eth_getTransactionReceipt"), front.count("eth_getLogs")), (1, 0));
}

#[tokio::test]
async fn logs_of_a_block_that_was_replaced_are_no_error_of_the_node() {
    let chain = Chain::start().await;
    let amend = Front::each(|call, answer| {
        if is(call, "eth_getBlockReceipts") {
            Front::refuse(answer, -32601);
        }
    });
    let front = Front::start(chain.node.url(), amend).await;
    let mut follower = Follower::start(settings(&front.url(), &[("USDT", chain.token)])).await;
    chain.pay_token(ALICE, 5).await;
    chain.node.mine(1).await;
    let mut meanwhile = Meanwhile(|| chain.node.reorganise(1, &[]), watching(&[ALICE]));
    let asked = follower.rail.next(&follower.cursor, &mut meanwhile).await;
    assert_eq!(asked, Err(RailError::Reorganised));
    assert_eq!(follower.catch_up().await, []);
}

#[tokio::test]
async fn a_search_that_leads_to_another_block_is_not_believed() {
    let first = Err(RailError::Incomplete { height: 2 });
    let search = |paid: Paid, method: &'static str, amend: fn(&mut Value)| {
        ask_for(paid, move |call, answer| {
            if is(call, "eth_getBlockReceipts") {
                Front::refuse(answer, -32601);
            } else if is(call, method) {
                amend(answer);
            }
        })
    };
    for paid in [Paid::Coins, Paid::Tokens] {
        assert_eq!(search(paid, "none", |_| {}).await, Ok(3));
        let receipt = "eth_getTransactionReceipt";
        assert_eq!(search(paid, receipt, |answer| answer["result"] = Value::Null).await, first);
        assert_eq!(
            search(paid, receipt, |answer| answer["result"]["blockHash"] = nothings_hash()).await,
            first
        );
        assert_eq!(search(paid, "eth_getLogs", |answer| answer["result"] = Value::Null).await, first);
    }
    let moved = |answer: &mut Value| answer["result"][0]["blockHash"] = nothings_hash();
    assert_eq!(search(Paid::Tokens, "eth_getLogs", moved).await, first);
}
