//! XML as WebDAV uses it (RFC 4918): a tree in which a name has its namespace's usual letter.

use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::{Namespace, ResolveResult};
use quick_xml::reader::NsReader;

/// The letters that tests write before a name, and what they stand for.
const NAMESPACES: &[(&str, &str)] = &[
    ("D", "DAV:"),
    ("C", "urn:ietf:params:xml:ns:caldav"),
    ("A", "urn:ietf:params:xml:ns:carddav"),
    ("S", "http://calendarserver.org/ns/"),
    ("I", "http://apple.com/ns/ical/"),
    ("X", "urn:probe:x"),
];

/// One element. `name` is `D:href`, or `{namespace}href` where no letter is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Node {
    /// With its letter.
    pub name: String,
    /// Names with letters; those without a namespace bare. Declarations are not among them.
    pub attributes: Vec<(String, String)>,
    /// Elements within.
    pub children: Vec<Self>,
    /// Character data directly within, as they stand.
    pub text: String,
}

impl Node {
    /// The first element at a path of names.
    pub fn at(&self, path: &str) -> Option<&Self> {
        path.split('/').try_fold(self, |node, name| node.children.iter().find(|child| child.name == name))
    }

    /// Whether there is an element at a path.
    pub fn has(&self, path: &str) -> bool {
        self.at(path).is_some()
    }

    /// The text at a path.
    pub fn get(&self, path: &str) -> Option<&str> {
        self.at(path).map(|node| node.text.as_str())
    }

    /// The direct children with a name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// Reads a document. Fails on anything that is not well formed.
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        let text = std::str::from_utf8(bytes).expect("XML in UTF-8");
        let mut reader = NsReader::from_str(text);
        let mut open = vec![Self::default()];
        loop {
            let event = reader.read_event().unwrap_or_else(|error| panic!("{error}: {text}"));
            match event {
                Event::Start(start) => open.push(Self::begun(&reader, &start)),
                Event::Empty(start) => {
                    let node = Self::begun(&reader, &start);
                    last(&mut open).children.push(node);
                }
                Event::End(_) => {
                    let node = open.pop().expect("the reader counts");
                    last(&mut open).children.push(node);
                }
                Event::Text(part) => last(&mut open).text.push_str(&part.xml10_content()),
                Event::CData(part) => last(&mut open).text.push_str(&part.xml10_content()),
                Event::GeneralRef(reference) => {
                    let resolved = match reference.resolve_char_ref().unwrap() {
                        Some(character) => character.to_string(),
                        None => resolve_predefined_entity(&reference.xml10_content())
                            .unwrap_or_else(|| panic!("&{reference:?}; is no entity of XML"))
                            .to_owned(),
                    };
                    last(&mut open).text.push_str(&resolved);
                }
                Event::Decl(_) | Event::Comment(_) => {}
                Event::PI(_) | Event::DocType(_) => panic!("not in an answer of WebDAV: {text}"),
                Event::Eof => break,
            }
        }
        assert_eq!(open.len(), 1, "elements are not closed: {text}");
        let outside = open.remove(0);
        assert!(outside.text.trim().is_empty(), "text beside the root: {text}");
        let [root] = &outside.children[..] else { panic!("one root: {text}") };
        root.clone()
    }

    fn begun(reader: &NsReader<&[u8]>, start: &BytesStart<'_>) -> Self {
        let (namespace, local) = reader.resolver().resolve_element(start.name());
        let name = named(&namespace, local.as_ref());
        let attributes = start
            .attributes()
            .map(|attribute| attribute.unwrap_or_else(|error| panic!("{error} in {start:?}")))
            .filter(|attribute| attribute.key.as_namespace_binding().is_none())
            .map(|attribute| {
                let (namespace, local) = reader.resolver().resolve_attribute(attribute.key);
                (
                    named(&namespace, local.as_ref()),
                    attribute.normalized_value(XmlVersion::Implicit1_0).unwrap().into_owned(),
                )
            })
            .collect();
        Self { name, attributes, ..Self::default() }
    }
}

fn last(open: &mut [Node]) -> &mut Node {
    open.last_mut().expect("the outside is never closed")
}

fn named(namespace: &ResolveResult<'_>, local: &str) -> String {
    match namespace {
        ResolveResult::Unbound => local.to_owned(),
        ResolveResult::Bound(Namespace(uri)) => NAMESPACES
            .iter()
            .find(|(_, known)| known == uri)
            .map_or_else(|| format!("{{{uri}}}{local}"), |(letter, _)| format!("{letter}:{local}")),
        ResolveResult::Unknown(prefix) => panic!("the prefix {prefix:?} is not declared"),
    }
}

/// A document around elements that are written with the letters of this file.
pub(crate) fn document(root: &str, inner: &str) -> String {
    let declared: String =
        NAMESPACES.iter().map(|(letter, uri)| format!(" xmlns:{letter}=\"{uri}\"")).collect();
    format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<{root}{declared}>{inner}</{root}>")
}

/// Text as it stands within an element.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_get_the_letters_of_their_namespaces_whatever_prefix_stood_there() {
        let text = r#"<a:multistatus xmlns:a="DAV:" xmlns="urn:ietf:params:xml:ns:caldav" xmlns:z="urn:other">
            <calendar-data z:k="1&amp;2" b="c">x &lt;&#x20AC;<![CDATA[<&]]></calendar-data><z:q xmlns:z="DAV:"/></a:multistatus>"#;
        let root = Node::parse(text.as_bytes());
        assert_eq!(root.name, "D:multistatus");
        assert_eq!(root.get("C:calendar-data"), Some("x <€<&"));
        let attributes = &root.at("C:calendar-data").unwrap().attributes;
        assert_eq!(
            attributes,
            &[("{urn:other}k".to_owned(), "1&2".to_owned()), ("b".to_owned(), "c".to_owned())]
        );
        assert!(root.has("D:q") && !root.has("q"));
    }

    #[test]
    fn what_is_written_is_read_back() {
        let text = document("D:propfind", &format!("<D:prop><X:a>{}</X:a></D:prop>", escaped("<&>ü")));
        assert_eq!(Node::parse(text.as_bytes()).get("D:prop/X:a"), Some("<&>ü"));
    }

    #[test]
    #[should_panic(expected = "not closed")]
    fn an_answer_that_is_cut_short_is_a_fault() {
        Node::parse(b"<a><b></b>");
    }
}
