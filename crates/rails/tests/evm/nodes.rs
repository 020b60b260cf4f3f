//! Nodes that know less, say less, or say something else.

use rails::{RailError, evm::EvmRail};
use serde_json::{Value, json};
use testkit::anvil::Front;

use crate::{
    amended::{Paid, ask, ask_for, check_same, fill, is, nothings_hash},
    chain::{Chain, settings},
    follower::Follower,
};

#[tokio::test]
async fn what_other_nodes_leave_out_is_not_missed() {
    check_same(|call, answer| {
        let Value::Object(result) = &mut answer["result"] else { return };
        if is(call, "eth_getBlockByNumber") {
            result.retain(|field, _| {
                ["number", "hash", "parentHash", "timestamp", "transactions"].contains(&field.as_str())
            });
            result.insert("stateRoot".to_owned(), json!("0x"));
            for transaction in result["transactions"].as_array_mut().into_iter().flatten() {
                if let Value::Object(transaction) = transaction {
                    transaction.insert("nonce".to_owned(), Value::Null);
                    if transaction["value"] == "0x0" {
                        transaction.insert("value".to_owned(), json!("0x"));
                    }
                }
            }
        }
    })
    .await;
    check_same(|call, answer| {
        if is(call, "eth_getBlockReceipts") {
            for receipt in
                answer["result"].as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut)
            {
                receipt.retain(|field, _| {
                    ["transactionHash", "blockHash", "status", "logs"].contains(&field.as_str())
                });
                for log in
                    receipt["logs"].as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut)
                {
                    log.retain(|field, _| ["address", "topics", "data"].contains(&field.as_str()));
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_node_may_refuse_lists() {
    let chain = Chain::start().await;
    let front = Front::start(chain.node.url(), |request, answer| {
        if request.is_array() {
            Front::refuse(answer, -32600);
        }
    })
    .await;
    let mut follower = Follower::start(settings(&front.url(), &[("USDT", chain.token)])).await;
    fill(&chain).await;
    assert_eq!(follower.catch_up().await.len(), 4);
    let lists = |requests: Vec<Vec<String>>| requests.iter().filter(|calls| calls.len() > 1).count();
    // The first lists were too long; after that none was sent.
    let sent = lists(front.requests());
    assert!((1..=4).contains(&sent), "{sent}");
    follower.next().await;
    assert_eq!(lists(front.requests()), sent);
}

#[tokio::test]
async fn a_node_may_bound_what_a_list_returns() {
    let chain = Chain::start().await;
    let front = Front::start(chain.node.url(), |_, answer| {
        for answer in answer.as_array_mut().into_iter().flatten().skip(2) {
            Front::refuse(answer, -32003);
        }
    })
    .await;
    let mut follower = Follower::start(settings(&front.url(), &[("USDT", chain.token)])).await;
    fill(&chain).await;
    assert_eq!(follower.catch_up().await.len(), 4);
    assert!(front.requests().last().unwrap().len() <= 2);
}

#[tokio::test]
async fn a_block_without_its_receipts_is_not_taken_for_an_empty_one() {
    let first = Err(RailError::Incomplete { height: 2 });
    for paid in [Paid::Coins, Paid::Tokens] {
        for instead in [json!([]), Value::Null] {
            let missing = ask_for(paid, move |call, answer| {
                if is(call, "eth_getBlockReceipts") {
                    answer["result"] = instead.clone();
                }
            });
            assert_eq!(missing.await, first);
        }
        let pruned = ask_for(paid, |call, answer| {
            if is(call, "eth_getBlockReceipts") {
                Front::refuse(answer, -32000);
            }
        });
        assert_eq!(pruned.await, first);
        let of_another_block = ask_for(paid, |call, answer| {
            if is(call, "eth_getBlockReceipts") {
                answer["result"][0]["blockHash"] = nothings_hash();
            }
        });
        assert_eq!(of_another_block.await, first);
    }
    let of_another_transaction = ask(|call, answer| {
        if is(call, "eth_getBlockReceipts") {
            answer["result"][0]["transactionHash"] = nothings_hash();
        }
    });
    assert_eq!(of_another_transaction.await, first);
}

#[tokio::test]
async fn a_block_whose_receipts_are_late_holds_up_none_before_it() {
    for late in [json!([]), Value::Null] {
        let asked = ask(move |call, answer| {
            let second = answer["result"][0]["blockNumber"] == "0x3";
            if is(call, "eth_getBlockReceipts") && second {
                answer["result"] = late.clone();
            }
        });
        assert_eq!(asked.await, Ok(1));
    }
}

#[tokio::test]
async fn blocks_that_are_not_there_yet_are_left_for_later() {
    let missing = |height: &'static str| {
        ask(move |call, answer| {
            if is(call, "eth_getBlockByNumber") && call["params"] == json!([height, true]) {
                answer["result"] = Value::Null;
            }
        })
    };
    assert_eq!(missing("0x4").await, Ok(2));
    assert_eq!(missing("0x3").await, Ok(1));
    assert_eq!(missing("0x2").await, Err(RailError::Reorganised));
    let broken = ask(|call, answer| {
        if is(call, "eth_getBlockByNumber") && call["params"] == json!(["0x3", true]) {
            answer["result"]["parentHash"] = nothings_hash();
        }
    });
    assert_eq!(broken.await, Ok(1));
}

#[tokio::test]
async fn a_refusal_is_told_in_the_nodes_words() {
    let refused = ask(|call, answer| {
        if is(call, "eth_getBlockReceipts") {
            Front::refuse(answer, -32603);
        }
    });
    let error = refused.await.unwrap_err();
    let message = "refused by a test".to_owned();
    assert_eq!(error, RailError::Rpc { method: "eth_getBlockReceipts", code: -32603, message });
    let busy = ask(|call, answer| {
        if is(call, "eth_getBlockReceipts") {
            Front::refuse(answer, -32005);
        }
    });
    assert_eq!(busy.await, Err(RailError::RateLimited { retry_after: None }));
}

#[tokio::test]
async fn a_node_without_the_blocks_before_its_newest_one_is_asked_again() {
    let chain = Chain::start().await;
    chain.node.mine(5).await;
    let mut follower = Follower::of(&chain).await;
    assert_eq!(follower.height(), 6);
    follower.cursor.recent.truncate(4);
    // As behind a balancer: one node has another block than ours, and the next one has none so high.
    let amend = Front::each(|call, answer| match call["params"][0].as_str() {
        Some("0x6") => answer["result"]["hash"] = nothings_hash(),
        Some("0x5" | "0x4" | "0x3") => answer["result"] = Value::Null,
        _ => {}
    });
    let front = Front::start(chain.node.url(), amend).await;
    follower.rail = EvmRail::new(settings(&front.url(), &[])).unwrap();
    assert_eq!(follower.ask().await, Err(RailError::Reorganised));
}
