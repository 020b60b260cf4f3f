//! Ethereum and the chains that are like it, through the JSON-RPC of any standard node.
//!
//! Blocks are followed by their parents' hashes, and every transaction of each is looked at: the chain's own coin
//! where a transaction carries it to a watched account and succeeded, and tokens where a contract that is listed says
//! so in the receipt. No node is asked about an address of ours, so none learns which they are.
//!
//! What is not seen: coins that a contract sends on inside a transaction (an internal call). They stand in no receipt
//! and in no field of the transaction; finding them takes a node that traces. Wallets of exchanges do pay that way at
//! times.
//!
//! The order of questions is what makes it right. First the blocks are fetched, then the watched accounts are asked
//! for, and only then is anything matched: an address that was given out before a block was made is among them. The
//! receipts follow, of those blocks that need them. A crash anywhere leaves nothing behind: the cursor has not moved.

use std::{sync::Arc, time::Duration};

use domain::{
    chain::{self, Batch, ChainKey, Cursor, Network},
    money::AssetCode,
    time::Timestamp,
};

use crate::{
    NodeUrl, RailError,
    follow::{self, Step},
    progress::{Head, Progress},
    rpc::{CALLS_PER_REQUEST, Rpc},
    watch::{WatchSet, Watched},
};

mod logs;
mod node;
pub mod scan;
pub mod wire;

pub use follow::BLOCKS_PER_BATCH;
pub use scan::Token;

use node::{Node, View, block_ref, link};
use scan::Assets;
use wire::Body;

/// How long a connection to the node may take, where nothing else is set.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a request to the node may take in all, where nothing else is set.
pub const TIMEOUT: Duration = Duration::from_secs(30);

/// What a rail has to know of its network.
#[derive(Clone, Debug)]
pub struct EvmSettings {
    /// The network.
    pub network: Network,
    /// Its node.
    pub rpc_url: NodeUrl,
    /// The chain id of EIP-155 that the node must have.
    pub chain_id: u64,
    /// The chain's own coin. None where it is not taken, or where the node cannot be believed about it: on TRON a
    /// worthless token looks like the coin.
    pub native: Option<AssetCode>,
    /// The tokens that are taken.
    pub tokens: Vec<Token>,
    /// How long a connection to the node may take.
    pub connect_timeout: Duration,
    /// How long a request to the node may take in all.
    pub timeout: Duration,
}

impl EvmSettings {
    /// Settings for a network that takes nothing yet, with the usual times.
    pub const fn new(network: Network, rpc_url: NodeUrl, chain_id: u64) -> Self {
        let (connect_timeout, timeout) = (CONNECT_TIMEOUT, TIMEOUT);
        Self { network, rpc_url, chain_id, native: None, tokens: Vec::new(), connect_timeout, timeout }
    }
}

/// An Ethereum-like chain.
pub struct EvmRail {
    node: Node,
    assets: Assets,
    chain_id: u64,
}

impl EvmRail {
    /// A rail with these settings. The node is not asked yet.
    ///
    /// # Errors
    /// [`RailError::Tls`] for an `https` URL on a system without root certificates.
    pub fn new(settings: EvmSettings) -> Result<Self, RailError> {
        let EvmSettings { network, rpc_url, chain_id, native, tokens, connect_timeout, timeout } = settings;
        let tokens: Arc<[Token]> = tokens.into();
        let rpc = Rpc::new(rpc_url, connect_timeout, timeout, CALLS_PER_REQUEST)?;
        let node = Node::new(rpc, Arc::clone(&tokens));
        Ok(Self { node, assets: Assets { network, native, tokens }, chain_id })
    }

    /// Which chain the node follows: the chain id, and the hash of the first block.
    ///
    /// # Errors
    /// [`RailError::WrongChain`] for a node with another chain id than the configured one, and all that a node's answer
    /// may be short of.
    pub async fn chain(&self) -> Result<ChainKey, RailError> {
        let view = self.node.view(None).await?;
        self.recognise(&view)?;
        Ok(view.chain)
    }

