//! Mailbox names on the wire: RFC 9051 section 5.1, and modified UTF-7 of its appendix A.1.

use std::fmt;

use vocabulary::{LeafNameError, MailboxPath};

/// How names are written on a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NameEncoding {
    /// RFC 3501 section 5.1.3. Raw UTF-8 from the client is understood, never sent.
    #[default]
    ModifiedUtf7,
    /// After ENABLE IMAP4rev2 or UTF8=ACCEPT: UTF-8, in which `&` is an ordinary character.
    Utf8,
}

impl NameEncoding {
    pub(crate) fn expected(self) -> &'static str {
        match self {
            Self::ModifiedUtf7 => "a mailbox name in modified UTF-7",
            Self::Utf8 => "a mailbox name in UTF-8",
        }
    }
}

/// A name as a client wrote it, decoded to Unicode.
///
/// It may be none that a folder can have: the empty reference of LIST, a trailing delimiter, too many
/// levels. [`MailboxName::path`] tells.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MailboxName(String);

impl MailboxName {
    /// Decodes the octets of an astring; `None` if they are not in the encoding.
    #[must_use]
    pub fn decode(bytes: &[u8], encoding: NameEncoding) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        match encoding {
            NameEncoding::ModifiedUtf7 => decode_modified_utf7(text).ok().map(Self),
            NameEncoding::Utf8 => Some(Self(text.to_owned())),
        }
    }

    /// The name in Unicode.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the empty name (of a LIST reference).
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the client wrote a delimiter at the end: CREATE then announces that folders will be made
    /// beneath it (RFC 9051 section 6.3.4).
    #[must_use]
    pub fn ends_with_delimiter(&self) -> bool {
        self.0.ends_with(MailboxPath::DELIMITER)
    }

    /// The folder meant; one trailing delimiter is dropped.
    ///
    /// # Errors
    /// If no folder can have this name.
    pub fn path(&self) -> Result<MailboxPath, LeafNameError> {
        MailboxPath::parse(self.0.strip_suffix(MailboxPath::DELIMITER).unwrap_or(&self.0))
    }
}

impl fmt::Display for MailboxName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The text is not modified UTF-7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not modified UTF-7")]
pub struct NotModifiedUtf7;

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

/// Decodes modified UTF-7; characters above U+007F that stand for themselves are kept.
pub(crate) fn decode_modified_utf7(text: &str) -> Result<String, NotModifiedUtf7> {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((plain, shifted)) = rest.split_once('&') {
        decoded.push_str(plain);
        let (encoded, after) = shifted.split_once('-').ok_or(NotModifiedUtf7)?;
        if encoded.is_empty() {
            decoded.push('&');
        } else {
            decode_base64_utf16(encoded, &mut decoded)?;
            // "&Jjo-&Jjo-": a superfluous shift. `&-` after it is an ampersand and well.
            if after.starts_with('&') && !after.starts_with("&-") {
                return Err(NotModifiedUtf7);
            }
        }
        rest = after;
    }
    decoded.push_str(rest);
    Ok(decoded)
}

fn decode_base64_utf16(encoded: &str, decoded: &mut String) -> Result<(), NotModifiedUtf7> {
    let mut units = Vec::with_capacity(encoded.len() * 6 / 16);
    let (mut bits, mut count) = (0u32, 0u32);
    for byte in encoded.bytes() {
        let value = base64_value(byte).ok_or(NotModifiedUtf7)?;
        bits = (bits << 6) | u32::from(value);
        count += 6;
        if count >= 16 {
            count -= 16;
            units.push(((bits >> count) & 0xffff) as u16);
        }
    }
    // What is left are padding bits: fewer than six, all zero.
    if count >= 6 || bits & ((1 << count) - 1) != 0 {
        return Err(NotModifiedUtf7);
    }
    for unit in char::decode_utf16(units) {
        let character = unit.map_err(|_| NotModifiedUtf7)?;
        if matches!(character, ' '..='~') {
            return Err(NotModifiedUtf7); // must represent itself
        }
        decoded.push(character);
    }
    Ok(())
}

fn base64_value(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b',' => Some(63),
        _ => None,
    }
}

