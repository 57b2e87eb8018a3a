//! Cuts what a client sends into commands: RFC 9051 section 2.2.1, literals of RFC 7888.
//!
//! Sans-I/O: bytes go in by [`Receiver::feed`], [`Receiver::next`] says what they mean. How the network
//! cuts the bytes does not matter. A command is kept until it is whole; the messages of APPEND are not,
//! they come out in pieces. What is too large is refused before it is kept. After an error the reading
//! goes on with the next command.

use crate::command::append::{self, Head};
use crate::date::DateTime;
use crate::{Bad, Command, FlagList, Input, Limits, MailboxName, NameEncoding, SyntaxError, Tag};

/// What the bytes mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Nothing yet: feed more.
    NeedBytes,
    /// The client waits for a continuation request before it sends a literal.
    SayContinue,
    /// A whole command.
    Received(Command),
    /// An APPEND begins; its first message follows in [`Next::AppendData`]. The next call of
    /// [`Receiver::next`] accepts it; [`Receiver::refuse_append`] does not.
    AppendStart {
        /// Names the command.
        tag: Tag,
        /// Where to.
        mailbox: MailboxName,
        /// The first message.
        message: AppendMessage,
    },
    /// A further message of the same APPEND (RFC 3502); the one before is complete.
    AppendNext(AppendMessage),
    /// The next bytes of the message.
    AppendData(Vec<u8>),
    /// The APPEND is complete: store it and answer.
    AppendEnd {
        /// Names the command.
        tag: Tag,
    },
    /// A line that was asked for by [`Receiver::expect_line`], without its end.
    Line(Vec<u8>),
    /// No command: answer BAD. If an APPEND was going on, forget its messages.
    Bad(Bad),
    /// Too large: answer NO or BAD. If an APPEND was going on, forget its messages.
    Refused {
        /// Names the command, if that could be read.
        tag: Option<Tag>,
        /// What was too large.
        refused: Refused,
    },
    /// The client sends more than will be read: say BYE and close. Nothing else follows.
    GiveUp,
}

/// What was too large.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Refused {
    /// The command, its literals included.
    Command,
    /// The number of literals.
    Literals,
    /// A message: `TOOBIG` (RFC 7889, RFC 7888 section 5).
    Message,
}

/// One message that a client appends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppendMessage {
    /// Its flags.
    pub flags: FlagList,
    /// Its internal date.
    pub date: Option<DateTime>,
    /// Its size in octets.
    pub size: u64,
    /// It came as a literal8 and may hold NUL.
    pub binary: bool,
}

/// The reading end of one connection.
#[derive(Debug)]
pub struct Receiver {
    limits: Limits,
    names: NameEncoding,
    buffer: Vec<u8>,
    /// Where the unread bytes begin in the buffer.
    start: usize,
    state: State,
}

#[derive(Debug)]
enum State {
    Command(Partial),
    Line {
        bytes_max: usize,
        scanned: usize,
    },
    /// APPEND was announced and neither accepted nor refused.
    Offered {
        tag: Tag,
        literal: Literal,
    },
    Data {
        tag: Tag,
        left: u64,
    },
    /// After a message: the next one, or the end of the command.
    Tail {
        tag: Tag,
        scanned: usize,
    },
    Skip(Skip),
    GivenUp,
}

/// A command of which not everything is there yet. Places count from the command's first byte.
#[derive(Debug, Default)]
struct Partial {
    /// Everything before this was looked at; it may lie inside a literal that is still to come.
    scanned: usize,
    /// Where the line begins that is being looked at.
    line: usize,
    literals: usize,
}

/// Throws away the rest of a command.
#[derive(Debug)]
struct Skip {
    /// Bytes of the literal that is being thrown away.
    literal: u64,
    /// Bytes of the line that were looked at.
    scanned: usize,
    /// How much may still be thrown away.
    budget: u64,
    /// What is said then.
    after: Option<Box<Next>>,
}

