//! A real Ethereum node, for tests: anvil, which mines when it is told to, and reorganises its chain on demand.
//!
//! The program comes from npm, pinned in `tools/npm`. Every wait is bounded by [`PATIENCE`]; a call that the node
//! refuses fails the test with the node's words.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, SystemTime},
};

use reqwest::Client;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, ChildStdout, Command},
    time,
};

mod contract;
mod front;

pub use contract::{Contract, Word, word};
pub use front::Front;

/// How long a test waits for the node, in whatever it does.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// The chain id of every node that is started here.
pub const CHAIN_ID: u64 = 31_337;

/// Gas that is offered for a call, so that the node does not have to guess and refuse what will be reverted.
const GAS: u64 = 400_000;

/// Gas that is offered for a new contract.
const GAS_FOR_CONTRACT: u64 = 2_000_000;

/// What the node prints before its address, once it takes calls.
const READY: &str = "Listening on ";

/// An account.
pub type Address = [u8; 20];

/// A node on a free port of 127.0.0.1, without any block but the first. It ends when it is dropped.
pub struct Anvil {
    /// The process is killed when its handle is dropped.
    child: Child,
    address: SocketAddr,
    http: Client,
    accounts: Vec<Address>,
    reorganisations: AtomicU64,
}

/// All that a node knew: its blocks, and who owned what.
#[derive(Clone)]
pub struct State {
    known: Value,
    /// The time of the first block, which is made anew from it: another time would make it another chain.
    first: u64,
}

impl Anvil {
    /// Starts a node.
    ///
    /// # Panics
    /// When the program is not installed, or does not get ready.
    pub async fn start() -> Self {
        Self::start_with(None).await
    }

    /// Starts a node whose clock is this far behind the machine's, and stays so: its blocks state old times.
    ///
    /// # Panics
    /// When the program is not installed, or does not get ready.
    #[expect(
        clippy::disallowed_methods,
        reason = "the node is started with a time, and follows the machine's clock"
    )]
    pub async fn start_behind(by: Duration) -> Self {
        let first = SystemTime::now().checked_sub(by).expect("a time after 1970");
        let first = first.duration_since(SystemTime::UNIX_EPOCH).expect("a time after 1970");
        Self::start_with(Some(first.as_secs())).await
    }

    async fn start_with(first: Option<u64>) -> Self {
        let (child, address) = spawn(0, first).await;
        let (http, accounts, reorganisations) = (client(), Vec::new(), AtomicU64::default());
        let mut node = Self { child, address, http, accounts, reorganisations };
        let accounts = node.call("eth_accounts", json!([])).await;
        node.accounts = serde_json::from_value::<Vec<String>>(accounts)
            .expect("a list of accounts")
            .iter()
            .map(|text| address_of(text))
            .collect();
        node
    }

    /// Where it is called.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Accounts that own 10,000 coins each and for which the node signs.
    pub fn accounts(&self) -> &[Address] {
        &self.accounts
    }

    /// The result of a call.
    ///
    /// # Panics
    /// When the node refuses it.
    pub async fn call(&self, method: &str, params: Value) -> Value {
        let call = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        let mut answer: Value = post(&self.http, &self.url(), &call).await;
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].take()
    }

    /// Mines this many blocks. The first one takes the transactions that wait.
    pub async fn mine(&self, blocks: u64) {
        self.call("anvil_mine", json!([blocks])).await;
    }

    /// The height of the newest block.
    pub async fn height(&self) -> u64 {
        number(&self.call("eth_blockNumber", json!([])).await)
    }

    /// The hash of the block at this height.
    pub async fn hash(&self, height: u64) -> String {
        let block = self.call("eth_getBlockByNumber", json!([format!("{height:#x}"), false])).await;
        text(&block["hash"])
    }

    /// The next block states this time, in seconds since 1970.
    pub async fn set_next_time(&self, seconds: i64) {
        self.call("evm_setNextBlockTimestamp", json!([seconds])).await;
    }

    /// Sends coins from one of the node's accounts. The transaction waits to be mined.
    pub async fn send(&self, from: Address, to: Address, wei: u128) -> String {
        self.transact(json!({"from": hex(from), "to": hex(to), "value": format!("{wei:#x}")}), GAS).await
    }

    /// Calls a contract from one of the node's accounts; `data` is of [`Contract`]'s making. The transaction waits to
    /// be mined.
    pub async fn invoke(&self, from: Address, contract: Address, data: Vec<u8>, wei: u128) -> String {
        let value = format!("{wei:#x}");
        let call = json!({"from": hex(from), "to": hex(contract), "data": hex(data), "value": value});
        self.transact(call, GAS).await
    }

    /// Sends tokens from one of the node's accounts. The transaction waits to be mined.
    pub async fn send_token(&self, token: Address, from: Address, to: Address, amount: u128) -> String {
        self.invoke(from, token, Contract::transfer(to, word(amount)), 0).await
    }

    /// Puts a contract on the chain, in a block of its own.
    ///
    /// # Panics
    /// When it cannot be made.
    pub async fn deploy(&self, from: Address, contract: Contract) -> Address {
        let call = json!({"from": hex(from), "data": hex(contract.creation())});
        let transaction = self.transact(call, GAS_FOR_CONTRACT).await;
        self.mine(1).await;
        let receipt = self.call("eth_getTransactionReceipt", json!([transaction])).await;
        assert_eq!(receipt["status"], "0x1", "the contract cannot be made: {receipt}");
        address_of(&text(&receipt["contractAddress"]))
    }

    /// A transaction as it was signed, to be mined again by [`Anvil::reorganise`].
    pub async fn signed(&self, transaction: &str) -> String {
        text(&self.call("eth_getRawTransactionByHash", json!([transaction])).await)
    }

    /// Replaces the newest `depth` blocks by others; the height stays. Their transactions are gone, but for `again`:
    /// signed ones, each with the replaced block that it goes into, from 0.
    pub async fn reorganise(&self, depth: u64, again: &[(String, u64)]) {
        // Blocks of the same content, made in the same second, would be the same blocks. A payment that was never made
        // before makes the first of them another one, and with it all that follow.
        let count = self.reorganisations.fetch_add(1, Ordering::Relaxed);
        let payer = self.accounts.last().copied().map(hex);
        let (gas, value) = (format!("{GAS:#x}"), format!("{count:#x}"));
        let filler = json!([{"from": payer, "to": payer, "gas": gas, "value": value}, 0]);
        let transactions: Vec<_> = again.iter().map(|one| json!(one)).chain([filler]).collect();
        self.call("anvil_reorg", json!([depth, transactions])).await;
    }

    /// Takes the newest `depth` blocks away.
    pub async fn roll_back(&self, depth: u64) {
        self.call("anvil_rollback", json!([depth])).await;
    }

    /// The coins of an account.
    pub async fn balance(&self, account: Address) -> u128 {
        number(&self.call("eth_getBalance", json!([hex(account), "latest"])).await)
    }

    /// The tokens of an account.
    pub async fn token_balance(&self, token: Address, account: Address) -> u128 {
        let call = json!({"to": hex(token), "data": hex(Contract::balance_of(account))});
        number(&self.call("eth_call", json!([call, "latest"])).await)
    }

    /// All that the node knows, to start again with.
    pub async fn dump(&self) -> State {
        let known = self.call("anvil_dumpState", json!([true])).await;
        let first = self.call("eth_getBlockByNumber", json!(["0x0", false])).await;
        State { known, first: number(&first["timestamp"]) }
    }

    /// Kills the node, and starts another one on the same port with what was known at `state`.
    ///
    /// # Panics
    /// When the program does not get ready again.
    pub async fn restart(&mut self, state: &State) {
        self.stop().await;
        (self.child, self.address) = spawn(self.address.port(), Some(state.first)).await;
        self.call("anvil_loadState", json!([state.known])).await;
    }

    /// Kills the node. Its port refuses connections from here on.
    ///
    /// # Panics
    /// When it cannot be killed.
    pub async fn stop(&mut self) {
        self.child.kill().await.expect("the node is ours to kill");
    }

    async fn transact(&self, mut transaction: Value, gas: u64) -> String {
        transaction["gas"] = Value::String(format!("{gas:#x}"));
        text(&self.call("eth_sendTransaction", json!([transaction])).await)
    }
}

