//! Writes responses into a byte buffer; no text in between.
//!
//! Nothing written through this type can break a line or a string: what a string may not hold is sent as
//! a literal, what a text may not hold is replaced.

use vocabulary::{Flags, Keyword, MailboxPath, Timestamp};

use crate::NameEncoding;
use crate::date::Date;
use crate::flag_list::SYSTEM_FLAGS;
use crate::input::is_astring_char;
use crate::mailbox_name::encode_modified_utf7;

/// Bytes that wait to be sent.
#[derive(Debug, Clone, Default)]
pub struct Output {
    bytes: Vec<u8>,
    encoding: NameEncoding,
}

/// Longest string that is sent in quotation marks; longer ones are literals. Ours.
const QUOTED_BYTES_MAX: usize = 1024;

const DIGIT_PAIRS: [u8; 200] = digit_pairs();

const fn digit_pairs() -> [u8; 200] {
    let mut pairs = [0; 200];
    let mut number = 0;
    while number < 100 {
        pairs[number * 2] = b'0' + (number / 10) as u8;
        pairs[number * 2 + 1] = b'0' + (number % 10) as u8;
        number += 1;
    }
    pairs
}

impl Output {
    /// An empty buffer for a connection that writes names in this encoding.
    #[must_use]
    pub fn new(encoding: NameEncoding) -> Self {
        Self { bytes: Vec::new(), encoding }
    }

    /// How names are written from now on; UTF-8 also lets text and quoted strings be UTF-8
    /// (RFC 9051 appendix A: not before ENABLE).
    pub fn set_encoding(&mut self, encoding: NameEncoding) {
        self.encoding = encoding;
    }

    pub(crate) fn encoding(&self) -> NameEncoding {
        self.encoding
    }

