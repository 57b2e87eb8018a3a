//! FETCH: RFC 9051 section 6.4.5, with the items of RFC 3516, 7162, 8474, 8514 and 8970.

use vocabulary::ModSeq;

use crate::{Input, Numbering, Output, SequenceSet, SyntaxError};

/// Most items of one FETCH. Ours.
const ITEMS_MAX: usize = 128;
/// Most numbers of a part, and thus levels of MIME. Ours.
const PART_LEVELS_MAX: usize = 128;

/// ```abnf
/// fetch = "FETCH" SP sequence-set SP ("ALL" / "FULL" / "FAST" / fetch-att /
///         "(" fetch-att *(SP fetch-att) ")") [SP "(" fetch-modifier *(SP fetch-modifier) ")"]
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetch {
    /// What `messages` counts.
    pub numbering: Numbering,
    /// Which messages.
    pub messages: SequenceSet,
    /// What to tell about each: a macro is already its items.
    pub items: Vec<FetchItem>,
    /// Only messages changed after this stamp (RFC 7162 section 3.1.4).
    pub changed_since: Option<ModSeq>,
    /// Tell also which UIDs vanished since then (RFC 7162 section 3.2.6).
    pub vanished: bool,
}

/// A name for several items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Macro {
    /// `FLAGS INTERNALDATE RFC822.SIZE ENVELOPE`
    All,
    /// `FLAGS INTERNALDATE RFC822.SIZE`
    Fast,
    /// `FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODY`
    Full,
}

impl Macro {
    /// What it stands for.
    #[must_use]
    pub fn items(self) -> Vec<FetchItem> {
        let mut items = vec![FetchItem::Flags, FetchItem::InternalDate, FetchItem::Rfc822Size];
        if self != Self::Fast {
            items.push(FetchItem::Envelope);
        }
        if self == Self::Full {
            items.push(FetchItem::Body);
        }
        items
    }
}

/// `fetch-att`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FetchItem {
    /// `BODY`: the structure without extension data.
    Body,
    /// `BODYSTRUCTURE`
    BodyStructure,
    /// `ENVELOPE`
    Envelope,
    /// `FLAGS`
    Flags,
    /// `INTERNALDATE`
    InternalDate,
    /// `RFC822.SIZE`
    Rfc822Size,
    /// `UID`
    Uid,
    /// `BODY[...]` and `BODY.PEEK[...]`
    Section {
        /// Which bytes.
        section: Section,
        /// Which of them.
        partial: Option<Partial>,
        /// Leave `\Seen` as it is.
        peek: bool,
    },
    /// `BINARY[...]` and `BINARY.PEEK[...]`: a part without its transfer encoding.
    Binary {
        /// The part; empty for the whole message.
        part: Vec<u32>,
        /// Which of its bytes.
        partial: Option<Partial>,
        /// Leave `\Seen` as it is.
        peek: bool,
    },
    /// `BINARY.SIZE[...]`
    BinarySize {
        /// The part; empty for the whole message.
        part: Vec<u32>,
    },
    /// `RFC822` (RFC 3501); `RFC822.PEEK` (RFC 1730), which Outlook sends.
    Rfc822 {
        /// Leave `\Seen` as it is.
        peek: bool,
    },
    /// `RFC822.HEADER` (RFC 3501): never sets `\Seen`.
    Rfc822Header,
    /// `RFC822.TEXT` (RFC 3501); `RFC822.TEXT.PEEK` (RFC 1730).
    Rfc822Text {
        /// Leave `\Seen` as it is.
        peek: bool,
    },
    /// `MODSEQ` (RFC 7162)
    ModSeq,
    /// `EMAILID` (RFC 8474 section 5.3)
    EmailId,
    /// `THREADID` (RFC 8474 section 5.3)
    ThreadId,
    /// `SAVEDATE` (RFC 8514 section 4.2)
    SaveDate,
    /// `PREVIEW` (RFC 8970 section 3.1)
    Preview {
        /// Only if it costs no time (RFC 8970 section 4.1).
        lazy: bool,
    },
}

/// `section`: a place in a message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Section {
    /// The part, from the outside in; empty for the message itself.
    pub part: Vec<u32>,
    /// What of it.
    pub text: SectionText,
}

