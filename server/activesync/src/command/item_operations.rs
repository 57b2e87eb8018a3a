//! ItemOperations: MS-ASCMD section 2.2.1.10. Fetches items and attachments, empties folders,
//! moves conversations.

use activesync_wire::command::item_operations::{
    AttachmentAnswer, Fetch, Operation, ResponseWriter, Store, Target, parse,
};
use activesync_wire::item::Class;
use activesync_wire::item::Selection;
use activesync_wire::server_id::{FileReference, FolderId, ServerId};
use activesync_wire::status::ItemOperationsStatus as Status;
use std::str::FromStr;
use storage::{Error, Item, Outgoing, Refusal, Subject, right};
use wbxml::Element;

use super::event_file;
use super::move_conversation;
use super::sync::{Material, materials, whole};
use crate::call::{Answer, Call, Reply};
use crate::folder::{beneath, class_of};
use crate::item::{Content, Viewer, Wanted};
use crate::{long_id, status};

/// An answer ends here: what does not fit is refused as too large and asked for again alone.
const ANSWER_BYTES_MAX: usize = 128 << 20;

pub(crate) async fn run(call: &Call, root: &Element) -> Answer {
    let operations = parse(root)?;
    let mut writer = ResponseWriter::new(call.multipart);
    let mut bytes = 0;
    for operation in &operations {
        match operation {
            Operation::Fetch(fetch) if bytes > ANSWER_BYTES_MAX => {
                writer.fetch_failed(&fetch.target, Status::TooLarge);
            }
            Operation::Fetch(fetch) => bytes += run_fetch(call, fetch, &mut writer).await,
            Operation::EmptyFolderContents { collection_id, delete_sub_folders } => {
                writer.emptied(collection_id, empty(call, collection_id, *delete_sub_folders).await);
            }
            Operation::Move { conversation_id, destination, move_always } => {
                let code = move_conversation::run(call, conversation_id, destination, *move_always).await;
                writer.moved(conversation_id, code);
            }
        }
    }
    let body = writer.finish();
    let (content_type, bytes) = (body.content_type, body.bytes);
    Ok(Reply::Body { content_type, bytes, status: Some(Status::Success.code()) })
}

/// Runs one Fetch. How many bytes it added, roughly.
async fn run_fetch(call: &Call, fetch: &Fetch, writer: &mut ResponseWriter) -> usize {
    if fetch.store != Store::Mailbox {
        writer.fetch_failed(&fetch.target, Status::UnknownStore); // MS-ASCMD R4161
        return 0;
    }
    match &fetch.target {
        Target::FileReference(reference) => match attachment(call, fetch, reference).await {
            Ok(answer) => {
                let bytes = answer.data.len();
                writer.attachment(&fetch.target, answer);
                return bytes;
            }
            Err(code) => writer.fetch_failed(&fetch.target, code),
        },
        Target::Item { .. } | Target::LongId(_) => match item(call, fetch).await {
            Ok((class, content)) => {
                let selection = Selection { version: call.version, schema: fetch.options.schema.as_deref() };
                writer.item(&fetch.target, class, |out| content.write(selection, out));
                return content.body_bytes();
            }
            Err(code) => writer.fetch_failed(&fetch.target, code),
        },
        Target::LinkId(_) => writer.fetch_failed(&fetch.target, Status::NotFound),
    }
    0
}

/// An item, its class, and what it is made of.
async fn stored(call: &Call, id: ServerId) -> Result<(Class, Item, Material), Status> {
    let found = call.store().read(call.principal(), move |tx| {
        let grant = tx.open::<right::ReadItems>(id.folder.account, id.folder.collection)?;
        let item = tx.item_by_id(&grant, id.item)?.filter(|item| !item.vanished);
        let item = item.ok_or(Refusal::NotFound(Subject::Item))?;
        let material = materials(tx, &grant, std::iter::once(item.uid))?.into_values().next();
        let class = class_of(grant.collection().kind);
        Ok((class, item, material.ok_or(Refusal::NotFound(Subject::Content))?))
    });
    found.await.map_err(|error| status::item_operations(&error))
}

async fn item(call: &Call, fetch: &Fetch) -> Result<(Class, Content), Status> {
    let id = match &fetch.target {
        Target::Item { server_id, .. } => ServerId::from_str(server_id).map_err(|_| Status::NotFound)?, // R4158
        Target::LongId(id) => {
            long_id::find(call, id).await.map_err(|error| status::item_operations(&error))?
        }
        Target::FileReference(_) | Target::LinkId(_) => return Err(Status::NotFound),
    };
    let (class, item, material) = stored(call, id).await?;
    let wanted = Wanted {
        preferences: fetch.options.body_preferences.clone(),
        mime_support: fetch.options.mime_support,
        mime_truncation: None,
        part: fetch.options.body_part_preference,
    };
    let failed = |error| status::item_operations(&error);
    let viewer = Viewer::new(call, id.folder.account, class, wanted).await.map_err(failed)?;
    let content = whole(call, id.folder, &item, Some(material), &viewer).await.map_err(failed)?;
    content.map(|content| (class, content)).ok_or(Status::ConversionFailed)
}

