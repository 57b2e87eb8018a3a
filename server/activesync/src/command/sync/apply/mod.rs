//! What the client did. Each command runs once under its key: its result is remembered in the
//! transaction of its effect, and a repeat of the same command under the same key returns it, also when
//! the client has to begin anew by now. Of a view that is no longer today's nothing else runs.

mod attached;
mod files;
mod mail;
mod object;
mod perform;
mod prepare;
mod result;

use activesync_wire::command::sync::{ClientCommand, Options};
use activesync_wire::server_id::{FolderId, ServerId};
use activesync_wire::status::SyncStatus;
use std::collections::HashSet;
use std::str::FromStr;
use storage::{Error, Refusal, Write, right};
use vocabulary::{ItemId, ModSeq};

use super::View;
use crate::call::{Call, StateKey};
use crate::cursor::{Ahead, Stand};
use crate::item::Viewer;
pub(crate) use attached::Attached;
use perform::Scene;
use prepare::{Named, Task};

/// Which command, for the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Add,
    Change,
    Delete,
    /// Of one occurrence; the item stays.
    DeleteOccurrence,
}

/// What a command came to.
#[derive(Debug, Clone)]
pub(crate) struct Done {
    pub(crate) kind: Kind,
    /// ClientId of an Add, else ServerId, as the client sent it.
    pub(crate) name: String,
    /// Which occurrence, as the client sent it.
    pub(crate) instance_id: Option<String>,
    /// The item, as far as the ServerId named one.
    pub(crate) id: Option<ItemId>,
    /// Files that came with it.
    pub(crate) attached: Vec<Attached>,
    pub(crate) effect: Effect,
}

impl Done {
    /// The item that it is about, as far as that is known.
    pub(crate) fn item(&self) -> Option<ItemId> {
        self.id.or(self.effect.made.map(|made| made.id))
    }
}

/// What is remembered of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Effect {
    pub(crate) status: SyncStatus,
    /// The version of the item that the device has now, if it made it.
    pub(crate) made: Option<Ahead>,
    /// The item is not as the device believes.
    pub(crate) restore: bool,
}

impl Effect {
    const DONE: Self = Self { status: SyncStatus::Success, made: None, restore: false };

    fn failed(status: SyncStatus) -> Self {
        Self { status, made: None, restore: false }
    }
}

/// What the commands of one collection share.
pub(crate) struct Commands<'a> {
    pub(crate) base: &'a Stand,
    pub(crate) options: &'a Options,
    pub(crate) viewer: &'a Viewer,
    pub(crate) commands: &'a [ClientCommand<'a>],
    pub(crate) deletes_as_moves: bool,
}

/// What comes of no commands.
///
/// # Errors
/// [`Refusal::ResyncRequired`] if the view is not today's.
pub(crate) fn nothing(view: &View) -> storage::Result<Vec<Done>> {
    if view.is_stale { Err(Refusal::ResyncRequired { floor: ModSeq::ZERO }.into()) } else { Ok(Vec::new()) }
}

/// Runs the commands of a collection, those that have not run under this key.
///
/// `None`: the row, or an item, is not the one that the request was read against.
///
/// # Errors
/// [`Refusal::ResyncRequired`] if the view is not today's and no command has run; [`storage::Fault`], and
/// refusals that concern the whole folder.
pub(crate) async fn apply(
    call: &Call,
    view: &View,
    asked: &Commands<'_>,
) -> storage::Result<Option<Vec<Done>>> {
    let named = prepare::names(view.folder, asked.commands);
    let mut done = Vec::with_capacity(named.len());
    let mut any_ran = false;
    while done.len() < named.len() {
        let rest = named.get(done.len()..).unwrap_or_default();
        let mut tasks = Vec::new();
        for named in rest.iter().take(independent(rest)) {
            tasks.push(prepare::prepare(call, view, asked, named).await?);
        }
        let Some(batch) = run(call, view, asked, tasks).await? else { return Ok(None) };
        any_ran |= batch.any_ran;
        done.extend(batch.done);
    }
    if !any_ran {
        nothing(view)?;
    }
    Ok(Some(done))
}

/// How many of the first commands concern items of their own: what is made of an item's bytes is made of
/// those that the command before left.
fn independent(commands: &[Named<'_>]) -> usize {
    let mut seen = HashSet::new();
    commands.iter().take_while(|named| named.id.is_none_or(|id| seen.insert(id))).count()
}

struct Batch {
    done: Vec<Done>,
    /// A command ran, now or before.
    any_ran: bool,
}

async fn run(
    call: &Call,
    view: &View,
    asked: &Commands<'_>,
    tasks: Vec<Task>,
) -> storage::Result<Option<Batch>> {
    let scene = Scene {
        key: StateKey::new(call, view.folder.account, view.folder.collection),
        sync_key: asked.base.key.to_string(),
        progress: asked.base.progress.clone(),
        class: view.class,
        conflict: asked.options.conflict.unwrap_or_default(),
        quiet_name: call.quiet_name(),
    };
    let (expected, accounts) = (view.bytes.clone(), [call.account(), view.folder.account]);
    let was_stale = view.is_stale;
    let (batch, posted) = call
        .store()
        .write(call.principal(), &accounts, move |tx| {
            let mut posted = Vec::new();
            if tx.cursor_state(&scene.key.cursor())? != expected {
                return Ok((None, posted));
            }
            let is_stale = was_stale || scene.is_stale(tx)?;
            let mut batch = Batch { done: Vec::with_capacity(tasks.len()), any_ran: false };
            for task in tasks {
                // What ran before stays done: its result is found when the rest is tried again.
                let Some((done, ran)) = scene.run(tx, task, is_stale, &mut posted)? else {
                    return Ok((None, posted));
                };
                batch.done.push(done);
                batch.any_ran |= ran;
            }
            Ok((Some(batch), posted))
        })
        .await?;
    call.deliver(posted).await;
    Ok(batch)
}

impl Scene {
    /// The rights or the history are others than when the device last heard of this folder.
    fn is_stale(&self, tx: &Write<'_>) -> storage::Result<bool> {
        let grant = tx.open::<right::ReadItems>(self.key.owner, self.key.collection)?;
        match tx.check_cursor(&grant, &self.progress.cursor) {
            Ok(()) => Ok(false),
            Err(Error::Refusal(Refusal::ResyncRequired { .. })) => Ok(true),
            Err(other) => Err(other),
        }
    }
}

/// The item that a ServerId names in this folder.
pub(crate) fn item_in(folder: FolderId, server_id: &str) -> Option<ItemId> {
    ServerId::from_str(server_id).ok().filter(|id| id.folder == folder).map(|id| id.item)
}
