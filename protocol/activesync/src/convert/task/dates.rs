//! Start and due dates: local and UTC on the wire, a day or a time when stored.

use calendar::edit::Field;
use calendar::{Moment, Object, Zone};
use chrono::{NaiveDateTime, NaiveTime};
use vocabulary::Timestamp;

use crate::convert::Edit;
use crate::item::{Absence, Sent};

/// One of the two dates as it is shown or sent.
pub(super) struct Pair<'a> {
    pub(super) local: &'a Sent<Timestamp>,
    pub(super) utc: &'a Sent<Timestamp>,
}

impl Pair<'_> {
    /// The local one counts: what phones mean is a day where they are.
    fn clock(&self, zone: &Zone) -> Sent<NaiveDateTime> {
        match (self.local, self.utc) {
            (Sent::Value(local), _) => Sent::Value(Zone::utc().local(*local)),
            (_, Sent::Value(utc)) => Sent::Value(zone.local(*utc)),
            (Sent::Absent, Sent::Absent) => Sent::Absent,
            (Sent::Empty, _) | (_, Sent::Empty) => Sent::Empty,
        }
    }
}

/// What becomes of a stored date.
pub(super) fn edit(
    shown: &Pair<'_>,
    sent: &Pair<'_>,
    absence: Absence,
    (old, object): (Option<&Moment>, &Object),
    zone: &Zone,
) -> Edit<Moment> {
    Edit::between(&shown.clock(zone), sent.clock(zone), absence).map(|clock| match old {
        _ if clock.time() == NaiveTime::MIN => Moment::Date(clock.date()),
        Some(old @ (Moment::Zoned { .. } | Moment::Utc(_))) => {
            let wanted = zone.instant(clock);
            let new = old.with_local(object.zone_of(old, zone).local(wanted));
            // An hour that comes twice where the task is kept names the first one only.
            if object.instant(&new, zone) == wanted { new } else { in_zone(clock, zone) }
        }
        _ => in_zone(clock, zone),
    })
}

/// RFC 5545 section 3.8.2.3: both are days, or both are times.
pub(super) fn agree(
    start: (Option<&Moment>, Edit<Moment>),
    due: (Option<&Moment>, Edit<Moment>),
    zone: &Zone,
) -> (Field<Moment>, Field<Moment>) {
    let (new_start, new_due) = (after(&start), after(&due));
    let (Some(first), Some(last)) = (&new_start, &new_due) else { return (start.1.into(), due.1.into()) };
    if first.is_date() == last.is_date() || (start.1 == Edit::Keep && due.1 == Edit::Keep) {
        return (start.1.into(), due.1.into());
    }
    let timed = |moment: &Moment| match moment {
        Moment::Date(date) => in_zone(date.and_time(NaiveTime::MIN), zone),
        other => other.clone(),
    };
    (Field::Set(timed(first)), Field::Set(timed(last)))
}

fn after((old, edit): &(Option<&Moment>, Edit<Moment>)) -> Option<Moment> {
    match edit {
        Edit::Keep => old.cloned(),
        Edit::Clear => None,
        Edit::Set(moment) => Some(moment.clone()),
    }
}

fn in_zone(local: NaiveDateTime, zone: &Zone) -> Moment {
    if *zone == Zone::utc() {
        Moment::Utc(local)
    } else {
        Moment::Zoned { local, tzid: zone.name().to_owned() }
    }
}
