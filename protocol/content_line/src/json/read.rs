//! From JSON to lines: RFC 7265 section 4, RFC 7095 section 4.
//!
//! The text is read in one pass, a property at a time, so that what is kept of it is never more than its lines.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, SeqAccess, Visitor};

use super::node::{Node, NodeSeed};
use super::value::{Said, Values};
use super::{Dialect, Family, VALUES_MAX, ValueType, is_frame, is_name};
use crate::{
    DEPTH_MAX, DOCUMENT_BYTES_MAX, LINE_BYTES_MAX, LINES_MAX, LineEnd, NewLine, PARAMETERS_MAX, Value,
    write_lines,
};

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";
/// What a line is longer by than its head and its value: the colon, and what a last equals sign becomes.
const LINE_FRAME_BYTES: usize = 3;

/// A text is not the JSON form of a calendar or a card, or exceeds a limit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not the JSON form: {0}")]
pub struct JsonError(String);

/// The document that a JSON text is the form of. Lines end with CR LF, and names are in upper case.
///
/// # Errors
/// If the text is no JSON, or says what no document can say, or exceeds a limit of this crate.
pub fn read(json: &[u8], dialect: &Dialect) -> Result<Vec<u8>, JsonError> {
    if json.len() > DOCUMENT_BYTES_MAX {
        return Err(JsonError("it is too long".to_owned()));
    }
    let json = json.strip_prefix(BYTE_ORDER_MARK).unwrap_or(json);
    let mut lines = Lines { dialect, lines: Vec::new(), bytes: 0, open: Vec::new(), version: None };
    let mut text = serde_json::Deserializer::from_slice(json);
    let seed = Seed { lines: &mut lines, place: Place::Component };
    let read = seed.deserialize(&mut text).and_then(|()| text.end());
    read.map_err(|error| JsonError(error.to_string()))?;
    lines.finish().map_err(JsonError)
}

/// The lines that were read so far.
struct Lines<'d> {
    dialect: &'d Dialect,
    lines: Vec<NewLine>,
    /// Of all lines, before they are folded.
    bytes: usize,
    /// The names of the components that are not ended.
    open: Vec<String>,
    /// What the document says of its version.
    version: Option<String>,
}

impl Lines<'_> {
    fn admit(&mut self, line: &NewLine) -> Result<(), String> {
        let bytes = line.content_bytes().saturating_add(LINE_FRAME_BYTES);
        self.bytes = self.bytes.saturating_add(bytes);
        if bytes > LINE_BYTES_MAX || self.bytes > DOCUMENT_BYTES_MAX || self.lines.len() >= LINES_MAX {
            return Err("its lines are too long or too many".to_owned());
        }
        Ok(())
    }

    fn push(&mut self, line: NewLine) -> Result<(), String> {
        self.admit(&line)?;
        self.lines.push(line);
        Ok(())
    }

    fn begin(&mut self, name: &str) -> Result<(), String> {
        let is_root = self.open.is_empty();
        if !is_name(name) || (is_root && !name.eq_ignore_ascii_case(self.dialect.family.root())) {
            return Err(format!("{name:?} is not the name of a component here"));
        }
        if self.open.len() >= DEPTH_MAX {
            return Err("components lie too deep in each other".to_owned());
        }
        let name = name.to_ascii_uppercase();
        self.push(NewLine::new("BEGIN", Value::text(&name)))?;
        self.open.push(name);
        Ok(())
    }

    fn end(&mut self) -> Result<(), String> {
        match self.open.pop() {
            Some(name) => self.push(NewLine::new("END", Value::text(&name))),
            None => Ok(()),
        }
    }

    fn property(&mut self, property: Property) -> Result<(), String> {
        let family = self.dialect.family;
        let Property { name, parameters: Node::Object(mut parameters), said, values } = property else {
            return Err("the parameters of a property are an object".to_owned());
        };
        let (group, name) = match name.rsplit_once('.') {
            Some((group, name)) if family == Family::Calendar => (Some(group.to_owned()), name.to_owned()),
            _ if family == Family::Calendar => (None, name),
            _ => (taken(&mut parameters, "group")?, name),
        };
        let is_sound = match &group {
            Some(group) => is_name(group),
            None => !is_frame(&name),
        };
        if !is_sound || !is_name(&name) {
            return Err(format!("{name:?} is not the name of a property here"));
        }
        let name = name.to_ascii_uppercase();
        let form = (self.dialect.form)(&name);
        let declared = taken(&mut parameters, "value")?;
        let (value, value_type, is_binary) = match Said::parse(&said, family) {
            Some(Said::Known(_)) if declared.is_some() => {
                return Err(format!("{name} has two types"));
            }
            Some(Said::Known(value_type)) => {
                let value = Values::new(value_type, form, family).text(&values)?;
                // RFC 7265 section 4, RFC 7095 section 4: the type that is meant without a word is not named.
                let is_named = form.is_none_or(|form| form.value_type != value_type);
                (value, is_named.then(|| value_type.name().to_owned()), value_type == ValueType::Binary)
            }
            Some(Said::Unknown) => (verbatim(&values)?, declared, false),
            Some(Said::Other(_)) if declared.is_some() => return Err(format!("{name} has two types")),
            Some(Said::Other(other)) => (verbatim(&values)?, Some(other), false),
            None => return Err(format!("{said:?} is no type")),
        };
        let value = Value::raw(value).map_err(|error| format!("{name}: {error}"))?;
        let is_version = self.open.len() == 1 && self.version.is_none() && name == "VERSION";
        if is_version {
            self.version = Some(value.as_str().to_owned());
        }
        let mut line = NewLine::new(&name, value);
        if let Some(group) = &group {
            line = line.group(group);
        }
        if let Some(value_type) = value_type {
            let value_type = match family {
                Family::Calendar => value_type.to_ascii_uppercase(),
                Family::Card => value_type,
            };
            line = line.parameter("VALUE", &[&value_type]);
        }
        if is_binary {
            // RFC 5545 section 3.3.1.
            taken(&mut parameters, "encoding")?;
            line = line.parameter("ENCODING", &["BASE64"]);
        }
        let line = with_parameters(line, &parameters)?;
        // RFC 6350 section 6.7.9: in a card it comes first.
        if is_version && family == Family::Card {
            self.admit(&line)?;
            self.lines.insert(1, line);
            return Ok(());
        }
        self.push(line)
    }

    fn finish(self) -> Result<Vec<u8>, String> {
        let version = self.dialect.family.version();
        // Small programs leave it out of calendars, of which there is one version only.
        let is_of_version = match self.version.as_deref() {
            Some(said) => said.trim() == version,
            None => self.dialect.family == Family::Calendar,
        };
        if !is_of_version {
            return Err(format!("it does not say to be of version {version}"));
        }
        let bytes = write_lines(&self.lines, LineEnd::CrLf);
        if bytes.len() > DOCUMENT_BYTES_MAX { Err("its lines are too long".to_owned()) } else { Ok(bytes) }
    }
}

