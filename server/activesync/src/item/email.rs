//! A stored mail as a phone shall see it.

use activesync_wire::body::{BodyType, Choice, Form, choose};
use activesync_wire::item::email::{
    Attachment, AttachmentMethod, Body, Email, Importance, LastVerb, MeetingRequest, MessageClass,
};
use activesync_wire::server_id::{FileReference, ServerId};
use mime::{Mailbox, Message, Summary};
use std::cell::OnceCell;
use storage::{Item, Parsed};
use vocabulary::{Flags, Keyword, Timestamp};

use super::{Source, Viewer, Wanted};
use crate::keyword;

/// The mail with its flags only: for a change that leaves the rest alone.
pub(crate) fn flags_only(id: ServerId, item: &Item) -> Email {
    describe(id, item, &Summary::default())
}

/// The whole mail. Everything but the body was parsed when it came in.
pub(super) fn whole(source: Source<'_>, viewer: &Viewer) -> Email {
    let Source { id, item, parsed, bytes } = source;
    let summary = workflow::summary(parsed);
    let body = body(&summary, parsed, bytes, &viewer.wanted);
    let meeting_request = meeting_request(&summary, bytes, viewer);
    let described = describe(id, item, &summary);
    let message_class = match described.message_class {
        // Phones that are told of an invitation want to show it.
        MessageClass::MeetingRequest | MessageClass::MeetingCanceled if meeting_request.is_none() => {
            MessageClass::Note
        }
        class => class,
    };
    Email { body: Some(body), meeting_request, message_class, ..described }
}

/// The meeting that a mail invites to or calls off, as far as it can be read.
fn meeting_request(summary: &Summary, bytes: &[u8], viewer: &Viewer) -> Option<Box<MeetingRequest>> {
    let is_announced =
        matches!(summary.class, mime::MessageClass::MeetingRequest | mime::MessageClass::MeetingCanceled);
    if !is_announced {
        return None;
    }
    let object = Message::parse(bytes).calendar_body()?;
    let brief = calendar::schedule::brief(object.as_bytes())?;
    let event = super::calendar::show(object.as_bytes(), viewer).ok()?;
    let organizer = match &brief.organizer {
        Some(organizer) => {
            let name = organizer.name.clone().unwrap_or_default();
            list(&[Mailbox { name, address: organizer.address.clone() }], ", ")
        }
        None => list(&summary.from, ", "),
    };
    let occurrence = brief.occurrence.as_ref();
    let recurrence_id = occurrence.and_then(|moment| {
        let object = calendar::Object::parse(object.as_bytes()).ok()?;
        Some(object.recurrence_instant(moment, &viewer.zone))
    });
    let is_update = brief.is_update || summary.class == mime::MessageClass::MeetingCanceled;
    Some(Box::new(MeetingRequest { event, organizer, recurrence_id, is_update }))
}

fn describe(id: ServerId, item: &Item, summary: &Summary) -> Email {
    let author = list(&summary.from, ", ");
    let sender = list(&summary.sender, ", ");
    Email {
        to: list(&summary.to, ", "),
        cc: list(&summary.cc, ", "),
        bcc: some(list(&summary.bcc, ", ")).filter(|_| item.flags.contains(Flags::DRAFT)),
        sender: some(sender).filter(|sender| *sender != author),
        from: author,
        reply_to: some(list(&summary.reply_to, "; ")),
        subject: summary.subject.clone(),
        thread_topic: summary.thread_topic().to_owned(),
        display_to: names(&summary.to),
        date_received: item.received_at,
        importance: match summary.importance {
            mime::Importance::Low => Importance::Low,
            mime::Importance::Normal => Importance::Normal,
            mime::Importance::High => Importance::High,
        },
        read: item.flags.contains(Flags::SEEN),
        flag: keyword::flag(item.flags, &item.keywords),
        message_class: class(summary.class),
        meeting_request: None,
        internet_cpid: if summary.code_page == 0 { 65_001 } else { summary.code_page },
        categories: keyword::categories(&item.keywords),
        conversation_id: conversation(id, item),
        conversation_index: conversation_index(item.received_at),
        last_verb: last_verb(item),
        received_as_bcc: false,
        is_draft: item.flags.contains(Flags::DRAFT),
        native_body_type: native(summary),
        body: None,
        attachments: attachments(id, summary),
    }
}

fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

fn list(mailboxes: &[Mailbox], separator: &str) -> String {
    let one = |mailbox: &Mailbox| {
        if mailbox.name.is_empty() {
            return mailbox.address.clone();
        }
        // RFC 5322 section 3.2.4: within quotes a quote and a backslash are quoted.
        let name = mailbox.name.replace('\\', "\\\\").replace('"', "\\\"");
        format!("\"{name}\" <{}>", mailbox.address)
    };
    mailboxes.iter().map(one).collect::<Vec<_>>().join(separator)
}

fn names(mailboxes: &[Mailbox]) -> String {
    let name = |mailbox: &Mailbox| match mailbox.name.is_empty() {
        true => mailbox.address.clone(),
        false => mailbox.name.clone(),
    };
    mailboxes.iter().map(name).collect::<Vec<_>>().join("; ")
}

