//! EXPUNGE, UID EXPUNGE and CLOSE: RFC 9051 sections 6.4.3, 6.4.9 and 6.4.1.

use crate::completion::{Completion, Failure, Note, Outcome};
use crate::connection::Connection;
use crate::mailbox::{Mailbox, Tells};
use crate::session_state::Session;
use imap_wire::response::Code;
use imap_wire::{Numbering, SequenceSet};
use storage::{Error, Refusal, right};
use vocabulary::{Flags, Rights};

/// Removes what is marked `\Deleted`; of `uids` only, if they are given.
pub(crate) async fn run(
    session: &Session,
    mailbox: &mut Mailbox,
    connection: &mut Connection,
    uids: Option<&SequenceSet>,
) -> Outcome {
    mailbox.require_writable()?;
    let removed = remove(session, mailbox, uids).await?;
    let completion = Completion::ok("expunged");
    if !session.enabled.condstore || removed == 0 {
        return Ok(completion);
    }
    // RFC 7162 section 3.2: the stamp of it, once the client has been told what is gone.
    mailbox.catch_up(session, None).await?;
    mailbox.report(session, connection, Tells::AllWithUids).await?;
    Ok(completion.with(Note::Plain(Code::HighestModSeq(mailbox.view.cursor().modseq))))
}

/// CLOSE removes in silence, if the client may (RFC 4314 section 4).
pub(crate) async fn close(session: &Session, mailbox: &mut Mailbox) -> Outcome {
    let rights = mailbox.rights;
    let may = rights.contains(Rights::OWN_ITEMS)
        || (rights.contains(Rights::EXPUNGE) && rights.contains(Rights::DELETE_ITEMS));
    if !mailbox.read_only && may {
        match remove(session, mailbox, None).await {
            Ok(_) | Err(Failure::MailboxGone) => {}
            Err(Failure::Store(Error::Refusal(Refusal::Denied { .. }))) => {}
            Err(failure) => return Err(failure),
        }
    }
    Ok(Completion::ok("closed"))
}

async fn remove(
    session: &Session,
    mailbox: &mut Mailbox,
    uids: Option<&SequenceSet>,
) -> Result<u64, Failure> {
    // What others have marked meanwhile is meant as well.
    mailbox.catch_up(session, None).await?;
    let among = match uids {
        Some(set) => mailbox.resolve(Numbering::Uid, set)?,
        None => mailbox.view.all(),
    };
    let marked = mailbox.view.filter(among, |row| row.flags.contains(Flags::DELETED));
    let (account, collection) = (mailbox.account, mailbox.collection);
    let ranges = mailbox.view.uid_ranges(&marked);
    let removed = session
        .write(account, move |tx| {
            let grant = tx.open::<right::Remove>(account, collection)?;
            let read = tx.open::<right::ReadItems>(account, collection)?;
            let mut still_marked = Vec::new();
            for range in ranges {
                let items = tx.item_flags(&read, &range)?;
                if items.iter().all(|item| item.flags.contains(Flags::DELETED)) {
                    still_marked.push(range);
                    continue;
                }
                let marked = items.iter().filter(|item| item.flags.contains(Flags::DELETED));
                still_marked.extend(marked.map(|item| item.uid.0..=item.uid.0));
            }
            tx.remove(&grant, &still_marked)
        })
        .await?;
    Ok(removed)
}
