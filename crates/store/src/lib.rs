//! The only room with SQL.
//!
//! [`Store::transact`] runs a job in a transaction: all of it becomes durable, or none. The job is synchronous, so it
//! cannot wait for a network while the transaction is open, and `Fn`, so it can simply run again. [`Store::read`]
//! runs a job on a consistent view of its own, and never queues behind writes.
//!
//! There are two databases, SQLite for one process and PostgreSQL for many nodes, and one text for every statement.
//! There is no storage trait and no mock: SQLite on a temporary file is quick enough for every test.

mod fault;
mod job;
mod migrate;
#[cfg(feature = "planted")]
pub mod planted;
mod postgres;
mod probe;
mod sql;
mod sqlite;
mod tables;
mod tx;

use std::{path::PathBuf, sync::Arc};

use domain::{
    id::{Entropy, IdSeed},
    refusal::Failure,
    time::Clock,
};

use crate::{
    fault::Severity,
    postgres::{Kind, Messenger, Pool},
    sqlite::{Builder, Reader, Writer, health},
};
pub use crate::{
    fault::{Abort, Fault},
    migrate::{MigrationPlan, SCHEMA_VERSION},
    postgres::{PostgresUrl, PostgresUrlError},
    probe::Probe,
    sql::Sql,
    sqlite::health::Unfit,
    tables::*,
    tx::{Locked, Rx, Tx},
};

/// Where the database is and how it is used.
#[derive(Clone, Debug)]
pub enum Settings {
    /// The embedded one: a file of one process.
    Sqlite {
        /// The file. Its folder must exist.
        path: PathBuf,
        /// Connections that only read.
        readers: usize,
    },
    /// One that any number of nodes share.
    Postgres {
        /// Where it is.
        url: PostgresUrl,
        /// Connections of this node, at least 2: half for transactions, half for reads. One more carries hints.
        connections: usize,
    },
}

/// Why a database cannot be used. Each says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file is not worked with.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// The file cannot be opened, or is no database.
    #[error(
        "cannot open the database {}: {source}. Check that the folder exists, is writable, and holds this file",
        path.display()
    )]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
    /// A shared database that cannot be reached, or cannot keep money.
    #[error("the database {database} cannot be used: {why}. {cure}")]
    Unsuited {
        /// Which one, without what is secret about it.
        database: String,
        /// What is wrong with it.
        why: String,
        /// What to do about it.
        cure: &'static str,
    },
    /// The schema was written by a newer version that this one does not understand.
    #[error(
        "the database has schema {found}, and needs a version of Tillgate that knows schema {needed}; this one knows \
         {known}. Start the newer version"
    )]
    TooNew {
        /// The schema that the database has.
        found: u32,
        /// The oldest schema number that a binary must know to use it.
        needed: u32,
        /// What this binary knows.
        known: u32,
    },
    /// A migration failed; nothing of it was kept.
    #[error(
        "the database could not be brought to this version: {0}. Nothing was changed; restore the version that ran \
         before, and report this"
    )]
    Migration(String),
}

/// The database: transactions, and reads beside them.
pub struct Store {
    driver: Driver,
    incidents: Incidents,
}

/// The two databases that there are. Each runs the same jobs.
enum Driver {
    /// The builder goes first: the writer closes the file in order once nobody else has it open.
    Sqlite {
        _builder: Builder,
        reader: Reader,
        writer: Writer,
    },
    Postgres {
        writers: Pool,
        readers: Pool,
        messenger: Messenger,
    },
}

