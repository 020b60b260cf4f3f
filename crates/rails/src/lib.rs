//! The ways money moves: chains and the sandbox, observed without a database.
//!
//! A rail is asked for the next [`progress::Progress`] after a cursor, and answers in the words of [`domain::chain`].
//! It keeps nothing between two questions that would be missed: where to go on is in the cursor, and what is ours is
//! in the [`watch::WatchSet`] that it is handed. So it may be dropped at any moment, and another one goes on.

pub mod bitcoin;
mod error;
pub mod evm;
mod follow;
mod http;
mod node_url;
pub mod progress;
mod rail;
mod rpc;
pub mod sandbox;
pub mod watch;

pub use error::RailError;
pub use node_url::{NodeUrl, NodeUrlInvalid};
pub use rail::Rail;
