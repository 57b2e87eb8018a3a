//! Parameters of a line: RFC 5545 section 3.2, RFC 6350 section 5, and the encoding of RFC 6868.

use std::borrow::Cow;

/// One parameter: a name and its values; in vCard 2.1 also a value alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameter<'a> {
    raw: &'a [u8],
    quoting: bool,
}

impl<'a> Parameter<'a> {
    pub(crate) fn new(raw: &'a [u8], quoting: bool) -> Self {
        Self { raw, quoting }
    }

    fn equals(&self) -> Option<usize> {
        self.raw.iter().position(|&byte| byte == b'=')
    }

    /// The name as written; of a bare parameter (`TEL;CELL:`) the value that stands alone.
    pub fn name(&self) -> &'a str {
        let name = self.raw.get(..self.equals().unwrap_or(self.raw.len())).unwrap_or_default();
        std::str::from_utf8(name.trim_ascii()).unwrap_or_default()
    }

    /// Whether this is the parameter's name; names are compared without regard to case.
    pub fn is(&self, name: &str) -> bool {
        self.name().eq_ignore_ascii_case(name)
    }

    /// Whether it has no equals sign, as types of vCard 2.1.
    pub fn is_bare(&self) -> bool {
        self.equals().is_none()
    }

    /// The values between commas, without quotation marks, decoded. A bare parameter has none.
    pub fn values(&self) -> impl Iterator<Item = Cow<'a, str>> + use<'a> {
        let list = self.equals().and_then(|at| self.raw.get(at + 1..));
        let quoting = self.quoting;
        list.into_iter()
            .flat_map(move |list| Pieces::new(list, b',', quoting))
            .map(move |value| decode(value, quoting))
    }
}

/// Parts between separators that are not quoted.
#[derive(Clone)]
pub(crate) struct Pieces<'a> {
    rest: Option<&'a [u8]>,
    separator: u8,
    quoting: bool,
}

impl<'a> Pieces<'a> {
    pub(crate) fn new(bytes: &'a [u8], separator: u8, quoting: bool) -> Self {
        Self { rest: Some(bytes), separator, quoting }
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let rest = self.rest.take()?;
        let mut quoted = false;
        let end = rest.iter().position(|&byte| {
            quoted ^= self.quoting && byte == b'"';
            byte == self.separator && !quoted
        });
        let Some(end) = end else { return Some(rest) };
        self.rest = rest.get(end + 1..);
        rest.get(..end)
    }
}

/// RFC 6868 section 3. A caret before anything else is itself.
fn decode(value: &[u8], quoting: bool) -> Cow<'_, str> {
    let inner = value.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\""));
    let text = String::from_utf8_lossy(inner.filter(|_| quoting).unwrap_or(value));
    if !text.contains('^') {
        return text;
    }
    let mut decoded = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let meant = match (character, characters.peek()) {
            ('^', Some('n')) => '\n',
            ('^', Some('^')) => '^',
            ('^', Some('\'')) => '"',
            _ => {
                decoded.push(character);
                continue;
            }
        };
        characters.next();
        decoded.push(meant);
    }
    Cow::Owned(decoded)
}

/// Writes one value so that [`decode`] gives it back: RFC 6868 section 3. Control characters that have no
/// encoding are left out.
pub(crate) fn encode(value: &str, out: &mut Vec<u8>) {
    let quoted = value.contains([',', ';', ':']);
    if quoted {
        out.push(b'"');
    }
    let mut characters = value.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '^' => out.extend_from_slice(b"^^"),
            '"' => out.extend_from_slice(b"^'"),
            // CR LF is one line break.
            '\r' if characters.peek() == Some(&'\n') => {}
            '\r' | '\n' => out.extend_from_slice(b"^n"),
            _ if character != '\t' && character.is_ascii_control() => {}
            _ => out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    if quoted {
        out.push(b'"');
    }
}
