//! The binary with two shops: one that everything is tried on, and another one.

use std::sync::Arc;

use dialects::alpha::Alpha;
use domain::{
    delivery::TargetJudge,
    dialect::Dialect,
    id::ShopId,
    merchant::{Environment, KeyKind},
    rates::RatePolicy,
};
use engine::{Engine, Setup, credentials::CreateCredential, seal::Keyring};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;
use store::{Settings, Store};
use testkit::{
    clock::{HandClock, START, Seeded},
    gateway::MASTER_KEY,
    lookalike::Lookalike,
    merchant::Merchant,
    overpaid::overpaid,
    process::{Launch, Process},
};

/// No limit on how often a stranger may try: each is to hear why, and not that it was too often.
const LIMITS: &str = "[limits]\nrequests_per_minute = 0\n[dialects.alpha]\ncheckout_requests_per_minute = 0\n\
                      failed_authentications_per_minute = 0\n\
                      [dialects.alphapo]\nfailed_authentications_per_minute = 0\n";

/// A gateway that runs, and who has to do with it.
pub(crate) struct House {
    pub(crate) launch: Launch,
    pub(crate) process: Process,
    /// Takes callbacks.
    pub(crate) merchant: Merchant,
    /// Anybody.
    pub(crate) stranger: Client,
    operator: Client,
    /// The shop that everything is tried on.
    pub(crate) ours: Shop,
    /// Keys to it that look as those of our dialects do, and were made for others: by the name of ours.
    pub(crate) foreign: Vec<(String, Key)>,
    /// Another one on the same gateway.
    pub(crate) other: Shop,
}

/// A shop.
pub(crate) struct Shop {
    pub(crate) id: String,
    /// Its keys, by dialect.
    pub(crate) keys: Vec<(String, Key)>,
}

/// A key.
#[derive(Clone)]
pub(crate) struct Key {
    pub(crate) text: String,
    /// What its holder signs with; `None` where the key itself is the proof.
    pub(crate) secret: Option<String>,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Where it leads.
    pub(crate) location: Option<String>,
    pub(crate) text: String,
}

impl Answer {
    /// The answer to a request.
    pub(crate) async fn to(request: RequestBuilder) -> Self {
        let response = request.send().await.expect("an answer");
        let status = response.status().as_u16();
        let location = response.headers().get("location").and_then(|value| value.to_str().ok());
        let location = location.map(str::to_owned);
        Self { status, location, text: response.text().await.expect("a body") }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    pub(crate) const fn is_good(&self) -> bool {
        self.status >= 200 && self.status < 300
    }
}

impl House {
    pub(crate) async fn open() -> Self {
        outbound::install_crypto();
        let config = format!("{LIMITS}[secrets]\nmaster_key = \"{MASTER_KEY}\"\n");
        let launch = Launch::new(env!("CARGO_BIN_EXE_tillgate")).config(&config);
        launch.start().await.stop().await;
        let ours = launch.demo()["shop_id"].as_str().expect("an id").to_owned();
        let foreign = foreign_keys(&launch, &ours).await;
        overpaid(launch.data_dir().join("tillgate.db"), Arc::new(Alpha)).await;
        let process = launch.start().await;
        let made = launch.json(&["shop", "create", "--name", "Kiosk"]).await;
        let other = made["id"].as_str().expect("an id").to_owned();
        let client = || Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
        let socket = launch.data_dir().join("operator.sock");
        Self {
            ours: Shop::open(&launch, ours).await,
            other: Shop::open(&launch, other).await,
            foreign,
            merchant: Merchant::start().await,
            stranger: client().build().expect("a client"),
            operator: client().unix_socket(socket).build().expect("a client"),
            launch,
            process,
        }
    }

    /// A request at the operator's socket.
    pub(crate) fn at_the_socket(&self, method: Method, path: &str, body: Option<&Value>) -> RequestBuilder {
        with(self.operator.request(method, format!("http://localhost{path}")), body)
    }

