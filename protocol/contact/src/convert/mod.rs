//! A card in another version than the one it came in: RFC 6350 beside RFC 2426, and vCard 2.1.
//!
//! Each property of the card becomes an [`Entry`](entry::Entry), in which nothing is left of how its line was
//! encoded. `to_4.rs` and `to_3.rs` give the properties the names, parameters and values of the other version.
//! What the other version has no word for stays under its own name, as readers pass over what they do not know;
//! so nothing is lost on the way to another version and back.
//!
//! Liberties:
//! * Version 3.0 is written as Apple's programs read it, because they read nothing else: anniversaries and
//!   relations in groups with a label, groups of cards by `X-ADDRESSBOOKSERVER-KIND`, a date without a year as
//!   one of 1604.
//! * A UID keeps its value, `urn:uuid:` or not. It is by the UID that a card is told from others and a group
//!   names its members; a client must be able to store what it was given under the same name.
//! * Groups (`item1.`) and labels stay where version 4.0 has no word for what the label says.
//! * Of several lines where version 3.0 has one (FN, N, alternatives in several languages) the one that is shown
//!   stays, and the others are called `X-KONTOR-ALT-..` until the way back.
//! * Instant messaging under names of services (`X-JABBER`) and other people's names of vendors
//!   (`X-EVOLUTION-SPOUSE`) are left to those who know them.
//! * The height of `GEO` is lost in version 3.0, and lines that are no property in both.
//!
//! Absent: writing version 2.1; the properties of RFC 9554, which are kept as they are.

mod address;
mod date;
mod entry;
mod group;
mod media;
mod name;
mod place;
mod relation;
mod to_3;
mod to_4;

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use content_line::{Document, Line, LineEnd, NewLine, Value, block, write_lines};

use crate::error::Unreadable;
use crate::name::formatted;
use crate::view::View;
use crate::{Card, Version};
use entry::Entry;

/// A version that cards are given in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Target {
    /// 3.0, RFC 2426.
    V3_0,
    /// 4.0, RFC 6350.
    V4_0,
}

impl Target {
    /// What VERSION says.
    pub fn number(self) -> &'static str {
        match self {
            Self::V3_0 => "3.0",
            Self::V4_0 => "4.0",
        }
    }
}

/// The first card of a document in a version.
///
/// A card that says that it is of this version is given as it is, byte for byte. The result is bounded by a small
/// multiple of the size of the card, and converting back and forth again changes nothing any more.
///
/// # Errors
/// If there is no card in the bytes, or they exceed a limit.
pub fn convert(bytes: &[u8], target: Target) -> Result<Cow<'_, [u8]>, Unreadable> {
    let document = Document::parse(bytes)?;
    let view = View::new(&document)?;
    let said =
        document.property(view.card(), "VERSION").map(|(_, line)| line.value().trim() == target.number());
    if said == Some(true) {
        return Ok(Cow::Borrowed(bytes));
    }
    let mut entries = match (view.version(), target) {
        (Version::V4_0, Target::V3_0) => to_3::convert(&view),
        (Version::V2_1 | Version::V3_0, Target::V4_0) => to_4::convert(entries(&view)),
        (Version::V2_1 | Version::V3_0, Target::V3_0) | (Version::V4_0, Target::V4_0) => as_it_is(&view),
    };
    complete(&mut entries, &view, target);
    let version = NewLine::new("VERSION", Value::text(target.number()));
    let lines = std::iter::once(version).chain(entries.iter().map(Entry::line));
    Ok(Cow::Owned(write_lines(&block("VCARD", lines), LineEnd::CrLf)))
}

/// The properties of a card but VERSION.
fn entries(view: &View<'_, '_>) -> Vec<Entry> {
    numbered(view).map(|(_, entry)| entry).collect()
}

/// Version 2.1 needs nothing but what [`Entry`] undoes, and the word for a URI.
fn as_it_is(view: &View<'_, '_>) -> Vec<Entry> {
    let mut entries = entries(view);
    entries.iter_mut().for_each(|entry| entry.drop_value_type(None));
    entries
}

/// The properties with the lines that they are in.
fn numbered(view: &View<'_, '_>) -> impl Iterator<Item = (usize, Entry)> {
    // After an empty group these words are names like others; without it they would not be.
    let is_frame = |line: &Line<'_>| line.group().is_none() && (line.is("BEGIN") || line.is("END"));
    let document = view.document();
    let children = document.children(view.card()).filter_map(|child| document.component(child));
    let nested: HashMap<usize, Range<usize>> =
        children.map(|child| (child.lines().start, child.lines())).collect();
    let lines = document.own_lines(view.card());
    let lines = lines.filter(move |(_, line)| !line.is("VERSION") && !is_frame(line));
    lines.map(move |(index, line)| {
        let mut entry = Entry::of(line);
        // A card that follows an AGENT line of version 2.1 is its value in version 3.0: RFC 2426 section 3.5.4.
        if entry.is("AGENT")
            && entry.value.is_empty()
            && let Some(lines) = nested.get(&(index + 1))
        {
            entry.set_text(&raw_text(document, lines.clone()));
        }
        (index, entry)
    })
}

/// Lines as they are.
fn raw_text(document: &Document<'_>, lines: Range<usize>) -> String {
    let lines = document.lines().get(lines).unwrap_or_default();
    let raw: Vec<u8> = lines.iter().flat_map(|line| line.raw()).copied().collect();
    String::from_utf8_lossy(&raw).trim_end().to_owned()
}

/// Adds what a version demands: RFC 6350 section 6.2.1, RFC 2426 sections 3.1.1 and 3.1.2.
fn complete(entries: &mut Vec<Entry>, view: &View<'_, '_>, target: Target) {
    let card = Card::of(view);
    let name = formatted(|field| card.text(field).map(str::to_owned));
    if !entries.iter().any(|entry| entry.is("FN")) {
        entries.insert(0, Entry::new("FN", Value::text(&name).as_str()));
    }
    if target == Target::V4_0 || entries.iter().any(|entry| entry.is("N")) {
        return;
    }
    // Apple's programs call a group by its N.
    let is_group = |entry: &Entry| {
        entry.is("X-ADDRESSBOOKSERVER-KIND") && entry.text().trim().eq_ignore_ascii_case("group")
    };
    let shown = card.text(crate::TextField::FormattedName).filter(|_| entries.iter().any(is_group));
    let value = Value::structured([[shown.unwrap_or_default()], [""], [""], [""], [""]]);
    let after = entries.iter().position(|entry| entry.is("FN")).map_or(0, |at| at + 1);
    entries.insert(after, Entry::new("N", value.as_str()));
}
