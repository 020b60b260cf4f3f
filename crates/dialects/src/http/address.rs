//! Who a request comes from, as far as addresses tell.

use std::net::{IpAddr, Ipv4Addr};

use axum::http::Extensions;

/// The address that a request comes from: an extension that the server puts into every request. Which proxies it
/// believes is the server's business.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

/// What is limited as one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum AddressKey {
    /// An IPv4 address.
    V4(Ipv4Addr),
    /// The first 64 bits of an IPv6 address: whoever has one address of such a network has them all (RFC 6177).
    V6([u16; 4]),
    /// A request of which no address is known.
    Unknown,
}

impl AddressKey {
    /// The key of a request with these extensions.
    pub(crate) fn of(extensions: &Extensions) -> Self {
        let Some(ClientAddress(address)) = extensions.get() else { return Self::Unknown };
        match address.to_canonical() {
            IpAddr::V4(address) => Self::V4(address),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                Self::V6([a, b, c, d])
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(address: &str) -> AddressKey {
        let mut extensions = Extensions::new();
        extensions.insert(ClientAddress(address.parse().unwrap()));
        AddressKey::of(&extensions)
    }

    #[test]
    fn a_network_of_one_caller_is_one_key() {
        assert_eq!(key("2001:db8::1"), key("2001:db8::ffff:1"));
        assert_ne!(key("2001:db8::1"), key("2001:db8:0:1::1"));
        assert_eq!(key("::ffff:192.0.2.1"), key("192.0.2.1"));
        assert_ne!(key("192.0.2.1"), key("192.0.2.2"));
        assert_eq!(AddressKey::of(&Extensions::new()), AddressKey::Unknown);
    }
}
