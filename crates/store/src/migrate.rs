//! Bringing a database to this version.
//!
//! The texts stand in `migrations/`, one folder per database, with the same names. A migration only ever adds: what it
//! replaces is removed a release later, so that an older binary goes on working while nodes are exchanged. The schema
//! says in `compatibility` which is the oldest binary that may still use it.

use std::{error::Error, path::Path};

use refinery::{Migration, Runner};
use rusqlite::Connection;
use tokio_postgres::error::SqlState;

use crate::{
    OpenError,
    postgres::{self, PostgresUrl, Session},
    sqlite,
};

mod for_sqlite {
    refinery::embed_migrations!("migrations/sqlite");
}

mod for_postgres {
    refinery::embed_migrations!("migrations/postgres");
}

/// The newest migration that this binary knows.
pub const SCHEMA_VERSION: u32 = 7;

/// Held on PostgreSQL while a schema is looked at and changed, so that of several nodes that start at once one does it
/// and the others find it done. The number is the name's letters.
const LOCK: &str = "select pg_advisory_lock(8388347843019892837)";
const UNLOCK: &str = "select pg_advisory_unlock(8388347843019892837)";

/// How often migrations are begun on a database that others work on.
const TRIES: u32 = 5;

/// What would be done to a database.
#[derive(Debug, PartialEq, Eq)]
pub struct MigrationPlan {
    /// The schema that it has; 0 for a new one.
    pub current: u32,
    /// Migrations that would run, in order: version and name.
    pub pending: Vec<(u32, String)>,
}

impl MigrationPlan {
    fn new(runner: &Runner, current: u32) -> Self {
        let named = |migration: &Migration| (version(migration), migration.name().to_owned());
        let mut pending: Vec<_> = runner.get_migrations().iter().map(named).collect();
        pending.retain(|(version, _)| *version > current);
        pending.sort();
        Self { current, pending }
    }
}

fn version(migration: &Migration) -> u32 {
    u32::try_from(migration.version()).unwrap_or_default()
}

fn failed(error: impl std::fmt::Display) -> OpenError {
    OpenError::Migration(error.to_string())
}

fn runner(migrations: Runner) -> Runner {
    // A newer schema that is compatible has migrations that this binary does not carry: those are not missing.
    migrations.set_grouped(true).set_abort_divergent(true).set_abort_missing(false)
}

/// Whether this binary may use a schema that it does not know.
fn judge(current: u32, compatible_from: impl FnOnce() -> Result<u32, OpenError>) -> Result<(), OpenError> {
    if current <= SCHEMA_VERSION {
        return Ok(());
    }
    let needed = compatible_from()?;
    if needed > SCHEMA_VERSION {
        return Err(OpenError::TooNew { found: current, needed, known: SCHEMA_VERSION });
    }
    Ok(())
}

/// What the schema history says, and whether this binary may use it.
fn inspect(connection: &mut Connection) -> Result<MigrationPlan, OpenError> {
    let runner = runner(for_sqlite::migrations::runner());
    let known_tables = "select count(*) from sqlite_master where name = 'refinery_schema_history'";
    let has_history = connection.query_row(known_tables, [], |row| row.get::<_, i64>(0)).map_err(failed)? > 0;
    let last =
        if has_history { runner.get_last_applied_migration(connection).map_err(failed)? } else { None };
    let current = last.as_ref().map_or(0, version);
    judge(current, || {
        let text = "select compatible_from from compatibility where id = 1";
        connection.query_row(text, [], |row| row.get(0)).map_err(failed)
    })?;
    Ok(MigrationPlan::new(&runner, current))
}

