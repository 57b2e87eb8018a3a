//! A cursor over one whole command: its lines and literals as they came (RFC 9051 section 9).
//!
//! A literal stands in the bytes as `{n}` or `{n+}`, the end of its line, and `n` octets; the
//! [`Receiver`](crate::Receiver) has seen to it that they are there.

use std::borrow::Cow;

use vocabulary::ModSeq;

use crate::{ListPattern, MailboxName, NameEncoding, SequenceSet, SyntaxError};

/// Deepest nesting of parentheses, NOT and OR in one command. Ours.
pub(crate) const DEPTH_MAX: usize = 64;

/// Reads one command from left to right.
#[derive(Debug, Clone)]
pub struct Input<'a> {
    bytes: &'a [u8],
    at: usize,
    depth: usize,
    names: NameEncoding,
}

type Parsed<T> = Result<T, SyntaxError>;

impl<'a> Input<'a> {
    /// Starts at the first byte. The end of the last line is not part of `bytes`.
    #[must_use]
    pub fn new(bytes: &'a [u8], names: NameEncoding) -> Self {
        Self { bytes, at: 0, depth: 0, names }
    }

    /// How many bytes were read.
    #[must_use]
    pub fn at(&self) -> usize {
        self.at
    }

    /// An error at this place.
    #[must_use]
    pub fn error(&self, expected: &'static str) -> SyntaxError {
        SyntaxError { at: self.at, expected }
    }

    /// The next byte, left where it is.
    #[must_use]
    pub fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// What was not read yet.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// Moves on by `count` bytes that were looked at before.
    pub(crate) fn skip(&mut self, count: usize) {
        self.at = self.bytes.len().min(self.at + count);
    }

