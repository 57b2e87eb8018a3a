//! What an attendee may not change: RFC 6638 section 3.2.2.1.

use super::super::Refused;
use super::super::copy::Copy;
use super::super::essence::Essence;
use crate::term::Status;

/// Properties that every client knows: to leave one out is to change it.
const KNOWN_TO_ALL: &[&str] = &["SUMMARY", "LOCATION", "DESCRIPTION"];

/// The meeting stays the organiser's.
pub(super) fn organizer(old: &Copy<'_>, new: &Copy<'_>) -> Result<(), Refused> {
    let address = |copy: &Copy<'_>| copy.organizer().map(|organizer| organizer.address.clone());
    if address(old) == address(new) { Ok(()) } else { Err(Refused::AttendeeChange) }
}

/// Times, and whatever the organiser says.
pub(super) fn essence(old: &Essence, new: &Essence) -> Result<(), Refused> {
    let is_cancelled = |one: &Essence| one.status == Some(Status::Cancelled);
    let same = !new.is_moved(old)
        && new.rules == old.rules
        && new.dates == old.dates
        && is_cancelled(new) == is_cancelled(old)
        && says_the_same(&old.content, &new.content);
    if same { Ok(()) } else { Err(Refused::AttendeeChange) }
}

fn says_the_same(old: &[(String, String)], new: &[(String, String)]) -> bool {
    let is_known_to_all = |name: &String| KNOWN_TO_ALL.contains(&name.as_str());
    let nothing_new =
        new.iter().filter(|(name, _)| name != "COMMENT").all(|line| old.binary_search(line).is_ok());
    let nothing_lost =
        old.iter().filter(|(name, _)| is_known_to_all(name)).all(|line| new.binary_search(line).is_ok());
    nothing_new && nothing_lost
}
