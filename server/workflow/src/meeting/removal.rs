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
    /// The folder of which all is to be removed.
    #[must_use]
    pub fn collection(&self) -> CollectionId {
        self.collection
    }

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
/// [`Refusal::Denied`] for what would have to be told in the owner's name, if the author is neither the owner nor a
/// delegate; [`Refusal::Invalid`] for more meetings than can be cancelled at once, or more to be told.
pub async fn plan_removal_of_all(
    store: &Store,
    writer: &Writer,
    collection: CollectionId,
) -> storage::Result<RemovalOfAll> {
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
    let mut bundle = Bundle::with_room(LETTERS_BYTES_MAX);
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
            Ok(planned) => bundle.put(planned.letters)?,
            // What cannot be read cancels nothing, and must not keep the calendar alive.
            Err(PlanError::Refused(error)) => {
                tracing::warn!(account = account.0, %error, "a meeting is removed without a word");
            }
            Err(PlanError::Store(error)) => return Err(error),
        }
    }
    Ok(RemovalOfAll { account, collection, highest, letters: bundle.letters })
}

/// Letters that are in memory at once.
struct Bundle {
    letters: Vec<Letters>,
    room_bytes: usize,
}

impl Bundle {
    fn with_room(room_bytes: usize) -> Self {
        Self { letters: Vec::new(), room_bytes }
    }

    fn put(&mut self, letters: Letters) -> storage::Result<()> {
        let left = self.room_bytes.checked_sub(letters.size_bytes());
        self.room_bytes = left.ok_or(Refusal::Invalid("more than can be told at once"))?;
        self.letters.push(letters);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_fill_their_room_and_no_more() {
        let letters = |sizes: &[usize]| Letters::of_rows(sizes.iter().map(|size| vec![0; *size]).collect());
        let mut bundle = Bundle::with_room(100);
        bundle.put(letters(&[40, 20])).unwrap();
        let refused = bundle.put(letters(&[41]));
        assert!(matches!(refused, Err(storage::Error::Refusal(Refusal::Invalid(_)))), "{refused:?}");
        bundle.put(letters(&[40])).unwrap();
        assert!(bundle.put(letters(&[1])).is_err());
        assert_eq!(bundle.letters.len(), 2);
    }
}
