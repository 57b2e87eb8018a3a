//! Drafts of 16.x: a message made of what the phone says, and of what was there before.

use activesync_wire::body::BodyType;
use activesync_wire::item::email::{AttachmentMethod, Draft, Importance};
use activesync_wire::server_id::FileReference;
use mime::compose::{self, Attachment};
use mime::{Mailbox, Message, Summary};
use std::str::FromStr;

use crate::call::Call;
use crate::item::email::Texts;
use crate::recipient::{header_value, mailboxes};

/// The message. `before` is the draft as it was, if there was one.
pub(crate) fn build(call: &Call, name: &str, draft: &Draft, before: Option<&[u8]>) -> Vec<u8> {
    if let Some((BodyType::Mime, message)) = &draft.body {
        return message.clone();
    }
    let old = before.unwrap_or_default();
    let summary = mime::describe(old).summary;
    let said = |text: &Option<String>, old: &[Mailbox]| match text {
        Some(text) => mailboxes(text),
        None => old.to_vec(),
    };
    let (text, html) = texts(draft, old);
    let mut fields = Vec::new();
    for (field, value) in [
        ("Cc", said(&draft.cc, &summary.cc)),
        ("Bcc", said(&draft.bcc, &summary.bcc)),
        ("Reply-To", said(&draft.reply_to, &summary.reply_to)),
    ] {
        if !value.is_empty() {
            fields.push((field.to_owned(), header_value(&value)));
        }
    }
    fields.extend(importance(draft, &summary).map(|word| ("Importance".to_owned(), word.to_owned())));
    let account = &call.login.account;
    compose::Draft {
        from: Mailbox { name: account.name.clone(), address: account.address.to_string() },
        sender: None,
        to: said(&draft.to, &summary.to),
        subject: draft.subject.clone().unwrap_or(summary.subject.clone()),
        text,
        html,
        calendar: None,
        attachments: attachments(draft, old, &summary),
        date: call.now(),
        message_id: fresh_id(call, name),
        references: Vec::new(),
        fields,
    }
    .build()
}

/// A Message-ID that no other message has: keyed by the store, over device, name and moment.
pub(crate) fn fresh_id(call: &Call, name: &str) -> String {
    use std::fmt::Write;
    let seed = format!("{} {name} {}", call.device(), call.now().0);
    let mut id = String::with_capacity(64);
    for byte in call.store().fingerprint(call.account(), seed.as_bytes()).iter().take(16) {
        let _ = write!(id, "{byte:02x}");
    }
    format!("{id}@{}", call.login.account.address.domain())
}

fn texts(draft: &Draft, old: &[u8]) -> (String, Option<String>) {
    match &draft.body {
        Some((BodyType::Html, bytes)) => {
            let html = String::from_utf8_lossy(bytes).into_owned();
            (mime::html_to_text(&html), Some(html))
        }
        Some((_, bytes)) => (String::from_utf8_lossy(bytes).into_owned(), None),
        None => {
            let html = Message::parse(old).html_body();
            (Texts::new(old).plain().to_owned(), html)
        }
    }
}

fn importance(draft: &Draft, old: &Summary) -> Option<&'static str> {
    match (draft.importance, old.importance) {
        (Some(Importance::High), _) | (None, mime::Importance::High) => Some("high"),
        (Some(Importance::Low), _) | (None, mime::Importance::Low) => Some("low"),
        (Some(Importance::Normal), _) | (None, mime::Importance::Normal) => None,
    }
}

/// Those that stay, then those that come.
fn attachments(draft: &Draft, old: &[u8], summary: &Summary) -> Vec<Attachment> {
    let gone: Vec<u32> = draft
        .attachments_deleted
        .iter()
        .filter_map(|reference| FileReference::from_str(reference).ok())
        .map(|reference| reference.part)
        .collect();
    let message = Message::parse(old);
    let kept = (0_u32..).zip(&summary.attachments).filter(|(part, _)| !gone.contains(part));
    let mut files: Vec<Attachment> = kept
        .map(|(_, file)| Attachment {
            name: file.name.clone(),
            content_type: file.content_type.clone(),
            bytes: message.decoded(&file.section).unwrap_or_default().into_owned(),
        })
        .collect();
    files.extend(draft.attachments_added.iter().map(|file| Attachment {
        name: file.display_name.clone(),
        content_type: match (&file.content_type, file.method) {
            (Some(content_type), _) => content_type.clone(),
            (None, AttachmentMethod::EmbeddedMessage) => "message/rfc822".to_owned(),
            (None, _) => "application/octet-stream".to_owned(),
        },
        bytes: file.content.clone(),
    }));
    files
}
