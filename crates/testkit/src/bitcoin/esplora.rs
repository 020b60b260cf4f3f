//! A stand-in for an Esplora server, in the shape of
//! <https://github.com/Blockstream/esplora/blob/master/API.md>. What it knows is a [`Story`].

use std::{
    net::SocketAddr,
    str::FromStr,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Router,
    extract::{Path, State},
    http::{StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::get,
};
use bitcoin::{BlockHash, Txid, consensus::encode::serialize};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};

use super::Story;

/// What all its paths stand below, as a path of the public ones.
const BASE: &str = "/testnet/api";

/// A server on a free port of 127.0.0.1. It ends when it is dropped.
pub struct Esplora {
    address: SocketAddr,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

struct Shared {
    story: Story,
    /// What its list of what waits is, where it is older than the story.
    listed: Mutex<Option<Vec<Txid>>>,
    paths: Mutex<Vec<String>>,
}

impl Esplora {
    /// Starts a server that tells this story.
    ///
    /// # Panics
    /// When 127.0.0.1 has no free port.
    pub async fn start(story: Story) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port on 127.0.0.1");
        let address = listener.local_addr().expect("a bound socket has an address");
        let shared = Arc::new(Shared { story, listed: Mutex::default(), paths: Mutex::default() });
        let paths = Router::new()
            .route("/blocks/tip/hash", get(newest))
            .route("/block-height/{height}", get(block_at))
            .route("/block/{hash}", get(block))
            .route("/block/{hash}/raw", get(raw_block))
            .route("/mempool", get(pool))
            .route("/mempool/txids", get(listed))
            .route("/tx/{id}/raw", get(transaction));
        let routes = Router::new().nest(BASE, paths).with_state(Arc::clone(&shared));
        let server = tokio::spawn(async move {
            axum::serve(listener, routes).await.expect("a listener that stays");
        });
        Self { address, shared, server }
    }

    /// What its paths stand below.
    pub fn url(&self) -> String {
        format!("http://{}{BASE}", self.address)
    }

    /// Lets it list these as waiting, whatever the story says; nothing: what the story says.
    pub fn list(&self, ids: Option<Vec<Txid>>) {
        *self.shared.listed.lock().unwrap_or_else(PoisonError::into_inner) = ids;
    }

    /// The paths that it was asked for so far.
    pub fn paths(&self) -> Vec<String> {
        self.shared.paths.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Esplora {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Shared {
    fn note(&self, uri: &Uri) {
        let mut paths = self.paths.lock().unwrap_or_else(PoisonError::into_inner);
        paths.push(uri.path().trim_start_matches(BASE).to_owned());
    }

    fn listed(&self) -> Vec<Txid> {
        let listed = self.listed.lock().unwrap_or_else(PoisonError::into_inner).clone();
        listed
            .unwrap_or_else(|| self.story.waiting().iter().map(bitcoin::Transaction::compute_txid).collect())
    }
}

type Told = State<Arc<Shared>>;

fn text(text: String) -> Response {
    ([(header::CONTENT_TYPE, "text/plain")], text).into_response()
}

fn document(document: &Value) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], document.to_string()).into_response()
}

fn bytes(bytes: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, "application/octet-stream")], bytes).into_response()
}

fn not_found(what: &'static str) -> Response {
    (StatusCode::NOT_FOUND, what).into_response()
}

async fn newest(State(shared): Told, uri: Uri) -> Response {
    shared.note(&uri);
    text(shared.story.newest().block_hash().to_string())
}

async fn block_at(State(shared): Told, uri: Uri, Path(height): Path<u64>) -> Response {
    shared.note(&uri);
    let found = shared.story.block_at(height);
    found.map_or_else(|| not_found("Block not found"), |block| text(block.block_hash().to_string()))
}

async fn block(State(shared): Told, uri: Uri, Path(hash): Path<String>) -> Response {
    shared.note(&uri);
    let found = BlockHash::from_str(&hash).ok().and_then(|hash| shared.story.block(hash));
    let Some((block, Some(height))) = found else { return not_found("Block not found") };
    document(&json!({
        "id": hash,
        "height": height,
        "version": 2,
        "timestamp": block.header.time,
        "tx_count": block.txdata.len(),
        "size": serialize(&block).len(),
        "weight": block.weight().to_wu(),
        "merkle_root": block.header.merkle_root.to_string(),
        "previousblockhash": block.header.prev_blockhash.to_string(),
        "mediantime": block.header.time,
        "nonce": block.header.nonce,
        "bits": block.header.bits.to_consensus(),
        "difficulty": 0,
    }))
}

async fn raw_block(State(shared): Told, uri: Uri, Path(hash): Path<String>) -> Response {
    shared.note(&uri);
    let found = BlockHash::from_str(&hash).ok().and_then(|hash| shared.story.block(hash));
    found.map_or_else(|| not_found("Block not found"), |(block, _)| bytes(serialize(&block)))
}

async fn pool(State(shared): Told, uri: Uri) -> Response {
    shared.note(&uri);
    let count = shared.listed().len();
    document(&json!({"count": count, "vsize": 141 * count, "total_fee": 0, "fee_histogram": []}))
}

async fn listed(State(shared): Told, uri: Uri) -> Response {
    shared.note(&uri);
    document(&shared.listed().iter().map(Txid::to_string).collect())
}

async fn transaction(State(shared): Told, uri: Uri, Path(id): Path<String>) -> Response {
    shared.note(&uri);
    let found = Txid::from_str(&id).ok().and_then(|id| shared.story.transaction(id));
    found.map_or_else(|| not_found("Transaction not found"), |one| bytes(serialize(&one)))
}
