//! Reading: WAP-192-WBXML section 5.
//!
//! Iterative, so that no document can exhaust the stack, and in one pass: every byte of a document is looked
//! at once, and bytes of the string table as often as the limit of decoded bytes allows.

use std::ffi::CStr;

use crate::error::{DecodeError, DecodeErrorKind as Kind};
use crate::{Element, Limits, Node, Tag, token};

/// Numbers of the IANA registry of charsets that mean UTF-8 or a subset of it; 0 is "unknown".
const CHARSETS: [u32; 3] = [0, 3, 106];

/// Most bytes of a number: 32 bits in groups of seven (WAP-192-WBXML section 5.1).
const NUMBER_BYTES_MAX: usize = 5;

/// Decodes a document.
///
/// # Errors
/// If the bytes are no document that ActiveSync can mean, or more than `limits` allow. See the head of this
/// crate for what is tolerated. Bytes after the root element are an error: only processing instructions may
/// stand there (WAP-192-WBXML section 5.3), and those ActiveSync does not have.
pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Element, DecodeError> {
    if bytes.len() > limits.bytes_max {
        return Err(DecodeError { kind: Kind::TooLarge, offset: limits.bytes_max });
    }
    let mut input = Input { bytes, at: 0 };
    let strings = read_header(&mut input)?;
    let root = Tree::new(limits, strings).read(&mut input)?;
    if input.at < bytes.len() { Err(input.error(Kind::Trailing)) } else { Ok(root) }
}

/// WAP-192-WBXML sections 5.4 to 5.7. Returns the string table.
fn read_header<'a>(input: &mut Input<'a>) -> Result<&'a [u8], DecodeError> {
    let begin = input.at;
    if !matches!(input.byte()?, 0x01..=0x03) {
        return Err(DecodeError { kind: Kind::Version, offset: begin });
    }
    // Which document type it is, is known from the HTTP request. 0: its name follows, as a reference.
    if input.number()? == 0 {
        input.number()?;
    }
    let begin = input.at;
    if !CHARSETS.contains(&input.number()?) {
        return Err(DecodeError { kind: Kind::Charset, offset: begin });
    }
    input.counted()
}

/// The bytes of a document and how far they are read.
struct Input<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Input<'a> {
    fn error(&self, kind: Kind) -> DecodeError {
        DecodeError { kind, offset: self.at }
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn byte(&mut self) -> Result<u8, DecodeError> {
        let byte = *self.bytes.get(self.at).ok_or_else(|| self.error(Kind::Truncated))?;
        self.at += 1;
        Ok(byte)
    }

    /// A multi-byte integer (WAP-192-WBXML section 5.1).
    fn number(&mut self) -> Result<u32, DecodeError> {
        let too_long = self.error(Kind::Number);
        let mut number = 0_u32;
        for _ in 0..NUMBER_BYTES_MAX {
            let byte = self.byte()?;
            number = number.checked_mul(0x80).ok_or(too_long)? | u32::from(byte & 0x7F);
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(too_long)
    }

    /// Bytes with their number before them. Nothing is allocated on the word of that number.
    fn counted(&mut self) -> Result<&'a [u8], DecodeError> {
        let length = self.number()?;
        let length = usize::try_from(length).map_err(|_| self.error(Kind::Truncated))?;
        let bytes = self.rest().get(..length).ok_or_else(|| self.error(Kind::Truncated))?;
        self.at += length;
        Ok(bytes)
    }

    /// A string in place, without the NUL at its end.
    fn terminated(&mut self) -> Result<&'a [u8], DecodeError> {
        let string = until_nul(self.rest()).ok_or_else(|| self.error(Kind::Truncated))?;
        self.at += string.len() + 1;
        Ok(string)
    }
}

fn until_nul(bytes: &[u8]) -> Option<&[u8]> {
    CStr::from_bytes_until_nul(bytes).ok().map(CStr::to_bytes)
}

