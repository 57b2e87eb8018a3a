//! Search keys, made ready: sets resolved, dates counted in days, texts folded.

use crate::completion::Completion;
use crate::mailbox::Mailbox;
use crate::view::Places;
use imap_wire::Numbering;
use imap_wire::command::{Comparison, SearchField, SearchKey};
use imap_wire::date::Date;
use imap_wire::response::Code;
use mime::search::{CONTENTS_MAX, Content, Expression, Field, Needle};
use std::ops::RangeInclusive;
use std::sync::Arc;
use vocabulary::{Flags, Keyword, ModSeq, Timestamp};

/// What a message must be.
#[derive(Debug)]
pub(crate) enum Test {
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

/// The keys of a SEARCH, made ready.
pub(crate) struct Compiled {
    pub(crate) test: Expression<Test>,
    /// At most [`CONTENTS_MAX`].
    pub(crate) contents: Arc<[Content]>,
    /// How many tests there are in all.
    pub(crate) count: usize,
}

/// All of these keys.
pub(crate) fn compile(keys: &[SearchKey], mailbox: &Mailbox, now: Timestamp) -> Result<Compiled, Completion> {
    let mut compiler = Compiler { mailbox, now, contents: Vec::new(), count: 0 };
    let test = Expression::All(compiler.each(keys)?);
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
    fn each(&mut self, keys: &[SearchKey]) -> Result<Vec<Expression<Test>>, Completion> {
        keys.iter().map(|key| self.of(key)).collect()
    }

    fn content(&mut self, content: Content) -> Result<Expression<Test>, Completion> {
        let known = self.contents.iter().position(|known| *known == content);
        if known.is_none() && self.contents.len() == CONTENTS_MAX {
            return Err(Completion::no(Code::Limit, "too many keys that look into messages"));
        }
        Ok(Expression::Leaf(Test::Content(known.unwrap_or_else(|| {
            self.contents.push(content);
            self.contents.len() - 1
        }))))
    }

    /// Nesting is bounded where keys are read.
    fn of(&mut self, key: &SearchKey) -> Result<Expression<Test>, Completion> {
        self.count += 1;
        let (mailbox, now) = (self.mailbox, self.now);
        Ok(Expression::Leaf(match key {
            SearchKey::All | SearchKey::SaveDateSupported | SearchKey::Old => {
                return Ok(Expression::Always(true));
            }
            // No message is ever recent (RFC 9051 appendix E).
            SearchKey::Recent | SearchKey::New => return Ok(Expression::Always(false)),
            SearchKey::And(keys) => return Ok(Expression::All(self.each(keys)?)),
            SearchKey::Or(keys) => return Ok(Expression::Any(self.each(keys)?)),
            SearchKey::Not(key) => return Ok(not(self.of(key)?)),
            SearchKey::Sequence(set) => Test::Among(mailbox.resolve(Numbering::Sequence, set)?),
            SearchKey::Uid(set) => Test::Among(mailbox.resolve(Numbering::Uid, set)?),
            SearchKey::HasFlags(flags) => Test::Has(*flags),
            SearchKey::LacksFlags(flags) => Test::Lacks(*flags),
            SearchKey::HasKeyword(keyword) => Test::HasKeyword(keyword.clone()),
            SearchKey::LacksKeyword(keyword) => {
                return Ok(not(Expression::Leaf(Test::HasKeyword(keyword.clone()))));
            }
            SearchKey::InternalDate(comparison, date) => Test::Received(*comparison, Date::days(*date)),
            SearchKey::SentDate(comparison, date) => {
                return self.content(Content::Sent(days(*comparison, Date::days(*date))));
            }
            SearchKey::SaveDate(comparison, date) => Test::Saved(*comparison, Date::days(*date)),
            SearchKey::Older(seconds) => Test::ReceivedBy(before(now, *seconds)),
            SearchKey::Younger(seconds) => Test::ReceivedFrom(before(now, *seconds)),
            SearchKey::Larger(octets) => Test::Larger(*octets),
            SearchKey::Smaller(octets) => Test::Smaller(*octets),
            SearchKey::ModSeq(modseq) => Test::ModSeq(*modseq),
            SearchKey::EmailId(id) => Test::EmailId(id.clone()),
            SearchKey::ThreadId(id) => Test::ThreadId(id.clone()),
            SearchKey::Field(field, text) => {
                return self.content(Content::Field(in_summary(*field), needle(text)?));
            }
            SearchKey::Header(name, text) if name.eq_ignore_ascii_case("subject") => {
                return self.content(Content::Field(Field::Subject, needle(text)?));
            }
            SearchKey::Header(name, text) => {
                return self.content(Content::Header(name.clone(), needle(text)?));
            }
            SearchKey::Body(text) => return self.content(Content::Body(needle(text)?)),
            SearchKey::Text(text) => return self.content(Content::Text(needle(text)?)),
        }))
    }
}

fn not(test: Expression<Test>) -> Expression<Test> {
    Expression::Not(Box::new(test))
}

fn in_summary(field: SearchField) -> Field {
    match field {
        SearchField::Subject => Field::Subject,
        SearchField::From => Field::From,
        SearchField::To => Field::To,
        SearchField::Cc => Field::Cc,
        SearchField::Bcc => Field::Bcc,
    }
}

/// RFC 9051 section 6.4.4: the date as written, whatever the zone.
fn days(comparison: Comparison, day: i64) -> RangeInclusive<i64> {
    match comparison {
        Comparison::Before => i64::MIN..=day - 1,
        Comparison::On => day..=day,
        Comparison::Since => day..=i64::MAX,
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
