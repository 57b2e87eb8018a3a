//! One request, as far as every command needs it, and its answer.

use activesync_wire::query::Query;
use activesync_wire::sync_key::SyncKey;
use activesync_wire::{RequestError, Version};
use bytes::Bytes;
use session::Login;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use storage::{CursorKey, Error, Fault, RequestKey, Store, Stored};
use vocabulary::{AccountId, CollectionId, Principal, Timestamp};
use wbxml::Element;
use workflow::Elsewhere;

use crate::Server;
use crate::quirk::Quirks;

/// A request whose sender is known.
pub(crate) struct Call {
    pub(crate) server: Arc<Server>,
    pub(crate) login: Login,
    pub(crate) query: Query,
    pub(crate) version: Version,
    /// The answer may be multipart (MS-ASHTTP R154).
    pub(crate) multipart: bool,
    /// What its program reads differently.
    pub(crate) quirks: Quirks,
    /// How the client called us, in front of every path: for links in what it writes.
    pub(crate) origin: String,
    pub(crate) remarks: Remarks,
}

/// What a command tells the HTTP side beside its answer.
#[derive(Debug, Default)]
pub(crate) struct Remarks {
    progressed: AtomicBool,
    begins_anew: AtomicBool,
}

impl Remarks {
    /// The device got a further piece of what it lacked: such a request is no sign of a device that went astray.
    pub(crate) fn note_progress(&self) {
        self.progressed.store(true, Ordering::Relaxed);
    }

    pub(crate) fn has_progressed(&self) -> bool {
        self.progressed.load(Ordering::Relaxed)
    }

    /// The device begins anew, or must: it is told what is spoken here.
    pub(crate) fn note_beginning(&self) {
        self.begins_anew.store(true, Ordering::Relaxed);
    }

    pub(crate) fn begins_anew(&self) -> bool {
        self.begins_anew.load(Ordering::Relaxed)
    }
}

impl Call {
    pub(crate) fn store(&self) -> &Store {
        &self.server.context.store
    }

    pub(crate) fn principal(&self) -> &Principal {
        &self.login.principal
    }

    pub(crate) fn account(&self) -> AccountId {
        self.login.account.id
    }

    /// The device; names it within the account only.
    pub(crate) fn device(&self) -> &str {
        &self.query.device_id
    }

    /// The device among the devices of all accounts: who need not be told of its own change.
    pub(crate) fn quiet_name(&self) -> String {
        format!("{}/{}", self.account(), self.device())
    }

    /// The life of the device's state that a key belongs to: who made an item.
    pub(crate) fn generation_name(&self, key: SyncKey) -> String {
        format!("{}/{}", self.quiet_name(), key.generation)
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.server.context.clock.now()
    }

    /// The bytes of a content; `None`: they are damaged, which the log tells. One lost item must not keep all others
    /// from a device.
    ///
    /// # Errors
    /// [`storage::Fault`] if they cannot be read now.
    pub(crate) async fn load(&self, stored: Stored) -> storage::Result<Option<Bytes>> {
        match self.store().load(stored).await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(Error::Fault(fault @ Fault::Damaged { .. })) => {
                let _told_by_the_log = session::incident(&fault);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

/// Under what a device's row of a collection is kept. [`CursorKey`] and [`RequestKey`] borrow; a
/// transaction needs its own.
#[derive(Debug, Clone)]
pub(crate) struct StateKey {
    pub(crate) account: AccountId,
    pub(crate) reader: String,
    pub(crate) owner: AccountId,
    pub(crate) collection: CollectionId,
}

impl StateKey {
    pub(crate) fn new(call: &Call, owner: AccountId, collection: CollectionId) -> Self {
        Self { account: call.account(), reader: call.device().to_owned(), owner, collection }
    }

    pub(crate) fn cursor(&self) -> CursorKey<'_> {
        CursorKey {
            account: self.account,
            reader: &self.reader,
            owner: self.owner,
            collection: self.collection,
        }
    }

    pub(crate) fn request<'a>(&'a self, sync_key: &'a str, client_key: &'a str) -> RequestKey<'a> {
        RequestKey {
            account: self.owner,
            reader: &self.reader,
            collection: self.collection,
            sync_key,
            client_key,
        }
    }
}

/// Content type of WBXML: MS-ASHTTP section 2.2.1.1.2.2.
pub(crate) const WBXML: &str = "application/vnd.ms-sync.wbxml";

/// The body of an answer.
#[derive(Debug)]
pub(crate) enum Reply {
    /// HTTP 200 without a body.
    Empty,
    /// HTTP 200 with a body, and what stands in the log.
    Body { content_type: &'static str, bytes: Vec<u8>, status: Option<u16> },
    /// HTTP 200 with a file as it is, and its media type.
    File { content_type: String, bytes: Vec<u8> },
    /// The phones of the account belong to another server.
    Elsewhere(Elsewhere),
    /// Another HTTP status.
    Http(u16),
}

impl Reply {
    pub(crate) fn document(document: &Element) -> Self {
        Self::bytes(wbxml::encode(document))
    }

    pub(crate) fn bytes(bytes: Vec<u8>) -> Self {
        Self::Body { content_type: WBXML, bytes, status: None }
    }

    pub(crate) fn with_status(self, code: u16) -> Self {
        match self {
            Self::Body { content_type, bytes, .. } => Self::Body { content_type, bytes, status: Some(code) },
            other => other,
        }
    }
}

/// Why a command was not done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The request cannot be read or may not be asked.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The store refuses or is broken.
    #[error(transparent)]
    Store(#[from] storage::Error),
}

impl From<storage::Refusal> for Failure {
    fn from(refusal: storage::Refusal) -> Self {
        Self::Store(refusal.into())
    }
}

pub(crate) type Answer<T = Reply> = Result<T, Failure>;
