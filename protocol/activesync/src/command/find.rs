//! Find: mail and people, from 16.1. MS-ASCMD section 2.2.1.2.

use mime::search::Expression;
use vocabulary::Timestamp;
use wbxml::page::{airsync, email, email2, find as page, item_operations};
use wbxml::{Element, Tag, Writer};

use super::search::{Entry, PictureOptions, Range, is_everything, picture_options, range, range_text};
use crate::date;
use crate::error::RequestError;
use crate::item::Class;
use crate::item::email::Importance;
use crate::parse;
use crate::search_text::{TEXT_BYTES_MAX, Term, kql};
use crate::status::FindStatus;

/// Last result that can be retrieved: MS-ASCMD R37071812.
pub const RESULT_LAST: u32 = 999;

/// One page of a search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// All pages of a search have the same (MS-ASCMD R70981808).
    pub search_id: String,
    /// What is searched.
    pub criterion: Criterion,
    /// Which of the results.
    pub range: Option<Range>,
}

/// What is searched, and for what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Criterion {
    /// Mail.
    Mailbox {
        /// What it must have.
        text: Expression<Term>,
        /// Only in this folder, as the client named it.
        collection: Option<String>,
        /// The folders beneath it too.
        is_deep: bool,
    },
    /// People.
    Directory {
        /// How what is looked for begins.
        text: String,
        /// Pictures are wanted.
        picture: Option<PictureOptions>,
    },
}

impl Request {
    /// Reads `<Find>`; `now` says which day is today.
    ///
    /// # Errors
    /// Status 2 if anything of it is invalid (MS-ASCMD R72172512).
    pub fn parse(root: &Element, now: Timestamp) -> Result<Self, RequestError> {
        parse::expect_root(root, page::FIND)?;
        let search_id = parse::required(root, page::SEARCH_ID, "no SearchId")?;
        if !is_guid(search_id.trim()) {
            return Err(RequestError::Structure("SearchId is no GUID"));
        }
        let search = one(root, page::EXECUTE_SEARCH)?.ok_or(RequestError::Structure("no ExecuteSearch"))?;
        let mailbox = one(search, page::MAIL_BOX_SEARCH_CRITERION)?;
        let directory = one(search, page::GAL_SEARCH_CRITERION)?;
        let empty = Element::new(page::OPTIONS);
        let (criterion, range) = match (mailbox, directory) {
            (Some(element), None) => {
                let options = one(element, page::OPTIONS)?.unwrap_or(&empty);
                (mailbox_criterion(element, options, now)?, range_of(options)?)
            }
            (None, Some(element)) => {
                let options = one(element, page::OPTIONS)?.unwrap_or(&empty);
                (directory_criterion(element, options)?, range_of(options)?)
            }
            _ => return Err(RequestError::Structure("not one criterion")),
        };
        Ok(Self { search_id: search_id.trim().to_ascii_lowercase(), criterion, range })
    }
}

fn mailbox_criterion(
    element: &Element,
    options: &Element,
    now: Timestamp,
) -> Result<Criterion, RequestError> {
    let query = one(element, page::QUERY)?.ok_or(RequestError::Structure("no Query"))?;
    let class = one(query, airsync::CLASS)?.map(Element::value);
    if class.is_some_and(|class| Class::from_name(&class) != Some(Class::Email)) {
        return Err(RequestError::Structure("only mail can be found")); // MS-ASCMD R901100613
    }
    let text = kql::parse(&free_text(query)?, now);
    let collection = parse::optional(query, airsync::COLLECTION_ID)?;
    Ok(Criterion::Mailbox {
        text: text.map_err(|_| RequestError::Structure("FreeText is no query"))?,
        collection: collection.filter(|id| !is_everything(id)),
        is_deep: one(options, page::DEEP_TRAVERSAL)?.is_some(),
    })
}

fn directory_criterion(element: &Element, options: &Element) -> Result<Criterion, RequestError> {
    let query = one(element, page::QUERY)?.ok_or(RequestError::Structure("no Query"))?;
    let picture = one(options, page::PICTURE)?;
    let picture = picture.map(|element| picture_options(element, page::MAX_SIZE, page::MAX_PICTURES));
    // MS-ASCMD R6990101755, R6990101756: a text; as a mailbox is asked it is read too.
    let text = match one(query, page::FREE_TEXT)? {
        Some(_) => free_text(query)?,
        None => words(&query.value())?,
    };
    Ok(Criterion::Directory { text, picture: picture.transpose()? })
}

fn free_text(query: &Element) -> Result<String, RequestError> {
    words(&one(query, page::FREE_TEXT)?.map(Element::value).unwrap_or_default())
}

