//! APPEND: RFC 9051 section 6.3.12; several messages at once: RFC 3502. All of them are stored in one
//! transaction, or none.

use crate::completion::{Completion, Failure, Note, Outcome};
use crate::connection::{Connection, End};
use crate::session_state::Session;
use crate::status;
use imap_wire::response::Code;
use imap_wire::{AppendMessage, FlagList, MailboxName, Next, Refused, Resolved, Tag};
use std::time::Duration;
use storage::{Grant, NewItem, Prepared, Refusal, right};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;
use vocabulary::{AccountId, CollectionId, CollectionKind, Flags, Keywords, Rights, Timestamp};

/// Most messages of one APPEND: each that waits for the others costs up to 64 KiB.
const MESSAGES_MAX: usize = 1_000;
/// The least memory that is taken for a message of which bytes have come.
const CAPACITY_BYTES_MIN: usize = 64 * KIB;
const KIB: usize = 1024;
/// Memory for messages that are coming in, of all connections together, in KiB: 512 MiB.
static BUDGET: Semaphore = Semaphore::const_new(512 * KIB);
/// In each such time, and in one to begin with, ...
const PERIOD: Duration = Duration::from_secs(60);
/// ... so much of a message must come: less is not even a modem.
const PERIOD_BYTES_MIN: f64 = 65_536.0;

/// Where to.
struct Target {
    account: AccountId,
    collection: CollectionId,
}

/// A message of which not all bytes are there yet.
struct Incoming {
    message: AppendMessage,
    bytes: Vec<u8>,
    /// The memory for them.
    held: Option<SemaphorePermit<'static>>,
    started: Instant,
}

impl Incoming {
    #[expect(clippy::disallowed_methods, reason = "how long it takes is of this process, no time of day")]
    fn new(message: AppendMessage) -> Self {
        Self { message, bytes: Vec::new(), held: None, started: Instant::now() }
    }

    /// Takes bytes in, with memory of the budget; `false` if there is none left.
    fn take(&mut self, data: &[u8], budget: &'static Semaphore) -> bool {
        let need = self.bytes.len() + data.len();
        if need > self.bytes.capacity() {
            // Only as bytes come: a client's word alone takes nothing.
            let size = usize::try_from(self.message.size).unwrap_or(usize::MAX).max(need);
            let capacity = need.max(self.bytes.len() * 2).max(CAPACITY_BYTES_MIN).min(size);
            let more = (capacity - self.bytes.capacity()).div_ceil(KIB);
            let Ok(more) = budget.try_acquire_many(u32::try_from(more).unwrap_or(u32::MAX)) else {
                return false;
            };
            match &mut self.held {
                Some(held) => held.merge(more),
                None => self.held = Some(more),
            }
            self.bytes.reserve_exact(capacity - self.bytes.len());
        }
        self.bytes.extend_from_slice(data);
        true
    }

    /// When more must have come.
    fn deadline(&self) -> Instant {
        self.started + PERIOD + PERIOD.mul_f64(self.bytes.len() as f64 / PERIOD_BYTES_MIN)
    }
}

/// One that waits for the others.
struct Ready {
    content: Prepared,
    flags: FlagList,
    received_at: Timestamp,
}

/// Takes the messages in and stores them.
pub(crate) async fn run(
    session: &Session,
    connection: &mut Connection,
    tag: &Tag,
    mailbox: MailboxName,
    first: AppendMessage,
) -> Outcome {
    let target = match target(session, &mailbox, first.size).await {
        Ok(target) => target,
        Err(failure) => {
            // Before a byte of it is read: the client need not send what will not be taken.
            connection.receiver().refuse_append();
            return Err(as_target(failure));
        }
    };
    let mut ready = Vec::new();
    if BUDGET.available_permits() < CAPACITY_BYTES_MIN / KIB {
        connection.receiver().refuse_append();
        return Err(no_memory().into());
    }
    let mut incoming = Incoming::new(first);
    loop {
        let next = tokio::time::timeout_at(incoming.deadline(), connection.next()).await;
        match next.map_err(|_| End::TooSlow)?? {
            Next::AppendData(bytes) => {
                if !incoming.take(&bytes, &BUDGET) {
                    connection.receiver().refuse_append();
                    return Err(no_memory().into());
                }
            }
            Next::AppendNext(message) => {
                let whole = std::mem::replace(&mut incoming, Incoming::new(message));
                let taken = prepare(session, &target, whole).await;
                match taken {
                    Ok(one) if ready.len() + 1 < MESSAGES_MAX => ready.push(one),
                    Ok(_) => {
                        connection.receiver().refuse_append();
                        return Err(Completion::no(Code::Limit, "too many messages at once").into());
                    }
                    Err(failure) => {
                        connection.receiver().refuse_append();
                        return Err(as_target(failure));
                    }
                }
            }
            Next::AppendEnd { .. } => {
                ready.push(prepare(session, &target, incoming).await.map_err(as_target)?);
                return store(session, target, ready).await;
            }
            // What came so far is forgotten.
            Next::Bad(bad) => return Err(Completion::bad(bad.error.to_string()).into()),
            Next::Refused { refused: Refused::Message, .. } => {
                return Err(Completion::no(Code::TooBig, "the message is larger than APPENDLIMIT").into());
            }
            Next::Refused { .. } => return Err(Completion::bad("the command is too long").into()),
            _ => {
                tracing::error!(%tag, "the receiver left an APPEND half way");
                return Err(Completion::bad("out of order").into());
            }
        }
    }
}

