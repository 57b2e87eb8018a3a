//! Addresses by the network that one customer has.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The first bits of an address. An IPv4 address that is written as IPv6 counts as IPv4.
pub(crate) fn prefix(address: IpAddr, v4_bits: u32, v6_bits: u32) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let mask = u32::MAX.checked_shl(32_u32.saturating_sub(v4_bits)).unwrap_or(0);
            IpAddr::V4(Ipv4Addr::from_bits(v4.to_bits() & mask))
        }
        IpAddr::V6(v6) => {
            let mask = u128::MAX.checked_shl(128_u32.saturating_sub(v6_bits)).unwrap_or(0);
            IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & mask))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_answers() {
        let text = |address: &str, v4, v6| prefix(address.parse().unwrap(), v4, v6).to_string();
        assert_eq!(text("192.0.2.77", 24, 64), "192.0.2.0");
        assert_eq!(text("192.0.2.77", 32, 64), "192.0.2.77");
        assert_eq!(text("192.0.2.77", 0, 64), "0.0.0.0");
        assert_eq!(text("::ffff:192.0.2.77", 24, 64), "192.0.2.0");
        assert_eq!(text("2001:db8:1:2:3:4:5:6", 24, 64), "2001:db8:1:2::");
        assert_eq!(text("2001:db8:1:2ff:3:4:5:6", 24, 56), "2001:db8:1:200::");
        assert_eq!(text("2001:db8::1", 24, 0), "::");
    }
}
