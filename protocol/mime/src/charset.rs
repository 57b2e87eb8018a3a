//! Bytes of a named charset to text, and the code page numbers that phones expect.

use encoding_rs::Encoding;
use std::borrow::Cow;

/// Decodes bytes of a charset. Unknown names and US-ASCII with 8-bit bytes are guessed.
pub(crate) fn decode<'a>(label: &[u8], bytes: &'a [u8]) -> Cow<'a, str> {
    if label.is_empty() || label.eq_ignore_ascii_case(b"us-ascii") || label.eq_ignore_ascii_case(b"ascii") {
        return guess(bytes);
    }
    match Encoding::for_label(label) {
        Some(encoding) if encoding != encoding_rs::REPLACEMENT => {
            encoding.decode_without_bom_handling(strip_bom(encoding, bytes)).0
        }
        _ => match mail_parser::decoders::charsets::map::charset_decoder(label) {
            Some(decoder) => Cow::Owned(decoder(bytes)),
            None => guess(bytes),
        },
    }
}

fn strip_bom<'a>(encoding: &'static Encoding, bytes: &'a [u8]) -> &'a [u8] {
    match Encoding::for_bom(bytes) {
        Some((found, length)) if found == encoding => bytes.get(length..).unwrap_or_default(),
        _ => bytes,
    }
}

/// Text whose charset nobody has named: UTF-8 if it is that, else windows-1252.
pub(crate) fn guess(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0,
    }
}

/// The Windows code page of a charset name: MS-ASEMAIL `InternetCPID`. Unknown names give 65001, UTF-8.
#[must_use]
pub fn code_page(charset: &str) -> u32 {
    let name = charset.trim().to_ascii_lowercase().replace('_', "-");
    if let Some(number) = name.strip_prefix("windows-").or_else(|| name.strip_prefix("cp"))
        && let Ok(number) = number.parse()
    {
        return number;
    }
    match name.as_str() {
        "" | "us-ascii" | "ascii" => 20127,
        "iso-8859-1" | "latin1" | "l1" => 28591,
        "iso-8859-2" => 28592,
        "iso-8859-3" => 28593,
        "iso-8859-4" => 28594,
        "iso-8859-5" => 28595,
        "iso-8859-6" => 28596,
        "iso-8859-7" => 28597,
        "iso-8859-8" => 28598,
        "iso-8859-9" => 28599,
        "iso-8859-13" => 28603,
        "iso-8859-15" => 28605,
        "koi8-r" => 20866,
        "koi8-u" => 21866,
        "iso-2022-jp" => 50220,
        "shift-jis" | "sjis" => 932,
        "euc-jp" => 51932,
        "gb2312" | "gbk" => 936,
        "gb18030" => 54936,
        "big5" => 950,
        "euc-kr" | "ks-c-5601-1987" => 949,
        "iso-2022-kr" => 50225,
        "utf-7" => 65000,
        "utf-16" | "utf-16le" => 1200,
        "utf-16be" => 1201,
        _ => 65001,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_unknown_and_missing_charsets_are_decoded() {
        assert_eq!(decode(b"ISO-8859-15", b"\xa4"), "\u{20ac}");
        assert_eq!(decode(b"utf-7", b"+APw-"), "\u{fc}");
        assert_eq!(decode(b"x-nobody-knows", "\u{fc}".as_bytes()), "\u{fc}");
        assert_eq!(decode(b"us-ascii", b"\xfc"), "\u{fc}");
        assert_eq!(decode(b"utf-8", b"\xef\xbb\xbfa"), "a");
    }

    #[test]
    fn code_pages_are_those_of_windows() {
        let pages = ["utf-8", "ISO_8859-1", "windows-1252", "", "iso-2022-jp"].map(code_page);
        assert_eq!(pages, [65001, 28591, 1252, 20127, 50220]);
    }
}