async fn attachment(call: &Call, fetch: &Fetch, reference: &str) -> Result<AttachmentAnswer, Status> {
    let whole = file(call, reference).await?;
    let Some((first, last)) = fetch.options.range else { return Ok(whole) };
    let total = u64::try_from(whole.data.len()).unwrap_or(u64::MAX);
    let begin = usize::try_from(first).map_err(|_| Status::InvalidRange)?;
    let end = usize::try_from(last.saturating_add(1)).unwrap_or(usize::MAX).min(whole.data.len());
    let piece = whole.data.get(begin..end).filter(|piece| !piece.is_empty()).ok_or(Status::InvalidRange)?;
    Ok(AttachmentAnswer { range: Some((first, total)), data: piece.to_vec(), ..whole })
}

/// The whole file behind a FileReference.
///
/// # Errors
/// [`Status::InvalidAttachment`] for one that is not there, or is no more.
pub(super) async fn file(call: &Call, reference: &str) -> Result<AttachmentAnswer, Status> {
    let reference = FileReference::from_str(reference).map_err(|_| Status::InvalidAttachment)?;
    let (class, _, (parsed, stored)) = match stored(call, reference.item).await {
        Err(Status::NotFound) => return Err(Status::InvalidAttachment), // MS-ASCMD R4166
        other => other?,
    };
    if class == Class::Calendar {
        let bytes = call.store().load(stored).await.map_err(|error| status::item_operations(&error))?;
        let (content_type, data) = event_file::find(call, reference, &bytes).await?;
        return Ok(AttachmentAnswer { content_type, range: None, data });
    }
    let summary = workflow::summary(&parsed);
    let file = usize::try_from(reference.part).ok().and_then(|part| summary.attachments.get(part));
    let file = file.ok_or(Status::InvalidAttachment)?;
    let bytes = call.store().load(stored).await.map_err(|error| status::item_operations(&error))?;
    let data = mime::Message::parse(&bytes).decoded(&file.section).ok_or(Status::ConversionFailed)?;
    Ok(AttachmentAnswer { content_type: file.content_type.clone(), range: None, data: data.into_owned() })
}

async fn empty(call: &Call, collection_id: &str, with_sub_folders: bool) -> Status {
    /// How often it is planned anew because somebody else wrote in a calendar meanwhile.
    const ATTEMPTS_MAX: usize = 4;
    let Ok(folder) = FolderId::from_str(collection_id) else { return Status::NotFound };
    let mut attempt = 1;
    loop {
        return match empty_once(call, folder, with_sub_folders).await {
            Ok(posted) => {
                call.deliver(posted).await;
                Status::Success
            }
            Err(Error::Refusal(Refusal::Stale { .. })) if attempt < ATTEMPTS_MAX => {
                attempt += 1;
                continue;
            }
            Err(Error::Refusal(Refusal::Denied { .. })) => Status::AccessDenied, // MS-ASCMD R4167
            Err(error) => status::item_operations(&error),
        };
    }
}

/// What others are to be told.
async fn empty_once(call: &Call, folder: FolderId, with_sub_folders: bool) -> storage::Result<Vec<Outgoing>> {
    let FolderId { account, collection } = folder;
    let mut removals = call.plan_removals::<right::Remove>(account, vec![collection]).await?;
    if with_sub_folders {
        let beneath = call.store().read(call.principal(), move |tx| beneath(tx, folder)).await?;
        removals = removals.and(call.plan_removals::<right::DeleteCollection>(account, beneath).await?);
    }
    let accounts = [account, call.account()];
    let emptied = call.store().write(call.principal(), &accounts, move |tx| {
        let grant = tx.open::<right::Remove>(account, collection)?;
        let mut posted = removals.post(tx, collection, grant.collection().kind)?;
        tx.remove(&grant, &[1..=u32::MAX])?;
        if with_sub_folders {
            for id in beneath(tx, folder)? {
                let grant = tx.open::<right::DeleteCollection>(account, id)?;
                posted.extend(removals.post(tx, id, grant.collection().kind)?);
                tx.delete_collection(&grant)?;
            }
        }
        Ok(posted)
    });
    emptied.await
}
