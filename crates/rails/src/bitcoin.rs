//! Bitcoin and its test networks, through Bitcoin Core's JSON-RPC, or through an Esplora server.
//!
//! Blocks are followed by their parents' hashes and read whole: every output of each is held against the scripts that
//! are watched, so that nobody is asked about an address of ours. What waits to be mined is looked at as well, each
//! transaction once. A transfer is an output, and its ordinal the output's place: several outputs of one transaction to
//! one payment are several transfers.
//!
//! The order of questions is what makes it right. First the blocks are fetched, then what waits, then the watched
//! scripts are asked for, and only then is anything matched: an address that was given out before a block was made is
//! among them. What waits is believed only where the list was made while the newest block was the one that was fetched
//! last: else a transaction that a newer block holds would be missing in the list, and be taken for one that is gone.
//!
//! What waited and is in no block and no list any more is gone: it was replaced, or spent otherwise, or forgotten. The
//! engine takes it back by that, and it counts again when it comes back. Coins that their own block has made are final
//! after 100 confirmations, before which nobody can spend them, whatever a payment asks for.

use std::{
    str::FromStr,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bitcoin::{BlockHash, Txid, block::Header, consensus::encode};
use domain::{
    chain::{self, Batch, BlockRef, ChainKey, Cursor, Network, Transfer},
    money::AssetCode,
    time::Timestamp,
};

use crate::{
    NodeUrl, RailError,
    follow::{self, Link, Step},
    http::Http,
    progress::{Head, Progress},
    rpc::Rpc,
    watch::{WatchSet, Watched},
};

mod chain_name;
mod core;
mod esplora;
mod pool;
pub mod scan;
mod source;
mod wire;

pub use chain_name::Chain;
pub use esplora::LARGEST_POOL;
pub use follow::BLOCKS_PER_BATCH;

use pool::Pool;
use scan::Coin;
use source::{Source, View};

/// How long a connection to the node may take, where nothing else is set.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a request to the node may take in all, where nothing else is set.
pub const TIMEOUT: Duration = Duration::from_mins(1);

/// Bytes of blocks after which a batch is large enough: some twenty full blocks.
const BYTES_PER_BATCH: usize = 32 * 1024 * 1024;

/// Blocks that are fetched at once. The largest one has 4 MB, and twice as much in hexadecimal.
const BLOCKS_AT_ONCE: usize = 4;

/// Where the chain is read from.
#[derive(Clone, Debug)]
pub enum Server {
    /// Bitcoin Core, or a node that answers as it does. Its URL carries user and password.
    Core(NodeUrl),
    /// An Esplora server: the URL that its paths stand below.
    Esplora(NodeUrl),
}

/// What a rail has to know of its network.
#[derive(Clone, Debug)]
pub struct BitcoinSettings {
    /// The network.
    pub network: Network,
    /// Which chain it must be.
    pub chain: Chain,
    /// Where it is read from.
    pub server: Server,
    /// The code of its coin.
    pub asset: AssetCode,
    /// Whether what waits to be mined is looked at.
    pub sees_waiting: bool,
    /// The most transactions that may wait at an Esplora server for them to be looked at.
    pub largest_pool: u64,
    /// How long a connection may take.
    pub connect_timeout: Duration,
    /// How long a request may take in all.
    pub timeout: Duration,
}

impl BitcoinSettings {
    /// Settings with the usual times.
    pub const fn new(network: Network, chain: Chain, server: Server, asset: AssetCode) -> Self {
        let (connect_timeout, timeout) = (CONNECT_TIMEOUT, TIMEOUT);
        let (sees_waiting, largest_pool) = (true, LARGEST_POOL);
        Self { network, chain, server, asset, sees_waiting, largest_pool, connect_timeout, timeout }
    }
}

/// Bitcoin, or one of its test networks.
pub struct BitcoinRail {
    source: Source,
    chain: Chain,
    coin: Coin,
    sees_waiting: bool,
    pool: Mutex<Pool>,
    /// Whether the log was told that what waits cannot be seen.
    is_blind_to_pool: AtomicBool,
}

impl BitcoinRail {
    /// A rail with these settings. The node is not asked yet.
    ///
    /// # Errors
    /// [`RailError::Tls`] for an `https` URL on a system without root certificates.
    pub fn new(settings: BitcoinSettings) -> Result<Self, RailError> {
        let BitcoinSettings { network, chain, server, asset, sees_waiting, .. } = settings;
        let (connect_timeout, timeout) = (settings.connect_timeout, settings.timeout);
        let source = match server {
            Server::Core(url) => {
                let rpc = Rpc::new(url, connect_timeout, timeout, core::CALLS_PER_REQUEST)?;
                Source::Core(core::Core::new(rpc))
            }
            Server::Esplora(url) => {
                let http = Http::new(url, connect_timeout, timeout)?;
                Source::Esplora(esplora::Esplora::new(http, settings.largest_pool))
            }
        };
        let (pool, is_blind_to_pool) = (Mutex::default(), AtomicBool::new(false));
        Ok(Self { source, chain, coin: Coin { network, asset }, sees_waiting, pool, is_blind_to_pool })
    }

    /// Which chain the node follows: the hash of its first block.
    ///
    /// # Errors
    /// [`RailError::WrongChain`] for a node of another chain than the configured one, and all that a node's answer may
    /// be short of.
    pub async fn chain(&self) -> Result<ChainKey, RailError> {
        self.recognised(&self.source.view(None).await?)
    }

    /// What happened after `cursor`: at most [`BLOCKS_PER_BATCH`] blocks, and of large ones fewer. A cursor that stands
    /// nowhere yet begins with the newest blocks.
    ///
    /// `watched` is asked once the blocks are fetched, and not at all where nothing was. Its failure is this one's.
    ///
    /// # Errors
    /// [`RailError::WrongChain`] for a node of another chain than the cursor's; [`RailError::ReorgTooDeep`] where
    /// nothing that the cursor remembers is part of the chain; [`RailError::Reorganised`] where the chain changed too
    /// soon for anything to be told; [`RailError::Fetching`] from a node that knows that it is behind;
    /// [`RailError::Pruned`] where it has thrown away what comes next; and all that its answer may be short of.
    pub async fn next<W: Watched>(&self, cursor: &Cursor, watched: &mut W) -> Result<Progress, W::Error> {
        let view = self.source.view(cursor.position().map(|position| position.height)).await?;
        let chain = self.recognised(&view)?;
        if chain != cursor.chain {
            let name = |key: &ChainKey| BlockHash::from_str(key.as_str()).map(Chain::name_of);
            return Err(RailError::WrongChain {
                expected: name(&cursor.chain).unwrap_or_else(|_| cursor.chain.as_str().to_owned()),
                found: Chain::name_of(view.first),
            }
            .into());
        }
        let head = Head { height: view.newest.height, time: view.time };
        let (base, rolled_back_to) = match follow::step(cursor, &view.newest, view.at.as_ref())? {
            Step::Wait => return Ok(Progress { batch: follow::empty_batch(cursor), head, caught_up: false }),
            Step::Begin => (None, None),
            Step::GoOn(base) => (Some(base), None),
            Step::FindAncestor => {
                let ancestor = follow::ancestor(&self.source, cursor, head.height).await?;
                (Some(ancestor.clone()), Some(ancestor))
            }
        };
        let fetched = self.fetch(base.as_ref(), head.height).await?;
        let end = fetched.last().map(|block| &block.at).or(base.as_ref());
        let caught_up = end.is_some_and(|end| end.height == head.height);
        let listed = match end {
            Some(end) if caught_up => self.look_at_pool(end).await,
            Some(_) | None => None,
        };
        let is_nothing_new = fetched.is_empty() && listed.as_ref().is_none_or(|listed| listed.new.is_empty());
        let watched = if is_nothing_new { None } else { Some(watched.scripts().await?) };
        let watched = watched.unwrap_or_default();
        let blocks: Vec<_> =
            fetched.iter().map(|block| block.read(self.coin, &watched)).collect::<Result<_, _>>()?;
        let waiting = self.take_in_pool(&blocks, listed, &watched);
        let batch = Batch { rolled_back_to, blocks, waiting, ..follow::empty_batch(cursor) };
        Ok(Progress { batch, head, caught_up })
    }

    /// The chain of a view; refused where it is another one than the configured one.
    fn recognised(&self, view: &View) -> Result<ChainKey, RailError> {
        if self.chain.begins_with(view.first) {
            return Ok(ChainKey::new(view.first.to_string()));
        }
        let (expected, found) = (self.chain.code().to_owned(), Chain::name_of(view.first));
        Err(RailError::WrongChain { expected, found })
    }

    /// The next blocks after `base`, for as long as the node has them and each is the parent of the next.
    async fn fetch(&self, base: Option<&BlockRef>, head: u64) -> Result<Vec<Fetched>, RailError> {
        let heights = follow::heights(base, head);
        let wanted: Vec<u64> = heights.clone().collect();
        let hashes = self.source.hashes(&wanted).await?;
        let known: Vec<_> =
            wanted.into_iter().zip(hashes).map_while(|(at, hash)| Some((at, hash?))).collect();
        let mut fetched = Vec::with_capacity(known.len());
        let mut bytes = 0;
        for some in known.chunks(BLOCKS_AT_ONCE) {
            let hashes: Vec<_> = some.iter().map(|(_, hash)| *hash).collect();
            let mut raw = self.source.raw_blocks(&hashes).await?.into_iter();
            for (height, hash) in some {
                let block = raw.next().flatten().map(|raw| self.fetched(*height, *hash, raw)).transpose()?;
                bytes += block.as_ref().map_or(0, |block| block.raw.len());
                fetched.push(block);
            }
            if bytes >= BYTES_PER_BATCH || fetched.iter().any(Option::is_none) {
                break;
            }
        }
        if let (Some((height, hash)), Some(None)) = (known.first(), fetched.first()) {
            let missing = BlockRef { height: *height, hash: hash.to_string() };
            return Err(self.source.why_missing(&missing).await);
        }
        follow::linked(base, heights, fetched, Fetched::link)
    }

    /// The block that was asked for, if it is.
    fn fetched(&self, height: u64, hash: BlockHash, raw: Vec<u8>) -> Result<Fetched, RailError> {
        let header =
            raw.get(..scan::HEADER_BYTES).and_then(|header| encode::deserialize::<Header>(header).ok());
        let header = header.ok_or_else(|| unreadable("no whole header"))?;
        if header.block_hash() != hash {
            return Err(unreadable("another block than was asked for"));
        }
        // Whoever makes one up has to have worked for it, at least as much as the chain's easiest block took.
        let target = header.target();
        if target > self.chain.easiest_target() || header.validate_pow(target).is_err() {
            return Err(unreadable("a block without proof of work"));
        }
        Ok(Fetched { at: BlockRef { height, hash: hash.to_string() }, header, raw })
    }

    /// What waits to be mined while `end` is the newest block; nothing where that cannot be told. It never holds up
    /// what was mined.
    async fn look_at_pool(&self, end: &BlockRef) -> Option<Listed> {
        if !self.sees_waiting || self.pool().is_left_out() {
            return None;
        }
        let looked = self.list(end).await;
        let was_blind = self.is_blind_to_pool.swap(looked.is_err(), Ordering::Relaxed);
        match looked {
            Ok(listed) => listed,
            Err(error) => {
                if !was_blind {
                    let network = self.coin.network;
                    tracing::warn!(%network, %error, "what waits to be mined cannot be seen; blocks are followed");
                }
                None
            }
        }
    }

    async fn list(&self, end: &BlockRef) -> Result<Option<Listed>, RailError> {
        let Some(listed) = self.source.pool().await? else { return Ok(None) };
        if self.source.newest().await?.to_string() != end.hash {
            return Ok(None);
        }
        let unlisted = self.pool().unlisted(&listed);
        let known = self.source.still_known(unlisted.clone()).await?;
        let gone = unlisted.into_iter().filter(|id| !known.contains(id)).collect();
        let at_once = self.source.looked_at_once();
        let mut unknown = self.pool().unknown(&listed, at_once);
        let is_whole = unknown.len() <= at_once;
        unknown.truncate(at_once);
        let raw = self.source.transactions(&unknown).await?;
        let new = unknown.into_iter().zip(raw).filter_map(|(id, raw)| Some((id, raw?))).collect();
        Ok(Some(Listed { new, gone, is_whole }))
    }

    /// What waits for us, after all that was listed; nothing while not all of it was looked at.
    fn take_in_pool(
        &self,
        blocks: &[chain::Block],
        listed: Option<Listed>,
        watched: &WatchSet,
    ) -> Option<Vec<Transfer>> {
        let mut pool = self.pool();
        pool.forget_mined(blocks);
        let Listed { new, gone, is_whole } = listed?;
        pool.forget(&gone);
        for (id, raw) in new {
            match self.coin.of_transaction(&raw, id, watched) {
                Ok(transfers) => pool.note(id, transfers),
                Err(error) => {
                    tracing::debug!(network = %self.coin.network, %id, %error, "what waits cannot be read");
                    return None;
                }
            }
        }
        is_whole.then(|| pool.waiting())
    }

    fn pool(&self) -> MutexGuard<'_, Pool> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What waits, as it was listed.
struct Listed {
    /// Transactions that were not looked at before.
    new: Vec<(Txid, Vec<u8>)>,
    /// Transactions that paid us and wait no more.
    gone: Vec<Txid>,
    /// Whether those are all.
    is_whole: bool,
}

/// A block that was fetched.
struct Fetched {
    at: BlockRef,
    header: Header,
    raw: Vec<u8>,
}

impl Fetched {
    fn link(&self) -> Link {
        let (hash, parent) = (self.at.hash.clone(), self.header.prev_blockhash.to_string());
        Link { height: Some(self.at.height), hash, parent }
    }

    /// What it holds for watched scripts.
    fn read(&self, coin: Coin, watched: &WatchSet) -> Result<chain::Block, RailError> {
        let transfers = coin.of_block(&self.raw, watched).map_err(|error| unreadable(&error.to_string()))?;
        Ok(chain::Block {
            at: self.at.clone(),
            parent: self.header.prev_blockhash.to_string(),
            time: Timestamp::from_seconds(self.header.time.into()),
            transfers,
        })
    }
}

fn unreadable(detail: &str) -> RailError {
    RailError::Malformed { method: "block", detail: detail.to_owned() }
}
