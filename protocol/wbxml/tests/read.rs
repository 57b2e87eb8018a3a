//! What the reader takes, and what it refuses and where: WAP-192-WBXML section 5.

use wbxml::page::{airsync, airsync_base, folder_hierarchy};
use wbxml::{DecodeErrorKind as Kind, Element, Limits, Node, Tag, decode, encode};

const HEADER: &[u8] = b"\x03\x01\x6A\x00";

fn with_header(body: &[u8]) -> Vec<u8> {
    [HEADER, body].concat()
}

fn read(bytes: &[u8]) -> Result<Element, (Kind, usize)> {
    decode(bytes, &Limits::default()).map_err(|error| (error.kind, error.offset))
}

#[test]
fn a_folder_sync_is_read() {
    let request = with_header(b"\x00\x07\x56\x52\x030\0\x01\x01");
    let tree = Element::new(folder_hierarchy::FOLDER_SYNC).with_text(folder_hierarchy::SYNC_KEY, "0");
    assert_eq!(read(&request), Ok(tree.clone()));
    assert_eq!(encode(&tree), request);
}

#[test]
fn a_code_page_stays_until_the_next_switch() {
    let request = with_header(b"\x45\x00\x11\x4A\x46\x032\0\x01\x01\x0A\x00\x00\x4E\x031\0\x01\x01");
    let tree = Element::new(airsync::SYNC)
        .with(Element::new(airsync_base::BODY).with_text(airsync_base::TYPE, "2"))
        .with_empty(airsync_base::BODY)
        .with_text(airsync::STATUS, "1");
    assert_eq!(read(&request), Ok(tree));
}

#[test]
fn old_versions_any_public_identifier_and_unknown_charset_are_taken() {
    for header in [
        &b"\x01\x01\x6A\x00"[..],
        b"\x02\x01\x6A\x00",
        b"\x03\x9F\x50\x6A\x00",
        b"\x03\x00\x00\x6A\x04ABC\0",
        b"\x03\x01\x00\x00",
        b"\x03\x01\x03\x00",
        b"\x03\x01\x80\x6A\x00",
    ] {
        assert_eq!(read(&[header, b"\x05"].concat()), Ok(Element::new(airsync::SYNC)), "{header:02x?}");
    }
}

#[test]
fn an_element_without_content_is_like_one_with_nothing_in_it() {
    for body in [&b"\x05"[..], b"\x45\x01", b"\x45\x03\0\x01", b"\x45\xC3\x00\x01", b"\x45\x00\x07\x01"] {
        assert_eq!(read(&with_header(body)), Ok(Element::new(airsync::SYNC)), "{body:02x?}");
    }
}

#[test]
fn strings_come_in_place_from_the_table_and_as_entities() {
    let document = b"\x03\x01\x6A\x08one\0two\0\x4B\x83\x00\x83\x04\x83\x05\x02\x81\x20\x03!\0\x01";
    let root = read(document).unwrap();
    assert_eq!(root.value(), "onetwowo\u{A0}!");
    assert_eq!(root.nodes.len(), 5);
}

#[test]
fn opaque_bytes_may_hold_anything() {
    let root = read(&with_header(b"\x4B\xC3\x04\x00\x01\xFF\x03\x01")).unwrap();
    assert_eq!(root.nodes, [Node::Opaque(vec![0x00, 0x01, 0xFF, 0x03])]);
}

#[test]
fn text_that_is_not_utf_8_is_mended() {
    let root = read(&with_header(b"\x4B\x03a\xE4b\0\x01")).unwrap();
    assert_eq!(root.nodes, [Node::Text("a\u{FFFD}b".into())]);
}

