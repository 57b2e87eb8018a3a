//! An event as it is shown.

use calendar::{Component, Moment, Object, Trigger, Zone};
use chrono::Datelike;

use super::carrier::Carrier;
use super::days::{self, Days};
use super::series::Series;
use super::times;
use super::{Reader, exception, people, status};
use crate::convert::body::Notes;
use crate::convert::span::Span;
use crate::convert::{alarm, class, zone};
use crate::item::calendar::{Event, Location, TimeZone};
use crate::item::{ConversionError, Sent};
use crate::version::Version;

/// The whole object.
pub(super) fn event(object: &Object, reader: &Reader<'_>) -> Result<Event, ConversionError> {
    let component = main(object)?;
    let mut event = properties(component, object, reader)?;
    let series = match component.recurrence {
        None => Series::of(component, object, reader),
        Some(_) => Series::Single,
    };
    match series {
        Series::Single => {}
        Series::Recurring(recurrence) => {
            event.recurrence = Sent::Value(recurrence);
            let exceptions = exception::shown(object, component, &event, reader)?;
            event.exceptions = if exceptions.is_empty() { Sent::Absent } else { Sent::Value(exceptions) };
        }
        Series::Unsayable => {
            if let Some(days) = Days::of(object, component, reader) {
                event = Carrier::of(&days).show(&days, event)?;
            }
        }
    }
    if event.all_day != Sent::Value(true) || reader.version < Version::V16_0 {
        event.time_zone = Sent::Value(time_zone(component, object, reader));
    }
    event.uid = Sent::from(component.uid.clone());
    Ok(event)
}

/// The component that the event is about: the series, else the one occurrence that there is.
pub(super) fn main(object: &Object) -> Result<&Component, ConversionError> {
    let found = object.master().or(object.components.first());
    found.filter(|component| component.start.is_some()).ok_or(ConversionError("an event without start"))
}

/// What a component says of itself, apart from series and zone.
pub(super) fn properties(
    component: &Component,
    object: &Object,
    reader: &Reader<'_>,
) -> Result<Event, ConversionError> {
    let span = Span::of(component, object, reader.zone).ok_or(ConversionError("an event without start"))?;
    let moment = |moment| times::to_wire(moment, object, reader.zone, reader.version);
    let notes = notes(component);
    let (organizer_name, organizer_email) = people::organizer(component, reader);
    let meeting_status = status::meeting_status(component, reader.addresses);
    Ok(Event {
        dt_stamp: Sent::from(component.stamp.or(component.last_modified)),
        start_time: Sent::Value(moment(&span.start)),
        end_time: Sent::Value(moment(&span.end).max(moment(&span.start))),
        all_day: Sent::Value(span.start.is_date()),
        subject: Sent::Value(component.summary.clone().unwrap_or_default()),
        organizer_name: Sent::Value(organizer_name),
        organizer_email: Sent::Value(organizer_email),
        response_requested: Sent::Value(people::are_asked(component)),
        attendees: Sent::Value(people::attendees(component)),
        location: location(component, reader.version),
        body: Sent::Value(notes.body(reader.preferences)),
        native_body_type: Sent::Value(notes.native()),
        categories: Sent::Value(component.categories.clone()),
        sensitivity: Sent::Value(class::sensitivity(component.class)),
        busy_status: Sent::Value(status::busy_status(component, reader.addresses)),
        reminder: reminder(component, object, &span, reader),
        meeting_status: Sent::Value(meeting_status),
        disallow_new_time_proposal: Sent::Value(component.disallow_counter == Some(true)),
        response_type: Sent::Value(status::response_type(component, reader.addresses)),
        ..Event::default()
    })
}

pub(super) fn notes(component: &Component) -> Notes {
    Notes { plain: component.description.clone(), html: component.html_description.clone() }
}

/// From 16.0 on what is absent stays at the client, so that nothing must be said in so many words.
fn absence<T>(version: Version) -> Sent<T> {
    if version >= Version::V16_0 { Sent::Empty } else { Sent::Absent }
}

fn location(component: &Component, version: Version) -> Sent<Location> {
    let display_name = component.location.clone().unwrap_or_default();
    let degrees = |value: f64| value.to_string();
    let (latitude, longitude) = component
        .geo
        .filter(|_| version >= Version::V16_0)
        .map_or_else(Default::default, |geo| (degrees(geo.latitude), degrees(geo.longitude)));
    if display_name.is_empty() && latitude.is_empty() {
        return absence(version);
    }
    Sent::Value(Location { display_name, latitude, longitude, ..Location::default() })
}

/// Minutes from the first alarm that tells the user something to the start.
fn reminder(component: &Component, object: &Object, span: &Span, reader: &Reader<'_>) -> Sent<u32> {
    let start = object.instant(&span.start, reader.zone);
    let end = object.instant(&span.end, reader.zone);
    let rings = alarm::shown(component).and_then(|alarm| alarm.trigger);
    let Some(rings) = rings else { return absence(reader.version) };
    let at = match rings {
        Trigger::FromStart(span) => alarm::after(start, span),
        Trigger::FromEnd(span) => alarm::after(end, span),
        Trigger::At(moment) => moment,
    };
    let minutes = start.seconds().saturating_sub(at.seconds()) / 60;
    Sent::Value(u32::try_from(minutes).unwrap_or(0)) // after the start: at the start
}

/// The zone that is told: that of the start. Of a single event in UTC nobody knows its clocks, so they are the
/// owner's.
pub(super) fn clocks(component: &Component, object: &Object, reader: &Reader<'_>) -> Zone {
    match &component.start {
        Some(Moment::Utc(_)) if !component.is_recurring() => reader.zone.clone(),
        Some(start) => object.zone_of(start, reader.zone).clone(),
        None => reader.zone.clone(),
    }
}

/// As it is told.
pub(super) fn time_zone(component: &Component, object: &Object, reader: &Reader<'_>) -> TimeZone {
    zone::blob(&clocks(component, object, reader), year(component, reader))
}

/// The year whose rules are told: that of the event, of a series that of this month.
fn year(component: &Component, reader: &Reader<'_>) -> i32 {
    let begins = component.start.as_ref().map_or(1970, |start| start.local().year());
    if component.is_recurring() { begins.max(days::month(reader.now).year()) } else { begins }
}
