//! Paths of resources: RFC 3986 section 3.3, RFC 4918 section 8.3.
//!
//! A path is decoded exactly once, segment by segment, and written in one spelling only, so that `@` and
//! `%40` are the same resource (RFC 3986 section 6.2.2.2).

use std::fmt;

/// Longest path or URI that is read, in bytes, and longest spelling of what it leads to.
pub const HREF_BYTES_MAX: usize = 4096;
/// Longest segment, decoded, in bytes: an address, 64 before and 255 after the `@` (RFC 5321 section 4.5.3.1).
pub const SEGMENT_BYTES_MAX: usize = 64 + 1 + 255;

/// What a text lacks to be the path of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HrefError {
    /// More than [`HREF_BYTES_MAX`] or [`SEGMENT_BYTES_MAX`].
    #[error("too long")]
    TooLong,
    /// Neither an absolute path nor an http or https URI, or with a query or fragment.
    #[error("neither an absolute path nor an http URI")]
    NotAPath,
    /// A `%` without two hexadecimal digits, or octets that are not UTF-8.
    #[error("bad percent-encoding")]
    Encoding,
    /// Empty, `.`, `..`, or with a control character.
    #[error("segment that names nothing")]
    Segment,
}

/// One decoded segment of a path: what a person, a collection or an item is called.
///
/// 1 to [`SEGMENT_BYTES_MAX`] bytes; not `.` or `..`; no control character. A slash in it is a character like any
/// other, as in the address `a/b@a.test`: it is written `%2F` and separates nothing (RFC 3986 section 3.3).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Segment(String);

impl Segment {
    /// # Errors
    /// [`HrefError::TooLong`] and [`HrefError::Segment`].
    pub fn new(name: impl Into<String>) -> Result<Self, HrefError> {
        let name = name.into();
        if name.len() > SEGMENT_BYTES_MAX {
            return Err(HrefError::TooLong);
        }
        if matches!(name.as_str(), "" | "." | "..") || name.contains(char::is_control) {
            return Err(HrefError::Segment);
        }
        Ok(Self(name))
    }

    fn decode(encoded: &str) -> Result<Self, HrefError> {
        // Three bytes for each decoded one: no more is worth decoding.
        if encoded.len() > 3 * SEGMENT_BYTES_MAX {
            return Err(HrefError::TooLong);
        }
        let mut decoded = Vec::with_capacity(encoded.len());
        let mut bytes = encoded.bytes();
        while let Some(byte) = bytes.next() {
            decoded.push(if byte == b'%' {
                let high = bytes.next().and_then(hexadecimal).ok_or(HrefError::Encoding)?;
                let low = bytes.next().and_then(hexadecimal).ok_or(HrefError::Encoding)?;
                high << 4 | low
            } else {
                byte
            });
        }
        Self::new(String::from_utf8(decoded).map_err(|_| HrefError::Encoding)?)
    }

    /// The length of what Display gives, in bytes.
    fn encoded_len(&self) -> usize {
        self.0.bytes().map(|byte| if is_plain(byte) { 1 } else { 3 }).sum()
    }

    /// The name, decoded.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn hexadecimal(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// Letters, digits and `-._~` (RFC 3986 section 2.3), and `@`, which clients expect to see.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'@')
}

/// The segment, percent-encoded where it must be.
impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut plain_from = 0;
        for (at, byte) in self.0.bytes().enumerate().filter(|(_, byte)| !is_plain(*byte)) {
            f.write_str(self.0.get(plain_from..at).unwrap_or_default())?;
            write!(f, "%{byte:02X}")?;
            plain_from = at + 1;
        }
        f.write_str(self.0.get(plain_from..).unwrap_or_default())
    }
}

/// An absolute path. Display gives its one spelling.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Href {
    /// Its segments, decoded. None: the root.
    pub segments: Vec<Segment>,
    /// It ends in a slash, as those of collections do: RFC 4918 section 5.2.
    pub is_collection: bool,
}

impl Href {
    /// Reads an absolute path, or the path of an http or https URI whatever its host. Repeated slashes are
    /// one: clients join paths carelessly, and no resource has an empty name.
    ///
    /// # Errors
    /// [`HrefError`].
    pub fn parse(text: &str) -> Result<Self, HrefError> {
        split(text).and_then(|(_, path)| Self::parse_path(path))
    }

    pub(crate) fn parse_path(path: &str) -> Result<Self, HrefError> {
        let segments = path.split('/').filter(|segment| !segment.is_empty()).map(Segment::decode);
        let segments: Vec<_> = segments.collect::<Result<_, _>>()?;
        let length: usize = segments.iter().map(|segment| 1 + segment.encoded_len()).sum();
        let is_collection = path.ends_with('/');
        if length + usize::from(is_collection) > HREF_BYTES_MAX {
            return Err(HrefError::TooLong);
        }
        Ok(Self { segments, is_collection })
    }

    /// The resource of a name within this one.
    #[must_use]
    pub fn item(&self, name: Segment) -> Self {
        Self { is_collection: false, ..self.collection(name) }
    }

    /// The collection of a name within this one.
    #[must_use]
    pub fn collection(&self, name: Segment) -> Self {
        let mut segments = self.segments.clone();
        segments.push(name);
        Self { segments, is_collection: true }
    }
}

