//! What the specification says of the elements of answers, one rule per row: `answers.tsv`.
//!
//! A rule is broken by an answer that contradicts it, and is met by one that could have contradicted it: what no
//! answer meets is not shown.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use blackbox::Element;

const TABLE: &str = include_str!("../../answers.tsv");
/// Rows that no answer meets yet.
const WAITING: &str = include_str!("../../answers_waiting.tsv");

/// One row.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    pub(crate) id: String,
    /// As it stands in the table.
    row: &'static str,
    /// The root of the answer without its page; `*` is any.
    answer: String,
    /// What the element stands in, without pages; empty is anything.
    parents: Vec<String>,
    /// With its page if `answer` is `*`.
    element: String,
    check: Check,
}

#[derive(Debug, Clone)]
enum Check {
    /// It is the root.
    Root,
    /// It stands in one of the parents; what only such rows say of an element is all.
    Under,
    /// It has no elements within.
    Leaf,
    /// It has nothing within.
    Empty,
    /// It has these within, and what other rows say of the same element, and nothing else: met once each of these
    /// has been seen in one.
    Holds(Vec<String>),
    Is(Type),
    /// How many of it stand in one parent.
    Times(usize, usize),
    /// It may stand in one parent any number of times: met by two or more.
    Several,
    /// One of these numbers.
    Among(Vec<i64>),
    Between(i64, i64),
    /// A recurrence of this type has it, from this version on.
    WithType(String, String),
    /// A recurrence of this type does not have it.
    WithoutType(String),
    /// The version has it.
    In(String),
    /// It has elements within.
    Some,
    /// Its text has so many characters at most.
    Long(usize),
    /// It is the first in its parent.
    First,
    /// The parent does not have it.
    Absent,
}

#[derive(Debug, Clone, Copy)]
enum Type {
    String,
    Integer,
    Byte,
    Boolean,
    /// `2026-01-02T03:04:05.000Z`.
    Date,
    /// `20260102T030405Z`.
    Compact,
    Container,
    Double,
    Bytes,
    /// MS-ASDTYPE section 2.7.4.
    Zone,
}

/// One element of an answer with what it stands in.
struct Place<'a> {
    version: &'a str,
    answer: &'a str,
    /// Nothing for the root.
    parent: Option<&'a Element>,
    element: &'a Element,
}

fn name(element: &Element) -> &str {
    element.tag.split(':').nth(1).unwrap_or_default()
}

fn text(element: &Element) -> String {
    String::from_utf8_lossy(&element.content).into_owned()
}

fn rows(table: &'static str) -> Vec<Rule> {
    let is_row = |line: &&str| !line.starts_with('#') && !line.is_empty();
    table.lines().filter(is_row).map(read).collect()
}

/// All rows that hold.
pub(crate) fn rules() -> Vec<Rule> {
    rows(TABLE)
}

/// All rows that wait for a server that answers so.
pub(crate) fn waiting() -> Vec<Rule> {
    rows(WAITING)
}

