//! Whether a file can be worked with, judged before anything is written to it, and what to do where it cannot.
//!
//! Only what is cheap is looked at: that the file is ours, can be written, ends where it says, and that its log is
//! whole. Pages inside it are judged when they are read, so that a start does not take longer as a database grows.

use std::{
    collections::BTreeSet,
    ffi::OsString,
    io,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, ErrorCode, OpenFlags, config::DbConfig};

use super::wal::{self, Beginning, Wal};
use crate::fault::{Fault, Severity};

/// Tables that every database of ours has, from the first migration on.
const OURS: [&str; 2] = ["compatibility", "installation"];

/// The table in which migrations are noted. It may be there alone, where the first start was killed.
const HISTORY: &str = "refinery_schema_history";

/// The byte at which SQLite keeps its locks. The page with it is never written.
const LOCK_BYTE: u64 = 0x4000_0000;

/// What a fault says that was met while working.
const CURE: &str = "Move the database with its -wal and -shm to a safe place; then restore the newest backup, or save \
                    what can be read with `.recover` of sqlite.org's own sqlite3";

/// Why a file is not worked with. Nothing was changed in it.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    /// A folder, or something else that is no file.
    #[error("{} is no file. Name a file: --database sqlite:{}", .0.display(), .0.join("tillgate.db").display())]
    NoFile(PathBuf),
    /// The file, or its folder, may not be written.
    #[error(
        "the database {} can only be read. Make it and its folder writable for the user that runs this, and mount \
         its disk for writing",
        .0.display()
    )]
    ReadOnly(PathBuf),
    /// A database, and not ours.
    #[error(
        "{} belongs to another program: it has a table {table:?}. Nothing was changed in it. Name another file with \
         --database sqlite:PATH",
        path.display()
    )]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What ours does not have.
        table: String,
    },
    /// It begins like no database.
    #[error(
        "{} is no database, or its beginning is overwritten. Nothing was changed in it. Where it was named by mistake, \
         name another file. Where it was the database, move it with its -wal and -shm to a safe place; then restore \
         the newest backup, or save what can be read with `.recover` of sqlite.org's own sqlite3",
        .0.display()
    )]
    NoDatabase(PathBuf),
    /// It was ours, and is no longer whole.
    #[error(
        "the database {} is damaged: {what}. Nothing was changed in it. Move it with its -wal and -shm to a safe \
         place; then restore the newest backup, or save what can be read with `.recover` of sqlite.org's own sqlite3",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What was found.
        what: String,
    },
    /// It cannot be looked at now.
    #[error(
        "the database {} cannot be opened: {source}. Where the disk is full, make room; else check the disk, and who \
         may open the file and its folder",
        path.display()
    )]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system or SQLite says.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// A connection that only looked, and keeps the log where it is for as long as it lives: whoever opens the file
/// meanwhile need not read the log again.
pub(crate) struct Looked {
    _held: Option<Connection>,
}

/// Judges the database at this path. `Ok` too where there is none yet.
///
/// The file itself is touched through SQLite alone: closing it behind its back would let go of its locks.
pub(crate) fn check(path: &Path) -> Result<Looked, Unfit> {
    Look { path }.at_all()
}

/// Why a database that was looked at cannot be read.
pub(crate) fn explain(path: &Path, error: rusqlite::Error) -> Unfit {
    Look { path }.explain(error)
}

/// A look at the database at this path.
struct Look<'p> {
    path: &'p Path,
}

