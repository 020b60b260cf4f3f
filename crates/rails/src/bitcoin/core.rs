//! Bitcoin Core, and nodes that answer as it does: JSON-RPC, asked for few things, each of which every version has.
//!
//! What differs between nodes, and is read alike: a block that is not there is error -5, or -1, or of a pruned node -1;
//! verbosity is a number, and nodes that know a flag take 0 for it; and of `getblockchaininfo` only the newest block is
//! in all of them.

use std::{
    str::FromStr,
    sync::{Mutex, PoisonError},
};

use bitcoin::{BlockHash, Txid, block::Header, consensus::encode};
use domain::{chain::BlockRef, time::Timestamp};
use serde::de::DeserializeOwned;
use serde_json::{Value, json, value::RawValue};

use super::{
    source::View,
    wire::{ChainInfo, Hash, PoolInfo, Raw},
};
use crate::{
    RailError,
    rpc::{Answer, Call, Rpc},
};

/// Calls in one request: what is asked for in numbers is small.
pub(super) const CALLS_PER_REQUEST: usize = 100;

/// Transactions that are looked at in one go. After a start all that wait are new: on the main network some hundred
/// thousand now and then, which takes some minutes.
pub(super) const LOOKED_AT_ONCE: usize = 10_000;

/// The most transactions that may wait for what waits to be looked at: as many as fit into one answer.
const LARGEST_POOL: u64 = 900_000;

const BLOCK_HASH: &str = "getblockhash";
const CHAIN_INFO: &str = "getblockchaininfo";
const HEADER: &str = "getblockheader";
const BLOCK: &str = "getblock";
const NEWEST: &str = "getbestblockhash";
const POOL_INFO: &str = "getmempoolinfo";
const POOL: &str = "getrawmempool";
const TRANSACTION: &str = "getrawtransaction";

/// Bytes instead of a description of them.
const RAW: u8 = 0;

/// Codes for something that the node does not have: nodes do not agree.
const NOT_THERE: [i64; 2] = [-5, -1];

/// The code for a height above the newest block.
const TOO_HIGH: i64 = -8;

/// The code of a node that has just been started.
const STARTING: i64 = -28;

/// A node.
pub(super) struct Core {
    rpc: Rpc,
    /// The newest block and the time that it states, so that it is asked for once.
    newest: Mutex<Option<(BlockHash, Timestamp)>>,
}

impl Core {
    /// The node behind this client.
    pub(super) const fn new(rpc: Rpc) -> Self {
        Self { rpc, newest: Mutex::new(None) }
    }

    /// Who the node is and where it stands. Who it is is asked every time: the one behind a name may have been
    /// replaced.
    pub(super) async fn view(&self, at: Option<u64>) -> Result<View, RailError> {
        let mut calls = vec![block_hash(0), Call { method: CHAIN_INFO, params: json!([]) }];
        calls.extend(at.map(block_hash));
        let mut answers = self.batch::<Box<RawValue>>(&calls).await?.into_iter();
        let mut next = || answers.next().unwrap_or(Ok(None));
        let first: Hash<BlockHash> = read(BLOCK_HASH, &expected(BLOCK_HASH, next())?)?;
        let info: ChainInfo = read(CHAIN_INFO, &expected(CHAIN_INFO, next())?)?;
        let there =
            found(next(), &[TOO_HIGH])?.map(|raw| read::<Hash<BlockHash>>(BLOCK_HASH, &raw)).transpose()?;
        if info.is_fetching {
            return Err(RailError::Fetching { blocks: info.blocks, headers: info.headers.max(info.blocks) });
        }
        let time = self.time_of(info.newest.0).await?;
        Ok(View {
            first: first.0,
            newest: BlockRef { height: info.blocks, hash: info.newest.0.to_string() },
            time,
            at: at.zip(there).map(|(height, hash)| BlockRef { height, hash: hash.0.to_string() }),
        })
    }

