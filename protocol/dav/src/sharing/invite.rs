//! `invite`: with whom a collection is shared.

use super::ShareAccess;
use crate::name::{calendarserver, dav};
use crate::xml::Writer;

/// With whom a collection is shared, and by whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invite {
    /// Whose it is.
    pub organizer: Organizer,
    /// With whom it is shared.
    pub users: Vec<Invitee>,
}

/// Whose a shared collection is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organizer {
    /// The calendar user address.
    pub href: String,
    /// What people call it.
    pub name: String,
}

/// Somebody with whom a collection is shared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitee {
    /// The calendar user address.
    pub href: String,
    /// What people call it.
    pub name: String,
    /// What may be done.
    pub access: ShareAccess,
    /// False: whoever it is has taken the collection out of sight.
    pub accepted: bool,
}

impl Organizer {
    pub(super) fn element(&self, writer: &mut Writer) {
        writer.open(calendarserver::ORGANIZER);
        writer.leaf(dav::HREF, &self.href);
        writer.leaf(calendarserver::COMMON_NAME, &self.name);
        writer.close();
    }
}

impl Invite {
    /// As the calendar server has it: the organizer, and every user with an access.
    pub(super) fn users(&self, writer: &mut Writer) {
        self.organizer.element(writer);
        for user in &self.users {
            writer.open(calendarserver::USER);
            writer.leaf(dav::HREF, &user.href);
            writer.leaf(calendarserver::COMMON_NAME, &user.name);
            writer.empty(if user.accepted {
                calendarserver::INVITE_ACCEPTED
            } else {
                calendarserver::INVITE_DECLINED
            });
            user.access.element(writer);
            writer.close();
        }
    }

    /// As the draft has it.
    pub(super) fn sharees(&self, writer: &mut Writer) {
        for user in &self.users {
            writer.open(dav::SHAREE);
            writer.leaf(dav::HREF, &user.href);
            writer.open(dav::PROP);
            writer.leaf(dav::DISPLAYNAME, &user.name);
            writer.close();
            writer.open(dav::SHARE_ACCESS);
            writer.empty(user.access.dav());
            writer.close();
            writer.empty(if user.accepted { dav::INVITE_ACCEPTED } else { dav::INVITE_DECLINED });
            writer.close();
        }
    }
}
