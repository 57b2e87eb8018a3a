//! What a path means, before anybody is asked whether it is there.
//!
//! ```text
//! /                                        the same as /dav/
//! /dav/principals/anna@a.test/
//! /dav/principals/anna@a.test/calendar-proxy-read/
//! /dav/calendars/anna@a.test/office/x.ics
//! /dav/addressbooks/anna@a.test/friends/y.vcf
//! /dav/notifications/anna@a.test/8-3-8.xml
//! /dav/scheduling/anna@a.test/inbox/z.ics
//! /dav/scheduling/anna@a.test/outbox/
//! /dav/files/anna@a.test/photos/2026/tree.jpeg
//! /dav/attachments/0a1b2c3d
//! /dav/push/4f1c..                         a registration of whoever asks
//! ```
//!
//! An address is one segment, whatever it holds: that of `a/b@a.test` is `a%2Fb@a.test`.

use dav_wire::{Href, Segment};
use vocabulary::{EmailAddress, Home};

const ROOT: &str = "dav";
const PRINCIPALS: &str = "principals";
const NOTIFICATIONS: &str = "notifications";
const SCHEDULING: &str = Home::Scheduling.as_str();
const INBOX: &str = storage::SCHEDULE_INBOX;
const OUTBOX: &str = "outbox";
const FILES: &str = "files";
const ATTACHMENTS: &str = "attachments";
const PUSH: &str = "push";

/// The resource that a path names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Location {
    Root,
    Principals,
    Principal(EmailAddress),
    /// Those who may use somebody's calendars.
    Proxy(EmailAddress, ProxyAccess),
    /// What somebody is told.
    Notifications(EmailAddress),
    Notification(EmailAddress, Segment),
    /// The collection of all homes of a kind.
    Homes(Home),
    Home(Home, EmailAddress),
    Collection(CollectionLocation),
    Item(CollectionLocation, Segment),
    /// Where requests for busy times go: RFC 6638 section 2.1. Nothing is stored in it.
    Outbox(EmailAddress),
    /// Something among somebody's plain files: what it is, the path does not say.
    File(FileLocation),
    /// A managed attachment, by its token.
    Attachment(Segment),
    /// A registration for push, by its token.
    Push(Segment),
}

/// A path through somebody's plain files. No names: their root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileLocation {
    pub(crate) owner: EmailAddress,
    pub(crate) names: Vec<Segment>,
}

/// How much a group of proxies may do with the calendars of its principal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ProxyAccess {
    Read,
    Write,
}

impl ProxyAccess {
    pub(crate) const ALL: [Self; 2] = [Self::Read, Self::Write];

    /// The last segment of its path.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Read => "calendar-proxy-read",
            Self::Write => "calendar-proxy-write",
        }
    }
}

/// A collection in somebody's home.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CollectionLocation {
    pub(crate) home: Home,
    pub(crate) owner: EmailAddress,
    pub(crate) name: Segment,
}

impl Location {
    /// `None`: no resource can have this path.
    pub(crate) fn of(href: &Href) -> Option<Self> {
        let names: Vec<&str> = href.segments.iter().map(Segment::as_str).collect();
        let segment = |index: usize| href.segments.get(index).cloned();
        match names.as_slice() {
            [] | [ROOT] => Some(Self::Root),
            [ROOT, PRINCIPALS] => Some(Self::Principals),
            [ROOT, PRINCIPALS, address] => Some(Self::Principal(EmailAddress::parse(address).ok()?)),
            [ROOT, PRINCIPALS, address, proxy] => {
                let access = ProxyAccess::ALL.into_iter().find(|access| access.name() == *proxy)?;
                Some(Self::Proxy(EmailAddress::parse(address).ok()?, access))
            }
            [ROOT, NOTIFICATIONS, address] => Some(Self::Notifications(EmailAddress::parse(address).ok()?)),
            [ROOT, NOTIFICATIONS, address, _] => {
                Some(Self::Notification(EmailAddress::parse(address).ok()?, segment(3)?))
            }
            [ROOT, FILES, address, ..] => Some(Self::File(FileLocation {
                owner: EmailAddress::parse(address).ok()?,
                names: href.segments.iter().skip(3).cloned().collect(),
            })),
            [ROOT, ATTACHMENTS, _] => Some(Self::Attachment(segment(2)?)),
            [ROOT, PUSH, _] => Some(Self::Push(segment(2)?)),
            [ROOT, home] => Some(Self::Homes(home_of(home)?)),
            [ROOT, home, address] => Some(Self::Home(home_of(home)?, EmailAddress::parse(address).ok()?)),
            [ROOT, SCHEDULING, address, OUTBOX] => Some(Self::Outbox(EmailAddress::parse(address).ok()?)),
            [ROOT, home, address, _] | [ROOT, home, address, _, _] => {
                let (home, owner) = (home_of(home)?, EmailAddress::parse(address).ok()?);
                let collection = CollectionLocation { home, owner, name: segment(3)? };
                Some(match segment(4) {
                    None => Self::Collection(collection),
                    Some(item) => Self::Item(collection, item),
                })
            }
            _ => None,
        }
    }

