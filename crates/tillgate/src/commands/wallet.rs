//! `tillgate wallet`

use clap::{Args, Subcommand};
use http::Method;
use operator::wallets::{NewWallet, Wallet};

use super::{Run, list::segment};
use crate::{
    context::Context,
    failure::Done,
    output::{Fields, Text},
};

#[derive(Debug, Args)]
pub(crate) struct WalletCommand {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// Receive on a network with this key from now on
    Set {
        #[command(flatten)]
        place: Place,
        /// The extended public key of the account; never a private one
        #[arg(long)]
        xpub: String,
    },
    /// Show what a shop receives with on a network
    Show {
        #[command(flatten)]
        place: Place,
    },
}

#[derive(Debug, Args)]
struct Place {
    /// The shop's id
    #[arg(long)]
    shop: String,
    /// The network's name
    #[arg(long)]
    network: String,
}

impl Place {
    fn path(&self) -> String {
        format!("/shops/{}/wallets/{}", segment(&self.shop), segment(&self.network))
    }
}

impl Run for WalletCommand {
    fn run(self, context: &Context) -> Done {
        let client = context.client()?;
        let answer = match self.act {
            Act::Set { place, xpub } => {
                client.call::<Wallet>(Method::PUT, &place.path(), Some(&NewWallet { xpub }))?
            }
            Act::Show { place } => client.get::<Wallet>(&place.path())?,
        };
        context.show(&answer, text)
    }
}

fn text(wallet: &Wallet) -> String {
    let owner = if wallet.simulated { "the sandbox: anyone can spend what it receives" } else { "the shop" };
    let mut text = Text::default();
    let fields = Fields::default()
        .with("id", &wallet.id)
        .with("shop", &wallet.shop)
        .with("network", &wallet.network)
        .with("key of", owner)
        .with("fingerprint", &wallet.fingerprint)
        .with("given out", &format!("{} addresses", wallet.issued))
        .text("");
    text.block(&fields);
    text.gap();
    text.line("First addresses, to compare with your own wallet:");
    for (index, address) in wallet.first_addresses.iter().enumerate() {
        text.line(&format!("  {index}  {address}"));
    }
    text.into_string()
}
