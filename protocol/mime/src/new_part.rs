//! Parts that are made here: texts and files.

use crate::parameter::Structured;
use mail_builder::encoders::base64::Base64Encoder;
use mail_builder::encoders::quoted_printable::QuotedPrintableEncoder;
use std::borrow::Cow;

/// Longest line that is written without an encoding: RFC 5322 section 2.1.1 allows 998.
const LINE_BYTES_MAX: usize = 900;
/// Longest name of a file that is written, in bytes.
const NAME_BYTES_MAX: usize = 255;

/// A text to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text<'t> {
    text: Cow<'t, str>,
    sub: &'static str,
    /// `; format=flowed` and its like: how the lines of what it goes on are meant.
    parameters: String,
}

impl<'t> Text<'t> {
    /// Plain text, any line ends.
    #[must_use]
    pub fn plain(text: impl Into<Cow<'t, str>>) -> Self {
        Self { text: text.into(), sub: "plain", parameters: String::new() }
    }

    /// HTML, any line ends.
    #[must_use]
    pub fn html(text: impl Into<Cow<'t, str>>) -> Self {
        Self { text: text.into(), sub: "html", parameters: String::new() }
    }

    /// Lines as RFC 3676 has them.
    pub(crate) fn flowed(self, deletes_space: bool) -> Self {
        let parameters = format!("; format=flowed{}", if deletes_space { "; delsp=yes" } else { "" });
        Self { parameters, ..self }
    }

    pub(crate) fn is_html(&self) -> bool {
        self.sub == "html"
    }

    /// Its fields, and its body.
    pub(crate) fn write(&self) -> (Vec<u8>, Vec<u8>) {
        let bytes = crate::normalise_line_ends(self.text.as_bytes());
        let is_plain = |line: &[u8]| {
            line.len() <= LINE_BYTES_MAX
                && line.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\t' | b'\r'))
        };
        let is_plain = bytes.split(|byte| *byte == b'\n').all(is_plain);
        // What looks like a boundary could be one of what is around it.
        let may_be_boundary =
            |line: &[u8]| line.starts_with(b"--") && line.iter().any(|byte| !b"-\r \t".contains(byte));
        let has_boundary = bytes.split(|byte| *byte == b'\n').any(may_be_boundary);
        let others = bytes.iter().filter(|byte| !byte.is_ascii()).count();
        let (encoding, body) = if is_plain && !has_boundary {
            ("7bit", bytes.into_owned())
        } else if has_boundary || others.saturating_mul(3) > bytes.len() {
            ("base64", base64(&bytes))
        } else {
            let mut body = Vec::with_capacity(bytes.len() + bytes.len() / 4);
            QuotedPrintableEncoder::new().preserve_line_breaks().encode_into(&bytes, &mut body);
            ("quoted-printable", crate::normalise_line_ends(&body).into_owned())
        };
        let (sub, parameters) = (self.sub, &self.parameters);
        let fields = format!(
            "Content-Type: text/{sub}; charset=utf-8{parameters}\r\nContent-Transfer-Encoding: {encoding}\r\n"
        );
        (fields.into_bytes(), body)
    }
}

/// A file to be attached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NewFile<'f> {
    /// Name of the file.
    pub name: &'f str,
    /// `type/subtype`, perhaps with parameters, which are left out; what is none is taken for any bytes.
    pub content_type: &'f str,
    /// The file.
    pub bytes: &'f [u8],
    /// Content-ID without `<>`; may be empty.
    pub content_id: &'f str,
    /// Content-Location; may be empty.
    pub content_location: &'f str,
    /// Shown within the text.
    pub is_inline: bool,
}

impl NewFile<'_> {
    /// Its fields, and its body.
    pub(crate) fn write(&self) -> (Vec<u8>, Vec<u8>) {
        let content_type = media_type(self.content_type);
        let disposition = if self.is_inline { "inline" } else { "attachment" };
        let mut fields = format!("Content-Type: {content_type}\r\nContent-Disposition: {disposition}");
        fields.push_str(&file_name(self.name));
        fields.push_str("\r\n");
        let id: String = word(self.content_id).chars().filter(|c| !"<>".contains(*c)).collect();
        if !id.is_empty() {
            fields.push_str(&format!("Content-ID: <{id}>\r\n"));
        }
        let location = word(self.content_location);
        if !location.is_empty() {
            fields.push_str(&format!("Content-Location: {location}\r\n"));
        }
        // RFC 2046 section 5.2.1: a message has no encoding of its own.
        if content_type == "message/rfc822" {
            return (fields.into_bytes(), crate::normalise_line_ends(self.bytes).into_owned());
        }
        fields.push_str("Content-Transfer-Encoding: base64\r\n");
        (fields.into_bytes(), base64(self.bytes))
    }
}

