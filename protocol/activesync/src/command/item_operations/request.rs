//! What a client asks of ItemOperations.

use wbxml::page::{
    airsync, airsync_base, document_library, item_operations as page, rights_management, search,
};
use wbxml::{Element, Tag};

use crate::body::{BodyPreference, MimeSupport, body_part_preference, body_preferences, mime_support};
use crate::error::RequestError;
use crate::parse;

/// Most operations of one request.
pub const OPERATIONS_MAX: usize = 200;

/// One operation; they are run in the order of the request (MS-ASCMD R193). Ids are as the client sent them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// An item or attachment is wanted.
    Fetch(Fetch),
    /// A folder is to be emptied.
    EmptyFolderContents {
        /// Which folder.
        collection_id: String,
        /// Its subfolders go too (MS-ASCMD R2244).
        delete_sub_folders: bool,
    },
    /// A conversation is to be moved (14.0).
    Move {
        /// Which conversation.
        conversation_id: Vec<u8>,
        /// Where to.
        destination: String,
        /// Its future mails too; without it the answer is 155 (MS-ASCMD R4171).
        move_always: bool,
    },
}

/// Where to look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Store {
    /// The mailbox.
    Mailbox,
    /// Anything else, answered with [`crate::status::ItemOperationsStatus::UnknownStore`].
    Other(String),
}

/// What to fetch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// An item by folder and id.
    Item {
        /// The folder.
        collection_id: String,
        /// The item.
        server_id: String,
    },
    /// An item by a result of Search.
    LongId(String),
    /// An attachment.
    FileReference(String),
    /// A document of a library.
    LinkId(String),
}

/// One item or attachment that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetch {
    /// Where to look.
    pub store: Store,
    /// What for.
    pub target: Target,
    /// How it is wanted.
    pub options: FetchOptions,
}

/// How an item is wanted: MS-ASCMD section 2.2.3.125.3.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FetchOptions {
    /// Only these properties; `None` for all (MS-ASCMD R3879).
    pub schema: Option<Vec<Tag>>,
    /// First and last byte, both included.
    pub range: Option<(u64, u64)>,
    /// The forms of body that the client takes.
    pub body_preferences: Vec<BodyPreference>,
    /// How the client takes what is a message's own part (14.1).
    pub body_part_preference: Option<BodyPreference>,
    /// When the whole message is wanted.
    pub mime_support: MimeSupport,
    /// The client enforces rights management (14.1).
    pub rights_management: bool,
}

/// Reads `<ItemOperations>`.
///
/// # Errors
/// Status 2 if there is no operation, there are too many, or one is malformed (MS-ASCMD R765).
pub fn parse(root: &Element) -> Result<Vec<Operation>, RequestError> {
    parse::expect_root(root, page::ITEM_OPERATIONS)?;
    let mut operations = Vec::new();
    for child in root.children() {
        let operation = match child.tag {
            page::FETCH => Operation::Fetch(fetch(child)?),
            page::EMPTY_FOLDER_CONTENTS => empty_folder(child)?,
            page::MOVE => move_conversation(child)?,
            _ => continue,
        };
        if operations.len() == OPERATIONS_MAX {
            return Err(RequestError::Structure("too many operations"));
        }
        operations.push(operation);
    }
    if operations.is_empty() {
        return Err(RequestError::Structure("no operation"));
    }
    Ok(operations)
}

fn fetch(element: &Element) -> Result<Fetch, RequestError> {
    let store = parse::required(element, page::STORE, "Fetch has no Store")?;
    let store = if store.eq_ignore_ascii_case("mailbox") { Store::Mailbox } else { Store::Other(store) };
    Ok(Fetch {
        store,
        target: target(element)?,
        options: element.child(page::OPTIONS).map(options).transpose()?.unwrap_or_default(),
    })
}

fn target(element: &Element) -> Result<Target, RequestError> {
    let references =
        [airsync_base::FILE_REFERENCE, search::LONG_ID, airsync::SERVER_ID, document_library::LINK_ID];
    let named: usize = references.iter().map(|tag| element.all(*tag).count()).sum();
    if named != 1 {
        return Err(RequestError::Structure("Fetch names none or several items")); // MS-ASCMD R765
    }
    if let Some(reference) = parse::optional(element, airsync_base::FILE_REFERENCE)? {
        return Ok(Target::FileReference(reference));
    }
    if let Some(id) = parse::optional(element, search::LONG_ID)? {
        return Ok(Target::LongId(id));
    }
    if let Some(id) = parse::optional(element, document_library::LINK_ID)? {
        return Ok(Target::LinkId(id));
    }
    Ok(Target::Item {
        collection_id: parse::required(element, airsync::COLLECTION_ID, "Fetch has no CollectionId")?,
        server_id: parse::required(element, airsync::SERVER_ID, "Fetch has no ServerId")?,
    })
}

fn options(element: &Element) -> Result<FetchOptions, RequestError> {
    let schema = element.child(page::SCHEMA).map(|list| list.children().map(|child| child.tag).collect());
    Ok(FetchOptions {
        schema,
        range: element.child(page::RANGE).map(range).transpose()?,
        body_preferences: body_preferences(element, airsync_base::BODY_PREFERENCE)?,
        body_part_preference: body_part_preference(element)?,
        mime_support: mime_support(element)?,
        rights_management: parse::flag(element.child(rights_management::RIGHTS_MANAGEMENT_SUPPORT)),
    })
}

/// `m-n` with m not above n: MS-ASCMD R3711.
fn range(element: &Element) -> Result<(u64, u64), RequestError> {
    let text = element.value();
    let bounds =
        text.trim().split_once('-').and_then(|(first, last)| Some((first.parse().ok()?, last.parse().ok()?)));
    match bounds {
        Some((first, last)) if first <= last => Ok((first, last)),
        _ => Err(RequestError::Structure("Range is not m-n")),
    }
}

