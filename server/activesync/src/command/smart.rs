//! SmartReply and SmartForward: the client sends its own words, the server adds the original.
//! MS-ASCMD sections 2.2.1.19 and 2.2.1.20.
//!
//! A reply gets the original's text below its own, a forward also its attachments (`mime::with_original`). What is
//! signed or encrypted is sent as it is, for nothing can be added to it.

use activesync_wire::command::send_mail::{Source, Target, Verb};
use activesync_wire::item::calendar::instance_id;
use activesync_wire::server_id::ServerId;
use activesync_wire::status::CommonStatus;
use bytes::Bytes;
use mime::{Mailbox, Manner, Summary};
use std::str::FromStr;
use storage::{Fault, FlagChange, Item, MarkChange, Refusal, Subject, right};
use vocabulary::{Component, Flags, Keyword, Keywords};

use super::smart_event as event;
use super::{refuse, sync};
use crate::call::{Answer, Call, Failure};
use crate::long_id;

/// The message that is answered.
pub(crate) struct Original {
    id: ServerId,
    item: Item,
    bytes: Bytes,
}

/// What a client names.
///
/// # Errors
/// Status 150 if there is nothing of this name.
pub(super) async fn id_of(call: &Call, target: &Target) -> Answer<ServerId> {
    let id = match target {
        Target::Item { item, .. } => ServerId::from_str(item).ok(),
        Target::LongId(id) => match long_id::find(call, id).await {
            Ok(id) => Some(id),
            Err(storage::Error::Refusal(_)) => None,
            Err(fault) => return Err(Failure::Store(fault)),
        },
    };
    id.map_or_else(|| refuse(CommonStatus::SourceNotFound, "no such original"), Ok)
}

/// Finds it.
///
/// # Errors
/// Status 150 if it does not exist, or its occurrence does not; 104 for an occurrence that is no moment.
pub(crate) async fn find(call: &Call, source: &Source) -> Answer<Original> {
    let id = id_of(call, &source.target).await?;
    let instance = match source.instance.as_deref().map(instance_id).transpose() {
        Ok(instance) => instance,
        // MS-ASCMD R541, R578
        Err(_) => return refuse(CommonStatus::InvalidDateTime, "the occurrence is no moment"),
    };
    let found = call.store().read(call.principal(), move |tx| {
        let grant = tx.open::<right::ReadItems>(id.folder.account, id.folder.collection)?;
        let item = tx.item_by_id(&grant, id.item)?;
        let is_shown = |item: &Item| matches!(item.component, None | Some(Component::Event));
        let item = item.filter(|item| !item.vanished && is_shown(item));
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
    let bytes = call.store().load(stored).await?;
    if item.component.is_none() {
        return Ok(Original { id, item, bytes });
    }
    let owner = call.owner(id.folder.account).await?;
    let zone = workflow::time_zone(call.store(), owner.id, owner.domain).await?;
    match event::as_mail(&bytes, instance, &zone) {
        Some(mail) => Ok(Original { id, item, bytes: mail.into() }),
        None => refuse(CommonStatus::SourceNotFound, "the event has no such occurrence"),
    }
}

/// The client's message with the original added.
///
/// # Errors
/// [`Fault`] only.
pub(crate) async fn complete(
    call: &Call,
    verb: Verb,
    message: Vec<u8>,
    original: &Original,
) -> storage::Result<Vec<u8>> {
    let manner = if verb == Verb::Forward { Manner::Forward } else { Manner::Reply };
    let (original, seed) = (original.bytes.clone(), sync::fresh_id(call, &original.id.to_string()));
    // Both can be long: not on the threads that serve connections.
    let completing = tokio::task::spawn_blocking(move || {
        let old = mime::describe(&original).summary;
        mime::with_original(&message, &original, manner, &head(&old), &seed)
    });
    Ok(completing.await.map_err(|error| Fault::Panic(error.to_string()))?)
}

/// The lines above a quoted message.
fn head(old: &Summary) -> String {
    let mut lines = vec![RULE.to_owned(), format!("From: {}", list(&old.from))];
    lines.extend(old.date.map(|date| format!("Date: {}", mime::compose::date_text(date))));
    for (name, people) in [("To", &old.to), ("Cc", &old.cc)] {
        if !people.is_empty() {
            lines.push(format!("{name}: {}", list(people)));
        }
    }
    lines.push(format!("Subject: {}\r\n", old.subject));
    lines.join("\r\n")
}

/// What separates one's own words from the quoted ones: what many programs fold away.
const RULE: &str = "________________________________";

fn list(mailboxes: &[Mailbox]) -> String {
    let one = |mailbox: &Mailbox| match mailbox.name.is_empty() {
        true => mailbox.address.clone(),
        false => format!("{} <{}>", mailbox.name, mailbox.address),
    };
    mailboxes.iter().map(one).collect::<Vec<_>>().join(", ")
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
    if original.item.component.is_some() {
        return Ok(());
    }
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
