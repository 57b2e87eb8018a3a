//! Requests of our own: POST to a place that somebody else names.
//!
//! HTTP/1.1, one request for each connection, and nothing of the answer but its status and when one may come again. No
//! redirect is followed: it would lead where nobody looked. Time and memory are bounded, whatever comes back.

use session::{Connected, Outbound, OutboundError};
use std::fmt::Write as _;
use std::net::IpAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use url::{Host, Position, Url};

/// All of it: the name, the connection, the request, the answer's head.
const POST_TIMEOUT: Duration = Duration::from_secs(20);
/// Longest head of an answer, those before the last one included.
const HEAD_BYTES_MAX: usize = 16 << 10;
/// RFC 9112 section 2.1: what ends a head.
const HEAD_END: &[u8] = b"\r\n\r\n";

/// A URL that a request can go to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target(Url);

/// What came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answered {
    /// The status code.
    pub status: u16,
    /// After how many seconds one may come again: RFC 9110 section 10.2.3. A date is not read.
    pub retry_after_s: Option<u32>,
}

/// Why nothing came back.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    /// No connection.
    #[error(transparent)]
    Outbound(#[from] OutboundError),
    /// The connection broke.
    #[error("the connection broke: {0}")]
    Broken(#[from] std::io::Error),
    /// What came is no answer.
    #[error("the answer is none")]
    NoAnswer,
    /// It took too long.
    #[error("no answer in time")]
    TooSlow,
}

impl Target {
    /// `None` if the text is no URL of HTTP, names nobody, or holds a password.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut url = Url::parse(text).ok()?;
        let is_http = matches!(url.scheme(), "https" | "http");
        let is_plain = url.username().is_empty() && url.password().is_none();
        url.set_fragment(None);
        (is_http && is_plain && url.host().is_some()).then_some(Self(url))
    }

    /// In its one spelling.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether it is asked over TLS.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// The address, if the host is one and not a name.
    #[must_use]
    pub fn address(&self) -> Option<IpAddr> {
        match self.0.host()? {
            Host::Domain(_) => None,
            Host::Ipv4(address) => Some(address.into()),
            Host::Ipv6(address) => Some(address.into()),
        }
    }

    /// Scheme, host and port: RFC 6454 section 6.2.
    #[must_use]
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// The host as names and addresses are asked for: an IPv6 address without brackets.
    fn host(&self) -> String {
        match self.address() {
            Some(address) => address.to_string(),
            None => self.0.host_str().unwrap_or_default().to_owned(),
        }
    }

    fn port(&self) -> u16 {
        self.0.port_or_known_default().unwrap_or(443)
    }

    /// What precedes the body. The URL is ASCII without spaces and line ends, as every parsed one is.
    fn head(&self, headers: &[(&str, String)], body_bytes: usize) -> String {
        let mut head = format!(
            "POST {} HTTP/1.1\r\nHost: {}",
            &self.0[Position::BeforePath..Position::AfterQuery],
            self.0.host_str().unwrap_or_default()
        );
        if let Some(port) = self.0.port() {
            let _ = write!(head, ":{port}");
        }
        let _ = write!(head, "\r\nContent-Length: {body_bytes}\r\nConnection: close\r\n");
        for (name, value) in headers {
            debug_assert!(!value.contains(['\r', '\n']), "{name}");
            let _ = write!(head, "{name}: {value}\r\n");
        }
        head.push_str("\r\n");
        head
    }
}

/// Sends a body with some headers.
///
/// # Errors
/// [`PostError`].
pub async fn post(
    outbound: &Outbound,
    target: &Target,
    headers: &[(&str, String)],
    body: &[u8],
) -> Result<Answered, PostError> {
    let exchange = async {
        let host = target.host();
        let mut connected = outbound.connect(&host, target.port(), target.is_secure()).await?;
        connected.write_all(target.head(headers, body.len()).as_bytes()).await?;
        connected.write_all(body).await?;
        connected.flush().await?;
        receive(connected.as_mut()).await
    };
    tokio::time::timeout(POST_TIMEOUT, Box::pin(exchange)).await.unwrap_or(Err(PostError::TooSlow))
}

/// The last head of the answer; those of 1xx come before it: RFC 9110 section 15.2.
async fn receive(connected: &mut dyn Connected) -> Result<Answered, PostError> {
    let mut received: Vec<u8> = Vec::new();
    let mut begin = 0;
    loop {
        let rest = received.get(begin..).unwrap_or_default();
        if let Some(length) = rest.windows(HEAD_END.len()).position(|bytes| bytes == HEAD_END) {
            let head = rest.get(..length).unwrap_or_default();
            let answered = read_head(head).ok_or(PostError::NoAnswer)?;
            if answered.status >= 200 {
                return Ok(answered);
            }
            begin += length + HEAD_END.len();
            continue;
        }
        if received.len() >= HEAD_BYTES_MAX {
            return Err(PostError::NoAnswer);
        }
        let mut piece = [0_u8; 2048];
        let bytes = connected.read(&mut piece).await?;
        if bytes == 0 {
            return Err(PostError::NoAnswer);
        }
        received.extend_from_slice(piece.get(..bytes).unwrap_or_default());
    }
}