fn empty_folder(element: &Element) -> Result<Operation, RequestError> {
    let options = element.child(page::OPTIONS);
    Ok(Operation::EmptyFolderContents {
        collection_id: parse::required(element, airsync::COLLECTION_ID, "EmptyFolderContents of no folder")?,
        delete_sub_folders: parse::flag(options.and_then(|options| options.child(page::DELETE_SUB_FOLDERS))),
    })
}

fn move_conversation(element: &Element) -> Result<Operation, RequestError> {
    let id =
        element.child(page::CONVERSATION_ID).ok_or(RequestError::Structure("Move of no conversation"))?;
    let conversation_id = id.bytes().into_owned();
    if conversation_id.len() > parse::IDENTIFIER_BYTES_MAX {
        return Err(RequestError::Structure("ConversationId is too long"));
    }
    let options = element.child(page::OPTIONS);
    Ok(Operation::Move {
        conversation_id,
        destination: parse::required(element, page::DST_FLD_ID, "Move has no DstFldId")?,
        move_always: parse::flag(options.and_then(|options| options.child(page::MOVE_ALWAYS))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fetch(children: &[(Tag, &str)]) -> Element {
        let mut fetch = Element::new(page::FETCH);
        for (tag, value) in children {
            fetch.push(Element::text(*tag, *value));
        }
        fetch
    }

    fn one(operation: Element) -> Result<Operation, RequestError> {
        let root = Element::new(page::ITEM_OPERATIONS).with(operation);
        parse(&root).map(|mut operations| operations.remove(0))
    }

    #[test]
    fn items_are_fetched_by_each_kind_of_name() {
        let mailbox = (page::STORE, "Mailbox");
        let item = [mailbox, (airsync::COLLECTION_ID, "1w5"), (airsync::SERVER_ID, "1w5x2")];
        for (children, expected) in [
            (&item[..], Target::Item { collection_id: "1w5".into(), server_id: "1w5x2".into() }),
            (&[mailbox, (search::LONG_ID, "l")], Target::LongId("l".into())),
            (&[mailbox, (airsync_base::FILE_REFERENCE, "f")], Target::FileReference("f".into())),
            (&[mailbox, (document_library::LINK_ID, "d")], Target::LinkId("d".into())),
        ] {
            let Operation::Fetch(read) = one(fetch(children)).unwrap() else { panic!("not a Fetch") };
            assert_eq!((read.store, read.target), (Store::Mailbox, expected));
        }
    }

    #[test]
    fn the_options_say_how() {
        let preference = Element::new(airsync_base::BODY_PREFERENCE).with_text(airsync_base::TYPE, "4");
        let options = Element::new(page::OPTIONS)
            .with_text(airsync::MIME_SUPPORT, "2")
            .with_text(page::RANGE, "10-19")
            .with(Element::new(page::SCHEMA).with_empty(airsync_base::BODY))
            .with(preference);
        let element = fetch(&[(page::STORE, "Mailbox"), (airsync_base::FILE_REFERENCE, "f")]).with(options);
        let Operation::Fetch(read) = one(element).unwrap() else { panic!("not a Fetch") };
        assert_eq!(read.options.mime_support, MimeSupport::Always);
        assert_eq!(read.options.range, Some((10, 19)));
        assert_eq!(read.options.schema, Some(vec![airsync_base::BODY]));
        assert_eq!(read.options.body_preferences.len(), 1);
    }

    #[test]
    fn folders_are_emptied_and_conversations_moved() {
        let options = Element::new(page::OPTIONS).with_empty(page::DELETE_SUB_FOLDERS);
        let empty =
            Element::new(page::EMPTY_FOLDER_CONTENTS).with_text(airsync::COLLECTION_ID, "1w5").with(options);
        let expected =
            Operation::EmptyFolderContents { collection_id: "1w5".into(), delete_sub_folders: true };
        assert_eq!(one(empty), Ok(expected));
        let moving = Element::new(page::MOVE)
            .with_opaque(page::CONVERSATION_ID, vec![1, 2])
            .with_text(page::DST_FLD_ID, "1w6");
        let expected =
            Operation::Move { conversation_id: vec![1, 2], destination: "1w6".into(), move_always: false };
        assert_eq!(one(moving), Ok(expected));
    }

    #[test]
    fn malformed_operations_are_refused() {
        let mailbox = (page::STORE, "Mailbox");
        let reference = (airsync_base::FILE_REFERENCE, "f");
        for children in [
            &[mailbox][..],
            &[reference],
            &[mailbox, reference, reference],
            &[mailbox, reference, (search::LONG_ID, "l")],
            &[mailbox, (airsync::SERVER_ID, "1w5x2")],
        ] {
            assert!(matches!(one(fetch(children)), Err(RequestError::Structure(_))), "{children:?}");
        }
        for range in ["", "-", "5", "9-1", "a-b", "-1-5"] {
            let options = Element::new(page::OPTIONS).with_text(page::RANGE, range);
            assert!(one(fetch(&[mailbox, reference]).with(options)).is_err(), "{range}");
        }
        assert!(parse(&Element::new(page::ITEM_OPERATIONS)).is_err());
        let mut many = Element::new(page::ITEM_OPERATIONS);
        for _ in 0..OPERATIONS_MAX {
            many.push(fetch(&[mailbox, reference]));
        }
        assert!(parse(&many).is_ok());
        many.push(fetch(&[mailbox, reference]));
        assert!(parse(&many).is_err());
    }
}
