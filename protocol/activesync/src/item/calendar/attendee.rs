//! Who is invited: MS-ASCAL sections 2.2.2.3 to 2.2.2.6.

use wbxml::page::calendar as page;
use wbxml::{Element, Tag};

use crate::item::ConversionError;
use crate::item::encode::{self, Out};
use crate::item::format::{Code, Format, line, number};

/// Most attendees of one event.
pub const ATTENDEES_MAX: usize = 2000;

/// One who is invited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attendee {
    /// Address, hopefully (MS-ASCAL R230).
    pub email: String,
    /// Name; the address if it is not known.
    pub name: String,
    /// The answer; never from a client of 16.0 or later.
    pub status: Option<AttendeeStatus>,
    /// In which way.
    pub kind: Option<AttendeeType>,
}

/// MS-ASCAL section 2.2.2.5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AttendeeStatus {
    /// 0
    Unknown,
    /// 2
    Tentative,
    /// 3
    Accepted,
    /// 4
    Declined,
    /// 5
    NotResponded,
}

/// MS-ASCAL section 2.2.2.6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum AttendeeType {
    /// 1
    #[default]
    Required,
    /// 2
    Optional,
    /// 3: a room or a thing.
    Resource,
}

impl Code for AttendeeStatus {
    fn code(self) -> u8 {
        match self {
            Self::Unknown => 0,
            Self::Tentative => 2,
            Self::Accepted => 3,
            Self::Declined => 4,
            Self::NotResponded => 5,
        }
    }

    fn from_code(code: u8) -> Option<Self> {
        [Self::Unknown, Self::Tentative, Self::Accepted, Self::Declined, Self::NotResponded]
            .into_iter()
            .find(|status| status.code() == code)
    }
}

impl Code for AttendeeType {
    fn code(self) -> u8 {
        match self {
            Self::Required => 1,
            Self::Optional => 2,
            Self::Resource => 3,
        }
    }

    fn from_code(code: u8) -> Option<Self> {
        [Self::Required, Self::Optional, Self::Resource].into_iter().find(|kind| kind.code() == code)
    }
}

pub(super) const ATTENDEES: Format<Vec<Attendee>> =
    Format { read, write: |attendees, tag, out| write(attendees, tag, out) };

/// Attendees without an address are nobody that could be invited: they are left out.
fn read(element: &Element) -> Result<Option<Vec<Attendee>>, ConversionError> {
    let mut attendees = Vec::new();
    for child in element.all(page::ATTENDEE) {
        if attendees.len() == ATTENDEES_MAX {
            return Err(ConversionError("too many attendees"));
        }
        let email = child.child(page::EMAIL).map(line).transpose()?.unwrap_or_default();
        if email.trim().is_empty() {
            continue;
        }
        attendees.push(Attendee {
            name: child.child(page::NAME).map(line).transpose()?.unwrap_or_default(),
            email,
            status: coded(child, page::ATTENDEE_STATUS)?,
            kind: coded(child, page::ATTENDEE_TYPE)?,
        });
    }
    Ok(Some(attendees))
}

/// Numbers that are in no table count as not said.
fn coded<T: Code>(attendee: &Element, tag: Tag) -> Result<Option<T>, ConversionError> {
    let Some(child) = attendee.child(tag).filter(|child| !child.is_empty()) else { return Ok(None) };
    Ok(T::from_code(number(child)?))
}

/// Always written, also without any attendee: Exchange does so, and clients take it as the whole list.
fn write(attendees: &[Attendee], tag: Tag, out: &mut Out<'_>) {
    out.writer.open(tag);
    for attendee in attendees.iter().take(ATTENDEES_MAX) {
        let name = if attendee.name.is_empty() { &attendee.email } else { &attendee.name };
        out.writer.open(page::ATTENDEE);
        encode::text(out, page::EMAIL, &attendee.email);
        encode::text(out, page::NAME, name); // required: MS-ASCAL R101
        if let Some(status) = attendee.status {
            encode::number(out, page::ATTENDEE_STATUS, status.code().into());
        }
        if let Some(kind) = attendee.kind {
            encode::number(out, page::ATTENDEE_TYPE, kind.code().into());
        }
        out.writer.close();
    }
    out.writer.close();
}
