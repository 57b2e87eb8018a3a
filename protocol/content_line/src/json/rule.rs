//! Recurrence rules as objects: RFC 7265 section 3.6.10, RFC 7529 section 9.

use super::moment::{Way, reshaped};
use super::node::Node;
use super::{Family, ValueType, is_name};
use crate::PARAMETERS_MAX;

/// Parts whose values are numbers. A leap month (`5L`) stays a text: RFC 7529 section 9.
const NUMBERS: [&str; 10] = [
    "bymonth",
    "bymonthday",
    "byyearday",
    "byweekno",
    "byhour",
    "byminute",
    "bysecond",
    "bysetpos",
    "count",
    "interval",
];
const UNTIL: &str = "until";
/// Older programs find a rule by the part that it begins with: RFC 5545 section 3.3.10.
const FIRST: &str = "freq";

/// The object of a rule; `None` for what is no rule.
pub(super) fn to_node(rule: &str) -> Option<Node> {
    let mut parts: Vec<(String, Node)> = Vec::new();
    for part in rule.split(';').filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=')?;
        let name = name.to_ascii_lowercase();
        if !is_name(&name) || parts.len() >= PARAMETERS_MAX || parts.iter().any(|(known, _)| *known == name) {
            return None;
        }
        let value = match name.as_str() {
            UNTIL => Node::Text(until(value, Way::Extended)?),
            name => values(value, NUMBERS.contains(&name))?,
        };
        let at = if name == FIRST { 0 } else { parts.len() };
        parts.insert(at, (name, value));
    }
    (!parts.is_empty()).then_some(Node::Object(parts))
}

/// One value, or a list of several.
fn values(text: &str, are_numbers: bool) -> Option<Node> {
    /// Days of a year, twice: no rule has more.
    const VALUES_MAX: usize = 1_000;
    let node = |value: &str| match value.parse::<i64>() {
        Ok(number) if are_numbers => Node::Number(number.to_string()),
        _ => Node::text(value),
    };
    let mut nodes: Vec<Node> = text.split(',').take(VALUES_MAX + 1).map(node).collect();
    match nodes.len() {
        1 => nodes.pop(),
        count => (count <= VALUES_MAX).then_some(Node::List(nodes)),
    }
}

/// A date, or a moment.
fn until(text: &str, way: Way) -> Option<String> {
    let types = [ValueType::DateTime, ValueType::Date];
    types.into_iter().find_map(|value_type| reshaped(value_type, Family::Calendar, text, way))
}

/// The rule of an object's parts.
///
/// # Errors
/// What of it no rule can have.
pub(super) fn to_text(parts: &[(String, Node)]) -> Result<String, &'static str> {
    let is_first = |(name, _): &&(String, Node)| name.eq_ignore_ascii_case(FIRST);
    let first = parts.iter().filter(is_first);
    let others = parts.iter().filter(|part| !is_first(part));
    let mut rule = String::new();
    for (name, value) in first.chain(others) {
        if !is_name(name) {
            return Err("a part of a rule has a name that none can have");
        }
        let value = match value {
            Node::Text(text) if name.eq_ignore_ascii_case(UNTIL) => {
                until(text, Way::Basic).ok_or("the end of a rule is no date")?
            }
            Node::List(values) if !values.is_empty() => {
                values.iter().map(part_value).collect::<Result<Vec<_>, _>>()?.join(",")
            }
            value => part_value(value)?.to_owned(),
        };
        if !rule.is_empty() {
            rule.push(';');
        }
        rule.push_str(&name.to_ascii_uppercase());
        rule.push('=');
        rule.push_str(&value);
    }
    if rule.is_empty() { Err("a rule has no part") } else { Ok(rule) }
}

fn part_value(value: &Node) -> Result<&str, &'static str> {
    match value {
        Node::Text(text) | Node::Number(text) if !text.contains([',', ';']) => Ok(text),
        _ => Err("a part of a rule has a value that none can have"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(rule: &str) -> Option<String> {
        let mut out = Vec::new();
        to_node(rule)?.write(&mut out);
        String::from_utf8(out).ok()
    }

    fn back(rule: &str) -> Result<String, &'static str> {
        match to_node(rule) {
            Some(Node::Object(parts)) => to_text(&parts),
            _ => Err("no rule"),
        }
    }

    // RFC 7265 section 3.6.10, RFC 7529 section 9.
    #[test]
    fn known_answers() {
        for (rule, object) in [
            ("FREQ=DAILY", r#"{"freq":"DAILY"}"#),
            (
                "FREQ=YEARLY;COUNT=5;BYDAY=-1SU,2MO;BYMONTH=10",
                r#"{"freq":"YEARLY","count":5,"byday":["-1SU","2MO"],"bymonth":10}"#,
            ),
            (
                "FREQ=MONTHLY;UNTIL=20271224;BYMONTHDAY=-1,15;WKST=SU",
                r#"{"freq":"MONTHLY","until":"2027-12-24","bymonthday":[-1,15],"wkst":"SU"}"#,
            ),
            (
                "FREQ=WEEKLY;UNTIL=20271224T090000Z;INTERVAL=2",
                r#"{"freq":"WEEKLY","until":"2027-12-24T09:00:00Z","interval":2}"#,
            ),
            (
                "FREQ=YEARLY;RSCALE=HEBREW;BYMONTH=5L,8;SKIP=FORWARD",
                r#"{"freq":"YEARLY","rscale":"HEBREW","bymonth":["5L",8],"skip":"FORWARD"}"#,
            ),
            ("FREQ=DAILY;X-OWN=a=b", r#"{"freq":"DAILY","x-own":"a=b"}"#),
            ("FREQ=DAILY;COUNT=", r#"{"freq":"DAILY","count":""}"#),
        ] {
            assert_eq!(json(rule).as_deref(), Some(object), "{rule}");
            assert_eq!(back(rule).as_deref(), Ok(rule));
        }
        assert_eq!(back("count=+07;freq=DAILY;").as_deref(), Ok("FREQ=DAILY;COUNT=7"));
    }

    #[test]
    fn what_is_no_rule_is_no_object() {
        for rule in
            ["", ";", "DAILY", "=DAILY", "FREQ=DAILY;UNTIL=tomorrow", "COUNT=1;count=2", "FREQ=A;B C=1"]
        {
            assert_eq!(to_node(rule), None, "{rule}");
        }
        let many = |count: usize| format!("BYDAY={}", vec!["MO"; count].join(","));
        assert!(to_node(&many(1_000)).is_some());
        assert_eq!(to_node(&many(1_001)), None);
    }

    #[test]
    fn an_object_that_is_no_rule_is_refused() {
        let part = |name: &str, value: Node| vec![(name.to_owned(), value)];
        for parts in [
            Vec::new(),
            part("", Node::text("DAILY")),
            part("fr eq", Node::text("DAILY")),
            part("freq", Node::text("DAILY;COUNT=1")),
            part("freq", Node::List(Vec::new())),
            part("freq", Node::List(vec![Node::List(Vec::new())])),
            part("byday", Node::List(vec![Node::text("MO,TU")])),
            part("count", Node::Boolean(true)),
            part("until", Node::text("20271224")),
        ] {
            assert!(to_text(&parts).is_err(), "{parts:?}");
        }
    }
}