/// Appends `name` in modified UTF-7.
pub(crate) fn encode_modified_utf7(name: &str, out: &mut Vec<u8>) {
    let (mut bits, mut count, mut shifted) = (0u32, 0u32, false);
    for character in name.chars() {
        if matches!(character, ' '..='~') {
            if shifted {
                shift_back(out, bits, count);
                (bits, count, shifted) = (0, 0, false);
            }
            let mut byte = [0; 1];
            out.extend_from_slice(character.encode_utf8(&mut byte).as_bytes());
            if character == '&' {
                out.push(b'-');
            }
            continue;
        }
        if !shifted {
            out.push(b'&');
            shifted = true;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            bits = (bits << 16) | u32::from(*unit);
            count += 16;
            while count >= 6 {
                count -= 6;
                push_base64(out, bits >> count);
            }
            bits &= (1 << count) - 1;
        }
    }
    if shifted {
        shift_back(out, bits, count);
    }
}

fn shift_back(out: &mut Vec<u8>, bits: u32, count: u32) {
    if count > 0 {
        push_base64(out, bits << (6 - count));
    }
    out.push(b'-');
}

fn push_base64(out: &mut Vec<u8>, bits: u32) {
    out.extend(BASE64.get((bits & 63) as usize));
}

/// A mailbox name with wildcards: `*` stands for anything, `%` for anything without a delimiter
/// (RFC 9051 section 6.3.9).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ListPattern(String);

impl ListPattern {
    /// Longest pattern in bytes: keeps the work per folder small. Ours.
    pub const BYTES_MAX: usize = 1024;

