//! FolderCreate, FolderDelete and FolderUpdate: MS-ASCMD sections 2.2.1.3, 2.2.1.4 and 2.2.1.6.
//!
//! What lies beneath a deleted folder goes with it, as what is in it does: the phone has no other way to say so, and shows
//! neither any more. All of it goes, with the meetings that are called off, or nothing does.
//!
//! A success moves the hierarchy's key (R4569, R4570), and the change is noted as told, so the next
//! FolderSync does not echo it. A repeat under the key before gets the same answer and changes nothing.

use activesync_wire::Version;
use activesync_wire::command::folder_change::{Change, Request, success};
use activesync_wire::command::folder_sync::Folder;
use activesync_wire::server_id::{FolderId, ROOT_FOLDER};
use activesync_wire::status::{CommonStatus, FolderChangeStatus};
use activesync_wire::sync_key::{ClientKey, SyncKey};
use std::str::FromStr;
use storage::{Error, NewCollection, Outgoing, Refusal, Subject as Thing, right};
use vocabulary::{AccountId, CollectionId, LeafName, Rights};
use wbxml::Element;

use super::folder_sync::{Hierarchy, hash, read, write};
use super::refuse;
use crate::call::{Answer, Call, Reply, StateKey};
use crate::folder::{Shown, beneath, kind_of, meant_name, shown};
use crate::meeting::Removals;
use crate::status;
use crate::wait::Subject;

pub(crate) async fn run(call: &Call, root: &Element) -> Answer {
    let request = Request::parse(root)?;
    let _turn = call.server.turns.take(call.account(), call.device(), vec![Subject::Hierarchy]).await;
    let state = read(call).await?;
    let ClientKey::Issued(key) = request.key else {
        return refused(call, FolderChangeStatus::InvalidSyncKey);
    };
    let Some(state) = state.filter(|state| state.known(key).is_some()) else {
        return refused(call, FolderChangeStatus::InvalidSyncKey);
    };
    match perform(call, key, &request.change).await {
        Ok(folders) => {
            let created = match request.change {
                Change::Create { .. } => folders.first().map(ToString::to_string),
                Change::Delete { .. } | Change::Update { .. } => None,
            };
            let key = note(call, state, key, &request.change, folders).await?;
            let status = FolderChangeStatus::Success.code();
            Ok(Reply::document(&success(&request.change, key, created)).with_status(status))
        }
        Err(Failed::Status(status)) => refused(call, status),
        // MS-ASCMD R4932
        Err(Failed::Full) if call.version >= Version::V14_0 => {
            refuse(CommonStatus::TooManyFolders, "folders are too many or nest too deep")
        }
        Err(Failed::Full) => refused(call, FolderChangeStatus::ServerError),
        Err(Failed::Store(Error::Refusal(refusal))) => refused(call, status::folder_change(&refusal)),
        Err(Failed::Store(error)) => Err(error.into()),
    }
}

fn refused(call: &Call, status: FolderChangeStatus) -> Answer {
    let document = call.query.command.status_document(status.code(), None);
    Ok(Reply::document(&document).with_status(status.code()))
}

enum Failed {
    /// Refused before anything was written.
    Status(FolderChangeStatus),
    /// There is no room for another folder.
    Full,
    /// What the transaction has done until then is undone.
    Store(Error),
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::Store(error)
    }
}

/// Does it, unless this very request was done before. Which folder it was about, and those that went with it.
async fn perform(call: &Call, key: SyncKey, change: &Change) -> Result<Vec<FolderId>, Failed> {
    /// How often the removal of a calendar is planned anew because somebody else wrote in it meanwhile.
    const ATTEMPTS_MAX: usize = 4;
    let mut attempt = 1;
    loop {
        match perform_once(call, key, change).await {
            Err(Failed::Store(Error::Refusal(Refusal::Stale { .. }))) if attempt < ATTEMPTS_MAX => {
                attempt += 1
            }
            outcome => return outcome,
        }
    }
}

