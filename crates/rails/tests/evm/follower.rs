//! Applies what a rail says, as the engine does, and holds it to its promises.

use std::sync::Arc;

use domain::chain::{BlockRef, Cursor, REORG_LIMIT, Transfer};
use rails::{
    RailError,
    evm::{BLOCKS_PER_BATCH, EvmRail, EvmSettings},
    progress::Progress,
    watch::{WatchSet, Watched},
};
use testkit::anvil::Address;

use crate::chain::{ALICE, BOB, Chain};

/// A rail, how far it was followed, and what is watched.
pub(crate) struct Follower {
    pub(crate) rail: EvmRail,
    pub(crate) cursor: Cursor,
    pub(crate) watched: Arc<WatchSet>,
}

impl Follower {
    /// Follows with these settings from where the chain is now, watching Alice and Bob.
    pub(crate) async fn start(settings: EvmSettings) -> Self {
        let network = settings.network;
        let rail = EvmRail::new(settings).unwrap();
        let cursor = Cursor { network, chain: rail.chain().await.unwrap(), recent: Vec::new() };
        let mut follower = Self { rail, cursor, watched: watching(&[ALICE, BOB]) };
        follower.catch_up().await;
        follower
    }

    /// Follows a chain of the tests.
    pub(crate) async fn of(chain: &Chain) -> Self {
        Self::start(chain.settings()).await
    }

    /// Asks once, and applies the answer.
    pub(crate) async fn next(&mut self) -> Progress {
        let progress = self.ask().await.unwrap();
        self.apply(&progress);
        progress
    }

    /// Asks once, and leaves the cursor where it is.
    pub(crate) async fn ask(&self) -> Result<Progress, RailError> {
        self.rail.next(&self.cursor, &mut Arc::clone(&self.watched)).await
    }

    /// Asks until there is nothing new, and returns the transfers on the way.
    pub(crate) async fn catch_up(&mut self) -> Vec<Transfer> {
        let mut transfers = Vec::new();
        loop {
            let Progress { batch, caught_up, .. } = self.next().await;
            transfers.extend(batch.blocks.into_iter().flat_map(|block| block.transfers));
            if caught_up {
                return transfers;
            }
        }
    }

    /// Moves the cursor as the engine does.
    pub(crate) fn apply(&mut self, progress: &Progress) {
        let batch = &progress.batch;
        assert_eq!((batch.network, &batch.chain), (self.cursor.network, &self.cursor.chain));
        assert_eq!(batch.after.as_ref(), self.cursor.position());
        assert!(batch.blocks.len() as u64 <= BLOCKS_PER_BATCH);
        assert_eq!((&batch.waiting, &batch.declined[..], batch.known_until), (&None, &[][..], None));
        if let Some(ancestor) = &batch.rolled_back_to {
            assert!(self.cursor.recent.contains(ancestor), "{ancestor:?} was followed");
            self.cursor.recent.retain(|known| known.height <= ancestor.height);
        }
        for block in &batch.blocks {
            if let Some(BlockRef { height, hash }) = self.cursor.position() {
                assert_eq!((block.at.height, &block.parent), (height + 1, hash));
            }
            self.cursor.recent.insert(0, block.at.clone());
        }
        self.cursor.recent.truncate(REORG_LIMIT + 1);
        let at_head = self.height() == progress.head.height;
        assert_eq!(progress.caught_up, at_head);
    }

    /// The height of the newest block that was followed.
    pub(crate) fn height(&self) -> u64 {
        self.cursor.position().unwrap().height
    }
}

/// Does something once the blocks were fetched, and then watches these accounts.
pub(crate) struct Meanwhile<F>(pub(crate) F, pub(crate) Arc<WatchSet>);

impl<F, T> Watched for Meanwhile<F>
where
    F: FnMut() -> T + Send,
    T: Future<Output = ()> + Send,
{
    type Error = RailError;

    async fn scripts(&mut self) -> Result<Arc<WatchSet>, RailError> {
        (self.0)().await;
        Ok(Arc::clone(&self.1))
    }
}

/// A set of these accounts.
pub(crate) fn watching(accounts: &[Address]) -> Arc<WatchSet> {
    let mut set = WatchSet::default();
    set.extend(accounts.iter().map(<Address>::as_slice));
    Arc::new(set)
}

/// Transaction, ordinal, receiver, asset and amount of each transfer, for comparison.
pub(crate) fn told(transfers: &[Transfer]) -> Vec<(&str, u32, &[u8], &str, u128)> {
    transfers
        .iter()
        .map(|one| {
            (
                one.transaction.as_str(),
                one.ordinal,
                one.script.bytes(),
                one.asset.as_str(),
                one.amount.minor(),
            )
        })
        .collect()
}
