//! An IMAP client that sees everything the server says: RFC 9051 section 2.2, literals of section 4.3.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::ClientConfig;

use crate::stream::Stream;

/// What the server said to one command.
#[derive(Debug, Clone)]
pub struct Reply {
    /// `OK`, `NO` or `BAD`.
    pub status: String,
    /// What follows the status, response code included.
    pub text: String,
    /// The untagged responses, without `* `, literals in place.
    pub untagged: Vec<Vec<u8>>,
}

impl Reply {
    /// The untagged responses as text.
    pub fn lines(&self) -> Vec<String> {
        self.untagged.iter().map(|line| String::from_utf8_lossy(line).into_owned()).collect()
    }

    /// The untagged responses that contain this.
    pub fn with(&self, part: &str) -> Vec<String> {
        self.lines().into_iter().filter(|line| line.contains(part)).collect()
    }

    /// The numbers of the one `SEARCH` response.
    pub fn found(&self) -> Vec<u32> {
        let lines = self.lines();
        let line = lines.iter().find_map(|line| line.strip_prefix("SEARCH")).expect("a SEARCH response");
        let numbers = line.split('(').next().unwrap();
        numbers.split_whitespace().map(|number| number.parse().unwrap()).collect()
    }
}

/// A connection.
pub struct Imap {
    stream: Stream,
    next_tag: u32,
    idle_tag: Option<String>,
    /// The greeting, without `* `.
    pub greeting: String,
}

impl Imap {
    pub(crate) fn greeted(stream: Stream) -> Self {
        let mut imap = Self { stream, next_tag: 1, idle_tag: None, greeting: String::new() };
        let line = String::from_utf8(imap.stream.line()).unwrap();
        imap.greeting = line.strip_prefix("* ").unwrap_or_else(|| panic!("greeting {line:?}")).to_owned();
        imap
    }

    /// STARTTLS (RFC 9051 section 6.2.1), with bytes after it in the same packet that must not be obeyed.
    pub(crate) fn start_tls(mut self, host: &str, trust: &Arc<ClientConfig>, after: &[u8]) -> Self {
        let tag = format!("a{}", self.next_tag);
        self.next_tag += 1;
        self.stream.send(&[format!("{tag} STARTTLS\r\n").as_bytes(), after].concat());
        let reply = self.until_tagged(&tag);
        assert_eq!(reply.status, "OK", "{reply:?}");
        Self { stream: self.stream.into_tls(host, trust), ..self }
    }

    /// LOGIN, with the password quoted.
    pub fn login(&mut self, address: &str, password: &str) {
        self.ok(&format!("LOGIN {} {}", quoted(address), quoted(password)));
    }

    /// Sends one command and reads to its tagged response.
    pub fn command(&mut self, command: &str) -> Reply {
        let tag = self.send(command);
        self.until_tagged(&tag)
    }

    /// A command that must succeed.
    pub fn ok(&mut self, command: &str) -> Reply {
        let reply = self.command(command);
        assert_eq!(reply.status, "OK", "{command}: {reply:?}");
        reply
    }

    /// APPEND with a synchronising literal; gives the UID of APPENDUID (RFC 4315 section 3).
    pub fn append(&mut self, mailbox: &str, flags: &str, message: &[u8]) -> u32 {
        let tag = self.send(&format!("APPEND {} ({flags}) {{{}}}", quoted(mailbox), message.len()));
        let line = self.stream.line();
        assert!(line.starts_with(b"+"), "{:?}", String::from_utf8_lossy(&line));
        self.stream.send(message);
        self.stream.send(b"\r\n");
        let reply = self.until_tagged(&tag);
        assert_eq!(reply.status, "OK", "{reply:?}");
        let code = reply.text.split_once("[APPENDUID ").unwrap_or_else(|| panic!("{reply:?}")).1;
        code.split([' ', ']']).nth(1).unwrap().parse().unwrap()
    }

    /// Selects a mailbox.
    pub fn select(&mut self, mailbox: &str) -> Reply {
        self.ok(&format!("SELECT {}", quoted(mailbox)))
    }

    /// The UIDs of the mails in the selected mailbox with this subject.
    pub fn uids_of(&mut self, subject: &str) -> Vec<u32> {
        self.ok(&format!("UID SEARCH HEADER SUBJECT {}", quoted(subject))).found()
    }

