//! SELECT and EXAMINE: RFC 9051 sections 6.3.2 and 6.3.3; CONDSTORE and QRESYNC: RFC 7162 sections
//! 3.1.8 and 3.2.5.

use crate::completion::{Completion, Failure, Note};
use crate::connection::Connection;
use crate::mailbox::Mailbox;
use crate::object_id;
use crate::session_state::Session;
use crate::view::{View, sequence};
use imap_wire::Resolved;
use imap_wire::command::Select;
use imap_wire::extension::Qresync;
use imap_wire::response::{Code, Condition, ListResponse};
use storage::{ChangeKind, Collection, Cursor, Error, Grant, ItemFlags, Read, Refusal, right};
use vocabulary::{CollectionKind, Flags, ModSeq, Rights, Uid};

/// A mailbox as one transaction found it.
struct Opened {
    collection: Collection,
    rights: Rights,
    items: Vec<ItemFlags>,
    cursor: Cursor,
    /// UIDs that vanished since the client was here; `None` if the log does not reach so far back.
    vanished: Option<Vec<u32>>,
}

/// Opens a mailbox and says what it holds.
pub(crate) async fn run(
    session: &mut Session,
    connection: &mut Connection,
    select: &Select,
    read_only: bool,
) -> Result<(Mailbox, Completion), Failure> {
    if select.qresync.is_some() && !session.enabled.qresync {
        // RFC 7162 section 3.2.5.
        return Err(Completion::bad("ENABLE QRESYNC first").into());
    }
    session.enabled.condstore |= select.condstore;
    let place = session.locate(&select.mailbox).await?;
    let since = select.qresync.as_ref().map(|known| session.known_since(known.modseq));
    let opened = session
        .read(move |tx| {
            let grant = tx.open_path::<right::ReadItems>(place.account, CollectionKind::Mail, &place.path)?;
            Ok(Opened {
                items: tx.item_flags(&grant, &(1..=u32::MAX))?,
                cursor: Cursor::at_end(&grant),
                vanished: since.map(|since| vanished_since(tx, &grant, since)).transpose()?.flatten(),
                rights: grant.rights(),
                collection: grant.collection().clone(),
            })
        })
        .await?;
    let nothing_changeable = ![Rights::SEEN, Rights::WRITE, Rights::DELETE_ITEMS, Rights::INSERT]
        .into_iter()
        .any(|right| opened.rights.contains(right));
    let mailbox = Mailbox {
        account: opened.collection.account,
        collection: opened.collection.id,
        rights: opened.rights,
        read_only: read_only || nothing_changeable,
        view: View::new(&opened.items, opened.cursor, session.oldest_stamp()),
        saved: Resolved::default(),
    };
    describe(session, connection, select, &mailbox, &opened);
    if let Some(known) =
        select.qresync.as_ref().filter(|known| known.uid_validity == opened.collection.uidvalidity)
    {
        let since = session.known_since(known.modseq);
        resynchronise(connection, &mailbox, known, since, opened.vanished.as_deref()).await?;
    }
    let (code, text) =
        if mailbox.read_only { (Code::ReadOnly, "examined") } else { (Code::ReadWrite, "selected") };
    Ok((mailbox, Completion::ok(text).with(Note::Plain(code))))
}

/// The responses that SELECT must give: RFC 9051 section 6.3.2, RFC 3501 section 6.3.1.
fn describe(
    session: &Session,
    connection: &mut Connection,
    select: &Select,
    mailbox: &Mailbox,
    opened: &Opened,
) {
    let (out, view, collection) = (&mut connection.out, &mailbox.view, &opened.collection);
    out.flags_response(Flags::ALL, view.keywords_shown());
    let permanent = mailbox.permanent_flags();
    let keywords_too = permanent.contains(Flags::FLAGGED);
    let keywords = if keywords_too { view.keywords_shown() } else { &[] };
    let mut say = |code: Code<'_>, text: &str| out.untagged(Condition::Ok, Some(&code), text);
    say(Code::PermanentFlags(permanent, keywords, keywords_too), "these can be changed");
    say(Code::UidValidity(collection.uidvalidity), "UIDs are valid");
    say(Code::UidNext(collection.uid_next), "the next UID");
    say(Code::HighestModSeq(collection.highest), "the latest change");
    say(Code::MailboxId(&object_id::mailbox(collection.account, collection.id)), "its identity");
    let first_unseen =
        (0..view.count()).find(|place| view.row(*place).is_some_and(|row| !row.flags.contains(Flags::SEEN)));
    if let Some(place) = first_unseen.filter(|_| !session.enabled.rev2) {
        say(Code::Unseen(sequence(place)), "the first that was not read");
    }
    out.exists(u32::try_from(view.count()).unwrap_or(u32::MAX));
    if session.enabled.rev2 {
        // RFC 9051 section 6.3.2: its canonical name.
        let name = select.mailbox.path().map_or_else(|_| select.mailbox.to_string(), |path| path.to_string());
        out.list(&ListResponse { mailbox: &name, ..ListResponse::default() });
    } else {
        out.recent(0);
    }
}

