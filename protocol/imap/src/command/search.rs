//! SEARCH: RFC 9051 section 6.4.4; RETURN: RFC 4731; further keys of RFC 3501, 5032, 7162, 8474, 8514.
//!
//! Chains of OR become one flat `Or`, and pairs of NOT vanish while they are read, so that a long search
//! is wide and not deep. What can still nest is bounded.

use std::borrow::Cow;

use vocabulary::{Flags, Keyword, ModSeq};

use crate::date::Date;
use crate::{Input, Numbering, SequenceSet, SyntaxError};

/// Most keys of one SEARCH. Ours.
const KEYS_MAX: usize = 16_384;

/// ```abnf
/// search         = "SEARCH" [SP "RETURN" SP "(" [search-return-opt *(SP search-return-opt)] ")"]
///                  SP search-program
/// search-program = ["CHARSET" SP charset SP] search-key *(SP search-key)
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// What the answer counts.
    pub numbering: Numbering,
    /// How to answer; `None` asks for the SEARCH response of RFC 3501.
    pub returns: Option<ReturnOptions>,
    /// The charset of the strings, as written; `None` is UTF-8 (or US-ASCII).
    pub charset: Option<String>,
    /// All of these must be true; at least one.
    pub keys: Vec<SearchKey>,
}

/// `search-return-opt` (RFC 9051 section 6.4.4). `RETURN ()` has become `ALL`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReturnOptions {
    /// The lowest number.
    pub min: bool,
    /// The highest number.
    pub max: bool,
    /// All numbers.
    pub all: bool,
    /// How many.
    pub count: bool,
    /// Keep the result as `$`.
    pub save: bool,
}

/// `search-key`. Strings are octets in the charset of the [`Search`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SearchKey {
    /// Every message.
    All,
    /// All of them; `(...)`.
    And(Vec<SearchKey>),
    /// At least one of them; two or more.
    Or(Vec<SearchKey>),
    /// Not this.
    Not(Box<SearchKey>),
    /// A sequence set of the view.
    Sequence(SequenceSet),
    /// `UID`
    Uid(SequenceSet),
    /// All of these flags.
    HasFlags(Flags),
    /// None of these flags.
    LacksFlags(Flags),
    /// `KEYWORD`
    HasKeyword(Keyword),
    /// `UNKEYWORD`
    LacksKeyword(Keyword),
    /// `RECENT` (RFC 3501)
    Recent,
    /// `OLD` (RFC 3501): not recent.
    Old,
    /// `NEW` (RFC 3501): recent and not seen.
    New,
    /// `BEFORE`, `ON`, `SINCE`: the internal date, without time and zone.
    InternalDate(Comparison, Date),
    /// `SENTBEFORE`, `SENTON`, `SENTSINCE`: the Date header, without time and zone.
    SentDate(Comparison, Date),
    /// `SAVEDBEFORE`, `SAVEDON`, `SAVEDSINCE` (RFC 8514 section 4.3).
    SaveDate(Comparison, Date),
    /// `SAVEDATESUPPORTED` (RFC 8514 section 4.3).
    SaveDateSupported,
    /// `OLDER`: at least so many seconds ago (RFC 5032).
    Older(u32),
    /// `YOUNGER`: at most so many seconds ago (RFC 5032).
    Younger(u32),
    /// `LARGER`: more octets than this.
    Larger(u64),
    /// `SMALLER`: fewer octets than this.
    Smaller(u64),
    /// A field holds a text; the empty text is in every such field.
    Field(SearchField, Vec<u8>),
    /// `HEADER`: a field of this name holds a text; the empty text asks whether there is one.
    Header(String, Vec<u8>),
    /// `BODY`
    Body(Vec<u8>),
    /// `TEXT`: header or body.
    Text(Vec<u8>),
    /// `MODSEQ`: this stamp or a later one (RFC 7162 section 3.1.5). The entry name is read and ignored:
    /// all flags share one stamp.
    ModSeq(ModSeq),
    /// `EMAILID` (RFC 8474 section 6)
    EmailId(String),
    /// `THREADID` (RFC 8474 section 6)
    ThreadId(String),
}

