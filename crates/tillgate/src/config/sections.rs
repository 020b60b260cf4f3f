//! The sections of the configuration, one file each.

mod database;
mod dialects;
mod limits;
mod log;
mod mail;
mod rails;
mod rates;
mod secrets;
mod wallets;
mod webhooks;

pub use self::{
    database::{Database, DatabaseUrl},
    dialects::{AlphaDialect, AlphapoDialect, Dialects, VENDOR_S},
    limits::Limits,
    log::{Log, LogFormat, LogLevel},
    mail::Mail,
    rails::{BitcoinNetwork, EvmNetwork, EvmToken, Rails},
    rates::Rates,
    secrets::Secrets,
    wallets::Wallets,
    webhooks::{Toggle, Webhooks},
};