    /// What waits.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How many bytes wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Forgets what was sent and keeps the memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
    }

    /// Hands over what waits.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }

    /// Bytes as they are: the caller answers for the grammar.
    pub fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The end of a line.
    pub fn crlf(&mut self) {
        self.raw(b"\r\n");
    }

    /// A number of 32 bits.
    pub fn number(&mut self, number: u32) {
        self.number64(u64::from(number));
    }

    /// A number.
    pub fn number64(&mut self, number: u64) {
        let mut digits = [0u8; 20];
        let mut at = digits.len();
        let mut left = number;
        while left >= 100 {
            let pair = (left % 100) as usize * 2;
            left /= 100;
            at -= 2;
            digits[at] = DIGIT_PAIRS[pair];
            digits[at + 1] = DIGIT_PAIRS[pair + 1];
        }
        if left >= 10 {
            at -= 2;
            digits[at] = DIGIT_PAIRS[left as usize * 2];
            digits[at + 1] = DIGIT_PAIRS[left as usize * 2 + 1];
        } else {
            at -= 1;
            digits[at] = b'0' + left as u8;
        }
        self.bytes.extend_from_slice(digits.get(at..).unwrap_or_default());
    }

    /// `string`: quoted if it can be, otherwise a literal.
    pub fn string(&mut self, bytes: &[u8]) {
        if self.can_be_quoted(bytes) { self.quoted(bytes) } else { self.literal(bytes) }
    }

    /// `nstring`.
    pub fn nstring(&mut self, bytes: Option<&[u8]>) {
        match bytes {
            Some(bytes) => self.string(bytes),
            None => self.raw(b"NIL"),
        }
    }

    /// `astring`: bare if it can be.
    pub fn astring(&mut self, bytes: &[u8]) {
        let bare = !bytes.is_empty()
            && bytes.len() <= QUOTED_BYTES_MAX
            && bytes.iter().all(|&byte| is_astring_char(byte))
            && !bytes.eq_ignore_ascii_case(b"NIL");
        if bare { self.raw(bytes) } else { self.string(bytes) }
    }

    /// `literal`: the length, then the bytes.
    pub fn literal(&mut self, bytes: &[u8]) {
        self.literal_header(bytes.len() as u64);
        self.raw(bytes);
    }

    /// `{n}` and the end of its line; `length` bytes must follow.
    pub fn literal_header(&mut self, length: u64) {
        self.raw(b"{");
        self.number64(length);
        self.raw(b"}\r\n");
    }

    /// `~{n}`: a literal that may hold NUL (RFC 9051 section 4.3.1); `length` bytes must follow.
    pub fn literal8_header(&mut self, length: u64) {
        self.raw(b"~");
        self.literal_header(length);
    }

    fn can_be_quoted(&self, bytes: &[u8]) -> bool {
        let plain =
            bytes.len() <= QUOTED_BYTES_MAX && !bytes.iter().any(|byte| matches!(byte, 0 | b'\r' | b'\n'));
        // No raw UTF-8 to a client that did not ask for it.
        plain
            && (bytes.is_ascii()
                || (self.encoding == NameEncoding::Utf8 && std::str::from_utf8(bytes).is_ok()))
    }

    fn quoted(&mut self, bytes: &[u8]) {
        self.raw(b"\"");
        for &byte in bytes {
            if matches!(byte, b'"' | b'\\') {
                self.bytes.push(b'\\');
            }
            self.bytes.push(byte);
        }
        self.raw(b"\"");
    }

    /// A folder's name.
    pub fn mailbox(&mut self, path: &MailboxPath) {
        self.mailbox_text(&path.to_string());
    }

    /// A mailbox name that is no folder's path: a namespace prefix, what the client asked for.
    pub fn mailbox_text(&mut self, name: &str) {
        match self.encoding {
            NameEncoding::Utf8 => self.astring(name.as_bytes()),
            NameEncoding::ModifiedUtf7 => {
                let mut wire = Vec::with_capacity(name.len());
                encode_modified_utf7(name, &mut wire);
                self.astring(&wire);
            }
        }
    }

    /// Human-readable text up to the end of a line: line ends and NUL become spaces, and without UTF-8
    /// other characters become question marks.
    pub fn text(&mut self, text: &str) {
        for character in text.chars() {
            match character {
                '\r' | '\n' | '\0' => self.bytes.push(b' '),
                ' '..='~' => self.bytes.push(character as u8),
                _ if self.encoding == NameEncoding::Utf8 => {
                    self.raw(character.encode_utf8(&mut [0; 4]).as_bytes());
                }
                _ => self.bytes.push(b'?'),
            }
        }
    }

    /// `"(" [flag *(SP flag)] ")"`.
    pub fn flags<'a>(&mut self, flags: Flags, keywords: impl IntoIterator<Item = &'a Keyword>) {
        self.raw(b"(");
        self.flag_words(flags, keywords);
        self.raw(b")");
    }

    /// The flags of [`Output::flags`] without the parentheses; tells whether there was any.
    pub fn flag_words<'a>(&mut self, flags: Flags, keywords: impl IntoIterator<Item = &'a Keyword>) -> bool {
        let mut any = false;
        for (flag, name) in SYSTEM_FLAGS {
            if flags.contains(flag) {
                if any {
                    self.bytes.push(b' ');
                }
                self.raw(name.as_bytes());
                any = true;
            }
        }
        for keyword in keywords {
            if any {
                self.bytes.push(b' ');
            }
            self.raw(keyword.as_str().as_bytes());
            any = true;
        }
        any
    }

    /// `date-time` in UTC; the day padded with a space.
    pub fn date_time(&mut self, moment: Timestamp) {
        let seconds = moment.seconds();
        let date = Date::from_days(seconds.div_euclid(86_400));
        let second = seconds.rem_euclid(86_400) as u32;
        self.raw(b"\"");
        if date.day() < 10 {
            self.raw(b" ");
        }
        self.number(u32::from(date.day()));
        self.raw(b"-");
        self.raw(date.month_name().as_bytes());
        self.raw(b"-");
        self.two_digits(u32::from(date.year()) / 100);
        self.two_digits(u32::from(date.year()) % 100);
        self.raw(b" ");
        self.two_digits(second / 3600);
        self.raw(b":");
        self.two_digits(second / 60 % 60);
        self.raw(b":");
        self.two_digits(second % 60);
        self.raw(b" +0000\"");
    }

    fn two_digits(&mut self, number: u32) {
        if number < 10 {
            self.raw(b"0");
        }
        self.number(number);
    }

    /// A sequence set of numbers that rise, as short as it can be.
    pub fn ascending(&mut self, numbers: impl IntoIterator<Item = u32>) {
        let mut open: Option<(u32, u32)> = None;
        let mut first = true;
        for number in numbers {
            open = match open {
                Some((from, to)) if number.wrapping_sub(to) == 1 => Some((from, number)),
                Some((from, to)) => {
                    self.range(from, to, &mut first);
                    Some((number, number))
                }
                None => Some((number, number)),
            };
        }
        if let Some((from, to)) = open {
            self.range(from, to, &mut first);
        }
    }

    /// A sequence set of ranges.
    pub fn ranges(&mut self, ranges: &[(u32, u32)]) {
        let mut first = true;
        for &(from, to) in ranges {
            self.range(from, to, &mut first);
        }
    }

    fn range(&mut self, from: u32, to: u32, first: &mut bool) {
        if !std::mem::take(first) {
            self.raw(b",");
        }
        self.number(from);
        if from != to {
            self.raw(b":");
            self.number(to);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Input, SequenceSet};
    use proptest::prelude::*;

    fn written(write: impl FnOnce(&mut Output)) -> String {
        let mut out = Output::default();
        write(&mut out);
        String::from_utf8(out.take()).unwrap()
    }

    #[test]
    fn numbers_are_decimal() {
        for number in [0, 1, 9, 10, 99, 100, 101, 999, 1000, 4_294_967_295, u64::MAX] {
            assert_eq!(written(|out| out.number64(number)), number.to_string());
        }
    }

    #[test]
    fn strings_take_the_form_that_can_hold_them() {
        for (bytes, wire) in [
            ("", "\"\""),
            ("a b", "\"a b\""),
            ("a\"\\", r#""a\"\\""#),
            ("a\r\nb", "{4}\r\na\r\nb"),
            ("ü", "{2}\r\nü"),
        ] {
            assert_eq!(written(|out| out.string(bytes.as_bytes())), wire);
        }
        assert_eq!(written(|out| out.nstring(None)), "NIL");
        for (bytes, wire) in
            [("a]", "a]"), ("", "\"\""), ("nil", "\"nil\""), ("a%", "\"a%\""), ("a b", "\"a b\"")]
        {
            assert_eq!(written(|out| out.astring(bytes.as_bytes())), wire);
        }
        let mut utf8 = Output::new(NameEncoding::Utf8);
        utf8.string("ü".as_bytes());
        utf8.string(b"\xff");
        assert_eq!(utf8.take(), b"\"\xc3\xbc\"{1}\r\n\xff");
    }

    #[test]
    fn text_cannot_end_its_line() {
        assert_eq!(written(|out| out.text("a\r\nb ü\0")), "a  b ? ");
    }

    #[test]
    fn names_are_sent_in_the_encoding_of_the_connection() {
        let path = MailboxPath::parse("Entwürfe/R&D").unwrap();
        assert_eq!(written(|out| out.mailbox(&path)), "Entw&APw-rfe/R&-D");
        let mut utf8 = Output::new(NameEncoding::Utf8);
        utf8.mailbox(&path);
        assert_eq!(utf8.take(), "\"Entwürfe/R&D\"".as_bytes());
    }

    #[test]
    fn dates_are_padded() {
        assert_eq!(
            written(|out| out.date_time(Timestamp::from_seconds(0))),
            "\" 1-Jan-1970 00:00:00 +0000\""
        );
        assert_eq!(
            written(|out| out.date_time(Timestamp::from_seconds(837_596_665))),
            "\"17-Jul-1996 09:44:25 +0000\""
        );
    }

    #[test]
    fn sets_are_short() {
        assert_eq!(written(|out| out.ascending([1, 2, 3, 5, 7, 8])), "1:3,5,7:8");
        assert_eq!(written(|out| out.ascending([])), "");
        assert_eq!(written(|out| out.ascending([u32::MAX])), "4294967295");
    }

    proptest! {
        #[test]
        fn every_string_reads_back(bytes in proptest::collection::vec(1u8.., 0..40), utf8 in any::<bool>()) {
            let encoding = if utf8 { NameEncoding::Utf8 } else { NameEncoding::ModifiedUtf7 };
            for write in [Output::string, Output::astring] {
                let mut out = Output::new(encoding);
                write(&mut out, &bytes);
                let wire = out.take();
                let mut input = Input::new(&wire, encoding);
                prop_assert_eq!(input.astring().map(|value| value.into_owned()), Ok(bytes.clone()));
                prop_assert_eq!(input.end(), Ok(()));
            }
        }

        #[test]
        fn every_number_reads_back(number in any::<i64>().prop_map(i64::unsigned_abs)) {
            let wire = written(|out| out.number64(number.min(i64::MAX as u64)));
            prop_assert_eq!(wire.parse::<u64>().ok(), Some(number.min(i64::MAX as u64)));
        }

        #[test]
        fn a_set_of_numbers_reads_back(numbers in proptest::collection::btree_set(1..200u32, 1..60)) {
            let wire = written(|out| out.ascending(numbers.iter().copied()));
            let set = SequenceSet::from_text(&wire).unwrap().resolve(1);
            prop_assert!((1..=200).all(|number| set.contains(number) == numbers.contains(&number)));
        }
    }
}
