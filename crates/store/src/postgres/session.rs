//! One connection, used by one thread.
//!
//! A round trip to the database costs more than most statements do, so whatever needs no answer of its own travels with
//! the next thing that does: the beginning of a transaction with its first statement, statements that were only
//! [put](Session::put) with the statement after them or with the commit. The database runs them in the order in which
//! they were sent, and after one that failed it runs none of the others, not even the commit.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::{
    StreamExt,
    future::{join, join_all},
};
use tokio::{runtime::Runtime, time::timeout};
use tokio_postgres::{AsyncMessage, Client, Row, Statement, error, types::ToSql};

use super::{gate::Driver, values::Owned};
use crate::{
    fault::{Fault, Severity},
    sql::{Sql, Value},
};

/// How long the database may take to answer. Whoever waits longer hears that it is not known what became of it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// Statements that travel together at most.
const TOGETHER: usize = 24;

/// A connection, and what was prepared on it.
pub(crate) struct Session {
    runtime: Runtime,
    client: Client,
    statements: HashMap<&'static str, Statement>,
    /// What begins the transaction; `None` once it went.
    begin: Option<&'static str>,
    waiting: Vec<(Statement, Vec<Owned>)>,
    foreseen: Vec<Foreseen>,
    /// Whether the database warned of anything since the last look.
    warned: Arc<AtomicBool>,
}

/// A statement whose rows will be asked for.
struct Foreseen {
    name: &'static str,
    statement: Statement,
    values: Vec<Owned>,
    /// Its rows, once they came.
    rows: Option<Vec<Row>>,
}

/// How a commit ended that did not end well.
#[derive(Debug)]
pub(crate) enum CommitError {
    /// Nothing of the transaction was kept.
    Undone(Fault),
    /// It was kept, or it was not.
    Unknown(Fault),
}

impl Session {
    /// A session over a connection that was just made on this runtime.
    pub(crate) fn new(runtime: Runtime, client: Client, connection: Driver) -> Self {
        let warned = Arc::new(AtomicBool::new(false));
        runtime.spawn(drive(connection, Arc::clone(&warned)));
        Self {
            runtime,
            client,
            statements: HashMap::new(),
            begin: None,
            waiting: Vec::new(),
            foreseen: Vec::new(),
            warned,
        }
    }

    /// Begins a transaction with this text, once it has anything to do.
    pub(crate) fn begin(&mut self, text: &'static str) {
        self.begin = Some(text);
        self.waiting.clear();
        self.foreseen.clear();
    }

