//! The fields of a card.

use std::collections::BTreeMap;

use content_line::{Document, Line};

use crate::error::Unreadable;
use crate::field::Place;
use crate::role::Role;
use crate::view::View;
use crate::{Date, TextField, picture, text};

/// What ActiveSync's contact class can say of a card (MS-ASCNTC section 2.2.2), from any version of vCard.
///
/// It is a view: a card may hold more e-mail addresses, numbers and properties than it shows, and
/// [`edit`](crate::edit) keeps them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Card {
    texts: BTreeMap<TextField, String>,
    /// The day of birth.
    pub birthday: Option<Date>,
    /// The wedding anniversary.
    pub anniversary: Option<Date>,
    /// The names of the children.
    pub children: Vec<String>,
    /// The categories, which are the user's own labels.
    pub categories: Vec<String>,
    /// The bytes of the picture, if the card holds it and does not only link to it.
    pub picture: Option<Vec<u8>>,
}

impl Card {
    /// Reads the first card of a document.
    ///
    /// # Errors
    /// If there is none, or the document exceeds a limit. Anything else that is wrong with it only makes the
    /// fields concerned be absent.
    pub fn read(bytes: &[u8]) -> Result<Self, Unreadable> {
        let document = Document::parse(bytes)?;
        Ok(Self::of(&View::new(&document)?))
    }

    pub(crate) fn of(view: &View<'_, '_>) -> Self {
        let read = |&field: &TextField| Some((field, read_text(view, field.place())?));
        let mut texts: BTreeMap<_, _> = TextField::ALL.iter().filter_map(read).collect();
        if let Some(name) = texts.get(&TextField::FormattedName).cloned() {
            texts.entry(TextField::FileAs).or_insert(name);
        }
        Self {
            texts,
            birthday: read_date(view, Role::Birthday),
            anniversary: read_date(view, Role::Anniversary),
            children: view.list(Role::Child),
            categories: view.list(Role::Categories),
            picture: view.place(Role::Picture, 0).and_then(picture::read),
        }
    }

    /// A text; `None` if the card does not have it. It is never empty.
    pub fn text(&self, field: TextField) -> Option<&str> {
        self.texts.get(&field).map(String::as_str)
    }

    /// All texts that the card has.
    pub fn texts(&self) -> impl Iterator<Item = (TextField, &str)> {
        self.texts.iter().map(|(field, text)| (*field, text.as_str()))
    }
}

fn read_text(view: &View<'_, '_>, place: Place) -> Option<String> {
    let line = view.place(place.role, place.slot)?;
    let text = match place.component {
        Some(component) => text::read_component(line, component)?,
        None => without_scheme(line, text::read(line)),
    };
    Some(text).filter(|text| !text.is_empty())
}

/// The number of `TEL;VALUE=uri:tel:+1-555` (RFC 6350 section 6.4.1).
fn without_scheme(line: &Line<'_>, text: String) -> String {
    let is_number = line.is("TEL") && text.get(..4).is_some_and(|scheme| scheme.eq_ignore_ascii_case("tel:"));
    if is_number { text.get(4..).unwrap_or_default().to_owned() } else { text }
}

fn read_date(view: &View<'_, '_>, role: Role) -> Option<Date> {
    Date::parse(&text::read(view.place(role, 0)?))
}
