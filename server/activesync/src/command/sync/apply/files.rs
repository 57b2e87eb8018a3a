//! Files that come and go with an event, from 16.0: managed attachments (RFC 8607), as calendar programs put them in.

use activesync_wire::Version;
use activesync_wire::item::Class;
use activesync_wire::item::calendar::instance_id;
use activesync_wire::item::email::{AttachmentChanges, AttachmentMethod, DraftAttachment};
use activesync_wire::server_id::FileReference;
use calendar::edit::ManagedAttachment;
use std::str::FromStr;
use storage::{ATTACHMENT_NAME_BYTES_MAX, NewAttachment, NewItem, Parsed, Read};
use vocabulary::{Door, Principal};

use super::attached::Attached;
use super::object::{Unfit, Work};
use crate::item::{Edit, Edited, calendar as item};

/// Puts the files of an edit into what the rest of it has made. The inner error: they cannot be taken.
///
/// # Errors
/// What the store refuses.
pub(super) async fn change(
    work: &Work<'_>,
    edit: Edit<'_>,
    edited: Edited,
) -> storage::Result<Result<(Edited, Vec<NewAttachment>), Unfit>> {
    let (data, instance) = match edit {
        Edit::Whole(data) => (data, None),
        Edit::Instance(id, data) => (data, Some(id)),
        Edit::WithoutInstance(_) => return Ok(Ok((edited, Vec::new()))),
    };
    if work.viewer().class != Class::Calendar || work.call.version < Version::V16_0 {
        return Ok(Ok((edited, Vec::new())));
    }
    let (Ok(changes), Ok(instance)) = (AttachmentChanges::parse(data), instance.map(instance_id).transpose())
    else {
        return Ok(Err(Unfit));
    };
    if changes == AttachmentChanges::default() {
        return Ok(Ok((edited, Vec::new())));
    }
    // MS-ASAIRS R1395
    let is_message = |file: &DraftAttachment| file.method == AttachmentMethod::EmbeddedMessage;
    if changes.added.iter().any(is_message) {
        return Ok(Err(Unfit));
    }
    let is_own = |reference: &FileReference| {
        Some(reference.item.item) == work.named.id && reference.item.folder == work.folder
    };
    let references = changes.deleted.iter().filter_map(|text| FileReference::from_str(text).ok());
    let gone: Vec<u32> = references.filter(is_own).map(|reference| reference.part).collect();
    let uris: Vec<String> = work
        .attached
        .iter()
        .map(|file| format!("{}/dav/attachments/{}", work.call.origin, file.token))
        .collect();
    let names: Vec<String> = changes.added.iter().map(|file| name_of(&file.display_name)).collect();
    let files = changes.added.iter().zip(&work.attached).zip(&uris).zip(&names);
    let lines: Vec<ManagedAttachment<'_>> = files
        .map(|(((file, attached), uri), name)| ManagedAttachment {
            uri,
            managed_id: &attached.token,
            media_type: media_type_of(file),
            name: Some(name.as_str()),
            size_bytes: u64::try_from(file.content.len()).unwrap_or(u64::MAX),
        })
        .collect();
    let Ok(bytes) = item::change_files(&edited.bytes, instance, &gone, &lines, work.viewer()) else {
        return Ok(Err(Unfit));
    };
    let mut new = Vec::with_capacity(lines.len());
    for ((file, attached), name) in changes.added.iter().zip(&work.attached).zip(names) {
        if !is_kept(work, attached).await? {
            let content = bytes::Bytes::copy_from_slice(&file.content);
            new.push(NewAttachment {
                token: attached.token.clone(),
                content: work.call.store().prepare(work.folder.account, content, Parsed::default()).await?,
                name,
                media_type: media_type_of(file).unwrap_or_default().to_owned(),
            });
        }
    }
    Ok(Ok((Edited { bytes, ..edited }, new)))
}

/// Whether the house has it already: the command comes again and says more.
async fn is_kept(work: &Work<'_>, attached: &Attached) -> storage::Result<bool> {
    let house = Principal::System { door: Door::ActiveSync };
    let token = attached.token.clone();
    let find = move |tx: &Read<'_>| Ok(tx.attachment(&tx.administer()?, &token)?.is_some());
    work.call.store().read(&house, find).await
}

/// An item with the files that come with it.
pub(super) fn with(mut new: NewItem, attached: Vec<NewAttachment>) -> NewItem {
    new.attachments.new = attached;
    new
}

fn name_of(said: &str) -> String {
    let last = said.rsplit(['/', '\\']).next().unwrap_or_default();
    let mut name: String = last.chars().filter(|character| !character.is_control()).collect();
    name.truncate(name.floor_char_boundary(ATTACHMENT_NAME_BYTES_MAX));
    let name = name.trim();
    if name.is_empty() { "attachment".to_owned() } else { name.to_owned() }
}

/// FMTTYPE: type and subtype alone.
fn media_type_of(file: &DraftAttachment) -> Option<&str> {
    let essence = file.content_type.as_deref()?.split(';').next()?.trim();
    let is_token = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_graphic());
    let (main, sub) = essence.split_once('/')?;
    (is_token(main) && is_token(sub) && essence.len() <= ATTACHMENT_NAME_BYTES_MAX).then_some(essence)
}
