//! Events: MS-ASCAL. [`Event`] goes both ways, and stands for an exception as well.
//!
//! What is absent: attachments of exceptions (16.0), proposed times of attendees (16.1), calendars other than
//! the Gregorian.

mod attendee;
mod code;
mod exception;
mod field;
mod location;
mod recurrence;
mod time_zone;

pub use attendee::{ATTENDEES_MAX, Attendee, AttendeeStatus, AttendeeType};
pub use code::{BusyStatus, MeetingStatus, ResponseType, Sensitivity};
pub use exception::{EXCEPTIONS_MAX, Exception, instance_id};
pub use location::Location;
pub use time_zone::{TIME_ZONE_BYTES, TimeZone, Transition};

use vocabulary::Timestamp;
use wbxml::Element;

use super::ConversionError;
use super::email::{Attachment, Body};
use super::encode::{Destination, Selection};
use super::recurrence::Recurrence;
use super::sent::{self, Sent};
use crate::body::BodyType;
use crate::server_id::{FileReference, ServerId};
use crate::version::Version;

/// Longest UID and ClientUid, in characters: MS-ASCAL R463, R2060.
pub const UID_CHARACTERS_MAX: usize = 300;

/// An event, or what an exception says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Event {
    /// Not for all-day events from 16.0 (MS-ASCAL R2006).
    pub time_zone: Sent<TimeZone>,
    /// When it was last changed.
    pub dt_stamp: Sent<Timestamp>,
    /// When it begins.
    pub start_time: Sent<Timestamp>,
    /// What it is about.
    pub subject: Sent<String>,
    /// Given by the client up to 14.1, by the server from 16.0.
    pub uid: Sent<String>,
    /// The client's own name for a new event, from 16.0.
    pub client_uid: Sent<String>,
    /// Told by the client up to 14.1 only.
    pub organizer_name: Sent<String>,
    /// Told by the client up to 14.1 only.
    pub organizer_email: Sent<String>,
    /// All of them.
    pub attendees: Sent<Vec<Attendee>>,
    /// Where it is.
    pub location: Sent<Location>,
    /// When it ends.
    pub end_time: Sent<Timestamp>,
    /// Its notes.
    pub body: Sent<Body>,
    /// Labels.
    pub categories: Sent<Vec<String>>,
    /// Who may see it.
    pub sensitivity: Sent<Sensitivity>,
    /// Whether the time is taken.
    pub busy_status: Sent<BusyStatus>,
    /// Whether it lasts whole days.
    pub all_day: Sent<bool>,
    /// Minutes before the start; empty for none.
    pub reminder: Sent<u32>,
    /// When it recurs; empty (from 16.0) to make it a single event (MS-ASCAL R2180002).
    pub recurrence: Sent<Recurrence>,
    /// Occurrences that differ from the rest.
    pub exceptions: Sent<Vec<Exception>>,
    /// Appointment or meeting, and whose.
    pub meeting_status: Sent<MeetingStatus>,
    /// How the notes are stored; told by the server only.
    pub native_body_type: Sent<BodyType>,
    /// Attendees shall not propose another time.
    pub disallow_new_time_proposal: Sent<bool>,
    /// Attendees shall answer.
    pub response_requested: Sent<bool>,
    /// When the user answered; told by the server only.
    pub appointment_reply_time: Sent<Timestamp>,
    /// What the user answered; told by the server only.
    pub response_type: Sent<ResponseType>,
    /// Where to join it online; told by the server only.
    pub online_meeting_external_link: Sent<String>,
    /// Files, from 16.0; told by the server only. Their FileReferences are numbers until
    /// [`Event::name_attachments`].
    pub attachments: Vec<Attachment>,
}

/// The number of a file within its event, made of what the event knows it by ([`calendar::edit::AttachedFile::key`]): it
/// stays when other files come and go. FNV-1a with 32 bits.
#[must_use]
pub fn attachment_part(key: &str) -> u32 {
    key.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

impl Event {
    /// Makes names that the whole house understands of the numbers of the files.
    pub fn name_attachments(&mut self, item: ServerId) {
        for file in &mut self.attachments {
            if let Ok(part) = file.file_reference.parse() {
                file.file_reference = FileReference { item, part }.to_string();
            }
        }
    }

    /// Reads the ApplicationData of an Add or Change. Elements that clients may not send are skipped.
    ///
    /// # Errors
    /// Item status 6: values of the wrong kind or out of range, a list that is too long, a recurrence that
    /// contradicts its type (MS-ASCAL section 3.2.5.3).
    pub fn parse(data: &Element, version: Version) -> Result<Self, ConversionError> {
        let event: Self = sent::read(data, version, field::FIELDS, None)?;
        let too_long =
            |uid: &Sent<String>| uid.value().is_some_and(|uid| uid.chars().nth(UID_CHARACTERS_MAX).is_some());
        if too_long(&event.uid) || too_long(&event.client_uid) {
            return Err(ConversionError("a UID is too long"));
        }
        Ok(event.without_what_servers_say(version))
    }

    /// Reads the ApplicationData of a Change that names one occurrence by its InstanceId (from 16.0).
    ///
    /// # Errors
    /// As [`Self::parse`], and for elements that an occurrence does not have: Timezone, Recurrence and
    /// Exceptions.
    pub fn parse_instance(data: &Element, version: Version) -> Result<Self, ConversionError> {
        use wbxml::page::calendar::{EXCEPTIONS, RECURRENCE, TIMEZONE};
        if [TIMEZONE, RECURRENCE, EXCEPTIONS].iter().any(|tag| data.child(*tag).is_some()) {
            return Err(ConversionError("an occurrence has neither zone nor recurrence of its own"));
        }
        Self::parse(data, version)
    }

    /// Writes what stands inside ApplicationData or Properties.
    pub fn write(&self, selection: Selection<'_>, destination: Destination<'_>) {
        sent::write_item(self, field::FIELDS, selection, destination);
    }

    /// MS-ASCAL R92, R349, R356, R404; from 16.0 also R2028, R2088, R2168, R2174 and R2221.
    fn without_what_servers_say(self, version: Version) -> Self {
        let mut said = Self {
            appointment_reply_time: Sent::Absent,
            response_type: Sent::Absent,
            online_meeting_external_link: Sent::Absent,
            ..self
        };
        if version >= Version::V16_0 {
            said.dt_stamp = Sent::Absent;
            said.organizer_name = Sent::Absent;
            said.organizer_email = Sent::Absent;
            said.uid = Sent::Absent;
            if let Sent::Value(attendees) = &mut said.attendees {
                attendees.iter_mut().for_each(|attendee| attendee.status = None);
            }
        }
        said
    }
}
