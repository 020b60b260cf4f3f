//! The binary against a real Bitcoin node, and against stand-ins for Bitcoin Core and Esplora: a shop asks, a buyer
//! pays from an ordinary wallet, the shop is told.

#![cfg(test)]

#[path = "../evm/buyer.rs"]
#[expect(dead_code, reason = "what buyers do on another chain is not all done here")]
mod buyer;
mod chain;
mod killed;
mod paid;
mod reorganised;
mod seen;
mod served;
mod till;
#[path = "../evm/told.rs"]
mod told;
mod wallets;
