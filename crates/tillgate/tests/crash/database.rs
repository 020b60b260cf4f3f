//! Which database the gateway of a test works on.

use std::sync::Arc;

use store::{Settings, Store};
use testkit::{
    clock::{HandClock, START, Seeded},
    gateway::MASTER_KEY,
    postgres::Server,
    process::Launch,
};

/// The database of a gateway.
#[derive(Clone, Debug)]
pub(crate) enum Database {
    /// The embedded one, in the data directory.
    Sqlite,
    /// One on a server, by its URL. Whatever kills the gateway leaves the server alone.
    Postgres(String),
}

impl Database {
    /// A new one on the server of this test process.
    pub(crate) fn postgres() -> Self {
        Self::Postgres(Server::shared().database())
    }

    /// What the configuration says of it.
    pub(crate) fn config(&self) -> String {
        match self {
            Self::Sqlite => "[database]\nurl = \"sqlite\"\n".to_owned(),
            Self::Postgres(url) => {
                format!("[database]\nurl = \"{url}\"\n[secrets]\nmaster_key = \"{MASTER_KEY}\"\n")
            }
        }
    }

    /// What the last process left behind.
    pub(crate) fn open(&self, launch: &Launch) -> Store {
        let settings = match self {
            Self::Sqlite => Settings::Sqlite { path: launch.data_dir().join("tillgate.db"), readers: 1 },
            Self::Postgres(url) => Settings::Postgres { url: url.parse().expect("a URL"), connections: 2 },
        };
        let store = Store::open(&settings, Arc::new(HandClock::new(START)), Arc::new(Seeded::new(0)));
        store.expect("a database that can be opened")
    }
}
