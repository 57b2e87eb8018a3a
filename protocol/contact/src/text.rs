//! Texts in lines: the encodings and charsets of old versions, the escapes of all, and writing a text back the way
//! its line is encoded.

use std::borrow::Cow;

use content_line::{Line, NewLine, Transfer, Value, split, unescape};
use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

use crate::{Version, base64_bytes};

/// The whole value as a text.
pub(crate) fn read(line: &Line<'_>) -> String {
    decode(line, &value(line))
}

/// One part of a structured value as a text. A list within a part stays one text with its commas.
pub(crate) fn read_component(line: &Line<'_>, component: usize) -> Option<String> {
    split(&value(line), ';').nth(component).map(|part| decode(line, part))
}

/// The texts of a list.
pub(crate) fn read_list(line: &Line<'_>) -> Vec<String> {
    split(&value(line), ',').map(|part| decode(line, part)).collect()
}

/// The value in UTF-8, still escaped, and still quoted-printable if it is.
pub(crate) fn value<'l>(line: &'l Line<'_>) -> Cow<'l, str> {
    match line.transfer() {
        Transfer::QuotedPrintable => line.value(),
        Transfer::Base64 => {
            Cow::Owned(to_text(line, &base64_bytes::decode(&line.value()).unwrap_or_default()))
        }
        Transfer::Plain
            if line.parameter("CHARSET").is_none() && std::str::from_utf8(line.value_bytes()).is_ok() =>
        {
            line.value()
        }
        Transfer::Plain => Cow::Owned(to_text(line, line.value_bytes())),
    }
}

/// The text that a value or a part of it means.
pub(crate) fn decode(line: &Line<'_>, part: &str) -> String {
    match line.transfer() {
        // All else is encoded there, and version 2.1 knows no other escape.
        Transfer::QuotedPrintable => to_text(line, &quoted_printable(&part.replace("\\;", ";"))),
        Transfer::Plain | Transfer::Base64 => clean(&unescape(part)),
    }
}

/// Bytes of no known charset are UTF-8, or else what Windows would take them for.
fn to_text(line: &Line<'_>, bytes: &[u8]) -> String {
    let named =
        line.parameter_value("CHARSET").and_then(|label| Encoding::for_label(label.trim().as_bytes()));
    let guess = if std::str::from_utf8(bytes).is_ok() { UTF_8 } else { WINDOWS_1252 };
    let (text, _) = named.unwrap_or(guess).decode_without_bom_handling(bytes);
    clean(&text)
}

/// RFC 2045 section 6.7; soft line breaks are gone already. What is no escape is itself.
fn quoted_printable(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let escaped = after.first_chunk::<2>().filter(|_| first == b'=').and_then(|digits| hex_pair(*digits));
        bytes.push(escaped.unwrap_or(first));
        rest = if escaped.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    bytes
}

fn hex_pair(digits: [u8; 2]) -> Option<u8> {
    let [high, low] = digits.map(|digit| char::from(digit).to_digit(16));
    u8::try_from(high? * 16 + low?).ok()
}

fn to_quoted_printable(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.replace('\n', "\r\n").bytes() {
        match byte {
            b' '..=b'~' if !matches!(byte, b'=' | b';' | b'\\') => encoded.push(char::from(byte)),
            _ => encoded.push_str(&format!("={byte:02X}")),
        }
    }
    encoded
}

/// A text as it is read and as it can be written: line breaks are LF, and there is no control character but the tab.
pub(crate) fn clean(text: &str) -> String {
    if !text.bytes().any(|byte| byte.is_ascii_control()) {
        return text.to_owned();
    }
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    text.chars().filter(|&c| c == '\n' || c == '\t' || !c.is_ascii_control()).collect()
}

/// A URI as a value: commas and semicolons stand for themselves.
pub(crate) fn uri(text: &str) -> String {
    Value::text(text).as_str().replace("\\,", ",").replace("\\;", ";")
}

/// A part of a value in the making.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    /// As it is written in a line without encoding, escapes and all.
    Raw(String),
    /// As it is written in a quoted-printable line.
    Encoded(String),
    /// What is meant.
    Text(String),
    /// What is meant; commas and semicolons stand for themselves.
    Uri(String),
    /// Several texts with commas between them.
    List(Vec<String>),
}

