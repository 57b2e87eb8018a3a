//! Encoded words: RFC 2047, both ways.

use crate::charset;
use crate::transfer;
use std::borrow::Cow;

/// Longest charset name that is looked for in an encoded word.
const CHARSET_BYTES_MAX: usize = 64;
/// Bytes of text in one encoded word that we write: 75 characters at most, RFC 2047 section 2.
const WORD_TEXT_BYTES_MAX: usize = 45;

/// One encoded word.
struct Word<'a> {
    charset: &'a [u8],
    bytes: Vec<u8>,
}

/// Reads an encoded word at the start of `bytes`; gives its length too.
fn parse(bytes: &[u8]) -> Option<(Word<'_>, usize)> {
    let (charset, encoding, text, length) = parts(bytes)?;
    let charset = charset.split(|b| *b == b'*').next().unwrap_or_default(); // RFC 2231 section 5
    let bytes = if encoding == b'B' {
        transfer::base64(text)
    } else {
        let spaced: Vec<u8> = text.iter().map(|b| if *b == b'_' { b' ' } else { *b }).collect();
        transfer::quoted_printable(&spaced)
    };
    Some((Word { charset, bytes }, length))
}

fn parts(bytes: &[u8]) -> Option<(&[u8], u8, &[u8], usize)> {
    let rest = bytes.strip_prefix(b"=?")?;
    let charset_end = rest.iter().take(CHARSET_BYTES_MAX).position(|b| *b == b'?')?;
    let charset = rest.get(..charset_end)?;
    if charset.is_empty() || !charset.iter().all(u8::is_ascii_graphic) {
        return None;
    }
    let encoding = rest.get(charset_end + 1)?.to_ascii_uppercase();
    if !matches!(encoding, b'B' | b'Q') || rest.get(charset_end + 2) != Some(&b'?') {
        return None;
    }
    let text = rest.get(charset_end + 3..)?;
    let end = text_end(text)?;
    Some((charset, encoding, text.get(..end)?, 2 + charset_end + 3 + end + 2))
}

/// Where the text ends. A `?` in it is an error of the sender that we bear a few times, but never
/// beyond the beginning of the next word.
fn text_end(text: &[u8]) -> Option<usize> {
    const STRAY_MARKS_MAX: usize = 8;
    for at in memchr::memchr_iter(b'?', text).take(STRAY_MARKS_MAX) {
        if text.get(at + 1) == Some(&b'=') {
            return Some(at);
        }
        if at > 0 && text.get(at - 1) == Some(&b'=') {
            return None;
        }
    }
    None
}

/// Bytes of the encoded word at the start of `bytes`, if one is there.
pub(crate) fn length(bytes: &[u8]) -> Option<usize> {
    parts(bytes).map(|(.., length)| length)
}

/// Decodes an unfolded header value. Words of one charset that follow each other are joined before
/// they are decoded, because senders cut characters in two.
pub(crate) fn decode(value: &[u8]) -> String {
    let mut out = String::with_capacity(value.len());
    let mut pending: Option<Word<'_>> = None;
    let (mut plain_start, mut from) = (0, 0);
    while let Some(found) = memchr::memmem::find(value.get(from..).unwrap_or_default(), b"=?") {
        let at = from + found;
        let Some((word, length)) = parse(value.get(at..).unwrap_or_default()) else {
            from = at + 2;
            continue;
        };
        let between = value.get(plain_start..at).unwrap_or_default();
        let adjacent = pending.is_some() && between.iter().all(u8::is_ascii_whitespace);
        match &mut pending {
            Some(open) if adjacent && open.charset.eq_ignore_ascii_case(word.charset) => {
                open.bytes.extend_from_slice(&word.bytes);
            }
            open => {
                push(&mut out, open.take());
                if !adjacent {
                    out.push_str(&charset::guess(between));
                }
                *open = Some(word);
            }
        }
        from = at + length;
        plain_start = from;
    }
    push(&mut out, pending);
    out.push_str(&charset::guess(value.get(plain_start..).unwrap_or_default()));
    if out.contains(|c: char| c.is_control() && c != '\t') {
        out = out.chars().map(|c| if c.is_control() && c != '\t' { ' ' } else { c }).collect();
    }
    out
}

fn push(out: &mut String, word: Option<Word<'_>>) {
    if let Some(word) = word {
        out.push_str(&charset::decode(word.charset, &word.bytes));
    }
}

/// An unfolded header value that is pure ASCII: raw 8-bit text is written anew as encoded words.
pub(crate) fn ascii(value: &[u8]) -> Cow<'_, [u8]> {
    if value.is_ascii() { Cow::Borrowed(value) } else { Cow::Owned(encode(&decode(value))) }
}

fn encode(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() * 2);
    let mut rest = text;
    while !rest.is_empty() {
        let cut = rest.floor_char_boundary(WORD_TEXT_BYTES_MAX);
        let (word, tail) = rest.split_at(cut);
        if !out.is_empty() {
            out.push(b' ');
        }
        out.extend_from_slice(b"=?utf-8?B?");
        push_base64(&mut out, word.as_bytes());
        out.extend_from_slice(b"?=");
        rest = tail;
    }
    out
}

/// Appends base64 with padding, on one line.
pub(crate) fn push_base64(out: &mut Vec<u8>, bytes: &[u8]) {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for group in bytes.chunks(3) {
        let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or(0));
        let quantum = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            let symbol = ALPHABET[(quantum >> (18 - 6 * place) & 63) as usize];
            out.push(if place <= group.len() { symbol } else { b'=' });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_answers_of_rfc_2047_section_8_and_of_broken_senders() {
        for (value, text) in [
            ("=?ISO-8859-1?Q?a?=", "a"),
            ("=?ISO-8859-1?Q?a?= b", "a b"),
            ("=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=", "ab"),
            ("=?ISO-8859-1?Q?a?=  \t =?ISO-8859-1?Q?b?=", "ab"),
            ("=?ISO-8859-1?Q?a_b?=", "a b"),
            ("=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=", "a b"),
            ("=?utf-8?q?=C3?= =?UTF-8?Q?=BC?=", "\u{fc}"),
            ("=?utf-8*de?b?w7w=?=", "\u{fc}"),
            ("x =?utf-8?Q?wie geht es dir??= y", "x wie geht es dir? y"),
            ("=?utf-8?x?abc?=", "=?utf-8?x?abc?="),
            ("=?utf-8?q?abc", "=?utf-8?q?abc"),
            ("=?utf-8?q?a=?utf-8?q?b?=", "=?utf-8?q?ab"),
            ("50 =? 60", "50 =? 60"),
            ("=?utf-8?q?a=0D=0AX-Evil:_1?=", "a  X-Evil: 1"),
        ] {
            assert_eq!(decode(value.as_bytes()), text, "{value}");
        }
        assert_eq!(decode(b"Gr\xfc\xdfe"), "Gr\u{fc}\u{df}e");
    }

    proptest! {
        #[test]
        fn what_we_encode_decodes_to_the_same_text(text in "[a-z\u{e4}\u{20ac}\u{1f600} ]{0,200}") {
            let written = encode(&text);
            prop_assert!(written.is_ascii());
            prop_assert!(written.split(|b| *b == b' ').all(|word| word.len() <= 75));
            prop_assert_eq!(decode(&written), text);
        }

        #[test]
        fn any_bytes_decode(value in proptest::collection::vec(any::<u8>(), 0..300)) {
            decode(&value);
            prop_assert!(ascii(&value).is_ascii());
        }
    }
}
