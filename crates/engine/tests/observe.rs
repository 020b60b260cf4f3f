//! What a chain may say that is no ordinary payment.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up has failed")]

use std::collections::BTreeSet;

use addresses::sandbox;
use domain::{
    chain::{Batch, Block, BlockRef, ChainKey, Method, Network, Script, ScriptKind, Transfer},
    merchant::Shop,
    money::{Amount, AssetCode, Rate},
    payment::{DecisionKind, Payment, Status},
    receipt::Standing,
    refusal::{Failure, Refusal},
    time::{Clock, Span},
};
use engine::{checkout::ChooseMethod, payments::PaymentView};
use testkit::gateway::Gateway;

/// A payment that asks for Ether, and blocks of our own making on its network.
struct Chain {
    gateway: Gateway,
    shop: Shop,
    payment: Payment,
    script: Script,
}

fn network() -> Network {
    Network::parse("ethereum").unwrap()
}

fn code(asset: &str) -> AssetCode {
    AssetCode::parse(asset).unwrap()
}

impl Chain {
    async fn new() -> Self {
        let gateway = Gateway::start(Vec::new()).await;
        let shop = gateway.shop("Shop").await;
        let payment = gateway.payment(&shop, 3_000).await;
        let method = Method { network: network(), asset: code("ETH") };
        let command = ChooseMethod { shop: shop.id, payment: payment.id, method, version: None };
        gateway.engine.choose_method(command).await.unwrap();
        let script =
            gateway.engine.payment_view(shop.id, payment.id).await.unwrap().record.quotes[0].script.clone();
        Self { gateway, shop, payment, script }
    }

    async fn position(&self) -> Option<BlockRef> {
        let cursor = self.gateway.engine.cursor(network(), ChainKey::sandbox()).await.unwrap();
        cursor.position().cloned()
    }

    fn transfer(&self, transaction: &str, ordinal: u32, amount: u128) -> Transfer {
        Transfer {
            transaction: transaction.to_owned(),
            ordinal,
            script: self.script.clone(),
            asset: code("ETH"),
            amount: Amount::from_minor(amount),
            least_depth: 1,
        }
    }

    async fn batch(&self, transfers: Vec<Transfer>) -> Batch {
        let after = self.position().await;
        let height = after.as_ref().map_or(0, |block| block.height) + 1;
        let at = BlockRef { height, hash: format!("ours{height}") };
        let parent = after.as_ref().map_or_else(String::new, |block| block.hash.clone());
        let time = self.gateway.clock.now();
        Batch {
            network: network(),
            chain: ChainKey::sandbox(),
            after,
            rolled_back_to: None,
            blocks: vec![Block { at, parent, time, transfers }],
            waiting: None,
            declined: Vec::new(),
            known_until: None,
        }
    }

    async fn observe(&self, transfers: Vec<Transfer>) {
        let batch = self.batch(transfers).await;
        self.gateway.engine.observe(batch).await.unwrap();
    }

    async fn view(&self) -> PaymentView {
        self.gateway.engine.payment_view(self.shop.id, self.payment.id).await.unwrap()
    }
}

/// A hundredth of an Ether: 30 dollars at the rate of the tests.
const ASKED: u128 = 10_000_000_000_000_000;

#[tokio::test]
async fn several_transfers_of_one_transaction_are_several_receipts() {
    let chain = Chain::new().await;
    let half = ASKED / 2;
    chain.observe(vec![chain.transfer("a", 1, half), chain.transfer("a", 2, half)]).await;
    let view = chain.view().await;
    assert_eq!(view.record.receipts.len(), 2);
    assert_eq!(view.record.payment.state.status, Status::Processing);
}

#[tokio::test]
async fn the_same_transfer_told_twice_counts_once() {
    let chain = Chain::new().await;
    let transfer = chain.transfer("a", 0, ASKED);
    chain.observe(vec![transfer.clone(), transfer.clone()]).await;
    chain.observe(vec![transfer]).await;
    let view = chain.view().await;
    assert_eq!(view.record.receipts.len(), 1);
    assert!(!view.record.payment.state.flags.over);
}