/// RFC 9112 section 4: `HTTP/1.1 201 Created`.
fn read_head(head: &[u8]) -> Option<Answered> {
    let head = String::from_utf8_lossy(head);
    let mut lines = head.split("\r\n");
    let mut status_line = lines.next()?.strip_prefix("HTTP/1.")?.split(' ');
    let _minor = status_line.next()?;
    let code = status_line.next().filter(|code| code.len() == 3)?;
    let status = code.parse::<u16>().ok().filter(|status| (100..=599).contains(status))?;
    let retry_after = lines.find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("Retry-After").then(|| value.trim().to_owned())
    });
    Some(Answered { status, retry_after_s: retry_after.and_then(|value| value.parse().ok()) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;

    #[test]
    fn a_target_has_one_spelling_and_no_password() {
        let target = Target::parse("HTTPS://Push.Example:443/a%20b/ü?x=1#y").unwrap();
        assert_eq!(target.as_str(), "https://push.example/a%20b/%C3%BC?x=1");
        assert_eq!(
            (target.origin().as_str(), target.host().as_str()),
            ("https://push.example", "push.example")
        );
        assert!(target.is_secure() && target.address().is_none());
        let head = target.head(&[("TTL", "60".to_owned())], 3);
        assert!(head.starts_with("POST /a%20b/%C3%BC?x=1 HTTP/1.1\r\nHost: push.example\r\n"), "{head}");
        assert!(head.ends_with("\r\nTTL: 60\r\n\r\n"), "{head}");

        let target = Target::parse("http://[::1]:8080").unwrap();
        assert_eq!((target.host().as_str(), target.port(), target.is_secure()), ("::1", 8080, false));
        assert!(target.head(&[], 0).starts_with("POST / HTTP/1.1\r\nHost: [::1]:8080\r\n"));
        // As browsers read it: what hides an address is one.
        assert_eq!(Target::parse("https://0x7f.1/").unwrap().address(), Some([127, 0, 0, 1].into()));
        for bad in
            ["", "/x", "ftp://a.test/", "https://", "https://u:p@a.test/", "https://u@a.test/", "file:///x"]
        {
            assert_eq!(Target::parse(bad), None, "{bad}");
        }
        let split = Target::parse("https://a.test/x\r\nEvil: 1").unwrap();
        assert!(!split.head(&[], 0).contains("\r\nEvil"));
    }

    // RFC 9112 section 4.
    #[test]
    fn a_status_line_is_read_and_nothing_else_is_one() {
        let read =
            |head: &str| read_head(head.as_bytes()).map(|answered| (answered.status, answered.retry_after_s));
        assert_eq!(read("HTTP/1.1 201 Created"), Some((201, None)));
        assert_eq!(read("HTTP/1.0 410"), Some((410, None)));
        assert_eq!(read("HTTP/1.1 429 Slow\r\nretry-after:  120 \r\nX: y"), Some((429, Some(120))));
        assert_eq!(read("HTTP/1.1 503 \r\nRetry-After: Wed, 21 Oct 2026 07:28:00 GMT"), Some((503, None)));
        for bad in
            ["", "HTTP/2 200", "HTTP/1.1", "HTTP/1.1 20", "HTTP/1.1 2000", "HTTP/1.1 +20", "HTTP/1.1 999"]
        {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    /// What a server that answers so makes of a request, and the request.
    async fn exchange(answer: &'static str) -> (Result<Answered, PostError>, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let target = Target::parse(&format!("http://{}/inbox", listener.local_addr().unwrap())).unwrap();
        let outbound = Outbound::new(["127.0.0.1".parse::<session::Network>().unwrap()].into()).unwrap();
        let serving = async {
            let (mut tcp, _) = listener.accept().await.unwrap();
            let mut request = String::new();
            while !request.ends_with("hello") {
                let mut piece = [0; 1024];
                let bytes = tcp.read(&mut piece).await.unwrap();
                request.push_str(std::str::from_utf8(&piece[..bytes]).unwrap());
            }
            // Whoever has seen enough goes away.
            let _ = tcp.write_all(answer.as_bytes()).await;
            request
        };
        let headers = [("TTL", "1".to_owned())];
        tokio::join!(post(&outbound, &target, &headers, b"hello"), serving)
    }

    #[tokio::test]
    async fn the_last_head_counts_and_no_redirect_is_followed() {
        let (answered, request) =
            exchange("HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 201 Created\r\n\r\n").await;
        assert_eq!(answered.unwrap().status, 201);
        assert!(request.starts_with("POST /inbox HTTP/1.1\r\nHost: 127.0.0.1:"), "{request}");
        assert!(request.contains("\r\nContent-Length: 5\r\n"), "{request}");
        let (answered, _) = exchange("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/x\r\n\r\n").await;
        assert_eq!(answered.unwrap().status, 302);
    }

    #[tokio::test]
    async fn an_answer_without_end_is_none() {
        static ENDLESS: std::sync::LazyLock<String> =
            std::sync::LazyLock::new(|| format!("HTTP/1.1 200 OK\r\nX: {}", "x".repeat(4 * HEAD_BYTES_MAX)));
        for answer in ["", "SSH-2.0-x\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n", ENDLESS.as_str()] {
            let (answered, _) = exchange(answer).await;
            assert!(matches!(answered, Err(PostError::NoAnswer | PostError::Broken(_))), "{answered:?}");
        }
    }
}