    /// Reads `byte` if it comes next.
    pub(crate) fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// Reads `word`, in any case, if it comes next.
    pub(crate) fn take_word(&mut self, word: &str) -> bool {
        let found =
            self.rest().get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word.as_bytes()));
        if found {
            self.at += word.len();
        }
        found
    }

    /// Reads one certain byte.
    ///
    /// # Errors
    /// If another one stands there.
    pub fn byte(&mut self, byte: u8, expected: &'static str) -> Parsed<()> {
        if self.take(byte) { Ok(()) } else { Err(self.error(expected)) }
    }

    /// `SP`: exactly one.
    ///
    /// # Errors
    /// If there is none.
    pub fn space(&mut self) -> Parsed<()> {
        self.byte(b' ', "a space")
    }

    /// The end of the command; spaces before it are tolerated.
    ///
    /// # Errors
    /// If anything else is left.
    pub fn end(&mut self) -> Parsed<()> {
        while self.take(b' ') {}
        if self.at == self.bytes.len() { Ok(()) } else { Err(self.error("the end of the command")) }
    }

    /// Reads the longest run of bytes that satisfy `belongs`, which may be empty.
    pub(crate) fn run(&mut self, belongs: impl Fn(u8) -> bool) -> &'a [u8] {
        let rest = self.rest();
        let length = rest.iter().position(|&byte| !belongs(byte)).unwrap_or(rest.len());
        self.at += length;
        rest.get(..length).unwrap_or_default()
    }

    fn nonempty_run(&mut self, expected: &'static str, belongs: impl Fn(u8) -> bool) -> Parsed<&'a str> {
        let start = self.at;
        let run = self.run(belongs);
        match std::str::from_utf8(run) {
            Ok(text) if !text.is_empty() => Ok(text),
            _ => Err(SyntaxError { at: start, expected }),
        }
    }

    /// `atom = 1*ATOM-CHAR`.
    ///
    /// # Errors
    /// If there is no such character.
    pub fn atom(&mut self) -> Parsed<&'a str> {
        self.nonempty_run("an atom", is_atom_char)
    }

    /// A word of the protocol, in upper case: letters, digits, `.`, `-` and `_`.
    ///
    /// # Errors
    /// If there is no such character.
    pub(crate) fn word(&mut self, expected: &'static str) -> Parsed<Word> {
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
        self.nonempty_run(expected, is_word).map(Word::new)
    }

    /// Reads `(item SP item ...)`, at least one item.
    pub(crate) fn list<T>(&mut self, item: impl FnMut(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        self.byte(b'(', "a list in parentheses")?;
        self.list_body(item)
    }

    /// Reads `(item SP item ...)` that may be empty.
    pub(crate) fn list_or_empty<T>(&mut self, item: impl FnMut(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        self.byte(b'(', "a list in parentheses")?;
        if self.take(b')') { Ok(Vec::new()) } else { self.list_body(item) }
    }

    fn list_body<T>(&mut self, mut item: impl FnMut(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        let mut items = vec![item(self)?];
        while self.take(b' ') {
            items.push(item(self)?);
        }
        self.byte(b')', "a space or ')'")?;
        Ok(items)
    }

    /// Runs a parser one level deeper, at most [`DEPTH_MAX`] levels.
    pub(crate) fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth == DEPTH_MAX {
            return Err(self.error("less nesting"));
        }
        self.depth += 1;
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    /// `number64 = 1*DIGIT`, at most 2^63 - 1 (RFC 9051 section 9).
    ///
    /// # Errors
    /// If there is no digit, or too many.
    pub fn number64(&mut self) -> Parsed<u64> {
        let start = self.at;
        let too_large = SyntaxError { at: start, expected: "a number below 2^63" };
        let mut value: u64 = 0;
        for &digit in self.run(|byte| byte.is_ascii_digit()) {
            let wider = value.checked_mul(10).and_then(|tens| tens.checked_add(u64::from(digit - b'0')));
            value = wider.filter(|&number| number <= i64::MAX.cast_unsigned()).ok_or(too_large)?;
        }
        if self.at == start { Err(self.error("a number")) } else { Ok(value) }
    }

    /// `number = 1*DIGIT` of 32 bits.
    ///
    /// # Errors
    /// If there is no digit, or the number is 2^32 or more.
    pub fn number(&mut self) -> Parsed<u32> {
        let start = self.at;
        let wide = self.number64()?;
        u32::try_from(wide).map_err(|_| SyntaxError { at: start, expected: "a number below 2^32" })
    }

    /// `nz-number`: not 0.
    ///
    /// # Errors
    /// As [`Input::number`], and for 0.
    pub fn nonzero(&mut self) -> Parsed<u32> {
        let start = self.at;
        match self.number()? {
            0 => Err(SyntaxError { at: start, expected: "a number above 0" }),
            number => Ok(number),
        }
    }

    /// `mod-sequence-valzer` of RFC 7162 section 7; also read where 0 would not be allowed, which means "all".
    ///
    /// # Errors
    /// As [`Input::number64`].
    pub fn modseq(&mut self) -> Parsed<ModSeq> {
        self.number64().map(|number| ModSeq(number.cast_signed()))
    }

    /// `string = quoted / literal`, and `literal8`.
    ///
    /// # Errors
    /// If there is none, or it holds what it must not.
    pub fn string(&mut self) -> Parsed<Cow<'a, [u8]>> {
        match self.peek() {
            Some(b'"') => self.quoted(),
            Some(b'{') => self.literal().map(Cow::Borrowed),
            Some(b'~') if self.rest().starts_with(b"~{") => {
                self.at += 1;
                self.literal_octets().map(Cow::Borrowed)
            }
            _ => Err(self.error("a quoted string or a literal")),
        }
    }

    fn quoted(&mut self) -> Parsed<Cow<'a, [u8]>> {
        self.byte(b'"', "a quotation mark")?;
        let plain = self.run(is_quoted_plain);
        if self.take(b'"') {
            return Ok(Cow::Borrowed(plain));
        }
        let mut text = plain.to_vec();
        loop {
            if self.take(b'"') {
                return Ok(Cow::Owned(text));
            }
            self.byte(b'\\', "a closing quotation mark")?;
            match self.peek() {
                Some(byte @ (b'"' | b'\\')) => text.push(byte),
                _ => return Err(self.error("'\"' or '\\' after '\\'")),
            }
            self.at += 1;
            text.extend_from_slice(self.run(is_quoted_plain));
        }
    }

    /// `literal`: `CHAR8`, thus without NUL (RFC 9051 section 4.3.1).
    fn literal(&mut self) -> Parsed<&'a [u8]> {
        let octets = self.literal_octets()?;
        match octets.iter().position(|&byte| byte == 0) {
            Some(place) => Err(SyntaxError { at: self.at - octets.len() + place, expected: "no NUL" }),
            None => Ok(octets),
        }
    }

    fn literal_octets(&mut self) -> Parsed<&'a [u8]> {
        self.byte(b'{', "a literal")?;
        let length = self.number64()?;
        let _ = self.take(b'+'); // RFC 7888 section 3
        self.byte(b'}', "'}'")?;
        let _ = self.take(b'\r');
        self.byte(b'\n', "the end of the line")?;
        let octets = usize::try_from(length).ok().and_then(|length| self.rest().get(..length));
        let octets = octets.ok_or_else(|| self.error("as many octets as announced"))?;
        self.at += octets.len();
        Ok(octets)
    }

    /// `astring = 1*ASTRING-CHAR / string`.
    ///
    /// # Errors
    /// If there is none.
    pub fn astring(&mut self) -> Parsed<Cow<'a, [u8]>> {
        if matches!(self.peek(), Some(b'"' | b'{')) || self.rest().starts_with(b"~{") {
            return self.string();
        }
        self.nonempty_run("a string", is_astring_char).map(|text| Cow::Borrowed(text.as_bytes()))
    }

    /// An astring that is UTF-8.
    ///
    /// # Errors
    /// As [`Input::astring`], and for other octets.
    pub fn text(&mut self) -> Parsed<Cow<'a, str>> {
        let start = self.at;
        let not_utf8 = SyntaxError { at: start, expected: "text in UTF-8" };
        match self.astring()? {
            Cow::Borrowed(bytes) => std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|_| not_utf8),
            Cow::Owned(bytes) => String::from_utf8(bytes).map(Cow::Owned).map_err(|_| not_utf8),
        }
    }

    /// `mailbox`, out of modified UTF-7 or UTF-8 (RFC 9051 section 5.1).
    ///
    /// # Errors
    /// If there is no string or it is no name.
    pub fn mailbox(&mut self) -> Parsed<MailboxName> {
        let start = self.at;
        let bytes = self.astring()?;
        MailboxName::decode(&bytes, self.names)
            .ok_or(SyntaxError { at: start, expected: self.names.expected() })
    }

    /// `list-mailbox = 1*list-char / string`: a name with wildcards.
    ///
    /// # Errors
    /// If there is no string or it is no name.
    pub fn list_pattern(&mut self) -> Parsed<ListPattern> {
        let start = self.at;
        let bytes = if matches!(self.peek(), Some(b'"' | b'{')) || self.rest().starts_with(b"~{") {
            self.string()?
        } else {
            let is_list_char = |byte| is_astring_char(byte) || matches!(byte, b'%' | b'*');
            Cow::Borrowed(self.nonempty_run("a pattern", is_list_char)?.as_bytes())
        };
        let name = MailboxName::decode(&bytes, self.names);
        let name = name.ok_or(SyntaxError { at: start, expected: self.names.expected() })?;
        ListPattern::new(name.as_str()).ok_or(SyntaxError { at: start, expected: "a shorter pattern" })
    }

    /// `sequence-set`.
    ///
    /// # Errors
    /// If there is none, or it has too many members.
    pub fn sequence_set(&mut self) -> Parsed<SequenceSet> {
        SequenceSet::parse(self)
    }
}

