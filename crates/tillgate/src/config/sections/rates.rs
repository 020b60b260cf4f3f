//! What things are worth.

use std::collections::BTreeMap;

use domain::{
    merchant::Environment,
    rates::{FIXED, RatePolicy, Sources},
};
use outbound::rates::{Kind, Source};

use crate::config::documented::documented;

/// The sources of every environment but that of tests, where none are named.
const USUAL: [Source; 4] = [Source::Kraken, Source::Coinbase, Source::Bitfinex, Source::Ecb];

documented! {
    /// Rates.
    pub struct Rates {
        /// Where rates come from: kraken, coinbase, bitfinex and coingecko say what coins are worth, ecb what
        /// currencies are. Or "fixed" alone: the table below. Empty: "fixed" in the test environment, which has a table
        /// of its own below that; elsewhere kraken, coinbase, bitfinex and ecb.
        pub sources: Vec<String> = Vec::new(),
        /// How many of the sources of coins have to agree on a price, besides being more than half of those that say
        /// one. "fixed" needs nobody's agreement.
        pub quorum: u64 = 2,
        /// Where else a source is asked than at its own address, such as at a mirror. Its words are taken all the same.
        pub base_urls: BTreeMap<String, String> = BTreeMap::new(),
        /// The table: what one unit of the first is worth in the second. Write the numbers in quotes.
        pub fixed: BTreeMap<String, String> = BTreeMap::new(),
    }
}

impl Rates {
    /// The names of the sources, those that follow from the environment among them.
    pub fn sources_in(&self, environment: Environment) -> Vec<String> {
        if !self.sources.is_empty() {
            return self.sources.clone();
        }
        match environment {
            Environment::Test => vec![FIXED.to_owned()],
            Environment::Staging | Environment::Production => {
                USUAL.map(|source| source.name().to_owned()).to_vec()
            }
        }
    }

    /// The sources that are asked; none where the table says it all.
    pub fn live_in(&self, environment: Environment) -> Vec<Source> {
        self.sources_in(environment).iter().filter_map(|name| Source::from_name(name)).collect()
    }

    /// How rates are found.
    pub fn policy_in(&self, environment: Environment) -> RatePolicy {
        let live = self.live_in(environment);
        if live.is_empty() {
            return RatePolicy::Table;
        }
        let names = |kind: Kind| -> Vec<String> {
            live.iter().filter(|one| one.kind() == kind).map(|one| one.name().to_owned()).collect()
        };
        RatePolicy::Live(Sources {
            markets: names(Kind::Market),
            references: names(Kind::Reference),
            quorum: usize::try_from(self.quorum).unwrap_or(usize::MAX),
        })
    }
}
