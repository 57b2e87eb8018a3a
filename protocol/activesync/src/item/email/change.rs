//! A mail on its way from the client: flags in every version, drafts from 16.0.

use wbxml::page::{airsync_base, email, email2};
use wbxml::{Element, Tag};

use super::{AttachmentMethod, Flag, Importance};
use crate::body::BodyType;
use crate::item::ConversionError;
use crate::parse;
use crate::version::Version;

/// Most categories of one mail: MS-ASEMAIL R324.
pub const CATEGORIES_MAX: usize = 300;
/// Longest category that is kept, in characters.
pub const CATEGORY_CHARACTERS_MAX: usize = 255;
/// Longest list of recipients, in characters: MS-ASEMAIL R788.
pub const RECIPIENTS_CHARACTERS_MAX: usize = 32_768;
/// Most attachments added or taken away by one change.
pub const ATTACHMENTS_MAX: usize = 1000;

/// What a Change says; `None` leaves things as they are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Change {
    /// Read or not.
    pub read: Option<bool>,
    /// The follow-up flag.
    pub flag: Option<FlagChange>,
    /// All categories anew; an empty list removes them (MS-ASEMAIL R319, R320).
    pub categories: Option<Vec<String>>,
    /// Content of a draft, from 16.0; `None` if nothing of it is said.
    pub draft: Option<Draft>,
}

/// Files that come and go with a draft or an event, from 16.0: MS-ASAIRS section 2.2.2.8.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AttachmentChanges {
    /// Those that come, in their order.
    pub added: Vec<DraftAttachment>,
    /// FileReferences of those that go.
    pub deleted: Vec<String>,
}

impl AttachmentChanges {
    /// Reads them out of ApplicationData.
    ///
    /// # Errors
    /// Item status 6: an Add without ClientId or Content, a Delete of nothing, another method than 1 or 5, or too many.
    pub fn parse(data: &Element) -> Result<Self, ConversionError> {
        let mut changes = Self::default();
        let list = data.child(airsync_base::ATTACHMENTS);
        for (count, child) in list.into_iter().flat_map(|list| list.children()).enumerate() {
            if count == ATTACHMENTS_MAX {
                return Err(ConversionError("too many attachments"));
            }
            match child.tag {
                airsync_base::ADD => changes.added.push(attachment(child)?),
                airsync_base::DELETE => {
                    let reference = line(child, airsync_base::FILE_REFERENCE)?;
                    changes.deleted.push(reference.ok_or(ConversionError("Delete of no attachment"))?);
                }
                _ => {}
            }
        }
        Ok(changes)
    }
}

/// What becomes of the flag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FlagChange {
    /// It goes.
    Clear,
    /// It is set anew.
    Set(Flag),
}

/// What the client says of a draft; `None` leaves things as they are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Draft {
    /// Recipients, separated by commas.
    pub to: Option<String>,
    /// Recipients, separated by commas.
    pub cc: Option<String>,
    /// Recipients, separated by commas.
    pub bcc: Option<String>,
    /// Separated by semicolons.
    pub reply_to: Option<String>,
    /// The subject.
    pub subject: Option<String>,
    /// How important.
    pub importance: Option<Importance>,
    /// The text; with [`BodyType::Mime`] the whole message.
    pub body: Option<(BodyType, Vec<u8>)>,
    /// Attachments that come.
    pub attachments_added: Vec<DraftAttachment>,
    /// FileReferences of attachments that go.
    pub attachments_deleted: Vec<String>,
}

/// An attachment that comes with a draft: MS-ASAIRS section 2.2.2.2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftAttachment {
    /// The client's name for it, repeated in the answer with the FileReference.
    pub client_id: String,
    /// Its file name.
    pub display_name: String,
    /// Its media type.
    pub content_type: Option<String>,
    /// A file or an enclosed message.
    pub method: AttachmentMethod,
    /// Content-ID without angle brackets.
    pub content_id: Option<String>,
    /// Content-Location.
    pub content_location: Option<String>,
    /// Shown within the text.
    pub is_inline: bool,
    /// The bytes.
    pub content: Vec<u8>,
}

