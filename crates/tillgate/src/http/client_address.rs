//! Whose request it is, behind proxies.
//!
//! Anybody can write `X-Forwarded-For` (a convention) or `Forwarded` (RFC 7239). They are believed from the addresses
//! that the operator trusts, from the right to the left, up to the first address that is not one of them: what stands
//! further left was written by that one itself.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, header::FORWARDED};
use domain::ip_block::IpBlock;

/// The header that proxies have long used.
const X_FORWARDED_FOR: &str = "x-forwarded-for";

/// Hops of one request that are looked at.
const HOPS: usize = 32;

/// The proxies that are believed.
#[derive(Clone, Debug, Default)]
pub(super) struct TrustedProxies(Vec<IpBlock>);

impl TrustedProxies {
    pub(super) const fn new(blocks: Vec<IpBlock>) -> Self {
        Self(blocks)
    }

    /// Whose request it is that came from `peer`.
    pub(super) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let peer = peer.to_canonical();
        if !self.trusts(peer) {
            return peer;
        }
        let convention = self.first_stranger(&values(headers, X_FORWARDED_FOR), address);
        let standard = self.first_stranger(&values(headers, FORWARDED.as_str()), forwarded_for);
        match (convention, standard) {
            (Some(client), None) | (None, Some(client)) => client,
            (Some(one), Some(other)) if one == other => one,
            // A proxy that writes the one header passes the other on as its caller wrote it. Which one it writes
            // cannot be told from here, so neither is believed: whoever sends both counts as the proxy, with all who
            // do the same.
            (None, None) | (Some(_), Some(_)) => peer,
        }
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|block| block.contains(address))
    }

    /// The first address from the right that is not a proxy of ours; the leftmost where all of them are. Nothing where
    /// there is none, or where it cannot be read.
    fn first_stranger(&self, values: &[&str], read: fn(&str) -> Option<IpAddr>) -> Option<IpAddr> {
        let hops = values.iter().flat_map(|value| value.split(',')).map(str::trim);
        let hops: Vec<&str> = hops.filter(|hop| !hop.is_empty()).collect();
        let mut last = None;
        for hop in hops.iter().rev().take(HOPS) {
            // What cannot be read was not written by a proxy of ours: the one before it is the last that is known.
            let Some(address) = read(hop) else { return last };
            if !self.trusts(address) {
                return Some(address);
            }
            last = Some(address);
        }
        last
    }
}

fn values<'a>(headers: &'a HeaderMap, name: &str) -> Vec<&'a str> {
    headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect()
}

/// An address, alone or with a port, IPv6 with brackets or without.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let with_port = || text.parse::<SocketAddr>().map(|address| address.ip());
    bare.parse().or_else(|_| with_port()).ok().map(|address: IpAddr| address.to_canonical())
}

/// The `for` of one element of `Forwarded`: `for=192.0.2.60;proto=http`, `for="[2001:db8::1]:4711"`.
fn forwarded_for(element: &str) -> Option<IpAddr> {
    let mut pairs = element.split(';').filter_map(|pair| pair.split_once('='));
    let (_, node) = pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case("for"))?;
    let node = node.trim();
    address(node.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(node))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROXY: &str = "10.0.0.1";

    fn client(peer: &str, headers: &[(&'static str, &str)]) -> String {
        let proxies = TrustedProxies::new(
            ["10.0.0.0/8", "fd00::/8"].map(|text| IpBlock::parse(text).unwrap()).to_vec(),
        );
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        proxies.client(peer.parse().unwrap(), &map).to_string()
    }

    #[test]
    fn a_stranger_is_not_believed() {
        for name in ["x-forwarded-for", "forwarded"] {
            assert_eq!(
                client("192.0.2.1", &[(name, "for=198.51.100.7"), (name, "198.51.100.7")]),
                "192.0.2.1"
            );
        }
    }

    #[test]
    fn the_first_stranger_from_the_right_is_the_client() {
        for (header, value, expected) in [
            ("x-forwarded-for", "198.51.100.7", "198.51.100.7"),
            ("x-forwarded-for", "1.1.1.1, 198.51.100.7", "198.51.100.7"),
            ("x-forwarded-for", "198.51.100.7, 10.0.0.9", "198.51.100.7"),
            ("x-forwarded-for", "10.0.0.8, 10.0.0.9", "10.0.0.8"),
            ("x-forwarded-for", "198.51.100.7:4711", "198.51.100.7"),
            ("x-forwarded-for", "2001:db8::1", "2001:db8::1"),
            ("x-forwarded-for", "[2001:db8::1]:4711", "2001:db8::1"),
            ("x-forwarded-for", "::ffff:198.51.100.7", "198.51.100.7"),
            ("x-forwarded-for", "198.51.100.7, unknown", PROXY),
            ("x-forwarded-for", "198.51.100.7, unknown, 10.0.0.9", "10.0.0.9"),
            ("x-forwarded-for", "", PROXY),
            ("forwarded", "for=198.51.100.7;proto=https", "198.51.100.7"),
            ("forwarded", "proto=https;For=\"[2001:db8::1]:4711\"", "2001:db8::1"),
            ("forwarded", "for=1.1.1.1, for=198.51.100.7, for=10.0.0.2", "198.51.100.7"),
            ("forwarded", "for=_hidden", PROXY),
            ("forwarded", "proto=https", PROXY),
        ] {
            assert_eq!(client(PROXY, &[(header, value)]), expected, "{header}: {value}");
        }
    }

    #[test]
    fn several_lines_of_a_header_are_one_list() {
        let lines = [("x-forwarded-for", "1.1.1.1"), ("x-forwarded-for", "198.51.100.7")];
        assert_eq!(client("fd00::1", &lines), "198.51.100.7");
    }

    #[test]
    fn two_headers_that_disagree_are_not_believed() {
        let both = |other: &str| client(PROXY, &[("x-forwarded-for", "198.51.100.7"), ("forwarded", other)]);
        assert_eq!(both("for=198.51.100.7"), "198.51.100.7");
        assert_eq!(both("for=203.0.113.9"), PROXY);
    }
}