/// A word of the protocol in upper case; one that is too long for any is the empty word.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Word {
    bytes: [u8; Word::BYTES_MAX],
    length: usize,
}

impl Word {
    const BYTES_MAX: usize = 24;

    fn new(text: &str) -> Self {
        let mut word = Self { bytes: [0; Self::BYTES_MAX], length: 0 };
        if let Some(room) = word.bytes.get_mut(..text.len()) {
            room.copy_from_slice(text.as_bytes());
            room.make_ascii_uppercase();
            word.length = text.len();
        }
        word
    }

    pub(crate) fn as_str(&self) -> &str {
        let bytes = self.bytes.get(..self.length).unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default()
    }
}

fn is_quoted_plain(byte: u8) -> bool {
    !matches!(byte, 0 | b'\r' | b'\n' | b'"' | b'\\')
}

/// `ATOM-CHAR` of RFC 9051 section 9.
pub(crate) fn is_atom_char(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'(' | b')' | b'{' | b'%' | b'*' | b'"' | b'\\' | b']')
}

/// `ASTRING-CHAR` of RFC 9051 section 9.
pub(crate) fn is_astring_char(byte: u8) -> bool {
    is_atom_char(byte) || byte == b']'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(text: &str) -> Input<'_> {
        Input::new(text.as_bytes(), NameEncoding::ModifiedUtf7)
    }

    #[test]
    fn strings_have_four_forms() {
        for (text, value) in [
            ("INBOX", "INBOX"),
            ("a]b", "a]b"),
            ("\"\"", ""),
            ("\"a b\"", "a b"),
            (r#""a\"b\\c""#, r#"a"b\c"#),
            ("{0}\r\n", ""),
            ("{3}\r\na b", "a b"),
            ("{3+}\na b", "a b"),
            ("~{3+}\r\na b", "a b"),
            ("~peter", "~peter"),
        ] {
            let mut input = input(text);
            assert_eq!(input.astring().as_deref(), Ok(value.as_bytes()), "{text}");
            assert_eq!(input.end(), Ok(()), "{text}");
        }
        for (text, at) in [
            ("", 0),
            (" a", 0),
            ("(", 0),
            ("\"a", 2),
            ("\"a\\b\"", 3),
            ("\"a\r\n", 2),
            ("\"a\0\"", 2),
            ("{", 1),
            ("{3", 2),
            ("{3}", 3),
            ("{3}\r\nab", 5),
            ("{3}\r\na\0b", 6),
            ("ü", 0),
            ("{99999999999999999999}\r\n", 1),
            ("{18446744073709551615}\r\n", 1),
        ] {
            assert_eq!(input(text).astring().map_err(|error| error.at), Err(at), "{text:?}");
        }
        assert_eq!(input("~{3}\r\na\0b").string().as_deref(), Ok(&b"a\0b"[..]));
    }

    #[test]
    fn numbers_have_bounds() {
        assert_eq!(input("4294967295").number(), Ok(u32::MAX));
        assert_eq!(input("4294967296").number().map_err(|e| e.at), Err(0));
        assert_eq!(input("9223372036854775807").number64(), Ok(i64::MAX as u64));
        assert!(input("9223372036854775808").number64().is_err());
        assert!(input(&"9".repeat(1_000_000)).number64().is_err());
        assert!(input("0").nonzero().is_err());
        assert!(input("x").number().is_err());
    }

    #[test]
    fn a_word_too_long_for_any_is_the_empty_word() {
        assert_eq!(input("un.Seen-x").word("").map(|w| w.as_str().to_owned()), Ok("UN.SEEN-X".to_owned()));
        assert_eq!(input(&"x".repeat(25)).word("").map(|w| w.as_str().to_owned()), Ok(String::new()));
    }
}