    /// `None` if it is too long.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        (text.len() <= Self::BYTES_MAX).then(|| Self(text.to_owned()))
    }

    /// The pattern in Unicode.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is the empty pattern, with which plain LIST asks for the delimiter.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The canonical pattern: the reference and the pattern joined. `None` if that is too long.
    #[must_use]
    pub fn beneath(&self, reference: &MailboxName) -> Option<Self> {
        Self::new(&format!("{}{}", reference.as_str(), self.0))
    }

    /// Whether a folder's whole name (as [`MailboxPath`] displays it) matches.
    ///
    /// The time is at most the product of both lengths. INBOX matches in any case of letters.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        let inbox =
            matches!(name.strip_prefix("INBOX"), Some(below) if below.is_empty() || below.starts_with('/'));
        let pattern: Vec<char> = self.0.chars().collect();
        let wild = |place: usize| matches!(pattern.get(place), Some('*' | '%'));
        // reached[p]: the first p characters of the pattern can have matched what was read so far.
        let mut reached = vec![false; pattern.len() + 1];
        let mut place = 0;
        while let Some(here) = reached.get_mut(place) {
            *here = true;
            if !wild(place) {
                break;
            }
            place += 1;
        }
        for (position, character) in name.chars().enumerate() {
            let same = |wanted: char| {
                wanted == character || (inbox && position < 5 && wanted.eq_ignore_ascii_case(&character))
            };
            let mut before = false; // what reached[place - 1] was before this character
            let mut any = false;
            for place in 0..reached.len() {
                let was = reached.get(place).copied().unwrap_or_default();
                let stays = was
                    && match pattern.get(place) {
                        Some('*') => true,
                        Some('%') => character != MailboxPath::DELIMITER,
                        _ => false,
                    };
                let previous = place.checked_sub(1).and_then(|place| pattern.get(place));
                let consumed =
                    before && previous.is_some_and(|&wanted| !matches!(wanted, '*' | '%') && same(wanted));
                let skipped =
                    place > 0 && wild(place - 1) && reached.get(place - 1).copied().unwrap_or_default();
                let now = stays || consumed || skipped;
                before = was;
                any |= now;
                if let Some(here) = reached.get_mut(place) {
                    *here = now;
                }
            }
            if !any {
                return false;
            }
        }
        reached.last().copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn encoded(name: &str) -> String {
        let mut out = Vec::new();
        encode_modified_utf7(name, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn names_are_encoded_as_the_specification_shows() {
        for (name, wire) in [
            ("INBOX", "INBOX"),
            ("R&D", "R&-D"),
            ("&&", "&-&-"),
            ("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"), // RFC 9051 appendix A.1
            ("台北日本語", "&U,BTF2XlZyyKng-"),
            ("Entwürfe", "Entw&APw-rfe"),
            ("ö&ö", "&APY-&-&APY-"),
            ("😀", "&2D3eAA-"),
            ("a😀b", "a&2D3eAA-b"),
            ("\u{7f}", "&AH8-"),
        ] {
            assert_eq!(encoded(name), wire);
            assert_eq!(decode_modified_utf7(wire).as_deref(), Ok(name), "{wire}");
        }
    }

    #[test]
    fn what_is_not_modified_utf7_is_refused() {
        for wire in [
            "&",
            "R&D",
            "&Jjo!",
            "&U,BTFw-&ZeVnLIqe-",
            "&AGE-",
            "&2D0-",
            "&3gA-",
            "&A-",
            "&AB-",
            "&AP/-",
            "&AP-",
        ] {
            assert_eq!(decode_modified_utf7(wire), Err(NotModifiedUtf7), "{wire}");
        }
    }

    #[test]
    fn raw_utf8_and_ampersands_depend_on_the_encoding() {
        let name = |bytes: &[u8], encoding| MailboxName::decode(bytes, encoding).map(|n| n.to_string());
        assert_eq!(name("Entwürfe".as_bytes(), NameEncoding::ModifiedUtf7).as_deref(), Some("Entwürfe"));
        assert_eq!(name(b"R&D", NameEncoding::Utf8).as_deref(), Some("R&D"));
        assert_eq!(name(b"R&D", NameEncoding::ModifiedUtf7), None);
        assert_eq!(name(b"\xff", NameEncoding::Utf8), None);
    }

    #[test]
    fn a_name_leads_to_a_folder() {
        let path = |text: &str| MailboxName(text.to_owned()).path().map(|path| path.to_string());
        assert_eq!(path("inbox/a/"), Ok("INBOX/a".to_owned()));
        assert!(path("").is_err());
        assert!(path("a//b").is_err());
        assert!(path("/").is_err());
    }

    #[test]
    fn wildcards_respect_the_delimiter() {
        for (pattern, name, expected) in [
            ("*", "a/b/c", true),
            ("%", "a", true),
            ("%", "a/b", false),
            ("%/%", "a/b", true),
            ("%/%", "a/b/c", false),
            ("a*c", "a/b/c", true),
            ("a%c", "a/b/c", false),
            ("a%c", "abc", true),
            ("a%c", "ac", true),
            ("*%", "a/b", true),
            ("%*", "a/b", true),
            ("*a%b", "xa/ayb", true),
            ("inbox", "INBOX", true),
            ("inBOX/*", "INBOX/Sub", true),
            ("inbox/sub", "INBOX/Sub", false),
            ("I%", "INBOX", true),
            ("i%", "INBOX", true),
            ("inboxes", "INBOXES", false),
            ("a", "A", false),
            ("", "a", false),
            ("", "", true),
            ("üb%", "über", true),
            ("a/", "a", false),
        ] {
            assert_eq!(ListPattern::new(pattern).unwrap().matches(name), expected, "{pattern} {name}");
        }
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "bombs are measured by the real clock")]
    fn a_pattern_of_wildcards_is_no_bomb() {
        let pattern = ListPattern::new(&"*a%".repeat(300)).unwrap();
        let started = std::time::Instant::now();
        assert!(!pattern.matches(&"ab/".repeat(800)));
        assert!(started.elapsed() < std::time::Duration::from_secs(2));
        assert!(ListPattern::new(&"*".repeat(1025)).is_none());
    }

    fn matches_slowly(pattern: &[char], name: &[char]) -> bool {
        match pattern.split_first() {
            None => name.is_empty(),
            Some((wild @ ('*' | '%'), rest)) => (0..=name.len())
                .take_while(|&taken| *wild == '*' || !name[..taken].contains(&'/'))
                .any(|taken| matches_slowly(rest, &name[taken..])),
            Some((wanted, rest)) => name.first() == Some(wanted) && matches_slowly(rest, &name[1..]),
        }
    }

    proptest! {
        #[test]
        fn every_name_survives_modified_utf7(name in "\\PC{0,20}|[&a😀ü~]{0,20}") {
            prop_assert_eq!(decode_modified_utf7(&encoded(&name)), Ok(name));
        }

        #[test]
        fn no_text_makes_decoding_panic(text in "[&,+A-Za-z0-9-]{0,30}") {
            if let Ok(name) = decode_modified_utf7(&text) {
                prop_assert_eq!(encoded(&name), text);
            }
        }

        #[test]
        fn matching_means_what_trying_everything_means(pattern in "[ab/*%]{0,8}", name in "[ab/]{0,8}") {
            let (p, n): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
            prop_assert_eq!(ListPattern(pattern).matches(&name), matches_slowly(&p, &n));
        }
    }
}