/// A field that has a key of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SearchField {
    /// `BCC`
    Bcc,
    /// `CC`
    Cc,
    /// `FROM`
    From,
    /// `SUBJECT`
    Subject,
    /// `TO`
    To,
}

/// How a date is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// Earlier.
    Before,
    /// The same day.
    On,
    /// The same day or later.
    Since,
}

impl Search {
    pub(super) fn parse(input: &mut Input<'_>, numbering: Numbering) -> Result<Self, SyntaxError> {
        let returns = if input.take_word(" RETURN ") { Some(ReturnOptions::parse(input)?) } else { None };
        let mut charset = None;
        if input.take_word(" CHARSET ") {
            charset = Some(input.text()?.into_owned());
        }
        input.space()?;
        let mut keys = Keys { left: KEYS_MAX };
        let mut all = vec![keys.key(input)?];
        while input.take(b' ') {
            if input.peek().is_none() {
                break; // spaces before the end are tolerated
            }
            all.push(keys.key(input)?);
        }
        Ok(Self { numbering, returns, charset, keys: all })
    }
}

impl ReturnOptions {
    fn parse(input: &mut Input<'_>) -> Result<Self, SyntaxError> {
        let mut options = Self::default();
        input.list_or_empty(|input| {
            let unknown = input.error("MIN, MAX, ALL, COUNT or SAVE");
            match input.word(unknown.expected)?.as_str() {
                "MIN" => options.min = true,
                "MAX" => options.max = true,
                "ALL" => options.all = true,
                "COUNT" => options.count = true,
                "SAVE" => options.save = true,
                _ => return Err(unknown), // RFC 4466 section 2.6.1
            }
            Ok(())
        })?;
        // RFC 4731 section 3.1: an empty list is (ALL).
        options.all |= options == Self::default();
        Ok(options)
    }
}

/// Reads keys and counts them.
struct Keys {
    left: usize,
}

impl Keys {
    fn key(&mut self, input: &mut Input<'_>) -> Result<SearchKey, SyntaxError> {
        self.left = self.left.checked_sub(1).ok_or_else(|| input.error("fewer search keys"))?;
        match input.peek() {
            Some(b'(') => {
                let keys = input.nested(|input| input.list(|input| self.key(input)))?;
                Ok(SearchKey::And(keys))
            }
            Some(b'0'..=b'9' | b'*' | b'$') => input.sequence_set().map(SearchKey::Sequence),
            _ => {
                let unknown = input.error("a search key");
                let word = input.word(unknown.expected)?;
                match word.as_str() {
                    "NOT" => self.not(input),
                    "OR" => self.or(input),
                    word => simple(word, input)?.ok_or(unknown),
                }
            }
        }
    }

    /// `"NOT" SP search-key`; NOT of NOT is read away.
    fn not(&mut self, input: &mut Input<'_>) -> Result<SearchKey, SyntaxError> {
        let mut negated = true;
        input.space()?;
        while input.take_word("NOT ") {
            self.left = self.left.checked_sub(1).ok_or_else(|| input.error("fewer search keys"))?;
            negated = !negated;
        }
        let key = input.nested(|input| self.key(input))?;
        Ok(if negated { SearchKey::Not(Box::new(key)) } else { key })
    }

    /// `"OR" SP search-key SP search-key`; `OR a OR b c` is one list of three.
    fn or(&mut self, input: &mut Input<'_>) -> Result<SearchKey, SyntaxError> {
        let mut either = Vec::new();
        input.space()?;
        loop {
            match input.nested(|input| self.key(input))? {
                SearchKey::Or(keys) => either.extend(keys),
                key => either.push(key),
            }
            input.space()?;
            if !input.take_word("OR ") {
                break;
            }
            self.left = self.left.checked_sub(1).ok_or_else(|| input.error("fewer search keys"))?;
        }
        either.push(input.nested(|input| self.key(input))?);
        Ok(SearchKey::Or(either))
    }
}

