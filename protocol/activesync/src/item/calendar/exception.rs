//! Occurrences that differ from their series: MS-ASCAL sections 2.2.2.21 and 2.2.2.22.

use vocabulary::Timestamp;
use wbxml::page::{airsync_base, calendar as page};
use wbxml::{Element, Tag};

use super::{Event, field};
use crate::date;
use crate::item::encode::{self, Out};
use crate::item::format::Format;
use crate::item::{ConversionError, Sent, sent};
use crate::parse;
use crate::version::Version;

/// Most exceptions of a series: MS-ASCAL R243.
pub const EXCEPTIONS_MAX: usize = 256;

/// One occurrence that is changed or does not take place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    /// When the occurrence begins by the series' own rule: ExceptionStartTime up to 14.1, InstanceId
    /// from 16.0.
    pub original_start: Timestamp,
    /// It does not take place.
    pub is_deleted: bool,
    /// What it says for itself; what is absent is as in the series (MS-ASCAL R82, R108, R436 and so on), what
    /// is empty has been removed (R539).
    pub event: Event,
}

/// Elements of an exception (MS-ASCAL section 2.2.2.21); the last one from 14.0 only (R2023).
const TAGS: [Tag; 18] = [
    page::DT_STAMP,
    page::START_TIME,
    page::SUBJECT,
    page::LOCATION,
    airsync_base::LOCATION,
    page::END_TIME,
    airsync_base::BODY,
    page::CATEGORIES,
    page::SENSITIVITY,
    page::BUSY_STATUS,
    page::ALL_DAY_EVENT,
    page::REMINDER,
    page::MEETING_STATUS,
    airsync_base::NATIVE_BODY_TYPE,
    page::APPOINTMENT_REPLY_TIME,
    page::RESPONSE_TYPE,
    page::ONLINE_MEETING_EXTERNAL_LINK,
    page::ATTENDEES,
];

pub(super) const EXCEPTIONS: Format<Vec<Exception>> =
    Format { read: |list| read(list).map(Some), write: |list, tag, out| write(list, tag, out) };

/// The occurrence that a Change or Delete names, from 16.0.
///
/// # Errors
/// Item status 6 if it is no moment (MS-ASAIRS R1180).
pub fn instance_id(text: &str) -> Result<Timestamp, ConversionError> {
    date::parse(text.trim()).ok_or(ConversionError("InstanceId is no moment"))
}

/// Clients send exceptions up to 14.1 (MS-ASCAL R2112); what stands in a request of 16.x is read as well.
fn read(list: &Element) -> Result<Vec<Exception>, ConversionError> {
    let mut exceptions: Vec<Exception> = Vec::new();
    for element in list.all(page::EXCEPTION) {
        if exceptions.len() == EXCEPTIONS_MAX {
            return Err(ConversionError("too many exceptions"));
        }
        let start = element.child(page::EXCEPTION_START_TIME).or(element.child(airsync_base::INSTANCE_ID));
        let original_start = start
            .and_then(parse::timestamp)
            .ok_or(ConversionError("an exception lacks the start of its occurrence"))?; // MS-ASCAL R246, R2098
        // Read with the elements of 14.1: there are no Exceptions in requests of 16.x, only in what is shown,
        // where the place has another element.
        let mut event: Event = sent::read(element, Version::V14_1, field::FIELDS, Some(&TAGS))?;
        if event.location == Sent::Absent {
            let place: Event =
                sent::read(element, Version::V16_1, field::FIELDS, Some(&[airsync_base::LOCATION]))?;
            event.location = place.location;
        }
        let is_deleted = element.child(page::DELETED).is_some_and(|e| parse::boolean(e) == Some(true));
        exceptions.push(Exception { original_start, is_deleted, event });
    }
    Ok(exceptions)
}

fn write(exceptions: &[Exception], tag: Tag, out: &mut Out<'_>) {
    out.writer.open(tag);
    for exception in exceptions.iter().take(EXCEPTIONS_MAX) {
        out.writer.open(page::EXCEPTION);
        if exception.is_deleted {
            encode::boolean(out, page::DELETED, true);
        }
        let name = match out.version < Version::V16_0 {
            true => page::EXCEPTION_START_TIME,
            false => airsync_base::INSTANCE_ID, // MS-ASCAL R2106, R2107
        };
        encode::text(out, name, &date::compact(exception.original_start));
        if !exception.is_deleted {
            let allowed = if out.version < Version::V14_0 { TAGS.len() - 1 } else { TAGS.len() };
            sent::write(&exception.event, field::FIELDS, TAGS.get(..allowed), out);
        }
        out.writer.close();
    }
    out.writer.close();
}
