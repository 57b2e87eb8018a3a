//! What the server tells of what a command has made, from 16.0: the UID of an event, the conversation of a draft, the names
//! of files.

use activesync_wire::item::Class;
use activesync_wire::item::email::{told_attachments, told_conversation};
use activesync_wire::server_id::{FileReference, FolderId, ServerId};
use activesync_wire::status::SyncStatus;
use activesync_wire::{Version, item::calendar};
use std::collections::HashMap;
use storage::{Error, Item, Refusal, right};
use vocabulary::ItemId;
use wbxml::Element;
use wbxml::page::{airsync, calendar as page};

use super::View;
use super::apply::{Attached, Done, Kind};
use super::window::{Material, materials};
use crate::call::Call;
use crate::conversation;

/// ApplicationData for the answers to commands, each at the place of its command; `None` where nothing is told.
///
/// # Errors
/// [`storage::Fault`] only.
pub(super) async fn told(
    call: &Call,
    view: &View,
    done: &[Done],
    uids: &HashMap<ItemId, String>,
) -> storage::Result<Vec<Option<Element>>> {
    let mails = match call.version >= Version::V16_0 && view.class == Class::Email {
        true => mails(call, view, done.iter().filter(|done| is_told(done)).filter_map(Done::item)).await?,
        false => HashMap::new(),
    };
    let one = |done: &Done| {
        if !is_told(done) {
            return None;
        }
        let id = done.item()?;
        let mut data = Element::new(airsync::APPLICATION_DATA);
        // MS-ASCAL R2223
        if let Some(uid) = uids.get(&id).filter(|_| done.kind == Kind::Add) {
            data.push(Element::text(page::UID, uid));
        }
        let name = ServerId { folder: view.folder, item: id };
        if let Some((item, (parsed, _))) = mails.get(&id) {
            let count = workflow::summary(parsed).attachments.len();
            if done.kind == Kind::Add {
                let index = conversation::index(item.thread_began_at, item.received_at);
                told_conversation(&mut data, &conversation::id(name.folder, item), &index); // MS-ASEMAIL R1184, R1190
            }
            // Those that came stand behind all others.
            let first = count.saturating_sub(done.attached.len());
            let part = |number: usize| u32::try_from(first + number).unwrap_or(u32::MAX);
            tell_files(&mut data, name, &done.attached, &|number, _| part(number));
        } else if view.class == Class::Calendar {
            tell_files(&mut data, name, &done.attached, &|_, file| calendar::attachment_part(&file.token));
        }
        (!data.is_empty()).then_some(data)
    };
    Ok(done.iter().map(one).collect())
}

/// MS-ASAIRS R1082, R1336.
fn tell_files(
    data: &mut Element,
    item: ServerId,
    files: &[Attached],
    part: &dyn Fn(usize, &Attached) -> u32,
) {
    let name = |(number, file): (usize, &Attached)| {
        let reference = FileReference { item, part: part(number, file) };
        (file.client_id.clone(), reference.to_string())
    };
    told_attachments(data, files.iter().enumerate().map(name));
}

fn is_told(done: &Done) -> bool {
    let is_news = done.kind == Kind::Add || (done.kind == Kind::Change && !done.attached.is_empty());
    is_news && done.effect.status == SyncStatus::Success
}

/// What is there of these mails. Of a folder that is no longer the device's nothing is.
async fn mails(
    call: &Call,
    view: &View,
    ids: impl Iterator<Item = ItemId>,
) -> storage::Result<HashMap<ItemId, (Item, Material)>> {
    let ids: Vec<ItemId> = ids.collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let FolderId { account, collection } = view.folder;
    let read = call.store().read(call.principal(), move |tx| {
        let grant = tx.open::<right::ReadItems>(account, collection)?;
        let mut found = HashMap::new();
        for id in ids {
            let Some(item) = tx.item_by_id(&grant, id)?.filter(|item| !item.vanished) else { continue };
            let material = materials(tx, &grant, std::iter::once(item.uid))?.into_values().next();
            found.extend(material.map(|material| (id, (item, material))));
        }
        Ok(found)
    });
    match read.await {
        Err(Error::Refusal(Refusal::NotFound(_) | Refusal::Denied { .. })) => Ok(HashMap::new()),
        found => found,
    }
}
