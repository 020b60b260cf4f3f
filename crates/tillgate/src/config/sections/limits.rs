//! What callers may ask of the gateway.

use crate::config::documented::documented;

documented! {
    /// Limits, per node.
    pub struct Limits {
        /// Requests in a minute for each credential; 0: no limit. A dialect may have its own under [dialects.NAME].
        pub requests_per_minute: u32 = 600,
    }
}
