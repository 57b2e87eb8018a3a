//! Occurrences that differ from their series, as they are shown.

use calendar::{Component, Object};

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
        let event = differences(show::properties(component, object, reader)?, series);
        exceptions.push(Exception { original_start: original(&id.moment), is_deleted: false, event });
    }
    exceptions.extend(master.exceptions.iter().map(|id| Exception {
        original_start: original(id),
        is_deleted: true,
        event: Event::default(),
    }));
    // Stable: an override wins over an EXDATE of the same occurrence, as in an expansion.
    exceptions.sort_by_key(|exception| exception.original_start);
    exceptions.dedup_by_key(|exception| exception.original_start);
    let surplus = exceptions.len().saturating_sub(EXCEPTIONS_MAX);
    exceptions.drain(..surplus);
    Ok(exceptions)
}

/// What an occurrence says that its series does not: what is the same is inherited, what is missing stands
/// empty (MS-ASCAL R539). Its times always stand there.
fn differences(own: Event, series: &Event) -> Event {
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