    /// Its path.
    pub(crate) fn href(&self) -> Href {
        match self {
            Self::Root => path(&[]),
            Self::Principals => path(&[PRINCIPALS]),
            Self::Principal(address) => principal(address),
            Self::Proxy(address, access) => proxy(address, *access),
            Self::Notifications(address) => notifications(address),
            Self::Notification(address, name) => notifications(address).item(name.clone()),
            Self::Homes(home) => path(&[home.as_str()]),
            Self::Home(home, owner) => self::home(*home, owner),
            Self::Collection(collection) => collection.href(),
            Self::Item(collection, name) => collection.href().item(name.clone()),
            Self::Outbox(owner) => outbox(owner),
            Self::File(file) => file.href(file.names.is_empty()),
            Self::Attachment(token) => Href { is_collection: false, ..path(&[ATTACHMENTS, token.as_str()]) },
            Self::Push(token) => path(&[PUSH]).item(token.clone()),
        }
    }

    /// What the log calls it.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Principals => "principals",
            Self::Principal(_) => "principal",
            Self::Proxy(..) => "proxy",
            Self::Notifications(_) => "notifications",
            Self::Notification(..) => "notification",
            Self::Homes(_) => "homes",
            Self::Home(..) => "home",
            Self::Collection(_) => "collection",
            Self::Item(..) => "item",
            Self::Outbox(_) => "outbox",
            Self::File(_) => "file",
            Self::Attachment(_) => "attachment",
            Self::Push(_) => "push",
        }
    }
}

impl CollectionLocation {
    pub(crate) fn href(&self) -> Href {
        home(self.home, &self.owner).collection(self.name.clone())
    }

    /// The name of an item of this very collection at a path.
    pub(crate) fn name_of(&self, href: &str) -> Option<String> {
        match Location::of(&Href::parse(href).ok()?)? {
            Location::Item(of, name) if of == *self => Some(name.as_str().to_owned()),
            _ => None,
        }
    }
}

impl FileLocation {
    /// Its path, as that of a collection or as that of an item.
    pub(crate) fn href(&self, is_collection: bool) -> Href {
        let mut href = home(Home::Files, &self.owner);
        href.segments.extend(self.names.iter().cloned());
        Href { is_collection, ..href }
    }
}

fn home_of(name: &str) -> Option<Home> {
    name.parse().ok().filter(|home| *home != Home::Mailboxes)
}

/// The path of somebody's principal.
pub(crate) fn principal(address: &EmailAddress) -> Href {
    path(&[PRINCIPALS, &address.to_string()])
}

/// The path of the group of those who may use somebody's calendars.
pub(crate) fn proxy(address: &EmailAddress, access: ProxyAccess) -> Href {
    path(&[PRINCIPALS, &address.to_string(), access.name()])
}

/// The path of what somebody is told.
pub(crate) fn notifications(address: &EmailAddress) -> Href {
    path(&[NOTIFICATIONS, &address.to_string()])
}

/// The path of somebody's home.
pub(crate) fn home(home: Home, owner: &EmailAddress) -> Href {
    path(&[home.as_str(), &owner.to_string()])
}

/// The path of somebody's schedule inbox.
pub(crate) fn inbox(owner: &EmailAddress) -> Href {
    path(&[SCHEDULING, &owner.to_string(), INBOX])
}

/// The path of somebody's schedule outbox.
pub(crate) fn outbox(owner: &EmailAddress) -> Href {
    path(&[SCHEDULING, &owner.to_string(), OUTBOX])
}

