//! The octets of one message: where it ends, which lines it may have, how large it may be.
//!
//! This is the one place that judges them, and what it hands out is what is stored.
//!
//! The end is judged on the octets as they came: CRLF `.` CRLF (RFC 5321 section 4.1.1.4), nothing
//! else. Repair happens after that judgement and behind a bare CR or LF no dot is taken away, so a
//! text like LF `.` LF, which a sender may have let through as content, stays content: there is
//! one message, or none.

use crate::TEXT_LINE_BYTES_MAX;
use crate::reply::{Enhanced, Reply};
use std::ops::Range;

/// What is done about a bare CR, a bare LF or a NUL in DATA.
///
/// In BDAT they are always repaired, unless BODY=BINARYMIME promised arbitrary octets: the length
/// is counted there, so nothing can be smuggled, and large senders do send bare LF.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LineEnds {
    /// The message is refused after its end, 550 5.5.2: nothing is stored that another server may
    /// read differently. Right towards the Internet.
    #[default]
    Refuse,
    /// Each bare CR or LF becomes CRLF (CRs before a CRLF vanish), each NUL a space. Right behind
    /// one's own MTA and for submission, where a refusal would lose mail that is only untidy.
    Repair,
}

/// Under which rules the message of a transaction is received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MessageRules {
    /// Largest message in octets, as it is stored.
    pub message_bytes_max: u64,
    /// What is done about bare CR, bare LF and NUL.
    pub line_ends: LineEnds,
    /// BODY=BINARYMIME: BDAT octets are kept as they are (RFC 3030 section 3).
    pub binary: bool,
}

/// Why a message that was received to its end is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ContentFault {
    /// Over [`MessageRules::message_bytes_max`].
    #[error("message too large")]
    TooLarge,
    /// A bare CR or LF under [`LineEnds::Refuse`].
    #[error("bare CR or LF in message")]
    BareLineEnd,
    /// A NUL under [`LineEnds::Refuse`].
    #[error("NUL in message")]
    Nul,
    /// A line over [`TEXT_LINE_BYTES_MAX`].
    #[error("line too long in message")]
    LineTooLong,
}

impl ContentFault {
    /// The reply that is due after the end of the message.
    #[must_use]
    pub fn reply(self) -> Reply {
        let (code, enhanced) = match self {
            // RFC 1870 section 6.3.
            Self::TooLarge => (552, Enhanced(5, 3, 4)),
            Self::BareLineEnd => (550, Enhanced(5, 5, 2)),
            Self::Nul | Self::LineTooLong => (554, Enhanced(5, 6, 0)),
        };
        Reply::new(code, enhanced, self.to_string())
    }
}

/// How the octets are framed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    /// Lines, dot-stuffed, up to the dot.
    Dotted,
    /// Counted.
    Counted,
}

/// The message so far.
#[derive(Debug)]
pub(crate) struct Content {
    rules: MessageRules,
    bytes: u64,
    line_bytes: u64,
    fault: Option<ContentFault>,
    /// The last octets were CRLF, or there are none yet.
    line_start: bool,
    /// The last octet was a CR whose fate is open.
    pending_cr: bool,
}

/// What a look at the input gave, and how much of it is consumed thereby.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// More input is needed to say anything.
    NeedBytes,
    /// Nothing to store.
    Consumed(usize),
    /// This range of the input, which it consumes up to the range's end, is to be stored.
    Input(Range<usize>),
    /// These octets are to be stored in place of what is consumed.
    Instead(usize, &'static [u8]),
    /// The final dot.
    End(usize),
}

impl Content {
    pub(crate) fn new(rules: MessageRules) -> Self {
        Self { rules, bytes: 0, line_bytes: 0, fault: None, line_start: true, pending_cr: false }
    }

