//! Where a PostgreSQL database is, and how far it is trusted.

use std::{fmt, path::PathBuf, str::FromStr, time::Duration};

use tokio_postgres::{
    Config,
    config::{Host, SslMode, TargetSessionAttrs},
};

/// How long one host may take to accept a connection. Where several are named, the next is tried then.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// How long what was sent may stay unacknowledged by the other host before the connection counts as lost.
const TCP_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a silent connection is left alone before it is asked whether it lives.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(10);

/// A database that nodes share: `postgres://user:password@host1,host2/name?…`, with the parameters of libpq that make
/// sense here. Several hosts are tried in their order, and only the one that takes writes is used.
#[derive(Clone)]
pub struct PostgresUrl {
    pub(crate) config: Box<Config>,
    pub(crate) tls: Tls,
    shown: String,
}

/// How a connection is kept from others' eyes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Tls {
    /// It is not: a socket of this host, or a network that is trusted.
    Off,
    /// Encrypted, and the server's certificate has to be good for its name.
    Verified {
        /// The authorities that may vouch for it; `None`: those of the system.
        roots: Option<PathBuf>,
    },
}

/// What is wrong with a URL. No message holds any of it: it may have a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PostgresUrlError {
    /// It cannot be read, or has a parameter that is not known.
    #[error(
        "\"postgres://USER:PASSWORD@HOST:PORT/NAME\", with several hosts apart by commas where there are several"
    )]
    Malformed,
    /// It names no host.
    #[error("a URL that names its host; for a Unix socket, \"postgres:///NAME?host=/var/run/postgresql\"")]
    NoHost,
    /// It leaves to the server whether the connection is encrypted.
    #[error(
        "a URL with sslmode=verify-full, or with sslmode=disable in a network that is trusted: what is only \
         preferred anybody between could turn off"
    )]
    Undecided,
}

impl FromStr for PostgresUrl {
    type Err = PostgresUrlError;

    fn from_str(text: &str) -> Result<Self, PostgresUrlError> {
        let (base, query) = text.split_once('?').unwrap_or((text, ""));
        let mut mode = None;
        let mut roots = None;
        let mut kept = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=') {
                Some(("sslmode", value)) => mode = Some(value),
                Some(("sslrootcert", value)) => roots = Some(PathBuf::from(value)),
                // libpq takes several in one parameter, the client here one in each.
                Some(("host", value)) => kept.extend(value.split(',').map(|host| format!("host={host}"))),
                Some(_) => kept.push(pair.to_owned()),
                None => return Err(PostgresUrlError::Malformed),
            }
        }
        let plain = if kept.is_empty() { base.to_owned() } else { format!("{base}?{}", kept.join("&")) };
        let mut config: Config = plain.parse().map_err(|_| PostgresUrlError::Malformed)?;
        if config.get_hosts().is_empty() {
            return Err(PostgresUrlError::NoHost);
        }
        let tls = match mode {
            Some("disable") => Tls::Off,
            Some("require" | "verify-ca" | "verify-full") => Tls::Verified { roots },
            Some(_) => return Err(PostgresUrlError::Undecided),
            None if roots.is_none() && config.get_hosts().iter().all(is_here) => Tls::Off,
            None => Tls::Verified { roots },
        };
        config
            .ssl_mode(if tls == Tls::Off { SslMode::Disable } else { SslMode::Require })
            .target_session_attrs(TargetSessionAttrs::ReadWrite)
            .tcp_user_timeout(TCP_TIMEOUT)
            .keepalives_idle(KEEPALIVE_IDLE);
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIMEOUT);
        }
        if config.get_application_name().is_none() {
            config.application_name("tillgate");
        }
        let shown = shown(&config);
        Ok(Self { config: Box::new(config), tls, shown })
    }
}

/// Whether a host is this one.
fn is_here(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => {
            name == "localhost" || name.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
        }
        Host::Unix(_) => true,
    }
}

/// What stands in place of a password.
const REDACTED: &str = "[redacted]";

