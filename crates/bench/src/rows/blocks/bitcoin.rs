//! Bitcoin blocks as nodes send them: bytes, and bytes in hexadecimal.

use bitcoin::{
    Amount, Block, BlockHash, CompactTarget, OutPoint, ScriptBuf, Sequence, Transaction, TxIn, TxMerkleNode,
    TxOut, Txid, Witness,
    absolute::LockTime,
    block::{Header, Version},
    consensus::encode::serialize,
    hashes::Hash,
    transaction,
};
use domain::{chain::Network, money::AssetCode};
use rails::{bitcoin::scan::Coin, watch::WatchSet};

use super::{FEW, OURS, RATE, account, repeated};
use crate::{
    error::{Done, During, Trouble},
    figures::number,
    process,
    run::Run,
};

/// Transactions of a block, and the outputs that they have between them.
const TRANSACTIONS: u64 = 2_500;
const OUTPUTS: u64 = 6_000;

/// Bytes of a signature and of a public key, as nearly every input has them.
const SIGNATURE: [u8; 71] = [0x30; 71];
const PUBLIC_KEY: [u8; 33] = [0x02; 33];

/// The row of the memory that watched addresses take.
pub(crate) const SET: &str = "watched addresses";

/// Its unit.
pub(crate) const BYTES: &str = "bytes an address";

/// The row of blocks from bytes.
pub(crate) fn row(watched: usize) -> String {
    format!("Bitcoin blocks of 6,000 outputs, {watched} addresses watched")
}

/// The row of the fewest addresses.
pub(crate) fn row_of_few() -> String {
    row(FEW)
}

/// The row of blocks from hexadecimal digits.
fn row_of_hex(watched: usize) -> String {
    format!("{}, from hexadecimal", row(watched))
}

/// Measures.
pub(crate) fn measure(run: &mut Run) -> Done {
    let raw = serialize(&block());
    let digits = const_hex::encode(&raw);
    let bytes = number(u64::try_from(raw.len()).unwrap_or_default());
    run.book.tell("Bitcoin blocks: one of 2,500 transactions", "kB", bytes / 1_000.0);
    let coin = Coin {
        network: Network::parse("bitcoin").during("no network")?,
        asset: AssetCode::parse("BTC").during("no asset")?,
    };
    let count = run.scale.watched;
    let before = process::resident(std::process::id())?;
    let many = watched(count);
    let grown = process::resident(std::process::id())?.saturating_sub(before);
    run.book.tell(SET, BYTES, number(grown) / number(u64::try_from(count).unwrap_or_default()));
    let few = watched(FEW);
    let read = |raw: &[u8], set: &WatchSet| {
        coin.of_block(raw, set).map_err(|error| Trouble(format!("the block cannot be read: {error}")))
    };
    for round in 1..=run.scale.rounds {
        println!("Bitcoin blocks, round {round}");
        for (count, set) in [(FEW, &few), (count, &many)] {
            let rate = repeated(run.scale.run, || read(&raw, set))?;
            run.book.tell(&row(count), RATE, rate);
        }
        let rate = repeated(run.scale.run, || {
            let raw = const_hex::decode(&digits).during("the digits cannot be read")?;
            read(&raw, &many)
        })?;
        run.book.tell(&row_of_hex(count), RATE, rate);
    }
    Ok(())
}

/// The scripts that are watched; the first few of them are in the block.
fn watched(count: usize) -> WatchSet {
    let mut set = WatchSet::default();
    for place in (0_u64..).take(count) {
        set.insert(script(place).as_bytes());
    }
    set
}

fn script(place: u64) -> ScriptBuf {
    ScriptBuf::from_bytes([&[0x00, 0x14], &account(place)[..]].concat())
}

/// A block as it is made every ten minutes: two inputs and two or three outputs a transaction.
fn block() -> Block {
    let mut outputs = (0..OUTPUTS).map(|number| {
        let place = if number < OURS { number } else { (1 << 41) + number };
        TxOut { value: Amount::from_sat(10_000 + number), script_pubkey: script(place) }
    });
    let transaction = |number: u64| {
        let share = (number + 1) * OUTPUTS / TRANSACTIONS - number * OUTPUTS / TRANSACTIONS;
        let inputs = [0, 1].map(|input| TxIn {
            previous_output: OutPoint::new(spent(number), input),
            script_sig: ScriptBuf::new(),
            sequence: Sequence::ENABLE_RBF_NO_LOCKTIME,
            witness: Witness::from_slice(&[&SIGNATURE[..], &PUBLIC_KEY]),
        });
        Transaction {
            version: transaction::Version::TWO,
            lock_time: LockTime::ZERO,
            input: inputs.to_vec(),
            output: outputs.by_ref().take(usize::try_from(share).unwrap_or_default()).collect(),
        }
    };
    let txdata = (0..TRANSACTIONS).map(transaction).collect();
    let header = Header {
        version: Version::TWO,
        prev_blockhash: BlockHash::all_zeros(),
        merkle_root: TxMerkleNode::all_zeros(),
        time: 0,
        bits: CompactTarget::default(),
        nonce: 0,
    };
    let mut block = Block { header, txdata };
    block.header.merkle_root = block.compute_merkle_root().unwrap_or_else(TxMerkleNode::all_zeros);
    block
}

fn spent(number: u64) -> Txid {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    Txid::from_byte_array(bytes)
}
