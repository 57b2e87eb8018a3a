//! Pictures in cards: RFC 2426 section 3.1.4, RFC 6350 section 6.2.4.

use content_line::{Line, NewLine, Transfer, Value, unescape};

use crate::{Version, base64_bytes};

/// Parameters that say how the old picture was written, or how to crop it.
const OF_THE_OLD_PICTURE: &[&str] =
    &["ENCODING", "BASE64", "B", "VALUE", "TYPE", "MEDIATYPE", "JPEG", "PNG", "GIF", "X-ABCROP-RECTANGLE"];

/// The bytes of a picture that stands in the card itself; `None` if it is only a link, or broken.
pub(crate) fn read(line: &Line<'_>) -> Option<Vec<u8>> {
    let value = line.value();
    if line.transfer() == Transfer::Base64 {
        return base64_bytes::decode(&value).filter(|bytes| !bytes.is_empty());
    }
    // RFC 2397; some escape the comma and the semicolon.
    let uri = unescape(&value);
    let data = uri.get(..5).filter(|scheme| scheme.eq_ignore_ascii_case("data:")).and(uri.get(5..))?;
    let (media, data) = data.split_once(',')?;
    let encoded = media.rsplit(';').next().is_some_and(|last| last.trim().eq_ignore_ascii_case("base64"));
    base64_bytes::decode(data).filter(|bytes| encoded && !bytes.is_empty())
}

/// Puts another picture into a line.
pub(crate) fn write(line: NewLine, picture: &[u8], version: Version) -> NewLine {
    let line = OF_THE_OLD_PICTURE.iter().fold(line, |line, name| line.without_parameter(name));
    let (subtype, name) = kind(picture);
    let data = base64_bytes::encode(picture);
    let value = match version {
        Version::V4_0 => format!("data:image/{subtype};base64,{data}"),
        Version::V2_1 | Version::V3_0 => data,
    };
    let line = line.with_value(&Value::stripped(&value));
    match version {
        Version::V2_1 => line.parameter("ENCODING", &["BASE64"]).parameter("TYPE", &[name]),
        Version::V3_0 => line.parameter("ENCODING", &["b"]).parameter("TYPE", &[name]),
        Version::V4_0 => line,
    }
}

/// The media subtype and the type of versions 2.1 and 3.0, told from the first bytes.
pub(crate) fn kind(picture: &[u8]) -> (&'static str, &'static str) {
    match picture {
        [0x89, b'P', b'N', b'G', ..] => ("png", "PNG"),
        [b'G', b'I', b'F', b'8', ..] => ("gif", "GIF"),
        _ => ("jpeg", "JPEG"),
    }
}
