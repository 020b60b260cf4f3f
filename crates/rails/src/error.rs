//! Why a rail has nothing to say.

use domain::time::Span;

/// Why the next part of a network's story could not be had. Nothing was lost: whoever asked may ask again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RailError {
    /// No TLS: most often the system has no root certificates.
    #[error("TLS cannot be set up: install the system's root certificates (package ca-certificates)")]
    Tls,
    /// No connection, or it broke.
    #[error("the node cannot be reached: {reason}")]
    Unreachable {
        /// What the system says.
        reason: String,
    },
    /// No whole answer within the time that is set.
    #[error("the node did not answer in time")]
    TimedOut,
    /// An answer that says only that there is none.
    #[error("the node answers with HTTP status {status}")]
    Http {
        /// The status.
        status: u16,
    },
    /// More questions than the node takes.
    #[error("the node takes no more questions for a while")]
    RateLimited {
        /// How long it wants to be left alone, where it says so.
        retry_after: Option<Span>,
    },
    /// The node refuses a call.
    #[error("the node refuses {method}: {message} ({code})")]
    Rpc {
        /// The method that was called.
        method: &'static str,
        /// The code of JSON-RPC 2.0 (section 5.1) or of EIP-1474.
        code: i64,
        /// The node's words, cut to a line.
        message: String,
    },
    /// An answer larger than any that makes sense.
    #[error("the node's answer to {method} has more than {limit} bytes")]
    TooLarge {
        /// The method that was called.
        method: &'static str,
        /// The most that is read.
        limit: usize,
    },
    /// An answer that is not what the API promises.
    #[error("the node's answer to {method} is not understood: {detail}")]
    Malformed {
        /// The method that was called.
        method: &'static str,
        /// What is wrong with it, in our words.
        detail: String,
    },
    /// The node follows another chain than it should.
    #[error("the node follows chain {found}, and not {expected}: check its URL and the configured chain")]
    WrongChain {
        /// The chain that is configured, or that was followed so far.
        expected: String,
        /// The node's.
        found: String,
    },
    /// The node has a block, but not what happened in it: it lags behind itself, or has thrown it away.
    #[error("the node has block {height}, but not all that happened in it")]
    Incomplete {
        /// The block's height.
        height: u64,
    },
    /// The node does not let us in.
    #[error("the node refuses the credentials, or calls from this machine (HTTP status {status})")]
    Unauthorized {
        /// The status.
        status: u16,
    },
    /// The node was started a moment ago.
    #[error("the node is still starting: {message}")]
    Starting {
        /// The node's words, cut to a line.
        message: String,
    },
    /// The node is fetching the chain from others.
    #[error("the node is still fetching the chain: it has {blocks} of {headers} blocks")]
    Fetching {
        /// The height that it has reached.
        blocks: u64,
        /// The height that it knows of.
        headers: u64,
    },
    /// The node has thrown a block away that was not followed yet.
    #[error(
        "the node is pruned and has blocks from {oldest} on only, and block {height} is needed: let it fetch them \
         again, or name another node"
    )]
    Pruned {
        /// The block's height.
        height: u64,
        /// The oldest one that it has.
        oldest: u64,
    },
    /// The chain changed while it was read. Asking again tells how.
    #[error("the chain was reorganised while it was read")]
    Reorganised,
    /// None of the blocks that were followed last is part of the chain any more.
    #[error(
        "the chain was reorganised below block {oldest}, the oldest one that is remembered: a person has to look"
    )]
    ReorgTooDeep {
        /// The height of the oldest block that was compared.
        oldest: u64,
    },
}

impl RailError {
    /// Whether it may pass by itself. Else somebody has to change something: the configuration, the node, or this
    /// program; asking again, now and then, finds out when they have.
    pub const fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable { .. }
            | Self::TimedOut
            | Self::RateLimited { .. }
            | Self::Incomplete { .. }
            | Self::Starting { .. }
            | Self::Fetching { .. }
            | Self::Reorganised => true,
            Self::Http { status } => matches!(status, 408 | 425 | 500..),
            Self::Rpc { code, .. } => !matches!(code, -32602..=-32600),
            Self::Tls
            | Self::TooLarge { .. }
            | Self::Malformed { .. }
            | Self::WrongChain { .. }
            | Self::Unauthorized { .. }
            | Self::Pruned { .. }
            | Self::ReorgTooDeep { .. } => false,
        }
    }
}
