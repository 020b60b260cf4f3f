//! A gateway without its network: an engine on a database of its own, its sandbox, and a clock moved by hand.

use std::{path::PathBuf, sync::Arc, time::SystemTime};

use domain::{
    chain::{AddressForm, Network, NetworkAsset, NetworkSpec},
    delivery::TargetJudge,
    dialect::Dialect,
    id::PaymentId,
    merchant::{Environment, Name, Shop},
    money::{Asset, Rate},
    pair::Pair,
    payment::{Order, Payment},
    rates::RatePolicy,
    time::{Span, Timestamp},
};
use engine::{Engine, Setup, payments::CreatePayment, seal::Keyring, shops::CreateShop};
use store::{Settings, Store};
use tempfile::TempDir;
use workers::{
    reconcile::{Look, Next},
    watch::Watcher,
};

use crate::{
    audit::audit,
    clock::{HandClock, START, Seeded},
    creation::creation,
    keyed::Keyed,
    plain::Plain,
    postgres::{self, Server},
};

/// The master key of every gateway that is made here.
pub const MASTER_KEY: &str = "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a";

/// A gateway for tests. Its database goes with it.
pub struct Gateway {
    /// The engine.
    pub engine: Engine,
    books: Store,
    /// Its wall clock.
    pub clock: Arc<HandClock>,
    database: Database,
}

/// What a gateway is kept in: SQLite, or PostgreSQL where [`postgres::DATABASE_VARIABLE`] says so.
enum Database {
    Sqlite(TempDir),
    File(PathBuf),
    Postgres { url: String, connections: usize },
}

/// Connections of an engine that nobody asks much of.
const CONNECTIONS: usize = 4;

impl Database {
    fn new() -> Self {
        if postgres::is_chosen() {
            return Self::Postgres { url: Server::shared().database(), connections: CONNECTIONS };
        }
        Self::Sqlite(tempfile::tempdir().expect("a temporary folder"))
    }

    fn open(&self, clock: &Arc<HandClock>, seed: u64) -> Store {
        let settings = match self {
            Self::Sqlite(folder) => Settings::Sqlite { path: folder.path().join("tillgate.db"), readers: 2 },
            Self::File(path) => Settings::Sqlite { path: path.clone(), readers: 2 },
            Self::Postgres { url, connections } => {
                Settings::Postgres { url: url.parse().expect("a URL"), connections: *connections }
            }
        };
        Store::open(&settings, clock.clone(), Arc::new(Seeded::new(seed))).expect("a database")
    }
}

/// Lets callbacks go anywhere.
struct Anywhere;

impl TargetJudge for Anywhere {
    fn allows(&self, url: &str) -> bool {
        url.starts_with("http")
    }
}

impl Gateway {
    /// A gateway of the test environment with the sandbox's networks, speaking these dialects and those of the
    /// testkit.
    ///
    /// # Panics
    /// When it cannot be made.
    pub async fn start(dialects: Vec<Arc<dyn Dialect>>) -> Self {
        Self::start_in(Environment::Test, dialects).await
    }

    /// The same in another environment. Even in production its networks are the sandbox's.
    ///
    /// # Panics
    /// When it cannot be made.
    pub async fn start_in(environment: Environment, dialects: Vec<Arc<dyn Dialect>>) -> Self {
        Self::begin(Database::new(), dialects, How { environment, seed: 1, ..How::default() }).await
    }

    /// A gateway of the test environment that finds rates in this way.
    ///
    /// # Panics
    /// When it cannot be made.
    pub async fn start_with_rates(rates: RatePolicy) -> Self {
        Self::begin(Database::new(), Vec::new(), How { seed: 1, rates, ..How::default() }).await
    }

    /// A gateway of the test environment on PostgreSQL, with so many connections, whichever database is chosen.
    ///
    /// # Panics
    /// When it cannot be made.
    pub async fn on_postgres(connections: usize) -> Self {
        let database = Database::Postgres { url: Server::shared().database(), connections };
        Self::begin(database, Vec::new(), How { seed: 1, ..How::default() }).await
    }

