//! Bytes in, commands and message data out: the sans-I/O half of a connection.

use crate::command::{self, Command, SyntaxError};
use crate::content::{Content, ContentFault, Framing, MessageRules, Step};
use crate::line::{Line, Lines};
use crate::{COMMAND_BYTES_MAX, SASL_LINE_BYTES_MAX};
use vocabulary::Secret;

/// What the client sent next.
#[derive(Debug, PartialEq, Eq)]
pub enum Next<'a> {
    /// Nothing whole yet: read from the connection and [`Receiver::feed`].
    NeedBytes,
    /// A command. After BDAT its chunk comes next, whatever the server thinks of it.
    Command(Command),
    /// The line asked for by [`Receiver::expect_response`].
    Response(SaslResponse),
    /// A piece of the message, unstuffed and repaired: append it.
    Data(&'a [u8]),
    /// The end of DATA or of a chunk: the reply is due now.
    DataEnd(DataEnd),
    /// A line that is none of these; it is consumed, and [`SyntaxError::reply`] is due.
    Invalid(SyntaxError),
}

/// A line of a SASL exchange (RFC 4954 section 4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SaslResponse {
    /// `*`: the client gives up; 501 is due.
    Cancelled,
    /// Base64 text, possibly empty.
    Base64(Secret),
}

/// How a message, or one chunk of it, ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DataEnd {
    /// Octets of the message so far, as handed out by [`Next::Data`] when there is no fault.
    pub message_bytes: u64,
    /// Whether the message is over: always after DATA, after BDAT with LAST.
    pub last: bool,
    /// Why the message is not to be taken. What came as [`Next::Data`] is to be thrown away.
    pub fault: Option<ContentFault>,
}

/// The client sent something after DATA and before the 354.
///
/// RFC 2920 section 3.1 makes DATA the last of a group. Reply 554 and close: the receiver takes no
/// more, since nobody can tell whether those bytes were meant as commands or as data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{unread_bytes} bytes were sent before the reply to DATA")]
pub struct EarlyData {
    /// How many bytes.
    pub unread_bytes: usize,
}

/// Reads one connection.
///
/// Feed only after [`Next::NeedBytes`]: then at most one unfinished line of
/// [`SASL_LINE_BYTES_MAX`] octets is held beside the bytes of one feed. Message data is never
/// gathered here.
#[derive(Debug)]
pub struct Receiver {
    lines: Lines,
    mode: Mode,
    content: Content,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Command,
    Response,
    Data,
    Chunk { left_bytes: u64, last: bool, wanted: bool },
    Closed,
}

impl Receiver {
    /// A receiver at the start of a connection.
    #[must_use]
    pub fn new(rules: MessageRules) -> Self {
        Self { lines: Lines::default(), mode: Mode::Command, content: Content::new(rules) }
    }

    /// Adds what was read from the connection.
    pub fn feed(&mut self, bytes: &[u8]) {
        if self.mode != Mode::Closed {
            self.lines.feed(bytes);
        }
    }

