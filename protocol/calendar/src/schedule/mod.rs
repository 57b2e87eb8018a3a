//! The pure half of scheduling: who must be told what, and what a message that comes in changes.
//! RFC 5546 (iTIP) and RFC 6638 (CalDAV scheduling).
//!
//! * [`write`] takes what an organiser or an attendee stores or removes, and gives what is to be stored instead and whom
//!   to tell. [`receive`] takes a message, and gives the copy of its recipient. Copies that got all messages, in
//!   whatever order and however often, say the same.
//! * [`respond`] and [`answer`] are for those without a calendar app: phones, buttons in mails, rooms.
//! * [`sent_by`] says in a message that a delegate acted.
//! * [`BusyRequest`] and [`busy_periods`] are for those who ask when others have time.
//!
//! What a message tells is the state of things for its recipient: a REQUEST always has all that the recipient is invited
//! to, and a CANCEL of some occurrences names these. Five marks of ours order it: `X-KONTOR-AS-OF` of a VCALENDAR says
//! when the recipient was told the state of things; `X-KONTOR-ASKED` of an attendee is the SEQUENCE at which he was
//! last asked anew, so that an answer to something older does not count, while one survives a SEQUENCE that went up
//! for another reason; `X-KONTOR-REPLIED` is the DTSTAMP of his last answer; `X-KONTOR-DECLINED` of an EXDATE says that
//! the attendee took the occurrence out, `X-KONTOR-CANCELLED` that the organiser cancelled it, before or after. A client
//! that drops them loses nothing but the order of messages that cross.
//!
//! A sixth, `X-KONTOR-UNASKED` of an attendee, says that he has answered without being asked. The organiser sees it, and he
//! is told nothing, until the organiser's client asks him: it writes his line without the mark and without his answer.
//!
//! Liberties: an occurrence that is off for one guest is cancelled for him with STATUS:CANCELLED, though the meeting
//! goes on. A guest who is left with single occurrences of a series gets one REQUEST with these, and no CANCEL beside.
//! Changes that are no news (who else comes, names, roles) refresh copies in silence instead of being sent.
//! Absent: delegation by an attendee (RFC 5546 section 2.1.2), VJOURNAL, ADD as something that is sent.

mod address;
mod attendee;
mod brief;
mod busy;
mod busy_request;
mod by_mail;
mod compose;
mod copy;
mod essence;
mod line;
mod message;
mod organizer;
mod propose;
mod receive;
mod respond;
mod sent_by;
mod stamp;

use vocabulary::Timestamp;

pub use address::{Addresses, normal};
pub use brief::{Brief, brief, uid_of};
pub use busy::{BusyKind, BusyPeriod, busy_periods, merged};
pub use busy_request::{BusyFault, BusyRequest, free_busy};
pub use by_mail::by_mail;
pub use message::{Message, Method};
pub use propose::{comment, decline_proposal, propose};
pub use receive::receive;
pub use respond::{answer, respond};
pub use sent_by::sent_by;

use crate::{Invalid, ResourceFault};
use copy::Copy;

/// For whom something is done, and when.
#[derive(Debug, Clone, Copy)]
pub struct Actor<'a> {
    /// The owner of the calendar, whoever writes in it: a delegate writes in the owner's name.
    pub owner: &'a Addresses,
    /// Becomes the DTSTAMP of messages.
    pub now: Timestamp,
    /// Who sends the messages of this write.
    pub agent: Agent,
}

/// Who sends the messages of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agent {
    /// The server, where SCHEDULE-AGENT does not say otherwise (RFC 6638 section 7.1).
    Server,
    /// The client itself, as phones up to ActiveSync 14.1 do: nothing is sent or written back, as if each line had
    /// SCHEDULE-AGENT=CLIENT. What an attendee may not change is refused all the same.
    Client,
}

/// What the owner of a calendar (or a delegate) did to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written<'a> {
    /// These bytes are to be stored.
    Stored(&'a [u8]),
    /// The object is to be removed.
    Removed {
        /// Whether an attendee's removal is told to the organiser; `Schedule-Reply: F` says no (RFC 6638 section 8.1).
        reply: bool,
    },
}

/// What a write amounts to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// What the owner is in the object.
    pub role: Role,
    /// The bytes to be stored in place of those that were sent; `None`: store them exactly as they were sent. With
    /// `Some`, the client gets no ETag.
    pub rewritten: Option<Vec<u8>>,
    /// What is to be told, at most one message for each recipient.
    pub messages: Vec<Message>,
    /// Copies of others that are to be refreshed in silence, as in [`Received::Store`].
    pub refresh: Vec<Message>,
    /// Whether the schedule tag stays, because the very bytes stay: RFC 6638 section 3.2.10 wants a new one for whatever a
    /// client changes itself, its own answer among it. Some clients expect that the tag outlives that answer.
    pub keeps_tag: bool,
}

/// What the owner of a calendar is in an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Neither; it is no scheduling object resource (RFC 6638 section 3.1) and has no schedule tag.
    None,
    /// Its organiser.
    Organizer,
    /// One of its attendees.
    Attendee,
}