/// `section-text`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum SectionText {
    /// All of it.
    #[default]
    Whole,
    /// `HEADER`
    Header,
    /// `HEADER.FIELDS (...)` and `HEADER.FIELDS.NOT (...)`
    HeaderFields {
        /// All fields but these.
        not: bool,
        /// The names as the client wrote them.
        names: Vec<String>,
    },
    /// `TEXT`
    Text,
    /// `MIME`: only of a part.
    Mime,
}

/// `partial`: some bytes from an offset on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Partial {
    /// The first byte, from 0.
    pub offset: u64,
    /// How many at most.
    pub length: u64,
}

impl Partial {
    /// What is asked of some bytes: beyond their end, nothing (RFC 9051 section 6.4.5).
    #[must_use]
    pub fn of(self, bytes: &[u8]) -> &[u8] {
        let clamp = |place: u64| usize::try_from(place).unwrap_or(usize::MAX).min(bytes.len());
        bytes.get(clamp(self.offset)..clamp(self.offset.saturating_add(self.length))).unwrap_or_default()
    }
}

impl Fetch {
    pub(super) fn parse(input: &mut Input<'_>, numbering: Numbering) -> Result<Self, SyntaxError> {
        let messages = super::uids(input)?;
        input.space()?;
        let items = items(input)?;
        let mut fetch = Self { numbering, messages, items, changed_since: None, vanished: false };
        if input.rest().starts_with(b" (") {
            input.space()?;
            fetch.modifiers(input)?;
        }
        Ok(fetch)
    }

    fn modifiers(&mut self, input: &mut Input<'_>) -> Result<(), SyntaxError> {
        let start = input.error("VANISHED only in UID FETCH and with CHANGEDSINCE");
        input.list(|input| {
            let unknown = input.error("CHANGEDSINCE or VANISHED");
            match input.word(unknown.expected)?.as_str() {
                "CHANGEDSINCE" => {
                    input.space()?;
                    self.changed_since = Some(input.modseq()?);
                }
                "VANISHED" => self.vanished = true,
                _ => return Err(unknown), // RFC 4466 section 2.4
            }
            Ok(())
        })?;
        // RFC 7162 section 3.2.6
        if self.vanished && (self.numbering != Numbering::Uid || self.changed_since.is_none()) {
            return Err(start);
        }
        Ok(())
    }
}

fn items(input: &mut Input<'_>) -> Result<Vec<FetchItem>, SyntaxError> {
    if input.peek() != Some(b'(') {
        let mut probe = input.clone();
        let known = match probe.word("a FETCH item")?.as_str() {
            "ALL" => Some(Macro::All),
            "FAST" => Some(Macro::Fast),
            "FULL" => Some(Macro::Full),
            _ => None,
        };
        let Some(known) = known else { return Ok(vec![FetchItem::parse(input)?]) };
        *input = probe;
        return Ok(known.items());
    }
    let mut count = 0;
    input.list(|input| {
        count += 1;
        if count > ITEMS_MAX {
            return Err(input.error("fewer FETCH items"));
        }
        FetchItem::parse(input)
    })
}

impl FetchItem {
    fn parse(input: &mut Input<'_>) -> Result<Self, SyntaxError> {
        let unknown = input.error("a FETCH item");
        let word = input.word(unknown.expected)?;
        let item = match word.as_str() {
            "BODY" if input.peek() == Some(b'[') => Self::section(input, false)?,
            "BODY.PEEK" => Self::section(input, true)?,
            "BODY" => Self::Body,
            "BODYSTRUCTURE" => Self::BodyStructure,
            "ENVELOPE" => Self::Envelope,
            "FLAGS" => Self::Flags,
            "INTERNALDATE" => Self::InternalDate,
            "RFC822.SIZE" => Self::Rfc822Size,
            "UID" => Self::Uid,
            "BINARY" => Self::binary(input, false)?,
            "BINARY.PEEK" => Self::binary(input, true)?,
            "BINARY.SIZE" => Self::BinarySize { part: binary_part(input)? },
            "RFC822" => Self::Rfc822 { peek: false },
            "RFC822.PEEK" => Self::Rfc822 { peek: true },
            "RFC822.HEADER" => Self::Rfc822Header,
            "RFC822.TEXT" => Self::Rfc822Text { peek: false },
            "RFC822.TEXT.PEEK" => Self::Rfc822Text { peek: true },
            "MODSEQ" => Self::ModSeq,
            "EMAILID" => Self::EmailId,
            "THREADID" => Self::ThreadId,
            "SAVEDATE" => Self::SaveDate,
            "PREVIEW" => Self::Preview { lazy: lazy(input)? },
            _ => return Err(unknown),
        };
        Ok(item)
    }

