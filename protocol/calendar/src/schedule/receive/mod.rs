//! Messages that come in: RFC 5546 section 3, RFC 6638 section 4.

mod add;
mod cancel;
mod effect;
mod reply;
mod request;
mod update;
mod version;

use super::address::normal;
use super::copy::{Copy, People};
use super::message::Method;
use super::organizer::request_for;
use super::{Actor, Received, Why};

/// The largest object that messages of others make of the owner's, in octets.
const OBJECT_BYTES_MAX: usize = 4 * 1024 * 1024;

/// What an iTIP message does to the owner's copy. `from` is the proved sender; `stored` the owner's object of that UID.
///
/// Nobody but the organiser changes a meeting, nobody answers for somebody else, and what is older than the copy
/// changes nothing. Work and result are bounded by the two objects.
#[must_use]
pub fn receive(actor: &Actor<'_>, stored: Option<&[u8]>, message: &[u8], from: &str) -> Received {
    read(actor, stored, message, &normal(from)).unwrap_or_else(Received::Ignored)
}

fn read(actor: &Actor<'_>, stored: Option<&[u8]>, message: &[u8], from: &str) -> Result<Received, Why> {
    let mut message = Copy::parse(message).map_err(|_| Why::NotForUs)?;
    let method = message.object.method.as_deref().and_then(Method::by_name).ok_or(Why::NotForUs)?;
    if !message.is_schedulable() {
        return Err(Why::NotForUs);
    }
    let stored = match stored {
        Some(bytes) => Some(Copy::parse(bytes).map_err(|_| Why::Unknown)?),
        None => None,
    };
    let stored = stored.as_ref();
    if let Some(stored) = stored {
        if stored.object.uid() != message.object.uid() {
            return Err(Why::Unknown);
        }
        message.name_as(stored);
    }
    match method {
        Method::Publish => Err(Why::NotForUs),
        Method::Request | Method::Cancel | Method::Add | Method::DeclineCounter => {
            check_organizer(actor, stored, &message, from)?;
            match method {
                Method::Request => request::receive(actor, stored, &message),
                Method::Cancel => cancel::receive(actor, stored, &message),
                Method::Add => add::receive(actor, stored, &message),
                _ => stored.map(|_| Received::Show).ok_or(Why::Unknown),
            }
        }
        Method::Reply | Method::Counter | Method::Refresh => {
            let stored = check_attendee(actor, stored, &message, from)?;
            match method {
                Method::Reply => reply::receive(actor, stored, &message, from),
                Method::Refresh => {
                    let answer = request_for(actor, stored, from, &|address| actor.owner.contains(address));
                    if answer.is_empty() { Err(Why::Unknown) } else { Ok(Received::Answer(answer)) }
                }
                _ if is_known(stored, from) => Ok(Received::Show),
                _ => Err(Why::Unknown),
            }
        }
    }
}

/// Only the organiser says such things, of a meeting that is his and of nobody's else.
fn check_organizer(
    actor: &Actor<'_>,
    stored: Option<&Copy<'_>>,
    message: &Copy<'_>,
    from: &str,
) -> Result<(), Why> {
    let organizer = message.organizer().ok_or(Why::NotForUs)?;
    let is_his = stored
        .is_none_or(|stored| stored.organizer().is_some_and(|known| known.address == organizer.address));
    let is_forged = actor.owner.contains(&organizer.address)
        || organizer.address != from
        || message.has_several_organizers()
        || !is_his;
    if is_forged { Err(Why::Forged) } else { Ok(()) }
}

/// Attendees speak for themselves, to the organiser.
fn check_attendee<'s, 'b>(
    actor: &Actor<'_>,
    stored: Option<&'s Copy<'b>>,
    message: &Copy<'_>,
    from: &str,
) -> Result<&'s Copy<'b>, Why> {
    if message.organizer().is_some_and(|organizer| !actor.owner.contains(&organizer.address)) {
        return Err(Why::NotForUs);
    }
    let is_from = |people: &People| {
        !people.attendees.is_empty() && people.attendees.iter().all(|person| person.address == from)
    };
    let speaks_for_himself = match message.object.method.as_deref().and_then(Method::by_name) {
        // A proposal names all attendees.
        Some(Method::Counter) => message.people.iter().all(|people| people.find(|it| it == from).is_some()),
        _ => message.people.iter().all(is_from),
    };
    if !speaks_for_himself || actor.owner.contains(from) {
        return Err(Why::Forged);
    }
    let stored = stored.ok_or(Why::Unknown)?;
    match stored.organizer() {
        Some(organizer) if actor.owner.contains(&organizer.address) => Ok(stored),
        _ => Err(Why::Unknown),
    }
}

fn is_known(stored: &Copy<'_>, address: &str) -> bool {
    stored.people.iter().any(|people| people.find(|known| known == address).is_some())
}

/// New bytes, unless they say nothing new or grow beyond all measure.
fn store(stored: Option<&Copy<'_>>, bytes: Vec<u8>) -> Result<Vec<u8>, Why> {
    let old = stored.map_or(&[][..], |stored| stored.document.bytes());
    if bytes == old {
        return Err(Why::Old);
    }
    if bytes.len() > OBJECT_BYTES_MAX.max(old.len()) && stored.is_some() {
        return Err(Why::NotForUs);
    }
    Copy::parse(&bytes).map_err(|_| Why::NotForUs)?;
    Ok(bytes)
}
