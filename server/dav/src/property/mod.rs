//! What is told of a resource: one answer for each property that is asked for.

mod change;
mod collection;
mod home;
pub(crate) mod item;
pub(crate) mod principal;

pub(crate) use change::{Changes, Occasion};

use dav_wire::method::PropFind;
use dav_wire::name::QName;
use dav_wire::property::{Access, AclRestrictions, Privilege, ReportName, ResourceType};
use dav_wire::{Href, MissingPrivilege, Precondition, Property, PropertyAnswer, Segment, Status, Value};
use std::sync::Arc;
use storage::{Account, Resource};
use vocabulary::Home;

use crate::files;
use crate::folder::Folder;
use crate::kind::Kind;
use crate::location::{self, Location};
use crate::method::options;
use crate::notification::{self, Told};
use crate::person::{Person, Team};
use crate::proxy::Proxy;
use crate::{acl, gateway, privilege, schedule, sharing, time_zone_service};

/// A resource that is there, with what its properties are made of.
#[derive(Debug, Clone)]
pub(crate) enum Subject {
    /// A collection that everybody sees: the root, those of principals and of homes.
    Public(Location),
    Principal(Arc<Person>),
    Group(Arc<Team>),
    Proxy(Arc<Proxy>),
    Home(Home, Account),
    Notifications(Account, Vec<Arc<Told>>),
    Notification(Account, Arc<Told>),
    Folder(Arc<Folder>),
    Item(Arc<Folder>, Resource),
    /// Somebody's schedule outbox.
    Outbox(Account),
}

/// The answers about a resource, for an account that may see it.
pub(crate) fn answers(viewer: &Account, subject: &Subject, selection: &PropFind) -> Vec<PropertyAnswer> {
    let mut answers = selected(
        selection,
        |property| is_live(viewer, subject, property),
        |property| live(viewer, subject, property),
        |name| value(viewer, subject, name),
        || subject.dead(),
    );
    let mut of_list = answers.iter_mut().filter(|answer| answer.name.name() == Property::Acl.name());
    if let Some(answer) = of_list.next()
        && acl::entries(subject).is_none()
    {
        // RFC 3744 section 5.5: it is there, but not for everybody.
        let why = missing(subject, Privilege::ReadAcl);
        *answer = PropertyAnswer::failed(Property::Acl, Status::FORBIDDEN, Some(why));
    }
    answers
}

/// The answers of a resource that knows which live properties it has, these, any property by its name, and its dead
/// ones.
pub(crate) fn selected(
    selection: &PropFind,
    is_live: impl Fn(Property) -> bool,
    live: impl Fn(Property) -> Option<Value>,
    value: impl Fn(&QName) -> Option<Value>,
    dead: impl Fn() -> Vec<(QName, Value)>,
) -> Vec<PropertyAnswer> {
    let answer = |name: &QName| match value(name) {
        Some(value) => PropertyAnswer::value(name.clone(), value),
        None => PropertyAnswer::missing(name.clone()),
    };
    match selection {
        PropFind::Prop(names) => names.iter().map(answer).collect(),
        PropFind::PropName => {
            let live = Property::ALL.iter().filter(|property| is_live(**property));
            let live = live.map(|property| PropertyAnswer::done(*property));
            live.chain(dead().into_iter().map(|(name, _)| PropertyAnswer::done(name))).collect()
        }
        PropFind::AllProp { include } => {
            let shown = Property::ALL.iter().filter(|property| property.in_allprop());
            let mut all: Vec<_> = shown
                .filter_map(|property| Some(PropertyAnswer::value(*property, live(*property)?)))
                .collect();
            all.extend(dead().into_iter().map(|(name, value)| PropertyAnswer::value(name, value)));
            let named: Vec<_> = include
                .iter()
                .filter(|name| all.iter().all(|known| known.name != **name))
                .map(answer)
                .collect();
            all.extend(named);
            all
        }
    }
}

/// RFC 3744 section 7.1.1.
pub(crate) fn missing(subject: &Subject, privilege: Privilege) -> Precondition {
    Precondition::NeedPrivileges(vec![MissingPrivilege { href: subject.href().to_string(), privilege }])
}

/// The value of one property.
pub(crate) fn value(viewer: &Account, subject: &Subject, name: &QName) -> Option<Value> {
    match (Property::from_name(name.name()), subject) {
        (Some(property), _) => live(viewer, subject, property),
        (None, Subject::Folder(folder)) => folder.stored(name).map(Value::Dead),
        (None, Subject::Item(folder, item)) => folder.stored_of(item, name).map(Value::Dead),
        (None, _) => None,
    }
}

