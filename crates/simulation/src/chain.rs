//! A chain that is scripted: its blocks, its branches, what waits to be mined, and the lies of its nodes.

use std::rc::Rc;

use domain::{
    chain::{Block, BlockRef, ChainKey, Network, Script, Transfer},
    money::{Amount, AssetCode},
    time::{Span, Timestamp},
};

use crate::chance::Chance;

/// The height of the first block: a chain is older than its gateway.
const FIRST: u64 = 1_000;

/// A branch, oldest block first, from the first block of all.
pub(crate) type Branch = Vec<Rc<Block>>;

/// A chain with all its branches.
pub(crate) struct Chain {
    pub(crate) network: Network,
    pub(crate) key: ChainKey,
    /// The branch that is true now.
    pub(crate) canonical: Branch,
    /// Branches that were true before, newest last.
    pub(crate) abandoned: Vec<Branch>,
    /// What waits to be mined.
    pub(crate) waiting: Vec<Transfer>,
    made: u64,
    latest: Timestamp,
}

/// What becomes of money whose block is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// The new branch holds it too.
    MinedAgain,
    /// It waits again.
    Waits,
    /// Something else was spent instead: a transaction of another amount.
    Replaced,
    /// It is gone.
    Dropped,
}

/// What a node tells that is not so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lie {
    /// Nothing.
    None,
    /// It is this many blocks behind.
    Behind(usize),
    /// It follows a branch that was abandoned.
    OldBranch,
    /// After this many blocks come blocks of something else.
    BrokenLink(usize),
    /// After this many blocks it does not know what was in them.
    Incomplete(usize),
    /// It does not answer.
    Silent,
}

impl Chain {
    pub(crate) fn new(network: Network, now: Timestamp) -> Self {
        let key = ChainKey::new("scripted");
        let (canonical, abandoned, waiting) = Default::default();
        let latest = now - Span::minutes(5);
        let mut chain = Self { network, key, canonical, abandoned, waiting, made: 0, latest };
        for _ in 0..4 {
            chain.add_block(chain.latest + Span::seconds(12), Vec::new());
        }
        chain
    }

    fn name(&mut self, what: &str) -> String {
        self.made += 1;
        format!("{what}{}", self.made)
    }

    /// Money for a script, to be mined some time; its transaction.
    pub(crate) fn send(&mut self, script: Script, asset: AssetCode, amount: Amount, ordinal: u32) -> String {
        let transaction = self.name("tx");
        let transfer =
            Transfer { transaction: transaction.clone(), ordinal, script, asset, amount, least_depth: 1 };
        self.waiting.push(transfer);
        transaction
    }

    /// Adds a block. No two blocks, of whatever branches, state the same time, and none an earlier one than those that
    /// were made before it.
    pub(crate) fn add_block(&mut self, now: Timestamp, transfers: Vec<Transfer>) {
        self.latest = now.max(self.latest + Span::seconds(1));
        let parent = self.canonical.last();
        let height = parent.map_or(FIRST, |block| block.at.height + 1);
        let parent = parent.map_or_else(|| "nothing".to_owned(), |block| block.at.hash.clone());
        let hash = self.name("block");
        let block = Block { at: BlockRef { height, hash }, parent, time: self.latest, transfers };
        self.canonical.push(Rc::new(block));
    }

    /// Mines what waits, or some of it.
    pub(crate) fn mine(&mut self, now: Timestamp, mut takes: impl FnMut() -> bool) -> usize {
        let (mined, left) = std::mem::take(&mut self.waiting).into_iter().partition(|_| takes());
        self.waiting = left;
        let transfers: Vec<Transfer> = mined;
        let count = transfers.len();
        self.add_block(now, transfers);
        count
    }

    /// Replaces the newest blocks by one more than that.
    pub(crate) fn reorganise(&mut self, depth: usize, now: Timestamp, mut fate: impl FnMut() -> Fate) {
        let kept = self.canonical.len().saturating_sub(depth).max(1);
        self.abandoned.push(self.canonical.clone());
        let replaced: Vec<Rc<Block>> = self.canonical.drain(kept..).collect();
        let mut again = Vec::new();
        for transfer in replaced.iter().flat_map(|block| &block.transfers) {
            match fate() {
                Fate::MinedAgain => again.push(transfer.clone()),
                Fate::Waits => self.waiting.push(transfer.clone()),
                Fate::Replaced => {
                    let amount = Amount::from_minor(transfer.amount.minor() / 2 + 1);
                    let transaction = self.name("tx");
                    again.push(Transfer { transaction, amount, ..transfer.clone() });
                }
                Fate::Dropped => {}
            }
        }
        // Not in the first block: the same money stands at another height than before.
        let place = replaced.len().min(1);
        for number in 0..=replaced.len() {
            let transfers = if number == place { std::mem::take(&mut again) } else { Vec::new() };
            self.add_block(now, transfers);
        }
    }

    /// The branch on which a block lies, up to that block.
    pub(crate) fn branch_of(&self, block: &BlockRef) -> Option<&[Rc<Block>]> {
        let place = usize::try_from(block.height.checked_sub(FIRST)?).ok()?;
        let branches = std::iter::once(&self.canonical).chain(self.abandoned.iter().rev());
        let mut holding = branches.filter(|branch| branch.get(place).is_some_and(|there| there.at == *block));
        holding.next().and_then(|branch| branch.get(..=place))
    }

    /// What a node shows.
    pub(crate) fn shown(&self, lie: Lie) -> Branch {
        match lie {
            Lie::Behind(blocks) => {
                let length = self.canonical.len().saturating_sub(blocks).max(1);
                self.canonical.iter().take(length).cloned().collect()
            }
            Lie::OldBranch => self.abandoned.last().unwrap_or(&self.canonical).clone(),
            Lie::None | Lie::BrokenLink(_) | Lie::Incomplete(_) | Lie::Silent => self.canonical.clone(),
        }
    }

    /// A lie, or none.
    pub(crate) fn lie(chance: &mut Chance) -> Lie {
        match chance.below(14) {
            0 => Lie::Behind(1 + chance.below(4)),
            1 => Lie::OldBranch,
            2 => Lie::BrokenLink(chance.below(3)),
            3 => Lie::Incomplete(chance.below(3)),
            4 => Lie::Silent,
            _ => Lie::None,
        }
    }
}

/// The block of a branch at a height.
pub(crate) fn at(branch: &[Rc<Block>], height: u64) -> Option<&Rc<Block>> {
    branch.get(usize::try_from(height.checked_sub(FIRST)?).ok()?)
}
