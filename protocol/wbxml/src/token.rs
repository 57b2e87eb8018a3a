//! Global tokens and flags of a tag byte: WAP-192-WBXML sections 5.8.2, 5.8.4 and 7.1; MS-ASWBXML section 1.6.

/// The next byte is the code page of the tags that follow (MS-ASWBXML R801).
pub(crate) const SWITCH_PAGE: u8 = 0x00;
/// The innermost open element ends (MS-ASWBXML R802).
pub(crate) const END: u8 = 0x01;
/// One character by its number (MS-ASWBXML R803).
pub(crate) const ENTITY: u8 = 0x02;
/// A string in place, ended by NUL (MS-ASWBXML R804).
pub(crate) const STR_I: u8 = 0x03;
/// A string by its place in the string table (MS-ASWBXML R814).
pub(crate) const STR_T: u8 = 0x83;
/// Bytes with their number before them (MS-ASWBXML R819).
pub(crate) const OPAQUE: u8 = 0xC3;
/// Tags by name, which ActiveSync has none of (MS-ASWBXML R805, R810, R815, R820).
pub(crate) const LITERAL: u8 = 0x04;
pub(crate) const LITERAL_C: u8 = 0x44;
pub(crate) const LITERAL_A: u8 = 0x84;
pub(crate) const LITERAL_AC: u8 = 0xC4;
/// A processing instruction (MS-ASWBXML R809).
pub(crate) const PI: u8 = 0x43;

/// Set in a tag byte: attributes follow.
pub(crate) const HAS_ATTRIBUTES: u8 = 0x80;
/// Set in a tag byte: content and an END follow.
pub(crate) const HAS_CONTENT: u8 = 0x40;
/// The bits of a tag byte that name the tag.
pub(crate) const TAG_MASK: u8 = 0x3F;
/// The smallest tag; what is below in the tag bits is a global token.
pub(crate) const TAG_MIN: u8 = 0x05;
