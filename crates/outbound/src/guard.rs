//! Which addresses belong to the public internet.
//!
//! Sources: the IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890, RFC 8190, and the RFC named at each
//! block), and the IANA registry of IPv6 global unicast assignments (RFC 4291). The registries carve a few globally
//! reachable service addresses out of blocks that are not (192.0.0.9, 192.0.0.10, parts of `2001::/23`). No shop
//! lives there, and they are refused with their block.
//!
//! What no table can know: a translator (RFC 6052) or a route that an operator has set up under a public prefix.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};

/// IPv4 blocks that are not the public internet.
const SPECIAL_V4: [Ipv4Net; 16] = [
    v4([0, 0, 0, 0], 8),        // this network: RFC 791, section 3.2
    v4([10, 0, 0, 0], 8),       // private: RFC 1918
    v4([100, 64, 0, 0], 10),    // shared by a carrier's customers: RFC 6598
    v4([127, 0, 0, 0], 8),      // loopback: RFC 1122, section 3.2.1.3
    v4([168, 63, 129, 16], 32), // a host's agent, DNS and metadata in one large cloud: Microsoft, Azure virtual network
    v4([169, 254, 0, 0], 16),   // link-local, with the metadata services of clouds: RFC 3927
    v4([172, 16, 0, 0], 12),    // private: RFC 1918
    v4([192, 0, 0, 0], 24),     // protocol assignments, DS-Lite: RFC 6890, RFC 6333
    v4([192, 0, 2, 0], 24),     // documentation: RFC 5737
    v4([192, 88, 99, 0], 24),   // relays of 6to4, withdrawn: RFC 7526
    v4([192, 168, 0, 0], 16),   // private: RFC 1918
    v4([198, 18, 0, 0], 15),    // benchmarks: RFC 2544
    v4([198, 51, 100, 0], 24),  // documentation: RFC 5737
    v4([203, 0, 113, 0], 24),   // documentation: RFC 5737
    v4([224, 0, 0, 0], 4),      // multicast: RFC 5771
    v4([240, 0, 0, 0], 4),      // reserved, with broadcast at its end: RFC 1112, section 4; RFC 919
];

// Outside of it, and so refused without a line of their own: the unspecified and the loopback address, the
// IPv4-compatible form ::a.b.c.d (withdrawn by RFC 4291), translation inside a site 64:ff9b:1::/48 (RFC 8215), discard
// 100::/64 (RFC 6666), dummy 100:0:0:1::/64 (RFC 9780), segment ids 5f00::/16 (RFC 9602), unique local fc00::/7 (RFC
// 4193), link-local fe80::/10 (RFC 4291), site-local fec0::/10 (RFC 3879), multicast ff00::/8 (RFC 4291), and what is
// nobody's yet.
/// What IANA hands out as public IPv6.
const GLOBAL_V6: Ipv6Net = v6([0x2000, 0], 3);

/// IPv6 blocks inside the public range that are not public.
const SPECIAL_V6: [Ipv6Net; 3] = [
    v6([0x2001, 0], 23), // protocol assignments: Teredo (RFC 4380), benchmarks (RFC 5180), ORCHID (RFC 4843, RFC 7343)
    v6([0x2001, 0xdb8], 32), // documentation: RFC 3849
    v6([0x3fff, 0], 20), // documentation: RFC 9637
];

/// IPv4 inside IPv6, in the last 32 bits, by way of a translator: RFC 6052.
const NAT64: Ipv6Net = v6([0x64, 0xff9b], 96);

/// IPv4 inside IPv6, after the first 16 bits, by way of a relay: RFC 3056.
const SIX_TO_FOUR: Ipv6Net = v6([0x2002, 0], 16);

/// Whether an address belongs to the public internet: somebody else's host, not this one, its network or its cloud.
///
/// An IPv6 address that stands for an IPv4 address (mapped, 6to4, NAT64) is judged as that.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => embedded(address).map_or_else(|| is_public_v6(address), is_public_v4),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    !SPECIAL_V4.iter().any(|block| block.contains(&address))
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    GLOBAL_V6.contains(&address) && !SPECIAL_V6.iter().any(|block| block.contains(&address))
}

/// The IPv4 address that an IPv6 address stands for.
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    if NAT64.contains(&address) {
        let [.., a, b, c, d] = address.octets();
        Some(Ipv4Addr::new(a, b, c, d))
    } else if SIX_TO_FOUR.contains(&address) {
        let [_, _, a, b, c, d, ..] = address.octets();
        Some(Ipv4Addr::new(a, b, c, d))
    } else {
        address.to_ipv4_mapped()
    }
}