    /// A gateway on the PostgreSQL database with this URL.
    ///
    /// # Panics
    /// When it cannot be made.
    pub async fn start_on(url: String) -> Self {
        let database = Database::Postgres { url, connections: CONNECTIONS };
        Self::begin(database, Vec::new(), How { seed: 1, ..How::default() }).await
    }

    /// A gateway on the SQLite file at `path`, for a process that goes on there when this one is gone: its clock shows
    /// the machine's time.
    ///
    /// # Panics
    /// When it cannot be made.
    #[expect(clippy::disallowed_methods, reason = "the process that goes on follows the machine's clock")]
    pub async fn start_at(path: PathBuf, dialects: Vec<Arc<dyn Dialect>>) -> Self {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("a time after 1970");
        let now = Timestamp::from_seconds(i64::try_from(since.as_secs()).expect("a time before the end"));
        Self::begin_at(now, Database::File(path), dialects, How { seed: 1, ..How::default() }).await
    }

    async fn begin(database: Database, dialects: Vec<Arc<dyn Dialect>>, how: How<'_>) -> Self {
        Self::begin_at(START, database, dialects, how).await
    }

    async fn begin_at(
        now: Timestamp,
        database: Database,
        dialects: Vec<Arc<dyn Dialect>>,
        how: How<'_>,
    ) -> Self {
        let clock = Arc::new(HandClock::new(now));
        let engine = open(&database, Arc::clone(&clock), dialects, how).await;
        let books = database.open(&clock, 0);
        let gateway = Self { engine, books, clock, database };
        gateway.settle().await;
        gateway
    }

    /// The same gateway after its process ended and began again, on the same database.
    ///
    /// # Panics
    /// When it cannot be made.
    pub async fn restart(self, dialects: Vec<Arc<dyn Dialect>>) -> Self {
        self.restart_with(dialects, sandbox_networks()).await
    }

    /// The same, with a configuration that has other networks now.
    ///
    /// # Panics
    /// When it cannot be made.
    pub async fn restart_with(self, dialects: Vec<Arc<dyn Dialect>>, networks: Vec<NetworkSpec>) -> Self {
        let how = How { networks, ..How::default() };
        self.restart_as(dialects, how).await
    }

    /// The same, with these master keys: the first one seals.
    ///
    /// # Panics
    /// When it cannot be made.
    pub async fn restart_with_keys(self, ring: &str) -> Self {
        let how = How { ring, ..How::default() };
        self.restart_as(Vec::new(), how).await
    }

    async fn restart_as(self, dialects: Vec<Arc<dyn Dialect>>, how: How<'_>) -> Self {
        let Self { engine, books, clock, database } = self;
        drop(engine);
        let engine = open(&database, Arc::clone(&clock), dialects, how).await;
        Self { engine, books, clock, database }
    }

    /// A new shop that can receive on every sandbox network.
    ///
    /// # Panics
    /// When it cannot be made.
    pub async fn shop(&self, name: &str) -> Shop {
        let name = Name::parse(name).expect("a name");
        let shop = self.engine.create_shop(CreateShop { name, merchant: None }).await.expect("a shop");
        self.settle().await;
        shop
    }

    /// A payment of `cents` US dollars in the plain dialect, open for 30 minutes, with quotes that hold for 15.
    ///
    /// # Panics
    /// When it cannot be made.
    pub async fn payment(&self, shop: &Shop, cents: u128) -> Payment {
        let order = Order { description: Some("Two coffees".to_owned()), ..Order::default() };
        self.payment_for(shop, cents, order).await
    }

    /// The same for this order.
    ///
    /// # Panics
    /// When it cannot be made.
    pub async fn payment_for(&self, shop: &Shop, cents: u128, order: Order) -> Payment {
        let command = CreatePayment { order, ..creation(shop, cents) };
        self.engine.create_payment(command).await.expect("a payment").payment
    }

    /// The payment as it is now.
    ///
    /// # Panics
    /// When there is none.
    pub async fn read(&self, id: PaymentId) -> Payment {
        self.engine.find_payment(&id.base62()).await.expect("a payment")
    }

