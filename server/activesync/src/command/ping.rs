//! Ping: MS-ASCMD section 2.2.1.13. It asks what Sync would ask, 'is there anything to say?', so a
//! change outside of the filter or the device's own never makes a loop of Ping and empty Sync.

use activesync_wire::command::ping::{Request, Watched, changed, expired};
use activesync_wire::item::Class;
use activesync_wire::server_id::FolderId;
use activesync_wire::status::PingStatus;
use std::collections::HashMap;
use std::str::FromStr;
use std::time::Duration;
use storage::{Cursor, Error, Refusal, right};
use vocabulary::{AccountId, Uid};

use super::Sent;
use super::sync::{Asked, Interest, Material, Page, Say, collect, drop_unchanged, materials, recipients};
use crate::call::{Answer, Call, Reply, StateKey};
use crate::cursor::{Progress, State};
use crate::device;
use crate::folder::class_of;
use crate::item::{LateViewer, Wanted};
use crate::last_request::LastPing;
use crate::wait::Subject;

pub(crate) async fn run(call: &Call, sent: Sent) -> Answer {
    let request = sent.document.as_ref().map(Request::parse).transpose()?.unwrap_or_default();
    drop(sent);
    let last = call.server.last_requests.ping(call.account(), call.device());
    let asked = LastPing {
        heartbeat_s: request.heartbeat.or(last.heartbeat_s),
        folders: request.folders.or(last.folders),
    };
    let (Some(heartbeat_s), Some(folders)) = (asked.heartbeat_s, asked.folders.clone()) else {
        return Ok(status(call, PingStatus::MissingParameters)); // MS-ASCMD R4239
    };
    call.server.last_requests.keep_ping(call.account(), call.device(), asked);
    let Some(mut watches) = watches(&folders) else { return Ok(status(call, PingStatus::HierarchyChanged)) };
    let mut turn = call.server.turns.take(call.account(), call.device(), vec![Subject::Ping]).await;
    // Subscribe, then look, then sleep.
    let mut accounts: Vec<AccountId> = watches.iter().map(|watch| watch.folder.account).collect();
    accounts.push(call.account());
    accounts.sort_unstable();
    accounts.dedup();
    let mut wakes = call.store().wakes(&accounts);
    let heartbeat = tokio::time::sleep(Duration::from_secs(heartbeat_s.into()));
    tokio::pin!(heartbeat);
    loop {
        let mut moved = Vec::new();
        for watch in &mut watches {
            match look(call, watch).await {
                Ok(true) => moved.push(watch.folder.to_string()),
                Ok(false) => {}
                Err(Error::Refusal(Refusal::NotFound(_) | Refusal::Denied { .. })) => {
                    return Ok(status(call, PingStatus::HierarchyChanged)); // MS-ASCMD R4256
                }
                // Sync tells the device to begin anew.
                Err(Error::Refusal(Refusal::ResyncRequired { .. })) => moved.push(watch.folder.to_string()),
                Err(error) => return Err(error.into()),
            }
        }
        if !moved.is_empty() {
            return Ok(Reply::document(&changed(moved)).with_status(PingStatus::Changes.code()));
        }
        tokio::select! {
            () = wakes.any() => {
                if device::is_shut_out(call).await? {
                    break; // Its next request is told why.
                }
            }
            () = &mut heartbeat => break,
            () = turn.superseded() => break,
            () = call.server.context.tasks.requested() => break,
        }
    }
    Ok(Reply::document(&expired()).with_status(PingStatus::Expired.code()))
}

fn status(call: &Call, status: PingStatus) -> Reply {
    Reply::document(&call.query.command.status_document(status.code(), None)).with_status(status.code())
}

/// A folder that is watched, and how far it was looked at without finding anything.
struct Watch {
    folder: FolderId,
    looked: Option<(Option<Vec<u8>>, Progress)>,
}

/// `None` if one of the ids is not ours: FolderSync tells what there is.
fn watches(folders: &[Watched]) -> Option<Vec<Watch>> {
    let watch = |one: &Watched| FolderId::from_str(&one.id).ok().map(|folder| Watch { folder, looked: None });
    folders.iter().map(watch).collect()
}

/// Whether Sync would have anything to say of this folder.
async fn look(call: &Call, watch: &mut Watch) -> storage::Result<bool> {
    if watch.folder == FolderId::RECIPIENTS {
        return recipients::is_pending(call).await;
    }
    loop {
        let (mut seen, from) = see(call, watch.folder, watch.looked.take()).await?;
        let viewer = LateViewer::new(call, watch.folder.account, seen.class, Wanted::default());
        let dropped = drop_unchanged(call, &mut seen.page, &seen.materials, &viewer, from.as_of).await?;
        let found = !seen.page.entries.is_empty();
        let is_over = found || !dropped || !seen.page.more;
        watch.looked = Some((seen.row, if found { from } else { seen.page.progress }));
        if is_over {
            return Ok(found);
        }
    }
}

/// What there is to say of a folder first, and the device's row.
struct Seen {
    row: Option<Vec<u8>>,
    class: Class,
    page: Page,
    materials: HashMap<Uid, Material>,
}

/// Looks from where the last look found nothing, or from where the device is. That place comes too.
async fn see(
    call: &Call,
    folder: FolderId,
    looked: Option<(Option<Vec<u8>>, Progress)>,
) -> storage::Result<(Seen, Progress)> {
    let place = StateKey::new(call, folder.account, folder.collection);
    let (quiet_name, now) = (call.quiet_name(), call.now());
    call.store()
        .read(call.principal(), move |tx| {
            let grant = tx.open::<right::ReadItems>(folder.account, folder.collection)?;
            let row = tx.cursor_state(&place.cursor())?;
            let state = row.as_deref().and_then(State::decode).unwrap_or_default();
            let stand = state.current.or(state.pending);
            let options = stand.as_ref().map(|stand| stand.options.clone()).unwrap_or_default();
            let from = match looked {
                // The device has not come on since the last look.
                Some((known, progress)) if known == row => progress,
                _ => stand.map_or_else(|| Progress::nothing(Cursor::at_end(&grant)), |stand| stand.progress),
            };
            let class = class_of(grant.collection().kind);
            let interest = Interest::new(class, &options, now).of_conversations(from.conversations);
            let asked = Asked::look(interest, 1, quiet_name);
            let page = collect(tx, &grant, &from, &asked)?;
            let aged = page.entries.iter().filter_map(|entry| match &entry.say {
                Say::Aged(item) => Some(item.uid),
                _ => None,
            });
            let materials = materials(tx, &grant, aged)?;
            Ok((Seen { row, class, page, materials }, from))
        })
        .await
}
