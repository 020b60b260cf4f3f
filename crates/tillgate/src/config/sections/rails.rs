//! The real networks.

use std::path::PathBuf;

use rails::bitcoin::Chain;

use crate::config::{
    documented::documented,
    secret::Secret,
    word::{Setting, names},
};

documented! {
    /// The real networks.
    pub struct Rails {
        /// Ethereum, and the chains that are like it: one table for each.
        pub evm: Vec<EvmNetwork> = Vec::new(),
        /// Bitcoin and its test networks: one table for each.
        pub bitcoin: Vec<BitcoinNetwork> = Vec::new(),
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
    /// Bitcoin, or a test network of it.
    pub struct BitcoinNetwork {
        /// Its name in the API.
        pub network: String = String::new(),
        /// What buyers read; empty: made from the name.
        pub label: String = String::new(),
        /// main | test | signet | regtest. A node of another chain is refused.
        pub chain: Setting<Option<Chain>> = Setting(None),
        /// The JSON-RPC of Bitcoin Core.
        pub rpc_url: Secret = Secret::default(),
        /// A file that holds the URL, in place of it.
        pub rpc_url_file: PathBuf = PathBuf::new(),
        /// Whom the node knows us as (`rpcauth` in its configuration).
        pub rpc_user: String = String::new(),
        /// The password for it.
        pub rpc_password: Secret = Secret::default(),
        /// A file that holds the password, in place of it.
        pub rpc_password_file: PathBuf = PathBuf::new(),
        /// An Esplora server in place of a node, for people without one: what its paths stand below. It is asked for
        /// whole blocks, and believed about which chain is the longest.
        pub esplora_url: Secret = Secret::default(),
        /// A file that holds that URL, in place of it.
        pub esplora_url_file: PathBuf = PathBuf::new(),
        /// Confirmations that make money final: 1 to 100.
        pub confirmations: u32 = 2,
        /// Milliseconds between two looks at the node: 100 to 600000.
        pub poll_ms: u64 = 5_000,
        /// Seconds after which a newest block is too old to know what is paid: 10 to 86400.
        pub max_block_age_s: u64 = 7_200,
        /// Whether payments are seen before they are in a block. After a start it may take some minutes until all that
        /// waits is known.
        pub mempool: bool = true,
        /// The most transactions that may wait at an Esplora server for them to be looked at: each costs a request. A
        /// server of one's own can be asked for all, say 300000.
        pub mempool_limit: u64 = rails::bitcoin::LARGEST_POOL,
    }
}

names!(Chain, Chain::ALL, Chain::code);

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
