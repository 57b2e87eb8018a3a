//! Names of elements and properties: Namespaces in XML 1.0.

use std::borrow::Cow;
use std::fmt;

use crate::xml::is_name;

/// WebDAV and its extensions: RFC 4918 section 21.2.
pub const DAV: &str = "DAV:";
/// CalDAV: RFC 4791 section 12.1.
pub const CALDAV: &str = "urn:ietf:params:xml:ns:caldav";
/// CardDAV: RFC 6352 section 14.1.
pub const CARDDAV: &str = "urn:ietf:params:xml:ns:carddav";
/// Extensions of Apple's calendar server: ctag, proxies, subscriptions.
pub const CALENDARSERVER: &str = "http://calendarserver.org/ns/";
/// Properties of Apple's calendar programs.
pub const APPLE: &str = "http://apple.com/ns/ical/";
/// Apple's requests for several changes at once.
pub const MOBILEME: &str = "http://me.com/_namespace/";
/// What this server has and no specification names.
pub const KONTOR: &str = "urn:x-kontor:dav";
/// WebDAV-Push, as drafted.
pub const PUSH: &str = "https://bitfire.at/webdav-push";
/// The namespace to which the prefix `xml` is bound.
pub(crate) const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// Longest namespace and longest local name, in bytes. An answer repeats the names that were asked for, with
/// their namespaces, for every resource.
pub const NAME_BYTES_MAX: usize = 255;

/// A borrowed name. The constants of this module are patterns:
/// `match element.name() { dav::PROP => .., caldav::FILTER => .., _ => .. }`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Name<'a> {
    namespace: &'a str,
    local: &'a str,
}

impl<'a> Name<'a> {
    /// For constants of this crate; whatever comes from outside passes [`QName::new`].
    pub(crate) const fn known(namespace: &'a str, local: &'a str) -> Self {
        Self { namespace, local }
    }

    /// The namespace; empty for a name in no namespace.
    #[must_use]
    pub const fn namespace(self) -> &'a str {
        self.namespace
    }

    /// The local part, an NCName.
    #[must_use]
    pub const fn local(self) -> &'a str {
        self.local
    }

    pub(crate) fn to_owned(self) -> QName {
        QName { namespace: namespace_of(self.namespace), local: Cow::Owned(self.local.to_owned()) }
    }
}

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{}}}{}", self.namespace, self.local)
    }
}

/// An owned name. Its local part is always an NCName, so it can be written back as it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct QName {
    namespace: Cow<'static, str>,
    local: Cow<'static, str>,
}

impl QName {
    /// `None` if the local part is not an NCName (Namespaces in XML 1.0, production 4), or one of the two is
    /// longer than [`NAME_BYTES_MAX`].
    #[must_use]
    pub fn new(namespace: &str, local: &str) -> Option<Self> {
        let fits = namespace.len() <= NAME_BYTES_MAX && local.len() <= NAME_BYTES_MAX;
        (fits && is_name(local)).then(|| Name { namespace, local }.to_owned())
    }

    /// The name, borrowed.
    #[must_use]
    pub fn name(&self) -> Name<'_> {
        Name { namespace: &self.namespace, local: &self.local }
    }
}

/// The namespace without an allocation if it is one that we know.
fn namespace_of(namespace: &str) -> Cow<'static, str> {
    [DAV, CALDAV, CARDDAV, CALENDARSERVER, APPLE, MOBILEME, PUSH, KONTOR, ""]
        .into_iter()
        .find(|known| *known == namespace)
        .map_or_else(|| Cow::Owned(namespace.to_owned()), Cow::Borrowed)
}

impl From<Name<'static>> for QName {
    fn from(name: Name<'static>) -> Self {
        Self { namespace: Cow::Borrowed(name.namespace), local: Cow::Borrowed(name.local) }
    }
}

impl fmt::Display for QName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.name().fmt(f)
    }
}

/// Attributes without a namespace, and `xml:lang`.
pub(crate) mod attribute {
    use super::{Name, XML};

    pub(crate) const LANG: Name<'static> = Name::known(XML, "lang");

