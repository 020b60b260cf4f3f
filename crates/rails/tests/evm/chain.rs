//! A real node with the contracts that the tests use.

use domain::{chain::Network, money::AssetCode};
use rails::{
    NodeUrl,
    evm::{EvmSettings, Token},
};
use testkit::anvil::{Address, Anvil, CHAIN_ID, Contract, word};

/// Accounts that are watched.
pub(crate) const ALICE: Address = [0xa1; 20];
pub(crate) const BOB: Address = [0xb0; 20];

/// An account that is not.
pub(crate) const STRANGER: Address = [0x5e; 20];

/// Tokens that the first account of the node owns.
pub(crate) const SUPPLY: u128 = 1_000_000_000_000;

/// A node with a token that is taken as USDT.
pub(crate) struct Chain {
    pub(crate) node: Anvil,
    /// Who pays.
    pub(crate) payer: Address,
    pub(crate) token: Address,
}

impl Chain {
    /// A chain of two blocks: the first, and the one that makes the token.
    pub(crate) async fn start() -> Self {
        let node = Anvil::start().await;
        let payer = node.accounts()[0];
        let token = node.deploy(payer, Contract::Token(word(SUPPLY))).await;
        Self { node, payer, token }
    }

    /// Settings for a rail on this chain.
    pub(crate) fn settings(&self) -> EvmSettings {
        settings(&self.node.url(), &[("USDT", self.token)])
    }

    /// Coins on their way to an account.
    pub(crate) async fn pay(&self, to: Address, wei: u128) -> String {
        self.node.send(self.payer, to, wei).await
    }

    /// Tokens on their way to an account.
    pub(crate) async fn pay_token(&self, to: Address, amount: u128) -> String {
        self.node.send_token(self.token, self.payer, to, amount).await
    }
}

/// Settings for a rail on the node at `url`, which takes its coin as ETH and these tokens.
pub(crate) fn settings(url: &str, tokens: &[(&str, Address)]) -> EvmSettings {
    let network = Network::parse("ethereum").unwrap();
    let token = |(code, contract): &(&str, Address)| Token {
        asset: AssetCode::parse(code).unwrap(),
        contract: *contract,
    };
    EvmSettings {
        native: Some(AssetCode::parse("ETH").unwrap()),
        tokens: tokens.iter().map(token).collect(),
        ..EvmSettings::new(network, NodeUrl::parse(url).unwrap(), CHAIN_ID)
    }
}