impl Part {
    /// Whether nothing would be written for it.
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::Raw(text) | Self::Encoded(text) | Self::Text(text) | Self::Uri(text) => text.is_empty(),
            Self::List(texts) => texts.is_empty(),
        }
    }

    fn is_plain(&self) -> bool {
        let plain = |text: &String| text.is_ascii() && !text.contains(['\n', '\\', ';']);
        match self {
            Self::Raw(text) | Self::Encoded(text) | Self::Text(text) | Self::Uri(text) => plain(text),
            Self::List(texts) => texts.iter().all(plain),
        }
    }

    fn escaped(&self) -> String {
        match self {
            Self::Raw(raw) => {
                // A backslash that escapes nothing would escape what comes after it.
                let dangling = raw.bytes().rev().take_while(|&byte| byte == b'\\').count() % 2 == 1;
                if dangling { format!("{raw}\\") } else { raw.clone() }
            }
            Self::Encoded(raw) => raw.clone(),
            Self::Text(text) => Value::text(text).as_str().to_owned(),
            Self::Uri(text) => uri(text),
            Self::List(texts) => Value::texts(texts.iter().map(String::as_str)).as_str().to_owned(),
        }
    }

    fn quoted_printable(&self) -> String {
        match self {
            Self::Raw(raw) => {
                split(raw, ';').map(|part| to_quoted_printable(&unescape(part))).collect::<Vec<_>>().join(";")
            }
            Self::Encoded(raw) => raw.clone(),
            Self::Text(text) | Self::Uri(text) => to_quoted_printable(text),
            Self::List(texts) => {
                let encoded = texts.iter().map(|text| to_quoted_printable(text).replace(',', "=2C"));
                encoded.collect::<Vec<_>>().join(",")
            }
        }
    }
}

/// Most parts that are told apart; no value that we change has more than seven. What comes after is one part.
const PARTS_MAX: usize = 16;

/// The parts of a line's value as they are, so that some can be changed.
pub(crate) fn parts(line: &Line<'_>) -> Vec<Part> {
    let value = value(line);
    let encoded = line.transfer() == Transfer::QuotedPrintable;
    let mut parts = Vec::new();
    let mut at = 0;
    for part in split(&value, ';') {
        if parts.len() + 1 == PARTS_MAX {
            let rest = value.get(at..).unwrap_or_default().to_owned();
            parts.push(if encoded { Part::Encoded(rest) } else { Part::Raw(rest) });
            break;
        }
        at += part.len() + 1;
        parts.push(if encoded { Part::Text(decode(line, part)) } else { Part::Raw(part.to_owned()) });
    }
    parts
}

/// Gives a line, old or new, the value of these parts. Version 2.1 has no escape for a line break, and no
/// charset of its own: there it is quoted-printable unless it is plain ASCII.
pub(crate) fn write(line: NewLine, parts: &[Part], version: Version) -> NewLine {
    let old = line.transfer();
    let quoted_printable =
        old == Transfer::QuotedPrintable || (version == Version::V2_1 && !parts.iter().all(Part::is_plain));
    let line = match old {
        Transfer::Base64 => {
            line.without_parameter("ENCODING").without_parameter("BASE64").without_parameter("B")
        }
        _ => line,
    };
    if quoted_printable {
        let value = joined(parts, Part::quoted_printable);
        let line = if old == Transfer::QuotedPrintable {
            line
        } else {
            line.parameter("ENCODING", &["QUOTED-PRINTABLE"])
        };
        line.parameter("CHARSET", &["UTF-8"]).with_value(&value)
    } else {
        let line = if line.has_parameter("CHARSET") { line.parameter("CHARSET", &["UTF-8"]) } else { line };
        line.with_value(&joined(parts, Part::escaped))
    }
}

fn joined(parts: &[Part], write: impl Fn(&Part) -> String) -> Value {
    Value::stripped(&parts.iter().map(write).collect::<Vec<_>>().join(";"))
}

