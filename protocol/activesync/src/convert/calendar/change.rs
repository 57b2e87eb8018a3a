//! From what a client sends of an event to the lines that change.

use calendar::edit::{Change, Field};
use calendar::{Attendee as Stored, AttendeeRole, Component, Participation, Status, Transparency, UserType};
use calendar::{Duration, Geo, Organizer, Trigger};
use wbxml::Tag;
use wbxml::page::{airsync_base, calendar as page};

use super::{Writer, people, show, status};
use crate::convert::{Edit, class};
use crate::item::calendar::{Attendee, AttendeeStatus, AttendeeType, BusyStatus, Event, Location};
use crate::item::{Absence, Sent};
use crate::version::Version;

/// All but times and recurrence. `absence` says what it means that an element is absent in `sent`.
pub(super) fn properties(
    component: &Component,
    shown: &Event,
    sent: &Event,
    absence: impl Fn(Tag) -> Absence,
    writer: &Writer<'_>,
) -> Change {
    let location_tag =
        if writer.reader.version < Version::V16_0 { page::LOCATION } else { airsync_base::LOCATION };
    let location = between(&shown.location, &sent.location, absence(location_tag));
    let mut change = Change {
        summary: between(&shown.subject, &sent.subject, absence(page::SUBJECT)).into(),
        geo: geo(component, &location),
        location: location.map(|location| location.text()).into(),
        categories: between(&shown.categories, &sent.categories, absence(page::CATEGORIES)).into(),
        class: between(&shown.sensitivity, &sent.sensitivity, absence(page::SENSITIVITY))
            .map(class::class)
            .into(),
        alarm: between(&shown.reminder, &sent.reminder, absence(page::REMINDER)).map(minutes_before).into(),
        ..Change::default()
    };
    notes(&mut change, component, sent, writer);
    busy(&mut change, between(&shown.busy_status, &sent.busy_status, absence(page::BUSY_STATUS)));
    cancellation(&mut change, component, shown, sent);
    let attendees = between(&shown.attendees, &sent.attendees, absence(page::ATTENDEES));
    // What is asked of the guests, who are no less asked for being asked in a copy of theirs.
    let (mut answers, mut proposals) = (Edit::Keep, Edit::Keep);
    if !status::meeting_status(component, writer.reader.addresses).is_received {
        answers = between(&shown.response_requested, &sent.response_requested, Absence::Keep);
        let absence = absence(page::DISALLOW_NEW_TIME_PROPOSAL);
        proposals = between(&shown.disallow_new_time_proposal, &sent.disallow_new_time_proposal, absence);
    }
    change.disallow_counter = match proposals {
        Edit::Set(true) => Field::Set(true),
        // MS-ASCAL R214: absence means that they may.
        Edit::Set(false) | Edit::Clear if component.disallow_counter.is_some() => Field::Clear,
        Edit::Set(false) | Edit::Clear | Edit::Keep => Field::Keep,
    };
    guests(&mut change, component, sent, (attendees, answers), writer);
    change
}

fn between<T: PartialEq + Clone>(shown: &Sent<T>, sent: &Sent<T>, absence: Absence) -> Edit<T> {
    Edit::between(shown, sent.clone(), absence)
}

fn minutes_before(minutes: u32) -> Trigger {
    Trigger::FromStart(Duration::from_seconds(-60 * i64::from(minutes)))
}

/// The coordinates of a new place; another place without them takes the old ones away.
fn geo(component: &Component, location: &Edit<Location>) -> Field<Geo> {
    match location {
        Edit::Keep => Field::Keep,
        Edit::Clear | Edit::Set(_) => {
            let place = if let Edit::Set(location) = location { coordinates(location) } else { None };
            let gone = if component.geo.is_some() { Field::Clear } else { Field::Keep };
            place.map_or(gone, Field::Set)
        }
    }
}

/// `None` without coordinates, and for what are none.
fn coordinates(location: &Location) -> Option<Geo> {
    let degrees =
        |text: &str, most: f64| text.trim().parse().ok().filter(|degrees: &f64| degrees.abs() <= most);
    Some(Geo {
        latitude: degrees(&location.latitude, 90.0)?,
        longitude: degrees(&location.longitude, 180.0)?,
    })
}

fn notes(change: &mut Change, component: &Component, sent: &Event, writer: &Writer<'_>) {
    match show::notes(component).edit(&sent.body, writer.reader.preferences) {
        Edit::Keep => {}
        Edit::Clear => {
            change.description = Field::Clear;
            change.html_description = Field::Clear;
        }
        Edit::Set(notes) => {
            change.description = notes.plain.into();
            change.html_description = notes.html.into();
        }
    }
}

