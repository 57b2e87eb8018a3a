//! Documents made to hurt: each costs no more than [`Limits`] allow.

use wbxml::page::airsync;
use wbxml::{DecodeErrorKind as Kind, Element, Limits, decode, encode};

const HEADER: &[u8] = b"\x03\x01\x6A\x00";

fn kind(bytes: &[u8], limits: &Limits) -> Option<Kind> {
    decode(bytes, limits).err().map(|error| error.kind)
}

fn nested(depth: usize) -> Vec<u8> {
    [HEADER, &vec![0x45; depth], &vec![0x01; depth]].concat()
}

/// As [`nested`], the innermost without content.
fn nested_to_a_leaf(depth: usize) -> Vec<u8> {
    [HEADER, &vec![0x45; depth - 1], &[0x05], &vec![0x01; depth - 1]].concat()
}

fn depth(element: &Element) -> usize {
    1 + element.children().map(depth).max().unwrap_or(0)
}

/// A number as the wire has it, always in five bytes.
fn number(number: u32) -> [u8; 5] {
    [28, 21, 14, 7, 0].map(|shift| (number >> shift) as u8 & 0x7F | if shift == 0 { 0 } else { 0x80 })
}

#[test]
fn nesting_ends_at_the_limit() {
    let limits = Limits::default();
    for document in [nested, nested_to_a_leaf] {
        for allowed in [limits.depth_max - 1, limits.depth_max] {
            assert_eq!(depth(&decode(&document(allowed), &limits).unwrap()), allowed);
        }
        assert_eq!(kind(&document(limits.depth_max + 1), &limits), Some(Kind::TooDeep));
        assert_eq!(kind(&document(1_000_000), &limits), Some(Kind::TooDeep));
    }
}

#[test]
fn a_declared_length_beyond_the_bytes_is_refused() {
    let limits = Limits::default();
    for length in [u32::MAX, 1 << 31, 64 << 20, 5] {
        let opaque = [HEADER, b"\x45\xC3", &number(length), b"abcd"].concat();
        assert_eq!(kind(&opaque, &limits), Some(Kind::Truncated));
        let string_table = [b"\x03\x01\x6A", &number(length)[..], b"abcd"].concat();
        assert_eq!(kind(&string_table, &limits), Some(Kind::Truncated));
    }
}

#[test]
fn references_into_the_string_table_do_not_multiply_it() {
    let limits = Limits { bytes_max: 1 << 20, ..Limits::default() };
    let table = vec![b'a'; 100_000];
    let document = |references: usize| {
        let references = b"\x83\x00".repeat(references);
        [b"\x03\x01\x6A", &number(100_001)[..], &table, b"\0\x45", &references, b"\x01"].concat()
    };
    assert_eq!(decode(&document(10), &limits).unwrap().value().len(), 1_000_000);
    assert_eq!(kind(&document(11), &limits), Some(Kind::TooLarge));
    assert_eq!(kind(&document(100_000), &limits), Some(Kind::TooLarge));
}

#[test]
fn mending_bad_utf_8_does_not_multiply_the_text() {
    let limits = Limits { bytes_max: 1000, ..Limits::default() };
    let document = |bytes: usize| [HEADER, b"\x45\x03", &vec![0xFF; bytes], b"\0\x01"].concat();
    assert_eq!(decode(&document(333), &limits).unwrap().value().len(), 999);
    assert_eq!(kind(&document(334), &limits), Some(Kind::TooLarge));
}

#[test]
fn elements_are_counted() {
    let limits = Limits::default();
    let document = |children: usize| [HEADER, b"\x45", &vec![0x05; children], b"\x01"].concat();
    assert_eq!(decode(&document(limits.elements_max - 1), &limits).unwrap().nodes.len(), 199_999);
    assert_eq!(kind(&document(limits.elements_max), &limits), Some(Kind::TooManyElements));
    assert_eq!(kind(&document(1_000_000), &limits), Some(Kind::TooManyElements));
}

#[test]
fn values_are_counted_even_empty_ones() {
    let limits = Limits { values_max: 1000, ..Limits::default() };
    for value in [&b"\x03\0"[..], b"\x03a\0", b"\xC3\x00", b"\x02\x41"] {
        let document = |values: usize| [HEADER, b"\x45", &value.repeat(values), b"\x01"].concat();
        assert_eq!(kind(&document(1000), &limits), None);
        assert_eq!(kind(&document(1001), &limits), Some(Kind::TooManyValues));
    }
}

#[test]
fn a_document_that_is_too_large_is_not_even_read() {
    let limits = Limits { bytes_max: 100, ..Limits::default() };
    assert_eq!(kind(&[b'x'; 101], &limits), Some(Kind::TooLarge));
    let fits = encode(&Element::text(airsync::SYNC_KEY, "x".repeat(100 - 8)));
    assert_eq!((fits.len(), kind(&fits, &limits)), (100, None));
}

#[test]
fn switches_of_the_page_without_end_are_only_read() {
    let limits = Limits::default();
    assert_eq!(kind(&[HEADER, &b"\x00\x11".repeat(1_000_000)].concat(), &limits), Some(Kind::Truncated));
}
