//! Which bytes an IMAP section means: RFC 9051 section 6.4.5.1.

use crate::field;
use crate::message::Message;
use crate::structure::{Kind, Part};
use std::borrow::Cow;
use std::collections::HashSet;

/// What of a part is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SectionText<'n> {
    /// `BODY[]`, `BODY[1.2]`: the whole message, or the body of a part.
    All,
    /// `HEADER`: of the message, or of the message that the part is.
    Header,
    /// `HEADER.FIELDS` and `HEADER.FIELDS.NOT`; ends with a blank line.
    HeaderFields {
        /// Field names in any case.
        names: &'n [&'n str],
        /// All other fields instead of these.
        not: bool,
    },
    /// `TEXT`: what follows that header.
    Text,
    /// `MIME`: the header of the part itself.
    Mime,
}

/// Where a path leads.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place {
    /// The message itself or an embedded one.
    Message(usize),
    /// A part of one; the body of a message that has no parts is its part 1.
    Part(usize),
}

impl<'a> Message<'a> {
    /// The bytes of a section, exactly as stored. `None` if there is no such part, or if it is no
    /// message and has therefore no header or text of its own.
    #[must_use]
    pub fn section(&self, path: &[u32], what: SectionText<'_>) -> Option<Cow<'a, [u8]>> {
        let place = self.resolve(path)?;
        match what {
            SectionText::All => match place {
                Place::Message(at) => {
                    let part = self.part(at)?;
                    self.range(part.head.start, part.body.end).map(Cow::Borrowed)
                }
                Place::Part(at) => self.body(self.part(at)?).map(Cow::Borrowed),
            },
            SectionText::Mime => match place {
                Place::Message(_) => None,
                Place::Part(at) => self.head(self.part(at)?).map(Cow::Borrowed),
            },
            SectionText::Header => self.head(self.message_at(place)?).map(Cow::Borrowed),
            SectionText::Text => self.body(self.message_at(place)?).map(Cow::Borrowed),
            SectionText::HeaderFields { names, not } => {
                let head = self.head(self.message_at(place)?)?;
                Some(Cow::Owned(select(head, names, not)))
            }
        }
    }

    /// The message that a place is or embeds.
    fn message_at(&self, place: Place) -> Option<&Part> {
        match place {
            Place::Message(at) => self.part(at),
            Place::Part(at) => {
                let part = self.part(at)?;
                if part.kind == Kind::Message { self.part(*part.children.first()?) } else { None }
            }
        }
    }

    /// Walks a section path.
    pub(crate) fn resolve(&self, path: &[u32]) -> Option<Place> {
        path.iter().try_fold(Place::Message(0), |place, number| self.step(place, *number))
    }

    fn step(&self, place: Place, number: u32) -> Option<Place> {
        let index = usize::try_from(number.checked_sub(1)?).ok()?;
        let (at, part) = match place {
            Place::Message(at) => (at, self.part(at)?),
            Place::Part(at) => {
                let part = self.part(at)?;
                match part.kind {
                    Kind::Leaf => return None,
                    Kind::Multipart => (at, part),
                    Kind::Message => {
                        let embedded = *part.children.first()?;
                        (embedded, self.part(embedded)?)
                    }
                }
            }
        };
        if part.kind == Kind::Multipart {
            part.children.get(index).map(|child| Place::Part(*child))
        } else {
            // The body of a message that is no multipart is its part 1.
            (index == 0).then_some(Place::Part(at))
        }
    }
}

/// Picks fields out of a head, in its order and form.
fn select(head: &[u8], names: &[&str], not: bool) -> Vec<u8> {
    let wanted: HashSet<String> = names.iter().map(|name| name.to_ascii_lowercase()).collect();
    let longest = names.iter().map(|name| name.len()).max().unwrap_or(0);
    let mut out = Vec::new();
    for field in field::fields(head) {
        let named = field.name.len() <= longest
            && std::str::from_utf8(field.name).is_ok_and(|name| wanted.contains(&name.to_ascii_lowercase()));
        if named != not && !field.name.is_empty() {
            out.extend_from_slice(field.whole);
            if !field.whole.ends_with(b"\n") {
                out.extend_from_slice(b"\r\n");
            }
        }
    }
    out.extend_from_slice(b"\r\n");
    out
}
