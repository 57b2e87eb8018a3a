//! APPEND: RFC 9051 section 6.3.12; several messages at once: RFC 3502. All of them are stored in one
//! transaction, or none.

use crate::completion::{Completion, Failure, Note, Outcome};
use crate::connection::Connection;
use crate::session_state::Session;
use crate::status;
use imap_wire::response::Code;
use imap_wire::{AppendMessage, FlagList, MailboxName, Next, Refused, Resolved, Tag};
use storage::{Grant, NewItem, Prepared, Refusal, right};
use vocabulary::{AccountId, CollectionId, CollectionKind, Flags, Keywords, Rights, Timestamp};

/// Most messages of one APPEND: each that waits for the others costs up to 64 KiB.
const MESSAGES_MAX: usize = 1_000;
/// Memory that is taken on a client's word; more only as bytes come.
const CAPACITY_BYTES_MAX: usize = 256 * 1024;

/// Where to.
struct Target {
    account: AccountId,
    collection: CollectionId,
}

/// A message of which not all bytes are there yet.
struct Incoming {
    message: AppendMessage,
    bytes: Vec<u8>,
}

impl Incoming {
    fn new(message: AppendMessage) -> Self {
        let size = usize::try_from(message.size).unwrap_or(usize::MAX);
        Self { message, bytes: Vec::with_capacity(size.min(CAPACITY_BYTES_MAX)) }
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
    let mut incoming = Incoming::new(first);
    loop {
        match connection.next().await? {
            Next::AppendData(bytes) => incoming.bytes.extend_from_slice(&bytes),
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
    let Incoming { message, bytes } = whole;
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

/// The flags that the client may set there; others are dropped in silence (RFC 4314 section 4).
pub(crate) fn settable(
    grant: &Grant<'_, right::Insert>,
    flags: Flags,
    keywords: Keywords,
) -> (Flags, Keywords) {
    let rights = grant.rights();
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
