//! From version 4.0 to 3.0, as Apple's programs read it.

use std::collections::{HashMap, HashSet};

use super::entry::Entry;
use super::group::Groups;
use super::name::{is_media, value_type_of_3};
use super::{address, date, media, numbered, place, relation, to_4};
use crate::role::Role;
use crate::view::View;

/// What stands before the name of a property that is not shown, because another one says the same.
pub(super) const ALTERNATIVE: &str = "X-KONTOR-ALT-";

/// Of these a reader of version 3.0 wants one.
const ONCE: &[&str] = &["FN", "N"];
/// Of these too, if they are the same in several languages: RFC 6350 section 5.4.
const ONCE_IN_ALL_LANGUAGES: &[&str] =
    &["NICKNAME", "ORG", "TITLE", "ROLE", "NOTE", "BDAY", "ANNIVERSARY", "GENDER", "PHOTO", "ADR"];
/// The roles by which phones show one line of these.
const SHOWN_ONCE: &[Role] = &[
    Role::FormattedName,
    Role::Name,
    Role::Nickname,
    Role::Organization,
    Role::JobTitle,
    Role::Note,
    Role::Birthday,
    Role::Anniversary,
    Role::Picture,
    Role::BusinessAddress,
    Role::HomeAddress,
    Role::OtherAddress,
];

pub(super) fn convert(view: &View<'_, '_>) -> Vec<Entry> {
    let mut entries: Vec<(usize, Entry)> = numbered(view).collect();
    hide_alternatives(&mut entries, view);
    let mut groups = Groups::of(entries.iter().map(|(_, entry)| entry));
    let shows_as = entries.iter().any(|(_, entry)| entry.is("X-ABSHOWAS"));
    let sorts = entries.iter().any(|(_, entry)| entry.is("SORT-STRING"));
    let mut converted = Vec::with_capacity(entries.len());
    for (_, mut entry) in entries {
        preference(&mut entry);
        if entry.is("KIND") && !kind(&mut entry, shows_as) {
            continue;
        }
        let beside = property(&mut entry, &mut groups, sorts);
        entry.drop_value_type(value_type_of_3(&entry.name));
        converted.push(entry);
        converted.extend(beside);
    }
    converted
}

/// Of the lines that say the same the one that is shown keeps its name.
fn hide_alternatives(entries: &mut [(usize, Entry)], view: &View<'_, '_>) {
    let shown: HashSet<usize> = SHOWN_ONCE.iter().filter_map(|&role| view.index(role, 0)).collect();
    let mut alike: HashMap<(String, String), Vec<usize>> = HashMap::new();
    for (at, (_, entry)) in entries.iter().enumerate() {
        let name = entry.name.to_ascii_uppercase();
        let altid = match entry.first("ALTID") {
            _ if ONCE.contains(&name.as_str()) => String::new(),
            Some(altid) if ONCE_IN_ALL_LANGUAGES.contains(&name.as_str()) => altid.to_owned(),
            _ => continue,
        };
        alike.entry((name, altid)).or_default().push(at);
    }
    for ((name, _), places) in alike {
        let is_shown = |at: &&usize| entries.get(**at).is_some_and(|(line, _)| shown.contains(line));
        let kept = places.iter().find(is_shown).or(places.first()).copied();
        for at in places.into_iter().filter(|at| Some(*at) != kept) {
            if let Some((_, entry)) = entries.get_mut(at) {
                entry.rename(&format!("{ALTERNATIVE}{name}"));
            }
        }
    }
}

/// `PREF=1` becomes `TYPE=pref`. Version 3.0 knows no second place; the number stays for those who do.
fn preference(entry: &mut Entry) {
    if entry.first("PREF").is_some_and(|value| value.trim() == "1") {
        entry.take("PREF");
        entry.add_type("pref");
    }
}

/// RFC 6350 section 6.1.4 in Apple's words; false: there is nothing to say.
fn kind(entry: &mut Entry, shows_as: bool) -> bool {
    match entry.text().trim().to_ascii_lowercase().as_str() {
        "" | "individual" => return false,
        "org" if shows_as => return false,
        "org" => {
            entry.rename("X-ABShowAs");
            entry.set_text("COMPANY");
        }
        _ => entry.rename("X-ADDRESSBOOKSERVER-KIND"),
    }
    true
}

/// What becomes of one property, and what is put behind it.
fn property(entry: &mut Entry, groups: &mut Groups, sorts: bool) -> Option<Entry> {
    let name = entry.name.to_ascii_uppercase();
    match name.as_str() {
        "MEMBER" => entry.rename("X-ADDRESSBOOKSERVER-MEMBER"),
        "GENDER" => entry.rename("X-GENDER"),
        "BDAY" | "DEATHDATE" => date::to_3(entry),
        "ANNIVERSARY" => return anniversary(entry, groups),
        "RELATED" => return relation::to_3(entry, groups),
        "ADR" => return address::label_of(entry),
        "N" if !sorts => return sort_string(entry),
        "TEL" => telephone(entry),
        "GEO" => place::geo_to_3(entry),
        "TZ" => place::zone_to_3(entry),
        "REV" => date::moment_to_3(entry),
        "UID" => {
            entry.take("VALUE");
        }
        name if is_media(name) => media::to_3(entry),
        _ => {}
    }
    None
}

/// A date that Apple's programs know by its label.
fn anniversary(entry: &mut Entry, groups: &mut Groups) -> Option<Entry> {
    date::to_3(entry);
    entry.rename("X-ABDATE");
    if groups.label(entry).is_some_and(to_4::is_anniversary) {
        return None;
    }
    Some(groups.give_label(entry, &relation::marked("Anniversary")))
}

/// RFC 6350 section 5.9, RFC 2426 section 3.6.5.
fn sort_string(name: &mut Entry) -> Option<Entry> {
    let text = name.take("SORT-AS")?.join(",");
    let mut line = Entry::new("SORT-STRING", "");
    line.set_text(&text);
    (!text.is_empty()).then_some(line)
}

/// A number without its scheme: RFC 6350 section 6.4.1.
fn telephone(entry: &mut Entry) {
    const SCHEME: &str = "tel:";
    let text = entry.text();
    let is_number =
        |text: &str| !text.get(..SCHEME.len()).is_some_and(|scheme| scheme.eq_ignore_ascii_case(SCHEME));
    let number = text.get(SCHEME.len()..).filter(|_| entry.is_of_type("uri") && !is_number(&text));
    if let Some(number) = number.filter(|number| is_number(number)) {
        entry.take("VALUE");
        entry.set_text(number);
    }
}