/// The URL without what is secret in it.
fn shown(config: &Config) -> String {
    let ports = config.get_ports();
    let mut hosts = Vec::new();
    let mut sockets = Vec::new();
    for (index, host) in config.get_hosts().iter().enumerate() {
        let port = ports.get(index).or(ports.first()).map_or(String::new(), |port| format!(":{port}"));
        match host {
            Host::Tcp(name) => hosts.push(format!("{name}{port}")),
            Host::Unix(path) => sockets.push(format!("host={}", path.display())),
        }
    }
    let password = if config.get_password().is_some() { format!(":{REDACTED}") } else { String::new() };
    let user = config.get_user().map_or(String::new(), |user| format!("{user}{password}@"));
    let query = if sockets.is_empty() { String::new() } else { format!("?{}", sockets.join("&")) };
    format!("postgres://{user}{}/{}{query}", hosts.join(","), config.get_dbname().unwrap_or_default())
}

impl fmt::Display for PostgresUrl {
    /// User, hosts and name: neither password nor options.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.shown)
    }
}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.shown)
    }
}

impl PartialEq for PostgresUrl {
    fn eq(&self, other: &Self) -> bool {
        self.config == other.config && self.tls == other.tls
    }
}

impl Eq for PostgresUrl {}

#[cfg(test)]
mod tests {
    use super::*;

    fn tls(text: &str) -> Result<Tls, PostgresUrlError> {
        text.parse().map(|url: PostgresUrl| url.tls)
    }

    #[test]
    fn what_leaves_this_host_is_verified_unless_it_is_said_otherwise() {
        let verified = |roots: Option<&str>| Ok(Tls::Verified { roots: roots.map(PathBuf::from) });
        let cases = [
            ("postgres:///till?host=/run/postgresql", Ok(Tls::Off)),
            ("postgres://me@127.0.0.1:5432/till", Ok(Tls::Off)),
            ("postgres://me@localhost,[::1]/till", Ok(Tls::Off)),
            ("postgres://me@db.example/till", verified(None)),
            ("postgres://me@localhost,db.example/till", verified(None)),
            ("postgres://me@db.example/till?sslmode=disable", Ok(Tls::Off)),
            ("postgres://me@127.0.0.1/till?sslmode=require", verified(None)),
            (
                "postgres://me@db.example/till?sslmode=verify-full&sslrootcert=/ca.pem",
                verified(Some("/ca.pem")),
            ),
            ("postgres://me@db.example/till?sslmode=prefer", Err(PostgresUrlError::Undecided)),
            ("postgres:///till", Err(PostgresUrlError::NoHost)),
            ("postgres://me@db.example/till?colour=blue", Err(PostgresUrlError::Malformed)),
            ("postgres://me@db.example:port/till", Err(PostgresUrlError::Malformed)),
        ];
        for (text, expected) in cases {
            assert_eq!(tls(text), expected, "{text}");
        }
    }

    #[test]
    fn no_password_is_shown() {
        let url: PostgresUrl =
            "postgres://me:hunter2@one:5433,two:5434/till?options=-c%20a=b".parse().unwrap();
        let shown = "postgres://me:[redacted]@one:5433,two:5434/till";
        assert_eq!(format!("{url} {url:?}"), format!("{shown} {shown}"));
        let url: PostgresUrl = "postgres://me@/till?host=/run/postgresql".parse().unwrap();
        assert_eq!(url.to_string(), "postgres://me@/till?host=/run/postgresql");
    }

    #[test]
    fn several_sockets_are_named_in_either_form() {
        for text in ["postgres:///till?host=/one,/two", "postgres:///till?host=/one&host=/two"] {
            let url: PostgresUrl = text.parse().unwrap();
            let sockets = ["/one", "/two"].map(|path| Host::Unix(PathBuf::from(path)));
            assert_eq!(url.config.get_hosts(), sockets, "{text}");
            assert_eq!(url.to_string(), "postgres:///till?host=/one&host=/two");
        }
    }
}
