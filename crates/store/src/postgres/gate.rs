//! Making connections, and refusing databases that cannot keep money.

use futures_util::{
    StreamExt,
    stream::{BoxStream, poll_fn},
};
use tokio::{runtime::Builder, time::timeout};
use tokio_postgres::{AsyncMessage, Client, NoTls, Socket, error::SqlState, tls::MakeTlsConnect};

use super::{
    session::{PATIENCE, Session},
    tls::{self, TlsError},
    url::{PostgresUrl, Tls},
};
use crate::{OpenError, fault::Fault};

/// The oldest version of the server, as it numbers itself.
const OLDEST: u32 = 150_000;

/// What every session says first. A lock that is not had in time means "later". The limit on statements is only for
/// sessions whose node is gone: a node itself waits for less, and calls a commit that it no longer waits for unknown,
/// while the database would call it done, on however many machines it is. A node that stands still in the middle of a
/// transaction, or whose machine is gone without a word, holds its locks no longer than the others wait for its beat.
const GREETING: &str = "set lock_timeout = '5s'; set statement_timeout = '60s'; \
                        set idle_in_transaction_session_timeout = '5s'; set jit = off";

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectError {
    #[error("{0}")]
    Database(Fault),
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error("no runtime for a connection: {0}")]
    Runtime(std::io::Error),
}

impl ConnectError {
    /// Whether it is for the operator to mend: no later try would go otherwise.
    fn cure(&self) -> &'static str {
        let code = match self {
            Self::Database(fault) if fault.is_of_tls() => {
                return "Check that sslrootcert in database.url names the authority of the server's certificate, and \
                        that the certificate is for the host that the URL names";
            }
            Self::Database(fault) => fault.code(),
            Self::Tls(_) => return "Check sslmode and sslrootcert in database.url",
            Self::Runtime(_) => return "Check the limits of this process",
        };
        match code {
            Some(code) if *code == SqlState::INVALID_PASSWORD || is_authorization(code) => {
                "Check user and password in database.url, and pg_hba.conf"
            }
            Some(code) if *code == SqlState::INVALID_CATALOG_NAME => {
                "Make the database first: createdb --encoding=UTF8 --locale=C --template=template0 NAME"
            }
            Some(_) | None => {
                "Check that the server runs, takes writes, and can be reached under the hosts of database.url"
            }
        }
    }
}

fn is_authorization(code: &SqlState) -> bool {
    *code == SqlState::INVALID_AUTHORIZATION_SPECIFICATION
}

/// A connection that somebody has to drive: what the database says by itself, until it hangs up.
pub(crate) type Driver = BoxStream<'static, Result<AsyncMessage, tokio_postgres::Error>>;

/// Makes a connection to the first host that takes writes.
pub(crate) async fn reach(url: &PostgresUrl) -> Result<(Client, Driver), ConnectError> {
    match &url.tls {
        Tls::Off => reach_over(url, NoTls).await,
        Tls::Verified { roots } => reach_over(url, tls::connector(roots.as_deref())?).await,
    }
}

async fn reach_over<T>(url: &PostgresUrl, tls: T) -> Result<(Client, Driver), ConnectError>
where
    T: MakeTlsConnect<Socket, Stream: Send + 'static>,
{
    // Each host has its own time to accept; all of them together have this much to say that they are ready.
    let hosts = u32::try_from(url.config.get_hosts().len()).unwrap_or(u32::MAX);
    let connecting = timeout(PATIENCE.saturating_mul(hosts), url.config.connect(tls));
    let connected = connecting.await.map_err(|_| ConnectError::Database(Fault::silent()))?;
    let (client, mut connection) = connected.map_err(|error| ConnectError::Database(error.into()))?;
    Ok((client, poll_fn(move |context| connection.poll_message(context)).boxed()))
}

/// Makes a connection for one thread.
pub(crate) fn connect(url: &PostgresUrl) -> Result<Session, ConnectError> {
    let runtime = Builder::new_current_thread().enable_all().build().map_err(ConnectError::Runtime)?;
    let (client, driver) = runtime.block_on(reach(url))?;
    let mut session = Session::new(runtime, client, driver);
    session.batch(GREETING).map_err(ConnectError::Database)?;
    Ok(session)
}

/// A first connection to a database that can be used, or why it cannot be.
pub(crate) fn admit(url: &PostgresUrl) -> Result<Session, OpenError> {
    let unusable =
        |why: String, cure: &'static str| OpenError::Unsuited { database: url.to_string(), why, cure };
    let mut session = connect(url).map_err(|error| unusable(error.to_string(), error.cure()))?;
    let mut ask = |text: &str| -> Result<String, OpenError> {
        let answer =
            session.ask(text).map_err(|fault| unusable(fault.to_string(), "Check the server's log"))?;
        Ok(answer.unwrap_or_default())
    };
    let version = ask("show server_version_num")?;
    if version.parse::<u32>().unwrap_or_default() < OLDEST {
        let why = format!("it is PostgreSQL {}", ask("show server_version")?);
        return Err(unusable(why, "Use PostgreSQL 15 or newer"));
    }
    let encoding = ask("show server_encoding")?;
    if encoding != "UTF8" {
        return Err(unusable(
            format!("its encoding is {encoding}"),
            "Make one with: createdb --encoding=UTF8 --locale=C --template=template0 NAME",
        ));
    }
    if ask("select pg_is_in_recovery() or current_setting('transaction_read_only') = 'on'")? != "f" {
        return Err(unusable(
            "it takes no writes".to_owned(),
            "Name the primary in database.url, or all hosts of the cluster apart by commas",
        ));
    }
    for setting in ["fsync", "full_page_writes", "synchronous_commit"] {
        // Weaker than on, `local` and `remote_write` still mean this server's own disk.
        if ask(&format!("show {setting}"))? == "off" {
            tracing::warn!(setting, "off: the database may lose what it said it kept");
        }
    }
    Ok(session)
}