    /// What happened after `cursor`: at most [`BLOCKS_PER_BATCH`] blocks. A cursor that stands nowhere yet begins
    /// with the newest blocks.
    ///
    /// `watched` is asked once the blocks are fetched, and not at all where there are none. Its failure is this one's.
    ///
    /// # Errors
    /// [`RailError::WrongChain`] for a node of another chain than the cursor's; [`RailError::ReorgTooDeep`] where
    /// nothing that the cursor remembers is part of the chain; [`RailError::Reorganised`] where the chain changed too
    /// soon for anything to be told; and all that a node's answer may be short of.
    pub async fn next<W: Watched>(&self, cursor: &Cursor, watched: &mut W) -> Result<Progress, W::Error> {
        let view = self.node.view(cursor.position().map(|position| position.height)).await?;
        self.recognise(&view)?;
        if view.chain != cursor.chain {
            return Err(RailError::WrongChain {
                expected: cursor.chain.as_str().to_owned(),
                found: view.chain.as_str().to_owned(),
            }
            .into());
        }
        let newest = block_ref(&view.head)?;
        let head = Head { height: newest.height, time: time(&view.head)? };
        let at_cursor = view.at.as_ref().map(block_ref).transpose()?;
        let (base, rolled_back_to) = match follow::step(cursor, &newest, at_cursor.as_ref())? {
            Step::Wait => return Ok(Progress { batch: follow::empty_batch(cursor), head, caught_up: false }),
            Step::Begin => (None, None),
            Step::GoOn(base) => (Some(base), None),
            Step::FindAncestor => {
                let ancestor = follow::ancestor(&self.node, cursor, head.height).await?;
                (Some(ancestor.clone()), Some(ancestor))
            }
        };
        let heights = follow::heights(base.as_ref(), head.height);
        let bodies = self.node.bodies(heights.clone()).await?;
        let bodies = follow::linked(base.as_ref(), heights, bodies, link)?;
        let blocks = match bodies.as_slice() {
            [] => Vec::new(),
            bodies => self.blocks(bodies, &*watched.scripts().await?).await?,
        };
        let end = blocks.last().map(|block| &block.at).or(base.as_ref());
        let caught_up = end.is_some_and(|end| end.height == head.height);
        Ok(Progress {
            batch: Batch { rolled_back_to, blocks, ..follow::empty_batch(cursor) },
            head,
            caught_up,
        })
    }

    /// Refuses a node of another chain than the configured one.
    fn recognise(&self, view: &View) -> Result<(), RailError> {
        if view.chain_id == self.chain_id {
            return Ok(());
        }
        Err(RailError::WrongChain { expected: self.chain_id.to_string(), found: view.chain_id.to_string() })
    }

    /// The blocks with their transfers, from the first one on for as long as the node has what happened in them: it may
    /// be slow with the newest one, or have another one in its place by now.
    async fn blocks(&self, bodies: &[Body], watched: &WatchSet) -> Result<Vec<chain::Block>, RailError> {
        let candidates: Vec<_> = bodies.iter().map(|body| self.assets.candidate(body, watched)).collect();
        let wanted: Vec<_> = candidates.iter().filter(|candidate| candidate.needs_receipts).collect();
        let mut answers = self.node.receipts(&wanted, watched).await?.into_iter();
        let mut blocks = Vec::with_capacity(bodies.len());
        for block in &candidates {
            let receipts = if block.needs_receipts { answers.next().flatten() } else { Some(Vec::new()) };
            let Some(receipts) = receipts.filter(|receipts| block.is_told(receipts)) else { break };
            blocks.push(chain::Block {
                at: block_ref(block.body)?,
                parent: block.body.parent_hash.to_string(),
                time: time(block.body)?,
                transfers: self.assets.transfers(block, &receipts, watched),
            });
        }
        match bodies.first() {
            Some(first) if blocks.is_empty() => Err(self.missing(first).await),
            _ => Ok(blocks),
        }
    }

    /// Why the node has no receipts of a block that it had a moment ago.
    async fn missing(&self, body: &Body) -> RailError {
        let look = async || {
            let at = block_ref(body)?;
            let now = self.node.headers(&[at.height]).await?.into_iter().flatten().next();
            let same = now.is_some_and(|now| now.hash == body.hash);
            Ok(if same { RailError::Incomplete { height: at.height } } else { RailError::Reorganised })
        };
        look().await.unwrap_or_else(|error| error)
    }
}

/// The time that a block states.
fn time<T>(block: &wire::Block<T>) -> Result<Timestamp, RailError> {
    let seconds = block.timestamp.short().and_then(|seconds| i64::try_from(seconds).ok());
    seconds.map(Timestamp::from_seconds).ok_or_else(|| RailError::Malformed {
        method: node::BLOCK,
        detail: "a time of more than 63 bits".into(),
    })
}
