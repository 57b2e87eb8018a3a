//! SmartReply and SmartForward: the client sends its own words, the server adds the original.
//! MS-ASCMD sections 2.2.1.19 and 2.2.1.20.
//!
//! A reply gets the original's text below its own, a forward also its attachments. What is signed or
//! encrypted is sent as it is, for nothing can be added to it.

use activesync_wire::command::send_mail::{Source, Target, Verb};
use activesync_wire::server_id::ServerId;
use activesync_wire::status::CommonStatus;
use bytes::Bytes;
use mime::compose::{Attachment, Draft};
use mime::{Mailbox, Message, Summary};
use std::str::FromStr;
use storage::{FlagChange, Item, MarkChange, Refusal, Subject, right};
use vocabulary::{Flags, Keyword, Keywords};

use super::{refuse, sync};
use crate::call::{Answer, Call, Failure};
use crate::item::email::Texts;
use crate::recipient::header_value;
use crate::{keyword, long_id};

/// The message that is answered.
pub(crate) struct Original {
    id: ServerId,
    item: Item,
    bytes: Bytes,
}

/// Finds it.
///
/// # Errors
/// Status 150 if it does not exist.
pub(crate) async fn find(call: &Call, source: &Source) -> Answer<Original> {
    let id = match &source.target {
        Target::Item { item, .. } => ServerId::from_str(item).ok(),
        Target::LongId(id) => match long_id::find(call, id).await {
            Ok(id) => Some(id),
            Err(storage::Error::Refusal(_)) => None,
            Err(fault) => return Err(Failure::Store(fault)),
        },
    };
    let Some(id) = id else { return refuse(CommonStatus::SourceNotFound, "no such original") };
    let found = call.store().read(call.principal(), move |tx| {
        let grant = tx.open::<right::ReadItems>(id.folder.account, id.folder.collection)?;
        let item = tx.item_by_id(&grant, id.item)?;
        let item = item.filter(|item| !item.vanished && item.component.is_none());
        let item = item.ok_or(Refusal::NotFound(Subject::Item))?;
        let stored = tx.contents(&grant, &[item.uid.0..=item.uid.0], false)?.pop();
        let (_, stored) = stored.ok_or(Refusal::NotFound(Subject::Content))?;
        Ok((item, stored))
    });
    let (item, stored) = match found.await {
        Ok(found) => found,
        Err(storage::Error::Refusal(_)) => {
            return refuse(CommonStatus::SourceNotFound, "the original is gone"); // MS-ASCMD R4930
        }
        Err(fault) => return Err(Failure::Store(fault)),
    };
    Ok(Original { id, item, bytes: call.store().load(stored).await? })
}

/// The client's message with the original added.
pub(crate) fn complete(call: &Call, verb: Verb, message: &[u8], original: &Original) -> Vec<u8> {
    let own = mime::describe(message).summary;
    if own.is_signed || own.is_encrypted {
        return message.to_vec();
    }
    let old = mime::describe(&original.bytes);
    let (mine, theirs) = (Texts::new(message), Texts::new(&original.bytes));
    let quoted = head(&old.summary);
    let text = format!("{}\r\n\r\n{quoted}\r\n{}", mine.plain(), theirs.plain());
    let has_html = own.has_html || old.summary.has_html;
    let html =
        has_html.then(|| format!("{}<hr>{}{}", mine.html(), mime::text_to_html(&quoted), theirs.html()));
    let mut attachments = files(message, &own);
    if verb == Verb::Forward {
        attachments.extend(files(&original.bytes, &old.summary));
    }
    let mut references = old.references;
    references.extend(old.message_id);
    Draft {
        from: own.from.first().cloned().unwrap_or_else(|| Mailbox {
            name: call.login.account.name.clone(),
            address: call.login.account.address.to_string(),
        }),
        sender: None,
        to: own.to.clone(),
        subject: own.subject.clone(),
        text,
        html,
        calendar: None,
        attachments,
        date: own.date.unwrap_or_else(|| call.now()),
        message_id: mime::describe(message)
            .message_id
            .unwrap_or_else(|| sync::fresh_id(call, &original.id.to_string())),
        references: if verb == Verb::Reply { references } else { Vec::new() },
        fields: fields(&own),
    }
    .build()
}

/// The lines above a quoted message.
fn head(old: &Summary) -> String {
    let date = old.date.map(mime::compose::date_text).unwrap_or_default();
    format!(
        "-----Original Message-----\r\nFrom: {}\r\nDate: {date}\r\nTo: {}\r\nSubject: {}\r\n",
        header_value(&old.from),
        header_value(&old.to),
        old.subject
    )
}

fn fields(own: &Summary) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    for (name, mailboxes) in [("Cc", &own.cc), ("Bcc", &own.bcc), ("Reply-To", &own.reply_to)] {
        if !mailboxes.is_empty() {
            fields.push((name.to_owned(), header_value(mailboxes)));
        }
    }
    let importance = match own.importance {
        mime::Importance::High => Some("high"),
        mime::Importance::Low => Some("low"),
        mime::Importance::Normal => None,
    };
    fields.extend(importance.map(|word| ("Importance".to_owned(), word.to_owned())));
    fields
}

fn files(message: &[u8], summary: &Summary) -> Vec<Attachment> {
    let message = Message::parse(message);
    let file = |file: &mime::AttachmentSummary| Attachment {
        name: file.name.clone(),
        content_type: file.content_type.clone(),
        bytes: message.decoded(&file.section).unwrap_or_default().into_owned(),
    };
    summary.attachments.iter().map(file).collect()
}

/// Marks the original as answered or forwarded, where the rights allow it.
pub(crate) async fn mark(
    call: &Call,
    verb: Verb,
    message: &[u8],
    original: &Original,
) -> storage::Result<()> {
    let (flags, verb) = match verb {
        Verb::Reply => {
            (FlagChange::Add(Flags::ANSWERED, Keywords::default()), answer(message, &original.bytes))
        }
        Verb::Forward => {
            let word = Keyword::new(Keyword::FORWARDED).into_iter().collect();
            (FlagChange::Add(Flags::NONE, word), storage::Verb::Forward)
        }
        Verb::Send => return Ok(()),
    };
    let change = MarkChange { flags, follow_up: None, verb: Some(verb) };
    let (id, uid) = (original.id, original.item.uid);
    call.store()
        .write(call.principal(), &[id.folder.account], move |tx| {
            let grant = tx.open::<right::ChangeFlags>(id.folder.account, id.folder.collection)?;
            tx.change_marks(&grant, uid, &change, None).map(drop)
        })
        .await
}

/// Whether an answer goes to others than those whom the original asks to answer.
fn answer(message: &[u8], original: &[u8]) -> storage::Verb {
    let (own, old) = (mime::describe(message).summary, mime::describe(original).summary);
    let asked = if old.reply_to.is_empty() { &old.from } else { &old.reply_to };
    let is_asked = |one: &Mailbox| asked.iter().any(|other| other.address.eq_ignore_ascii_case(&one.address));
    match own.to.iter().chain(&own.cc).all(is_asked) {
        true => storage::Verb::Reply,
        false => storage::Verb::ReplyAll,
    }
}
