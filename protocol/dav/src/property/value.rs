//! What properties hold, and how it is written.

use vocabulary::Timestamp;

use super::{
    Ace, AclRestrictions, ActiveLock, BulkLimits, Component, LockScope, MediaType, Privilege, Property,
    ReportName, ResourceType, SupportedPrivilege,
};
use crate::collation::Collation;
use crate::multistatus::{Detail, ExpandedResponse};
use crate::name::{CARDDAV, Name, attribute, caldav, calendarserver, carddav, dav};
use crate::sharing::SharingValue;
use crate::time::{date_time, http_date, utc_date_time};
use crate::xml::{Element, Writer};

/// Whether the events of a calendar make its owner busy: RFC 6638 section 9.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transparency {
    /// They do.
    Opaque,
    /// They do not.
    Transparent,
}

/// What kind of principal it is: the CUTYPE of RFC 5545 section 3.2.3, RFC 6638 section 2.4.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserType {
    /// A person.
    Individual,
    /// Several.
    Group,
    /// A thing that can be booked.
    Resource,
    /// A place that can be booked.
    Room,
    /// Any of these.
    Unknown,
}

/// What a property holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Nothing: the element is there.
    Empty,
    /// Character data.
    Text(String),
    /// A number in decimal digits.
    Integer(i64),
    /// `Sun, 06 Nov 1994 08:49:37 GMT`: for `getlastmodified`.
    HttpDate(Timestamp),
    /// `1994-11-06T08:49:37Z`: for `creationdate`.
    DateTime(Timestamp),
    /// `19941106T084937Z`: for `min-date-time` and `max-date-time`.
    UtcDateTime(Timestamp),
    /// One `DAV:href`.
    Href(String),
    /// Any number of `DAV:href`.
    Hrefs(Vec<String>),
    /// RFC 5397 section 3: nobody has logged in.
    Unauthenticated,
    /// For `resourcetype`.
    ResourceTypes(Vec<ResourceType>),
    /// For `current-user-privilege-set`.
    Privileges(Vec<Privilege>),
    /// For `supported-privilege-set`.
    SupportedPrivileges(Vec<SupportedPrivilege>),
    /// For `acl`.
    Acl(Vec<Ace>),
    /// For `acl-restrictions`.
    AclRestrictions(AclRestrictions),
    /// For `lockdiscovery`.
    Locks(Vec<ActiveLock>),
    /// For `supportedlock`.
    LockScopes(Vec<LockScope>),
    /// For `supported-method-set`.
    Methods(Vec<&'static str>),
    /// For `supported-live-property-set`.
    LiveProperties(Vec<Property>),
    /// For `supported-report-set`.
    Reports(Vec<ReportName>),
    /// For `supported-calendar-component-set`.
    Components(Vec<Component>),
    /// For `supported-calendar-component-sets`.
    ComponentSets(Vec<Vec<Component>>),
    /// For `supported-calendar-data` and `supported-address-data`.
    MediaTypes(Vec<MediaType>),
    /// For `supported-collation-set` of both namespaces.
    Collations(Vec<Collation>),
    /// For `supported-rscale-set`: names of CLDR.
    Rscales(Vec<&'static str>),
    /// For `email-address-set`, without `mailto:`.
    EmailAddresses(Vec<String>),
    /// For `schedule-calendar-transp`.
    Transparency(Transparency),
    /// For `calendar-user-type`.
    UserType(UserType),
    /// For `bulk-requests`.
    BulkRequests(BulkLimits),
    /// For `calendar-data` and `address-data`.
    Data {
        /// The object.
        text: String,
        /// Its form, if it is not the one that is meant where none is named.
        media: Option<MediaType>,
    },
    /// For `expand-property`: what stands behind the hrefs of the property. RFC 3253 section 3.8.
    Responses(Vec<ExpandedResponse>),
    /// For the properties of sharing.
    Sharing(SharingValue),
    /// A dead property, with its own name and attributes.
    Dead(Element),
}

impl Value {
    /// The whole property: its element with what it holds.
    pub(crate) fn element(&self, name: Name<'_>, detail: Detail, writer: &mut Writer) {
        if let Self::Dead(element) = self {
            writer.element(element);
            return;
        }
        writer.open(name);
        self.content(name, detail, writer);
        writer.close();
    }

    fn content(&self, name: Name<'_>, detail: Detail, writer: &mut Writer) {
        match self {
            Self::Empty | Self::Dead(_) => {}
            Self::Text(text) => writer.text(text),
            Self::Integer(number) => writer.text(&number.to_string()),
            Self::HttpDate(time) => writer.text(&http_date(*time)),
            Self::DateTime(time) => writer.text(&date_time(*time)),
            Self::UtcDateTime(time) => writer.text(&utc_date_time(*time)),
            Self::Href(href) => writer.leaf(dav::HREF, href),
            Self::Hrefs(hrefs) => hrefs.iter().for_each(|href| writer.leaf(dav::HREF, href)),
            Self::Unauthenticated => writer.empty(dav::UNAUTHENTICATED),
            Self::ResourceTypes(types) => types.iter().for_each(|kind| writer.empty(kind.name())),
            Self::Privileges(privileges) => privileges.iter().for_each(|privilege| privilege.element(writer)),
            Self::SupportedPrivileges(privileges) => {
                privileges.iter().for_each(|privilege| privilege.element(writer));
            }
            Self::Acl(entries) => entries.iter().for_each(|entry| entry.element(writer)),
            Self::AclRestrictions(restrictions) => restrictions.elements(writer),
            Self::Locks(locks) => locks.iter().for_each(|lock| lock.element(writer)),
            Self::LockScopes(scopes) => scopes.iter().for_each(|scope| scope.entry(writer)),
            Self::Methods(methods) => methods.iter().for_each(|method| supported_method(method, writer)),
            Self::LiveProperties(properties) => {
                properties.iter().for_each(|property| supported_live_property(*property, writer));
            }
            Self::Reports(reports) => reports.iter().for_each(|report| supported_report(*report, writer)),
            Self::Components(components) => component_set(components, writer),
            Self::ComponentSets(sets) => {
                for set in sets {
                    writer.open(caldav::SUPPORTED_CALENDAR_COMPONENT_SET);
                    component_set(set, writer);
                    writer.close();
                }
            }
            Self::MediaTypes(types) => types.iter().for_each(|media| media_type(name, media, writer)),
            Self::Collations(collations) => {
                collations.iter().for_each(|collation| supported_collation(name, *collation, writer));
            }
            Self::Rscales(names) => names.iter().for_each(|name| writer.leaf(caldav::SUPPORTED_RSCALE, name)),
            Self::EmailAddresses(addresses) => {
                addresses.iter().for_each(|address| writer.leaf(calendarserver::EMAIL_ADDRESS, address));
            }
            Self::Transparency(Transparency::Opaque) => writer.empty(caldav::OPAQUE),
            Self::Transparency(Transparency::Transparent) => writer.empty(caldav::TRANSPARENT),
            Self::UserType(kind) => writer.text(kind.name()),
            Self::BulkRequests(limits) => limits.elements(writer),
            Self::Data { text, media } => {
                if let Some(media) = media {
                    media.attributes(writer);
                }
                writer.text(text);
            }
            Self::Responses(responses) => responses.iter().for_each(|found| found.element(detail, writer)),
            Self::Sharing(value) => value.content(name, writer),
        }
    }
}

impl UserType {
    /// The type of a name, in any case.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let all = [Self::Individual, Self::Group, Self::Resource, Self::Room, Self::Unknown];
        all.into_iter().find(|known| known.name().eq_ignore_ascii_case(name))
    }

    /// Its name, in capitals.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Individual => "INDIVIDUAL",
            Self::Group => "GROUP",
            Self::Resource => "RESOURCE",
            Self::Room => "ROOM",
            Self::Unknown => "UNKNOWN",
        }
    }
}