fn no_memory() -> Completion {
    Completion::no(Code::Limit, "too many messages at once, try again")
}

fn as_target(failure: Failure) -> Failure {
    match failure {
        Failure::Store(error) => status::of_target(&error).into(),
        other => other,
    }
}

/// Looks whether the first message could be stored.
async fn target(session: &Session, mailbox: &MailboxName, size: u64) -> Result<Target, Failure> {
    let place = session.locate(mailbox).await?;
    let own = place.account == session.account;
    let target = session
        .read(move |tx| {
            let grant = tx.open_path::<right::Insert>(place.account, CollectionKind::Mail, &place.path)?;
            if own {
                let account = tx.account(place.account)?;
                let used = account.used_bytes.saturating_add(i64::try_from(size).unwrap_or(i64::MAX));
                if used > account.quota_bytes {
                    return Err(Refusal::OverQuota { limit_bytes: account.quota_bytes }.into());
                }
            }
            Ok(Target { account: place.account, collection: grant.collection().id })
        })
        .await?;
    Ok(target)
}

async fn prepare(session: &Session, target: &Target, whole: Incoming) -> Result<Ready, Failure> {
    // The memory is given back when the message is stored away.
    let Incoming { message, bytes, held: _held, .. } = whole;
    if bytes.is_empty() {
        // RFC 3502: so a client takes an APPEND back.
        return Err(Completion::no(Code::Cannot, "an empty message is none").into());
    }
    let content = workflow::ingest(&session.store, target.account, bytes.into()).await?;
    let received_at = message.date.map_or_else(|| session.clock.now(), |date| date.moment);
    Ok(Ready { content, flags: message.flags, received_at })
}

async fn store(session: &Session, target: Target, ready: Vec<Ready>) -> Outcome {
    let Target { account, collection } = target;
    let added = session
        .write(account, move |tx| {
            let grant = tx.open::<right::Insert>(account, collection)?;
            let mut uids = Vec::with_capacity(ready.len());
            for one in ready {
                let Ready { content, flags: FlagList { flags, keywords }, received_at } = one;
                let (flags, keywords) = settable(&grant, flags, keywords);
                let new = NewItem { flags, keywords, ..NewItem::mail(content, received_at) };
                uids.push(tx.insert(&grant, &new)?.uid.0);
            }
            Ok((grant.collection().uidvalidity, uids))
        })
        .await;
    let (validity, uids) = added.map_err(|error| status::of_target(&error))?;
    let uids = Resolved::from_ascending(uids).ranges().to_vec();
    Ok(Completion::ok("appended").with(Note::AppendUid(validity, uids)))
}

/// The flags that the client may set there, on a mail of its own; others are dropped in silence (RFC 4314
/// section 4).
pub(crate) fn settable(
    grant: &Grant<'_, right::Insert>,
    flags: Flags,
    keywords: Keywords,
) -> (Flags, Keywords) {
    let held = grant.rights();
    let of_own = Rights::of(&[Rights::WRITE, Rights::DELETE_ITEMS]);
    let rights = if held.contains(Rights::OWN_ITEMS) { held | of_own } else { held };
    let mut may = Flags::NONE;
    for (right, flag) in [
        (Rights::SEEN, Flags::SEEN),
        (Rights::DELETE_ITEMS, Flags::DELETED),
        (Rights::WRITE, Flags::ANSWERED | Flags::FLAGGED | Flags::DRAFT),
    ] {
        if rights.contains(right) {
            may = may | flag;
        }
    }
    (flags & may, if rights.contains(Rights::WRITE) { keywords } else { Keywords::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn incoming(size: u64) -> Incoming {
        Incoming::new(AppendMessage { flags: FlagList::default(), date: None, size, binary: false })
    }

    #[test]
    fn memory_is_taken_as_bytes_come_and_given_back() {
        static BUDGET: Semaphore = Semaphore::const_new(1024);
        let mut one = incoming(50 << 20);
        assert_eq!(BUDGET.available_permits(), 1024, "a client's word takes nothing");
        while one.take(&[0; 4096], &BUDGET) {}
        let held = 1024 - BUDGET.available_permits();
        assert!(held >= 512 && held * KIB >= one.bytes.capacity(), "{held}");
        drop(one);
        assert_eq!(BUDGET.available_permits(), 1024);
    }

    #[test]
    fn a_message_must_come_at_a_least_rate() {
        let mut one = incoming(1 << 20);
        assert_eq!(one.deadline(), one.started + PERIOD);
        one.bytes = vec![0; 128 * KIB];
        assert_eq!(one.deadline(), one.started + 3 * PERIOD);
    }
}
