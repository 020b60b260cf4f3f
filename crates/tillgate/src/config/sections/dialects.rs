//! The vendors' APIs that are served.

use std::collections::BTreeMap;

use domain::time::Span;

use crate::config::{documented::documented, word::Setting};

documented! {
    /// The dialects.
    pub struct Dialects {
        /// The dialect `alpha`.
        pub alpha: AlphaDialect = AlphaDialect::default(),
    }
}

documented! {
    /// The dialect `alpha`.
    pub struct AlphaDialect {
        /// Whether its API answers. Payments that it made go on without it.
        pub enabled: bool = true,
        /// Requests in a minute for each credential; left out: as under `[limits]`; 0: no limit.
        pub requests_per_minute: Option<u32> = None,
        /// Reads of the public checkout in a minute for each address; 0: no limit.
        pub checkout_requests_per_minute: u32 = 120,
        /// Requests in a minute for each address that show no credential that works; 0: no limit.
        pub failed_authentications_per_minute: u32 = 60,
        /// How long a payment waits where its shop has no rule of its own.
        pub order_validity: Setting<Span> = Setting(Span::minutes(30)),
        /// How long a quote holds.
        pub quote_validity: Setting<Span> = Setting(Span::minutes(15)),
        /// How long money that was seen in time, and lost its block, holds up expiry.
        pub seen_limit: Setting<Span> = Setting(Span::hours(1)),
        /// The currencies in which a payment may be asked for.
        pub currencies: Vec<String> = ["USD", "EUR", "GBP", "AED"].map(str::to_owned).to_vec(),
        /// The least that may be asked for in a currency; where none is given, one minor unit.
        pub minimum: BTreeMap<String, String> = BTreeMap::new(),
        /// The most that may be asked for in a currency; where none is given, what twelve digits can write.
        pub maximum: BTreeMap<String, String> = BTreeMap::new(),
    }
}
