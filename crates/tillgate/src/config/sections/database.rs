//! Where the database is.

use std::{
    borrow::Cow,
    path::{Path, PathBuf},
};

use store::{PostgresUrl, PostgresUrlError, Settings};

use crate::config::{
    documented::documented,
    word::{Setting, Word},
};

documented! {
    /// The database.
    pub struct Database {
        /// `sqlite` is `<data_dir>/tillgate.db`, `sqlite:PATH` another file. `postgres://USER:PASSWORD@HOST/NAME` is a
        /// database that any number of nodes share; the master key must be given then. What leaves this host is
        /// encrypted and verified, unless the URL says `sslmode=disable`.
        pub url: Setting<DatabaseUrl> = Setting(DatabaseUrl::Sqlite(None)),
        /// Connections of this node to PostgreSQL: half for transactions, half for reads.
        pub pool_size: u64 = 16,
    }
}

/// A database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// The embedded one, in this file; `None`: in the data directory.
    Sqlite(Option<PathBuf>),
    /// One that nodes share.
    Postgres(PostgresUrl),
}

/// The file of the embedded database in the data directory.
const FILE: &str = "tillgate.db";

impl DatabaseUrl {
    /// The file of the embedded database; `None` for one that is no file of ours.
    pub fn file(&self, data_dir: &Path) -> Option<PathBuf> {
        match self {
            Self::Sqlite(Some(path)) => Some(path.clone()),
            Self::Sqlite(None) => Some(data_dir.join(FILE)),
            Self::Postgres(_) => None,
        }
    }
}

impl Database {
    /// How the database is opened, where the embedded one is read by so many connections.
    pub fn settings(&self, data_dir: &Path, readers: usize) -> Settings {
        match &*self.url {
            DatabaseUrl::Sqlite(Some(path)) => Settings::Sqlite { path: path.clone(), readers },
            DatabaseUrl::Sqlite(None) => Settings::Sqlite { path: data_dir.join(FILE), readers },
            DatabaseUrl::Postgres(url) => Settings::Postgres {
                url: url.clone(),
                connections: usize::try_from(self.pool_size).unwrap_or(usize::MAX),
            },
        }
    }
}

impl Word for DatabaseUrl {
    /// The text is in no message: the URL of a database may hold a password.
    fn read(text: &str) -> Result<Self, Cow<'static, str>> {
        if text == "sqlite" {
            return Ok(Self::Sqlite(None));
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            let url: PostgresUrl = text.parse().map_err(|error: PostgresUrlError| error.to_string())?;
            return Ok(Self::Postgres(url));
        }
        match text.strip_prefix("sqlite:") {
            // Two slashes are how other programs begin the same: taken as a path they would lead to the root.
            Some(path) if path.starts_with("//") => {
                Err("\"sqlite:PATH\" without slashes of its own: sqlite:till.db or sqlite:/srv/till.db"
                    .into())
            }
            // SQLite takes these for something else than a file, which each connection would have for itself.
            Some(path) if path.starts_with(':') || path.starts_with("file:") => {
                Err("\"sqlite:PATH\" with the path of a file: payments have to outlive the process".into())
            }
            Some(path) if !path.is_empty() => Ok(Self::Sqlite(Some(path.into()))),
            Some(_) | None => Err("\"sqlite\", \"sqlite:PATH\" or \"postgres://…\"".into()),
        }
    }

    fn write(&self) -> String {
        match self {
            Self::Sqlite(None) => "sqlite".to_owned(),
            Self::Sqlite(Some(path)) => format!("sqlite:{}", path.display()),
            Self::Postgres(url) => url.to_string(),
        }
    }
}
