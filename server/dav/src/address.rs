//! Where a collection lies in the store, and how it is opened.
//!
//! What colleagues share is mounted in the delegate's own home, as iOS and others look nowhere else. The segment is made
//! of identities, so that it survives every renaming, and no collection of one's own can have it.

use dav_wire::{Href, Segment};
use std::sync::Arc;
use storage::right::Right;
use storage::{Account, Grant, Read, Refusal, Subject};
use vocabulary::{AccountId, CollectionId, Home};

use crate::push::Push;

/// A collection, to be opened anew in each transaction.
#[derive(Debug, Clone)]
pub(crate) struct FolderAddress {
    /// The path by which it was asked for.
    pub(crate) href: Href,
    pub(crate) home: Home,
    pub(crate) owner: Arc<Account>,
    pub(crate) name: FolderName,
    /// By which clients are told when it changed.
    pub(crate) push: Option<Push>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FolderName {
    /// In its owner's home.
    Resource(String),
    /// In the home of somebody it is shared with.
    Mount(CollectionId),
    /// Found on a path through plain files.
    Id(CollectionId),
}

/// The segment under which a collection of another owner is mounted.
pub(crate) fn mount(owner: AccountId, collection: CollectionId) -> String {
    format!("~{owner}.{collection}")
}

/// What a segment of this form names.
pub(crate) fn mounted(segment: &Segment) -> Option<(AccountId, CollectionId)> {
    let (owner, collection) = segment.as_str().strip_prefix('~')?.split_once('.')?;
    let found = (AccountId(owner.parse().ok()?), CollectionId(collection.parse().ok()?));
    (mount(found.0, found.1) == segment.as_str()).then_some(found)
}

impl FolderAddress {
    /// # Errors
    /// As [`Read::open`].
    pub(crate) fn open<'tx, R: Right>(&self, tx: &Read<'tx>) -> storage::Result<Grant<'tx, R>> {
        match &self.name {
            FolderName::Resource(name) => tx.open_resource(self.owner.id, self.home, name),
            FolderName::Mount(id) | FolderName::Id(id) => {
                let grant = tx.open(self.owner.id, *id)?;
                let is_here = grant.collection().kind.home() == self.home;
                let is_mounted = matches!(self.name, FolderName::Mount(_));
                if is_here && !(is_mounted && tx.is_out_of_sight(self.owner.id, *id)?) {
                    Ok(grant)
                } else {
                    Err(Refusal::NotFound(Subject::Collection).into())
                }
            }
        }
    }

    /// The path of an item in it.
    pub(crate) fn item(&self, name: &str) -> Href {
        match Segment::new(name) {
            Ok(name) => self.href.item(name),
            // The store keeps no name that is none.
            Err(_) => self.href.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mount_has_one_spelling() {
        let read = |text: &str| mounted(&Segment::new(text).unwrap());
        assert_eq!(read("~7.3"), Some((AccountId(7), CollectionId(3))));
        for bad in ["7.3", "~7", "~7.", "~07.3", "~+7.3", "~7.3.1", "~a.b", "~7.99999999999999999999"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