fn read(line: &'static str) -> Rule {
    let columns: Vec<&str> = line.split('\t').collect();
    let [id, answer, parents, element, check] = columns[..] else { panic!("five columns: {line}") };
    let list = |text: &str| text.split('|').map(str::to_owned).collect::<Vec<_>>();
    let (kind, rest) = check.split_once(' ').unwrap_or((check, ""));
    let number = |text: &str| text.parse().unwrap_or_else(|_| panic!("{line}"));
    let pair = || rest.split_once(' ').unwrap_or_else(|| panic!("{line}"));
    let check = match kind {
        "root" => Check::Root,
        "under" => Check::Under,
        "leaf" => Check::Leaf,
        "empty" => Check::Empty,
        "holds" => Check::Holds(list(rest)),
        "is" => Check::Is(match rest {
            "string" => Type::String,
            "integer" => Type::Integer,
            "byte" => Type::Byte,
            "boolean" => Type::Boolean,
            "date" => Type::Date,
            "compact" => Type::Compact,
            "container" => Type::Container,
            "double" => Type::Double,
            "bytes" => Type::Bytes,
            "zone" => Type::Zone,
            other => panic!("{other} is no type: {line}"),
        }),
        "times" => {
            let (least, most) = pair();
            assert!((least, most) != ("0", "N"), "nothing contradicts this, it is `several`: {line}");
            Check::Times(number(least), if most == "N" { usize::MAX } else { number(most) })
        }
        "several" => Check::Several,
        "among" => Check::Among(
            rest.split(' ').map(|one| one.parse().unwrap_or_else(|_| panic!("{line}"))).collect(),
        ),
        "between" => {
            let (least, most) = pair();
            Check::Between(i64::try_from(number(least)).unwrap(), i64::try_from(number(most)).unwrap())
        }
        "with_type" => {
            let (kind, since) = rest.split_once(' ').unwrap_or((rest, ""));
            Check::WithType(kind.to_owned(), since.to_owned())
        }
        "without_type" => Check::WithoutType(rest.to_owned()),
        "in" => Check::In(rest.to_owned()),
        "some" => Check::Some,
        "long" => Check::Long(number(rest)),
        "first" => Check::First,
        "absent" => Check::Absent,
        other => panic!("{other} is no check: {line}"),
    };
    let parents = if matches!(parents, "*" | "-") { Vec::new() } else { list(parents) };
    Rule {
        id: id.to_owned(),
        row: line,
        answer: answer.to_owned(),
        parents,
        element: element.to_owned(),
        check,
    }
}

/// What the rows with the same answer and element say together.
#[derive(Default)]
struct Together {
    parents: BTreeSet<String>,
    children: BTreeSet<String>,
}

/// All rules and what they have seen.
pub(crate) struct Judge {
    rules: Vec<Rule>,
    /// The rules that may speak of an element, by its name without the page.
    speaking: BTreeMap<String, Vec<usize>>,
    together: BTreeMap<(String, String), Together>,
    met: BTreeSet<usize>,
    broken: BTreeMap<usize, String>,
    /// What rules of what an element holds have seen within.
    held: BTreeMap<usize, BTreeSet<String>>,
}

impl Judge {
    pub(crate) fn new(rules: Vec<Rule>) -> Self {
        let mut together: BTreeMap<(String, String), Together> = BTreeMap::new();
        for rule in &rules {
            let all = together.entry((rule.answer.clone(), rule.element.clone())).or_default();
            match &rule.check {
                Check::Under => all.parents.extend(rule.parents.iter().cloned()),
                Check::Holds(children) => all.children.extend(children.iter().cloned()),
                _ => {}
            }
        }
        let mut speaking: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (index, rule) in rules.iter().enumerate() {
            let own = rule.element.split_once(':').map_or(rule.element.as_str(), |(_, name)| name);
            let names: BTreeSet<&str> = match rule.check {
                Check::Times(..)
                | Check::Several
                | Check::First
                | Check::Absent
                | Check::WithType(..)
                | Check::WithoutType(_)
                    if !rule.parents.is_empty() =>
                {
                    rule.parents.iter().map(String::as_str).collect()
                }
                _ => [own].into(),
            };
            for name in names {
                speaking.entry(name.to_owned()).or_default().push(index);
            }
        }
        let (met, broken, held) = (BTreeSet::new(), BTreeMap::new(), BTreeMap::new());
        Self { rules, speaking, together, met, broken, held }
    }

    /// Looks at one answer.
    pub(crate) fn hear(&mut self, version: &str, root: &Element) {
        let answer = name(root).to_owned();
        self.visit(&Place { version, answer: &answer, parent: None, element: root });
    }

