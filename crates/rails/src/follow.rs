//! Where to go on: how the cursor, which is what we know, lies to the node's chain. What is asked of a node for that is
//! the same for every chain of blocks.

use std::ops::RangeInclusive;

use domain::chain::{Batch, BlockRef, Cursor};

use crate::RailError;

/// The most blocks that are fetched at once, and those that a new cursor begins with.
pub const BLOCKS_PER_BATCH: u64 = 32;

/// Blocks that are compared at once on the way to a common ancestor. Most reorganisations end within the first few.
const COMPARED_AT_ONCE: usize = 8;

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
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
pub(crate) fn step(
    cursor: &Cursor,
    head: &BlockRef,
    at_cursor: Option<&BlockRef>,
) -> Result<Step, RailError> {
    let Some(position) = cursor.position() else { return Ok(Step::Begin) };
    if head.height >= position.height {
        let found = at_cursor.ok_or(RailError::Reorganised)?;
        return Ok(if found == position { Step::GoOn(found.clone()) } else { Step::FindAncestor });
    }
    Ok(match cursor.recent.iter().find(|known| known.height == head.height) {
        Some(known) if known != head => Step::FindAncestor,
        // Below all that is remembered nothing can be told apart: the node may be filling up again. Once it reaches
        // what is remembered, it agrees with it or not.
        Some(_) | None => Step::Wait,
    })
}

/// The heights to fetch, after `base` or else up to the node's newest block.
///
/// A new cursor begins some blocks early: were its first block the newest one, and that one replaced a moment later, as
/// happens every day, no ancestor would be known, and the network would stop before it began.
pub(crate) fn heights(base: Option<&BlockRef>, head: u64) -> RangeInclusive<u64> {
    match base {
        Some(base) => {
            let first = base.height.saturating_add(1);
            first..=head.min(base.height.saturating_add(BLOCKS_PER_BATCH))
        }
        None => head.saturating_sub(BLOCKS_PER_BATCH - 1)..=head,
    }
}

/// A block's place in its chain.
pub(crate) struct Link {
    /// The height that it states or was asked for by; nothing for one that no chain has.
    pub(crate) height: Option<u64>,
    /// Its hash.
    pub(crate) hash: String,
    /// Its parent's.
    pub(crate) parent: String,
}

/// The blocks from the first one on for as long as each is the parent of the next, the first one of all a child of
/// `base`. What comes after a break belongs to another chain than what came before it.
///
/// # Errors
/// [`RailError::Reorganised`] where blocks were asked for, and not even the first one fits.
pub(crate) fn linked<B>(
    base: Option<&BlockRef>,
    heights: RangeInclusive<u64>,
    blocks: Vec<Option<B>>,
    link: impl Fn(&B) -> Link,
) -> Result<Vec<B>, RailError> {
    let wanted = !heights.is_empty();
    let mut parent = base.map(|base| base.hash.clone());
    let mut whole: Vec<B> = Vec::with_capacity(blocks.len());
    for (height, block) in heights.zip(blocks) {
        let Some(block) = block else { break };
        let found = link(&block);
        let fits = parent.is_none_or(|parent| parent == found.parent);
        if !fits || found.height != Some(height) {
            break;
        }
        parent = Some(found.hash);
        whole.push(block);
    }
    if wanted && whole.is_empty() { Err(RailError::Reorganised) } else { Ok(whole) }
}

/// Tells which block a node has at a height.
pub(crate) trait BlocksAt: Sync {
    /// The blocks at these heights; nothing where there is none.
    fn blocks_at(
        &self,
        heights: &[u64],
    ) -> impl Future<Output = Result<Vec<Option<BlockRef>>, RailError>> + Send;
}

/// The newest block that the cursor remembers and the node's chain, which reaches up to `head`, still has.
///
/// # Errors
/// [`RailError::ReorgTooDeep`] where there is none; [`RailError::Reorganised`]; and what the node is short of.
pub(crate) async fn ancestor(
    node: &impl BlocksAt,
    cursor: &Cursor,
    head: u64,
) -> Result<BlockRef, RailError> {
    let below: Vec<_> = cursor.recent.iter().filter(|known| known.height <= head).collect();
    for known in below.chunks(COMPARED_AT_ONCE) {
        let heights: Vec<_> = known.iter().map(|known| known.height).collect();
        for (known, found) in known.iter().zip(node.blocks_at(&heights).await?) {
            // Below its own newest block a node has every block, unless it is another node that answers by now. That
            // must not be taken for a reorganisation, least of all for one that is too deep.
            if found.ok_or(RailError::Reorganised)? == **known {
                return Ok((*known).clone());
            }
        }
    }
    Err(RailError::ReorgTooDeep { oldest: cursor.recent.last().map_or(0, |oldest| oldest.height) })
}

/// A batch in which nothing happened after the cursor.
pub(crate) fn empty_batch(cursor: &Cursor) -> Batch {
    Batch {
        network: cursor.network,
        chain: cursor.chain.clone(),
        after: cursor.position().cloned(),
        rolled_back_to: None,
        blocks: Vec::new(),
        waiting: None,
        declined: Vec::new(),
        known_until: None,
    }
}

#[cfg(test)]
mod tests;