/// Removes a parameter that has one value, and gives it.
fn taken(parameters: &mut Vec<(String, Node)>, name: &str) -> Result<Option<String>, String> {
    let Some(at) = parameters.iter().position(|(known, _)| known.eq_ignore_ascii_case(name)) else {
        return Ok(None);
    };
    match parameters.remove(at).1.plain() {
        Some(value) => Ok(Some(value.to_owned())),
        None => Err(format!("the parameter {name} has no single value")),
    }
}

/// RFC 7265 section 5: the value as it is to stand in its line.
fn verbatim(values: &[Node]) -> Result<String, String> {
    match values {
        [value] => {
            value.plain().map(str::to_owned).ok_or_else(|| "a value of no known type is a text".to_owned())
        }
        _ => Err("a property of no known type has one value".to_owned()),
    }
}

/// RFC 7265 section 3.5, RFC 7095 section 3.4.
fn with_parameters(mut line: NewLine, parameters: &[(String, Node)]) -> Result<NewLine, String> {
    if parameters.len() + line.parameter_count() > PARAMETERS_MAX {
        return Err("a property has too many parameters".to_owned());
    }
    for (name, value) in parameters {
        if !is_name(name) {
            return Err(format!("{name:?} is not the name of a parameter"));
        }
        let values = match value {
            Node::List(values) => values.iter().map(Node::plain).collect::<Option<Vec<_>>>(),
            value => value.plain().map(|value| vec![value]),
        };
        let values = values.ok_or_else(|| format!("the values of the parameter {name} are texts"))?;
        let name = name.to_ascii_uppercase();
        line = match values.is_empty() {
            true => line.bare_parameter(&name),
            false => line.parameter(&name, &values),
        };
    }
    Ok(line)
}

/// A property as its array has it.
struct Property {
    name: String,
    parameters: Node,
    said: String,
    values: Vec<Node>,
}

/// What an array stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Component,
    Properties,
    Property,
    Components,
}

/// Reads an array into lines.
struct Seed<'l, 'd> {
    lines: &'l mut Lines<'d>,
    place: Place,
}

impl<'de> DeserializeSeed<'de> for Seed<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.place {
            Place::Component => "the array of a component",
            Place::Properties => "the array of its properties",
            Place::Property => "the array of a property",
            Place::Components => "the array of the components in it",
        })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<(), A::Error> {
        match self.place {
            Place::Component => component(seq, self.lines),
            Place::Properties => each(seq, self.lines, Place::Property),
            Place::Property => property(seq, self.lines),
            Place::Components => each(seq, self.lines, Place::Component),
        }
    }
}

fn each<'de, A: SeqAccess<'de>>(mut seq: A, lines: &mut Lines<'_>, place: Place) -> Result<(), A::Error> {
    while seq.next_element_seed(Seed { lines: &mut *lines, place })?.is_some() {}
    Ok(())
}

/// RFC 7265 section 3.3: name, properties, components; the last of which a card need not have. They lie in each other
/// no deeper than [`DEPTH_MAX`].
fn component<'de, A: SeqAccess<'de>>(mut seq: A, lines: &mut Lines<'_>) -> Result<(), A::Error> {
    let name: Option<String> = seq.next_element()?;
    let name = name.ok_or_else(|| A::Error::custom("a component has no name"))?;
    lines.begin(&name).map_err(A::Error::custom)?;
    let properties = seq.next_element_seed(Seed { lines: &mut *lines, place: Place::Properties })?;
    properties.ok_or_else(|| A::Error::custom("a component has no properties"))?;
    seq.next_element_seed(Seed { lines: &mut *lines, place: Place::Components })?;
    lines.end().map_err(A::Error::custom)
}

/// RFC 7265 section 3.4: name, parameters, type, and one value or more.
fn property<'de, A: SeqAccess<'de>>(mut seq: A, lines: &mut Lines<'_>) -> Result<(), A::Error> {
    let mut budget = VALUES_MAX;
    let short = || A::Error::custom("a property has a name, parameters, a type and a value");
    let name: String = seq.next_element()?.ok_or_else(short)?;
    let parameters = seq.next_element_seed(NodeSeed::new(&mut budget))?.ok_or_else(short)?;
    let said: String = seq.next_element()?.ok_or_else(short)?;
    let mut values = Vec::new();
    while let Some(value) = seq.next_element_seed(NodeSeed::new(&mut budget))? {
        values.push(value);
    }
    lines.property(Property { name, parameters, said, values }).map_err(A::Error::custom)
}
