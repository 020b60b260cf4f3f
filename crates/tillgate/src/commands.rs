//! The commands, one file each. A new one is its file, and its line in the table below.

mod clock;
mod config;
mod credential;
mod deliveries;
mod endpoint;
mod list;
mod mails;
mod migrate;
mod payments;
mod serve;
mod shop;
mod simulate;
mod wallet;

use clap::Subcommand;

pub(crate) use self::serve::Serve;
use crate::{context::Context, failure::Done};

/// What a command does.
pub(crate) trait Run {
    /// Does it.
    ///
    /// # Errors
    /// The reason why it was not done.
    fn run(self, context: &Context) -> Done;
}

macro_rules! commands {
    ($($(#[doc = $doc:literal])* $name:ident($arguments:ty),)*) => {
        /// Everything that the binary can be told to do.
        #[derive(Debug, Subcommand)]
        pub(crate) enum Command {
            $($(#[doc = $doc])* $name($arguments),)*
        }

        impl Run for Command {
            fn run(self, context: &Context) -> Done {
                match self { $(Self::$name(arguments) => arguments.run(context),)* }
            }
        }
    };
}

commands! {
    /// Run the gateway
    Serve(Serve),
    /// Bring the database to this version
    Migrate(migrate::Migrate),
    /// Print the effective configuration, with secrets redacted
    Config(config::PrintConfig),
    /// Shops: places that sell, and their own rules
    Shop(shop::ShopCommand),
    /// Keys that act for a shop in one dialect
    Credential(credential::CredentialCommand),
    /// Extended public keys that a shop receives with
    Wallet(wallet::WalletCommand),
    /// Webhook endpoints of a shop
    Endpoint(endpoint::EndpointCommand),
    /// What was sent to endpoints, and what came back
    Deliveries(deliveries::DeliveriesCommand),
    /// Mails to buyers, and what came of them
    Mails(mails::MailsCommand),
    /// Payments, of any dialect
    Payments(payments::PaymentsCommand),
    /// Sandbox: money, chains and market on demand
    Simulate(simulate::SimulateCommand),
    /// Sandbox: let time pass
    Clock(clock::ClockCommand),
}
