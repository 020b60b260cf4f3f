//! Receiving addresses: parsing and encoding them, and deriving them from extended public keys.
//!
//! Nothing here reads a clock, draws a random number, or touches a disk or a network. There is no private key either:
//! whoever takes over a gateway can see what a shop receives, and spend none of it. The one exception is public by
//! design: [`sandbox`].

pub mod account_key;
pub mod address;
mod child;
mod descriptor;
pub mod receiving_key;
pub mod sandbox;
mod script;
#[cfg(test)]
#[rustfmt::skip] // Every key in one piece.
mod vectors;
pub mod wallet_key;