    /// Notes that the rows of a statement will be asked for. All that were noted are fetched together when the first of
    /// them is.
    pub(crate) fn foresee(&mut self, sql: &Sql, values: &[Value<'_>]) -> Result<(), Fault> {
        let statement = self.prepare(sql)?;
        let values = values.iter().map(Owned::from).collect();
        self.foreseen.push(Foreseen { name: sql.name(), statement, values, rows: None });
        Ok(())
    }

    /// Every row that a statement gives.
    pub(crate) fn query(&mut self, sql: &Sql, values: &[Value<'_>]) -> Result<Vec<Row>, Fault> {
        if let Some(rows) = self.take_foreseen(sql, values)? {
            return Ok(rows);
        }
        let statement = self.prepare(sql)?;
        let lead = self.lead();
        let parameters = parameters(values);
        let (before, rows) =
            self.wait(join(lead.send(&self.client), self.client.query(&statement, &parameters)))?;
        before?;
        Ok(rows?)
    }

    /// The rows of a statement that was foreseen, each time that it was once.
    fn take_foreseen(&mut self, sql: &Sql, values: &[Value<'_>]) -> Result<Option<Vec<Row>>, Fault> {
        let is_it = |one: &Foreseen| {
            one.name == sql.name()
                && one.values.iter().eq(values.iter().map(Owned::from).collect::<Vec<_>>().iter())
        };
        let Some(place) = self.foreseen.iter().position(is_it) else { return Ok(None) };
        if self.foreseen[place].rows.is_none() {
            self.fetch_foreseen()?;
        }
        Ok(self.foreseen.swap_remove(place).rows)
    }

    fn fetch_foreseen(&mut self) -> Result<(), Fault> {
        let lead = self.lead();
        let mut foreseen = std::mem::take(&mut self.foreseen);
        let missing = || foreseen.iter().filter(|one| one.rows.is_none());
        let parameters: Vec<Vec<&(dyn ToSql + Sync)>> =
            missing().map(|one| one.values.iter().map(|value| value as _).collect()).collect();
        let queries =
            missing().zip(&parameters).map(|(one, parameters)| self.client.query(&one.statement, parameters));
        let (before, found) = self.wait(join(lead.send(&self.client), join_all(queries)))?;
        before?;
        let mut found = found.into_iter();
        for one in foreseen.iter_mut().filter(|one| one.rows.is_none()) {
            one.rows = found.next().transpose()?;
        }
        self.foreseen = foreseen;
        Ok(())
    }

    /// Runs a statement, and says how many rows it changed.
    pub(crate) fn execute(&mut self, sql: &Sql, values: &[Value<'_>]) -> Result<usize, Fault> {
        let statement = self.prepare(sql)?;
        let lead = self.lead();
        let parameters = parameters(values);
        let (before, changed) =
            self.wait(join(lead.send(&self.client), self.client.execute(&statement, &parameters)))?;
        before?;
        Ok(usize::try_from(changed?).unwrap_or(usize::MAX))
    }

    /// Runs a statement with the next one, or with the commit.
    pub(crate) fn put(&mut self, sql: &Sql, values: &[Value<'_>]) -> Result<(), Fault> {
        let statement = self.prepare(sql)?;
        self.waiting.push((statement, values.iter().map(Owned::from).collect()));
        if self.waiting.len() < TOGETHER {
            return Ok(());
        }
        let lead = self.lead();
        self.wait(lead.send(&self.client))?
    }

    /// Runs a text that is no part of a job.
    pub(crate) fn batch(&mut self, text: &str) -> Result<(), Fault> {
        Ok(self.wait(self.client.batch_execute(text))??)
    }

    /// The first column of the first row of a text that is no part of a job, as text.
    pub(crate) fn ask(&mut self, text: &str) -> Result<Option<String>, Fault> {
        let messages = self.wait(self.client.simple_query(text))??;
        Ok(messages.into_iter().find_map(|message| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        }))
    }

    /// The same for a text that may take as long as it takes.
    pub(crate) fn ask_patiently(&mut self, text: &str) -> Result<(), Fault> {
        self.runtime.block_on(self.client.simple_query(text))?;
        Ok(())
    }

    /// Makes everything since [`Session::begin`] durable.
    pub(crate) fn commit(&mut self) -> Result<(), CommitError> {
        if self.begin.is_some() && self.waiting.is_empty() {
            // Nothing was asked of the database, so nothing began.
            self.begin = None;
            return Ok(());
        }
        self.warned.store(false, Ordering::Relaxed);
        let lead = self.lead();
        let sent = join(lead.send(&self.client), self.client.batch_execute("commit"));
        // From here on a lost connection is neither yes nor no.
        let (before, committed) = self.wait(sent).map_err(CommitError::Unknown)?;
        match (before, committed.map_err(Fault::from)) {
            (_, Err(fault)) if fault.severity() == Severity::Lost => Err(CommitError::Unknown(fault)),
            // The commit of a transaction in which something failed is a rollback, and says so only in a word.
            (Err(fault), _) | (Ok(()), Err(fault)) => Err(CommitError::Undone(fault)),
            (Ok(()), Ok(())) if self.warned.load(Ordering::Relaxed) => {
                // A commit that was told not to wait for its standby any longer is called done all the same, with no
                // more than a warning. After a failover it may never have been.
                Err(CommitError::Unknown(Fault::broken("the database warned of this commit")))
            }
            (Ok(()), Ok(())) => Ok(()),
        }
    }

    /// Undoes everything since [`Session::begin`]; whether the session can be used again.
    pub(crate) fn roll_back(&mut self) -> bool {
        self.waiting.clear();
        if self.begin.take().is_some() {
            return true;
        }
        matches!(self.wait(self.client.batch_execute("rollback")), Ok(Ok(())))
    }

    /// The client and its runtime, for what is neither a query nor a statement.
    pub(crate) const fn parts(&mut self) -> (&Runtime, &mut Client) {
        (&self.runtime, &mut self.client)
    }

    fn lead(&mut self) -> Lead {
        Lead { begin: self.begin.take(), waiting: std::mem::take(&mut self.waiting) }
    }

    /// Waits for an answer of the database, and not for ever.
    fn wait<T>(&self, future: impl Future<Output = T>) -> Result<T, Fault> {
        self.runtime.block_on(async { timeout(PATIENCE, future).await }).map_err(|_| Fault::silent())
    }

    /// The statement as this connection knows it. `?1` becomes `$1` here and nowhere else: no text has a question mark
    /// of its own.
    fn prepare(&mut self, sql: &Sql) -> Result<Statement, Fault> {
        if let Some(statement) = self.statements.get(sql.name()) {
            return Ok(statement.clone());
        }
        let text = sql.postgres().replace('?', "$");
        let statement = self.wait(self.client.prepare(&text))??;
        self.statements.insert(sql.name(), statement.clone());
        Ok(statement)
    }
}

fn parameters<'v>(values: &'v [Value<'v>]) -> Vec<&'v (dyn ToSql + Sync)> {
    values.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

/// What goes before a statement, without an answer of its own having been waited for.
struct Lead {
    begin: Option<&'static str>,
    waiting: Vec<(Statement, Vec<Owned>)>,
}

impl Lead {
    /// Sends it: all of it in order when it is first polled, so that what is polled after it follows it.
    async fn send(&self, client: &Client) -> Result<(), Fault> {
        let begin = async {
            match self.begin {
                Some(text) => client.batch_execute(text).await,
                None => Ok(()),
            }
        };
        let statements =
            self.waiting.iter().map(|(statement, values)| client.execute_raw(statement, values.iter()));
        let (started, results) = join(begin, join_all(statements)).await;
        started?;
        for one in results {
            one?;
        }
        Ok(())
    }
}

/// Reads what the database says until it hangs up.
async fn drive(mut connection: Driver, warned: Arc<AtomicBool>) {
    while let Some(Ok(message)) = connection.next().await {
        if let AsyncMessage::Notice(notice) = message
            && notice.parsed_severity() == Some(error::Severity::Warning)
        {
            warned.store(true, Ordering::Relaxed);
            tracing::warn!(code = notice.code().code(), message = notice.message(), "the database warns");
        }
    }
}
