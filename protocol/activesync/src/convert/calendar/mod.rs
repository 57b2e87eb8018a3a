//! Events: VEVENT and MS-ASCAL.
//!
//! Liberties:
//! - A rule that ActiveSync cannot say (`rule.rs`), several rules and RDATE are shown as a series of other days with
//!   exceptions (`carrier.rs`): for about a year, at most 250 slots, and one occurrence of a day. The view is that of
//!   the month: [`month_of`]. What is stored stays, and keeps its days; a client may rename it, move it to another time
//!   of day if one plain rule says all of it, end it earlier, change and delete its occurrences, or give it another
//!   rule. What becomes of the rest it is told again: [`is_as_sent`]. A client that splits such a series makes a new
//!   one of the carrier's rule, for it knows no other.
//! - RDATE that is older than a month or more than a year ahead, beside a rule that can be said, is not shown.
//! - Single occurrences without their series are shown as a series of just these (`gathered.rs`).
//! - COUNT above 999 is shown as a series without end.
//! - THISANDFUTURE is shown for its first occurrence only.
//! - At most 256 exceptions are shown, the latest.
//! - An Exceptions element changes the exceptions that it names and leaves the others alone (MS-ASCAL R542).
//!
//! What is absent: attachments of exceptions, proposed times, online meeting links.

mod carrier;
mod change;
mod days;
mod exception;
mod files;
mod gathered;
mod new_times;
mod occurrence;
mod overlay;
mod people;
mod series;
mod show;
mod shown;
mod status;
mod times;
mod whole_days;
mod write;

pub use carrier::DAYS_TOLD;

use calendar::{Object, Zone};
use vocabulary::Timestamp;
use wbxml::{Limits, Writer as Document, decode};

use crate::body::BodyPreference;
use crate::item::calendar::Event;
use crate::item::{ConversionError, Destination, Selection, Sent, Supported};
use crate::version::Version;

/// Who looks at a calendar.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    /// Which elements there are.
    pub version: Version,
    /// Where floating times and days are, and the zone of events in UTC.
    pub zone: &'a Zone,
    /// The moment of looking: its month chooses the rules of a series' zone, and what is told of one by a carrier.
    pub now: Timestamp,
    /// Addresses of the calendar's owner, the main one first: they tell organizer and attendee.
    pub addresses: &'a [&'a str],
    /// The owner's name.
    pub name: &'a str,
    /// In which forms notes are wanted.
    pub preferences: &'a [BodyPreference],
}

/// Who changes a calendar.
#[derive(Debug, Clone, Copy)]
pub struct Writer<'a> {
    /// As the client was shown it; its `now` is the moment of the change.
    pub reader: Reader<'a>,
    /// What the client said in Supported.
    pub supported: &'a Supported,
    /// UID of a new event, if the client gives none (and always from 16.0: MS-ASCAL R2223).
    pub uid: &'a str,
}

/// The event as a phone of this version sees it.
///
/// # Errors
/// If the bytes are no calendar object, or have no event: then there is nothing to show.
pub fn to_wire(stored: &[u8], reader: &Reader<'_>) -> Result<Event, ConversionError> {
    let event = show::event(&parse(stored)?, reader)?;
    Ok(Event { attachments: files::shown(stored, reader.version), ..event })
}

/// The object after files have come and gone, from 16.0; with `instance` those of one occurrence.
///
/// # Errors
/// Item status 6: an occurrence that does not exist, more than [`calendar::edit::ATTACHMENTS_MAX`] files.
pub fn change_files(
    old: &[u8],
    instance: Option<Timestamp>,
    gone: &[u32],
    new: &[calendar::edit::ManagedAttachment<'_>],
    reader: &Reader<'_>,
) -> Result<Vec<u8>, ConversionError> {
    files::change(old, instance, gone, new, reader)
}

/// The object after an Add (`old` is `None`) or a Change of the whole event. Bytes that need no change come back as
/// they are.
///
/// # Errors
/// Item status 6: an end before its start or without one (MS-ASCAL R53915), a new event without the times that
/// MS-ASCAL section 3.2.4.4 asks for, or old bytes that are no event.
pub fn from_wire(old: Option<&[u8]>, sent: &Event, writer: &Writer<'_>) -> Result<Vec<u8>, ConversionError> {
    match old {
        Some(old) => write::change(old, sent, writer),
        None => write::create(sent, writer),
    }
}

/// The object after a Change of one occurrence, from 16.0; `instance` as [`crate::item::calendar::instance_id`]
/// reads it. What is absent stays as it is.
///
/// # Errors
/// Item status 6: no series, no such occurrence, or an end before its start.
pub fn change_instance(
    old: &[u8],
    instance: Timestamp,
    sent: &Event,
    writer: &Writer<'_>,
) -> Result<Vec<u8>, ConversionError> {
    occurrence::change_instance(old, instance, sent, writer)
}

/// The object after a Delete of one occurrence, from 16.0.
///
/// # Errors
/// Item status 6: no series, or no such occurrence.
pub fn delete_instance(
    old: &[u8],
    instance: Timestamp,
    writer: &Writer<'_>,
) -> Result<Vec<u8>, ConversionError> {
    occurrence::delete_instance(old, instance, writer)
}

/// When the month of a moment began, in UTC. What is shown of a stored event is the same all through a month.
#[must_use]
pub fn month_of(now: Timestamp) -> Timestamp {
    days::month_begin(now, 0)
}

/// Whether a client that has sent this Change of a stored event, which has become `new`, believes now what it would be
/// shown. If not, it is to be told again: it has changed slots that stand for something else than it knows.
///
/// # Errors
/// If the bytes are no calendar object, or have no event.
pub fn is_as_sent(new: &[u8], sent: &Event, reader: &Reader<'_>) -> Result<bool, ConversionError> {
    shown::is_as_sent(&parse(new)?, sent, reader)
}

/// As [`is_as_sent`] for a Delete of one occurrence, from 16.0.
///
/// # Errors
/// As [`is_as_sent`].
pub fn is_as_deleted(new: &[u8], instance: Timestamp, reader: &Reader<'_>) -> Result<bool, ConversionError> {
    let exceptions = Sent::Value(vec![exception::deleted(instance)]);
    is_as_sent(new, &Event { exceptions, ..Event::default() }, reader)
}

fn parse(stored: &[u8]) -> Result<Object, ConversionError> {
    let object = Object::parse(stored).map_err(|_| ConversionError("the stored event cannot be read"))?;
    Ok(object.gathered().unwrap_or(object))
}

/// What is shown, as the client's own element would be read: this is what its changes are compared with.
fn read_back(shown: &Event, version: Version) -> Event {
    let mut document = Document::new();
    document.open(wbxml::page::airsync::APPLICATION_DATA);
    shown.write(Selection { version, schema: None }, Destination { writer: &mut document, parts: None });
    let data = decode(&document.finish(), &Limits::default());
    data.ok().and_then(|data| Event::parse(&data, version).ok()).unwrap_or_else(|| shown.clone())
}
