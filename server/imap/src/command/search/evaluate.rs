//! Tests a message with what is at hand; `None` where more must be read.

use super::test::{Content, Test, compares};
use super::text::{Haystack, Needle};
use crate::object_id;
use crate::view::{Row, View};
use imap_wire::command::{Comparison, SearchField};
use imap_wire::date::Date;
use mime::{Mailbox, Message, Summary};
use storage::{Item, Parsed};
use vocabulary::{AccountId, Timestamp};

const DAY_S: i64 = 86_400;
/// No zone is further from Greenwich: a day more or less decides.
const ZONE_DAYS: i64 = 1;
/// A subject that is as long as this may have been cut off in the summary.
const SUBJECT_WHOLE_BYTES_MAX: usize = 4_000;

/// One message, as far as it was read.
pub(crate) struct Known<'k> {
    pub(crate) view: &'k View,
    pub(crate) place: usize,
    pub(crate) row: &'k Row,
    pub(crate) deep: Deep<'k>,
}

/// How far.
pub(crate) enum Deep<'k> {
    View,
    Item { account: AccountId, item: &'k Item, facts: Facts },
}

/// What is known of the contents that are asked for, each a bit.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Facts {
    decided: u64,
    found: u64,
}

impl Facts {
    /// What the summary tells.
    pub(crate) fn of_summary(contents: &[Content], parsed: Option<&Parsed>) -> Self {
        let mut facts = Self::default();
        if contents.is_empty() {
            return facts;
        }
        let Some(summary) = parsed.and_then(|parsed| Summary::from_bytes(&parsed.summary)) else {
            return facts;
        };
        for (at, content) in contents.iter().enumerate() {
            let verdict = match content {
                Content::Sent(comparison, day) => sent(*comparison, *day, &summary),
                Content::Field(field, needle) => by_field(*field, needle, &summary),
                Content::Header(..) | Content::Body(_) | Content::Text(_) => None,
            };
            if let Some(verdict) = verdict {
                facts.learn(at, verdict);
            }
        }
        facts
    }

    /// Decides the rest by the bytes. The texts are decoded once for all that is asked.
    pub(crate) fn read(&mut self, contents: &[Content], bytes: &[u8]) {
        let message = Message::parse(bytes);
        let (mut in_head, mut in_text) = (Vec::new(), Vec::new());
        for (at, content) in contents.iter().enumerate() {
            if self.verdict(at).is_some() {
                continue;
            }
            match content {
                Content::Sent(comparison, day) => {
                    // RFC 9051 section 6.4.4: the date as written, whatever the zone.
                    let written = message.sent_on();
                    let date = written.and_then(|(year, month, day)| Date::new(year, month, day));
                    self.learn(at, date.is_some_and(|date| compares(*comparison, date.days(), *day)));
                }
                Content::Field(field, needle) => self.learn(at, in_header(&message, name(*field), needle)),
                Content::Header(name, needle) => self.learn(at, in_header(&message, name, needle)),
                Content::Body(needle) => in_text.push((at, needle)),
                Content::Text(needle) => {
                    in_head.push((at, needle));
                    in_text.push((at, needle));
                }
            }
        }
        if !in_head.is_empty() {
            message.searchable_header(|text| self.look(&mut in_head, text));
        }
        in_text.retain(|(at, _)| self.verdict(*at).is_none());
        if !in_text.is_empty() {
            message.searchable_text(|text| self.look(&mut in_text, text));
        }
        for (at, _) in in_text {
            self.learn(at, false);
        }
    }

    /// What is found is not looked for again.
    fn look(&mut self, wanted: &mut Vec<(usize, &Needle)>, text: &str) {
        if wanted.is_empty() {
            return;
        }
        let hay = Haystack::new(text);
        wanted.retain(|(at, needle)| {
            let found = needle.is_among(&hay);
            if found {
                self.learn(*at, true);
            }
            !found
        });
    }

    fn learn(&mut self, at: usize, verdict: bool) {
        self.decided |= 1 << at;
        self.found |= u64::from(verdict) << at;
    }

    fn verdict(self, at: usize) -> Option<bool> {
        (self.decided >> at & 1 == 1).then_some(self.found >> at & 1 == 1)
    }
}

