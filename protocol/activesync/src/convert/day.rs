//! Days on the wire, which has only moments.

use calendar::Zone;
use chrono::{NaiveDate, NaiveTime};
use vocabulary::Timestamp;

/// The day that a client means. Midnight UTC is the date itself, in every version: clients and servers that
/// do not keep the rule write it so. Everything else is read by the clocks of `zone`.
pub(super) fn from_wire(moment: Timestamp, zone: &Zone) -> NaiveDate {
    let utc = Zone::utc().local(moment);
    if utc.time() == NaiveTime::MIN { utc.date() } else { zone.local(moment).date() }
}
