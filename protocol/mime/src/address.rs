//! Address lists: RFC 5322 section 3.4, with the obsolete and the merely common forms.

use crate::field;
use crate::word;

/// One element of an address list, in the bytes of the sender but without quoting and comments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Entry {
    /// A mailbox; `local` or `domain` is empty if the sender wrote none.
    Mailbox {
        /// Display name, encoded words still encoded; a comment if there is no phrase.
        name: Vec<u8>,
        /// Before the `@`.
        local: Vec<u8>,
        /// After it.
        domain: Vec<u8>,
    },
    /// `name:`
    GroupStart(Vec<u8>),
    /// `;`
    GroupEnd,
}

/// Appends the entries of one field to `out`, which grows to at most `entries_max`.
pub(crate) fn parse(raw: &[u8], entries_max: usize, out: &mut Vec<Entry>) {
    let text = field::unfold(raw);
    let mut parser = Parser {
        rest: &text,
        out,
        entries_max,
        in_group: false,
        phrase: Text::default(),
        angle: None,
        comment: Vec::new(),
    };
    parser.run();
}

/// Collected text and where its last unquoted `@` stands.
#[derive(Default)]
struct Text {
    bytes: Vec<u8>,
    at: Option<usize>,
    space: bool,
}

impl Text {
    fn push(&mut self, byte: u8) {
        if byte.is_ascii_whitespace() {
            self.space = true;
            return;
        }
        self.settle_space();
        if byte == b'@' {
            self.at = Some(self.bytes.len());
        }
        self.bytes.push(byte);
    }

    fn push_verbatim(&mut self, byte: u8) {
        self.settle_space();
        self.bytes.push(byte);
    }

    fn settle_space(&mut self) {
        if self.space && !self.bytes.is_empty() {
            self.bytes.push(b' ');
        }
        self.space = false;
    }

    /// Splits into local part and domain.
    fn split(self) -> (Vec<u8>, Vec<u8>) {
        let Some(at) = self.at else { return (self.bytes, Vec::new()) };
        let (local, domain) = self.bytes.split_at(at);
        let domain = domain.get(1..).unwrap_or_default();
        (local.trim_ascii().to_vec(), domain.iter().copied().filter(|b| !b.is_ascii_whitespace()).collect())
    }
}

struct Parser<'a> {
    rest: &'a [u8],
    out: &'a mut Vec<Entry>,
    entries_max: usize,
    in_group: bool,
    phrase: Text,
    angle: Option<Text>,
    comment: Vec<u8>,
}