const fn v4([a, b, c, d]: [u8; 4], length: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), length)
}

const fn v6([a, b]: [u16; 2], length: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, 0, 0, 0, 0, 0, 0), length)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first and the last address of each special block.
    const SPECIAL: &[(&str, &str)] = &[
        ("0.0.0.0", "0.255.255.255"),
        ("10.0.0.0", "10.255.255.255"),
        ("100.64.0.0", "100.127.255.255"),
        ("127.0.0.0", "127.255.255.255"),
        ("168.63.129.16", "168.63.129.16"),
        ("169.254.0.0", "169.254.255.255"),
        ("169.254.169.254", "169.254.170.2"),
        ("172.16.0.0", "172.31.255.255"),
        ("192.0.0.0", "192.0.0.255"),
        ("192.0.2.0", "192.0.2.255"),
        ("192.88.99.0", "192.88.99.255"),
        ("192.168.0.0", "192.168.255.255"),
        ("198.18.0.0", "198.19.255.255"),
        ("198.51.100.0", "198.51.100.255"),
        ("203.0.113.0", "203.0.113.255"),
        ("224.0.0.0", "239.255.255.255"),
        ("240.0.0.0", "255.255.255.255"),
        ("::", "::1"),
        ("::7f00:1", "::808:808"),
        ("::ffff:0:0", "::ffff:0.255.255.255"),
        ("::ffff:10.0.0.1", "::ffff:127.0.0.1"),
        ("::ffff:169.254.169.254", "::ffff:255.255.255.255"),
        ("::ffff:0:808:808", "::ffff:0:7f00:1"),
        ("64:ff9b::", "64:ff9b::10.0.0.1"),
        ("64:ff9b::127.0.0.1", "64:ff9b::169.254.169.254"),
        ("64:ff9b::1:808:808", "64:ff9b:0:1::808:808"),
        ("64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff"),
        ("100::", "100::ffff:ffff:ffff:ffff"),
        ("100:0:0:1::", "100:0:0:1:ffff:ffff:ffff:ffff"),
        ("1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "4000::"),
        ("2001::", "2001:0:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("2001:2::", "2001:2:0:ffff:ffff:ffff:ffff:ffff"),
        ("2001:10::", "2001:1f:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("2001:20::", "2001:2f:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("2001:1ff::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("2002::", "2002:ff:ffff::"),
        ("2002:a00:1::", "2002:7f00:1::1"),
        ("2002:a9fe:a9fe::", "2002:c0a8:101::"),
        ("3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("fd00:ec2::254", "fd20:ce::254"),
        ("fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ];

    /// Public addresses: the last one before and the first one after a special block, and some that everybody knows.
    const PUBLIC: &[&str] = &[
        "1.0.0.0",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "168.63.129.15",
        "168.63.129.17",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "191.255.255.255",
        "192.0.1.0",
        "192.0.3.0",
        "192.31.196.1",
        "192.88.98.255",
        "192.88.100.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "198.51.99.255",
        "198.51.101.0",
        "203.0.112.255",
        "203.0.114.0",
        "223.255.255.255",
        "::ffff:8.8.8.8",
        "64:ff9b::8.8.8.8",
        "2000::",
        "2001:200::",
        "2001:4860:4860::8888",
        "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff",
        "2001:db9::",
        "2002:808:808::1",
        "2003::",
        "2620:4f:8000::1",
        "3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        "3fff:1000::",
    ];

    #[test]
    fn every_special_block_is_refused_from_its_first_to_its_last_address() {
        for text in SPECIAL.iter().flat_map(|(first, last)| [first, last]) {
            assert!(!is_public(text.parse().unwrap()), "{text} is not public");
        }
    }

    #[test]
    fn what_lies_beside_a_special_block_is_public() {
        for text in PUBLIC {
            assert!(is_public(text.parse().unwrap()), "{text} is public");
        }
    }

    #[test]
    fn every_special_ipv4_address_stays_special_inside_ipv6() {
        let v4 = |text: &&str| text.parse::<Ipv4Addr>().ok();
        for address in SPECIAL.iter().flat_map(|(first, last)| [first, last]).filter_map(v4) {
            let [a, b, c, d] = address.octets().map(u16::from);
            let (high, low) = (a << 8 | b, c << 8 | d);
            for inside in [
                address.to_ipv6_mapped(),
                Ipv6Addr::new(0, 0, 0, 0, 0, 0, high, low),
                Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, high, low),
                Ipv6Addr::new(0x2002, high, low, 0, 0, 0, 0, 1),
            ] {
                assert!(!is_public(inside.into()), "{inside} stands for {address}");
            }
        }
    }
}
