//! What is looked for within a message, and what is known of it.

use std::ops::RangeInclusive;

use vocabulary::Timestamp;

use super::text::{Haystack, Needle};
use crate::describe::{day_number, describe};
use crate::html::strip;
use crate::{Mailbox, Message, SUMMARY_ADDRESSES_MAX, Summary};

const DAY_S: i64 = 86_400;
/// No zone is further from Greenwich: a day more or less decides.
const ZONE_DAYS: i64 = 1;
/// A subject that is as long as this may have been cut off in the summary.
const SUBJECT_WHOLE_BYTES_MAX: usize = 4_000;

/// Most contents that one search looks for: their verdicts are the bits of a word.
pub const CONTENTS_MAX: usize = 64;

/// A field that the summary holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// `Subject`
    Subject,
    /// `From`
    From,
    /// `To`
    To,
    /// `Cc`
    Cc,
    /// `Bcc`
    Bcc,
}

/// What a message must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// It was sent on one of these days since 1970, as written, whatever the zone.
    Sent(RangeInclusive<i64>),
    /// A field of the summary holds the text.
    Field(Field, Needle),
    /// A field of any name holds the text; the empty text asks whether there is such a field.
    Header(String, Needle),
    /// Any text of it, as stored: those of embedded messages, HTML with its tags, and the names of attachments.
    Body(Needle),
    /// The same, and its whole header.
    Text(Needle),
    /// The text that is read of it: plain, or what HTML shows if there is no other.
    Shown(Needle),
    /// The name of an attachment.
    Attachment(Needle),
    /// What a reader sees of it: Subject, From, To, Cc, [`Content::Shown`] or [`Content::Attachment`].
    Seen(Needle),
    /// There is an attachment that does not belong to the text.
    HasAttachments,
}

/// The fields of [`Content::Seen`].
const SEEN: [Field; 4] = [Field::Subject, Field::From, Field::To, Field::Cc];

/// What is known of the contents that are asked for, each a bit.
#[derive(Debug, Clone, Copy, Default)]
pub struct Facts {
    decided: u64,
    found: u64,
    summarised: bool,
}

impl Facts {
    /// What the summary tells; `None` if there is none.
    #[must_use]
    pub fn of_summary(contents: &[Content], summary: Option<&Summary>) -> Self {
        let mut facts = Self::default();
        if let Some(summary) = summary {
            facts.learn_summary(contents, summary);
        }
        facts
    }

    fn learn_summary(&mut self, contents: &[Content], summary: &Summary) {
        self.summarised = true;
        for (at, content) in contents.iter().enumerate() {
            if let Some(verdict) = by_summary(content, summary) {
                self.learn(at, verdict);
            }
        }
    }

