//! What Search answers.

use wbxml::page::{airsync, search as page};
use wbxml::{Element, Writer};

use super::directory::Entry;
use super::request::range_text;
use crate::item::{Class, Destination};
use crate::status::SearchStatus;

/// Writes an answer; results in their order.
#[derive(Debug)]
pub struct ResponseWriter {
    writer: Writer,
    first: u32,
    count: u32,
}

/// An answer without results: what is wrong with the store's query (MS-ASCMD R4325).
#[must_use]
pub fn failed(status: SearchStatus) -> Element {
    let store = Element::new(page::STORE).with_text(page::STATUS, status.code().to_string());
    Element::new(page::SEARCH)
        .with_text(page::STATUS, SearchStatus::Success.code().to_string())
        .with(Element::new(page::RESPONSE).with(store))
}

impl ResponseWriter {
    /// An answer whose first result has this number.
    #[must_use]
    pub fn new(status: SearchStatus, first: u32) -> Self {
        let mut writer = Writer::new();
        writer.open(page::SEARCH);
        writer.text(page::STATUS, &SearchStatus::Success.code().to_string());
        writer.open(page::RESPONSE);
        writer.open(page::STORE);
        writer.text(page::STATUS, &status.code().to_string());
        Self { writer, first, count: 0 }
    }

    /// An item; `properties` writes what stands inside Properties.
    pub fn item(
        &mut self,
        class: Class,
        long_id: &str,
        collection_id: &str,
        properties: impl FnOnce(Destination<'_>),
    ) {
        self.writer.open(page::RESULT);
        self.writer.text(airsync::CLASS, class.name());
        self.writer.text(page::LONG_ID, long_id);
        self.writer.text(airsync::COLLECTION_ID, collection_id);
        self.writer.open(page::PROPERTIES);
        properties(Destination { writer: &mut self.writer, parts: None });
        self.writer.close();
        self.writer.close();
        self.count += 1;
    }

    /// Somebody of the directory.
    pub fn entry(&mut self, entry: &Entry) {
        entry.write(&mut self.writer, page::RESULT, page::PROPERTIES);
        self.count += 1;
    }

    /// How many results are written.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Bytes of the answer so far.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "the statuses are always there")]
    pub fn len(&self) -> usize {
        self.writer.len()
    }

    /// The answer. Some phones need Range and Total even if nothing was found.
    #[must_use]
    pub fn finish(mut self, total: u32, is_mailbox: bool) -> Vec<u8> {
        if self.count == 0 && is_mailbox {
            self.writer.empty(page::RESULT); // MS-ASCMD R3850
        }
        self.writer.text(page::RANGE, &range_text(self.first, self.count));
        self.writer.text(page::TOTAL, &total.to_string());
        self.writer.finish()
    }
}
