//! STORE: RFC 9051 section 6.4.6; UNCHANGEDSINCE: RFC 7162 section 3.1.3.

use crate::completion::{Completion, Note, Outcome};
use crate::connection::Connection;
use crate::mailbox::{Mailbox, Tells};
use crate::session_state::Session;
use crate::view::Silent;
use imap_wire::FlagList;
use imap_wire::command::{Store, StoreAction};
use storage::{FlagChange, right};

pub(crate) async fn run(
    session: &Session,
    mailbox: &mut Mailbox,
    connection: &mut Connection,
    store: Store,
) -> Outcome {
    mailbox.require_writable()?;
    let places = mailbox.resolve(store.numbering, &store.messages)?;
    let ranges = mailbox.view.uid_ranges(&places);
    let FlagList { flags, keywords } = store.flags;
    let change = match store.action {
        StoreAction::Replace => FlagChange::Replace(flags, keywords),
        StoreAction::Add => FlagChange::Add(flags, keywords),
        StoreAction::Remove => FlagChange::Remove(flags, keywords),
    };
    let (account, collection) = (mailbox.account, mailbox.collection);
    let since = store.unchanged_since.map(|since| session.known_since(since));
    let (changed, change) = session
        .write(account, move |tx| {
            let grant = tx.open::<right::ChangeFlags>(account, collection)?;
            Ok((tx.change_flags(&grant, &ranges, &change, since, None)?, change))
        })
        .await?;
    let silent = store.silent.then_some(changed.modseq).flatten().map(|stamp| Silent { stamp, change });
    mailbox.catch_up(session, silent.as_ref()).await?;
    if !store.silent {
        mailbox.view.tell_again(&changed.matched);
    } else if since.is_some() {
        // RFC 7162 section 3.1.3: also with .SILENT, and also where nothing had to be changed.
        mailbox.view.tell_stamps(&changed.matched);
    }
    let completion = if !changed.modified.is_empty() {
        // Their state now, so that the client can decide anew.
        mailbox.view.tell_again(&changed.modified);
        let numbers = mailbox.view.numbers(store.numbering, &changed.modified);
        Completion::ok("some had changed").with(Note::Modified(numbers))
    } else {
        Completion::ok("stored")
    };
    mailbox.report(session, connection, Tells::of(store.numbering)).await?;
    Ok(completion)
}
