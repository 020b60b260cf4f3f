//! A real Bitcoin node: bcoin from npm, pinned in `tools/npm`. Every wait is bounded by [`PATIENCE`]; a call that the
//! node refuses fails the test with the node's words.
//!
//! Three things have to be known to run it: a newer `leveldown` than it asks for, which `tools/npm/package.json` says;
//! no install scripts; and `NODE_BACKEND=js`.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use bitcoin::{
    Script, Transaction, Txid, WitnessProgram,
    bech32::{Hrp, segwit},
    consensus::encode::serialize_hex,
};
use reqwest::Client;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, ChildStdout, Command},
    time,
};

use super::nobody;
use crate::process::free_port;

/// How long a test waits for the node, in whatever it does.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// How long between two looks at what the node has not done yet.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// What the node prints once it takes calls.
const READY: &str = "Node is loaded.";

/// What its addresses begin with; those of Bitcoin Core begin with `bcrt`.
const PREFIX: &str = "rb";

/// The password, and the user, whose name it does not look at.
const KEY: &str = "k3y-of-the-test-node";
const USER: &str = "till";

/// Blocks that make a new chain one on which segwit is in force.
const SEGWIT_FROM: u64 = 440;

/// A node on a port of 127.0.0.1. It ends when it is dropped.
pub struct Bcoin {
    /// The process is killed when its handle is dropped.
    child: Child,
    port: u16,
    http: Client,
    /// What it insists on keeping on the disk; removed with it.
    folder: TempDir,
}

impl Bcoin {
    /// A node whose chain has its first block only.
    ///
    /// # Panics
    /// When the program is not installed, or does not get ready.
    pub async fn start() -> Self {
        // The error says that the process has a provider already, which is what is wanted.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = Client::builder().no_proxy().tls_certs_only([]).timeout(PATIENCE);
        let http = http.build().expect("a client without certificates");
        let (port, folder) = (free_port(), tempfile::tempdir().expect("a folder"));
        let child = spawn(port, folder.path()).await;
        Self { child, port, http, folder }
    }

    /// A node on whose chain segwit is in force, and whose coins are this script's.
    ///
    /// # Panics
    /// As [`Bcoin::start`].
    pub async fn start_with_segwit(miner: &Script) -> Self {
        let node = Self::start().await;
        node.mine_to(miner, SEGWIT_FROM).await;
        node
    }

    /// Where it is called, without user and password.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Who may call it.
    pub const fn credentials(&self) -> (&'static str, &'static str) {
        (USER, KEY)
    }

