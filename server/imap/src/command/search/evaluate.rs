//! Tests a message with what is at hand; `None` where more must be read.

use super::test::{Test, compares};
use super::text::Needle;
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
    Rows { account: AccountId, item: &'k Item, parsed: Option<&'k Parsed> },
    Content { account: AccountId, item: &'k Item, parsed: Option<&'k Parsed>, message: &'k Message<'k> },
}

impl<'k> Known<'k> {
    fn item(&self) -> Option<(AccountId, &'k Item)> {
        match self.deep {
            Deep::View => None,
            Deep::Rows { account, item, .. } | Deep::Content { account, item, .. } => Some((account, item)),
        }
    }

    fn summary(&self) -> Option<Summary> {
        match self.deep {
            Deep::View => None,
            Deep::Rows { parsed, .. } | Deep::Content { parsed, .. } => {
                parsed.and_then(|parsed| Summary::from_bytes(&parsed.summary))
            }
        }
    }

    fn message(&self) -> Option<&'k Message<'k>> {
        match self.deep {
            Deep::View | Deep::Rows { .. } => None,
            Deep::Content { message, .. } => Some(message),
        }
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
    let (account, item) = known.item()?;
    let size = item.size_bytes.unsigned_abs();
    match test {
        Test::Received(comparison, day) => Some(compares(*comparison, day_of(item.received_at), *day)),
        Test::Saved(comparison, day) => Some(compares(*comparison, day_of(item.saved_at), *day)),
        Test::ReceivedBy(moment) => Some(item.received_at <= *moment),
        Test::ReceivedFrom(moment) => Some(item.received_at >= *moment),
        Test::Larger(octets) => Some(size > *octets),
        Test::Smaller(octets) => Some(size < *octets),
        Test::EmailId(id) => Some(*id == object_id::email(account, item.id)),
        Test::ThreadId(id) => Some(*id == object_id::thread(account, item.thread)),
        Test::Field(field, needle) => by_field(*field, needle, known),
        Test::Sent(comparison, day) => sent(*comparison, *day, known),
        _ => by_bytes(test, known.message()?),
    }
}

fn day_of(moment: Timestamp) -> i64 {
    moment.seconds().div_euclid(DAY_S)
}

/// The structure's own fields: decoded when the message came in.
fn by_field(field: SearchField, needle: &Needle, known: &Known<'_>) -> Option<bool> {
    let in_bytes = |name: &str| known.message().map(|message| in_header(message, name, needle));
    let (name, mailboxes): (&str, fn(&Summary) -> &[Mailbox]) = match field {
        SearchField::Subject => {
            let subject = known.summary()?.subject;
            if !subject.is_empty() && needle.is_in(&subject) {
                return Some(true);
            }
            let whole = !subject.is_empty() && subject.len() < SUBJECT_WHOLE_BYTES_MAX;
            return if whole { Some(false) } else { in_bytes("Subject") };
        }
        SearchField::From => ("From", |summary| &summary.from),
        SearchField::To => ("To", |summary| &summary.to),
        SearchField::Cc => ("Cc", |summary| &summary.cc),
        SearchField::Bcc => ("Bcc", |summary| &summary.bcc),
    };
    let summary = known.summary()?;
    let listed = mailboxes(&summary);
    let found = listed.iter().any(|one| needle.is_in(&format!("{} <{}>", one.name, one.address)));
    // Groups, comments and very long lists are only in the bytes.
    if found {
        Some(true)
    } else if listed.is_empty() || listed.len() >= mime::SUMMARY_ADDRESSES_MAX {
        in_bytes(name)
    } else {
        Some(false)
    }
}

/// RFC 9051 section 6.4.4: the date as written, whatever the zone.
fn sent(comparison: Comparison, day: i64, known: &Known<'_>) -> Option<bool> {
    if let Some(message) = known.message() {
        let written = message.sent_on().and_then(|(year, month, day)| Date::new(year, month, day));
        return Some(written.is_some_and(|date| compares(comparison, date.days(), day)));
    }
    let at_greenwich = day_of(known.summary()?.date?);
    let within = |shift: i64| compares(comparison, at_greenwich + shift, day);
    let (earliest, here, latest) = (within(-ZONE_DAYS), within(0), within(ZONE_DAYS));
    (earliest == here && here == latest).then_some(here)
}

fn by_bytes(test: &Test, message: &Message<'_>) -> Option<bool> {
    let mut found = false;
    match test {
        Test::Header(name, needle) => found = in_header(message, name, needle),
        Test::Body(needle) => message.searchable_text(|text| found = found || needle.is_in(text)),
        Test::Text(needle) => {
            message.searchable_header(|text| found = found || needle.is_in(text));
            if !found {
                message.searchable_text(|text| found = found || needle.is_in(text));
            }
        }
        _ => return None,
    }
    Some(found)
}

/// The empty text asks whether there is such a field.
fn in_header(message: &Message<'_>, name: &str, needle: &Needle) -> bool {
    message.header_values(name).iter().any(|value| needle.is_in(value))
}
