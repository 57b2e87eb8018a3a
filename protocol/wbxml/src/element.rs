//! A document as a tree.

use std::borrow::Cow;

use crate::Tag;

/// What an element contains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// A child element.
    Element(Element),
    /// Text; an inline string on the wire.
    Text(String),
    /// Bytes; opaque data on the wire.
    Opaque(Vec<u8>),
}

/// One element: its tag and what is in it, in order.
///
/// Dropping, comparing and cloning recurse: trees from [`decode`](crate::decode) are as deep as
/// [`Limits::depth_max`](crate::Limits::depth_max) at most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    /// The name.
    pub tag: Tag,
    /// The content. A tree that was read has neither empty strings nor empty opaque values, and no NUL in a
    /// string; the writer leaves all of these out as well.
    pub nodes: Vec<Node>,
}

impl Element {
    /// An empty element.
    #[must_use]
    pub fn new(tag: Tag) -> Self {
        Self { tag, nodes: Vec::new() }
    }

    /// An element with text; without content if `text` is empty.
    #[must_use]
    pub fn text(tag: Tag, text: impl Into<String>) -> Self {
        let text = text.into();
        let nodes = if text.is_empty() { Vec::new() } else { vec![Node::Text(text)] };
        Self { tag, nodes }
    }

    /// An element with opaque bytes; without content if `bytes` is empty.
    #[must_use]
    pub fn opaque(tag: Tag, bytes: Vec<u8>) -> Self {
        let nodes = if bytes.is_empty() { Vec::new() } else { vec![Node::Opaque(bytes)] };
        Self { tag, nodes }
    }

    /// This element with one more child at its end.
    #[must_use]
    pub fn with(mut self, child: Self) -> Self {
        self.push(child);
        self
    }

    /// This element with one more child at its end that holds text.
    #[must_use]
    pub fn with_text(self, tag: Tag, text: impl Into<String>) -> Self {
        self.with(Self::text(tag, text))
    }

    /// This element with one more child at its end that holds opaque bytes.
    #[must_use]
    pub fn with_opaque(self, tag: Tag, bytes: Vec<u8>) -> Self {
        self.with(Self::opaque(tag, bytes))
    }

    /// This element with one more child at its end that is empty.
    #[must_use]
    pub fn with_empty(self, tag: Tag) -> Self {
        self.with(Self::new(tag))
    }

    /// Adds a child at the end.
    pub fn push(&mut self, child: Self) {
        self.nodes.push(Node::Element(child));
    }

    /// The child elements, in order.
    pub fn children(&self) -> impl Iterator<Item = &Self> {
        self.nodes.iter().filter_map(|node| match node {
            Node::Element(child) => Some(child),
            Node::Text(_) | Node::Opaque(_) => None,
        })
    }

    /// The first child with this tag.
    #[must_use]
    pub fn child(&self, tag: Tag) -> Option<&Self> {
        self.children().find(|child| child.tag == tag)
    }

    /// All children with this tag, in order.
    pub fn all(&self, tag: Tag) -> impl Iterator<Item = &Self> {
        self.children().filter(move |child| child.tag == tag)
    }

    /// The text directly in this element, pieces joined; opaque bytes count as UTF-8, bad sequences
    /// replaced by U+FFFD. Empty if there is none.
    #[must_use]
    pub fn value(&self) -> Cow<'_, str> {
        match self.nodes.as_slice() {
            [Node::Text(text)] => Cow::Borrowed(text),
            _ => match self.bytes() {
                Cow::Borrowed(bytes) => String::from_utf8_lossy(bytes),
                Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
            },
        }
    }

    /// The bytes directly in this element, pieces joined: opaque ones, and those of text as UTF-8. Empty if
    /// there are none.
    #[must_use]
    pub fn bytes(&self) -> Cow<'_, [u8]> {
        let mut pieces = self.nodes.iter().filter_map(|node| match node {
            Node::Element(_) => None,
            Node::Text(text) => Some(text.as_bytes()),
            Node::Opaque(bytes) => Some(bytes.as_slice()),
        });
        let first = pieces.next().unwrap_or_default();
        let Some(second) = pieces.next() else { return Cow::Borrowed(first) };
        let mut joined = [first, second].concat();
        pieces.for_each(|piece| joined.extend_from_slice(piece));
        Cow::Owned(joined)
    }

    /// [`value`](Self::value) of the first child with this tag.
    #[must_use]
    pub fn child_value(&self, tag: Tag) -> Option<Cow<'_, str>> {
        self.child(tag).map(Self::value)
    }

    /// Whether there is nothing in this element.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::airsync;

    fn sample() -> Element {
        Element::new(airsync::SYNC)
            .with_text(airsync::STATUS, "1")
            .with_text(airsync::SYNC_KEY, "a")
            .with_text(airsync::SYNC_KEY, "b")
            .with_empty(airsync::MORE_AVAILABLE)
            .with_opaque(airsync::SERVER_ID, vec![0x63, 0xFF])
    }

    #[test]
    fn children_are_found_by_tag_in_order() {
        let sync = sample();
        assert_eq!(sync.children().count(), 5);
        assert_eq!(sync.child_value(airsync::SYNC_KEY).as_deref(), Some("a"));
        assert_eq!(sync.all(airsync::SYNC_KEY).map(Element::value).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(sync.child_value(airsync::MORE_AVAILABLE).as_deref(), Some(""));
        assert_eq!(sync.child(airsync::CONFLICT), None);
    }

    #[test]
    fn a_value_is_all_text_and_bytes_joined() {
        let sync = sample();
        let server_id = sync.child(airsync::SERVER_ID).unwrap();
        assert_eq!(server_id.value(), "c\u{FFFD}");
        assert_eq!(server_id.bytes().as_ref(), [0x63, 0xFF]);

        let nodes = vec![
            Node::Text("a".into()),
            Node::Element(Element::text(airsync::CLASS, "not this")),
            Node::Opaque(vec![0xC3]),
            Node::Opaque(vec![0xA4]),
        ];
        let mixed = Element { tag: airsync::SYNC, nodes };
        assert_eq!(mixed.value(), "aä", "a character may be cut in two by opaque values");
        assert_eq!(mixed.bytes().as_ref(), "aä".as_bytes());
    }

    #[test]
    fn empty_text_and_empty_bytes_are_no_content() {
        assert!(Element::text(airsync::SYNC_KEY, "").is_empty());
        assert!(Element::opaque(airsync::SYNC_KEY, Vec::new()).is_empty());
        assert!(!Element::text(airsync::SYNC_KEY, "0").is_empty());
        assert_eq!(Element::new(airsync::SYNC_KEY).value(), "");
    }
}
