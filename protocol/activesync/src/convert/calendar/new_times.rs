//! From what a client sends of times to moments of iCalendar.

use calendar::edit::{Change, Field};
use calendar::{Component, Moment, Object, Zone};
use chrono::Datelike;
use vocabulary::Timestamp;

use super::whole_days::home;
use super::{Reader, show, times};
use crate::convert::span::{Span, plus_days};
use crate::convert::{day, zone};
use crate::item::ConversionError;
use crate::item::calendar::{Event, TimeZone};

/// How long rounding goes, and how long an event of unknown end takes: MS-ASCAL R52511.
const HALF_HOUR_MILLISECONDS: i64 = 30 * 60 * 1000;

/// What becomes of DTSTART and DTEND.
pub(super) struct NewTimes {
    pub(super) start: Field<Moment>,
    end: Field<Moment>,
    /// Where the event is from now on.
    pub(super) zone: Zone,
}

impl NewTimes {
    /// Whether anything changes.
    pub(super) fn differ(&self) -> bool {
        (&self.start, &self.end) != (&Field::Keep, &Field::Keep)
    }

    /// Puts them into a change, with the zone that they may need to be defined.
    pub(super) fn apply(self, change: &mut Change) {
        if self.differ() {
            change.zones = vec![self.zone];
        }
        change.start = self.start;
        change.end = self.end;
    }

    /// `becomes_series`: it gets a rule that it did not have.
    pub(super) fn of(
        component: &Component,
        object: &Object,
        (shown, sent): (&Event, &Event),
        becomes_series: bool,
        reader: &Reader<'_>,
    ) -> Result<Self, ConversionError> {
        let clocks = show::clocks(component, object, reader);
        let new_blob = sent.time_zone.value().filter(|_| sent.time_zone != shown.time_zone);
        let zone = match new_blob {
            Some(blob) => zone_of(blob, sent.start_time.value().copied(), &clocks, reader),
            None => clocks.clone(),
        };
        let wanted = Wanted::of(shown, sent)?;
        let span =
            Span::of(component, object, reader.zone).ok_or(ConversionError("an event without start"))?;
        // In UTC a series would not follow the clocks.
        let leaves_utc = becomes_series && matches!(span.start, Moment::Utc(_)) && zone != Zone::utc();
        if wanted == Wanted::of(shown, shown)? && zone == clocks && !leaves_utc {
            return Ok(Self { start: Field::Keep, end: Field::Keep, zone });
        }
        let timed = |at, old: &Moment| match old {
            _ if zone != clocks || leaves_utc => in_zone(at, &zone),
            Moment::Date(_) => in_zone(at, &zone),
            old => {
                let new = old.with_local(object.zone_of(old, reader.zone).local(at));
                if object.instant(&new, reader.zone) == at { new } else { in_zone(at, &zone) }
            }
        };
        let new = wanted.span(&home(reader), timed, &span);
        Ok(Self { start: changed(&span.start, new.start), end: changed(&span.end, new.end), zone })
    }
}

/// When a client wants it to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) all_day: bool,
    pub(super) start: Timestamp,
    pub(super) end: Timestamp,
}

impl Wanted {
    /// Of what is sent over what is shown.
    fn of(shown: &Event, sent: &Event) -> Result<Self, ConversionError> {
        const NO_START: ConversionError = ConversionError("an end without a start"); // MS-ASCAL R53915
        if sent.end_time.value().is_some() && sent.start_time.value().is_none() {
            return Err(NO_START);
        }
        let shown_start = *shown.start_time.value().ok_or(NO_START)?;
        let shown_end = *shown.end_time.value().ok_or(NO_START)?;
        let start = sent.start_time.value().copied().unwrap_or(shown_start);
        let length = shown_end.0.saturating_sub(shown_start.0);
        let end = match sent.end_time.value() {
            Some(end) => *end,
            None if shown_end >= start => shown_end,
            None => Timestamp(start.0.saturating_add(length)),
        };
        let all_day = *sent.all_day.value().or(shown.all_day.value()).unwrap_or(&false);
        Self { all_day, start, end }.checked()
    }

    /// Of a new event, of which anything may be missing: MS-ASCAL section 3.2.4.4.
    pub(super) fn of_new(sent: &Event, now: Timestamp) -> Result<Self, ConversionError> {
        let all_day = sent.all_day.value() == Some(&true);
        let rounded = now.0.saturating_add(HALF_HOUR_MILLISECONDS - 1) / HALF_HOUR_MILLISECONDS
            * HALF_HOUR_MILLISECONDS;
        let rounded = Timestamp(rounded);
        let soon = Timestamp(rounded.0.saturating_add(HALF_HOUR_MILLISECONDS));
        let (start, end) = match (sent.start_time.value(), sent.end_time.value()) {
            (Some(start), Some(end)) => (*start, *end),
            (Some(start), None) if all_day => (*start, *start), // that day
            (Some(start), None) if *start <= now => (*start, soon), // R52517
            (Some(_), None) => return Err(ConversionError("a future event without end")), // R52518
            (None, Some(end)) if *end >= rounded => (rounded, *end), // R52516
            (None, Some(_)) => return Err(ConversionError("a past event without start")), // R52515
            (None, None) => (rounded, soon),                    // R52514
        };
        Self { all_day, start, end }.checked()
    }

    fn checked(self) -> Result<Self, ConversionError> {
        if self.end < self.start { Err(ConversionError("an event ends before it begins")) } else { Ok(self) }
    }

    /// As moments: days by the clocks at `home`, or what `timed` makes of each, given what stood there.
    pub(super) fn span(self, home: &Zone, timed: impl Fn(Timestamp, &Moment) -> Moment, old: &Span) -> Span {
        if !self.all_day {
            return Span { start: timed(self.start, &old.start), end: timed(self.end, &old.end) };
        }
        let first = day::from_wire(self.start, home);
        let after = times::end_from_wire(self.end, home);
        Span { start: Moment::Date(first), end: Moment::Date(after.max(plus_days(first, 1))) }
    }

    /// As moments of a new event that is in `zone`, if it is not of whole days.
    pub(super) fn new_span(self, zone: &Zone, reader: &Reader<'_>) -> Span {
        let today = Moment::Date(zone.local(self.start).date());
        let nothing = Span { start: today.clone(), end: today };
        self.span(&home(reader), |at, _| in_zone(at, zone), &nothing)
    }
}

/// The zone that a blob means for an event of this time.
pub(super) fn zone_of(blob: &TimeZone, at: Option<Timestamp>, clocks: &Zone, reader: &Reader<'_>) -> Zone {
    if blob.is_blank() {
        return reader.zone.clone(); // the device's own
    }
    let year = |at| reader.zone.local(at).year();
    zone::zone(blob, [year(at.unwrap_or(reader.now)), year(reader.now)], &[clocks, reader.zone])
}

/// By the clocks of `zone`; in UTC if they show this time twice and mean the other one (RFC 5545 section 3.3.5).
fn in_zone(at: Timestamp, zone: &Zone) -> Moment {
    let local = zone.local(at);
    if *zone == Zone::utc() || zone.instant(local) != at {
        return Moment::Utc(Zone::utc().local(at));
    }
    Moment::Zoned { local, tzid: zone.name().to_owned() }
}

fn changed(old: &Moment, new: Moment) -> Field<Moment> {
    if *old == new { Field::Keep } else { Field::Set(new) }
}
