//! Changes to a card, made in the lines that [`Card`] reads them from.

use std::collections::BTreeMap;

use content_line::{Document, Line, NewLine};

use crate::date::{OMIT_YEAR, Spelling};
use crate::error::Unreadable;
use crate::field::Place;
use crate::name;
use crate::patch::Patch;
use crate::role::Role;
use crate::text::{self, Part};
use crate::view::View;
use crate::{Card, CardChange, Change, Date, TextField, Version, picture};

/// Changes fields of a card.
///
/// A field is set in the line that [`Card::read`] takes it from, which keeps its name, group, label and
/// parameters; if there is none, a new line comes at the end of the card. A cleared field loses its line, and
/// the label of a group that has no other line. What the card says already is not written again. All other
/// lines keep their bytes, with two exceptions: the formatted name follows the name when that changes and the
/// formatted name is kept; and where a line would come to be shown in another place, because one before it
/// has gone, it gets the parameter `X-KONTOR-SLOT`.
///
/// Texts lose control characters other than line breaks and tabs.
///
/// # Errors
/// If there is no card in the bytes, or they exceed a limit.
pub fn edit(old: &[u8], change: &CardChange) -> Result<Vec<u8>, Unreadable> {
    let document = Document::parse(old)?;
    let view = View::new(&document)?;
    let card = Card::of(&view);
    let mut patch = Patch::new(&view);
    change_texts(&mut patch, &view, &card, change);
    change_date(&mut patch, &view, Role::Birthday, card.birthday, &change.birthday);
    change_date(&mut patch, &view, Role::Anniversary, card.anniversary, &change.anniversary);
    change_children(&mut patch, &view, &change.children);
    change_categories(&mut patch, &view, &card, &change.categories);
    change_picture(&mut patch, &view, &card, &change.picture);
    Ok(patch.finish())
}

/// The change of a text, cleaned; setting nothing is clearing.
pub(crate) fn wanted(change: &CardChange, field: TextField) -> Change<String> {
    match change.text(field) {
        Change::Keep => Change::Keep,
        Change::Clear => Change::Clear,
        Change::Set(text) => match text::clean(text) {
            text if text.is_empty() => Change::Clear,
            text => Change::Set(text),
        },
    }
}

/// The texts of one line that change, by the part of its value.
type Parts = Vec<(Option<usize>, String)>;

fn change_texts(patch: &mut Patch<'_, '_, '_>, view: &View<'_, '_>, card: &Card, change: &CardChange) {
    let old = |field| card.text(field).map(str::to_owned);
    let new = |field| wanted(change, field).apply(old(field));
    let formatted = formatted_name(old, new, wanted(change, TextField::FormattedName));

    let mut lines: BTreeMap<(Role, usize), Parts> = BTreeMap::new();
    for &field in TextField::ALL {
        let Place { role, slot, component } = field.place();
        let (before, after) = match field {
            TextField::FormattedName => (old(field), formatted.clone()),
            TextField::FileAs => file_as(view, formatted.as_deref(), wanted(change, field)),
            _ => (old(field), new(field)),
        };
        if before != after {
            lines.entry((role, slot)).or_default().push((component, after.unwrap_or_default()));
        }
    }
    for ((role, slot), parts) in lines {
        change_line(patch, view, role, slot, parts);
    }
}

/// The formatted name after the change. It is never taken away: RFC 6350 section 6.2.1.
fn formatted_name(
    old: impl Fn(TextField) -> Option<String>,
    new: impl Fn(TextField) -> Option<String>,
    change: Change<String>,
) -> Option<String> {
    let before = old(TextField::FormattedName);
    let composed = name::formatted(&new);
    let renamed = name::PARTS.iter().any(|&part| old(part) != new(part));
    // A name that stands for another thing follows that.
    let stand_in = before.as_ref() == Some(&name::formatted(&old)) && !composed.is_empty();
    match change {
        Change::Set(text) => Some(text),
        Change::Clear if before.is_some() && !composed.is_empty() => Some(composed),
        Change::Keep if (renamed && !composed.is_empty()) || stand_in => Some(composed),
        Change::Clear | Change::Keep => before,
    }
}

/// What the line of the filing name says, before and after. Without a line it is the formatted name.
fn file_as(
    view: &View<'_, '_>,
    formatted: Option<&str>,
    change: Change<String>,
) -> (Option<String>, Option<String>) {
    let before = view.place(Role::FileAs, 0).map(text::read);
    let after = match change {
        Change::Set(text) if before.is_none() && Some(text.as_str()) == formatted => None,
        change => change.apply(before.clone()),
    };
    (before, after)
}

