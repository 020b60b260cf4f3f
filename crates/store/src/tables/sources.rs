//! What sources said, as it is kept with what was made from it.

use domain::{money::Rate, pair::Pair, quote::SourcedRate, time::Timestamp};
use serde::{Deserialize, Serialize};

use crate::fault::Fault;

/// A source's answer as it is kept: read by people and never by a statement.
#[derive(Serialize, Deserialize)]
struct Answer {
    source: String,
    pair: String,
    numerator: String,
    denominator: String,
    at: i64,
}

impl Answer {
    fn from_domain(rate: &SourcedRate) -> Self {
        let (numerator, denominator) = rate.rate.parts();
        Self {
            source: rate.source.clone(),
            pair: rate.pair.to_string(),
            numerator: numerator.to_string(),
            denominator: denominator.to_string(),
            at: rate.at.micros(),
        }
    }

    fn into_domain(self) -> Option<SourcedRate> {
        let rate = Rate::ratio(self.numerator.parse().ok()?, self.denominator.parse().ok()?).ok()?;
        let (pair, at) = (Pair::parse(&self.pair).ok()?, Timestamp::from_micros(self.at));
        Some(SourcedRate { source: self.source, pair, rate, at })
    }
}

/// The text that is kept.
pub(super) fn write(sources: &[SourcedRate]) -> Result<String, Fault> {
    let answers: Vec<Answer> = sources.iter().map(Answer::from_domain).collect();
    serde_json::to_string(&answers).map_err(|_| Fault::broken("the sources of a rate cannot be written"))
}

/// What such a text says.
pub(super) fn read(text: &str) -> Option<Vec<SourcedRate>> {
    let answers: Vec<Answer> = serde_json::from_str(text).ok()?;
    answers.into_iter().map(Answer::into_domain).collect()
}
