//! What counts as money, and what does not.

use rails::evm::{EvmSettings, scan::MAX_AMOUNT};
use testkit::anvil::{Address, Anvil, Contract, word};

use crate::{
    chain::{ALICE, BOB, Chain, STRANGER, SUPPLY, settings},
    follower::{Follower, told, watching},
};

/// More than any coin has: 2^200.
fn huge() -> [u8; 32] {
    let mut word = [0; 32];
    word[6] = 1;
    word
}

/// A node with one contract, taken as the token TKN.
async fn with_contract(contract: Contract) -> (Anvil, Address, EvmSettings) {
    let node = Anvil::start().await;
    let token = node.deploy(node.accounts()[0], contract).await;
    let settings = settings(&node.url(), &[("TKN", token)]);
    (node, token, settings)
}

#[tokio::test]
async fn coins_and_tokens_for_watched_accounts_are_found() {
    let chain = Chain::start().await;
    let mut follower = Follower::of(&chain).await;
    let coins = chain.pay(ALICE, 1_500_000_000_000_000_000).await;
    let tokens = chain.pay_token(BOB, 25_000_000).await;
    let again = chain.pay_token(BOB, 1).await;
    chain.pay(STRANGER, 5).await;
    chain.pay_token(STRANGER, 5).await;
    chain.node.mine(1).await;
    let found = follower.catch_up().await;
    let expected = [
        (&*coins, 0, &ALICE[..], "ETH", 1_500_000_000_000_000_000),
        (&*tokens, 1, &BOB[..], "USDT", 25_000_000),
        (&*again, 1, &BOB[..], "USDT", 1),
    ];
    assert_eq!(told(&found), expected);
    assert_eq!(chain.node.balance(ALICE).await, 1_500_000_000_000_000_000);
    assert_eq!(chain.node.token_balance(chain.token, BOB).await, 25_000_001);
}

#[tokio::test]
async fn one_transaction_may_hold_many_transfers() {
    let chain = Chain::start().await;
    let spreader = chain.node.deploy(chain.payer, Contract::Spreader).await;
    let mut follower = Follower::of(&chain).await;
    chain.pay_token(spreader, 100).await;
    let receivers = [(STRANGER, 1), (ALICE, 2), (STRANGER, 3), (BOB, 4), (ALICE, 5), (ALICE, 0)];
    let spread = Contract::spread(chain.token, &receivers);
    let transaction = chain.node.invoke(chain.payer, spreader, spread, 0).await;
    chain.node.mine(1).await;
    let found = follower.catch_up().await;
    let expected = [
        (&*transaction, 2, &ALICE[..], "USDT", 2),
        (&*transaction, 4, &BOB[..], "USDT", 4),
        (&*transaction, 5, &ALICE[..], "USDT", 5),
    ];
    assert_eq!(told(&found), expected);
}

#[tokio::test]
async fn a_transaction_that_was_reverted_pays_nothing() {
    let chain = Chain::start().await;
    let refuser = chain.node.deploy(chain.payer, Contract::Refuser).await;
    let mut follower = Follower::of(&chain).await;
    follower.watched = watching(&[refuser, ALICE]);
    let reverted = chain.pay(refuser, 5).await;
    let paid = chain.pay(ALICE, 6).await;
    // More than there is: the token reverts.
    let overdrawn = chain.pay_token(ALICE, SUPPLY + 1).await;
    chain.node.mine(1).await;
    assert_eq!(told(&follower.catch_up().await), [(&*paid, 0, &ALICE[..], "ETH", 6)]);
    for transaction in [reverted, overdrawn] {
        let receipt = chain.node.call("eth_getTransactionReceipt", serde_json::json!([transaction])).await;
        assert_eq!(receipt["status"], "0x0");
    }
    assert_eq!(chain.node.balance(refuser).await, 0);
}

#[tokio::test]
async fn nothing_is_no_transfer() {
    let chain = Chain::start().await;
    let mut follower = Follower::of(&chain).await;
    chain.pay(ALICE, 0).await;
    chain.pay_token(ALICE, 0).await;
    chain.node.mine(1).await;
    assert_eq!(follower.catch_up().await, []);
}