fn change_line(patch: &mut Patch<'_, '_, '_>, view: &View<'_, '_>, role: Role, slot: usize, changes: Parts) {
    let old = view.place(role, slot);
    let mut parts = match (role.components(), old) {
        (None, _) => Vec::new(),
        (Some(_), None) => Vec::new(),
        (Some(_), Some(line)) => text::parts(line),
    };
    for (component, text) in changes {
        let at = component.unwrap_or(0);
        if parts.len() <= at {
            parts.resize(at + 1, Part::Raw(String::new()));
        }
        if let Some(part) = parts.get_mut(at) {
            *part = if role.is_uri() { Part::Uri(text) } else { Part::Text(text) };
        }
    }
    // A card must have N in versions before 4.0, even an empty one: RFC 2426 section 3.1.2.
    if role != Role::Name && parts.iter().all(Part::is_empty) {
        return patch.remove(role, slot);
    }
    if let Some(length) = role.components().filter(|&length| parts.len() < length) {
        parts.resize(length, Part::Raw(String::new()));
    }
    let version = view.version();
    patch.put(role, slot, |line, old| text::write(without_scheme(line, old), &parts, version));
}

/// A number that is no longer a URI.
fn without_scheme(line: NewLine, old: Option<&Line<'_>>) -> NewLine {
    if old.is_some_and(|old| old.is("TEL")) { line.without_parameter("VALUE") } else { line }
}

fn change_date(
    patch: &mut Patch<'_, '_, '_>,
    view: &View<'_, '_>,
    role: Role,
    old: Option<Date>,
    change: &Change<Date>,
) {
    let new = change.clone().apply(old);
    match new {
        _ if new == old => {}
        None => patch.remove(role, 0),
        Some(date) => {
            let version = view.version();
            patch.put(role, 0, |line, old| date_line(line, old, date, version));
        }
    }
}

fn date_line(line: NewLine, old: Option<&Line<'_>>, date: Date, version: Version) -> NewLine {
    let spelling = match old.map(text::read) {
        Some(old) => Spelling::of(&old),
        None if version == Version::V4_0 => Spelling::Basic,
        None => Spelling::Extended,
    };
    let is_date = old
        .and_then(|old| old.parameter_value("VALUE"))
        .is_some_and(|value| value.eq_ignore_ascii_case("date"));
    let line = if is_date { line } else { line.without_parameter("VALUE") };
    let line = match date.year() {
        None if version != Version::V4_0 => line.parameter(OMIT_YEAR, &["1604"]),
        _ => line.without_parameter(OMIT_YEAR),
    };
    let text = match date.year() {
        None if version == Version::V4_0 => date.to_string(),
        _ => date.with_a_year(spelling),
    };
    text::write(line, &[Part::Text(text)], version)
}

/// Children are lines of their own. Those at the beginning and at the end that stay keep their lines, so that
/// `son` and `daughter` stay with their names as far as can be told.
fn change_children(patch: &mut Patch<'_, '_, '_>, view: &View<'_, '_>, change: &Change<Vec<String>>) {
    let Some(new) = wanted_list(change) else { return };
    let old = view.list(Role::Child);
    let same_first = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    let rest = old.len().min(new.len()) - same_first;
    let same_last =
        old.iter().rev().zip(new.iter().rev()).take(rest).take_while(|(old, new)| old == new).count();
    let version = view.version();
    let changed = new.get(same_first..new.len() - same_last).unwrap_or_default();
    let mut slots = same_first..old.len() - same_last;
    for text in changed {
        let slot = slots.next().unwrap_or(usize::MAX);
        patch.put(Role::Child, slot, |line, _| text::write(line, &[Part::Text(text.clone())], version));
    }
    slots.for_each(|slot| patch.remove(Role::Child, slot));
}

/// Categories are one list, however many lines it has; a changed one is put into the first.
fn change_categories(
    patch: &mut Patch<'_, '_, '_>,
    view: &View<'_, '_>,
    card: &Card,
    change: &Change<Vec<String>>,
) {
    let Some(new) = wanted_list(change).filter(|new| *new != card.categories) else { return };
    let lines = view.places(Role::Categories).len();
    let kept = usize::from(!new.is_empty());
    (kept..lines).for_each(|slot| patch.remove(Role::Categories, slot));
    if kept > 0 {
        let version = view.version();
        let list = [Part::List(new)];
        patch.put(Role::Categories, 0, |line, _| text::write(line, &list, version));
    }
}

/// The new list without empty texts; `None` if it is to be kept.
fn wanted_list(change: &Change<Vec<String>>) -> Option<Vec<String>> {
    match change {
        Change::Keep => None,
        Change::Clear => Some(Vec::new()),
        Change::Set(list) => {
            Some(list.iter().map(|text| text::clean(text)).filter(|text| !text.is_empty()).collect())
        }
    }
}

fn change_picture(patch: &mut Patch<'_, '_, '_>, view: &View<'_, '_>, card: &Card, change: &Change<Vec<u8>>) {
    let new = change.clone().apply(card.picture.clone()).filter(|bytes| !bytes.is_empty());
    match new {
        _ if new == card.picture => {}
        None => patch.remove(Role::Picture, 0),
        Some(bytes) => {
            let version = view.version();
            patch.put(Role::Picture, 0, |line, _| picture::write(line, &bytes, version));
        }
    }
}
