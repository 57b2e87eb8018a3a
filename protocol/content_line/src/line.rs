//! One content line, taken apart: RFC 5545 section 3.1, RFC 6350 section 3.3.

use std::borrow::Cow;
use std::ops::Range;

use crate::error::{Limit, LimitExceeded};
use crate::parameter::{Parameter, Pieces};
use crate::transfer::HeadEnd;
use crate::unfold::Unfolded;
use crate::{PARAMETERS_MAX, Transfer};

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineKind {
    /// A name, parameters and a value.
    Property,
    /// `BEGIN:` of a component.
    Begin,
    /// `END:` of a component.
    End,
    /// Nothing but white space.
    Blank,
    /// Anything else. It is kept, and never changed.
    Junk,
}

/// One line of a document, unfolded.
#[derive(Debug, Clone)]
pub struct Line<'a> {
    raw: &'a [u8],
    offset: usize,
    /// Of a property without the control characters of its head: they would not be written again, so they
    /// have no meaning either.
    text: Cow<'a, [u8]>,
    /// Whether there was a control character in the line.
    has_control: bool,
    kind: LineKind,
    /// Of `text`. What stands before it is the group and a full stop.
    name: Range<usize>,
    /// Where in `text` the colon is that ends the head.
    colon: usize,
    /// Whether quotation marks of the head are in pairs, so that they quote.
    quoting: bool,
}

impl<'a> Line<'a> {
    /// # Errors
    /// If the line has more than [`PARAMETERS_MAX`] parameters.
    pub(crate) fn parse(document: &'a [u8], unfolded: Unfolded<'a>) -> Result<Self, LimitExceeded> {
        let Unfolded { raw, text } = unfolded;
        let offset = raw.start;
        let raw = document.get(raw).unwrap_or_default();
        let has_control = text.iter().any(|&byte| is_control(byte));
        let kind = LineKind::Junk;
        let mut line = Self { raw, offset, text, has_control, kind, name: 0..0, colon: 0, quoting: true };
        line.take_apart();
        if line.parameters().nth(PARAMETERS_MAX).is_some() {
            return Err(LimitExceeded { limit: Limit::Parameters, offset });
        }
        Ok(line)
    }

    fn take_apart(&mut self) {
        if self.text.trim_ascii().is_empty() {
            self.kind = LineKind::Blank;
            return;
        }
        let Some((colon, quoting)) = head_end(&self.text) else { return };
        let head = self.text.get(..colon).unwrap_or_default();
        let end = head.iter().position(|&byte| byte == b';').unwrap_or(colon);
        let named = head.get(..end).unwrap_or_default();
        let start = named.iter().rposition(|&byte| byte == b'.').map_or(0, |dot| dot + 1);
        if start == end || !named.iter().all(|&byte| is_name_byte(byte)) {
            return;
        }
        (self.name, self.colon, self.quoting) = (start..end, colon, quoting);
        self.kind = match start {
            0 if self.is("BEGIN") => LineKind::Begin,
            0 if self.is("END") => LineKind::End,
            _ => LineKind::Property,
        };
        self.clean_head();
    }

    fn clean_head(&mut self) {
        let (head, rest) = self.text.split_at(self.colon);
        if let Cow::Owned(head) = printable(head) {
            self.text = Cow::Owned([&head, rest].concat());
            self.colon = head.len();
        }
    }

    /// What the line is.
    pub fn kind(&self) -> LineKind {
        self.kind
    }

    /// The very bytes of the line in the document, folds and line end included.
    pub fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// Where in the document the line begins.
    pub fn offset(&self) -> usize {
        self.offset
    }

    pub(crate) fn has_control(&self) -> bool {
        self.has_control
    }

    /// The unfolded line.
    pub(crate) fn text(&self) -> &[u8] {
        &self.text
    }

    /// The part before the colon: group, name, parameters.
    pub(crate) fn head(&self) -> &[u8] {
        self.text.get(..self.colon).unwrap_or_default()
    }

    pub(crate) fn quoting(&self) -> bool {
        self.quoting
    }

    /// The group of a vCard line (`item1` of `item1.TEL`), as written.
    pub fn group(&self) -> Option<&str> {
        let end = self.name.start.checked_sub(1)?;
        ascii(self.text.get(..end)).filter(|group| !group.is_empty())
    }

    /// The name of the property as written; empty if the line is none.
    pub fn name(&self) -> &str {
        ascii(self.text.get(self.name.clone())).unwrap_or_default()
    }

    /// Whether this is the property's name; names are compared without regard to case.
    pub fn is(&self, name: &str) -> bool {
        !name.is_empty() && self.name().eq_ignore_ascii_case(name)
    }

    /// The parameters in their order.
    pub fn parameters(&self) -> impl Iterator<Item = Parameter<'_>> {
        let parameters = self.text.get(self.name.end..self.colon).unwrap_or_default();
        Pieces::new(parameters, b';', self.quoting).skip(1).map(|raw| Parameter::new(raw, self.quoting))
    }

    /// The first parameter of a name.
    pub fn parameter(&self, name: &str) -> Option<Parameter<'_>> {
        self.parameters().find(|parameter| parameter.is(name))
    }

    /// The first value of the first parameter of a name, without quotation marks, decoded.
    pub fn parameter_value(&self, name: &str) -> Option<Cow<'_, str>> {
        self.parameter(name)?.values().next()
    }

    /// The value as it stands after unfolding: escapes are still in it. Bad UTF-8 is U+FFFD.
    pub fn value(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(self.value_bytes())
    }

    /// The encoding of the value that the parameters of vCard 2.1 and 3.0 name.
    pub fn transfer(&self) -> Transfer {
        Transfer::of(&self.text)
    }

    /// The bytes of the value after unfolding.
    pub fn value_bytes(&self) -> &[u8] {
        if self.name.is_empty() {
            return &[];
        }
        self.text.get(self.colon + 1..).unwrap_or_default()
    }
}

fn ascii(bytes: Option<&[u8]>) -> Option<&str> {
    std::str::from_utf8(bytes?).ok()
}

/// The characters of `iana-token` and `x-name`, and those that clients put into them all the same. The full
/// stop ends a group.
pub(crate) fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'/' | b'.')
}

/// Control characters that a line may not have: RFC 5545 section 3.1. The tab is none of them.
pub(crate) fn is_control(byte: u8) -> bool {
    byte != b'\t' && byte.is_ascii_control()
}

/// Bytes without those that [`is_control`] names.
pub(crate) fn printable(bytes: &[u8]) -> Cow<'_, [u8]> {
    match bytes.iter().any(|&byte| is_control(byte)) {
        true => Cow::Owned(bytes.iter().copied().filter(|&byte| !is_control(byte)).collect()),
        false => Cow::Borrowed(bytes),
    }
}

/// Where the head ends, and whether its quotation marks quote. A mark without its partner (`CN=O"Brien`) is
/// an ordinary character, and the first colon ends the head.
fn head_end(text: &[u8]) -> Option<(usize, bool)> {
    match HeadEnd::default().find(text) {
        Some(colon) => Some((colon, true)),
        None => text.iter().position(|&byte| byte == b':').map(|colon| (colon, false)),
    }
}
