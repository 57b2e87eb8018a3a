//! Plain files as one user sees them: the properties of RFC 4918 that only they have, and those of single items.

use dav_wire::header::Depth;
use dav_wire::property::{ActiveLock, LockScope};
use dav_wire::xml::Element;
use dav_wire::{Property, Value};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use storage::{Grant, Lock, Locks, Read};
use vocabulary::{CollectionId, ItemId};

use super::condition::token_uri;
use super::guard;
use super::place::{FilePath, Place, missing};
use crate::call::Answer;
use crate::folder::{Folder, Kept};
use crate::property::Subject;

/// What a collection of plain files has beside what all collections have.
#[derive(Debug, Clone)]
pub(crate) struct FilesView {
    /// The names from the root to it.
    path: Vec<String>,
    locks: Arc<LocksView>,
    /// What is kept of its items, as far as it was read.
    pub(crate) kept: HashMap<ItemId, BTreeMap<String, String>>,
}

/// The locks over a collection and over what lies right in it.
#[derive(Debug, Default)]
pub(super) struct LocksView {
    locks: Locks,
    told: HashMap<String, ActiveLock>,
}

impl LocksView {
    /// Those of the collection at a path; a collection of the same files is open.
    pub(super) fn read<'tx, R>(
        tx: &Read<'tx>,
        grant: &Grant<'tx, R>,
        path: &FilePath,
    ) -> storage::Result<Self> {
        let all = tx.locks(grant)?;
        let right_in =
            all.within(&path.names).filter(|lock| lock.path.len() == path.names.len().saturating_add(1));
        let locks: Locks = all.over(&path.names).chain(right_in).cloned().collect();
        let mut told = HashMap::new();
        for lock in locks.within(&[]) {
            told.insert(lock.token.clone(), active(tx, path, lock)?);
        }
        Ok(Self { locks, told })
    }

    /// Those over what lies at a path.
    pub(super) fn over(&self, path: &[String]) -> Vec<ActiveLock> {
        self.locks.over(path).filter_map(|lock| self.told.get(&lock.token).cloned()).collect()
    }
}

/// A lock as it is told of.
pub(super) fn active(tx: &Read<'_>, among: &FilePath, lock: &Lock) -> storage::Result<ActiveLock> {
    let left_ms = lock.expires_at.0.saturating_sub(tx.now().0);
    Ok(ActiveLock {
        scope: if lock.exclusive { LockScope::Exclusive } else { LockScope::Shared },
        depth: if lock.deep { Depth::Infinity } else { Depth::Zero },
        owner: Element::decode(&lock.owner).ok(),
        // A second that has begun is told of.
        timeout_s: u32::try_from(left_ms.saturating_add(999) / 1_000).unwrap_or(0),
        token: token_uri(&lock.token),
        root: guard::root(tx, among, lock)?.to_string(),
    })
}

/// The resource at a path.
///
/// # Errors
/// 404.
pub(super) fn subject(tx: &Read<'_>, path: &FilePath, kept: &Kept) -> Answer<Subject> {
    match path.place(tx)? {
        Place::Collection(grant) => {
            let locks = LocksView::read(tx, &grant, path)?;
            Ok(Subject::Folder(Arc::new(folder(tx, path, grant.collection().id, locks.into(), kept)?)))
        }
        Place::File(grant, item) => {
            let (above, _) = path.split().ok_or_else(missing)?;
            let locks = LocksView::read(tx, &grant, &above)?;
            let of_items = Kept::nothing().and_of_items(kept);
            let mut folder = folder(tx, &above, grant.collection().id, locks.into(), &of_items)?;
            if !kept.is_nothing() {
                folder.keep(item.id, tx.file_properties(&grant, Some(item.id))?);
            }
            Ok(Subject::Item(Arc::new(folder), (*item).into()))
        }
        Place::Free(_) | Place::Nowhere => Err(missing().into()),
    }
}

/// The collection at a path, and what is kept of none of its items yet.
pub(super) fn folder(
    tx: &Read<'_>,
    path: &FilePath,
    id: CollectionId,
    locks: Arc<LocksView>,
    kept: &Kept,
) -> storage::Result<Folder> {
    let mut folder = Folder::read(tx, path.folder(id), kept)?;
    folder.files = Some(FilesView { path: path.names.clone(), locks, kept: HashMap::new() });
    Ok(folder)
}

impl Folder {
    /// Notes what is kept of one of its items.
    pub(super) fn keep(&mut self, item: ItemId, kept: BTreeMap<String, String>) {
        if let Some(files) = &mut self.files
            && !kept.is_empty()
        {
            files.kept.insert(item, kept);
        }
    }
}

/// `lockdiscovery` and `supportedlock`: RFC 4918 sections 15.8 and 15.10.
pub(crate) fn locks_of(subject: &Subject, property: Property) -> Option<Value> {
    let (folder, item) = match subject {
        Subject::Folder(folder) => (folder, None),
        Subject::Item(folder, item) => (folder, item.resource_name.clone()),
        _ => return None,
    };
    let files = folder.files.as_ref()?;
    match property {
        Property::SupportedLock => Some(Value::LockScopes(LockScope::ALL.to_vec())),
        Property::LockDiscovery => {
            let path: Vec<String> = files.path.iter().cloned().chain(item).collect();
            Some(Value::Locks(files.locks.over(&path)))
        }
        _ => None,
    }
}
