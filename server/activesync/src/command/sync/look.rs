//! One reading transaction for an answer: the changes, and what the bodies are made of.

use activesync_wire::Version;
use activesync_wire::command::sync::{ClientCommand, Collection, Options};
use activesync_wire::item::Class;
use activesync_wire::status::SyncStatus;
use std::collections::{HashMap, HashSet};
use storage::{Error, Grant, Item, Read, Refusal, right};
use vocabulary::{ItemId, Uid};

use super::View;
use super::aged::drop_unchanged;
use super::apply::{self, Done, Kind};
use super::collect::{Asked, Page, collect, note_deleted};
use super::interest::Interest;
use super::window::{self, Material, materials};
use crate::call::Call;
use crate::cursor::{Ahead, Progress, Stand, mark};
use crate::item::LateViewer;

/// What an answer is made for.
pub(super) struct Look<'a> {
    pub(super) view: &'a View,
    pub(super) base: &'a Stand,
    pub(super) options: &'a Options,
    pub(super) collection: &'a Collection<'a>,
    pub(super) done: &'a [Done],
    pub(super) window: usize,
}

/// What was found for it.
pub(super) struct Found {
    pub(super) page: Page,
    pub(super) materials: HashMap<Uid, Material>,
    pub(super) fetches: Vec<(String, Option<(Item, Material)>)>,
    /// UIDs of events that the client made.
    pub(super) uids: HashMap<ItemId, String>,
}

impl Look<'_> {
    /// Looks, until there is something to say or nothing is left.
    pub(super) async fn look(&self, call: &Call, viewer: &LateViewer<'_>) -> storage::Result<Found> {
        let told = self.base.progress.as_of;
        let mut progress = self.base.progress.clone();
        loop {
            let mut found = self.find(call, progress).await?;
            let dropped = drop_unchanged(call, &mut found.page, &found.materials, viewer, told).await?;
            if !dropped || !found.page.entries.is_empty() || !found.page.more {
                return Ok(found);
            }
            progress = found.page.progress;
        }
    }

    /// Commands that took effect are answered even if the view is no longer today's: the client learns with its
    /// next request that it begins anew.
    async fn find(&self, call: &Call, progress: Progress) -> storage::Result<Found> {
        match self.read(call, progress).await {
            Err(Error::Refusal(
                Refusal::ResyncRequired { .. } | Refusal::NotFound(_) | Refusal::Denied { .. },
            )) if !self.done.is_empty() => Ok(Found {
                page: Page::nothing(self.base.progress.clone()),
                materials: HashMap::new(),
                fetches: self.fetches().into_iter().map(|(name, _)| (name, None)).collect(),
                uids: HashMap::new(),
            }),
            found => found,
        }
    }

    async fn read(&self, call: &Call, mut progress: Progress) -> storage::Result<Found> {
        let made: Vec<Ahead> = self.done.iter().filter_map(|done| done.effect.made).collect();
        let mut asked = self.asked(call);
        let (folder, fetches) = (self.view.folder, self.fetches());
        // What was refused is shown again even to a client that wants no changes.
        let reads = self.collection.get_changes || !asked.restore.is_empty();
        let names_events = self.view.class == Class::Calendar && call.version >= Version::V16_0;
        call.store()
            .read(call.principal(), move |tx| {
                let grant = tx.open::<right::ReadItems>(folder.account, folder.collection)?;
                let mut uids = HashMap::new();
                for made in made {
                    let item = note(tx, &grant, &mut progress, made)?;
                    if item.is_none() {
                        // The same answer says that it was made.
                        asked.deleted.remove(&made.id);
                    }
                    let named = item.filter(|_| names_events);
                    uids.extend(named.and_then(|item| Some((item.id, item.component_uid?))));
                }
                let mut page = match reads {
                    true => collect(tx, &grant, &progress, &asked)?,
                    false => {
                        tx.check_cursor(&grant, &progress.cursor)?;
                        note_deleted(tx, &grant, &mut progress, &asked.deleted)?;
                        Page::nothing(progress)
                    }
                };
                window::cut_to_memory(&mut page);
                let bodies = materials(tx, &grant, window::with_bodies(&page).map(|item| item.uid))?;
                let fetches = fetches.into_iter().map(|(name, id)| Ok((name, fetched(tx, &grant, id)?)));
                let fetches = fetches.collect::<storage::Result<Vec<_>>>()?;
                Ok(Found { page, materials: bodies, fetches, uids })
            })
            .await
    }

    fn asked(&self, call: &Call) -> Asked {
        let is_done = |done: &&Done| done.effect.status == SyncStatus::Success;
        let deletions = || self.done.iter().filter(|done| done.kind == Kind::Delete);
        let restore = self.done.iter().filter(|done| done.effect.restore);
        Asked {
            interest: Interest::new(self.view.class, self.options, call.now())
                .of_conversations(self.base.progress.conversations),
            window: self.window,
            quiet_name: call.quiet_name(),
            deleted: deletions().filter(is_done).filter_map(|done| done.id).collect(),
            restore: restore.filter_map(Done::item).collect(),
            missed: deletions().filter(|done| !is_done(done)).filter_map(|done| done.id).collect(),
        }
    }

    fn fetches(&self) -> Vec<(String, Option<ItemId>)> {
        // The same item twice is the same answer twice: a small request for much memory.
        let mut seen = HashSet::new();
        let asked = self.collection.commands.iter().filter_map(|command| match command {
            ClientCommand::Fetch { server_id } => Some(server_id),
            ClientCommand::Add { .. } | ClientCommand::Change { .. } | ClientCommand::Delete { .. } => None,
        });
        let new = asked.filter(|name| seen.insert(name.as_str()));
        new.map(|name| (name.clone(), apply::item_in(self.view.folder, name))).collect()
    }
}

/// Notes what the device made, for it learns of it by the result. If it is gone already, it is told so.
fn note<'tx>(
    tx: &Read<'tx>,
    grant: &Grant<'tx, right::ReadItems>,
    progress: &mut Progress,
    made: Ahead,
) -> storage::Result<Option<Item>> {
    let Some(item) = tx.item_by_id(grant, made.id)?.filter(|item| !item.vanished) else {
        progress.doubtful.insert(made.id);
        return Ok(None);
    };
    progress.doubtful.remove(made.id);
    let is_known = progress.exception(item.id).is_none() && progress.has_at(mark(&item));
    let is_as_made = item.uid == made.uid && made.modseq == item.created_modseq;
    let is_noted = is_known || (is_as_made && progress.own.insert(item.uid));
    if !is_noted {
        progress.put_ahead(made);
    }
    Ok(Some(item))
}

fn fetched<'tx>(
    tx: &Read<'tx>,
    grant: &Grant<'tx, right::ReadItems>,
    id: Option<ItemId>,
) -> storage::Result<Option<(Item, Material)>> {
    let item = id.map(|id| tx.item_by_id(grant, id)).transpose()?.flatten();
    let Some(item) = item.filter(|item: &Item| !item.vanished) else { return Ok(None) };
    let material = materials(tx, grant, std::iter::once(item.uid))?.into_values().next();
    Ok(material.map(|material| (item, material)))
}
