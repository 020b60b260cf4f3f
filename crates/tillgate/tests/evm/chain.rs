//! A real node with a token, and a wallet that pays.

use testkit::anvil::{Address, Anvil, Contract, State, word};

/// Tokens that the wallet owns, in their smallest units.
const SUPPLY: u128 = 1_000_000_000_000;

/// Places of a coin.
const COIN_PLACES: usize = 18;

/// Places of a token.
const TOKEN_PLACES: usize = 6;

/// A node with a token that is taken as USDT.
pub(crate) struct Chain {
    pub(crate) node: Anvil,
    pub(crate) token: Address,
    /// Who pays.
    payer: Address,
}

impl Chain {
    /// A chain of two blocks: the first, and the one that makes the token.
    pub(crate) async fn start() -> Self {
        Self::on(Anvil::start().await).await
    }

    /// The same on a node without blocks.
    pub(crate) async fn on(node: Anvil) -> Self {
        let payer = node.accounts()[0];
        let token = node.deploy(payer, Contract::Token(word(SUPPLY))).await;
        Self { node, token, payer }
    }

    /// Another node that knows what this one knew at `state`.
    pub(crate) async fn elsewhere(&self, state: &State) -> Self {
        let mut node = Anvil::start().await;
        node.restart(state).await;
        Self { node, ..*self }
    }

    /// Sends so many ETH. The transaction waits to be mined.
    pub(crate) async fn send(&self, to: &str, amount: &str) -> String {
        self.node.send(self.payer, account(to), minor(amount, COIN_PLACES)).await
    }

    /// The same from another wallet.
    pub(crate) async fn send_from_another(&self, to: &str, amount: &str) -> String {
        self.node.send(self.node.accounts()[1], account(to), minor(amount, COIN_PLACES)).await
    }

    /// Sends so many USDT. The transaction waits to be mined.
    pub(crate) async fn send_token(&self, to: &str, amount: &str) -> String {
        self.node.send_token(self.token, self.payer, account(to), minor(amount, TOKEN_PLACES)).await
    }

    /// Sends so many of another token, which is like the first in all but its contract.
    pub(crate) async fn send_imitation(&self, to: &str, amount: &str) -> String {
        let imitation = self.node.deploy(self.payer, Contract::Token(word(SUPPLY))).await;
        self.node.send_token(imitation, self.payer, account(to), minor(amount, TOKEN_PLACES)).await
    }
}

fn account(text: &str) -> Address {
    const_hex::decode_to_array(text).unwrap_or_else(|_| panic!("an address, not {text}"))
}

/// An amount in smallest units.
fn minor(decimal: &str, places: usize) -> u128 {
    let (whole, part) = decimal.split_once('.').unwrap_or((decimal, ""));
    assert!(part.len() <= places, "{decimal} has too many places");
    format!("{whole}{part:0<places$}").parse().unwrap_or_else(|_| panic!("an amount, not {decimal}"))
}
