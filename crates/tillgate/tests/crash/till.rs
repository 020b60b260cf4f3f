//! The gateway that the shop talks to: one process after the other on the same data.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use reqwest::{Client, RequestBuilder};
use rustix::process::Signal;
use serde_json::{Value, json};
use store::Store;
use testkit::process::{Launch, PATIENCE, Process};
use tokio::{sync::watch, time};

use crate::database::Database;

/// Where the gateway is, over all its lives.
pub(crate) struct Till {
    launch: Launch,
    secret_key: String,
    database: Database,
    /// Whether it may refuse what it cannot take now.
    may_refuse: AtomicBool,
    /// Which lives were ended, or are about to be: what is broken off by another one is a fault.
    killed: AtomicU64,
    life: watch::Sender<Life>,
}

/// One life of the gateway, and the way to it.
#[derive(Clone)]
pub(crate) struct Life {
    /// Which one: 1, 2, 3.
    pub(crate) number: u64,
    url: String,
    secret_key: String,
    /// Each life has clients of its own, so that no connection outlives it.
    shop: Client,
    operator: Client,
}

/// An answer that came whole.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) replayed: bool,
    /// Whether it names a time to ask again.
    pub(crate) names_a_time: bool,
    pub(crate) body: String,
}

/// The gateway was killed before all of the answer had come.
pub(crate) struct Lost;

impl Till {
    /// The till of a shop with this key. Its gateway is not started yet.
    pub(crate) fn new(launch: Launch, database: Database, secret_key: String) -> Self {
        let life = Life {
            number: 0,
            url: String::new(),
            secret_key: secret_key.clone(),
            shop: Client::new(),
            operator: Client::new(),
        };
        let life = watch::Sender::new(life);
        let (may_refuse, killed) = (AtomicBool::new(false), AtomicU64::new(0));
        Self { launch, secret_key, database, may_refuse, killed, life }
    }

    /// How the gateway is launched.
    pub(crate) const fn launch(&self) -> &Launch {
        &self.launch
    }

    /// What its last life left behind.
    pub(crate) fn left_behind(&self) -> Store {
        self.database.open(&self.launch)
    }

    /// Begins its next life.
    pub(crate) async fn start(&self) -> Process {
        self.start_under(&[]).await
    }

    /// Begins its next life as the last words of another command.
    pub(crate) async fn start_under(&self, words: &[&str]) -> Process {
        let process = self.launch.start_under(words).await;
        let client = || Client::builder().no_proxy();
        let socket = self.launch.data_dir().join("operator.sock");
        self.life.send_modify(|life| {
            *life = Life {
                number: life.number + 1,
                url: process.url.clone(),
                secret_key: self.secret_key.clone(),
                shop: client().build().expect("a client"),
                operator: client().unix_socket(socket).build().expect("a client"),
            };
        });
        process
    }

    /// Ends a life at once. It is gone once [`Process::ended`] says so.
    pub(crate) fn kill(&self, process: &Process) {
        self.expect_end();
        process.signal(Signal::KILL);
    }

    /// From now on this life may end at any moment.
    pub(crate) fn expect_end(&self) {
        self.killed.store(self.life().number, Ordering::SeqCst);
    }

    /// From now on it may refuse what it cannot take.
    pub(crate) fn expect_refusals(&self) {
        self.may_refuse.store(true, Ordering::SeqCst);
    }

    /// Whether an answer is a refusal until later, as it has to be; nothing else may be refused.
    pub(crate) fn is_refusal(&self, answer: &Answer, code: &str) -> bool {
        if answer.status != 503 || !self.may_refuse.load(Ordering::SeqCst) {
            return false;
        }
        let body: Value = serde_json::from_str(&answer.body).expect("a refusal is JSON");
        assert_eq!(body["error"]["code"], code, "{}", answer.body);
        assert!(answer.names_a_time, "{}", answer.body);
        true
    }

    /// Whether an answer leaves open what was done, as it may where a commit was lost. Nobody is told to repeat it.
    pub(crate) fn is_unsure(&self, answer: &Answer) -> bool {
        if answer.status != 503 || !self.may_refuse.load(Ordering::SeqCst) {
            return false;
        }
        let body: Value = serde_json::from_str(&answer.body).expect("a refusal is JSON");
        body["error"]["code"] == "outcome_unknown" && !answer.names_a_time
    }

    /// The life that is now, or was last.
    pub(crate) fn life(&self) -> Life {
        self.life.borrow().clone()
    }

    /// Waits for the life that follows.
    pub(crate) async fn life_after(&self, number: u64) -> Life {
        let mut lives = self.life.subscribe();
        let next = time::timeout(PATIENCE, lives.wait_for(|life| life.number > number)).await;
        next.expect("a gateway that comes back").expect("the till is there").clone()
    }

    /// Sends a request, and takes its answer whole or not at all.
    pub(crate) async fn ask(&self, life: &Life, request: RequestBuilder) -> Result<Answer, Lost> {
        let exchange = async {
            let response = request.send().await?;
            let status = response.status().as_u16();
            let replayed = response.headers().get("idempotent-replayed").is_some_and(|value| value == "true");
            let names_a_time = response.headers().contains_key("retry-after");
            Ok::<_, reqwest::Error>(Answer { status, replayed, names_a_time, body: response.text().await? })
        };
        let answer =
            time::timeout(PATIENCE, exchange).await.expect("an answer, or the end of the connection");
        answer.map_err(|error| {
            let killed = self.killed.load(Ordering::SeqCst);
            assert!(killed >= life.number, "a gateway that lives broke a request off: {error:?}");
            Lost
        })
    }
}

impl Life {
    /// A request for a payment under this key, which is its reference too. The same key asks for the same.
    pub(crate) fn create(&self, key: &str) -> RequestBuilder {
        let body = json!({
            "amount": amount(key),
            "currency": "USD",
            "reference": key,
            "success_url": "https://shop.example/s",
            "cancel_url": "https://shop.example/c",
        });
        let request = self.shop.post(format!("{}/v1/payments", self.url));
        request.bearer_auth(&self.secret_key).header("Idempotency-Key", key).json(&body)
    }

    /// A request to read what is at a path.
    pub(crate) fn read(&self, path: &str) -> RequestBuilder {
        self.shop.get(format!("{}/v1{path}", self.url)).bearer_auth(&self.secret_key)
    }

    /// A request to what belongs to no dialect.
    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.shop.get(format!("{}{path}", self.url))
    }

    /// The operator's order that exactly what is due arrives on this network: deep enough to be final, or waiting to
    /// be mined.
    pub(crate) fn pay(&self, payment: &str, network: &str, is_final: bool) -> RequestBuilder {
        let confirmations = if is_final { Value::Null } else { json!(0) };
        let order = json!({ "payment": payment, "network": network, "confirmations": confirmations });
        self.operator.post("http://localhost/operator/v1/simulate/pay").json(&order)
    }

    /// The operator's order that blocks are mined: what was sent before is so much deeper.
    pub(crate) fn mine(&self, network: &str, blocks: u32) -> RequestBuilder {
        let order = json!({ "network": network, "blocks": blocks });
        self.operator.post("http://localhost/operator/v1/simulate/mine").json(&order)
    }
}

/// What is asked for under a key: between 10 and 99 dollars.
pub(crate) fn amount(key: &str) -> String {
    let sum = key.bytes().fold(0_u64, |sum, byte| sum * 31 % 9_000 + u64::from(byte));
    format!("{}.{:02}", 10 + sum % 90, sum % 100)
}
