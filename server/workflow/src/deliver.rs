//! One mail into one Inbox.
//!
//! A sender that lost our `250` sends the mail again. The same Message-ID with the same bytes to the
//! same recipient within a week is therefore stored once: longer than a mail server's queue keeps trying
//! (five days is common).

use crate::ingest::ingest;
use crate::meeting::{self, Guest, Origin, invitation_in};
use bytes::Bytes;
use storage::{Added, NewItem, Refusal, RequestKey, Store, Subject, right};
use vocabulary::{
    AccountId, CollectionId, Door, EmailAddress, ItemId, ModSeq, Principal, Role, Timestamp, Uid, UidValidity,
};

/// Under what delivered mails are remembered: no device can have this name, for whose answers are forgotten with it.
const READER: &str = "house:delivery";
/// Under what they were remembered before: stores still have such rows, for as long as a mail is known again.
const READER_BEFORE: &str = "delivery";

/// How long a mail is known again.
const SAME_MAIL_MS: i64 = 7 * 86_400_000;

/// A mail as it came through a door, and to whom.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// The message exactly as it was sent.
    pub bytes: Bytes,
    /// Header lines of this hop (Return-Path, Delivered-To, Received), each ended by CRLF, which are
    /// put at the top and do not count when the mail is known again.
    pub trace: String,
    /// The envelope's recipient.
    pub recipient: EmailAddress,
    /// When it came.
    pub received_at: Timestamp,
    /// Through which door.
    pub door: Door,
}

/// What became of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivered {
    /// It is in the Inbox, durably.
    New(Added),
    /// It was there already.
    Again(Added),
}

/// Puts a mail into the Inbox of an account. Durable when it returns.
///
/// # Errors
/// [`Refusal::OverQuota`], [`Refusal::TooLarge`], [`Refusal::NotFound`].
pub async fn deliver(store: &Store, account: AccountId, mail: Delivery) -> storage::Result<Delivered> {
    let known_by = known_by(store, account, &mail);
    let content = ingest(store, account, with_trace(&mail.trace, &mail.bytes)).await?;
    let house = Principal::System { door: mail.door };
    let received_at = mail.received_at;
    let guest = Guest { address: mail.recipient.to_string(), account: Some(account) };
    let invitation = invitation_in(store, &mail.bytes, Origin::Outside).await?;
    let letters = invitation.map(|invitation| invitation.letters(&[guest])).unwrap_or_default();
    let (delivered, posted) = store
        .write(&house, &[account], move |tx| {
            let inbox = tx.open_role::<right::Insert>(account, Role::Inbox)?;
            let key = |reader| {
                let (collection, sync_key) = (CollectionId(0), "");
                let client_key = known_by.as_deref()?;
                Some(RequestKey { account, reader, collection, sync_key, client_key })
            };
            for key in [READER, READER_BEFORE].into_iter().filter_map(key) {
                if let Some((_, result)) = tx.remembered(&key)?
                    && let Some((added, at)) = read_answer(&result)
                    && tx.now().0 - at.0 < SAME_MAIL_MS
                {
                    return Ok((Delivered::Again(added), Vec::new()));
                }
            }
            let added = tx.insert_arrived(&inbox, &NewItem::mail(content, received_at))?;
            if let Some(key) = key(READER) {
                tx.remember(&key, &[], &answer(&added, tx.now()))?;
            }
            let posted: storage::Result<_> =
                letters.into_iter().map(|letter| meeting::post(tx, account, letter)).collect();
            Ok((Delivered::New(added), posted?))
        })
        .await?;
    meeting::deliver(store, posted).await;
    Ok(delivered)
}

pub(crate) fn with_trace(trace: &str, bytes: &Bytes) -> Bytes {
    if trace.is_empty() {
        return bytes.clone();
    }
    let mut whole = Vec::with_capacity(trace.len() + bytes.len());
    whole.extend_from_slice(trace.as_bytes());
    whole.extend_from_slice(bytes);
    whole.into()
}

/// By what a mail is known again: nothing without a Message-ID.
fn known_by(store: &Store, account: AccountId, mail: &Delivery) -> Option<String> {
    use std::fmt::Write;
    mime::header::find(&mail.bytes, "Message-ID")?;
    let mut text = format!("{} ", mail.recipient);
    for byte in store.fingerprint(account, &mail.bytes) {
        let _ = write!(text, "{byte:02x}");
    }
    Some(text)
}

fn answer(added: &Added, at: Timestamp) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(32);
    bytes.extend_from_slice(&added.uid.0.to_be_bytes());
    bytes.extend_from_slice(&added.uidvalidity.0.to_be_bytes());
    bytes.extend_from_slice(&added.id.0.to_be_bytes());
    bytes.extend_from_slice(&added.modseq.0.to_be_bytes());
    bytes.extend_from_slice(&at.0.to_be_bytes());
    bytes
}

fn read_answer(bytes: &[u8]) -> Option<(Added, Timestamp)> {
    let (uid, rest) = bytes.split_first_chunk::<4>()?;
    let (uidvalidity, rest) = rest.split_first_chunk::<4>()?;
    let (id, rest) = rest.split_first_chunk::<8>()?;
    let (modseq, rest) = rest.split_first_chunk::<8>()?;
    let (at, _) = rest.split_first_chunk::<8>()?;
    let added = Added {
        uid: Uid(u32::from_be_bytes(*uid)),
        id: ItemId(i64::from_be_bytes(*id)),
        uidvalidity: UidValidity(u32::from_be_bytes(*uidvalidity)),
        modseq: ModSeq(i64::from_be_bytes(*modseq)),
    };
    Some((added, Timestamp(i64::from_be_bytes(*at))))
}

/// The refusal of an address that nobody has.
pub(crate) fn nobody() -> storage::Error {
    Refusal::NotFound(Subject::Address).into()
}
