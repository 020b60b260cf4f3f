//! What is asked of a node: few calls, in few requests.

use std::{
    ops::RangeInclusive,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use domain::chain::{BlockRef, ChainKey};
use serde::de::DeserializeOwned;
use serde_json::{Value, json, value::RawValue};

use super::{
    scan::{Candidate, Token},
    wire::{Block, Body, Header, Quantity, Receipt},
};
use crate::{
    RailError,
    follow::{BlocksAt, Link},
    rpc::{Answer, Call, Rpc},
    watch::WatchSet,
};

/// The method that most is asked by.
pub(super) const BLOCK: &str = "eth_getBlockByNumber";

/// Codes for a method that a node does not have, or not in this form: of JSON-RPC 2.0, section 5.1, and of EIP-1474.
const NOT_THERE: [i64; 4] = [-32601, -32004, -32600, -32602];

/// Codes for a block that a node has no more, or not yet: nodes agree neither on the code nor on the words.
const NOT_FOUND: [i64; 2] = [-32000, -32001];

/// A node of an Ethereum-like chain.
pub(super) struct Node {
    pub(super) rpc: Rpc,
    /// The contracts whose logs are asked for where the node has no receipts by block.
    pub(super) tokens: Arc<[Token]>,
    /// Set once the node has said that it has no `eth_getBlockReceipts`. It is asked again after a restart.
    without_block_receipts: AtomicBool,
}

/// A node, seen at one moment.
pub(super) struct View {
    /// The chain id of EIP-155.
    pub(super) chain_id: u64,
    /// Which chain it is.
    pub(super) chain: ChainKey,
    /// The newest block.
    pub(super) head: Header,
    /// The block at the height that was asked for.
    pub(super) at: Option<Header>,
}

/// The receipts of a block; nothing where the node has not all of them, or knows no such block any more.
pub(super) type BlockReceipts = Option<Vec<Receipt>>;

impl Node {
    /// A node behind this client.
    pub(super) fn new(rpc: Rpc, tokens: Arc<[Token]>) -> Self {
        Self { rpc, tokens, without_block_receipts: AtomicBool::new(false) }
    }

    /// Who the node is and where it stands, in one request. Who it is is asked every time: the one behind a name may
    /// have been replaced.
    pub(super) async fn view(&self, at: Option<u64>) -> Result<View, RailError> {
        let mut calls = vec![
            Call { method: "eth_chainId", params: json!([]) },
            block_by_number(&json!("0x0"), false),
            block_by_number(&json!("latest"), false),
        ];
        calls.extend(at.map(|height| block_by_number(&hex(height), false)));
        let mut answers = self.rpc.batch::<Box<RawValue>>(&calls).await?.into_iter();
        let mut next = || answers.next().unwrap_or(Ok(None));
        let id: Quantity = expected("eth_chainId", next())?;
        let genesis: Header = expected(BLOCK, next())?;
        let head: Header = expected(BLOCK, next())?;
        let at = next()?.map(|raw| read(BLOCK, &raw)).transpose()?;
        let chain_id =
            id.short().ok_or_else(|| malformed("eth_chainId", "a chain id of more than 64 bits"))?;
        Ok(View { chain_id, chain: ChainKey::new(format!("{chain_id}:{}", genesis.hash)), head, at })
    }

    /// The headers at these heights; nothing where the node has none.
    pub(super) async fn headers(&self, heights: &[u64]) -> Result<Vec<Option<Header>>, RailError> {
        let calls: Vec<_> = heights.iter().map(|height| block_by_number(&hex(*height), false)).collect();
        self.rpc.batch(&calls).await?.into_iter().collect()
    }

    /// The blocks at these heights; nothing where the node has none.
    pub(super) async fn bodies(&self, heights: RangeInclusive<u64>) -> Result<Vec<Option<Body>>, RailError> {
        let calls: Vec<_> = heights.map(|height| block_by_number(&hex(height), true)).collect();
        self.rpc.batch(&calls).await?.into_iter().collect()
    }

    /// The receipts of these blocks: all of them, or, from a node that does not list them by block, those that matter.
    pub(super) async fn receipts(
        &self,
        wanted: &[&Candidate<'_>],
        watched: &WatchSet,
    ) -> Result<Vec<BlockReceipts>, RailError> {
        if !self.without_block_receipts.load(Ordering::Relaxed) {
            let receipts = self.block_receipts(wanted).await;
            let Err(RailError::Rpc { code, .. }) = &receipts else { return receipts };
            if !NOT_THERE.contains(code) {
                return receipts;
            }
            self.without_block_receipts.store(true, Ordering::Relaxed);
            tracing::info!("the node lists no receipts by block: its logs are searched instead");
        }
        self.receipts_by_logs(wanted, watched).await
    }

    /// All receipts of each block, asked for by hash, so that those of another block cannot be taken for them.
    async fn block_receipts(&self, wanted: &[&Candidate<'_>]) -> Result<Vec<BlockReceipts>, RailError> {
        let call = |one: &&Candidate<'_>| Call {
            method: "eth_getBlockReceipts",
            params: json!([one.body.hash.to_string()]),
        };
        let calls: Vec<_> = wanted.iter().map(call).collect();
        let answers = self.rpc.batch::<Vec<Receipt>>(&calls).await?;
        let judge = |(one, answer): (&&Candidate<'_>, Answer<Vec<Receipt>>)| {
            let receipts = found(answer)?;
            // A node whose index lags answers with fewer of them, or none, and no error. What is missing would be money
            // that nobody ever sees.
            Ok(receipts.filter(|receipts| {
                receipts.len() >= one.body.transactions.count
                    && receipts.iter().all(|receipt| receipt.block_hash == one.body.hash)
            }))
        };
        wanted.iter().zip(answers).map(judge).collect()
    }
}

impl BlocksAt for Node {
    async fn blocks_at(&self, heights: &[u64]) -> Result<Vec<Option<BlockRef>>, RailError> {
        let headers = self.headers(heights).await?;
        headers.iter().map(|header| header.as_ref().map(block_ref).transpose()).collect()
    }
}

/// Height and hash of a block.
///
/// # Errors
/// [`RailError::Malformed`] for a height that no chain has.
pub(super) fn block_ref<T>(block: &Block<T>) -> Result<BlockRef, RailError> {
    let height = block.number.short().ok_or_else(|| malformed(BLOCK, "a height of more than 64 bits"))?;
    Ok(BlockRef { height, hash: block.hash.to_string() })
}

/// A block's place in its chain.
pub(super) fn link(body: &Body) -> Link {
    let (hash, parent) = (body.hash.to_string(), body.parent_hash.to_string());
    Link { height: body.number.short(), hash, parent }
}

/// An answer about a block that may be gone.
pub(super) fn found<T>(answer: Answer<T>) -> Answer<T> {
    match answer {
        Err(RailError::Rpc { code, .. }) if NOT_FOUND.contains(&code) => Ok(None),
        answer => answer,
    }
}

/// A call for the block of this number or name.
fn block_by_number(number: &Value, transactions: bool) -> Call {
    Call { method: BLOCK, params: json!([number, transactions]) }
}

/// A height as nodes read it.
fn hex(height: u64) -> Value {
    Value::String(format!("{height:#x}"))
}

/// An answer that every node has.
fn expected<T: DeserializeOwned>(
    method: &'static str,
    answer: Answer<Box<RawValue>>,
) -> Result<T, RailError> {
    read(method, &answer?.ok_or_else(|| malformed(method, "nothing where something must be"))?)
}

fn read<T: DeserializeOwned>(method: &'static str, raw: &RawValue) -> Result<T, RailError> {
    serde_json::from_str(raw.get()).map_err(|_| malformed(method, "unexpected content"))
}

fn malformed(method: &'static str, detail: &str) -> RailError {
    RailError::Malformed { method, detail: detail.to_owned() }
}
