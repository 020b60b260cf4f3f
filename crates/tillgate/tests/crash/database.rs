//! Which database the gateway of a test works on.

use std::sync::Arc;

use store::{Settings, Store};
use testkit::{
    clock::{HandClock, START, Seeded},
    process::Launch,
};

/// The database of a gateway. A further one is a variant here, and a `#[tokio::test]` that names it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Database {
    /// The embedded one, in the data directory.
    Sqlite,
}

impl Database {
    /// What the configuration says of it.
    pub(crate) const fn config(self) -> &'static str {
        match self {
            Self::Sqlite => "[database]\nurl = \"sqlite\"\n",
        }
    }

    /// What the last process left behind.
    pub(crate) fn open(self, launch: &Launch) -> Store {
        let settings = match self {
            Self::Sqlite => Settings::Sqlite { path: launch.data_dir().join("tillgate.db"), readers: 1 },
        };
        let store = Store::open(&settings, Arc::new(HandClock::new(START)), Arc::new(Seeded::new(0)));
        store.expect("a database that can be opened")
    }
}
