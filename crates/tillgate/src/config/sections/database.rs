//! Where the database is.

use std::{
    borrow::Cow,
    path::{Path, PathBuf},
};

use crate::config::{
    documented::documented,
    word::{Setting, Word},
};

documented! {
    /// The database.
    pub struct Database {
        /// `sqlite` is `<data_dir>/tillgate.db`, `sqlite:PATH` another file.
        pub url: Setting<DatabaseUrl> = Setting(DatabaseUrl::Sqlite(None)),
    }
}

/// A database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// The embedded one, in this file; `None`: in the data directory.
    Sqlite(Option<PathBuf>),
}

/// The file of the embedded database in the data directory.
const FILE: &str = "tillgate.db";

impl DatabaseUrl {
    /// The file of the embedded database.
    pub fn file(&self, data_dir: &Path) -> PathBuf {
        match self {
            Self::Sqlite(Some(path)) => path.clone(),
            Self::Sqlite(None) => data_dir.join(FILE),
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
            return Err("\"sqlite\" or \"sqlite:PATH\": this version has no PostgreSQL driver yet".into());
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
            Some(_) | None => Err("\"sqlite\" or \"sqlite:PATH\"".into()),
        }
    }

    fn write(&self) -> String {
        match self {
            Self::Sqlite(None) => "sqlite".to_owned(),
            Self::Sqlite(Some(path)) => format!("sqlite:{}", path.display()),
        }
    }
}
