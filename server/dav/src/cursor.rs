//! Where a reader is in the log of a collection, and how it stands in a token.

use dav_wire::{Precondition, SyncToken};
use storage::{Collection, Cursor, Grant};
use vocabulary::{AccountId, CollectionId, ModSeq, Uid};

/// The token of a place in the log of a collection.
pub(crate) fn token(of: &Collection, cursor: &Cursor) -> String {
    let Cursor { epoch, modseq, uid, added, told } = *cursor;
    let (owner, collection) = (of.account.0, of.id.0);
    let (modseq, uid, added, told) = (modseq.0, uid.0, added.0, told.0);
    SyncToken::Collection { owner, collection, epoch, modseq, uid, added, told }.to_string()
}

/// What stands before a ctag in the header `If`: Apple's bulk changes, section 6.
pub(crate) const CTAG_URI: &str = "http://me.com/_namespace/ctag/";

/// It changes with everything that a listing shows, and with the rights that decide what it shows.
pub(crate) fn ctag(epoch: i64, of: &Collection) -> String {
    format!("{epoch}-{}", of.highest)
}

/// A place in the log of the collection that a token was given for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    owner: AccountId,
    collection: CollectionId,
    cursor: Cursor,
}

impl Place {
    /// The place that a token names.
    ///
    /// # Errors
    /// RFC 6578 section 3.2: what we did not give is refused, never guessed.
    pub(crate) fn of(token: &str) -> Result<Self, Precondition> {
        match token.parse() {
            Ok(SyncToken::Collection { owner, collection, epoch, modseq, uid, added, told }) => Ok(Self {
                owner: AccountId(owner),
                collection: CollectionId(collection),
                cursor: Cursor {
                    epoch,
                    modseq: ModSeq(modseq),
                    uid: Uid(uid),
                    added: Uid(added),
                    told: ModSeq(told),
                },
            }),
            Ok(SyncToken::Home { .. }) | Err(_) => Err(Precondition::ValidSyncToken),
        }
    }

    /// The cursor, if it is of this collection and of no time to come. The store asks the rest.
    pub(crate) fn within(self, collection: &Collection) -> Option<Cursor> {
        let Cursor { added, told, .. } = self.cursor;
        let is_of_it = self.owner == collection.account && self.collection == collection.id;
        (is_of_it && told <= collection.highest && added < collection.uid_next).then_some(self.cursor)
    }

    /// Whether nothing has happened in the collection since.
    pub(crate) fn is_end_of<R>(self, grant: &Grant<'_, R>) -> bool {
        self.within(grant.collection()) == Some(Cursor::at_end(grant))
    }
}
