//! What lies at a path through somebody's plain files, at one moment.

use dav_wire::{Href, Segment};
use std::sync::Arc;
use storage::right::{self, Right};
use storage::{Account, Error, Grant, Item, Locks, Read, Refusal, Subject};
use vocabulary::{AccountId, CollectionId, Home};

use crate::address::{FolderAddress, FolderName};
use crate::call::{Answer, Call};
use crate::directory;
use crate::location::{self, FileLocation};
use crate::property::item::Tagged as _;

/// A path through somebody's plain files. No names: their root.
#[derive(Debug, Clone)]
pub(crate) struct FilePath {
    pub(crate) owner: Arc<Account>,
    pub(crate) names: Vec<String>,
}

/// What lies there.
#[derive(Debug)]
pub(crate) enum Place<'tx> {
    Collection(Grant<'tx, right::Lookup>),
    /// An item, and the collection that holds it.
    File(Grant<'tx, right::ReadItems>, Box<Item>),
    /// Nothing, and the collection that would hold it.
    Free(Grant<'tx, right::Lookup>),
    /// Nothing, and there is no collection that could hold it.
    Nowhere,
}

impl FilePath {
    /// # Errors
    /// 404 if the owner is not of the same domain.
    pub(crate) async fn of(call: &Call, location: &FileLocation) -> Answer<Self> {
        let owner = directory::by_address(call, &location.owner).await?;
        let names = location.names.iter().map(|name| name.as_str().to_owned()).collect();
        Ok(Self { owner: owner.into(), names })
    }

    /// Another path among the same files.
    pub(crate) fn beside(&self, names: Vec<String>) -> Self {
        Self { owner: Arc::clone(&self.owner), names }
    }

    pub(crate) fn account(&self) -> AccountId {
        self.owner.id
    }

    /// The collection above, and the name in it; `None` for the root.
    pub(crate) fn split(&self) -> Option<(Self, &str)> {
        let (name, above) = self.names.split_last()?;
        Some((self.beside(above.to_vec()), name))
    }

    /// Its path, as that of a collection or as that of an item.
    pub(crate) fn href(&self, is_collection: bool) -> Href {
        let mut href = location::home(Home::Files, &self.owner.address);
        // The store keeps no name that is none.
        href.segments.extend(self.names.iter().filter_map(|name| Segment::new(name.clone()).ok()));
        Href { is_collection: is_collection || self.names.is_empty(), ..href }
    }

    /// The collection, to be opened like any other.
    pub(crate) fn folder(&self, id: CollectionId) -> FolderAddress {
        let (home, owner) = (Home::Files, Arc::clone(&self.owner));
        FolderAddress { href: self.href(true), home, owner, name: FolderName::Id(id), push: None }
    }

    /// The collection at the path, opened with a right.
    ///
    /// # Errors
    /// As [`Read::open_files`].
    pub(crate) fn open<'tx, R: Right>(&self, tx: &Read<'tx>) -> storage::Result<Grant<'tx, R>> {
        tx.open_files(self.owner.id, &self.names)
    }

    /// # Errors
    /// [`Refusal::Denied`] if an item could lie there that may not be read.
    pub(crate) fn place<'tx>(&self, tx: &Read<'tx>) -> storage::Result<Place<'tx>> {
        if let Some(grant) = found(self.open(tx))? {
            return Ok(Place::Collection(grant));
        }
        let Some((above, name)) = self.split() else { return Ok(Place::Nowhere) };
        let Some(lookup) = found(above.open::<right::Lookup>(tx))? else { return Ok(Place::Nowhere) };
        let read = above.open::<right::ReadItems>(tx)?;
        Ok(match tx.item_by_resource(&read, name)? {
            Some(item) => Place::File(read, Box::new(item)),
            None => Place::Free(lookup),
        })
    }
}

fn found<T>(opened: storage::Result<T>) -> storage::Result<Option<T>> {
    match opened {
        Ok(grant) => Ok(Some(grant)),
        Err(Error::Refusal(Refusal::NotFound(_))) => Ok(None),
        Err(error) => Err(error),
    }
}

impl<'tx> Place<'tx> {
    /// The collection that lies there or holds what does, or would.
    pub(crate) fn collection(&self) -> Option<CollectionId> {
        match self {
            Self::Collection(grant) | Self::Free(grant) => Some(grant.collection().id),
            Self::File(grant, _) => Some(grant.collection().id),
            Self::Nowhere => None,
        }
    }

    pub(crate) fn is_collection(&self) -> bool {
        matches!(self, Self::Collection(_))
    }

    /// Whether something lies there.
    pub(crate) fn is_there(&self) -> bool {
        matches!(self, Self::Collection(_) | Self::File(..))
    }

    /// The tag of an item.
    pub(crate) fn tag(&self) -> Option<dav_wire::ETag> {
        match self {
            Self::File(_, item) => Some(item.etag()),
            Self::Collection(_) | Self::Free(_) | Self::Nowhere => None,
        }
    }

    /// The living locks on the files that it is among.
    pub(crate) fn locks(&self, tx: &Read<'tx>) -> storage::Result<Locks> {
        match self {
            Self::Collection(grant) | Self::Free(grant) => tx.locks(grant),
            Self::File(grant, _) => tx.locks(grant),
            Self::Nowhere => Ok(Locks::default()),
        }
    }
}

/// Nothing is there, or nothing that may be seen.
pub(crate) fn missing() -> Refusal {
    Refusal::NotFound(Subject::Item)
}

/// The path of what lies right in a collection.
pub(crate) fn within(collection: &Href, name: &str, is_collection: bool) -> Href {
    match Segment::new(name) {
        Ok(name) if is_collection => collection.collection(name),
        Ok(name) => collection.item(name),
        // The store keeps no name that is none.
        Err(_) => collection.clone(),
    }
}
