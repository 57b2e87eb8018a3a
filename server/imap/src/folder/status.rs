//! STATUS: RFC 9051 section 6.3.11; also of LIST (RFC 5819).

use crate::completion::{Completion, Outcome};
use crate::object_id;
use crate::session_state::Session;
use imap_wire::Output;
use imap_wire::command::{Status, StatusItem};
use imap_wire::response::StatusValue;
use storage::{Collection, Read, right};
use vocabulary::{CollectionKind, Flags};

/// A folder and what must be counted of it.
pub(crate) struct Counted {
    collection: Collection,
    deleted: u32,
    deleted_bytes: u64,
}

pub(crate) async fn run(session: &Session, out: &mut Output, status: &Status) -> Outcome {
    let place = session.locate(&status.mailbox).await?;
    let items = status.items.clone();
    let counted = session
        .read(move |tx| {
            let grant = tx.open_path::<right::ReadItems>(place.account, CollectionKind::Mail, &place.path)?;
            count(tx, grant.collection(), &items)
        })
        .await?;
    // As the client wrote it, so that it knows its question again.
    write(out, status.mailbox.as_str(), &counted, &status.items);
    Ok(Completion::ok("that is all"))
}

/// Looks up what is not in the folder's own row.
pub(crate) fn count(
    tx: &Read<'_>,
    collection: &Collection,
    items: &[StatusItem],
) -> storage::Result<Counted> {
    let mut counted = Counted { collection: collection.clone(), deleted: 0, deleted_bytes: 0 };
    let sizes_too = items.contains(&StatusItem::DeletedStorage);
    if !sizes_too && !items.contains(&StatusItem::Deleted) {
        return Ok(counted);
    }
    let grant = tx.open::<right::ReadItems>(collection.account, collection.id)?;
    let all = tx.item_flags(&grant, &(1..=u32::MAX))?;
    let deleted: Vec<_> = all
        .iter()
        .filter(|item| item.flags.contains(Flags::DELETED))
        .map(|item| item.uid.0..=item.uid.0)
        .collect();
    counted.deleted = number(deleted.len());
    if sizes_too {
        let items = tx.items(&grant, &deleted)?;
        counted.deleted_bytes = items.iter().map(|item| item.size_bytes.unsigned_abs()).sum();
    }
    Ok(counted)
}

pub(crate) fn write(out: &mut Output, name: &str, counted: &Counted, items: &[StatusItem]) {
    let collection = &counted.collection;
    let id = object_id::mailbox(collection.account, collection.id);
    let values: Vec<StatusValue<'_>> = items
        .iter()
        .map(|item| match item {
            StatusItem::Messages => StatusValue::Messages(number(collection.messages)),
            StatusItem::Recent => StatusValue::Recent(0),
            StatusItem::UidNext => StatusValue::UidNext(collection.uid_next),
            StatusItem::UidValidity => StatusValue::UidValidity(collection.uidvalidity),
            StatusItem::Unseen => StatusValue::Unseen(number(collection.unseen)),
            StatusItem::Deleted => StatusValue::Deleted(counted.deleted),
            StatusItem::DeletedStorage => StatusValue::DeletedStorage(counted.deleted_bytes),
            StatusItem::Size => StatusValue::Size(collection.bytes.unsigned_abs()),
            StatusItem::HighestModSeq => StatusValue::HighestModSeq(collection.highest),
            StatusItem::MailboxId => StatusValue::MailboxId(&id),
        })
        .collect();
    out.status(name, &values);
}

fn number(count: impl TryInto<u32>) -> u32 {
    count.try_into().unwrap_or(u32::MAX)
}
