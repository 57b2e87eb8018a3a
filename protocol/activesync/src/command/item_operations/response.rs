//! What ItemOperations answers: in one piece, or multipart (MS-ASCMD section 2.2.1.10.1).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use wbxml::page::{airsync, airsync_base, document_library, item_operations as page, search};
use wbxml::{Tag, Writer};

use super::request::Target;
use crate::item::Class;
use crate::item::email::{Destination, Parts};
use crate::status::ItemOperationsStatus;

/// Content type of an answer in one piece.
const WBXML: &str = "application/vnd.ms-sync.wbxml";
/// Content type of an answer in parts: MS-ASCMD R5505.
const MULTIPART: &str = "application/vnd.ms-sync.multipart";

/// Writes an answer; operations in the order of the request.
#[derive(Debug)]
pub struct ResponseWriter {
    writer: Writer,
    parts: Option<Parts>,
}

/// The body of the HTTP answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// For the Content-Type header.
    pub content_type: &'static str,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// An attachment, or a piece of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachmentAnswer {
    /// Its media type.
    pub content_type: String,
    /// First byte and size of the whole, if a Range was asked for. Some phones take an unasked Range for
    /// an error.
    pub range: Option<(u64, u64)>,
    /// The bytes.
    pub data: Vec<u8>,
}

impl ResponseWriter {
    /// `multipart`: the client asked for it by MS-ASAcceptMultiPart or in the query.
    #[must_use]
    pub fn new(multipart: bool) -> Self {
        let mut writer = Writer::new();
        writer.open(page::ITEM_OPERATIONS);
        status(&mut writer, ItemOperationsStatus::Success);
        writer.open(page::RESPONSE);
        Self { writer, parts: multipart.then(Parts::default) }
    }

    /// An item; `properties` writes what stands inside Properties.
    pub fn item(&mut self, target: &Target, class: Class, properties: impl FnOnce(Destination<'_>)) {
        self.begin_fetch(ItemOperationsStatus::Success, target);
        self.writer.text(airsync::CLASS, class.name());
        self.writer.open(page::PROPERTIES);
        properties(Destination { writer: &mut self.writer, parts: self.parts.as_mut() });
        self.writer.close();
        self.writer.close();
    }

    /// An attachment.
    pub fn attachment(&mut self, target: &Target, answer: AttachmentAnswer) {
        self.begin_fetch(ItemOperationsStatus::Success, target);
        self.writer.open(page::PROPERTIES);
        if let Some((first, total)) = answer.range {
            let length = u64::try_from(answer.data.len()).unwrap_or(u64::MAX);
            let last = first.saturating_add(length).saturating_sub(1);
            self.writer.text(page::RANGE, &format!("{first}-{last}"));
            self.writer.text(page::TOTAL, &total.to_string());
        }
        self.writer.text(airsync_base::CONTENT_TYPE, &answer.content_type);
        match &mut self.parts {
            Some(parts) => {
                let index = parts.push(answer.data);
                self.writer.text(page::PART, &index.to_string()); // MS-ASCMD R6937
            }
            None => self.writer.text(page::DATA, &STANDARD.encode(answer.data)), // MS-ASCMD R2130
        }
        self.writer.close();
        self.writer.close();
    }

    /// A Fetch that failed.
    pub fn fetch_failed(&mut self, target: &Target, code: ItemOperationsStatus) {
        self.begin_fetch(code, target);
        self.writer.close();
    }

    /// How emptying a folder went.
    pub fn emptied(&mut self, collection_id: &str, code: ItemOperationsStatus) {
        self.writer.open(page::EMPTY_FOLDER_CONTENTS);
        status(&mut self.writer, code);
        self.writer.text(airsync::COLLECTION_ID, collection_id);
        self.writer.close();
    }

    /// How moving a conversation went.
    pub fn moved(&mut self, conversation_id: &[u8], code: ItemOperationsStatus) {
        self.writer.open(page::MOVE);
        status(&mut self.writer, code);
        self.writer.opaque(page::CONVERSATION_ID, conversation_id);
        self.writer.close();
    }

    /// Bytes of the document so far, without parts.
    #[must_use]
    pub fn len(&self) -> usize {
        self.writer.len()
    }

    /// Never: the document begins with its status.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        false
    }

    /// The answer.
    #[must_use]
    pub fn finish(mut self) -> Body {
        self.writer.close();
        self.writer.close();
        let document = self.writer.finish();
        match self.parts {
            None => Body { content_type: WBXML, bytes: document },
            Some(parts) => Body { content_type: MULTIPART, bytes: multipart(&document, &parts.into_inner()) },
        }
    }

    fn begin_fetch(&mut self, code: ItemOperationsStatus, target: &Target) {
        self.writer.open(page::FETCH);
        status(&mut self.writer, code);
        match target {
            Target::Item { collection_id, server_id } => {
                self.writer.text(airsync::COLLECTION_ID, collection_id);
                self.writer.text(airsync::SERVER_ID, server_id);
            }
            Target::LongId(id) => self.named(search::LONG_ID, id),
            Target::FileReference(reference) => self.named(airsync_base::FILE_REFERENCE, reference),
            Target::LinkId(id) => self.named(document_library::LINK_ID, id),
        }
    }

    fn named(&mut self, tag: Tag, name: &str) {
        self.writer.text(tag, name);
    }
}

fn status(writer: &mut Writer, code: ItemOperationsStatus) {
    writer.text(page::STATUS, &code.code().to_string());
}

/// MS-ASCMD R5508 to R5518: the number of parts, offset and length of each, then the parts; all numbers 32 bit
/// little endian, offsets from the beginning of the answer. The document is part 0.
fn multipart(document: &[u8], parts: &[Vec<u8>]) -> Vec<u8> {
    let all: Vec<&[u8]> = std::iter::once(document).chain(parts.iter().map(Vec::as_slice)).collect();
    let table_bytes = 4 + 8 * all.len();
    let content_bytes: usize = all.iter().map(|part| part.len()).sum();
    let mut out = Vec::with_capacity(table_bytes + content_bytes);
    let number = |out: &mut Vec<u8>, value: usize| {
        out.extend_from_slice(&u32::try_from(value).unwrap_or(u32::MAX).to_le_bytes());
    };
    number(&mut out, all.len());
    let mut offset = table_bytes;
    for part in &all {
        number(&mut out, offset);
        number(&mut out, part.len());
        offset += part.len();
    }
    for part in all {
        out.extend_from_slice(part);
    }
    out
}
