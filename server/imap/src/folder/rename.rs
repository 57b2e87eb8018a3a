//! RENAME: RFC 9051 section 6.3.6. INBOX stays and gives its messages to the new mailbox.

use super::create::{create_path, parent_of};
use crate::completion::{Completion, Outcome};
use crate::session_state::Session;
use imap_wire::command::Rename;
use imap_wire::response::Code;
use storage::{Refusal, Subject, right};
use vocabulary::{CollectionKind, Role};

pub(crate) async fn run(session: &Session, rename: &Rename) -> Outcome {
    let from = session.locate(&rename.from).await?;
    let to = session.locate_new(&rename.to).await?;
    if from.account != to.account {
        return Err(Completion::no(Code::Cannot, "a mailbox stays with its owner").into());
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
        .await?;
    Ok(Completion::ok("renamed"))
}
