//! Writing: elements to text, piece by piece.

use std::borrow::Cow;

use super::character::is_character;
use super::{Element, Node};
use crate::name::{APPLE, CALDAV, CALENDARSERVER, CARDDAV, DAV, Name, XML};

/// The namespaces that every answer declares at its root, with the prefixes that people expect to see.
const PREFIXES: [(&str, &str); 5] =
    [(DAV, "D"), (CALDAV, "C"), (CARDDAV, "CARD"), (CALENDARSERVER, "CS"), (APPLE, "A")];

/// A namespace and its prefix, from the element at a depth inwards.
#[derive(Debug, Clone)]
struct Binding {
    namespace: Cow<'static, str>,
    prefix: Cow<'static, str>,
    depth: usize,
}

/// Writes a document piece by piece. Whatever a text holds, it stays a text: markup is escaped, CR is
/// written as a reference (a reader would turn it into LF), and what XML cannot hold becomes U+FFFD.
///
/// ```
/// use dav_wire::{name::dav, xml::Writer};
///
/// let mut writer = Writer::fragment();
/// writer.open(dav::HREF);
/// writer.text("/a&b/");
/// writer.close();
/// assert_eq!(writer.finish(), r#"<D:href xmlns:D="DAV:">/a&amp;b/</D:href>"#);
/// ```
#[derive(Debug, Clone)]
pub struct Writer {
    out: String,
    /// The tags of the open elements, one after the other, and where each begins.
    tags: String,
    open: Vec<usize>,
    bindings: Vec<Binding>,
    /// The start tag written last still lacks its `>`.
    in_tag: bool,
}

impl Writer {
    /// A document with its declaration and its root element, which declares all namespaces that we know.
    #[must_use]
    pub fn document(root: Name<'_>) -> Self {
        let mut writer = Self::fragment();
        writer.out.push_str("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
        writer.open(root);
        for (namespace, _) in PREFIXES {
            writer.declare(namespace);
        }
        writer
    }

    /// An element to come, without a declaration; it declares the namespaces that it uses.
    #[must_use]
    pub fn fragment() -> Self {
        // Namespaces in XML 1.0 section 3: the prefix `xml` needs no declaration.
        let xml = Binding { namespace: Cow::Borrowed(XML), prefix: Cow::Borrowed("xml"), depth: 0 };
        Self { out: String::new(), tags: String::new(), open: Vec::new(), bindings: vec![xml], in_tag: false }
    }

    /// Begins an element.
    pub fn open(&mut self, name: Name<'_>) {
        self.end_tag();
        let begin = self.tags.len();
        self.open.push(begin);
        if let Some(prefix) = self.prefix(name.namespace()) {
            self.tags.push_str(&prefix);
            self.tags.push(':');
        }
        self.tags.push_str(name.local());
        self.out.push('<');
        self.out.push_str(self.tags.get(begin..).unwrap_or_default());
        self.in_tag = true;
        self.declare(name.namespace());
    }

    /// An attribute of the element that was just begun. After content it is left out.
    pub fn attribute(&mut self, name: Name<'_>, value: &str) {
        debug_assert!(self.in_tag, "attribute() after content");
        if !self.in_tag {
            return;
        }
        self.declare(name.namespace());
        self.out.push(' ');
        if let Some(prefix) = self.prefix(name.namespace()) {
            self.out.push_str(&prefix);
            self.out.push(':');
        }
        self.out.push_str(name.local());
        self.attribute_value(value);
    }

    /// Character data of the element that was begun last.
    pub fn text(&mut self, text: &str) {
        if !text.is_empty() {
            self.end_tag();
            escape(&mut self.out, text, text_reference);
        }
    }

    /// Ends the element that was begun last. Does nothing if none is open.
    pub fn close(&mut self) {
        debug_assert!(!self.open.is_empty(), "close() without open()");
        let Some(begin) = self.open.pop() else { return };
        if std::mem::take(&mut self.in_tag) {
            self.out.push_str("/>");
        } else {
            self.out.push_str("</");
            self.out.push_str(self.tags.get(begin..).unwrap_or_default());
            self.out.push('>');
        }
        self.tags.truncate(begin);
        while self.bindings.last().is_some_and(|binding| binding.depth > self.open.len()) {
            self.bindings.pop();
        }
    }

    /// An empty element.
    pub fn empty(&mut self, name: Name<'_>) {
        self.open(name);
        self.close();
    }

    /// An element with nothing but character data.
    pub fn leaf(&mut self, name: Name<'_>, text: &str) {
        self.open(name);
        self.text(text);
        self.close();
    }

    /// An element with all that is in it.
    pub fn element(&mut self, element: &Element) {
        self.begin(element);
        let mut open = vec![element.nodes.iter()];
        while let Some(nodes) = open.last_mut() {
            match nodes.next() {
                Some(Node::Element(child)) => {
                    self.begin(child);
                    open.push(child.nodes.iter());
                }
                Some(Node::Text(text)) => self.text(text),
                None => {
                    self.close();
                    open.pop();
                }
            }
        }
    }

    /// How much was written since the last [`take`](Self::take), in bytes.
    #[must_use]
    pub fn pending_bytes(&self) -> usize {
        self.out.len()
    }

    /// What was written since the last call; the document goes on.
    #[must_use]
    pub fn take(&mut self) -> String {
        self.end_tag();
        // The next piece will be about as long.
        let next = String::with_capacity(self.out.len());
        std::mem::replace(&mut self.out, next)
    }

    /// The rest of the document; elements that are still open are ended.
    #[must_use]
    pub fn finish(mut self) -> String {
        while !self.open.is_empty() {
            self.close();
        }
        self.out
    }

    fn begin(&mut self, element: &Element) {
        self.open(element.name());
        for attribute in &element.attributes {
            self.attribute(attribute.name.name(), &attribute.value);
        }
    }

    fn end_tag(&mut self) {
        if std::mem::take(&mut self.in_tag) {
            self.out.push('>');
        }
    }

    fn attribute_value(&mut self, value: &str) {
        self.out.push_str("=\"");
        escape(&mut self.out, value, attribute_reference);
        self.out.push('"');
    }

    fn binding(&self, namespace: &str) -> Option<&Binding> {
        self.bindings.iter().rfind(|known| known.namespace == namespace)
    }

    /// The prefix that a namespace has, or will have once it is declared; `None` for no namespace.
    fn prefix(&self, namespace: &str) -> Option<Cow<'static, str>> {
        if namespace.is_empty() {
            return None;
        }
        if let Some(binding) = self.binding(namespace) {
            return Some(binding.prefix.clone());
        }
        let expected = PREFIXES.iter().find(|(known, _)| *known == namespace);
        // Bindings end innermost first, so their number is free as a name.
        let other = || Cow::Owned(format!("X{}", self.bindings.len()));
        Some(expected.map_or_else(other, |(_, prefix)| Cow::Borrowed(*prefix)))
    }

