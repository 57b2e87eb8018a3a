//! When an event is: moments of iCalendar as UTC and zone, whole days in the two ways of the versions.

use calendar::{Component, Moment, Object, Zone};
use chrono::{NaiveDate, NaiveTime};
use vocabulary::Timestamp;

use super::Reader;
use crate::convert::day;
use crate::convert::span::plus_days;
use crate::item::Sent;
use crate::item::calendar::Event;
use crate::version::Version;

/// A whole day on the wire: its midnight by the clocks of `zone` up to 14.1, its date at 00:00 UTC from 16.0
/// (MS-ASCAL R87, R2005, R2008).
pub(super) fn day_to_wire(date: NaiveDate, zone: &Zone, version: Version) -> Timestamp {
    let midnight = date.and_time(NaiveTime::MIN);
    if version >= Version::V16_0 { Zone::utc().instant(midnight) } else { zone.instant(midnight) }
}

/// A moment on the wire.
pub(super) fn to_wire(moment: &Moment, object: &Object, zone: &Zone, version: Version) -> Timestamp {
    match moment {
        Moment::Date(date) => day_to_wire(*date, zone, version),
        _ => object.instant(moment, zone),
    }
}

/// A moment of an expansion on the wire: a day again, if the event is of days.
pub(super) fn instant_to_wire(
    moment: Timestamp,
    component: &Component,
    zone: &Zone,
    version: Version,
) -> Timestamp {
    if component.is_all_day() { day_to_wire(zone.local(moment).date(), zone, version) } else { moment }
}

/// When an event would end if it began at `start`, on the wire.
pub(super) fn end_at(event: &Event, start: Timestamp, reader: &Reader<'_>) -> Timestamp {
    match (event.start_time.value(), event.end_time.value()) {
        (Some(own_start), Some(own_end)) if is_by_midnights(event, reader) => {
            let day = |at: Timestamp| reader.zone.local(at).date();
            day_to_wire(day(start) + (day(*own_end) - day(*own_start)), reader.zone, reader.version)
        }
        (Some(own_start), Some(own_end)) => {
            Timestamp(start.0.saturating_add(own_end.0.saturating_sub(own_start.0)))
        }
        _ => start,
    }
}

/// Up to 14.1 whole days are said by the moments of their midnights, and a day may have 23 or 25 hours.
fn is_by_midnights(event: &Event, reader: &Reader<'_>) -> bool {
    reader.version < Version::V16_0 && event.all_day == Sent::Value(true)
}

/// Whether a day begins then: at midnight, or after it where the clocks skip it.
pub(super) fn begins_day(at: Timestamp, clocks: &Zone) -> bool {
    clocks.instant(clocks.local(at).date().and_time(NaiveTime::MIN)) == at
}

/// The day after the last one that a client means: an end within a day takes the whole day.
pub(super) fn end_from_wire(moment: Timestamp, zone: &Zone) -> NaiveDate {
    let day = day::from_wire(moment, zone);
    if begins_day(moment, &Zone::utc()) || begins_day(moment, zone) { day } else { plus_days(day, 1) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn date(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    #[test]
    fn days_are_local_midnight_or_plain_dates() {
        let berlin = Zone::by_name("Europe/Berlin").unwrap();
        let day = date(2026, 7, 14);
        let old = day_to_wire(day, &berlin, Version::V14_1);
        let new = day_to_wire(day, &berlin, Version::V16_0);
        assert_eq!(crate::date::compact(old), "20260713T220000Z");
        assert_eq!(crate::date::compact(new), "20260714T000000Z");
        for moment in [old, new] {
            assert_eq!(day::from_wire(moment, &berlin), day);
        }
    }

    proptest! {
        #[test]
        fn every_day_comes_back_in_every_zone(
            days in 0_i64..40_000,
            name in proptest::sample::select(vec!["Europe/Berlin", "Pacific/Apia", "America/Sao_Paulo", "UTC", "Asia/Kolkata"]),
            version in proptest::sample::select(Version::ALL.to_vec()),
        ) {
            let zone = Zone::by_name(name).unwrap();
            let day = plus_days(date(1970, 1, 1), days);
            prop_assert_eq!(day::from_wire(day_to_wire(day, &zone, version), &zone), day);
        }
    }
}
