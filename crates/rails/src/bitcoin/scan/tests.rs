use bitcoin::{
    Block, BlockHash, CompactTarget, OutPoint, ScriptBuf, Sequence, TxIn, Witness, absolute::LockTime, block,
    consensus::encode::serialize, hashes::Hash, transaction,
};
use proptest::prelude::*;

use super::*;

fn coin() -> Coin {
    Coin { network: Network::parse("bitcoin").unwrap(), asset: AssetCode::parse("BTC").unwrap() }
}

/// Scripts that are watched: native segwit and taproot.
fn segwit() -> ScriptBuf {
    ScriptBuf::from_hex("0014c0cebcd6c3d3ca8c75dc5ec62ebe55330ef910e2").unwrap()
}

fn taproot() -> ScriptBuf {
    ScriptBuf::from_hex("5120a60869f0dbcf1dc659c9cecbaf8050135ea9e8cdc487053f1dc6880949dc684c").unwrap()
}

/// One that is not.
fn stranger() -> ScriptBuf {
    ScriptBuf::from_hex("0014751e76e8199196d454941c45d1b3a323f1433bd6").unwrap()
}

fn watched() -> WatchSet {
    let mut set = WatchSet::default();
    set.extend([segwit().as_bytes(), taproot().as_bytes()]);
    set
}

/// A transaction that spends something and pays this.
fn paying(number: u8, outputs: &[(ScriptBuf, u64)]) -> Transaction {
    let input = TxIn {
        previous_output: OutPoint::new(Txid::from_byte_array([number; 32]), 0),
        script_sig: ScriptBuf::new(),
        sequence: Sequence::ENABLE_RBF_NO_LOCKTIME,
        witness: Witness::from_slice(&[vec![7; 71], vec![2; 33]]),
    };
    let output = |(script, sats): &(ScriptBuf, u64)| TxOut {
        value: bitcoin::Amount::from_sat(*sats),
        script_pubkey: script.clone(),
    };
    Transaction {
        version: transaction::Version::TWO,
        lock_time: LockTime::ZERO,
        input: vec![input],
        output: outputs.iter().map(output).collect(),
    }
}

fn block(txdata: Vec<Transaction>) -> Block {
    let header = Header {
        version: block::Version::TWO,
        prev_blockhash: BlockHash::all_zeros(),
        merkle_root: TxMerkleNode::all_zeros(),
        time: 1,
        bits: CompactTarget::from_consensus(0x207f_ffff),
        nonce: 0,
    };
    let mut block = Block { header, txdata };
    block.header.merkle_root = block.compute_merkle_root().unwrap();
    block
}

/// Ordinal, script, sats and least depth of each transfer.
fn told(transfers: &[Transfer]) -> Vec<(u32, &[u8], u128, u32)> {
    let mut told = Vec::new();
    for one in transfers {
        told.push((one.ordinal, one.script.bytes(), one.amount.minor(), one.least_depth));
    }
    told
}

fn scan(block: &Block) -> Vec<Transfer> {
    coin().of_block(&serialize(block), &watched()).unwrap()
}

#[test]
fn every_output_to_a_watched_script_is_a_transfer_of_its_own() {
    let paid =
        paying(1, &[(stranger(), 5), (segwit(), 10), (taproot(), 20), (segwit(), 10), (stranger(), 9)]);
    let other = paying(2, &[(stranger(), 5)]);
    let found = scan(&block(vec![paying(0, &[(stranger(), 50)]), other, paid.clone()]));
    let (one, two) = (segwit(), taproot());
    assert_eq!(
        told(&found),
        [(1, one.as_bytes(), 10, 1), (2, two.as_bytes(), 20, 1), (3, one.as_bytes(), 10, 1)]
    );
    assert!(found.iter().all(|one| one.transaction == paid.compute_txid().to_string()));
    assert!(found.iter().all(|one| one.asset.as_str() == "BTC"));
}

