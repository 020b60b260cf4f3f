//! What a job sees of the database.

use std::ops::{Deref, DerefMut};

use crate::{
    fault::Fault,
    probe,
    sql::{Row, Sql, Value},
};

/// A read-only view of one moment.
pub struct Rx<'c> {
    connection: &'c rusqlite::Connection,
}

impl<'c> Rx<'c> {
    pub(crate) const fn new(connection: &'c rusqlite::Connection) -> Self {
        Self { connection }
    }

    /// The first row that a statement gives, if it gives one.
    pub(crate) fn one<T>(
        &mut self,
        sql: &Sql,
        values: &[Value<'_>],
        read: impl FnOnce(&Row<'_>) -> Result<T, Fault>,
    ) -> Result<Option<T>, Fault> {
        probe::statement(sql)?;
        let mut statement = self.connection.prepare_cached(sql.sqlite())?;
        let mut rows = statement.query(rusqlite::params_from_iter(values))?;
        rows.next()?.map(|row| read(&Row(row))).transpose()
    }

    /// Every row that a statement gives. The statement itself bounds them.
    pub(crate) fn all<T>(
        &mut self,
        sql: &Sql,
        values: &[Value<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<T, Fault>,
    ) -> Result<Vec<T>, Fault> {
        probe::statement(sql)?;
        let mut statement = self.connection.prepare_cached(sql.sqlite())?;
        let mut rows = statement.query(rusqlite::params_from_iter(values))?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(read(&Row(row))?);
        }
        Ok(found)
    }
}

/// A transaction: all of it becomes durable, or none. Only the store makes one, and lends it to a job.
pub struct Tx<'c> {
    view: Rx<'c>,
}

impl<'c> Tx<'c> {
    pub(crate) const fn new(connection: &'c rusqlite::Connection) -> Self {
        Self { view: Rx::new(connection) }
    }

    /// Runs a statement, and says how many rows it changed.
    pub(crate) fn run(&mut self, sql: &Sql, values: &[Value<'_>]) -> Result<usize, Fault> {
        probe::statement(sql)?;
        let mut statement = self.view.connection.prepare_cached(sql.sqlite())?;
        Ok(statement.execute(rusqlite::params_from_iter(values))?)
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