#[tokio::test]
async fn a_batch_that_does_not_begin_at_the_cursor_changes_nothing() {
    let chain = Chain::new().await;
    let stale = chain.batch(vec![chain.transfer("a", 0, ASKED)]).await;
    chain.observe(Vec::new()).await;
    let refused = chain.gateway.engine.observe(stale).await;
    assert_eq!(refused.unwrap_err(), Failure::Refused(Refusal::BatchStale));
    assert!(chain.view().await.record.receipts.is_empty());
}

#[tokio::test]
async fn money_at_a_strangers_script_is_nothing() {
    let chain = Chain::new().await;
    let script = Script::new(&[9; 20]).unwrap();
    chain.observe(vec![Transfer { script, ..chain.transfer("a", 0, ASKED) }]).await;
    assert!(chain.view().await.record.receipts.is_empty());
}

#[tokio::test]
async fn an_amount_of_nothing_is_nothing() {
    let chain = Chain::new().await;
    chain.observe(vec![chain.transfer("a", 0, 0)]).await;
    assert!(chain.view().await.record.receipts.is_empty());
}

#[tokio::test]
async fn money_that_needs_more_confirmations_than_its_payment_is_final_no_sooner() {
    let chain = Chain::new().await;
    let depth = chain.gateway.engine.network(network()).unwrap().depth;
    chain.observe(vec![Transfer { least_depth: depth + 3, ..chain.transfer("a", 0, ASKED) }]).await;
    for _ in 0..=depth {
        chain.observe(Vec::new()).await;
        assert_eq!(chain.view().await.record.payment.state.status, Status::Processing);
    }
    chain.observe(Vec::new()).await;
    assert_eq!(chain.view().await.record.payment.state.status, Status::Paid);
}

#[tokio::test]
async fn money_that_the_ledger_cannot_hold_does_not_stop_the_chain() {
    let chain = Chain::new().await;
    chain.observe(vec![chain.transfer("absurd", 0, u128::MAX), chain.transfer("b", 0, ASKED)]).await;
    let view = chain.view().await;
    assert_eq!(view.record.receipts.len(), 1);
    assert_eq!(view.record.payment.state.status, Status::Processing);
}

#[tokio::test]
async fn another_asset_on_the_payments_address_counts_by_what_it_is_worth() {
    let chain = Chain::new().await;
    let dollars =
        Transfer { asset: code("USDT"), amount: Amount::from_minor(30_000_000), ..chain.transfer("a", 1, 1) };
    chain.observe(vec![dollars]).await;
    assert_eq!(chain.view().await.record.payment.state.status, Status::Processing);
}

#[tokio::test]
async fn money_without_a_rate_waits_for_one() {
    let chain = Chain::new().await;
    // An asset that the network does not list has no rate; so has one that the table does not know.
    let strange = Transfer { asset: code("XYZ"), ..chain.transfer("a", 1, 5) };
    chain.observe(vec![strange]).await;
    let view = chain.view().await;
    assert_eq!(view.record.payment.state.balance.seen, Amount::ZERO);
    assert!(view.record.payment.state.flags.short, "it is there, and it is not enough");
    assert_eq!(view.decisions[0].decision.kind, DecisionKind::Unvalued);
    assert_eq!(chain.gateway.engine.value_receipts().await.unwrap(), 0);
    chain.gateway.engine.simulate_rate("XYZ/USD", Rate::parse("1").unwrap()).await.unwrap();
    assert_eq!(chain.gateway.engine.value_receipts().await.unwrap(), 0, "its decimals are not known either");
}

#[tokio::test]
async fn a_block_time_before_the_first_sight_is_when_it_moved() {
    let chain = Chain::new().await;
    let batch = chain.batch(vec![chain.transfer("a", 0, ASKED)]).await;
    // The gateway was away for an hour; the block is from before the deadline.
    chain.gateway.clock.advance(Span::hours(1));
    chain.gateway.engine.observe(batch).await.unwrap();
    chain.gateway.engine.expire_payments().await.unwrap();
    let view = chain.view().await;
    assert_eq!(view.record.payment.state.status, Status::Processing);
    assert!(!view.record.payment.state.flags.late);
}

