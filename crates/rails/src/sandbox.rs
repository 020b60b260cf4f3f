//! The simulated chains. What they are made of is kept elsewhere; this is what a node would say of it.

use domain::chain::{Batch, Cursor, SandboxView};

use crate::{
    RailError,
    progress::{Head, Progress},
};

/// What follows after `cursor`, by what the simulated node shows.
///
/// # Errors
/// [`RailError::ReorgTooDeep`] where none of the cursor's blocks is part of the chain any more.
pub fn next(cursor: &Cursor, view: SandboxView) -> Result<Progress, RailError> {
    let SandboxView { ancestor, blocks, complete, waiting, declined, known_until, stalled } = view;
    if let (Some(oldest), None) = (cursor.recent.last(), &ancestor) {
        return Err(RailError::ReorgTooDeep { oldest: oldest.height });
    }
    let newest = blocks.last().map(|block| &block.at).or(ancestor.as_ref());
    let head = Head { height: newest.map_or(0, |block| block.height), time: known_until };
    Ok(Progress {
        head,
        caught_up: complete,
        batch: Batch {
            network: cursor.network,
            chain: cursor.chain.clone(),
            after: cursor.position().cloned(),
            rolled_back_to: ancestor.filter(|block| cursor.position() != Some(block)),
            blocks,
            // A stalled node does not even show what waits; what was seen waiting before is not lost by that.
            waiting: (complete && !stalled).then_some(waiting),
            declined,
            // Nor does it know of the time before it fell silent more than what was seen by then.
            known_until: (complete && !stalled).then_some(known_until),
        },
    })
}

#[cfg(test)]
mod tests {
    use domain::{
        chain::{Block, BlockRef, ChainKey, Network},
        time::Timestamp,
    };

    use super::*;

    fn at(height: u64, branch: &str) -> BlockRef {
        BlockRef { height, hash: format!("{branch}{height}") }
    }

    fn cursor(recent: Vec<BlockRef>) -> Cursor {
        Cursor { network: Network::parse("bitcoin").unwrap(), chain: ChainKey::sandbox(), recent }
    }

    fn view(ancestor: Option<BlockRef>, blocks: Vec<BlockRef>) -> SandboxView {
        let time = Timestamp::from_seconds(7);
        let block = |at: BlockRef| Block { at, parent: String::new(), time, transfers: Vec::new() };
        SandboxView {
            ancestor,
            blocks: blocks.into_iter().map(block).collect(),
            complete: true,
            waiting: Vec::new(),
            declined: Vec::new(),
            known_until: time,
            stalled: false,
        }
    }

    #[test]
    fn new_blocks_follow_the_cursor() {
        let progress = next(&cursor(vec![at(1, "a")]), view(Some(at(1, "a")), vec![at(2, "a")])).unwrap();
        assert_eq!(progress.batch.after, Some(at(1, "a")));
        assert_eq!(progress.batch.rolled_back_to, None);
        assert_eq!(progress.head.height, 2);
    }

    #[test]
    fn another_branch_rolls_back_to_where_it_parted() {
        let recent = vec![at(3, "a"), at(2, "a"), at(1, "a")];
        let progress = next(&cursor(recent), view(Some(at(1, "a")), vec![at(2, "b"), at(3, "b")])).unwrap();
        assert_eq!(progress.batch.after, Some(at(3, "a")));
        assert_eq!(progress.batch.rolled_back_to, Some(at(1, "a")));
    }

    #[test]
    fn a_chain_without_a_common_block_is_not_guessed_at() {
        let refused = next(&cursor(vec![at(9, "a"), at(8, "a")]), view(None, vec![at(1, "b")]));
        assert_eq!(refused, Err(RailError::ReorgTooDeep { oldest: 8 }));
    }

    #[test]
    fn a_stalled_node_says_nothing_of_what_waits_and_vouches_for_no_time() {
        let stalled = SandboxView { stalled: true, ..view(Some(at(1, "a")), Vec::new()) };
        let progress = next(&cursor(vec![at(1, "a")]), stalled).unwrap();
        assert_eq!((progress.batch.waiting, progress.batch.known_until), (None, None));
        assert!(progress.batch.blocks.is_empty());
    }
}
