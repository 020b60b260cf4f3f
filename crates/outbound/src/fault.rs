//! Why a request got no answer, in a few stable words.

use std::{error::Error, io, iter};

use crate::resolve::ResolveError;

/// What went wrong between us and an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub(crate) enum Fault {
    /// The URL or every address of its name is refused by the policy.
    #[error("address not allowed")]
    AddressNotAllowed,
    /// The name has no address, or could not be asked for.
    #[error("name not found")]
    NameNotFound,
    /// No connection within its share of the time.
    #[error("connection timed out")]
    ConnectTimedOut,
    /// No whole answer within the time.
    #[error("timed out")]
    TimedOut,
    /// Nobody listens there.
    #[error("connection refused")]
    ConnectionRefused,
    /// The other side broke the connection off.
    #[error("connection reset")]
    ConnectionReset,
    /// The other side ended the connection before the answer was whole.
    #[error("connection closed")]
    ConnectionClosed,
    /// No route to that host.
    #[error("host unreachable")]
    Unreachable,
    /// A certificate that is not trusted, has expired, or is another name's.
    #[error("certificate not valid")]
    CertificateInvalid,
    /// What came was no TLS, or no common ground was found.
    #[error("tls handshake failed")]
    Tls,
    /// What came was no HTTP, or more of a head than is read.
    #[error("answer malformed")]
    AnswerMalformed,
    /// More of an answer than is taken.
    #[error("answer too large")]
    AnswerTooLarge,
    /// A header that cannot be sent. It was ours to avoid.
    #[error("request not valid")]
    RequestInvalid,
    /// Something that has no word here; the log has it.
    #[error("request failed")]
    Other,
}

impl Fault {
    /// What a client's error comes down to, told by the types in its chain of causes.
    pub(crate) fn of(error: &reqwest::Error) -> Self {
        let fault = chain(error).find_map(by_resolver).or_else(|| chain(error).find_map(by_tls));
        if let Some(fault) = fault {
            return fault;
        }
        if error.is_timeout() {
            return if error.is_connect() { Self::ConnectTimedOut } else { Self::TimedOut };
        }
        let fault = chain(error).find_map(by_protocol).or_else(|| chain(error).find_map(by_system));
        fault.unwrap_or_else(|| {
            if error.is_builder() {
                return Self::RequestInvalid;
            }
            // The chain leaves the URL out, which only the outermost error shows.
            let causes: Vec<_> = chain(error).skip(1).map(ToString::to_string).collect();
            tracing::warn!(causes = ?causes, "a request failed in a way that has no word of its own");
            Self::Other
        })
    }
}

impl Fault {
    /// What kept a mail server from being heard, where it gave no reply.
    pub(crate) fn of_smtp(error: &lettre::transport::smtp::Error) -> Self {
        let fault = chain(error).find_map(by_tls).or_else(|| chain(error).find_map(by_system));
        match fault {
            Some(fault) => fault,
            None if error.is_timeout() => Self::ConnectTimedOut,
            None if error.is_response() => Self::AnswerMalformed,
            None => {
                let causes: Vec<_> = chain(error).skip(1).map(ToString::to_string).collect();
                tracing::warn!(causes = ?causes, "a mail server failed in a way that has no word of its own");
                Self::Other
            }
        }
    }
}

fn by_resolver(cause: &(dyn Error + 'static)) -> Option<Fault> {
    Some(match cause.downcast_ref()? {
        ResolveError::NotAllowed => Fault::AddressNotAllowed,
        ResolveError::Failed(_) | ResolveError::Empty => Fault::NameNotFound,
    })
}

fn by_tls(cause: &(dyn Error + 'static)) -> Option<Fault> {
    Some(match cause.downcast_ref()? {
        rustls::Error::InvalidCertificate(_) => Fault::CertificateInvalid,
        _ => Fault::Tls,
    })
}

fn by_protocol(cause: &(dyn Error + 'static)) -> Option<Fault> {
    let error: &hyper::Error = cause.downcast_ref()?;
    if error.is_parse() {
        Some(Fault::AnswerMalformed)
    } else if error.is_incomplete_message() {
        Some(Fault::ConnectionClosed)
    } else {
        None
    }
}

fn by_system(cause: &(dyn Error + 'static)) -> Option<Fault> {
    match cause.downcast_ref::<io::Error>()?.kind() {
        io::ErrorKind::ConnectionRefused => Some(Fault::ConnectionRefused),
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted | io::ErrorKind::BrokenPipe => {
            Some(Fault::ConnectionReset)
        }
        io::ErrorKind::UnexpectedEof => Some(Fault::ConnectionClosed),
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => Some(Fault::Unreachable),
        // The client's decoder of chunked bodies reports through the system's error type.
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => Some(Fault::AnswerMalformed),
        _ => None,
    }
}

/// An error and its causes. An I/O error shows the cause *of* what it wraps, and so hides what it wraps: here it does
/// not.
fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    iter::successors(Some(error), |&error| match error.downcast_ref().and_then(io::Error::get_ref) {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    })
}
