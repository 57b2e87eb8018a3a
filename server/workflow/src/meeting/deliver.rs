//! Letters leave the outbox in the transaction of what they do.

use session::Tasks;
use std::collections::{BTreeSet, VecDeque};
use storage::{Account, Error, Outgoing, Read, Refusal, Store};
use vocabulary::{AccountId, EmailAddress, Timestamp};

use super::commit::post;
use super::effect::{Author, Effect, Recipient, known};
use super::letter::{ITIP, Letter, Manner};
use super::people::{HOUSE, Place, place_of};
use crate::submit::RecipientOutcome;
use crate::undelivered::{UNDELIVERED, Undelivered, send_reports};

/// How often a letter is prepared anew because somebody else wrote in the same calendars meanwhile.
const ATTEMPTS_MAX: usize = 8;
/// Letters that one call delivers, with those that come of them; more wait for the next one.
const LETTERS_MAX: usize = 10_000;
/// Letters per look into the outbox.
const PAGE: i64 = 50;
/// A letter that could not be delivered waits for so long the first time, and longer each time.
const AGAIN_AFTER_MS: i64 = 60_000;
/// A letter is given up after so many tries, some three days, and its sender is told.
const TRIES_MAX: i64 = 90;

/// Delivers what a write has posted, and what comes of that: the answers of rooms, refreshed copies. What cannot be
/// delivered now stays in the outbox for [`deliver_left`]. Whoever stops waiting loses nothing either.
pub async fn deliver(store: &Store, posted: Vec<Outgoing>) {
    let mut waiting = VecDeque::from(posted);
    let mut delivered = 0;
    while let Some(row) = waiting.pop_front() {
        delivered += 1;
        if delivered > LETTERS_MAX {
            tracing::warn!(waiting = waiting.len() + 1, "scheduling messages wait for the next look");
            return;
        }
        let (account, id) = (row.account, row.id);
        match deliver_row(store, &row).await {
            Ok(more) => waiting.extend(more),
            Err(error) => {
                tracing::error!(account = account.0, outbox = id, %error, "a scheduling message is late");
                match put_off(store, row).await {
                    Ok(pieces) => waiting.extend(pieces),
                    Err(error) => tracing::error!(account = account.0, %error, "it waits in the outbox"),
                }
            }
        }
    }
}

/// The same for whoever may go away meanwhile: it goes on in a task. It waits until all is delivered, so that what is asked
/// for next shows it.
pub async fn deliver_in_task(store: &Store, tasks: &Tasks, posted: Vec<Outgoing>) {
    if posted.is_empty() {
        return;
    }
    let store = store.clone();
    let (told, done) = tokio::sync::oneshot::channel();
    tasks.spawn(async move {
        deliver(&store, posted).await;
        // Nobody waits any more when the client has gone.
        let _ = told.send(());
    });
    // An error says that the task ended early, as at the end of the server: the outbox keeps what is left.
    let _ = done.await;
}

/// Delivers what waits in the outbox: run at start, for a crash may have left some, and now and then.
///
/// # Errors
/// [`storage::Fault`] if the outbox cannot be read.
pub async fn deliver_left(store: &Store) -> storage::Result<()> {
    let mut seen = BTreeSet::new();
    loop {
        let due = store
            .read(&HOUSE, |tx| {
                let admin = tx.administer()?;
                tx.outbox_due(&admin, ITIP, PAGE)
            })
            .await?;
        // What was looked at once and is due still waits for the next call.
        let fresh: Vec<Outgoing> = due.into_iter().filter(|row| seen.insert((row.account, row.id))).collect();
        if fresh.is_empty() {
            return Ok(());
        }
        deliver(store, fresh).await;
    }
}

/// Delivers one letter; what was posted because of it.
async fn deliver_row(store: &Store, row: &Outgoing) -> storage::Result<Vec<Outgoing>> {
    let Some(letter) = Letter::decode(&row.payload) else {
        tracing::error!(
            account = row.account.0,
            outbox = row.id,
            "an unreadable scheduling message is dropped"
        );
        settle(store, row, None).await?;
        return Ok(Vec::new());
    };
    let author = Author::of(store, &letter).await?;
    let mut attempt = 1;
    loop {
        match attempt_row(store, row, &letter, &author).await {
            // Somebody was faster in one of the calendars, or an account is gone: look again.
            Err(Error::Refusal(Refusal::Stale { .. } | Refusal::NotFound(_))) if attempt < ATTEMPTS_MAX => {
                attempt += 1;
            }
            outcome => return outcome,
        }
    }
}

async fn attempt_row(
    store: &Store,
    row: &Outgoing,
    letter: &Letter,
    author: &Author,
) -> storage::Result<Vec<Outgoing>> {
    let (recipients, lost) = recipients(store, letter).await?;
    let mut effects = Vec::with_capacity(recipients.len());
    for recipient in &recipients {
        effects.push(Effect::prepare(store, letter, author, recipient).await?);
    }
    let mut accounts: Vec<AccountId> = effects.iter().map(|effect| effect.account).collect();
    accounts.push(row.account);
    let report = undelivered(store, row.account, letter).await?;
    let (account, id) = (row.account, row.id);
    let written = store.write(&HOUSE, &accounts, move |tx| {
        let admin = tx.administer()?;
        if !tx.settle_outgoing(&admin, account, id, None)? {
            // Another look at the outbox was faster.
            return Ok((Vec::new(), false));
        }
        let (mut posted, mut outcomes) = (Vec::new(), lost);
        for effect in &effects {
            let (outcome, letters) = effect.make(tx)?;
            posted.extend(letters);
            if let (Err(refusal), Ok(address)) = (outcome, EmailAddress::parse(&effect.address)) {
                outcomes.push((address, RecipientOutcome::Refused(refusal)));
            }
        }
        let report = report.and_then(|report| report.build(&outcomes));
        if let Some(report) = &report {
            tx.push_outgoing(account, UNDELIVERED, report)?;
        }
        Ok((posted, report.is_some()))
    });
    let (posted, is_reported) = written.await?;
    if is_reported {
        send_reports(store).await?;
    }
    Ok(posted)
}

