//! The keys that shops may receive with.

use crate::config::documented::documented;

documented! {
    /// Wallets.
    pub struct Wallets {
        /// Fingerprints of the extended public keys that may be used; empty: any. `tillgate wallet show` tells them.
        pub pinned: Vec<String> = Vec::new(),
    }
}