/// What stands at the end of a line: `[~]{n[+]}`.
#[derive(Debug, Clone, Copy)]
struct Literal {
    length: u64,
    synchronising: bool,
    binary: bool,
    /// How many bytes the announcement has.
    width: usize,
}

/// Buffers above this are given back when they are empty, so that an idle connection is small.
const IDLE_BYTES_MAX: usize = 16 * 1024;

/// Digits of the largest 63-bit number.
const DIGITS_MAX: usize = 19;

/// `~{`, the digits, `+}`: what must be kept of a line that is thrown away.
const ANNOUNCEMENT_BYTES_MAX: usize = DIGITS_MAX + 4;

impl Receiver {
    /// A new connection.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        let state = State::Command(Partial::default());
        Self { limits, names: NameEncoding::default(), buffer: Vec::new(), start: 0, state }
    }

    /// Other limits from the next command on.
    pub fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// How names are read from the next command on.
    pub fn set_encoding(&mut self, names: NameEncoding) {
        self.names = names;
    }

    /// Takes bytes of the network. Call it only after [`Next::NeedBytes`]: then no more is ever kept than
    /// `command_bytes_max` and the bytes of one call.
    pub fn feed(&mut self, bytes: &[u8]) {
        if self.start > 0 {
            self.buffer.drain(..self.start);
            self.start = 0;
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// The next line is no command: a response of AUTHENTICATE, or DONE.
    pub fn expect_line(&mut self, bytes_max: usize) {
        self.state = State::Line { bytes_max, scanned: 0 };
    }

    /// Forgets what came before TLS began (RFC 9051 section 6.2.1), so that nothing can be smuggled in.
    pub fn discard(&mut self) {
        self.buffer = Vec::new();
        self.start = 0;
        self.state = State::Command(Partial::default());
    }

    /// Does not accept the APPEND that is going on; the caller answers its tag with NO. What the client
    /// sends of it nevertheless is thrown away.
    pub fn refuse_append(&mut self) {
        let literal = match &self.state {
            State::Offered { literal, .. } if literal.synchronising => {
                self.state = State::Command(Partial::default());
                return;
            }
            State::Offered { literal, .. } => literal.length,
            State::Data { left, .. } => *left,
            State::Tail { .. } => 0,
            _ => return,
        };
        self.skip(literal, None);
    }

    /// What comes next.
    #[expect(clippy::should_implement_trait, reason = "it never ends, and it is not an iteration")]
    pub fn next(&mut self) -> Next {
        loop {
            let next = match &mut self.state {
                State::Command(_) => self.command(),
                State::Line { bytes_max, scanned } => {
                    let (bytes_max, scanned) = (*bytes_max, *scanned);
                    self.line(bytes_max, scanned)
                }
                State::Offered { tag, literal } => {
                    let (tag, literal) = (tag.clone(), *literal);
                    self.state = State::Data { tag, left: literal.length };
                    literal.synchronising.then_some(Next::SayContinue)
                }
                State::Data { .. } => self.data(),
                State::Tail { tag, scanned } => {
                    let (tag, scanned) = (tag.clone(), *scanned);
                    self.tail(tag, scanned)
                }
                State::Skip(_) => self.skip_on(),
                State::GivenUp => Some(Next::GiveUp),
            };
            if let Some(next) = next {
                return next;
            }
        }
    }

    fn unread(&self) -> &[u8] {
        self.buffer.get(self.start..).unwrap_or_default()
    }

    fn consume(&mut self, count: usize) {
        self.start = self.buffer.len().min(self.start + count);
        if self.start == self.buffer.len() {
            self.start = 0;
            self.buffer.clear();
            if self.buffer.capacity() > IDLE_BYTES_MAX {
                self.buffer = Vec::new();
            }
        }
    }

    /// Looks for the end of a line from `from` on: the place of its LF.
    fn line_end(&self, from: usize) -> Option<usize> {
        let found = self.unread().get(from..)?.iter().position(|&byte| byte == b'\n')?;
        Some(from + found)
    }

    /// The bytes from `from` to a line end, without CR and LF.
    fn without_end(&self, from: usize, end: usize) -> &[u8] {
        let line = self.unread().get(from..end).unwrap_or_default();
        line.strip_suffix(b"\r").unwrap_or(line) // a bare LF is tolerated
    }

    fn command(&mut self) -> Option<Next> {
        let State::Command(partial) = &self.state else { return None };
        let (scanned, line, literals) = (partial.scanned, partial.line, partial.literals);
        let bytes_max = self.limits.command_bytes_max;
        let available = self.unread().len();
        let Some(end) = self.line_end(scanned) else {
            if available > bytes_max {
                return self.too_large(line, Refused::Command);
            }
            self.state = State::Command(Partial { scanned: scanned.max(available), line, literals });
            return Some(Next::NeedBytes);
        };
        if end >= bytes_max {
            return self.too_large(line, Refused::Command);
        }
        let text = self.without_end(line, end);
        let text_end = line + text.len();
        match Literal::announced(text) {
            Announced::None => {
                let command = Command::parse(self.without_end(0, end), self.names);
                self.consume(end + 1);
                self.state = State::Command(Partial::default());
                Some(command.map_or_else(Next::Bad, Next::Received))
            }
            Announced::TooLong => Some(self.give_up()),
            Announced::Literal(literal) => {
                let head_end = text_end.saturating_sub(literal.width);
                if append::is_append(self.without_end(0, end))
                    && let Some(next) = self.append_head(head_end, end, literal)
                {
                    return next;
                }
                self.keep_literal(end, literals, literal)
            }
        }
    }

    /// Waits for a literal of a command, if it is not too large.
    fn keep_literal(&mut self, end: usize, literals: usize, literal: Literal) -> Option<Next> {
        let room = self.limits.command_bytes_max.saturating_sub(end + 1);
        let refused = if literals == self.limits.literals_max {
            Some(Refused::Literals)
        } else if literal.length > room as u64 {
            Some(Refused::Command)
        } else {
            None
        };
        if let Some(refused) = refused {
            let tag = Tag::of_command(self.unread());
            return self.stop(end + 1, literal, Next::Refused { tag, refused });
        }
        let line = end + 1 + usize::try_from(literal.length).unwrap_or(usize::MAX);
        self.state = State::Command(Partial { scanned: line, line, literals: literals + 1 });
        literal.synchronising.then_some(Next::SayContinue)
    }

    /// The literal of an APPEND: `None` if it is the mailbox and thus an ordinary one.
    fn append_head(&mut self, head_end: usize, end: usize, literal: Literal) -> Option<Option<Next>> {
        let head = self.unread().get(..head_end).unwrap_or_default();
        let tag = Tag::of_command(head);
        match append::head(&mut Input::new(head, self.names)) {
            Ok(Head::Mailbox) => None,
            Ok(Head::Message(tag, mailbox, properties)) => {
                let offer = |tag, message| Next::AppendStart { tag, mailbox, message };
                Some(self.offer(end + 1, tag, properties, literal, offer))
            }
            Err(error) => Some(self.stop(end + 1, literal, Next::Bad(Bad { tag, error }))),
        }
    }

    /// A message was announced by `announcement` bytes.
    fn offer(
        &mut self,
        announcement: usize,
        tag: Tag,
        properties: append::Properties,
        literal: Literal,
        say: impl FnOnce(Tag, AppendMessage) -> Next,
    ) -> Option<Next> {
        if literal.length > self.limits.message_bytes_max {
            let refused = Next::Refused { tag: Some(tag), refused: Refused::Message };
            return self.stop(announcement, literal, refused);
        }
        let append::Properties { flags, date } = properties;
        let message = AppendMessage { flags, date, size: literal.length, binary: literal.binary };
        self.consume(announcement);
        self.state = State::Offered { tag: tag.clone(), literal };
        Some(say(tag, message))
    }

    fn data(&mut self) -> Option<Next> {
        let State::Data { tag, left } = &mut self.state else { return None };
        if *left == 0 {
            let tag = tag.clone();
            self.state = State::Tail { tag, scanned: 0 };
            return None;
        }
        let available = self.buffer.len() - self.start;
        if available == 0 {
            return Some(Next::NeedBytes);
        }
        let count = usize::try_from(*left).unwrap_or(usize::MAX).min(available);
        *left -= count as u64;
        if self.start == 0 && count == available {
            return Some(Next::AppendData(std::mem::take(&mut self.buffer))); // nothing is copied
        }
        let bytes = self.unread().get(..count).unwrap_or_default().to_vec();
        self.consume(count);
        Some(Next::AppendData(bytes))
    }

    fn tail(&mut self, tag: Tag, scanned: usize) -> Option<Next> {
        let available = self.unread().len();
        let Some(end) = self.line_end(scanned) else {
            if available > self.limits.command_bytes_max {
                let refused = Next::Refused { tag: Some(tag), refused: Refused::Command };
                return self.skip(0, Some(refused));
            }
            self.state = State::Tail { tag, scanned: available };
            return Some(Next::NeedBytes);
        };
        if end >= self.limits.command_bytes_max {
            return self.skip(0, Some(Next::Refused { tag: Some(tag), refused: Refused::Command }));
        }
        let text = self.without_end(0, end);
        match Literal::announced(text) {
            Announced::None => {
                let ended = Input::new(text, self.names).end();
                self.consume(end + 1);
                self.state = State::Command(Partial::default());
                Some(match ended {
                    Ok(()) => Next::AppendEnd { tag },
                    Err(error) => Next::Bad(Bad { tag: Some(tag), error }),
                })
            }
            Announced::TooLong => Some(self.give_up()),
            Announced::Literal(literal) => {
                let head = text.get(..text.len().saturating_sub(literal.width)).unwrap_or_default();
                match append::properties(&mut Input::new(head, self.names)) {
                    Ok(properties) => {
                        self.offer(end + 1, tag, properties, literal, |_, message| Next::AppendNext(message))
                    }
                    Err(error) => self.stop(end + 1, literal, Next::Bad(Bad { tag: Some(tag), error })),
                }
            }
        }
    }

    fn line(&mut self, bytes_max: usize, scanned: usize) -> Option<Next> {
        let too_long = || {
            let error = SyntaxError { at: bytes_max, expected: "a shorter line" };
            Next::Bad(Bad { tag: None, error })
        };
        let available = self.unread().len();
        match self.line_end(scanned) {
            Some(end) if end <= bytes_max => {
                let line = self.without_end(0, end).to_vec();
                self.consume(end + 1);
                self.state = State::Command(Partial::default());
                Some(Next::Line(line))
            }
            None if available <= bytes_max => {
                self.state = State::Line { bytes_max, scanned: available };
                Some(Next::NeedBytes)
            }
            _ => self.skip(0, Some(too_long())),
        }
    }

    /// A command became too large in the line that begins at `line`.
    fn too_large(&mut self, line: usize, refused: Refused) -> Option<Next> {
        let tag = Tag::of_command(self.unread());
        self.consume(line);
        self.skip(0, Some(Next::Refused { tag, refused }))
    }

    /// Ends a command at an announced literal: one that the client holds back needs no skipping.
    fn stop(&mut self, announcement: usize, literal: Literal, answer: Next) -> Option<Next> {
        self.consume(announcement);
        if literal.synchronising {
            self.state = State::Command(Partial::default());
            return Some(answer);
        }
        self.skip(literal.length, Some(answer))
    }

    fn give_up(&mut self) -> Next {
        self.discard();
        self.state = State::GivenUp;
        Next::GiveUp
    }

    fn skip(&mut self, literal: u64, after: Option<Next>) -> Option<Next> {
        let budget = self.limits.skip_bytes_max;
        self.state = State::Skip(Skip { literal: 0, scanned: 0, budget, after: after.map(Box::new) });
        self.skip_literal(literal)
    }

    /// A literal is next to be thrown away, if the budget allows it.
    fn skip_literal(&mut self, length: u64) -> Option<Next> {
        let State::Skip(skip) = &mut self.state else { return None };
        match skip.budget.checked_sub(length) {
            None => Some(self.give_up()),
            Some(budget) => {
                skip.budget = budget;
                skip.literal = length;
                skip.scanned = 0;
                None
            }
        }
    }

    fn skip_on(&mut self) -> Option<Next> {
        let available = self.buffer.len() - self.start;
        let State::Skip(skip) = &mut self.state else { return None };
        if skip.literal > 0 {
            let count = usize::try_from(skip.literal).unwrap_or(usize::MAX).min(available);
            skip.literal -= count as u64;
            let hungry = skip.literal > 0;
            self.consume(count);
            return hungry.then_some(Next::NeedBytes);
        }
        let scanned = skip.scanned;
        let Some(end) = self.line_end(scanned) else { return Some(self.skip_part_of_line(available)) };
        let announced = Literal::announced(self.without_end(0, end));
        self.consume(end + 1);
        if !self.charge(end + 1) {
            return Some(self.give_up());
        }
        match announced {
            Announced::TooLong => Some(self.give_up()),
            Announced::Literal(literal) if !literal.synchronising => self.skip_literal(literal.length),
            _ => {
                let State::Skip(skip) = &mut self.state else { return None };
                let after = skip.after.take();
                self.state = State::Command(Partial::default());
                after.map(|next| *next)
            }
        }
    }

    /// Throws away a line without end but for what may be the beginning of an announcement.
    fn skip_part_of_line(&mut self, available: usize) -> Next {
        let drop = available.saturating_sub(ANNOUNCEMENT_BYTES_MAX + 1);
        self.consume(drop);
        let State::Skip(skip) = &mut self.state else { return Next::NeedBytes };
        skip.scanned = available - drop;
        if self.charge(drop) { Next::NeedBytes } else { self.give_up() }
    }

    /// Counts bytes of a line that were thrown away; `false` if they are too many.
    fn charge(&mut self, count: usize) -> bool {
        let State::Skip(skip) = &mut self.state else { return true };
        let left = skip.budget.checked_sub(count as u64);
        skip.budget = left.unwrap_or_default();
        left.is_some()
    }
}

enum Announced {
    None,
    Literal(Literal),
    /// Not to be counted in 63 bits, and not held back by the client.
    TooLong,
}

impl Literal {
    /// The literal announced at the end of a line (RFC 7888 section 3).
    fn announced(line: &[u8]) -> Announced {
        let Some(inner) = line.strip_suffix(b"}") else { return Announced::None };
        let (inner, synchronising) = match inner.strip_suffix(b"+") {
            Some(inner) => (inner, false),
            None => (inner, true),
        };
        let digits = inner.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
        if digits > DIGITS_MAX {
            return if synchronising { Announced::None } else { Announced::TooLong };
        }
        let (before, digits) = inner.split_at(inner.len() - digits);
        let Some(before) = before.strip_suffix(b"{").filter(|_| !digits.is_empty()) else {
            return Announced::None;
        };
        let binary = before.ends_with(b"~");
        let length = std::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok());
        let length = length.filter(|&length: &u64| i64::try_from(length).is_ok());
        match length {
            Some(length) => {
                let width = line.len() - before.len() + usize::from(binary);
                Announced::Literal(Self { length, synchronising, binary, width })
            }
            None if synchronising => Announced::None, // a syntax error; the client waits for the answer
            None => Announced::TooLong,
        }
    }
}
