//! A stand-in for Bitcoin Core, which no package registry has. It answers as Core's documentation and source say, down
//! to the codes and the HTTP statuses; what it knows is a [`Story`].

use std::{
    net::SocketAddr,
    str::FromStr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing,
};
use bitcoin::{
    BlockHash, Txid,
    consensus::encode::{serialize, serialize_hex},
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};

use super::Story;

/// Whom it knows: user and password, and the two as HTTP writes them.
const CREDENTIALS: (&str, &str) = ("till", "s3cr3t-of-the-test");
const AUTHORIZATION: &str = "Basic dGlsbDpzM2NyM3Qtb2YtdGhlLXRlc3Q=";

/// Error codes (`src/rpc/protocol.h`).
const MISC_ERROR: i64 = -1;
const TYPE_ERROR: i64 = -3;
const INVALID_ADDRESS_OR_KEY: i64 = -5;
const INVALID_PARAMETER: i64 = -8;
const IN_WARMUP: i64 = -28;
const METHOD_NOT_FOUND: i64 = -32601;

/// How it is.
#[derive(Clone, Debug, Default)]
pub struct Mood {
    /// It is starting, and says so in these words.
    pub warming_up: Option<&'static str>,
    /// It fetches the chain, of which it knows so many headers.
    pub fetching: Option<u64>,
    /// It has thrown away the blocks below this one.
    pub pruned_below: Option<u64>,
    /// It has not read again what waited.
    pub pool_unread: bool,
    /// It answers single calls that it refuses with a status of their own, as all versions did before 28.
    pub old_statuses: bool,
    /// It does not have this method: another program, or one that is not on its list of allowed ones.
    pub without: Option<&'static str>,
    /// It says that this is its newest block, whatever the story says.
    pub newest: Option<BlockHash>,
}

/// A server on a free port of 127.0.0.1. It ends when it is dropped.
pub struct Core {
    address: SocketAddr,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

struct Shared {
    story: Story,
    mood: Mutex<Mood>,
    called: Mutex<Vec<(String, Value)>>,
}

type Refused = (i64, &'static str);

impl Core {
    /// Starts a server that tells this story.
    ///
    /// # Panics
    /// When 127.0.0.1 has no free port.
    pub async fn start(story: Story) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port on 127.0.0.1");
        let address = listener.local_addr().expect("a bound socket has an address");
        let shared = Arc::new(Shared { story, mood: Mutex::default(), called: Mutex::default() });
        let routes = Router::new().fallback(routing::post(answer)).with_state(Arc::clone(&shared));
        let server = tokio::spawn(async move {
            axum::serve(listener, routes).await.expect("a listener that stays");
        });
        Self { address, shared, server }
    }

    /// Where it is called, without user and password.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Who may call it.
    pub const fn credentials(&self) -> (&'static str, &'static str) {
        CREDENTIALS
    }

    /// Changes how it is.
    pub fn mood(&self) -> MutexGuard<'_, Mood> {
        self.shared.mood()
    }

    /// The calls of a method so far: their parameters.
    pub fn calls(&self, method: &str) -> Vec<Value> {
        let called = self.shared.called.lock().unwrap_or_else(PoisonError::into_inner);
        called.iter().filter(|(name, _)| name == method).map(|(_, params)| params.clone()).collect()
    }
}

impl Drop for Core {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn answer(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if authorization != Some(AUTHORIZATION) {
        let asks = [(header::WWW_AUTHENTICATE, "Basic realm=\"jsonrpc\"")];
        return (StatusCode::UNAUTHORIZED, asks).into_response();
    }
    let request: Value = serde_json::from_slice(&body).expect("a request in JSON");
    let json = [(header::CONTENT_TYPE, "application/json")];
    if let Some(calls) = request.as_array() {
        let answers: Vec<Value> = calls.iter().map(|call| reply(call, shared.call(call))).collect();
        return (json, Value::Array(answers).to_string()).into_response();
    }
    let answered = shared.call(&request);
    let status = match &answered {
        Err((METHOD_NOT_FOUND, _)) if shared.mood().old_statuses => StatusCode::NOT_FOUND,
        Err(_) if shared.mood().old_statuses => StatusCode::INTERNAL_SERVER_ERROR,
        Ok(_) | Err(_) => StatusCode::OK,
    };
    (status, json, reply(&request, answered).to_string()).into_response()
}

fn reply(call: &Value, answered: Result<Value, Refused>) -> Value {
    match answered {
        Ok(result) => json!({"result": result, "error": null, "id": call["id"]}),
        Err((code, message)) => {
            json!({"result": null, "error": {"code": code, "message": message}, "id": call["id"]})
        }
    }
}

impl Shared {
    fn mood(&self) -> MutexGuard<'_, Mood> {
        self.mood.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn call(&self, call: &Value) -> Result<Value, Refused> {
        let (method, params) = (call["method"].as_str().unwrap_or_default(), &call["params"]);
        let note = (method.to_owned(), params.clone());
        self.called.lock().unwrap_or_else(PoisonError::into_inner).push(note);
        let mood = self.mood().clone();
        if let Some(words) = mood.warming_up {
            return Err((IN_WARMUP, words));
        }
        if mood.without == Some(method) {
            return Err((METHOD_NOT_FOUND, "Method not found"));
        }
        match method {
            "getblockchaininfo" => Ok(self.chain_info(&mood)),
            "getblockhash" => self.block_hash(params),
            "getblockheader" => self.header(params),
            "getblock" => self.block(params, &mood),
            "getbestblockhash" => Ok(json!(self.newest(&mood).to_string())),
            "getmempoolinfo" => Ok(self.pool_info(&mood)),
            "getrawmempool" => {
                let waiting = self.story.waiting();
                Ok(waiting.iter().map(|one| one.compute_txid().to_string()).collect())
            }
            "getrawtransaction" => self.transaction(params),
            _ => Err((METHOD_NOT_FOUND, "Method not found")),
        }
    }