/// Why a write is not done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// `CALDAV:allowed-attendee-scheduling-object-change` (RFC 6638 section 3.2.4.4).
    #[error("an attendee may not change this")]
    AttendeeChange,
    /// `CALDAV:allowed-organizer-scheduling-object-change` (RFC 6638 section 3.2.4.3).
    #[error("an organizer may not change this")]
    OrganizerChange,
    /// `CALDAV:same-organizer-in-all-components` (RFC 6638 section 3.2.4.2).
    #[error("the components have several organizers")]
    SameOrganizer,
    /// `CALDAV:max-attendees-per-instance` (RFC 4791 section 5.2.9).
    #[error("more than can be told")]
    TooMany,
    /// The bytes are no calendar object.
    #[error(transparent)]
    Invalid(#[from] Invalid),
}

/// What a message that came in amounts to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Received {
    /// It changes nothing and is not shown to the owner.
    Ignored(Why),
    /// The copy of the owner becomes this.
    Store {
        /// The bytes to be stored.
        bytes: Vec<u8>,
        /// Whether it is a new object; it belongs into the default calendar.
        is_new: bool,
        /// Whether the schedule tag stays: only what others have answered changes.
        keeps_tag: bool,
        /// Copies of others that are to be refreshed in silence: no mail, nothing in their inbox. Each goes to its
        /// recipient's own `receive`, and nowhere if the recipient is not local.
        refresh: Vec<Message>,
    },
    /// It changes nothing by itself, but the owner is to see it: a proposal (COUNTER) or that one was declined.
    Show,
    /// It asks for an answer: a REFRESH for the state of things (a REQUEST), an ADD to something unknown (a REFRESH).
    Answer(Vec<Message>),
}

/// Why a message changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Why {
    /// It is none, or one of a method that nobody acts on (PUBLISH).
    NotForUs,
    /// It is not of whoever may say such a thing: nobody but the organiser changes a meeting, and nobody answers for
    /// another attendee.
    Forged,
    /// The copy is as new, or newer (RFC 5546 section 2.1.5).
    Old,
    /// It is about something that the owner does not have.
    Unknown,
}

/// What a write at any door amounts to.
///
/// `old` are the bytes that are stored so far. `status` says what SCHEDULE-STATUS a recipient gets (RFC 6638 section
/// 3.2.9): `1.2` delivered here, `1.1` on its way outside; with one that begins with 3 or 5 the recipient gets no
/// message.
///
/// # Errors
/// Names the precondition that does not hold. Whether another object has the same UID
/// (`unique-scheduling-object-resource`) is the caller's question.
pub fn write(
    actor: &Actor<'_>,
    old: Option<&[u8]>,
    written: Written<'_>,
    status: &dyn Fn(&str) -> &'static str,
) -> Result<Plan, Refused> {
    // What cannot be read any more was told to nobody.
    let old = old.and_then(|old| Copy::parse(old).ok());
    let old_role = old.as_ref().map_or(Role::None, |old| role(actor, old));
    let bytes = match written {
        Written::Removed { reply } => {
            return match (&old, old_role) {
                (Some(old), Role::Organizer) => organizer::remove(actor, old, status),
                (Some(old), Role::Attendee) => attendee::remove(actor, old, reply, status),
                _ => Ok(Plan::nothing()),
            };
        }
        Written::Stored(bytes) => bytes,
    };
    let new = match Copy::parse(bytes) {
        Ok(new) => new,
        Err(Invalid::ObjectResource(ResourceFault::NoComponent)) => return Ok(Plan::nothing()),
        Err(invalid) => return Err(invalid.into()),
    };
    if new.is_schedulable() && new.has_several_organizers() {
        return Err(Refused::SameOrganizer);
    }
    let old = old.as_ref();
    match (old_role, role(actor, &new)) {
        (Role::Organizer, Role::Organizer) => organizer::write(actor, old, &new, status),
        (Role::Attendee, Role::Attendee) => attendee::write(actor, old, &new, status),
        (Role::Organizer, _) if new.organizer().is_some() => Err(Refused::OrganizerChange),
        // RFC 6638 section 3.2.3.1: what is no meeting any more is one that was removed.
        (Role::Organizer, _) => match old {
            Some(old) => Ok(Plan { role: Role::None, ..organizer::remove(actor, old, status)? }),
            None => Ok(Plan::nothing()),
        },
        (Role::Attendee, _) if old.and_then(Copy::organizer).is_some_and(|person| person.by_server) => {
            Err(Refused::AttendeeChange)
        }
        (_, Role::Organizer) => organizer::write(actor, None, &new, status),
        (_, Role::Attendee) => attendee::write(actor, None, &new, status),
        (_, Role::None) => Ok(Plan::nothing()),
    }
}

impl Plan {
    fn nothing() -> Self {
        Self::of(Role::None)
    }

    fn of(role: Role) -> Self {
        Self { role, rewritten: None, messages: Vec::new(), refresh: Vec::new(), keeps_tag: false }
    }
}

/// RFC 6638 section 3.1.
fn role(actor: &Actor<'_>, copy: &Copy<'_>) -> Role {
    let Some(organizer) = copy.organizer().filter(|_| copy.is_schedulable()) else { return Role::None };
    if actor.owner.contains(&organizer.address) {
        Role::Organizer
    } else if copy.people.iter().any(|people| attendee::own(actor, people).is_some()) {
        Role::Attendee
    } else {
        Role::None
    }
}
