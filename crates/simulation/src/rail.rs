//! What the rail of an Ethereum-like chain makes of its node's answers (see `rails::evm`), without the node.

use std::rc::Rc;

use domain::chain::{Batch, Block, BlockRef, Cursor};
use rails::RailError;

use crate::chain::{Branch, Lie, at};

/// The most blocks of a batch, fewer than the real rail takes, so that there are more batches.
const BLOCKS_PER_BATCH: u64 = 24;

/// What a rail has to say.
pub(crate) struct Said {
    pub(crate) batch: Batch,
    pub(crate) head: Rc<Block>,
    pub(crate) caught_up: bool,
}

/// What follows after a cursor, by what a node shows.
pub(crate) fn next(cursor: &Cursor, shown: &Branch, lie: Lie) -> Result<Said, RailError> {
    let head = shown.last().filter(|_| lie != Lie::Silent).ok_or(RailError::TimedOut)?;
    let position = cursor.position();
    let mut rolled_back_to = None;
    let mut base = position.cloned();
    if let Some(position) = position {
        let there = at(shown, position.height.min(head.at.height));
        let known = cursor.recent.iter().find(|known| known.height == position.height.min(head.at.height));
        match (there, known) {
            (Some(there), Some(known)) if there.at != *known => {
                let ancestor = ancestor(cursor, shown)?;
                rolled_back_to = Some(ancestor.clone());
                base = Some(ancestor);
            }
            // It knows less than we do, and nothing that contradicts us.
            _ if head.at.height < position.height => {
                return Ok(Said { batch: empty(cursor), head: Rc::clone(head), caught_up: false });
            }
            _ => {}
        }
    }
    let blocks = blocks(base.as_ref(), head.at.height, shown, lie)?;
    let end = blocks.last().map(|block| &block.at).or(base.as_ref());
    let caught_up = end.is_some_and(|end| *end == head.at);
    let batch = Batch { rolled_back_to, blocks, ..empty(cursor) };
    Ok(Said { batch, head: Rc::clone(head), caught_up })
}

fn ancestor(cursor: &Cursor, shown: &Branch) -> Result<BlockRef, RailError> {
    let is_there = |known: &&BlockRef| at(shown, known.height).is_some_and(|there| there.at == **known);
    let found = cursor.recent.iter().find(is_there).cloned();
    found.ok_or(RailError::ReorgTooDeep { oldest: cursor.recent.last().map_or(0, |oldest| oldest.height) })
}

/// The next blocks, for as long as each is the parent of the next and the node knows what was in it.
fn blocks(base: Option<&BlockRef>, head: u64, shown: &Branch, lie: Lie) -> Result<Vec<Block>, RailError> {
    let first = base.map_or(head.saturating_sub(BLOCKS_PER_BATCH - 1), |base| base.height + 1);
    let first = first.max(shown.first().map_or(first, |block| block.at.height));
    let last = head.min(first.saturating_add(BLOCKS_PER_BATCH - 1));
    let mut parent = base.map(|base| base.hash.clone());
    let mut blocks: Vec<Block> = Vec::new();
    for (number, height) in (first..=last).enumerate() {
        let Some(block) = at(shown, height) else { break };
        let mut block = Block::clone(block);
        match lie {
            Lie::BrokenLink(after) if number >= after => "another".clone_into(&mut block.parent),
            Lie::Incomplete(after) if number >= after => {
                if blocks.is_empty() {
                    return Err(RailError::Incomplete { height });
                }
                break;
            }
            _ => {}
        }
        if parent.as_ref().is_some_and(|parent| *parent != block.parent) {
            break;
        }
        parent = Some(block.at.hash.clone());
        blocks.push(block);
    }
    let wanted = first <= last;
    if wanted && blocks.is_empty() { Err(RailError::Reorganised) } else { Ok(blocks) }
}

fn empty(cursor: &Cursor) -> Batch {
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
