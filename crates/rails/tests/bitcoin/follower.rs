//! Applies what a rail says, as the engine does, and holds it to its promises.

use std::{collections::BTreeSet, sync::Arc};

use bitcoin::ScriptBuf;
use domain::chain::{BlockRef, Cursor, REORG_LIMIT, Transfer};
use rails::{
    RailError,
    bitcoin::{BLOCKS_PER_BATCH, BitcoinRail, BitcoinSettings},
    progress::Progress,
    watch::{WatchSet, Watched},
};

use crate::rig::{alice, bob};

/// A rail, how far it was followed, and what is watched.
pub(crate) struct Follower {
    pub(crate) rail: BitcoinRail,
    pub(crate) cursor: Cursor,
    pub(crate) watched: Arc<WatchSet>,
}

impl Follower {
    /// Follows with these settings from where the chain is now, watching Alice and Bob.
    pub(crate) async fn start(settings: BitcoinSettings) -> Self {
        let network = settings.network;
        let rail = BitcoinRail::new(settings).unwrap();
        let cursor = Cursor { network, chain: rail.chain().await.unwrap(), recent: Vec::new() };
        let mut follower = Self { rail, cursor, watched: watching(&[alice(), bob()]) };
        follower.catch_up().await;
        follower
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

    /// Asks once, and tells what waits.
    pub(crate) async fn waiting(&mut self) -> Option<Vec<Transfer>> {
        self.next().await.batch.waiting
    }

    /// Moves the cursor as the engine does.
    pub(crate) fn apply(&mut self, progress: &Progress) {
        let batch = &progress.batch;
        assert_eq!((batch.network, &batch.chain), (self.cursor.network, &self.cursor.chain));
        assert_eq!(batch.after.as_ref(), self.cursor.position());
        assert!(batch.blocks.len() as u64 <= BLOCKS_PER_BATCH);
        assert_eq!((&batch.declined[..], batch.known_until), (&[][..], None));
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
        assert_eq!(progress.caught_up, self.height() == progress.head.height);
        if let Some(waiting) = &batch.waiting {
            assert!(progress.caught_up, "what waits is told at the newest block alone");
            let names: BTreeSet<_> = waiting.iter().map(|one| (&one.transaction, one.ordinal)).collect();
            assert_eq!(names.len(), waiting.len(), "each is told once");
        }
    }

    /// The height of the newest block that was followed.
    pub(crate) fn height(&self) -> u64 {
        self.cursor.position().unwrap().height
    }
}

/// Does something once the blocks were fetched, and then watches these scripts.
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

/// A set of these scripts.
pub(crate) fn watching(scripts: &[ScriptBuf]) -> Arc<WatchSet> {
    let mut set = WatchSet::default();
    set.extend(scripts.iter().map(|script| script.as_bytes()));
    Arc::new(set)
}

/// Transaction, ordinal, receiver and sats of each transfer, for comparison.
pub(crate) fn told(transfers: &[Transfer]) -> Vec<(&str, u32, ScriptBuf, u128)> {
    let mut told = Vec::new();
    for one in transfers {
        assert_eq!(one.asset.as_str(), "BTC");
        let script = ScriptBuf::from_bytes(one.script.bytes().to_vec());
        told.push((one.transaction.as_str(), one.ordinal, script, one.amount.minor()));
    }
    told
}
