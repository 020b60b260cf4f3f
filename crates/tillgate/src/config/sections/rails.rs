//! The real networks.

use std::path::PathBuf;

use crate::config::{documented::documented, secret::Secret};

documented! {
    /// The real networks.
    pub struct Rails {
        /// Ethereum, and the chains that are like it: one table for each.
        pub evm: Vec<EvmNetwork> = Vec::new(),
    }
}

documented! {
    /// An Ethereum-like network.
    pub struct EvmNetwork {
        /// Its name in the API.
        pub network: String = String::new(),
        /// What buyers read; empty: made from the name.
        pub label: String = String::new(),
        /// The chain id of EIP-155. A node of another chain is refused.
        pub chain_id: u64 = 0,
        /// The node's JSON-RPC. It may hold a key, so nothing shows it.
        pub rpc_url: Secret = Secret::default(),
        /// A file that holds the URL, in place of it.
        pub rpc_url_file: PathBuf = PathBuf::new(),
        /// Confirmations that make money final: 1 to 100.
        pub confirmations: u32 = 12,
        /// Milliseconds between two looks at the node: 100 to 600000.
        pub poll_ms: u64 = 4_000,
        /// Seconds after which a newest block is too old to know what is paid: 10 to 86400.
        pub max_block_age_s: u64 = 600,
        /// The chain's own coin; empty: it is not taken.
        pub native: String = String::new(),
        /// The tokens that are taken. Nothing but its contract tells a token from its imitations.
        pub tokens: Vec<EvmToken> = Vec::new(),
    }
}

documented! {
    /// A token.
    pub struct EvmToken {
        /// Its code.
        pub asset: String = String::new(),
        /// The contract that keeps it.
        pub contract: String = String::new(),
        /// Places of one unit.
        pub decimals: u8 = 18,
    }
}
