//! What things are worth now, for those who only ask. Nothing is promised: a quote takes its own rate.

use domain::{
    money::Rate,
    pair::Pair,
    refusal::{Failure, Refusal},
};
use store::{Abort, Rx};

use crate::{Engine, rates};

/// The most pairs in one question.
pub const MAX_PAIRS: usize = 2_000;

impl Engine {
    /// What one unit of the first asset of each pair is worth in the second at the market, without anybody's spread;
    /// `None` where no rate is trusted.
    ///
    /// # Errors
    /// [`Refusal::TooMany`] for more than [`MAX_PAIRS`].
    pub async fn market_rates(&self, pairs: Vec<Pair>) -> Result<Vec<Option<Rate>>, Failure> {
        if pairs.len() > MAX_PAIRS {
            return Err(Refusal::TooMany.into());
        }
        let engine = self.clone();
        let job = move |rx: &mut Rx<'_>| -> Result<Vec<Option<Rate>>, Abort> {
            pairs
                .iter()
                .map(|pair| Ok(rates::market(rx, &engine, *pair)?.ok().map(|found| found.rate)))
                .collect()
        };
        self.store().read("rates.market", job).await
    }
}
