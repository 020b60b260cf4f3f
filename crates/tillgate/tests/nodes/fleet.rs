//! Nodes of one installation: processes that have nothing in common but their database and their master key.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::Value;
use store::{Settings, Store};
use testkit::{
    audit::audit,
    clock::{HandClock, START, Seeded},
    merchant::Hit,
    process::{Launch, Process},
};

/// The key of every node.
const MASTER_KEY: &str = "6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b";

/// Callbacks may take a minute, so that the lease of a delivery outlasts all that is waited for here: what goes again
/// does so because the node that sent it was missed. Links begin with the same on every node.
const CONFIG: &str = concat!(
    "checkout_url = \"http://pay.example\"\n[webhooks]\ntimeout_ms = 60000\n",
    "[limits]\nrequests_per_minute = 0\n[database]\npool_size = 12\n"
);

/// The line of a node that begins to do what only one does at a time.
pub(crate) const TAKES: &str = "this node does it from now on";

/// The line of a node that found another one dead.
pub(crate) const BURIES: &str = "a node is gone; others do its work";

/// A node, in a folder of its own.
pub(crate) struct Node {
    pub(crate) launch: Launch,
    pub(crate) process: Process,
}

/// How a node on this database is launched.
pub(crate) fn launch(database: &str) -> Launch {
    outbound::install_crypto();
    Launch::new(env!("CARGO_BIN_EXE_tillgate"))
        .config(CONFIG)
        .variable("TILLGATE_DATABASE__URL", database)
        .variable("TILLGATE_SECRETS__MASTER_KEY", MASTER_KEY)
}

impl Node {
    /// Starts a node on this database.
    pub(crate) async fn start(database: &str) -> Self {
        Self::of(launch(database)).await
    }

    /// Starts a node that is launched so.
    pub(crate) async fn of(launch: Launch) -> Self {
        let process = launch.start().await;
        Self { launch, process }
    }

    /// What its requests go to.
    pub(crate) fn url(&self) -> &str {
        &self.process.url
    }

    /// Lets exactly what is due of a payment arrive, by an order to this node.
    pub(crate) async fn pay(&self, payment: &str) {
        self.launch.json(&["simulate", "pay", payment, "--network", "ethereum"]).await;
    }

    /// What it does that only one node does at a time, as far as its log says.
    pub(crate) fn leases(&self) -> Vec<String> {
        let said = self.process.said();
        let lines = said.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let taken = lines.filter(|line| line["message"] == TAKES);
        taken.filter_map(|line| line["lease"].as_str().map(str::to_owned)).collect()
    }
}

/// Reads the books of a database and compares them with what they are about.
pub(crate) async fn check_books(database: &str) {
    let settings = Settings::Postgres { url: database.parse().expect("a URL"), connections: 2 };
    let store = Store::open(&settings, Arc::new(HandClock::new(START)), Arc::new(Seeded::new(0)));
    audit(&store.expect("a database that can be opened")).await;
}

/// How often each event was told, by payment and name. Each has one event, which always says the same.
pub(crate) fn told(hits: &[Hit]) -> BTreeMap<(String, String), usize> {
    let mut bodies: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut events: BTreeMap<(String, String), (String, usize)> = BTreeMap::new();
    for hit in hits {
        let body: Value = serde_json::from_slice(&hit.body).expect("a callback is JSON");
        let text = |place| body.pointer(place).and_then(Value::as_str).expect("a text").to_owned();
        let (event, name, payment) = (text("/event_id"), text("/type"), text("/data/object/id"));
        let first = bodies.entry(event.clone()).or_insert_with(|| hit.body.clone());
        assert_eq!(*first, hit.body, "event {event} has changed");
        let known = events.entry((payment, name)).or_insert_with(|| (event.clone(), 0));
        assert_eq!(known.0, event, "two events tell the same");
        known.1 += 1;
    }
    events.into_iter().map(|(told, (_, times))| (told, times)).collect()
}
