//! A mail on its way to the client: one row per element.

use vocabulary::Timestamp;
use wbxml::page::{airsync_base, email, email2};
use wbxml::{Tag, Writer};

use super::{Attachment, Email, Flag, MarksChanged};
use crate::date;
use crate::item::encode::{
    Destination, Out, Selection, body, body_part, boolean, number, optional, said, text,
};
use crate::version::Version;

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
    field(email::MEETING_REQUEST, Version::V12_1, |mail, tag, out| {
        if let Some(request) = &mail.meeting_request {
            request.write(tag, out);
        }
    }),
    // MS-ASEMAIL R342
    field(email::CONTENT_CLASS, Version::V12_1, |mail, tag, out| {
        text(out, tag, mail.message_class.content_class());
    }),
    field(airsync_base::NATIVE_BODY_TYPE, Version::V12_1, |mail, tag, out| {
        number(out, tag, mail.native_body_type.code().into());
    }),
    field(airsync_base::BODY_PART, Version::V14_1, |mail, tag, out| {
        body_part(out, tag, mail.body_part.as_ref());
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

    /// Writes those marks that changed, without sending the rest again: MS-ASEMAIL R75 to R77, R96 to R104.
    pub fn write_marks(&self, changed: MarksChanged, version: Version, writer: &mut Writer) {
        let mut schema: Vec<Tag> = Vec::new();
        if changed.read {
            schema.push(email::READ);
        }
        if changed.flag {
            schema.push(email::FLAG);
        }
        if changed.categories {
            schema.push(email::CATEGORIES);
        }
        if changed.other {
            schema.extend([email2::LAST_VERB_EXECUTED, email2::LAST_VERB_EXECUTION_TIME, email2::IS_DRAFT]);
        }
        let selection = Selection { version, schema: Some(&schema) };
        self.write(selection, Destination { writer: &mut *writer, parts: None });
        if changed.other && self.last_verb.is_none() && version >= Version::V14_0 {
            writer.text(email2::LAST_VERB_EXECUTED, "0"); // nothing any more: MS-ASEMAIL R514
        }
    }
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
pub(in crate::item) fn attachments(out: &mut Out<'_>, tag: Tag, attachments: &[Attachment]) {
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