/// Whether a resource has a property.
fn is_live(viewer: &Account, subject: &Subject, property: Property) -> bool {
    match (property, subject) {
        (Property::SupportedLivePropertySet, _) => true,
        // Its value is known to who asks the store (`census.rs`).
        (Property::SyncToken, Subject::Home(home, _)) => Kind::of(*home).is_some(),
        _ => live(viewer, subject, property).is_some(),
    }
}

fn live(viewer: &Account, subject: &Subject, property: Property) -> Option<Value> {
    match property {
        Property::SupportedMethodSet => {
            let location = Location::of(&subject.href())?;
            Some(Value::Methods(options::allow(Some(&location)).split(", ").collect()))
        }
        Property::SupportedLivePropertySet => {
            let all = Property::ALL.iter().copied();
            Some(Value::LiveProperties(all.filter(|one| is_live(viewer, subject, *one)).collect()))
        }
        Property::ResourceType => Some(Value::ResourceTypes(subject.resource_types())),
        Property::CurrentUserPrincipal => Some(href(&location::principal(&viewer.address))),
        Property::CurrentUserPrivilegeSet => Some(Value::Privileges(subject.privileges(viewer))),
        Property::SupportedPrivilegeSet => {
            Some(Value::SupportedPrivileges(privilege::supported(subject.home())))
        }
        Property::Acl => acl::entries(subject).map(Value::Acl),
        Property::AclRestrictions => {
            Some(Value::AclRestrictions(AclRestrictions { grant_only: true, no_invert: true }))
        }
        // RFC 3744 sections 5.2 and 5.7: nothing belongs to a group, and no second list narrows the first. An entry
        // that an item has from its collection names it.
        Property::Group | Property::InheritedAclSet => Some(Value::Hrefs(Vec::new())),
        Property::PrincipalCollectionSet => Some(Value::Hrefs(vec![Location::Principals.href().to_string()])),
        Property::SupportedReportSet => Some(Value::Reports(subject.reports())),
        Property::DirectoryGateway => gateway::of_subject(viewer, subject),
        Property::PrincipalAddress => gateway::card_of_subject(viewer, subject),
        Property::LockDiscovery | Property::SupportedLock => files::locks_of(subject, property),
        Property::TimezoneServiceSet => {
            let href = || Value::Hrefs(vec![time_zone_service::PATH.to_owned()]);
            (subject.home() == Some(Home::Calendars)).then(href)
        }
        Property::Owner => subject.owner().map(|owner| href(&location::principal(&owner.address))),
        _ => match subject {
            Subject::Public(_) => None,
            Subject::Principal(person) => {
                person.value(viewer, property).or_else(|| principal::value(person, property))
            }
            Subject::Group(team) => team.value(property),
            Subject::Proxy(proxy) => proxy.value(property),
            Subject::Home(home, owner) => home::value(viewer, *home, owner, property),
            Subject::Notifications(_, told) => match property {
                Property::CTag => Some(Value::Text(notification::ctag(told))),
                _ => None,
            },
            Subject::Notification(_, told) => told.value(property),
            Subject::Folder(folder) => {
                sharing::value(viewer, folder, property).or_else(|| collection::value(folder, property))
            }
            Subject::Item(folder, item) => item::value(folder, item, property).or_else(|| {
                let settable = property.access() == Access::Settable;
                settable.then(|| folder.stored_of(item, &property.into()))?.map(Value::Dead)
            }),
            Subject::Outbox(_) => schedule::outbox_value(property),
        },
    }
}

pub(crate) fn href(href: &Href) -> Value {
    Value::Href(href.to_string())
}

impl Subject {
    /// Its path.
    pub(crate) fn href(&self) -> Href {
        match self {
            Self::Public(location) => location.href(),
            Self::Principal(person) => location::principal(&person.address),
            Self::Group(team) => location::principal(&team.address),
            Self::Proxy(proxy) => location::proxy(&proxy.owner.address, proxy.access),
            Self::Home(home, owner) => location::home(*home, &owner.address),
            Self::Notifications(owner, _) => location::notifications(&owner.address),
            Self::Notification(owner, told) => {
                let collection = location::notifications(&owner.address);
                Segment::new(told.name.clone())
                    .map_or_else(|_| collection.clone(), |name| collection.item(name))
            }
            Self::Folder(folder) => folder.address.href.clone(),
            Self::Item(folder, item) => {
                folder.address.item(item.resource_name.as_deref().unwrap_or_default())
            }
            Self::Outbox(owner) => location::outbox(&owner.address),
        }
    }

