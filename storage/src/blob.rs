//! Large contents, outside the database, through `object_store`.
//!
//! A blob is durable (file and directory fsynced) before the row that names it. Its name is a keyed
//! hash and a random tail: an upload never touches a blob that exists, so the collector, which takes
//! only what is old and named by no row, can crash or race anywhere without harm. The same bytes are
//! shared within an account by sharing the content row.

use crate::error::{Error, Fault, Result};
use bytes::Bytes;
use futures::TryStreamExt;
use object_store::local::LocalFileSystem;
use object_store::path::Path as BlobPath;
use object_store::{ObjectStore, ObjectStoreExt};
use std::path::Path;
use std::sync::Arc;
use vocabulary::Timestamp;

/// Where large contents live.
#[derive(Debug, Clone)]
pub(crate) struct Blobs {
    store: Arc<dyn ObjectStore>,
}

fn fault(error: impl std::fmt::Display) -> Error {
    Fault::Blob(error.to_string()).into()
}

impl Blobs {
    pub(crate) fn open(directory: &Path) -> Result<Self> {
        let root = directory.join("blobs");
        std::fs::create_dir_all(&root).map_err(fault)?;
        let store = LocalFileSystem::new_with_prefix(&root).map_err(fault)?.with_fsync(true);
        Ok(Self { store: Arc::new(store) })
    }

    /// Durable when it returns.
    pub(crate) async fn put(&self, name: &str, bytes: Bytes) -> Result<()> {
        self.store.put(&BlobPath::from(name), bytes.into()).await.map(drop).map_err(fault)
    }

    /// `None`: it is lost. Where there is no blob at all the place is another one, or is not mounted: that is a fault.
    pub(crate) async fn get(&self, name: &str) -> Result<Option<Bytes>> {
        match self.store.get(&BlobPath::from(name)).await {
            Ok(found) => found.bytes().await.map(Some).map_err(fault),
            Err(object_store::Error::NotFound { .. }) if self.has_any().await? => Ok(None),
            Err(error) => Err(fault(error)),
        }
    }

    async fn has_any(&self) -> Result<bool> {
        Ok(self.store.list(None).try_next().await.map_err(fault)?.is_some())
    }

    pub(crate) async fn delete(&self, name: &str) -> Result<()> {
        match self.store.delete(&BlobPath::from(name)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(fault(error)),
        }
    }

    /// Names of all blobs, with the time of their last write.
    pub(crate) async fn list(&self) -> Result<Vec<(String, Timestamp)>> {
        self.store
            .list(None)
            .map_ok(|meta| (meta.location.to_string(), Timestamp(meta.last_modified.timestamp_millis())))
            .try_collect()
            .await
            .map_err(fault)
    }
}
