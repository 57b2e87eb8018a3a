//! Object identifiers of RFC 8474: letters, digits and `-`, never used twice.

use vocabulary::{AccountId, CollectionId, ItemId};

/// `MAILBOXID`.
pub(crate) fn mailbox(account: AccountId, collection: CollectionId) -> String {
    format!("F{account}-{collection}")
}

/// `EMAILID`: it stays when the message is moved.
pub(crate) fn email(account: AccountId, item: ItemId) -> String {
    format!("M{account}-{item}")
}

/// `THREADID`.
pub(crate) fn thread(account: AccountId, thread: i64) -> String {
    format!("T{account}-{thread}")
}
