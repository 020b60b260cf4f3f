//! What a rail answers when it is asked to go on.

use domain::{chain::Batch, time::Timestamp};

/// The next part of a network's story, and how far the network itself is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What happened after the cursor. It may be empty.
    pub batch: Batch,
    /// The newest block that the rail knows of.
    pub head: Head,
    /// Whether the cursor stands at [`Progress::head`] once the batch is applied. Else it is worth asking again at
    /// once, unless the batch is empty: then the node is behind us, and has to come up first.
    pub caught_up: bool,
}

/// The newest block of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Blocks before it.
    pub height: u64,
    /// The time that it states. Where that is long ago, the network stands still or its node is cut off: either way
    /// nobody can tell what is paid.
    pub time: Timestamp,
}
