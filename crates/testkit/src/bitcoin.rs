//! Bitcoin, for tests: a real node, and stand-ins for what cannot be installed here.
//!
//! The node is bcoin, in regression-test mode: it validates everything, mines when it is told to, and reorganises its
//! chain on demand. Bitcoin Core and Esplora are played by [`Core`] and [`Esplora`], which answer out of one [`Story`]
//! as their documentation says.

mod core;
mod esplora;
mod node;
mod purse;
mod story;

pub use core::{Core, Mood};
pub use esplora::Esplora;
pub use node::{Bcoin, PATIENCE};
pub use purse::{Coin, Purse};
pub use story::Story;

use bitcoin::ScriptBuf;

/// A script that nobody of the tests watches.
///
/// # Panics
/// Never.
pub fn nobody() -> ScriptBuf {
    ScriptBuf::from_hex("00141111111111111111111111111111111111111111").expect("hexadecimal digits")
}
