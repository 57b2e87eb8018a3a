//! People of the directory, for Search and Find: MS-ASCMD sections 2.2.3.139.1 and 2.2.3.139.3.

use wbxml::page::gal;
use wbxml::{Element, Tag, Writer};

use crate::error::RequestError;
use crate::parse;
use crate::status::PictureStatus;

/// Largest picture that is ever given, in bytes: MS-ASCMD R3309.
pub const PICTURE_BYTES_MAX: u32 = 102_400;

/// The pictures that a client wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PictureOptions {
    /// No larger ones than this, in bytes.
    pub size_max: u32,
    /// No more than so many.
    pub count_max: u32,
}

/// Somebody's picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Whether there is one.
    pub status: PictureStatus,
    /// The image, if it is given.
    pub data: Option<Vec<u8>>,
}

/// A person, room, resource or group. What is empty is not told (MS-ASCMD R3691).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Entry {
    /// What it is called.
    pub display_name: String,
    /// The part of the address before the `@`.
    pub alias: String,
    /// The first name.
    pub first_name: String,
    /// The last name.
    pub last_name: String,
    /// The address.
    pub email_address: String,
    /// If pictures are wanted.
    pub picture: Option<Picture>,
}

impl Entry {
    /// Writes it as a result, whose elements stand on the code page of the command.
    pub(crate) fn write(&self, writer: &mut Writer, result: Tag, properties: Tag) {
        writer.open(result);
        writer.open(properties);
        for (tag, text) in [
            (gal::DISPLAY_NAME, &self.display_name),
            (gal::ALIAS, &self.alias),
            (gal::FIRST_NAME, &self.first_name),
            (gal::LAST_NAME, &self.last_name),
            (gal::EMAIL_ADDRESS, &self.email_address),
        ] {
            if !text.is_empty() {
                writer.text(tag, text);
            }
        }
        if let Some(picture) = &self.picture {
            writer.open(gal::PICTURE);
            writer.text(gal::STATUS, &picture.status.code().to_string());
            if let Some(data) = &picture.data {
                writer.opaque(gal::DATA, data); // MS-ASCMD R2135
            }
            writer.close();
        }
        writer.close();
        writer.close();
    }
}

/// Reads `Picture`, whose elements stand on the code page of the command.
pub(crate) fn picture_options(
    element: &Element,
    size_max: Tag,
    count_max: Tag,
) -> Result<PictureOptions, RequestError> {
    let number = |tag| parse::child_number::<u32>(element, tag, "a limit of pictures is no number");
    Ok(PictureOptions {
        size_max: number(size_max)?.unwrap_or(u32::MAX).min(PICTURE_BYTES_MAX),
        count_max: number(count_max)?.unwrap_or(u32::MAX),
    })
}
