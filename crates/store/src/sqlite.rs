//! The embedded database: one writer thread with group commit, and a few threads that only read.

pub(crate) mod health;
mod reader;
pub(crate) mod slices;
mod wal;
mod writer;

use std::path::Path;

use rusqlite::{Connection, ErrorCode, OpenFlags, config::DbConfig};

pub(crate) use self::{
    reader::Reader,
    slices::{Builder, Slices},
    writer::Writer,
};
use crate::OpenError;

/// Statements that each connection keeps prepared: more than there are.
const STATEMENT_CACHE: usize = 512;

/// How long a connection waits for another process that holds the file.
const BUSY_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(5);

/// Pages of the log before they are moved into the file. Larger logs make the moving longer, smaller ones more
/// frequent.
const CHECKPOINT_PAGES: u32 = 4_000;

/// Whether this code runs on that thread.
fn is_this(thread: &std::thread::JoinHandle<()>) -> bool {
    thread.thread().id() == std::thread::current().id()
}

/// Tries to switch to the write-ahead log, while others do the same.
const SWITCH_TRIES: u32 = 100;

/// Switches to the write-ahead log. Only the first connection to a new file switches anything; where several are first
/// at once, SQLite refuses all but one without the wait that it has for everything else.
fn write_ahead(connection: &Connection) -> rusqlite::Result<()> {
    let switch = || connection.pragma_update(None, "journal_mode", "wal");
    for _ in 0..SWITCH_TRIES {
        match switch() {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {
                // This one waits for whoever is at it.
                connection.execute_batch("begin immediate; rollback")?;
            }
            done => return done,
        }
    }
    switch()
}

/// Opens a connection as all of ours are: write-ahead log, every commit on the disk before it is answered, foreign keys
/// held.
pub(crate) fn connect(path: &Path) -> Result<Connection, OpenError> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let open = || -> rusqlite::Result<Connection> {
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        write_ahead(&connection)?;
        connection.pragma_update(None, "synchronous", "full")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.pragma_update(None, "temp_store", "memory")?;
        connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
        // A plan stands for every value. SQLite would otherwise plan anew each time that a value is bound which its
        // estimates could depend on, such as a limit, and that took nearly a third of the writer's time.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        connection.set_prepared_statement_cache_capacity(STATEMENT_CACHE);
        Ok(connection)
    };
    open().map_err(|source| OpenError::Unusable { path: path.to_owned(), source })
}
