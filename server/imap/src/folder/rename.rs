//! RENAME: RFC 9051 section 6.3.6. INBOX stays and gives its messages to the new mailbox.

use super::create::{create_path, parent_of};
use crate::completion::{Completion, Failure, Outcome};
use crate::name::{Place, not_there};
use crate::session_state::Session;
use imap_wire::command::Rename;
use imap_wire::response::Code;
use storage::{Error, Refusal, Subject, right};
use vocabulary::{CollectionKind, Role};

pub(crate) async fn run(session: &Session, rename: &Rename) -> Outcome {
    let from = session.locate(&rename.from).await?;
    let (account, path) = (from.account, from.path.clone());
    // First of all, so that the answer to a name one cannot see is the same for every address.
    session
        .read(move |tx| tx.open_path::<right::Lookup>(account, CollectionKind::Mail, &path).map(drop))
        .await?;
    let to = session.locate_new(&rename.to).await?;
    if from.account != to.account {
        return Err(stays(session, to).await?.into());
    }
    session
        .write(from.account, move |tx| {
            let (account, kind) = (from.account, CollectionKind::Mail);
            if tx.open_path::<right::Lookup>(account, kind, &to.path).is_ok() {
                return Err(Refusal::AlreadyExists(Subject::Collection).into());
            }
            let grant = tx.open_path::<right::DeleteCollection>(account, kind, &from.path)?;
            let inbox = grant.collection();
            if inbox.role == Some(Role::Inbox) {
                let source = tx.open::<right::Remove>(account, inbox.id)?;
                let read = tx.open::<right::ReadItems>(account, inbox.id)?;
                let made = create_path(tx, &to, None)?;
                let target = tx.open::<right::Insert>(account, made.id)?;
                return tx.move_items(&source, &read, &target, &[1..=u32::MAX]).map(drop);
            }
            let (parent, name) = parent_of(tx, &to)?;
            tx.rename_collection(&grant, parent, &name)
        })
        .await
        .map_err(|error| session.not_made(account, error))?;
    Ok(Completion::ok("renamed"))
}

/// A mailbox does not change hands; who shares nothing is not named.
async fn stays(session: &Session, to: Place) -> Result<Completion, Failure> {
    let visible = session
        .read(move |tx| {
            let mut path = to.path;
            loop {
                match tx.open_path::<right::Lookup>(to.account, CollectionKind::Mail, &path) {
                    Ok(_) => return Ok(true),
                    Err(Error::Refusal(_)) => {}
                    Err(error) => return Err(error),
                }
                match path.split_last() {
                    Some((above, _)) => path = above,
                    None => return Ok(false),
                }
            }
        })
        .await?;
    let own = Completion::no(Code::Cannot, "a mailbox stays with its owner");
    Ok(if visible { own } else { not_there() })
}
