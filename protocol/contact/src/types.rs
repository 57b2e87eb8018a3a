//! The types of a line: RFC 6350 section 5.6, bare types of version 2.1, and Apple's labels.

use std::collections::HashMap;

use content_line::{Document, Line, unescape};

use crate::role::Role;

/// The name of the line that labels the other lines of its group.
pub(crate) const LABEL: &str = "X-ABLABEL";
/// As Apple writes the name of [`LABEL`].
pub(crate) const LABEL_AS_WRITTEN: &str = "X-ABLabel";

/// The words that say what kind of line it is, in lower case.
#[derive(Debug, Default)]
pub(crate) struct Types(Vec<String>);

impl Types {
    /// Of a line with the label of its group, if it has one.
    pub(crate) fn of(line: &Line<'_>, label: Option<&str>) -> Self {
        let mut types = Self::default();
        for parameter in line.parameters() {
            if parameter.is_bare() {
                types.add(parameter.name());
            } else if parameter.is("TYPE") {
                // Some clients put the whole list between quotation marks.
                parameter.values().for_each(|value| value.split(',').for_each(|word| types.add(word)));
            }
        }
        if let Some(label) = label {
            types.add_label(label);
        }
        types
    }

    fn add(&mut self, word: &str) {
        self.0.push(word.trim().to_ascii_lowercase());
    }

    fn add_label(&mut self, label: &str) {
        let label = plain_label(label).to_ascii_lowercase();
        if let Some(place) = label.strip_suffix("fax") {
            self.add(place);
            self.add("fax");
        }
        if let Some(place) = label.strip_suffix(" main") {
            self.add(place);
        }
        self.0.push(label);
    }

    pub(crate) fn has(&self, word: &str) -> bool {
        self.0.iter().any(|known| known == word)
    }

    /// The meaning of the first word of a table that is among the types.
    pub(crate) fn first_of(&self, table: &[(&str, Role)]) -> Option<Role> {
        table.iter().find(|(word, _)| self.has(word)).map(|(_, role)| *role)
    }
}

/// A label without the marks by which Apple says that it is to be translated: `_$!<HomeFAX>!$_`.
pub(crate) fn plain_label(label: &str) -> &str {
    label.strip_prefix("_$!<").and_then(|rest| rest.strip_suffix(">!$_")).unwrap_or(label).trim()
}

/// The labels of a card's groups, by the group's name in lower case.
pub(crate) fn labels(document: &Document<'_>, card: usize) -> HashMap<String, String> {
    let labelled = document.properties(card, LABEL);
    labelled
        .filter_map(|(_, line)| {
            Some((line.group()?.to_ascii_lowercase(), unescape(&line.value()).into_owned()))
        })
        .collect()
}

/// From 1 (preferred) to 100, 101 if the line says nothing: RFC 6350 section 5.3, and `TYPE=PREF` before it.
pub(crate) fn preference(line: &Line<'_>, types: &Types) -> u16 {
    let number = line.parameter_value("PREF").and_then(|value| value.trim().parse().ok());
    match number {
        Some(number @ 1..=100) => number,
        _ if types.has("pref") => 1,
        _ => 101,
    }
}
