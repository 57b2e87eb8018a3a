//! PROPFIND of plain files: RFC 4918 section 9.1. What a collection holds is read and written page by page, each of one
//! moment; what comes or goes meanwhile may be told of or not.

use bytes::Bytes;
use dav_wire::header::Depth;
use dav_wire::method::PropFind;
use dav_wire::{MultiStatus, Precondition};
use std::sync::Arc;
use storage::{Error, Grant, Read, Refusal, right};
use vocabulary::{CollectionId, Uid};

use super::look;
use super::place::{FilePath, Place, missing};
use super::view::{self, LocksView};
use crate::call::{Answer, Call};
use crate::folder::{Folder, Kept};
use crate::pages::{self, PAGE_WRITTEN_BYTES, Pages};
use crate::property::{self, Subject};

/// Most resources, and about the most bytes of what is kept of them, that are read at once.
const PAGE_MEMBERS: usize = 200;
const PAGE_KEPT_BYTES: usize = 1 << 20;

pub(super) async fn run(call: &Arc<Call>, path: FilePath, body: &[u8]) -> Answer {
    let selection = PropFind::parse(body)?;
    let kept = Kept::of(&selection);
    let (at, of) = (path.clone(), kept.clone());
    let found = look(call, move |tx| Ok((at.place(tx)?.is_collection(), view::subject(tx, &at, &of)?)));
    let (is_collection, subject) = found.await?;
    let deep = match call.depth {
        _ if !is_collection => false,
        Some(Depth::Zero) => false,
        Some(Depth::One) => true,
        // A missing header stands for infinity, which need not be served.
        Some(Depth::Infinity) | None => return Err(Precondition::PropfindFiniteDepth.into()),
    };
    let mut output = MultiStatus::new(call.detail());
    // RFC 8144 section 4.
    if !(deep && call.prefer.depth_noroot) {
        respond(call, &mut output, &subject, &selection);
    }
    let next = if deep { Next::Collections(CollectionId(0)) } else { Next::Nothing };
    pages::answer(call, FileListing { call: Arc::clone(call), path, kept, selection, output, next }).await
}

fn respond(call: &Call, output: &mut MultiStatus, subject: &Subject, selection: &PropFind) {
    let answers = property::answers(call.account(), subject, selection);
    output.response(&subject.href().to_string(), &answers);
}

/// What is to be told next: first the collections, then the items, after the last that was told.
#[derive(Debug, Clone, Copy)]
enum Next {
    Collections(CollectionId),
    Items(Uid),
    Nothing,
}

struct FileListing {
    call: Arc<Call>,
    path: FilePath,
    selection: PropFind,
    kept: Kept,
    output: MultiStatus,
    next: Next,
}

impl Pages for FileListing {
    async fn page(&mut self) -> Answer<Option<Bytes>> {
        while self.output.pending_bytes() < PAGE_WRITTEN_BYTES {
            if matches!(self.next, Next::Nothing) {
                return Ok(None);
            }
            let (path, kept, next) = (self.path.clone(), self.kept.clone(), self.next);
            let read = self.call.store().read(self.call.principal(), move |tx| {
                let mut page = Page { kept, members: Vec::new(), kept_bytes: 0, next };
                page.read(tx, &path)?;
                Ok(page)
            });
            let page = match read.await {
                Ok(page) => page,
                // It went while it was listed.
                Err(Error::Refusal(Refusal::NotFound(_))) => {
                    self.next = Next::Nothing;
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            self.next = page.next;
            for subject in page.members {
                respond(&self.call, &mut self.output, &subject, &self.selection);
            }
        }
        Ok(Some(self.output.take().into()))
    }

    fn end(self) -> Vec<u8> {
        self.output.finish()
    }
}

/// Resources of one moment.
struct Page {
    kept: Kept,
    members: Vec<Subject>,
    kept_bytes: usize,
    next: Next,
}

impl Page {
    fn read(&mut self, tx: &Read<'_>, path: &FilePath) -> storage::Result<()> {
        let Place::Collection(grant) = path.place(tx)? else { return Err(missing().into()) };
        let locks = Arc::new(LocksView::read(tx, &grant, path)?);
        if let Next::Collections(after) = self.next {
            self.read_collections(tx, path, &grant, &locks, after)?;
        }
        if let Next::Items(after) = self.next
            && self.has_room()
        {
            let read = match tx.open::<right::ReadItems>(path.account(), grant.collection().id) {
                Ok(read) => read,
                // Who may see the collection only sees no items.
                Err(Error::Refusal(Refusal::Denied { .. })) => {
                    self.next = Next::Nothing;
                    return Ok(());
                }
                Err(error) => return Err(error),
            };
            let of_items = Kept::nothing().and_of_items(&self.kept);
            let folder = view::folder(tx, path, grant.collection().id, locks, &of_items)?;
            self.read_items(tx, &read, folder, after)?;
        }
        Ok(())
    }

    fn has_room(&self) -> bool {
        self.members.len() < PAGE_MEMBERS && self.kept_bytes < PAGE_KEPT_BYTES
    }

    fn read_collections<'tx>(
        &mut self,
        tx: &Read<'tx>,
        path: &FilePath,
        grant: &Grant<'tx, right::Lookup>,
        locks: &Arc<LocksView>,
        after: CollectionId,
    ) -> storage::Result<()> {
        let beneath = tx.files_beneath(grant, after, PAGE_MEMBERS)?;
        let is_last = beneath.len() < PAGE_MEMBERS;
        for visible in beneath {
            if !self.has_room() {
                return Ok(());
            }
            let collection = visible.collection;
            self.next = Next::Collections(collection.id);
            let mut names = path.names.clone();
            names.extend(collection.resource_name);
            let folder = view::folder(tx, &path.beside(names), collection.id, Arc::clone(locks), &self.kept)?;
            self.kept_bytes = self.kept_bytes.saturating_add(folder.kept_bytes());
            self.members.push(Subject::Folder(Arc::new(folder)));
        }
        if is_last {
            self.next = Next::Items(Uid(0));
        }
        Ok(())
    }

    fn read_items<'tx>(
        &mut self,
        tx: &Read<'tx>,
        read: &Grant<'tx, right::ReadItems>,
        mut folder: Folder,
        after: Uid,
    ) -> storage::Result<()> {
        let found = tx.files(read, after, PAGE_MEMBERS)?;
        let is_last = found.len() < PAGE_MEMBERS;
        let (mut items, mut left_out) = (Vec::with_capacity(found.len()), false);
        for item in found {
            if !self.has_room() {
                left_out = true;
                break;
            }
            if !self.kept.is_nothing() {
                let kept = tx.file_properties(read, Some(item.id))?;
                let bytes: usize = kept.values().map(String::len).sum();
                self.kept_bytes = self.kept_bytes.saturating_add(bytes);
                folder.keep(item.id, kept);
            }
            self.next = Next::Items(item.uid);
            items.push(item);
        }
        if is_last && !left_out {
            self.next = Next::Nothing;
        }
        let folder = Arc::new(folder);
        self.members.extend(items.into_iter().map(|item| Subject::Item(Arc::clone(&folder), item.into())));
        Ok(())
    }
}
