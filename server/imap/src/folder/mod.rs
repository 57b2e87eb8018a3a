//! Commands on mailboxes as wholes: RFC 9051 section 6.3. One command, one file.

pub(crate) mod append;
mod create;
mod delete;
mod directory;
mod list;
mod rename;
pub(crate) mod select;
mod status;
mod subscribe;

use crate::completion::{Completion, Outcome};
use crate::connection::Connection;
use crate::extension::{enable, namespace, quota};
use crate::session_state::Session;
use imap_wire::command::Authenticated;

/// The commands that leave the state as it is.
pub(crate) async fn run(session: &mut Session, connection: &mut Connection, body: Authenticated) -> Outcome {
    let out = &mut connection.out;
    match body {
        Authenticated::Enable(body) => Ok(enable::run(session, connection, &body)),
        Authenticated::Create(body) => create::run(session, &body).await,
        Authenticated::Delete(mailbox) => delete::run(session, &mailbox).await,
        Authenticated::Rename(body) => rename::run(session, &body).await,
        Authenticated::Subscribe(mailbox) => subscribe::run(session, &mailbox, true).await,
        Authenticated::Unsubscribe(mailbox) => subscribe::run(session, &mailbox, false).await,
        Authenticated::List(body) => list::run(session, out, &body).await,
        Authenticated::Lsub(body) => list::lsub(session, out, &body).await,
        Authenticated::Namespace => Ok(namespace::run(out)),
        Authenticated::Status(body) => status::run(session, out, &body).await,
        Authenticated::GetQuota(root) => quota::get(session, out, &root).await,
        Authenticated::GetQuotaRoot(mailbox) => quota::get_root(session, out, &mailbox).await,
        // These change the state, or wait: state.rs sends them where they belong.
        Authenticated::Select(_) | Authenticated::Examine(_) | Authenticated::Idle => {
            Err(Completion::bad("not in this state").into())
        }
    }
}
