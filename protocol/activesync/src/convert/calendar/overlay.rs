//! What an occurrence is when it inherits what it does not say.

use crate::item::Sent;
use crate::item::calendar::Event;

/// `own` over `base`: what is absent is inherited, what is empty is not there (MS-ASCAL R539). Only what an
/// occurrence can say; its body is compared by itself.
pub(super) fn overlay(own: &Event, base: &Event) -> Event {
    Event {
        start_time: over(&own.start_time, &base.start_time),
        end_time: over(&own.end_time, &base.end_time),
        all_day: over(&own.all_day, &base.all_day),
        subject: over(&own.subject, &base.subject),
        attendees: over(&own.attendees, &base.attendees),
        location: over(&own.location, &base.location),
        categories: over(&own.categories, &base.categories),
        sensitivity: over(&own.sensitivity, &base.sensitivity),
        busy_status: over(&own.busy_status, &base.busy_status),
        reminder: over(&own.reminder, &base.reminder),
        meeting_status: over(&own.meeting_status, &base.meeting_status),
        ..Event::default()
    }
}

fn over<T: Clone>(own: &Sent<T>, base: &Sent<T>) -> Sent<T> {
    match own {
        Sent::Absent => base.clone(),
        own => own.clone(),
    }
}
