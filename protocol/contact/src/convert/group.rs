//! Groups of properties, and the labels that Apple's programs put into them.

use std::collections::HashMap;

use super::entry::Entry;
use crate::types::{LABEL, LABEL_AS_WRITTEN};

/// What the groups of a card are, by their names in lower case.
pub(super) struct Groups {
    labels: HashMap<String, String>,
    /// How many properties a group has that are not about the group itself.
    members: HashMap<String, usize>,
    next_number: u32,
}

impl Groups {
    pub(super) fn of<'e>(entries: impl Iterator<Item = &'e Entry>) -> Self {
        let mut groups = Self { labels: HashMap::new(), members: HashMap::new(), next_number: 1 };
        for entry in entries {
            let Some(key) = key(entry) else { continue };
            if let Some(number) = key.strip_prefix("item").and_then(|number| number.parse::<u32>().ok()) {
                groups.next_number = groups.next_number.max(number.saturating_add(1));
            }
            if is_label(entry) {
                groups.labels.insert(key, entry.text());
            } else if !entry.is("X-ABADR") {
                *groups.members.entry(key).or_default() += 1;
            }
        }
        groups
    }

    /// The label of an entry's group.
    pub(super) fn label(&self, entry: &Entry) -> Option<&str> {
        self.labels.get(&key(entry)?).map(String::as_str)
    }

    /// Whether what is said of an entry's group is said of this entry only.
    pub(super) fn is_alone(&self, entry: &Entry) -> bool {
        key(entry).is_some_and(|key| self.members.get(&key) == Some(&1))
    }

    /// Gives an entry a label of its own: in its group, if it is alone there, else in a new one.
    pub(super) fn give_label(&mut self, entry: &mut Entry, label: &str) -> Entry {
        if !self.is_alone(entry) || self.label(entry).is_some() {
            entry.group = Some(format!("item{}", self.next_number));
            self.next_number = self.next_number.saturating_add(1);
        }
        let mut line = Entry::new(LABEL_AS_WRITTEN, "");
        line.set_text(label);
        line.group.clone_from(&entry.group);
        line
    }
}

pub(super) fn is_label(entry: &Entry) -> bool {
    entry.is(LABEL)
}

/// The name of an entry's group, as groups are compared.
pub(super) fn key(entry: &Entry) -> Option<String> {
    entry.group.as_ref().map(|group| group.to_ascii_lowercase())
}