/// Nesting is bounded where keys are read.
pub(crate) fn run(test: &Test, known: &Known<'_>) -> Option<bool> {
    match test {
        Test::Always(verdict) => Some(*verdict),
        Test::All(tests) => all(tests, known, false),
        Test::Any(tests) => all(tests, known, true),
        Test::Not(test) => run(test, known).map(|verdict| !verdict),
        Test::Among(places) => {
            let after = places.partition_point(|places| places.start <= known.place);
            let within = after.checked_sub(1).and_then(|at| places.get(at));
            Some(within.is_some_and(|places| places.contains(&known.place)))
        }
        Test::Has(flags) => Some(known.row.flags.contains(*flags)),
        Test::Lacks(flags) => Some((known.row.flags & *flags).is_empty()),
        Test::HasKeyword(keyword) => Some(known.view.keywords(known.row).any(|one| one == keyword)),
        Test::ModSeq(modseq) => Some(known.row.modseq >= *modseq),
        _ => by_rows(test, known),
    }
}

/// Of several tests, any that gives `decisive` decides; without one all must be decided.
fn all(tests: &[Test], known: &Known<'_>, decisive: bool) -> Option<bool> {
    let mut undecided = false;
    for test in tests {
        match run(test, known) {
            Some(verdict) if verdict == decisive => return Some(decisive),
            Some(_) => {}
            None => undecided = true,
        }
    }
    if undecided { None } else { Some(!decisive) }
}

fn by_rows(test: &Test, known: &Known<'_>) -> Option<bool> {
    let Deep::Item { account, item, facts } = &known.deep else { return None };
    let size = item.size_bytes.unsigned_abs();
    Some(match test {
        Test::Received(comparison, day) => compares(*comparison, day_of(item.received_at), *day),
        Test::Saved(comparison, day) => compares(*comparison, day_of(item.saved_at), *day),
        Test::ReceivedBy(moment) => item.received_at <= *moment,
        Test::ReceivedFrom(moment) => item.received_at >= *moment,
        Test::Larger(octets) => size > *octets,
        Test::Smaller(octets) => size < *octets,
        Test::EmailId(id) => *id == object_id::email(*account, item.id),
        Test::ThreadId(id) => *id == object_id::thread(*account, item.thread),
        Test::Content(at) => return facts.verdict(*at),
        _ => return None,
    })
}

fn day_of(moment: Timestamp) -> i64 {
    moment.seconds().div_euclid(DAY_S)
}

fn name(field: SearchField) -> &'static str {
    match field {
        SearchField::Subject => "Subject",
        SearchField::From => "From",
        SearchField::To => "To",
        SearchField::Cc => "Cc",
        SearchField::Bcc => "Bcc",
    }
}

/// The structure's own fields: decoded when the message came in.
fn by_field(field: SearchField, needle: &Needle, summary: &Summary) -> Option<bool> {
    let listed: &[Mailbox] = match field {
        SearchField::Subject => {
            let subject = &summary.subject;
            if !subject.is_empty() && needle.is_in(subject) {
                return Some(true);
            }
            let whole = !subject.is_empty() && subject.len() < SUBJECT_WHOLE_BYTES_MAX;
            return whole.then_some(false);
        }
        SearchField::From => &summary.from,
        SearchField::To => &summary.to,
        SearchField::Cc => &summary.cc,
        SearchField::Bcc => &summary.bcc,
    };
    if listed.iter().any(|one| needle.is_in(&format!("{} <{}>", one.name, one.address))) {
        return Some(true);
    }
    // Groups, comments and very long lists are only in the bytes.
    let whole = !listed.is_empty() && listed.len() < mime::SUMMARY_ADDRESSES_MAX;
    whole.then_some(false)
}

/// Decides unless the zone matters, which only the bytes tell.
fn sent(comparison: Comparison, day: i64, summary: &Summary) -> Option<bool> {
    let at_greenwich = day_of(summary.date?);
    let within = |shift: i64| compares(comparison, at_greenwich + shift, day);
    let (earliest, here, latest) = (within(-ZONE_DAYS), within(0), within(ZONE_DAYS));
    (earliest == here && here == latest).then_some(here)
}

/// The empty text asks whether there is such a field.
fn in_header(message: &Message<'_>, name: &str, needle: &Needle) -> bool {
    message.header_values(name).iter().any(|value| needle.is_in(value))
}
