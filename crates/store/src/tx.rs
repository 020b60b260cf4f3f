//! What a job sees of the database.

use std::ops::{Deref, DerefMut};

use crate::{
    fault::Fault,
    postgres::Session,
    probe,
    sql::{Row, Sql, Value},
    sqlite::Slices,
};

/// A read-only view of one moment.
pub struct Rx<'c> {
    connection: Connection<'c>,
}

/// The connection that a job was lent.
enum Connection<'c> {
    Sqlite(&'c rusqlite::Connection, &'c Slices),
    Postgres(&'c mut Session),
}

impl<'c> Rx<'c> {
    pub(crate) const fn sqlite(connection: &'c rusqlite::Connection, slices: &'c Slices) -> Self {
        Self { connection: Connection::Sqlite(connection, slices) }
    }

    const fn slices(&self) -> Option<&'c Slices> {
        match self.connection {
            Connection::Sqlite(_, slices) => Some(slices),
            Connection::Postgres(_) => None,
        }
    }

    /// The slice of idempotency keys that new ones go into.
    pub(crate) fn open_slice(&self) -> i64 {
        self.slices().map_or(0, Slices::open)
    }

    /// The other slices that may hold the key with this hash.
    pub(crate) fn closed_slices(&self, hash: impl FnOnce() -> u64) -> Vec<i64> {
        self.slices().map_or_else(Vec::new, |slices| slices.that_may_hold(hash()))
    }

    /// The oldest slice that takes no new keys.
    pub(crate) fn oldest_closed_slice(&self) -> Option<i64> {
        self.slices().and_then(Slices::oldest_closed)
    }

    /// Says that the rows of a statement will be asked for in this job. Where the database is elsewhere, all that were
    /// foreseen are fetched together when the first of them is asked for. Nothing that the job writes in between may
    /// change them, and nothing that waits for a lock may be what makes them true.
    pub(crate) fn foresee(&mut self, sql: &Sql, values: &[Value<'_>]) -> Result<(), Fault> {
        match &mut self.connection {
            Connection::Sqlite(..) => Ok(()),
            Connection::Postgres(session) => session.foresee(sql, values),
        }
    }

    /// The first row that a statement gives, if it gives one.
    pub(crate) fn one<T>(
        &mut self,
        sql: &Sql,
        values: &[Value<'_>],
        read: impl FnOnce(&Row<'_>) -> Result<T, Fault>,
    ) -> Result<Option<T>, Fault> {
        probe::statement(sql)?;
        match &mut self.connection {
            Connection::Sqlite(connection, _) => {
                let mut statement = connection.prepare_cached(sql.sqlite())?;
                let mut rows = statement.query(rusqlite::params_from_iter(values))?;
                rows.next()?.map(|row| read(&Row::Sqlite(row))).transpose()
            }
            Connection::Postgres(session) => {
                session.query(sql, values)?.first().map(|row| read(&Row::Postgres(row))).transpose()
            }
        }
    }

    /// Every row that a statement gives. The statement itself bounds them.
    pub(crate) fn all<T>(
        &mut self,
        sql: &Sql,
        values: &[Value<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<T, Fault>,
    ) -> Result<Vec<T>, Fault> {
        probe::statement(sql)?;
        match &mut self.connection {
            Connection::Sqlite(connection, _) => {
                let mut statement = connection.prepare_cached(sql.sqlite())?;
                let mut rows = statement.query(rusqlite::params_from_iter(values))?;
                let mut found = Vec::new();
                while let Some(row) = rows.next()? {
                    found.push(read(&Row::Sqlite(row))?);
                }
                Ok(found)
            }
            Connection::Postgres(session) => {
                session.query(sql, values)?.iter().map(|row| read(&Row::Postgres(row))).collect()
            }
        }
    }
}

/// A transaction: all of it becomes durable, or none. Only the store makes one, and lends it to a job.
pub struct Tx<'c> {
    view: Rx<'c>,
}

impl<'c> Tx<'c> {
    pub(crate) const fn sqlite(connection: &'c rusqlite::Connection, slices: &'c Slices) -> Self {
        Self { view: Rx::sqlite(connection, slices) }
    }

    /// Notes that a key went into the open slice.
    pub(crate) fn note_key(&self) {
        self.view.slices().into_iter().for_each(Slices::note);
    }

    /// Asks for keys in this slice no more: it has none.
    pub(crate) fn forget_slice(&self, slice: i64) {
        self.view.slices().into_iter().for_each(|slices| slices.forget(slice));
    }

    pub(crate) const fn postgres(session: &'c mut Session) -> Self {
        Self { view: Rx { connection: Connection::Postgres(session) } }
    }

    /// Runs a statement, and says how many rows it changed.
    pub(crate) fn run(&mut self, sql: &Sql, values: &[Value<'_>]) -> Result<usize, Fault> {
        probe::statement(sql)?;
        match &mut self.view.connection {
            Connection::Sqlite(connection, _) => {
                let mut statement = connection.prepare_cached(sql.sqlite())?;
                Ok(statement.execute(rusqlite::params_from_iter(values))?)
            }
            Connection::Postgres(session) => session.execute(sql, values),
        }
    }

    /// Runs a statement whose count is of no interest. Where the database is elsewhere, it goes with the next statement
    /// or with the commit instead of waiting for an answer of its own; its fault is that one's fault then, and undoes
    /// the job all the same.
    pub(crate) fn put(&mut self, sql: &Sql, values: &[Value<'_>]) -> Result<(), Fault> {
        match &mut self.view.connection {
            Connection::Sqlite(..) => self.run(sql, values).map(|_| ()),
            Connection::Postgres(session) => session.put(sql, values),
        }
    }
}

impl<'c> Deref for Tx<'c> {
    type Target = Rx<'c>;

    fn deref(&self) -> &Self::Target {
        &self.view
    }
}

impl DerefMut for Tx<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.view
    }
}

/// A row that this transaction holds against all others: the only kind of row that can be saved.
///
/// SQLite has one writer, so there the lock is the writer itself; PostgreSQL locks the row. Nothing outside this crate
/// can make one, so a change that forgot to lock does not compile.
#[derive(Debug)]
pub struct Locked<T>(T);

impl<T> Locked<T> {
    pub(crate) const fn new(row: T) -> Self {
        Self(row)
    }

    /// The row, no longer for saving.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Locked<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Locked<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}
