//! What a path means, before anybody is asked whether it is there.
//!
//! ```text
//! /                                        the same as /dav/
//! /dav/principals/anna@a.test/
//! /dav/calendars/anna@a.test/office/x.ics
//! /dav/addressbooks/anna@a.test/friends/y.vcf
//! ```

use dav_wire::{Href, Segment};
use vocabulary::{EmailAddress, Home};

const ROOT: &str = "dav";
const PRINCIPALS: &str = "principals";

/// The resource that a path names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Location {
    Root,
    Principals,
    Principal(EmailAddress),
    /// The collection of all homes of a kind.
    Homes(Home),
    Home(Home, EmailAddress),
    Collection(CollectionLocation),
    Item(CollectionLocation, Segment),
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
            [ROOT, home] => Some(Self::Homes(home_of(home)?)),
            [ROOT, home, address] => Some(Self::Home(home_of(home)?, EmailAddress::parse(address).ok()?)),
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
            Self::Homes(home) => path(&[home.as_str()]),
            Self::Home(home, owner) => self::home(*home, owner),
            Self::Collection(collection) => collection.href(),
            Self::Item(collection, name) => collection.href().item(name.clone()),
        }
    }

    /// What the log calls it.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Principals => "principals",
            Self::Principal(_) => "principal",
            Self::Homes(_) => "homes",
            Self::Home(..) => "home",
            Self::Collection(_) => "collection",
            Self::Item(..) => "item",
        }
    }
}

impl CollectionLocation {
    pub(crate) fn href(&self) -> Href {
        home(self.home, &self.owner).collection(self.name.clone())
    }
}

fn home_of(name: &str) -> Option<Home> {
    name.parse().ok().filter(|home| *home != Home::Mailboxes)
}

/// The path of somebody's principal.
pub(crate) fn principal(address: &EmailAddress) -> Href {
    path(&[PRINCIPALS, &address.to_string()])
}

/// The path of somebody's home.
pub(crate) fn home(home: Home, owner: &EmailAddress) -> Href {
    path(&[home.as_str(), &owner.to_string()])
}

/// An address is longer than a segment may be only if no account can have it.
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
            "/dav/calendars/",
            "/dav/calendars/anna@a.test/",
            "/dav/addressbooks/anna@a.test/",
            "/dav/calendars/anna@a.test/office/",
            "/dav/calendars/anna@a.test/office/a%20b.ics",
        ] {
            assert_eq!(location(path).unwrap().href().to_string(), path);
        }
        for (other, path) in [
            ("/", "/dav/"),
            ("/dav", "/dav/"),
            ("/dav/principals/Anna%40A.test", "/dav/principals/anna@a.test/"),
            ("/dav/calendars/anna@a.test/office", "/dav/calendars/anna@a.test/office/"),
            ("/dav/calendars/anna@a.test/office/x.ics/", "/dav/calendars/anna@a.test/office/x.ics"),
        ] {
            assert_eq!(location(other).unwrap().href().to_string(), path);
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
            "/dav/principals/anna@a.test/x/y/z/",
        ] {
            assert_eq!(location(path), None, "{path}");
        }
    }
}
