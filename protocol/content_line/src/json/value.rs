//! Values by their types: RFC 7265 section 3.6, RFC 7095 section 3.5; and how several make up one property: RFC 7265
//! section 3.4.1, RFC 7095 section 3.3.1.

use super::moment::{Way, reshaped};
use super::node::{NUMBER_BYTES_MAX, Node};
use super::{Family, VALUES_MAX, is_name, rule};
use crate::value::{Value, split, unescape};

/// Most separators of a value that is told as a list. Each value may be a list of two in JSON.
const SEPARATORS_MAX: usize = VALUES_MAX / 4;
/// Most digits that every reader of JSON keeps.
const DIGITS_MAX: usize = 15;

const NO_SINGLE_VALUE: &str = "a property that has one value has another number of them";
const OTHER_TYPE: &str = "a value is not of the type that is said";

/// The types of values: RFC 5545 section 3.3, RFC 6350 section 4.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueType {
    /// Bytes in base64. Of calendars only.
    Binary,
    /// True or false.
    Boolean,
    /// The URI of a calendar user. Of calendars only.
    CalAddress,
    /// A day.
    Date,
    /// A day, a time of a day, or both. Of cards only.
    DateAndOrTime,
    /// A day and a time of it.
    DateTime,
    /// A span of time. Of calendars only.
    Duration,
    /// A number.
    Float,
    /// A whole number.
    Integer,
    /// A language: RFC 5646. Of cards only.
    LanguageTag,
    /// A span of time with its start. Of calendars only.
    Period,
    /// A recurrence rule. Of calendars only.
    Recur,
    /// Text with escapes.
    Text,
    /// A time of a day.
    Time,
    /// A moment. Of cards only.
    Timestamp,
    /// A URI.
    Uri,
    /// The distance of a local time from UTC.
    UtcOffset,
}

const OF_BOTH: [ValueType; 9] = [
    ValueType::Boolean,
    ValueType::Date,
    ValueType::DateTime,
    ValueType::Float,
    ValueType::Integer,
    ValueType::Text,
    ValueType::Time,
    ValueType::Uri,
    ValueType::UtcOffset,
];
const OF_CALENDARS: [ValueType; 5] =
    [ValueType::Binary, ValueType::CalAddress, ValueType::Duration, ValueType::Period, ValueType::Recur];
const OF_CARDS: [ValueType; 3] = [ValueType::DateAndOrTime, ValueType::LanguageTag, ValueType::Timestamp];

impl ValueType {
    /// The type of a name, whatever its case.
    fn parse(name: &str, family: Family) -> Option<Self> {
        let own: &[Self] = match family {
            Family::Calendar => &OF_CALENDARS,
            Family::Card => &OF_CARDS,
        };
        let mut known = OF_BOTH.iter().chain(own);
        known.find(|value_type| value_type.name().eq_ignore_ascii_case(name)).copied()
    }

    /// As JSON names it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Binary => "binary",
            Self::Boolean => "boolean",
            Self::CalAddress => "cal-address",
            Self::Date => "date",
            Self::DateAndOrTime => "date-and-or-time",
            Self::DateTime => "date-time",
            Self::Duration => "duration",
            Self::Float => "float",
            Self::Integer => "integer",
            Self::LanguageTag => "language-tag",
            Self::Period => "period",
            Self::Recur => "recur",
            Self::Text => "text",
            Self::Time => "time",
            Self::Timestamp => "timestamp",
            Self::Uri => "uri",
            Self::UtcOffset => "utc-offset",
        }
    }

    /// Whether lines and JSON write it alike. Commas and semicolons are then a part of it.
    fn is_verbatim(self) -> bool {
        matches!(self, Self::Binary | Self::CalAddress | Self::Duration | Self::LanguageTag | Self::Uri)
    }
}

/// How many values a property has, and of how many parts one is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// One value.
    Single,
    /// Values with commas between them: in JSON one after another.
    List,
    /// Parts with semicolons between them: in JSON a list.
    Parts,
    /// Parts with semicolons between them, each of which may be a list with commas: in JSON a list of lists.
    ListParts,
    /// Two parts without escapes; the second may have semicolons.
    Pair,
}

/// The form of a property that its format defines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PropertyForm {
    /// The type of a value where VALUE does not say another.
    pub value_type: ValueType,
    /// How it is put together.
    pub shape: Shape,
}

impl PropertyForm {
    /// One value of a type.
    #[must_use]
    pub const fn single(value_type: ValueType) -> Self {
        Self { value_type, shape: Shape::Single }
    }

    /// A list of values of a type.
    #[must_use]
    pub const fn list(value_type: ValueType) -> Self {
        Self { value_type, shape: Shape::List }
    }

