//! A mail that one of ours sends: SMTP submission and ActiveSync SendMail alike.
//!
//! One transaction delivers to every recipient of this house, saves the sent copy and remembers the
//! client's id of the request, so a repeated request never sends twice. A recipient whose mailbox is
//! full does not stop the others: the sender finds one report in the Inbox.

use crate::deliver::{nobody, with_trace};
use crate::fresh_id::fresh_id;
use crate::ingest::ingest;
use crate::meeting::{self, Guest, Origin, invitation_in};
use crate::resolve::resolve;
use crate::undelivered::{UNDELIVERED, Undelivered, send_reports};
use bytes::Bytes;
use session::Login;
use std::collections::{BTreeMap, HashMap};
use storage::{Destination, NewItem, Prepared, Refusal, RequestKey, Store, right};
use vocabulary::{AccountId, CollectionId, Door, EmailAddress, Flags, Principal, Rights, Role, Timestamp};

/// Most accounts that one mail reaches after groups are resolved.
pub const RECIPIENTS_MAX: usize = 1_000;

/// By what a request is known again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientRequest {
    /// The device.
    pub reader: String,
    /// Its id of the request (ActiveSync `ClientId`).
    pub id: String,
}

/// A mail to be sent.
#[derive(Debug, Clone)]
pub struct Submission {
    /// Envelope sender; `None` takes the account's address.
    pub reverse_path: Option<EmailAddress>,
    /// Envelope recipients.
    pub recipients: Vec<EmailAddress>,
    /// The message, perhaps with Bcc.
    pub bytes: Bytes,
    /// Header lines of this hop, each ended by CRLF.
    pub trace: String,
    /// By what a repeat is known.
    pub request: Option<ClientRequest>,
    /// Keep a copy in Sent.
    pub save_to_sent: bool,
}

/// What became of one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecipientOutcome {
    /// In the Inbox.
    Delivered,
    /// Not; the sender has been told in a report.
    Refused(Refusal),
}

/// What became of a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Submitted {
    /// Done now.
    Sent(Vec<(EmailAddress, RecipientOutcome)>),
    /// The same request was done before; nothing was sent.
    Repeated,
}

/// Sends a mail as an account. Durable when it returns.
///
/// # Errors
/// [`Refusal::Denied`] if the envelope or the header names a sender that the account is not;
/// [`Refusal::NotFound`] if a recipient's address is not of this house; [`Refusal::Invalid`] without
/// recipients; [`Refusal::OverQuota`] if the sent copy has no room (then nothing is sent).
pub async fn submit(store: &Store, login: &Login, submission: Submission) -> storage::Result<Submitted> {
    let Submission { reverse_path, recipients, bytes, trace, request, save_to_sent } = submission;
    let sender = login.account.id;
    may_send_as(store, login, reverse_path.as_ref(), &bytes).await?;
    let targets = targets(store, &recipients).await?;
    let now = store.clock().now();
    let whole = complete(login, &bytes, now)?;
    let outgoing = with_trace(&trace, &mime::header::remove(&whole, &["Bcc"]).into_owned().into());
    let mut mails = Vec::with_capacity(targets.len());
    let mut refused = Vec::new();
    let full = full_mailboxes(store, targets.keys().copied().collect(), outgoing.len()).await?;
    for (account, address) in targets {
        if let Some(refusal) = full.get(&account) {
            // Known before its copy is written anywhere; asked again in the transaction.
            refused.push((address, RecipientOutcome::Refused(refusal.clone())));
            continue;
        }
        let delivered = format!("Delivered-To: {address}\r\n");
        mails.push((account, address, ingest(store, account, with_trace(&delivered, &outgoing)).await?));
    }
    let sent = match save_to_sent {
        true => Some(ingest(store, sender, whole.clone()).await?),
        false => None,
    };
    let mut accounts: Vec<AccountId> = mails.iter().map(|(account, ..)| *account).collect();
    accounts.push(sender);
    let house = Principal::System { door: login.principal.door() };
    let mime::Summary { subject, to, cc, bcc, .. } =
        mime::describe(&bytes[..mime::header::head_length(&bytes)]).summary;
    let written_to = named(recipients, &[to, cc, bcc]);
    let undelivered = Undelivered::about(&login.account, subject, now)?;
    let invitation = invitation_in(store, &outgoing, Origin::Login(&login.account)).await?;
    let (outcome, posted) = store
        .write(&house, &accounts, move |tx| {
            if already_done(tx, sender, request.as_ref())? {
                return Ok((Submitted::Repeated, Vec::new()));
            }
            if let Some(sent) = sent {
                let folder = tx.open_role::<right::Insert>(sender, Role::Sent)?;
                tx.insert(&folder, &NewItem { flags: Flags::SEEN, ..NewItem::mail(sent, now) })?;
            }
            let admin = tx.administer()?;
            tx.note_recipients(&admin, sender, &written_to)?;
            let Placed { mut outcomes, reached } = place(tx, mails, now)?;
            outcomes.extend(refused);
            // In the same transaction: a crash from here on loses no report and no answer.
            let mut posted = Vec::new();
            for letter in invitation.iter().flat_map(|invitation| invitation.letters(&reached)) {
                posted.push(meeting::post(tx, sender, letter)?);
            }
            if let Some(report) = undelivered.build(&outcomes) {
                tx.push_outgoing(sender, UNDELIVERED, &report)?;
            }
            Ok((Submitted::Sent(outcomes), posted))
        })
        .await?;
    meeting::deliver(store, posted).await;
    if let Submitted::Sent(outcomes) = &outcome
        && outcomes.iter().any(|(_, outcome)| *outcome != RecipientOutcome::Delivered)
        && let Err(error) = send_reports(store).await
    {
        // It waits in the outbox.
        tracing::error!(account = sender.0, %error, "an undeliverable report is late");
    }
    Ok(outcome)
}

