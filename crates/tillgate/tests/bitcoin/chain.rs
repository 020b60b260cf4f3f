//! A real node, and a wallet that pays.

use bitcoin::{Address, Network, ScriptBuf, Transaction};
use testkit::bitcoin::{Bcoin, Purse};

/// Coins that the wallet has.
const COINS: u64 = 10;

/// Places of a coin.
const PLACES: usize = 8;

/// A node on whose chain segwit is in force, and somebody with coins there.
pub(crate) struct Chain {
    pub(crate) node: Bcoin,
    pub(crate) payer: Purse,
}

impl Chain {
    pub(crate) async fn start() -> Self {
        let mut payer = Purse::new(7);
        let node = Bcoin::start_with_segwit(&payer.script()).await;
        for height in 1..=COINS {
            payer.take_in(&node, height).await;
        }
        Self { node, payer }
    }

    /// Sends so many coins. The transaction waits to be mined.
    pub(crate) async fn send(&mut self, to: &str, amount: &str) -> Transaction {
        self.send_all(&[(to, amount)]).await
    }

    /// The same to several addresses at once, or several times to one.
    pub(crate) async fn send_all(&mut self, outputs: &[(&str, &str)]) -> Transaction {
        let outputs: Vec<_> = outputs.iter().map(|(to, amount)| (script(to), sats(amount))).collect();
        let transaction = self.payer.pay(&outputs);
        self.node.send(&transaction).await;
        transaction
    }
}

/// The script of an address, as any wallet reads it.
pub(crate) fn script(address: &str) -> ScriptBuf {
    let address: Address<_> =
        address.parse().unwrap_or_else(|error| panic!("an address, not {address}: {error}"));
    address.require_network(Network::Regtest).expect("an address of this chain").script_pubkey()
}

/// An amount in sats.
pub(crate) fn sats(decimal: &str) -> u64 {
    let (whole, part) = decimal.split_once('.').unwrap_or((decimal, ""));
    assert!(part.len() <= PLACES, "{decimal} has too many places");
    format!("{whole}{part:0<PLACES$}").parse().unwrap_or_else(|_| panic!("an amount, not {decimal}"))
}
