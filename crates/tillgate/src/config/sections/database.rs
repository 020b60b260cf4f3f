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
