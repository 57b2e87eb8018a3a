//! The removal of a whole calendar: each meeting in it is cancelled or declined, once.

use calendar::schedule::Written;
use storage::{Item, Outgoing, Read, Refusal, Store, Write, right};
use vocabulary::{AccountId, CollectionId, ModSeq};

use super::calendars::stale;
use super::commit::Letters;
use super::people::HOUSE;
use super::plan::{PlanError, Writer, plan};

/// Most meetings of a calendar that can be removed at once.
const MEETINGS_MAX: usize = 20_000;
/// Most octets that the removal of a calendar puts into the outbox: they are in memory until it is done.
const LETTERS_BYTES_MAX: usize = 128 << 20;

/// What the removal of all that is in a calendar amounts to.
#[derive(Debug, Clone)]
pub struct RemovalOfAll {
    account: AccountId,
    collection: CollectionId,
    highest: ModSeq,
    letters: Vec<Letters>,
}

impl RemovalOfAll {
    /// Posts what is to be told, in the transaction that removes.
    ///
    /// # Errors
    /// [`Refusal::Stale`] if the calendar has changed since: the removal is to be planned again.
    pub fn post(&self, tx: &mut Write<'_>) -> storage::Result<Vec<Outgoing>> {
        let highest = tx.open::<right::Lookup>(self.account, self.collection)?.collection().highest;
        if highest != self.highest {
            return Err(stale(Some(highest)));
        }
        let mut posted = Vec::new();
        for letters in &self.letters {
            posted.extend(letters.post(tx)?);
        }
        Ok(posted)
    }
}

/// Plans the removal of everything in a calendar of the writer's owner. Whether the author may do it, the transaction
/// says that does it.
///
/// # Errors
/// [`PlanError::Store`]; [`Refusal::Invalid`] for more meetings than can be cancelled at once, or more to be told.
pub async fn plan_removal_of_all(
    store: &Store,
    writer: &Writer,
    collection: CollectionId,
) -> Result<RemovalOfAll, PlanError> {
    let account = writer.owner.id;
    let read = move |tx: &Read<'_>| {
        let grant = tx.open::<right::ReadItems>(account, collection)?;
        let is_meeting = |item: &Item| item.schedule_modseq.is_some();
        let items = tx.items(&grant, &[1..=u32::MAX])?.into_iter().filter(is_meeting);
        let uids: Vec<u32> = items.map(|item| item.uid.0).collect();
        if uids.len() > MEETINGS_MAX {
            return Err(Refusal::Invalid("too many meetings to cancel them at once").into());
        }
        Ok((grant.collection().highest, uids))
    };
    let (highest, uids) = store.read(&HOUSE, read).await?;
    let (mut letters, mut room) = (Vec::new(), LETTERS_BYTES_MAX);
    for uid in uids {
        // One after the other: they are never in memory all at once.
        let read = move |tx: &Read<'_>| {
            let grant = tx.open::<right::ReadItems>(account, collection)?;
            Ok(tx.contents(&grant, &[uid..=uid], false)?.pop())
        };
        // Without it the calendar has changed, which the transaction finds out.
        let Some((_, content)) = store.read(&HOUSE, read).await? else { continue };
        let old = store.load(content).await?;
        match plan(store, writer, Some(&old), Written::Removed { reply: true }).await {
            Ok(planned) if planned.letters.is_empty() => {}
            Ok(planned) => {
                room = left(room, planned.letters.size_bytes())?;
                letters.push(planned.letters);
            }
            // What cannot be read cancels nothing, and must not keep the calendar alive.
            Err(PlanError::Refused(error)) => {
                tracing::warn!(account = account.0, %error, "a meeting is removed without a word");
            }
            Err(error) => return Err(error),
        }
    }
    Ok(RemovalOfAll { account, collection, highest, letters })
}

/// What is left of the room for letters after some more.
fn left(room: usize, more: usize) -> storage::Result<usize> {
    let left = room.checked_sub(more);
    left.ok_or_else(|| Refusal::Invalid("more than can be told at once").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_fill_their_room_and_no_more() {
        assert_eq!(left(LETTERS_BYTES_MAX, LETTERS_BYTES_MAX - 1).unwrap(), 1);
        assert_eq!(left(LETTERS_BYTES_MAX, LETTERS_BYTES_MAX).unwrap(), 0);
        let refused = left(LETTERS_BYTES_MAX, LETTERS_BYTES_MAX + 1);
        assert!(matches!(refused, Err(storage::Error::Refusal(Refusal::Invalid(_)))), "{refused:?}");
    }
}
