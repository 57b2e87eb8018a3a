//! Commands on the messages of the selected mailbox: RFC 9051 section 6.4. One command, one file.

mod copy;
pub(crate) mod expunge;
mod fetch;
mod search;
mod store;

use crate::completion::{Completion, Outcome};
use crate::connection::Connection;
use crate::mailbox::{Mailbox, Tells};
use crate::session_state::Session;
use imap_wire::command::Selected;
use imap_wire::{Numbering, Tag};

/// What may be told at the end of a command: a column of the table of commands, not a thought of each
/// author (RFC 9051 section 7.5.1).
pub(crate) fn tells(body: &Selected) -> Tells {
    match body {
        Selected::Check | Selected::Close | Selected::Unselect | Selected::Expunge => Tells::All,
        Selected::UidExpunge(_) => Tells::AllWithUids,
        Selected::Search(body) => Tells::of(body.numbering),
        Selected::Fetch(body) => Tells::of(body.numbering),
        Selected::Store(body) => Tells::of(body.numbering),
        Selected::Copy(body) | Selected::Move(body) => match body.numbering {
            Numbering::Sequence => Tells::All,
            Numbering::Uid => Tells::AllWithUids,
        },
    }
}

/// The commands that leave the mailbox selected.
pub(crate) async fn run(
    session: &Session,
    mailbox: &mut Mailbox,
    connection: &mut Connection,
    tag: &Tag,
    body: Selected,
) -> Outcome {
    match body {
        Selected::Check => Ok(Completion::ok("everything is on disk")),
        Selected::Expunge => expunge::run(session, mailbox, connection, None).await,
        Selected::UidExpunge(uids) => expunge::run(session, mailbox, connection, Some(&uids)).await,
        Selected::Search(body) => search::run(session, mailbox, connection, tag, &body).await,
        Selected::Fetch(body) => Box::pin(fetch::run(session, mailbox, connection, &body)).await,
        Selected::Store(body) => store::run(session, mailbox, connection, body).await,
        Selected::Copy(body) => copy::copy(session, mailbox, &body).await,
        Selected::Move(body) => copy::relocate(session, mailbox, connection, &body).await,
        // These end the selected state: state.rs sees to them.
        Selected::Close | Selected::Unselect => Err(Completion::bad("not in this state").into()),
    }
}
