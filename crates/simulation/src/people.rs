//! Those who give commands: shops, buyers, the operator, and the workers of each node.

pub(crate) mod buyer;
pub(crate) mod client;
pub(crate) mod deliverer;
pub(crate) mod membership;
pub(crate) mod operator;
pub(crate) mod postman;
pub(crate) mod reader;
pub(crate) mod sandbox;
pub(crate) mod watcher;
pub(crate) mod workers;