#[cfg(test)]
mod tests {
    use content_line::Document;

    use super::*;

    fn read_line(line: &[u8]) -> String {
        read(&Document::parse(line).unwrap().lines()[0])
    }

    #[test]
    fn encodings_and_charsets_are_undone() {
        for (line, expected) in [
            (&b"NOTE:a\\, b\\nc"[..], "a, b\nc"),
            (
                b"NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:M=C3=BCller=0D=0AC:\\neu",
                "M\u{fc}ller\nC:\\neu",
            ),
            (b"NOTE;QUOTED-PRINTABLE;CHARSET=ISO-8859-1:M=FCller \\; =3D =x=", "M\u{fc}ller ; = =x"),
            (b"NOTE;ENCODING=QUOTED-PRINTABLE:M=FCller", "M\u{fc}ller"),
            (b"NOTE;CHARSET=ISO-8859-15:\xA4 5", "\u{20ac} 5"),
            (b"NOTE:\xE4", "\u{e4}"),
            (b"NOTE;CHARSET=nonsense:\xC3\xA4", "\u{e4}"),
            (b"NOTE;ENCODING=BASE64:w6Q=", "\u{e4}"),
        ] {
            assert_eq!(read_line(line), expected, "{}", String::from_utf8_lossy(line));
        }
    }

    #[test]
    fn parts_keep_their_spelling_beside_a_changed_one() {
        let document = Document::parse(b"N:Doe\\, Sr;Jo\\hn;A,B;;\r\n").unwrap();
        let line = &document.lines()[0];
        let mut parts = parts(line);
        parts[1] = Part::Text("J;n".to_owned());
        let written = write(NewLine::copy_of(line), &parts, Version::V3_0);
        let bytes = content_line::write_lines([&written], content_line::LineEnd::CrLf);
        assert_eq!(bytes, b"N:Doe\\, Sr;J\\;n;A,B;;\r\n");
    }

    #[test]
    fn a_backslash_at_the_end_escapes_nothing_that_is_added() {
        let document = Document::parse(b"N:Doe\\\r\n").unwrap();
        let mut parts = parts(&document.lines()[0]);
        parts.push(Part::Text("J".to_owned()));
        let written = write(NewLine::copy_of(&document.lines()[0]), &parts, Version::V3_0);
        let bytes = content_line::write_lines([&written], content_line::LineEnd::CrLf);
        assert_eq!(bytes, b"N:Doe\\\\;J\r\n");
    }

    #[test]
    fn more_parts_than_a_value_can_have_stay_as_they_are() {
        for line in [
            "N:1;2;3;4;5;6;7;8;9;10;11;12;13;14;15;16;\\;17;",
            "N;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:1;2;3;4;5;6;7;8;9;10;11;12;13;14;15;16;=3B17;",
        ] {
            let text = format!("{line}\r\n");
            let document = Document::parse(text.as_bytes()).unwrap();
            let line = &document.lines()[0];
            let parts = parts(line);
            assert_eq!(parts.len(), PARTS_MAX);
            let written = write(NewLine::copy_of(line), &parts, Version::V2_1);
            let again = content_line::write_lines([&written], content_line::LineEnd::CrLf);
            let read_again = Document::parse(&again).unwrap();
            for component in 0..20 {
                assert_eq!(
                    read_component(&read_again.lines()[0], component),
                    read_component(line, component)
                );
            }
        }
    }

    #[test]
    fn version_2_1_gets_quoted_printable_where_it_must() {
        let write = |text: &str| {
            let line =
                write(NewLine::new("NOTE", Value::text("")), &[Part::Text(text.to_owned())], Version::V2_1);
            String::from_utf8(content_line::write_lines([&line], content_line::LineEnd::CrLf)).unwrap()
        };
        assert_eq!(write("plain, text"), "NOTE:plain\\, text\r\n");
        let encoded = write("a\nM\u{fc}ller=\\;");
        assert_eq!(encoded, "NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:a=0D=0AM=C3=BCller=3D=5C=3B\r\n");
        assert_eq!(read_line(encoded.as_bytes()), "a\nM\u{fc}ller=\\;");
    }
}
