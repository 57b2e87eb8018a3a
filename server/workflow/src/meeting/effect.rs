//! What one letter does at one recipient.

use calendar::schedule::{self, Agent, Method, Received, Why};
use storage::{Account, NewItem, Read, Refusal, ScheduleTag, Store, Write};
use vocabulary::{AccountId, DomainId, Role, Timestamp};

use super::calendars::{Change, Stored, stored};
use super::commit::Letters;
use super::letter::{Letter, Manner};
use super::mail::{Mail, mailbox_of, thread_root};
use super::people::{Directory, HOUSE, Place, place_of};
use super::plan::{Known, Writer, owner_addresses};
use super::room::{self, Watched};
use crate::fresh_id::fresh_id;
use crate::ingest::ingest;
use crate::ingest_object::ingest_scheduling_message;
use crate::time_zone::time_zone;

/// In whose name a letter is, as far as these are people of this house.
pub(super) struct Author {
    /// The organiser or attendee.
    owner: Option<Account>,
    /// The delegate who acted.
    delegate: Option<Account>,
}

impl Author {
    pub(super) async fn of(store: &Store, letter: &Letter) -> storage::Result<Self> {
        let (from, delegate) = (letter.from.clone(), letter.author);
        let find = move |tx: &Read<'_>| {
            let admin = tx.administer()?;
            let owner = match place_of(tx, &admin, &from)? {
                Place::Account(account) => Some(account),
                Place::Group(_) | Place::Elsewhere | Place::Nowhere => None,
            };
            Ok(Self { owner: known(tx, owner)?, delegate: known(tx, delegate)? })
        };
        store.read(&HOUSE, find).await
    }

    /// Whether it is somebody of this domain: a mail from outside proves nobody of the house.
    fn is_of(&self, domain: DomainId) -> bool {
        self.owner.as_ref().is_some_and(|owner| owner.domain == domain)
    }
}

/// The account, if it is still there.
pub(super) fn known(tx: &Read<'_>, account: Option<AccountId>) -> storage::Result<Option<Account>> {
    let Some(account) = account else { return Ok(None) };
    match tx.account(account) {
        Ok(account) => Ok(Some(account)),
        Err(storage::Error::Refusal(Refusal::NotFound(_))) => Ok(None),
        Err(error) => Err(error),
    }
}

/// One recipient of a letter.
#[derive(Debug, Clone)]
pub(super) struct Recipient {
    pub(super) account: Account,
    /// By which the object names it.
    pub(super) address: String,
    /// It is a member of a list that was invited, so that the object does not name it.
    pub(super) by_group: bool,
}

/// What a letter does at one recipient, ready for the transaction.
#[derive(Debug)]
pub(super) struct Effect {
    pub(super) account: AccountId,
    pub(super) address: String,
    change: Option<Change>,
    /// What a room's answer rests on.
    watched: Vec<Watched>,
    /// For the schedule inbox.
    message: Option<NewItem>,
    mail: Option<NewItem>,
    letters: Letters,
}

/// What became of the mail of an effect.
pub(super) type Outcome = Result<(), Refusal>;

impl Effect {
    pub(super) async fn prepare(
        store: &Store,
        letter: &Letter,
        author: &Author,
        recipient: &Recipient,
    ) -> storage::Result<Self> {
        let now = store.clock().now();
        let account = &recipient.account;
        let mut effect = Self {
            account: account.id,
            address: recipient.address.clone(),
            change: None,
            watched: Vec::new(),
            message: None,
            mail: None,
            letters: Letters::default(),
        };
        let Some(uid) = schedule::uid_of(&letter.object) else { return Ok(effect) };
        let is_booked = room::is_bookable(account) && matches!(letter.method, Method::Request | Method::Add);
        if is_booked && !author.is_of(account.domain) {
            // By what it answers, anybody would learn when it is free.
            tracing::info!(account = account.id.0, "somebody of another domain asks for a room");
            return Ok(effect);
        }
        let addresses = owner_addresses(store, account, &[]).await?;
        let directory = Directory::default();
        let mut known = Known { addresses, directory, now };
        let copy = stored(store, account.id, &uid).await?;
        let bytes = copy.as_ref().map(|copy| &copy.bytes[..]);
        let received = schedule::receive(&known.actor(Agent::Server), bytes, &letter.object, &letter.from);
        let is_first = matches!(received, Received::Store { is_new: true, .. });
        let is_shown = match received {
            Received::Ignored(why) => {
                tracing::info!(
                    account = account.id.0,
                    method = letter.method.name(),
                    ?why,
                    "a scheduling message"
                );
                // The members of a list read what the list was told, of which their own calendars know nothing.
                recipient.by_group && matches!(why, Why::NotForUs | Why::Unknown)
            }
            Received::Show => true,
            Received::Answer(messages) => {
                known.directory = Directory::of(store, &[Some(&letter.object), bytes]).await?;
                let writer = Writer::house_of(account);
                effect.letters = Letters::of(store, &writer, &known.directory, messages).await?;
                false
            }
            Received::Store { bytes: new, keeps_tag, refresh, .. } => {
                let schedule_tag = if keeps_tag { ScheduleTag::Kept } else { ScheduleTag::New };
                if !refresh.is_empty() {
                    known.directory = Directory::of(store, &[Some(&new)]).await?;
                    effect.letters = Letters::refreshing(account.id, &known.directory, refresh);
                }
                effect.store(store, account, copy.as_ref(), new, schedule_tag, now).await?;
                let is_asked = letter.method == Method::Request && letter.manner != Manner::Silent;
                if is_asked && room::is_bookable(account) {
                    effect.answer_as_room(store, account, &known, copy.as_ref()).await?;
                    false
                } else {
                    true
                }
            }
        };
        if is_shown && letter.manner != Manner::Silent {
            effect.message = ingest_scheduling_message(store, account.id, &letter.object, now).await?;
            // Nobody reads the mail of a room.
            if letter.manner == Manner::Told && !room::is_bookable(account) {
                effect.mail = Some(mail(store, letter, author, recipient, &uid, is_first, now).await?);
            }
        }
        Ok(effect)
    }

