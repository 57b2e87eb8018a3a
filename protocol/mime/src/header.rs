//! Editing the head of a message; every other byte stays as it is.

use crate::field;
use std::borrow::Cow;

/// Offset of the body: the length of the head with its blank line.
#[must_use]
pub fn head_length(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let length = field::line_length(rest);
        at += length;
        if matches!(rest.get(..length), Some(b"\n" | b"\r\n")) {
            break;
        }
    }
    at
}

/// The message with one more field at the top. `field` is `Name: value`, folded or not; a line end
/// is added, and line ends within that are no folding are taken out, so that nothing else can be
/// smuggled in.
#[must_use]
pub fn prepend(bytes: &[u8], field: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + field.len() + 2);
    for (number, line) in field.split('\n').map(|line| line.trim_end_matches('\r')).enumerate() {
        if number > 0 && line.starts_with([' ', '\t']) && !line.trim().is_empty() {
            out.extend_from_slice(b"\r\n");
        }
        out.extend(line.bytes().filter(|b| *b != b'\r'));
    }
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(bytes);
    out
}

/// The message without any field of these names. Borrowed if there is none.
#[must_use]
pub fn remove<'a>(bytes: &'a [u8], names: &[&str]) -> Cow<'a, [u8]> {
    let (head, body) = bytes.split_at(head_length(bytes).min(bytes.len()));
    let doomed = |field: &field::Field<'_>| names.iter().any(|name| field.is(name));
    if !field::fields(head).any(|field| doomed(&field)) {
        return Cow::Borrowed(bytes);
    }
    let mut out = Vec::with_capacity(bytes.len());
    let mut length = 0;
    for field in field::fields(head) {
        length += field.whole.len();
        if !doomed(&field) {
            out.extend_from_slice(field.whole);
        }
    }
    out.extend_from_slice(head.get(length..).unwrap_or_default());
    out.extend_from_slice(body);
    Cow::Owned(out)
}

/// The value of the first field of a name, unfolded but not decoded.
#[must_use]
pub fn find<'a>(bytes: &'a [u8], name: &str) -> Option<Cow<'a, [u8]>> {
    field::fields(bytes).find(|field| field.is(name)).map(|field| field.value())
}

/// How many fields of a name the head has (Received: loop detection, RFC 5321 section 6.3).
#[must_use]
pub fn count(bytes: &[u8], name: &str) -> usize {
    field::fields(bytes).filter(|field| field.is(name)).count()
}

/// Whether the bytes begin with a header: with at least one line that is a field.
#[must_use]
pub fn is_there(bytes: &[u8]) -> bool {
    field::fields(bytes).any(|field| !field.name.is_empty())
}

/// Every line end as CRLF (RFC 5322 section 2.3: CR and LF occur only together). Borrowed if they
/// all are already.
#[must_use]
pub fn normalise_line_ends(bytes: &[u8]) -> Cow<'_, [u8]> {
    let Some(first) = first_bare(bytes) else { return Cow::Borrowed(bytes) };
    let (good, rest) = bytes.split_at(first);
    let mut out = Vec::with_capacity(bytes.len() + bytes.len() / 32 + 2);
    out.extend_from_slice(good);
    let mut at = 0;
    while let Some(found) = rest.get(at..).and_then(|rest| memchr::memchr2(b'\r', b'\n', rest)) {
        let end = at + found;
        out.extend_from_slice(rest.get(at..end).unwrap_or_default());
        out.extend_from_slice(b"\r\n");
        let both = rest.get(end..end + 2) == Some(b"\r\n");
        at = end + if both { 2 } else { 1 };
    }
    out.extend_from_slice(rest.get(at..).unwrap_or_default());
    Cow::Owned(out)
}

/// Offset of the first CR or LF that stands alone.
fn first_bare(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr::memchr2(b'\r', b'\n', rest)) {
        if bytes.get(at + found..at + found + 2) != Some(b"\r\n") {
            return Some(at + found);
        }
        at += found + 2;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MAIL: &[u8] = b"Bcc: a\r\n b\r\nSubject: x\r\nbcc : c\r\n\r\nBcc: body\r\n";

    #[test]
    fn fields_are_added_removed_and_found() {
        assert_eq!(remove(MAIL, &["BCC"]).as_ref(), b"Subject: x\r\n\r\nBcc: body\r\n");
        assert_eq!(remove(MAIL, &["To"]), Cow::Borrowed(MAIL));
        assert_eq!(find(MAIL, "subject").as_deref(), Some(b"x".as_slice()));
        assert_eq!(find(MAIL, "Body"), None);
        assert_eq!(count(MAIL, "bcc"), 2);
        assert_eq!(prepend(b"\r\nb", "A: 1\r\n 2"), b"A: 1\r\n 2\r\n\r\nb");
        assert_eq!(prepend(b"", "A: 1\r\nEvil: 2\n\n \nBody"), b"A: 1Evil: 2 Body\r\n");
    }

    #[test]
    fn the_head_ends_with_its_blank_line() {
        for (mail, length) in [("A: b\r\n\r\nc", 8), ("A: b\n\nc", 6), ("\r\nc", 2), ("A: b", 4), ("", 0)] {
            assert_eq!(head_length(mail.as_bytes()), length, "{mail:?}");
        }
    }

    #[test]
    fn line_ends_become_crlf() {
        for (from, to) in [("a\nb", "a\r\nb"), ("a\rb", "a\r\nb"), ("\r\r\n\n", "\r\n\r\n\r\n"), ("a", "a")] {
            assert_eq!(normalise_line_ends(from.as_bytes()).as_ref(), to.as_bytes());
        }
    }

    proptest! {
        #[test]
        fn normal_lines_stay(text in "[ab\r\n]{0,40}") {
            let once = normalise_line_ends(text.as_bytes()).into_owned();
            prop_assert!(matches!(normalise_line_ends(&once), Cow::Borrowed(_)));
            prop_assert_eq!(once.iter().filter(|b| **b == b'\r').count(), once.iter().filter(|b| **b == b'\n').count());
        }

        #[test]
        fn removing_what_was_added_gives_the_same_bytes(mail in "([A-C:\r\n][A-C:\r\n ]{0,60})?") {
            let more = prepend(mail.as_bytes(), "X-Added: 1");
            let less = remove(&more, &["x-added"]);
            prop_assert_eq!(less.as_ref(), mail.as_bytes());
        }
    }
}