    /// Texts that are put together in a shape.
    #[must_use]
    pub const fn texts(shape: Shape) -> Self {
        Self { value_type: ValueType::Text, shape }
    }
}

/// The type that a line or a property in JSON says to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said {
    /// It is known that it is not known: the value stands as it stands in the line.
    Unknown,
    Known(ValueType),
    /// One of others. In lower case; the value stands as with [`Self::Unknown`].
    Other(String),
}

impl Said {
    /// `None` for what names no type.
    pub(super) fn parse(name: &str, family: Family) -> Option<Self> {
        let name = name.trim().to_ascii_lowercase();
        match ValueType::parse(&name, family) {
            Some(value_type) => Some(Self::Known(value_type)),
            None if name == "unknown" => Some(Self::Unknown),
            None => is_name(&name).then_some(Self::Other(name)),
        }
    }

    /// As JSON names it.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Unknown => "unknown",
            Self::Known(value_type) => value_type.name(),
            Self::Other(name) => name,
        }
    }
}

/// How the values of a property are told in lines and in JSON.
#[derive(Debug, Clone, Copy)]
pub(super) struct Values {
    value_type: ValueType,
    shape: Shape,
    family: Family,
    is_defined: bool,
}

impl Values {
    /// Of a property that is of a type, and that its format defines in a form. Others may be lists.
    pub(super) fn new(value_type: ValueType, form: Option<PropertyForm>, family: Family) -> Self {
        let shape = match form {
            _ if value_type.is_verbatim() || value_type == ValueType::Recur => Shape::Single,
            None => Shape::List,
            Some(form) => form.shape,
        };
        Self { value_type, shape, family, is_defined: form.is_some() }
    }

    /// The values of a line in JSON; `None` for what JSON cannot say without changing it.
    pub(super) fn nodes(&self, raw: &str) -> Option<Vec<Node>> {
        let separators = || raw.bytes().filter(|byte| matches!(byte, b',' | b';')).count();
        match self.shape {
            Shape::Single => Some(vec![self.node(raw)?]),
            _ if separators() > SEPARATORS_MAX => None,
            // Nobody knows whether these are parts.
            Shape::List if !self.is_defined && split(raw, ';').nth(1).is_some() => None,
            Shape::List => self.list(raw),
            Shape::Pair => {
                let (first, second) = raw.split_once(';')?;
                Some(vec![Node::List(vec![Node::text(first), Node::text(second)])])
            }
            Shape::Parts => {
                let parts: Option<Vec<Node>> = split(raw, ';').map(|part| self.node(part)).collect();
                parts.map(single_or_list)
            }
            Shape::ListParts => {
                let parts: Option<Vec<Node>> = split(raw, ';').map(|part| self.part(part)).collect();
                parts.map(single_or_list)
            }
        }
    }

    fn list(&self, raw: &str) -> Option<Vec<Node>> {
        split(raw, ',').map(|value| self.node(value)).collect()
    }

    /// A part that may be a list.
    fn part(&self, raw: &str) -> Option<Node> {
        let mut values = self.list(raw)?;
        if values.len() == 1 { values.pop() } else { Some(Node::List(values)) }
    }

    fn node(&self, raw: &str) -> Option<Node> {
        match self.value_type {
            ValueType::Text => Some(Node::text(unescape(raw))),
            ValueType::Boolean if raw.eq_ignore_ascii_case("TRUE") => Some(Node::Boolean(true)),
            ValueType::Boolean if raw.eq_ignore_ascii_case("FALSE") => Some(Node::Boolean(false)),
            ValueType::Boolean => None,
            ValueType::Integer => raw.parse::<i64>().ok().map(|number| Node::Number(number.to_string())),
            ValueType::Float => float(raw),
            ValueType::Period => {
                let (start, end) = raw.split_once('/')?;
                Some(Node::List(vec![
                    Node::Text(moment(start, Way::Extended)?),
                    Node::Text(period_end(end, Way::Extended)?),
                ]))
            }
            ValueType::Recur => rule::to_node(raw),
            value_type if value_type.is_verbatim() => Some(Node::text(raw)),
            value_type => {
                let shaped = |way| reshaped(value_type, self.family, raw, way);
                // Programs write the format of version 3.0 in cards of version 4.0 too.
                let is_shaped = || self.family == Family::Card && shaped(Way::Basic).is_some();
                shaped(Way::Extended).or_else(|| is_shaped().then(|| raw.to_owned())).map(Node::Text)
            }
        }
    }