fn base64(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() / 3 * 4 + bytes.len() / 28 + 8);
    Base64Encoder::new().wrap_lines().encode_into(bytes, &mut out);
    let end = out.trim_ascii_end().len();
    out.truncate(end);
    out
}

/// What may be written into a field as it is.
fn word(text: &str) -> String {
    text.chars().filter(char::is_ascii_graphic).take(NAME_BYTES_MAX).collect()
}

fn media_type(text: &str) -> String {
    let essence = Structured::parse(text.as_bytes()).value;
    let essence = String::from_utf8(essence).unwrap_or_default();
    let is_token = |word: &str| {
        !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&b))
    };
    match essence.split_once('/') {
        // A multipart or a message in pieces would be taken for what is in it.
        Some((main, sub)) if is_token(main) && is_token(sub) && main != "multipart" => essence,
        _ => "application/octet-stream".to_owned(),
    }
}

/// The parameter with the name of a file: RFC 2231 sections 3 and 4 where it is not ASCII.
fn file_name(name: &str) -> String {
    const PIECE_BYTES_MAX: usize = 60;
    let mut name: String = name.chars().filter(|c| !c.is_control()).collect();
    name.truncate(name.floor_char_boundary(NAME_BYTES_MAX));
    let name = if name.trim().is_empty() { "attachment" } else { name.trim() };
    if name.len() <= PIECE_BYTES_MAX
        && name.bytes().all(|b| matches!(b, b' '..=b'~') && !b"\"\\".contains(&b))
    {
        return format!(";\r\n filename=\"{name}\"");
    }
    let mut pieces = vec![String::from("utf-8''")];
    for byte in name.bytes() {
        let unit = match byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
            true => char::from(byte).to_string(),
            false => format!("%{byte:02X}"),
        };
        match pieces.last_mut() {
            Some(last) if last.len() + unit.len() <= PIECE_BYTES_MAX => last.push_str(&unit),
            _ => pieces.push(unit),
        }
    }
    if let [whole] = &pieces[..] {
        return format!(";\r\n filename*={whole}");
    }
    let pieces = pieces.iter().enumerate().map(|(number, piece)| format!(";\r\n filename*{number}*={piece}"));
    pieces.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Message;
    use proptest::prelude::*;

    fn message(fields: &[u8], body: &[u8]) -> Vec<u8> {
        [b"MIME-Version: 1.0\r\n", fields, b"\r\n", body].concat()
    }

    // RFC 2045 section 6.7, RFC 2231 sections 3 and 4.
    proptest! {
        #[test]
        fn every_text_and_every_file_reads_back(
            text in "(\\PC|\\r\\n|\t|=|\\.| ){0,300}",
            name in "[\\PC]{1,90}",
            bytes in proptest::collection::vec(any::<u8>(), 0..400),
        ) {
            let (fields, body) = Text::plain(text.as_str()).write();
            let whole = message(&fields, &body);
            prop_assert!(whole.split(|byte| *byte == b'\n').all(|line| line.len() <= 998));
            prop_assert_eq!(Message::parse(&whole).text_body(), Some(text));
            let file = NewFile { name: &name, content_type: "image/png; x=y", bytes: &bytes, ..NewFile::default() };
            let (fields, body) = file.write();
            let whole = message(&fields, &body);
            prop_assert!(fields.split(|byte| *byte == b'\n').all(|line| line.len() <= 100));
            let summary = crate::describe(&whole).summary;
            prop_assert_eq!(&summary.attachments[0].content_type, "image/png");
            let clean: String = name.chars().filter(|c| !c.is_control()).collect();
            let clean = if clean.trim().is_empty() { "attachment" } else { clean.trim() };
            prop_assert_eq!(&summary.attachments[0].name, clean.get(..clean.floor_char_boundary(255)).unwrap().trim());
            prop_assert_eq!(&*Message::parse(&whole).decoded(&[1]).unwrap(), &bytes[..]);
        }
    }

    #[test]
    fn a_file_smuggles_nothing_into_a_head() {
        let file = NewFile {
            name: "a\"\r\nX-Evil: 1",
            content_type: "multipart/mixed; boundary=x\r\nX-Evil: 1",
            bytes: b"x",
            content_id: "a>\r\nX-Evil: 1",
            content_location: "b\r\nX-Evil: 1",
            is_inline: true,
        };
        let (fields, _) = file.write();
        assert!(!String::from_utf8(fields.clone()).unwrap().lines().any(|line| line.starts_with("X-Evil")));
        assert!(
            fields.starts_with(b"Content-Type: application/octet-stream\r\nContent-Disposition: inline;")
        );
    }
}
