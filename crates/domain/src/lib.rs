//! What money, payments and their states are: pure rules.
//!
//! Nothing here reads a clock, draws a random number, or touches a disk or a network; nothing here can be serialised.
//! Whatever a rule needs is handed to it, and it fails only by a [`refusal::Refusal`].

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

pub mod buyer;
pub mod chain;
pub mod delivery;
pub mod dialect;
pub mod event;
pub mod id;
pub mod ip_block;
pub mod ledger;
pub mod mail;
pub mod merchant;
pub mod money;
pub mod pair;
pub mod payment;
pub mod quote;
pub mod rates;
pub mod receipt;
pub mod refusal;
pub mod terms;
pub mod time;
