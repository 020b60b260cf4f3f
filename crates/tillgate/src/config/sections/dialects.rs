//! The vendors' APIs that are served.

use std::collections::BTreeMap;

use domain::time::Span;

use crate::config::{documented::documented, word::Setting};

documented! {
    /// The dialects.
    pub struct Dialects {
        /// The dialect `alpha`.
        pub alpha: AlphaDialect = AlphaDialect::default(),
        /// The dialect `alphapo`.
        pub alphapo: AlphapoDialect = AlphapoDialect::default(),
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

/// What stands for the vendor's own least amount, outside the test environment.
pub const VENDOR_S: &str = "auto";

documented! {
    /// The dialect `alphapo`.
    pub struct AlphapoDialect {
        /// Whether its API answers. Invoices that it made go on without it.
        pub enabled: bool = true,
        /// Whether what the vendor's pages of 2026 require is required: `end_user_reference`, and of a person's
        /// `sender_data` the date of birth.
        pub strict_2026: bool = false,
        /// Whether buyers are sent to https and to names of hosts only, as the vendor wants it.
        pub strict_urls: bool = false,
        /// Whether an invoice needs `email_user`.
        pub require_email: bool = true,
        /// Whether payers are asked who they are, where the shop does not say it. What is said is kept with the
        /// payment, sealed. Without it nobody is asked, and what the shop says is checked and dropped.
        pub ask_sender: bool = false,
        /// The least that an invoice may ask for, in euros or what is worth as much: an amount in quotes. "auto":
        /// the vendor's "10.00", and any amount in the test environment; "0": any amount.
        pub minimum_eur: String = VENDOR_S.to_owned(),
        /// The codes whose callbacks say, once money was seen, that the invoice expires a day later. For others they
        /// go on naming the end of the timer, although their money has the same day to become final.
        pub extended: Vec<String> = ["BTC", "BCH"].map(str::to_owned).to_vec(),
        /// The share of what is received that callbacks and lists call a fee, by code, such as "0.008" for 0.8 %.
        /// Nothing is taken from anybody; where none is given, there is none.
        pub deposit_fees: BTreeMap<String, String> = BTreeMap::new(),
        /// How long money that was seen in time, and lost its block, holds up failure.
        pub seen_limit: Setting<Span> = Setting(Span::hours(1)),
        /// Requests in a minute for each credential; left out: as under `[limits]`; 0: no limit.
        pub requests_per_minute: Option<u32> = None,
        /// Requests of exchange/calculate in a minute for each address; 0: no limit.
        pub calculations_per_minute: u32 = 30,
        /// Requests in a minute for each address that do not prove whom they are from; 0: no limit.
        pub failed_authentications_per_minute: u32 = 60,
    }
}
