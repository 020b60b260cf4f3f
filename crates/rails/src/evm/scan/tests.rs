use sha3::{Digest, Keccak256};

use super::*;
use crate::evm::wire::{Block, Topics, Transactions};

const OURS: Account = Bytes([7; 20]);
const OTHER: Account = Bytes([8; 20]);
const USDT: Account = Bytes([0xc0; 20]);

fn word(byte: u8) -> Word {
    Bytes([byte; 32])
}

fn padded(account: Account) -> Word {
    let mut word = [0; 32];
    word[12..].copy_from_slice(&account.0);
    Bytes(word)
}

fn amount(number: u128) -> Word {
    let mut word = [0; 32];
    word[16..].copy_from_slice(&number.to_be_bytes());
    Bytes(word)
}

fn assets() -> Assets {
    let token = Token { asset: AssetCode::parse("USDT").unwrap(), contract: USDT.0 };
    Assets {
        network: Network::parse("ethereum").unwrap(),
        native: Some(AssetCode::parse("ETH").unwrap()),
        tokens: Arc::new([token]),
    }
}

fn watched() -> WatchSet {
    let mut set = WatchSet::default();
    set.insert(&OURS.0);
    set
}

fn log(value: u128) -> Log {
    Log {
        address: USDT,
        topics: Topics::three([TRANSFER, padded(OTHER), padded(OURS)]),
        data: Data(Some(amount(value))),
        removed: None,
    }
}

fn receipt(status: Option<u128>, logs: Vec<Log>) -> Receipt {
    Receipt { transaction_hash: word(1), block_hash: word(0xaa), status: status.map(Quantity::new), logs }
}

fn body(payments: Vec<Payment>) -> Body {
    let transactions = Transactions { count: 3, payments };
    let (number, timestamp) = (Quantity::new(7), Quantity::new(0));
    Block { number, hash: word(0xaa), parent_hash: word(0xbb), timestamp, transactions }
}

fn payment(to: Account, value: Quantity) -> Payment {
    Payment { transaction: word(1), to, value }
}

/// Ordinals, assets and amounts of the transfers that are found.
fn found(body: &Body, receipts: &[Receipt]) -> Vec<(u32, &'static str, u128)> {
    let (assets, watched) = (assets(), watched());
    let transfers = assets.transfers(&assets.candidate(body, &watched), receipts, &watched);
    transfers
        .iter()
        .map(|transfer| {
            assert_eq!(
                (transfer.transaction.as_str(), transfer.script.bytes()),
                (&*word(1).to_string(), &OURS.0[..])
            );
            let asset = if transfer.asset.as_str() == "ETH" { "ETH" } else { "USDT" };
            (transfer.ordinal, asset, transfer.amount.minor())
        })
        .collect()
}

fn found_in_log(log: Log) -> Vec<(u32, &'static str, u128)> {
    found(&body(vec![]), &[receipt(Some(1), vec![log])])
}

#[test]
fn the_event_is_the_hash_of_its_signature() {
    assert_eq!(TRANSFER.0, *Keccak256::digest(b"Transfer(address,address,uint256)"));
}

#[test]
fn coins_count_where_the_transaction_succeeded() {
    let body = body(vec![payment(OURS, Quantity::new(5)), payment(OTHER, Quantity::new(6))]);
    assert_eq!(found(&body, &[receipt(Some(1), vec![])]), [(0, "ETH", 5)]);
    for status in [Some(0), Some(2), None] {
        assert_eq!(found(&body, &[receipt(status, vec![])]), []);
    }
}

#[test]
fn tokens_count_unless_the_transaction_failed() {
    for (status, count) in [(Some(1), 1), (None, 1), (Some(0), 0), (Some(2), 0)] {
        assert_eq!(found(&body(vec![]), &[receipt(status, vec![log(5)])]).len(), count, "{status:?}");
    }
}

#[test]
fn an_ordinal_is_the_place_in_the_transaction() {
    let other = Log { address: OTHER, ..log(9) };
    let logs = vec![other.clone(), log(5), other, log(5), log(6)];
    let all = [(0, "ETH", 4), (2, "USDT", 5), (4, "USDT", 5), (5, "USDT", 6)];
    assert_eq!(found(&body(vec![payment(OURS, Quantity::new(4))]), &[receipt(Some(1), logs)]), all);
}

#[test]
fn only_a_transfer_of_a_listed_token_to_a_watched_account_counts() {
    assert_eq!(found_in_log(log(5)), [(1, "USDT", 5)]);
    let [event, from, to] = [TRANSFER, padded(OTHER), padded(OURS)];
    let mut wide = to;
    wide.0[0] = 1;
    for other in [
        Log { address: OTHER, ..log(5) },
        Log { topics: Topics::three([word(1), from, to]), ..log(5) },
        Log { topics: Topics::three([event, to, from]), ..log(5) },
        Log { topics: Topics::three([event, from, wide]), ..log(5) },
        Log { data: Data(None), ..log(5) },
        Log { removed: Some(true), ..log(5) },
        log(0),
    ] {
        assert_eq!(found_in_log(other.clone()), [], "{other:?}");
    }
    assert_eq!(found_in_log(Log { removed: Some(false), ..log(5) }).len(), 1);
}

#[test]
fn what_is_too_large_is_left_out_and_the_rest_counts() {
    assert_eq!(found_in_log(log(MAX_AMOUNT)), [(1, "USDT", MAX_AMOUNT)]);
    let huge = Log { data: Data(Some(word(0xff))), ..log(0) };
    let logs = vec![log(MAX_AMOUNT + 1), huge, log(u128::MAX), log(3)];
    assert_eq!(found(&body(vec![]), &[receipt(Some(1), logs)]), [(4, "USDT", 3)]);
    let body = body(vec![payment(OURS, word(0xff).quantity())]);
    assert_eq!(found(&body, &[receipt(Some(1), vec![log(3)])]), [(1, "USDT", 3)]);
}

#[test]
fn receipts_are_needed_where_anything_may_come_of_them() {
    let watched = watched();
    let needs = |assets: &Assets, body: &Body| assets.candidate(body, &watched).needs_receipts;
    let paid = body(vec![payment(OURS, Quantity::new(5))]);
    let unpaid = body(vec![payment(OTHER, Quantity::new(5))]);
    let mut empty = body(vec![]);
    empty.transactions.count = 0;
    let (both, coins) = (assets(), Assets { tokens: Arc::new([]), ..assets() });
    let (tokens, nothing) = (Assets { native: None, ..assets() }, Assets { native: None, ..coins.clone() });
    assert_eq!([&paid, &unpaid, &empty].map(|body| needs(&both, body)), [true, true, false]);
    assert_eq!([&paid, &unpaid, &empty].map(|body| needs(&coins, body)), [true, false, false]);
    assert_eq!([&paid, &unpaid, &empty].map(|body| needs(&tokens, body)), [true, true, false]);
    assert_eq!([&paid, &unpaid, &empty].map(|body| needs(&nothing, body)), [false, false, false]);
    // A coin that is not taken is not counted either.
    assert!(tokens.candidate(&paid, &watched).payments.is_empty());
}
