//! Why the store says no: ARCHITECTURE part 5.
//!
//! A [`Refusal`] is the client's business and closed on purpose: a new variant makes every front
//! end answer it. A [`Fault`] is ours: the client learns an incident id, the log gets the cause.

use std::fmt;
use vocabulary::{ModSeq, Rights};

/// What every store function returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A refusal or a fault.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The client may know why.
    #[error(transparent)]
    Refusal(#[from] Refusal),
    /// Database, disk or bug.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// What a refusal speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// A domain or alias domain.
    Domain,
    /// An account.
    Account,
    /// An address, alias or group name.
    Address,
    /// A group.
    Group,
    /// A folder.
    Collection,
    /// An item.
    Item,
    /// A content.
    Content,
    /// A password.
    Credential,
    /// A grant.
    Grant,
    /// A device.
    Device,
    /// A registration for push.
    Registration,
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Domain => "domain",
            Self::Account => "account",
            Self::Address => "address",
            Self::Group => "group",
            Self::Collection => "folder",
            Self::Item => "item",
            Self::Content => "content",
            Self::Credential => "password",
            Self::Grant => "grant",
            Self::Device => "device",
            Self::Registration => "registration",
        })
    }
}

/// Why the store says no.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It does not exist, or the principal may not know that it does.
    #[error("{0} does not exist")]
    NotFound(Subject),
    /// It is visible, but this right is missing.
    #[error("right '{need}' is missing")]
    Denied {
        /// What would have been needed.
        need: Rights,
    },
    /// The name or identity is taken.
    #[error("{0} exists already")]
    AlreadyExists(Subject),
    /// Changed since the state that the client named.
    #[error("changed meanwhile")]
    Stale {
        /// The present content stamp.
        current: ModSeq,
    },
    /// The cursor is older than the history that is kept, or of another view or incarnation.
    #[error("history before {floor} is gone")]
    ResyncRequired {
        /// Oldest cursor that can still be answered.
        floor: ModSeq,
    },
    /// The mailbox is full.
    #[error("quota of {limit_bytes} bytes")]
    OverQuota {
        /// The limit.
        limit_bytes: i64,
    },
    /// One item is larger than any door takes.
    #[error("larger than {limit_bytes} bytes")]
    TooLarge {
        /// The limit.
        limit_bytes: i64,
    },
    /// The request contradicts a rule of the house.
    #[error("{0}")]
    Invalid(&'static str),
    /// Too much waits already; try again soon.
    #[error("busy")]
    Busy,
}

/// Database, disk or bug.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The database said something that is no constraint.
    #[error("database: {0}")]
    Database(String),
    /// A statement came after one that had failed; the transaction is lost.
    #[error("the transaction had failed before")]
    Poisoned,
    /// A blob could not be written or read.
    #[error("blob: {0}")]
    Blob(String),
    /// Stored bytes do not have the hash that was stored with them, or are gone: never served.
    #[error("content {content} of account {account} is damaged")]
    Damaged {
        /// Whose.
        account: i64,
        /// Which.
        content: i64,
    },
    /// A row cannot be what this program wrote.
    #[error("row: {0}")]
    Row(String),
    /// An account is written that the transaction did not declare.
    #[error("account {0} was not declared by the transaction")]
    NotDeclared(i64),
    /// The closure panicked; its savepoint was undone.
    #[error("panic inside a transaction: {0}")]
    Panic(String),
    /// The store is closed.
    #[error("the store is closed")]
    Closed,
    /// Opening: wrong URL, newer schema, unreadable directory.
    #[error("open: {0}")]
    Open(String),
}

impl Error {
    /// The refusal, if it is one.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refusal(refusal) => Some(refusal),
            Self::Fault(_) => None,
        }
    }
}

pub(crate) fn row_fault(what: impl fmt::Display) -> Error {
    Fault::Row(what.to_string()).into()
}
