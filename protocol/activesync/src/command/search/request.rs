//! What a client asks of Search.

use mime::search::Expression;
use vocabulary::Timestamp;
use wbxml::page::{airsync, airsync_base, document_library, email, search as page};
use wbxml::{Element, Tag};

use super::directory::{PictureOptions, picture_options};
use crate::body::{BodyPreference, MimeSupport, body_preferences, mime_support};
use crate::error::RequestError;
use crate::item::Class;
use crate::parse;
use crate::search_text::{Term, Unsearchable, words};
use crate::status::SearchStatus as Status;
use crate::version::Version;

/// Most folders that one request names.
pub const COLLECTIONS_MAX: usize = 1_000;
/// Longest name and password for a library, in characters: MS-ASCMD R3582.
const CREDENTIAL_CHARACTERS_MAX: usize = 100;

/// First and last result that is wanted, both included, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// The first.
    pub first: u32,
    /// The last, never before the first.
    pub last: u32,
}

/// What is searched, and for what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Query {
    /// Items of the mailbox.
    Mailbox(Box<MailboxQuery>),
    /// People.
    Directory(DirectoryQuery),
}

/// A search of the mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailboxQuery {
    /// Only these; empty for all (MS-ASCMD R922).
    pub classes: Vec<Class>,
    /// Only these folders, as the client named them; empty for all.
    pub collections: Vec<String>,
    /// The folders beneath them too (MS-ASCMD R2146).
    pub is_deep: bool,
    /// Only this conversation (14.0).
    pub conversation: Option<Vec<u8>>,
    /// What the items must have.
    pub text: Expression<Term>,
    /// Only what was received after this.
    pub after: Option<Timestamp>,
    /// Only what was received before this.
    pub before: Option<Timestamp>,
    /// Which of the results.
    pub range: Option<Range>,
    /// The forms of body that the client takes.
    pub body_preferences: Vec<BodyPreference>,
    /// When the whole message is wanted.
    pub mime_support: MimeSupport,
}

/// A search of the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryQuery {
    /// How what is looked for begins.
    pub text: String,
    /// Which of the results.
    pub range: Option<Range>,
    /// Pictures are wanted (14.1).
    pub picture: Option<PictureOptions>,
}

/// Why a query cannot be run: the status of its store.
type Parsed<T> = Result<T, Status>;

/// Reads `<Search>`.
///
/// # Errors
/// Status 103 if there is not one Store. What is wrong within it is the store's own status.
pub fn parse(root: &Element, version: Version) -> Result<Parsed<Query>, RequestError> {
    parse::expect_root(root, page::SEARCH)?;
    let mut stores = root.all(page::STORE);
    match (stores.next(), stores.next()) {
        (Some(store), None) => Ok(query(store, version)),
        // MS-ASCMD R4534
        _ => Err(RequestError::Structure("Search of no or several stores")),
    }
}

fn query(store: &Element, version: Version) -> Parsed<Query> {
    let name = one(store, page::NAME)?.ok_or(Status::InvalidRequest)?.value();
    let query = one(store, page::QUERY)?.ok_or(Status::InvalidRequest)?;
    let empty = Element::new(page::OPTIONS);
    let options = one(store, page::OPTIONS)?.unwrap_or(&empty);
    match name.trim().to_ascii_lowercase().as_str() {
        "mailbox" => mailbox(query, options, version).map(Box::new).map(Query::Mailbox),
        "gal" => directory(query, options, version).map(Query::Directory),
        "documentlibrary" => Err(library(query, options)),
        _ => Err(Status::InvalidRequest),
    }
}

fn mailbox(query: &Element, options: &Element, version: Version) -> Parsed<MailboxQuery> {
    let mut parts = query.children();
    let and = match (parts.next(), parts.next()) {
        (Some(and), None) if and.tag == page::AND => and,
        (None, _) => return Err(Status::InvalidRequest),
        // MS-ASCMD R772, R923, R2032, R2086, R3105, R3143, R3220
        _ => return Err(Status::TooComplex),
    };
    if and.children().any(|child| [page::AND, page::OR, page::EQUAL_TO].contains(&child.tag)) {
        return Err(Status::TooComplex);
    }
    let text = match one(and, page::FREE_TEXT)? {
        Some(text) => words(&text.value()).map_err(|error| match error {
            Unsearchable::TooComplex => Status::TooComplex,
            Unsearchable::Empty | Unsearchable::Date => Status::InvalidRequest,
        })?,
        None => Expression::Always(true),
    };
    let conversation = one(and, page::CONVERSATION_ID)?.map(|id| id.bytes().into_owned());
    let invalid = |_: RequestError| Status::InvalidRequest;
    Ok(MailboxQuery {
        classes: and.all(airsync::CLASS).map(|class| class_of(class, version)).collect::<Parsed<_>>()?,
        collections: collections(and)?,
        is_deep: one(options, page::DEEP_TRAVERSAL)?.is_some(),
        conversation: conversation.filter(|_| version >= Version::V14_0),
        text,
        after: one(and, page::GREATER_THAN)?.map(moment).transpose()?,
        before: one(and, page::LESS_THAN)?.map(moment).transpose()?,
        range: range_of(options)?,
        body_preferences: body_preferences(options, airsync_base::BODY_PREFERENCE).map_err(invalid)?,
        mime_support: mime_support(options).map_err(invalid)?,
    })
}