    /// The value of a line that says what a property says in JSON.
    ///
    /// # Errors
    /// What is wrong with the values.
    pub(super) fn text(&self, nodes: &[Node]) -> Result<String, &'static str> {
        if self.shape == Shape::List && !nodes.is_empty() {
            return self.joined(nodes);
        }
        let [node] = nodes else { return Err(NO_SINGLE_VALUE) };
        match (self.shape, node) {
            (Shape::Pair, Node::List(parts)) => match parts.as_slice() {
                [first, second] => match (first.plain(), second.plain()) {
                    (Some(first), Some(second)) if !first.contains(';') => Ok(format!("{first};{second}")),
                    _ => Err(OTHER_TYPE),
                },
                _ => Err(OTHER_TYPE),
            },
            (Shape::Pair, node) => node.plain().map(str::to_owned).ok_or(OTHER_TYPE),
            (Shape::Parts | Shape::ListParts, Node::List(parts)) if !parts.is_empty() => {
                let part = |part: &Node| match part {
                    Node::List(values) if self.shape == Shape::ListParts => self.joined(values),
                    value => self.one(value),
                };
                Ok(parts.iter().map(part).collect::<Result<Vec<_>, _>>()?.join(";"))
            }
            (_, node) => self.one(node),
        }
    }

    fn joined(&self, nodes: &[Node]) -> Result<String, &'static str> {
        Ok(nodes.iter().map(|node| self.one(node)).collect::<Result<Vec<_>, _>>()?.join(","))
    }

    fn one(&self, node: &Node) -> Result<String, &'static str> {
        match (self.value_type, node) {
            (ValueType::Text, Node::Text(text)) => Ok(Value::text(text).as_str().to_owned()),
            (ValueType::Text, Node::Number(_)) | (ValueType::Boolean, Node::Boolean(_)) => {
                node.plain().map(str::to_owned).ok_or(OTHER_TYPE)
            }
            (ValueType::Integer, Node::Number(number)) => {
                number.parse::<i64>().map(|number| number.to_string()).map_err(|_| OTHER_TYPE)
            }
            (ValueType::Float, Node::Number(number)) => Ok(number.clone()),
            (ValueType::Period, Node::List(ends)) => match ends.as_slice() {
                [Node::Text(start), Node::Text(end)] => {
                    let (start, end) = (moment(start, Way::Basic), period_end(end, Way::Basic));
                    start.zip(end).map(|(start, end)| format!("{start}/{end}")).ok_or(OTHER_TYPE)
                }
                _ => Err(OTHER_TYPE),
            },
            (ValueType::Recur, Node::Object(parts)) => rule::to_text(parts),
            (value_type, Node::Text(text)) if value_type.is_verbatim() => Ok(text.clone()),
            (value_type, Node::Text(text)) => {
                reshaped(value_type, self.family, text, Way::Basic).ok_or(OTHER_TYPE)
            }
            _ => Err(OTHER_TYPE),
        }
    }
}

/// What has one part is told without a list, unless that part is one.
fn single_or_list(parts: Vec<Node>) -> Vec<Node> {
    let is_single = matches!(parts.as_slice(), [Node::Text(_) | Node::Number(_) | Node::Boolean(_)]);
    if is_single { parts } else { vec![Node::List(parts)] }
}

/// A number that is the same after any reader of JSON has had it.
fn float(raw: &str) -> Option<Node> {
    let unsigned = raw.strip_prefix(['+', '-']).unwrap_or(raw);
    let is_plain = unsigned.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let significant = unsigned.trim_start_matches(['0', '.']).bytes().filter(u8::is_ascii_digit).count();
    let number = raw.parse::<f64>().ok().filter(|_| is_plain && significant <= DIGITS_MAX)?.to_string();
    (number.len() <= NUMBER_BYTES_MAX).then_some(Node::Number(number))
}

fn moment(text: &str, way: Way) -> Option<String> {
    reshaped(ValueType::DateTime, Family::Calendar, text, way)
}