async fn perform_once(call: &Call, key: SyncKey, change: &Change) -> Result<Vec<FolderId>, Failed> {
    let place = StateKey::new(call, call.account(), CollectionId(0));
    let (sync_key, client_key) = (key.to_string(), format!("{change:?}"));
    let hashed = call.store().fingerprint(call.account(), client_key.as_bytes());
    let client_key: String = hashed.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    let deed = deed(call, change).await?;
    let accounts = [call.account(), deed.owner()];
    let done = call.store().write(call.principal(), &accounts, move |tx| {
        let request = place.request(&sync_key, &client_key);
        if let Some((_, result)) = tx.remembered(&request)?
            && let Some(folders) = remembered(&result)
        {
            return Ok(Ok((folders, Vec::new())));
        }
        let (folders, posted) = match deed.run(tx) {
            Ok(done) => done,
            Err(Failed::Store(error)) => return Err(error),
            Err(refused) => return Ok(Err(refused)),
        };
        let ids: Vec<String> = folders.iter().map(ToString::to_string).collect();
        tx.remember(&request, &[], ids.join(" ").as_bytes())?;
        Ok(Ok((folders, posted)))
    });
    let (folders, posted) = done.await??;
    call.deliver(posted).await;
    Ok(folders)
}

fn remembered(result: &[u8]) -> Option<Vec<FolderId>> {
    std::str::from_utf8(result).ok()?.split(' ').map(|id| FolderId::from_str(id).ok()).collect()
}

/// What else goes with a folder, and what others are to be told of it all. What keeps the user from removing it is said
/// by the transaction, which may have run before.
async fn plan_removal(call: &Call, folder: FolderId) -> Result<Removals, Failed> {
    let FolderId { account, collection } = folder;
    let all = call.store().read(call.principal(), move |tx| beneath(tx, folder)).await?;
    let all = all.into_iter().chain([collection]).collect();
    match call.plan_removals::<right::DeleteCollection>(account, all).await {
        // Who may remove it, but not send in its owner's name, does not remove its meetings.
        Err(Error::Refusal(refusal @ Refusal::Denied { need: Rights::SEND_ON_BEHALF })) => {
            Err(Failed::Status(status::folder_change(&refusal)))
        }
        Err(Error::Refusal(Refusal::NotFound(_) | Refusal::Denied { .. })) => Ok(Removals::default()),
        planned => Ok(planned?),
    }
}

enum Deed {
    Create {
        owner: AccountId,
        new: NewCollection,
    },
    Delete {
        folder: FolderId,
        removals: Removals,
    },
    /// Without a parent it stays where it is.
    Update {
        folder: FolderId,
        parent: Option<CollectionId>,
        name: LeafName,
    },
}

async fn deed(call: &Call, change: &Change) -> Result<Deed, Failed> {
    let folder = |id: &str| FolderId::from_str(id).map_err(|_| Failed::Status(FolderChangeStatus::NotFound));
    let name =
        |text: &str| LeafName::new(text).map_err(|_| Failed::Status(FolderChangeStatus::MalformedRequest));
    if names_recipients(change) {
        // MS-ASCMD R101, R143, R4016: it is no folder that could change or hold others.
        return Err(Failed::Status(FolderChangeStatus::SpecialFolder));
    }
    let parent = |id: &str| match id {
        ROOT_FOLDER => Ok(None),
        id => match FolderId::from_str(id) {
            Ok(parent) => Ok(Some(parent)),
            Err(_) => Err(Failed::Status(FolderChangeStatus::ParentNotFound)),
        },
    };
    Ok(match change {
        Change::Create { parent: above, name: text, kind } => {
            // MS-ASCMD R4034: folders that come with the mailbox cannot be made.
            let kind = kind_of(*kind).ok_or(Failed::Status(FolderChangeStatus::MalformedRequest))?;
            let root = FolderId { account: call.account(), collection: CollectionId(0) };
            let above = parent(above)?.unwrap_or(root);
            let new = NewCollection {
                parent: above.collection,
                kind,
                role: None,
                name: name(text)?,
                resource_name: None,
            };
            Deed::Create { owner: above.account, new }
        }
        Change::Delete { id } => {
            let folder = folder(id)?;
            Deed::Delete { folder, removals: plan_removal(call, folder).await? }
        }
        Change::Update { id, parent: above, name: text } => {
            let folder = folder(id)?;
            let above = parent(above)?;
            if above.is_some_and(|above| above.account != folder.account) {
                return Err(Failed::Status(FolderChangeStatus::ParentNotFound));
            }
            // A colleague's folders are shown at the root, wherever they are.
            let stays = above.is_none() && folder.account != call.account();
            let above = above.map_or(CollectionId(0), |above| above.collection);
            let parent = (!stays).then_some(above);
            Deed::Update { folder, parent, name: name(meant_name(call, folder.account, text).await?)? }
        }
    })
}