/// MS-ASCMD R920, R6288
fn class_of(element: &Element, version: Version) -> Parsed<Class> {
    match Class::from_name(&element.value()) {
        Some(Class::Notes | Class::Sms) if version < Version::V14_0 => Err(Status::InvalidRequest),
        class => class.ok_or(Status::InvalidRequest),
    }
}

fn collections(and: &Element) -> Parsed<Vec<String>> {
    let named: Vec<_> = and.all(airsync::COLLECTION_ID).take(COLLECTIONS_MAX + 1).collect();
    if named.len() > COLLECTIONS_MAX {
        return Err(Status::TooComplex);
    }
    // Outlook says 0 where others say nothing.
    if named.iter().any(|id| is_everything(&id.value())) {
        return Ok(Vec::new());
    }
    Ok(named.iter().map(|id| id.value().into_owned()).collect())
}

/// Whether a CollectionId names all folders: `0` is the root of all.
pub(crate) fn is_everything(id: &str) -> bool {
    matches!(id.trim(), "" | crate::server_id::ROOT_FOLDER)
}

/// `GreaterThan` and `LessThan`: what is compared, then the value (MS-ASCMD R3141, R3218).
fn moment(comparison: &Element) -> Parsed<Timestamp> {
    let mut parts = comparison.children();
    match (parts.next(), parts.next(), parts.next()) {
        (Some(what), Some(value), None) if what.tag == email::DATE_RECEIVED && value.tag == page::VALUE => {
            parse::timestamp(value).ok_or(Status::InvalidRequest)
        }
        _ => Err(Status::InvalidRequest),
    }
}

fn directory(query: &Element, options: &Element, version: Version) -> Parsed<DirectoryQuery> {
    let text = query.value().trim().to_owned();
    if text.is_empty() || text.len() > crate::search_text::TEXT_BYTES_MAX {
        return Err(Status::InvalidRequest);
    }
    let picture = one(options, page::PICTURE)?.filter(|_| version >= Version::V14_1);
    let picture = picture.map(|element| picture_options(element, page::MAX_SIZE, page::MAX_PICTURES));
    Ok(DirectoryQuery {
        text,
        range: range_of(options)?,
        picture: picture.transpose().map_err(|_| Status::InvalidRequest)?,
    })
}

/// There are none here: the request is only told apart from nonsense (MS-ASCMD R4364, R4336).
fn library(query: &Element, options: &Element) -> Status {
    let named = query.child(page::EQUAL_TO).filter(|equal| equal.child(document_library::LINK_ID).is_some());
    let Some(link) = named.and_then(|equal| equal.child_value(page::VALUE)) else {
        return Status::InvalidRequest;
    };
    for credential in [page::USER_NAME, page::PASSWORD] {
        let text = options.child_value(credential).unwrap_or_default();
        if text.chars().count() > CREDENTIAL_CHARACTERS_MAX {
            return Status::InvalidRequest;
        }
    }
    let link = link.trim();
    let is_link = link.starts_with(r"\\")
        || link.split_once("://").is_some_and(|(scheme, rest)| {
            !rest.is_empty() && !scheme.is_empty() && scheme.bytes().all(|b| b.is_ascii_alphanumeric())
        });
    if is_link { Status::AccessBlocked } else { Status::BadLink }
}

fn range_of(options: &Element) -> Parsed<Option<Range>> {
    let range = one(options, page::RANGE)?.map(|element| range(&element.value()));
    range.map(|range| range.ok_or(Status::InvalidRequest)).transpose()
}

/// `m-n`, counted from 0, m not above n: MS-ASCMD R431, R3725.
pub(crate) fn range(text: &str) -> Option<Range> {
    let (first, last) = text.trim().split_once('-')?;
    let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten();
    let range = Range { first: number(first)?, last: number(last)? };
    (range.first <= range.last).then_some(range)
}

/// The range of `count` results from `first` on; a range of nothing cannot be written.
pub(crate) fn range_text(first: u32, count: u32) -> String {
    format!("{first}-{}", first.saturating_add(count.saturating_sub(1)))
}

/// A child that may be there once: twice is undefined, and so an error here.
fn one(parent: &Element, tag: Tag) -> Parsed<Option<&Element>> {
    let mut all = parent.all(tag);
    match (all.next(), all.next()) {
        (first, None) => Ok(first),
        _ => Err(Status::InvalidRequest),
    }
}
