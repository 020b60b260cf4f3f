//! What every test of the store needs: a database of either kind, and a clock that stands still.

use std::sync::Arc;

use domain::{
    id::Entropy,
    time::{Clock, Timestamp},
};
use store::{OpenError, Settings, Store};
use tempfile::TempDir;
use testkit::postgres::Server;

struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(1_781_611_200)
    }
}

struct Zeros;

impl Entropy for Zeros {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

/// A database that goes with this value: a file in a folder, or the name of one on the server.
pub(crate) enum Database {
    Sqlite(TempDir),
    Postgres { server: &'static Server, name: String },
}

impl Database {
    pub(crate) fn sqlite() -> Self {
        Self::Sqlite(tempfile::tempdir().expect("a folder"))
    }

    pub(crate) fn postgres() -> Self {
        let server = Server::shared();
        Self::Postgres { server, name: server.database_name() }
    }

    /// One connection writes and one reads, on either.
    pub(crate) fn settings(&self) -> Settings {
        match self {
            Self::Sqlite(folder) => Settings::Sqlite { path: folder.path().join("test.db"), readers: 1 },
            Self::Postgres { server, name } => {
                Settings::Postgres { url: server.url(name).parse().expect("a URL"), connections: 2 }
            }
        }
    }

    pub(crate) fn try_open(&self) -> Result<Store, OpenError> {
        open(&self.settings())
    }

    pub(crate) fn open(&self) -> Store {
        self.try_open().expect("a database")
    }

    /// Runs statements beside the store.
    pub(crate) fn run(&self, text: &str) {
        match self {
            Self::Sqlite(folder) => {
                let connection = rusqlite::Connection::open(folder.path().join("test.db")).expect("a file");
                connection.execute_batch(text).expect("statements");
            }
            Self::Postgres { server, name } => {
                server.run_in(name, text);
            }
        }
    }
}

/// Opens a database with a clock that stands still.
pub(crate) fn open(settings: &Settings) -> Result<Store, OpenError> {
    Store::open(settings, Arc::new(Still), Arc::new(Zeros))
}

/// Runs each of these functions on a database of each kind.
macro_rules! on_both {
    ($($name:ident;)*) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(crate::support::Database::sqlite()).await;
            })*
        }

        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(crate::support::Database::postgres()).await;
            })*
        }
    };
}
pub(crate) use on_both;
