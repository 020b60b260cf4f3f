//! What shops have received. It is kept with the ledger's lines, in their transactions, so that nobody has to read the
//! ledger of years to know it.

use std::collections::BTreeMap;

use domain::{
    chain::{Method, Network},
    id::ShopId,
    ledger::{Account, Entry},
    money::{Amount, Asset, SignedAmount},
    refusal::{Failure, Refusal},
};
use store::{Abort, Rx, Tx};

use crate::{Engine, shops};

/// What is final of all that a shop received of an asset on a network, less what was reversed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountBalance {
    /// The network.
    pub network: Network,
    /// The asset.
    pub asset: Asset,
    /// How much of it, in minor units.
    pub amount: Amount,
}

impl Engine {
    /// What a shop has received, by every method by which it ever received anything: what is final, less what was
    /// reversed.
    ///
    /// # Errors
    /// [`Refusal::ShopNotFound`].
    pub async fn accounts(&self, shop: ShopId) -> Result<Vec<AccountBalance>, Failure> {
        let job = move |rx: &mut Rx<'_>| -> Result<Vec<AccountBalance>, Abort> {
            shops::find(rx, shop)?;
            let balances = store::balances::of_shop(rx, shop)?;
            let read = balances.into_iter().map(|balance| -> Result<AccountBalance, Refusal> {
                let Method { network, asset } = balance.method;
                let asset = Asset::new(asset.as_str(), balance.decimals)?;
                Ok(AccountBalance { network, asset, amount: balance.amount.positive() })
            });
            Ok(read.collect::<Result<_, _>>()?)
        };
        self.store().read("accounts.list", job).await
    }
}

/// What one transaction adds to what shops have received, and takes from it.
#[derive(Default)]
pub(crate) struct Received(BTreeMap<(ShopId, Method), SignedAmount>);

impl Received {
    /// Notes what an entry of the ledger says of money that is final.
    ///
    /// # Errors
    /// [`Refusal::AmountOutOfRange`] where the sum does not fit.
    pub(crate) fn note(&mut self, shop: ShopId, method: Method, entry: &Entry) -> Result<(), Refusal> {
        for posting in entry.postings.iter().filter(|posting| posting.account == Account::Received) {
            let sum = self.0.entry((shop, method)).or_default();
            *sum = sum.checked_add(posting.amount)?;
        }
        Ok(())
    }

    /// Writes it down. Balances are locked in the order of their keys; and those of a network are changed by whoever
    /// follows it, one at a time.
    pub(crate) fn book(self, tx: &mut Tx<'_>, engine: &Engine) -> Result<(), Abort> {
        for ((shop, method), sum) in self.0.into_iter().filter(|(_, sum)| *sum != SignedAmount::default()) {
            #[cfg(feature = "planted")]
            if store::planted::is(store::planted::Bug::StaleBalance) && sum.minor() < 0 {
                continue;
            }
            let asset = engine.network(method.network).ok().and_then(|spec| spec.asset(method.asset));
            let decimals = asset.map_or(0, |known| known.asset.decimals);
            let mut balance = store::balances::lock(tx, shop, method, decimals)?;
            match balance.amount.checked_add(sum) {
                Ok(amount) => {
                    balance.amount = amount;
                    store::balances::save(tx, shop, &balance)?;
                }
                // More than can be written must not stop the chain for everybody else; the ledger has it.
                Err(refusal) => {
                    let (network, asset) = (method.network.as_str(), method.asset.as_str());
                    tracing::error!(network, asset, %refusal, "what a shop has received can no longer be counted");
                }
            }
        }
        Ok(())
    }
}
