//! The database that many nodes share: threads with a connection each, and a few that carry hints.

mod gate;
mod hints;
mod pool;
mod session;
mod tls;
mod url;
mod values;

pub use self::url::{PostgresUrl, PostgresUrlError};
pub(crate) use self::{
    gate::admit,
    hints::Messenger,
    pool::{Kind, Pool},
    session::Session,
    values::{Raw, Whole},
};
