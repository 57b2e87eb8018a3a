//! What an addressbook-query and the choice of properties in its answer look at: RFC 6352 sections 10.4 and 10.5.

use content_line::{Document, Line, Value};

use crate::error::Unreadable;
use crate::text;

/// A card, to be asked for its properties by name.
pub struct Query<'a> {
    document: Document<'a>,
    card: usize,
}

/// One property of a card.
pub struct Property<'q, 'a>(&'q Line<'a>);

impl<'a> Query<'a> {
    /// Of the first card of a document.
    ///
    /// # Errors
    /// If there is none, or the document exceeds a limit.
    pub fn new(bytes: &'a [u8]) -> Result<Self, Unreadable> {
        let document = Document::parse(bytes)?;
        let card = document.components().iter().position(|component| component.name() == "VCARD");
        Ok(Self { card: card.ok_or(Unreadable::NoCard)?, document })
    }

    /// The properties of a name in any group; with a group before it (`item1.TEL`) those of that group only:
    /// RFC 6352 section 10.5.1.
    pub fn properties(&self, name: &str) -> impl Iterator<Item = Property<'_, 'a>> {
        let lines = self.document.own_lines(self.card).map(|(_, line)| line);
        lines.filter(move |line| is_named(line, name)).map(Property)
    }

    /// The card with the properties of these names only, and of those that want no value nothing but name and
    /// parameters: RFC 6352 section 10.4.2. VERSION is always there, so that the rest can be understood.
    pub fn only(&self, names: &[Wanted<'_>]) -> Vec<u8> {
        let mut edit = self.document.edit();
        for (index, line) in self.document.own_lines(self.card).filter(|(_, line)| !line.is("VERSION")) {
            match names.iter().find(|wanted| is_named(line, wanted.name)) {
                None => edit.remove(index),
                Some(wanted) if wanted.no_value => edit.set_value(index, &Value::text("")),
                Some(_) => {}
            }
        }
        // A card within the card is the value of AGENT in version 2.1.
        if !names.iter().any(|wanted| wanted.name.eq_ignore_ascii_case("AGENT") && !wanted.no_value) {
            self.document.children(self.card).for_each(|nested| edit.remove_component(nested));
        }
        edit.finish()
    }
}

/// A property that a client wants to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted<'n> {
    /// Its name, perhaps with a group before it.
    pub name: &'n str,
    /// Whether its value is to be left out.
    pub no_value: bool,
}

fn is_named(line: &Line<'_>, name: &str) -> bool {
    match name.rsplit_once('.') {
        None => line.is(name),
        Some((group, name)) => line.is(name) && line.group().is_some_and(|is| is.eq_ignore_ascii_case(group)),
    }
}

impl Property<'_, '_> {
    /// The value that text is compared with: unfolded, decoded, escapes undone. A structured value is whole,
    /// with the semicolons between its parts.
    pub fn text(&self) -> String {
        text::read(self.0)
    }

    /// The values of the parameters of a name; `None` if there is no such parameter. Types of version 2.1
    /// that stand alone are values of `TYPE`.
    pub fn parameter(&self, name: &str) -> Option<Vec<String>> {
        let bare = |parameter: &content_line::Parameter<'_>| {
            parameter.is_bare() && name.eq_ignore_ascii_case("TYPE")
        };
        let mut found = None;
        for parameter in self.0.parameters() {
            let values: &mut Vec<String> = match parameter.is(name) || bare(&parameter) {
                true => found.get_or_insert_default(),
                false => continue,
            };
            match parameter.is_bare() {
                true => values.push(parameter.name().to_owned()),
                false => values.extend(parameter.values().map(|value| value.into_owned())),
            }
        }
        found
    }
}
