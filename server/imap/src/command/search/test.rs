//! Search keys, made ready: sets resolved, dates counted in days, texts folded.

use super::text::Needle;
use crate::completion::Completion;
use crate::mailbox::Mailbox;
use crate::view::Places;
use imap_wire::Numbering;
use imap_wire::command::{Comparison, SearchField, SearchKey};
use imap_wire::date::Date;
use imap_wire::response::Code;
use std::sync::Arc;
use vocabulary::{Flags, Keyword, ModSeq, Timestamp};

/// What a message must be.
#[derive(Debug)]
pub(crate) enum Test {
    Always(bool),
    All(Vec<Test>),
    Any(Vec<Test>),
    Not(Box<Test>),
    Among(Places),
    Has(Flags),
    Lacks(Flags),
    HasKeyword(Keyword),
    ModSeq(ModSeq),
    Received(Comparison, i64),
    Saved(Comparison, i64),
    /// Received at or before.
    ReceivedBy(Timestamp),
    /// Received at or after.
    ReceivedFrom(Timestamp),
    Larger(u64),
    Smaller(u64),
    EmailId(String),
    ThreadId(String),
    /// One of [`Compiled::contents`].
    Content(usize),
}

/// What a message must hold: it was parsed when it came in, or its bytes must be read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Content {
    Sent(Comparison, i64),
    Field(SearchField, Needle),
    Header(String, Needle),
    Body(Needle),
    Text(Needle),
}

/// The keys of a SEARCH, made ready.
pub(crate) struct Compiled {
    pub(crate) test: Test,
    /// At most [`CONTENTS_MAX`].
    pub(crate) contents: Arc<[Content]>,
    /// How many tests there are in all.
    pub(crate) count: usize,
}

/// Most different keys that look into a message: their verdicts are the bits of a word.
pub(crate) const CONTENTS_MAX: usize = 64;

/// All of these keys.
pub(crate) fn compile(keys: &[SearchKey], mailbox: &Mailbox, now: Timestamp) -> Result<Compiled, Completion> {
    let mut compiler = Compiler { mailbox, now, contents: Vec::new(), count: 0 };
    let test = Test::All(compiler.each(keys)?);
    let Compiler { contents, count, .. } = compiler;
    Ok(Compiled { test, contents: contents.into(), count })
}

struct Compiler<'m> {
    mailbox: &'m Mailbox,
    now: Timestamp,
    contents: Vec<Content>,
    count: usize,
}

impl Compiler<'_> {
    fn each(&mut self, keys: &[SearchKey]) -> Result<Vec<Test>, Completion> {
        keys.iter().map(|key| self.of(key)).collect()
    }

    fn content(&mut self, content: Content) -> Result<Test, Completion> {
        let known = self.contents.iter().position(|known| *known == content);
        if known.is_none() && self.contents.len() == CONTENTS_MAX {
            return Err(Completion::no(Code::Limit, "too many keys that look into messages"));
        }
        Ok(Test::Content(known.unwrap_or_else(|| {
            self.contents.push(content);
            self.contents.len() - 1
        })))
    }

    /// Nesting is bounded where keys are read.
    fn of(&mut self, key: &SearchKey) -> Result<Test, Completion> {
        self.count += 1;
        let (mailbox, now) = (self.mailbox, self.now);
        Ok(match key {
            SearchKey::All | SearchKey::SaveDateSupported | SearchKey::Old => Test::Always(true),
            // No message is ever recent (RFC 9051 appendix E).
            SearchKey::Recent | SearchKey::New => Test::Always(false),
            SearchKey::And(keys) => Test::All(self.each(keys)?),
            SearchKey::Or(keys) => Test::Any(self.each(keys)?),
            SearchKey::Not(key) => Test::Not(Box::new(self.of(key)?)),
            SearchKey::Sequence(set) => Test::Among(mailbox.resolve(Numbering::Sequence, set)?),
            SearchKey::Uid(set) => Test::Among(mailbox.resolve(Numbering::Uid, set)?),
            SearchKey::HasFlags(flags) => Test::Has(*flags),
            SearchKey::LacksFlags(flags) => Test::Lacks(*flags),
            SearchKey::HasKeyword(keyword) => Test::HasKeyword(keyword.clone()),
            SearchKey::LacksKeyword(keyword) => Test::Not(Box::new(Test::HasKeyword(keyword.clone()))),
            SearchKey::InternalDate(comparison, date) => Test::Received(*comparison, Date::days(*date)),
            SearchKey::SentDate(comparison, date) => {
                self.content(Content::Sent(*comparison, Date::days(*date)))?
            }
            SearchKey::SaveDate(comparison, date) => Test::Saved(*comparison, Date::days(*date)),
            SearchKey::Older(seconds) => Test::ReceivedBy(before(now, *seconds)),
            SearchKey::Younger(seconds) => Test::ReceivedFrom(before(now, *seconds)),
            SearchKey::Larger(octets) => Test::Larger(*octets),
            SearchKey::Smaller(octets) => Test::Smaller(*octets),
            SearchKey::ModSeq(modseq) => Test::ModSeq(*modseq),
            SearchKey::EmailId(id) => Test::EmailId(id.clone()),
            SearchKey::ThreadId(id) => Test::ThreadId(id.clone()),
            SearchKey::Field(field, text) => self.content(Content::Field(*field, needle(text)?))?,
            SearchKey::Header(name, text) if name.eq_ignore_ascii_case("subject") => {
                self.content(Content::Field(SearchField::Subject, needle(text)?))?
            }
            SearchKey::Header(name, text) => self.content(Content::Header(name.clone(), needle(text)?))?,
            SearchKey::Body(text) => self.content(Content::Body(needle(text)?))?,
            SearchKey::Text(text) => self.content(Content::Text(needle(text)?))?,
        })
    }
}

fn before(now: Timestamp, seconds: u32) -> Timestamp {
    Timestamp(now.0.saturating_sub(i64::from(seconds) * 1000))
}

fn needle(text: &[u8]) -> Result<Needle, Completion> {
    let text = std::str::from_utf8(text)
        .map_err(|_| Completion::no(Code::BadCharset(super::CHARSETS), "the text is not UTF-8"))?;
    Ok(Needle::new(text))
}

/// How days compare.
pub(crate) fn compares(comparison: Comparison, day: i64, with: i64) -> bool {
    match comparison {
        Comparison::Before => day < with,
        Comparison::On => day == with,
        Comparison::Since => day >= with,
    }
}
