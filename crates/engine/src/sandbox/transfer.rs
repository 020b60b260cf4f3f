//! Money that goes to any address when the operator of a sandbox says so, whether a payment asked for it or not.

use domain::{
    chain::Method,
    id::IdMaker,
    money::Amount,
    refusal::{Failure, Refusal},
    time::Timestamp,
};
use store::{Abort, Tx};

use super::{Paid, blocks, pay};
use crate::{Engine, hints::Hint};

/// Money to simulate.
#[derive(Clone, Debug)]
pub struct SimulateTransfer {
    /// What is sent.
    pub method: Method,
    /// Where it goes, as the network writes it.
    pub address: String,
    /// How much, in decimal text of the asset.
    pub amount: String,
    /// How deep at once: 0 leaves it waiting to be mined; `None`: deep enough to be final by the network's own measure.
    pub confirmations: Option<u32>,
}

impl Engine {
    /// Lets money arrive at an address on a simulated network, whosever it is.
    ///
    /// # Errors
    /// [`Refusal::NetworkUnknown`], [`Refusal::NotSimulated`] on a real network; [`Refusal::MethodUnknown`] for an
    /// asset that is not there; [`Refusal::AddressInvalid`]; [`Refusal::AmountMalformed`], [`Refusal::AmountZero`],
    /// [`Refusal::BlocksOutOfRange`].
    pub async fn simulate_transfer(&self, command: SimulateTransfer) -> Result<Paid, Failure> {
        let (engine, moment) = (self.clone(), self.moment());
        let job = move |tx: &mut Tx<'_>| -> Result<Paid, Abort> {
            let now = moment.business(tx)?;
            transfer(tx, &engine, &command, &mut moment.ids(now), now)
        };
        let paid = self.store().transact("sandbox.transfer", job).await?;
        self.hint(Hint::Watch(paid.method.network));
        Ok(paid)
    }
}

fn transfer(
    tx: &mut Tx<'_>,
    engine: &Engine,
    command: &SimulateTransfer,
    ids: &mut IdMaker,
    now: Timestamp,
) -> Result<Paid, Abort> {
    let SimulateTransfer { method, address, amount, confirmations } = command;
    let spec = engine.network(method.network)?;
    if !spec.simulated {
        return Err(Refusal::NotSimulated.into());
    }
    let asset = spec.asset(method.asset).ok_or(Refusal::MethodUnknown)?.asset;
    let script = addresses::address::parse(spec.form, address).ok_or(Refusal::AddressInvalid)?;
    let amount = Amount::parse(amount, asset.decimals)?;
    if amount.is_zero() {
        return Err(Refusal::AmountZero.into());
    }
    let transaction = pay::send(tx, ids, *method, &script, amount)?;
    let head = match confirmations.unwrap_or(spec.depth.max(1)) {
        0 => None,
        count if count > blocks::MAX_BLOCKS => return Err(Refusal::BlocksOutOfRange.into()),
        count => Some(blocks::mine(tx, method.network, count, ids, now)?),
    };
    let (method, decimals, address) = (*method, asset.decimals, address.clone());
    Ok(Paid { method, amount, decimals, transaction, address, head })
}
