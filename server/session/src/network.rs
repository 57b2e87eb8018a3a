//! Addresses by their first bits: the network that one customer has, and those that a setting names.

use serde::Deserialize;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// The addresses that begin with the same bits, written `10.0.0.0/8`; without a number one address alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Network {
    first: IpAddr,
    bits: u32,
}

/// A text that is no [`Network`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{0}' is no network: write an address, or one with the number of bits that count, such as 10.0.0.0/8"
)]
pub struct NotANetwork(String);

impl Network {
    /// Whether an address is one of them. An IPv4 address that is written as IPv6 counts as IPv4.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        prefix(address, self.bits, self.bits) == self.first
    }

    fn read(text: &str) -> Option<Self> {
        let (address, bits) =
            text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address = address.parse::<IpAddr>().ok()?.to_canonical();
        let bits_max = if address.is_ipv4() { 32 } else { 128 };
        let bits =
            bits.map_or(Some(bits_max), |bits| bits.parse::<u32>().ok().filter(|bits| *bits <= bits_max))?;
        Some(Self { first: prefix(address, bits, bits), bits })
    }
}

impl FromStr for Network {
    type Err = NotANetwork;
    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        Self::read(text.trim()).ok_or_else(|| NotANetwork(text.to_owned()))
    }
}

impl TryFrom<String> for Network {
    type Error = NotANetwork;
    fn try_from(text: String) -> Result<Self, NotANetwork> {
        text.parse()
    }
}

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

    #[test]
    fn a_network_holds_what_begins_with_its_bits() {
        for (network, inside, outside) in [
            ("127.0.0.1", &["127.0.0.1", "::ffff:127.0.0.1"][..], &["127.0.0.2", "::1"][..]),
            (
                "10.0.0.0/8",
                &["10.0.0.0", "10.255.255.255", "::ffff:10.1.2.3"],
                &["9.255.255.255", "11.0.0.0", "a::"],
            ),
            ("10.9.8.7/8", &["10.0.0.1"], &["11.0.0.1"]),
            ("0.0.0.0/0", &["0.0.0.0", "255.255.255.255"], &["::", "2001:db8::1"]),
            ("::1", &["::1"], &["::2", "0.0.0.1", "127.0.0.1"]),
            ("fd00::/8", &["fd00::1", "fdff:ffff::1"], &["fc00::1", "253.0.0.1"]),
            ("2001:db8:0:100::/56", &["2001:db8:0:1ff::1"], &["2001:db8:0:200::1"]),
            ("::/0", &["::", "2001:db8::1"], &["10.0.0.1", "::ffff:10.0.0.1"]),
            ("::ffff:10.0.0.1", &["10.0.0.1"], &["10.0.0.2"]),
            (" 10.0.0.0/32 ", &["10.0.0.0"], &["10.0.0.1"]),
        ] {
            let read: Network = network.parse().unwrap();
            let holds = |text: &&str| read.contains(text.parse().unwrap());
            assert!(inside.iter().all(holds), "{network}");
            assert!(!outside.iter().any(holds), "{network}");
        }
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in [
            "",
            "proxy",
            "10.0.0",
            "10.0.0.0/",
            "10.0.0.0/33",
            "10.0.0.0/-1",
            "::/129",
            "10.0.0.0/8/8",
            "10.0.0.1:80",
        ] {
            assert_eq!(text.parse::<Network>(), Err(NotANetwork(text.to_owned())), "{text}");
        }
        let read: Vec<Network> = serde_json::from_str(r#"["::1", "10.0.0.0/8"]"#).unwrap();
        assert_eq!(read, ["::1", "10.0.0.0/8"].map(|text| text.parse::<Network>().unwrap()));
        let error = serde_json::from_str::<Network>(r#""10/8""#).unwrap_err().to_string();
        assert!(error.contains("'10/8' is no network"), "{error}");
    }
}
