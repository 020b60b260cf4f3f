//! An Esplora server (<https://github.com/Blockstream/esplora/blob/master/API.md>), for people without a node.
//!
//! Blocks are asked for as a whole, as of a node: the server learns nothing of our addresses, and what it answers is
//! held against the blocks' own hashes. It is believed about which chain is the longest, so it should be one's own or
//! somebody's whom one trusts.

use std::{
    collections::BTreeSet,
    str::FromStr,
    sync::{Mutex, PoisonError},
};

use bitcoin::{BlockHash, Txid};
use domain::{chain::BlockRef, time::Timestamp};
use futures_util::{StreamExt, TryStreamExt, stream};
use reqwest::StatusCode;
use serde::de::DeserializeOwned;

use super::{
    source::View,
    wire::{EsploraBlock, EsploraPool, Hash},
};
use crate::{RailError, http::Http};

/// Requests that are under way at once. Public servers count them.
const REQUESTS_AT_ONCE: usize = 4;

/// The most transactions that may wait for what waits to be looked at, where nothing else is set: each costs a request
/// of its own.
pub const LARGEST_POOL: u64 = 2_000;

/// Transactions that are looked at in one go: blocks are not followed meanwhile.
pub(super) const LOOKED_AT_ONCE: usize = 2_000;

const BLOCK_AT: &str = "GET /block-height/:height";
const NEWEST: &str = "GET /blocks/tip/hash";
const BLOCK: &str = "GET /block/:hash";
const RAW_BLOCK: &str = "GET /block/:hash/raw";
const POOL_INFO: &str = "GET /mempool";
const POOL: &str = "GET /mempool/txids";
const TRANSACTION: &str = "GET /tx/:txid/raw";

/// A server.
pub(super) struct Esplora {
    http: Http,
    largest_pool: u64,
    /// The newest block, so that it is asked for once.
    newest: Mutex<Option<(BlockHash, u64, Timestamp)>>,
    /// What was neither listed nor known at the last look, and waited before.
    missed: Mutex<BTreeSet<Txid>>,
}

impl Esplora {
    /// The server behind this client. Of more than `largest_pool` transactions that wait none is looked at.
    pub(super) const fn new(http: Http, largest_pool: u64) -> Self {
        Self { http, largest_pool, newest: Mutex::new(None), missed: Mutex::new(BTreeSet::new()) }
    }

    /// Who the server follows and where it stands.
    pub(super) async fn view(&self, at: Option<u64>) -> Result<View, RailError> {
        let first = self.block_at(0).await?.ok_or_else(|| malformed(BLOCK_AT, "no first block"))?;
        let newest = self.newest().await?;
        let (height, time) = self.described(newest).await?;
        let there = match at {
            Some(at) if at == height => Some(newest),
            Some(at) if at < height => self.block_at(at).await?,
            Some(_) | None => None,
        };
        Ok(View {
            first,
            newest: BlockRef { height, hash: newest.to_string() },
            time,
            at: at.zip(there).map(|(height, hash)| BlockRef { height, hash: hash.to_string() }),
        })
    }

