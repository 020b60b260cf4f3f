//! The binary against a real Ethereum node: a shop asks, a buyer pays from an ordinary wallet, the shop is told.

#![cfg(test)]

mod buyer;
mod chain;
mod killed;
mod nodes;
mod paid;
mod reorganised;
mod switched;
mod till;
mod told;
