//! FETCH: RFC 9051 section 6.4.5.
//!
//! Planned once ([`Plan`]); then batch by batch: one read transaction loads what all items of the
//! request need, and the responses are written while nothing is held. What the view knows is answered
//! from the view.

mod load;
mod plan;
mod write;

use crate::completion::{Completion, Failure, Note, Outcome};
use crate::connection::Connection;
use crate::folder::select::{known_end, vanished_of};
use crate::mailbox::Mailbox;
use crate::session_state::Session;
use crate::view::Places;
use imap_wire::Numbering;
use imap_wire::command::Fetch;
use imap_wire::response::Code;
use load::{Loaded, Walk};
use plan::Plan;
use storage::{FlagChange, right};
use vocabulary::{Flags, Keywords, Rights};

pub(crate) async fn run(
    session: &Session,
    mailbox: &mut Mailbox,
    connection: &mut Connection,
    fetch: &Fetch,
) -> Outcome {
    if fetch.vanished && !session.enabled.qresync {
        return Err(Completion::bad("ENABLE QRESYNC first").into()); // RFC 7162 section 3.2.6
    }
    let mut places = mailbox.resolve(fetch.numbering, &fetch.messages)?;
    if let Some(since) = fetch.changed_since.map(|since| session.known_since(since)) {
        if fetch.vanished {
            let uids = match fetch.messages.is_saved() {
                true => mailbox.saved.clone(),
                // `*` is the last that the client may know, not the last that lives.
                false => fetch.messages.resolve(known_end(mailbox)),
            };
            let vanished = vanished_of(session, mailbox, &uids, since).await?;
            connection.out.vanished(true, &vanished);
        }
        places = mailbox.view.filter(places, |row| row.modseq > since);
    }
    let plan = Plan::new(fetch, session.enabled.condstore);
    let mut outcome = Written::default();
    if plan.needs.store() {
        from_store(session, mailbox, connection, &plan, places, &mut outcome).await?;
    } else {
        for place in places.into_iter().flatten() {
            write::from_view(&plan, &mailbox.view, place, &mut connection.out);
            connection.flush_if_full().await?;
        }
    }
    if outcome.undecodable {
        // RFC 9051 section 7.1, `UNKNOWN-CTE`.
        return Err(Completion::no(Code::UnknownCte, "a part has an encoding that nobody knows").into());
    }
    let completion = Completion::ok("fetched");
    if outcome.missed && fetch.numbering == Numbering::Sequence {
        // RFC 9051 section 7.1, `EXPUNGEISSUED`: what others removed could not be sent.
        return Ok(completion.with(Note::Plain(Code::ExpungeIssued)));
    }
    Ok(completion)
}

/// What happened on the way.
#[derive(Debug, Default)]
struct Written {
    /// A message had gone.
    missed: bool,
    /// A part could not be decoded.
    undecodable: bool,
}

async fn from_store(
    session: &Session,
    mailbox: &mut Mailbox,
    connection: &mut Connection,
    plan: &Plan<'_>,
    places: Places,
    outcome: &mut Written,
) -> Result<(), Failure> {
    let mut walk = Walk::new(places);
    while let Some(batch) = walk.batch() {
        let loaded = load::batch(session, mailbox, plan.needs, &batch).await?;
        let batch = walk.advance(&mailbox.view, batch, &loaded);
        if plan.sets_seen {
            set_seen(session, mailbox, &batch).await?;
        }
        let Loaded { mut messages, .. } = loaded;
        for place in batch.into_iter().flatten() {
            let message = mailbox.view.row(place).and_then(|row| messages.take(row.uid));
            let Some(message) = message else {
                outcome.missed = true;
                continue;
            };
            let content = match message.stored {
                Some(stored) => Some(session.store.load(stored).await?),
                None => None,
            };
            let told = plan.sets_seen && mailbox.view.take_untold_flags(place);
            let record = write::Record {
                account: mailbox.account,
                item: &message.item,
                parsed: message.parsed.as_ref(),
                content: content.as_deref(),
                flags_changed: told,
            };
            outcome.undecodable |= write::message(plan, &mailbox.view, place, &record, connection).await?;
            connection.flush_if_full().await?;
        }
    }
    Ok(())
}

/// What is fetched without PEEK is read (RFC 9051 section 6.4.5), if it may be marked so.
async fn set_seen(session: &Session, mailbox: &mut Mailbox, batch: &Places) -> Result<(), Failure> {
    if mailbox.read_only || !mailbox.rights.contains(Rights::SEEN) {
        return Ok(());
    }
    let unseen = mailbox.view.filter(batch.clone(), |row| !row.flags.contains(Flags::SEEN));
    if unseen.is_empty() {
        return Ok(());
    }
    let (account, collection) = (mailbox.account, mailbox.collection);
    let ranges = mailbox.view.uid_ranges(&unseen);
    session
        .write(account, move |tx| {
            let grant = tx.open::<right::ChangeFlags>(account, collection)?;
            let seen = FlagChange::Add(Flags::SEEN, Keywords::default());
            tx.change_flags(&grant, &ranges, &seen, None, None).map(drop)
        })
        .await?;
    mailbox.catch_up(session, None).await
}