impl Look<'_> {
    fn at_all(&self) -> Result<Looked, Unfit> {
        let bytes = match self.path.metadata() {
            Ok(found) if found.is_file() => found.len(),
            Ok(_) => return Err(Unfit::NoFile(self.path.to_owned())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
            Err(error) => return Err(self.unreadable(error)),
        };
        let log = match wal::open(&self.log()).map_err(|error| self.unreadable(error))? {
            Beginning::Nothing => None,
            // SQLite would delete it.
            _ if bytes == 0 => return Err(self.damaged("it is empty or gone, and its log is there")),
            Beginning::Garbage => return Err(self.damaged("the beginning of its log is overwritten")),
            Beginning::Frames(log) => Some(log),
        };
        if bytes == 0 {
            return Ok(Looked { _held: None });
        }
        let connection = self.open(log.is_some()).map_err(|error| self.explain(error))?;
        self.at_its_schema(&connection)?;
        if let Some(log) = log {
            self.at_its_log(&connection, bytes, &log)?;
            tracing::info!("the last process did not end in order: what it had committed is in the log");
        }
        Ok(Looked { _held: Some(connection) })
    }

    /// The log stands beside the file itself, not beside a link to it.
    fn log(&self) -> PathBuf {
        let mut name: OsString = self.path.canonicalize().unwrap_or_else(|_| self.path.to_owned()).into();
        name.push("-wal");
        name.into()
    }

    fn open(&self, has_log: bool) -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(self.path, flags)?;
        connection.busy_timeout(super::BUSY_TIMEOUT)?;
        // Else closing it would move the log into a file that may be damaged.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, has_log)?;
        Ok(connection)
    }

    fn at_its_schema(&self, connection: &Connection) -> Result<(), Unfit> {
        let foreign = foreign(connection).map_err(|error| self.explain(error))?;
        if let Some(table) = foreign {
            return Err(Unfit::Foreign { path: self.path.to_owned(), table });
        }
        // SQLite opens what it may not write for reading alone, and says so only here.
        if connection.is_readonly("main").map_err(|error| self.explain(error))? {
            return Err(Unfit::ReadOnly(self.path.to_owned()));
        }
        let found = damage(connection).map_err(|error| self.explain(error))?;
        found.map_or(Ok(()), |what| Err(self.damaged(&what)))
    }

    /// Looks at a file of that many bytes whose log was left behind.
    fn at_its_log(&self, connection: &Connection, bytes: u64, log: &Wal) -> Result<(), Unfit> {
        let number = |text: &str, column| {
            let number = connection.query_row(text, [], |row| row.get::<_, i64>(column));
            number
                .map(|number| u64::try_from(number).unwrap_or_default())
                .map_err(|error| self.explain(error))
        };
        let frames = number(COUNT_FRAMES, 1)?;
        let page_size = number("pragma page_size", 0)?.max(1);
        let (kept, pages) = (bytes / page_size, number("pragma page_count", 0)?);
        let read = log.hides(frames).and_then(|hides| {
            if kept >= pages {
                return Ok((hides, false));
            }
            let logged = log.pages(frames, kept)?;
            let is_lost = |page| page != LOCK_BYTE / page_size + 1 && !logged.contains(&page);
            Ok((hides, (kept + 1..=pages).any(is_lost)))
        });
        let (hides, is_short) = match read {
            // It became shorter under our eyes.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
            read => read.map_err(|error| self.unreadable(error))?,
        };
        // Whoever works on it meanwhile writes the log behind our back; then it was not left behind.
        if number(COUNT_FRAMES, 1)? != frames {
            return Ok(());
        }
        match (hides, is_short) {
            (true, _) => Err(self.damaged("transactions in its log are overwritten")),
            (_, true) => Err(self.damaged("it ends too early")),
            (false, false) => Ok(()),
        }
    }

    /// What an error of SQLite means for a file that was only looked at.
    fn explain(&self, error: rusqlite::Error) -> Unfit {
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Unfit::NoDatabase(self.path.to_owned()),
            Some(ErrorCode::DatabaseCorrupt) => self.damaged(&error.to_string()),
            Some(ErrorCode::ReadOnly) => Unfit::ReadOnly(self.path.to_owned()),
            _ => self.unreadable(error),
        }
    }

    fn damaged(&self, what: &str) -> Unfit {
        Unfit::Damaged { path: self.path.to_owned(), what: what.to_owned() }
    }

    fn unreadable(&self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Unfit {
        Unfit::Unreadable { path: self.path.to_owned(), source: source.into() }
    }
}

/// Counts the frames of the log that are believed, and moves none.
const COUNT_FRAMES: &str = "pragma wal_checkpoint(noop)";

/// A table that is none of ours, in a database that does not have all of ours.
fn foreign(connection: &Connection) -> rusqlite::Result<Option<String>> {
    let mut names = connection.prepare("select name from sqlite_master where type in ('table', 'view')")?;
    let names: BTreeSet<String> = names.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    if OURS.iter().all(|name| names.contains(*name)) {
        return Ok(None);
    }
    Ok(names.into_iter().find(|name| name != HISTORY && !name.starts_with("sqlite_")))
}

/// What is wrong with the few rows by which a start finds out what a database is.
fn damage(connection: &Connection) -> rusqlite::Result<Option<String>> {
    for table in OURS.into_iter().chain([HISTORY]) {
        if connection.table_exists(None, table)? {
            let check = |row: &rusqlite::Row<'_>| row.get::<_, String>(0);
            let found = connection.query_row(&format!("pragma quick_check({table})"), [], check)?;
            if found != "ok" {
                return Ok(Some(found.replace('\n', " ")));
            }
        }
    }
    Ok(None)
}

/// How a process ends that finds its database damaged: as one does that was refused it.
const DAMAGED: i32 = 1;

/// Ends the process where a fault says that nothing which would be said next could be relied on.
///
/// A disk that failed a write or a sync may have dropped what it said it kept, and a later sync says nothing of it.
/// What is on the disk is read anew by the next start. A page that is not what was written will be so then, too.
pub(super) fn stop_on(fault: &Fault) {
    match fault.severity() {
        Severity::Later | Severity::Again | Severity::Lost | Severity::Ours => {}
        Severity::Disk => {
            tracing::error!(
                %fault,
                "the disk failed under the database; stopping at once, with nothing answered. Look at the disk, then \
                 start again: what was answered is on it"
            );
            std::process::abort();
        }
        Severity::Damaged => {
            tracing::error!(%fault, cure = CURE, "the database is damaged; stopping at once, with nothing answered");
            std::process::exit(DAMAGED);
        }
    }
}

/// The same for what only reads: there a disk that fails is no lie, only silence.
pub(super) fn stop_on_damage(fault: &Fault) {
    if fault.severity() == Severity::Damaged {
        stop_on(fault);
    }
}