/// RFC 3253 section 3.1.3.
fn supported_method(method: &str, writer: &mut Writer) {
    writer.open(dav::SUPPORTED_METHOD);
    writer.attribute(attribute::NAME, method);
    writer.close();
}

/// RFC 3253 section 3.1.4.
fn supported_live_property(property: Property, writer: &mut Writer) {
    writer.open(dav::SUPPORTED_LIVE_PROPERTY);
    writer.open(dav::PROP);
    writer.empty(property.name());
    writer.close();
    writer.close();
}

/// RFC 3253 section 3.1.5.
fn supported_report(report: ReportName, writer: &mut Writer) {
    writer.open(dav::SUPPORTED_REPORT);
    writer.open(dav::REPORT);
    writer.empty(report.name());
    writer.close();
    writer.close();
}

fn component_set(components: &[Component], writer: &mut Writer) {
    for component in components {
        writer.open(caldav::COMP);
        writer.attribute(attribute::NAME, component.name());
        writer.close();
    }
}

/// RFC 4791 section 5.2.4, RFC 6352 section 6.2.2.
fn media_type(property: Name<'_>, media: &MediaType, writer: &mut Writer) {
    let in_cards = property.namespace() == CARDDAV;
    writer.open(if in_cards { carddav::ADDRESS_DATA_TYPE } else { caldav::CALENDAR_DATA });
    media.attributes(writer);
    writer.close();
}

/// RFC 4791 section 9.4, RFC 6352 section 8.3.1.
fn supported_collation(property: Name<'_>, collation: Collation, writer: &mut Writer) {
    let in_cards = property.namespace() == CARDDAV;
    let name = if in_cards { carddav::SUPPORTED_COLLATION } else { caldav::SUPPORTED_COLLATION };
    writer.leaf(name, collation.identifier());
}
