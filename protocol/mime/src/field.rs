//! The fields of a header block: RFC 5322 section 2.2, read leniently.

use std::borrow::Cow;

/// One header field, byte for byte.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field<'a> {
    /// The whole field with its folded lines and the last line end.
    pub(crate) whole: &'a [u8],
    /// The name; empty if the line is no field at all.
    pub(crate) name: &'a [u8],
    /// What stands after the colon, still folded, with the last line end.
    pub(crate) raw: &'a [u8],
}

impl<'a> Field<'a> {
    /// Whether this is the field of that name.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }

    /// The value on one line, without white space around it.
    pub(crate) fn value(&self) -> Cow<'a, [u8]> {
        unfold(self.raw)
    }
}

/// Goes through a header block up to its blank line or its end.
pub(crate) fn fields(head: &[u8]) -> Fields<'_> {
    Fields { rest: head }
}

/// See [`fields`].
pub(crate) struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Fields<'a> {
    type Item = Field<'a>;

    fn next(&mut self) -> Option<Field<'a>> {
        if self.rest.is_empty() || self.rest.starts_with(b"\n") || self.rest.starts_with(b"\r\n") {
            return None;
        }
        let mut end = line_length(self.rest);
        while let Some(b' ' | b'\t') = self.rest.get(end) {
            end += line_length(self.rest.get(end..).unwrap_or_default());
        }
        let (whole, rest) = self.rest.split_at(end);
        self.rest = rest;
        let colon = memchr::memchr(b':', whole);
        let (name, raw) = match colon {
            Some(at) => (whole.get(..at).unwrap_or_default(), whole.get(at + 1..).unwrap_or_default()),
            None => (&whole[..0], whole),
        };
        let name = name.trim_ascii_end(); // RFC 5322 section 4.5: white space before the colon
        let name = if name.iter().all(u8::is_ascii_graphic) { name } else { &name[..0] };
        Some(Field { whole, name, raw })
    }
}

/// Bytes of the first line with its line feed.
pub(crate) fn line_length(bytes: &[u8]) -> usize {
    memchr::memchr(b'\n', bytes).map_or(bytes.len(), |at| at + 1)
}

/// Takes the line ends out (RFC 5322 section 2.2.3), and NUL, which no protocol can carry on.
pub(crate) fn unfold(raw: &[u8]) -> Cow<'_, [u8]> {
    let raw = raw.trim_ascii();
    if memchr::memchr3(b'\n', b'\r', 0, raw).is_none() {
        return Cow::Borrowed(raw);
    }
    let mut line = Vec::with_capacity(raw.len());
    for (at, byte) in raw.iter().enumerate() {
        match byte {
            b'\n' | 0 => {}
            b'\r' if raw.get(at + 1) == Some(&b'\n') => {}
            b'\r' => line.push(b' '),
            other => line.push(*other),
        }
    }
    Cow::Owned(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folded_broken_and_spaced_fields_are_read() {
        let head = b"Subject : a\r\n b\r\nnonsense\r\nX-Empty:\r\nTo: x\n\ty\n\r\nBody: no";
        let seen: Vec<(String, String)> = fields(head)
            .map(|f| (String::from_utf8_lossy(f.name).into(), String::from_utf8_lossy(&f.value()).into()))
            .collect();
        let expected = [("Subject", "a b"), ("", "nonsense"), ("X-Empty", ""), ("To", "x\ty")];
        assert_eq!(seen, expected.map(|(n, v)| (n.to_owned(), v.to_owned())));
    }
}
