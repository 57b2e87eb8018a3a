//! `lockdiscovery` and `supportedlock`: RFC 4918 sections 15.8 and 15.10.

use crate::header::Depth;
use crate::name::dav;
use crate::xml::{Element, Writer};

/// Whether others may hold locks beside it: RFC 4918 section 14.13.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LockScope {
    /// Nobody may.
    Exclusive,
    /// Others may, if theirs are shared too.
    Shared,
}

/// A lock as it is told of: RFC 4918 section 14.1. All locks are write locks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActiveLock {
    /// Whether others may hold locks beside it.
    pub scope: LockScope,
    /// [`Depth::Zero`] or [`Depth::Infinity`].
    pub depth: Depth,
    /// The `DAV:owner` that the client gave, if it gave one.
    pub owner: Option<Element>,
    /// How long it lives if it is not refreshed, in seconds.
    pub timeout_s: u32,
    /// The URI that names it.
    pub token: String,
    /// What was locked, as an absolute path.
    pub root: String,
}

impl LockScope {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Exclusive, Self::Shared];

    fn element(self, writer: &mut Writer) {
        writer.open(dav::LOCKSCOPE);
        writer.empty(match self {
            Self::Exclusive => dav::EXCLUSIVE,
            Self::Shared => dav::SHARED,
        });
        writer.close();
    }

    /// A kind of lock that a resource can have: RFC 4918 section 14.10.
    pub(super) fn entry(self, writer: &mut Writer) {
        writer.open(dav::LOCKENTRY);
        self.element(writer);
        write_type(writer);
        writer.close();
    }
}

impl ActiveLock {
    pub(super) fn element(&self, writer: &mut Writer) {
        writer.open(dav::ACTIVELOCK);
        self.scope.element(writer);
        write_type(writer);
        writer.leaf(
            dav::DEPTH,
            match self.depth {
                Depth::Zero => "0",
                Depth::One => "1",
                Depth::Infinity => "infinity",
            },
        );
        if let Some(owner) = &self.owner {
            writer.element(owner);
        }
        writer.leaf(dav::TIMEOUT, &format!("Second-{}", self.timeout_s));
        href_in(writer, dav::LOCKTOKEN, &self.token);
        href_in(writer, dav::LOCKROOT, &self.root);
        writer.close();
    }
}

fn write_type(writer: &mut Writer) {
    writer.open(dav::LOCKTYPE);
    writer.empty(dav::WRITE);
    writer.close();
}

fn href_in(writer: &mut Writer, name: crate::name::Name<'_>, href: &str) {
    writer.open(name);
    writer.leaf(dav::HREF, href);
    writer.close();
}

/// The body of the answer to a LOCK: all locks of the resource, RFC 4918 section 9.10.1.
#[must_use]
pub fn lock_answer(locks: &[ActiveLock]) -> Vec<u8> {
    let mut writer = Writer::document(dav::PROP);
    writer.open(dav::LOCKDISCOVERY);
    for lock in locks {
        lock.element(&mut writer);
    }
    writer.close();
    writer.finish().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::{Limits, parse};

    // RFC 4918 section 9.10.8.
    #[test]
    fn a_lock_is_told_of_with_all_that_a_client_needs() {
        let owner = Element::decode("<owner xmlns='DAV:'><href>http://a.test/</href></owner>").unwrap();
        let lock = ActiveLock {
            scope: LockScope::Exclusive,
            depth: Depth::Infinity,
            owner: Some(owner.clone()),
            timeout_s: 3600,
            token: "urn:uuid:1".into(),
            root: "/dav/files/a@a.test/x%20y".into(),
        };
        let shared = ActiveLock {
            scope: LockScope::Shared,
            depth: Depth::Zero,
            owner: None,
            token: "urn:uuid:2".into(),
            ..lock.clone()
        };
        let document = parse(&lock_answer(&[lock, shared]), &Limits::REQUEST).unwrap();
        assert_eq!(document.name(), dav::PROP);
        let discovery = document.child(dav::LOCKDISCOVERY).unwrap();
        let [first, second] = discovery.children().collect::<Vec<_>>()[..] else { panic!("{discovery:?}") };
        let inner = |lock: &Element, name| lock.child(name).unwrap().children().next().unwrap().clone();
        assert_eq!(inner(first, dav::LOCKSCOPE).name(), dav::EXCLUSIVE);
        assert_eq!(inner(first, dav::LOCKTYPE).name(), dav::WRITE);
        assert_eq!(first.child(dav::DEPTH).unwrap().text(), "infinity");
        assert_eq!(first.child(dav::OWNER), Some(&owner));
        assert_eq!(first.child(dav::TIMEOUT).unwrap().text(), "Second-3600");
        assert_eq!(inner(first, dav::LOCKTOKEN).text(), "urn:uuid:1");
        assert_eq!(inner(first, dav::LOCKROOT).text(), "/dav/files/a@a.test/x%20y");
        assert_eq!(inner(second, dav::LOCKSCOPE).name(), dav::SHARED);
        assert_eq!(second.child(dav::DEPTH).unwrap().text(), "0");
        assert_eq!(second.child(dav::OWNER), None);
    }
}