/// The UIDs of all tombstones after a stamp.
fn vanished_since<'tx>(
    tx: &Read<'tx>,
    grant: &Grant<'tx, right::ReadItems>,
    since: ModSeq,
) -> storage::Result<Option<Vec<u32>>> {
    const PAGE: usize = 2_000;
    let all = Uid(grant.collection().uid_next.0.saturating_sub(1));
    let epoch = grant.epoch();
    let mut cursor = Cursor { epoch, modseq: since, uid: Uid(u32::MAX), added: all, told: since };
    let mut vanished = Vec::new();
    loop {
        let page = match tx.changes_since(grant, cursor, PAGE) {
            Ok(page) => page,
            // RFC 7162 section 3.2.5: then all missing UIDs are told.
            Err(Error::Refusal(Refusal::ResyncRequired { .. })) => return Ok(None),
            Err(error) => return Err(error),
        };
        let removed = page.changes.iter().filter(|change| change.kind == ChangeKind::Removed);
        vanished.extend(removed.map(|change| change.item.uid.0));
        cursor = page.next;
        if !page.more {
            vanished.sort_unstable();
            return Ok(Some(vanished));
        }
    }
}

/// Tells what vanished and what changed since the client was here.
async fn resynchronise(
    connection: &mut Connection,
    mailbox: &Mailbox,
    known: &Qresync,
    since: ModSeq,
    vanished: Option<&[u32]>,
) -> Result<(), Failure> {
    let view = &mailbox.view;
    let known_uids = match &known.known_uids {
        Some(set) => set.resolve(u32::MAX),
        None => Resolved::from_ascending([]),
    };
    let is_known = |uid: u32| known.known_uids.is_none() || known_uids.contains(uid);
    match vanished {
        Some(uids) => {
            let uids = uids.iter().copied().filter(|uid| is_known(*uid));
            connection.out.vanished(true, Resolved::from_ascending(uids).ranges());
        }
        None => {
            let known_uids =
                if known.known_uids.is_some() { known_uids.ranges().to_vec() } else { vec![(1, u32::MAX)] };
            connection.out.vanished(true, &missing(view, &known_uids, known_end(mailbox)));
        }
    }
    for place in 0..view.count() {
        let Some(row) = view.row(place).filter(|row| row.modseq > since && is_known(row.uid.0)) else {
            continue;
        };
        let mut response = connection.out.fetch(sequence(place));
        response.uid(row.uid);
        response.flags(row.flags, view.keywords(row));
        response.modseq(row.modseq);
        response.end();
        connection.flush_if_full().await?;
    }
    Ok(())
}

/// The largest UID that was ever given out here.
pub(crate) fn known_end(mailbox: &Mailbox) -> u32 {
    mailbox.view.cursor().added.0
}

/// Of these UIDs, up to the last that was given out, those that no message has.
pub(crate) fn missing(view: &View, uids: &[(u32, u32)], last: u32) -> Vec<(u32, u32)> {
    let mut missing = Vec::new();
    for &(from, to) in uids {
        let to = to.min(last);
        let mut next = from;
        for place in view.of_uids(&[(from, to)]).into_iter().flatten() {
            let Some(uid) = view.row(place).map(|row| row.uid.0) else { continue };
            if next < uid {
                missing.push((next, uid - 1));
            }
            next = uid.saturating_add(1);
        }
        if next <= to {
            missing.push((next, to));
        }
    }
    missing
}

/// What vanished of these UIDs since a stamp, for UID FETCH (RFC 7162 section 3.2.6).
pub(crate) async fn vanished_of(
    session: &Session,
    mailbox: &Mailbox,
    uids: &Resolved,
    since: ModSeq,
) -> Result<Vec<(u32, u32)>, Failure> {
    let (account, collection) = (mailbox.account, mailbox.collection);
    let vanished = session
        .read(move |tx| {
            let grant = tx.open::<right::ReadItems>(account, collection)?;
            vanished_since(tx, &grant, since)
        })
        .await?;
    Ok(match vanished {
        Some(vanished) => {
            let of_these = vanished.into_iter().filter(|uid| uids.contains(*uid));
            Resolved::from_ascending(of_these).ranges().to_vec()
        }
        None => missing(&mailbox.view, uids.ranges(), known_end(mailbox)),
    })
}
