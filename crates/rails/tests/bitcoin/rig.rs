//! What is watched, and settings for rails.

use bitcoin::ScriptBuf;
use domain::{chain::Network, money::AssetCode};
use rails::{
    NodeUrl,
    bitcoin::{BitcoinSettings, Chain, Server},
};
use testkit::bitcoin::{Bcoin, Core, Esplora, Purse};

/// Who pays.
const PAYER: u8 = 7;

/// A native segwit address that is watched.
pub(crate) fn alice() -> ScriptBuf {
    ScriptBuf::from_hex("0014c0cebcd6c3d3ca8c75dc5ec62ebe55330ef910e2").unwrap()
}

/// A taproot address that is watched.
pub(crate) fn bob() -> ScriptBuf {
    ScriptBuf::from_hex("5120a60869f0dbcf1dc659c9cecbaf8050135ea9e8cdc487053f1dc6880949dc684c").unwrap()
}

/// Settings for a rail that reads from this server.
pub(crate) fn settings(server: Server) -> BitcoinSettings {
    let network = Network::parse("bitcoin").unwrap();
    BitcoinSettings::new(network, Chain::Regtest, server, AssetCode::parse("BTC").unwrap())
}

/// A node at this URL, with the credentials that it wants.
pub(crate) fn node(url: &str, (user, password): (&str, &str)) -> Server {
    Server::Core(NodeUrl::parse(url).unwrap().with_credentials(user, password).unwrap())
}

pub(crate) fn of_core(core: &Core) -> BitcoinSettings {
    settings(node(&core.url(), core.credentials()))
}

pub(crate) fn of_esplora(esplora: &Esplora) -> BitcoinSettings {
    settings(Server::Esplora(NodeUrl::parse(&esplora.url()).unwrap()))
}

/// A real node, and somebody with coins on its chain.
pub(crate) struct Regtest {
    pub(crate) node: Bcoin,
    pub(crate) payer: Purse,
}

impl Regtest {
    /// A chain on which segwit is in force, and a payer with ten coins.
    pub(crate) async fn start() -> Self {
        let mut payer = Purse::new(PAYER);
        let node = Bcoin::start_with_segwit(&payer.script()).await;
        for height in 1..=10 {
            payer.take_in(&node, height).await;
        }
        Self { node, payer }
    }

    pub(crate) fn settings(&self) -> BitcoinSettings {
        settings(node(&self.node.url(), self.node.credentials()))
    }

    /// Pays these scripts in one transaction, which waits to be mined.
    pub(crate) async fn pay(&mut self, outputs: &[(ScriptBuf, u64)]) -> String {
        let transaction = self.payer.pay(outputs);
        self.node.send(&transaction).await.to_string()
    }
}
