//! What is written is read as it was meant, whatever is in it.

use dav_wire::name::{self, QName, dav};
use dav_wire::xml::{Attribute, Element, Limits, Node, parse};
use dav_wire::{Detail, MultiStatus, PropertyAnswer, Value};
use proptest::prelude::*;

fn namespaces() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        Just(name::DAV.to_owned()),
        Just(name::CALDAV.to_owned()),
        Just(name::APPLE.to_owned()),
        "urn:[a-c]",
        "[a-z<>&\"' \\t\\n]{1,12}",
    ]
}

fn names() -> impl Strategy<Value = QName> {
    (namespaces(), "[a-zA-Z_é][a-z0-9._-]{0,6}")
        .prop_map(|(namespace, local)| QName::new(&namespace, &local).unwrap())
}

/// Text that XML can hold: whatever it cannot becomes U+FFFD and is tested apart.
fn texts() -> impl Strategy<Value = String> {
    "([\\PC\t\r\n]|[<>&\"'\\]]|&amp;|\\]\\]>|<!--|-->|<!\\[CDATA\\[|</D:href>){0,12}"
        .prop_filter("noncharacters", |text| !text.contains(['\u{FFFE}', '\u{FFFF}']))
}

fn attributes() -> impl Strategy<Value = Vec<Attribute>> {
    let attribute = (names(), texts()).prop_map(|(name, value)| Attribute { name, value });
    prop::collection::vec(attribute, 0..4).prop_map(|mut attributes| {
        let mut seen = Vec::new();
        attributes.retain(|attribute| {
            let new = !seen.contains(&attribute.name);
            seen.push(attribute.name.clone());
            new
        });
        attributes
    })
}

fn elements() -> impl Strategy<Value = Element> {
    let leaf = (names(), attributes(), texts()).prop_map(|(name, attributes, text)| {
        let nodes = if text.is_empty() { Vec::new() } else { vec![Node::Text(text)] };
        Element { name, attributes, nodes }
    });
    leaf.prop_recursive(5, 40, 4, |inner| {
        (names(), attributes(), prop::collection::vec((texts(), inner), 0..4)).prop_map(
            |(name, attributes, children)| {
                let nodes = children.into_iter().flat_map(|(text, child)| {
                    let text = (!text.is_empty()).then_some(Node::Text(text));
                    text.into_iter().chain([Node::Element(child)])
                });
                Element { name, attributes, nodes: nodes.collect() }
            },
        )
    })
}

proptest! {
    #[test]
    fn an_element_comes_back_as_it_went(element in elements()) {
        prop_assert_eq!(Element::decode(&element.encode()), Ok(element));
    }

    /// Neither a path nor a text nor a dead property can end the element that it stands in.
    #[test]
    fn nothing_in_an_answer_can_break_it(href in texts(), text in texts(), dead in elements(), name in names()) {
        let mut answer = MultiStatus::new(Detail::Full);
        let answers = [
            PropertyAnswer::value(name.clone(), Value::Text(text.clone())),
            PropertyAnswer::value(dead.name.clone(), Value::Dead(dead.clone())),
            PropertyAnswer::missing(name.clone()),
        ];
        answer.response(&href, &answers);
        answer.response(&href, &answers);
        let root = parse(&answer.finish(), &Limits::REPORT).unwrap();

        prop_assert_eq!(root.children().count(), 2);
        for response in root.children() {
            prop_assert_eq!(response.child(dav::HREF).unwrap().text(), href.clone());
            let mut propstats = response.children().filter(|child| child.name() == dav::PROPSTAT);
            let found: Vec<_> = propstats.next().unwrap().child(dav::PROP).unwrap().children().collect();
            prop_assert_eq!(found[0].name.clone(), name.clone());
            prop_assert_eq!(found[0].text(), text.clone());
            prop_assert_eq!(found[1], &dead);
            prop_assert_eq!(found.len(), 2);
            let missing: Vec<_> = propstats.next().unwrap().child(dav::PROP).unwrap().children().collect();
            prop_assert_eq!(missing, [&Element::new(name.clone())]);
        }
    }

    /// Calendar data comes from anywhere; one bad character must not make an answer unreadable.
    #[test]
    fn characters_that_xml_cannot_hold_are_replaced(text: String) {
        let nodes = vec![Node::Text(text.clone())];
        let element = Element { nodes, ..Element::new(dav::DISPLAYNAME) };
        let read = Element::decode(&element.encode()).unwrap().text();
        prop_assert_eq!(read.chars().count(), text.chars().count());
        for (read, written) in read.chars().zip(text.chars()) {
            let same_or_replaced = [written, char::REPLACEMENT_CHARACTER].contains(&read);
            prop_assert!(same_or_replaced);
        }
    }
}
