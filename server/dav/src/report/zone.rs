//! The zone in which floating times and dates of a query lie: RFC 4791 section 7.3.

use calendar::Zone;
use content_line::{Document, unescape};
use dav_wire::Property;
use dav_wire::report::TimeZone;

use crate::call::{Answer, Call};
use crate::folder::{Folder, Kept};

/// What of a folder says its zone.
pub(super) fn kept() -> Kept {
    Kept::named([Property::CalendarTimezoneId, Property::CalendarTimezone])
}

/// That of the request, of the collection, of its owner, in this order.
pub(super) async fn of(call: &Call, folder: &Folder, requested: Option<&TimeZone>) -> Answer<Zone> {
    let requested = requested.and_then(|zone| match zone {
        TimeZone::Id(name) => Zone::by_name(name),
        TimeZone::Definition(text) => defined(text),
    });
    let stored = |property: Property| folder.stored(&property.into()).map(|element| element.text());
    let zone = requested
        .or_else(|| Zone::by_name(stored(Property::CalendarTimezoneId)?.trim()))
        .or_else(|| defined(&stored(Property::CalendarTimezone)?));
    match zone {
        Some(zone) => Ok(zone),
        None => {
            let owner = &folder.address.owner;
            Ok(workflow::time_zone(call.store(), owner.id, owner.domain).await?)
        }
    }
}

/// The zone that a definition is called by. All clients use names that mean the same to everybody.
fn defined(text: &str) -> Option<Zone> {
    let document = Document::parse(text.as_bytes()).ok()?;
    let zone = document.components().iter().position(|component| component.name() == "VTIMEZONE")?;
    let (_, name) = document.property(zone, "TZID")?;
    Zone::by_name(&unescape(&name.value()))
}
