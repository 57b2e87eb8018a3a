//! The photo of a contact: MS-ASCNTC section 2.2.2.58.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use wbxml::Element;

use crate::item::ConversionError;
use crate::item::encode;
use crate::item::format::Format;

/// Longest picture in base64, in bytes: MS-ASCNTC R381.
pub const PICTURE_BASE64_BYTES_MAX: usize = 48 * 1024;

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The bytes of an image, usually JPEG.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture(Vec<u8>);

impl Picture {
    /// `None` if it is empty or would be longer than 48 KB in base64: phones do not take it.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Option<Self> {
        let base64_bytes = bytes.len().div_ceil(3) * 4;
        (!bytes.is_empty() && base64_bytes <= PICTURE_BASE64_BYTES_MAX).then_some(Self(bytes))
    }

    /// The image.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

pub(super) const PICTURE: Format<Picture> =
    Format { read, write: |picture, tag, out| encode::text(out, tag, &STANDARD.encode(&picture.0)) };

/// An empty picture says nothing: iOS sends one without meaning to delete it.
fn read(element: &Element) -> Result<Option<Picture>, ConversionError> {
    let mut base64 = element.bytes().into_owned();
    base64.retain(|byte| !byte.is_ascii_whitespace());
    if base64.len() > PICTURE_BASE64_BYTES_MAX {
        return Err(ConversionError("a picture is above 48 KB of base64")); // MS-ASCNTC R384
    }
    let bytes = LENIENT.decode(base64).map_err(|_| ConversionError("a picture is not base64"))?;
    Ok(Picture::new(bytes))
}
