//! Where the chain is read from.

use bitcoin::{BlockHash, Txid};
use domain::{chain::BlockRef, time::Timestamp};

use super::{
    core::{self, Core},
    esplora::{self, Esplora},
};
use crate::{RailError, follow::BlocksAt};

/// A node, or a server that has one.
pub(super) enum Source {
    Core(Core),
    Esplora(Esplora),
}

/// A chain, seen at one moment.
pub(super) struct View {
    /// Its first block.
    pub(super) first: BlockHash,
    /// Its newest block.
    pub(super) newest: BlockRef,
    /// The time that the newest block states.
    pub(super) time: Timestamp,
    /// The block at the height that was asked for.
    pub(super) at: Option<BlockRef>,
}

impl Source {
    pub(super) async fn view(&self, at: Option<u64>) -> Result<View, RailError> {
        match self {
            Self::Core(node) => node.view(at).await,
            Self::Esplora(server) => server.view(at).await,
        }
    }

    /// The blocks at these heights; nothing where there is none.
    pub(super) async fn hashes(&self, heights: &[u64]) -> Result<Vec<Option<BlockHash>>, RailError> {
        match self {
            Self::Core(node) => node.blocks_at(heights).await,
            Self::Esplora(server) => server.blocks_at(heights).await,
        }
    }

    /// These blocks, as they are sent between nodes; nothing for one that is not there.
    pub(super) async fn raw_blocks(&self, blocks: &[BlockHash]) -> Result<Vec<Option<Vec<u8>>>, RailError> {
        match self {
            Self::Core(node) => node.raw_blocks(blocks).await,
            Self::Esplora(server) => server.raw_blocks(blocks).await,
        }
    }

    /// Why a block is not there that should be.
    pub(super) async fn why_missing(&self, block: &BlockRef) -> RailError {
        let looked = match self {
            Self::Core(node) => node.why_missing(block).await,
            Self::Esplora(server) => server.why_missing(block).await,
        };
        looked.unwrap_or_else(|error| error)
    }

    /// The newest block.
    pub(super) async fn newest(&self) -> Result<BlockHash, RailError> {
        match self {
            Self::Core(node) => node.newest().await,
            Self::Esplora(server) => server.newest().await,
        }
    }

    /// What waits to be mined; nothing while that cannot be told.
    pub(super) async fn pool(&self) -> Result<Option<Vec<Txid>>, RailError> {
        match self {
            Self::Core(node) => node.pool().await,
            Self::Esplora(server) => server.pool().await,
        }
    }

    /// How many of those that wait are read in one go.
    pub(super) const fn looked_at_once(&self) -> usize {
        match self {
            Self::Core(_) => core::LOOKED_AT_ONCE,
            Self::Esplora(_) => esplora::LOOKED_AT_ONCE,
        }
    }

    /// These transactions, which waited a moment ago; nothing for one that is gone.
    pub(super) async fn transactions(&self, ids: &[Txid]) -> Result<Vec<Option<Vec<u8>>>, RailError> {
        match self {
            Self::Core(node) => node.transactions(ids).await,
            Self::Esplora(server) => server.transactions(ids).await,
        }
    }

    /// Those of these transactions, which are listed no more, that are not gone all the same. Ask it at every look, and
    /// be it about none.
    ///
    /// A node forgets what waited and takes the block that holds it in one step. A server does so in two: in between it
    /// knows a transaction that is in no list of its own, or does not even know it.
    pub(super) async fn still_known(&self, ids: Vec<Txid>) -> Result<Vec<Txid>, RailError> {
        match self {
            Self::Core(_) => Ok(Vec::new()),
            Self::Esplora(server) => server.still_known(ids).await,
        }
    }
}

impl BlocksAt for Source {
    async fn blocks_at(&self, heights: &[u64]) -> Result<Vec<Option<BlockRef>>, RailError> {
        let found = self.hashes(heights).await?;
        let at = |(height, hash): (&u64, Option<BlockHash>)| {
            hash.map(|hash| BlockRef { height: *height, hash: hash.to_string() })
        };
        Ok(heights.iter().zip(found).map(at).collect())
    }
}
