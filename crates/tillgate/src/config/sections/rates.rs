//! What things are worth.

use std::collections::BTreeMap;

use crate::config::documented::documented;

/// The source that takes the table of the configuration.
pub const FIXED: &str = "fixed";

documented! {
    /// Rates.
    pub struct Rates {
        /// Where rates come from. This version has one source, "fixed": the table below. Empty: "fixed" in the test
        /// environment, which has a table of its own below that; elsewhere it must be given.
        pub sources: Vec<String> = Vec::new(),
        /// The table: what one unit of the first is worth in the second. Write the numbers in quotes.
        pub fixed: BTreeMap<String, String> = BTreeMap::new(),
    }
}
