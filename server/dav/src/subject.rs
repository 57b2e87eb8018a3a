//! From a path to the resource that is there.

use dav_wire::Segment;
use std::collections::BTreeSet;
use std::sync::Arc;
use storage::{Account, Item, Refusal, Subject as Missing, Visible, right};
use vocabulary::{AccountId, Home};

use crate::address::{self, FolderAddress, FolderName};
use crate::call::{Answer, Call};
use crate::directory;
use crate::files;
use crate::folder::{Folder, Kept};
use crate::location::{self, CollectionLocation, Location};
use crate::property::Subject;
use crate::{notification, proxy, schedule};

/// The resource at a location; of a collection, what is kept of it as far as it is named.
///
/// # Errors
/// [`Refusal::NotFound`] for what is not there and for what the user may not see.
pub(crate) async fn find(call: &Call, location: &Location, kept: &Kept) -> Answer<Subject> {
    match location {
        Location::Root | Location::Principals | Location::Homes(_) => Ok(Subject::Public(location.clone())),
        Location::Principal(address) => directory::principal(call, address).await,
        Location::Proxy(address, access) => {
            Ok(Subject::Proxy(Arc::new(proxy::find(call, address, *access).await?)))
        }
        Location::Notifications(owner) => {
            let told = notification::all(call, owner).await?;
            Ok(Subject::Notifications(call.account().clone(), told))
        }
        Location::Notification(owner, name) => {
            let told = notification::find(call, owner, name).await?;
            Ok(Subject::Notification(call.account().clone(), told))
        }
        Location::Home(home, owner) => {
            let owner = directory::by_address(call, owner).await?;
            if owner.id != call.account().id && addresses(call, *home, &owner).await?.is_empty() {
                return Err(Refusal::NotFound(Missing::Account).into());
            }
            Ok(Subject::Home(*home, owner))
        }
        Location::Outbox(owner) => {
            let owner = directory::by_address(call, owner).await?;
            if !schedule::may_act_for(call, &owner).await? {
                return Err(Refusal::NotFound(Missing::Account).into());
            }
            Ok(Subject::Outbox(owner))
        }
        Location::Collection(collection) => {
            Ok(Subject::Folder(Arc::new(folder(call, collection, kept.clone()).await?)))
        }
        Location::Item(collection, name) => {
            let (folder, item) = item(call, collection, name, Kept::nothing().and_of_items(kept)).await?;
            Ok(Subject::Item(Arc::new(folder), item.into()))
        }
        Location::File(file) => files::subject(call, file, kept).await,
        // It has bytes and nothing else.
        Location::Attachment(_) => Err(Refusal::NotFound(Missing::Item).into()),
        Location::Push(_) => Err(Refusal::NotFound(Missing::Registration).into()),
    }
}

async fn folder(call: &Call, location: &CollectionLocation, kept: Kept) -> Answer<Folder> {
    let address = call.folder(location).await?;
    Ok(call.store().read(call.principal(), move |tx| Folder::read(tx, address, &kept)).await?)
}

async fn item(
    call: &Call,
    location: &CollectionLocation,
    name: &Segment,
    kept: Kept,
) -> Answer<(Folder, Item)> {
    let (address, name) = (call.folder(location).await?, name.clone());
    let read = call.store().read(call.principal(), move |tx| {
        let grant = address.open::<right::ReadItems>(tx)?;
        let item = tx.item_by_resource(&grant, name.as_str())?;
        let folder = Folder::read(tx, address, &kept)?;
        Ok((folder, item.ok_or(Refusal::NotFound(Missing::Item))?))
    });
    Ok(read.await?)
}

/// Where the collections of a home lie that the user sees; in one's own also what colleagues share.
pub(crate) async fn addresses(call: &Call, home: Home, owner: &Account) -> Answer<Vec<FolderAddress>> {
    Ok(shown(call, home, owner).await?.into_iter().map(|(address, _)| address).collect())
}

/// The same with what lies there.
pub(crate) async fn shown(call: &Call, home: Home, owner: &Account) -> Answer<Vec<(FolderAddress, Visible)>> {
    let (id, path) = (owner.id, location::home(home, &owner.address));
    let visible = call.store().read(call.principal(), move |tx| tx.collections(id)).await?;
    let (owner, push) = (Arc::new(owner.clone()), call.push.clone());
    let place = |visible: Visible| {
        let collection = &visible.collection;
        let name = collection.resource_name.clone().filter(|_| collection.kind.home() == home)?;
        let (href, owner) = (path.collection(Segment::new(name.clone()).ok()?), Arc::clone(&owner));
        let push = push.clone();
        Some((FolderAddress { href, home, owner, name: FolderName::Resource(name), push }, visible))
    };
    let mut shown: Vec<_> = visible.into_iter().filter_map(place).collect();
    if id == call.account().id {
        shown.extend(mounts(call, home).await?);
    }
    Ok(shown)
}

/// Where folders of colleagues are mounted in one's own home.
async fn mounts(call: &Call, home: Home) -> Answer<Vec<(FolderAddress, Visible)>> {
    let read = call.store().read(call.principal(), move |tx| {
        let mut shared = tx.shared_collections()?;
        shared.retain(|visible| visible.collection.kind.home() == home);
        Ok(shared)
    });
    let shared: Vec<Visible> = read.await?;
    let owners: BTreeSet<AccountId> = shared.iter().map(|visible| visible.collection.account).collect();
    if owners.is_empty() {
        return Ok(Vec::new());
    }
    let owners = directory::by_ids(call, owners.into_iter().collect()).await?;
    let owners: Vec<Arc<Account>> = owners.into_iter().map(Arc::new).collect();
    let path = location::home(home, &call.account().address);
    let place = |visible: Visible| {
        let (owner, id) = (visible.collection.account, visible.collection.id);
        let segment = Segment::new(address::mount(owner, id)).ok()?;
        let owner = Arc::clone(owners.iter().find(|account| account.id == owner)?);
        let (href, push) = (path.collection(segment), call.push.clone());
        Some((FolderAddress { href, home, owner, name: FolderName::Mount(id), push }, visible))
    };
    Ok(shared.into_iter().filter_map(place).collect())
}
