//! Occurrences that differ from their series, as they are shown.

use calendar::{Component, Moment, Object};
use vocabulary::Timestamp;

use super::{Reader, series, show};
use crate::item::calendar::{EXCEPTIONS_MAX, Event, Exception};
use crate::item::{ConversionError, Sent};

/// EXDATE and overrides; of too many the latest.
pub(super) fn shown(
    object: &Object,
    master: &Component,
    series: &Event,
    reader: &Reader<'_>,
) -> Result<Vec<Exception>, ConversionError> {
    let original = |id| series::original_start(id, master, object, reader);
    let mut exceptions = Vec::new();
    for component in object.overrides().filter(|component| component.start.is_some()) {
        let Some(id) = &component.recurrence else { continue };
        exceptions.push(of_override(component, object, series, original(&id.moment), reader)?);
    }
    exceptions.extend(master.exceptions.iter().map(|id| deleted(original(id))));
    // Stable: an override wins over an EXDATE of the same occurrence, as in an expansion.
    exceptions.sort_by_key(|exception| exception.original_start);
    exceptions.dedup_by_key(|exception| exception.original_start);
    let surplus = exceptions.len().saturating_sub(EXCEPTIONS_MAX);
    exceptions.drain(..surplus);
    Ok(exceptions)
}

/// The occurrence that would begin at `original_start`, if it differs from its series.
pub(super) fn at(
    object: &Object,
    master: &Component,
    series: &Event,
    original_start: Timestamp,
    reader: &Reader<'_>,
) -> Result<Option<Exception>, ConversionError> {
    let is_it = |id: &Moment| series::original_start(id, master, object, reader) == original_start;
    let mut changed = object.overrides().filter(|component| component.start.is_some());
    let own = changed.find(|one| one.recurrence.as_ref().is_some_and(|id| is_it(&id.moment)));
    match own {
        Some(own) => of_override(own, object, series, original_start, reader).map(Some),
        None => Ok(master.exceptions.iter().any(is_it).then(|| deleted(original_start))),
    }
}

/// An occurrence that has a component of its own.
pub(super) fn of_override(
    component: &Component,
    object: &Object,
    series: &Event,
    original_start: Timestamp,
    reader: &Reader<'_>,
) -> Result<Exception, ConversionError> {
    let event = differences(show::properties(component, object, reader)?, series);
    Ok(Exception { original_start, is_deleted: false, event })
}

/// An occurrence that does not take place.
pub(super) fn deleted(original_start: Timestamp) -> Exception {
    Exception { original_start, is_deleted: true, event: Event::default() }
}

/// What an occurrence says that its series does not: what is the same is inherited, what is missing stands
/// empty (MS-ASCAL R539). Its times always stand there.
pub(super) fn differences(own: Event, series: &Event) -> Event {
    Event {
        dt_stamp: differing(own.dt_stamp, &series.dt_stamp),
        start_time: own.start_time,
        end_time: own.end_time,
        subject: differing(own.subject, &series.subject),
        attendees: differing(own.attendees, &series.attendees),
        location: differing(own.location, &series.location),
        body: differing(own.body, &series.body),
        categories: differing(own.categories, &series.categories),
        sensitivity: differing(own.sensitivity, &series.sensitivity),
        busy_status: differing(own.busy_status, &series.busy_status),
        all_day: differing(own.all_day, &series.all_day),
        reminder: differing(own.reminder, &series.reminder),
        meeting_status: differing(own.meeting_status, &series.meeting_status),
        response_type: differing(own.response_type, &series.response_type),
        ..Event::default()
    }
}

fn differing<T: PartialEq>(own: Sent<T>, of_series: &Sent<T>) -> Sent<T> {
    match own {
        own if own == *of_series => Sent::Absent,
        Sent::Absent => Sent::Empty,
        own => own,
    }
}
