//! When somebody can be asked to come: VAVAILABILITY, RFC 7953.
//!
//! Liberties: of a series of available times RANGE=THISANDFUTURE is understood as in other series; LOCATION and the
//! other words of a VAVAILABILITY mean nothing here.
//!
//! Absent: VAVAILABILITY as an object of a calendar, which RFC 7953 section 7.1 wants; hours are kept as a property. So
//! the server does not call itself one of `calendar-availability` either.

use std::ops::Range;

use content_line::Document;
use vocabulary::Timestamp;

use crate::component::Component;
use crate::expand::{ALL_TIME, Limits, occurrences_charged};
use crate::schedule::{BusyKind, BusyPeriod, merged};
use crate::term::{ComponentKind, Term};
use crate::zone::Zone;
use crate::{Invalid, Moment, read};

/// Most VAVAILABILITY components of one object that count; one is what clients write.
const AVAILABILITIES_MAX: usize = 50;
/// PRIORITY 0 or none: RFC 7953 section 3.1, lower than every other.
const LOWEST_PRIORITY: u8 = 10;

/// Whether the bytes are one calendar whose components are VAVAILABILITY and time zones, at least one of the former:
/// what the property `calendar-availability` holds, RFC 7953 section 7.2.4.
#[must_use]
pub fn is_availability(bytes: &[u8]) -> bool {
    let Ok(document) = Document::parse(bytes) else { return false };
    let Some(calendar) = read::calendar(&document) else { return false };
    let names = document.children(calendar).filter_map(|child| document.component(child));
    let mut availabilities = 0;
    for component in names {
        match component.name() {
            "VAVAILABILITY" => availabilities += 1,
            "VTIMEZONE" => {}
            _ => return false,
        }
    }
    document.faults().is_empty() && availabilities > 0
}

/// The times of `window` in which the object says that its owner cannot be asked to come, in order and without
/// overlaps. Dates and floating times are those of the clocks of `floating`.
///
/// RFC 7953 section 4: a VAVAILABILITY makes all of its time unavailable, as its BUSYTYPE says, but for the times of
/// its AVAILABLE components; where several overlap, the one with the higher priority counts. Available times beyond
/// `limits`, which are those of the whole object, do not count.
///
/// # Errors
/// For bytes that cannot be read.
pub fn unavailable(
    bytes: &[u8],
    window: &Range<Timestamp>,
    floating: &Zone,
    limits: &Limits,
) -> Result<Vec<BusyPeriod>, Invalid> {
    let document = Document::parse(bytes)?;
    let Some(calendar) = read::calendar(&document) else { return Ok(Vec::new()) };
    let mut left = *limits;
    let mut spans: Vec<Availability> = document
        .children(calendar)
        .filter(|child| document.component(*child).is_some_and(|child| child.name() == "VAVAILABILITY"))
        .take(AVAILABILITIES_MAX)
        .filter_map(|child| Availability::read(&document, calendar, child, window, floating, &mut left))
        .collect();
    // The most important first: what it says of a time, no other says. Of several that are as important, the busiest.
    spans.sort_by_key(|span| span.priority);
    let (mut told, mut busy) = (Vec::<Range<Timestamp>>::new(), Vec::new());
    for equals in spans.chunk_by(|one, next| one.priority == next.priority) {
        for Availability { range, kind, available, .. } in equals {
            let free = available.iter().chain(&told).cloned().collect();
            busy.extend(without(range, free).into_iter().map(|range| BusyPeriod { range, kind: *kind }));
        }
        told.extend(equals.iter().map(|span| span.range.clone()));
    }
    Ok(merged(&busy))
}

/// One VAVAILABILITY, within the window.
struct Availability {
    /// 1 is the highest.
    priority: u8,
    /// What of the window it speaks of.
    range: Range<Timestamp>,
    /// BUSYTYPE.
    kind: BusyKind,
    available: Vec<Range<Timestamp>>,
}

impl Availability {
    /// `None`: it speaks of nothing in the window.
    fn read(
        document: &Document<'_>,
        calendar: usize,
        index: usize,
        window: &Range<Timestamp>,
        floating: &Zone,
        left: &mut Limits,
    ) -> Option<Self> {
        // It has the times of an event, and its parts those of a series each.
        let own = read::component_at(document, index, ComponentKind::Event);
        let parts = document.children(index).filter(|child| {
            document.component(*child).is_some_and(|child| child.name().eq_ignore_ascii_case("AVAILABLE"))
        });
        let parts: Vec<Component> = parts
            .take(read::COMPONENTS_MAX)
            .map(|child| read::component_at(document, child, ComponentKind::Event))
            .collect();
        let busy_type = document.property(index, "BUSYTYPE");
        let kind = busy_type.and_then(|(_, line)| BusyKind::parse(&line.value()));
        let range = span(&own, document, calendar, floating);
        let range = range.start.max(window.start)..range.end.min(window.end);
        let available = available(parts, document, calendar, &range, floating, left);
        (range.start < range.end).then_some(Self {
            priority: own.priority.filter(|priority| *priority > 0).unwrap_or(LOWEST_PRIORITY),
            range,
            // RFC 7953 section 3.2.
            kind: kind.unwrap_or(BusyKind::Unavailable),
            available,
        })
    }
}

/// From DTSTART to DTEND or for DURATION; open where neither is there.
fn span(own: &Component, document: &Document<'_>, calendar: usize, floating: &Zone) -> Range<Timestamp> {
    let object = read::object_of(document, calendar, vec![own.clone()]);
    let at = |moment: &Moment| object.instant(moment, floating);
    let start = own.start.as_ref().map(at);
    let end = match (&own.end, own.duration, start) {
        (Some(end), _, _) => Some(at(end)),
        (None, Some(duration), Some(start)) => {
            Some(Timestamp(start.0.saturating_add(duration.nominal_s().saturating_mul(1_000))))
        }
        _ => None,
    };
    start.unwrap_or(ALL_TIME.start)..end.unwrap_or(ALL_TIME.end)
}

/// The times of the parts; those with one UID are one series with its changes.
fn available(
    mut parts: Vec<Component>,
    document: &Document<'_>,
    calendar: usize,
    range: &Range<Timestamp>,
    floating: &Zone,
    left: &mut Limits,
) -> Vec<Range<Timestamp>> {
    let mut found = Vec::new();
    while let Some(uid) = parts.first().map(|first| first.uid.clone()) {
        let (series, others) = parts.into_iter().partition(|part| part.uid == uid);
        parts = others;
        let object = read::object_of(document, calendar, series);
        let expansion = occurrences_charged(&object, range.clone(), floating, left);
        found.extend(expansion.occurrences.into_iter().map(|occurrence| occurrence.start..occurrence.end));
    }
    found
}

/// What is left of a range.
fn without(range: &Range<Timestamp>, mut free: Vec<Range<Timestamp>>) -> Vec<Range<Timestamp>> {
    free.sort_unstable_by_key(|one| (one.start, one.end));
    let (mut left, mut from) = (Vec::new(), range.start);
    for one in free {
        if one.start > from {
            left.push(from..one.start.min(range.end));
        }
        from = from.max(one.end);
        if from >= range.end {
            return left;
        }
    }
    left.push(from..range.end);
    left
}
