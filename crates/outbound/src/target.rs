//! A URL that a request may be sent to.

use std::{fmt, net::IpAddr};

use domain::refusal::Refusal;
use url::{Host, Url};

use crate::guard;

/// The longest URL that is taken, in bytes, as it was written and as it is sent.
pub const MAX_URL_BYTES: usize = 2_048;

/// What a target may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TargetPolicy {
    /// Whether plain `http` and any address may be reached: this host, its network, its cloud. It is meant for a
    /// sandbox on a developer's machine, and for tests. The default is no: `https` to the public internet only.
    pub allow_private: bool,
}

impl TargetPolicy {
    /// Whether a connection to this address may be made.
    pub fn permits(self, address: IpAddr) -> bool {
        self.allow_private || guard::is_public(address)
    }
}

/// A URL that was checked and brought into the one form in which it is sent.
///
/// Its `Debug` text shows scheme, host and port alone, since paths and queries carry other people's tokens.
#[derive(Clone, PartialEq, Eq)]
pub struct Target(Url);

impl Target {
    /// Checks a URL: when an endpoint is registered, and again at each attempt.
    ///
    /// It is read as browsers read it (WHATWG URL Standard), so that `0x7f.1`, `2130706433` or `[::ffff:7f00:1]` are
    /// the addresses that they mean. A fragment is left off: it is never sent. A host name is judged by its addresses
    /// when a connection is made; only `localhost` is refused by name (RFC 6761, section 6.3).
    pub fn parse(url: &str, policy: TargetPolicy) -> Result<Self, TargetRefused> {
        if url.len() > MAX_URL_BYTES {
            return Err(TargetRefused::TooLong);
        }
        let mut url = Url::parse(url)?;
        url.set_fragment(None);
        let target = Self(url);
        target.check(policy)?;
        Ok(target)
    }

    /// Checks a target again, under the policy of whoever is about to send.
    pub(crate) fn check(&self, policy: TargetPolicy) -> Result<(), TargetRefused> {
        let Self(url) = self;
        match url.scheme() {
            "https" => {}
            "http" if policy.allow_private => {}
            "http" => return Err(TargetRefused::Plain),
            _ => return Err(TargetRefused::Scheme),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(TargetRefused::Credentials);
        }
        let permitted = match url.host().ok_or(TargetRefused::NoHost)? {
            Host::Ipv4(address) => policy.permits(address.into()),
            Host::Ipv6(address) => policy.permits(address.into()),
            Host::Domain(name) => policy.allow_private || !is_localhost(name),
        };
        if !permitted {
            return Err(TargetRefused::Private);
        }
        // Percent-encoding makes a URL longer than it was written.
        if url.as_str().len() > MAX_URL_BYTES { Err(TargetRefused::TooLong) } else { Ok(()) }
    }

    /// The URL as it is sent.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The URL for the client.
    pub(crate) fn url(&self) -> &Url {
        &self.0
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Target({})", self.0.origin().ascii_serialization())
    }
}

/// Why a request may not be sent to a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetRefused {
    /// Longer than [`MAX_URL_BYTES`].
    #[error("the URL is longer than {MAX_URL_BYTES} bytes")]
    TooLong,
    /// No absolute URL; the source says where it breaks.
    #[error("that is not an absolute URL")]
    Malformed(#[from] url::ParseError),
    /// Neither `https` nor `http`.
    #[error("only https URLs are called")]
    Scheme,
    /// `http`, where only `https` will do.
    #[error("plain http is not allowed here: use https")]
    Plain,
    /// A URL without a host.
    #[error("the URL names no host")]
    NoHost,
    /// `user:password@` in front of the host. They would be kept and shown in the clear.
    #[error("the URL carries credentials: leave them out")]
    Credentials,
    /// This host, a private network, or another address that is not public.
    #[error("the URL does not lead to the public internet")]
    Private,
}

impl From<TargetRefused> for Refusal {
    fn from(_: TargetRefused) -> Self {
        Self::EndpointUrlInvalid
    }
}

/// Whether a name means this host by definition. The URL parser has made it lower case.
fn is_localhost(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    name == "localhost" || name.ends_with(".localhost")
}

#[cfg(test)]
mod tests;