impl Parser<'_> {
    fn run(&mut self) {
        while self.out.len() < self.entries_max
            && let Some(byte) = self.next()
        {
            match byte {
                b',' => self.finish(),
                b';' => {
                    self.finish();
                    self.end_group();
                }
                b':' if !self.in_group && self.phrase.at.is_none() && self.angle.is_none() => {
                    let name = std::mem::take(&mut self.phrase).bytes;
                    self.comment.clear();
                    self.out.push(Entry::GroupStart(name));
                    self.in_group = true;
                }
                b'<' => self.angle(),
                b'(' => self.comment(),
                b'"' => {
                    let mut phrase = std::mem::take(&mut self.phrase);
                    self.quoted(&mut phrase);
                    self.phrase = phrase;
                }
                b'=' => self.word_or_byte(),
                b'\\' => {
                    if let Some(escaped) = self.next() {
                        self.phrase.push_verbatim(escaped);
                    }
                }
                other => self.phrase.push(other),
            }
        }
        self.finish();
        self.end_group();
    }

    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn end_group(&mut self) {
        if std::mem::take(&mut self.in_group) {
            self.out.push(Entry::GroupEnd);
        }
    }

    /// An encoded word is taken as a whole: a comma in it is not between addresses.
    fn word_or_byte(&mut self) {
        let mut whole = vec![b'='];
        if self.rest.first() == Some(&b'?') {
            // The parser of words wants to see the `=` again; it looks at a bounded piece only.
            const WORD_BYTES_MAX: usize = 1_000;
            let mut ahead = Vec::with_capacity(WORD_BYTES_MAX.min(self.rest.len()) + 1);
            ahead.push(b'=');
            let mark = memchr::memmem::find(self.rest.get(..WORD_BYTES_MAX).unwrap_or(self.rest), b"?=");
            ahead.extend_from_slice(self.rest.get(..mark.map_or(0, |at| at + 2)).unwrap_or_default());
            if let Some(length) = word::length(&ahead) {
                ahead.truncate(length);
                whole = ahead;
                self.rest = self.rest.get(length - 1..).unwrap_or_default();
            }
        }
        for byte in whole {
            self.phrase.push_verbatim(byte);
        }
    }

    fn quoted(&mut self, text: &mut Text) {
        while let Some(byte) = self.next() {
            match byte {
                b'"' => return,
                b'\\' => {
                    if let Some(escaped) = self.next() {
                        text.push_verbatim(escaped);
                    }
                }
                other => text.push_verbatim(other),
            }
        }
    }

    /// Comments nest; we count. The text is kept for `a@b.test (Name)`.
    fn comment(&mut self) {
        let mut depth = 1_usize;
        if !self.comment.is_empty() {
            self.comment.push(b' ');
        }
        while let Some(byte) = self.next() {
            match byte {
                b'(' => depth += 1,
                b')' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return;
            }
            let kept = if byte == b'\\' { self.next() } else { Some(byte) };
            self.comment.extend(kept);
        }
    }

    /// `<local@domain>`; a source route before it is dropped (RFC 5322 section 4.4).
    fn angle(&mut self) {
        let mut text = Text::default();
        let comment = std::mem::take(&mut self.comment);
        while let Some(byte) = self.next() {
            match byte {
                b'>' => break,
                b'"' => self.quoted(&mut text),
                b'(' => self.comment(),
                b':' if text.bytes.first() == Some(&b'@') => text = Text::default(),
                b'\\' => {
                    if let Some(escaped) = self.next() {
                        text.push_verbatim(escaped);
                    }
                }
                other => text.push(other),
            }
        }
        self.comment = comment;
        self.angle = Some(text);
    }

    fn finish(&mut self) {
        let phrase = std::mem::take(&mut self.phrase);
        let comment = std::mem::take(&mut self.comment).trim_ascii().to_vec();
        let entry = match self.angle.take() {
            Some(angle) => {
                let (local, domain) = angle.split();
                let name = if phrase.bytes.is_empty() { comment } else { phrase.bytes };
                Entry::Mailbox { name, local, domain }
            }
            None if phrase.at.is_none() && phrase.bytes.contains(&b' ') => {
                Entry::Mailbox { name: phrase.bytes, local: Vec::new(), domain: Vec::new() }
            }
            None if phrase.bytes.is_empty() => return,
            None => {
                let (local, domain) = phrase.split();
                Entry::Mailbox { name: comment, local, domain }
            }
        };
        self.out.push(entry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        let mut out = Vec::new();
        parse(text.as_bytes(), 100, &mut out);
        let show = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        out.iter()
            .map(|entry| match entry {
                Entry::Mailbox { name, local, domain } => {
                    format!("{}|{}|{}", show(name), show(local), show(domain))
                }
                Entry::GroupStart(name) => format!("{}:", show(name)),
                Entry::GroupEnd => ";".to_owned(),
            })
            .collect()
    }

    #[test]
    fn known_answers_of_rfc_5322_appendix_a_and_of_the_wild() {
        let table: &[(&str, &[&str])] = &[
            ("John Doe <jdoe@machine.example>", &["John Doe|jdoe|machine.example"]),
            (
                "\"Joe Q. Public\" <john.q.public@example.com>, who? <one@y.test>",
                &["Joe Q. Public|john.q.public|example.com", "who?|one|y.test"],
            ),
            (
                "<boss@nil.test>, \"Giant; \\\"Big\\\" Box\" <sysservices@example.net>",
                &["|boss|nil.test", "Giant; \"Big\" Box|sysservices|example.net"],
            ),
            (
                "A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>;",
                &["A Group:", "Ed Jones|c|a.test", "|joe|where.test", "John|jdoe|one.test", ";"],
            ),
            ("Undisclosed recipients:;", &["Undisclosed recipients:", ";"]),
            ("Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>", &["Pete|pete|silly.test"]),
            ("Joe Q. Public <@m.test,@n.test:john@example.com>", &["Joe Q. Public|john|example.com"]),
            ("a@b.test (Anna (B) C)", &["Anna (B) C|a|b.test"]),
            ("\"john doe\"@x.test", &["|john doe|x.test"]),
            ("\"a@b\"@x.test", &["|a@b|x.test"]),
            ("=?utf-8?Q?Huber,_Anna?= <anna@x.test>", &["=?utf-8?Q?Huber,_Anna?=|anna|x.test"]),
            ("=?utf-8?Q?a?= =?utf-8?Q?b?= <a@x.test>", &["=?utf-8?Q?a?= =?utf-8?Q?b?=|a|x.test"]),
            ("Anna Huber", &["Anna Huber||"]),
            ("postmaster", &["|postmaster|"]),
            ("a @ b.test ; c@d.test", &["|a|b.test", "|c|d.test"]),
            ("a@[IPv6:::1]", &["|a|[IPv6:::1]"]),
            (",,  ,", &[]),
            ("", &[]),
            ("x <unclosed@y.test", &["x|unclosed|y.test"]),
            ("g: a@b.test", &["g:", "|a|b.test", ";"]),
        ];
        for (text, expected) in table {
            assert_eq!(&shown(text), expected, "{text}");
        }
    }

    #[test]
    fn bombs_give_no_more_entries_than_allowed() {
        for bomb in ["(", "\"", "<", "=?", "=?utf-8?q?", "a:", "\\", "@", ",a", "((((\\", "=?u?q?a ", "a:b;"]
        {
            let mut out = Vec::new();
            parse(bomb.repeat(100_000).as_bytes(), 1000, &mut out);
            assert!(out.len() <= 1002, "{bomb}: {}", out.len());
        }
    }
}