type Lost = Vec<(EmailAddress, RecipientOutcome)>;

/// Whom a letter reaches, each once, and the addresses that lead to nobody any more.
async fn recipients(store: &Store, letter: &Letter) -> storage::Result<(Vec<Recipient>, Lost)> {
    let (guests, manner) = (letter.guests.clone(), letter.manner);
    let find = move |tx: &Read<'_>| {
        let admin = tx.administer()?;
        let (mut found, mut lost) = (Vec::new(), Vec::new());
        let mut seen: BTreeSet<AccountId> = BTreeSet::new();
        for guest in guests {
            let (accounts, by_group) = match guest.account {
                // A mail has reached it under this address, else it is one of a list.
                Some(account) => (vec![account], manner != Manner::Mailed),
                None => match place_of(tx, &admin, &guest.address)? {
                    Place::Account(account) => (vec![account], false),
                    Place::Group(members) => (members, true),
                    Place::Elsewhere | Place::Nowhere => {
                        if let Ok(address) = EmailAddress::parse(&guest.address) {
                            let gone = Refusal::NotFound(storage::Subject::Address);
                            lost.push((address, RecipientOutcome::Refused(gone)));
                        }
                        continue;
                    }
                },
            };
            for account in accounts {
                if let Some(account) = known(tx, Some(account))?
                    && seen.insert(account.id)
                {
                    found.push(Recipient { account, address: guest.address.clone(), by_group });
                }
            }
        }
        Ok((found, lost))
    };
    store.read(&HOUSE, find).await
}

/// The report to whoever acted; none about what nobody was to be told of.
async fn undelivered(
    store: &Store,
    account: AccountId,
    letter: &Letter,
) -> storage::Result<Option<Undelivered>> {
    if letter.manner != Manner::Told {
        return Ok(None);
    }
    let sender: Option<Account> = store.read(&HOUSE, move |tx| known(tx, Some(account))).await?;
    let brief = calendar::schedule::brief(&letter.object);
    let subject = brief.and_then(|brief| brief.summary).unwrap_or_default();
    sender.map(|sender| Undelivered::about(&sender, subject, store.clock().now())).transpose()
}

async fn settle(store: &Store, row: &Outgoing, again_at: Option<Timestamp>) -> storage::Result<bool> {
    let (account, id) = (row.account, row.id);
    store
        .write(&HOUSE, &[account], move |tx| {
            let admin = tx.administer()?;
            tx.settle_outgoing(&admin, account, id, again_at)
        })
        .await
}

/// A letter to several becomes one to each, so that one broken mailbox does not keep the others waiting. A letter to
/// one waits, and is given up in the end.
async fn put_off(store: &Store, row: Outgoing) -> storage::Result<Vec<Outgoing>> {
    let letter = Letter::decode(&row.payload);
    let (account, id) = (row.account, row.id);
    if let Some(letter) = letter.as_ref().filter(|letter| letter.guests.len() > 1) {
        let pieces: Vec<Vec<u8>> = letter
            .guests
            .iter()
            .map(|guest| Letter { guests: vec![guest.clone()], ..letter.clone() }.encode())
            .collect();
        let accounts = [account];
        let split = store.write(&HOUSE, &accounts, move |tx| {
            let admin = tx.administer()?;
            if !tx.settle_outgoing(&admin, account, id, None)? {
                return Ok(Vec::new());
            }
            pieces.into_iter().map(|piece| post(tx, account, piece)).collect()
        });
        return split.await;
    }
    if row.attempts < TRIES_MAX {
        let after = AGAIN_AFTER_MS.saturating_mul(row.attempts.saturating_add(1));
        let again_at = Timestamp(store.clock().now().0.saturating_add(after));
        settle(store, &row, Some(again_at)).await?;
        return Ok(Vec::new());
    }
    give_up(store, &row, letter.as_ref()).await?;
    Ok(Vec::new())
}

async fn give_up(store: &Store, row: &Outgoing, letter: Option<&Letter>) -> storage::Result<()> {
    let (account, id) = (row.account, row.id);
    let report = match letter {
        Some(letter) => undelivered(store, account, letter).await?,
        None => None,
    };
    let outcomes: Lost = letter
        .into_iter()
        .flat_map(|letter| &letter.guests)
        .filter_map(|guest| EmailAddress::parse(&guest.address).ok())
        .map(|address| (address, RecipientOutcome::Refused(Refusal::Busy)))
        .collect();
    let report = report.and_then(|report| report.build(&outcomes));
    store
        .write(&HOUSE, &[account], move |tx| {
            let admin = tx.administer()?;
            let was_there = tx.settle_outgoing(&admin, account, id, None)?;
            match report.filter(|_| was_there) {
                Some(report) => tx.push_outgoing(account, UNDELIVERED, &report).map(drop),
                None => Ok(()),
            }
        })
        .await?;
    send_reports(store).await
}