/// The recipients, each with the name that the header gives it.
fn named(recipients: Vec<EmailAddress>, fields: &[Vec<mime::Mailbox>]) -> Vec<(EmailAddress, String)> {
    let mut names: HashMap<EmailAddress, String> = HashMap::new();
    for mailbox in fields.iter().flatten().filter(|mailbox| !mailbox.name.is_empty()) {
        if let Ok(address) = EmailAddress::parse(&mailbox.address) {
            names.entry(address).or_insert_with(|| mailbox.name.clone());
        }
    }
    let name = |address: EmailAddress| {
        let name = names.remove(&address).unwrap_or_default();
        (address, name)
    };
    recipients.into_iter().map(name).collect()
}

/// Whether a request was done before, so that to submit it would be to repeat it.
///
/// # Errors
/// [`storage::Fault`] only.
pub async fn was_submitted(store: &Store, login: &Login, request: &ClientRequest) -> storage::Result<bool> {
    let (sender, request) = (login.account.id, request.clone());
    let house = Principal::System { door: login.principal.door() };
    store.read(&house, move |tx| Ok(tx.remembered(&key_of(sender, &request))?.is_some())).await
}

fn key_of(account: AccountId, request: &ClientRequest) -> RequestKey<'_> {
    RequestKey {
        account,
        reader: &request.reader,
        collection: CollectionId(0),
        sync_key: "submit",
        client_key: &request.id,
    }
}

fn already_done(
    tx: &mut storage::Write<'_>,
    account: AccountId,
    request: Option<&ClientRequest>,
) -> storage::Result<bool> {
    let Some(request) = request else { return Ok(false) };
    let key = key_of(account, request);
    if tx.remembered(&key)?.is_some() {
        return Ok(true);
    }
    tx.remember(&key, &[], &[])?;
    Ok(false)
}

/// What became of the copies of a mail.
struct Placed {
    outcomes: Vec<(EmailAddress, RecipientOutcome)>,
    /// Whose mailbox it has reached.
    reached: Vec<Guest>,
}

fn place(
    tx: &mut storage::Write<'_>,
    mails: Vec<(AccountId, EmailAddress, Prepared)>,
    now: Timestamp,
) -> storage::Result<Placed> {
    let (mut outcomes, mut reached) = (Vec::with_capacity(mails.len()), Vec::with_capacity(mails.len()));
    for (account, address, content) in mails {
        let inbox = tx.open_role::<right::Insert>(account, Role::Inbox)?;
        // The quota is asked before anything is written, so the others are not undone.
        let outcome = match tx.insert_arrived(&inbox, &NewItem::mail(content, now)) {
            Ok(_) => {
                reached.push(Guest { address: address.to_string(), account: Some(account) });
                RecipientOutcome::Delivered
            }
            Err(storage::Error::Refusal(refusal)) => RecipientOutcome::Refused(refusal),
            Err(fault) => return Err(fault),
        };
        outcomes.push((address, outcome));
    }
    Ok(Placed { outcomes, reached })
}

