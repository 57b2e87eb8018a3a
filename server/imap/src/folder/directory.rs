//! All mailbox names that a client can see.

use crate::completion::Failure;
use crate::name::of_colleague;
use crate::session_state::Session;
use std::collections::{BTreeMap, HashMap};
use storage::{Collection, Read, Visible};
use vocabulary::{AccountId, CollectionId, CollectionKind, EmailAddress, MailboxPath};

/// One name.
#[derive(Debug, Default)]
pub(crate) struct Entry {
    /// The folder; `None` for a parent that does not exist or is not visible.
    pub(crate) collection: Option<Collection>,
    pub(crate) subscribed: bool,
    /// Something is beneath it.
    pub(crate) has_children: bool,
    /// Something beneath it is subscribed.
    pub(crate) child_subscribed: bool,
}

/// Names in the order of their text, each with what is known about it.
pub(crate) type Directory = BTreeMap<String, Entry>;

/// Reads the names of one's own folders and of those that colleagues share.
pub(crate) async fn read(session: &Session) -> Result<Directory, Failure> {
    let account = session.account;
    let (own, shared) =
        session.read(move |tx| Ok((mail(tx.collections(account)?), mail(tx.shared_collections()?)))).await?;
    let mut directory = Directory::new();
    let parents: Parents = own.iter().map(|visible| parent(&visible.collection)).collect();
    for Visible { collection, .. } in own {
        if let Some(path) = path_of(&parents, &collection) {
            let subscribed = collection.subscribed;
            add(&mut directory, &path, collection, subscribed);
        }
    }
    if shared.is_empty() {
        return Ok(directory);
    }
    let owners = owners(session, &shared).await?;
    for Visible { collection, .. } in shared {
        let Some((address, parents)) = owners.get(&collection.account) else { continue };
        let path = path_of(parents, &collection).and_then(|path| of_colleague(address, &path));
        if let Some(path) = path {
            add(&mut directory, &path, collection, true);
        }
    }
    Ok(directory)
}

fn mail(mut all: Vec<Visible>) -> Vec<Visible> {
    all.retain(|visible| visible.collection.kind == CollectionKind::Mail);
    all
}

/// The folder above each folder, and its own name.
type Parents = HashMap<CollectionId, (CollectionId, vocabulary::LeafName)>;

fn parent(collection: &Collection) -> (CollectionId, (CollectionId, vocabulary::LeafName)) {
    (collection.id, (collection.parent, collection.name.clone()))
}

/// What the paths of shared folders are called: the owners' addresses, and the names of folders above
/// shared ones.
async fn owners(
    session: &Session,
    shared: &[Visible],
) -> Result<HashMap<AccountId, (EmailAddress, Parents)>, Failure> {
    let mut accounts: Vec<AccountId> = shared.iter().map(|visible| visible.collection.account).collect();
    accounts.dedup();
    let named = move |tx: &Read<'_>| {
        let mut owners = HashMap::new();
        for account in accounts {
            let address = tx.account(account)?.address;
            let parents =
                tx.collections(account)?.iter().map(|visible| parent(&visible.collection)).collect();
            owners.insert(account, (address, parents));
        }
        Ok(owners)
    };
    Ok(session.read_as_house(named).await?)
}

/// From the root down; `None` if the folder hangs in the air.
fn path_of(parents: &Parents, collection: &Collection) -> Option<MailboxPath> {
    let mut parts = vec![collection.name.clone()];
    let mut above = collection.parent;
    while above.0 != 0 {
        let (next, name) = parents.get(&above)?;
        parts.push(name.clone());
        if parts.len() > MailboxPath::DEPTH_MAX {
            return None;
        }
        above = *next;
    }
    parts.reverse();
    Some(MailboxPath::from_parts(parts))
}

fn add(directory: &mut Directory, path: &MailboxPath, collection: Collection, subscribed: bool) {
    let entry = directory.entry(path.to_string()).or_default();
    entry.collection = Some(collection);
    entry.subscribed = subscribed;
    let mut above = path.split_last().map(|(above, _)| above);
    while let Some(path) = above.filter(|path| !path.parts().is_empty()) {
        let entry = directory.entry(path.to_string()).or_default();
        entry.has_children = true;
        entry.child_subscribed |= subscribed;
        above = path.split_last().map(|(above, _)| above);
    }
}
