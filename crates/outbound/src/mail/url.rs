//! Where the mail server is, and how far it is trusted.

use std::{fmt, path::PathBuf, str::FromStr};

use percent_encoding::percent_decode_str;
use url::{Host, Url};
use zeroize::Zeroizing;

/// The port of a server that speaks TLS from the first byte (RFC 8314).
const IMPLICIT_PORT: u16 = 465;

/// The port of a server that is asked for TLS first (RFC 6409).
const SUBMISSION_PORT: u16 = 587;

/// A mail server: `smtps://USER:PASSWORD@HOST:PORT` speaks TLS from the first byte, `smtp://…` is asked for it first
/// (STARTTLS), and has to offer it unless it is on this host. `?tls=none` leaves it out, `?tls=required` asks for it on
/// this host too, `?ca=FILE` names the authorities that may vouch for the server in place of the system's.
#[derive(Clone, PartialEq, Eq)]
pub struct SmtpUrl {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) encryption: Encryption,
    pub(super) login: Option<(String, Zeroizing<String>)>,
    pub(super) authorities: Option<PathBuf>,
}

/// How a connection is kept from others' eyes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encryption {
    /// It is not: a server of this host, or a network that is trusted.
    Off,
    /// Asked for before anything is said, and insisted on.
    StartTls,
    /// From the first byte.
    Implicit,
}

/// What is wrong with a URL. No message holds any of it: it may have a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SmtpUrlError {
    /// It cannot be read.
    #[error(
        "\"smtps://USER:PASSWORD@HOST\" or \"smtp://USER:PASSWORD@HOST:PORT\", with what is special in it as %40"
    )]
    Malformed,
    /// A parameter that is not known, or not with this scheme.
    #[error("a URL with no other parameters than tls=none, tls=required (of smtp://) and ca=FILE")]
    Parameter,
    /// A user without a password, or the reverse.
    #[error("a URL with a user and a password, or with neither")]
    HalfALogin,
    /// A password that anybody between could read.
    #[error("a URL without a password where tls=none is said: anybody between could read it")]
    PasswordInClear,
}

impl FromStr for SmtpUrl {
    type Err = SmtpUrlError;

    fn from_str(text: &str) -> Result<Self, SmtpUrlError> {
        let url = Url::parse(text).map_err(|_| SmtpUrlError::Malformed)?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(SmtpUrlError::Malformed)?;
        let host = Host::parse(host).map_err(|_| SmtpUrlError::Malformed)?;
        if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return Err(SmtpUrlError::Malformed);
        }
        let is_here = is_here(&host);
        let mut encryption = match url.scheme() {
            "smtps" => Encryption::Implicit,
            "smtp" if is_here => Encryption::Off,
            "smtp" => Encryption::StartTls,
            _ => return Err(SmtpUrlError::Malformed),
        };
        let mut authorities = None;
        for (name, value) in url.query_pairs() {
            match (&*name, &*value, encryption) {
                ("ca", path, _) if !path.is_empty() => authorities = Some(PathBuf::from(path)),
                ("tls", "none", Encryption::Off | Encryption::StartTls) => encryption = Encryption::Off,
                ("tls", "required", Encryption::Off | Encryption::StartTls) => {
                    encryption = Encryption::StartTls;
                }
                _ => return Err(SmtpUrlError::Parameter),
            }
        }
        let login = login(&url)?;
        if login.is_some() && encryption == Encryption::Off && !is_here {
            return Err(SmtpUrlError::PasswordInClear);
        }
        let port = match encryption {
            Encryption::Implicit => IMPLICIT_PORT,
            Encryption::Off | Encryption::StartTls => SUBMISSION_PORT,
        };
        // Brackets are a URL's; a connection and a certificate are made without them.
        let host = match host {
            Host::Domain(name) => name,
            Host::Ipv4(ip) => ip.to_string(),
            Host::Ipv6(ip) => ip.to_string(),
        };
        Ok(Self { host, port: url.port().unwrap_or(port), encryption, login, authorities })
    }
}

