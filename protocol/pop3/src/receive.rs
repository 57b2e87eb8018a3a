//! Bytes in, commands out: the sans-I/O half of a connection.

use crate::command::{self, Command, SyntaxError};
use crate::line::{Line, Lines};
use crate::{COMMAND_BYTES_MAX, SASL_LINE_BYTES_MAX};
use vocabulary::Secret;

/// What the client said next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Nothing whole yet: read from the connection and [`Receiver::feed`].
    NeedBytes,
    /// A command.
    Command(Command),
    /// The line asked for by [`Receiver::expect_response`].
    Response(SaslResponse),
    /// A line that is neither; it is consumed, and one `-ERR` is due.
    Invalid(SyntaxError),
}

/// A line of a SASL exchange (RFC 5034 section 4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SaslResponse {
    /// `*`: the client gives up; the AUTH command is to be rejected.
    Cancelled,
    /// Base64 text, possibly empty.
    Base64(Secret),
}

/// Reads one connection.
///
/// Feed only after [`Next::NeedBytes`]: then at most one unfinished line of
/// [`SASL_LINE_BYTES_MAX`] octets is held beside the bytes of one feed, however long the client
/// makes its lines. Pipelined commands (RFC 2449 section 6.6) come out one by one.
#[derive(Debug, Default)]
pub struct Receiver {
    lines: Lines,
    response_expected: bool,
}

impl Receiver {
    /// A receiver at the start of a connection.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds what was read from the connection.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.lines.feed(bytes);
    }

    /// The next line of the client.
    #[expect(clippy::should_implement_trait, reason = "an iterator ends, a connection needs bytes")]
    pub fn next(&mut self) -> Next {
        let bytes_max =
            if self.response_expected { |_: &[u8]| SASL_LINE_BYTES_MAX } else { command_bytes_max };
        let line = match self.lines.next(bytes_max) {
            Line::NeedBytes => return Next::NeedBytes,
            Line::TooLong => Err(SyntaxError::TooLong),
            Line::Complete(range) => Ok(self.lines.bytes(range)),
        };
        let response_expected = std::mem::take(&mut self.response_expected);
        let next = line.and_then(|line| {
            if response_expected {
                response(line).map(Next::Response)
            } else {
                Command::parse(line).map(Next::Command)
            }
        });
        next.unwrap_or_else(Next::Invalid)
    }

    /// Takes the next line as a SASL response, not as a command. To be called for each challenge.
    pub fn expect_response(&mut self) {
        self.response_expected = true;
    }

    /// Throws away all that the client sent and nobody consumed, and says how many bytes that were.
    ///
    /// Due after `+OK` to STLS and before the handshake: what came in the clear must not be taken
    /// for something said under TLS (RFC 2595 section 4).
    pub fn discard(&mut self) -> usize {
        self.response_expected = false;
        self.lines.discard()
    }
}

fn command_bytes_max(line: &[u8]) -> usize {
    let is_auth = line.get(..5).is_some_and(|start| start.eq_ignore_ascii_case(b"AUTH "));
    if is_auth { SASL_LINE_BYTES_MAX } else { COMMAND_BYTES_MAX }
}

