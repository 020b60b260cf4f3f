//! Bringing a database to this version.
//!
//! The texts stand in `migrations/`, one folder per database, with the same names. A migration only ever adds: what it
//! replaces is removed a release later, so that an older binary goes on working while nodes are exchanged. The schema
//! says in `compatibility` which is the oldest binary that may still use it.

use std::path::Path;

use refinery::Runner;
use rusqlite::Connection;

use crate::{OpenError, sqlite};

mod embedded {
    refinery::embed_migrations!("migrations/sqlite");
}

/// The newest migration that this binary knows.
pub const SCHEMA_VERSION: u32 = 1;

/// What would be done to a database.
#[derive(Debug, PartialEq, Eq)]
pub struct MigrationPlan {
    /// The schema that it has; 0 for a new one.
    pub current: u32,
    /// Migrations that would run, in order: version and name.
    pub pending: Vec<(u32, String)>,
}

/// What the schema history says, and whether this binary may use it.
fn inspect(connection: &mut Connection) -> Result<MigrationPlan, OpenError> {
    let failed = |error: refinery::Error| OpenError::Migration(error.to_string());
    let runner = embedded::migrations::runner();
    let known_tables = "select count(*) from sqlite_master where name = 'refinery_schema_history'";
    let has_history = connection
        .query_row(known_tables, [], |row| row.get::<_, i64>(0))
        .map_err(|error| OpenError::Migration(error.to_string()))?
        > 0;
    let last =
        if has_history { runner.get_last_applied_migration(connection).map_err(failed)? } else { None };
    let current = last.map_or(0, |migration| u32::try_from(migration.version()).unwrap_or_default());
    if current > SCHEMA_VERSION {
        let needed: u32 = connection
            .query_row("select compatible_from from compatibility where id = 1", [], |row| row.get(0))
            .map_err(|error| OpenError::Migration(error.to_string()))?;
        if needed > SCHEMA_VERSION {
            return Err(OpenError::TooNew { found: current, needed, known: SCHEMA_VERSION });
        }
    }
    let mut pending: Vec<(u32, String)> = runner
        .get_migrations()
        .iter()
        .map(|migration| {
            (u32::try_from(migration.version()).unwrap_or_default(), migration.name().to_owned())
        })
        .filter(|(version, _)| *version > current)
        .collect();
    pending.sort();
    Ok(MigrationPlan { current, pending })
}

pub(crate) fn plan(path: &Path) -> Result<MigrationPlan, OpenError> {
    if !path.exists() {
        let pending = embedded::migrations::runner()
            .get_migrations()
            .iter()
            .map(|migration| {
                (u32::try_from(migration.version()).unwrap_or_default(), migration.name().to_owned())
            })
            .collect();
        return Ok(MigrationPlan { current: 0, pending });
    }
    inspect(&mut sqlite::connect(path)?)
}

/// Runs what is pending, all of it in one transaction: a crash leaves the old schema or the new one.
pub(crate) fn run(path: &Path) -> Result<(), OpenError> {
    let mut connection = sqlite::connect(path)?;
    let plan = inspect(&mut connection)?;
    if plan.pending.is_empty() {
        return Ok(());
    }
    match runner().run(&mut connection) {
        Ok(_) => Ok(()),
        // Another process that began at the same moment may have been quicker: then nothing is left to do.
        Err(_) if inspect(&mut connection)?.pending.is_empty() => Ok(()),
        Err(error) => Err(OpenError::Migration(error.to_string())),
    }
}

fn runner() -> Runner {
    // A newer schema that is compatible has migrations that this binary does not carry: those are not missing.
    embedded::migrations::runner().set_grouped(true).set_abort_divergent(true).set_abort_missing(false)
}