/// A moment or a duration: RFC 5545 section 3.3.9.
fn period_end(text: &str, way: Way) -> Option<String> {
    if !text.starts_with(['P', '+', '-']) {
        return moment(text, way);
    }
    let is_plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-'));
    is_plain.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(value_type: ValueType, form: Option<PropertyForm>) -> Values {
        Values::new(value_type, form, Family::Calendar)
    }

    fn json(nodes: &[Node]) -> String {
        let mut out = Vec::new();
        Node::List(nodes.to_vec()).write(&mut out);
        String::from_utf8(out).unwrap()
    }

    // RFC 7265 sections 3.4.1 and 3.6, RFC 7095 section 3.3.1.
    #[test]
    fn known_answers() {
        let list = |value_type| (value_type, Some(PropertyForm::list(value_type)));
        let single = |value_type| (value_type, Some(PropertyForm::single(value_type)));
        let texts = |shape| (ValueType::Text, Some(PropertyForm::texts(shape)));
        for ((value_type, form), raw, expected) in [
            (single(ValueType::Text), r"Tea\, then \;\nmore", r#"["Tea, then ;\nmore"]"#),
            (list(ValueType::Text), r"a\,b,c", r#"["a,b","c"]"#),
            (list(ValueType::Text), "", r#"[""]"#),
            (list(ValueType::Date), "20261123,20261124", r#"["2026-11-23","2026-11-24"]"#),
            (
                list(ValueType::Period),
                "20261123T090000Z/PT1H,20261124T090000Z/20261124T100000Z",
                r#"[["2026-11-23T09:00:00Z","PT1H"],["2026-11-24T09:00:00Z","2026-11-24T10:00:00Z"]]"#,
            ),
            (single(ValueType::Boolean), "FALSE", "[false]"),
            (single(ValueType::Integer), "-2", "[-2]"),
            (single(ValueType::Float), "-0.125", "[-0.125]"),
            (single(ValueType::Uri), "http://a.test/?a,b;c", r#"["http://a.test/?a,b;c"]"#),
            (single(ValueType::Duration), "-PT15M", r#"["-PT15M"]"#),
            (
                (ValueType::Float, Some(PropertyForm { value_type: ValueType::Float, shape: Shape::Parts })),
                "52.52;13.405",
                "[[52.52,13.405]]",
            ),
            (texts(Shape::Parts), r"2.0;Success", r#"[["2.0","Success"]]"#),
            (texts(Shape::Parts), r"a\;b", r#"["a;b"]"#),
            (texts(Shape::ListParts), "Doe;John;Paul,Q.;;", r#"[["Doe","John",["Paul","Q."],"",""]]"#),
            (texts(Shape::ListParts), "a,b", r#"[[["a","b"]]]"#),
            (texts(Shape::Pair), "1;urn:uuid:a;b,c", r#"[["1","urn:uuid:a;b,c"]]"#),
            ((ValueType::Date, None), "20261123,20261124", r#"["2026-11-23","2026-11-24"]"#),
        ] {
            let values = values(value_type, form);
            let nodes = values.nodes(raw).unwrap();
            assert_eq!(json(&nodes), expected, "{raw}");
            assert_eq!(values.text(&nodes).as_deref(), Ok(raw), "{expected}");
        }
    }

    #[test]
    fn what_json_cannot_say_is_left_alone() {
        let single = |value_type| (value_type, Some(PropertyForm::single(value_type)));
        for ((value_type, form), raw) in [
            (single(ValueType::Date), "soon"),
            (single(ValueType::DateTime), ""),
            (single(ValueType::Integer), "1.5"),
            (single(ValueType::Integer), "9223372036854775808"),
            (single(ValueType::Float), "1e5"),
            (single(ValueType::Float), "inf"),
            (single(ValueType::Float), "0.1234567890123456"),
            (single(ValueType::Boolean), "yes"),
            (single(ValueType::Period), "20261123T090000Z"),
            (single(ValueType::Period), "20261123T090000Z/P 1"),
            (single(ValueType::Recur), "daily"),
            ((ValueType::Text, Some(PropertyForm::texts(Shape::Pair))), "1"),
            ((ValueType::Text, None), "a;b"),
        ] {
            assert_eq!(values(value_type, form).nodes(raw), None, "{raw}");
        }
        let list = values(ValueType::Text, Some(PropertyForm::list(ValueType::Text)));
        assert!(list.nodes(&",".repeat(SEPARATORS_MAX)).is_some());
        assert_eq!(list.nodes(&",".repeat(SEPARATORS_MAX + 1)), None);
    }

    #[test]
    fn values_of_another_type_or_number_are_refused() {
        let form = |value_type| Some(PropertyForm::single(value_type));
        let text = || Node::text("x");
        for (value_type, nodes) in [
            (ValueType::Text, vec![]),
            (ValueType::Text, vec![text(), text()]),
            (ValueType::Text, vec![Node::List(vec![text()])]),
            (ValueType::Boolean, vec![Node::text("TRUE")]),
            (ValueType::Integer, vec![Node::Number("1.5".to_owned())]),
            (ValueType::Integer, vec![Node::text("1")]),
            (ValueType::Float, vec![text()]),
            (ValueType::Date, vec![Node::text("20261123")]),
            (ValueType::Uri, vec![Node::Boolean(true)]),
            (ValueType::Period, vec![Node::List(vec![text()])]),
            (ValueType::Period, vec![Node::List(vec![Node::text("2026-11-23T09:00:00Z"), text()])]),
            (ValueType::Recur, vec![Node::text("FREQ=DAILY")]),
        ] {
            assert!(values(value_type, form(value_type)).text(&nodes).is_err(), "{value_type:?} {nodes:?}");
        }
    }
}
