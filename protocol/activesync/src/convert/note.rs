//! Notes: VJOURNAL and MS-ASNOTE.

use calendar::edit::{self, Change, Field, Target};
use calendar::{Component, ComponentKind, Object, new_object};
use vocabulary::Timestamp;
use wbxml::{Limits, Writer as Document, decode};

use super::Edit;
use super::body::Notes;
use crate::body::BodyPreference;
use crate::item::note::{MESSAGE_CLASS, Note};
use crate::item::{Absence, ConversionError, Destination, Selection, Sent};
use crate::version::Version;

/// Who changes notes.
#[derive(Debug, Clone, Copy)]
pub struct Writer<'a> {
    /// Which elements there are.
    pub version: Version,
    /// In which forms the client was shown the text.
    pub preferences: &'a [BodyPreference],
    /// The moment of the change.
    pub now: Timestamp,
    /// UID of a new note.
    pub uid: &'a str,
}

/// The note as a phone sees it.
///
/// # Errors
/// If the bytes are no calendar object.
pub fn to_wire(stored: &[u8], preferences: &[BodyPreference]) -> Result<Note, ConversionError> {
    let object = parse(stored)?;
    let component = main(&object)?;
    let notes = notes(component);
    Ok(Note {
        subject: Sent::Value(component.summary.clone().unwrap_or_default()),
        message_class: Sent::Value(MESSAGE_CLASS.to_owned()),
        last_modified: Sent::from(component.last_modified.or(component.stamp)),
        categories: Sent::Value(component.categories.clone()),
        body: Sent::Value(notes.body(preferences)),
        native_body_type: Sent::Value(notes.native()),
    })
}

/// The note after an Add (`old` is `None`) or a Change. Bytes that need no change come back as they are.
///
/// Without Categories a note loses them (MS-ASNOTE R112); without Subject or Body it keeps them (R113, R10003).
///
/// # Errors
/// Item status 6 if the old bytes are no note.
pub fn from_wire(old: Option<&[u8]>, sent: &Note, writer: &Writer<'_>) -> Result<Vec<u8>, ConversionError> {
    let Some(old) = old else {
        let draft = new_object(ComponentKind::Journal, writer.uid, writer.now, &Change::default())
            .map_err(|_| ConversionError("the note cannot be made"))?;
        return change(&draft, sent, writer);
    };
    change(old, sent, writer)
}

fn change(old: &[u8], sent: &Note, writer: &Writer<'_>) -> Result<Vec<u8>, ConversionError> {
    let object = parse(old)?;
    let shown = read_back(&to_wire(old, writer.preferences)?, writer.version);
    let mut change = Change {
        summary: Edit::between(&shown.subject, sent.subject.clone(), Absence::Keep).into(),
        categories: Edit::between(&shown.categories, sent.categories.clone(), Absence::Clear).into(),
        ..Change::default()
    };
    match notes(main(&object)?).edit(&sent.body, writer.preferences) {
        Edit::Keep => {}
        Edit::Clear => {
            change.description = Field::Clear;
            change.html_description = Field::Clear;
        }
        Edit::Set(notes) => {
            change.description = notes.plain.into();
            change.html_description = notes.html.into();
        }
    }
    if change == Change::default() {
        return Ok(old.to_vec());
    }
    change.stamp = Some(writer.now);
    edit::change(old, Target::Master, &change)
        .map_err(|_| ConversionError("the stored note cannot be changed"))
}

/// What is shown, as the client's own element would be read: this is what its changes are compared with.
fn read_back(shown: &Note, version: Version) -> Note {
    let mut document = Document::new();
    document.open(wbxml::page::airsync::APPLICATION_DATA);
    shown.write(Selection { version, schema: None }, Destination { writer: &mut document, parts: None });
    let data = decode(&document.finish(), &Limits::default());
    data.ok().and_then(|data| Note::parse(&data, version).ok()).unwrap_or_else(|| shown.clone())
}

fn parse(stored: &[u8]) -> Result<Object, ConversionError> {
    Object::parse(stored).map_err(|_| ConversionError("the stored note cannot be read"))
}

fn main(object: &Object) -> Result<&Component, ConversionError> {
    object.master().or(object.components.first()).ok_or(ConversionError("the stored note is empty"))
}

fn notes(component: &Component) -> Notes {
    Notes { plain: component.description.clone(), html: component.html_description.clone() }
}
