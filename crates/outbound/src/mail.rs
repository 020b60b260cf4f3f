//! Mails, handed to the operator's own mail server (SMTP, RFC 5321; submission, RFC 6409).
//!
//! The server is the operator's, so its address is not guarded; what it says is still bounded, by lettre's caps on a
//! reply and by a time for the whole conversation. What leaves this host is encrypted and verified, unless the URL says
//! otherwise, see [`SmtpUrl`].

mod compose;
mod reply;
mod sender;
mod url;

use std::time::Duration;

use domain::{mail::Letter, time::Timestamp};
use lettre::{
    Message,
    transport::smtp::{
        authentication::{Credentials, DEFAULT_MECHANISMS},
        client::{AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters},
        extension::ClientId,
    },
};
use rustls::pki_types::{CertificateDer, pem::PemObject};
use tokio::time::timeout;

use self::{
    reply::{offers_no_encryption, takes_no_password, words},
    url::Encryption,
};
pub use self::{
    sender::Sender,
    url::{SmtpUrl, SmtpUrlError},
};
use crate::fault::Fault;

/// How long a conversation may take in all, where nothing else is set: servers that are wary of strangers let them wait
/// for half a minute.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_mins(2);

/// How long a TCP connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);

/// How long a farewell may take, once all is said.
const QUIT_TIMEOUT: Duration = Duration::from_secs(5);

/// How mails are sent.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The mail server.
    pub url: SmtpUrl,
    /// Whom mails are from.
    pub from: Sender,
    /// The most time for one mail, from the name to the server's answer.
    pub timeout: Duration,
}

/// Why no mail can be sent at all.
#[derive(Debug, thiserror::Error)]
pub enum MailSetupError {
    /// The file of authorities that the URL names.
    #[error("the certificates that mail.smtp_url names with ca= cannot be read: {0}")]
    Authorities(#[source] std::io::Error),
    /// A file without a certificate.
    #[error("the file that mail.smtp_url names with ca= holds no certificates in PEM")]
    NoAuthorities,
    /// Most often the system has no root certificates.
    #[error("TLS cannot be set up: install the system's root certificates (package ca-certificates)")]
    Tls,
}

/// What became of a mail. No text holds an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent {
    /// The server took it.
    Taken,
    /// The server puts it off (4xx).
    Later(String),
    /// The server refuses it for good (5xx), or it cannot be sent as it is.
    Never(String),
    /// The server cannot be reached, or does not let us in. It would be no better with another mail now.
    Away(String),
}

/// Sends mails, each over a connection of its own.
#[derive(Clone)]
pub struct Mailer {
    url: SmtpUrl,
    from: Sender,
    timeout: Duration,
    hello: ClientId,
    tls: Option<TlsParameters>,
}

impl Mailer {
    /// A mailer with these settings. The mail server is not asked yet.
    ///
    /// # Errors
    /// [`MailSetupError`] where TLS cannot be set up.
    pub fn new(settings: Settings) -> Result<Self, MailSetupError> {
        crate::install_crypto();
        let Settings { url, from, timeout } = settings;
        let tls = match url.encryption {
            Encryption::Off => None,
            Encryption::StartTls | Encryption::Implicit => Some(tls(&url)?),
        };
        let hello = from.host().map_or_else(ClientId::default, ClientId::Domain);
        Ok(Self { url, from, timeout, hello, tls })
    }

    /// The most time that one mail may take.
    pub const fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Sends one mail, and waits until the server has taken it or not. `reference` is what its Message-ID begins with,
    /// `at` the time that it states.
    ///
    /// Nothing is kept here: after a crash the caller knows only that the mail may have been taken.
    pub async fn send(&self, letter: &Letter, reference: &str, at: Timestamp) -> Sent {
        let message = match compose::compose(letter, &self.from, reference, at) {
            Ok(message) => message,
            Err(why) => return Sent::Never(why.to_owned()),
        };
        let Ok(said) = timeout(self.timeout, self.hand_over(&message)).await else {
            return Sent::Away(Fault::TimedOut.to_string());
        };
        match said {
            Ok((mut connection, sent)) => {
                // Whatever comes of this, the mail is where it is.
                let _ = timeout(QUIT_TIMEOUT, connection.quit()).await;
                sent
            }
            Err(why) => Sent::Away(why),
        }
    }

    /// Connects, and hands a message over. An error is one of the connection, not of the message.
    async fn hand_over(&self, message: &Message) -> Result<(AsyncSmtpConnection, Sent), String> {
        let mut connection = self.connect().await?;
        let sent = match connection.send(message.envelope(), &message.formatted()).await {
            Ok(_) => Sent::Taken,
            Err(error) if error.is_transient() => Sent::Later(words(&error)),
            Err(error) if error.is_permanent() || error.is_client() => Sent::Never(words(&error)),
            Err(error) => return Err(words(&error)),
        };
        Ok((connection, sent))
    }

    /// A connection over which mails are taken: encrypted and known to the server, as the URL says.
    async fn connect(&self) -> Result<AsyncSmtpConnection, String> {
        let found = tokio::net::lookup_host((self.url.host.as_str(), self.url.port)).await;
        let addresses: Vec<_> = found.map_err(|_| Fault::NameNotFound.to_string())?.collect();
        let implicit = self.tls.clone().filter(|_| self.url.encryption == Encryption::Implicit);
        let connected = AsyncSmtpConnection::connect_tokio1(
            &addresses[..],
            Some(CONNECT_TIMEOUT),
            &self.hello,
            implicit,
            None,
        );
        let mut connection = connected.await.map_err(|error| words(&error))?;
        if self.url.encryption == Encryption::StartTls {
            let Some(tls) = self.tls.clone().filter(|_| connection.can_starttls()) else {
                return Err(offers_no_encryption());
            };
            connection.starttls(tls, &self.hello).await.map_err(|error| words(&error))?;
        }
        if let Some((user, password)) = &self.url.login {
            let login = Credentials::new(user.clone(), password.to_string());
            let known = connection.auth(DEFAULT_MECHANISMS, &login).await;
            known.map_err(|error| if error.is_client() { takes_no_password() } else { words(&error) })?;
        }
        Ok(connection)
    }
}

/// What the server's certificate has to be good for, and who may vouch for it.
fn tls(url: &SmtpUrl) -> Result<TlsParameters, MailSetupError> {
    let mut builder = TlsParameters::builder(url.host.clone());
    if let Some(path) = &url.authorities {
        let pem = std::fs::read(path).map_err(MailSetupError::Authorities)?;
        let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
        let found = found.ok().filter(|found| !found.is_empty()).ok_or(MailSetupError::NoAuthorities)?;
        builder = builder.certificate_store(CertificateStore::None);
        for one in found {
            let one = Certificate::from_der(one.to_vec()).map_err(|_| MailSetupError::NoAuthorities)?;
            builder = builder.add_root_certificate(one);
        }
    }
    builder.build().map_err(|_| MailSetupError::Tls)
}
