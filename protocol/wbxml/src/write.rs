//! Writing: WAP-192-WBXML section 5; MS-ASWBXML section 2.1.3.

use crate::{Element, Node, Tag, token};

/// Version 1.3, public identifier "unknown", UTF-8 (106), no string table.
const HEADER: [u8; 4] = [0x03, 0x01, 0x6A, 0x00];

/// Encodes a document.
///
/// Empty elements are written without content; NUL within text is left out, because it would end the string
/// and let the rest be read as tokens.
#[must_use]
pub fn encode(root: &Element) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.element(root);
    writer.finish()
}

/// Writes a document piece by piece, for those that are too large to hold as a tree.
///
/// ```
/// use wbxml::{Writer, page::airsync};
///
/// let mut writer = Writer::new();
/// writer.open(airsync::SYNC);
/// writer.text(airsync::STATUS, "1");
/// writer.empty(airsync::MORE_AVAILABLE);
/// writer.close();
/// assert_eq!(writer.finish(), b"\x03\x01\x6A\x00\x45\x4E\x031\0\x01\x14\x01");
/// ```
#[derive(Debug, Clone)]
pub struct Writer {
    out: Vec<u8>,
    page: u8,
    /// Elements that are open.
    depth: usize,
    /// Where the tag stands that was opened last, as long as nothing is in it. It is written as a tag without
    /// content and gets its bit when content comes.
    childless: Option<usize>,
}

impl Default for Writer {
    fn default() -> Self {
        Self::new()
    }
}

impl Writer {
    /// A document with nothing but its header.
    #[must_use]
    pub fn new() -> Self {
        Self { out: HEADER.to_vec(), page: 0, depth: 0, childless: None }
    }

    /// Begins an element.
    pub fn open(&mut self, tag: Tag) {
        self.begin_content();
        if tag.page() != self.page {
            self.out.extend([token::SWITCH_PAGE, tag.page()]);
            self.page = tag.page();
        }
        self.childless = Some(self.out.len());
        self.out.push(tag.token());
        self.depth += 1;
    }

    /// Ends the element that was opened last. Does nothing if none is open.
    pub fn close(&mut self) {
        debug_assert!(self.depth > 0, "close() without open()");
        let Some(depth) = self.depth.checked_sub(1) else { return };
        self.depth = depth;
        if self.childless.take().is_none() {
            self.out.push(token::END);
        }
    }

    /// An empty element.
    pub fn empty(&mut self, tag: Tag) {
        self.open(tag);
        self.close();
    }

    /// An element with text, without the NULs in it.
    pub fn text(&mut self, tag: Tag, text: &str) {
        self.open(tag);
        self.push_text(text);
        self.close();
    }

    /// An element with opaque bytes.
    pub fn opaque(&mut self, tag: Tag, bytes: &[u8]) {
        self.open(tag);
        self.push_opaque(bytes);
        self.close();
    }

    /// An element with all that is in it.
    pub fn element(&mut self, element: &Element) {
        self.open(element.tag);
        let mut open = vec![element.nodes.iter()];
        while let Some(nodes) = open.last_mut() {
            match nodes.next() {
                Some(Node::Element(child)) => {
                    self.open(child.tag);
                    open.push(child.nodes.iter());
                }
                Some(Node::Text(text)) => self.push_text(text),
                Some(Node::Opaque(bytes)) => self.push_opaque(bytes),
                None => {
                    self.close();
                    open.pop();
                }
            }
        }
    }

    /// How many bytes are written so far, header included.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "the header is always there")]
    pub fn len(&self) -> usize {
        self.out.len()
    }

    /// The document; elements that are still open are ended.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        while self.depth > 0 {
            self.close();
        }
        self.out
    }

    /// Text in the innermost open element.
    fn push_text(&mut self, text: &str) {
        if text.bytes().all(|byte| byte == 0) {
            return;
        }
        self.begin_content();
        self.out.reserve(text.len() + 2);
        self.out.push(token::STR_I);
        for piece in text.split('\0') {
            self.out.extend_from_slice(piece.as_bytes());
        }
        self.out.push(0);
    }

    /// Opaque bytes in the innermost open element.
    fn push_opaque(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        self.begin_content();
        self.out.reserve(bytes.len() + 6);
        self.out.push(token::OPAQUE);
        self.push_number(bytes.len());
        self.out.extend_from_slice(bytes);
    }

    /// A multi-byte integer: seven bits a byte, highest first, the top bit set on all but the last
    /// (WAP-192-WBXML section 5.1).
    fn push_number(&mut self, number: usize) {
        let groups = (usize::BITS - number.leading_zeros()).div_ceil(7).max(1);
        for group in (0..groups).rev() {
            let bits = (number >> (group * 7)) as u8 & 0x7F;
            self.out.push(if group == 0 { bits } else { bits | 0x80 });
        }
    }

    /// Sets the content bit of the tag that was opened last.
    fn begin_content(&mut self) {
        let tag = self.childless.take().and_then(|at| self.out.get_mut(at));
        if let Some(tag) = tag {
            *tag |= token::HAS_CONTENT;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::{airsync, airsync_base};

    #[test]
    fn pages_are_switched_when_they_change_and_only_then() {
        let tree = Element::new(airsync::SYNC)
            .with(Element::new(airsync_base::BODY).with_text(airsync_base::TYPE, "2"))
            .with_empty(airsync_base::BODY)
            .with_text(airsync::STATUS, "1");
        let body = b"\x45\x00\x11\x4A\x46\x032\0\x01\x01\x0A\x00\x00\x4E\x031\0\x01\x01";
        assert_eq!(encode(&tree), [&HEADER[..], body].concat());
    }

    #[test]
    fn numbers_take_as_many_bytes_as_they_need() {
        for (number, expected) in [
            (0, &[0x00][..]),
            (0x7F, &[0x7F]),
            (0x80, &[0x81, 0x00]),
            (0x3FFF, &[0xFF, 0x7F]),
            (0x4000, &[0x81, 0x80, 0x00]),
            (0xFFFF_FFFF, &[0x8F, 0xFF, 0xFF, 0xFF, 0x7F]),
        ] {
            let mut writer = Writer { out: Vec::new(), ..Writer::new() };
            writer.push_number(number);
            assert_eq!(writer.out, expected, "{number:#x}");
        }
    }

    #[test]
    fn nul_in_text_cannot_end_the_string() {
        let bytes = encode(&Element::text(airsync::SYNC_KEY, "a\0\x01\0b"));
        assert_eq!(bytes, [&HEADER[..], b"\x4B\x03a\x01b\0\x01"].concat());
        assert_eq!(encode(&Element::text(airsync::SYNC_KEY, "\0\0")), [&HEADER[..], b"\x0B"].concat());
    }

    #[test]
    fn finish_ends_what_is_open() {
        let mut writer = Writer::new();
        writer.open(airsync::SYNC);
        writer.open(airsync::COLLECTIONS);
        writer.empty(airsync::COLLECTION);
        assert_eq!(writer.len(), 7);
        assert_eq!(writer.finish(), [&HEADER[..], b"\x45\x5C\x0F\x01\x01"].concat());

        let mut writer = Writer::new();
        writer.open(airsync::SYNC);
        assert_eq!(writer.finish(), [&HEADER[..], b"\x05"].concat());
    }
}
