//! Parameters and columns as PostgreSQL sends them.

use std::error::Error;

use bytes::{BufMut, BytesMut};
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use crate::sql::Value;

/// A parameter that outlives the call which gave it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Owned {
    Null,
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
}

impl From<&Value<'_>> for Owned {
    fn from(value: &Value<'_>) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Int(value) => Self::Int(*value),
            Value::Text(text) => Self::Text((*text).to_owned()),
            Value::Decimal(text) => Self::Text(text.clone()),
            Value::Bytes(bytes) => Self::Bytes(bytes.to_vec()),
        }
    }
}

/// A parameter that its column's type cannot take.
#[derive(Debug, thiserror::Error)]
#[error("a parameter for {0} is of another kind")]
struct WrongKind(String);

fn write(value: &Value<'_>, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
    match value {
        Value::Null => return Ok(IsNull::Yes),
        Value::Int(value) if *kind == Type::INT8 => out.put_i64(*value),
        // A literal's neighbour: `select 1` and its kin.
        Value::Int(value) if *kind == Type::INT4 => out.put_i32(i32::try_from(*value)?),
        Value::Text(text) if is_text(kind) => out.put_slice(text.as_bytes()),
        Value::Decimal(text) if is_text(kind) => out.put_slice(text.as_bytes()),
        Value::Bytes(bytes) if is_raw(kind) => out.put_slice(bytes),
        Value::Int(_) | Value::Text(_) | Value::Decimal(_) | Value::Bytes(_) => {
            return Err(WrongKind(kind.name().to_owned()).into());
        }
    }
    Ok(IsNull::No)
}

fn is_text(kind: &Type) -> bool {
    matches!(*kind, Type::TEXT | Type::VARCHAR | Type::NAME)
}

/// Ids are sent as the 16 bytes that they are, whichever of the two types a column has.
fn is_raw(kind: &Type) -> bool {
    matches!(*kind, Type::BYTEA | Type::UUID)
}

impl ToSql for Value<'_> {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        write(self, kind, out)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

impl ToSql for Owned {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        let value = match self {
            Self::Null => Value::Null,
            Self::Int(value) => Value::Int(*value),
            Self::Text(text) => Value::Text(text),
            Self::Bytes(bytes) => Value::Bytes(bytes),
        };
        write(&value, kind, out)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// A column of any whole number: a literal has fewer bits than a column of ours.
pub(crate) struct Whole(pub(crate) i64);

impl<'a> FromSql<'a> for Whole {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        if *kind == Type::INT4 {
            return Ok(Self(i32::from_sql(kind, raw)?.into()));
        }
        Ok(Self(i64::from_sql(kind, raw)?))
    }

    fn accepts(kind: &Type) -> bool {
        matches!(*kind, Type::INT8 | Type::INT4)
    }
}

/// A column of bytes, be it called bytes or an id.
pub(crate) struct Raw<'a>(pub(crate) &'a [u8]);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(raw))
    }

    fn accepts(kind: &Type) -> bool {
        is_raw(kind)
    }
}
