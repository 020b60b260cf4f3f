//! The gateway as it is when a seed begins: two shops with wallets, endpoints and rates. It is made once a process.

use std::{
    path::Path,
    sync::{Arc, OnceLock},
};

use domain::{
    chain::NetworkSpec,
    delivery::TargetJudge,
    id::{EndpointId, Entropy, ShopId},
    merchant::{Environment, KeyKind, Name},
    money::Rate,
    pair::Pair,
    rates::RatePolicy,
    refusal::Failure,
    time::Clock,
};
use engine::{
    Engine, Setup, credentials::CreateCredential, endpoints::CreateEndpoint, seal::Keyring,
    shops::CreateShop, wallets::SetWallet,
};
use store::{Probe, Settings, Store};
use testkit::{
    clock::{HandClock, START, Seeded},
    gateway::{MASTER_KEY, sandbox_networks},
    keyed::Keyed,
    plain::Plain,
};

use crate::exec::finish;

/// A gateway's database, and who is in it.
pub(crate) struct Template {
    pub(crate) bytes: Vec<u8>,
    pub(crate) shops: Vec<ShopId>,
    pub(crate) endpoints: Vec<(ShopId, EndpointId)>,
}

/// The network that is real as far as the engine knows.
pub(crate) const SCRIPTED: &str = "ethereum";

/// The key of an account that is nobody's.
const XPUB: &str = concat!(
    "xpub6CUGRUonZSQ4TWtTMmzXdrXDtypWKiKrhko4egpiMZbpiaQL2jkwSB1i",
    "cqYh2cfDfVxdx4df189oLKnC5fSwqPfgyP3hooxujYzAu3fDVmz"
);

/// Where the shops' servers are.
const URL: &str = "http://shop.example/";

struct Anywhere;

impl TargetJudge for Anywhere {
    fn allows(&self, _url: &str) -> bool {
        true
    }
}

/// What things are worth at the beginning.
pub(crate) fn rates() -> Vec<(Pair, Rate)> {
    let table =
        [("BTC/USD", "60000"), ("ETH/USD", "3000"), ("USDT/USD", "1"), ("EUR/USD", "1.25")].into_iter();
    table.filter_map(|(pair, rate)| Some((Pair::parse(pair).ok()?, Rate::parse(rate).ok()?))).collect()
}

fn networks() -> Vec<NetworkSpec> {
    let mut networks = sandbox_networks();
    networks.retain(|spec| spec.network.as_str() != "tron");
    for spec in &mut networks {
        spec.simulated = spec.network.as_str() != SCRIPTED;
    }
    networks
}

/// Opens the gateway whose database is at `path`.
pub(crate) fn open(
    path: &Path,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    probe: Option<&Arc<dyn Probe>>,
) -> Result<Engine, String> {
    let settings = Settings::Sqlite { path: path.to_owned(), readers: 1 };
    let store = Store::open_probed(&settings, Arc::clone(&clock), Arc::clone(&entropy), probe)
        .map_err(|error| error.to_string())?;
    let setup = Setup {
        environment: Environment::Test,
        networks: networks(),
        dialects: vec![Plain::dialect(), Keyed::dialect()],
        targets: Arc::new(Anywhere),
        keyring: Keyring::parse(MASTER_KEY).map_err(|error| error.to_string())?,
        pinned_keys: Vec::new(),
        rates: RatePolicy::Table,
        clock,
        entropy,
    };
    finish(Engine::open(store, setup)).map_err(|error| error.to_string())
}

/// The one template of this process.
///
/// # Panics
/// When it cannot be made.
#[expect(clippy::expect_used, reason = "a simulation that cannot begin has failed")]
pub(crate) fn template() -> &'static Template {
    static TEMPLATE: OnceLock<Template> = OnceLock::new();
    TEMPLATE.get_or_init(|| make().expect("a gateway to begin with"))
}

fn make() -> Result<Template, String> {
    let said = |failure: Failure| failure.to_string();
    let folder = folder()?;
    let path = folder.path().join("template.db");
    let engine = open(&path, Arc::new(HandClock::new(START)), Arc::new(Seeded::new(0)), None)?;
    finish(engine.set_fixed_rates(rates())).map_err(said)?;
    let (mut shops, mut endpoints) = (Vec::new(), Vec::new());
    for (name, subscriptions) in [("One", vec![vec![], vec!["paid", "orphaned"]]), ("Two", vec![vec![]])] {
        let name = Name::parse(name).map_err(|refusal| refusal.to_string())?;
        let shop = finish(engine.create_shop(CreateShop { name, merchant: None })).map_err(said)?.id;
        let plain = subscriptions.into_iter().map(|listens| (Plain::dialect_name(), listens));
        for (dialect, listens) in plain.chain([(Keyed::dialect_name(), vec![])]) {
            let subscriptions = listens.into_iter().map(str::to_owned).collect();
            let command = CreateEndpoint { shop, dialect, url: URL.to_owned(), subscriptions };
            endpoints.push((shop, finish(engine.create_endpoint(command)).map_err(said)?.0.id));
        }
        finish(engine.create_credential(signer(shop))).map_err(said)?;
        shops.push(shop);
    }
    let scripted = networks().into_iter().find(|spec| !spec.simulated).ok_or("no scripted network")?;
    let owner = *shops.first().ok_or("no shop")?;
    let wallet = SetWallet { shop: owner, network: scripted.network, xpub: XPUB.to_owned() };
    finish(engine.set_wallet(wallet)).map_err(said)?;
    finish(engine.fill_pools()).map_err(said)?;
    // The last one out moves the log into the file.
    drop(engine);
    let bytes = std::fs::read(&path).map_err(|error| error.to_string())?;
    Ok(Template { bytes, shops, endpoints })
}

/// What signs the callbacks of a shop, where its credential does.
fn signer(shop: ShopId) -> CreateCredential {
    let (dialect, kind) = (Keyed::dialect_name(), KeyKind::Secret);
    CreateCredential { shop, dialect, kind, scopes: Vec::new(), allowed_ips: Vec::new(), expires_at: None }
}

/// A folder for a database, in memory where there is such a place.
pub(crate) fn folder() -> Result<tempfile::TempDir, String> {
    let memory = Path::new("/dev/shm");
    let place = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
    tempfile::Builder::new().prefix("simulation-").tempdir_in(place).map_err(|error| error.to_string())
}