fn login(url: &Url) -> Result<Option<(String, Zeroizing<String>)>, SmtpUrlError> {
    let decode = |text: &str| {
        let text = percent_decode_str(text).decode_utf8().map_err(|_| SmtpUrlError::Malformed)?;
        if text.chars().any(char::is_control) { Err(SmtpUrlError::Malformed) } else { Ok(text.into_owned()) }
    };
    match (url.username(), url.password()) {
        ("", None) => Ok(None),
        ("", Some(_)) | (_, None | Some("")) => Err(SmtpUrlError::HalfALogin),
        (user, Some(password)) => Ok(Some((decode(user)?, Zeroizing::new(decode(password)?)))),
    }
}

/// Whether a host is this one.
fn is_here(host: &Host) -> bool {
    match host {
        Host::Domain(name) => name == "localhost",
        Host::Ipv4(ip) => ip.is_loopback(),
        Host::Ipv6(ip) => ip.is_loopback(),
    }
}

impl fmt::Display for SmtpUrl {
    /// Scheme, host and port: neither user nor password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.encryption == Encryption::Implicit { "smtps" } else { "smtp" };
        let host = &self.host;
        if host.contains(':') {
            write!(f, "{scheme}://[{host}]:{}", self.port)
        } else {
            write!(f, "{scheme}://{host}:{}", self.port)
        }
    }
}

impl fmt::Debug for SmtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leaves_this_host_is_encrypted_unless_it_is_said_otherwise() {
        use Encryption::{Implicit, Off, StartTls};
        for (text, shown, encryption) in [
            ("smtps://mail.example", "smtps://mail.example:465", Implicit),
            ("smtps://127.0.0.1:4650", "smtps://127.0.0.1:4650", Implicit),
            ("smtp://mail.example", "smtp://mail.example:587", StartTls),
            ("smtp://mail.example:25/", "smtp://mail.example:25", StartTls),
            ("smtp://mail.example?tls=required", "smtp://mail.example:587", StartTls),
            ("smtp://mail.example?tls=none", "smtp://mail.example:587", Off),
            ("smtp://localhost:25", "smtp://localhost:25", Off),
            ("smtp://[::1]:25", "smtp://[::1]:25", Off),
            ("smtp://127.0.0.1?tls=required", "smtp://127.0.0.1:587", StartTls),
        ] {
            let url: SmtpUrl = text.parse().unwrap();
            assert_eq!((url.to_string().as_str(), url.encryption), (shown, encryption), "{text}");
        }
        let url: SmtpUrl = "smtps://mail.example?ca=/etc/ca.pem".parse().unwrap();
        assert_eq!(url.authorities, Some(PathBuf::from("/etc/ca.pem")));
    }

    #[test]
    fn a_login_is_read_and_never_shown() {
        let url: SmtpUrl = "smtps://me%40shop.example:p%40ss%2Fw%3Ard@mail.example".parse().unwrap();
        let (user, password) = url.login.clone().unwrap();
        assert_eq!((user.as_str(), password.as_str()), ("me@shop.example", "p@ss/w:rd"));
        assert_eq!(format!("{url} {url:?}"), "smtps://mail.example:465 smtps://mail.example:465");
    }

    #[test]
    fn other_urls_are_refused_without_a_word_of_them() {
        use SmtpUrlError::{HalfALogin, Malformed, Parameter, PasswordInClear};
        for (text, error) in [
            ("", Malformed),
            ("mail.example:587", Malformed),
            ("https://mail.example", Malformed),
            ("smtp://", Malformed),
            ("smtp://mail.example/inbox", Malformed),
            ("smtp://me:a%0d%0ab@mail.example", Malformed),
            ("smtp://mail.example?colour=blue", Parameter),
            ("smtp://mail.example?tls=opportunistic", Parameter),
            ("smtps://mail.example?tls=none", Parameter),
            ("smtp://me@mail.example", HalfALogin),
            ("smtp://:secret@mail.example", HalfALogin),
            ("smtp://me:secret@mail.example?tls=none", PasswordInClear),
        ] {
            assert_eq!(text.parse::<SmtpUrl>(), Err(error), "{text}");
            assert!(!error.to_string().contains("secret"));
        }
        assert!("smtp://me:secret@localhost".parse::<SmtpUrl>().is_ok(), "nobody is between");
    }
}
