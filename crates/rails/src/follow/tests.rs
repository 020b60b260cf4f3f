use domain::chain::{ChainKey, Network};

use super::*;

/// The hash of a block at `height` on the branch `branch`.
fn hash(height: u64, branch: u8) -> String {
    format!("{branch}-{height}")
}

/// A block, by height and branch.
type Block = (u64, u8);

fn link(block: &Block) -> Link {
    let (height, branch) = *block;
    Link { height: Some(height), hash: hash(height, branch), parent: hash(height - 1, branch) }
}

fn header(height: u64, branch: u8) -> BlockRef {
    BlockRef { height, hash: hash(height, branch) }
}

fn known(height: u64) -> BlockRef {
    header(height, 0)
}

/// A cursor that remembers the blocks at these heights.
fn cursor(heights: RangeInclusive<u64>) -> Cursor {
    let (network, chain) = (Network::parse("ethereum").unwrap(), ChainKey::new("1:0x"));
    Cursor { network, chain, recent: heights.rev().map(known).collect() }
}

#[test]
fn a_cursor_that_stands_nowhere_begins() {
    assert_eq!(step(&cursor(RangeInclusive::new(1, 0)), &header(7, 0), None), Ok(Step::Begin));
}

#[test]
fn a_cursor_on_the_chain_goes_on() {
    for head in 100..103 {
        let step = step(&cursor(90..=100), &header(head, 0), Some(&header(100, 0)));
        assert_eq!(step, Ok(Step::GoOn(known(100))));
    }
}

#[test]
fn another_block_at_the_cursor_asks_for_the_ancestor() {
    for head in 100..103 {
        let step = step(&cursor(90..=100), &header(head, 1), Some(&header(100, 1)));
        assert_eq!(step, Ok(Step::FindAncestor));
    }
}

#[test]
fn no_block_at_the_cursor_where_there_must_be_one_is_asked_again() {
    assert_eq!(step(&cursor(90..=100), &header(100, 0), None), Err(RailError::Reorganised));
}

#[test]
fn a_node_that_is_behind_is_waited_for_and_a_shorter_chain_is_another_one() {
    for head in [90, 99] {
        assert_eq!(step(&cursor(90..=100), &header(head, 0), None), Ok(Step::Wait));
        assert_eq!(step(&cursor(90..=100), &header(head, 1), None), Ok(Step::FindAncestor));
    }
    // Below everything that is remembered nothing is contradicted.
    for head in [1, 89] {
        assert_eq!(step(&cursor(90..=100), &header(head, 1), None), Ok(Step::Wait));
    }
}

#[test]
fn the_next_heights_are_bounded_and_a_new_cursor_begins_with_the_newest() {
    assert!(heights(Some(&known(100)), 100).is_empty());
    assert_eq!(heights(Some(&known(100)), 101), 101..=101);
    assert_eq!(heights(Some(&known(100)), 1_000), 101..=132);
    assert_eq!(heights(None, 1_000), 969..=1_000);
    assert_eq!(heights(None, 3), 0..=3);
    assert_eq!(heights(None, 0), 0..=0);
}

#[test]
fn blocks_count_for_as_long_as_each_is_the_parent_of_the_next() {
    let check = |branches: [Option<Block>; 3], fitting: usize| {
        let linked = linked(Some(&known(100)), 101..=103, branches.to_vec(), link).unwrap();
        let expected: Vec<_> = branches.into_iter().take(fitting).flatten().collect();
        assert_eq!(linked, expected);
    };
    check([Some((101, 0)), Some((102, 0)), Some((103, 0))], 3);
    check([Some((101, 0)), Some((102, 0)), Some((103, 1))], 2);
    check([Some((101, 0)), Some((102, 1)), Some((103, 1))], 1);
    check([Some((101, 0)), None, Some((103, 0))], 1);
    check([Some((101, 0)), Some((103, 0)), Some((103, 0))], 1);
    assert_eq!(linked(Some(&known(100)), heights(Some(&known(100)), 100), vec![], link), Ok(vec![]));
}

#[test]
fn a_first_block_that_does_not_fit_is_asked_for_again() {
    for first in [Some((101, 1)), None, Some((102, 0))] {
        let blocks = vec![first, Some((102, 0))];
        assert_eq!(linked(Some(&known(100)), 101..=102, blocks, link), Err(RailError::Reorganised));
    }
    // The right parent, but another height than was asked for, or one that no chain has.
    for height in [Some(102), None] {
        let misnumbered = |block: &Block| Link { height, ..link(block) };
        let linked = linked(Some(&known(100)), 101..=101, vec![Some((101, 0))], misnumbered);
        assert_eq!(linked, Err(RailError::Reorganised));
    }
    // The first block of all has no parent that is known.
    assert_eq!(linked(None, 101..=101, vec![Some((101, 1))], link).map(|blocks| blocks.len()), Ok(1));
}