#[test]
fn unknown_tags_and_pages_are_kept() {
    let root = read(&with_header(b"\x45\x00\xFE\x47\x03x\0\x01\x00\x00\x3F\x4E\x031\0\x01\x01")).unwrap();
    let tags: Vec<Tag> = root.children().map(|child| child.tag).collect();
    assert_eq!(tags, [Tag::new(254, 0x07), Tag::new(0, 0x3F), airsync::STATUS]);
    assert_eq!(tags[0].name(), None);
    assert_eq!(root.child_value(airsync::STATUS).as_deref(), Some("1"));
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    for (document, kind, offset) in [
        (&b""[..], Kind::Truncated, 0),
        (b"\x00\x01\x6A\x00\x05", Kind::Version, 0),
        (b"\x04\x01\x6A\x00\x05", Kind::Version, 0),
        (b"\x13\x01\x6A\x00\x05", Kind::Version, 0),
        (b"<?xml version", Kind::Version, 0),
        (b"\x03", Kind::Truncated, 1),
        (b"\x03\x01\x04\x00\x05", Kind::Charset, 2),
        (b"\x03\x01\x6A\x05abc", Kind::Truncated, 4),
        (b"\x03\x01\x6A\x8F\xFF\xFF\xFF\x7F", Kind::Truncated, 8),
        (b"\x03\x01\x6A\x90\x80\x80\x80\x00", Kind::Number, 3),
        (b"\x03\x01\x6A\x80\x80\x80\x80\x80\x00", Kind::Number, 3),
        (b"\x03\x01\x6A\x00", Kind::Truncated, 4),
        (b"\x03\x01\x6A\x00\x01", Kind::NoRoot, 4),
        (b"\x03\x01\x6A\x00\x03a\0", Kind::NoRoot, 4),
        (b"\x03\x01\x6A\x00\xC3\x00", Kind::NoRoot, 4),
        (b"\x03\x01\x6A\x00\x45", Kind::Truncated, 5),
        (b"\x03\x01\x6A\x00\x45\x00", Kind::Truncated, 6),
        (b"\x03\x01\x6A\x00\x45\x4B\x01", Kind::Truncated, 7),
        (b"\x03\x01\x6A\x00\x45\x03abc", Kind::Truncated, 6),
        (b"\x03\x01\x6A\x00\x45\xC3\x04abc", Kind::Truncated, 7),
        (b"\x03\x01\x6A\x00\x45\x02\x81", Kind::Truncated, 7),
        (b"\x03\x01\x6A\x00\x45\x02\x00\x01", Kind::Entity, 5),
        (b"\x03\x01\x6A\x00\x45\x02\x83\xB0\x00\x01", Kind::Entity, 5),
        (b"\x03\x01\x6A\x00\x45\x83\x00\x01", Kind::StringTable, 5),
        (b"\x03\x01\x6A\x02a\0\x45\x83\x02\x01", Kind::StringTable, 7),
        (b"\x03\x01\x6A\x02ab\x45\x83\x00\x01", Kind::StringTable, 7),
        (b"\x03\x01\x6A\x00\x85\x05\x01", Kind::Attributes, 4),
        (b"\x03\x01\x6A\x00\x45\xCB\x05\x01\x01\x01", Kind::Attributes, 5),
        (b"\x03\x01\x6A\x02a\0\x04\x00", Kind::Literal, 6),
        (b"\x03\x01\x6A\x02a\0\x44\x00\x01", Kind::Literal, 6),
        (b"\x03\x01\x6A\x02a\0\x84\x00", Kind::Literal, 6),
        (b"\x03\x01\x6A\x02a\0\xC4\x00", Kind::Literal, 6),
        (b"\x03\x01\x6A\x00\x43\x05\x01\x05", Kind::ProcessingInstruction, 4),
        (b"\x03\x01\x6A\x00\x45\x40a\0\x01", Kind::Extension, 5),
        (b"\x03\x01\x6A\x00\x45\x82\x00\x01", Kind::Extension, 5),
        (b"\x03\x01\x6A\x00\x45\xC2\x01", Kind::Extension, 5),
        (b"\x03\x01\x6A\x00\x05\x05", Kind::Trailing, 5),
        (b"\x03\x01\x6A\x00\x45\x01\x01", Kind::Trailing, 6),
    ] {
        assert_eq!(read(document), Err((kind, offset)), "{document:02x?}");
    }
}