    pub(crate) fn fault(&self) -> Option<ContentFault> {
        self.fault
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Looks at the next octets. Once there is a fault nothing more is to be stored, but the end
    /// is still found.
    pub(crate) fn step(&mut self, input: &[u8], framing: Framing) -> Step {
        let step = match framing {
            Framing::Counted if self.rules.binary => binary(input),
            _ => self.text(input, framing),
        };
        match step {
            Step::Input(range) => {
                let (end, stored_bytes) = (range.end, range.len());
                if self.store(stored_bytes) { Step::Input(range) } else { Step::Consumed(end) }
            }
            Step::Instead(consumed, octets) => {
                if self.store(octets.len()) {
                    Step::Instead(consumed, octets)
                } else {
                    Step::Consumed(consumed)
                }
            }
            step => step,
        }
    }

    /// Ends a counted message: a CR at its very end was bare.
    pub(crate) fn finish_counted(&mut self) -> Step {
        if std::mem::take(&mut self.pending_cr) { self.step_end_of_line() } else { Step::Consumed(0) }
    }

    fn step_end_of_line(&mut self) -> Step {
        if self.store(2) { Step::Instead(0, b"\r\n") } else { Step::Consumed(0) }
    }

    /// Counts what is about to be stored; false if it must not be.
    fn store(&mut self, stored_bytes: usize) -> bool {
        self.bytes = self.bytes.saturating_add(stored_bytes as u64);
        if self.bytes > self.rules.message_bytes_max {
            self.fail(ContentFault::TooLarge);
        }
        self.fault.is_none()
    }

    /// The first fault is the one that is told.
    fn fail(&mut self, fault: ContentFault) {
        self.fault.get_or_insert(fault);
    }

    fn text(&mut self, input: &[u8], framing: Framing) -> Step {
        let Some(first) = input.first() else { return Step::NeedBytes };
        if std::mem::take(&mut self.pending_cr) {
            return self.after_cr(*first, framing);
        }
        if self.line_start && framing == Framing::Dotted && *first == b'.' {
            return match input {
                // The only end there is: RFC 5321 section 4.1.1.4.
                [_, b'\r', b'\n', ..] => Step::End(3),
                [_] | [_, b'\r'] => Step::NeedBytes,
                // RFC 5321 section 4.5.2: other characters follow, so the dot was added.
                _ => {
                    self.line_start = false;
                    Step::Consumed(1)
                }
            };
        }
        match first {
            b'\r' if input.get(1) != Some(&b'\n') => {
                self.line_start = false;
                self.pending_cr = true;
                Step::Consumed(1)
            }
            b'\n' => self.bare_line_end(1, framing),
            0 => self.nul(framing),
            _ => Step::Input(0..self.run(input, framing)),
        }
    }

    /// `next` follows a CR that was consumed and not stored.
    fn after_cr(&mut self, next: u8, framing: Framing) -> Step {
        match next {
            b'\n' => {
                self.line_start = true;
                self.line_bytes = 0;
                Step::Instead(1, b"\r\n")
            }
            // Several CRs are one line end, whatever follows them.
            b'\r' => {
                self.pending_cr = true;
                self.refuse(ContentFault::BareLineEnd, framing);
                Step::Consumed(1)
            }
            _ => self.bare_line_end(0, framing),
        }
    }

    fn bare_line_end(&mut self, consumed: usize, framing: Framing) -> Step {
        self.refuse(ContentFault::BareLineEnd, framing);
        self.line_start = false;
        self.line_bytes = 0;
        Step::Instead(consumed, b"\r\n")
    }

    fn nul(&mut self, framing: Framing) -> Step {
        self.refuse(ContentFault::Nul, framing);
        self.line_start = false;
        Step::Instead(1, b" ")
    }

    fn refuse(&mut self, fault: ContentFault, framing: Framing) {
        if framing == Framing::Dotted && self.rules.line_ends == LineEnds::Refuse {
            self.fail(fault);
        }
    }

    /// Length of the run of whole lines and text at the start of `input` that needs no thought:
    /// up to a bare CR or LF, a NUL, or a dot that begins a line.
    fn run(&mut self, input: &[u8], framing: Framing) -> usize {
        let mut at = 0;
        loop {
            let rest = input.get(at..).unwrap_or_default();
            let text_bytes = rest.iter().position(|b| matches!(b, b'\r' | b'\n' | 0)).unwrap_or(rest.len());
            if text_bytes > 0 {
                self.line_start = false;
                self.line_bytes = self.line_bytes.saturating_add(text_bytes as u64);
                if self.line_bytes > TEXT_LINE_BYTES_MAX {
                    self.fail(ContentFault::LineTooLong);
                }
            }
            at += text_bytes;
            if !matches!(rest.get(text_bytes..), Some([b'\r', b'\n', ..])) {
                return at;
            }
            at += 2;
            self.line_start = true;
            self.line_bytes = 0;
            if framing == Framing::Dotted && input.get(at) == Some(&b'.') {
                return at;
            }
        }
    }
}

fn binary(input: &[u8]) -> Step {
    if input.is_empty() { Step::NeedBytes } else { Step::Input(0..input.len()) }
}