    fn visit(&mut self, place: &Place) {
        for index in self.speaking.get(name(place.element)).into_iter().flatten().copied() {
            let rule = &self.rules[index];
            if rule.answer != "*" && rule.answer != place.answer {
                continue;
            }
            match judged(rule, &self.together[&(rule.answer.clone(), rule.element.clone())], place) {
                Some(Ok(())) => {
                    let is_all = match &rule.check {
                        Check::Holds(children) => {
                            let held = self.held.entry(index).or_default();
                            held.extend(place.element.children.iter().map(|child| name(child).to_owned()));
                            children.iter().all(|child| held.contains(child))
                        }
                        _ => true,
                    };
                    if is_all {
                        self.met.insert(index);
                    }
                }
                Some(Err(why)) => {
                    let shown = place.parent.unwrap_or(place.element).shown();
                    let shown: String = shown.chars().take(600).collect();
                    self.broken
                        .entry(index)
                        .or_insert_with(|| format!("{} {}: {why}\n{shown}", place.version, place.answer));
                }
                None => {}
            }
        }
        for child in &place.element.children {
            self.visit(&Place { parent: Some(place.element), element: child, ..*place });
        }
    }

    /// The rows of rules that were met and never broken.
    pub(crate) fn holding(&self) -> Vec<&'static str> {
        let holds = |index: &&usize| !self.broken.contains_key(index);
        self.met.iter().filter(holds).map(|index| self.rules[*index].row).collect()
    }

    /// The ids of rules that were broken, each with an answer that did, and of rules that nothing has met.
    pub(crate) fn verdict(&self) -> (Vec<String>, Vec<String>) {
        let id = |index: &usize| self.rules[*index].id.clone();
        let broken = self.broken.iter().map(|(index, why)| {
            let rule = &self.rules[*index];
            format!("broken {} {:?} {} {:?}: {why}", rule.id, rule.parents, rule.element, rule.check)
        });
        let unmet = (0..self.rules.len()).filter(|index| !self.met.contains(index));
        let unseen = |index: &usize| match &self.rules[*index].check {
            Check::Holds(children) => {
                let held = self.held.get(index);
                let is_unseen = |child: &&String| held.is_none_or(|held| !held.contains(*child));
                format!(" has not seen {:?}", children.iter().filter(is_unseen).collect::<Vec<_>>())
            }
            _ => String::new(),
        };
        (broken.collect(), unmet.map(|index| format!("unmet {}{}", id(&index), unseen(&index))).collect())
    }
}

/// Some parents are called alike in several classes: the rule speaks of the one of its own.
fn is_of_its_page(rule: &Rule, parent: &Element) -> bool {
    const ALIKE: &[&str] = &["Recurrence", "Categories"];
    let page = |tag: &str| tag.split(':').next().unwrap_or_default().trim_end_matches('2').to_owned();
    rule.answer != "*" || !ALIKE.contains(&name(parent)) || page(&rule.element) == page(&parent.tag)
}