    /// The result of a call.
    ///
    /// # Panics
    /// When the node refuses it.
    pub async fn call(&self, method: &str, params: Value) -> Value {
        let called = self.try_call(method, params).await;
        called.unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    /// The result of a call, or the node's error.
    ///
    /// # Errors
    /// What the node says.
    ///
    /// # Panics
    /// When it does not answer.
    pub async fn try_call(&self, method: &str, params: Value) -> Result<Value, Value> {
        let mut answer = self.post(json!({"id": 1, "method": method, "params": params})).await;
        if answer["error"].is_null() { Ok(answer["result"].take()) } else { Err(answer["error"].take()) }
    }

    /// The results of one method for these parameters, in one request.
    async fn call_all(&self, method: &str, params: impl IntoIterator<Item = Value>) -> Vec<Value> {
        let call = |(id, params)| json!({"id": id, "method": method, "params": params});
        let calls: Vec<Value> = params.into_iter().enumerate().map(call).collect();
        let mut answers = self.post(Value::Array(calls)).await;
        let answers = answers.as_array_mut().expect("a list of answers");
        answers.sort_by_key(|answer| answer["id"].as_u64());
        answers.iter_mut().map(|answer| answer["result"].take()).collect()
    }

    async fn post(&self, body: Value) -> Value {
        let request = self.http.post(self.url()).basic_auth(USER, Some(KEY)).json(&body);
        let response = request.send().await.expect("the node answers");
        response.json().await.expect("the node answers in JSON")
    }

    /// Mines this many blocks, whose new coins are nobody's. The first one takes the transactions that wait.
    pub async fn mine(&self, blocks: u64) {
        self.mine_to(&nobody(), blocks).await;
    }

    /// Mines this many blocks, whose new coins are this script's; their hashes.
    ///
    /// # Panics
    /// For a script without an address.
    pub async fn mine_to(&self, miner: &Script, blocks: u64) -> Vec<String> {
        let hashes = self.call("generatetoaddress", json!([blocks, address(miner)])).await;
        hashes.as_array().expect("a list of hashes").iter().map(text).collect()
    }

    /// The height of the newest block.
    ///
    /// # Panics
    /// When it is no number.
    pub async fn height(&self) -> u64 {
        self.call("getblockcount", json!([])).await.as_u64().expect("a height")
    }

    /// The hash of the block at this height.
    pub async fn hash(&self, height: u64) -> String {
        text(&self.call("getblockhash", json!([height])).await)
    }

    /// Sends a transaction, and waits until it waits to be mined: the node answers before it looks at it.
    ///
    /// # Panics
    /// When the node does not take it.
    pub async fn send(&self, transaction: &Transaction) -> Txid {
        let id = transaction.compute_txid();
        self.call("sendrawtransaction", json!([serialize_hex(transaction)])).await;
        let mut looks = time::interval(LOOK_EVERY);
        let admitted = async {
            loop {
                looks.tick().await;
                if self.waits(id).await {
                    return;
                }
            }
        };
        let admitted = time::timeout(PATIENCE, admitted).await;
        admitted.unwrap_or_else(|_| panic!("waited {PATIENCE:?} in vain until {id} waits to be mined"));
        id
    }

    /// Whether a transaction waits to be mined.
    ///
    /// # Panics
    /// When the node does not answer as it should.
    pub async fn waits(&self, id: Txid) -> bool {
        let listed = self.call("getrawmempool", json!([])).await;
        listed.as_array().expect("a list").iter().any(|listed| *listed == id.to_string())
    }

    /// Takes the newest `depth` blocks away, for good: the same ones are not taken again. What they held waits no more.
    pub async fn take_back(&self, depth: u64) {
        let first = self.hash(self.height().await + 1 - depth).await;
        self.call("invalidateblock", json!([first])).await;
    }

    /// Kills the node, and starts another one on the same port that is given all its blocks. What waited is forgotten.
    ///
    /// # Panics
    /// When the program does not get ready again, or does not take a block.
    pub async fn restart(&mut self) {
        let heights = (1..=self.height().await).map(|height| json!([height]));
        let hashes = self.call_all("getblockhash", heights).await;
        let blocks = self.call_all("getblock", hashes.into_iter().map(|hash| json!([hash, 0]))).await;
        self.stop().await;
        self.child = spawn(self.port, self.folder.path()).await;
        let refused = self.call_all("submitblock", blocks.into_iter().map(|block| json!([block]))).await;
        assert!(refused.iter().all(Value::is_null), "blocks that were taken before: {refused:?}");
    }

    /// Kills the node. Its port refuses connections from here on.
    ///
    /// # Panics
    /// When it cannot be killed.
    pub async fn stop(&mut self) {
        self.child.kill().await.expect("the node is ours to kill");
    }
}

async fn spawn(port: u16, folder: &Path) -> Child {
    let program = program();
    let mut child = Command::new("node")
        .env("NODE_BACKEND", "js")
        .arg(&program)
        .args(["--network=regtest", "--memory=true", "--listen=false", "--no-dns=true"])
        .args(["--no-wallet=true", "--use-workers=false", "--log-level=info", "--http-host=127.0.0.1"])
        .arg(format!("--prefix={}", folder.display()))
        .arg(format!("--http-port={port}"))
        .arg(format!("--api-key={KEY}"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap_or_else(|error| panic!("{} cannot be started: {error}", program.display()));
    let stdout = child.stdout.take().expect("its output is piped");
    let is_ready = time::timeout(PATIENCE, ready(stdout)).await;
    is_ready.unwrap_or_else(|_| panic!("waited {PATIENCE:?} in vain until bcoin is ready"));
    child
}

/// Reads what the program prints until it is ready. What it prints after that is read too, lest it wait for a reader.
async fn ready(stdout: ChildStdout) {
    let mut lines = BufReader::new(stdout).lines();
    while let Some(line) = lines.next_line().await.expect("bcoin prints text") {
        if line.contains(READY) {
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return;
        }
    }
    panic!("bcoin ended before it was ready")
}

/// Where the program is.
fn program() -> PathBuf {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tools/npm");
    let program = tools.join("node_modules/bcoin/bin/node");
    assert!(
        program.exists(),
        "bcoin is not installed: run `npm ci --ignore-scripts --prefix tools/npm` at the root of the repository"
    );
    program
}

/// How the node writes the address of a script with a witness program.
fn address(script: &Script) -> String {
    let version = script.witness_version().expect("a witness program");
    let program = WitnessProgram::new(version, &script.as_bytes()[2..]).expect("a witness program");
    let prefix = Hrp::parse(PREFIX).expect("a prefix");
    segwit::encode(prefix, version.to_fe(), program.program().as_bytes()).expect("an address")
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("text, not {value}")).to_owned()
}
