//! The properties that calendars are searched by: a search by title, state or UID need not read the objects.

use content_line::{Document, IndexFormat, IndexTexts, unescape};
use std::borrow::Cow;

use crate::term::ComponentKind;

const FORMAT: IndexFormat = IndexFormat {
    id: 1,
    properties: &[
        // As in the object, one stands before the properties of each component.
        BEGIN,
        "SUMMARY",
        "LOCATION",
        "UID",
        "STATUS",
        "CATEGORIES",
        "COMPLETED",
        "CLASS",
    ],
};
const BEGIN: &str = "BEGIN";
const BEGIN_NUMBER: u8 = 0;

/// The index of a calendar's components; empty if they have too much text for an index.
pub(crate) fn index(document: &Document<'_>, calendar: usize) -> Vec<u8> {
    let components = document.children(calendar).filter_map(|child| {
        let name = document.component(child)?.name();
        ComponentKind::by_name(name).map(|_| (child, name))
    });
    FORMAT.write(components.flat_map(|(component, name)| {
        let lines = document.own_lines(component).filter_map(|(_, line)| {
            let number = FORMAT.number(line.name())?;
            Some((number, Cow::Owned(unescape(&line.value()).into_owned())))
        });
        [(BEGIN_NUMBER, Cow::Borrowed(name))].into_iter().chain(lines)
    }))
}

/// An index that was kept.
#[derive(Debug, Clone, Copy)]
pub struct Index<'a>(IndexTexts<'a>);

impl<'a> Index<'a> {
    /// `None` for what is no index of this format: then the object must be read.
    #[must_use]
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        FORMAT.read(bytes).map(Self)
    }

    /// Whether an index knows all about the components of a name.
    #[must_use]
    pub fn covers_component(name: &str) -> bool {
        ComponentKind::by_name(name).is_some()
    }

    /// Whether an index knows all about the properties of a name in the components that it covers.
    #[must_use]
    pub fn covers(name: &str) -> bool {
        FORMAT.number(name).is_some_and(|number| number != BEGIN_NUMBER)
    }

    /// The components of a name.
    pub fn components(self, name: &str) -> impl Iterator<Item = IndexedComponent<'a>> {
        let mut rest = self.0;
        let begins = std::iter::from_fn(move || {
            loop {
                if let (BEGIN_NUMBER, found) = rest.next()? {
                    return Some((found, IndexedComponent(rest)));
                }
            }
        });
        begins.filter(move |(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, component)| component)
    }
}

/// What an index knows of a component.
#[derive(Debug, Clone, Copy)]
pub struct IndexedComponent<'a>(IndexTexts<'a>);

impl<'a> IndexedComponent<'a> {
    /// The values of each property of a name, without escapes.
    pub fn texts(self, name: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        let wanted = FORMAT.number(name);
        self.0
            .take_while(|(number, _)| *number != BEGIN_NUMBER)
            .filter(move |(number, _)| Some(*number) == wanted)
            .map(|(_, text)| text)
    }
}
