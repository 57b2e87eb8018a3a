//! Making text safe for phones, and cutting it.
//!
//! Control characters, lone CR and NUL have broken clients; WBXML's inline strings end at NUL.

use std::borrow::Cow;

/// Text with CRLF line ends and no control characters but tab. Lone CR and lone LF become CRLF; the other
/// control characters, U+FFFE and U+FFFF, which XML cannot say, are dropped.
#[must_use]
pub fn scrub(text: &str) -> Cow<'_, str> {
    if is_clean(text) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len() + text.len() / 32);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\r' => {
                characters.next_if_eq(&'\n');
                clean.push_str("\r\n");
            }
            '\n' => clean.push_str("\r\n"),
            other if is_allowed(other) => clean.push(other),
            _ => {}
        }
    }
    Cow::Owned(clean)
}

fn is_allowed(character: char) -> bool {
    match character {
        '\t' => true,
        '\u{fffe}' | '\u{ffff}' => false,
        other => !other.is_control(),
    }
}

fn is_clean(text: &str) -> bool {
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character == '\r' {
            if characters.next() != Some('\n') {
                return false;
            }
        } else if !is_allowed(character) {
            return false;
        }
    }
    true
}

/// The longest beginning of `text` with at most `bytes_max` bytes that splits neither a character nor a CRLF.
#[must_use]
pub fn truncated(text: &str, bytes_max: usize) -> &str {
    let head = text.get(..text.floor_char_boundary(bytes_max)).unwrap_or(text);
    let splits_line_end = head.len() < text.len() && head.ends_with('\r');
    if splits_line_end { head.strip_suffix('\r').unwrap_or(head) } else { head }
}

/// The first `characters_max` characters in one line, runs of blanks and line ends as one blank.
#[must_use]
pub fn preview(text: &str, characters_max: usize) -> String {
    let mut short = String::new();
    let mut length = 0;
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        if length > 0 {
            short.push(' ');
            length += 1;
        }
        let room = characters_max.saturating_sub(length);
        if room == 0 {
            break;
        }
        let end = word.char_indices().nth(room).map_or(word.len(), |(at, _)| at);
        short.push_str(word.get(..end).unwrap_or(word));
        length += word.chars().take(room).count();
    }
    short.truncate(short.trim_end().len());
    short
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn line_ends_and_control_characters_are_mended() {
        for (dirty, clean) in [
            ("a\r\nb", "a\r\nb"),
            ("a\nb", "a\r\nb"),
            ("a\rb", "a\r\nb"),
            ("a\r\rb", "a\r\n\r\nb"),
            ("a\n\rb\r", "a\r\n\r\nb\r\n"),
            ("a\0b\u{7}c\td\u{85}\u{ffff}", "abc\td"),
            ("", ""),
        ] {
            assert_eq!(scrub(dirty), clean, "{dirty:?}");
        }
        assert!(matches!(scrub("all good\r\n"), Cow::Borrowed(_)));
    }

    #[test]
    fn cuts_fall_between_characters_and_lines() {
        assert_eq!(truncated("héllo", 2), "h");
        assert_eq!(truncated("héllo", 3), "hé");
        assert_eq!(truncated("a\r\nb", 2), "a");
        assert_eq!(truncated("a\r\nb", 3), "a\r\n");
        assert_eq!(truncated("abc", 0), "");
        assert_eq!(truncated("abc", 99), "abc");
    }

    #[test]
    fn previews_are_one_short_line() {
        assert_eq!(preview("  Hello,\r\n\r\nworld  of ü", 255), "Hello, world of ü");
        assert_eq!(preview("Hello world", 7), "Hello w");
        assert_eq!(preview("Hello world", 6), "Hello");
        assert_eq!(preview("üüü", 2), "üü");
        assert_eq!(preview("abc", 0), "");
    }

    proptest! {
        #[test]
        fn scrubbed_text_is_clean_and_stays(text in ".{0,60}|[\\r\\n\\x00a]{0,30}") {
            let once = scrub(&text).into_owned();
            prop_assert!(is_clean(&once));
            prop_assert_eq!(scrub(&once), once.as_str());
        }

        #[test]
        fn a_cut_never_exceeds_and_is_a_beginning(text in "\\PC{0,40}|[\\r\\naé€😀]{0,40}", bytes_max in 0_usize..200) {
            let cut = truncated(&text, bytes_max);
            prop_assert!(cut.len() <= bytes_max && text.starts_with(cut));
            prop_assert!(cut.len() == text.len() || text.len() > bytes_max);
            prop_assert!(cut.len() + 5 > bytes_max.min(text.len()));
        }

        #[test]
        fn a_preview_is_never_too_long(text in "(?s).{0,300}", characters_max in 0_usize..256) {
            let short = preview(&text, characters_max);
            prop_assert!(short.chars().count() <= characters_max);
            prop_assert!(!short.contains(['\r', '\n', '\0']));
        }
    }
}