/// Nothing if the rule does not speak of this place.
fn judged(rule: &Rule, together: &Together, place: &Place) -> Option<Result<(), String>> {
    let element = place.element;
    // Items have elements that are called like those of commands.
    const OF_ITEMS: &[&str] = &["Email:Status", "AirSyncBase:Status", "Calendar:Email", "Calendar:Name"];
    let is_it = |element: &Element| match rule.answer.as_str() {
        "*" => element.tag == rule.element,
        _ => name(element) == rule.element && !OF_ITEMS.contains(&element.tag.as_str()),
    };
    // Rules on a parent: they look from there at its children.
    let is_parent =
        rule.parents.iter().any(|parent| name(element) == parent) && is_of_its_page(rule, element);
    match &rule.check {
        Check::Times(least, most) if !rule.parents.is_empty() => {
            let count = element.children.iter().filter(|child| is_it(child)).count();
            if !is_parent || *least == 0 && count == 0 {
                return None;
            }
            let fits = (*least..=*most).contains(&count);
            return Some(if fits { Ok(()) } else { Err(format!("{count} times")) });
        }
        Check::Several => {
            let count = element.children.iter().filter(|child| is_it(child)).count();
            return (is_parent && count > 1).then_some(Ok(()));
        }
        Check::WithType(_, since) if place.version < since.as_str() => return None,
        Check::WithType(kind, _) | Check::WithoutType(kind) => {
            let page = element.tag.split(':').next()?;
            let its = element.children.iter().find(|child| child.tag == format!("{page}:Type"))?;
            let of_page = page == rule.element.split(':').next()?;
            if !is_parent || text(its) != *kind || !of_page {
                return None;
            }
            let has = element.children.iter().any(is_it);
            let wanted = matches!(rule.check, Check::WithType(..));
            return Some(if has == wanted { Ok(()) } else { Err(format!("it has it: {has}")) });
        }
        Check::First | Check::Absent if is_parent => {
            let at = element.children.iter().position(is_it);
            let wanted = if matches!(rule.check, Check::First) { Some(0) } else { None };
            return Some(if at == wanted { Ok(()) } else { Err(format!("it stands at {at:?}")) });
        }
        Check::First | Check::Absent => return None,
        _ => {}
    }
    if !is_it(element) {
        return None;
    }
    let parent = place.parent.map(name);
    let stands_there =
        rule.parents.is_empty() || parent.is_some_and(|name| rule.parents.iter().any(|one| one == name));
    let said = |good: bool, why: &str| Some(if good { Ok(()) } else { Err(why.to_owned()) });
    match &rule.check {
        Check::Under => {
            let known = parent.is_some_and(|name| together.parents.contains(name));
            match (stands_there, known || rule.answer == "*") {
                (true, _) => Some(Ok(())),
                (false, true) => None,
                (false, false) => Some(Err(format!("it stands in {parent:?}"))),
            }
        }
        Check::Root => said(place.parent.is_none(), "it is not the root"),
        _ if !stands_there => None,
        Check::Leaf => said(element.children.is_empty(), "it has elements within"),
        Check::Empty => said(element.children.is_empty() && element.content.is_empty(), "it has content"),
        Check::Holds(children) => {
            let names: Vec<&str> = element.children.iter().map(name).collect();
            if let Some(other) = names.iter().find(|child| !together.children.contains(**child)) {
                return Some(Err(format!("it holds {other}")));
            }
            names.iter().any(|child| children.iter().any(|one| one == child)).then_some(Ok(()))
        }
        Check::Is(kind) => Some(kind.check(element)),
        Check::Times(..) => said(place.parent.is_none(), "it is not the one root"),
        Check::Among(values) => {
            said(text(element).parse().is_ok_and(|value| values.contains(&value)), &text(element))
        }
        Check::Between(least, most) => {
            let good = text(element).parse().is_ok_and(|value: i64| (*least..=*most).contains(&value));
            said(good, &text(element))
        }
        Check::In(version) => (version == place.version).then_some(Ok(())),
        Check::Some => said(!element.children.is_empty(), "it has nothing within"),
        Check::Long(most) => said(text(element).chars().count() <= *most, &text(element)),
        Check::WithType(..) | Check::WithoutType(_) | Check::Several | Check::First | Check::Absent => None,
    }
}

impl Type {
    fn check(self, element: &Element) -> Result<(), String> {
        let text = std::str::from_utf8(&element.content).map_err(|error| error.to_string());
        let inline = || -> Result<&str, String> {
            let text = text.clone()?;
            match (element.opaque, element.children.is_empty()) {
                (true, _) => Err("it is opaque".to_owned()),
                (_, false) => Err("it has elements within".to_owned()),
                _ => Ok(text),
            }
        };
        let shaped = |shape: &str| {
            inline().and_then(|text| {
                let fits = text.len() == shape.len()
                    && text.chars().zip(shape.chars()).all(|(is, should)| match should {
                        '0' => is.is_ascii_digit(),
                        _ => is == should,
                    });
                if fits { Ok(()) } else { Err(format!("{text} is not like {shape}")) }
            })
        };
        let parsed = |good: bool| if good { Ok(()) } else { Err(format!("it is {text:?}")) };
        match self {
            Self::String => inline().map(|_| ()),
            Self::Integer => inline().and_then(|text| parsed(text.parse::<i64>().is_ok())),
            Self::Byte => inline().and_then(|text| parsed(text.parse::<u8>().is_ok())),
            Self::Boolean => inline().and_then(|text| parsed(matches!(text, "0" | "1"))),
            Self::Double => inline().and_then(|text| parsed(text.parse::<f64>().is_ok())),
            Self::Date => shaped("0000-00-00T00:00:00.000Z"),
            Self::Compact => shaped("00000000T000000Z"),
            Self::Container => parsed(element.content.is_empty()),
            Self::Bytes => parsed(element.opaque && element.children.is_empty()),
            Self::Zone => inline().and_then(is_zone),
        }
    }
}

