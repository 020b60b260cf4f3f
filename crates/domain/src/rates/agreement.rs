//! Whether sources agree, and on what.

use crate::{
    money::{Rate, Rounding},
    quote::{Provenance, SourcedRate},
};

use super::{AGREEMENT, NoRate};

/// The middle of what agrees: of all that was said, what is near the middle, where that is said by enough sources and
/// by more than half of them. So a single liar among three counts for nothing, wherever it lies. Two that lie alike are
/// more than one that does not: a quorum of three asks for more.
pub(super) fn agree(
    mut said: Vec<&SourcedRate>,
    quorum: usize,
    rounding: Rounding,
) -> Result<Provenance, NoRate> {
    let (all, quorum) = (said.len(), quorum.max(1));
    if all < quorum {
        return Err(NoRate::TooFew { said: all, quorum });
    }
    said.sort_by_key(|said| said.rate);
    let middle = median(&said, rounding)?;
    said.retain(|said| said.rate.is_near(middle, AGREEMENT));
    let against = all.saturating_sub(said.len());
    if said.len() < quorum || said.len() <= against {
        return Err(NoRate::Disagreement);
    }
    let rate = median(&said, rounding)?;
    said.sort_by(|one, other| one.source.cmp(&other.source));
    Ok(Provenance { rate, sources: said.into_iter().cloned().collect() })
}

/// The middle of rates in their order: the one in the middle, or half-way between the two, with the digits of a rate
/// that was computed.
fn median(sorted: &[&SourcedRate], rounding: Rounding) -> Result<Rate, NoRate> {
    let (low, high) = (sorted.len().saturating_sub(1) / 2, sorted.len() / 2);
    let (low, high) = (sorted.get(low), sorted.get(high));
    let (low, high) = low.zip(high).ok_or(NoRate::Unsaid)?;
    low.rate.midpoint(high.rate, rounding).map_err(|_| NoRate::OutOfRange)
}
