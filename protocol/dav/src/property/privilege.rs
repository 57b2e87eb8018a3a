//! Privileges: RFC 3744 section 3.

use crate::name::{Name, caldav, dav, kontor};
use crate::xml::Writer;

macro_rules! privileges {
    ($($(#[$doc:meta])* $variant:ident = $name:path;)*) => {
        /// What a principal may do with a resource.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Privilege {
            $($(#[$doc])* $variant,)*
        }

        impl Privilege {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Its name.
            #[must_use]
            pub const fn name(self) -> Name<'static> {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// The privilege of a name.
            #[must_use]
            pub fn from_name(name: Name<'_>) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

privileges! {
    /// RFC 3744 section 3.1.
    Read = dav::READ;
    /// RFC 3744 section 3.2.
    Write = dav::WRITE;
    /// RFC 3744 section 3.3.
    WriteProperties = dav::WRITE_PROPERTIES;
    /// RFC 3744 section 3.4.
    WriteContent = dav::WRITE_CONTENT;
    /// RFC 3744 section 3.5.
    Unlock = dav::UNLOCK;
    /// RFC 3744 section 3.6.
    ReadAcl = dav::READ_ACL;
    /// RFC 3744 section 3.7.
    ReadCurrentUserPrivilegeSet = dav::READ_CURRENT_USER_PRIVILEGE_SET;
    /// RFC 3744 section 3.8.
    WriteAcl = dav::WRITE_ACL;
    /// RFC 3744 section 3.9.
    Bind = dav::BIND;
    /// RFC 3744 section 3.10.
    Unbind = dav::UNBIND;
    /// RFC 3744 section 3.11.
    All = dav::ALL;
    /// Sharing a collection with others, as the drafts on resource sharing name it.
    Share = dav::SHARE;
    /// RFC 4791 section 6.1.1.
    ReadFreeBusy = caldav::READ_FREE_BUSY;
    /// RFC 6638 section 6.1.1.
    ScheduleDeliver = caldav::SCHEDULE_DELIVER;
    /// RFC 6638 section 6.1.2.
    ScheduleDeliverInvite = caldav::SCHEDULE_DELIVER_INVITE;
    /// RFC 6638 section 6.1.3.
    ScheduleDeliverReply = caldav::SCHEDULE_DELIVER_REPLY;
    /// RFC 6638 section 6.1.4.
    ScheduleQueryFreeBusy = caldav::SCHEDULE_QUERY_FREEBUSY;
    /// RFC 6638 section 6.2.1.
    ScheduleSend = caldav::SCHEDULE_SEND;
    /// RFC 6638 section 6.2.2.
    ScheduleSendInvite = caldav::SCHEDULE_SEND_INVITE;
    /// RFC 6638 section 6.2.3.
    ScheduleSendReply = caldav::SCHEDULE_SEND_REPLY;
    /// RFC 6638 section 6.2.4.
    ScheduleSendFreeBusy = caldav::SCHEDULE_SEND_FREEBUSY;
    /// Seeing what is marked private: this server's own, no specification has it.
    SeePrivate = kontor::SEE_PRIVATE;
}

impl Privilege {
    /// `<D:privilege><D:read/></D:privilege>`.
    pub(crate) fn element(self, writer: &mut Writer) {
        writer.open(dav::PRIVILEGE);
        writer.empty(self.name());
        writer.close();
    }
}

/// A privilege with those that it contains: RFC 3744 section 5.3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SupportedPrivilege {
    /// The privilege.
    pub privilege: Privilege,
    /// It cannot be given by itself.
    pub is_abstract: bool,
    /// For people, in English.
    pub description: &'static str,
    /// What it contains.
    pub contains: Vec<Self>,
}

impl SupportedPrivilege {
    /// The server's own table is what is written, so its depth is ours to choose.
    pub(crate) fn element(&self, writer: &mut Writer) {
        writer.open(dav::SUPPORTED_PRIVILEGE);
        self.privilege.element(writer);
        if self.is_abstract {
            writer.empty(dav::ABSTRACT);
        }
        writer.open(dav::DESCRIPTION);
        writer.attribute(crate::name::attribute::LANG, "en");
        writer.text(self.description);
        writer.close();
        for contained in &self.contains {
            contained.element(writer);
        }
        writer.close();
    }
}
