//! The simulated chains, and the operator's hand on them.
//!
//! They live in the database, so that they survive a restart and are one for all nodes. From the moment that a block is
//! observed, nothing tells them from real ones.

mod blocks;
mod pay;
mod transfer;

pub use blocks::MAX_BLOCKS;
pub(crate) use blocks::begin;
pub use pay::{Paid, SimulatePay, Target};
pub use transfer::SimulateTransfer;