/// Every address is a segment: none is longer, and none is `.` or `..`.
fn path(names: &[&str]) -> Href {
    let names = std::iter::once(&ROOT).chain(names);
    Href { segments: names.filter_map(|name| Segment::new(*name).ok()).collect(), is_collection: true }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn location(path: &str) -> Option<Location> {
        Location::of(&Href::parse(path).unwrap())
    }

    #[test]
    fn every_resource_has_one_path() {
        for path in [
            "/dav/",
            "/dav/principals/",
            "/dav/principals/anna@a.test/",
            "/dav/principals/anna@a.test/calendar-proxy-read/",
            "/dav/principals/anna@a.test/calendar-proxy-write/",
            "/dav/notifications/anna@a.test/",
            "/dav/notifications/anna@a.test/8-3-8.xml",
            "/dav/calendars/",
            "/dav/calendars/anna@a.test/",
            "/dav/addressbooks/anna@a.test/",
            "/dav/calendars/anna@a.test/office/",
            "/dav/calendars/anna@a.test/office/a%20b.ics",
            "/dav/scheduling/anna@a.test/",
            "/dav/scheduling/anna@a.test/inbox/",
            "/dav/scheduling/anna@a.test/inbox/1.ics",
            "/dav/scheduling/anna@a.test/outbox/",
            "/dav/principals/a%2Fb@a.test/",
            "/dav/principals/a%252fb@a.test/",
            "/dav/principals/..@a.test/",
            "/dav/principals/..%2F..%2Fanna@a.test/",
            "/dav/calendars/a%2Fb@a.test/office/x%2Fy.ics",
            "/dav/files/",
            "/dav/files/anna@a.test/",
            "/dav/files/anna@a.test/x",
            "/dav/files/anna@a.test/x/y/z/%C3%A9",
            "/dav/attachments/0a1b2c3d",
            "/dav/push/4f1c",
        ] {
            assert_eq!(location(path).unwrap().href().to_string(), path);
        }
        for (other, path) in [
            ("/", "/dav/"),
            ("/dav", "/dav/"),
            ("/dav/principals/Anna%40A.test", "/dav/principals/anna@a.test/"),
            ("/dav/calendars/anna@a.test/office", "/dav/calendars/anna@a.test/office/"),
            ("/dav/calendars/anna@a.test/office/x.ics/", "/dav/calendars/anna@a.test/office/x.ics"),
            ("/dav/principals/A%2fB%40a.test", "/dav/principals/a%2Fb@a.test/"),
        ] {
            assert_eq!(location(other).unwrap().href().to_string(), path);
        }
    }

    #[test]
    fn every_address_has_a_path_that_leads_back_to_it() {
        let longest = format!("{}@{}.test", "a".repeat(64), "b".repeat(250));
        for text in [
            "a/b@a.test",
            "a%2fb@a.test",
            "a%b@a.test",
            "/@a.test",
            "..@a.test",
            "../x@a.test",
            longest.as_str(),
        ] {
            let address = EmailAddress::parse(text).unwrap();
            let (principal, home) = (principal(&address), home(Home::Calendars, &address));
            assert_eq!((principal.segments.len(), home.segments.len()), (3, 3), "{text}");
            let found = |href: &Href| location(&href.to_string()).unwrap();
            assert_eq!(found(&principal), Location::Principal(address.clone()), "{text}");
            assert_eq!(found(&home), Location::Home(Home::Calendars, address), "{text}");
        }
    }

    #[test]
    fn other_paths_mean_nothing() {
        for path in [
            "/x",
            "/dav/x",
            "/dav/mailboxes/anna@a.test/",
            "/dav/principals/anna/",
            "/dav/calendars/anna/office/",
            "/dav/calendars/anna@a.test/office/x.ics/y",
            "/dav/principals/anna@a.test/x/",
            "/dav/principals/anna@a.test/calendar-proxy-read/x/",
            "/dav/notifications/",
            "/dav/notifications/anna@a.test/x/y",
            "/dav/principals/anna@a.test/x/y/z/",
            "/dav/push/",
            "/dav/push/4f1c/x",
            "/dav/principals/a/b@a.test/",
        ] {
            assert_eq!(location(path), None, "{path}");
        }
    }
}