/// What would be done to a SQLite file, which is not made for that.
pub(crate) fn plan(path: &Path) -> Result<MigrationPlan, OpenError> {
    if !path.exists() {
        return Ok(MigrationPlan::new(&for_sqlite::migrations::runner(), 0));
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
    match runner(for_sqlite::migrations::runner()).run(&mut connection) {
        Ok(_) => Ok(()),
        // Another process that began at the same moment may have been quicker: then nothing is left to do.
        Err(_) if inspect(&mut connection)?.pending.is_empty() => Ok(()),
        Err(error) => Err(failed(error)),
    }
}

/// What would be done to a PostgreSQL database.
pub(crate) fn plan_shared(url: &PostgresUrl) -> Result<MigrationPlan, OpenError> {
    aside(|| inspect_shared(&mut postgres::admit(url)?, url))
}

/// Runs what is pending on PostgreSQL, all of it in one transaction.
pub(crate) fn run_shared(url: &PostgresUrl) -> Result<(), OpenError> {
    aside(|| bring_up(url))
}

/// Does this on a thread of its own: a session waits with a runtime of its own, and the caller may stand in one.
fn aside<T: Send>(work: impl FnOnce() -> Result<T, OpenError> + Send) -> Result<T, OpenError> {
    std::thread::scope(|scope| scope.spawn(work).join())
        .unwrap_or_else(|_| Err(failed("it ended by a fault")))
}

fn bring_up(url: &PostgresUrl) -> Result<(), OpenError> {
    let mut session = postgres::admit(url)?;
    // A node may have a long migration to wait for; the lock is the session's, and goes with it.
    session.batch("set lock_timeout = 0; set statement_timeout = 0").map_err(failed)?;
    session.ask_patiently(LOCK).map_err(failed)?;
    let mut tries = 0;
    while !inspect_shared(&mut session, url)?.pending.is_empty() {
        let (runtime, client) = session.parts();
        let ran = runtime.block_on(runner(for_postgres::migrations::runner()).run_async(client));
        tries += 1;
        if let Err(error) = ran {
            if is_full(&error) {
                return Err(OpenError::Unsuited {
                    database: url.to_string(),
                    why: "its disk is full".to_owned(),
                    cure: "The schema is as it was: make room on the server's disk, and start again",
                });
            }
            // Other nodes are at work, and lock tables in another order than a migration does: the database ends one of
            // two that wait for each other, with nothing of it kept.
            if tries >= TRIES {
                return Err(failed(error));
            }
            tracing::warn!(%error, "the migration met somebody else's work, and begins again");
        }
    }
    session.ask(UNLOCK).map_err(failed)?;
    Ok(())
}

/// Whether a migration found no room for what it makes.
fn is_full(error: &refinery::Error) -> bool {
    let said = error.source().and_then(<dyn Error>::downcast_ref::<tokio_postgres::Error>);
    said.and_then(tokio_postgres::Error::code) == Some(&SqlState::DISK_FULL)
}

fn inspect_shared(session: &mut Session, url: &PostgresUrl) -> Result<MigrationPlan, OpenError> {
    let has = |session: &mut Session, condition: &str| {
        let text = format!(
            "select count(*) from information_schema.tables where table_schema = current_schema() and {condition}"
        );
        Ok::<bool, OpenError>(session.ask(&text).map_err(failed)?.is_some_and(|count| count != "0"))
    };
    let runner = runner(for_postgres::migrations::runner());
    if !has(session, "table_name = 'refinery_schema_history'")? {
        if has(session, "table_type = 'BASE TABLE'")? {
            return Err(OpenError::Unsuited {
                database: url.to_string(),
                why: "it holds the tables of another program".to_owned(),
                cure: "Make a database of its own: createdb --encoding=UTF8 --locale=C --template=template0 NAME",
            });
        }
        return Ok(MigrationPlan::new(&runner, 0));
    }
    let (runtime, client) = session.parts();
    let last = runtime.block_on(runner.get_last_applied_migration_async(client)).map_err(failed)?;
    let current = last.as_ref().map_or(0, version);
    judge(current, || {
        let answer = session.ask("select compatible_from from compatibility where id = 1").map_err(failed)?;
        answer
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| failed("the schema does not say who may use it"))
    })?;
    Ok(MigrationPlan::new(&runner, current))
}
