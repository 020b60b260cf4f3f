//! What things are worth. Sources write their answers down; a command reads them in its own transaction.

use domain::{
    merchant::Environment,
    money::{Asset, AssetCode, Rate},
    quote::{Provenance, SourcedRate},
    refusal::{Failure, Refusal},
};
use store::{Abort, Fault, Rx, Tx};

use crate::Engine;

/// The table of the configuration.
const FIXED: &str = "fixed";

/// What the operator of a sandbox says; it goes before the table.
const SIMULATED: &str = "simulated";

/// The currency through which two others are compared.
const BRIDGE: &str = "USD";

impl Engine {
    /// Takes the configured table in, in place of the one before it.
    ///
    /// # Errors
    /// Only when the store fails.
    pub async fn set_fixed_rates(&self, table: Vec<(String, Rate)>) -> Result<(), Failure> {
        let moment = self.moment();
        let job = move |tx: &mut Tx<'_>| -> Result<(), Abort> {
            let now = moment.business(tx)?;
            store::rates::forget(tx, FIXED)?;
            for (pair, rate) in &table {
                let said = SourcedRate { source: FIXED.to_owned(), pair: pair.clone(), rate: *rate, at: now };
                store::rates::save(tx, &said)?;
            }
            Ok(())
        };
        self.store().transact("rates.set_fixed", job).await
    }

    /// Says what a pair such as `ETH/USD` is worth in the sandbox from now on. Quotes that were made keep their rate.
    ///
    /// # Errors
    /// [`Refusal::NotSimulated`] where money is real; [`Refusal::AssetUnknown`] for a text that is no pair.
    pub async fn simulate_rate(&self, pair: &str, rate: Rate) -> Result<(), Failure> {
        if self.environment() == Environment::Production {
            return Err(Refusal::NotSimulated.into());
        }
        let moment = self.moment();
        let (base, quote) = pair.split_once('/').ok_or(Refusal::AssetUnknown)?;
        let pair = pair_name(AssetCode::parse(base)?, AssetCode::parse(quote)?);
        let job = move |tx: &mut Tx<'_>| -> Result<(), Abort> {
            let now = moment.business(tx)?;
            let said = SourcedRate { source: SIMULATED.to_owned(), pair: pair.clone(), rate, at: now };
            Ok(store::rates::save(tx, &said)?)
        };
        self.store().transact("rates.simulate", job).await
    }
}

fn pair_name(base: AssetCode, quote: AssetCode) -> String {
    format!("{base}/{quote}")
}

/// What one unit of `asset` is worth in `currency`, directly or through the dollar, and where that comes from.
pub(crate) fn lookup(rx: &mut Rx<'_>, asset: &Asset, currency: &Asset) -> Result<Provenance, Abort> {
    if asset.code == currency.code {
        return Ok(Provenance { rate: Rate::ONE, sources: Vec::new() });
    }
    if let Some(said) = said_of(rx, asset.code, currency.code)? {
        return Ok(Provenance { rate: said.rate, sources: vec![said] });
    }
    let bridge = AssetCode::parse(BRIDGE)?;
    let mut sources = Vec::new();
    let mut leg = |rx: &mut Rx<'_>, base: AssetCode| -> Result<Rate, Abort> {
        if base == bridge {
            return Ok(Rate::ONE);
        }
        let said = said_of(rx, base, bridge)?.ok_or(Refusal::RateUnavailable)?;
        let rate = said.rate;
        sources.push(said);
        Ok(rate)
    };
    let (up, down) = (leg(rx, asset.code)?, leg(rx, currency.code)?);
    Ok(Provenance { rate: up.per(down)?, sources })
}

/// What is said of a pair, where anything is: by the operator before the table.
fn said_of(rx: &mut Rx<'_>, base: AssetCode, quote: AssetCode) -> Result<Option<SourcedRate>, Fault> {
    let mut said = store::rates::of_pair(rx, &pair_name(base, quote))?;
    let preferred =
        said.iter().position(|rate| rate.source == SIMULATED).or_else(|| said.len().checked_sub(1));
    Ok(preferred.map(|index| said.swap_remove(index)))
}