    /// The bytes of one mail, without setting a flag.
    pub fn body_of(&mut self, uid: u32) -> Vec<u8> {
        let reply = self.ok(&format!("UID FETCH {uid} BODY.PEEK[]"));
        let line = reply
            .untagged
            .iter()
            .find(|line| contains(line, b"BODY[]"))
            .unwrap_or_else(|| panic!("{reply:?}"));
        let open = line.windows(7).position(|part| part == b"BODY[] ").unwrap() + 7;
        let text = &line[open..];
        assert_eq!(text[0], b'{', "{:?}", String::from_utf8_lossy(text));
        let close = text.iter().position(|byte| *byte == b'}').unwrap();
        let count: usize = std::str::from_utf8(&text[1..close]).unwrap().parse().unwrap();
        text[close + 3..close + 3 + count].to_vec()
    }

    /// Begins IDLE (RFC 2177); when this returns the server has nothing to tell and waits.
    pub fn idle(&mut self) {
        self.idle_tag = Some(self.send("IDLE"));
        let line = self.stream.line();
        assert!(line.starts_with(b"+"), "{:?}", String::from_utf8_lossy(&line));
        self.stream.is_waiting();
    }

    /// Everything that the server still says until it closes, as lines.
    pub fn last_words(&mut self) -> Vec<String> {
        String::from_utf8_lossy(&self.stream.rest()).lines().map(str::to_owned).collect()
    }

    /// APPEND of many messages by one command (MULTIAPPEND), none of which waits for leave (LITERAL+).
    pub fn append_many(&mut self, mailbox: &str, messages: &[Vec<u8>]) {
        let tag = format!("a{}", self.next_tag);
        self.next_tag += 1;
        let mut command = format!("{tag} APPEND {}", quoted(mailbox)).into_bytes();
        for message in messages {
            command.extend_from_slice(format!(" {{{}+}}\r\n", message.len()).as_bytes());
            command.extend_from_slice(message);
        }
        command.extend_from_slice(b"\r\n");
        self.stream.send(&command);
        let reply = self.until_tagged(&tag);
        assert_eq!(reply.status, "OK", "{reply:?}");
    }

    /// While idling: the time until the server said something that contains `part`.
    pub fn told(&mut self, part: &str, patience: Duration) -> Duration {
        let begin = Instant::now();
        let mut seen = Vec::new();
        loop {
            let left = patience.saturating_sub(begin.elapsed());
            let line = self
                .stream
                .line_within(left)
                .unwrap_or_else(|| panic!("no {part} in {patience:?}, but {seen:?}"));
            let line = String::from_utf8_lossy(&line).into_owned();
            if line.contains(part) {
                return begin.elapsed();
            }
            seen.push(line);
        }
    }

    /// Ends IDLE; gives what was said meanwhile.
    pub fn done(&mut self) -> Reply {
        let tag = self.idle_tag.take().expect("IDLE was begun");
        self.stream.send(b"DONE\r\n");
        let reply = self.until_tagged(&tag);
        assert_eq!(reply.status, "OK", "{reply:?}");
        reply
    }

    fn send(&mut self, command: &str) -> String {
        let tag = format!("a{}", self.next_tag);
        self.next_tag += 1;
        self.stream.send(format!("{tag} {command}\r\n").as_bytes());
        tag
    }

    fn until_tagged(&mut self, tag: &str) -> Reply {
        let mut untagged = Vec::new();
        loop {
            let line = self.response();
            if let Some(rest) = line.strip_prefix(b"* ") {
                untagged.push(rest.to_vec());
                continue;
            }
            let line = String::from_utf8_lossy(&line).into_owned();
            let rest = line.strip_prefix(tag).and_then(|rest| rest.strip_prefix(' '));
            let rest = rest.unwrap_or_else(|| panic!("{line:?} is neither untagged nor of {tag}"));
            let (status, text) = rest.split_once(' ').unwrap_or((rest, ""));
            return Reply { status: status.to_owned(), text: text.to_owned(), untagged };
        }
    }

    /// One response, with the literals it announces.
    fn response(&mut self) -> Vec<u8> {
        let mut response = self.stream.line();
        while let Some(count) = announced(&response) {
            response.extend_from_slice(b"\r\n");
            response.extend(self.stream.bytes(count));
            response.extend(self.stream.line());
        }
        response
    }
}

/// The length of the literal that the last line of a response announces.
fn announced(response: &[u8]) -> Option<usize> {
    let inner = response.strip_suffix(b"}")?;
    let open = inner.iter().rposition(|byte| *byte == b'{')?;
    std::str::from_utf8(&inner[open + 1..]).ok()?.parse().ok()
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn contains(line: &[u8], part: &[u8]) -> bool {
    line.windows(part.len()).any(|window| window == part)
}
