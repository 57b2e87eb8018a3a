//! jCal, the JSON form of iCalendar: RFC 7265. [`content_line::json`] converts; what it must know of properties is here.

use content_line::Document;
use content_line::json::{self, Dialect, Family, JsonError, PropertyForm, Shape, ValueType};

use crate::{DataFault, Invalid, read};

const JCAL: Dialect = Dialect { family: Family::Calendar, form };

/// A calendar in JSON, every property and component of it.
///
/// # Errors
/// If there is no calendar, or it exceeds a limit of [`content_line`].
pub fn to_json(bytes: &[u8]) -> Result<Vec<u8>, Invalid> {
    let document = Document::parse(bytes)?;
    let calendar = read::calendar(&document).ok_or(DataFault::NotOneCalendar)?;
    Ok(json::write(&document, calendar, &JCAL))
}

/// The calendar that a JSON text is the form of. Whether it can be stored, [`describe`](crate::describe()) says.
///
/// # Errors
/// If the text is not that of one calendar.
pub fn from_json(text: &[u8]) -> Result<Vec<u8>, JsonError> {
    json::read(text, &JCAL)
}

/// The forms of the properties of RFC 5545 and of what extends it. Where a specification demands that VALUE be there
/// (as RFC 7986 does for CONFERENCE), nothing is meant without it.
fn form(name: &str) -> Option<PropertyForm> {
    use ValueType::{CalAddress, DateTime, Duration, Float, Integer, Period, Recur, Text, Uri, UtcOffset};
    let form = match name {
        // RFC 5545 sections 3.7 and 3.8.
        "CALSCALE" | "METHOD" | "PRODID" | "VERSION" => PropertyForm::single(Text),
        "CLASS" | "COMMENT" | "DESCRIPTION" | "LOCATION" | "STATUS" | "SUMMARY" => PropertyForm::single(Text),
        "TRANSP" | "TZID" | "TZNAME" | "CONTACT" | "RELATED-TO" | "UID" | "ACTION" => {
            PropertyForm::single(Text)
        }
        "CATEGORIES" | "RESOURCES" => PropertyForm::list(Text),
        "REQUEST-STATUS" => PropertyForm::texts(Shape::Parts),
        "ATTACH" | "TZURL" | "URL" => PropertyForm::single(Uri),
        "GEO" => PropertyForm { value_type: Float, shape: Shape::Parts },
        "PERCENT-COMPLETE" | "PRIORITY" | "REPEAT" | "SEQUENCE" => PropertyForm::single(Integer),
        "COMPLETED" | "CREATED" | "DTEND" | "DTSTAMP" | "DTSTART" | "DUE" | "LAST-MODIFIED"
        | "RECURRENCE-ID" => PropertyForm::single(DateTime),
        "EXDATE" | "RDATE" => PropertyForm::list(DateTime),
        "DURATION" | "TRIGGER" => PropertyForm::single(Duration),
        "FREEBUSY" => PropertyForm::list(Period),
        "TZOFFSETFROM" | "TZOFFSETTO" => PropertyForm::single(UtcOffset),
        "ATTENDEE" | "ORGANIZER" => PropertyForm::single(CalAddress),
        // The second is of RFC 2445.
        "RRULE" | "EXRULE" => PropertyForm::single(Recur),
        // RFC 7986.
        "COLOR" | "NAME" => PropertyForm::single(Text),
        // RFC 7808, RFC 7953.
        "BUSYTYPE" | "TZID-ALIAS-OF" => PropertyForm::single(Text),
        "TZUNTIL" => PropertyForm::single(DateTime),
        // RFC 9073, RFC 9074.
        "PARTICIPANT-TYPE" | "PROXIMITY" | "RESOURCE-TYPE" => PropertyForm::single(Text),
        "LOCATION-TYPE" => PropertyForm::list(Text),
        "ACKNOWLEDGED" => PropertyForm::single(DateTime),
        "CALENDAR-ADDRESS" => PropertyForm::single(CalAddress),
        _ => return None,
    };
    Some(form)
}
