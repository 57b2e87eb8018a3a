//! New objects of ours. The crate `icalendar` builds their frame, and [`edit`](crate::edit) sets what is in it, so that
//! there is one way to write each property. `icalendar` draws a UID and reads the clock for what has none; here
//! everything has both. It knows no VJOURNAL.

use content_line::{LineEnd, NewLine, Value, block, write_lines};
use icalendar::{Calendar, Component, Event, Property, Todo};
use vocabulary::Timestamp;

use crate::edit::{Change, EditError, Target, change};
use crate::term::ComponentKind;
use crate::{Moment, Zone};

/// PRODID: RFC 5545 section 3.7.3.
pub(crate) const PRODUCT: &str = "-//Kontor//Groupware//EN";

/// Writes a new event, task or journal entry. A VFREEBUSY is never one: it becomes an event.
///
/// # Errors
/// None that an own object can cause.
pub fn new_object(
    kind: ComponentKind,
    uid: &str,
    now: Timestamp,
    content: &Change,
) -> Result<Vec<u8>, EditError> {
    let frame = match kind {
        ComponentKind::Event | ComponentKind::FreeBusy => calendar(with_identity(Event::new(), uid, now)),
        ComponentKind::ToDo => calendar(with_identity(Todo::new(), uid, now)),
        ComponentKind::Journal => journal(uid, now),
    };
    change(&frame, Target::Master, content)
}

fn calendar(component: impl Into<icalendar::CalendarComponent>) -> Vec<u8> {
    let mut calendar = Calendar::empty();
    calendar.append_property(Property::new("VERSION", "2.0"));
    calendar.append_property(Property::new("PRODID", PRODUCT));
    calendar.push(component);
    calendar.to_string().into_bytes()
}

fn with_identity<C: Component>(mut component: C, uid: &str, now: Timestamp) -> C {
    let stamp = stamp(now);
    component.uid(uid);
    component.add_property("DTSTAMP", &stamp);
    component.add_property("CREATED", &stamp);
    component.add_property("LAST-MODIFIED", &stamp);
    component
}

fn journal(uid: &str, now: Timestamp) -> Vec<u8> {
    let stamped = |name: &str| NewLine::new(name, Value::stripped(&stamp(now)));
    let lines = [
        NewLine::new("UID", Value::text(uid)),
        stamped("DTSTAMP"),
        stamped("CREATED"),
        stamped("LAST-MODIFIED"),
    ];
    let mut calendar =
        vec![NewLine::new("VERSION", Value::text("2.0")), NewLine::new("PRODID", Value::text(PRODUCT))];
    calendar.extend(block("VJOURNAL", lines));
    write_lines(&block("VCALENDAR", calendar), LineEnd::CrLf)
}

fn stamp(now: Timestamp) -> String {
    Moment::Utc(Zone::utc().local(now)).to_string()
}
