//! Documents as one line of text: `Sync(Status=1 Collections(Collection(..)))`.

use wbxml::{Element, Limits, Node, decode};

/// The tree of an encoded document.
pub(crate) fn tree(document: &[u8]) -> String {
    draw(&decode(document, &Limits::default()).unwrap())
}

/// The tree of an element.
pub(crate) fn draw(element: &Element) -> String {
    let name = element.tag.name().unwrap_or("?");
    if element.nodes.is_empty() {
        return name.to_owned();
    }
    if element.children().next().is_none() {
        return match element.nodes.first() {
            Some(Node::Opaque(bytes)) => format!("{name}={bytes:02x?}"),
            _ => format!("{name}={}", element.value()),
        };
    }
    let children: Vec<_> = element.children().map(draw).collect();
    format!("{name}({})", children.join(" "))
}
