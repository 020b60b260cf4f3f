//! Statement texts, their parameters, and the rows that they give.
//!
//! One text serves both databases. It is written with `?1`, which SQLite takes by position; SQLite would read `$1` as a
//! name and bind it by the order of its appearance, silently wrong.

use domain::{
    id::Id,
    money::{Amount, SignedAmount},
    refusal::Refusal,
    time::Timestamp,
};

use crate::{
    fault::Fault,
    postgres::{Raw, Whole},
};

/// One statement.
#[derive(Debug)]
pub struct Sql {
    name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

impl Sql {
    /// A statement that both databases take as it is.
    pub(crate) const fn new(name: &'static str, text: &'static str) -> Self {
        Self { name, sqlite: text, postgres: text }
    }

    /// A statement that has to differ. There are few: each is a place where one database could be right alone.
    pub(crate) const fn differing(name: &'static str, sqlite: &'static str, postgres: &'static str) -> Self {
        Self { name, sqlite, postgres }
    }

    /// Where it is written: module and constant.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The text for SQLite.
    pub const fn sqlite(&self) -> &'static str {
        self.sqlite
    }

    /// The text for PostgreSQL, still with `?1`.
    pub const fn postgres(&self) -> &'static str {
        self.postgres
    }
}

/// Declares the statements of a table's file, and their list.
macro_rules! statements {
    ($($name:ident = $text:expr;)*) => {
        $(const $name: crate::sql::Sql =
            crate::sql::Sql::new(concat!(module_path!(), "::", stringify!($name)), $text);)*
        pub(crate) const STATEMENTS: &[&crate::sql::Sql] = &[$(&$name),*];
    };
}
pub(crate) use statements;

/// A parameter.
#[derive(Debug)]
pub(crate) enum Value<'a> {
    Null,
    Int(i64),
    Text(&'a str),
    Decimal(String),
    Bytes(&'a [u8]),
}

/// The parameters of a statement, each turned into a [`Value`].
macro_rules! values {
    ($($value:expr),* $(,)?) => { &[$(crate::sql::Value::from($value)),*] };
}
pub(crate) use values;

impl From<i64> for Value<'_> {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<u32> for Value<'_> {
    fn from(value: u32) -> Self {
        Self::Int(i64::from(value))
    }
}

impl From<u64> for Value<'_> {
    /// Heights and counts; none of them comes near the end of the range.
    fn from(value: u64) -> Self {
        Self::Int(i64::try_from(value).unwrap_or(i64::MAX))
    }
}

impl From<bool> for Value<'_> {
    fn from(value: bool) -> Self {
        Self::Int(i64::from(value))
    }
}

impl From<Timestamp> for Value<'_> {
    fn from(value: Timestamp) -> Self {
        Self::Int(value.micros())
    }
}

impl From<Amount> for Value<'_> {
    fn from(value: Amount) -> Self {
        Self::Decimal(value.minor().to_string())
    }
}

impl From<SignedAmount> for Value<'_> {
    fn from(value: SignedAmount) -> Self {
        Self::Decimal(value.minor().to_string())
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(value)
    }
}

impl From<String> for Value<'_> {
    fn from(value: String) -> Self {
        Self::Decimal(value)
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(value: &'a [u8]) -> Self {
        Self::Bytes(value)
    }
}

impl<'a, K> From<&'a Id<K>> for Value<'a> {
    fn from(value: &'a Id<K>) -> Self {
        Self::Bytes(value.bytes())
    }
}

impl<T: Into<Self>> From<Option<T>> for Value<'_> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl rusqlite::ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        use rusqlite::types::{ToSqlOutput, ValueRef};
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(value) => ValueRef::Integer(*value),
            Self::Text(value) => ValueRef::Text(value.as_bytes()),
            Self::Decimal(value) => ValueRef::Text(value.as_bytes()),
            Self::Bytes(value) => ValueRef::Blob(value),
        }))
    }
}

/// A row that a statement gave. Columns are asked for by their place in the statement's text.
pub(crate) enum Row<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a tokio_postgres::Row),
}

type Read<T> = Result<T, Fault>;

