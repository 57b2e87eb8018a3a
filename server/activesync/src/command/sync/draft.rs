//! Drafts of 16.x: what the phone says, put into the message that was there before. What the phone cannot say stays: other
//! header fields, other parts, files that it does not take away.

use activesync_wire::body::BodyType;
use activesync_wire::item::email::{AttachmentMethod, Draft, Importance};
use activesync_wire::server_id::{FileReference, ServerId};
use mime::{AttachmentSummary, Mailbox, NewFile, Rework, SUMMARY_ADDRESSES_MAX, Summary, Text, compose};
use std::str::FromStr;

use crate::call::Call;
use crate::item::email::Texts;
use crate::recipient::mailboxes;

/// A draft that was there before.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Before<'a> {
    pub(crate) id: ServerId,
    pub(crate) bytes: &'a [u8],
}

/// More recipients than a message may name: those beyond would be lost silently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooMany;

/// The message. `name` tells it from all others of the device.
///
/// # Errors
/// [`TooMany`]
pub(crate) fn build(
    call: &Call,
    name: &str,
    draft: &Draft,
    before: Option<Before<'_>>,
) -> Result<Vec<u8>, TooMany> {
    let id = fresh_id(call, name);
    if let Some((BodyType::Mime, message)) = &draft.body {
        return Ok(with_files(message, &id, draft, before));
    }
    let fresh = before.is_none().then(|| empty(call, &id));
    let old = before.map(|before| before.bytes).or(fresh.as_deref()).unwrap_or_default();
    let summary = mime::describe(old).summary;
    let mut message = Rework::new(old, &id);
    let gone: Vec<Vec<u32>> = deleted(draft, before, &summary).map(|file| file.section.clone()).collect();
    if !gone.is_empty() {
        message.remove(&gone);
    }
    for (field, said) in
        [("To", &draft.to), ("Cc", &draft.cc), ("Bcc", &draft.bcc), ("Reply-To", &draft.reply_to)]
    {
        let Some(text) = said else { continue };
        let people = mailboxes(&with_commas(text));
        if people.len() >= SUMMARY_ADDRESSES_MAX {
            return Err(TooMany);
        }
        message.set_mailboxes(field, &people);
    }
    if let Some(subject) = &draft.subject {
        message.set_field("Subject", Some(subject));
    }
    set_importance(&mut message, draft);
    message.set_field("Date", Some(&compose::date_text(call.now())));
    set_body(&mut message, draft, old);
    attach(&mut message, draft);
    Ok(message.finish())
}

/// A message that comes as a whole, and what comes beside it: MS-ASEMAIL R14890, R14900.
fn with_files(whole: &[u8], id: &str, draft: &Draft, before: Option<Before<'_>>) -> Vec<u8> {
    let mut message = Rework::new(whole, id);
    // Files that go are named by their places in the message that was there.
    let old = before.map(|before| mime::describe(before.bytes).summary).unwrap_or_default();
    let mut files = mime::describe(whole).summary.attachments;
    let mut gone = Vec::new();
    for file in deleted(draft, before, &old) {
        let is_same = |other: &AttachmentSummary| {
            (&other.name, &other.content_type) == (&file.name, &file.content_type)
        };
        if let Some(at) = files.iter().position(is_same) {
            gone.push(files.remove(at).section);
        }
    }
    if !gone.is_empty() {
        message.remove(&gone);
    }
    set_importance(&mut message, draft);
    attach(&mut message, draft);
    message.finish()
}

fn set_importance(message: &mut Rework<'_>, draft: &Draft) {
    let Some(importance) = draft.importance else { return };
    for other in ["X-Priority", "X-MSMail-Priority", "Priority"] {
        message.set_field(other, None);
    }
    message.set_field("Importance", importance_word(importance));
}

/// Puts the files that come behind all others.
fn attach(message: &mut Rework<'_>, draft: &Draft) {
    for file in &draft.attachments_added {
        let content_type = match (&file.content_type, file.method) {
            (Some(content_type), _) => content_type.as_str(),
            (None, AttachmentMethod::EmbeddedMessage) => "message/rfc822",
            (None, _) => "application/octet-stream",
        };
        message.attach(&NewFile {
            name: &file.display_name,
            content_type,
            bytes: &file.content,
            content_id: file.content_id.as_deref().unwrap_or_default(),
            content_location: file.content_location.as_deref().unwrap_or_default(),
            is_inline: file.is_inline,
        });
    }
}

/// What a new draft begins with.
fn empty(call: &Call, id: &str) -> Vec<u8> {
    let account = &call.login.account;
    let from = Mailbox { name: account.name.clone(), address: account.address.to_string() };
    let draft = compose::Draft {
        to: Vec::new(),
        ..compose::Draft::plain(from.clone(), from, "", "", call.now(), id)
    };
    draft.build()
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

/// Puts the phone's text in, in the forms that there were. Who sends back what was shown changes nothing.
fn set_body(message: &mut Rework<'_>, draft: &Draft, old: &[u8]) {
    let Some((kind, bytes)) = &draft.body else { return };
    let (said, texts) = (String::from_utf8_lossy(bytes).into_owned(), Texts::new(old));
    let is_same = |shown: &str| {
        let lines = |text: &str| text.trim_end().replace("\r\n", "\n");
        lines(shown) == lines(&said)
    };
    match kind {
        BodyType::Html if message.has_html() && is_same(texts.html()) => {}
        BodyType::Html => {
            let is_html_only = message.has_html() && !message.has_plain();
            let plain = (!is_html_only).then(|| Text::plain(mime::html_to_text(&said)));
            message.set_texts(plain.as_ref(), Some(&Text::html(said.as_str())));
        }
        BodyType::Plain | BodyType::Rtf | BodyType::Mime => {
            if !is_same(texts.plain()) {
                message.set_texts(Some(&Text::plain(said.as_str())), None);
            }
        }
    }
}

fn importance_word(importance: Importance) -> Option<&'static str> {
    match importance {
        Importance::High => Some("high"),
        Importance::Low => Some("low"),
        Importance::Normal => None,
    }
}

/// The files of the message before that go. One that is gone already is no error: the request may come twice.
fn deleted<'s>(
    draft: &Draft,
    before: Option<Before<'_>>,
    summary: &'s Summary,
) -> impl Iterator<Item = &'s AttachmentSummary> {
    let references = draft.attachments_deleted.iter().filter_map(|text| FileReference::from_str(text).ok());
    let own = references.filter(move |one| before.is_some_and(|before| one.item == before.id));
    own.filter_map(|one| summary.attachments.get(usize::try_from(one.part).ok()?))
}

/// Phones separate by semicolons as well.
fn with_commas(text: &str) -> String {
    let (mut is_quoted, mut is_escaped) = (false, false);
    let one = |character| {
        let was_escaped = is_escaped;
        is_escaped = character == '\\' && !was_escaped;
        if character == '"' && !was_escaped {
            is_quoted = !is_quoted;
        }
        if character == ';' && !is_quoted { ',' } else { character }
    };
    text.chars().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn semicolons_separate_unless_they_are_quoted() {
        assert_eq!(with_commas("a@x; \"b;\\\";\" <b@x>;c@x"), "a@x, \"b;\\\";\" <b@x>,c@x");
    }
}