impl Change {
    /// Reads the ApplicationData of an Add or Change. Elements that a client may not set are skipped, save
    /// those whose change is an error.
    ///
    /// # Errors
    /// Item status 6: values of the wrong kind (MS-ASEMAIL R643), a ConversationId (R347), ReceivedAsBcc
    /// (R648), a flag that contradicts itself, or more than the limits allow.
    pub fn parse(data: &Element, version: Version) -> Result<Self, ConversionError> {
        // R723 of MS-ASEMAIL: Sender
        let fixed = [email2::CONVERSATION_ID, email2::RECEIVED_AS_BCC, email2::SENDER];
        if fixed.iter().any(|tag| data.child(*tag).is_some()) {
            return Err(ConversionError("an element that clients may not change"));
        }
        let read = match data.child(email::READ) {
            None => None,
            Some(child) => Some(parse::boolean(child).ok_or(ConversionError("Read is no boolean"))?),
        };
        let flag = match data.child(email::FLAG) {
            None => None,
            Some(child) => Some(Flag::parse(child)?.map_or(FlagChange::Clear, FlagChange::Set)),
        };
        let categories = data.child(email::CATEGORIES).map(categories).transpose()?;
        let draft = if version >= Version::V16_0 { Draft::parse(data)? } else { None };
        Ok(Self { read, flag, categories, draft })
    }
}

fn categories(element: &Element) -> Result<Vec<String>, ConversionError> {
    let mut names: Vec<String> = Vec::new();
    for child in element.all(email::CATEGORY) {
        if names.len() == CATEGORIES_MAX {
            return Err(ConversionError("too many categories"));
        }
        let name: String =
            child.value().chars().filter(|c| !c.is_control()).take(CATEGORY_CHARACTERS_MAX).collect();
        if !name.trim().is_empty() && !names.contains(&name) {
            names.push(name);
        }
    }
    Ok(names)
}

impl Draft {
    fn parse(data: &Element) -> Result<Option<Self>, ConversionError> {
        let mut draft = Self {
            to: line(data, email::TO)?,
            cc: line(data, email::CC)?,
            bcc: line(data, email2::BCC)?,
            reply_to: line(data, email::REPLY_TO)?,
            subject: line(data, email::SUBJECT)?,
            importance: importance(data)?,
            body: data.child(airsync_base::BODY).map(body).transpose()?.flatten(),
            ..Self::default()
        };
        let files = AttachmentChanges::parse(data)?;
        (draft.attachments_added, draft.attachments_deleted) = (files.added, files.deleted);
        Ok(if draft == Self::default() { None } else { Some(draft) })
    }
}

/// Text that becomes part of a header: one line, whatever was sent.
fn line(parent: &Element, tag: Tag) -> Result<Option<String>, ConversionError> {
    let Some(value) = parent.child_value(tag) else { return Ok(None) };
    if value.chars().count() > RECIPIENTS_CHARACTERS_MAX {
        return Err(ConversionError("a header is too long"));
    }
    Ok(Some(value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()))
}

fn importance(data: &Element) -> Result<Option<Importance>, ConversionError> {
    let Some(child) = data.child(email::IMPORTANCE) else { return Ok(None) };
    let known = parse::number(child).and_then(Importance::from_code);
    known.map(Some).ok_or(ConversionError("Importance is not 0, 1 or 2")) // MS-ASEMAIL R483
}

/// Nothing, if it has no Data (MS-ASAIRS R173).
fn body(element: &Element) -> Result<Option<(BodyType, Vec<u8>)>, ConversionError> {
    let body_type = match element.child(airsync_base::TYPE) {
        None => BodyType::Plain,
        Some(child) => match parse::number(child).and_then(BodyType::from_code) {
            None | Some(BodyType::Rtf) => return Err(ConversionError("body type cannot be taken")),
            Some(body_type) => body_type,
        },
    };
    let data = element.child(airsync_base::DATA).map(|child| child.bytes().into_owned());
    // A message of no bytes is none.
    let data = data.filter(|data| body_type != BodyType::Mime || !data.is_empty());
    Ok(data.map(|data| (body_type, data)))
}

fn attachment(element: &Element) -> Result<DraftAttachment, ConversionError> {
    let method = match element.child(airsync_base::METHOD).map(parse::number::<u8>) {
        None | Some(Some(1)) => AttachmentMethod::Normal,
        Some(Some(5)) => AttachmentMethod::EmbeddedMessage, // MS-ASAIRS R1395
        Some(_) => return Err(ConversionError("attachment method is not 1 or 5")),
    };
    let content =
        element.child(airsync_base::CONTENT).ok_or(ConversionError("attachment without Content"))?;
    Ok(DraftAttachment {
        client_id: line(element, airsync_base::CLIENT_ID)?
            .ok_or(ConversionError("attachment without ClientId"))?,
        display_name: line(element, airsync_base::DISPLAY_NAME)?.unwrap_or_default(),
        content_type: line(element, airsync_base::CONTENT_TYPE)?,
        method,
        content_id: line(element, airsync_base::CONTENT_ID)?,
        content_location: line(element, airsync_base::CONTENT_LOCATION)?,
        is_inline: parse::flag(element.child(airsync_base::IS_INLINE)),
        content: content.bytes().into_owned(),
    })
}
