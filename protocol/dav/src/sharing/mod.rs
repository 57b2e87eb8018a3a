//! Sharing a collection with others: the calendar server's "Shared and Published Calendars" (version 03) and the
//! draft draft-pot-webdav-resource-sharing-04, which says the same in the namespace of WebDAV.
//!
//! What is absent: publishing a calendar to everybody, and names that a client gives to those it shares with: the
//! server knows what they are called.

mod access;
mod invite;
mod notification;
mod request;

pub use access::{ShareAccess, ShareState};
pub use invite::{Invite, Invitee, Organizer};
pub use notification::{InviteNotice, Notification, ReplyNotice};
pub use request::{InviteReply, SHAREES_MAX, ShareChange, SharingRequest, shared_as};

use crate::property::Property;
use crate::xml::Writer;

/// What the properties of sharing hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SharingValue {
    /// For `invite` of both namespaces.
    Invite(Invite),
    /// For `allowed-sharing-modes`: it can be shared, and never be published.
    CanBeShared,
    /// For `share-access`.
    State(ShareState),
    /// For `notificationtype`.
    Kind(Notification),
}

impl SharingValue {
    pub(crate) fn content(&self, property: crate::name::Name<'_>, writer: &mut Writer) {
        match self {
            Self::Invite(invite) if property == Property::ShareInvite.name() => invite.sharees(writer),
            Self::Invite(invite) => invite.users(writer),
            Self::CanBeShared => writer.empty(crate::name::calendarserver::CAN_BE_SHARED),
            Self::State(state) => writer.empty(state.name()),
            Self::Kind(notification) => notification.kind(writer),
        }
    }
}
