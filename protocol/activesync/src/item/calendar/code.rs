//! The closed sets of numbers of an event.

use crate::item::encode;
use crate::item::format::{Code, Format, number};

/// Whether the time is taken: MS-ASCAL section 2.2.2.9.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum BusyStatus {
    /// 0
    Free,
    /// 1
    Tentative,
    /// 2
    #[default]
    Busy,
    /// 3
    OutOfOffice,
    /// 4
    WorkingElsewhere,
}

/// Who may see it: MS-ASCAL section 2.2.2.41, MS-ASTASK section 2.2.2.24.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum Sensitivity {
    /// 0
    #[default]
    Normal,
    /// 1
    Personal,
    /// 2
    Private,
    /// 3
    Confidential,
}

/// What the user answered: MS-ASCAL section 2.2.2.40.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ResponseType {
    /// 0: no answer has come.
    None,
    /// 1: the user organizes it.
    Organizer,
    /// 2
    Tentative,
    /// 3
    Accepted,
    /// 4
    Declined,
    /// 5: the user has not answered.
    NotResponded,
}

/// Appointment or meeting: MS-ASCAL section 2.2.2.28, bit flags (R31811).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct MeetingStatus {
    /// It has attendees (R31812).
    pub is_meeting: bool,
    /// The user is not the organizer (R31813).
    pub is_received: bool,
    /// It does not take place (R31814).
    pub is_cancelled: bool,
}

impl Code for BusyStatus {
    fn code(self) -> u8 {
        self as u8
    }

    fn from_code(code: u8) -> Option<Self> {
        [Self::Free, Self::Tentative, Self::Busy, Self::OutOfOffice, Self::WorkingElsewhere]
            .into_iter()
            .find(|status| status.code() == code)
    }
}

impl Code for Sensitivity {
    fn code(self) -> u8 {
        self as u8
    }

    fn from_code(code: u8) -> Option<Self> {
        [Self::Normal, Self::Personal, Self::Private, Self::Confidential]
            .into_iter()
            .find(|sensitivity| sensitivity.code() == code)
    }
}

impl Code for ResponseType {
    fn code(self) -> u8 {
        self as u8
    }

    fn from_code(code: u8) -> Option<Self> {
        [Self::None, Self::Organizer, Self::Tentative, Self::Accepted, Self::Declined, Self::NotResponded]
            .into_iter()
            .find(|response| response.code() == code)
    }
}

/// The bits that have no meaning are ignored (R3181511).
pub(super) const MEETING_STATUS: Format<MeetingStatus> = Format {
    read: |element| {
        let bits: u8 = number(element)?;
        Ok(Some(MeetingStatus {
            is_meeting: bits & 1 != 0,
            is_received: bits & 2 != 0,
            is_cancelled: bits & 4 != 0,
        }))
    },
    write: |status, tag, out| {
        let bits = u64::from(status.is_meeting)
            | u64::from(status.is_received) << 1
            | u64::from(status.is_cancelled) << 2;
        encode::number(out, tag, bits);
    },
};
