//! How the value of a vCard 2.1 line is encoded, as far as it decides where the line ends.

use crate::line::printable;
use crate::parameter::Pieces;

/// The encoding that the parameters of a line name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transfer {
    /// None, or one that does not matter here (`8BIT`).
    Plain,
    /// `ENCODING=QUOTED-PRINTABLE`: an equals sign at a line's end continues it on the next one.
    QuotedPrintable,
    /// `ENCODING=BASE64` or `ENCODING=B`: of vCard 2.1 it may go on without indentation.
    Base64,
}

impl Transfer {
    /// Of a line's text. The head ends at the first colon that is not quoted; without one nothing is known.
    pub(crate) fn of(text: &[u8]) -> Self {
        let mut head_end = HeadEnd::default();
        let Some(colon) = head_end.find(text) else { return Self::Plain };
        let head = printable(text.get(..colon).unwrap_or_default());
        let named = |&transfer: &Self| transfer != Self::Plain;
        Pieces::new(&head, b';', true).skip(1).map(Self::of_parameter).find(named).unwrap_or(Self::Plain)
    }

    /// Both `ENCODING=BASE64` and the bare `BASE64` are in use.
    pub(crate) fn of_parameter(parameter: &[u8]) -> Self {
        let mut halves = parameter.splitn(2, |&byte| byte == b'=');
        let first = halves.next().unwrap_or_default().trim_ascii();
        let value = match halves.next() {
            Some(value) if first.eq_ignore_ascii_case(b"ENCODING") => value.trim_ascii(),
            Some(_) => return Self::Plain,
            None => first,
        };
        match value {
            _ if value.eq_ignore_ascii_case(b"QUOTED-PRINTABLE") => Self::QuotedPrintable,
            _ if value.eq_ignore_ascii_case(b"BASE64") || value.eq_ignore_ascii_case(b"B") => Self::Base64,
            _ => Self::Plain,
        }
    }
}

/// Looks for the end of a head that comes in pieces.
#[derive(Debug, Default)]
pub(crate) struct HeadEnd {
    quoted: bool,
}

impl HeadEnd {
    /// Where in the next piece the colon is that ends the head.
    pub(crate) fn find(&mut self, piece: &[u8]) -> Option<usize> {
        piece.iter().position(|&byte| {
            self.quoted ^= byte == b'"';
            byte == b':' && !self.quoted
        })
    }
}
