//! From lines to JSON: RFC 7265 section 3, RFC 7095 section 3.

use std::borrow::Cow;

use super::node::{Node, separated, string};
use super::value::{Said, Values};
use super::{Dialect, Family, ValueType, is_frame, is_name, is_plain_name_byte};
use crate::{Document, Line, Parameter, Transfer, Value};

const VALUE: &str = "VALUE";
const ENCODING: &str = "ENCODING";
const GROUP: &str = "GROUP";
/// Words that name an encoding without a name before them, as in version 2.1 of vCard.
const BARE_ENCODINGS: [&str; 3] = ["QUOTED-PRINTABLE", "BASE64", "B"];
/// A component whose name has no character that a name may have.
const NAMELESS: &str = "x-component";

/// A component of a document in JSON. It is at most about eight times as long as its lines. Nothing at all if there is
/// no such component.
#[must_use]
pub fn write(document: &Document<'_>, component: usize, dialect: &Dialect) -> Vec<u8> {
    let mut out = Vec::new();
    Writer { document, dialect }.component(component, &mut out);
    out
}

struct Writer<'d, 'a> {
    document: &'d Document<'a>,
    dialect: &'d Dialect,
}

impl Writer<'_, '_> {
    /// As deep as a document nests, which its reader bounds.
    fn component(&self, index: usize, out: &mut Vec<u8>) {
        let Some(component) = self.document.component(index) else { return };
        out.push(b'[');
        string(&component_name(component.name()), out);
        out.extend_from_slice(b",[");
        // Without a group these words would begin and end components.
        let is_property = |line: &&Line<'_>| group(line).is_some() || !is_frame(line.name());
        let lines = self.document.own_lines(index).map(|(_, line)| line).filter(is_property);
        separated(lines, out, |line, out| self.property(line, out));
        out.push(b']');
        let mut children = self.document.children(index).peekable();
        // A card has no list of components; where a line of it begins one, it is told all the same.
        if self.dialect.family == Family::Calendar || children.peek().is_some() {
            out.extend_from_slice(b",[");
            separated(children, out, |child, out| self.component(child, out));
            out.push(b']');
        }
        out.push(b']');
    }

    fn property(&self, line: &Line<'_>, out: &mut Vec<u8>) {
        let family = self.dialect.family;
        let form = (self.dialect.form)(&line.name().to_ascii_uppercase());
        // RFC 7265 section 3.5.1, RFC 7095 section 3.4.1.
        let declared = line.parameter_value(VALUE);
        let said = match &declared {
            None => Some(form.map_or(Said::Unknown, |form| Said::Known(form.value_type))),
            Some(name) => Said::parse(name, family),
        };
        let raw = raw_value(line);
        let is_sound = |value_type: ValueType| match line.transfer() {
            // Its escapes are others than those of texts.
            Transfer::QuotedPrintable => false,
            Transfer::Base64 => true,
            Transfer::Plain => value_type != ValueType::Binary,
        };
        let (said, nodes) = match said {
            Some(Said::Known(value_type)) => {
                let values = Values::new(value_type, form, family);
                match values.nodes(&raw).filter(|_| is_sound(value_type)) {
                    Some(nodes) => (Some(Said::Known(value_type)), nodes),
                    None => (None, vec![Node::text(raw)]),
                }
            }
            said => (said, vec![Node::text(raw)]),
        };
        // RFC 7265 section 5: what cannot be told by its type stands as it is; its line still names the type.
        let declared = declared.filter(|_| said.is_none());
        let said = said.unwrap_or(Said::Unknown);
        let parameters = self.parameters(line, &said, declared);

        out.push(b'[');
        string(&self.name(line), out);
        out.push(b',');
        Node::Object(parameters).write(out);
        out.push(b',');
        string(said.name(), out);
        for node in &nodes {
            out.push(b',');
            node.write(out);
        }
        out.push(b']');
    }