    fn section(input: &mut Input<'_>, peek: bool) -> Result<Self, SyntaxError> {
        let section = Section::parse(input)?;
        let partial = partial(input)?;
        Ok(Self::Section { section, partial, peek })
    }

    fn binary(input: &mut Input<'_>, peek: bool) -> Result<Self, SyntaxError> {
        let part = binary_part(input)?;
        let partial = partial(input)?;
        Ok(Self::Binary { part, partial, peek })
    }
}

/// `[SP "(" preview-mod *(SP preview-mod) ")"]`. Inside a list of items, a parenthesis can be nothing else;
/// after a single item it is the list of modifiers, unless it says LAZY.
fn lazy(input: &mut Input<'_>) -> Result<bool, SyntaxError> {
    let mut probe = input.clone();
    let lazy = probe.take_word(" (LAZY") && matches!(probe.peek(), Some(b' ' | b')'));
    if lazy {
        input.space()?;
        input.list(|input| {
            let unknown = input.error("LAZY");
            if input.word(unknown.expected)?.as_str() == "LAZY" { Ok(()) } else { Err(unknown) }
        })?;
    }
    Ok(lazy)
}

/// `section-binary = "[" [section-part] "]"`
fn binary_part(input: &mut Input<'_>) -> Result<Vec<u32>, SyntaxError> {
    input.byte(b'[', "'['")?;
    let mut part = Vec::new();
    if input.peek() != Some(b']') {
        part.push(input.nonzero()?);
        while input.take(b'.') {
            push_level(&mut part, input)?;
        }
    }
    input.byte(b']', "']'")?;
    Ok(part)
}

fn push_level(part: &mut Vec<u32>, input: &mut Input<'_>) -> Result<(), SyntaxError> {
    if part.len() == PART_LEVELS_MAX {
        return Err(input.error("a part less deep"));
    }
    part.push(input.nonzero()?);
    Ok(())
}

/// `["<" number64 "." nz-number64 ">"]`
fn partial(input: &mut Input<'_>) -> Result<Option<Partial>, SyntaxError> {
    if !input.take(b'<') {
        return Ok(None);
    }
    let offset = input.number64()?;
    input.byte(b'.', "'.'")?;
    let no_length = input.error("a number above 0");
    let length = input.number64()?;
    if length == 0 {
        return Err(no_length);
    }
    input.byte(b'>', "'>'")?;
    Ok(Some(Partial { offset, length }))
}

impl Section {
    /// ```abnf
    /// section = "[" [section-msgtext / (section-part ["." section-text])] "]"
    /// ```
    fn parse(input: &mut Input<'_>) -> Result<Self, SyntaxError> {
        input.byte(b'[', "'['")?;
        let mut section = Self::default();
        let mut text_follows = matches!(input.peek(), Some(byte) if byte.is_ascii_alphabetic());
        if !text_follows && input.peek() != Some(b']') {
            section.part.push(input.nonzero()?);
            while input.take(b'.') {
                if !matches!(input.peek(), Some(b'0'..=b'9')) {
                    text_follows = true;
                    break;
                }
                push_level(&mut section.part, input)?;
            }
        }
        if text_follows {
            section.text = SectionText::parse(input, !section.part.is_empty())?;
        }
        input.byte(b']', "']'")?;
        Ok(section)
    }

    /// Writes `[...]` as it stands in the item of the response.
    pub fn write(&self, out: &mut Output) {
        out.raw(b"[");
        for (level, &number) in self.part.iter().enumerate() {
            if level > 0 {
                out.raw(b".");
            }
            out.number(number);
        }
        if !self.part.is_empty() && self.text != SectionText::Whole {
            out.raw(b".");
        }
        match &self.text {
            SectionText::Whole => {}
            SectionText::Header => out.raw(b"HEADER"),
            SectionText::HeaderFields { not, names } => {
                out.raw(if *not { b"HEADER.FIELDS.NOT (" } else { b"HEADER.FIELDS (" });
                for (place, name) in names.iter().enumerate() {
                    if place > 0 {
                        out.raw(b" ");
                    }
                    out.astring(name.as_bytes());
                }
                out.raw(b")");
            }
            SectionText::Text => out.raw(b"TEXT"),
            SectionText::Mime => out.raw(b"MIME"),
        }
        out.raw(b"]");
    }
}