impl Row<'_> {
    pub(crate) fn int(&self, column: usize) -> Read<i64> {
        self.opt_int(column)?.ok_or(Fault::undecodable(column))
    }

    pub(crate) fn opt_int(&self, column: usize) -> Read<Option<i64>> {
        match self {
            Self::Sqlite(row) => Ok(row.get(column)?),
            Self::Postgres(row) => Ok(row.try_get::<_, Option<Whole>>(column)?.map(|Whole(value)| value)),
        }
    }

    pub(crate) fn u32(&self, column: usize) -> Read<u32> {
        u32::try_from(self.int(column)?).map_err(|_| Fault::undecodable(column))
    }

    pub(crate) fn opt_u32(&self, column: usize) -> Read<Option<u32>> {
        self.opt_int(column)?
            .map(|value| u32::try_from(value).map_err(|_| Fault::undecodable(column)))
            .transpose()
    }

    pub(crate) fn u64(&self, column: usize) -> Read<u64> {
        u64::try_from(self.int(column)?).map_err(|_| Fault::undecodable(column))
    }

    pub(crate) fn opt_u64(&self, column: usize) -> Read<Option<u64>> {
        self.opt_int(column)?
            .map(|value| u64::try_from(value).map_err(|_| Fault::undecodable(column)))
            .transpose()
    }

    pub(crate) fn bool(&self, column: usize) -> Read<bool> {
        Ok(self.int(column)? != 0)
    }

    pub(crate) fn time(&self, column: usize) -> Read<Timestamp> {
        Ok(Timestamp::from_micros(self.int(column)?))
    }

    pub(crate) fn opt_time(&self, column: usize) -> Read<Option<Timestamp>> {
        Ok(self.opt_int(column)?.map(Timestamp::from_micros))
    }

    pub(crate) fn text(&self, column: usize) -> Read<String> {
        self.opt_text(column)?.ok_or(Fault::undecodable(column))
    }

    pub(crate) fn opt_text(&self, column: usize) -> Read<Option<String>> {
        match self {
            Self::Sqlite(row) => Ok(row.get(column)?),
            Self::Postgres(row) => Ok(row.try_get(column)?),
        }
    }

    pub(crate) fn bytes(&self, column: usize) -> Read<Vec<u8>> {
        self.opt_bytes(column)?.ok_or(Fault::undecodable(column))
    }

    pub(crate) fn opt_bytes(&self, column: usize) -> Read<Option<Vec<u8>>> {
        match self {
            Self::Sqlite(row) => Ok(row.get(column)?),
            Self::Postgres(row) => {
                Ok(row.try_get::<_, Option<Raw<'_>>>(column)?.map(|Raw(bytes)| bytes.to_vec()))
            }
        }
    }

    pub(crate) fn id<K>(&self, column: usize) -> Read<Id<K>> {
        self.opt_id(column)?.ok_or(Fault::undecodable(column))
    }

    pub(crate) fn opt_id<K>(&self, column: usize) -> Read<Option<Id<K>>> {
        let bytes: Option<[u8; 16]> = match self {
            Self::Sqlite(row) => row.get(column)?,
            Self::Postgres(row) => match row.try_get::<_, Option<Raw<'_>>>(column)? {
                Some(Raw(bytes)) => Some(bytes.try_into().map_err(|_| Fault::undecodable(column))?),
                None => None,
            },
        };
        Ok(bytes.map(Id::from_bytes))
    }

    pub(crate) fn amount(&self, column: usize) -> Read<Amount> {
        self.parsed(column, |text| text.parse().ok().map(Amount::from_minor))
    }

    pub(crate) fn u128(&self, column: usize) -> Read<u128> {
        self.parsed(column, |text| text.parse().ok())
    }

    pub(crate) fn signed_amount(&self, column: usize) -> Read<SignedAmount> {
        self.parsed(column, |text| text.parse().ok().map(SignedAmount::from_minor))
    }

    /// A text that stands for something: a status, a name, a number.
    pub(crate) fn parsed<T>(&self, column: usize, parse: impl FnOnce(&str) -> Option<T>) -> Read<T> {
        let text = match self {
            Self::Sqlite(row) => row.get_ref(column)?.as_str().map_err(|_| Fault::undecodable(column))?,
            Self::Postgres(row) => row.try_get(column)?,
        };
        parse(text).ok_or(Fault::undecodable(column))
    }

    /// A text that the domain can read.
    pub(crate) fn named<T>(&self, column: usize, parse: impl FnOnce(&str) -> Result<T, Refusal>) -> Read<T> {
        self.parsed(column, |text| parse(text).ok())
    }
}