/// A key that holds no other key; `None` if there is none of this name.
fn simple(word: &str, input: &mut Input<'_>) -> Result<Option<SearchKey>, SyntaxError> {
    use SearchKey as Key;
    let key = match word {
        "ALL" => Key::All,
        "ANSWERED" => Key::HasFlags(Flags::ANSWERED),
        "DELETED" => Key::HasFlags(Flags::DELETED),
        "DRAFT" => Key::HasFlags(Flags::DRAFT),
        "FLAGGED" => Key::HasFlags(Flags::FLAGGED),
        "SEEN" => Key::HasFlags(Flags::SEEN),
        "UNANSWERED" => Key::LacksFlags(Flags::ANSWERED),
        "UNDELETED" => Key::LacksFlags(Flags::DELETED),
        "UNDRAFT" => Key::LacksFlags(Flags::DRAFT),
        "UNFLAGGED" => Key::LacksFlags(Flags::FLAGGED),
        "UNSEEN" => Key::LacksFlags(Flags::SEEN),
        "KEYWORD" => Key::HasKeyword(keyword(input)?),
        "UNKEYWORD" => Key::LacksKeyword(keyword(input)?),
        "RECENT" => Key::Recent,
        "OLD" => Key::Old,
        "NEW" => Key::New,
        "BEFORE" => Key::InternalDate(Comparison::Before, date(input)?),
        "ON" => Key::InternalDate(Comparison::On, date(input)?),
        "SINCE" => Key::InternalDate(Comparison::Since, date(input)?),
        "SENTBEFORE" => Key::SentDate(Comparison::Before, date(input)?),
        "SENTON" => Key::SentDate(Comparison::On, date(input)?),
        "SENTSINCE" => Key::SentDate(Comparison::Since, date(input)?),
        "SAVEDBEFORE" => Key::SaveDate(Comparison::Before, date(input)?),
        "SAVEDON" => Key::SaveDate(Comparison::On, date(input)?),
        "SAVEDSINCE" => Key::SaveDate(Comparison::Since, date(input)?),
        "SAVEDATESUPPORTED" => Key::SaveDateSupported,
        "OLDER" => Key::Older(argument(input, Input::nonzero)?),
        "YOUNGER" => Key::Younger(argument(input, Input::nonzero)?),
        "LARGER" => Key::Larger(argument(input, Input::number64)?),
        "SMALLER" => Key::Smaller(argument(input, Input::number64)?),
        "UID" => Key::Uid(argument(input, Input::sequence_set)?),
        "BCC" => Key::Field(SearchField::Bcc, octets(input)?),
        "CC" => Key::Field(SearchField::Cc, octets(input)?),
        "FROM" => Key::Field(SearchField::From, octets(input)?),
        "SUBJECT" => Key::Field(SearchField::Subject, octets(input)?),
        "TO" => Key::Field(SearchField::To, octets(input)?),
        "HEADER" => Key::Header(argument(input, Input::text)?.into_owned(), octets(input)?),
        "BODY" => Key::Body(octets(input)?),
        "TEXT" => Key::Text(octets(input)?),
        "MODSEQ" => Key::ModSeq(modseq(input)?),
        "EMAILID" => Key::EmailId(argument(input, Input::text)?.into_owned()),
        "THREADID" => Key::ThreadId(argument(input, Input::text)?.into_owned()),
        _ => return Ok(None),
    };
    Ok(Some(key))
}

/// `SP` and what `parse` reads.
fn argument<'a, T>(
    input: &mut Input<'a>,
    parse: impl FnOnce(&mut Input<'a>) -> Result<T, SyntaxError>,
) -> Result<T, SyntaxError> {
    input.space()?;
    parse(input)
}

