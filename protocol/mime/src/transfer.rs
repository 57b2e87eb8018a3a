//! Content transfer encodings: RFC 2045 sections 6.7 and 6.8, read leniently.

use std::borrow::Cow;

/// How the bytes of a part are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// `7bit`, `8bit`, `binary` and none.
    Identity,
    /// `base64`.
    Base64,
    /// `quoted-printable`.
    QuotedPrintable,
    /// A name that RFC 2045 does not define; the bytes are given out as they are.
    Unknown,
}

impl Encoding {
    /// Reads the value of Content-Transfer-Encoding.
    pub(crate) fn from_name(name: &[u8]) -> Self {
        let known: [(&str, Self); 6] = [
            ("", Self::Identity),
            ("7bit", Self::Identity),
            ("8bit", Self::Identity),
            ("binary", Self::Identity),
            ("base64", Self::Base64),
            ("quoted-printable", Self::QuotedPrintable),
        ];
        let found = known.iter().find(|(known, _)| name.eq_ignore_ascii_case(known.as_bytes()));
        found.map_or(Self::Unknown, |(_, encoding)| *encoding)
    }

    /// The bytes behind the encoding.
    pub(crate) fn decode(self, bytes: &[u8]) -> Cow<'_, [u8]> {
        match self {
            Self::Identity | Self::Unknown => Cow::Borrowed(bytes),
            Self::Base64 => Cow::Owned(base64(bytes)),
            Self::QuotedPrintable => Cow::Owned(quoted_printable(bytes)),
        }
    }

    /// About how many bytes [`Encoding::decode`] gives; exact for well-formed base64.
    pub(crate) fn decoded_size(self, bytes: &[u8], lines: usize) -> usize {
        if self != Self::Base64 {
            return bytes.len();
        }
        let text = bytes.trim_ascii_end();
        let line_end_bytes = if memchr::memchr(b'\r', bytes).is_some() { 2 } else { 1 };
        let trimmed = bytes.len() - text.len();
        let symbols = bytes.len().saturating_sub(trimmed.max(lines * line_end_bytes));
        let padding = text.iter().rev().take(2).filter(|byte| **byte == b'=').count();
        (symbols / 4 * 3).saturating_sub(padding)
    }
}

const NO_SYMBOL: u8 = 255;
const SYMBOLS: [u8; 256] = symbols();

const fn symbols() -> [u8; 256] {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut table = [NO_SYMBOL; 256];
    let mut value = 0;
    while value < 64 {
        table[alphabet[value] as usize] = value as u8;
        value += 1;
    }
    table
}

/// Decodes base64; other bytes are skipped (RFC 2045 section 6.8), and so is padding, after which a
/// new quantum begins.
pub(crate) fn base64(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() / 4 * 3 + 3);
    let (mut quantum, mut count) = (0_u32, 0_u8);
    for byte in bytes {
        let symbol = SYMBOLS[usize::from(*byte)];
        if symbol != NO_SYMBOL {
            quantum = quantum << 6 | u32::from(symbol);
            count += 1;
            if count == 4 {
                let [_, a, b, c] = quantum.to_be_bytes();
                out.extend_from_slice(&[a, b, c]);
                (quantum, count) = (0, 0);
            }
        } else if *byte == b'=' {
            flush(&mut out, quantum, count);
            (quantum, count) = (0, 0);
        }
    }
    flush(&mut out, quantum, count);
    out
}

fn flush(out: &mut Vec<u8>, quantum: u32, count: u8) {
    let [_, a, b, _] = (quantum << (6 * (4 - u32::from(count.min(4))))).to_be_bytes();
    match count {
        2 => out.push(a),
        3 => out.extend_from_slice(&[a, b]),
        _ => {}
    }
}

/// Decodes quoted-printable; a `=` that encodes nothing stays as it is.
pub(crate) fn quoted_printable(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = memchr::memchr(b'=', rest) {
        let (plain, encoded) = rest.split_at(at);
        out.extend_from_slice(plain);
        rest = match encoded {
            [_, high, low, rest @ ..] if hex(*high).is_some() && hex(*low).is_some() => {
                out.push(hex(*high).unwrap_or(0) << 4 | hex(*low).unwrap_or(0));
                rest
            }
            _ => soft_line_break(encoded).unwrap_or_else(|| {
                out.push(b'=');
                encoded.get(1..).unwrap_or_default()
            }),
        };
    }
    out.extend_from_slice(rest);
    out
}

/// What follows `=`, white space and a line end, or `=` at the very end: RFC 2045 section 6.7 (5).
fn soft_line_break(encoded: &[u8]) -> Option<&[u8]> {
    const PADDING_BYTES_MAX: usize = 80;
    let after = encoded.get(1..).unwrap_or_default();
    let blanks =
        after.iter().take(PADDING_BYTES_MAX).take_while(|b| matches!(b, b' ' | b'\t' | b'\r')).count();
    match after.get(blanks) {
        Some(b'\n') => after.get(blanks + 1..),
        None => Some(&[]),
        Some(_) => None,
    }
}

/// Value of a hexadecimal digit.
pub(crate) fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_through_garbage_and_lost_padding() {
        for (text, bytes) in [
            ("aGFsbG8=", "hallo"),
            ("aGFs\r\nbG8", "hallo"),
            ("aG*Fs\u{fc}bG8=", "hallo"),
            ("aA==aA==", "hh"),
            ("a", ""),
            ("====", ""),
        ] {
            assert_eq!(base64(text.as_bytes()), bytes.as_bytes(), "{text}");
        }
        assert_eq!(Encoding::Base64.decoded_size(b"aGFs\r\nbG8=\r\n", 2), 5);
    }

    #[test]
    fn quoted_printable_is_read_leniently() {
        for (text, bytes) in [
            ("a=3Db", "a=b"),
            ("a= \t\r\nb", "ab"),
            ("a=\nb=", "ab"),
            ("1=1=zz", "1=1=zz"),
            ("=fc=C3", "\u{0}"),
        ] {
            let seen = quoted_printable(text.as_bytes());
            if bytes == "\u{0}" {
                assert_eq!(seen, [0xfc, 0xc3]);
            } else {
                assert_eq!(seen, bytes.as_bytes(), "{text}");
            }
        }
    }
}
