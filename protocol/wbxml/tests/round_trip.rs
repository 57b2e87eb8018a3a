//! Laws: what is written is read the same, and nothing that is read can make the reader fall over.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use wbxml::{Element, Limits, Node, Tag, Writer, decode, encode};

/// Known and unknown tags alike.
fn tags() -> impl Strategy<Value = Tag> {
    let pages = prop_oneof![4 => 0..=25_u8, 1 => any::<u8>()];
    (pages, 0x05..=0x3F_u8).prop_map(|(page, token)| Tag::new(page, token))
}

/// Trees as the reader makes them: no empty values, no NUL in text.
fn trees() -> impl Strategy<Value = Element> {
    let leaf = prop_oneof![
        "[^\0]{1,20}".prop_map(Node::Text),
        vec(any::<u8>(), 1..200).prop_map(Node::Opaque),
        tags().prop_map(|tag| Node::Element(Element::new(tag))),
    ];
    let nodes = leaf.prop_recursive(8, 100, 6, |node| {
        (tags(), vec(node, 0..6)).prop_map(|(tag, nodes)| Node::Element(Element { tag, nodes }))
    });
    (tags(), vec(nodes, 0..6)).prop_map(|(tag, nodes)| Element { tag, nodes })
}

/// Writes an element call by call, as far as calls exist for it.
fn write_piecewise(writer: &mut Writer, element: &Element) {
    match element.nodes.as_slice() {
        [] => writer.empty(element.tag),
        [Node::Text(text)] => writer.text(element.tag, text),
        [Node::Opaque(bytes)] => writer.opaque(element.tag, bytes),
        nodes if nodes.iter().all(|node| matches!(node, Node::Element(_))) => {
            writer.open(element.tag);
            element.children().for_each(|child| write_piecewise(writer, child));
            writer.close();
        }
        _ => writer.element(element),
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_the_same(tree in trees()) {
        prop_assert_eq!(decode(&encode(&tree), &Limits::default()), Ok(tree));
    }

    #[test]
    fn the_writer_writes_what_encode_writes(tree in trees()) {
        let mut writer = Writer::new();
        write_piecewise(&mut writer, &tree);
        let length = writer.len();
        let written = writer.finish();
        prop_assert_eq!(length, written.len());
        prop_assert_eq!(written, encode(&tree));
    }

    #[test]
    fn any_text_stays_one_value_without_its_nuls(text in any::<String>(), tag in tags()) {
        let seen = decode(&encode(&Element::text(tag, text.clone())), &Limits::default());
        prop_assert_eq!(seen, Ok(Element::text(tag, text.replace('\0', ""))));
    }

    #[test]
    fn random_bytes_are_read_or_refused(body in vec(any::<u8>(), 0..500), header in any::<bool>()) {
        let document = if header { [b"\x03\x01\x6A\x00", &body[..]].concat() } else { body };
        reads_stably(&document)?;
    }

    #[test]
    fn damaged_documents_are_read_or_refused(
        tree in trees(),
        damage in vec((any::<Index>(), any::<u8>()), 1..8),
        cut in proptest::option::of(any::<Index>()),
    ) {
        let mut document = encode(&tree);
        for (place, byte) in damage {
            let place = place.index(document.len());
            document[place] = byte;
        }
        if let Some(cut) = cut {
            document.truncate(cut.index(document.len()));
        }
        reads_stably(&document)?;
    }

    #[test]
    fn a_document_cut_short_is_never_taken(tree in trees(), cut in any::<Index>()) {
        let document = encode(&tree);
        let cut = cut.index(document.len());
        prop_assert!(decode(&document[..cut], &Limits::default()).is_err());
    }
}

/// Reading ends, errors point into the document, and what was taken is the same when written and read again.
fn reads_stably(document: &[u8]) -> Result<(), TestCaseError> {
    match decode(document, &Limits::default()) {
        Ok(tree) => prop_assert_eq!(decode(&encode(&tree), &Limits::default()), Ok(tree)),
        Err(error) => prop_assert!(error.offset <= document.len(), "{}", error),
    }
    Ok(())
}
