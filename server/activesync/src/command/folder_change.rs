//! FolderCreate, FolderDelete and FolderUpdate: MS-ASCMD sections 2.2.1.3, 2.2.1.4 and 2.2.1.6.
//!
//! A success moves the hierarchy's key (R4569, R4570), and the change is noted as told, so the next
//! FolderSync does not echo it. A repeat under the key before gets the same answer and changes nothing.

use activesync_wire::command::folder_change::{Change, Request, success};
use activesync_wire::server_id::{FolderId, ROOT_FOLDER};
use activesync_wire::status::FolderChangeStatus;
use activesync_wire::sync_key::{ClientKey, SyncKey};
use std::str::FromStr;
use storage::{Error, NewCollection, Outgoing, Refusal, Subject as Thing, right};
use vocabulary::{AccountId, CollectionId, LeafName, Rights};
use wbxml::Element;

use super::folder_sync::{Hierarchy, hash, read, write};
use crate::call::{Answer, Call, Reply, StateKey};
use crate::folder::{kind_of, shown};
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
        Ok(folder) => {
            let key = note(call, state, key, &request.change, folder).await?;
            let created = match request.change {
                Change::Create { .. } => Some(folder.to_string()),
                Change::Delete { .. } | Change::Update { .. } => None,
            };
            let status = FolderChangeStatus::Success.code();
            Ok(Reply::document(&success(&request.change, key, created)).with_status(status))
        }
        Err(Failed::Status(status)) => refused(call, status),
        Err(Failed::Store(Error::Refusal(refusal))) => refused(call, status::folder_change(&refusal)),
        Err(Failed::Store(error)) => Err(error.into()),
    }
}

fn refused(call: &Call, status: FolderChangeStatus) -> Answer {
    let document = call.query.command.status_document(status.code(), None);
    Ok(Reply::document(&document).with_status(status.code()))
}

enum Failed {
    Status(FolderChangeStatus),
    Store(Error),
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        match error {
            // The calendar is not as it was when its removal was planned.
            stale @ Error::Refusal(Refusal::Stale { .. }) => Self::Store(stale),
            Error::Refusal(refusal) => Self::Status(status::folder_change(&refusal)),
            fault @ Error::Fault(_) => Self::Store(fault),
        }
    }
}

