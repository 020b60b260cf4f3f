//! Blocks of an Ethereum-like chain, and of Bitcoin, against the addresses that are watched, without a node: what a
//! gateway that catches up costs in processor time.

pub(crate) mod bitcoin;

use std::{
    fmt::Write,
    sync::Arc,
    time::{Duration, Instant},
};

use domain::{
    chain::{Network, Transfer},
    money::{Amount, AssetCode},
};
use rails::{
    evm::{
        Token,
        scan::{Assets, TRANSFER},
        wire::{Body, Receipt},
    },
    watch::WatchSet,
};

use crate::{
    error::{Done, During, Trouble},
    figures::number,
    process,
    random::Random,
    run::Run,
};

/// Receipts of a block, and logs of each: 300 logs.
const RECEIPTS: u64 = 100;
const LOGS: u64 = 3;

/// Watched accounts that get something in a block.
const OURS: u64 = 3;

/// The contract of the token that all logs are about.
const CONTRACT: [u8; 20] = [0xc0; 20];

/// The fewest addresses that are watched.
const FEW: usize = 1_000;

/// The unit.
pub(crate) const RATE: &str = "blocks a processor second";

/// The row.
pub(crate) fn row(watched: usize) -> String {
    format!("blocks of 300 logs, {watched} addresses watched")
}

/// The row of the fewest.
pub(crate) fn row_of_few() -> String {
    row(FEW)
}

/// Measures.
pub(crate) fn measure(run: &mut Run) -> Done {
    let (block, receipts) = (block(), receipts());
    let kilobytes = number(u64::try_from(receipts.len()).unwrap_or_default()) / 1_000.0;
    run.book.tell("blocks: receipts of one, as JSON", "kB", kilobytes);
    let sets = [FEW, run.scale.watched].map(|count| (count, watched(count)));
    for round in 1..=run.scale.rounds {
        println!("blocks, round {round}");
        for (count, set) in &sets {
            let rate = rate(&block, &receipts, set, run.scale.run)?;
            run.book.tell(&row(*count), RATE, rate);
        }
    }
    bitcoin::measure(run)
}

fn rate(block: &str, receipts: &str, watched: &WatchSet, time: Duration) -> Done<f64> {
    let assets = Assets {
        network: Network::parse("ethereum").during("no network")?,
        native: AssetCode::parse("ETH").ok(),
        tokens: Arc::new([Token { asset: AssetCode::parse("USDT").during("no asset")?, contract: CONTRACT }]),
    };
    repeated(time, || {
        let body: Body = serde_json::from_str(block).during("the block cannot be read")?;
        let receipts: Vec<Receipt> = serde_json::from_str(receipts).during("the receipts cannot be read")?;
        let candidate = assets.candidate(&body, watched);
        Ok(assets.transfers(&candidate, &receipts, watched))
    })
}

/// How often a block can be read in a second of processor time. What is found in it is ours, or nothing was measured.
fn repeated(time: Duration, mut read: impl FnMut() -> Done<Vec<Transfer>>) -> Done<f64> {
    let own = std::process::id();
    let (begun, before, mut blocks) = (Instant::now(), process::cpu(own)?, 0_u64);
    while begun.elapsed() < time {
        let found = read()?;
        let total = found.iter().fold(Amount::ZERO, |sum, transfer| sum.saturating_add(transfer.amount));
        if found.len() != usize::try_from(OURS).unwrap_or_default() || total.is_zero() {
            return Err(Trouble(format!("{} transfers were found", found.len())));
        }
        blocks += 1;
    }
    let used = process::cpu(own)?.saturating_sub(before).as_secs_f64();
    Ok(number(blocks) / used.max(0.01))
}

/// The accounts that are watched; the first few of them are in the block.
fn watched(count: usize) -> WatchSet {
    let mut set = WatchSet::with_capacity(count);
    for place in (0_u64..).take(count) {
        set.insert(&account(place));
    }
    set
}

fn account(place: u64) -> [u8; 20] {
    let mut random = Random::new(place);
    let mut account = [0; 20];
    for chunk in account.chunks_mut(8) {
        chunk.copy_from_slice(&random.next().to_be_bytes()[..chunk.len()]);
    }
    account
}

/// The hexadecimal form of some bytes, as often as needed.
fn hex(bytes: &[u8]) -> String {
    format!("0x{}", const_hex::encode(bytes))
}

fn hash(number: u64) -> String {
    let mut random = Random::new(number ^ 0xb10c);
    hex(&std::array::from_fn::<_, 4, _>(|_| random.next().to_be_bytes()).concat())
}

fn block() -> String {
    format!(
        r#"{{"number":"0x10","hash":"{}","parentHash":"{}","timestamp":"0x6500","transactions":[]}}"#,
        hash(0),
        hash(1)
    )
}

/// The receipts of a block, with everything that nodes write.
fn receipts() -> String {
    let bloom = hex(&[0; 256]);
    let mut text = String::from("[");
    for receipt in 0..RECEIPTS {
        let logs: Vec<String> = (0..LOGS).map(|log| self::log(receipt * LOGS + log, receipt)).collect();
        let comma = if receipt == 0 { "" } else { "," };
        let _ = write!(
            text,
            r#"{comma}{{"blockHash":"{}","blockNumber":"0x10","contractAddress":null,"cumulativeGasUsed":"0x5208","#,
            hash(0)
        );
        let _ = write!(
            text,
            r#""effectiveGasPrice":"0x3b9aca00","from":"{}","gasUsed":"0x5208","logsBloom":"{bloom}","status":"0x1","#,
            hex(&account(1 << 40))
        );
        let _ = write!(
            text,
            r#""to":"{}","transactionHash":"{}","transactionIndex":"0x{receipt:x}","type":"0x2","logs":[{}]}}"#,
            hex(&CONTRACT),
            hash(receipt + 2),
            logs.join(",")
        );
    }
    text + "]"
}

/// A transfer of the token: the first few to accounts that are watched.
fn log(number: u64, receipt: u64) -> String {
    let word = |account: [u8; 20]| hex(&[&[0; 12], &account[..]].concat());
    let to = account(if number < OURS { number } else { (1 << 41) + number });
    format!(
        concat!(
            r#"{{"address":"{}","blockHash":"{}","blockNumber":"0x10","data":"0x{:064x}","logIndex":"0x{:x}","#,
            r#""removed":false,"topics":["{}","{}","{}"],"transactionHash":"{}","transactionIndex":"0x{:x}"}}"#
        ),
        hex(&CONTRACT),
        hash(0),
        number + 1,
        number,
        hex(&TRANSFER.0),
        word(account(1 << 42)),
        word(to),
        hash(receipt + 2),
        receipt
    )
}
