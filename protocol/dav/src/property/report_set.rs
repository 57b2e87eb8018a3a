//! `supported-report-set`: RFC 3253 section 3.1.5.

use crate::name::{Name, caldav, calendarserver, carddav, dav};

macro_rules! reports {
    ($($(#[$doc:meta])* $variant:ident = $name:path;)*) => {
        /// A report that we read.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum ReportName {
            $($(#[$doc])* $variant,)*
        }

        impl ReportName {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name of its root element.
            #[must_use]
            pub const fn name(self) -> Name<'static> {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// The report of a name.
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

reports! {
    /// RFC 3253 section 3.8.
    ExpandProperty = dav::EXPAND_PROPERTY;
    /// RFC 3744 section 9.2.
    AclPrincipalPropSet = dav::ACL_PRINCIPAL_PROP_SET;
    /// RFC 3744 section 9.3.
    PrincipalMatch = dav::PRINCIPAL_MATCH;
    /// RFC 3744 section 9.4.
    PrincipalPropertySearch = dav::PRINCIPAL_PROPERTY_SEARCH;
    /// RFC 3744 section 9.5.
    PrincipalSearchPropertySet = dav::PRINCIPAL_SEARCH_PROPERTY_SET;
    /// RFC 6578 section 3.2.
    SyncCollection = dav::SYNC_COLLECTION;
    /// RFC 4791 section 7.8.
    CalendarQuery = caldav::CALENDAR_QUERY;
    /// RFC 4791 section 7.9.
    CalendarMultiget = caldav::CALENDAR_MULTIGET;
    /// RFC 4791 section 7.10.
    FreeBusyQuery = caldav::FREE_BUSY_QUERY;
    /// RFC 6352 section 8.6.
    AddressBookQuery = carddav::ADDRESSBOOK_QUERY;
    /// RFC 6352 section 8.7.
    AddressBookMultiget = carddav::ADDRESSBOOK_MULTIGET;
    /// How macOS and iOS look for people and rooms by one field of text.
    CalendarServerPrincipalSearch = calendarserver::CALENDARSERVER_PRINCIPAL_SEARCH;
}
