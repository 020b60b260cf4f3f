//! A chain, of whatever kind.

use domain::chain::{ChainKey, Cursor};

use crate::{RailError, bitcoin::BitcoinRail, evm::EvmRail, progress::Progress, watch::Watched};

/// A real chain that is followed.
pub enum Rail {
    /// An Ethereum-like one.
    Evm(Box<EvmRail>),
    /// Bitcoin, or one of its test networks.
    Bitcoin(Box<BitcoinRail>),
}

impl Rail {
    /// Which chain its node follows.
    ///
    /// # Errors
    /// [`RailError::WrongChain`] for a node of another chain than the configured one, and all that a node's answer may
    /// be short of.
    pub async fn chain(&self) -> Result<ChainKey, RailError> {
        match self {
            Self::Evm(rail) => rail.chain().await,
            Self::Bitcoin(rail) => rail.chain().await,
        }
    }

    /// What happened after `cursor`.
    ///
    /// # Errors
    /// Those of the rail, and what keeps `watched` from knowing.
    pub async fn next<W: Watched>(&self, cursor: &Cursor, watched: &mut W) -> Result<Progress, W::Error> {
        match self {
            Self::Evm(rail) => rail.next(cursor, watched).await,
            Self::Bitcoin(rail) => rail.next(cursor, watched).await,
        }
    }
}

impl From<EvmRail> for Rail {
    fn from(rail: EvmRail) -> Self {
        Self::Evm(Box::new(rail))
    }
}

impl From<BitcoinRail> for Rail {
    fn from(rail: BitcoinRail) -> Self {
        Self::Bitcoin(Box::new(rail))
    }
}