    /// In lower case. Calendars have no word for a group: there it stays before the name.
    fn name(&self, line: &Line<'_>) -> String {
        let name = line.name().to_ascii_lowercase();
        match group(line) {
            Some(group) if self.dialect.family == Family::Calendar => format!("{group}.{name}"),
            _ => name,
        }
    }

    fn parameters(
        &self,
        line: &Line<'_>,
        said: &Said,
        declared: Option<Cow<'_, str>>,
    ) -> Vec<(String, Node)> {
        let is_card = self.dialect.family == Family::Card;
        let mut merged: Vec<(String, Vec<Node>)> = Vec::new();
        // RFC 7095 section 3.3.1.2: a card has no parameter of this name.
        if let Some(group) = group(line).filter(|_| is_card) {
            merged.push((GROUP.to_ascii_lowercase(), vec![Node::Text(group)]));
        }
        for parameter in line.parameters() {
            let is_told_otherwise = parameter.is(VALUE)
                || (is_card && parameter.is(GROUP))
                || is_encoding(&parameter, line.transfer());
            if is_told_otherwise || !is_name(parameter.name()) {
                continue;
            }
            let values = parameter.values().map(Node::text);
            // RFC 7265 section 3.5.2, RFC 7095 section 3.4.2: a list, wherever its values stood.
            match merged.iter_mut().find(|(known, _)| parameter.is(known)) {
                Some((_, known)) => known.extend(values),
                None => merged.push((parameter.name().to_ascii_lowercase(), values.collect())),
            }
        }
        let encoding = match line.transfer() {
            // RFC 7265 section 3.6.1: the type says it.
            Transfer::Base64 if *said == Said::Known(ValueType::Binary) => None,
            Transfer::Base64 => Some("BASE64"),
            Transfer::QuotedPrintable => Some("QUOTED-PRINTABLE"),
            Transfer::Plain => None,
        };
        let added = [(VALUE, declared), (ENCODING, encoding.map(Cow::Borrowed))];
        let added = added
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_ascii_lowercase(), vec![Node::text(value?)])));
        merged.into_iter().chain(added).map(|(name, values)| (name, single_or_list(values))).collect()
    }
}

/// The value without control characters, which are never written.
fn raw_value<'l>(line: &'l Line<'_>) -> Cow<'l, str> {
    let value = match line.has_control() {
        true => Cow::Owned(Value::stripped(&line.value()).as_str().to_owned()),
        false => line.value(),
    };
    // At the end of such a line an equals sign would take in the next one.
    match line.transfer() {
        Transfer::QuotedPrintable if value.ends_with('=') => Cow::Owned(format!("{value}3D")),
        _ => value,
    }
}

/// Whether a parameter names the encoding of its line. Where it has no effect because it is written in an odd way, it
/// would have one when it is written again.
fn is_encoding(parameter: &Parameter<'_>, transfer: Transfer) -> bool {
    let is_word = |word: &str| BARE_ENCODINGS.iter().any(|known| known.eq_ignore_ascii_case(word.trim()));
    if parameter.is_bare() {
        return is_word(parameter.name());
    }
    let mut values = parameter.values();
    parameter.is(ENCODING)
        && (transfer != Transfer::Plain
            || (values.next().is_some_and(|word| is_word(&word)) && values.next().is_none()))
}

/// The group without full stops; `None` if nothing is left of it.
fn group(line: &Line<'_>) -> Option<String> {
    let group: String = line.group()?.split('.').collect();
    (!group.is_empty()).then_some(group)
}

fn component_name(name: &str) -> String {
    let is_plain = |character: &char| u8::try_from(*character).is_ok_and(is_plain_name_byte);
    let plain: String = name.chars().filter(is_plain).collect();
    if plain.is_empty() { NAMELESS.to_owned() } else { plain.to_ascii_lowercase() }
}

fn single_or_list(mut values: Vec<Node>) -> Node {
    match (values.len(), values.pop()) {
        (1, Some(only)) => only,
        (_, last) => {
            values.extend(last);
            Node::List(values)
        }
    }
}