    /// A request over TCP, with nothing that says who sends it.
    pub(crate) fn over_tcp(&self, method: Method, path: &str, body: Option<&Value>) -> RequestBuilder {
        with(self.stranger.request(method, format!("{}{path}", self.process.url)), body)
    }

    /// What the operator is told, which must be good.
    pub(crate) async fn operator(&self, method: Method, path: &str, body: Option<&Value>) -> Value {
        let answer = Answer::to(self.at_the_socket(method.clone(), path, body)).await;
        assert!(answer.is_good(), "{method} {path}: {answer:?}");
        answer.json()
    }
}

fn with(request: RequestBuilder, body: Option<&Value>) -> RequestBuilder {
    match body {
        Some(body) => request.json(body),
        None => request,
    }
}

impl Shop {
    /// The shop with this id, and a new key in every dialect.
    async fn open(launch: &Launch, id: String) -> Self {
        let mut keys = Vec::new();
        for dialect in dialects::all() {
            let name = dialect.name().to_string();
            let issued = launch.json(&["credential", "create", "--shop", &id, "--dialect", &name]).await;
            let sample = dialect.issue(KeyKind::Secret, Environment::Test, &[0; 32]);
            let text = |field: &str| issued[field].as_str().expect("a text that is shown once").to_owned();
            keys.push((
                name,
                Key { text: text(sample.field), secret: sample.secret.map(|it| text(it.field)) },
            ));
        }
        Self { id, keys }
    }

    /// Its key in this dialect.
    pub(crate) fn key(&self, dialect: &str) -> &Key {
        of(&self.keys, dialect)
    }
}

/// What belongs to this dialect.
pub(crate) fn of<'k>(keys: &'k [(String, Key)], dialect: &str) -> &'k Key {
    let found = keys.iter().find(|(name, _)| name == dialect);
    found.map_or_else(|| panic!("no key of {dialect}"), |(_, key)| key)
}

/// Lets callbacks go nowhere.
struct Nowhere;

impl TargetJudge for Nowhere {
    fn allows(&self, _url: &str) -> bool {
        false
    }
}

/// Makes keys to a shop of a gateway that does not run, each for a dialect that looks like one of ours.
async fn foreign_keys(launch: &Launch, shop: &str) -> Vec<(String, Key)> {
    let settings = Settings::Sqlite { path: launch.data_dir().join("tillgate.db"), readers: 1 };
    let store = Store::open(&settings, Arc::new(HandClock::new(START)), Arc::new(Seeded::new(3)));
    let looking_alike = |dialect| Arc::new(Lookalike::of(dialect)) as Arc<dyn Dialect>;
    let setup = Setup {
        environment: Environment::Test,
        networks: Vec::new(),
        dialects: dialects::all().into_iter().map(looking_alike).collect(),
        targets: Arc::new(Nowhere),
        keyring: Keyring::parse(MASTER_KEY).expect("a master key"),
        pinned_keys: Vec::new(),
        rates: RatePolicy::Table,
        clock: Arc::new(HandClock::new(START)),
        entropy: Arc::new(Seeded::new(4)),
    };
    let engine = Engine::open(store.expect("a database"), setup).await.expect("an engine");
    let shop: ShopId = operator::ids::read(shop).expect("an id");
    let mut keys = Vec::new();
    for dialect in dialects::all() {
        let command = CreateCredential {
            shop,
            dialect: Lookalike::of(Arc::clone(&dialect)).name(),
            kind: KeyKind::Secret,
            scopes: Vec::new(),
            allowed_ips: Vec::new(),
            expires_at: None,
        };
        let (_, issued) = engine.create_credential(command).await.expect("a credential");
        let secret = issued.secret.map(|secret| secret.text);
        keys.push((dialect.name().to_string(), Key { text: issued.text, secret }));
    }
    keys
}
