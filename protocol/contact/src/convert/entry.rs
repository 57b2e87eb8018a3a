//! One property, free of how its line was encoded.

use content_line::{Line, NewLine, PARAMETERS_MAX, Transfer, Value, split, unescape};

use super::name::{Shape, is_text, is_uri, shape};
use crate::text;

/// A property on its way from one version to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) group: Option<String>,
    pub(super) name: String,
    /// Each name once. The words of TYPE are told apart, however they were written.
    parameters: Vec<(String, Vec<String>)>,
    /// As it stands in a line that is not encoded: with the escapes that both versions have.
    pub(super) value: String,
}

/// Bare parameters of version 2.1 that are no types.
const BARE_ENCODINGS: &[&str] = &["QUOTED-PRINTABLE", "BASE64", "B", "8BIT", "7BIT"];
const BARE_VALUES: &[&str] = &["URL", "CONTENT-ID", "CID"];

impl Entry {
    pub(super) fn new(name: &str, value: &str) -> Self {
        Self { group: None, name: name.to_owned(), parameters: Vec::new(), value: value.to_owned() }
    }

    /// The property in a line, with its encoding and charset undone.
    pub(super) fn of(line: &Line<'_>) -> Self {
        let mut entry = Self::new(line.name(), "");
        entry.group = line.group().map(str::to_owned);
        for parameter in line.parameters() {
            match (parameter.is_bare(), parameter.name()) {
                (true, name) if is_in(BARE_ENCODINGS, name) || name.eq_ignore_ascii_case("INLINE") => {}
                (true, name) if is_in(BARE_VALUES, name) => entry.add("VALUE", [name.to_owned()]),
                (true, name) => entry.add("TYPE", [name.to_owned()]),
                (false, name) if name.eq_ignore_ascii_case("ENCODING") => {}
                (false, name) if name.eq_ignore_ascii_case("CHARSET") => {}
                (false, name) => entry.add(name, parameter.values().map(std::borrow::Cow::into_owned)),
            }
        }
        entry.value = entry.decoded(line);
        if is_uri(&entry.name) {
            entry.value = text::uri(&entry.text());
        }
        entry
    }

    /// The value as it would stand in a line without encoding.
    fn decoded(&mut self, line: &Line<'_>) -> String {
        let part = |part: &str| Value::text(&text::decode(line, part)).as_str().to_owned();
        let parts = |separator: char| {
            let parts = split(&text::value(line), separator).map(part).collect::<Vec<_>>();
            parts.join(&separator.to_string())
        };
        match (line.transfer(), shape(&self.name)) {
            (Transfer::QuotedPrintable, Shape::Text) => Value::text(&text::read(line)).as_str().to_owned(),
            (Transfer::QuotedPrintable, Shape::List) => parts(','),
            (Transfer::QuotedPrintable, Shape::Parts) => parts(';'),
            (Transfer::Base64, _) if !is_text(&self.name) => {
                self.set("ENCODING", &["b"]);
                line.value().split_ascii_whitespace().collect()
            }
            (Transfer::Base64 | Transfer::Plain, _) => one_line(&text::value(line)),
        }
    }

    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    pub(super) fn rename(&mut self, name: &str) {
        name.clone_into(&mut self.name);
    }

    /// What the whole value means as a text.
    pub(super) fn text(&self) -> String {
        text::clean(&unescape(&self.value))
    }

    pub(super) fn set_text(&mut self, text: &str) {
        Value::text(text).as_str().clone_into(&mut self.value);
    }