fn response(line: &[u8]) -> Result<SaslResponse, SyntaxError> {
    match command::text(line)? {
        "*" => Ok(SaslResponse::Cancelled),
        text if command::is_base64(text) => Ok(SaslResponse::Base64(Secret::new(text))),
        _ => Err(SyntaxError::Sasl),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn drain(receiver: &mut Receiver, found: &mut Vec<Next>) {
        loop {
            match receiver.next() {
                Next::NeedBytes => break,
                next => {
                    if matches!(&next, Next::Command(Command::Auth { initial_response: None, .. })) {
                        receiver.expect_response();
                    }
                    found.push(next);
                }
            }
        }
    }

    fn receive(pieces: impl IntoIterator<Item = impl AsRef<[u8]>>) -> Vec<Next> {
        let (mut receiver, mut found) = (Receiver::new(), Vec::new());
        for piece in pieces {
            receiver.feed(piece.as_ref());
            drain(&mut receiver, &mut found);
        }
        found
    }

    #[test]
    fn pipelined_commands_come_one_by_one() {
        let found =
            receive([b"USER a\r\nPASS b\r\nBAD\r\nAUTH PLAIN\r\nAGE=\r\nAUTH PLAIN\r\n*\r\nSTAT\r\nQU"]);
        let plain = Next::Command(Command::Auth { mechanism: "PLAIN".to_owned(), initial_response: None });
        let expected = [
            Next::Command(Command::User("a".to_owned())),
            Next::Command(Command::Pass(Secret::new("b"))),
            Next::Invalid(SyntaxError::UnknownCommand),
            plain.clone(),
            Next::Response(SaslResponse::Base64(Secret::new("AGE="))),
            plain,
            Next::Response(SaslResponse::Cancelled),
            Next::Command(Command::Stat),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn command_line_limit_below_at_and_above() {
        for (password_bytes, fits) in [(247, true), (248, true), (249, false)] {
            let found = receive([format!("PASS {}\r\n", "x".repeat(password_bytes))]);
            assert_eq!(matches!(found[..], [Next::Command(_)]), fits, "{password_bytes}");
            assert_eq!(found == [Next::Invalid(SyntaxError::TooLong)], !fits, "{password_bytes}");
        }
    }

    #[test]
    fn sasl_line_limit_below_at_and_above() {
        for (line_bytes, fits) in
            [(SASL_LINE_BYTES_MAX - 1, true), (SASL_LINE_BYTES_MAX, true), (SASL_LINE_BYTES_MAX + 1, false)]
        {
            let inline = format!("AUTH PLAIN {}\r\n", "A".repeat(line_bytes - 13));
            assert_eq!(matches!(receive([inline])[..], [Next::Command(_)]), fits, "{line_bytes}");
            let later = format!("AUTH PLAIN\r\n{}\r\n", "A".repeat(line_bytes - 2));
            assert_eq!(matches!(receive([later])[..], [_, Next::Response(_)]), fits, "{line_bytes}");
        }
    }

    #[test]
    fn an_endless_line_costs_no_memory_and_one_error() {
        let mut receiver = Receiver::new();
        for _ in 0..10_000 {
            receiver.feed(&[b'A'; 1024]);
            assert_eq!(receiver.next(), Next::NeedBytes);
        }
        receiver.feed(b"\r\nNOOP\r\n");
        assert_eq!(receiver.next(), Next::Invalid(SyntaxError::TooLong));
        assert_eq!(receiver.next(), Next::Command(Command::Noop));
    }

    #[test]
    fn what_came_with_stls_is_thrown_away() {
        let mut receiver = Receiver::new();
        receiver.feed(b"STLS\r\nUSER mallory\r\nPA");
        assert_eq!(receiver.next(), Next::Command(Command::Stls));
        assert_eq!(receiver.discard(), 16);
        receiver.feed(b"CAPA\r\n");
        assert_eq!(receiver.next(), Next::Command(Command::Capa));
    }

    #[test]
    fn a_bare_line_feed_starts_no_second_command() {
        assert_eq!(receive([b"NOOP\nDELE 1\r\n"]), [Next::Invalid(SyntaxError::Character)]);
        assert_eq!(receive([b"USER a\nDELE 1\r\n"]), [Next::Invalid(SyntaxError::Character)]);
    }

    fn dialogue() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            Just(b"USER anna\r\n".to_vec()),
            Just(b"AUTH PLAIN\r\n".to_vec()),
            Just(b"AGEAYg==\r\n".to_vec()),
            Just(b"*\r\n".to_vec()),
            Just(b"RETR 1\r\n".to_vec()),
            Just(b"\r".to_vec()),
            Just(b"\n".to_vec()),
            Just(b"\r\n".to_vec()),
            (200_usize..300).prop_map(|bytes| vec![b'x'; bytes]),
            proptest::collection::vec(any::<u8>(), 0..20),
        ];
        proptest::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn any_cut_gives_the_same_commands(dialogue in dialogue(), cut_bytes in 1_usize..50) {
            prop_assert_eq!(receive([&dialogue]), receive(dialogue.chunks(cut_bytes)));
        }
    }
}
