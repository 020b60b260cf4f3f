//! What can go wrong between a statement and its rows, and what becomes of a job then.

use std::error::Error;

use domain::{refusal::Refusal, time::Span};
use tokio_postgres::error::{self, DbError, SqlState};

/// A statement or a row that went wrong. It carries what the log needs, and nothing that a caller should see.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Fault(Kind);

#[derive(Debug, thiserror::Error)]
enum Kind {
    #[error("{0}")]
    Sqlite(rusqlite::Error),
    #[error("{}", describe(.0))]
    Postgres(tokio_postgres::Error),
    #[error("the database did not answer in time")]
    Silent,
    #[error("column {0} does not hold what it should")]
    Undecodable(usize),
    #[error("{0}")]
    Broken(&'static str),
}

/// What a fault means for the job that met it, and for the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Severity {
    /// It may work later: the disk is full, or another process holds the file.
    Later,
    /// It met another transaction: the job is as good as new, and runs again.
    Again,
    /// The connection is gone, and with it everything that was not committed.
    Lost,
    /// It is a fault of ours; the job is given up, and nothing else is touched.
    Ours,
    /// The disk cannot be trusted any more: nothing that would be said next could be relied on.
    Disk,
    /// A page is not what was written: neither can what else is in the file.
    Damaged,
}

/// When it is worth trying again after a fault that may pass.
pub(crate) const RETRY_AFTER: Span = Span::seconds(1);

impl Fault {
    pub(crate) const fn undecodable(column: usize) -> Self {
        Self(Kind::Undecodable(column))
    }

    /// Something that cannot be, given what was written before.
    pub const fn broken(what: &'static str) -> Self {
        Self(Kind::Broken(what))
    }

    /// The database did not answer in time.
    pub(crate) const fn silent() -> Self {
        Self(Kind::Silent)
    }

    /// What PostgreSQL calls it, where it was PostgreSQL who said it.
    pub(crate) fn code(&self) -> Option<&SqlState> {
        match &self.0 {
            Kind::Postgres(error) => error.code(),
            Kind::Sqlite(_) | Kind::Silent | Kind::Undecodable(_) | Kind::Broken(_) => None,
        }
    }

    /// Whether the other side's certificate, or whatever else it said of encryption, was not good enough.
    pub(crate) fn is_of_tls(&self) -> bool {
        let Kind::Postgres(error) = &self.0 else { return false };
        let io = error.source().and_then(<dyn Error>::downcast_ref::<std::io::Error>);
        io.and_then(std::io::Error::get_ref).is_some_and(<dyn Error + Send + Sync>::is::<rustls::Error>)
    }

    pub(crate) fn severity(&self) -> Severity {
        match &self.0 {
            Kind::Sqlite(error) => of_sqlite(error),
            Kind::Postgres(error) => error.as_db_error().map_or_else(|| of_connection(error), of_postgres),
            Kind::Silent => Severity::Lost,
            Kind::Undecodable(_) | Kind::Broken(_) => Severity::Ours,
        }
    }
}

fn of_sqlite(error: &rusqlite::Error) -> Severity {
    use rusqlite::{ErrorCode, ffi};
    // The index of the log did not get the room to grow: SQLite calls a full disk so here, and nowhere else.
    if error.sqlite_error().is_some_and(|error| error.extended_code == ffi::SQLITE_IOERR_SHMSIZE) {
        return Severity::Later;
    }
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull | ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Severity::Later,
        Some(ErrorCode::SystemIoFailure) => Severity::Disk,
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Severity::Damaged,
        Some(_) | None => Severity::Ours,
    }
}

/// An error without a code is one of the connection, or of a value that could not be turned into its column's type.
fn of_connection(error: &tokio_postgres::Error) -> Severity {
    let is_of_io = error.source().is_some_and(<dyn Error>::is::<std::io::Error>);
    if error.is_closed() || is_of_io { Severity::Lost } else { Severity::Ours }
}

/// The classes of <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
fn of_postgres(said: &DbError) -> Severity {
    // A key that was taken in the moment between the look and the insert: the next look sees it.
    const AGAIN: [SqlState; 3] =
        [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED, SqlState::UNIQUE_VIOLATION];
    const LATER: [SqlState; 2] = [SqlState::LOCK_NOT_AVAILABLE, SqlState::QUERY_CANCELED];
    // A standby that was a primary a moment ago: another host takes writes now. A plan that a migration made stale goes
    // with its connection.
    const ELSEWHERE: [SqlState; 2] = [SqlState::READ_ONLY_SQL_TRANSACTION, SqlState::FEATURE_NOT_SUPPORTED];
    // Whatever the code, these end the connection: this process stood still in its transaction for too long, or the
    // server falls because its log has no room. The log may hold a commit by then, so neither says that it was undone:
    // <https://www.postgresql.org/docs/current/runtime-config-logging.html>, its table of severities.
    if matches!(said.parsed_severity(), Some(error::Severity::Fatal | error::Severity::Panic)) {
        return Severity::Lost;
    }
    let code = said.code();
    let class = code.code().get(..2).unwrap_or_default();
    if AGAIN.contains(code) {
        Severity::Again
    } else if ELSEWHERE.contains(code) || class == "08" || code.code().starts_with("57P") {
        // Connections that fail, and servers that go down, come up, or were told to hang up.
        Severity::Lost
    } else if LATER.contains(code) || class == "53" {
        // Out of disk, memory or connections.
        Severity::Later
    } else {
        Severity::Ours
    }
}

/// What the database says, with the detail that is for people; a connection's error with its cause.
fn describe(error: &tokio_postgres::Error) -> String {
    match (error.as_db_error(), error.source()) {
        (Some(said), _) => format!("{} ({})", said.message(), said.code().code()),
        (None, Some(source)) => format!("{error}: {source}"),
        (None, None) => error.to_string(),
    }
}

impl From<tokio_postgres::Error> for Fault {
    fn from(error: tokio_postgres::Error) -> Self {
        Self(Kind::Postgres(error))
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self(Kind::Sqlite(error))
    }
}

/// Why a job gave up: everything that it did is undone.
#[derive(Debug, thiserror::Error)]
pub enum Abort {
    /// A rule was not met.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store itself failed it.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// What it needs is being made, and is worth asking for again after this long.
    #[error("what is needed is not ready yet")]
    NotReady(Span),
}

#[cfg(test)]
mod tests {
    use rusqlite::ffi;

    use super::*;

    #[test]
    fn a_full_disk_passes_and_a_failing_or_damaged_one_does_not() {
        for (code, severity) in [
            (ffi::SQLITE_FULL, Severity::Later),
            (ffi::SQLITE_IOERR_SHMSIZE, Severity::Later),
            (ffi::SQLITE_BUSY, Severity::Later),
            (ffi::SQLITE_IOERR_WRITE, Severity::Disk),
            (ffi::SQLITE_IOERR_FSYNC, Severity::Disk),
            (ffi::SQLITE_CORRUPT, Severity::Damaged),
            (ffi::SQLITE_NOTADB, Severity::Damaged),
            (ffi::SQLITE_CONSTRAINT, Severity::Ours),
        ] {
            let error = rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
            assert_eq!(Fault::from(error).severity(), severity, "{code}");
        }
    }
}
