//! A mail on its way to the client: one row per element.

use vocabulary::Timestamp;
use wbxml::page::{airsync_base, email, email2};
use wbxml::{Tag, Writer};

use super::{Attachment, Body, BodyData, Email, Flag};
use crate::body::BodyType;
use crate::date;
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
struct Out<'a> {
    writer: &'a mut Writer,
    parts: Option<&'a mut Parts>,
    version: Version,
}

/// One element: its name, the first version that has it, and how to write it.
struct Field {
    tag: Tag,
    since: Version,
    write: fn(&Email, Tag, &mut Out<'_>),
}

const fn field(tag: Tag, since: Version, write: fn(&Email, Tag, &mut Out<'_>)) -> Field {
    Field { tag, since, write }
}

/// MS-ASEMAIL section 2.2.2; the versions are those of its element tables.
const FIELDS: &[Field] = &[
    field(email::TO, Version::V12_1, |mail, tag, out| said(out, tag, &mail.to)),
    field(email::CC, Version::V12_1, |mail, tag, out| said(out, tag, &mail.cc)),
    field(email::FROM, Version::V12_1, |mail, tag, out| said(out, tag, &mail.from)),
    field(email::SUBJECT, Version::V12_1, |mail, tag, out| text(out, tag, &mail.subject)),
    field(email::REPLY_TO, Version::V12_1, |mail, tag, out| optional(out, tag, mail.reply_to.as_deref())),
    field(email::DATE_RECEIVED, Version::V12_1, |mail, tag, out| moment(out, tag, mail.date_received)),
    field(email::DISPLAY_TO, Version::V12_1, |mail, tag, out| text(out, tag, &mail.display_to)),
    field(email::THREAD_TOPIC, Version::V12_1, |mail, tag, out| text(out, tag, &mail.thread_topic)),
    field(email::IMPORTANCE, Version::V12_1, |mail, tag, out| {
        number(out, tag, mail.importance.code().into())
    }),
    field(email::READ, Version::V12_1, |mail, tag, out| boolean(out, tag, mail.read)),
    field(airsync_base::ATTACHMENTS, Version::V12_1, |mail, tag, out| {
        attachments(out, tag, &mail.attachments)
    }),
    field(airsync_base::BODY, Version::V12_1, |mail, tag, out| body(out, tag, mail.body.as_ref())),
    field(email::MESSAGE_CLASS, Version::V12_1, |mail, tag, out| text(out, tag, mail.message_class.name())),
    field(email::INTERNET_CPID, Version::V12_1, |mail, tag, out| number(out, tag, mail.internet_cpid.into())),
    field(email::FLAG, Version::V12_1, |mail, _, out| Flag::write(mail.flag.as_ref(), out.writer)),
    // MS-ASEMAIL R342
    field(email::CONTENT_CLASS, Version::V12_1, |_, tag, out| text(out, tag, "urn:content-classes:message")),
    field(airsync_base::NATIVE_BODY_TYPE, Version::V12_1, |mail, tag, out| {
        number(out, tag, mail.native_body_type.code().into());
    }),
    field(email2::CONVERSATION_ID, Version::V14_0, |mail, tag, out| {
        out.writer.opaque(tag, &mail.conversation_id)
    }),
    field(email2::CONVERSATION_INDEX, Version::V14_0, |mail, tag, out| {
        out.writer.opaque(tag, &mail.conversation_index);
    }),
    field(email2::LAST_VERB_EXECUTED, Version::V14_0, |mail, tag, out| {
        if let Some((verb, _)) = mail.last_verb {
            number(out, tag, verb.code().into());
        }
    }),
    field(email2::LAST_VERB_EXECUTION_TIME, Version::V14_0, |mail, tag, out| {
        if let Some((_, at)) = mail.last_verb {
            moment(out, tag, at);
        }
    }),
    // MS-ASEMAIL R649: only if true.
    field(email2::RECEIVED_AS_BCC, Version::V14_0, |mail, tag, out| {
        if mail.received_as_bcc {
            boolean(out, tag, true);
        }
    }),
    field(email2::SENDER, Version::V14_0, |mail, tag, out| optional(out, tag, mail.sender.as_deref())),
    field(email::CATEGORIES, Version::V14_0, |mail, tag, out| categories(out, tag, &mail.categories)),
    field(email2::IS_DRAFT, Version::V16_0, |mail, tag, out| boolean(out, tag, mail.is_draft)),
    field(email2::BCC, Version::V16_0, |mail, tag, out| optional(out, tag, mail.bcc.as_deref())),
];

impl Email {
    /// Writes what stands inside ApplicationData or Properties.
    pub fn write(&self, selection: Selection<'_>, destination: Destination<'_>) {
        let Destination { writer, parts } = destination;
        let mut out = Out { writer, parts, version: selection.version };
        for field in FIELDS {
            let wanted = selection.schema.is_none_or(|schema| schema.contains(&field.tag));
            if wanted && selection.version >= field.since {
                (field.write)(self, field.tag, &mut out);
            }
        }
    }

    /// Writes what a change of flags says: Read, Flag and Categories, without sending the rest again.
    pub fn write_flags(&self, version: Version, writer: &mut Writer) {
        let schema = [email::READ, email::FLAG, email::CATEGORIES];
        let selection = Selection { version, schema: Some(&schema) };
        self.write(selection, Destination { writer, parts: None });
    }
}

/// One line. Control characters in headers have broken phones, so none goes out.
fn text(out: &mut Out<'_>, tag: Tag, value: &str) {
    if value.chars().any(char::is_control) {
        let clean: String = value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        out.writer.text(tag, &clean);
    } else {
        out.writer.text(tag, value);
    }
}

/// Text that is left out when empty.
fn said(out: &mut Out<'_>, tag: Tag, value: &str) {
    if !value.is_empty() {
        text(out, tag, value);
    }
}

fn optional(out: &mut Out<'_>, tag: Tag, value: Option<&str>) {
    said(out, tag, value.unwrap_or_default());
}

fn number(out: &mut Out<'_>, tag: Tag, value: u64) {
    text(out, tag, &value.to_string());
}

fn boolean(out: &mut Out<'_>, tag: Tag, value: bool) {
    text(out, tag, if value { "1" } else { "0" });
}

fn moment(out: &mut Out<'_>, tag: Tag, value: Timestamp) {
    text(out, tag, &date::date_time(value));
}

fn categories(out: &mut Out<'_>, tag: Tag, categories: &[String]) {
    out.writer.open(tag);
    for category in categories {
        text(out, email::CATEGORY, category);
    }
    out.writer.close();
}

/// MS-ASAIRS R89 to R96.
fn attachments(out: &mut Out<'_>, tag: Tag, attachments: &[Attachment]) {
    if attachments.is_empty() {
        return;
    }
    out.writer.open(tag);
    for attachment in attachments {
        out.writer.open(airsync_base::ATTACHMENT);
        text(out, airsync_base::DISPLAY_NAME, &attachment.display_name);
        text(out, airsync_base::FILE_REFERENCE, &attachment.file_reference);
        number(out, airsync_base::METHOD, attachment.method.code().into());
        number(out, airsync_base::ESTIMATED_DATA_SIZE, attachment.estimated_data_size);
        optional(out, airsync_base::CONTENT_ID, attachment.content_id.as_deref());
        optional(out, airsync_base::CONTENT_LOCATION, attachment.content_location.as_deref());
        if attachment.is_inline {
            boolean(out, airsync_base::IS_INLINE, true);
        }
        out.writer.close();
    }
    out.writer.close();
}

/// The order of MS-ASAIRS R112. EstimatedDataSize is an integer of 31 bits on the wire.
fn body(out: &mut Out<'_>, tag: Tag, body: Option<&Body>) {
    let Some(body) = body else { return };
    out.writer.open(tag);
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
    out.writer.close();
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