impl SectionText {
    fn parse(input: &mut Input<'_>, of_part: bool) -> Result<Self, SyntaxError> {
        let unknown = input.error("HEADER, HEADER.FIELDS, HEADER.FIELDS.NOT, TEXT or MIME");
        match input.word(unknown.expected)?.as_str() {
            "HEADER" => Ok(Self::Header),
            "HEADER.FIELDS" => Self::fields(input, false),
            "HEADER.FIELDS.NOT" => Self::fields(input, true),
            "TEXT" => Ok(Self::Text),
            "MIME" if of_part => Ok(Self::Mime),
            _ => Err(unknown),
        }
    }

    fn fields(input: &mut Input<'_>, not: bool) -> Result<Self, SyntaxError> {
        input.space()?;
        let names = input.list(|input| input.text().map(std::borrow::Cow::into_owned))?;
        Ok(Self::HeaderFields { not, names })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::{read, refuses, set};
    use crate::command::{Body, Selected};
    use crate::{NameEncoding, Output};

    fn fetch(text: &str) -> Fetch {
        match read(text) {
            Ok(Body::Selected(Selected::Fetch(fetch))) => fetch,
            other => panic!("{text}: {other:?}"),
        }
    }

    fn section(part: &[u32], text: SectionText) -> FetchItem {
        FetchItem::Section { section: Section { part: part.to_vec(), text }, partial: None, peek: true }
    }

    #[test]
    fn items_and_macros() {
        assert_eq!(fetch("FETCH 1 ALL").items, Macro::All.items());
        assert_eq!(fetch("FETCH 1 fast").items, Macro::Fast.items());
        assert_eq!(fetch("FETCH 1 FULL").items, Macro::Full.items());
        assert_eq!(fetch("FETCH 1 ENVELOPE").items, [FetchItem::Envelope]);
        assert_eq!(
            fetch("UID FETCH 1:* (UID RFC822.SIZE RFC822.PEEK)").items, // Outlook
            [FetchItem::Uid, FetchItem::Rfc822Size, FetchItem::Rfc822 { peek: true }]
        );
        assert_eq!(
            fetch("FETCH 1 (body BODYSTRUCTURE MODSEQ EMAILID THREADID SAVEDATE RFC822.HEADER RFC822.TEXT)")
                .items,
            [
                FetchItem::Body,
                FetchItem::BodyStructure,
                FetchItem::ModSeq,
                FetchItem::EmailId,
                FetchItem::ThreadId,
                FetchItem::SaveDate,
                FetchItem::Rfc822Header,
                FetchItem::Rfc822Text { peek: false },
            ]
        );
    }

    #[test]
    fn sections() {
        let names = vec!["From".to_owned(), "SUBJECT".to_owned()];
        for (text, item) in [
            ("BODY.PEEK[]", section(&[], SectionText::Whole)),
            ("BODY.PEEK[1.2.3]", section(&[1, 2, 3], SectionText::Whole)),
            ("BODY.PEEK[header]", section(&[], SectionText::Header)),
            ("BODY.PEEK[1.HEADER]", section(&[1], SectionText::Header)),
            ("BODY.PEEK[1.2.MIME]", section(&[1, 2], SectionText::Mime)),
            ("BODY.PEEK[TEXT]", section(&[], SectionText::Text)),
            (
                "BODY.PEEK[HEADER.FIELDS (From \"SUBJECT\")]",
                section(&[], SectionText::HeaderFields { not: false, names: names.clone() }),
            ),
            (
                "BODY.PEEK[2.HEADER.FIELDS.NOT (From {7+}\r\nSUBJECT)]",
                section(&[2], SectionText::HeaderFields { not: true, names }),
            ),
            (
                "BODY[]<0.393216>",
                FetchItem::Section {
                    section: Section::default(),
                    partial: Some(Partial { offset: 0, length: 393_216 }),
                    peek: false,
                },
            ),
            ("BINARY[]", FetchItem::Binary { part: vec![], partial: None, peek: false }),
            (
                "BINARY.PEEK[1.2]<7.1>",
                FetchItem::Binary {
                    part: vec![1, 2],
                    partial: Some(Partial { offset: 7, length: 1 }),
                    peek: true,
                },
            ),
            ("BINARY.SIZE[1]", FetchItem::BinarySize { part: vec![1] }),
        ] {
            assert_eq!(fetch(&format!("FETCH 1 {text}")).items, std::slice::from_ref(&item), "{text}");
            assert_eq!(fetch(&format!("FETCH 1 ({text} {text})")).items, [item.clone(), item], "{text}");
        }
    }

    #[test]
    fn a_section_is_written_as_it_is_read() {
        for text in ["[]", "[1.2]", "[HEADER]", "[1.MIME]", "[TEXT]", "[3.HEADER.FIELDS.NOT (a \"b c\")]"] {
            let mut out = Output::default();
            let section = Section::parse(&mut Input::new(text.as_bytes(), NameEncoding::Utf8)).unwrap();
            section.write(&mut out);
            assert_eq!(out.take(), text.as_bytes());
        }
    }

    #[test]
    fn modifiers() {
        let since = fetch("FETCH 1:* FLAGS (CHANGEDSINCE 12345)");
        assert_eq!((since.changed_since, since.vanished), (Some(ModSeq(12345)), false));
        let vanished = fetch("UID FETCH 1:* (FLAGS) (VANISHED CHANGEDSINCE 9)");
        assert_eq!((vanished.changed_since, vanished.vanished), (Some(ModSeq(9)), true));
        assert_eq!(vanished.messages, set("1:*"));
        let preview = fetch("FETCH 1 PREVIEW (CHANGEDSINCE 1)");
        assert_eq!(
            (preview.items, preview.changed_since),
            (vec![FetchItem::Preview { lazy: false }], Some(ModSeq(1)))
        );
        assert_eq!(fetch("FETCH 1 PREVIEW (LAZY)").items, [FetchItem::Preview { lazy: true }]);
        assert_eq!(
            fetch("FETCH 1 (PREVIEW (LAZY) UID)").items,
            [FetchItem::Preview { lazy: true }, FetchItem::Uid]
        );
    }

    #[test]
    fn what_is_no_fetch_is_refused_where_it_stops() {
        refuses(&[
            ("FETCH", 7),
            ("FETCH 1", 9),
            ("FETCH 1 ", 10),
            ("FETCH 1 ()", 11),
            ("FETCH 1 (ALL)", 11),
            ("FETCH 1 (FLAGS )", 17),
            ("FETCH 1 X", 10),
            ("FETCH 1 BODY.PEEK", 19),
            ("FETCH 1 BODY[", 15),
            ("FETCH 1 BODY[0]", 15),
            ("FETCH 1 BODY[1.]", 17),
            ("FETCH 1 BODY[MIME]", 15),
            ("FETCH 1 BODY[HEADER.FIELDS]", 28),
            ("FETCH 1 BODY[HEADER.FIELDS ()]", 30),
            ("FETCH 1 BODY[]<0.0>", 19),
            ("FETCH 1 BODY[]<0>", 18),
            ("FETCH 1 BINARY[TEXT]", 17),
            ("FETCH 1 FLAGS (VANISHED CHANGEDSINCE 1)", 16),
            ("UID FETCH 1 FLAGS (VANISHED)", 20),
            ("FETCH 1 FLAGS (X)", 17),
        ]);
        let deep = format!("FETCH 1 BODY[1{}]", ".1".repeat(200));
        assert!(read(&deep).is_err());
        let many = format!("FETCH 1 (UID{})", " UID".repeat(5000));
        assert!(read(&many).is_err());
    }

    #[test]
    fn a_part_of_bytes_ends_with_them() {
        let part = |offset, length| Partial { offset, length }.of(b"abcdef");
        assert_eq!(part(0, 3), b"abc");
        assert_eq!(part(4, 100), b"ef");
        assert_eq!(part(6, 1), b"");
        assert_eq!(part(u64::MAX, u64::MAX), b"");
    }
}