/// Gives faults a name that the caller can be told and the log can be searched for.
struct Incidents {
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl Store {
    /// Opens the database, and brings it to this version where it is older.
    ///
    /// # Errors
    /// [`OpenError`] where it cannot be used; nothing was changed then.
    pub fn open(
        settings: &Settings,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, OpenError> {
        Self::open_probed(settings, clock, entropy, None)
    }

    /// The same, with somebody who listens to all that its threads do, once it is open.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_probed(
        settings: &Settings,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        probe: Option<&Arc<dyn Probe>>,
    ) -> Result<Self, OpenError> {
        let driver = match settings {
            Settings::Sqlite { path, readers } => {
                let _looked = health::check(path)?;
                migrate::run(path)?;
                let builder = Builder::start(path)?;
                let writer = Writer::start(path, builder.turner(), probe.cloned())?;
                let reader = Reader::start(path, *readers, builder.slices(), probe)?;
                Driver::Sqlite { _builder: builder, reader, writer }
            }
            Settings::Postgres { url, connections } => {
                migrate::run_shared(url)?;
                let readers = connections / 2;
                Driver::Postgres {
                    writers: Pool::start(url, Kind::Write, connections.saturating_sub(readers))?,
                    readers: Pool::start(url, Kind::Read, readers)?,
                    messenger: Messenger::start(url)?,
                }
            }
        };
        Ok(Self { driver, incidents: Incidents { clock, entropy } })
    }

    /// What [`Store::open`] would do to the schema, without doing it.
    ///
    /// # Errors
    /// [`OpenError`] where the database cannot be used.
    pub fn plan(settings: &Settings) -> Result<MigrationPlan, OpenError> {
        match settings {
            Settings::Sqlite { path, .. } => {
                let _looked = health::check(path)?;
                migrate::plan(path)
            }
            Settings::Postgres { url, .. } => migrate::plan_shared(url),
        }
    }

    /// Whether other processes may use this database at the same time.
    pub const fn is_shared(&self) -> bool {
        matches!(self.driver, Driver::Postgres { .. })
    }

    /// Tells other nodes on this database to look; what each bit stands for is the caller's business.
    pub fn hint(&self, bits: u8) {
        match &self.driver {
            Driver::Sqlite { .. } => {}
            Driver::Postgres { messenger, .. } => messenger.give(bits),
        }
    }

    /// Waits until a node gave a hint: its bits, or all of them where some may have been lost. For ever on a database
    /// that is not shared.
    pub async fn hinted(&self) -> u8 {
        match &self.driver {
            Driver::Sqlite { .. } => std::future::pending().await,
            Driver::Postgres { messenger, .. } => messenger.heard().await,
        }
    }

    /// Runs `job` in a transaction and answers once it is durable. A refusal undoes everything that the job did.
    ///
    /// # Errors
    /// [`Failure::Refused`] as the job said; [`Failure::Unavailable`] with a full queue, a full disk or no connection;
    /// [`Failure::Unknown`] where a connection was lost while committing; [`Failure::Internal`] for a fault, which the
    /// log tells.
    pub async fn transact<T, F>(&self, name: &'static str, job: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T, Abort> + Send + 'static,
    {
        let done = match &self.driver {
            Driver::Sqlite { writer, .. } => writer.run(name, job).await,
            Driver::Postgres { writers, .. } => writers.run(job).await,
        };
        done.map_err(|verdict| self.incidents.explain(name, verdict))
    }

    /// Runs `job` on a consistent view.
    ///
    /// # Errors
    /// As [`Store::transact`], but for [`Failure::Unknown`].
    pub async fn read<T, F>(&self, name: &'static str, job: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: Fn(&mut Rx<'_>) -> Result<T, Abort> + Send + 'static,
    {
        let done = match &self.driver {
            Driver::Sqlite { reader, .. } => reader.run(name, job).await,
            Driver::Postgres { readers, .. } => readers.run(move |tx| job(tx)).await,
        };
        done.map_err(|verdict| self.incidents.explain(name, verdict))
    }

    /// Every statement of the crate: tests prepare and explain them.
    pub fn statements() -> Vec<&'static Sql> {
        statements()
    }
}

/// What became of a job that did not get through.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// The job gave up.
    Aborted(Abort),
    /// The job panicked.
    Panicked,
    /// The connection was lost while committing: it is durable, or it is not.
    Unknown,
    /// It was not taken, or its group could not be made durable; it may work later.
    Later(&'static str),
}

impl Incidents {
    fn explain(&self, name: &'static str, verdict: Verdict) -> Failure {
        let later = Failure::Unavailable { retry_after: fault::RETRY_AFTER };
        match verdict {
            Verdict::Aborted(Abort::Refused(refusal)) => Failure::Refused(refusal),
            Verdict::Aborted(Abort::NotReady(retry_after)) => Failure::Unavailable { retry_after },
            Verdict::Aborted(Abort::Fault(fault)) if fault.severity() == Severity::Later => {
                tracing::warn!(transaction = name, %fault, "the database cannot take this now");
                later
            }
            Verdict::Aborted(Abort::Fault(fault)) => self.internal(name, &fault.to_string()),
            Verdict::Unknown => Failure::Unknown,
            Verdict::Panicked => self.internal(name, "the job panicked"),
            Verdict::Later(why) => {
                tracing::warn!(transaction = name, why, "the database cannot take this now");
                later
            }
        }
    }

    fn internal(&self, name: &'static str, fault: &str) -> Failure {
        let incident = IdSeed::new(&*self.entropy).maker(self.clock.now()).make();
        tracing::error!(
            transaction = name,
            incident = incident.base62(),
            fault,
            "a transaction failed by a fault"
        );
        Failure::Internal { incident }
    }
}
