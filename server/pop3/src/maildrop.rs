//! The Inbox as it was at login: STAT, LIST, UIDL, DELE, RSET, and the update at QUIT.

use crate::connection::{Connection, End};
use crate::status;
use bytes::Bytes;
use pop3_wire::listing::{self, END};
use pop3_wire::{MessageNumber, Response, UniqueId};
use session::Login;
use std::ops::RangeInclusive;
use storage::{Item, Refusal, Store, Subject, right};
use vocabulary::{AccountId, CollectionId, Role, UidValidity};

/// A frozen list of messages. Numbers are places in it and never change (RFC 1939 section 5).
#[derive(Debug)]
pub(crate) struct Maildrop {
    store: Store,
    login: Login,
    inbox: CollectionId,
    uidvalidity: UidValidity,
    /// In UID order.
    messages: Vec<Message>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Message {
    pub(crate) uid: u32,
    /// As sent: stored mail has CRLF throughout.
    pub(crate) size_bytes: u64,
    deleted: bool,
}

impl Message {
    fn new(item: &Item) -> Self {
        Self { uid: item.uid.0, size_bytes: u64::try_from(item.size_bytes).unwrap_or(0), deleted: false }
    }
}

impl Maildrop {
    /// Lists the Inbox, once.
    pub(crate) async fn open(store: &Store, login: &Login) -> storage::Result<Self> {
        let account = login.account.id;
        let (inbox, uidvalidity, messages) = store
            .read(&login.principal, move |tx| {
                let inbox = tx.open_role::<right::ReadItems>(account, Role::Inbox)?;
                let messages = tx.items(&inbox, &[1..=u32::MAX])?.iter().map(Message::new).collect();
                Ok((inbox.collection().id, inbox.collection().uidvalidity, messages))
            })
            .await?;
        Ok(Self { store: store.clone(), login: login.clone(), inbox, uidvalidity, messages })
    }

    /// Whose it is.
    pub(crate) fn account(&self) -> AccountId {
        self.login.account.id
    }

    /// Whether the login holds, or else the last answer: the list that was made at login would
    /// outlive it.
    pub(crate) async fn login_holds(&self) -> Result<(), Response> {
        match self.login.still_valid(&self.store).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(status::login_is_over()),
            Err(error) => Err(status::response(&error)),
        }
    }

    /// `2 messages (320 octets)`.
    pub(crate) fn summary(&self) -> Response {
        let (count, bytes) = self.totals();
        Response::ok(format!("{count} messages ({bytes} octets)"))
    }

    /// STAT: messages marked for deletion do not count (RFC 1939 section 5).
    pub(crate) fn stat(&self) -> Response {
        let (count, bytes) = self.totals();
        Response::ok(format!("{count} {bytes}"))
    }

    fn totals(&self) -> (usize, u64) {
        let living = self.messages.iter().filter(|message| !message.deleted);
        living.fold((0, 0), |(count, bytes), message| (count + 1, bytes + message.size_bytes))
    }

    /// LIST.
    pub(crate) async fn list(
        &self,
        number: Option<MessageNumber>,
        connection: &mut Connection,
    ) -> Result<(), End> {
        let line = |number, message: &Message| listing::scan(number, message.size_bytes);
        self.lines(number, connection, line).await
    }

    /// UIDL: `<uidvalidity>.<uid>`, which names the same bytes for ever.
    pub(crate) async fn uidl(
        &self,
        number: Option<MessageNumber>,
        connection: &mut Connection,
    ) -> Result<(), End> {
        let line = |number, message: &Message| {
            let id = UniqueId::new(format!("{}.{}", self.uidvalidity.0, message.uid));
            id.map_or_else(|_| String::new(), |id| listing::unique_id(number, &id))
        };
        self.lines(number, connection, line).await
    }

    async fn lines(
        &self,
        number: Option<MessageNumber>,
        connection: &mut Connection,
        line: impl Fn(MessageNumber, &Message) -> String,
    ) -> Result<(), End> {
        if let Some(number) = number {
            connection.say(&match self.message(number) {
                Ok(message) => Response::ok(line(number, message)),
                Err(missing) => missing,
            });
            return Ok(());
        }
        connection.say(&self.summary());
        for (number, message) in (1..).map_while(MessageNumber::new).zip(&self.messages) {
            if !message.deleted {
                listing::write_line(&line(number, message), connection.out());
                connection.flush_if_full().await?;
            }
        }
        connection.out().extend_from_slice(END);
        Ok(())
    }

    /// A message that is not marked for deletion.
    pub(crate) fn message(&self, number: MessageNumber) -> Result<&Message, Response> {
        match self.messages.get(index(number)) {
            Some(message) if message.deleted => Err(Response::err("message is marked for deletion")),
            Some(message) => Ok(message),
            None => Err(Response::err(format!("no such message, there are {}", self.messages.len()))),
        }
    }

    /// DELE: only a mark.
    pub(crate) fn delete(&mut self, number: MessageNumber) -> Response {
        if let Err(missing) = self.message(number) {
            return missing;
        }
        if let Some(message) = self.messages.get_mut(index(number)) {
            message.deleted = true;
        }
        Response::ok(format!("message {number} will be deleted"))
    }

    /// RSET.
    pub(crate) fn reset(&mut self) -> Response {
        self.messages.iter_mut().for_each(|message| message.deleted = false);
        self.summary()
    }

    /// The bytes of a message, also when another door removed it meanwhile.
    pub(crate) async fn load(&self, message: &Message) -> storage::Result<Bytes> {
        let (account, inbox, uid) = (self.account(), self.inbox, message.uid);
        let stored = self
            .store
            .read(&self.login.principal, move |tx| {
                let inbox = tx.open::<right::ReadItems>(account, inbox)?;
                let found = tx.contents(&inbox, &[uid..=uid], true)?;
                let (_, stored) = found.into_iter().next().ok_or(Refusal::NotFound(Subject::Item))?;
                Ok(stored)
            })
            .await?;
        self.store.load(stored).await
    }

    /// The update of RFC 1939 section 6, and the goodbye: all marked messages go in one transaction,
    /// or none does and the client is told.
    pub(crate) async fn quit(&self) -> Response {
        let ranges = self.deleted_ranges();
        if ranges.is_empty() {
            return Response::ok("goodbye");
        }
        let (account, inbox) = (self.account(), self.inbox);
        let removed = self
            .store
            .write(&self.login.principal, &[account], move |tx| {
                let inbox = tx.open::<right::Remove>(account, inbox)?;
                tx.remove(&inbox, &ranges)
            })
            .await;
        match removed {
            Ok(_) => Response::ok("goodbye, deleted messages are gone"),
            Err(error) => status::response(&error),
        }
    }

    /// Runs of marked messages. What lies between two neighbours in the list was gone at login, and
    /// a UID never comes back, so one range may span it.
    fn deleted_ranges(&self) -> Vec<RangeInclusive<u32>> {
        self.messages
            .chunk_by(|left, right| left.deleted == right.deleted)
            .filter_map(|run| match run {
                [first, .., last] if first.deleted => Some(first.uid..=last.uid),
                [only] if only.deleted => Some(only.uid..=only.uid),
                _ => None,
            })
            .collect()
    }
}

fn index(number: MessageNumber) -> usize {
    usize::try_from(number.get()).map_or(usize::MAX, |number| number - 1)
}
