//! The one row about this installation.

use domain::{
    merchant::Environment,
    time::{Span, Timestamp},
};

use crate::{
    fault::Fault,
    sql::{Sql, statements, values},
    tx::{Locked, Rx, Tx},
};

/// What a database says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installation {
    /// The environment that it belongs to, for ever.
    pub environment: Environment,
    /// A known text, sealed with the master key: a database opened with another key is recognised by it.
    pub key_check: Vec<u8>,
    /// The key of public tokens, sealed with the master key.
    pub token_key: Vec<u8>,
    /// How far the business clock is ahead of the wall clock.
    pub clock_offset: Span,
    /// When it was made.
    pub created_at: Timestamp,
}

statements! {
    INSERT = "insert into installation (id, environment, key_check, token_key, clock_offset, created_at)
              values (1, ?1, ?2, ?3, ?4, ?5)";
    GET = "select environment, key_check, token_key, clock_offset, created_at from installation where id = 1";
    OFFSET = "select clock_offset from installation where id = 1";
    MOVE_CLOCK = "update installation set clock_offset = ?1 where id = 1";
}

/// Whoever changes what there is one of in the whole installation waits here for the others.
const LOCK: Sql = Sql::differing(
    concat!(module_path!(), "::LOCK"),
    "select clock_offset from installation where id = 1",
    "select clock_offset from installation where id = 1 for update",
);
pub(crate) const LOCKING: &[&Sql] = &[&LOCK];

/// Writes the row of a new database.
pub fn insert(tx: &mut Tx<'_>, row: &Installation) -> Result<(), Fault> {
    tx.put(
        &INSERT,
        values![
            row.environment.code(),
            &row.key_check[..],
            &row.token_key[..],
            row.clock_offset.micros(),
            row.created_at
        ],
    )
}

/// The row, where there is one already.
pub fn get(rx: &mut Rx<'_>) -> Result<Option<Installation>, Fault> {
    rx.one(&GET, values![], |row| {
        Ok(Installation {
            environment: row.parsed(0, Environment::from_code)?,
            key_check: row.bytes(1)?,
            token_key: row.bytes(2)?,
            clock_offset: Span::from_micros(row.int(3)?),
            created_at: row.time(4)?,
        })
    })
}

/// How far the business clock is ahead; nothing in a database without its row.
pub fn clock_offset(rx: &mut Rx<'_>) -> Result<Span, Fault> {
    let offset = rx.one(&OFFSET, values![], |row| row.int(0))?;
    Ok(Span::from_micros(offset.unwrap_or_default()))
}

/// Says that [`clock_offset`] will be asked for.
pub fn foresee_clock_offset(rx: &mut Rx<'_>) -> Result<(), Fault> {
    rx.foresee(&OFFSET, values![])
}

/// Holds the row against everybody else who would change it, or what it stands for: how far the clock is ahead.
pub fn lock(tx: &mut Tx<'_>) -> Result<Locked<Span>, Fault> {
    let offset = tx.one(&LOCK, values![], |row| row.int(0))?;
    Ok(Locked::new(Span::from_micros(offset.unwrap_or_default())))
}

/// Moves the business clock.
pub fn set_clock_offset(tx: &mut Tx<'_>, offset: &Locked<Span>) -> Result<(), Fault> {
    tx.put(&MOVE_CLOCK, values![offset.micros()])
}
