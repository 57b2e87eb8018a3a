//! The rule of a series, and the moments that its occurrences are known by.

use calendar::{Component, End as Stored, Limits, Moment, Object, Occurrence, Rule, Zone, occurrences};
use chrono::NaiveDate;
use vocabulary::Timestamp;

use super::days::Days;
use super::{Reader, times};
use crate::convert::{day, rule};
use crate::item::recurrence::{End, OCCURRENCES_MAX, Pattern, Recurrence};
use crate::version::Version;

/// What can be said of a component's recurrence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Series {
    /// It does not recur.
    Single,
    /// It recurs like this.
    Recurring(Recurrence),
    /// It recurs in a way that no Recurrence says: it is shown by a carrier.
    Unsayable,
}

impl Series {
    /// An RDATE makes a difference while it can be told, so that a series which cannot be said now can be later.
    pub(super) fn of(component: &Component, object: &Object, reader: &Reader<'_>) -> Self {
        let Some(start) = component.start.as_ref().filter(|_| component.is_recurring()) else {
            return Self::Single;
        };
        let [stored] = &component.rules[..] else { return Self::Unsayable };
        let said = rule::recurrence(stored, start.local().date());
        let Some(said) = said.filter(|said| said.calendar.is_known_to(reader.version)) else {
            return Self::Unsayable;
        };
        let has_more = |days: Days<'_>| days.has_dates_beside_the_rule();
        if !component.dates.is_empty() && Days::of(object, component, reader).is_some_and(has_more) {
            return Self::Unsayable;
        }
        let end = match &stored.end {
            Stored::Never => End::Never,
            Stored::Count(count) => match u16::try_from(*count) {
                Ok(count @ 1..=OCCURRENCES_MAX) => End::Occurrences(count),
                _ => End::Never,
            },
            Stored::Until(until) => {
                End::Until(until_to_wire(until, start, object, reader.zone, reader.version))
            }
        };
        Self::Recurring(Recurrence { end, ..said })
    }
}

/// The RRULE of a recurrence for a series that begins at `start`, whose clocks are those of `zone`.
pub(super) fn rule_from_wire(recurrence: &Recurrence, start: &Moment, zone: &Zone) -> Rule {
    let mut rule = rule::rule(recurrence);
    rule.end = match recurrence.end {
        End::Never => Stored::Never,
        End::Occurrences(count) => Stored::Count(count.into()),
        End::Until(until) => Stored::Until(until_from_wire(until, start, zone)),
    };
    rule
}

/// Whether a stored rule has the days of a recurrence already, whatever they are called. Which day a week begins on says
/// something of every other week only, and to clients that know it.
pub(super) fn has_days_of(stored: &Rule, recurrence: &Recurrence, first: NaiveDate) -> bool {
    let counts_weeks = matches!(recurrence.pattern, Pattern::Weekly { .. }) && recurrence.interval > 1;
    let is_meant = counts_weeks && recurrence.first_day_of_week.is_some();
    let said = |rule: &Rule| {
        let said = rule::recurrence(rule, first)?;
        Some(Recurrence { first_day_of_week: said.first_day_of_week.filter(|_| is_meant), ..said })
    };
    said(stored).is_some_and(|stored| said(&rule::rule(recurrence)) == Some(stored))
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
fn until_from_wire(until: Timestamp, start: &Moment, zone: &Zone) -> Moment {
    rule::until_of_day(until_day(until, start, zone), start, zone)
}

/// Until is a day to clients, whatever time of it they write, mostly midnight: the occurrence of that day is
/// the last.
pub(super) fn until_day(until: Timestamp, start: &Moment, zone: &Zone) -> NaiveDate {
    let by_clock = zone.local(until);
    let is_start = !start.is_date() && by_clock.time() == start.local().time();
    if is_start { by_clock.date() } else { day::from_wire(until, zone) }
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
