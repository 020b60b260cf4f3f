//! The configuration: what can be set, where it comes from, and what is wrong with it.
//!
//! Defaults, then the file, then environment variables, then flags: the later goes before the earlier. Nothing here
//! looks at the environment by itself; the process hands it in.

mod check;
mod documented;
mod example;
mod file;
mod load;
mod origin;
mod problem;
pub mod secret;
mod sections;
#[cfg(test)]
mod tests;
mod unknown;
mod unserved;
mod variables;
mod word;
mod words;

use std::{
    collections::{BTreeMap, BTreeSet},
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use domain::{ip_block::IpBlock, merchant::Environment, money::AssetCode, rates::RatePolicy};

use self::documented::documented;
pub use self::{
    example::example,
    load::{DEFAULT_FILE, Flags, Loaded, Sources, load},
    origin::Origins,
    problem::{Place, Problem, Problems},
    sections::*,
    word::{Setting, Word},
    words::BaseUrl,
};

documented! {
    /// Everything that can be set.
    pub struct Config {
        /// test | staging | production. A database belongs to one of them for ever; money is real in production only.
        pub environment: Setting<Environment> = Setting(Environment::Test),
        /// The address that it listens on.
        pub listen: Setting<SocketAddr> = Setting(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080)),
        /// What links begin with; it may end in a path. Empty: `http://` and the address that it listens on.
        pub public_url: Setting<Option<BaseUrl>> = Setting(None),
        /// Another host for the buyer's pages; empty: `public_url`.
        pub checkout_url: Setting<Option<BaseUrl>> = Setting(None),
        /// Addresses and blocks whose X-Forwarded-For and Forwarded are believed. Limits per address depend on it.
        pub trusted_proxies: Vec<Setting<IpBlock>> = Vec::new(),
        /// The directory of database, master key and operator's socket.
        pub data_dir: PathBuf = PathBuf::from("tillgate-data"),
        /// The database.
        pub database: Database = Database::default(),
        /// Secrets of the installation.
        pub secrets: Secrets = Secrets::default(),
        /// The log.
        pub log: Log = Log::default(),
        /// Callbacks to shops.
        pub webhooks: Webhooks = Webhooks::default(),
        /// Rates.
        pub rates: Rates = Rates::default(),
        /// Limits.
        pub limits: Limits = Limits::default(),
        /// The dialects.
        pub dialects: Dialects = Dialects::default(),
        /// The real networks.
        pub rails: Rails = Rails::default(),
        /// Wallets.
        pub wallets: Wallets = Wallets::default(),
        /// Mails to buyers.
        pub mail: Mail = Mail::default(),
    }
}

/// What things are worth in the test environment, where nothing else is said. Round numbers, so that amounts can be
/// checked by head.
const TEST_RATES: &[(&str, &str)] = &[
    ("BTC/USD", "60000"),
    ("ETH/USD", "3000"),
    ("TRX/USD", "0.125"),
    ("USDT/USD", "1"),
    ("EUR/USD", "1.1"),
    ("GBP/USD", "1.25"),
    ("AED/USD", "0.2723"),
];

impl Config {
    /// One of everything: which keys there are, and of which kind.
    fn template() -> Self {
        let token = EvmToken {
            asset: "USDT".to_owned(),
            contract: "0xdAC17F958D2ee523a2206206994597C13D831ec7".to_owned(),
            decimals: 6,
        };
        let network = EvmNetwork {
            network: "ethereum".to_owned(),
            chain_id: 1,
            rpc_url: secret::Secret::new("http://127.0.0.1:8545"),
            native: "ETH".to_owned(),
            tokens: vec![token],
            ..EvmNetwork::default()
        };
        let sample = |key: &str, value: &str| BTreeMap::from([(key.to_owned(), value.to_owned())]);
        let mut template = Self::default();
        template.rails.evm.push(network);
        template.rails.bitcoin.push(BitcoinNetwork {
            network: "bitcoin".to_owned(),
            chain: Setting(Some(rails::bitcoin::Chain::Main)),
            rpc_url: secret::Secret::new("http://127.0.0.1:8332"),
            ..BitcoinNetwork::default()
        });
        template.rates.base_urls = sample("kraken", "https://api.kraken.com");
        template.dialects.alpha.minimum = sample("USD", "1.00");
        template.dialects.alpha.maximum = sample("USD", "10000.00");
        template.dialects.alpha.requests_per_minute = Some(template.limits.requests_per_minute);
        template.dialects.alphapo.deposit_fees = sample("BTC", "0.008");
        template.dialects.alphapo.requests_per_minute = Some(template.limits.requests_per_minute);
        template
    }

    /// What links begin with, where it listens on `bound`.
    pub fn public_url(&self, bound: SocketAddr) -> BaseUrl {
        self.public_url.0.clone().unwrap_or_else(|| BaseUrl::of(bound))
    }

    /// What links to the buyer's pages begin with.
    pub fn checkout_url(&self, bound: SocketAddr) -> BaseUrl {
        self.checkout_url.0.clone().unwrap_or_else(|| self.public_url(bound))
    }

    /// The configuration with everything filled in that follows from the rest of it.
    #[must_use]
    pub fn effective(&self) -> Self {
        let mut config = self.clone();
        let listen = *config.listen;
        // The port is the system's choice then, and so not known.
        if listen.port() != 0 {
            config.public_url = Setting(Some(self.public_url(listen)));
            config.checkout_url = Setting(Some(self.checkout_url(listen)));
        }
        if let Some(file) = self.database.url.file(&self.data_dir) {
            config.database.url = Setting(DatabaseUrl::Sqlite(Some(file)));
        }
        if config.secrets.master_key.is_empty() {
            config.secrets.master_key_file = self.master_key_file();
        }
        config.webhooks.allow_private_targets = Toggle::Set(self.allows_private_targets());
        config.rates.sources = self.rates.sources_in(*self.environment);
        config.rates.fixed = self.fixed_rates();
        config
    }

    /// The currencies that the dialects take.
    pub fn currencies(&self) -> BTreeSet<AssetCode> {
        let alpha = &self.dialects.alpha;
        let taken = if alpha.enabled { alpha.currencies.as_slice() } else { &[] };
        taken.iter().filter_map(|code| AssetCode::parse(code).ok()).collect()
    }

    /// The table of fixed rates, where that is what counts: the one of the test environment, and what the configuration
    /// says.
    pub fn fixed_rates(&self) -> BTreeMap<String, String> {
        if self.rates.policy_in(*self.environment) != RatePolicy::Table {
            return BTreeMap::new();
        }
        let built_in = if *self.environment == Environment::Test { TEST_RATES } else { &[] };
        let mut table: BTreeMap<String, String> =
            built_in.iter().map(|(pair, rate)| ((*pair).to_owned(), (*rate).to_owned())).collect();
        table.extend(self.rates.fixed.clone());
        table
    }

    /// The file of the master key, where the key itself is not given.
    pub fn master_key_file(&self) -> PathBuf {
        let given = &self.secrets.master_key_file;
        if given.as_os_str().is_empty() { self.data_dir.join("master.key") } else { given.clone() }
    }

    /// Whether callbacks may go to plain http and to private addresses.
    pub fn allows_private_targets(&self) -> bool {
        match self.webhooks.allow_private_targets {
            Toggle::Set(set) => set,
            Toggle::Auto => self.listen.ip().is_loopback() && !self.environment.is_live(),
        }
    }
}