    /// The kind of home that it is, or lies in.
    fn home(&self) -> Option<Home> {
        match self {
            Self::Public(_)
            | Self::Principal(_)
            | Self::Group(_)
            | Self::Proxy(_)
            | Self::Notifications(..)
            | Self::Notification(..) => None,
            Self::Home(home, _) => Some(*home),
            Self::Folder(folder) | Self::Item(folder, _) => Some(folder.address.home),
            Self::Outbox(_) => Some(Home::Scheduling),
        }
    }

    fn resource_types(&self) -> Vec<ResourceType> {
        match self {
            Self::Public(_) | Self::Home(..) => vec![ResourceType::Collection],
            Self::Principal(_) | Self::Group(_) => vec![ResourceType::Collection, ResourceType::Principal],
            Self::Proxy(proxy) => {
                vec![ResourceType::Collection, ResourceType::Principal, proxy.resource_type()]
            }
            Self::Notifications(..) => vec![ResourceType::Collection, ResourceType::Notification],
            Self::Folder(folder) => {
                folder.resource_types().into_iter().chain(sharing::resource_type(folder)).collect()
            }
            Self::Item(..) | Self::Notification(..) => Vec::new(),
            Self::Outbox(_) => vec![ResourceType::Collection, ResourceType::ScheduleOutbox],
        }
    }

    fn privileges(&self, viewer: &Account) -> Vec<Privilege> {
        match self {
            Self::Home(_, owner) if owner.id == viewer.id => privilege::of_home_owner(),
            Self::Proxy(proxy) if proxy.owner.id == viewer.id => {
                let mut held = privilege::of_reader();
                held.push(Privilege::WriteProperties);
                held
            }
            Self::Notifications(..) => {
                let mut held = privilege::of_reader();
                held.push(Privilege::Unbind);
                held
            }
            Self::Public(_)
            | Self::Principal(_)
            | Self::Group(_)
            | Self::Proxy(_)
            | Self::Notification(..)
            | Self::Home(..) => privilege::of_reader(),
            Self::Outbox(_) => privilege::of_outbox(),
            Self::Folder(folder) => privilege::of_folder(folder),
            Self::Item(folder, item) => privilege::of_item(folder, item, viewer.id),
        }
    }

    fn owner(&self) -> Option<&Account> {
        match self {
            Self::Public(_) | Self::Group(_) => None,
            Self::Principal(person) => Some(person.account()),
            Self::Proxy(proxy) => Some(&proxy.owner),
            Self::Home(_, account)
            | Self::Notifications(account, _)
            | Self::Notification(account, _)
            | Self::Outbox(account) => Some(account),
            Self::Folder(folder) | Self::Item(folder, _) => Some(&folder.address.owner),
        }
    }

    /// The reports that it answers: RFC 3253 section 3.1.5.
    pub(crate) fn reports(&self) -> Vec<ReportName> {
        // RFC 3744 section 9.
        let mut reports = vec![
            ReportName::ExpandProperty,
            ReportName::AclPrincipalPropSet,
            ReportName::PrincipalMatch,
            ReportName::PrincipalPropertySearch,
            ReportName::PrincipalSearchPropertySet,
        ];
        match self {
            Self::Public(_) | Self::Principal(_) | Self::Group(_) | Self::Proxy(_) => {
                reports.push(ReportName::CalendarServerPrincipalSearch);
            }
            Self::Home(home, _) if Kind::of(*home).is_some() => reports.push(ReportName::SyncCollection),
            // RFC 6352 section 8.
            Self::Item(folder, _) if folder.address.home == Home::AddressBooks => {
                reports.extend(folder.kind().reports);
            }
            Self::Home(..)
            | Self::Item(..)
            | Self::Notifications(..)
            | Self::Notification(..)
            | Self::Outbox(_) => {}
            Self::Folder(folder) => {
                if let Some(kind) = folder.kind_if_any() {
                    reports.push(ReportName::SyncCollection);
                    reports.extend(kind.reports);
                } else {
                    reports.retain(|report| *report != ReportName::PrincipalMatch);
                }
            }
        }
        reports
    }

    fn dead(&self) -> Vec<(QName, Value)> {
        match self {
            Self::Folder(folder) => {
                folder.dead().map(|element| (element.name.clone(), Value::Dead(element))).collect()
            }
            Self::Item(folder, item) => {
                folder.dead_of(item).map(|element| (element.name.clone(), Value::Dead(element))).collect()
            }
            _ => Vec::new(),
        }
    }
}
