//! What things are worth now, for those who only ask. Nothing is promised: a quote takes its own rate.

use domain::{
    money::{Asset, Rate},
    refusal::{Failure, Refusal},
};
use store::{Abort, Rx};

use crate::{Engine, rates};

/// The most pairs in one question.
pub const MAX_PAIRS: usize = 2_000;

impl Engine {
    /// What one unit of the first asset of each pair is worth in the second; `None` where no rate is trusted.
    ///
    /// # Errors
    /// [`Refusal::TooMany`] for more than [`MAX_PAIRS`].
    pub async fn market_rates(&self, pairs: Vec<(Asset, Asset)>) -> Result<Vec<Option<Rate>>, Failure> {
        if pairs.len() > MAX_PAIRS {
            return Err(Refusal::TooMany.into());
        }
        let job = move |rx: &mut Rx<'_>| pairs.iter().map(|(one, other)| rate(rx, one, other)).collect();
        self.store().read("rates.market", job).await
    }
}

fn rate(rx: &mut Rx<'_>, asset: &Asset, currency: &Asset) -> Result<Option<Rate>, Abort> {
    match rates::lookup(rx, asset, currency) {
        Ok(provenance) => Ok(Some(provenance.rate)),
        Err(Abort::Refused(_)) => Ok(None),
        Err(fault) => Err(fault),
    }
}