/// Does it, unless this very request was done before. Which folder it was about.
async fn perform(call: &Call, key: SyncKey, change: &Change) -> Result<FolderId, Failed> {
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

async fn perform_once(call: &Call, key: SyncKey, change: &Change) -> Result<FolderId, Failed> {
    let place = StateKey::new(call, call.account(), CollectionId(0));
    let (sync_key, client_key) = (key.to_string(), format!("{change:?}"));
    let hashed = call.store().fingerprint(call.account(), client_key.as_bytes());
    let client_key: String = hashed.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    let mut deed = deed(call, change)?;
    if let Deed::Delete { folder, removals } = &mut deed {
        let planned = call.plan_removals::<right::DeleteCollection>(folder.account, vec![folder.collection]);
        *removals = match planned.await {
            Ok(removals) => removals,
            // Who may remove it, but not send in its owner's name, does not remove its meetings.
            Err(Error::Refusal(refusal @ Refusal::Denied { need: Rights::SEND_ON_BEHALF })) => {
                return Err(Failed::Status(status::folder_change(&refusal)));
            }
            // That is said inside the transaction, which may have run before.
            Err(Error::Refusal(Refusal::NotFound(_) | Refusal::Denied { .. })) => Removals::default(),
            Err(error) => return Err(error.into()),
        };
    }
    let accounts = [call.account(), deed.owner()];
    let done = call.store().write(call.principal(), &accounts, move |tx| {
        let request = place.request(&sync_key, &client_key);
        if let Some((_, result)) = tx.remembered(&request)?
            && let Some(folder) = std::str::from_utf8(&result).ok().and_then(|id| FolderId::from_str(id).ok())
        {
            return Ok(Ok((folder, Vec::new())));
        }
        let (folder, posted) = match deed.run(tx) {
            Ok(done) => done,
            Err(Failed::Status(status)) => return Ok(Err(status)),
            Err(Failed::Store(error)) => return Err(error),
        };
        tx.remember(&request, &[], folder.to_string().as_bytes())?;
        Ok(Ok((folder, posted)))
    });
    let (folder, posted) = done.await?.map_err(Failed::Status)?;
    call.deliver(posted).await;
    Ok(folder)
}

enum Deed {
    Create { owner: AccountId, new: NewCollection },
    Delete { folder: FolderId, removals: Removals },
    Update { folder: FolderId, parent: CollectionId, name: LeafName },
}

fn deed(call: &Call, change: &Change) -> Result<Deed, Failed> {
    let folder = |id: &str| FolderId::from_str(id).map_err(|_| Failed::Status(FolderChangeStatus::NotFound));
    let name =
        |text: &str| LeafName::new(text).map_err(|_| Failed::Status(FolderChangeStatus::MalformedRequest));
    if names_recipients(change) {
        // MS-ASCMD R101, R143, R4016: it is no folder that could change or hold others.
        return Err(Failed::Status(FolderChangeStatus::SpecialFolder));
    }
    let parent = |id: &str, owner: AccountId| match id {
        ROOT_FOLDER => Ok(FolderId { account: owner, collection: CollectionId(0) }),
        id => FolderId::from_str(id).map_err(|_| Failed::Status(FolderChangeStatus::ParentNotFound)),
    };
    Ok(match change {
        Change::Create { parent: above, name: text, kind } => {
            // MS-ASCMD R4034: folders that come with the mailbox cannot be made.
            let kind = kind_of(*kind).ok_or(Failed::Status(FolderChangeStatus::MalformedRequest))?;
            let above = parent(above, call.account())?;
            let new = NewCollection {
                parent: above.collection,
                kind,
                role: None,
                name: name(text)?,
                resource_name: None,
            };
            Deed::Create { owner: above.account, new }
        }
        Change::Delete { id } => Deed::Delete { folder: folder(id)?, removals: Removals::default() },
        Change::Update { id, parent: above, name: text } => {
            let folder = folder(id)?;
            let above = parent(above, folder.account)?;
            if above.account != folder.account {
                return Err(Failed::Status(FolderChangeStatus::ParentNotFound));
            }
            Deed::Update { folder, parent: above.collection, name: name(text)? }
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

    /// The folder, and what others are to be told.
    fn run(self, tx: &mut storage::Write<'_>) -> Result<(FolderId, Vec<Outgoing>), Failed> {
        match self {
            Self::Create { owner, new } => {
                let made = tx.create_collection(owner, &new).map_err(parent_failed)?;
                Ok((FolderId { account: owner, collection: made.id }, Vec::new()))
            }
            Self::Delete { folder, removals } => {
                let grant = tx.open::<right::DeleteCollection>(folder.account, folder.collection)?;
                let posted = removals.post(tx, folder.collection, grant.collection().kind)?;
                tx.delete_collection(&grant)?;
                Ok((folder, posted))
            }
            Self::Update { folder, parent, name } => {
                let grant = tx.open::<right::DeleteCollection>(folder.account, folder.collection)?;
                if grant.collection().role.is_some() {
                    // MS-ASCMD R4101: FolderUpdate says 2 of a special folder.
                    return Err(Failed::Status(FolderChangeStatus::AlreadyExists));
                }
                tx.rename_collection(&grant, parent, &name).map_err(parent_failed)?;
                Ok((folder, Vec::new()))
            }
        }
    }
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

/// Notes the change as told: this folder only, others' changes are still to come.
async fn note(
    call: &Call,
    mut state: Hierarchy,
    key: SyncKey,
    change: &Change,
    folder: FolderId,
) -> storage::Result<SyncKey> {
    let Some(before) = state.known(key).cloned() else { return Ok(state.key) };
    let mut told = before.clone();
    if matches!(change, Change::Delete { .. }) {
        told.remove(&folder);
    } else if let Some(one) = shown(call).await?.into_iter().find(|one| one.id == folder) {
        told.insert(folder, hash(call.store(), &one.folder));
    }
    state.go_on((key, before), told);
    let issued = state.key;
    write(call, state).await?;
    Ok(issued)
}
