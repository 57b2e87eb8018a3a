//! Everything that is computed once, at ingest, and stored beside the bytes.

use crate::REFERENCES_MAX;
use crate::body_structure;
use crate::charset;
use crate::envelope::Head;
use crate::field;
use crate::message::Message;
use crate::summary::Summary;
use std::collections::HashSet;
use vocabulary::Timestamp;

/// Longest message id that is kept; longer ones cannot stand on a line (RFC 5322 section 2.1.1).
const ID_BYTES_MAX: usize = 998;

/// See [`describe`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// ENVELOPE (RFC 9051 section 7.5.2), parenthesised, pure ASCII: ready to send.
    pub envelope: Vec<u8>,
    /// BODYSTRUCTURE with extension data, ready to send.
    pub structure: Vec<u8>,
    /// BODY, the form without extension data, ready to send.
    pub structure_plain: Vec<u8>,
    /// Decoded fields for lists.
    pub summary: Summary,
    /// The beginning of the text, at most [`crate::PREVIEW_CHARS_MAX`] characters on one line.
    pub preview: String,
    /// Message-ID without `<>`.
    pub message_id: Option<String>,
    /// Ids of References, then In-Reply-To, without `<>` and doublets: the last
    /// [`crate::REFERENCES_MAX`].
    pub references: Vec<String>,
    /// Length of the header with its blank line: offset of the body.
    pub header_bytes: u32,
    /// `Date`.
    pub sent_at: Option<Timestamp>,
}

/// Describes a message. Any bytes are one; work is linear in their number.
#[must_use]
pub fn describe(bytes: &[u8]) -> Description {
    let message = Message::parse(bytes);
    let head_bytes = message.part(0).and_then(|part| message.head(part)).unwrap_or_default();
    let head = Head::read(head_bytes);
    let leaves = message.leaves();
    let summary = Summary::read(&message, &head, &leaves);
    let mut envelope = Vec::with_capacity(512);
    head.envelope(&mut envelope);
    Description {
        envelope,
        structure: body_structure::write(&message, true),
        structure_plain: body_structure::write(&message, false),
        preview: message.preview(&leaves),
        message_id: head.message_id.and_then(message_id),
        references: references(&head),
        header_bytes: u32::try_from(head_bytes.len()).unwrap_or(u32::MAX),
        sent_at: summary.date,
        summary,
    }
}

/// The moment of a Date field.
pub(crate) fn timestamp(raw: &[u8]) -> Option<Timestamp> {
    date_time(raw).map(|date| Timestamp::from_seconds(date.to_timestamp()))
}

/// A Date field as written; `None` if it is no date.
pub(crate) fn date_time(raw: &[u8]) -> Option<mail_parser::DateTime> {
    const DATE_BYTES_MAX: usize = 200;
    let text = field::unfold(raw.get(..DATE_BYTES_MAX).unwrap_or(raw));
    let mut date = mail_parser::DateTime::parse_rfc822(&charset::guess(&text))?;
    date.second = date.second.min(59); // RFC 5322 section 3.3 has leap seconds, we have none
    date.is_valid().then_some(date)
}

/// Days since 1970-01-01 of a day as [`crate::Message::sent_on`] gives it; `None` if there is no such day.
pub(crate) fn day_number((year, month, day): (u16, u8, u8)) -> Option<i64> {
    const DAY_S: i64 = 86_400;
    let midnight = mail_parser::DateTime { year, month, day, ..mail_parser::DateTime::from_timestamp(0) };
    let moment = midnight.to_timestamp();
    let again = mail_parser::DateTime::from_timestamp(moment);
    ((again.year, again.month, again.day) == (year, month, day)).then_some(moment.div_euclid(DAY_S))
}

fn message_id(raw: &[u8]) -> Option<String> {
    let mut ids = ids(raw);
    if ids.is_empty() {
        // Without `<>`: some send the bare id.
        let text = field::unfold(raw);
        let bare = text.split(u8::is_ascii_whitespace).next().unwrap_or_default();
        return (!bare.is_empty() && bare.len() <= ID_BYTES_MAX).then(|| charset::guess(bare).into_owned());
    }
    Some(ids.swap_remove(0))
}

fn references(head: &Head<'_>) -> Vec<String> {
    let all = [head.references, head.in_reply_to].into_iter().flatten().flat_map(ids);
    let mut seen = HashSet::new();
    let mut unique: Vec<String> = all.filter(|id| seen.insert(id.clone())).collect();
    let surplus = unique.len().saturating_sub(REFERENCES_MAX);
    unique.drain(..surplus);
    unique
}

/// What stands between `<` and `>`, without white space.
fn ids(raw: &[u8]) -> Vec<String> {
    let mut ids = Vec::new();
    for piece in raw.split(|b| *b == b'<').skip(1) {
        let Some(end) = memchr::memchr(b'>', piece) else { continue };
        let id: Vec<u8> =
            piece.iter().take(end).copied().filter(|b| !b.is_ascii_whitespace() && *b != 0).collect();
        if !id.is_empty() && id.len() <= ID_BYTES_MAX {
            ids.push(charset::guess(&id).into_owned());
        }
    }
    ids
}
