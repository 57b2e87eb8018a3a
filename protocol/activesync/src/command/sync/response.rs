//! What Sync answers, written as it is produced.
//!
//! Order of a collection: Class, SyncKey, CollectionId, Status, MoreAvailable, Commands, Responses. Old
//! clients break on MoreAvailable elsewhere, others on an empty Commands or Responses; neither can be
//! written here. The number of bytes so far is at hand, for the server to stop in time.

use wbxml::page::{airsync as page, airsync_base};
use wbxml::{Element, Tag, Writer};

use crate::item::Class;
use crate::status::SyncStatus;

/// `MoreAvailable` without content on code page 0: MS-ASWBXML section 2.1.2.1.1.
const MORE_AVAILABLE_TOKEN: u8 = 0x14;

/// Writes a whole answer.
#[derive(Debug)]
pub struct ResponseWriter {
    writer: Writer,
    collections: usize,
    /// Where `MoreAvailable` is to stand: it comes before the commands, but is known after them.
    more_available_at: Vec<usize>,
}

/// What stands before a collection's changes.
#[derive(Debug, Clone, Copy)]
pub struct CollectionHead<'a> {
    /// 12.1 only, as in the request.
    pub class: Option<Class>,
    /// The key that the client shall send next. A failed collection repeats the one that it sent.
    pub key: &'a str,
    /// As in the request.
    pub id: &'a str,
    /// How the collection went.
    pub status: SyncStatus,
}

impl Default for ResponseWriter {
    fn default() -> Self {
        Self::new()
    }
}

impl ResponseWriter {
    /// An answer without collections yet.
    #[must_use]
    pub fn new() -> Self {
        let mut writer = Writer::new();
        writer.open(page::SYNC);
        Self { writer, collections: 0, more_available_at: Vec::new() }
    }

    /// Bytes written so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.writer.len() + self.more_available_at.len()
    }

    /// Whether no collection has been written: then the answer has no body (MS-ASCMD R667).
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.collections == 0
    }

    /// Begins a collection.
    pub fn collection(&mut self, head: CollectionHead<'_>) -> CollectionWriter<'_> {
        if self.collections == 0 {
            self.writer.open(page::COLLECTIONS);
        }
        self.collections += 1;
        let writer = &mut self.writer;
        writer.open(page::COLLECTION);
        if let Some(class) = head.class {
            writer.text(page::CLASS, class.name());
        }
        writer.text(page::SYNC_KEY, head.key);
        writer.text(page::COLLECTION_ID, head.id);
        writer.text(page::STATUS, &head.status.code().to_string());
        let after_head = writer.len();
        CollectionWriter { answer: self, after_head, commands_open: false }
    }

    /// The document, or `None` if there is nothing to say.
    #[must_use]
    pub fn finish(mut self) -> Option<Vec<u8>> {
        if self.is_empty() {
            return None;
        }
        self.writer.close();
        self.writer.close();
        Some(with_tokens(self.writer.finish(), &self.more_available_at))
    }
}

/// Puts a `MoreAvailable` at each place; the places ascend. One pass over the document.
fn with_tokens(document: Vec<u8>, places: &[usize]) -> Vec<u8> {
    if places.is_empty() {
        return document;
    }
    let mut whole = Vec::with_capacity(document.len() + places.len());
    let mut rest = document.as_slice();
    let mut done = 0;
    for place in places {
        let Some((before, after)) = rest.split_at_checked(place - done) else { break };
        whole.extend_from_slice(before);
        whole.push(MORE_AVAILABLE_TOKEN);
        (rest, done) = (after, *place);
    }
    whole.extend_from_slice(rest);
    whole
}

/// Writes the server's changes to one collection.
#[derive(Debug)]
#[must_use = "a collection must be finished"]
pub struct CollectionWriter<'a> {
    answer: &'a mut ResponseWriter,
    after_head: usize,
    commands_open: bool,
}

