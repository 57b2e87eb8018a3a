//! Busy or free, private or not, meeting or appointment.

use calendar::{BusyStatus as Stored, Component, Participation, Status, Transparency};

use super::people;
use crate::item::calendar::{BusyStatus, MeetingStatus, ResponseType};

/// X-MICROSOFT-CDO-BUSYSTATUS where it stands, else what STATUS, TRANSP and the owner's answer amount to.
pub(super) fn busy_status(component: &Component, addresses: &[&str]) -> BusyStatus {
    if let Some(status) = component.busy_status {
        return match status {
            Stored::Free => BusyStatus::Free,
            Stored::Tentative => BusyStatus::Tentative,
            Stored::Busy => BusyStatus::Busy,
            Stored::OutOfOffice => BusyStatus::OutOfOffice,
            Stored::WorkingElsewhere => BusyStatus::WorkingElsewhere,
        };
    }
    let is_undecided = people::own_answer(component, addresses)
        .is_some_and(|answer| matches!(answer, Participation::NeedsAction | Participation::Tentative));
    match (component.status, component.transparency) {
        (Some(Status::Cancelled), _) | (_, Some(Transparency::Transparent)) => BusyStatus::Free,
        (Some(Status::Tentative), _) => BusyStatus::Tentative,
        _ if is_undecided => BusyStatus::Tentative,
        _ => BusyStatus::Busy,
    }
}

pub(super) fn stored_busy_status(status: BusyStatus) -> Stored {
    match status {
        BusyStatus::Free => Stored::Free,
        BusyStatus::Tentative => Stored::Tentative,
        BusyStatus::Busy => Stored::Busy,
        BusyStatus::OutOfOffice => Stored::OutOfOffice,
        BusyStatus::WorkingElsewhere => Stored::WorkingElsewhere,
    }
}

/// MS-ASCAL section 2.2.2.28.
pub(super) fn meeting_status(component: &Component, addresses: &[&str]) -> MeetingStatus {
    let is_received =
        component.organizer.as_ref().is_some_and(|organizer| !people::is_own(&organizer.address, addresses));
    let is_meeting = is_received || people::guests(component).next().is_some();
    MeetingStatus {
        is_meeting,
        is_received,
        is_cancelled: is_meeting && component.status == Some(Status::Cancelled),
    }
}

/// MS-ASCAL section 2.2.2.40.
pub(super) fn response_type(component: &Component, addresses: &[&str]) -> ResponseType {
    let meeting = meeting_status(component, addresses);
    if !meeting.is_meeting {
        return ResponseType::None;
    }
    if !meeting.is_received {
        return ResponseType::Organizer;
    }
    match people::own_answer(component, addresses) {
        Some(Participation::Accepted) => ResponseType::Accepted,
        Some(Participation::Tentative) => ResponseType::Tentative,
        Some(Participation::Declined) => ResponseType::Declined,
        _ => ResponseType::NotResponded,
    }
}