#[test]
fn the_same_script_in_another_dress_is_another_script() {
    let hash = &segwit().as_bytes()[2..].to_owned();
    let legacy = [&[0x76, 0xa9, 0x14], &hash[..], &[0x88, 0xac]].concat();
    let key = &taproot().as_bytes()[2..].to_owned();
    let later = [&[0x52, 0x20], &key[..]].concat();
    let outputs = [(ScriptBuf::from_bytes(legacy), 5), (ScriptBuf::from_bytes(later), 5)];
    assert_eq!(scan(&block(vec![paying(0, &outputs)])), []);
}

#[test]
fn coins_that_the_block_has_made_are_final_when_they_can_be_spent() {
    let found = scan(&block(vec![paying(0, &[(segwit(), 50)]), paying(1, &[(segwit(), 6)])]));
    assert_eq!(told(&found), [(0, segwit().as_bytes(), 50, 100), (0, segwit().as_bytes(), 6, 1)]);
}

#[test]
fn dust_counts_and_nothing_is_nothing() {
    let outputs = [(segwit(), 0), (segwit(), 1), (segwit(), 293), (taproot(), 329)];
    let found = scan(&block(vec![paying(0, &[]), paying(1, &outputs)]));
    assert_eq!(found.iter().map(|one| one.amount.minor()).collect::<Vec<_>>(), [1, 293, 329]);
    assert_eq!(segwit().minimal_non_dust().to_sat(), 294);
    assert_eq!(taproot().minimal_non_dust().to_sat(), 330);
}

#[test]
fn more_than_there_can_be_is_left_out_and_holds_nothing_up() {
    let all = 21_000_000 * 100_000_000;
    let outputs = [(segwit(), all + 1), (segwit(), u64::MAX), (segwit(), all)];
    let found = scan(&block(vec![paying(0, &[]), paying(1, &outputs)]));
    assert_eq!(told(&found), [(2, segwit().as_bytes(), u128::from(all), 1)]);
}

#[test]
fn a_block_is_the_whole_of_what_its_header_commits_to() {
    let whole = block(vec![paying(0, &[(segwit(), 1)]), paying(1, &[(segwit(), 2)]), paying(2, &[])]);
    let bytes = serialize(&whole);
    for length in 0..bytes.len() {
        assert!(coin().of_block(&bytes[..length], &watched()).is_err(), "{length}");
    }
    let longer = [&bytes[..], &[0]].concat();
    let error = coin().of_block(&longer, &watched()).unwrap_err();
    assert_eq!(error.to_string(), "bytes after the last transaction");
    let mut other = whole.clone();
    other.txdata[1].output[0].value = bitcoin::Amount::from_sat(3);
    let mut fewer = whole.clone();
    fewer.txdata.pop();
    let mut none = whole;
    none.txdata.clear();
    for block in [other, fewer, none] {
        let error = coin().of_block(&serialize(&block), &watched()).unwrap_err();
        assert_eq!(error.to_string(), "other transactions than its header says");
    }
    // A number of transactions that no memory could hold is only a number.
    let endless = [&bytes[..HEADER_BYTES], &[0xff; 9]].concat();
    assert!(coin().of_block(&endless, &watched()).is_err());
}

#[test]
fn what_waits_is_the_transaction_that_was_asked_for() {
    let waiting = paying(1, &[(stranger(), 5), (segwit(), 10)]);
    let (raw, id) = (serialize(&waiting), waiting.compute_txid());
    let found = coin().of_transaction(&raw, id, &watched()).unwrap();
    assert_eq!(told(&found), [(1, segwit().as_bytes(), 10, 1)]);
    let mined = scan(&block(vec![paying(0, &[]), waiting]));
    assert_eq!(found, mined, "the same whether it is mined or waits");
    let other = Txid::from_byte_array([9; 32]);
    for (raw, id) in [(&raw[..], other), (&raw[1..], id), (&[][..], id)] {
        assert!(coin().of_transaction(raw, id, &watched()).is_err());
    }
}

proptest! {
    #[test]
    fn any_bytes_are_answered(raw in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(coin().of_block(&raw, &watched()).is_err());
    }
}
