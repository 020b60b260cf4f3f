//! The networks that are served: those of the configuration, and those of the sandbox.

mod evm;
mod sandbox;

use domain::{chain::NetworkSpec, refusal::Refusal};

use crate::{config::Config, failure::CommandError};

pub(crate) use self::evm::EvmChain;

/// The networks of a gateway.
pub(crate) struct Networks {
    /// All of them, in the order in which buyers see them.
    pub(crate) specs: Vec<NetworkSpec>,
    /// What it takes to follow the real ones.
    pub(crate) chains: Vec<EvmChain>,
}

impl Networks {
    /// The networks of this configuration. Outside production the sandbox has its own, unless a real one has the name.
    ///
    /// # Errors
    /// Where a file of the configuration cannot be read.
    pub(crate) fn new(config: &Config) -> Result<Self, CommandError> {
        let chains: Vec<EvmChain> = config.rails.evm.iter().map(EvmChain::new).collect::<Result<_, _>>()?;
        let mut specs: Vec<NetworkSpec> = chains.iter().map(|chain| chain.spec.clone()).collect();
        if !config.environment.is_live() {
            let simulated = sandbox::networks().map_err(unusable)?;
            let is_free = |spec: &NetworkSpec| chains.iter().all(|chain| chain.spec.network != spec.network);
            specs.extend(simulated.into_iter().filter(is_free));
        }
        Ok(Self { specs, chains })
    }
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