    /// What the client sent next.
    #[expect(clippy::should_implement_trait, reason = "an iterator ends, a connection needs bytes")]
    pub fn next(&mut self) -> Next<'_> {
        match self.mode {
            Mode::Command => self.next_command(),
            Mode::Response => self.next_response(),
            Mode::Data => self.next_data(),
            Mode::Chunk { left_bytes, last, wanted } => self.next_chunk(left_bytes, last, wanted),
            Mode::Closed => Next::NeedBytes,
        }
    }

    /// Begins the message of a new transaction. To be called for each MAIL that is accepted: size
    /// and line state of the last message are forgotten here and nowhere else.
    pub fn start_message(&mut self, rules: MessageRules) {
        self.content = Content::new(rules);
    }

    /// Takes what comes next as the message. To be called when DATA is accepted, before the 354 is
    /// sent.
    ///
    /// # Errors
    /// [`EarlyData`] if the client did not wait for it.
    pub fn expect_data(&mut self) -> Result<(), EarlyData> {
        let unread_bytes = self.lines.unread().len();
        if unread_bytes > 0 {
            self.close();
            return Err(EarlyData { unread_bytes });
        }
        self.mode = Mode::Data;
        Ok(())
    }

    /// Hands out the chunk of the BDAT just received. Without this call it is swallowed (RFC 3030
    /// section 2), and only its [`Next::DataEnd`] comes.
    pub fn accept_chunk(&mut self) {
        if let Mode::Chunk { wanted, .. } = &mut self.mode {
            *wanted = true;
        }
    }

    /// Takes the next line as a SASL response, not as a command. To be called for each challenge.
    pub fn expect_response(&mut self) {
        if self.mode == Mode::Command {
            self.mode = Mode::Response;
        }
    }

    /// Throws away all that the client sent and nobody consumed, and says how many bytes that were.
    ///
    /// Due after the reply to STARTTLS and before the handshake: what came in the clear must not be
    /// taken for something said under TLS (RFC 3207 section 4.2).
    pub fn discard(&mut self) -> usize {
        self.mode = Mode::Command;
        self.lines.discard()
    }

    /// Takes no more: all that comes is thrown away.
    pub fn close(&mut self) {
        self.lines.discard();
        self.mode = Mode::Closed;
    }

    /// Whether the client has sent something that is not consumed yet: before the greeting or after
    /// EHLO a sign of a client that does not listen.
    #[must_use]
    pub fn has_unread(&self) -> bool {
        !self.lines.unread().is_empty()
    }

    fn next_command(&mut self) -> Next<'_> {
        let parsed = match self.lines.next(command_bytes_max) {
            Line::NeedBytes => return Next::NeedBytes,
            Line::TooLong => Err(SyntaxError::TooLong),
            Line::Complete(line) => Command::parse(self.lines.bytes(line)),
        };
        match parsed {
            Ok(command) => {
                if let Command::Bdat { chunk_bytes, last } = command {
                    self.mode = Mode::Chunk { left_bytes: chunk_bytes, last, wanted: false };
                }
                Next::Command(command)
            }
            Err(error) => Next::Invalid(error),
        }
    }

    fn next_response(&mut self) -> Next<'_> {
        let parsed = match self.lines.next(|_| SASL_LINE_BYTES_MAX) {
            Line::NeedBytes => return Next::NeedBytes,
            Line::TooLong => Err(SyntaxError::TooLong),
            Line::Complete(line) => response(self.lines.bytes(line)),
        };
        self.mode = Mode::Command;
        parsed.map_or_else(Next::Invalid, Next::Response)
    }

    fn next_data(&mut self) -> Next<'_> {
        loop {
            match self.content.step(self.lines.unread(), Framing::Dotted) {
                Step::NeedBytes => return Next::NeedBytes,
                Step::Consumed(bytes) => self.lines.consume(bytes),
                Step::Input(range) => return Next::Data(self.lines.take(range)),
                Step::Instead(bytes, octets) => {
                    self.lines.consume(bytes);
                    return Next::Data(octets);
                }
                Step::End(bytes) => {
                    self.lines.consume(bytes);
                    return self.end(true);
                }
            }
        }
    }

    fn next_chunk(&mut self, mut left_bytes: u64, last: bool, wanted: bool) -> Next<'_> {
        loop {
            if left_bytes == 0 {
                if last
                    && wanted
                    && let Step::Instead(_, octets) = self.content.finish_counted()
                {
                    return Next::Data(octets);
                }
                return self.end(last);
            }
            let unread = self.lines.unread();
            let chunk_bytes = usize::try_from(left_bytes).unwrap_or(usize::MAX).min(unread.len());
            let chunk = unread.get(..chunk_bytes).unwrap_or_default();
            let step = match chunk {
                [] => Step::NeedBytes,
                _ if wanted => self.content.step(chunk, Framing::Counted),
                _ => Step::Consumed(chunk_bytes),
            };
            let consumed = match &step {
                Step::NeedBytes => return Next::NeedBytes,
                Step::Consumed(bytes) | Step::Instead(bytes, _) | Step::End(bytes) => *bytes,
                Step::Input(range) => range.end,
            };
            left_bytes = left_bytes.saturating_sub(consumed as u64);
            self.mode = Mode::Chunk { left_bytes, last, wanted };
            match step {
                Step::Input(range) => return Next::Data(self.lines.take(range)),
                Step::Instead(bytes, octets) => {
                    self.lines.consume(bytes);
                    return Next::Data(octets);
                }
                _ => self.lines.consume(consumed),
            }
        }
    }

    fn end(&mut self, last: bool) -> Next<'_> {
        self.mode = Mode::Command;
        Next::DataEnd(DataEnd { message_bytes: self.content.bytes(), last, fault: self.content.fault() })
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
        _ => Err(SyntaxError::Base64),
    }
}
