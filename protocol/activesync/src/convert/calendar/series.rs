//! The rule of a series, and the moments that its occurrences are known by.

use calendar::{Component, End as Stored, Limits, Moment, Object, Occurrence, Rule, Zone, occurrences};
use vocabulary::Timestamp;

use super::{Reader, times};
use crate::convert::{day, rule};
use crate::item::recurrence::{End, OCCURRENCES_MAX, Recurrence};
use crate::version::Version;

/// What a version can say of a component's recurrence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Series {
    /// It does not recur.
    Single,
    /// It recurs like this.
    Recurring(Recurrence),
    /// It recurs, but not in a way that can be said.
    Unsayable,
}

impl Series {
    pub(super) fn of(component: &Component, object: &Object, zone: &Zone, version: Version) -> Self {
        let Some(start) = component.start.as_ref().filter(|_| component.is_recurring()) else {
            return Self::Single;
        };
        let [stored] = &component.rules[..] else { return Self::Unsayable };
        let Some((pattern, interval, first)) = rule::pattern(stored, start.local().date()) else {
            return Self::Unsayable;
        };
        let end = match &stored.end {
            Stored::Never => End::Never,
            Stored::Count(count) => match u16::try_from(*count) {
                Ok(count @ 1..=OCCURRENCES_MAX) => End::Occurrences(count),
                _ => End::Never,
            },
            Stored::Until(until) => End::Until(until_to_wire(until, start, object, zone, version)),
        };
        Self::Recurring(Recurrence { pattern, interval, end, first_day_of_week: Some(first) })
    }
}

/// The RRULE of a recurrence for a series that begins at `start`, whose clocks are those of `zone`.
pub(super) fn rule_from_wire(recurrence: &Recurrence, start: &Moment, zone: &Zone) -> Rule {
    let mut rule = rule::rule(recurrence.pattern, recurrence.interval, recurrence.first_day_of_week);
    rule.end = match recurrence.end {
        End::Never => Stored::Never,
        End::Occurrences(count) => Stored::Count(count.into()),
        End::Until(until) => Stored::Until(until_from_wire(until, start, zone)),
    };
    rule
}

fn until_to_wire(
    until: &Moment,
    start: &Moment,
    object: &Object,
    zone: &Zone,
    version: Version,
) -> Timestamp {
    if start.is_date() {
        return times::day_to_wire(until.local().date(), zone, version);
    }
    match until {
        // A date allows its whole day.
        Moment::Date(date) => object.zone_of(start, zone).instant(date.and_time(start.local().time())),
        Moment::Floating(local) => object.zone_of(start, zone).instant(*local),
        Moment::Utc(_) | Moment::Zoned { .. } => object.instant(until, zone),
    }
}

/// UNTIL in the form that DTSTART asks for (RFC 5545 section 3.3.10).
///
/// Until is a day to clients, whatever time of it they write, mostly midnight: the occurrence of that day is
/// the last.
fn until_from_wire(until: Timestamp, start: &Moment, zone: &Zone) -> Moment {
    if start.is_date() {
        return Moment::Date(day::from_wire(until, zone));
    }
    let time = start.local().time();
    let by_clock = zone.local(until);
    let is_start = by_clock.time() == time;
    let day = if is_start { by_clock.date() } else { day::from_wire(until, zone) };
    rule::until_of_day(day, start, zone)
}

/// The next occurrence that is not over, for a series that cannot be said; its start and end.
pub(super) fn next_occurrence(object: &Object, zone: &Zone, now: Timestamp) -> Option<Occurrence> {
    const AHEAD_MILLISECONDS: i64 = 4 * 366 * 86_400_000;
    let window = now..Timestamp(now.0.saturating_add(AHEAD_MILLISECONDS));
    let limits = Limits { occurrences_max: 1000, steps_max: 50_000 };
    occurrences(object, window, zone, &limits).occurrences.into_iter().next()
}

/// The occurrence that begins at `start`.
pub(super) fn occurrence_at(object: &Object, zone: &Zone, start: Timestamp) -> Option<Occurrence> {
    let window = start..Timestamp(start.0.saturating_add(1));
    let limits = Limits { occurrences_max: 1000, steps_max: 50_000 };
    let found = occurrences(object, window, zone, &limits).occurrences;
    found.into_iter().find(|occurrence| occurrence.start == start)
}

/// The moment by which the wire knows an occurrence: RECURRENCE-ID or EXDATE.
pub(super) fn original_start(
    id: &Moment,
    master: &Component,
    object: &Object,
    reader: &Reader<'_>,
) -> Timestamp {
    let occurrence = object.recurrence_instant(id, reader.zone);
    times::instant_to_wire(occurrence, master, reader.zone, reader.version)
}

/// The occurrence that the wire means, as RECURRENCE-ID and EXDATE name it.
pub(super) fn id_from_wire(
    original_start: Timestamp,
    master: &Component,
    object: &Object,
    zone: &Zone,
) -> Moment {
    if master.is_all_day() {
        return Moment::Date(day::from_wire(original_start, zone));
    }
    object.recurrence_moment(original_start, zone)
}
