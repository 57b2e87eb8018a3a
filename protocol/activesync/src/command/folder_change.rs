//! FolderCreate, FolderDelete and FolderUpdate: MS-ASCMD sections 2.2.1.3, 2.2.1.4 and 2.2.1.6.

use wbxml::page::folder_hierarchy as page;
use wbxml::{Element, Tag};

use crate::error::RequestError;
use crate::parse;
use crate::status::FolderChangeStatus;
use crate::sync_key::{ClientKey, SyncKey};

use super::folder_sync::FolderType;

/// Longest display name that is read, in bytes; the store has its own, smaller limit.
pub const DISPLAY_NAME_BYTES_MAX: usize = 1024;

/// What is to be done to the hierarchy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The key of the hierarchy that the client has.
    pub key: ClientKey,
    /// The change.
    pub change: Change,
}

/// One change of the hierarchy. Ids are as the client sent them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// FolderCreate.
    Create {
        /// ServerId of the parent, or `0`.
        parent: String,
        /// The leaf name.
        name: String,
        /// What it is to hold.
        kind: FolderType,
    },
    /// FolderDelete.
    Delete {
        /// Which folder.
        id: String,
    },
    /// FolderUpdate: rename, move or both.
    Update {
        /// Which folder.
        id: String,
        /// Where it is to be.
        parent: String,
        /// What it is to be called.
        name: String,
    },
}

impl Request {
    /// Reads any of the three documents.
    ///
    /// # Errors
    /// Status 10 if something is missing or no such folder type exists.
    pub fn parse(root: &Element) -> Result<Self, RequestError> {
        let change = match root.tag {
            page::FOLDER_CREATE => Change::Create {
                parent: parse::required(root, page::PARENT_ID, "FolderCreate has no ParentId")?,
                name: name(root)?,
                kind: parse::child_number(root, page::TYPE, "folder type is no number")?
                    .and_then(FolderType::from_code)
                    .ok_or(RequestError::Structure("unknown folder type"))?,
            },
            page::FOLDER_DELETE => {
                Change::Delete { id: parse::required(root, page::SERVER_ID, "FolderDelete has no ServerId")? }
            }
            // MS-ASCMD R3102
            page::FOLDER_UPDATE if root.child(page::STATUS).is_some() => {
                return Err(RequestError::Structure("FolderUpdate has a Status"));
            }
            page::FOLDER_UPDATE => Change::Update {
                id: parse::required(root, page::SERVER_ID, "FolderUpdate has no ServerId")?,
                parent: parse::required(root, page::PARENT_ID, "FolderUpdate has no ParentId")?,
                name: name(root)?,
            },
            _ => return Err(RequestError::BODY),
        };
        let key = parse::required(root, page::SYNC_KEY, "folder change has no SyncKey")?;
        Ok(Self { key: ClientKey::parse(&key), change })
    }
}

fn name(root: &Element) -> Result<String, RequestError> {
    let name = root.child_value(page::DISPLAY_NAME).ok_or(RequestError::Structure("no DisplayName"))?;
    if name.is_empty() || name.len() > DISPLAY_NAME_BYTES_MAX {
        return Err(RequestError::Structure("DisplayName is empty or too long"));
    }
    Ok(name.into_owned())
}

/// The answer to a change that was made: only success carries a key (MS-ASCMD R4569, R4570), so a failure
/// is [`super::Command::status_document`]. `created` is the ServerId of a new folder.
#[must_use]
pub fn success(change: &Change, key: SyncKey, created: Option<String>) -> Element {
    let document = Element::new(root_tag(change))
        .with(Element::text(page::STATUS, FolderChangeStatus::Success.code().to_string()))
        .with(Element::text(page::SYNC_KEY, key.to_string()));
    match created {
        Some(id) => document.with(Element::text(page::SERVER_ID, id)),
        None => document,
    }
}

fn root_tag(change: &Change) -> Tag {
    match change {
        Change::Create { .. } => page::FOLDER_CREATE,
        Change::Delete { .. } => page::FOLDER_DELETE,
        Change::Update { .. } => page::FOLDER_UPDATE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(tag: Tag, value: &str) -> Element {
        Element::text(tag, value)
    }

    // MS-ASCMD R3102
    #[test]
    fn the_three_changes_are_read_and_answered() {
        let create = Element::new(page::FOLDER_CREATE)
            .with(text(page::SYNC_KEY, "1.1"))
            .with(text(page::PARENT_ID, "0"))
            .with(text(page::DISPLAY_NAME, "probe ü"))
            .with(text(page::TYPE, "12"));
        let request = Request::parse(&create).unwrap();
        let expected =
            Change::Create { parent: "0".into(), name: "probe ü".into(), kind: FolderType::UserMail };
        assert_eq!(request.change, expected);
        assert_eq!(request.key, ClientKey::Issued(SyncKey { generation: 1, counter: 1 }));

        let answer = success(&request.change, SyncKey { generation: 1, counter: 2 }, Some("1w5".into()));
        assert_eq!(answer.tag, page::FOLDER_CREATE);
        let tags: Vec<_> = answer.children().map(|child| child.tag).collect();
        assert_eq!(tags, [page::STATUS, page::SYNC_KEY, page::SERVER_ID]);

        let update = Element::new(page::FOLDER_UPDATE)
            .with(text(page::SYNC_KEY, "0"))
            .with(text(page::SERVER_ID, "1w5"))
            .with(text(page::PARENT_ID, "1w2"))
            .with(text(page::DISPLAY_NAME, "new"));
        let expected = Change::Update { id: "1w5".into(), parent: "1w2".into(), name: "new".into() };
        assert_eq!(Request::parse(&update).unwrap().change, expected);
        let odd = Request::parse(&update.with(text(page::STATUS, "1")));
        assert!(matches!(odd, Err(RequestError::Structure(_))), "MS-ASCMD R3102");

        let delete = Element::new(page::FOLDER_DELETE)
            .with(text(page::SYNC_KEY, "0"))
            .with(text(page::SERVER_ID, "1w5"));
        let request = Request::parse(&delete).unwrap();
        assert_eq!(request.change, Change::Delete { id: "1w5".into() });
        assert_eq!(
            success(&request.change, SyncKey { generation: 1, counter: 3 }, None).children().count(),
            2
        );
    }

    #[test]
    fn incomplete_changes_are_refused() {
        let full =
            [(page::SYNC_KEY, "1.1"), (page::PARENT_ID, "0"), (page::DISPLAY_NAME, "a"), (page::TYPE, "12")];
        for left_out in 0..full.len() {
            let mut root = Element::new(page::FOLDER_CREATE);
            for (index, (tag, value)) in full.iter().enumerate() {
                if index != left_out {
                    root.push(text(*tag, value));
                }
            }
            assert!(matches!(Request::parse(&root), Err(RequestError::Structure(_))), "{left_out}");
        }
        let long = "a".repeat(DISPLAY_NAME_BYTES_MAX + 1);
        for (name, kind) in [("", "12"), (long.as_str(), "12"), ("a", "99"), ("a", "x")] {
            let root = Element::new(page::FOLDER_CREATE)
                .with(text(page::SYNC_KEY, "1.1"))
                .with(text(page::PARENT_ID, "0"))
                .with(text(page::DISPLAY_NAME, name))
                .with(text(page::TYPE, kind));
            assert!(Request::parse(&root).is_err());
        }
    }
}
