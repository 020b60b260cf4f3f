//! Every command there is on payments and what belongs to them. One file per noun, one function per command.
//!
//! This is the only room that opens a transaction. It never talks to a network: what it needs from outside (rates,
//! blocks, answers) a worker has brought and written down before. It names no vendor: the dialects that it serves are
//! handed to it as [`domain::dialect::Dialect`].

pub mod accounts;
pub mod checkout;
pub mod client_addresses;
pub mod clock;
pub mod credentials;
pub mod deliveries;
pub mod endpoints;
mod events;
pub mod expiry;
pub mod hints;
pub mod installation;
pub mod mails;
pub mod market;
pub mod networks;
pub mod nodes;
pub mod numbers;
pub mod payments;
pub mod rates;
pub mod receipts;
mod record;
pub mod sandbox;
pub mod seal;
pub mod shops;
pub mod token;
mod unknown;
pub mod upkeep;
pub mod wallets;

use std::sync::Arc;

use domain::{
    chain::{Network, NetworkSpec},
    delivery::TargetJudge,
    dialect::{Dialect, DialectName},
    id::Entropy,
    merchant::Environment,
    rates::RatePolicy,
    refusal::Refusal,
    time::Clock,
};
use store::Store;

use crate::{
    credentials::LastUsed,
    hints::{Hint, Hints},
    nodes::Itself,
    numbers::Stocks,
    seal::Keyring,
    token::Tokens,
};

/// What an engine is made of, besides its database.
pub struct Setup {
    /// Whether money is real.
    pub environment: Environment,
    /// The networks that are served, in the order in which buyers see them.
    pub networks: Vec<NetworkSpec>,
    /// The dialects that are served.
    pub dialects: Vec<Arc<dyn Dialect>>,
    /// Whether callbacks may go to a URL.
    pub targets: Arc<dyn TargetJudge>,
    /// The master keys.
    pub keyring: Keyring,
    /// Fingerprints of the extended public keys that may be used; empty: any.
    pub pinned_keys: Vec<String>,
    /// How rates are found.
    pub rates: RatePolicy,
    /// The wall clock.
    pub clock: Arc<dyn Clock>,
    /// The source of randomness.
    pub entropy: Arc<dyn Entropy>,
}

/// The engine. Cheap to clone; all clones are the same.
#[derive(Clone)]
pub struct Engine(Arc<Parts>);

struct Parts {
    store: Store,
    setup: Setup,
    tokens: Tokens,
    hints: Hints,
    last_used: LastUsed,
    itself: Itself,
    numbers: Stocks,
}

impl Engine {
    /// What wakes the workers.
    pub fn hints(&self) -> &Hints {
        &self.0.hints
    }

    /// Wakes a worker, on whichever node it works.
    pub(crate) fn hint(&self, hint: Hint) {
        self.hints().wake(hint);
        self.store().hint(hint.bit());
    }

    /// Wakes every worker on every node.
    pub(crate) fn hint_everything(&self) {
        self.hints().wake_all();
        self.store().hint(u8::MAX);
    }

    /// Waits for hints of other nodes, and wakes the workers here that they are for.
    pub async fn hear(&self) {
        self.hints().wake_bits(self.store().hinted().await);
    }

    /// Whether money is real.
    pub fn environment(&self) -> Environment {
        self.0.setup.environment
    }

    /// The networks that are served.
    pub fn networks(&self) -> &[NetworkSpec] {
        &self.0.setup.networks
    }

    /// The network with this name.
    ///
    /// # Errors
    /// [`Refusal::NetworkUnknown`] for a network that is not served.
    pub fn network(&self, name: Network) -> Result<&NetworkSpec, Refusal> {
        self.networks().iter().find(|spec| spec.network == name).ok_or(Refusal::NetworkUnknown)
    }

    /// The dialects that are served.
    pub fn dialects(&self) -> &[Arc<dyn Dialect>] {
        &self.0.setup.dialects
    }

    /// The dialect with this name.
    ///
    /// # Errors
    /// [`Refusal::DialectUnknown`] for a dialect that is not served.
    pub fn dialect(&self, name: DialectName) -> Result<&Arc<dyn Dialect>, Refusal> {
        self.dialects().iter().find(|dialect| dialect.name() == name).ok_or(Refusal::DialectUnknown)
    }

    fn store(&self) -> &Store {
        &self.0.store
    }

    fn entropy(&self) -> &dyn Entropy {
        &*self.0.setup.entropy
    }
}