    macro_rules! attributes {
        ($($constant:ident = $local:literal,)*) => {
            $(pub(crate) const $constant: Name<'static> = Name::known("", $local);)*
        };
    }

    attributes! {
        COLLATION = "collation",
        CONTENT_TYPE = "content-type",
        CONTEXT = "context",
        END = "end",
        MATCH_TYPE = "match-type",
        NAME = "name",
        NAMESPACE = "namespace",
        NEGATE_CONDITION = "negate-condition",
        NOVALUE = "novalue",
        SHARED_TYPE = "shared-type",
        START = "start",
        TEST = "test",
        TYPE = "type",
        VERSION = "version",
    }
}

macro_rules! names {
    ($(#[$doc:meta])* $module:ident, $namespace:ident: $($constant:ident = $local:literal,)*) => {
        $(#[$doc])*
        pub mod $module {
            use super::{$namespace, Name};

            $(
                #[doc = concat!("`", $local, "`")]
                pub const $constant: Name<'static> = Name::known($namespace, $local);
            )*
        }
    };
}

names! {
    /// Names in [`DAV`].
    dav, DAV:
    ABSTRACT = "abstract",
    ACE = "ace",
    ACL = "acl",
    ACL_PRINCIPAL_PROP_SET = "acl-principal-prop-set",
    ACL_RESTRICTIONS = "acl-restrictions",
    ACTIVELOCK = "activelock",
    ADD_MEMBER = "add-member",
    ALL = "all",
    ALLPROP = "allprop",
    ALTERNATE_URI_SET = "alternate-URI-set",
    APPLY_TO_PRINCIPAL_COLLECTION_SET = "apply-to-principal-collection-set",
    AUTHENTICATED = "authenticated",
    BIND = "bind",
    COLLECTION = "collection",
    CREATIONDATE = "creationdate",
    CURRENT_USER_PRINCIPAL = "current-user-principal",
    CURRENT_USER_PRIVILEGE_SET = "current-user-privilege-set",
    DENY = "deny",
    DEPTH = "depth",
    DESCRIPTION = "description",
    DISPLAYNAME = "displayname",
    ERROR = "error",
    EXCLUSIVE = "exclusive",
    EXPAND_PROPERTY = "expand-property",
    GETCONTENTLANGUAGE = "getcontentlanguage",
    GETCONTENTLENGTH = "getcontentlength",
    GETCONTENTTYPE = "getcontenttype",
    GETETAG = "getetag",
    GETLASTMODIFIED = "getlastmodified",
    GRANT = "grant",
    GRANT_ONLY = "grant-only",
    GROUP = "group",
    GROUP_MEMBERSHIP = "group-membership",
    GROUP_MEMBER_SET = "group-member-set",
    HREF = "href",
    INCLUDE = "include",
    INHERITED = "inherited",
    INHERITED_ACL_SET = "inherited-acl-set",
    INVERT = "invert",
    INVITE = "invite",
    INVITE_ACCEPTED = "invite-accepted",
    INVITE_DECLINED = "invite-declined",
    LIMIT = "limit",
    LOCKDISCOVERY = "lockdiscovery",
    LOCKENTRY = "lockentry",
    LOCKINFO = "lockinfo",
    LOCKROOT = "lockroot",
    LOCKSCOPE = "lockscope",
    LOCKTOKEN = "locktoken",
    LOCKTYPE = "locktype",
    MATCH = "match",
    MKCOL = "mkcol",
    MKCOL_RESPONSE = "mkcol-response",
    MULTISTATUS = "multistatus",
    NOT_SHARED = "not-shared",
    NO_ACCESS = "no-access",
    NO_INVERT = "no-invert",
    NRESULTS = "nresults",
    OWNER = "owner",
    PRINCIPAL = "principal",
    PRINCIPAL_COLLECTION_SET = "principal-collection-set",
    PRINCIPAL_MATCH = "principal-match",
    PRINCIPAL_PROPERTY = "principal-property",
    PRINCIPAL_PROPERTY_SEARCH = "principal-property-search",
    PRINCIPAL_SEARCH_PROPERTY = "principal-search-property",
    PRINCIPAL_SEARCH_PROPERTY_SET = "principal-search-property-set",
    PRINCIPAL_URL = "principal-URL",
    PRIVILEGE = "privilege",
    PROP = "prop",
    PROPERTY = "property",
    PROPERTYUPDATE = "propertyupdate",
    PROPERTY_SEARCH = "property-search",
    PROPFIND = "propfind",
    PROPNAME = "propname",
    PROPSTAT = "propstat",
    PROTECTED = "protected",
    QUOTA_AVAILABLE_BYTES = "quota-available-bytes",
    QUOTA_USED_BYTES = "quota-used-bytes",
    READ = "read",
    READ_ACL = "read-acl",
    READ_CURRENT_USER_PRIVILEGE_SET = "read-current-user-privilege-set",
    READ_WRITE = "read-write",
    REMOVE = "remove",
    REPORT = "report",
    RESOURCE = "resource",
    RESOURCETYPE = "resourcetype",
    RESOURCE_ID = "resource-id",
    RESPONSE = "response",
    SELF = "self",
    SET = "set",
    SHARE = "share",
    SHARED = "shared",
    SHARED_OWNER = "shared-owner",
    SHAREE = "sharee",
    SHARE_ACCESS = "share-access",
    SHARE_RESOURCE = "share-resource",
    SHARE_RESOURCE_URI = "share-resource-uri",
    STATUS = "status",
    SUPPORTEDLOCK = "supportedlock",
    SUPPORTED_LIVE_PROPERTY = "supported-live-property",
    SUPPORTED_LIVE_PROPERTY_SET = "supported-live-property-set",
    SUPPORTED_METHOD = "supported-method",
    SUPPORTED_METHOD_SET = "supported-method-set",
    SUPPORTED_PRIVILEGE = "supported-privilege",
    SUPPORTED_PRIVILEGE_SET = "supported-privilege-set",
    SUPPORTED_REPORT = "supported-report",
    SUPPORTED_REPORT_SET = "supported-report-set",
    SYNC_COLLECTION = "sync-collection",
    SYNC_LEVEL = "sync-level",
    SYNC_TOKEN = "sync-token",
    TIMEOUT = "timeout",
    UNAUTHENTICATED = "unauthenticated",
    UNBIND = "unbind",
    UNLOCK = "unlock",
    WRITE = "write",
    WRITE_ACL = "write-acl",
    WRITE_CONTENT = "write-content",
    WRITE_PROPERTIES = "write-properties",
}

names! {
    /// Names in [`CALDAV`].
    caldav, CALDAV:
    ALLCOMP = "allcomp",
    ALLPROP = "allprop",
    CALENDAR = "calendar",
    CALENDAR_AVAILABILITY = "calendar-availability",
    CALENDAR_DATA = "calendar-data",
    CALENDAR_DESCRIPTION = "calendar-description",
    CALENDAR_FREE_BUSY_SET = "calendar-free-busy-set",
    CALENDAR_HOME_SET = "calendar-home-set",
    CALENDAR_MULTIGET = "calendar-multiget",
    CALENDAR_QUERY = "calendar-query",
    CALENDAR_TIMEZONE = "calendar-timezone",
    CALENDAR_TIMEZONE_ID = "calendar-timezone-id",
    CALENDAR_USER_ADDRESS_SET = "calendar-user-address-set",
    CALENDAR_USER_TYPE = "calendar-user-type",
    COMP = "comp",
    COMP_FILTER = "comp-filter",
    EXPAND = "expand",
    FILTER = "filter",
    FREE_BUSY_QUERY = "free-busy-query",
    IS_NOT_DEFINED = "is-not-defined",
    LIMIT_FREEBUSY_SET = "limit-freebusy-set",
    LIMIT_RECURRENCE_SET = "limit-recurrence-set",
    MANAGED_ATTACHMENTS_SERVER_URL = "managed-attachments-server-URL",
    MAX_ATTACHMENTS_PER_RESOURCE = "max-attachments-per-resource",
    MAX_ATTACHMENT_SIZE = "max-attachment-size",
    MAX_ATTENDEES_PER_INSTANCE = "max-attendees-per-instance",
    MAX_DATE_TIME = "max-date-time",
    MAX_INSTANCES = "max-instances",
    MAX_RESOURCE_SIZE = "max-resource-size",
    MIN_DATE_TIME = "min-date-time",
    MKCALENDAR = "mkcalendar",
    MKCALENDAR_RESPONSE = "mkcalendar-response",
    OPAQUE = "opaque",
    PARAM_FILTER = "param-filter",
    PROP = "prop",
    PROP_FILTER = "prop-filter",
    READ_FREE_BUSY = "read-free-busy",
    RECIPIENT = "recipient",
    REQUEST_STATUS = "request-status",
    RESPONSE = "response",
    SCHEDULE_CALENDAR_TRANSP = "schedule-calendar-transp",
    SCHEDULE_DEFAULT_CALENDAR_URL = "schedule-default-calendar-URL",
    SCHEDULE_DELIVER = "schedule-deliver",
    SCHEDULE_DELIVER_INVITE = "schedule-deliver-invite",
    SCHEDULE_DELIVER_REPLY = "schedule-deliver-reply",
    SCHEDULE_INBOX = "schedule-inbox",
    SCHEDULE_INBOX_URL = "schedule-inbox-URL",
    SCHEDULE_OUTBOX = "schedule-outbox",
    SCHEDULE_OUTBOX_URL = "schedule-outbox-URL",
    SCHEDULE_QUERY_FREEBUSY = "schedule-query-freebusy",
    SCHEDULE_RESPONSE = "schedule-response",
    SCHEDULE_SEND = "schedule-send",
    SCHEDULE_SEND_FREEBUSY = "schedule-send-freebusy",
    SCHEDULE_SEND_INVITE = "schedule-send-invite",
    SCHEDULE_SEND_REPLY = "schedule-send-reply",
    SCHEDULE_TAG = "schedule-tag",
    SUPPORTED_CALENDAR_COMPONENT_SET = "supported-calendar-component-set",
    SUPPORTED_CALENDAR_COMPONENT_SETS = "supported-calendar-component-sets",
    SUPPORTED_CALENDAR_DATA = "supported-calendar-data",
    SUPPORTED_COLLATION = "supported-collation",
    SUPPORTED_COLLATION_SET = "supported-collation-set",
    SUPPORTED_RSCALE = "supported-rscale",
    SUPPORTED_RSCALE_SET = "supported-rscale-set",
    TEXT_MATCH = "text-match",
    TIMEZONE = "timezone",
    TIMEZONE_ID = "timezone-id",
    TIMEZONE_SERVICE_SET = "timezone-service-set",
    TIME_RANGE = "time-range",
    TRANSPARENT = "transparent",
}

names! {
    /// Names in [`CARDDAV`].
    carddav, CARDDAV:
    ADDRESS_DATA = "address-data",
    ADDRESS_DATA_TYPE = "address-data-type",
    ADDRESSBOOK = "addressbook",
    ADDRESSBOOK_DESCRIPTION = "addressbook-description",
    ADDRESSBOOK_HOME_SET = "addressbook-home-set",
    ADDRESSBOOK_MULTIGET = "addressbook-multiget",
    ADDRESSBOOK_QUERY = "addressbook-query",
    ALLPROP = "allprop",
    DIRECTORY = "directory",
    DIRECTORY_GATEWAY = "directory-gateway",
    FILTER = "filter",
    IS_NOT_DEFINED = "is-not-defined",
    LIMIT = "limit",
    MAX_IMAGE_SIZE = "max-image-size",
    MAX_RESOURCE_SIZE = "max-resource-size",
    NRESULTS = "nresults",
    PARAM_FILTER = "param-filter",
    PRINCIPAL_ADDRESS = "principal-address",
    PROP = "prop",
    PROP_FILTER = "prop-filter",
    SUPPORTED_ADDRESS_DATA = "supported-address-data",
    SUPPORTED_COLLATION = "supported-collation",
    SUPPORTED_COLLATION_SET = "supported-collation-set",
    TEXT_MATCH = "text-match",
}

names! {
    /// Names in [`CALENDARSERVER`].
    calendarserver, CALENDARSERVER:
    ACCESS = "access",
    ALLOWED_SHARING_MODES = "allowed-sharing-modes",
    CALENDAR_PROXY_READ = "calendar-proxy-read",
    CALENDAR_PROXY_READ_FOR = "calendar-proxy-read-for",
    CALENDAR_PROXY_WRITE = "calendar-proxy-write",
    CALENDAR_PROXY_WRITE_FOR = "calendar-proxy-write-for",
    CALENDARSERVER_PRINCIPAL_SEARCH = "calendarserver-principal-search",
    CAN_BE_SHARED = "can-be-shared",
    COMMON_NAME = "common-name",
    DTSTAMP = "dtstamp",
    EMAIL_ADDRESS = "email-address",
    EMAIL_ADDRESS_SET = "email-address-set",
    GETCTAG = "getctag",
    HOSTURL = "hosturl",
    INVITE = "invite",
    INVITE_ACCEPTED = "invite-accepted",
    INVITE_DECLINED = "invite-declined",
    INVITE_DELETED = "invite-deleted",
    INVITE_NOTIFICATION = "invite-notification",
    INVITE_REPLY = "invite-reply",
    IN_REPLY_TO = "in-reply-to",
    LIMIT = "limit",
    NOTIFICATION = "notification",
    NOTIFICATIONTYPE = "notificationtype",
    NOTIFICATION_URL = "notification-URL",
    NRESULTS = "nresults",
    ORGANIZER = "organizer",
    READ = "read",
    READ_WRITE = "read-write",
    REMOVE = "remove",
    SEARCH_TOKEN = "search-token",
    SET = "set",
    SHARE = "share",
    SHARED = "shared",
    SHARED_AS = "shared-as",
    SHARED_OWNER = "shared-owner",
    SHARED_URL = "shared-url",
    SOURCE = "source",
    SUBSCRIBED = "subscribed",
    SUMMARY = "summary",
    UID = "uid",
    USER = "user",
}

names! {
    /// Names in [`APPLE`].
    apple, APPLE:
    CALENDAR_COLOR = "calendar-color",
    CALENDAR_ORDER = "calendar-order",
}

names! {
    /// Names in [`MOBILEME`].
    mobileme, MOBILEME:
    BULK_REQUESTS = "bulk-requests",
    CRUD = "crud",
    DELETE = "delete",
    IF_MATCH = "if-match",
    MAX_BYTES = "max-bytes",
    MAX_RESOURCES = "max-resources",
    MULTIPUT = "multiput",
    RESOURCE = "resource",
    SIMPLE = "simple",
}

names! {
    /// Names in [`PUSH`].
    push, PUSH:
    AUTH_SECRET = "auth-secret",
    CONTENT_ENCODING = "content-encoding",
    CONTENT_UPDATE = "content-update",
    EXPIRES = "expires",
    PROPERTY_UPDATE = "property-update",
    PUSH_MESSAGE = "push-message",
    PUSH_REGISTER = "push-register",
    PUSH_RESOURCE = "push-resource",
    SUBSCRIPTION = "subscription",
    SUBSCRIPTION_PUBLIC_KEY = "subscription-public-key",
    SUPPORTED_TRIGGERS = "supported-triggers",
    TOPIC = "topic",
    TRANSPORTS = "transports",
    TRIGGER = "trigger",
    VAPID_PUBLIC_KEY = "vapid-public-key",
    WEB_PUSH = "web-push",
    WEB_PUSH_SUBSCRIPTION = "web-push-subscription",
}

names! {
    /// Names in [`KONTOR`].
    kontor, KONTOR:
    SEE_PRIVATE = "see-private",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_from_outside_must_be_one_that_can_be_written() {
        for good in ["prop", "_x", "calendar-data", "été", "a.b-c1"] {
            assert_eq!(QName::new("urn:x", good).unwrap().to_string(), format!("{{urn:x}}{good}"));
        }
        for bad in ["", "1a", "-a", "a b", "a:b", "a>b", "a<b", "a\"b", "a/b", "a\u{0}"] {
            assert_eq!(QName::new("urn:x", bad), None, "{bad:?}");
        }
        let long = "n".repeat(NAME_BYTES_MAX);
        assert!(QName::new(&long, &long).is_some());
        assert_eq!(QName::new(&format!("{long}n"), "n"), None);
        assert_eq!(QName::new("n", &format!("{long}n")), None);
    }

    #[test]
    fn names_of_equal_parts_are_equal_wherever_they_come_from() {
        assert_eq!(QName::new(DAV, "prop"), Some(QName::from(dav::PROP)));
        assert_ne!(QName::new(CALDAV, "prop"), Some(QName::from(dav::PROP)));
    }
}
