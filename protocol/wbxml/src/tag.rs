//! The name of an element on the wire: a code page and a token in it.

use std::fmt;

use crate::{page, token};

/// One tag: code page and token (MS-ASWBXML section 2.1.2.1). The known ones are constants in [`page`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tag {
    page: u8,
    token: u8,
}

impl Tag {
    /// The tag `token` (0x05 to 0x3F, without the bits for content and attributes) of code page `page`.
    ///
    /// # Panics
    /// If `token` is outside that range; meant for constants, where this fails the build.
    #[must_use]
    pub const fn new(page: u8, token: u8) -> Self {
        assert!(token >= token::TAG_MIN && token <= token::TAG_MASK, "a tag's token is 0x05 to 0x3F");
        Self { page, token }
    }

    /// The tag in a byte of a document, or nothing if its tag bits are those of a global token.
    pub(crate) const fn from_byte(page: u8, byte: u8) -> Option<Self> {
        let token = byte & token::TAG_MASK;
        if token < token::TAG_MIN { None } else { Some(Self { page, token }) }
    }

    /// The code page.
    #[must_use]
    pub const fn page(self) -> u8 {
        self.page
    }

    /// The token within the code page, 0x05 to 0x3F.
    #[must_use]
    pub const fn token(self) -> u8 {
        self.token
    }

    /// The XML name without namespace (`SyncKey`), or nothing for a tag that no table knows.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        page::by_number(self.page)?.name(self.token)
    }

    /// The XML namespace without colon (`AirSync`), or nothing for a code page that no table knows.
    #[must_use]
    pub fn namespace(self) -> Option<&'static str> {
        Some(page::by_number(self.page)?.namespace())
    }
}

impl fmt::Display for Tag {
    /// `AirSync:SyncKey`; what is unknown stands as a number: `AirSync:0x3F`, `254:0x05`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.namespace() {
            Some(namespace) => write!(f, "{namespace}:")?,
            None => write!(f, "{}:", self.page)?,
        }
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "0x{:02X}", self.token),
        }
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_prints_as_its_name_or_else_as_numbers() {
        assert_eq!(page::airsync::SYNC_KEY.to_string(), "AirSync:SyncKey");
        assert_eq!(format!("{:?}", page::find::PICTURE), "Find:Picture");
        assert_eq!(Tag::new(0, 0x3F).to_string(), "AirSync:0x3F");
        assert_eq!(Tag::new(254, 0x05).to_string(), "254:0x05");
        assert_eq!(Tag::new(3, 0x05).to_string(), "3:0x05");
    }

    #[test]
    fn the_tag_bits_of_a_byte_decide_what_is_a_tag() {
        for byte in 0..=u8::MAX {
            let tag = Tag::from_byte(7, byte);
            assert_eq!(tag.is_some(), byte & 0x3F >= 5, "byte {byte:#04x}");
        }
    }
}