    async fn store(
        &mut self,
        store: &Store,
        account: &Account,
        copy: Option<&Stored>,
        bytes: Vec<u8>,
        schedule_tag: ScheduleTag,
        now: Timestamp,
    ) -> storage::Result<()> {
        self.change = Change::prepare(store, account.id, copy, bytes, schedule_tag, now).await?;
        Ok(())
    }

    /// Rooms and things answer at once, and nobody reads their mail.
    async fn answer_as_room(
        &mut self,
        store: &Store,
        account: &Account,
        known: &Known,
        copy: Option<&Stored>,
    ) -> storage::Result<()> {
        let Some(change) = &self.change else { return Ok(()) };
        let answer = room::answer(store, account, known, &change.bytes, change.extent()).await?;
        self.watched = answer.watched;
        if let Some((bytes, planned)) = answer.answered {
            self.letters = std::mem::take(&mut self.letters).and(planned.letters);
            self.store(store, account, copy, bytes, planned.schedule_tag, known.now).await?;
        }
        Ok(())
    }

    /// Carries the effect out. The outer result undoes the whole transaction; the inner one says whether the recipient
    /// was told.
    ///
    /// # Errors
    /// [`Refusal::Stale`] if something is not as it was read.
    pub(super) fn make(&self, tx: &mut Write<'_>) -> storage::Result<(Outcome, Vec<storage::Outgoing>)> {
        for watched in &self.watched {
            watched.check(tx)?;
        }
        let stored = match &self.change {
            Some(change) => refused_for_room(change.make(tx).map(drop))?,
            None => Ok(()),
        };
        // What was not stored is not so: no room accepts by it, and no copy is refreshed to it.
        let posted = match &stored {
            Ok(()) => self.letters.post(tx)?,
            Err(_) => Vec::new(),
        };
        let mut outcome = stored;
        if let Some(message) = &self.message {
            let admin = tx.administer()?;
            tx.file_schedule_message(&admin, self.account, message)?;
        }
        if let Some(mail) = &self.mail {
            let inbox = tx.open_role::<storage::right::Insert>(self.account, Role::Inbox)?;
            outcome = outcome.and(refused_for_room(tx.insert(&inbox, mail).map(drop))?);
        }
        Ok((outcome, posted))
    }
}

/// A full mailbox stops neither the others nor what takes no room. The store asks before it writes.
fn refused_for_room(done: storage::Result<()>) -> storage::Result<Outcome> {
    match done {
        Ok(()) => Ok(Ok(())),
        Err(storage::Error::Refusal(refusal @ (Refusal::OverQuota { .. } | Refusal::TooLarge { .. }))) => {
            Ok(Err(refusal))
        }
        Err(error) => Err(error),
    }
}

async fn mail(
    store: &Store,
    letter: &Letter,
    author: &Author,
    recipient: &Recipient,
    uid: &str,
    is_first: bool,
    now: Timestamp,
) -> storage::Result<NewItem> {
    let account = &recipient.account;
    let zone = time_zone(store, account.id, account.domain).await?;
    let name = author.owner.as_ref().map(|owner| owner.name.clone()).unwrap_or_default();
    let fresh = format!("{}@{}", fresh_id()?, account.address.domain());
    // The organiser's side and the guest's name the conversation alike.
    let root = match letter.method {
        Method::Reply | Method::Counter | Method::Refresh => {
            Some(thread_root(store, account, &letter.from, uid))
        }
        _ => author.owner.as_ref().map(|organizer| thread_root(store, organizer, &recipient.address, uid)),
    };
    let is_invitation = is_first && letter.method == Method::Request && !recipient.by_group;
    let mail = Mail {
        from: mime::Mailbox { name, address: letter.from.clone() },
        sender: author.delegate.as_ref().map(mailbox_of),
        to: vec![mime::Mailbox { name: account.name.clone(), address: recipient.address.clone() }],
        method: letter.method,
        object: &letter.object,
        is_german: account.language == "de",
        is_automatic: author.owner.as_ref().is_some_and(room::is_bookable),
        zone: &zone,
        date: now,
        message_id: root.clone().filter(|_| is_invitation).unwrap_or(fresh),
        root,
    };
    let content = ingest(store, account.id, mail.build().into()).await?;
    Ok(NewItem::mail(content, now))
}