impl<'a> CollectionWriter<'a> {
    /// Bytes of the whole answer so far.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.answer.len()
    }

    /// More changes wait than are written here.
    pub fn more_available(&mut self) {
        // Behind Status the writer stands on code page 0, so the token means what it says.
        if self.answer.more_available_at.last() != Some(&self.after_head) {
            self.answer.more_available_at.push(self.after_head);
        }
    }

    /// A new item; `data` writes what stands inside ApplicationData.
    pub fn add(&mut self, server_id: &str, data: impl FnOnce(&mut Writer)) {
        self.item(page::ADD, server_id, data);
    }

    /// A changed item; `data` writes what stands inside ApplicationData.
    pub fn change(&mut self, server_id: &str, data: impl FnOnce(&mut Writer)) {
        self.item(page::CHANGE, server_id, data);
    }

    /// An item that is gone.
    pub fn delete(&mut self, server_id: &str) {
        self.gone(page::DELETE, server_id);
    }

    /// An item that left the filter's window (MS-ASCMD R3064).
    pub fn soft_delete(&mut self, server_id: &str) {
        self.gone(page::SOFT_DELETE, server_id);
    }

    /// No more changes; now the answers to the client's commands.
    #[must_use = "a collection must be finished"]
    pub fn responses(mut self) -> ResponsesWriter<'a> {
        self.close_commands();
        ResponsesWriter { answer: self.answer, open: false }
    }

    /// Ends a collection without answers to commands.
    pub fn finish(mut self) {
        self.close_commands();
        self.answer.writer.close();
    }

    fn item(&mut self, tag: Tag, server_id: &str, data: impl FnOnce(&mut Writer)) {
        let writer = self.commands();
        writer.open(tag);
        writer.text(page::SERVER_ID, server_id);
        writer.open(page::APPLICATION_DATA);
        data(writer);
        writer.close();
        writer.close();
    }

    fn gone(&mut self, tag: Tag, server_id: &str) {
        let writer = self.commands();
        writer.open(tag);
        writer.text(page::SERVER_ID, server_id);
        writer.close();
    }

    fn commands(&mut self) -> &mut Writer {
        if !self.commands_open {
            self.commands_open = true;
            self.answer.writer.open(page::COMMANDS);
        }
        &mut self.answer.writer
    }

    fn close_commands(&mut self) {
        if self.commands_open {
            self.commands_open = false;
            self.answer.writer.close();
        }
    }
}

/// Writes the answers to the client's commands of one collection.
#[derive(Debug)]
#[must_use = "a collection must be finished"]
pub struct ResponsesWriter<'a> {
    answer: &'a mut ResponseWriter,
    open: bool,
}

impl ResponsesWriter<'_> {
    /// The answer to an Add, always given. `data` tells what the server made of the item (16.0: the names of
    /// attachments), if it tells anything.
    pub fn added(
        &mut self,
        client_id: &str,
        server_id: Option<&str>,
        status: SyncStatus,
        data: Option<&Element>,
    ) {
        let writer = self.begin(page::ADD);
        writer.text(page::CLIENT_ID, client_id);
        if let Some(server_id) = server_id {
            writer.text(page::SERVER_ID, server_id);
        }
        self.end(status, data);
    }

    /// The answer to a Change: for a failure, and from 16.0 where the server has something to tell.
    pub fn changed(
        &mut self,
        server_id: &str,
        instance_id: Option<&str>,
        status: SyncStatus,
        data: Option<&Element>,
    ) {
        self.begin_named(page::CHANGE, server_id, instance_id);
        self.end(status, data);
    }

    /// The answer to a Delete that failed.
    pub fn deleted(&mut self, server_id: &str, instance_id: Option<&str>, status: SyncStatus) {
        self.begin_named(page::DELETE, server_id, instance_id);
        self.end(status, None);
    }

    /// The answer to a Fetch that succeeded.
    pub fn fetched(&mut self, server_id: &str, data: impl FnOnce(&mut Writer)) {
        let writer = self.begin(page::FETCH);
        writer.text(page::SERVER_ID, server_id);
        writer.text(page::STATUS, &SyncStatus::Success.code().to_string());
        writer.open(page::APPLICATION_DATA);
        data(writer);
        writer.close();
        writer.close();
    }

    /// The answer to a Fetch that failed.
    pub fn not_fetched(&mut self, server_id: &str, status: SyncStatus) {
        self.begin(page::FETCH).text(page::SERVER_ID, server_id);
        self.end(status, None);
    }

    /// Ends the collection.
    pub fn finish(self) {
        if self.open {
            self.answer.writer.close();
        }
        self.answer.writer.close();
    }

    /// The occurrence stands beside the item: MS-ASAIRS R1178.
    fn begin_named(&mut self, tag: Tag, server_id: &str, instance_id: Option<&str>) {
        let writer = self.begin(tag);
        writer.text(page::SERVER_ID, server_id);
        if let Some(instance_id) = instance_id {
            writer.text(airsync_base::INSTANCE_ID, instance_id);
        }
    }

    fn begin(&mut self, tag: Tag) -> &mut Writer {
        if !self.open {
            self.open = true;
            self.answer.writer.open(page::RESPONSES);
        }
        self.answer.writer.open(tag);
        &mut self.answer.writer
    }

    fn end(&mut self, status: SyncStatus, data: Option<&Element>) {
        let writer = &mut self.answer.writer;
        writer.text(page::STATUS, &status.code().to_string());
        if let Some(data) = data {
            writer.element(data);
        }
        writer.close();
    }
}
