//! Search keys, made ready: sets resolved, dates counted in days, texts folded.

use super::text::Needle;
use crate::completion::Completion;
use crate::mailbox::Mailbox;
use crate::view::Places;
use imap_wire::Numbering;
use imap_wire::command::{Comparison, SearchField, SearchKey};
use imap_wire::date::Date;
use imap_wire::response::Code;
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
    Sent(Comparison, i64),
    /// Received at or before.
    ReceivedBy(Timestamp),
    /// Received at or after.
    ReceivedFrom(Timestamp),
    Larger(u64),
    Smaller(u64),
    EmailId(String),
    ThreadId(String),
    Field(SearchField, Needle),
    Header(String, Needle),
    Body(Needle),
    Text(Needle),
}

impl Test {
    /// All of these keys.
    pub(crate) fn compile(keys: &[SearchKey], mailbox: &Mailbox, now: Timestamp) -> Result<Self, Completion> {
        let tests: Result<Vec<Self>, Completion> =
            keys.iter().map(|key| Self::of(key, mailbox, now)).collect();
        Ok(Self::All(tests?))
    }

    /// Nesting is bounded where keys are read.
    fn of(key: &SearchKey, mailbox: &Mailbox, now: Timestamp) -> Result<Self, Completion> {
        let each = |keys: &[SearchKey]| -> Result<Vec<Self>, Completion> {
            keys.iter().map(|key| Self::of(key, mailbox, now)).collect()
        };
        Ok(match key {
            SearchKey::All | SearchKey::SaveDateSupported | SearchKey::Old => Self::Always(true),
            // No message is ever recent (RFC 9051 appendix E).
            SearchKey::Recent | SearchKey::New => Self::Always(false),
            SearchKey::And(keys) => Self::All(each(keys)?),
            SearchKey::Or(keys) => Self::Any(each(keys)?),
            SearchKey::Not(key) => Self::Not(Box::new(Self::of(key, mailbox, now)?)),
            SearchKey::Sequence(set) => Self::Among(mailbox.resolve(Numbering::Sequence, set)?),
            SearchKey::Uid(set) => Self::Among(mailbox.resolve(Numbering::Uid, set)?),
            SearchKey::HasFlags(flags) => Self::Has(*flags),
            SearchKey::LacksFlags(flags) => Self::Lacks(*flags),
            SearchKey::HasKeyword(keyword) => Self::HasKeyword(keyword.clone()),
            SearchKey::LacksKeyword(keyword) => Self::Not(Box::new(Self::HasKeyword(keyword.clone()))),
            SearchKey::InternalDate(comparison, date) => Self::Received(*comparison, Date::days(*date)),
            SearchKey::SentDate(comparison, date) => Self::Sent(*comparison, Date::days(*date)),
            SearchKey::SaveDate(comparison, date) => Self::Saved(*comparison, Date::days(*date)),
            SearchKey::Older(seconds) => Self::ReceivedBy(before(now, *seconds)),
            SearchKey::Younger(seconds) => Self::ReceivedFrom(before(now, *seconds)),
            SearchKey::Larger(octets) => Self::Larger(*octets),
            SearchKey::Smaller(octets) => Self::Smaller(*octets),
            SearchKey::ModSeq(modseq) => Self::ModSeq(*modseq),
            SearchKey::EmailId(id) => Self::EmailId(id.clone()),
            SearchKey::ThreadId(id) => Self::ThreadId(id.clone()),
            SearchKey::Field(field, text) => Self::Field(*field, needle(text)?),
            SearchKey::Header(name, text) if name.eq_ignore_ascii_case("subject") => {
                Self::Field(SearchField::Subject, needle(text)?)
            }
            SearchKey::Header(name, text) => Self::Header(name.clone(), needle(text)?),
            SearchKey::Body(text) => Self::Body(needle(text)?),
            SearchKey::Text(text) => Self::Text(needle(text)?),
        })
    }

    /// Whether what was parsed when the message came in helps.
    pub(crate) fn wants_parsed(&self) -> bool {
        match self {
            Self::All(tests) | Self::Any(tests) => tests.iter().any(Self::wants_parsed),
            Self::Not(test) => test.wants_parsed(),
            Self::Field(..) | Self::Sent(..) => true,
            _ => false,
        }
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