    /// The time that a block states.
    async fn time_of(&self, block: BlockHash) -> Result<Timestamp, RailError> {
        let known = *self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, time)) = known.filter(|(known, _)| *known == block) {
            return Ok(time);
        }
        let call = Call { method: HEADER, params: json!([block.to_string(), false]) };
        let answer = self.lone::<Raw>(call).await?;
        // A block that was the newest one a moment ago and is not there any more.
        let raw = found(answer, &NOT_THERE)?.ok_or(RailError::Reorganised)?;
        let header: Header = encode::deserialize(&raw.0).map_err(|_| malformed(HEADER, "no header"))?;
        let time = Timestamp::from_seconds(header.time.into());
        *self.newest.lock().unwrap_or_else(PoisonError::into_inner) = Some((block, time));
        Ok(time)
    }

    /// The blocks at these heights; nothing where there is none.
    pub(super) async fn blocks_at(&self, heights: &[u64]) -> Result<Vec<Option<BlockHash>>, RailError> {
        let calls: Vec<_> = heights.iter().map(|height| block_hash(*height)).collect();
        let answers = self.batch::<Hash<BlockHash>>(&calls).await?.into_iter();
        answers.map(|answer| Ok(found(answer, &[TOO_HIGH])?.map(|hash| hash.0))).collect()
    }

    /// These blocks; nothing for one that the node does not have.
    pub(super) async fn raw_blocks(&self, blocks: &[BlockHash]) -> Result<Vec<Option<Vec<u8>>>, RailError> {
        let call = |block: &BlockHash| Call { method: BLOCK, params: json!([block.to_string(), RAW]) };
        let calls: Vec<_> = blocks.iter().map(call).collect();
        let answers = self.rpc.one_by_one::<Raw>(&calls).await.map_err(explained)?;
        answers.into_iter().map(|answer| Ok(found(answer, &NOT_THERE)?.map(|raw| raw.0))).collect()
    }

    /// Why the node does not have this block.
    pub(super) async fn why_missing(&self, block: &BlockRef) -> Result<RailError, RailError> {
        let calls = [block_hash(block.height), Call { method: CHAIN_INFO, params: json!([]) }];
        let mut answers = self.batch::<Box<RawValue>>(&calls).await?.into_iter();
        let mut next = || answers.next().unwrap_or(Ok(None));
        let now =
            found(next(), &[TOO_HIGH])?.map(|raw| read::<Hash<BlockHash>>(BLOCK_HASH, &raw)).transpose()?;
        let info: ChainInfo = read(CHAIN_INFO, &expected(CHAIN_INFO, next())?)?;
        let height = block.height;
        Ok(match info.oldest {
            _ if now.map(|now| now.0) != BlockHash::from_str(&block.hash).ok() => RailError::Reorganised,
            Some(oldest) if height < oldest => RailError::Pruned { height, oldest },
            Some(_) | None => RailError::Incomplete { height },
        })
    }

    /// The newest block.
    pub(super) async fn newest(&self) -> Result<BlockHash, RailError> {
        let answer = self.lone::<Hash<BlockHash>>(Call { method: NEWEST, params: json!([]) }).await?;
        Ok(expected(NEWEST, answer)?.0)
    }

    /// What waits to be mined; nothing while the node does not know it itself, or there is more than can be looked at.
    pub(super) async fn pool(&self) -> Result<Option<Vec<Txid>>, RailError> {
        let info = self.lone::<PoolInfo>(Call { method: POOL_INFO, params: json!([]) }).await?;
        let info = expected(POOL_INFO, info)?;
        if !info.loaded || info.size > LARGEST_POOL {
            return Ok(None);
        }
        let listed = self.lone::<Vec<Hash<Txid>>>(Call { method: POOL, params: json!([false]) }).await?;
        Ok(Some(expected(POOL, listed)?.into_iter().map(|id| id.0).collect()))
    }

    /// These transactions, which waited a moment ago; nothing for one that does so no more.
    pub(super) async fn transactions(&self, ids: &[Txid]) -> Result<Vec<Option<Vec<u8>>>, RailError> {
        let call = |id: &Txid| Call { method: TRANSACTION, params: json!([id.to_string(), RAW]) };
        let calls: Vec<_> = ids.iter().map(call).collect();
        let answers = self.batch::<Raw>(&calls).await?.into_iter();
        answers.map(|answer| Ok(found(answer, &NOT_THERE)?.map(|raw| raw.0))).collect()
    }

    async fn batch<T: DeserializeOwned>(&self, calls: &[Call]) -> Result<Vec<Answer<T>>, RailError> {
        let answers = self.rpc.batch(calls).await.map_err(explained)?;
        Ok(answers.into_iter().map(|answer| answer.map_err(explained)).collect())
    }

    async fn lone<T: DeserializeOwned>(&self, call: Call) -> Result<Answer<T>, RailError> {
        let answer = self.batch(&[call]).await?.into_iter().next();
        Ok(answer.unwrap_or(Ok(None)))
    }
}

/// An error in the terms of this node.
fn explained(error: RailError) -> RailError {
    match error {
        RailError::Http { status: status @ (401 | 403) } => RailError::Unauthorized { status },
        RailError::Rpc { code: STARTING, message, .. } => RailError::Starting { message },
        other => other,
    }
}

fn block_hash(height: u64) -> Call {
    Call { method: BLOCK_HASH, params: Value::from(vec![height]) }
}

/// An answer about something that may not be there, which the node says by one of these codes.
fn found<T>(answer: Answer<T>, not_there: &[i64]) -> Answer<T> {
    match answer {
        Err(RailError::Rpc { code, .. }) if not_there.contains(&code) => Ok(None),
        answer => answer.map_err(explained),
    }
}

/// An answer that every node has.
fn expected<T>(method: &'static str, answer: Answer<T>) -> Result<T, RailError> {
    answer?.ok_or_else(|| malformed(method, "nothing where something must be"))
}

fn read<T: DeserializeOwned>(method: &'static str, raw: &RawValue) -> Result<T, RailError> {
    serde_json::from_str(raw.get()).map_err(|_| malformed(method, "unexpected content"))
}

fn malformed(method: &'static str, detail: &str) -> RailError {
    RailError::Malformed { method, detail: detail.to_owned() }
}