fn words(text: &str) -> Result<String, RequestError> {
    let text = text.trim();
    if text.is_empty() || text.len() > TEXT_BYTES_MAX {
        return Err(RequestError::Structure("FreeText is empty or too long"));
    }
    Ok(text.to_owned())
}

fn range_of(options: &Element) -> Result<Option<Range>, RequestError> {
    let Some(element) = one(options, page::RANGE)? else { return Ok(None) };
    let range = range(&element.value()).filter(|range| range.last <= RESULT_LAST);
    range.map(Some).ok_or(RequestError::Structure("Range is not m-n")) // MS-ASCMD R37071811, R37071812
}

fn is_guid(text: &str) -> bool {
    let inner = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap_or(text);
    let lengths: Vec<usize> = inner.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && inner.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit())
}

/// A child that may be there once.
fn one(parent: &Element, tag: Tag) -> Result<Option<&Element>, RequestError> {
    let mut all = parent.all(tag);
    match (all.next(), all.next()) {
        (first, None) => Ok(first),
        _ => Err(RequestError::Structure("an element stands twice")),
    }
}

/// A mail that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its ServerId.
    pub server_id: String,
    /// Where it is.
    pub collection_id: String,
    /// Its subject.
    pub subject: String,
    /// When it was received.
    pub date_received: Timestamp,
    /// Names of the recipients, separated by semicolons.
    pub display_to: String,
    /// The same of Cc (MS-ASCMD R6439100717).
    pub display_cc: String,
    /// The same of Bcc, where the reader may know them (MS-ASCMD R6439100704).
    pub display_bcc: String,
    /// As the sender said.
    pub importance: Importance,
    /// Whether it has been read.
    pub is_read: bool,
    /// Whether it is still being written.
    pub is_draft: bool,
    /// How its text begins.
    pub preview: String,
    /// Whether something is attached.
    pub has_attachments: bool,
    /// Who wrote it.
    pub from: String,
}

impl Found {
    /// MS-ASCMD R36841704
    fn write(&self, writer: &mut Writer) {
        let flag = |is: bool| if is { "1" } else { "0" };
        let date = date::date_time(self.date_received);
        let importance = self.importance.code().to_string();
        let rows: [(Tag, &str); 11] = [
            (email::SUBJECT, &self.subject),
            (email::DATE_RECEIVED, &date),
            (email::DISPLAY_TO, &self.display_to),
            (page::DISPLAY_CC, &self.display_cc),
            (page::DISPLAY_BCC, &self.display_bcc),
            (email::IMPORTANCE, &importance),
            (email::READ, flag(self.is_read)),
            (email2::IS_DRAFT, flag(self.is_draft)),
            (page::PREVIEW, &self.preview),
            (page::HAS_ATTACHMENTS, flag(self.has_attachments)),
            (email::FROM, &self.from),
        ];
        for (tag, text) in rows {
            // Control characters in headers have broken phones.
            let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
            if !clean.is_empty() {
                writer.text(tag, &clean);
            }
        }
    }
}

/// Writes an answer; results in their order.
#[derive(Debug)]
pub struct ResponseWriter {
    writer: Writer,
    first: u32,
    count: u32,
}

impl ResponseWriter {
    /// An answer whose first result has this number.
    #[must_use]
    pub fn new(status: FindStatus, first: u32) -> Self {
        let mut writer = Writer::new();
        writer.open(page::FIND);
        writer.text(page::STATUS, &FindStatus::Success.code().to_string());
        writer.open(page::RESPONSE);
        writer.text(item_operations::STORE, "Mailbox"); // MS-ASCMD R45251807
        writer.text(page::STATUS, &status.code().to_string());
        Self { writer, first, count: 0 }
    }

    /// A mail.
    pub fn mail(&mut self, found: &Found) {
        self.writer.open(page::RESULT);
        self.writer.text(airsync::CLASS, Class::Email.name());
        self.writer.text(airsync::SERVER_ID, &found.server_id);
        self.writer.text(airsync::COLLECTION_ID, &found.collection_id);
        self.writer.open(page::PROPERTIES);
        found.write(&mut self.writer);
        self.writer.close();
        self.writer.close();
        self.count += 1;
    }

    /// Somebody of the directory.
    pub fn entry(&mut self, entry: &Entry) {
        entry.write(&mut self.writer, page::RESULT, page::PROPERTIES);
        self.count += 1;
    }

    /// The answer; how many results there are, if the search was run.
    #[must_use]
    pub fn finish(mut self, total: Option<u32>) -> Vec<u8> {
        if self.count > 0 {
            self.writer.text(page::RANGE, &range_text(self.first, self.count));
        }
        if let Some(total) = total {
            self.writer.text(page::TOTAL, &total.to_string());
        }
        self.writer.finish()
    }
}
