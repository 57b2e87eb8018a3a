//! Writing content lines: RFC 5545 section 3.1, RFC 6350 section 3.2.

use crate::Transfer;
use crate::transfer::HeadEnd;

/// Longest physical line in bytes, without its line end.
const PHYSICAL_BYTES_MAX: usize = 75;
/// Column after which a quoted-printable value begins on a line of its own, so that an escape and the mark of
/// a soft break always have room.
const HEAD_COLUMN_MAX: usize = 64;
/// Bytes of a UTF-8 character after its first.
const UTF8_TAIL_MAX: usize = 3;

/// How the lines of a document end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LineEnd {
    /// What the formats demand.
    #[default]
    CrLf,
    /// What some clients write.
    Lf,
}

impl LineEnd {
    /// Of the first line that ends.
    pub(crate) fn of(document: &[u8]) -> Self {
        match document.iter().position(|&byte| byte == b'\n') {
            Some(end) if !document.get(..end).unwrap_or_default().ends_with(b"\r") => Self::Lf,
            _ => Self::CrLf,
        }
    }

    /// The bytes of it.
    pub fn as_bytes(self) -> &'static [u8] {
        match self {
            Self::CrLf => b"\r\n",
            Self::Lf => b"\n",
        }
    }
}

/// Appends a content line, folded. No fold cuts a UTF-8 character.
pub(crate) fn write_folded(content: &[u8], line_end: LineEnd, out: &mut Vec<u8>) {
    match Transfer::of(content) {
        Transfer::QuotedPrintable => write_soft_broken(content, line_end, out),
        _ => write_indented(content, line_end, out),
    }
    out.extend_from_slice(line_end.as_bytes());
}

/// Without the last line end.
fn write_indented(content: &[u8], line_end: LineEnd, out: &mut Vec<u8>) {
    // A name is never cut: its beginning alone could be taken for base64 that belongs to the line before.
    let name_end = content.iter().position(|byte| b";:".contains(byte)).map_or(content.len(), |at| at + 1);
    let (mut piece, mut rest) = content.split_at(cut(content, PHYSICAL_BYTES_MAX).max(name_end));
    out.extend_from_slice(piece);
    while !rest.is_empty() {
        (piece, rest) = rest.split_at(cut(rest, PHYSICAL_BYTES_MAX - 1));
        out.extend_from_slice(line_end.as_bytes());
        out.push(b' ');
        out.extend_from_slice(piece);
    }
}

/// vCard 2.1 breaks quoted-printable values with an equals sign at the end of the line; a fold would put a
/// space into the value for readers that know only that.
fn write_soft_broken(content: &[u8], line_end: LineEnd, out: &mut Vec<u8>) {
    // An equals sign at the very end would be a soft break, and take in the next line.
    let content = if content.ends_with(b"=") { [content, b"3D"].concat() } else { content.to_vec() };
    let colon = HeadEnd::default().find(&content).map_or(content.len(), |at| at + 1);
    let (head, mut rest) = content.split_at(colon);
    let start = out.len();
    write_indented(head, line_end, out);
    let written = out.get(start..).unwrap_or_default();
    let mut column = written.iter().rev().take_while(|&&byte| byte != b'\n').count();
    if column > HEAD_COLUMN_MAX {
        out.extend_from_slice(line_end.as_bytes());
        out.push(b' ');
        column = 1;
    }
    while rest.len() > PHYSICAL_BYTES_MAX - column {
        let (piece, more) = rest.split_at(cut_quoted_printable(rest, PHYSICAL_BYTES_MAX - 1 - column));
        out.extend_from_slice(piece);
        out.push(b'=');
        out.extend_from_slice(line_end.as_bytes());
        (rest, column) = (more, 0);
    }
    out.extend_from_slice(rest);
}

/// How many bytes of a text fit into `room`, at least one of a text that has any.
fn cut(text: &[u8], room: usize) -> usize {
    if text.len() <= room {
        return text.len();
    }
    let is_tail = |at: usize| text.get(at).is_some_and(|byte| byte & 0xC0 == 0x80);
    // Bytes that are no UTF-8 are cut anywhere.
    (room.saturating_sub(UTF8_TAIL_MAX)..=room)
        .rev()
        .find(|&at| at > 0 && !is_tail(at))
        .unwrap_or(room.max(1))
}

/// As [`cut`], and never inside of `=C3`.
fn cut_quoted_printable(text: &[u8], room: usize) -> usize {
    let at = cut(text, room);
    if at == text.len() {
        return at;
    }
    let escape_begins =
        |back: usize| at.checked_sub(back).filter(|&at| at > 0 && text.get(at) == Some(&b'='));
    escape_begins(1).or_else(|| escape_begins(2)).unwrap_or(at)
}
