//! From a path to the resource that is there.

use dav_wire::Segment;
use std::collections::BTreeSet;
use std::sync::Arc;
use storage::{Account, Error, Item, Read, Refusal, Subject as Missing, right};
use vocabulary::{AccountId, CollectionId, Home};

use crate::address::{self, FolderAddress, FolderName};
use crate::call::{Answer, Call};
use crate::directory;
use crate::folder::Folder;
use crate::location::{self, CollectionLocation, Location};
use crate::property::Subject;

/// The resource at a location.
///
/// # Errors
/// [`Refusal::NotFound`] for what is not there and for what the user may not see.
pub(crate) async fn find(call: &Call, location: &Location) -> Answer<Subject> {
    match location {
        Location::Root | Location::Principals | Location::Homes(_) => Ok(Subject::Public(location.clone())),
        Location::Principal(address) => Ok(Subject::Principal(directory::by_address(call, address).await?)),
        Location::Home(home, owner) => {
            let owner = directory::by_address(call, owner).await?;
            if owner.id != call.account().id && folders(call, *home, &owner).await?.is_empty() {
                return Err(Refusal::NotFound(Missing::Account).into());
            }
            Ok(Subject::Home(*home, owner))
        }
        Location::Collection(collection) => Ok(Subject::Folder(Arc::new(folder(call, collection).await?))),
        Location::Item(collection, name) => {
            let (folder, item) = item(call, collection, name).await?;
            Ok(Subject::Item(Arc::new(folder), item))
        }
    }
}

async fn folder(call: &Call, location: &CollectionLocation) -> Answer<Folder> {
    let address = call.folder(location).await?;
    Ok(call.store().read(call.principal(), move |tx| Folder::read(tx, address)).await?)
}

async fn item(call: &Call, location: &CollectionLocation, name: &Segment) -> Answer<(Folder, Item)> {
    let (address, name) = (call.folder(location).await?, name.clone());
    let read = call.store().read(call.principal(), move |tx| {
        let grant = address.open::<right::ReadItems>(tx)?;
        let item = tx.item_by_resource(&grant, name.as_str())?;
        Ok((Folder::read(tx, address)?, item.ok_or(Refusal::NotFound(Missing::Item))?))
    });
    Ok(read.await?)
}

/// The collections of a home that the user sees; in one's own also what colleagues share.
pub(crate) async fn folders(call: &Call, home: Home, owner: &Account) -> Answer<Vec<Folder>> {
    let own_home = owner.id == call.account().id;
    let addresses = if own_home { mounts(call, home).await? } else { Vec::new() };
    let (owner, path) = (Arc::new(owner.clone()), location::home(home, &owner.address));
    let read = call.store().read(call.principal(), move |tx| {
        let mut folders = Vec::new();
        for visible in tx.collections(owner.id)? {
            if visible.collection.kind.home() != home {
                continue;
            }
            let Some(name) = visible.collection.resource_name else { continue };
            let Ok(segment) = Segment::new(name.clone()) else { continue };
            let (href, owner) = (path.collection(segment), Arc::clone(&owner));
            let address = FolderAddress { href, home, owner, name: FolderName::Resource(name) };
            folders.push(Folder::read(tx, address)?);
        }
        for address in addresses {
            folders.extend(read_if_there(tx, address)?);
        }
        Ok(folders)
    });
    Ok(read.await?)
}

/// Where folders of colleagues are mounted in one's own home.
async fn mounts(call: &Call, home: Home) -> Answer<Vec<FolderAddress>> {
    let read = call.store().read(call.principal(), move |tx| {
        let shared = tx.shared_collections()?.into_iter().map(|visible| visible.collection);
        let of_home = shared.filter(|collection| collection.kind.home() == home);
        Ok(of_home.map(|collection| (collection.account, collection.id)).collect::<Vec<_>>())
    });
    let shared: Vec<(AccountId, CollectionId)> = read.await?;
    let owners: BTreeSet<AccountId> = shared.iter().map(|(owner, _)| *owner).collect();
    if owners.is_empty() {
        return Ok(Vec::new());
    }
    let owners = directory::by_ids(call, owners.into_iter().collect()).await?;
    let owners: Vec<Arc<Account>> = owners.into_iter().map(Arc::new).collect();
    let path = location::home(home, &call.account().address);
    let address = |(owner, id): (AccountId, CollectionId)| {
        let segment = Segment::new(address::mount(owner, id)).ok()?;
        let owner = Arc::clone(owners.iter().find(|account| account.id == owner)?);
        Some(FolderAddress { href: path.collection(segment), home, owner, name: FolderName::Mount(id) })
    };
    Ok(shared.into_iter().filter_map(address).collect())
}

/// A share may end between two transactions.
fn read_if_there(tx: &Read<'_>, address: FolderAddress) -> storage::Result<Option<Folder>> {
    match Folder::read(tx, address) {
        Ok(folder) => Ok(Some(folder)),
        Err(Error::Refusal(Refusal::NotFound(_))) => Ok(None),
        Err(error) => Err(error),
    }
}
