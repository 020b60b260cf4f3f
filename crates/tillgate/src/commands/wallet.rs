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
        /// The extended public key of the account, or for Bitcoin its output descriptor; never a private one
        ///
        /// For Bitcoin, xpub and zpub (tpub and vpub on test networks) are taken as native segwit (BIP-84), whose
        /// addresses are wpkh(KEY/0/*). For taproot hand in the descriptor: tr([…]xpub…/0/*).
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
        .with("made as", made_as(&wallet.script_kind))
        .with("given out", &format!("{} addresses, {} since the last money", wallet.issued, wallet.unpaid))
        .text("");
    text.block(&fields);
    text.gap();
    text.line("First addresses, to compare with your own wallet:");
    for (index, address) in wallet.first_addresses.iter().enumerate() {
        text.line(&format!("  {index}  {address}"));
    }
    if wallet.needed_gap_limit > wallet.usual_gap_limit {
        text.gap();
        gap(&mut text, wallet);
    }
    text.into_string()
}

/// How addresses come of a key, in the words of BIP-380 where they are Bitcoin's.
fn made_as(script_kind: &str) -> &'static str {
    match script_kind {
        "witness_key_hash" => "native segwit (BIP-84): wpkh(KEY/0/*)",
        "taproot" => "taproot (BIP-86): tr(KEY/0/*)",
        _ => "KEY/0/*",
    }
}

/// What a wallet with the usual gap limit does not find, and the cure.
fn gap(text: &mut Text, wallet: &Wallet) {
    let (usual, needed) = (wallet.usual_gap_limit, wallet.needed_gap_limit);
    text.line(&format!(
        "Your wallet may not find all the money: most stop to look after {usual} addresses without any."
    ));
    text.line(&format!("Set its gap limit to {needed} or more, and let it look again:"));
    text.line(&format!("  Electrum      wallet.change_gap_limit({needed}) in its console"));
    text.line("  Sparrow       Settings, Advanced, Gap limit");
    text.line(&format!("  Bitcoin Core  importdescriptors with \"range\": [0, {}]", wallet.issued));
    text.line(
        "  other         look for \"gap limit\" or \"address limit\", or import the addresses one by one",
    );
}
