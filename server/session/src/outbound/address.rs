//! Which addresses are somebody on the Internet, and which are this computer, its network or nobody.

use crate::network::prefix;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// All of IPv6 that is given out to anybody at all.
const UNICAST: (IpAddr, u32) = (IpAddr::V6(Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0)), 3);

/// RFC 6890, with what its registry has got since: each a network that is not the Internet, or, as 6to4 and Teredo, one
/// whose addresses have others inside.
const SPECIAL: [(IpAddr, u32); 19] = [
    v4(0, 0, 0, 8),
    v4(10, 0, 0, 8),
    v4(100, 64, 0, 10),
    v4(127, 0, 0, 8),
    v4(169, 254, 0, 16),
    v4(172, 16, 0, 12),
    v4(192, 0, 0, 24),
    v4(192, 0, 2, 24),
    v4(192, 88, 99, 24),
    v4(192, 168, 0, 16),
    v4(198, 18, 0, 15),
    v4(198, 51, 100, 24),
    v4(203, 0, 113, 24),
    v4(224, 0, 0, 4),
    v4(240, 0, 0, 4),
    v6(0x2001, 0, 23),
    v6(0x2001, 0xdb8, 32),
    v6(0x2002, 0, 16),
    v6(0x3fff, 0, 20),
];

const fn v4(a: u8, b: u8, c: u8, bits: u32) -> (IpAddr, u32) {
    (IpAddr::V4(Ipv4Addr::new(a, b, c, 0)), bits)
}

const fn v6(a: u16, b: u16, bits: u32) -> (IpAddr, u32) {
    (IpAddr::V6(Ipv6Addr::new(a, b, 0, 0, 0, 0, 0, 0)), bits)
}

/// Whether an address is one on the public Internet. An IPv4 address that is written as IPv6 counts as IPv4.
pub(super) fn is_public(address: IpAddr) -> bool {
    let address = address.to_canonical();
    let lies_in = |(first, bits): &(IpAddr, u32)| prefix(address, *bits, *bits) == *first;
    (address.is_ipv4() || lies_in(&UNICAST)) && !SPECIAL.iter().any(lies_in)
}

#[cfg(test)]
mod tests {
    use super::is_public;

    // RFC 6890.
    #[test]
    fn the_internet_is_told_from_what_is_not() {
        for public in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "172.32.0.1",
            "192.0.1.1",
            "223.255.255.255",
            "::ffff:8.8.8.8",
            "2001:200::1",
            "2606:4700::1111",
            "2a00:1450:4001::1",
        ] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        for special in [
            "0.0.0.0",
            "0.1.2.3",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "127.255.255.255",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.168.1.1",
            "198.19.255.255",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::7f00:1",
            "64:ff9b::7f00:1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "ff02::1",
        ] {
            assert!(!is_public(special.parse().unwrap()), "{special}");
        }
    }
}