    fn newest(&self, mood: &Mood) -> BlockHash {
        mood.newest.unwrap_or_else(|| self.story.newest().block_hash())
    }

    fn chain_info(&self, mood: &Mood) -> Value {
        let height = self.story.height();
        let newest = self.story.newest();
        let mut info = json!({
            "chain": "regtest",
            "blocks": height,
            "headers": mood.fetching.unwrap_or(height),
            "bestblockhash": newest.block_hash().to_string(),
            "bits": "207fffff",
            "difficulty": 4.656_542_373_906_925e-10,
            "time": newest.header.time,
            "mediantime": newest.header.time,
            "verificationprogress": 1,
            "initialblockdownload": mood.fetching.is_some(),
            "chainwork": "0000000000000000000000000000000000000000000000000000000000000004",
            "size_on_disk": 586,
            "pruned": mood.pruned_below.is_some(),
            "warnings": [],
        });
        if let Some(oldest) = mood.pruned_below {
            info["pruneheight"] = json!(oldest);
            info["automatic_pruning"] = json!(true);
        }
        info
    }

    fn block_hash(&self, params: &Value) -> Result<Value, Refused> {
        let height = params[0].as_u64().ok_or((TYPE_ERROR, "JSON value is not an integer as expected"))?;
        let block = self.story.block_at(height).ok_or((INVALID_PARAMETER, "Block height out of range"))?;
        Ok(json!(block.block_hash().to_string()))
    }

    fn header(&self, params: &Value) -> Result<Value, Refused> {
        let hash = hash(&params[0])?;
        let (block, _) = self.story.block(hash).ok_or((INVALID_ADDRESS_OR_KEY, "Block not found"))?;
        // Of a header a flag is asked for, and not a number.
        match params[1].as_bool() {
            Some(false) => Ok(json!(serialize_hex(&block.header))),
            Some(true) => Ok(json!({"hash": hash.to_string(), "time": block.header.time})),
            None => Err((TYPE_ERROR, "JSON value of type number is not of expected type bool")),
        }
    }

    fn block(&self, params: &Value, mood: &Mood) -> Result<Value, Refused> {
        let hash = hash(&params[0])?;
        let (block, height) = self.story.block(hash).ok_or((INVALID_ADDRESS_OR_KEY, "Block not found"))?;
        if mood.pruned_below.zip(height).is_some_and(|(oldest, height)| height < oldest) {
            return Err((MISC_ERROR, "Block not available (pruned data)"));
        }
        match params[1].as_u64().or_else(|| params[1].as_bool().map(u64::from)) {
            Some(0) => Ok(json!(serialize_hex(&block))),
            _ => Ok(json!({"hash": hash.to_string(), "height": height, "nTx": block.txdata.len()})),
        }
    }

    fn pool_info(&self, mood: &Mood) -> Value {
        let waiting = self.story.waiting();
        let bytes: usize = waiting.iter().map(|one| serialize(one).len()).sum();
        json!({
            "loaded": !mood.pool_unread,
            "size": waiting.len(),
            "bytes": bytes,
            "usage": bytes * 4,
            "total_fee": 0.0001,
            "maxmempool": 300_000_000,
            "mempoolminfee": 0.00001,
            "minrelaytxfee": 0.00001,
            "incrementalrelayfee": 0.00001,
            "unbroadcastcount": 0,
            "fullrbf": true,
        })
    }

    /// Without an index of all transactions only those are known that wait.
    fn transaction(&self, params: &Value) -> Result<Value, Refused> {
        let unknown = "No such mempool transaction. Use -txindex or provide a block hash to enable blockchain \
                       transaction queries. Use gettransaction for wallet transactions.";
        let id = params[0].as_str().and_then(|text| Txid::from_str(text).ok());
        let id = id.ok_or((INVALID_PARAMETER, "parameter 1 must be of length 64"))?;
        let waiting = self.story.waiting();
        let found = waiting.iter().find(|one| one.compute_txid() == id);
        found.map(|one| json!(serialize_hex(one))).ok_or((INVALID_ADDRESS_OR_KEY, unknown))
    }
}

fn hash(value: &Value) -> Result<BlockHash, Refused> {
    let hash = value.as_str().and_then(|text| BlockHash::from_str(text).ok());
    hash.ok_or((INVALID_PARAMETER, "blockhash must be of length 64"))
}