    fn add(&mut self, name: &str, values: impl IntoIterator<Item = String>) {
        if name.is_empty() {
            return;
        }
        let words: Vec<String> = match name.eq_ignore_ascii_case("TYPE") {
            // Some clients put the whole list between quotation marks.
            true => values.into_iter().flat_map(|value| words(&value)).collect(),
            false => values.into_iter().collect(),
        };
        match self.parameters.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
            Some((_, known)) => known.extend(words),
            None => self.parameters.push((name.to_owned(), words)),
        }
    }

    /// The values of a parameter.
    pub(super) fn parameter(&self, name: &str) -> Option<&[String]> {
        let mut parameters = self.parameters.iter();
        parameters.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, values)| values.as_slice())
    }

    /// The only value of a parameter that has one.
    pub(super) fn first(&self, name: &str) -> Option<&str> {
        self.parameter(name)?.first().map(String::as_str)
    }

    pub(super) fn set(&mut self, name: &str, values: &[&str]) {
        let values = values.iter().map(|&value| value.to_owned()).collect();
        match self.parameters.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
            Some((_, known)) => *known = values,
            None => self.parameters.push((name.to_owned(), values)),
        }
    }

    /// Removes a parameter and gives its values.
    pub(super) fn take(&mut self, name: &str) -> Option<Vec<String>> {
        let at = self.parameters.iter().position(|(known, _)| known.eq_ignore_ascii_case(name))?;
        Some(self.parameters.remove(at).1)
    }

    /// Whether VALUE says this.
    pub(super) fn is_of_type(&self, value_type: &str) -> bool {
        self.first("VALUE").is_some_and(|said| said.eq_ignore_ascii_case(value_type))
    }

    /// Removes VALUE where it says what is meant without it. 2.1 has `URL` for a URI.
    pub(super) fn drop_value_type(&mut self, default: Option<&str>) {
        if self.is_of_type("URL") {
            self.set("VALUE", &["uri"]);
        }
        if default.is_some_and(|default| self.is_of_type(default)) {
            self.take("VALUE");
        }
    }

    /// The words of TYPE.
    pub(super) fn types(&self) -> &[String] {
        self.parameter("TYPE").unwrap_or_default()
    }

    pub(super) fn has_type(&self, word: &str) -> bool {
        self.types().iter().any(|known| known.eq_ignore_ascii_case(word))
    }

    pub(super) fn add_type(&mut self, word: &str) {
        if !self.has_type(word) {
            self.add("TYPE", [word.to_owned()]);
        }
    }

    /// The word comes before the others.
    pub(super) fn add_first_type(&mut self, word: &str) {
        let others = self.take("TYPE").unwrap_or_default();
        let others = others.into_iter().filter(|known| !known.eq_ignore_ascii_case(word));
        self.add("TYPE", std::iter::once(word.to_owned()).chain(others));
    }

    /// Removes a word of TYPE; whether it was there.
    pub(super) fn take_type(&mut self, word: &str) -> bool {
        let found = self.has_type(word);
        if found {
            self.retain_types(|known| !known.eq_ignore_ascii_case(word));
        }
        found
    }

    pub(super) fn retain_types(&mut self, keep: impl Fn(&str) -> bool) {
        self.parameters.retain_mut(|(name, words)| {
            let is_type = name.eq_ignore_ascii_case("TYPE");
            if is_type {
                words.retain(|word| keep(word));
            }
            !is_type || !words.is_empty()
        });
    }

    /// Whether it has no other parameters than these.
    pub(super) fn has_only(&self, names: &[&str]) -> bool {
        self.parameters.iter().all(|(name, _)| is_in(names, name))
    }

    /// The line of it. What is more than a line may have is left out.
    pub(super) fn line(&self) -> NewLine {
        let line = NewLine::new(&self.name, Value::stripped(&self.value));
        let line = match &self.group {
            Some(group) => line.group(group),
            None => line,
        };
        self.parameters.iter().take(PARAMETERS_MAX).fold(line, |line, (name, values)| {
            line.parameter(name, &values.iter().map(String::as_str).collect::<Vec<_>>())
        })
    }
}

/// The words of a list that may stand in one value.
fn words(value: &str) -> Vec<String> {
    let words = value.split(',').map(str::trim).filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

/// Line breaks that an encoding hid.
fn one_line(value: &str) -> String {
    if !value.contains(['\n', '\r']) {
        return value.to_owned();
    }
    value.replace("\r\n", "\\n").replace(['\n', '\r'], "\\n")
}

fn is_in(names: &[&str], name: &str) -> bool {
    names.iter().any(|known| name.eq_ignore_ascii_case(known))
}