    /// Declares a namespace in the tag that is open, unless it is declared or none.
    fn declare(&mut self, namespace: &str) {
        if self.binding(namespace).is_some() {
            return;
        }
        let Some(prefix) = self.prefix(namespace) else { return };
        self.out.push_str(" xmlns:");
        self.out.push_str(&prefix);
        self.attribute_value(namespace);
        let namespace = Cow::Owned(namespace.to_owned());
        self.bindings.push(Binding { namespace, prefix, depth: self.open.len() });
    }
}

/// Appends a text in which each character that has a reference is written as it.
fn escape(out: &mut String, text: &str, reference: fn(char) -> Option<&'static str>) {
    let mut rest = text;
    while let Some((plain, suspect)) =
        rest.bytes().position(may_have_reference).and_then(|at| rest.split_at_checked(at))
    {
        out.push_str(plain);
        let mut characters = suspect.chars();
        if let Some(character) = characters.next() {
            match reference(character) {
                Some(reference) => out.push_str(reference),
                None => out.push(character),
            }
        }
        rest = characters.as_str();
    }
    out.push_str(rest);
}

/// Whether a character that begins with this byte may have a reference. All others are passed over by their bytes, for most
/// of what is written is plain. What XML cannot hold is a control character or begins with the last of these.
fn may_have_reference(byte: u8) -> bool {
    byte < b' ' || matches!(byte, b'"' | b'&' | b'<' | b'>' | 0xEF)
}

fn text_reference(c: char) -> Option<&'static str> {
    match c {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        // `]]>` must not stand in a text: XML 1.0 section 2.4.
        '>' => Some("&gt;"),
        // XML 1.0 section 2.11: a bare one would be read as a line feed.
        '\r' => Some("&#13;"),
        c if is_character(c) => None,
        _ => Some("\u{FFFD}"),
    }
}

fn attribute_reference(c: char) -> Option<&'static str> {
    match c {
        '"' => Some("&quot;"),
        // XML 1.0 section 3.3.3: bare ones would be read as spaces.
        '\n' => Some("&#10;"),
        '\t' => Some("&#9;"),
        c => text_reference(c),
    }
}