/// A tree in the making.
struct Tree<'a> {
    strings: &'a [u8],
    page: u8,
    /// The path from the root to where the next node belongs.
    open: Vec<Element>,
    depth_max: usize,
    elements_left: usize,
    values_left: usize,
    value_bytes_left: usize,
}

impl<'a> Tree<'a> {
    fn new(limits: &Limits, strings: &'a [u8]) -> Self {
        Self {
            strings,
            page: 0,
            open: Vec::new(),
            depth_max: limits.depth_max,
            elements_left: limits.elements_max,
            values_left: limits.values_max,
            value_bytes_left: limits.bytes_max,
        }
    }

    /// Reads until the root element ends.
    fn read(mut self, input: &mut Input<'a>) -> Result<Element, DecodeError> {
        loop {
            let begin = input.at;
            let byte = input.byte()?;
            let fail = |kind| DecodeError { kind, offset: begin };
            let ended = match byte {
                token::SWITCH_PAGE => {
                    self.page = input.byte()?;
                    continue;
                }
                token::END => self.open.pop().ok_or(fail(Kind::NoRoot))?,
                token::STR_I | token::STR_T | token::ENTITY | token::OPAQUE => {
                    self.read_value(byte, input, fail)?;
                    continue;
                }
                _ => {
                    let element = self.read_tag(byte).map_err(fail)?;
                    if byte & token::HAS_CONTENT != 0 {
                        self.open.push(element);
                        continue;
                    }
                    element
                }
            };
            match self.open.last_mut() {
                Some(parent) => parent.nodes.push(Node::Element(ended)),
                None => return Ok(ended),
            }
        }
    }

    fn read_tag(&mut self, byte: u8) -> Result<Element, Kind> {
        let tag = Tag::from_byte(self.page, byte).ok_or(match byte {
            token::LITERAL | token::LITERAL_C | token::LITERAL_A | token::LITERAL_AC => Kind::Literal,
            token::PI => Kind::ProcessingInstruction,
            _ => Kind::Extension,
        })?;
        if byte & token::HAS_ATTRIBUTES != 0 {
            return Err(Kind::Attributes);
        }
        if self.open.len() >= self.depth_max {
            return Err(Kind::TooDeep);
        }
        self.elements_left = self.elements_left.checked_sub(1).ok_or(Kind::TooManyElements)?;
        Ok(Element::new(tag))
    }

    fn read_value(
        &mut self,
        byte: u8,
        input: &mut Input<'a>,
        fail: impl Fn(Kind) -> DecodeError,
    ) -> Result<(), DecodeError> {
        let parent = self.open.last_mut().ok_or_else(|| fail(Kind::NoRoot))?;
        self.values_left = self.values_left.checked_sub(1).ok_or_else(|| fail(Kind::TooManyValues))?;
        let mut character = [0; 4];
        let value: &[u8] = match byte {
            token::STR_I => input.terminated()?,
            token::STR_T => {
                let index = usize::try_from(input.number()?).ok();
                let string = index.and_then(|index| self.strings.get(index..)).and_then(until_nul);
                string.ok_or_else(|| fail(Kind::StringTable))?
            }
            token::ENTITY => {
                // NUL is no XML character, and could not be written again as a string.
                let entity = char::from_u32(input.number()?).filter(|&entity| entity != '\0');
                entity.ok_or_else(|| fail(Kind::Entity))?.encode_utf8(&mut character).as_bytes()
            }
            _ => input.counted()?,
        };
        if value.is_empty() {
            return Ok(());
        }
        // What is decoded is bounded apart from what was sent: ten references to one string are ten strings.
        if value.len() > self.value_bytes_left {
            return Err(fail(Kind::TooLarge));
        }
        let node = if byte == token::OPAQUE {
            Node::Opaque(value.to_vec())
        } else {
            Node::Text(String::from_utf8_lossy(value).into_owned())
        };
        let length = match &node {
            Node::Text(text) => text.len(),
            _ => value.len(),
        };
        self.value_bytes_left =
            self.value_bytes_left.checked_sub(length).ok_or_else(|| fail(Kind::TooLarge))?;
        parent.nodes.push(node);
        Ok(())
    }
}