#[tokio::test]
async fn an_address_that_received_before_it_was_given_is_never_given() {
    let chain = Chain::new().await;
    // The next address of the same wallet receives money from elsewhere.
    let key = sandbox::wallet_key(chain.shop.id, ScriptKind::Account).unwrap().receiving().unwrap();
    assert_eq!(key.script(ScriptKind::Account, 0).unwrap(), chain.script);
    let script = key.script(ScriptKind::Account, 1).unwrap();
    let next = chain.gateway.payment(&chain.shop, 100).await;
    chain.observe(vec![Transfer { script: script.clone(), ..chain.transfer("foreign", 0, ASKED) }]).await;
    let method = Method { network: network(), asset: code("ETH") };
    let command = ChooseMethod { shop: chain.shop.id, payment: next.id, method, version: None };
    chain.gateway.engine.choose_method(command).await.unwrap();
    let view = chain.gateway.engine.payment_view(chain.shop.id, next.id).await.unwrap();
    assert_ne!(view.record.quotes[0].script, script);
    assert!(view.record.receipts.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_choices_at_once_get_a_hundred_addresses() {
    let gateway = Gateway::start(Vec::new()).await;
    let shop = gateway.shop("Shop").await;
    let mut choices = Vec::new();
    for _ in 0..100 {
        let payment = gateway.payment(&shop, 100).await;
        let (engine, shop) = (gateway.engine.clone(), shop.id);
        choices.push(tokio::spawn(async move {
            let method = Method { network: network(), asset: code("ETH") };
            let command = ChooseMethod { shop, payment: payment.id, method, version: None };
            engine.choose_method(command).await.unwrap();
            engine.payment_view(shop, payment.id).await.unwrap().record.quotes[0].script.clone()
        }));
    }
    let mut scripts = BTreeSet::new();
    for choice in choices {
        scripts.insert(choice.await.unwrap());
    }
    assert_eq!(scripts.len(), 100);
    // The pool is empty now: the next one is told to wait a moment, and then gets its own.
    let payment = gateway.payment(&shop, 100).await;
    let method = Method { network: network(), asset: code("ETH") };
    let command = ChooseMethod { shop: shop.id, payment: payment.id, method, version: None };
    let waits = gateway.engine.choose_method(command.clone()).await;
    assert!(matches!(waits, Err(Failure::Unavailable { .. })), "{waits:?}");
    gateway.settle().await;
    gateway.engine.choose_method(command).await.unwrap();
}

#[tokio::test]
async fn after_a_quote_has_run_out_money_counts_by_the_rate_of_its_moment() {
    let chain = Chain::new().await;
    chain.gateway.advance(Span::minutes(16)).await;
    chain.gateway.engine.simulate_rate("ETH/USD", Rate::parse("1500").unwrap()).await.unwrap();
    chain.observe(vec![chain.transfer("a", 0, ASKED)]).await;
    let payment = chain.view().await.record.payment;
    assert_eq!(
        (payment.state.status, payment.state.balance.seen),
        (Status::Waiting, Amount::from_minor(1_500))
    );
}

#[tokio::test]
async fn two_who_bring_the_same_batch_at_once_bring_it_once() {
    let chain = Chain::new().await;
    let batch = chain.batch(vec![chain.transfer("a", 0, ASKED)]).await;
    let engine = &chain.gateway.engine;
    let (one, other) = tokio::join!(engine.observe(batch.clone()), engine.observe(batch));
    let stale = [&one, &other].map(|told| matches!(told, Err(Failure::Refused(Refusal::BatchStale))));
    assert!(stale[0] != stale[1], "{one:?} {other:?}");
    let view = chain.view().await;
    assert_eq!(view.record.receipts.len(), 1);
    assert!(view.events.iter().rev().map(|event| event.sequence).eq(1..=3), "created, method chosen, seen");
}

#[tokio::test]
async fn a_transaction_that_moves_less_when_it_is_mined_again_is_other_money() {
    let chain = Chain::new().await;
    let before = chain.position().await.unwrap();
    chain.observe(vec![chain.transfer("a", 1, ASKED)]).await;
    assert_eq!(chain.view().await.record.payment.state.status, Status::Processing);
    let again = chain.batch(vec![chain.transfer("a", 1, ASKED / 2)]).await;
    let at = BlockRef { height: before.height + 1, hash: "another".to_owned() };
    let block = Block { at, parent: before.hash.clone(), ..again.blocks[0].clone() };
    let batch = Batch { rolled_back_to: Some(before), blocks: vec![block], ..again };
    chain.gateway.engine.observe(batch).await.unwrap();
    let record = chain.view().await.record;
    let standing = |minor| {
        let found = record.receipts.iter().find(|one| one.amount == Amount::from_minor(minor));
        found.unwrap().standing
    };
    assert_eq!((standing(ASKED), standing(ASKED / 2)), (Standing::Gone, Standing::Seen));
    assert_eq!(record.payment.state.balance.seen, Amount::from_minor(1_500));
    assert_eq!((record.payment.state.status, record.payment.state.flags.short), (Status::Waiting, true));
}

#[tokio::test]
async fn a_branch_of_the_same_height_is_not_where_a_batch_began() {
    let chain = Chain::new().await;
    let mut stale = chain.batch(vec![chain.transfer("a", 0, ASKED)]).await;
    stale.after.as_mut().unwrap().hash = "another".to_owned();
    let refused = chain.gateway.engine.observe(stale).await;
    assert_eq!(refused.unwrap_err(), Failure::Refused(Refusal::BatchStale));
}

#[tokio::test]
async fn confirmations_are_those_of_the_moneys_own_network_and_chain() {
    for (name, key) in [("tron", ChainKey::sandbox()), ("ethereum", ChainKey::new("another chain"))] {
        let chain = Chain::new().await;
        chain.observe(vec![chain.transfer("a", 0, ASKED / 2)]).await;
        // Far higher, and with money of its own for the same payment: the address is the same on both.
        let (network, engine) = (Network::parse(name).unwrap(), &chain.gateway.engine);
        let after = engine.cursor(network, key.clone()).await.unwrap().position().cloned();
        let mut batch =
            chain.batch(vec![Transfer { asset: code("USDT"), ..chain.transfer("b", 0, 1) }]).await;
        batch.blocks[0].at.height = 1_000;
        engine.observe(Batch { network, chain: key, after, ..batch }).await.unwrap();
        let record = chain.view().await.record;
        assert_eq!(record.receipts.len(), 2);
        assert!(record.receipts.iter().all(|one| one.standing == Standing::Seen), "{name}");
    }
}

#[tokio::test]
async fn a_chain_that_was_rolled_back_knows_no_less_of_the_time_before() {
    let chain = Chain::new().await;
    let start = chain.position().await.unwrap();
    let before = Batch { after: Some(start.clone()), ..chain.batch(Vec::new()).await };
    // The chain was followed past the deadline, and then its newest block is replaced by nothing.
    chain.gateway.clock.advance(Span::minutes(31));
    chain.observe(Vec::new()).await;
    let after = chain.position().await;
    let rolled = Batch { after, rolled_back_to: Some(start.clone()), blocks: Vec::new(), ..before };
    chain.gateway.engine.observe(rolled).await.unwrap();
    assert_eq!(chain.position().await, Some(start));
    // It goes on from there, with a block that states a time before the deadline.
    let mut next = chain.batch(Vec::new()).await;
    next.blocks[0].time = next.blocks[0].time - Span::minutes(5);
    chain.gateway.engine.observe(next).await.unwrap();
    assert_eq!(chain.gateway.engine.expire_payments().await.unwrap(), 1);
}

#[tokio::test]
async fn money_that_waits_is_lost_and_back_as_often_as_the_chain_says_so() {
    let chain = Chain::new().await;
    for (waits, status) in [(true, Status::Processing), (false, Status::Waiting), (true, Status::Processing)]
    {
        let waiting = Some(if waits { vec![chain.transfer("a", 0, ASKED)] } else { Vec::new() });
        let batch = Batch { blocks: Vec::new(), waiting, ..chain.batch(Vec::new()).await };
        chain.gateway.engine.observe(batch).await.unwrap();
        assert_eq!(chain.view().await.record.payment.state.status, status);
    }
    assert_eq!(chain.view().await.record.receipts.len(), 1);
}