/// TRANSP for calendars that know only free and busy, and Outlook's word for those that know more.
fn busy(change: &mut Change, edit: Edit<BusyStatus>) {
    let transparency = |status| match status {
        BusyStatus::Free => Transparency::Transparent,
        _ => Transparency::Opaque,
    };
    change.transparency = edit.clone().map(transparency).into();
    change.busy_status = edit.map(status::stored_busy_status).into();
}

/// Only cancelling and its contrary are said by a client: the other bits follow from the people.
fn cancellation(change: &mut Change, component: &Component, shown: &Event, sent: &Event) {
    let (Some(shown), Some(sent)) = (shown.meeting_status.value(), sent.meeting_status.value()) else {
        return;
    };
    let is_stored = component.status == Some(Status::Cancelled);
    if sent.is_cancelled && !shown.is_cancelled && !is_stored {
        change.status = Field::Set(Status::Cancelled);
    } else if !sent.is_cancelled && shown.is_cancelled && is_stored {
        change.status = Field::Set(Status::Confirmed);
    }
}

/// Those who stay keep what the client does not say of them; the organizer's own line and those without
/// an address, whom the client does not see, stay too.
fn guests(
    change: &mut Change,
    component: &Component,
    sent: &Event,
    (edit, answers): (Edit<Vec<Attendee>>, Edit<bool>),
    writer: &Writer<'_>,
) {
    let list = match edit {
        Edit::Keep if matches!(answers, Edit::Set(_)) && people::guests(component).next().is_some() => {
            people::attendees(component)
        }
        Edit::Keep => return,
        Edit::Clear => Vec::new(),
        Edit::Set(list) => list,
    };
    let asked = sent.response_requested.value().copied().unwrap_or(people::are_asked(component));
    let unseen =
        component.attendees.iter().filter(|one| !people::guests(component).any(|guest| guest == *one));
    let mut all: Vec<Stored> = unseen.cloned().collect();
    all.extend(list.iter().map(|attendee| {
        let guest = stored(attendee, component, asked);
        if let Edit::Set(rsvp) = answers { Stored { rsvp, ..guest } } else { guest }
    }));
    if all.is_empty() {
        change.attendees = Field::Clear;
        let is_ours = component
            .organizer
            .as_ref()
            .is_some_and(|organizer| people::is_own(&organizer.address, writer.reader.addresses));
        change.organizer = if is_ours { Field::Clear } else { Field::Keep };
        return;
    }
    change.attendees = Field::Set(all);
    if component.organizer.is_none() {
        change.organizer = organizer(sent, writer).map_or(Field::Keep, Field::Set);
    }
}

/// The organizer whom a client up to 14.1 names, else the owner (MS-ASCAL R2169, R2175).
fn organizer(sent: &Event, writer: &Writer<'_>) -> Option<Organizer> {
    let said = |text: &Sent<String>| text.value().filter(|text| !text.trim().is_empty()).cloned();
    if let Some(address) = said(&sent.organizer_email) {
        return Some(Organizer { address, name: said(&sent.organizer_name) });
    }
    let address = writer.reader.addresses.first()?.to_string();
    let name = Some(writer.reader.name.to_owned()).filter(|name| !name.is_empty());
    Some(Organizer { address, name })
}

fn stored(attendee: &Attendee, component: &Component, rsvp: bool) -> Stored {
    let known =
        component.attendees.iter().find(|one| one.address.eq_ignore_ascii_case(attendee.email.trim()));
    let mut stored = known.cloned().unwrap_or_else(|| Stored {
        address: attendee.email.trim().to_owned(),
        name: None,
        user_type: UserType::Individual,
        role: AttendeeRole::Required,
        participation: Participation::NeedsAction,
        rsvp,
    });
    let name = attendee.name.trim();
    if !name.is_empty() && name != stored.address {
        stored.name = Some(name.to_owned());
    }
    if let Some(kind) = attendee.kind.filter(|kind| *kind != people::kind(&stored)) {
        (stored.user_type, stored.role) = match kind {
            AttendeeType::Required => (UserType::Individual, AttendeeRole::Required),
            AttendeeType::Optional => (UserType::Individual, AttendeeRole::Optional),
            AttendeeType::Resource => (UserType::Resource, AttendeeRole::NonParticipant),
        };
    }
    if let Some(status) = attendee.status.filter(|status| *status != people::status(stored.participation)) {
        stored.participation = match status {
            AttendeeStatus::Tentative => Participation::Tentative,
            AttendeeStatus::Accepted => Participation::Accepted,
            AttendeeStatus::Declined => Participation::Declined,
            AttendeeStatus::Unknown | AttendeeStatus::NotResponded => Participation::NeedsAction,
        };
    }
    stored
}
