//! The zone in which floating times and dates of a query lie: RFC 4791 section 7.3, RFC 7809 section 3.1.6.

use calendar::{Zone, defined_zone};
use dav_wire::method::PropFind;
use dav_wire::report::TimeZone;
use dav_wire::{Precondition, Property};

use crate::call::{Answer, Call};
use crate::folder::{Folder, Kept};

/// What of a folder says its zone, and what else the answers about its items are made of.
pub(super) fn kept(selection: &PropFind) -> Kept {
    Kept::named([Property::CalendarTimezoneId]).and_of_items(&Kept::of(selection))
}

/// That of the request, of the collection, of its owner, in this order.
///
/// # Errors
/// As [`check`].
pub(super) async fn of(call: &Call, folder: &Folder, requested: Option<&TimeZone>) -> Answer<Zone> {
    match meant(requested)?.or_else(|| folder.time_zone()) {
        Some(zone) => Ok(zone),
        None => {
            let owner = &folder.address.owner;
            Ok(workflow::time_zone(call.store(), owner.id, owner.domain).await?)
        }
    }
}

/// For requests that need no zone.
///
/// # Errors
/// A zone of the request that has no meaning is refused: another one would give other objects.
pub(super) fn check(requested: Option<&TimeZone>) -> Result<(), Precondition> {
    meant(requested).map(drop)
}

fn meant(requested: Option<&TimeZone>) -> Result<Option<Zone>, Precondition> {
    Ok(match requested {
        None => None,
        // RFC 7809 section 3.1.6.
        Some(TimeZone::Id(name)) => Some(Zone::by_name(name).ok_or(Precondition::ValidTimezone)?),
        // RFC 4791 section 7.8.
        Some(TimeZone::Definition(text)) => {
            Some(defined_zone(text.as_bytes()).ok_or(Precondition::ValidCalendarData)?)
        }
    })
}