    /// Decides the rest by the bytes. The texts are decoded once for all that is asked.
    pub fn read(&mut self, contents: &[Content], bytes: &[u8]) {
        if !self.summarised {
            self.learn_summary(contents, &describe(bytes).summary);
        }
        let message = Message::parse(bytes);
        let (mut in_head, mut in_text, mut in_shown) = (Vec::new(), Vec::new(), Vec::new());
        for (at, content) in contents.iter().enumerate() {
            if self.verdict(at).is_some() {
                continue;
            }
            match content {
                Content::Sent(days) => {
                    let written = message.sent_on().and_then(day_number);
                    self.learn(at, written.is_some_and(|day| days.contains(&day)));
                }
                Content::Field(field, needle) => self.learn(at, in_header(&message, name(*field), needle)),
                Content::Header(name, needle) => self.learn(at, in_header(&message, name, needle)),
                Content::Body(needle) => in_text.push((at, needle)),
                Content::Text(needle) => {
                    in_head.push((at, needle));
                    in_text.push((at, needle));
                }
                Content::Shown(needle) => in_shown.push((at, needle)),
                Content::Seen(needle)
                    if SEEN.iter().any(|field| in_header(&message, name(*field), needle)) =>
                {
                    self.learn(at, true);
                }
                Content::Seen(needle) => in_shown.push((at, needle)),
                // The summary knows.
                Content::Attachment(_) | Content::HasAttachments => self.learn(at, false),
            }
        }
        if !in_head.is_empty() {
            message.searchable_header(|text| self.look(&mut in_head, text));
        }
        in_text.retain(|(at, _)| self.verdict(*at).is_none());
        if !in_text.is_empty() {
            message.searchable_text(|text| self.look(&mut in_text, text));
        }
        if !in_shown.is_empty() {
            let shown = message.text_body();
            let shown = shown.or_else(|| message.html_body().map(|html| strip(&html)));
            self.look(&mut in_shown, &shown.unwrap_or_default());
        }
        for (at, _) in in_text.into_iter().chain(in_shown) {
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

    /// Notes the verdict on the content at a place below [`CONTENTS_MAX`].
    pub fn learn(&mut self, at: usize, verdict: bool) {
        self.decided |= 1 << at;
        self.found |= u64::from(verdict) << at;
    }

    /// The verdict on the content at a place, if it is known.
    #[must_use]
    pub fn verdict(self, at: usize) -> Option<bool> {
        (self.decided >> at & 1 == 1).then_some(self.found >> at & 1 == 1)
    }
}

fn by_summary(content: &Content, summary: &Summary) -> Option<bool> {
    match content {
        Content::Sent(days) => sent(days, summary),
        Content::Field(field, needle) => by_field(*field, needle, summary),
        Content::Attachment(needle) => Some(is_attached(needle, summary)),
        Content::HasAttachments => Some(summary.has_attachments()),
        Content::Seen(needle) => {
            let in_field = SEEN.iter().any(|field| by_field(*field, needle, summary) == Some(true));
            (in_field || is_attached(needle, summary)).then_some(true)
        }
        Content::Header(..) | Content::Body(_) | Content::Text(_) | Content::Shown(_) => None,
    }
}

fn is_attached(needle: &Needle, summary: &Summary) -> bool {
    summary.attachments.iter().any(|file| needle.is_in(&file.name))
}

/// The structure's own fields: decoded when the message came in.
fn by_field(field: Field, needle: &Needle, summary: &Summary) -> Option<bool> {
    let listed: &[Mailbox] = match field {
        Field::Subject => {
            let subject = &summary.subject;
            if !subject.is_empty() && needle.is_in(subject) {
                return Some(true);
            }
            let whole = !subject.is_empty() && subject.len() < SUBJECT_WHOLE_BYTES_MAX;
            return whole.then_some(false);
        }
        Field::From => &summary.from,
        Field::To => &summary.to,
        Field::Cc => &summary.cc,
        Field::Bcc => &summary.bcc,
    };
    if listed.iter().any(|one| needle.is_in(&format!("{} <{}>", one.name, one.address))) {
        return Some(true);
    }
    // Groups, comments and very long lists are only in the bytes.
    let whole = !listed.is_empty() && listed.len() < SUMMARY_ADDRESSES_MAX;
    whole.then_some(false)
}

/// Decides unless the zone matters, which only the bytes tell.
fn sent(days: &RangeInclusive<i64>, summary: &Summary) -> Option<bool> {
    let at_greenwich = day_of(summary.date?);
    let within = |shift: i64| days.contains(&(at_greenwich + shift));
    let (earliest, here, latest) = (within(-ZONE_DAYS), within(0), within(ZONE_DAYS));
    (earliest == here && here == latest).then_some(here)
}

fn day_of(moment: Timestamp) -> i64 {
    moment.seconds().div_euclid(DAY_S)
}

fn name(field: Field) -> &'static str {
    match field {
        Field::Subject => "Subject",
        Field::From => "From",
        Field::To => "To",
        Field::Cc => "Cc",
        Field::Bcc => "Bcc",
    }
}

/// The empty text asks whether there is such a field.
fn in_header(message: &Message<'_>, name: &str, needle: &Needle) -> bool {
    message.header_values(name).iter().any(|value| needle.is_in(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAIL: &str = "From: Ben <ben@x.test>\r\nTo: Anna <anna@x.test>\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n\
        Date: Tue, 3 Mar 2026 23:30:00 -0500\r\nX-Spam: hidden\r\nMIME-Version: 1.0\r\n\
        Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n\
        <p class=table><b>Fish</b>ing &amp; <i>rest</i></p>\r\n--b\r\nContent-Type: text/plain; name=list.txt\r\n\
        Content-Disposition: attachment; filename=list.txt\r\n\r\nworms\r\n--b--\r\n";

    fn verdicts(contents: &[Content], summary: Option<&Summary>) -> Vec<(Option<bool>, Option<bool>)> {
        let known = Facts::of_summary(contents, summary);
        let mut read = known;
        read.read(contents, MAIL.as_bytes());
        (0..contents.len()).map(|at| (known.verdict(at), read.verdict(at))).collect()
    }

    #[test]
    fn the_summary_decides_what_it_can_and_the_bytes_the_rest() {
        let needle = Needle::new;
        let contents = [
            Content::Field(Field::Subject, needle("grÜß")),
            Content::Field(Field::From, needle("anna")),
            Content::Field(Field::Cc, needle("anna")),
            Content::Header("X-Spam".to_owned(), needle("HID")),
            Content::Body(needle("worms")),
            Content::Text(needle("x-spam")),
            Content::Shown(needle("fishing & rest")),
            Content::Shown(needle("table")),
            Content::Body(needle("table")),
            Content::Attachment(needle("LIST")),
            Content::Attachment(needle("worms")),
            Content::Seen(needle("ben")),
            Content::Seen(needle("list.txt")),
            Content::Seen(needle("fishing")),
            Content::Seen(needle("hidden")),
            Content::HasAttachments,
            Content::Sent(20_515..=20_515),
            Content::Sent(20_515 + 9..=i64::MAX),
        ];
        let summary = describe(MAIL.as_bytes()).summary;
        let by_both = verdicts(&contents, Some(&summary));
        let expected = [
            (Some(true), true),
            (Some(false), false),
            (None, false),
            (None, true),
            (None, true),
            (None, true),
            (None, true),
            (None, false),
            (None, true),
            (Some(true), true),
            (Some(false), false),
            (Some(true), true),
            (Some(true), true),
            (None, true),
            (None, false),
            (Some(true), true),
            (None, true),
            (Some(false), false),
        ];
        let expected = expected.map(|(known, read)| (known, Some(read)));
        assert_eq!(by_both, expected);
        let by_bytes = verdicts(&contents, None);
        assert!(by_bytes.iter().all(|(known, _)| known.is_none()));
        assert!(by_bytes.iter().map(|(_, read)| read).eq(expected.iter().map(|(_, read)| read)));
    }

    #[test]
    fn a_day_that_does_not_exist_was_never_sent_on() {
        assert_eq!(day_number((1970, 1, 2)), Some(1));
        assert_eq!(day_number((2026, 2, 30)), None);
        assert_eq!(day_number((2024, 2, 29)), Some(19_782));
    }
}