/// Starts the program, and waits until it says where it listens. Its first block states the time `first`, in seconds
/// since 1970, or else that of the start.
async fn spawn(port: u16, first: Option<u64>) -> (Child, SocketAddr) {
    let program = program();
    let mut child = Command::new(&program)
        .args(["--host", "127.0.0.1", "--port", &port.to_string(), "--chain-id", &CHAIN_ID.to_string()])
        .args(["--no-mining", "--order", "fifo", "--slots-in-an-epoch", "1"])
        .args(first.into_iter().flat_map(|first| ["--timestamp".to_owned(), first.to_string()]))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap_or_else(|error| panic!("{} cannot be started: {error}", program.display()));
    let stdout = child.stdout.take().expect("its output is piped");
    let address = time::timeout(PATIENCE, ready(stdout)).await;
    (child, address.unwrap_or_else(|_| panic!("waited {PATIENCE:?} in vain until anvil listens")))
}

/// Reads what the program prints until it says where it listens. What it prints after that is read too, lest it wait
/// for a reader.
async fn ready(stdout: ChildStdout) -> SocketAddr {
    let mut lines = BufReader::new(stdout).lines();
    while let Some(line) = lines.next_line().await.expect("anvil prints text") {
        if let Some(address) = line.strip_prefix(READY) {
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return address.trim().parse().expect("an address and a port");
        }
    }
    panic!("anvil ended before it listened")
}

/// Where the program is.
fn program() -> PathBuf {
    let architecture = match std::env::consts::ARCH {
        "aarch64" => "arm64",
        _ => "amd64",
    };
    let system = match std::env::consts::OS {
        "macos" => "darwin",
        system => system,
    };
    let package = format!("@foundry-rs/anvil-{system}-{architecture}");
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tools/npm");
    let program = tools.join("node_modules").join(&package).join("bin/anvil");
    assert!(
        program.exists(),
        "anvil is not installed: run `npm ci --ignore-scripts --prefix tools/npm` at the root of the repository; \
         its lock knows Linux on amd64 only, so elsewhere also run \
         `npm install --no-save --prefix tools/npm {package}@1.7.1`"
    );
    program
}

fn client() -> Client {
    // The error says that the process has a provider already, which is what is wanted.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .no_proxy()
        .tls_certs_only([])
        .timeout(PATIENCE)
        .build()
        .expect("a client without certificates")
}

async fn post(http: &Client, url: &str, body: &Value) -> Value {
    let response = http.post(url).json(body).send().await.expect("the node answers");
    response.json().await.expect("the node answers in JSON")
}

fn hex(bytes: impl AsRef<[u8]>) -> String {
    const_hex::encode_prefixed(bytes)
}

fn address_of(text: &str) -> Address {
    const_hex::decode_to_array(text).expect("an address")
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("text, not {value}")).to_owned()
}

fn number<N: TryFrom<u128>>(value: &Value) -> N {
    let text = text(value);
    let number = u128::from_str_radix(text.trim_start_matches("0x"), 16).ok();
    number.and_then(|number| N::try_from(number).ok()).unwrap_or_else(|| panic!("a number, not {text}"))
}
