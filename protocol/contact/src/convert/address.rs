//! How addresses are printed: a property LABEL beside the address in version 3.0 (RFC 2426 section 3.2.2), a
//! parameter of the address in version 4.0 (RFC 6350 section 6.3.1).

use std::collections::{HashMap, HashSet, VecDeque};

use super::entry::Entry;

/// Puts each label into the address that it belongs to: the one before it, if that is of the same types, else the
/// first of these types that has none. A label without an address stays a property.
pub(super) fn labels_into_addresses(entries: Vec<Entry>) -> Vec<Entry> {
    let labels: Vec<usize> = positions(&entries, is_plain_label);
    if labels.is_empty() {
        return entries;
    }
    let addresses = positions(&entries, |entry| entry.is("ADR") && entry.parameter("LABEL").is_none());
    let kinds: HashMap<usize, Vec<String>> =
        addresses.iter().chain(&labels).filter_map(|&at| Some((at, kind(entries.get(at)?)))).collect();
    let is_address: HashSet<usize> = addresses.iter().copied().collect();
    // Which label an address gets.
    let mut given: HashMap<usize, usize> = HashMap::new();
    let is_before = |label: usize| {
        let address = label.checked_sub(1).filter(|address| is_address.contains(address))?;
        (kinds.get(&address) == kinds.get(&label)).then_some(address)
    };
    for &label in &labels {
        if let Some(address) = is_before(label) {
            given.insert(address, label);
        }
    }
    let mut free: HashMap<&[String], VecDeque<usize>> = HashMap::new();
    for address in addresses.into_iter().filter(|address| !given.contains_key(address)) {
        let kind = kinds.get(&address).map(Vec::as_slice).unwrap_or_default();
        free.entry(kind).or_default().push_back(address);
    }
    for label in labels.into_iter().filter(|label| is_before(*label).is_none()) {
        let kind = kinds.get(&label).map(Vec::as_slice).unwrap_or_default();
        if let Some(address) = free.get_mut(kind).and_then(VecDeque::pop_front) {
            given.insert(address, label);
        }
    }
    give(entries, &given)
}

fn positions(entries: &[Entry], is: impl Fn(&Entry) -> bool) -> Vec<usize> {
    entries.iter().enumerate().filter(|(_, entry)| is(entry)).map(|(at, _)| at).collect()
}

/// A label of which the address can say everything.
fn is_plain_label(entry: &Entry) -> bool {
    entry.is("LABEL") && entry.has_only(&["TYPE", "PREF"]) && !entry.value.is_empty()
}

/// The types of an address, as they are compared.
fn kind(entry: &Entry) -> Vec<String> {
    let mut words: Vec<String> = entry.types().iter().map(|word| word.to_ascii_lowercase()).collect();
    words.sort_unstable();
    words.dedup();
    words
}

fn give(mut entries: Vec<Entry>, given: &HashMap<usize, usize>) -> Vec<Entry> {
    for (&address, &label) in given {
        let text = entries.get(label).map(Entry::text).unwrap_or_default();
        if let Some(address) = entries.get_mut(address) {
            address.set("LABEL", &[&text]);
        }
    }
    let used: HashSet<usize> = given.values().copied().collect();
    let rest = entries.into_iter().enumerate().filter(|(at, _)| !used.contains(at));
    rest.map(|(_, entry)| entry).collect()
}

/// The label of an address as a property of its own.
pub(super) fn label_of(address: &mut Entry) -> Option<Entry> {
    let text = address.take("LABEL")?.join(",");
    if text.is_empty() {
        return None;
    }
    let mut label = Entry::new("LABEL", "");
    label.set_text(&text);
    address
        .types()
        .iter()
        .filter(|word| !word.eq_ignore_ascii_case("pref"))
        .for_each(|word| label.add_type(word));
    Some(label)
}
