//! The strings of an IMAP answer: RFC 9051 section 4.3.

use crate::field;
use crate::word;

/// Above this a string is sent as a literal, so that no line of an answer grows without end.
const QUOTED_BYTES_MAX: usize = 1_000;

/// Appends a string: quoted if it may be, else a literal. The text must have no NUL.
pub(crate) fn string(out: &mut Vec<u8>, text: &[u8]) {
    let quotable =
        text.len() <= QUOTED_BYTES_MAX && text.iter().all(|b| !matches!(b, b'\r' | b'\n' | 0 | 128..));
    if !quotable {
        out.extend_from_slice(format!("{{{}}}\r\n", text.len()).as_bytes());
        out.extend_from_slice(text);
        return;
    }
    out.push(b'"');
    for byte in text {
        if matches!(byte, b'"' | b'\\') {
            out.push(b'\\');
        }
        out.push(*byte);
    }
    out.push(b'"');
}

/// Appends header text as a string of pure ASCII.
pub(crate) fn text(out: &mut Vec<u8>, raw: &[u8]) {
    string(out, &word::ascii(&field::unfold(raw)));
}

/// Appends header text, or NIL if the field is absent.
pub(crate) fn optional_text(out: &mut Vec<u8>, raw: Option<&[u8]>) {
    match raw {
        Some(raw) => text(out, raw),
        None => out.extend_from_slice(b"NIL"),
    }
}

/// Appends a number.
pub(crate) fn number(out: &mut Vec<u8>, number: usize) {
    out.extend_from_slice(number.to_string().as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_quoted_and_long_ones_are_literals() {
        let written = |raw: &[u8]| {
            let mut out = Vec::new();
            text(&mut out, raw);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(written(b" a \"b\"\\\r\n c\0\r\n"), r#""a \"b\"\\ c""#);
        assert_eq!(written("\u{fc}".as_bytes()), r#""=?utf-8?B?w7w=?=""#);
        assert_eq!(written(&[b'x'; 1001]), format!("{{1001}}\r\n{}", "x".repeat(1001)));
        assert_eq!(written(&[b'x'; 1000]).len(), 1002);
    }
}
