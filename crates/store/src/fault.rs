//! What can go wrong between a statement and its rows, and what becomes of a job then.

use domain::{refusal::Refusal, time::Span};

/// A statement or a row that went wrong. It carries what the log needs, and nothing that a caller should see.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Fault(Kind);

#[derive(Debug, thiserror::Error)]
enum Kind {
    #[error("{0}")]
    Sqlite(rusqlite::Error),
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

    pub(crate) fn severity(&self) -> Severity {
        use rusqlite::{ErrorCode, ffi};
        let Kind::Sqlite(error) = &self.0 else { return Severity::Ours };
        // The index of the log did not get the room to grow: SQLite calls a full disk so here, and nowhere else.
        if error.sqlite_error().is_some_and(|error| error.extended_code == ffi::SQLITE_IOERR_SHMSIZE) {
            return Severity::Later;
        }
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull | ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                Severity::Later
            }
            Some(ErrorCode::SystemIoFailure) => Severity::Disk,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Severity::Damaged,
            Some(_) | None => Severity::Ours,
        }
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
