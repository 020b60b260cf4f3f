//! The networks that are served: those of the configuration, and those of the sandbox.

mod bitcoin;
mod evm;
mod sandbox;

use std::{path::Path, time::Duration};

use domain::{
    chain::{Network, NetworkSpec},
    refusal::Refusal,
    time::Span,
};
use engine::Engine;
use rails::{
    Rail, RailError, bitcoin::BitcoinRail, bitcoin::BitcoinSettings, evm::EvmRail, evm::EvmSettings,
};
use workers::watch::Watcher;
use zeroize::Zeroizing;

use crate::{
    config::{Config, secret::Secret},
    failure::CommandError,
};

/// The networks of a gateway.
pub(crate) struct Networks {
    /// All of them, in the order in which buyers see them.
    pub(crate) specs: Vec<NetworkSpec>,
    /// What it takes to follow the real ones.
    pub(crate) chains: Vec<Chain>,
}

impl Networks {
    /// The networks of this configuration. Outside production the sandbox has its own, unless a real one has the name.
    ///
    /// # Errors
    /// Where a file of the configuration cannot be read.
    pub(crate) fn new(config: &Config) -> Result<Self, CommandError> {
        let evm = config.rails.evm.iter().map(evm::chain);
        let bitcoin = config.rails.bitcoin.iter().map(bitcoin::chain);
        let chains: Vec<Chain> = evm.chain(bitcoin).collect::<Result<_, _>>()?;
        let mut specs: Vec<NetworkSpec> = chains.iter().map(|chain| chain.spec.clone()).collect();
        if !config.environment.is_live() {
            let simulated = sandbox::networks().map_err(unusable)?;
            let is_free = |spec: &NetworkSpec| chains.iter().all(|chain| chain.spec.network != spec.network);
            specs.extend(simulated.into_iter().filter(is_free));
        }
        Ok(Self { specs, chains })
    }
}

/// A chain to follow.
pub(crate) struct Chain {
    /// The network that it is.
    pub(crate) spec: NetworkSpec,
    settings: Settings,
    poll: Duration,
    max_block_age: Span,
}

/// What its rail has to know.
enum Settings {
    Evm(EvmSettings),
    Bitcoin(BitcoinSettings),
}

impl Settings {
    /// The rail, whose node is not asked yet.
    fn rail(self) -> Result<Rail, RailError> {
        Ok(match self {
            Self::Evm(settings) => EvmRail::new(settings)?.into(),
            Self::Bitcoin(settings) => BitcoinRail::new(settings)?.into(),
        })
    }
}

impl Chain {
    fn new(spec: NetworkSpec, settings: Settings, poll_ms: u64, max_block_age_s: u64) -> Self {
        let max_block_age = Span::seconds(i64::try_from(max_block_age_s).unwrap_or(i64::MAX));
        Self { spec, settings, poll: Duration::from_millis(poll_ms), max_block_age }
    }

    /// A watcher that follows it.
    ///
    /// # Errors
    /// Where TLS cannot be set up for its node.
    pub(crate) fn watcher(self, engine: Engine) -> Result<Watcher, CommandError> {
        let network: Network = self.spec.network;
        let rail = self
            .settings
            .rail()
            .map_err(|error| CommandError::new(format!("{network} cannot be followed: {error}")))?;
        Ok(Watcher::chain(engine, network, rail, self.poll, self.max_block_age))
    }
}

/// A secret that is given, or stands in a file. `what` names it for people, and `key` is the setting of the file.
fn secret_or_file(
    secret: &Secret,
    file: &Path,
    what: &str,
    key: &str,
) -> Result<Zeroizing<String>, CommandError> {
    if !secret.is_empty() || file.as_os_str().is_empty() {
        return Ok(Zeroizing::new(secret.reveal().to_owned()));
    }
    let text = std::fs::read_to_string(file).map(Zeroizing::new).map_err(|error| {
        CommandError::new(format!("{what} cannot be read from {}: {error}", file.display()))
            .cure(format!("Check {key}, and who may read the file."))
    })?;
    Ok(Zeroizing::new(text.trim().to_owned()))
}

/// What buyers read where nothing else is set: the name, as a name.
fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn unusable(refusal: Refusal) -> CommandError {
    CommandError::new(format!("a network cannot be served: {refusal}"))
}

/// What people call an asset.
fn asset_label(code: &str) -> &str {
    match code {
        "BTC" => "Bitcoin",
        "ETH" => "Ether",
        "TRX" => "Tronix",
        "USDT" => "Tether",
        "USDC" => "USD Coin",
        "USD" => "US dollar",
        other => other,
    }
}
