//! Where to go on: how the cursor, which is what we know, lies to the node's chain. No network here.

use std::ops::RangeInclusive;

use domain::chain::{BlockRef, Cursor};

use super::wire::{Block, Body, Header};
use crate::RailError;

/// The most blocks that are fetched at once, and those that a new cursor begins with.
pub const BLOCKS_PER_BATCH: u64 = 32;

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Nothing was followed yet.
    Begin,
    /// The cursor stands on the node's chain: go on from there.
    GoOn(BlockRef),
    /// The node knows less than we do, and nothing that contradicts us.
    Wait,
    /// The chain is another one from somewhere below the cursor: find out from where.
    FindAncestor,
}

/// What to do next, when the node's newest block is `head`, and its block at the cursor's height is `at_cursor`.
///
/// # Errors
/// [`RailError::Reorganised`] where the node has no block at a height that it says it has reached.
pub(super) fn step(cursor: &Cursor, head: &Header, at_cursor: Option<&Header>) -> Result<Step, RailError> {
    let Some(position) = cursor.position() else { return Ok(Step::Begin) };
    let head = block_ref(head)?;
    if head.height >= position.height {
        let found = block_ref(at_cursor.ok_or(RailError::Reorganised)?)?;
        return Ok(if found == *position { Step::GoOn(found) } else { Step::FindAncestor });
    }
    Ok(match cursor.recent.iter().find(|known| known.height == head.height) {
        Some(known) if *known != head => Step::FindAncestor,
        // Below all that is remembered nothing can be told apart: the node may be filling up again. Once it reaches
        // what is remembered, it agrees with it or not.
        Some(_) | None => Step::Wait,
    })
}

/// The heights to fetch, after `base` or else up to the node's newest block.
///
/// A new cursor begins some blocks early: were its first block the newest one, and that one replaced a moment later, as
/// happens every day, no ancestor would be known, and the network would stop before it began.
pub(super) fn heights(base: Option<&BlockRef>, head: u64) -> RangeInclusive<u64> {
    match base {
        Some(base) => {
            let first = base.height.saturating_add(1);
            first..=head.min(base.height.saturating_add(BLOCKS_PER_BATCH))
        }
        None => head.saturating_sub(BLOCKS_PER_BATCH - 1)..=head,
    }
}

/// The bodies from the first one on for as long as each is the parent of the next, the first one of all a child of
/// `base`. What comes after a break belongs to another chain than what came before it.
///
/// # Errors
/// [`RailError::Reorganised`] where bodies were asked for, and not even the first one fits.
pub(super) fn linked(
    base: Option<&BlockRef>,
    heights: RangeInclusive<u64>,
    bodies: Vec<Option<Body>>,
) -> Result<Vec<Body>, RailError> {
    let wanted = !heights.is_empty();
    let mut parent = base.map(|base| base.hash.clone());
    let mut whole: Vec<Body> = Vec::with_capacity(bodies.len());
    for (height, body) in heights.zip(bodies) {
        let Some(body) = body else { break };
        let fits = parent.is_none_or(|parent| parent == body.parent_hash.to_string());
        if !fits || body.number.short() != Some(height) {
            break;
        }
        parent = Some(body.hash.to_string());
        whole.push(body);
    }
    if wanted && whole.is_empty() { Err(RailError::Reorganised) } else { Ok(whole) }
}

/// Height and hash of a block.
///
/// # Errors
/// [`RailError::Malformed`] for a height that no chain has.
pub(super) fn block_ref<T>(block: &Block<T>) -> Result<BlockRef, RailError> {
    let height = block.number.short().ok_or_else(|| RailError::Malformed {
        method: super::node::BLOCK,
        detail: "a height of more than 64 bits".into(),
    })?;
    Ok(BlockRef { height, hash: block.hash.to_string() })
}

#[cfg(test)]
mod tests;
