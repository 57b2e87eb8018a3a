//! Whole days as clients write them: by the clocks that they tell, by the owner's, or by none.
//!
//! Whatever a client counts its days by, what it says is first turned into what it would say by the clocks at home: those
//! of the owner up to 14.1, none (UTC) from 16.0. Everything after that knows one way only.

use calendar::{Component, Object, Zone};
use vocabulary::Timestamp;

use super::new_times::zone_of;
use super::times::{begins_day, day_to_wire, end_from_wire};
use super::{Reader, show};
use crate::convert::day;
use crate::item::Sent;
use crate::item::calendar::{Event, Exception, TimeZone};
use crate::item::recurrence::{End, Recurrence};
use crate::version::Version;

/// An event with all its whole days, those of its rule and of its exceptions too, as they are at home. `stored` is what
/// it changes.
pub(super) fn at_home(sent: &Event, stored: Option<(&Component, &Object)>, reader: &Reader<'_>) -> Event {
    let is_stored = stored.is_some_and(|(component, _)| component.is_all_day());
    let is_all_day = sent.all_day.value().copied().unwrap_or(is_stored);
    let zone = told_zone(sent, stored, reader);
    let clocks = Clocks::of(sent, &zone, reader);
    let inherited = if is_all_day { &clocks.client } else { &zone };
    let exceptions = sent.exceptions.as_ref().map(|all| {
        let exception = |one: &Exception| Exception {
            original_start: if is_all_day { clocks.day(one.original_start) } else { one.original_start },
            is_deleted: one.is_deleted,
            event: occurrence_at_home(&one.event, is_all_day, inherited, reader),
        };
        all.iter().map(exception).collect()
    });
    if !is_all_day {
        return Event { exceptions, ..sent.clone() };
    }
    let recurrence = sent.recurrence.clone().map(|recurrence| Recurrence {
        end: match recurrence.end {
            End::Until(until) => End::Until(clocks.day(until)),
            end => end,
        },
        ..recurrence
    });
    // Its clocks have said what they had to say.
    clocks.times(Event { time_zone: Sent::Absent, recurrence, exceptions, ..sent.clone() })
}

/// What an occurrence says of itself. It `inherits` whether it is of whole days; `zone` are the clocks of its series.
pub(super) fn occurrence_at_home(own: &Event, inherits: bool, zone: &Zone, reader: &Reader<'_>) -> Event {
    match own.all_day.value().copied().unwrap_or(inherits) {
        true => Clocks::of(own, zone, reader).times(own.clone()),
        false => own.clone(),
    }
}

/// The clocks that a client tells, else those of what is stored.
fn told_zone(sent: &Event, stored: Option<(&Component, &Object)>, reader: &Reader<'_>) -> Zone {
    let clocks = |(component, object)| show::clocks(component, object, reader);
    let known = stored.map_or_else(|| reader.zone.clone(), clocks);
    let is_shown = |blob: &TimeZone| {
        stored.is_some_and(|(component, object)| show::time_zone(component, object, reader) == *blob)
    };
    match sent.time_zone.value() {
        Some(blob) if !is_shown(blob) => zone_of(blob, sent.start_time.value().copied(), &known, reader),
        _ => known,
    }
}

/// By which a client counts its days.
struct Clocks<'a> {
    client: Zone,
    reader: &'a Reader<'a>,
}

impl<'a> Clocks<'a> {
    /// Those by which the start is a midnight: who writes the date of the start writes all other dates. A client that
    /// leaves the zone of an event away, or as it was, may mean midnights of its own.
    fn of(event: &Event, zone: &Zone, reader: &'a Reader<'a>) -> Self {
        let utc = Zone::utc();
        // Clocks that show the time of UTC in winter only are to be asked before UTC, where they can be meant.
        let candidates = match reader.version >= Version::V16_0 {
            true => [&utc, zone, reader.zone],
            false => [zone, reader.zone, &utc],
        };
        let begins = |clocks: &&Zone| event.start_time.value().is_none_or(|start| begins_day(*start, clocks));
        let client = candidates.into_iter().find(begins).unwrap_or(zone).clone();
        Self { client, reader }
    }

    /// Then nothing is to be done, and what is odd stays as it is.
    fn are_at_home(&self) -> bool {
        self.client == home(self.reader)
    }

    /// The day that a client means. It may repeat what it was shown as it was shown.
    fn day(&self, at: Timestamp) -> Timestamp {
        if self.are_at_home() {
            return at;
        }
        let begins = |clocks: &&Zone| begins_day(at, clocks);
        let clocks = [&self.client, self.reader.zone].into_iter().find(begins).unwrap_or(&self.client);
        day_to_wire(day::from_wire(at, clocks), self.reader.zone, self.reader.version)
    }

    fn times(&self, event: Event) -> Event {
        if self.are_at_home() {
            return event;
        }
        let after =
            |end| day_to_wire(end_from_wire(end, &self.client), self.reader.zone, self.reader.version);
        Event {
            start_time: event.start_time.map(|start| self.day(start)),
            end_time: event.end_time.map(after),
            ..event
        }
    }
}

/// The clocks by which days are told.
pub(super) fn home(reader: &Reader<'_>) -> Zone {
    if reader.version >= Version::V16_0 { Zone::utc() } else { reader.zone.clone() }
}