    /// Height and time of a block.
    async fn described(&self, block: BlockHash) -> Result<(u64, Timestamp), RailError> {
        let known = *self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, height, time)) = known.filter(|(known, ..)| *known == block) {
            return Ok((height, time));
        }
        let body = self.found(&["block", &block.to_string()], BLOCK).await?.ok_or(RailError::Reorganised)?;
        let EsploraBlock { id, height, timestamp } = json(&body, BLOCK)?;
        if id.0 != block {
            return Err(malformed(BLOCK, "another block than was asked for"));
        }
        let time = Timestamp::from_seconds(timestamp.into());
        *self.newest.lock().unwrap_or_else(PoisonError::into_inner) = Some((block, height, time));
        Ok((height, time))
    }

    async fn block_at(&self, height: u64) -> Result<Option<BlockHash>, RailError> {
        let body = self.found(&["block-height", &height.to_string()], BLOCK_AT).await?;
        body.map(|body| hash(&body, BLOCK_AT)).transpose()
    }

    /// The blocks at these heights; nothing where there is none.
    pub(super) async fn blocks_at(&self, heights: &[u64]) -> Result<Vec<Option<BlockHash>>, RailError> {
        let asked: Vec<_> = heights.iter().map(|height| self.block_at(*height)).collect();
        stream::iter(asked).buffered(REQUESTS_AT_ONCE).try_collect().await
    }

    /// These blocks; nothing for one that the server does not have.
    pub(super) async fn raw_blocks(&self, blocks: &[BlockHash]) -> Result<Vec<Option<Vec<u8>>>, RailError> {
        let raw = async |block: BlockHash| self.found(&["block", &block.to_string(), "raw"], RAW_BLOCK).await;
        let asked: Vec<_> = blocks.iter().map(|block| raw(*block)).collect();
        stream::iter(asked).buffered(REQUESTS_AT_ONCE).try_collect().await
    }

    /// Why the server does not have this block.
    pub(super) async fn why_missing(&self, block: &BlockRef) -> Result<RailError, RailError> {
        let now = self.block_at(block.height).await?;
        let same = now.is_some_and(|now| now.to_string() == block.hash);
        Ok(if same { RailError::Incomplete { height: block.height } } else { RailError::Reorganised })
    }

    /// The newest block.
    pub(super) async fn newest(&self) -> Result<BlockHash, RailError> {
        let body = self.found(&["blocks", "tip", "hash"], NEWEST).await?;
        hash(&body.ok_or_else(|| malformed(NEWEST, "no newest block"))?, NEWEST)
    }

    /// What waits to be mined; nothing where that is more than a server should be asked for one by one.
    pub(super) async fn pool(&self) -> Result<Option<Vec<Txid>>, RailError> {
        let nothing = |method| malformed(method, "nothing where something must be");
        let info = self.found(&["mempool"], POOL_INFO).await?.ok_or_else(|| nothing(POOL_INFO))?;
        if json::<EsploraPool>(&info, POOL_INFO)?.count > self.largest_pool {
            return Ok(None);
        }
        let listed = self.found(&["mempool", "txids"], POOL).await?.ok_or_else(|| nothing(POOL))?;
        Ok(Some(json::<Vec<Hash<Txid>>>(&listed, POOL)?.into_iter().map(|id| id.0).collect()))
    }

    /// These transactions; nothing for one that the server does not know, mined or not.
    pub(super) async fn transactions(&self, ids: &[Txid]) -> Result<Vec<Option<Vec<u8>>>, RailError> {
        let raw = async |id: Txid| self.found(&["tx", &id.to_string(), "raw"], TRANSACTION).await;
        let asked: Vec<_> = ids.iter().map(|id| raw(*id)).collect();
        stream::iter(asked).buffered(REQUESTS_AT_ONCE).try_collect().await
    }

    /// Those of these transactions, which are listed no more, that are not gone: the server knows them all the same, or
    /// this is the first look at which it does not. A moment later a block of it may hold them.
    pub(super) async fn still_known(&self, ids: Vec<Txid>) -> Result<Vec<Txid>, RailError> {
        let found = self.transactions(&ids).await?;
        let (known, missed): (Vec<_>, Vec<_>) =
            ids.into_iter().zip(found).partition(|(_, raw)| raw.is_some());
        let missed: BTreeSet<Txid> = missed.into_iter().map(|(id, _)| id).collect();
        let mut before = self.missed.lock().unwrap_or_else(PoisonError::into_inner);
        let known: Vec<Txid> =
            known.into_iter().map(|(id, _)| id).chain(missed.difference(&before).copied()).collect();
        *before = missed;
        Ok(known)
    }

    /// What is at a path; nothing where there is nothing.
    async fn found(&self, path: &[&str], method: &'static str) -> Result<Option<Vec<u8>>, RailError> {
        let answered = self.http.get(path, method).await?;
        match answered.status {
            StatusCode::OK => Ok(Some(answered.body)),
            StatusCode::NOT_FOUND => Ok(None),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                Err(RailError::Unauthorized { status: answered.status.as_u16() })
            }
            status => Err(RailError::Http { status: status.as_u16() }),
        }
    }
}

fn hash(body: &[u8], method: &'static str) -> Result<BlockHash, RailError> {
    let text = str::from_utf8(body).unwrap_or_default().trim();
    BlockHash::from_str(text).map_err(|_| malformed(method, "no hash"))
}

fn json<T: DeserializeOwned>(body: &[u8], method: &'static str) -> Result<T, RailError> {
    serde_json::from_slice(body).map_err(|_| malformed(method, "unexpected content"))
}

fn malformed(method: &'static str, detail: &str) -> RailError {
    RailError::Malformed { method, detail: detail.to_owned() }
}