fn date(input: &mut Input<'_>) -> Result<Date, SyntaxError> {
    argument(input, Date::parse)
}

fn octets(input: &mut Input<'_>) -> Result<Vec<u8>, SyntaxError> {
    argument(input, Input::astring).map(Cow::into_owned)
}

fn keyword(input: &mut Input<'_>) -> Result<Keyword, SyntaxError> {
    input.space()?;
    let no_keyword = input.error("a keyword");
    Keyword::new(input.atom().map_err(|_| no_keyword)?).map_err(|_| no_keyword)
}

/// ```abnf
/// search-modsequence = "MODSEQ" [SP entry-name SP entry-type-req] SP mod-sequence-valzer
/// ```
fn modseq(input: &mut Input<'_>) -> Result<ModSeq, SyntaxError> {
    input.space()?;
    if input.peek() == Some(b'"') {
        let no_entry = input.error("\"/flags/...\"");
        if !input.string()?.starts_with(b"/flags/") {
            return Err(no_entry);
        }
        input.space()?;
        let no_type = input.error("priv, shared or all");
        if !matches!(input.word(no_type.expected)?.as_str(), "PRIV" | "SHARED" | "ALL") {
            return Err(no_type);
        }
        input.space()?;
    }
    input.modseq()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::{read, refuses, set};
    use crate::command::{Body, Selected};

    fn search(text: &str) -> Search {
        match read(text) {
            Ok(Body::Selected(Selected::Search(search))) => search,
            other => panic!("{text}: {other:?}"),
        }
    }

    fn keys(text: &str) -> Vec<SearchKey> {
        search(&format!("SEARCH {text}")).keys
    }

    fn text(text: &str) -> Vec<u8> {
        text.as_bytes().to_vec()
    }

    #[test]
    fn every_key() {
        use SearchKey as Key;
        let day = Date::new(1994, 2, 1).unwrap();
        for (written, key) in [
            ("ALL", Key::All),
            ("answered", Key::HasFlags(Flags::ANSWERED)),
            ("UNDRAFT", Key::LacksFlags(Flags::DRAFT)),
            ("KEYWORD $Work", Key::HasKeyword(Keyword::new("$work").unwrap())),
            ("UNKEYWORD a", Key::LacksKeyword(Keyword::new("a").unwrap())),
            ("NEW", Key::New),
            ("SINCE 1-Feb-1994", Key::InternalDate(Comparison::Since, day)),
            ("SENTBEFORE \"1-Feb-1994\"", Key::SentDate(Comparison::Before, day)),
            ("SAVEDON 01-Feb-1994", Key::SaveDate(Comparison::On, day)),
            ("SAVEDATESUPPORTED", Key::SaveDateSupported),
            ("OLDER 3600", Key::Older(3600)),
            ("LARGER 0", Key::Larger(0)),
            ("2,4:7", Key::Sequence(set("2,4:7"))),
            ("*", Key::Sequence(set("*"))),
            ("$", Key::Sequence(SequenceSet::Saved)),
            ("UID 1:*", Key::Uid(set("1:*"))),
            ("UID $", Key::Uid(SequenceSet::Saved)),
            ("FROM \"Smith\"", Key::Field(SearchField::From, text("Smith"))),
            ("SUBJECT {3+}\r\nf(o", Key::Field(SearchField::Subject, text("f(o"))),
            ("HEADER Message-ID \"\"", Key::Header("Message-ID".to_owned(), vec![])),
            ("BODY a]", Key::Body(text("a]"))),
            ("TEXT \"ü\"", Key::Text(text("ü"))),
            ("MODSEQ 620162338", Key::ModSeq(ModSeq(620_162_338))),
            (r#"MODSEQ "/flags/\\draft" all 5"#, Key::ModSeq(ModSeq(5))), // RFC 4731 section 3.2
            ("EMAILID M6d99", Key::EmailId("M6d99".to_owned())),
            ("NOT SEEN", Key::Not(Box::new(Key::HasFlags(Flags::SEEN)))),
            ("NOT NOT SEEN", Key::HasFlags(Flags::SEEN)),
            ("OR 1 2", Key::Or(vec![Key::Sequence(set("1")), Key::Sequence(set("2"))])),
            ("(1 (2))", Key::And(vec![Key::Sequence(set("1")), Key::And(vec![Key::Sequence(set("2"))])])),
        ] {
            assert_eq!(keys(written), [key], "{written}");
        }
    }

    #[test]
    fn chains_of_or_are_flat() {
        let three: Vec<SearchKey> = ["1", "2", "3"].map(|number| SearchKey::Sequence(set(number))).into();
        assert_eq!(keys("OR 1 OR 2 3"), [SearchKey::Or(three.clone())]);
        assert_eq!(keys("OR OR 1 2 3"), [SearchKey::Or(three)]);
        let long = format!("{}9", "OR HEADER Message-ID <a@b> ".repeat(5000));
        let [SearchKey::Or(parts)] = &keys(&long)[..] else { panic!() };
        assert_eq!(parts.len(), 5001);
    }

    #[test]
    fn options_and_charset() {
        let all = ReturnOptions { all: true, ..ReturnOptions::default() };
        assert_eq!(search("SEARCH RETURN () FLAGGED").returns, Some(all));
        let options = search("UID SEARCH RETURN (min COUNT SAVE) CHARSET utf-8 ALL ").returns;
        let wanted = ReturnOptions { min: true, count: true, save: true, ..ReturnOptions::default() };
        assert_eq!(options, Some(wanted));
        let plain = search("SEARCH CHARSET \"ISO-8859-1\" FLAGGED 1:3 NOT FROM \"Smith\"");
        assert_eq!(
            (plain.returns, plain.charset.as_deref(), plain.keys.len()),
            (None, Some("ISO-8859-1"), 3)
        );
    }

    #[test]
    fn what_is_no_search_is_refused_where_it_stops() {
        refuses(&[
            ("SEARCH", 8),
            ("SEARCH ", 9),
            ("SEARCH X", 9),
            ("SEARCH ()", 10),
            ("SEARCH (ALL", 13),
            ("SEARCH NOT", 12),
            ("SEARCH OR 1", 13),
            ("SEARCH OR 1 ", 14),
            ("SEARCH FROM", 13),
            ("SEARCH SINCE yesterday", 15),
            ("SEARCH KEYWORD \\Seen", 17),
            ("SEARCH OLDER 0", 15),
            ("SEARCH UID a", 13),
            ("SEARCH RETURN (X) ALL", 17),
            ("SEARCH RETURN ()", 18),
            ("SEARCH CHARSET UTF-8", 22),
            ("SEARCH MODSEQ \"x\" all 1", 16),
            ("SEARCH ALL  ALL", 13),
        ]);
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "bombs are measured by the real clock")]
    fn nesting_and_number_are_bounded() {
        let started = std::time::Instant::now();
        for bomb in [
            "NOT (".repeat(5000) + "ALL",
            "OR ".repeat(5000) + "1 2",
            "(".repeat(100_000),
            "OR (".repeat(5000),
            "NOT ".repeat(100_000) + "ALL",
            "ALL ".repeat(100_000),
        ] {
            assert!(read(&format!("SEARCH {bomb}")).is_err());
        }
        assert!(read(&format!("SEARCH {}ALL", "NOT ".repeat(5000))).is_ok());
        assert!(read(&format!("SEARCH {}ALL{}", "(".repeat(64), ")".repeat(64))).is_ok());
        assert!(read(&format!("SEARCH {}ALL{}", "(".repeat(65), ")".repeat(65))).is_err());
        assert!(started.elapsed() < std::time::Duration::from_secs(2));
    }
}
