//! The folders that a search goes through: those that the device is shown, and no others.

use activesync_wire::command::folder_sync::FolderType;
use activesync_wire::server_id::FolderId;
use std::collections::HashSet;
use std::str::FromStr;

use crate::call::Call;
use crate::folder::shown;

/// Why a folder that is named cannot be searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missing {
    /// The name is none of ours.
    NeverWas,
    /// It is gone, or no longer shared.
    Gone,
}

/// The folders of these names, with `is_deep` those beneath them too; all folders if none is named.
pub(crate) async fn places(
    call: &Call,
    named: &[String],
    is_deep: bool,
) -> storage::Result<Result<Vec<FolderId>, Missing>> {
    let mut shown = shown(call).await?;
    shown.retain(|one| one.folder.kind != FolderType::RecipientCache);
    if named.is_empty() {
        return Ok(Ok(shown.into_iter().map(|one| one.id).collect()));
    }
    let mut wanted: HashSet<String> = HashSet::new();
    for name in named {
        if FolderId::from_str(name).is_err() {
            return Ok(Err(Missing::NeverWas));
        }
        if !shown.iter().any(|one| one.folder.id == *name) {
            return Ok(Err(Missing::Gone));
        }
        wanted.insert(name.clone());
    }
    loop {
        let before = wanted.len();
        if is_deep {
            let beneath = shown.iter().filter(|one| wanted.contains(&one.folder.parent));
            let beneath: Vec<String> = beneath.map(|one| one.folder.id.clone()).collect();
            wanted.extend(beneath);
        }
        if wanted.len() == before {
            break;
        }
    }
    Ok(Ok(shown.into_iter().filter(|one| wanted.contains(&one.folder.id)).map(|one| one.id).collect()))
}
