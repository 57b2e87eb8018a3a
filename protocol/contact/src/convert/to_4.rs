//! From version 3.0 or 2.1 to 4.0.

use std::collections::HashSet;

use super::entry::Entry;
use super::group::{Groups, is_label, key};
use super::name::{is_media, value_type_of_4};
use super::{address, date, media, place, relation, to_3};
use crate::types::plain_label;

/// Names of the wedding anniversary beside Apple's label.
const ANNIVERSARIES: &[&str] =
    &["X-ANNIVERSARY", "X-EVOLUTION-ANNIVERSARY", "X-MS-ANNIVERSARY", "X-KADDRESSBOOK-X-ANNIVERSARY"];

/// What a card may say once only, and has said.
struct Said {
    kind: bool,
    gender: bool,
    anniversary: bool,
}

pub(super) fn convert(entries: Vec<Entry>) -> Vec<Entry> {
    let groups = Groups::of(entries.iter());
    let has = |name: &str| entries.iter().any(|entry| entry.is(name));
    let mut said = Said {
        kind: has("KIND"),
        gender: has("GENDER"),
        // The first one in the card is the one that readers show.
        anniversary: false,
    };
    let is_person = !said.kind && !has("X-ADDRESSBOOKSERVER-KIND");
    // Groups whose label is said by the property itself now.
    let mut spoken = HashSet::new();
    let mut converted = Vec::with_capacity(entries.len());
    for mut entry in entries {
        preference(&mut entry);
        if !property(&mut entry, &groups, &mut said, is_person, &mut spoken) {
            continue;
        }
        entry.drop_value_type(value_type_of_4(&entry.name));
        converted.push(entry);
    }
    converted.retain(|entry| !is_label(entry) || !key(entry).is_some_and(|key| spoken.contains(&key)));
    sort_strings_into_names(address::labels_into_addresses(converted))
}

/// `TYPE=pref` becomes `PREF=1`: RFC 6350 section 5.3.
fn preference(entry: &mut Entry) {
    let number = entry.first("PREF").and_then(|value| value.trim().parse::<u16>().ok());
    if entry.take_type("pref") && !number.is_some_and(|number| (1..=100).contains(&number)) {
        entry.set("PREF", &["1"]);
    }
}

/// What becomes of one property; false: it goes.
fn property(
    entry: &mut Entry,
    groups: &Groups,
    said: &mut Said,
    is_person: bool,
    spoken: &mut HashSet<String>,
) -> bool {
    let name = entry.name.to_ascii_uppercase();
    let name = match name.strip_prefix(to_3::ALTERNATIVE) {
        Some(name) => {
            entry.rename(name);
            name
        }
        None => name.as_str(),
    };
    match name {
        // It says that the card is a card.
        "PROFILE" => return false,
        "X-ADDRESSBOOKSERVER-KIND" => {
            entry.set_text(&entry.text().trim().to_ascii_lowercase());
            return rename_once(entry, "KIND", &mut said.kind);
        }
        "X-ABSHOWAS" if is_person && entry.text().trim().eq_ignore_ascii_case("company") => {
            entry.set_text("org");
            return rename_once(entry, "KIND", &mut said.kind);
        }
        "X-ADDRESSBOOKSERVER-MEMBER" => entry.rename("MEMBER"),
        "X-GENDER" if !said.gender => {
            said.gender = true;
            entry.rename("GENDER");
            gender(entry);
        }
        "EMAIL" => {
            // What an address is unless it says otherwise: RFC 2426 section 3.3.2.
            entry.take_type("internet");
        }
        "BDAY" | "DEATHDATE" => date::to_4(entry),
        "ANNIVERSARY" => {
            said.anniversary = true;
            date::to_4(entry);
        }
        _ if name == "X-ABDATE" || ANNIVERSARIES.contains(&name) => anniversary(entry, groups, said, spoken),
        "X-ABRELATEDNAMES" => {
            let label = groups.label(entry).map(str::to_owned);
            if relation::to_4(entry, label.as_deref()) {
                speak(entry, groups, spoken);
            }
        }
        // RFC 2426 section 3.5.4: a text is a whole card, for which there is no word.
        "AGENT" if entry.is_of_type("uri") => {
            entry.rename("RELATED");
            entry.add_type("agent");
        }
        "GEO" => place::geo_to_4(entry),
        "TZ" => place::zone_to_4(entry),
        "REV" => date::moment_to_4(entry),
        "UID" => uid(entry),
        _ if is_media(name) => media::to_4(entry),
        _ => {}
    }
    true
}

/// Gives a property the name of one that a card has once, if it has not said it yet.
fn rename_once(entry: &mut Entry, name: &str, said: &mut bool) -> bool {
    entry.rename(name);
    !std::mem::replace(said, true)
}

/// The first anniversary of a card: RFC 6350 section 6.2.6. Others keep their names.
fn anniversary(entry: &mut Entry, groups: &Groups, said: &mut Said, spoken: &mut HashSet<String>) {
    let is_labelled = groups.label(entry).is_some_and(is_anniversary);
    let is_date = entry.is("X-ABDATE");
    if said.anniversary
        || entry.value.is_empty()
        || (is_date && !is_labelled && !entry.take_type("anniversary"))
    {
        return;
    }
    said.anniversary = true;
    entry.rename("ANNIVERSARY");
    date::to_4(entry);
    if is_date && is_labelled {
        speak(entry, groups, spoken);
    }
}

/// Whether a label says that a date is the wedding anniversary.
pub(super) fn is_anniversary(label: &str) -> bool {
    plain_label(label).eq_ignore_ascii_case("anniversary")
}

fn speak(entry: &Entry, groups: &Groups, spoken: &mut HashSet<String>) {
    if groups.is_alone(entry) {
        spoken.extend(key(entry));
    }
}

/// RFC 6350 section 6.2.7: a letter, and perhaps a text. Some write the word.
fn gender(entry: &mut Entry) {
    let text = entry.text();
    let word = text.trim().to_ascii_lowercase();
    let letter = match word.as_str() {
        "m" | "male" => "M",
        "f" | "female" => "F",
        "o" | "other" => "O",
        "n" | "none" => "N",
        "u" | "unknown" => "U",
        _ if word.is_empty() || entry.value.contains(';') => return,
        _ => "",
    };
    match letter {
        "" => {
            entry.set_text(&text);
            entry.value.insert(0, ';');
        }
        letter => letter.clone_into(&mut entry.value),
    }
}

/// RFC 6350 section 6.7.6: it is a URI, or says that it is a text.
fn uid(entry: &mut Entry) {
    let text = entry.text();
    let scheme = text.split_once(':').map(|(scheme, _)| scheme).unwrap_or_default();
    let is_uri = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    if is_uri {
        entry.take("VALUE");
    } else {
        entry.set("VALUE", &["text"]);
    }
}

/// RFC 2426 section 3.6.5 and RFC 6350 section 5.9: how a name is sorted is said in the name.
fn sort_strings_into_names(mut entries: Vec<Entry>) -> Vec<Entry> {
    let Some(at) = entries.iter().position(|entry| entry.is("SORT-STRING") && !entry.value.is_empty()) else {
        return entries;
    };
    let Some(text) = entries.get(at).map(Entry::text) else { return entries };
    // Of several names the first says it, or none: on the way back the others keep what they say.
    let name = entries.iter_mut().find(|entry| entry.is("N"));
    if let Some(name) = name.filter(|name| name.parameter("SORT-AS").is_none()) {
        name.set("SORT-AS", &[&text]);
        entries.remove(at);
    }
    entries
}