    /// Does what the workers would: lets the simulated chains be followed to their ends, wallets have addresses, and
    /// payments expire. Then the books are compared with what they are about.
    ///
    /// # Panics
    /// When any of it fails.
    pub async fn settle(&self) {
        self.engine.fill_pools().await.expect("addresses are derived");
        for spec in self.engine.networks().iter().filter(|spec| spec.simulated) {
            let mut watcher = Watcher::sandbox(self.engine.clone(), spec.network);
            while watcher.look().await.expect("a simulated chain is followed") == Next::AtOnce {}
        }
        self.engine.value_receipts().await.expect("money is valued");
        self.engine.expire_payments().await.expect("payments expire");
        audit(&self.books).await;
    }

    /// Moves both clocks, and settles.
    ///
    /// # Panics
    /// When any of it fails.
    pub async fn advance(&self, by: Span) {
        self.clock.advance(by);
        self.settle().await;
    }
}

/// How a gateway is started.
struct How<'a> {
    environment: Environment,
    networks: Vec<NetworkSpec>,
    ring: &'a str,
    seed: u64,
    rates: RatePolicy,
}

impl Default for How<'_> {
    fn default() -> Self {
        Self {
            environment: Environment::Test,
            networks: sandbox_networks(),
            ring: MASTER_KEY,
            seed: 2,
            rates: RatePolicy::Table,
        }
    }
}

async fn open(
    database: &Database,
    clock: Arc<HandClock>,
    mut dialects: Vec<Arc<dyn Dialect>>,
    how: How<'_>,
) -> Engine {
    let How { environment, networks, ring, seed, rates } = how;
    dialects.extend([Plain::dialect(), Keyed::dialect()]);
    let store = database.open(&clock, seed);
    let entropy = Arc::new(Seeded::new(seed));
    let setup = Setup {
        environment,
        networks,
        dialects,
        targets: Arc::new(Anywhere),
        keyring: Keyring::parse(ring).expect("master keys"),
        pinned_keys: Vec::new(),
        rates,
        clock,
        entropy,
    };
    let engine = Engine::open(store, setup).await.expect("an engine");
    let table = [
        ("BTC/USD", "60000"),
        ("ETH/USD", "3000"),
        ("TRX/USD", "0.125"),
        ("USDT/USD", "1"),
        ("EUR/USD", "1.25"),
    ];
    let table =
        table.map(|(pair, rate)| (Pair::parse(pair).expect("a pair"), Rate::parse(rate).expect("a rate")));
    engine.set_fixed_rates(table.to_vec()).await.expect("rates");
    engine
}

/// The networks of the sandbox, as small as tests like them: bitcoin with 2 confirmations, ethereum with 3, tron with
/// 2, and cards.
///
/// # Panics
/// Never.
pub fn sandbox_networks() -> Vec<NetworkSpec> {
    let asset = |code: &str, label: &str, decimals, contract: Option<&str>| NetworkAsset {
        asset: Asset::new(code, decimals).expect("an asset"),
        label: label.to_owned(),
        contract: contract.map(str::to_owned),
    };
    let spec = |name: &str, label: &str, form, depth, chain_id, assets| NetworkSpec {
        network: Network::parse(name).expect("a network"),
        label: label.to_owned(),
        form,
        depth,
        simulated: true,
        chain_id,
        block_seconds: 12,
        assets,
    };
    let dollar = Some("0x5FbDB2315678afecb367f032d93F642f64180aa3");
    let tether = Some("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t");
    vec![
        spec(
            "bitcoin",
            "Bitcoin",
            AddressForm::BitcoinRegtest,
            2,
            None,
            vec![asset("BTC", "Bitcoin", 8, None)],
        ),
        spec(
            "ethereum",
            "Ethereum",
            AddressForm::Evm,
            3,
            Some(1),
            vec![asset("ETH", "Ether", 18, None), asset("USDT", "Tether", 6, dollar)],
        ),
        spec(
            "tron",
            "TRON",
            AddressForm::Tron,
            2,
            None,
            vec![asset("TRX", "Tronix", 6, None), asset("USDT", "Tether", 6, tether)],
        ),
        spec("card", "Card", AddressForm::Session, 1, None, vec![asset("USD", "US dollar", 2, None)]),
    ]
}
