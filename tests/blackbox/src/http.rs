//! One HTTP/1.1 request on a connection of its own: RFC 9112.

use std::sync::Arc;

use rustls::ClientConfig;

use crate::stream::Stream;

/// `https://host:port/path`, taken apart.
pub(crate) struct Url {
    host: String,
    port: u16,
    pub(crate) path: String,
}

impl Url {
    pub(crate) fn parse(url: &str) -> Self {
        let rest = url.strip_prefix("https://").unwrap_or_else(|| panic!("{url} is not https"));
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (host, port) = authority.rsplit_once(':').unwrap_or((authority, "443"));
        Self { host: host.to_owned(), port: port.parse().unwrap(), path: format!("/{path}") }
    }
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// A request that was sent and whose answer has not been read.
pub(crate) struct Waiting {
    stream: Stream,
    /// HEAD is answered without a body, whatever length is told (RFC 9110 section 9.3.2).
    is_head: bool,
}

/// Sends a request; the answer may come much later.
pub(crate) fn send(
    url: &Url,
    trust: &Arc<ClientConfig>,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Waiting {
    let mut stream = Stream::tls(&url.host, url.port, trust);
    let mut head =
        format!("{method} {target} HTTP/1.1\r\nHost: {}:{}\r\nConnection: close\r\n", url.host, url.port);
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("Content-Length: {}\r\n\r\n", body.len()));
    let mut request = head.into_bytes();
    request.extend_from_slice(body);
    stream.send(&request);
    Waiting { stream, is_head: method == "HEAD" }
}

impl Waiting {
    /// Fails if the answer has begun.
    pub(crate) fn is_waiting(&mut self) {
        self.stream.is_waiting();
    }

    pub(crate) fn answer(mut self) -> Answer {
        let status = String::from_utf8(self.stream.line()).unwrap();
        let status = status.split(' ').nth(1).unwrap_or_else(|| panic!("{status:?}")).parse().unwrap();
        let mut headers = Vec::new();
        loop {
            let line = String::from_utf8(self.stream.line()).unwrap();
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').unwrap_or_else(|| panic!("{line:?}"));
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut answer = Answer { status, headers, body: Vec::new() };
        let length = answer.header("content-length").map(|length| length.parse().unwrap());
        let chunked = answer.header("transfer-encoding").is_some_and(|coding| coding.contains("chunked"));
        if self.is_head || matches!(answer.status, 204 | 304) {
            return answer;
        }
        answer.body = match length {
            Some(length) => self.stream.bytes(length),
            None if chunked => self.chunks(),
            None => self.stream.rest(),
        };
        answer
    }

    /// RFC 9112 section 7.1, without trailers.
    fn chunks(&mut self) -> Vec<u8> {
        let mut body = Vec::new();
        loop {
            let line = String::from_utf8(self.stream.line()).unwrap();
            let size = usize::from_str_radix(line.split(';').next().unwrap().trim(), 16).unwrap();
            if size == 0 {
                return body;
            }
            body.extend(self.stream.bytes(size));
            assert_eq!(self.stream.line(), b"", "a chunk ends with CRLF");
        }
    }
}
