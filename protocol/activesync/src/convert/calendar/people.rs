//! Organizer and attendees.

use calendar::{AttendeeRole, Component, Participation, UserType};

use super::Reader;
use crate::item::calendar::{Attendee, AttendeeStatus, AttendeeType};

pub(super) fn is_own(address: &str, addresses: &[&str]) -> bool {
    addresses.iter().any(|own| own.eq_ignore_ascii_case(address.trim()))
}

/// Those who are invited: without the organizer, whom Exchange does not list, and without those who have no
/// address, at whom Outlook stumbles.
pub(super) fn guests(component: &Component) -> impl Iterator<Item = &calendar::Attendee> {
    let organizer = component.organizer.as_ref().map(|organizer| organizer.address.as_str());
    component.attendees.iter().filter(move |attendee| {
        let is_organizer =
            organizer.is_some_and(|organizer| organizer.eq_ignore_ascii_case(&attendee.address));
        !is_organizer && !attendee.address.trim().is_empty()
    })
}

/// What the owner answered, if invited.
pub(super) fn own_answer(component: &Component, addresses: &[&str]) -> Option<Participation> {
    guests(component)
        .find(|attendee| is_own(&attendee.address, addresses))
        .map(|attendee| attendee.participation)
}

/// Whether an answer is wanted of anybody, or would be of the first guest.
pub(super) fn are_asked(component: &Component) -> bool {
    guests(component).next().is_none() || guests(component).any(|guest| guest.rsvp)
}

/// Name and address of the organizer; the owner of an appointment, whom phones want to see there.
pub(super) fn organizer(component: &Component, reader: &Reader<'_>) -> (String, String) {
    match &component.organizer {
        Some(organizer) => {
            let name = organizer.name.clone().unwrap_or_else(|| organizer.address.clone());
            (name, organizer.address.clone())
        }
        None => {
            let address = reader.addresses.first().copied().unwrap_or_default();
            (reader.name.to_owned(), address.to_owned())
        }
    }
}

pub(super) fn attendees(component: &Component) -> Vec<Attendee> {
    let attendee = |guest: &calendar::Attendee| Attendee {
        email: guest.address.clone(),
        name: guest.name.clone().unwrap_or_else(|| guest.address.clone()),
        status: Some(status(guest.participation)),
        kind: Some(kind(guest)),
    };
    guests(component).map(attendee).collect()
}

pub(super) fn status(participation: Participation) -> AttendeeStatus {
    match participation {
        Participation::Accepted | Participation::Completed | Participation::InProcess => {
            AttendeeStatus::Accepted
        }
        Participation::Tentative => AttendeeStatus::Tentative,
        Participation::Declined => AttendeeStatus::Declined,
        Participation::NeedsAction | Participation::Delegated => AttendeeStatus::NotResponded,
    }
}

pub(super) fn kind(guest: &calendar::Attendee) -> AttendeeType {
    match (guest.user_type, guest.role) {
        (UserType::Room | UserType::Resource, _) => AttendeeType::Resource,
        (_, AttendeeRole::Optional | AttendeeRole::NonParticipant) => AttendeeType::Optional,
        (_, AttendeeRole::Required | AttendeeRole::Chair) => AttendeeType::Required,
    }
}
