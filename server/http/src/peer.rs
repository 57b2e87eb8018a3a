//! From where a request came, behind proxies too.
//!
//! Proxies append the address that they are asked from to `X-Forwarded-For`, which no specification defines; so it is
//! read from the right, as long as it was written by somebody who is trusted.
//!
//! Absent: the header `Forwarded`, which few proxies write unless they are told to, and the PROXY protocol.

use actix_web::HttpRequest;
use session::Network;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

const FORWARDED_FOR: &str = "X-Forwarded-For";

/// Who is at the other end, as far as addresses tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeerAddress {
    /// An IPv4 address is never written as IPv6.
    pub address: IpAddr,
    /// Proxies seldom say it.
    pub port: Option<u16>,
}

/// From where a request came: the other end of its connection. If that is a trusted proxy, it is the one for whom the
/// proxy asks, and so on. What anybody else writes into `X-Forwarded-For` may be invented, and is not read.
///
/// `None` for a connection without an address, such as that of a test.
#[must_use]
pub fn peer_address(request: &HttpRequest, trusted_proxies: &[Network]) -> Option<PeerAddress> {
    let mut peer = PeerAddress::from(request.peer_addr()?);
    let lines = request.headers().get_all(FORWARDED_FOR);
    // A line that is no text hides whom it names, as anything else does that is no address.
    let lines: Vec<&str> = lines.map(|line| line.to_str().unwrap_or_default()).collect();
    for named in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
        if !trusted_proxies.iter().any(|network| network.contains(peer.address)) {
            break;
        }
        // Whoever passed on what cannot be read stands for all who are behind it.
        let Some(before) = PeerAddress::read(named) else { break };
        peer = before;
    }
    Some(peer)
}

impl PeerAddress {
    /// An address, with or without a port; one of IPv6 also in brackets.
    fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let bare = || text.strip_prefix('[')?.strip_suffix(']')?.parse::<Ipv6Addr>().ok().map(IpAddr::V6);
        match text.parse::<IpAddr>().ok().or_else(bare) {
            Some(address) => Some(Self { address: address.to_canonical(), port: None }),
            None => text.parse::<SocketAddr>().ok().map(Self::from),
        }
    }
}

impl From<SocketAddr> for PeerAddress {
    fn from(socket: SocketAddr) -> Self {
        Self { address: socket.ip().to_canonical(), port: Some(socket.port()) }
    }
}

impl fmt::Display for PeerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            Some(port) => SocketAddr::new(self.address, port).fmt(f),
            None => self.address.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;
    use actix_web::test::TestRequest;

    /// What the log calls the peer of a connection from `from` with these lines of the header.
    fn seen(from: &str, lines: &[&str], trusted: &[&str]) -> String {
        let trusted: Vec<Network> = trusted.iter().map(|text| text.parse().unwrap()).collect();
        let mut request = TestRequest::default().peer_addr(from.parse().unwrap());
        for line in lines {
            // Any bytes but control characters can come in a header.
            let value = HeaderValue::from_bytes(line.as_bytes()).unwrap();
            request = request.append_header((FORWARDED_FOR, value));
        }
        peer_address(&request.to_http_request(), &trusted).unwrap().to_string()
    }

    #[test]
    fn nobody_is_believed_who_is_not_trusted() {
        let client = "198.51.100.7:4000";
        for trusted in [&[][..], &["127.0.0.1", "10.0.0.0/8"]] {
            for line in ["203.0.113.9", "127.0.0.1", "203.0.113.9, 10.0.0.1", ""] {
                assert_eq!(seen(client, &[line], trusted), client, "{line} {trusted:?}");
            }
        }
        assert_eq!(
            seen("127.0.0.1:9", &["203.0.113.9"], &[]),
            "127.0.0.1:9",
            "no proxy is trusted unless it is named"
        );
    }

    #[test]
    fn a_trusted_proxy_says_for_whom_it_asks() {
        let trusted = ["127.0.0.1", "10.0.0.0/8", "::1", "fd00::/8"];
        for (from, lines, expected) in [
            ("127.0.0.1:9", &["203.0.113.9"][..], "203.0.113.9"),
            ("127.0.0.1:9", &[], "127.0.0.1:9"),
            ("[::ffff:127.0.0.1]:9", &["203.0.113.9"], "203.0.113.9"),
            // What the client wrote itself stands to the left of what the proxy saw.
            ("127.0.0.1:9", &["192.0.2.1, 127.0.0.1, 203.0.113.9"], "203.0.113.9"),
            // Two proxies; each of them may write a line of its own.
            ("127.0.0.1:9", &["203.0.113.9, 10.1.2.3"], "203.0.113.9"),
            ("127.0.0.1:9", &["192.0.2.1,203.0.113.9 ,10.1.2.3,10.3.2.1"], "203.0.113.9"),
            ("127.0.0.1:9", &["192.0.2.1", "203.0.113.9", "10.1.2.3"], "203.0.113.9"),
            ("127.0.0.1:9", &["192.0.2.1, 203.0.113.9", "10.1.2.3"], "203.0.113.9"),
            // The proxies themselves ask, for whether the server lives.
            ("127.0.0.1:9", &["10.0.0.2, 10.0.0.1"], "10.0.0.2"),
            ("[::1]:9", &["2001:db8::7"], "2001:db8::7"),
            ("[::1]:9", &["[2001:db8::7]"], "2001:db8::7"),
            ("[::1]:9", &["[2001:db8::7]:4000"], "[2001:db8::7]:4000"),
            ("[fd00::5]:9", &["2001:db8::7, fd12::1"], "2001:db8::7"),
            ("127.0.0.1:9", &["203.0.113.9:4000"], "203.0.113.9:4000"),
            ("127.0.0.1:9", &["::ffff:203.0.113.9"], "203.0.113.9"),
        ] {
            assert_eq!(seen(from, lines, &trusted), expected, "{from} {lines:?}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_the_word_of_nobody() {
        let proxy = "127.0.0.1:9";
        for line in [
            "",
            ",",
            "unknown",
            "_hidden",
            "for=203.0.113.9",
            "203.0.113",
            "203.0.113.9.1",
            "203.0.113.9/32",
            "fe80::1%eth0",
            "[203.0.113.9]",
            "203.0.113.9:99999",
            "ü",
            "203.0.113.9, ü",
            "203.0.113.9,",
            "203.0.113.9;192.0.2.1",
        ] {
            assert_eq!(seen(proxy, &[line], &["127.0.0.1"]), proxy, "{line}");
        }
        assert_eq!(seen(proxy, &["203.0.113.9", "ü"], &["127.0.0.1"]), proxy);
        // Up to there it is known.
        assert_eq!(
            seen(proxy, &["203.0.113.9, unknown, 10.0.0.1"], &["127.0.0.1", "10.0.0.0/8"]),
            "10.0.0.1"
        );
        assert_eq!(seen(proxy, &["unknown, 203.0.113.9"], &["127.0.0.1"]), "203.0.113.9");
    }
}