/// Which of these mailboxes have no room for so many bytes.
async fn full_mailboxes(
    store: &Store,
    accounts: Vec<AccountId>,
    bytes: usize,
) -> storage::Result<HashMap<AccountId, Refusal>> {
    let house = Principal::System { door: Door::Submission };
    let size = i64::try_from(bytes).unwrap_or(i64::MAX);
    store
        .read(&house, move |tx| {
            let mut full = HashMap::new();
            for id in accounts {
                let account = tx.account(id)?;
                if account.used_bytes.saturating_add(size) > account.quota_bytes {
                    full.insert(id, Refusal::OverQuota { limit_bytes: account.quota_bytes });
                }
            }
            Ok(full)
        })
        .await
}

/// Every account that the recipients lead to, once each, with the address that led there.
async fn targets(
    store: &Store,
    recipients: &[EmailAddress],
) -> storage::Result<BTreeMap<AccountId, EmailAddress>> {
    let mut targets = BTreeMap::new();
    for recipient in recipients {
        match resolve(store, recipient).await? {
            Destination::Account(account) => {
                targets.entry(account).or_insert_with(|| recipient.clone());
            }
            Destination::Group(_, members) => {
                for member in members {
                    targets.entry(member).or_insert_with(|| recipient.clone());
                }
            }
        }
        if targets.len() > RECIPIENTS_MAX {
            return Err(Refusal::Invalid("too many recipients").into());
        }
    }
    if targets.is_empty() {
        return Err(if recipients.is_empty() {
            Refusal::Invalid("a mail needs a recipient").into()
        } else {
            nobody()
        });
    }
    Ok(targets)
}

/// One rule for every submission door: the envelope's sender and every address of From and Sender
/// lead to the account (RFC 6409 section 6.1 allows the check).
async fn may_send_as(
    store: &Store,
    login: &Login,
    reverse_path: Option<&EmailAddress>,
    bytes: &Bytes,
) -> storage::Result<()> {
    let denied = || storage::Error::from(Refusal::Denied { need: Rights::SEND_AS });
    let described = mime::describe(&bytes[..mime::header::head_length(bytes)]);
    let senders = [&described.summary.from, &described.summary.sender];
    if senders.iter().any(|field| field.len() >= mime::SUMMARY_ADDRESSES_MAX) {
        // The summary stops there: what stands behind would go unasked.
        return Err(denied());
    }
    let mut named: Vec<EmailAddress> = Vec::new();
    for mailbox in described.summary.from.iter().chain(&described.summary.sender) {
        named.push(EmailAddress::parse(&mailbox.address).map_err(|_| denied())?);
    }
    named.extend(reverse_path.cloned());
    for address in named {
        if !leads_to(store, &address, login.account.id).await? {
            return Err(denied());
        }
    }
    Ok(())
}

/// Whether mail to an address (in any spelling: alias, alias domain, detail) goes to this account.
///
/// # Errors
/// [`storage::Fault`] only.
pub async fn leads_to(store: &Store, address: &EmailAddress, account: AccountId) -> storage::Result<bool> {
    match resolve(store, address).await {
        Ok(destination) => Ok(destination == Destination::Account(account)),
        Err(storage::Error::Refusal(_)) => Ok(false),
        Err(fault) => Err(fault),
    }
}

/// Adds what a mail must have: From, Date, Message-ID (RFC 6409 section 8).
fn complete(login: &Login, bytes: &[u8], now: Timestamp) -> storage::Result<Bytes> {
    let mut whole = bytes.to_vec();
    if mime::header::find(&whole, "Message-ID").is_none() {
        let id = format!("Message-ID: <{}@{}>", fresh_id()?, login.account.address.domain());
        whole = mime::header::prepend(&whole, &id);
    }
    if mime::header::find(&whole, "Date").is_none() {
        whole = mime::header::prepend(&whole, &format!("Date: {}", mime::compose::date_text(now)));
    }
    if mime::header::find(&whole, "From").is_none() {
        whole = mime::header::prepend(&whole, &format!("From: <{}>", login.account.address));
    }
    Ok(whole.into())
}
