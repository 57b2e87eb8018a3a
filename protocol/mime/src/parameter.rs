//! `value; name=value; ...` of Content-Type and Content-Disposition: RFC 2045 section 5.1 and the
//! continuations of RFC 2231.

use crate::charset;
use crate::transfer::hex;
use crate::word;

/// Most parameters that are read of one field.
const PARAMETERS_MAX: usize = 200;

/// A structured field value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Structured {
    /// What stands before the first `;`, in lower case, without comments.
    pub(crate) value: Vec<u8>,
    /// Names in lower case and values without quotes, in the order and form of the sender.
    pub(crate) parameters: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Structured {
    /// Reads an unfolded field value.
    pub(crate) fn parse(text: &[u8]) -> Self {
        let mut reader = Reader { rest: text };
        let value = reader.token_text(|b| b == b';').to_ascii_lowercase();
        let mut parameters = Vec::new();
        while reader.skip_semicolons() && parameters.len() < PARAMETERS_MAX {
            let name = reader.token_text(|b| matches!(b, b'=' | b';')).to_ascii_lowercase();
            if !reader.skip(b'=') {
                continue;
            }
            let value = reader.token_text(|b| b == b';');
            if !name.is_empty() {
                parameters.push((name, value));
            }
        }
        Self { value, parameters }
    }

    /// The raw value of a parameter that is not continued.
    pub(crate) fn plain(&self, name: &str) -> Option<&[u8]> {
        let found = self.parameters.iter().find(|(known, _)| known == name.as_bytes());
        found.map(|(_, value)| value.as_slice())
    }

    /// The decoded value of a parameter: RFC 2231 if it is there, else plain, with the encoded words
    /// that RFC 2047 forbids here and many write.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.extended(name).or_else(|| self.plain(name).map(word::decode))
    }

    /// RFC 2231 sections 3 and 4: `name*=`, `name*0*=`, `name*1=`, ...
    fn extended(&self, name: &str) -> Option<String> {
        let mut segments: Vec<(u32, bool, &[u8])> = Vec::new();
        for (full, value) in &self.parameters {
            let Some(suffix) = full.strip_prefix(name.as_bytes()).and_then(|s| s.strip_prefix(b"*")) else {
                continue;
            };
            let (digits, encoded) = match suffix.strip_suffix(b"*") {
                Some(digits) => (digits, true),
                None => (suffix, suffix.is_empty()),
            };
            let number =
                if digits.is_empty() { Some(0) } else { std::str::from_utf8(digits).ok()?.parse().ok() };
            if let Some(number) = number {
                segments.push((number, encoded, value));
            }
        }
        segments.sort_by_key(|(number, ..)| *number);
        let (_, first_encoded, first) = segments.first()?;
        let mut label: &[u8] = b"utf-8";
        let mut bytes = Vec::new();
        let mut parts = first.splitn(3, |b| *b == b'\'');
        let rest = match (first_encoded, parts.next(), parts.next(), parts.next()) {
            (true, Some(charset), Some(_language), Some(rest)) => {
                label = charset;
                rest
            }
            _ => first,
        };
        push_segment(&mut bytes, *first_encoded, rest);
        for (_, encoded, value) in segments.iter().skip(1) {
            push_segment(&mut bytes, *encoded, value);
        }
        Some(charset::decode(label, &bytes).into_owned())
    }
}

fn push_segment(out: &mut Vec<u8>, encoded: bool, value: &[u8]) {
    let mut rest = value;
    while let [byte, tail @ ..] = rest {
        rest = match (byte, tail) {
            (b'%', [high, low, after @ ..]) if encoded && hex(*high).is_some() && hex(*low).is_some() => {
                out.push(hex(*high).unwrap_or(0) << 4 | hex(*low).unwrap_or(0));
                after
            }
            _ => {
                out.push(*byte);
                tail
            }
        };
    }
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn skip(&mut self, byte: u8) -> bool {
        let found = self.rest.first() == Some(&byte);
        if found {
            self.next();
        }
        found
    }

    /// Steps over `;`, false at the end.
    fn skip_semicolons(&mut self) -> bool {
        while self.rest.first().is_some_and(|b| *b == b';' || b.is_ascii_whitespace()) {
            self.next();
        }
        !self.rest.is_empty()
    }

    /// Text up to a stop byte: quotes are taken off, comments left out, white space outside of quotes
    /// trimmed.
    fn token_text(&mut self, stop: impl Fn(u8) -> bool) -> Vec<u8> {
        let mut out = Vec::new();
        let mut keep = 0; // length that must survive the trimming
        while let Some(byte) = self.rest.first().copied().filter(|b| !stop(*b)) {
            self.next();
            match byte {
                b'"' if out.is_empty() => {
                    self.quoted(&mut out);
                    keep = out.len();
                }
                b'(' if out.is_empty() || out.last() == Some(&b' ') => self.comment(),
                b if b.is_ascii_whitespace() && out.is_empty() => {}
                b => out.push(b),
            }
        }
        while out.len() > keep && out.last().is_some_and(u8::is_ascii_whitespace) {
            out.pop();
        }
        out
    }

    fn quoted(&mut self, out: &mut Vec<u8>) {
        while let Some(byte) = self.next() {
            match byte {
                b'"' => return,
                b'\\' => out.extend(self.next()),
                other => out.push(other),
            }
        }
    }

    /// RFC 5322 section 3.2.2: comments nest; we count.
    fn comment(&mut self) {
        let mut depth = 1_usize;
        while depth > 0
            && let Some(byte) = self.next()
        {
            match byte {
                b'(' => depth += 1,
                b')' => depth -= 1,
                b'\\' => drop(self.next()),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_parameters_are_read() {
        let seen =
            Structured::parse(b"Text/Plain (c(o)m); charset = \"us-\\ascii\" ; broken; x=a b ;;name=\"q;\"");
        assert_eq!(seen.value, b"text/plain");
        let parameters = [("charset", "us-ascii"), ("x", "a b"), ("name", "q;")];
        assert_eq!(seen.parameters, parameters.map(|(n, v)| (n.as_bytes().to_vec(), v.as_bytes().to_vec())));
    }

    #[test]
    fn rfc_2231_values_are_put_together() {
        for (text, name, expected) in [
            ("x; title*=us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A", "title", "This is ***fun***"),
            (
                "x; title*1*=%2A%2A%2Afun%2A%2A%2A%20; title*0*=us-ascii'en'This%20is%20even%20more%20; title*2=\"isn't it!\"",
                "title",
                "This is even more ***fun*** isn't it!",
            ),
            ("x; filename=\"plain\"; filename*=utf-8''%C3%BC.txt", "filename", "\u{fc}.txt"),
            ("x; filename=\"=?utf-8?Q?=C3=BC?=.txt\"", "filename", "\u{fc}.txt"),
            ("x; filename*=broken%zz", "filename", "broken%zz"),
            ("x; filename*0=a; filename*1=b", "filename", "ab"),
        ] {
            assert_eq!(Structured::parse(text.as_bytes()).text(name).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn a_bomb_of_parameters_is_cut() {
        let bomb: String = (0..100_000).map(|n| format!("; name*{n}*=%41")).collect();
        let seen = Structured::parse(format!("a/b{bomb}").as_bytes());
        assert_eq!(seen.text("name").map(|t| t.len()), Some(PARAMETERS_MAX));
    }
}
