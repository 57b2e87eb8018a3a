//! Folders as the command line names them: a path, or what the folder is for.

use storage::{Collection, Read, Refusal, Subject, Visible};
use vocabulary::{AccountId, CollectionId, MailboxPath, Role};

/// A folder with its whole name.
#[derive(Debug, Clone)]
pub(super) struct Folder {
    pub(super) path: MailboxPath,
    pub(super) collection: Collection,
}

/// All folders of an account.
pub(super) fn folders(tx: &Read<'_>, account: AccountId) -> storage::Result<Vec<Folder>> {
    let visible = tx.collections(account)?;
    Ok(visible
        .iter()
        .map(|found| Folder { path: path_of(&visible, found), collection: found.collection.clone() })
        .collect())
}

fn path_of(all: &[Visible], found: &Visible) -> MailboxPath {
    let mut parts = vec![found.collection.name.clone()];
    let mut above = found.collection.parent;
    while above != CollectionId(0)
        && parts.len() < MailboxPath::DEPTH_MAX
        && let Some(parent) = all.iter().find(|candidate| candidate.collection.id == above)
    {
        parts.push(parent.collection.name.clone());
        above = parent.collection.parent;
    }
    parts.reverse();
    MailboxPath::from_parts(parts)
}

/// The folder that is called so; otherwise the special folder of that role (`inbox`, `calendar`).
pub(super) fn named(tx: &Read<'_>, account: AccountId, name: &str) -> storage::Result<Folder> {
    let path = MailboxPath::parse(name).map_err(|_| Refusal::Invalid("that is no name of a folder"))?;
    let mut all = folders(tx, account)?;
    let mut found: Vec<usize> =
        all.iter().enumerate().filter(|(_, folder)| folder.path == path).map(|(index, _)| index).collect();
    if found.is_empty()
        && let Ok(role) = name.to_lowercase().parse::<Role>()
    {
        found.extend(all.iter().position(|folder| folder.collection.role == Some(role)));
    }
    match found.as_slice() {
        [one] => Ok(all.swap_remove(*one)),
        [] => Err(Refusal::NotFound(Subject::Collection).into()),
        _ => Err(Refusal::Invalid(
            "two folders of different kinds are called so; name a special one by its role",
        )
        .into()),
    }
}