impl fmt::Display for Href {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for segment in &self.segments {
            write!(f, "/{segment}")?;
        }
        if self.is_collection || self.segments.is_empty() { f.write_str("/") } else { Ok(()) }
    }
}

/// The authority, if there is one, and the path of a text.
pub(crate) fn split(text: &str) -> Result<(Option<&str>, &str), HrefError> {
    let text = text.trim();
    if text.len() > HREF_BYTES_MAX {
        return Err(HrefError::TooLong);
    }
    let (authority, path) = match text.split_once("://") {
        Some((scheme, rest)) if !scheme.contains('/') => {
            if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
                return Err(HrefError::NotAPath);
            }
            let end = rest.find('/').unwrap_or(rest.len());
            let (authority, path) = rest.split_at_checked(end).ok_or(HrefError::NotAPath)?;
            (Some(authority), if path.is_empty() { "/" } else { path })
        }
        _ => (None, text),
    };
    if !path.starts_with('/') || path.contains(['?', '#']) {
        return Err(HrefError::NotAPath);
    }
    Ok((authority, path))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_spelling_leads_to_one() {
        for (text, expected) in [
            ("/", "/"),
            ("//", "/"),
            ("/dav/anna@a.test/", "/dav/anna@a.test/"),
            ("/dav/anna%40a.test/", "/dav/anna@a.test/"),
            ("/dav//x.ics", "/dav/x.ics"),
            ("http://a.test:8080/dav/x.ics", "/dav/x.ics"),
            ("HTTPS://a.test", "/"),
            ("/%7Ea/b%20c+d", "/~a/b%20c%2Bd"),
            ("/%c3%a9t%C3%A9", "/%C3%A9t%C3%A9"),
            ("/été", "/%C3%A9t%C3%A9"),
            ("/a:b;c,d%25", "/a%3Ab%3Bc%2Cd%25"),
            ("/x%2540", "/x%2540"),
            ("/a%2fb@a.test/", "/a%2Fb@a.test/"),
            ("/a%252fb@a.test/", "/a%252fb@a.test/"),
            ("/..%2F..%2Fx", "/..%2F..%2Fx"),
            ("/%2F", "/%2F"),
            ("/...", "/..."),
            ("/a://b", "/a%3A/b"),
            ("\n /a ", "/a"),
        ] {
            assert_eq!(Href::parse(text).map(|href| href.to_string()), Ok(expected.to_owned()), "{text}");
        }
    }

    #[test]
    fn what_names_no_resource_is_refused() {
        for (text, expected) in [
            ("", HrefError::NotAPath),
            ("a/b", HrefError::NotAPath),
            ("mailto:a@a.test", HrefError::NotAPath),
            ("ftp://a.test/x", HrefError::NotAPath),
            ("/a?b", HrefError::NotAPath),
            ("/a#b", HrefError::NotAPath),
            ("/a/../b", HrefError::Segment),
            ("/a/%2e%2E/b", HrefError::Segment),
            ("/./a", HrefError::Segment),
            ("/a%00", HrefError::Segment),
            ("/a%0D%0Ab", HrefError::Segment),
            ("/a%", HrefError::Encoding),
            ("/a%4", HrefError::Encoding),
            ("/a%+1", HrefError::Encoding),
            ("/a%zz", HrefError::Encoding),
            ("/a%ff", HrefError::Encoding),
        ] {
            assert_eq!(Href::parse(text), Err(expected), "{text}");
        }
    }

    #[test]
    fn segments_and_paths_have_a_length_limit() {
        let segment = |length| Segment::new("é".repeat(length / 2) + &"x".repeat(length % 2));
        assert!(segment(SEGMENT_BYTES_MAX).is_ok());
        assert_eq!(segment(SEGMENT_BYTES_MAX + 1), Err(HrefError::TooLong));
        let path = |segments| "/".to_owned() + &["abcdefg"; 1024][..segments].join("/");
        assert_eq!(path(512).len(), HREF_BYTES_MAX);
        assert!(Href::parse(&path(512)).is_ok());
        assert_eq!(Href::parse(&(path(512) + "/")), Err(HrefError::TooLong));
        let encoded = format!("/{}", segment(SEGMENT_BYTES_MAX).unwrap());
        assert!(Href::parse(&encoded).is_ok());
        assert_eq!(Href::parse(&(encoded + "%41")), Err(HrefError::TooLong));
        // A raw character is shorter than the spelling that it leads to.
        let raw = |count| "/".to_owned() + &["éééé"; 200][..count].join("/");
        assert_eq!(Href::parse(&raw(163)).unwrap().to_string().len(), 163 * 25);
        assert_eq!(Href::parse(&raw(164)), Err(HrefError::TooLong));
    }

    proptest! {
        #[test]
        fn what_was_written_is_read_back(names in prop::collection::vec("\\PC{1,40}", 0..5), slash: bool) {
            let segments: Vec<_> = names.into_iter().filter_map(|name| Segment::new(name).ok()).collect();
            let is_collection = slash || segments.is_empty();
            let href = Href { segments, is_collection };
            prop_assert_eq!(Href::parse(&href.to_string()), Ok(href));
        }

        #[test]
        fn any_text_is_read_or_refused_and_its_spelling_is_final(text in "[/%a-f0-9.:@ é]{0,60}") {
            if let Ok(href) = Href::parse(&text) {
                prop_assert_eq!(Href::parse(&href.to_string()), Ok(href));
            }
        }
    }
}
