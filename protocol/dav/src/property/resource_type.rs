//! `resourcetype`: RFC 4918 section 15.9.

use crate::name::{Name, caldav, calendarserver, carddav, dav};

macro_rules! resource_types {
    ($($(#[$doc:meta])* $variant:ident = $name:path;)*) => {
        /// What a resource is; it can be several things at once.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum ResourceType {
            $($(#[$doc])* $variant,)*
        }

        impl ResourceType {
            /// Its name.
            #[must_use]
            pub const fn name(self) -> Name<'static> {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// The type of a name.
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

resource_types! {
    /// RFC 4918 section 14.3.
    Collection = dav::COLLECTION;
    /// RFC 3744 section 4.
    Principal = dav::PRINCIPAL;
    /// RFC 4791 section 9.1.
    Calendar = caldav::CALENDAR;
    /// RFC 6352 section 10.1.
    AddressBook = carddav::ADDRESSBOOK;
    /// draft-daboo-carddav-directory-gateway: an address book that the house keeps.
    Directory = carddav::DIRECTORY;
    /// RFC 6638 section 2.2.
    ScheduleInbox = caldav::SCHEDULE_INBOX;
    /// RFC 6638 section 2.1.
    ScheduleOutbox = caldav::SCHEDULE_OUTBOX;
    /// The group of those who may read a principal's calendars.
    CalendarProxyRead = calendarserver::CALENDAR_PROXY_READ;
    /// The group of those who may change a principal's calendars.
    CalendarProxyWrite = calendarserver::CALENDAR_PROXY_WRITE;
    /// Where notifications lie.
    Notification = calendarserver::NOTIFICATION;
    /// A collection of another user.
    Shared = calendarserver::SHARED;
    /// A collection that its owner shares.
    SharedOwner = calendarserver::SHARED_OWNER;
    /// A calendar that is read from elsewhere.
    Subscribed = calendarserver::SUBSCRIBED;
}
