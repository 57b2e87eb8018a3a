//! Long answers: a home and its collections, some at a time.
//!
//! Which collections there are is known from the beginning; each is read when its turn comes, as it is then.

use bytes::Bytes;
use dav_wire::MultiStatus;
use dav_wire::method::PropFind;
use std::collections::VecDeque;
use std::sync::Arc;
use storage::{Error, Read, Refusal};

use crate::address::FolderAddress;
use crate::call::{Answer, Call};
use crate::folder::{Folder, Kept};
use crate::pages::{PAGE_WRITTEN_BYTES, Pages};
use crate::property::{self, Subject};

/// About how much of collections is in memory at once, in bytes; one alone may be more.
const READ_BYTES_MAX: usize = 1 << 20;
/// What a collection is beside what is kept of it.
const FOLDER_BYTES: usize = 1 << 10;

/// What is still to be told of a home.
pub(crate) struct HomeListing {
    pub(crate) call: Arc<Call>,
    pub(crate) selection: PropFind,
    /// What was told of the home itself.
    pub(crate) output: MultiStatus,
    pub(crate) collections: VecDeque<FolderAddress>,
    /// Where the reader is after this answer, if it follows the home.
    pub(crate) token: Option<String>,
}

impl Pages for HomeListing {
    async fn page(&mut self) -> Answer<Option<Bytes>> {
        while self.output.pending_bytes() < PAGE_WRITTEN_BYTES {
            if self.collections.is_empty() {
                if let Some(token) = &self.token {
                    self.output.sync_token(token);
                }
                return Ok(None);
            }
            for folder in self.read().await? {
                let subject = Subject::Folder(Arc::new(folder));
                let answers = property::answers(self.call.account(), &subject, &self.selection);
                self.output.response(&subject.href().to_string(), &answers);
            }
        }
        Ok(Some(self.output.take().into()))
    }

    fn end(self) -> Vec<u8> {
        self.output.finish()
    }
}

impl HomeListing {
    /// The next collections, all of one moment.
    async fn read(&mut self) -> Answer<Vec<Folder>> {
        let (mut left, kept) = (std::mem::take(&mut self.collections), Kept::of(&self.selection));
        let read = self.call.store().read(self.call.principal(), move |tx| {
            let (mut folders, mut bytes) = (Vec::new(), 0);
            while bytes < READ_BYTES_MAX
                && let Some(address) = left.pop_front()
            {
                let folder = read_if_there(tx, address, &kept)?;
                bytes += FOLDER_BYTES + folder.as_ref().map_or(0, Folder::kept_bytes);
                folders.extend(folder);
            }
            Ok((folders, left))
        });
        let (folders, left) = read.await?;
        self.collections = left;
        Ok(folders)
    }
}

/// A collection or a share may go while the answer is written.
pub(crate) fn read_if_there(
    tx: &Read<'_>,
    address: FolderAddress,
    kept: &Kept,
) -> storage::Result<Option<Folder>> {
    match Folder::read(tx, address, kept) {
        Ok(folder) => Ok(Some(folder)),
        Err(Error::Refusal(Refusal::NotFound(_))) => Ok(None),
        Err(error) => Err(error),
    }
}
