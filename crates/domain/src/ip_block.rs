//! Addresses of the internet, one or many, from which something may come.

use std::{fmt, net::IpAddr};

use ipnet::IpNet;

use crate::refusal::Refusal;

/// A block of addresses: `203.0.113.0/24`, or one address alone (RFC 4632, RFC 4291).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IpBlock(IpNet);

impl IpBlock {
    /// Reads a block. Bits behind the prefix count for nothing: `203.0.113.7/24` is `203.0.113.0/24`.
    ///
    /// # Errors
    /// [`Refusal::IpBlockInvalid`].
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let alone = || text.parse::<IpAddr>().map(|address| IpNet::from(address.to_canonical()));
        let block = text.parse::<IpNet>().or_else(|_| alone()).map_err(|_| Refusal::IpBlockInvalid)?;
        Ok(Self(block.trunc()))
    }

    /// Whether an address lies in it. An IPv4 address that was mapped into IPv6 is that IPv4 address.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }
}

impl fmt::Display for IpBlock {
    /// One address stands alone, without the length of its prefix.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.prefix_len() == self.0.max_prefix_len() { self.0.addr().fmt(f) } else { self.0.fmt(f) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_written_as_it_is_meant() {
        for (text, meant) in [
            ("203.0.113.7", "203.0.113.7"),
            ("203.0.113.7/24", "203.0.113.0/24"),
            ("2001:DB8::1", "2001:db8::1"),
            ("2001:db8::1/48", "2001:db8::/48"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
            ("0.0.0.0/0", "0.0.0.0/0"),
        ] {
            assert_eq!(IpBlock::parse(text).map(|block| block.to_string()).as_deref(), Ok(meant), "{text}");
        }
        for text in ["", "shop.example", "203.0.113", "203.0.113.0/33", "203.0.113.0/", "203.0.113.7 ", "1"] {
            assert_eq!(IpBlock::parse(text), Err(Refusal::IpBlockInvalid), "{text}");
        }
    }

    #[test]
    fn a_block_holds_its_addresses_and_no_others() {
        let holds =
            |block: &str, address: &str| IpBlock::parse(block).unwrap().contains(address.parse().unwrap());
        assert!(holds("203.0.113.0/24", "203.0.113.255"));
        assert!(holds("203.0.113.0/24", "::ffff:203.0.113.1"));
        assert!(!holds("203.0.113.0/24", "203.0.114.0"));
        assert!(holds("2001:db8::/48", "2001:db8::1"));
        assert!(!holds("2001:db8::/48", "2001:db8:1::1"));
        assert!(!holds("0.0.0.0/0", "2001:db8::1"));
    }
}
