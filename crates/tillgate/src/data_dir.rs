//! The data directory, and that one process alone has it.

use std::{
    fs::{self, DirBuilder, File, Metadata, OpenOptions, TryLockError},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use rustix::fs::Mode;

use crate::{
    config::Config,
    failure::{CommandError, NO_ROOM},
};

/// Held in the data directory while a process has it.
const LOCK: &str = "tillgate.lock";

/// What the name of a database's own lock ends with.
const LOCK_SUFFIX: &str = ".lock";

/// The mode of directories of ours.
const DIRECTORY_MODE: u32 = 0o700;

/// The mode of files of ours.
const FILE_MODE: u32 = 0o600;

/// What files that others make for us are closed to: everybody but their owner. The database and its logs are among
/// them, and the operator's socket until it has its own mode.
const CLOSED: Mode = Mode::RWXG.union(Mode::RWXO);

/// Locks that are held for as long as this value lives. The system lets go of them when the process ends, however it
/// ends.
#[derive(Debug)]
pub(crate) struct Locks {
    _data_dir: File,
    /// `None` where nodes share a database that is no file of ours.
    database: Option<File>,
}

/// What stands in the lock of a database that was there once.
const MARK: &[u8] = b"A database stands beside this file. To begin anew without it, delete both.\n";

impl Locks {
    /// The database is there from now on: should it be gone one day, that is an accident.
    ///
    /// # Errors
    /// Where that cannot be written down.
    pub(crate) fn mark(&self) -> Result<(), CommandError> {
        let Some(lock) = &self.database else { return Ok(()) };
        lock.write_all_at(MARK, 0).map_err(|error| {
            CommandError::new(format!("the lock of the database cannot be written: {error}")).cure(NO_ROOM)
        })
    }

    /// Refuses to begin anew where there was a database once.
    fn hold_what_they_say(&self, database: &Path) -> Result<(), CommandError> {
        let has_bytes = |found: io::Result<Metadata>| found.is_ok_and(|found| found.len() > 0);
        let is_marked = self.database.as_ref().is_some_and(|lock| has_bytes(lock.metadata()));
        if !is_marked || has_bytes(fs::metadata(database)) {
            return Ok(());
        }
        let file = database.display();
        Err(CommandError::new(format!("the database {file} is gone or empty")).cure(format!(
            "Bring it back, or restore the newest backup. To begin anew without it, delete {file}{LOCK_SUFFIX} as well."
        )))
    }
}

/// Makes the data directory where it is not there, and takes it and its database for this process alone. Whatever the
/// process makes from now on is closed to other users.
///
/// # Errors
/// Where another process has it, or where it cannot be made.
pub(crate) fn prepare(config: &Config) -> Result<Locks, CommandError> {
    rustix::process::umask(CLOSED);
    let data_dir = &config.data_dir;
    make(data_dir)?;
    let held = lock(&data_dir.join(LOCK), data_dir)?;
    let Some(database) = config.database.url.file(data_dir) else {
        return Ok(Locks { _data_dir: held, database: None });
    };
    if let Some(folder) = database.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        make(folder)?;
    }
    // Another data directory may name the same database, and a link the same file.
    let mut name = database.canonicalize().unwrap_or_else(|_| database.clone()).into_os_string();
    name.push(LOCK_SUFFIX);
    let locks = Locks { _data_dir: held, database: Some(lock(&PathBuf::from(name), &database)?) };
    locks.hold_what_they_say(&database)?;
    Ok(locks)
}

fn make(folder: &Path) -> Result<(), CommandError> {
    DirBuilder::new().recursive(true).mode(DIRECTORY_MODE).create(folder).map_err(|error| {
        CommandError::new(format!("the directory {} cannot be made: {error}", folder.display()))
            .cure("Name another one with --data, or data_dir in the configuration.")
    })
}

fn lock(path: &Path, what: &Path) -> Result<File, CommandError> {
    let unusable = |error: io::Error| {
        CommandError::new(format!("{} cannot be used: {error}", path.display()))
            .cure("Check who owns the directory, or name another one with --data.")
    };
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false).mode(FILE_MODE);
    let file = options.open(path).map_err(unusable)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            Err(CommandError::new(format!("another process runs on {}", what.display()))
                .cure("Stop it first, or name another data directory with --data."))
        }
        Err(TryLockError::Error(error)) => Err(unusable(error)),
    }
}

/// Writes a file that only its owner may read: all of it, or nothing of it is there after a crash.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut temporary = path.to_owned().into_os_string();
    temporary.push(".new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(FILE_MODE);
    let mut file = options.open(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    // The name itself has to last as well.
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// The mask of new files is the caller's here: what is ours is closed without its help too.
    #[test]
    fn directories_and_files_are_made_closed() {
        let folder = tempfile::tempdir().unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let inner = folder.path().join("a/b");
        rustix::process::umask(Mode::empty());
        make(&inner).unwrap();
        let (key, held) = (inner.join("key"), inner.join("lock"));
        write_private(&key, b"secret").unwrap();
        let _held = lock(&held, &inner).unwrap();
        assert_eq!((mode(&inner), mode(&folder.path().join("a"))), (0o700, 0o700));
        assert_eq!((mode(&key), mode(&held)), (0o600, 0o600));
    }
}
