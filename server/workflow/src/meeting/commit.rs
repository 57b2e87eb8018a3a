//! What is to be told because of a write, made ready before its transaction and posted inside it.

use calendar::schedule::{Message, Method, sent_by};
use std::collections::HashMap;
use std::sync::Arc;
use storage::{Outgoing, Prepared, Store, Write};
use vocabulary::AccountId;

use super::letter::{GUESTS_MAX, ITIP, Letter, Manner};
use super::mail::{Mail, mailbox_of, thread_root};
use super::people::Directory;
use super::plan::Writer;
use super::room::is_bookable;
use crate::fresh_id::fresh_id;
use crate::ingest::ingest;
use crate::time_zone::time_zone;

/// What is to be told because of one write.
#[derive(Debug, Clone, Default)]
pub struct Letters {
    /// In whose outbox: that of whoever acts.
    account: Option<AccountId>,
    /// Encoded letters for people of this house.
    rows: Vec<Vec<u8>>,
    /// Mails for people elsewhere.
    queued: Vec<Queued>,
}

#[derive(Debug, Clone)]
struct Queued {
    reverse_path: String,
    recipients: Vec<String>,
    mail: Prepared,
}

/// Messages that say the same.
struct Group {
    method: Method,
    sender: String,
    object: Arc<[u8]>,
    uid: String,
    here: Vec<String>,
    elsewhere: Vec<String>,
}

impl Letters {
    /// Whether nobody is told anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.queued.is_empty()
    }

    /// Octets of all that it puts into outbox and queue.
    pub(super) fn size_bytes(&self) -> usize {
        let rows = self.rows.iter().map(Vec::len);
        let size = |queued: &Queued| usize::try_from(queued.mail.size_bytes()).unwrap_or(usize::MAX);
        let queued = self.queued.iter().map(size);
        rows.chain(queued).fold(0, usize::saturating_add)
    }

    pub(super) async fn of(
        store: &Store,
        writer: &Writer,
        directory: &Directory,
        messages: Vec<Message>,
    ) -> storage::Result<Self> {
        let author = (writer.author.id != writer.owner.id).then_some(writer.author.id);
        let mut letters = Self { account: Some(writer.author.id), ..Self::default() };
        for mut group in grouped(messages, directory) {
            if author.is_some() {
                let delegate = writer.author.address.to_string();
                let said = sent_by(&group.object, group.method, &group.sender, &delegate);
                group.object = said.map_or(group.object, Arc::from);
            }
            letters.add(directory, &group, Manner::Told, author);
            if !group.elsewhere.is_empty() {
                letters.queued.push(queued(store, writer, group).await?);
            }
        }
        Ok(letters)
    }

    /// Copies of others that are refreshed without a word; of those elsewhere there are none here.
    pub(super) fn refreshing(author: AccountId, directory: &Directory, messages: Vec<Message>) -> Self {
        let mut letters = Self { account: Some(author), ..Self::default() };
        for group in grouped(messages, directory) {
            letters.add(directory, &group, Manner::Silent, None);
        }
        letters
    }

    pub(super) fn and(mut self, other: Self) -> Self {
        self.account = self.account.or(other.account);
        self.rows.extend(other.rows);
        self.queued.extend(other.queued);
        self
    }

    #[cfg(test)]
    pub(super) fn of_rows(rows: Vec<Vec<u8>>) -> Self {
        Self { rows, ..Self::default() }
    }

    fn add(&mut self, directory: &Directory, group: &Group, manner: Manner, author: Option<AccountId>) {
        for guests in directory.guests(&group.here).chunks(GUESTS_MAX) {
            let letter = Letter {
                manner,
                method: group.method,
                from: group.sender.clone(),
                author,
                object: group.object.to_vec(),
                guests: guests.to_vec(),
            };
            self.rows.push(letter.encode());
        }
    }

    /// Puts everything into the outbox and the queue, in the transaction of the write. What it gives goes to
    /// [`deliver`](super::deliver) after the commit. The account of whoever acts must be declared.
    ///
    /// # Errors
    /// As [`Write::push_outgoing`] and [`Write::enqueue`].
    pub fn post(&self, tx: &mut Write<'_>) -> storage::Result<Vec<Outgoing>> {
        let Some(account) = self.account else { return Ok(Vec::new()) };
        let mut posted = Vec::with_capacity(self.rows.len());
        for payload in &self.rows {
            posted.push(post(tx, account, payload.clone())?);
        }
        for Queued { reverse_path, recipients, mail } in &self.queued {
            tx.enqueue(account, reverse_path, recipients, mail)?;
        }
        Ok(posted)
    }
}

/// Puts one letter into an outbox.
pub(crate) fn post(tx: &mut Write<'_>, account: AccountId, payload: Vec<u8>) -> storage::Result<Outgoing> {
    let id = tx.push_outgoing(account, ITIP, &payload)?;
    Ok(Outgoing { account, id, kind: ITIP.to_owned(), payload, attempts: 0 })
}

/// Each object once, with all whom it is for.
fn grouped(messages: Vec<Message>, directory: &Directory) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut by_object: HashMap<(Method, String, Arc<[u8]>), usize> = HashMap::new();
    for Message { method, sender, recipient, object, uid, .. } in messages {
        let key = (method, sender.clone(), Arc::clone(&object));
        let at = *by_object.entry(key).or_insert_with(|| {
            let (here, elsewhere) = (Vec::new(), Vec::new());
            groups.push(Group { method, sender, object, uid, here, elsewhere });
            groups.len() - 1
        });
        let Some(group) = groups.get_mut(at) else { continue };
        if directory.is_here(&recipient) {
            group.here.push(recipient);
        } else {
            group.elsewhere.push(recipient);
        }
    }
    groups
}

/// RFC 6047: to whoever is elsewhere it goes as a mail, in the owner's language.
async fn queued(store: &Store, writer: &Writer, group: Group) -> storage::Result<Queued> {
    let Writer { owner, author, .. } = writer;
    let zone = time_zone(store, owner.id, owner.domain).await?;
    // What all of them get can answer to nothing that only one of them got.
    let root = match group.elsewhere.as_slice() {
        [only] => Some(thread_root(store, owner, only, &group.uid)),
        _ => None,
    };
    let mail = Mail {
        from: mime::Mailbox { name: owner.name.clone(), address: group.sender.clone() },
        sender: (author.id != owner.id).then(|| mailbox_of(author)),
        to: group
            .elsewhere
            .iter()
            .map(|address| mime::Mailbox { name: String::new(), address: address.clone() })
            .collect(),
        method: group.method,
        object: &group.object,
        is_german: owner.language == "de",
        is_automatic: is_bookable(owner),
        zone: &zone,
        date: store.clock().now(),
        message_id: format!("{}@{}", fresh_id()?, owner.address.domain()),
        root,
    };
    let mail = ingest(store, author.id, mail.build().into()).await?;
    Ok(Queued { reverse_path: author.address.to_string(), recipients: group.elsewhere, mail })
}
