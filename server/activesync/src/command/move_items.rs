//! MoveItems: MS-ASCMD section 2.2.1.12. Success is 3.
//!
//! A repeat finds the tombstone that points to where the item went: the same answer, and nothing moves
//! twice, until a Sync has told the device that the item is gone. The device shows the item in its old
//! folder no more: should it come back there before the next Sync, all of it has to be told. Folders of two accounts are two mailboxes: between them nothing moves.

use activesync_wire::command::move_items::{Move, Moved, answer, parse};
use activesync_wire::server_id::{FolderId, ServerId};
use activesync_wire::status::MoveStatus;
use std::str::FromStr;
use storage::{Error, Refusal, Subject, Write, right};
use vocabulary::{AccountId, ItemId};
use wbxml::Element;

use crate::call::{Answer, Call, Reply, StateKey};
use crate::cursor::State;
use crate::status;

pub(crate) async fn run(call: &Call, root: &Element) -> Answer {
    let moves = parse(root)?;
    let steps: Vec<Result<Step, MoveStatus>> = moves.iter().map(|asked| step(call, asked)).collect();
    let mut accounts: Vec<AccountId> = steps.iter().flatten().map(|step| step.to.account).collect();
    accounts.push(call.account());
    accounts.sort_unstable();
    accounts.dedup();
    let outcomes: Vec<Result<ServerId, MoveStatus>> = call
        .store()
        .write(call.principal(), &accounts, move |tx| {
            steps
                .into_iter()
                .map(|step| step.map_or_else(|status| Ok(Err(status)), |step| step.run(tx)))
                .collect()
        })
        .await?;
    let moved = moves.into_iter().zip(outcomes).map(|(asked, outcome)| Moved {
        item: asked.item,
        status: outcome.err().unwrap_or(MoveStatus::Success),
        new_id: outcome.ok().map(|id| id.to_string()),
    });
    Ok(Reply::document(&answer(moved)))
}

struct Step {
    item: ItemId,
    from: FolderId,
    to: FolderId,
    /// The device's row of the old folder.
    row: StateKey,
}

fn step(call: &Call, asked: &Move) -> Result<Step, MoveStatus> {
    let to = asked.to.as_deref().ok_or(MoveStatus::Failed)?; // MS-ASCMD R4221
    let from = FolderId::from_str(&asked.from).map_err(|_| MoveStatus::InvalidSource)?;
    let to = FolderId::from_str(to).map_err(|_| MoveStatus::InvalidDestination)?;
    if from == to {
        return Err(MoveStatus::SameFolder);
    }
    if from.account != to.account {
        return Err(MoveStatus::InvalidDestination);
    }
    let id = ServerId::from_str(&asked.item).map_err(|_| MoveStatus::InvalidSource)?;
    if id.folder != from {
        return Err(MoveStatus::InvalidSource);
    }
    Ok(Step { item: id.item, from, to, row: StateKey::new(call, from.account, from.collection) })
}

impl Step {
    /// The inner error: this one does not move, the others go on.
    fn run(&self, tx: &mut Write<'_>) -> storage::Result<Result<ServerId, MoveStatus>> {
        match self.perform(tx) {
            Ok(()) => Ok(Ok(ServerId { folder: self.to, item: self.item })),
            Err(Failed::Status(status)) => Ok(Err(status)),
            Err(Failed::Store(Error::Refusal(refusal))) => Ok(Err(status::moving(&refusal))),
            Err(Failed::Store(fault)) => Err(fault),
        }
    }

    fn perform(&self, tx: &mut Write<'_>) -> Result<(), Failed> {
        let read = tx.open::<right::ReadItems>(self.from.account, self.from.collection)?;
        let target = match tx.open::<right::Insert>(self.to.account, self.to.collection) {
            Ok(target) => target,
            Err(Error::Refusal(Refusal::NotFound(_))) => {
                return Err(Failed::Status(MoveStatus::InvalidDestination)); // MS-ASCMD R4211
            }
            Err(other) => return Err(other.into()),
        };
        if target.collection().kind != read.collection().kind {
            return Err(Failed::Status(MoveStatus::InvalidDestination));
        }
        let item =
            tx.item_by_id(&read, self.item)?.ok_or(Refusal::NotFound(Subject::Item)).map_err(Error::from)?;
        if item.vanished {
            let went_there = item.moved_to.is_some_and(|(collection, _)| collection == self.to.collection);
            let current = self.state(tx)?.and_then(|state| state.current);
            if !went_there || current.is_some_and(|stand| stand.progress.saw_go(&item)) {
                return Err(Failed::Status(MoveStatus::InvalidSource)); // MS-ASCMD R4206
            }
            // Moved by this device, whose answer was lost, or by somebody else just before.
            return Ok(self.note(tx)?);
        }
        let source = tx.open::<right::Remove>(self.from.account, self.from.collection)?;
        tx.move_items(&source, &read, &target, &[item.uid.0..=item.uid.0])?;
        self.note(tx)?;
        Ok(())
    }

    /// Whether the device has it nobody knows from now on: it may not have heard of the success.
    fn note(&self, tx: &mut Write<'_>) -> storage::Result<()> {
        let Some(mut state) = self.state(tx)? else { return Ok(()) };
        for stand in [&mut state.current, &mut state.previous].into_iter().flatten() {
            stand.progress.doubtful.insert(self.item);
        }
        tx.put_cursor_state(&self.row.cursor(), &state.encode())
    }

    fn state(&self, tx: &Write<'_>) -> storage::Result<Option<State>> {
        Ok(tx.cursor_state(&self.row.cursor())?.as_deref().and_then(State::decode))
    }
}

enum Failed {
    Status(MoveStatus),
    Store(Error),
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::Store(error)
    }
}
