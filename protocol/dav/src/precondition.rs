//! Preconditions and postconditions: RFC 4918 section 16, RFC 3253 section 1.6.
//!
//! Each has an element that stands in the body of the refusal, so that a client can tell them apart.

use crate::Status;
use crate::name::{CALDAV, CARDDAV, DAV, MOBILEME, Name, PUSH, calendarserver, dav};
use crate::property::Privilege;
use crate::xml::Writer;

/// A right that a request lacks, and on what: RFC 3744 section 7.1.1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingPrivilege {
    /// The resource, as an absolute path.
    pub href: String,
    /// The privilege that is missing on it.
    pub privilege: Privilege,
}

macro_rules! preconditions {
    (
        plain { $($(#[$doc:meta])* $variant:ident = $namespace:ident, $local:literal, $status:ident;)* }
        filled { $($(#[$filled_doc:meta])* $filled:ident($content:ty) = $filled_namespace:ident, $filled_local:literal, $filled_status:ident;)* }
    ) => {
        /// What a request must meet, or its result must.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Precondition {
            $($(#[$doc])* $variant,)*
            $($(#[$filled_doc])* $filled($content),)*
        }

        impl Precondition {
            /// The name of its element.
            #[must_use]
            pub const fn name(&self) -> Name<'static> {
                match self {
                    $(Self::$variant => Name::known($namespace, $local),)*
                    $(Self::$filled(_) => Name::known($filled_namespace, $filled_local),)*
                }
            }

            /// The status that goes with it.
            #[must_use]
            pub const fn status(&self) -> Status {
                match self {
                    $(Self::$variant => Status::$status,)*
                    $(Self::$filled(_) => Status::$filled_status,)*
                }
            }

            /// Those that say nothing but their name.
            #[cfg(test)]
            const PLAIN: &[Self] = &[$(Self::$variant,)*];
        }
    };
}

preconditions! {
    plain {
        /// RFC 4918 section 16.
        CannotModifyProtectedProperty = DAV, "cannot-modify-protected-property", FORBIDDEN;
        /// RFC 4918 section 16.
        LockTokenMatchesRequestUri = DAV, "lock-token-matches-request-uri", CONFLICT;
        /// RFC 4918 section 16.
        NoExternalEntities = DAV, "no-external-entities", FORBIDDEN;
        /// RFC 4918 section 16.
        PreservedLiveProperties = DAV, "preserved-live-properties", CONFLICT;
        /// RFC 4918 section 16: `Depth: infinity` is not served.
        PropfindFiniteDepth = DAV, "propfind-finite-depth", FORBIDDEN;

        /// RFC 3253 section 3.6.
        SupportedReport = DAV, "supported-report", FORBIDDEN;
        /// RFC 4791 section 5.3.1: MKCALENDAR on something that exists.
        ResourceMustBeNull = DAV, "resource-must-be-null", FORBIDDEN;
        /// RFC 5689 section 3.3.
        ValidResourceType = DAV, "valid-resourcetype", FORBIDDEN;

        /// RFC 3744 section 8.1.1.
        NoAceConflict = DAV, "no-ace-conflict", CONFLICT;
        /// RFC 3744 section 8.1.1.
        NoProtectedAceConflict = DAV, "no-protected-ace-conflict", FORBIDDEN;
        /// RFC 3744 section 8.1.1.
        NoInheritedAceConflict = DAV, "no-inherited-ace-conflict", FORBIDDEN;
        /// RFC 3744 section 8.1.1.
        LimitedNumberOfAces = DAV, "limited-number-of-aces", FORBIDDEN;
        /// RFC 3744 section 8.1.1.
        DenyBeforeGrant = DAV, "deny-before-grant", FORBIDDEN;
        /// RFC 3744 section 8.1.1.
        GrantOnly = DAV, "grant-only", FORBIDDEN;
        /// RFC 3744 section 8.1.1.
        NoInvert = DAV, "no-invert", FORBIDDEN;
        /// RFC 3744 section 8.1.1.
        NoAbstract = DAV, "no-abstract", FORBIDDEN;
        /// RFC 3744 section 8.1.1.
        NotSupportedPrivilege = DAV, "not-supported-privilege", FORBIDDEN;
        /// RFC 3744 section 8.1.1.
        MissingRequiredPrincipal = DAV, "missing-required-principal", FORBIDDEN;
        /// RFC 3744 section 8.1.1.
        RecognizedPrincipal = DAV, "recognized-principal", FORBIDDEN;
        /// RFC 3744 section 8.1.1.
        AllowedPrincipal = DAV, "allowed-principal", FORBIDDEN;
        /// RFC 3744 sections 9.2 and 9.4, RFC 4791 section 7.8: more matches than the server gives.
        NumberOfMatchesWithinLimits = DAV, "number-of-matches-within-limits", INSUFFICIENT_STORAGE;

        /// RFC 4331 section 6.
        QuotaNotExceeded = DAV, "quota-not-exceeded", INSUFFICIENT_STORAGE;
        /// RFC 4331 section 6.
        SufficientDiskSpace = DAV, "sufficient-disk-space", INSUFFICIENT_STORAGE;

        /// RFC 6578 section 3.2.
        ValidSyncToken = DAV, "valid-sync-token", FORBIDDEN;
        /// RFC 6578 section 3.3.
        SyncTraversalSupported = DAV, "sync-traversal-supported", FORBIDDEN;

        /// RFC 4791 section 5.3.1.
        CalendarCollectionLocationOk = CALDAV, "calendar-collection-location-ok", FORBIDDEN;
        /// RFC 4791 section 5.3.1.
        InitializeCalendarCollection = CALDAV, "initialize-calendar-collection", FORBIDDEN;
        /// RFC 4791 section 5.3.2.1.
        SupportedCalendarData = CALDAV, "supported-calendar-data", FORBIDDEN;
        /// RFC 4791 section 5.3.2.1.
        ValidCalendarData = CALDAV, "valid-calendar-data", FORBIDDEN;
        /// RFC 4791 section 5.3.2.1.
        ValidCalendarObjectResource = CALDAV, "valid-calendar-object-resource", FORBIDDEN;
        /// RFC 4791 section 5.3.2.1.
        SupportedCalendarComponent = CALDAV, "supported-calendar-component", FORBIDDEN;
        /// RFC 4791 section 5.3.2.1.
        MaxResourceSize = CALDAV, "max-resource-size", FORBIDDEN;
        /// RFC 4791 section 5.3.2.1.
        MinDateTime = CALDAV, "min-date-time", FORBIDDEN;
        /// RFC 4791 section 5.3.2.1.
        MaxDateTime = CALDAV, "max-date-time", FORBIDDEN;
        /// RFC 4791 section 5.3.2.1.
        MaxInstances = CALDAV, "max-instances", FORBIDDEN;
        /// RFC 4791 section 5.3.2.1.
        MaxAttendeesPerInstance = CALDAV, "max-attendees-per-instance", FORBIDDEN;
        /// RFC 4791 section 7.8.
        ValidFilter = CALDAV, "valid-filter", FORBIDDEN;
        /// RFC 4791 section 7.8.
        SupportedFilter = CALDAV, "supported-filter", FORBIDDEN;
        /// RFC 4791 section 7.5.
        SupportedCollation = CALDAV, "supported-collation", FORBIDDEN;
        /// RFC 7529 section 10: a rule counts in a calendar system that the server does not know.
        SupportedRscale = CALDAV, "supported-rscale", FORBIDDEN;
        /// RFC 7809 section 3.1.5: a zone that the server does not know.
        ValidTimezone = CALDAV, "valid-timezone", FORBIDDEN;
        /// RFC 8607 section 3.11.
        MaxAttachmentSize = CALDAV, "max-attachment-size", FORBIDDEN;
        /// RFC 8607 section 3.11.
        MaxAttachmentsPerResource = CALDAV, "max-attachments-per-resource", FORBIDDEN;
        /// RFC 8607 section 3.11: of POST, what is to be done.
        ValidAction = CALDAV, "valid-action", FORBIDDEN;
        /// RFC 8607 section 3.11: of POST, the instances.
        ValidRid = CALDAV, "valid-rid", FORBIDDEN;
        /// RFC 8607 section 3.11: of POST, the attachment.
        ValidManagedId = CALDAV, "valid-managed-id", FORBIDDEN;
        /// RFC 8607 section 3.11: of PUT, an attachment that is not there, or not for whoever puts it.
        ValidManagedIdParameter = CALDAV, "valid-managed-id-parameter", FORBIDDEN;

        /// RFC 6638 section 3.2.4.2.
        SameOrganizerInAllComponents = CALDAV, "same-organizer-in-all-components", FORBIDDEN;
        /// RFC 6638 section 3.2.4.3.
        AllowedOrganizerSchedulingObjectChange = CALDAV, "allowed-organizer-scheduling-object-change", FORBIDDEN;
        /// RFC 6638 section 3.2.4.4.
        AllowedAttendeeSchedulingObjectChange = CALDAV, "allowed-attendee-scheduling-object-change", FORBIDDEN;
        /// RFC 6638 section 4.3.1.1: invitations need a calendar.
        DefaultCalendarNeeded = CALDAV, "default-calendar-needed", FORBIDDEN;
        /// RFC 6638 section 4.3.1.2.
        ValidScheduleDefaultCalendarUrl = CALDAV, "valid-schedule-default-calendar-URL", FORBIDDEN;
        /// RFC 6638 section 5.2.1.
        ValidSchedulingMessage = CALDAV, "valid-scheduling-message", FORBIDDEN;
        /// RFC 6638 section 5.2.2: whoever asks is not the owner of the outbox.
        ValidOrganizer = CALDAV, "valid-organizer", FORBIDDEN;

        /// RFC 6352 section 6.3.2.1.
        AddressBookCollectionLocationOk = CARDDAV, "addressbook-collection-location-ok", FORBIDDEN;
        /// RFC 6352 section 6.3.2.1.
        SupportedAddressData = CARDDAV, "supported-address-data", FORBIDDEN;
        /// RFC 6352 section 5.1.1.1: a GET that accepts only what the card cannot be turned into.
        SupportedAddressDataConversion = CARDDAV, "supported-address-data-conversion", NOT_ACCEPTABLE;
        /// RFC 6352 section 6.3.2.1.
        ValidAddressData = CARDDAV, "valid-address-data", FORBIDDEN;
        /// RFC 6352 section 6.3.2.1.
        CardMaxResourceSize = CARDDAV, "max-resource-size", FORBIDDEN;
        /// RFC 6352 section 8.6.
        CardSupportedFilter = CARDDAV, "supported-filter", FORBIDDEN;
        /// RFC 6352 section 8.3.
        CardSupportedCollation = CARDDAV, "supported-collation", FORBIDDEN;

        /// Apple's bulk changes: the collection is not in the state that the client knows.
        CTagOk = MOBILEME, "ctag-ok", PRECONDITION_FAILED;
        /// WebDAV-Push, "Response": the subscription is none that a message can be sent to.
        InvalidSubscription = PUSH, "invalid-subscription", FORBIDDEN;
        /// WebDAV-Push, "Response": not of this resource, or not for this user.
        PushNotAvailable = PUSH, "push-not-available", FORBIDDEN;
        /// WebDAV-Push, "Response": nothing is asked for that the resource tells of.
        NoSupportedTrigger = PUSH, "no-supported-trigger", FORBIDDEN;
    }
    filled {
        /// RFC 4918 section 16: the locked resources whose tokens are missing.
        LockTokenSubmitted(Vec<String>) = DAV, "lock-token-submitted", LOCKED;
        /// RFC 4918 section 16: the locks in the way.
        NoConflictingLock(Vec<String>) = DAV, "no-conflicting-lock", LOCKED;
        /// RFC 3744 section 7.1.1.
        NeedPrivileges(Vec<MissingPrivilege>) = DAV, "need-privileges", FORBIDDEN;
        /// RFC 4791 section 5.3.2.1: the object that has the UID already.
        NoUidConflict(String) = CALDAV, "no-uid-conflict", FORBIDDEN;
        /// RFC 6638 section 3.2.4.1: the meeting that has the UID already, if the client may know where.
        UniqueSchedulingObjectResource(Option<String>) = CALDAV, "unique-scheduling-object-resource", FORBIDDEN;
        /// RFC 6352 section 6.3.2.1: the card that has the UID already.
        CardNoUidConflict(String) = CARDDAV, "no-uid-conflict", FORBIDDEN;
    }
}

impl Precondition {
    /// The body of the refusal: a `DAV:error` document, RFC 4918 section 14.5.
    #[must_use]
    pub fn body(&self) -> Vec<u8> {
        let mut writer = Writer::document(dav::ERROR);
        self.element(&mut writer);
        writer.finish().into_bytes()
    }

    /// A `DAV:error` element within a response.
    pub(crate) fn error(&self, writer: &mut Writer) {
        writer.open(dav::ERROR);
        self.element(writer);
        writer.close();
    }

    /// The same of an object that has no path, but a UID.
    pub(crate) fn error_of(why: Option<&Self>, uid: Option<&str>, writer: &mut Writer) {
        if why.is_none() && uid.is_none() {
            return;
        }
        writer.open(dav::ERROR);
        if let Some(why) = why {
            why.element(writer);
        }
        if let Some(uid) = uid {
            writer.leaf(calendarserver::UID, uid);
        }
        writer.close();
    }

    fn element(&self, writer: &mut Writer) {
        writer.open(self.name());
        match self {
            Self::LockTokenSubmitted(hrefs) | Self::NoConflictingLock(hrefs) => {
                for href in hrefs {
                    writer.leaf(dav::HREF, href);
                }
            }
            Self::NoUidConflict(href)
            | Self::CardNoUidConflict(href)
            | Self::UniqueSchedulingObjectResource(Some(href)) => writer.leaf(dav::HREF, href),
            Self::NeedPrivileges(missing) => {
                for MissingPrivilege { href, privilege } in missing {
                    writer.open(dav::RESOURCE);
                    writer.leaf(dav::HREF, href);
                    privilege.element(writer);
                    writer.close();
                }
            }
            _ => {}
        }
        writer.close();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::xml::{Limits, parse};

    fn body(precondition: &Precondition) -> crate::xml::Element {
        parse(&precondition.body(), &Limits::REQUEST).unwrap()
    }

    #[test]
    fn every_precondition_has_an_element_of_its_own() {
        let names: HashSet<_> = Precondition::PLAIN.iter().map(Precondition::name).collect();
        assert_eq!(names.len(), Precondition::PLAIN.len());
        for precondition in Precondition::PLAIN {
            let error = body(precondition);
            assert_eq!(error.name(), dav::ERROR);
            let elements: Vec<_> = error.children().map(crate::xml::Element::name).collect();
            assert_eq!(elements, [precondition.name()]);
        }
    }

    // RFC 3744 section 7.1.1, RFC 4791 section 5.3.2.1.
    #[test]
    fn what_a_client_needs_to_go_on_stands_inside() {
        let missing = MissingPrivilege { href: "/dav/a/".into(), privilege: Privilege::Bind };
        let error = body(&Precondition::NeedPrivileges(vec![missing]));
        let resource = error.child(Precondition::NeedPrivileges(Vec::new()).name()).unwrap();
        let resource = resource.child(dav::RESOURCE).unwrap();
        assert_eq!(resource.child(dav::HREF).unwrap().text(), "/dav/a/");
        assert_eq!(resource.child(dav::PRIVILEGE).unwrap().children().next().unwrap().name(), dav::BIND);

        let conflict = Precondition::NoUidConflict("/dav/a/b.ics".into());
        let error = body(&conflict);
        assert_eq!(error.child(conflict.name()).unwrap().child(dav::HREF).unwrap().text(), "/dav/a/b.ics");
    }
}
