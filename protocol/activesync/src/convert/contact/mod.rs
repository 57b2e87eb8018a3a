//! Contacts: vCard and MS-ASCNTC.
//!
//! Liberties:
//! - A picture above 48 KB of base64 is not shown (MS-ASCNTC R381); it stays stored.
//! - An empty Picture is no deletion: iOS sends one with every edit.
//! - An address `"Name" <a@b.test>` is stored without its name.

mod day;
mod text;

use contact::{Card, CardChange, Change, TextField};
use wbxml::page::contacts;
use wbxml::{Limits, Writer as Document, decode};

use super::Edit;
use super::body::Notes;
use crate::body::BodyPreference;
use crate::item::contact::{Contact, Picture};
use crate::item::{ConversionError, Destination, Selection, Sent, Supported};
use crate::version::Version;
use text::TEXTS;

/// Who looks at a card.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    /// Which elements there are.
    pub version: Version,
    /// In which forms notes are wanted.
    pub preferences: &'a [BodyPreference],
}

/// Who writes a card.
#[derive(Debug, Clone, Copy)]
pub struct Writer<'a> {
    /// As the client was shown it.
    pub reader: Reader<'a>,
    /// What the client said in Supported.
    pub supported: &'a Supported,
    /// UID of a new card.
    pub uid: &'a str,
}

/// The contact as a phone sees it.
///
/// # Errors
/// If the bytes are no card.
pub fn to_wire(stored: &[u8], reader: &Reader<'_>) -> Result<Contact, ConversionError> {
    Ok(shown(&parse(stored)?, reader))
}

/// The card after a change, or a new card if there is no `old` one.
///
/// # Errors
/// If the old bytes are no card.
pub fn from_wire(
    old: Option<&[u8]>,
    sent: &Contact,
    writer: &Writer<'_>,
) -> Result<Vec<u8>, ConversionError> {
    let Some(old) = old else {
        let change = change(&Contact::default(), &Notes::default(), sent, writer);
        return Ok(contact::new_card(writer.uid, &change));
    };
    let card = parse(old)?;
    let shown = read_back(&shown(&card, &writer.reader), writer.reader.version);
    let change = change(&shown, &notes(&card), sent, writer);
    contact::edit(old, &change).map_err(|_| ConversionError("the stored card cannot be edited"))
}

fn parse(stored: &[u8]) -> Result<Card, ConversionError> {
    Card::read(stored).map_err(|_| ConversionError("the stored card cannot be read"))
}

fn shown(card: &Card, reader: &Reader<'_>) -> Contact {
    let mut contact = Contact {
        birthday: Sent::from(card.birthday.map(day::to_wire)),
        anniversary: Sent::from(card.anniversary.map(day::to_wire)),
        children: list(&card.children),
        categories: list(&card.categories),
        picture: Sent::from(card.picture.clone().and_then(Picture::new)),
        body: Sent::Value(notes(card).body(reader.preferences)),
        ..Contact::default()
    };
    for row in TEXTS {
        *(row.slot)(&mut contact) = Sent::from(card.text(row.field).map(str::to_owned));
    }
    contact
}

fn list(entries: &[String]) -> Sent<Vec<String>> {
    if entries.is_empty() { Sent::Absent } else { Sent::Value(entries.to_vec()) }
}

fn notes(card: &Card) -> Notes {
    Notes { plain: card.text(TextField::Note).map(str::to_owned), html: None }
}

/// As the client's own element would be read: this is what its changes are compared with.
fn read_back(shown: &Contact, version: Version) -> Contact {
    let mut document = Document::new();
    document.open(wbxml::page::airsync::APPLICATION_DATA);
    shown.write(Selection { version, schema: None }, Destination { writer: &mut document, parts: None });
    let data = decode(&document.finish(), &Limits::default());
    data.ok().and_then(|data| Contact::parse(&data, version).ok()).unwrap_or_else(|| shown.clone())
}

fn change(shown: &Contact, notes: &Notes, sent: &Contact, writer: &Writer<'_>) -> CardChange {
    let absence = |tag| writer.supported.absence(tag, writer.reader.version);
    let mut change = CardChange::new();
    let (mut shown, mut sent) = (shown.clone(), sent.clone());
    for row in TEXTS {
        let sent = std::mem::take((row.slot)(&mut sent));
        let edit = Edit::between((row.slot)(&mut shown), sent, absence(row.tag));
        let edit = edit.map(|text| stored_text(row.field, text));
        change.change_text(row.field, edit.into());
    }
    let note = notes.edit(&sent.body, writer.reader.preferences);
    change.change_text(TextField::Note, note.map(|notes| notes.plain.unwrap_or_default()).into());
    change.birthday = day::edit(&shown.birthday, sent.birthday, absence(contacts::BIRTHDAY)).into();
    change.anniversary =
        day::edit(&shown.anniversary, sent.anniversary, absence(contacts::ANNIVERSARY)).into();
    change.children = Edit::between(&shown.children, sent.children, absence(contacts::CHILDREN)).into();
    change.categories =
        Edit::between(&shown.categories, sent.categories, absence(contacts::CATEGORIES)).into();
    if let (Sent::Value(picture), true) = (&sent.picture, sent.picture != shown.picture) {
        change.picture = Change::Set(picture.bytes().to_vec());
    }
    change
}

/// Phones send `"Zoë" <z@b.test>` (MS-ASDTYPE section 2.7.3); a card has the address alone.
fn stored_text(field: TextField, text: String) -> String {
    let is_address = matches!(field, TextField::Email1 | TextField::Email2 | TextField::Email3);
    let inner = text.rsplit_once('<').and_then(|(_, rest)| rest.trim_end().strip_suffix('>'));
    match inner {
        Some(address) if is_address && !address.trim().is_empty() => address.trim().to_owned(),
        _ => text,
    }
}