/// What a phone makes of it.
fn class(class: mime::MessageClass) -> MessageClass {
    match class {
        mime::MessageClass::Smime => MessageClass::Smime,
        mime::MessageClass::SmimeMultipartSigned => MessageClass::SmimeSigned,
        mime::MessageClass::ReportNotDelivered => MessageClass::NonDeliveryReport,
        mime::MessageClass::ReportDelivered => MessageClass::DeliveryReport,
        mime::MessageClass::ReportRead => MessageClass::ReadReport,
        mime::MessageClass::MeetingRequest => MessageClass::MeetingRequest,
        mime::MessageClass::MeetingCanceled => MessageClass::MeetingCanceled,
        mime::MessageClass::MeetingAccepted => MessageClass::MeetingAccepted,
        mime::MessageClass::MeetingDeclined => MessageClass::MeetingDeclined,
        mime::MessageClass::MeetingTentative => MessageClass::MeetingTentative,
        mime::MessageClass::Note | mime::MessageClass::ReportDelayed => MessageClass::Note,
    }
}

/// ConversationId and ConversationIndex of a mail.
pub(crate) fn conversation_of(id: ServerId, item: &Item) -> ([u8; 16], Vec<u8>) {
    (conversation(id, item), conversation_index(item.received_at))
}

/// The same for the whole thread on every device.
fn conversation(id: ServerId, item: &Item) -> [u8; 16] {
    let mut bytes = [0; 16];
    let (account, thread) = bytes.split_at_mut(8);
    account.copy_from_slice(&id.folder.account.0.to_be_bytes());
    thread.copy_from_slice(&item.thread.to_be_bytes());
    bytes
}

/// The header of MS-ASCON section 2.2.2.4: the upper bytes of the time in steps of 100 ns since 1601.
fn conversation_index(received_at: Timestamp) -> Vec<u8> {
    const MILLISECONDS_1601_TO_1970: i64 = 11_644_473_600_000;
    let steps = received_at.0.saturating_add(MILLISECONDS_1601_TO_1970).saturating_mul(10_000);
    steps.to_be_bytes().get(..5).unwrap_or_default().to_vec()
}

/// When it was done is not kept; the moment of the mail stands for it.
fn last_verb(item: &Item) -> Option<(LastVerb, Timestamp)> {
    if item.flags.contains(Flags::ANSWERED) {
        return Some((LastVerb::Reply, item.received_at));
    }
    let forwarded = Keyword::new(keyword::FORWARDED).is_ok_and(|word| item.keywords.contains(&word));
    forwarded.then_some((LastVerb::Forward, item.received_at))
}

fn native(summary: &Summary) -> BodyType {
    if summary.has_html { BodyType::Html } else { BodyType::Plain }
}

fn attachments(id: ServerId, summary: &Summary) -> Vec<Attachment> {
    let one = |(part, file): (u32, &mime::AttachmentSummary)| Attachment {
        display_name: file.name.clone(),
        file_reference: FileReference { item: id, part }.to_string(),
        method: match file.content_type.as_str() {
            "message/rfc822" => AttachmentMethod::EmbeddedMessage,
            _ => AttachmentMethod::Normal,
        },
        estimated_data_size: file.size_bytes,
        content_id: some(file.content_id.clone()),
        content_location: some(file.content_location.clone()),
        is_inline: file.inline,
    };
    (0_u32..).zip(&summary.attachments).map(one).collect()
}

/// The texts of a message, each made when it is asked for.
pub(crate) struct Texts<'a> {
    message: Message<'a>,
    plain: OnceCell<String>,
    html: OnceCell<String>,
}

impl<'a> Texts<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { message: Message::parse(bytes), plain: OnceCell::new(), html: OnceCell::new() }
    }

    /// Plain text, made of HTML if there is nothing else.
    pub(crate) fn plain(&self) -> &str {
        self.plain.get_or_init(|| {
            let made = || self.message.html_body().map(|html| mime::html_to_text(&html));
            self.message.text_body().or_else(made).unwrap_or_default()
        })
    }

    /// HTML, made of plain text if there is nothing else.
    pub(crate) fn html(&self) -> &str {
        self.html.get_or_init(|| {
            let made = || self.message.text_body().map(|text| mime::text_to_html(&text));
            self.message.html_body().or_else(made).unwrap_or_default()
        })
    }
}

fn body(summary: &Summary, parsed: &Parsed, bytes: &[u8], wanted: &Wanted) -> Body {
    let texts = Texts::new(bytes);
    let is_smime = summary.is_encrypted || summary.is_signed;
    let form = Form { native: native(summary), is_smime };
    let size = |kind: BodyType| {
        let length = match kind {
            BodyType::Plain | BodyType::Rtf => texts.plain().len(),
            BodyType::Html => texts.html().len(),
            BodyType::Mime => bytes.len(),
        };
        u64::try_from(length).unwrap_or(u64::MAX)
    };
    let mut choice = choose(&wanted.preferences, wanted.mime_support, form, size);
    match choice.body_type {
        BodyType::Plain | BodyType::Rtf => {
            let choice = Choice { body_type: BodyType::Plain, ..choice };
            Body::text(choice, texts.plain(), &parsed.preview)
        }
        BodyType::Html => Body::text(choice, texts.html(), &parsed.preview),
        BodyType::Mime => {
            choice.truncation_size = match (choice.truncation_size, wanted.mime_truncation) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            };
            Body::message(choice, bytes, &parsed.preview)
        }
    }
}