/// Whether the recipient information cache would be changed, or hold another folder.
fn names_recipients(change: &Change) -> bool {
    let is = |id: &String| FolderId::from_str(id) == Ok(FolderId::RECIPIENTS);
    match change {
        Change::Create { parent, .. } => is(parent),
        Change::Delete { id } => is(id),
        Change::Update { id, parent, .. } => is(id) || is(parent),
    }
}

impl Deed {
    fn owner(&self) -> AccountId {
        match self {
            Self::Create { owner, .. } => *owner,
            Self::Delete { folder, .. } | Self::Update { folder, .. } => folder.account,
        }
    }

    /// The folder and those that go with it, and what others are to be told.
    fn run(self, tx: &mut storage::Write<'_>) -> Result<(Vec<FolderId>, Vec<Outgoing>), Failed> {
        match self {
            Self::Create { owner, new } => match tx.create_collection(owner, &new) {
                Ok(made) => Ok((vec![FolderId { account: owner, collection: made.id }], Vec::new())),
                Err(Error::Refusal(Refusal::Invalid(_))) => Err(Failed::Full),
                Err(error) => Err(parent_failed(error)),
            },
            Self::Delete { folder, removals } => Ok(remove(tx, folder, &removals)?),
            Self::Update { folder, parent, name } => {
                let grant = tx.open::<right::DeleteCollection>(folder.account, folder.collection)?;
                if grant.collection().role.is_some() {
                    // MS-ASCMD R4101: FolderUpdate says 2 of a special folder.
                    return Err(Failed::Status(FolderChangeStatus::AlreadyExists));
                }
                let parent = parent.unwrap_or(grant.collection().parent);
                tx.rename_collection(&grant, parent, &name).map_err(parent_failed)?;
                Ok((vec![folder], Vec::new()))
            }
        }
    }
}

fn remove(
    tx: &mut storage::Write<'_>,
    folder: FolderId,
    removals: &Removals,
) -> storage::Result<(Vec<FolderId>, Vec<Outgoing>)> {
    let account = folder.account;
    // First whether all of it may go at all: else its meetings look as if they had not been planned for.
    let mut grants = vec![tx.open::<right::DeleteCollection>(account, folder.collection)?];
    for collection in beneath(tx, folder)? {
        grants.push(tx.open::<right::DeleteCollection>(account, collection)?);
    }
    let mut posted = Vec::new();
    for grant in &grants {
        posted.extend(removals.post(tx, grant.collection().id, grant.collection().kind)?);
    }
    // The deepest first, the folder itself last.
    for grant in grants.iter().skip(1).chain(grants.first()) {
        tx.delete_collection(grant)?;
    }
    let gone = grants.iter().map(|grant| FolderId { account, collection: grant.collection().id });
    Ok((gone.collect(), posted))
}

/// Once the folder itself is open, what is not found is its parent.
fn parent_failed(error: Error) -> Failed {
    match error {
        Error::Refusal(Refusal::NotFound(Thing::Collection) | Refusal::Denied { .. }) => {
            Failed::Status(FolderChangeStatus::ParentNotFound)
        }
        other => other.into(),
    }
}

/// Notes the change as the device shows it: these folders only, others' changes are still to come.
async fn note(
    call: &Call,
    mut state: Hierarchy,
    key: SyncKey,
    change: &Change,
    folders: Vec<FolderId>,
) -> storage::Result<SyncKey> {
    let Some(before) = state.known(key).cloned() else { return Ok(state.key) };
    let mut told = before.clone();
    match change {
        Change::Delete { .. } => told.retain(|id, _| !folders.contains(id)),
        Change::Create { parent, name, .. } | Change::Update { parent, name, .. } => {
            let changed = shown(call).await?.into_iter().find(|one| folders.contains(&one.id));
            if let Some(Shown { id, folder }) = changed {
                // A colleague's folder is shown in another way than the device asked for, which it is then told.
                let folder = Folder { parent: parent.clone(), name: name.clone(), ..folder };
                told.insert(id, hash(call.store(), &folder));
            }
        }
    }
    state.go_on((key, before), told);
    let issued = state.key;
    write(call, state).await?;
    Ok(issued)
}