/// Each name ends with zeros only, and where the bias is that of Berlin all numbers are those of its rule.
fn is_zone(text: &str) -> Result<(), String> {
    const NAMES: [std::ops::Range<usize>; 2] = [4..68, 88..152];
    let decoded = |text: &str| STANDARD.decode(text).map_err(|error| error.to_string());
    let (mut blob, mut expected) = (decoded(text)?, decoded(&blackbox::berlin())?);
    if blob.len() != expected.len() {
        return Err(format!("{} bytes", blob.len()));
    }
    for range in NAMES {
        let units: Vec<&[u8]> = blob[range.clone()].chunks(2).collect();
        let used = units.iter().position(|unit| *unit == [0, 0]).unwrap_or(units.len());
        if units[used..].iter().any(|unit| *unit != [0, 0]) {
            return Err("something stands behind a name".to_owned());
        }
        blob[range.clone()].fill(0);
        expected[range].fill(0);
    }
    let is_elsewhere = blob[..4] != expected[..4];
    if blob == expected || is_elsewhere { Ok(()) } else { Err(format!("{blob:?} is not {expected:?}")) }
}

#[test]
fn a_rule_that_is_broken_is_found_and_one_that_nothing_meets_too() {
    let judge = |row: &'static str, answer: &Element| {
        let mut judge = Judge::new(vec![read(row)]);
        judge.hear("14.1", answer);
        let (broken, unmet) = judge.verdict();
        (broken.len(), unmet.len())
    };
    let key = Element::text("AirSync:SyncKey", "a");
    let sync = Element::of("AirSync:Sync", [Element::of("AirSync:Collection", [key.clone(), key])]);
    for (row, expected) in [
        ("R\tSync\tCollection\tSyncKey\tunder", (0, 0)),
        ("R\tSync\tSync\tSyncKey\tunder", (1, 1)),
        ("R\tSync\tCollection\tSyncKey\ttimes 1 1", (1, 1)),
        ("R\tSync\tCollection\tSyncKey\ttimes 1 N", (0, 0)),
        ("R\tSync\tCollection\tStatus\ttimes 1 1", (1, 1)),
        ("R\tSync\tCollection\tStatus\ttimes 0 1", (0, 1)),
        ("R\tSync\tCollection\tSyncKey\tseveral", (0, 0)),
        ("R\tSync\tSync\tCollection\tseveral", (0, 1)),
        ("R\tSync\tCollection\tSyncKey\tis integer", (1, 1)),
        ("R\t*\t*\tAirSync:SyncKey\tis string", (0, 0)),
        ("R\tSync\t*\tSync\tholds Collections", (1, 1)),
        ("R\tSync\t*\tSync\tholds Collection", (0, 0)),
        ("R\tSync\t*\tSync\tholds Collection|Status", (0, 1)),
        ("R\tSync\t*\tCollection\tleaf", (1, 1)),
        ("R\tPing\tCollection\tSyncKey\tunder", (0, 1)),
        ("R\t*\t*\tAirSync:SyncKey\tin 14.1", (0, 0)),
        ("R\t*\t*\tAirSync:SyncKey\tin 16.1", (0, 1)),
    ] {
        assert_eq!(judge(row, &sync), expected, "{row}");
    }
}
