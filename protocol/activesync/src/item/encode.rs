//! Writing items: where the bytes go, which elements are wanted, and the simple values.

use wbxml::page::airsync_base;
use wbxml::{Tag, Writer};

use super::email::{Body, BodyData, BodyPart};
use crate::body::BodyType;
use crate::version::Version;

/// The binary parts of a multipart answer, in order. Part 0 is the document itself, so the first is 1.
#[derive(Debug, Default)]
pub struct Parts(Vec<Vec<u8>>);

impl Parts {
    /// Adds a part and tells its index.
    pub fn push(&mut self, bytes: Vec<u8>) -> usize {
        self.0.push(bytes);
        self.0.len()
    }

    /// The parts behind the document.
    #[must_use]
    pub fn into_inner(self) -> Vec<Vec<u8>> {
        self.0
    }
}

/// Where the bytes go.
#[derive(Debug)]
pub struct Destination<'a> {
    /// The document.
    pub writer: &'a mut Writer,
    /// The parts of a multipart answer; `None` for an answer in one piece.
    pub parts: Option<&'a mut Parts>,
}

/// Which elements are to be written.
#[derive(Debug, Clone, Copy)]
pub struct Selection<'a> {
    /// Younger elements stay out.
    pub version: Version,
    /// If given, only these stay in: the Schema of ItemOperations.
    pub schema: Option<&'a [Tag]>,
}

/// [`Destination`], and for whom it is.
pub(super) struct Out<'a> {
    pub(super) writer: &'a mut Writer,
    pub(super) parts: Option<&'a mut Parts>,
    pub(super) version: Version,
}

/// One line. Control characters in headers have broken phones, so none goes out.
pub(super) fn text(out: &mut Out<'_>, tag: Tag, value: &str) {
    if value.chars().any(char::is_control) {
        let clean: String = value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        out.writer.text(tag, &clean);
    } else {
        out.writer.text(tag, value);
    }
}

/// Text that is left out when empty.
pub(super) fn said(out: &mut Out<'_>, tag: Tag, value: &str) {
    if !value.is_empty() {
        text(out, tag, value);
    }
}

pub(super) fn optional(out: &mut Out<'_>, tag: Tag, value: Option<&str>) {
    said(out, tag, value.unwrap_or_default());
}

pub(super) fn number(out: &mut Out<'_>, tag: Tag, value: u64) {
    text(out, tag, &value.to_string());
}

pub(super) fn boolean(out: &mut Out<'_>, tag: Tag, value: bool) {
    text(out, tag, if value { "1" } else { "0" });
}

/// The order of MS-ASAIRS R112. EstimatedDataSize is an integer of 31 bits on the wire.
pub(super) fn body(out: &mut Out<'_>, tag: Tag, body: Option<&Body>) {
    let Some(body) = body else { return };
    out.writer.open(tag);
    body_children(out, body);
    out.writer.close();
}

/// MS-ASAIRS R126. There is no Part in it, so in a multipart answer too its data stands inline.
pub(super) fn body_part(out: &mut Out<'_>, tag: Tag, part: Option<&BodyPart>) {
    let Some(part) = part else { return };
    out.writer.open(tag);
    match part {
        BodyPart::Part(body) => {
            number(out, airsync_base::STATUS, 1);
            let mut inline = Out { writer: &mut *out.writer, parts: None, version: out.version };
            body_children(&mut inline, body);
        }
        BodyPart::TooLarge => {
            number(out, airsync_base::STATUS, 176);
            number(out, airsync_base::TYPE, BodyType::Html.code().into());
            number(out, airsync_base::ESTIMATED_DATA_SIZE, 0);
        }
    }
    out.writer.close();
}

fn body_children(out: &mut Out<'_>, body: &Body) {
    number(out, airsync_base::TYPE, body.body_type.code().into());
    number(
        out,
        airsync_base::ESTIMATED_DATA_SIZE,
        body.estimated_data_size.min(i32::MAX.unsigned_abs().into()),
    );
    if body.truncated {
        boolean(out, airsync_base::TRUNCATED, true);
    }
    if let Some(data) = &body.data {
        content(out, data);
    }
    if body.body_type != BodyType::Plain && out.version >= Version::V14_0 {
        optional(out, airsync_base::PREVIEW, body.preview.as_deref());
    }
}

/// Inline as Data; in a multipart answer as a part of its own (MS-ASAIRS R176, R244).
fn content(out: &mut Out<'_>, data: &BodyData) {
    if let Some(parts) = &mut out.parts {
        let bytes = match data {
            BodyData::Text(text) => text.as_bytes(),
            BodyData::Message(bytes) => bytes,
        };
        let index = parts.push(bytes.to_vec());
        number(out, wbxml::page::item_operations::PART, u64::try_from(index).unwrap_or(u64::MAX));
        return;
    }
    match data {
        BodyData::Text(value) => out.writer.text(airsync_base::DATA, value),
        BodyData::Message(bytes) => match std::str::from_utf8(bytes) {
            Ok(value) if !value.contains('\0') => out.writer.text(airsync_base::DATA, value),
            _ => out.writer.opaque(airsync_base::DATA, bytes),
        },
    }
}
