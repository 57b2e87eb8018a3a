//! Live properties: what they are called, who may set them, what they hold.

mod acl;
mod bulk;
mod component;
mod lock;
mod media_type;
mod privilege;
mod read;
mod report_set;
mod resource_type;
mod value;

pub use acl::{Ace, AcePrincipal, AclRestrictions};
pub use bulk::BulkLimits;
pub use component::Component;
pub use lock::{ActiveLock, LockScope, lock_answer};
pub use media_type::MediaType;
pub use privilege::{Privilege, SupportedPrivilege};
pub use report_set::ReportName;
pub use resource_type::ResourceType;
pub use value::{Transparency, UserType, Value};

use crate::name::{Name, QName, apple, caldav, calendarserver, carddav, dav, mobileme, push};

/// Who may set a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Nobody: RFC 4918 section 15, "protected".
    Protected,
    /// Whoever makes the collection, and nobody later.
    AtCreation,
    /// Whoever may write properties.
    Settable,
}

/// Whether `allprop` gives a property.
enum Shown {
    /// RFC 4918 section 9.1 makes it so for what that document defines.
    InAllProp,
    /// RFC 3744 section 4, RFC 4791 section 5.2, RFC 6352 section 6.2 and others forbid it.
    OnRequest,
}

macro_rules! properties {
    ($($(#[$doc:meta])* $variant:ident = $name:path, $access:ident, $shown:ident;)*) => {
        /// A live property that we know. All others are dead: kept as they come.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Property {
            $($(#[$doc])* $variant,)*
        }

        impl Property {
            /// All that we know.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The property of a name.
            #[must_use]
            pub fn from_name(name: Name<'_>) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)*
                    _ => None,
                }
            }

            /// Its name.
            #[must_use]
            pub const fn name(self) -> Name<'static> {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// Who may set it.
            #[must_use]
            pub const fn access(self) -> Access {
                match self {
                    $(Self::$variant => Access::$access,)*
                }
            }

            const fn shown(self) -> Shown {
                match self {
                    $(Self::$variant => Shown::$shown,)*
                }
            }
        }
    };
}

properties! {
    /// RFC 4918 section 15.1.
    CreationDate = dav::CREATIONDATE, Protected, InAllProp;
    /// RFC 4918 section 15.2.
    DisplayName = dav::DISPLAYNAME, Settable, InAllProp;
    /// RFC 4918 section 15.3.
    ContentLanguage = dav::GETCONTENTLANGUAGE, Protected, InAllProp;
    /// RFC 4918 section 15.4.
    ContentLength = dav::GETCONTENTLENGTH, Protected, InAllProp;
    /// RFC 4918 section 15.5.
    ContentType = dav::GETCONTENTTYPE, Protected, InAllProp;
    /// RFC 4918 section 15.6.
    ETag = dav::GETETAG, Protected, InAllProp;
    /// RFC 4918 section 15.7.
    LastModified = dav::GETLASTMODIFIED, Protected, InAllProp;
    /// RFC 4918 section 15.8.
    LockDiscovery = dav::LOCKDISCOVERY, Protected, InAllProp;
    /// RFC 4918 section 15.9; chosen by extended MKCOL, RFC 5689 section 3.
    ResourceType = dav::RESOURCETYPE, AtCreation, InAllProp;
    /// RFC 4918 section 15.10.
    SupportedLock = dav::SUPPORTEDLOCK, Protected, InAllProp;

    /// RFC 3744 section 4.1.
    AlternateUriSet = dav::ALTERNATE_URI_SET, Protected, OnRequest;
    /// RFC 3744 section 4.2.
    PrincipalUrl = dav::PRINCIPAL_URL, Protected, OnRequest;
    /// RFC 3744 section 4.3.
    GroupMemberSet = dav::GROUP_MEMBER_SET, Settable, OnRequest;
    /// RFC 3744 section 4.4.
    GroupMembership = dav::GROUP_MEMBERSHIP, Protected, OnRequest;
    /// RFC 3744 section 5.1.
    Owner = dav::OWNER, Protected, OnRequest;
    /// RFC 3744 section 5.2.
    Group = dav::GROUP, Protected, OnRequest;
    /// RFC 3744 section 5.3.
    SupportedPrivilegeSet = dav::SUPPORTED_PRIVILEGE_SET, Protected, OnRequest;
    /// RFC 3744 section 5.4.
    CurrentUserPrivilegeSet = dav::CURRENT_USER_PRIVILEGE_SET, Protected, OnRequest;
    /// RFC 3744 section 5.5. The method ACL changes it, not PROPPATCH.
    Acl = dav::ACL, Protected, OnRequest;
    /// RFC 3744 section 5.6.
    AclRestrictions = dav::ACL_RESTRICTIONS, Protected, OnRequest;
    /// RFC 3744 section 5.7.
    InheritedAclSet = dav::INHERITED_ACL_SET, Protected, OnRequest;
    /// RFC 3744 section 5.8.
    PrincipalCollectionSet = dav::PRINCIPAL_COLLECTION_SET, Protected, OnRequest;
    /// RFC 5397 section 3.
    CurrentUserPrincipal = dav::CURRENT_USER_PRINCIPAL, Protected, OnRequest;

    /// RFC 3253 section 3.1.3.
    SupportedMethodSet = dav::SUPPORTED_METHOD_SET, Protected, OnRequest;
    /// RFC 3253 section 3.1.4.
    SupportedLivePropertySet = dav::SUPPORTED_LIVE_PROPERTY_SET, Protected, OnRequest;
    /// RFC 3253 section 3.1.5.
    SupportedReportSet = dav::SUPPORTED_REPORT_SET, Protected, OnRequest;
    /// RFC 6578 section 4.
    SyncToken = dav::SYNC_TOKEN, Protected, OnRequest;
    /// RFC 4331 section 3.
    QuotaAvailableBytes = dav::QUOTA_AVAILABLE_BYTES, Protected, OnRequest;
    /// RFC 4331 section 4.
    QuotaUsedBytes = dav::QUOTA_USED_BYTES, Protected, OnRequest;
    /// RFC 5995 section 3.2.
    AddMember = dav::ADD_MEMBER, Protected, OnRequest;
    /// RFC 5842 section 3.1.
    ResourceId = dav::RESOURCE_ID, Protected, OnRequest;

    /// RFC 4791 section 5.2.1.
    CalendarDescription = caldav::CALENDAR_DESCRIPTION, Settable, OnRequest;
    /// RFC 4791 section 5.2.2.
    CalendarTimezone = caldav::CALENDAR_TIMEZONE, Settable, OnRequest;
    /// RFC 7809 section 5.2.
    CalendarTimezoneId = caldav::CALENDAR_TIMEZONE_ID, Settable, OnRequest;
    /// RFC 7809 section 5.1.
    TimezoneServiceSet = caldav::TIMEZONE_SERVICE_SET, Protected, OnRequest;
    /// RFC 7953 section 7.2.4.
    CalendarAvailability = caldav::CALENDAR_AVAILABILITY, Settable, OnRequest;
    /// RFC 4791 section 5.2.3.
    SupportedCalendarComponentSet = caldav::SUPPORTED_CALENDAR_COMPONENT_SET, AtCreation, OnRequest;
    /// Of a home: the sets that a calendar in it may be made with.
    SupportedCalendarComponentSets = caldav::SUPPORTED_CALENDAR_COMPONENT_SETS, Protected, OnRequest;
    /// RFC 4791 section 5.2.4.
    SupportedCalendarData = caldav::SUPPORTED_CALENDAR_DATA, Protected, OnRequest;
    /// RFC 4791 section 5.2.5.
    MaxResourceSize = caldav::MAX_RESOURCE_SIZE, Protected, OnRequest;
    /// RFC 4791 section 5.2.6.
    MinDateTime = caldav::MIN_DATE_TIME, Protected, OnRequest;
    /// RFC 4791 section 5.2.7.
    MaxDateTime = caldav::MAX_DATE_TIME, Protected, OnRequest;
    /// RFC 4791 section 5.2.8.
    MaxInstances = caldav::MAX_INSTANCES, Protected, OnRequest;
    /// RFC 4791 section 5.2.9.
    MaxAttendeesPerInstance = caldav::MAX_ATTENDEES_PER_INSTANCE, Protected, OnRequest;
    /// RFC 8607 section 6.1.
    ManagedAttachmentsServerUrl = caldav::MANAGED_ATTACHMENTS_SERVER_URL, Protected, OnRequest;
    /// RFC 8607 section 6.2.
    MaxAttachmentSize = caldav::MAX_ATTACHMENT_SIZE, Protected, OnRequest;
    /// RFC 8607 section 6.3.
    MaxAttachmentsPerResource = caldav::MAX_ATTACHMENTS_PER_RESOURCE, Protected, OnRequest;
    /// RFC 4791 section 7.5.1.
    CalendarCollationSet = caldav::SUPPORTED_COLLATION_SET, Protected, OnRequest;
    /// RFC 7529 section 10.1: the calendar systems that rules may count in.
    SupportedRscaleSet = caldav::SUPPORTED_RSCALE_SET, Protected, OnRequest;
    /// RFC 4791 section 9.6: given by reports only.
    CalendarData = caldav::CALENDAR_DATA, Protected, OnRequest;
    /// RFC 4791 section 6.2.1.
    CalendarHomeSet = caldav::CALENDAR_HOME_SET, Protected, OnRequest;
    /// RFC 6638 section 2.1.1.
    ScheduleOutboxUrl = caldav::SCHEDULE_OUTBOX_URL, Protected, OnRequest;
    /// RFC 6638 section 2.2.1.
    ScheduleInboxUrl = caldav::SCHEDULE_INBOX_URL, Protected, OnRequest;
    /// RFC 6638 section 2.4.1.
    CalendarUserAddressSet = caldav::CALENDAR_USER_ADDRESS_SET, Protected, OnRequest;
    /// RFC 6638 section 2.4.2.
    CalendarUserType = caldav::CALENDAR_USER_TYPE, Protected, OnRequest;
    /// RFC 6638 section 9.1.
    ScheduleCalendarTransp = caldav::SCHEDULE_CALENDAR_TRANSP, Settable, OnRequest;
    /// RFC 6638 section 9.2.
    ScheduleDefaultCalendarUrl = caldav::SCHEDULE_DEFAULT_CALENDAR_URL, Settable, OnRequest;
    /// RFC 6638 section 9.3.
    ScheduleTag = caldav::SCHEDULE_TAG, Protected, OnRequest;
    /// The calendars of an inbox that count for free-busy; older than RFC 6638, which has
    /// [`ScheduleCalendarTransp`](Self::ScheduleCalendarTransp) instead. macOS still sets it.
    CalendarFreeBusySet = caldav::CALENDAR_FREE_BUSY_SET, Settable, OnRequest;

    /// RFC 6352 section 6.2.1.
    AddressBookDescription = carddav::ADDRESSBOOK_DESCRIPTION, Settable, OnRequest;
    /// RFC 6352 section 6.2.2.
    SupportedAddressData = carddav::SUPPORTED_ADDRESS_DATA, Protected, OnRequest;
    /// RFC 6352 section 6.2.3.
    CardMaxResourceSize = carddav::MAX_RESOURCE_SIZE, Protected, OnRequest;
    /// The same for a picture within a card. macOS asks for it.
    CardMaxImageSize = carddav::MAX_IMAGE_SIZE, Protected, OnRequest;
    /// RFC 6352 section 7.1.1.
    AddressBookHomeSet = carddav::ADDRESSBOOK_HOME_SET, Protected, OnRequest;
    /// RFC 6352 section 7.1.2.
    PrincipalAddress = carddav::PRINCIPAL_ADDRESS, Protected, OnRequest;
    /// draft-daboo-carddav-directory-gateway: address books of the house that can be searched.
    DirectoryGateway = carddav::DIRECTORY_GATEWAY, Protected, OnRequest;
    /// RFC 6352 section 8.3.1.
    CardCollationSet = carddav::SUPPORTED_COLLATION_SET, Protected, OnRequest;
    /// RFC 6352 section 10.4: given by reports only.
    AddressData = carddav::ADDRESS_DATA, Protected, OnRequest;

    /// The collection's version, for clients without sync-collection.
    CTag = calendarserver::GETCTAG, Protected, OnRequest;
    /// The mail addresses of a principal.
    EmailAddressSet = calendarserver::EMAIL_ADDRESS_SET, Protected, OnRequest;
    /// The principals whose calendars the principal may read.
    CalendarProxyReadFor = calendarserver::CALENDAR_PROXY_READ_FOR, Protected, OnRequest;
    /// The principals whose calendars the principal may change.
    CalendarProxyWriteFor = calendarserver::CALENDAR_PROXY_WRITE_FOR, Protected, OnRequest;
    /// What a subscribed calendar is read from.
    Source = calendarserver::SOURCE, Settable, OnRequest;
    /// Where the notifications of a principal lie.
    NotificationUrl = calendarserver::NOTIFICATION_URL, Protected, OnRequest;

    /// What kind of notification it is.
    NotificationType = calendarserver::NOTIFICATIONTYPE, Protected, OnRequest;
    /// With whom a calendar is shared.
    Invite = calendarserver::INVITE, Protected, OnRequest;
    /// How a calendar can be shared.
    AllowedSharingModes = calendarserver::ALLOWED_SHARING_MODES, Protected, OnRequest;
    /// Where the owner of a shared calendar has it.
    SharedUrl = calendarserver::SHARED_URL, Protected, OnRequest;
    /// The same as [`Invite`](Self::Invite) in the draft's words.
    ShareInvite = dav::INVITE, Protected, OnRequest;
    /// Whose a collection is, and what the viewer may do with it.
    ShareAccess = dav::SHARE_ACCESS, Protected, OnRequest;
    /// The same for everybody who sees the collection.
    ShareResourceUri = dav::SHARE_RESOURCE_URI, Protected, OnRequest;

    /// `#RRGGBB` or `#RRGGBBAA`.
    CalendarColor = apple::CALENDAR_COLOR, Settable, OnRequest;
    /// The place of a calendar in the user's list.
    CalendarOrder = apple::CALENDAR_ORDER, Settable, OnRequest;

    /// How much one request may change at once.
    BulkRequests = mobileme::BULK_REQUESTS, Protected, OnRequest;
    /// WebDAV-Push, "Push Properties": by which ways one can be told of changes.
    PushTransports = push::TRANSPORTS, Protected, OnRequest;
    /// WebDAV-Push, "Push Properties": by which name a message tells of the collection.
    PushTopic = push::TOPIC, Protected, OnRequest;
    /// WebDAV-Push, "Push Properties": of which changes one can be told.
    PushTriggers = push::SUPPORTED_TRIGGERS, Protected, OnRequest;
}

impl Property {
    /// Whether `allprop` gives it where it exists.
    #[must_use]
    pub const fn in_allprop(self) -> bool {
        matches!(self.shown(), Shown::InAllProp)
    }
}

impl From<Property> for QName {
    fn from(property: Property) -> Self {
        property.name().into()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::name::DAV;

    #[test]
    fn every_property_is_found_by_its_name() {
        for property in Property::ALL {
            assert_eq!(Property::from_name(property.name()), Some(*property));
        }
        let names: HashSet<_> = Property::ALL.iter().map(|property| property.name()).collect();
        assert_eq!(names.len(), Property::ALL.len());
        assert_eq!(Property::from_name(Name::known("urn:x", "displayname")), None);
    }

    // RFC 4918 section 9.1, RFC 4791 section 5.2, RFC 6352 section 6.2.
    #[test]
    fn allprop_gives_what_rfc_4918_defines_and_nothing_else() {
        let shown: Vec<_> = Property::ALL.iter().filter(|property| property.in_allprop()).collect();
        assert_eq!(shown.len(), 10);
        assert!(shown.iter().all(|property| property.name().namespace() == DAV));
    }
}
