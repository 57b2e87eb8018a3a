//! From physical lines to content lines: RFC 5545 section 3.1, RFC 6350 section 3.2. One pass, linear.

use std::borrow::Cow;
use std::ops::Range;

use crate::error::{Limit, LimitExceeded};
use crate::transfer::HeadEnd;
use crate::{LINE_BYTES_MAX, Transfer};

/// One content line.
pub(crate) struct Unfolded<'a> {
    /// Its bytes in the document, line ends included. Those of consecutive lines touch.
    pub(crate) raw: Range<usize>,
    /// Its text without folds, soft breaks and line end. Borrowed where the line has one physical line.
    pub(crate) text: Cow<'a, [u8]>,
}

/// Gives the content lines of a document one after another.
pub(crate) struct Unfolder<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Unfolder<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The physical line that begins at a byte, without its line end, and where the next one begins.
    fn physical(&self, at: usize) -> (&'a [u8], usize) {
        let rest = self.bytes.get(at..).unwrap_or_default();
        let (mut line, next) = match rest.iter().position(|&byte| byte == b'\n') {
            Some(end) => (rest.get(..end).unwrap_or_default(), at + end + 1),
            None => (rest, self.bytes.len()),
        };
        while let Some(shorter) = line.strip_suffix(b"\r") {
            line = shorter;
        }
        (line, next)
    }
}

impl<'a> Iterator for Unfolder<'a> {
    type Item = Result<Unfolded<'a>, LimitExceeded>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.bytes.len() {
            return None;
        }
        let start = self.at;
        let (line, next) = self.physical(start);
        self.at = next;
        let mut growing = Growing::new(line);
        while self.at < self.bytes.len() {
            let (line, next) = self.physical(self.at);
            let Some(more) = growing.continuation(line) else { break };
            if growing.text.len() + more.len() > LINE_BYTES_MAX {
                return Some(Err(LimitExceeded { limit: Limit::LineBytes, offset: start }));
            }
            growing.append(more);
            self.at = next;
        }
        growing.end_soft_break();
        if growing.text.len() > LINE_BYTES_MAX {
            return Some(Err(LimitExceeded { limit: Limit::LineBytes, offset: start }));
        }
        Some(Ok(Unfolded { raw: start..self.at, text: growing.text }))
    }
}

/// A content line to which physical lines are added.
struct Growing<'a> {
    text: Cow<'a, [u8]>,
    head_end: HeadEnd,
    /// Known as soon as the head is complete, so that no byte of a line is looked at twice.
    transfer: Option<Transfer>,
    /// The last physical line ended with the mark of a soft break.
    soft_break: bool,
}

impl<'a> Growing<'a> {
    fn new(line: &'a [u8]) -> Self {
        let mut new = Self {
            text: Cow::Borrowed(line),
            head_end: HeadEnd::default(),
            transfer: None,
            soft_break: false,
        };
        new.look_at(line);
        new
    }

    fn look_at(&mut self, piece: &[u8]) {
        if self.transfer.is_none() && self.head_end.find(piece).is_some() {
            self.transfer = Some(Transfer::of(&self.text));
        }
        self.soft_break = self.transfer == Some(Transfer::QuotedPrintable) && piece.ends_with(b"=");
    }

    /// What a physical line adds to this content line; `None` if it begins another one.
    fn continuation<'b>(&self, line: &'b [u8]) -> Option<&'b [u8]> {
        if self.soft_break {
            return Some(line);
        }
        match line {
            [b' ' | b'\t', rest @ ..] => Some(rest),
            _ if self.transfer == Some(Transfer::Base64) && is_bare_base64(line) => Some(line),
            _ => None,
        }
    }

    fn append(&mut self, piece: &[u8]) {
        self.end_soft_break();
        self.text.to_mut().extend_from_slice(piece);
        self.look_at(piece);
    }

    /// Removes the equals sign of a soft break, also where the document ends with it.
    fn end_soft_break(&mut self) {
        if std::mem::take(&mut self.soft_break) {
            match &mut self.text {
                Cow::Borrowed(text) => *text = text.strip_suffix(b"=").unwrap_or(text),
                Cow::Owned(text) => text.truncate(text.len().saturating_sub(1)),
            }
        }
    }
}

fn is_bare_base64(line: &[u8]) -> bool {
    !line.is_empty()
        && line.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='))
}