#[tokio::test]
async fn a_token_that_is_not_listed_is_not_believed() {
    let chain = Chain::start().await;
    // The same code, the same symbol, another address; and a contract that only says what tokens say.
    let twin = chain.node.deploy(chain.payer, Contract::Token(word(SUPPLY))).await;
    let impostor = chain.node.deploy(chain.payer, Contract::Impostor).await;
    let mut follower = Follower::of(&chain).await;
    chain.node.send_token(twin, chain.payer, ALICE, 25_000_000).await;
    let pretend = Contract::pretend(chain.payer, ALICE, word(25_000_000));
    chain.node.invoke(chain.payer, impostor, pretend, 0).await;
    chain.node.mine(1).await;
    assert_eq!(follower.catch_up().await, []);
    assert_eq!(chain.node.token_balance(twin, ALICE).await, 25_000_000);
}

#[tokio::test]
async fn a_listed_contract_is_believed_in_the_words_of_a_token_only() {
    let (node, impostor, settings) = with_contract(Contract::Impostor).await;
    let payer = node.accounts()[0];
    let mut follower = Follower::start(settings).await;
    node.invoke(payer, impostor, Contract::pretend_unique(payer, ALICE, word(7)), 0).await;
    node.invoke(payer, impostor, Contract::pretend_long(payer, ALICE, word(7)), 0).await;
    let plain = node.invoke(payer, impostor, Contract::pretend(payer, ALICE, word(7)), 0).await;
    node.mine(1).await;
    assert_eq!(told(&follower.catch_up().await), [(&*plain, 1, &ALICE[..], "TKN", 7)]);
}

#[tokio::test]
async fn of_a_token_with_a_fee_counts_what_arrives() {
    let (node, token, settings) = with_contract(Contract::FeeToken(word(SUPPLY))).await;
    let mut follower = Follower::start(settings).await;
    let transaction = node.send_token(token, node.accounts()[0], ALICE, 10_000).await;
    node.mine(1).await;
    assert_eq!(told(&follower.catch_up().await), [(&*transaction, 2, &ALICE[..], "TKN", 9_900)]);
    assert_eq!(node.token_balance(token, ALICE).await, 9_900);
}

#[tokio::test]
async fn a_token_that_returns_nothing_counts() {
    let (node, token, settings) = with_contract(Contract::SilentToken(word(SUPPLY))).await;
    let mut follower = Follower::start(settings).await;
    let transaction = node.send_token(token, node.accounts()[0], ALICE, 10_000).await;
    node.mine(1).await;
    assert_eq!(told(&follower.catch_up().await), [(&*transaction, 1, &ALICE[..], "TKN", 10_000)]);
}

#[tokio::test]
async fn what_cannot_be_counted_is_left_out_and_the_rest_counts() {
    let (node, token, settings) = with_contract(Contract::Token(huge())).await;
    let payer = node.accounts()[0];
    let mut follower = Follower::start(settings).await;
    let mut above_128_bits = [0; 32];
    above_128_bits[15] = 1;
    node.invoke(payer, token, Contract::transfer(ALICE, above_128_bits), 0).await;
    node.send_token(token, payer, ALICE, MAX_AMOUNT + 1).await;
    let largest = node.send_token(token, payer, ALICE, MAX_AMOUNT).await;
    let coins = node.send(payer, BOB, 3).await;
    node.mine(1).await;
    let expected = [(&*largest, 1, &ALICE[..], "TKN", MAX_AMOUNT), (&*coins, 0, &BOB[..], "ETH", 3)];
    assert_eq!(told(&follower.catch_up().await), expected);
}

/// A limit that is stated: such coins arrive, and no receipt tells.
#[tokio::test]
async fn coins_that_a_contract_sends_on_are_not_seen() {
    let chain = Chain::start().await;
    let spreader = chain.node.deploy(chain.payer, Contract::Spreader).await;
    let mut follower = Follower::of(&chain).await;
    chain.node.invoke(chain.payer, spreader, Contract::forward(ALICE), 5).await;
    chain.node.mine(1).await;
    assert_eq!(follower.catch_up().await, []);
    assert_eq!(chain.node.balance(ALICE).await, 5);
}

#[tokio::test]
async fn a_coin_that_is_not_taken_is_not_counted() {
    let chain = Chain::start().await;
    let settings = EvmSettings { native: None, ..chain.settings() };
    let mut follower = Follower::start(settings).await;
    chain.pay(ALICE, 5).await;
    let tokens = chain.pay_token(ALICE, 6).await;
    chain.node.mine(1).await;
    assert_eq!(told(&follower.catch_up().await), [(&*tokens, 1, &ALICE[..], "USDT", 6)]);
}
