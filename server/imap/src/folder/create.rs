//! CREATE: RFC 9051 section 6.3.4, with USE of RFC 6154 section 3. Folders above are made as well.

use crate::completion::{Completion, Note, Outcome};
use crate::name::{Place, not_there};
use crate::object_id;
use crate::session_state::Session;
use imap_wire::command::Create;
use imap_wire::response::Code;
use storage::{Collection, Error, NewCollection, Refusal, Result, Subject, Write, right};
use vocabulary::{CollectionId, CollectionKind, MailboxPath, Role};

pub(crate) async fn run(session: &Session, create: &Create) -> Outcome {
    if create.uses.len() > 1 {
        return Err(Completion::no(Code::UseAttr, "a folder is for one thing").into());
    }
    let place = session.locate_new(&create.mailbox).await?;
    let account = place.account;
    let role = match create.uses[..] {
        [_] if place.account != session.account => return Err(not_there().into()),
        [special] => {
            Some(special.role().ok_or_else(|| Completion::no(Code::UseAttr, "no folder can be that"))?)
        }
        _ => None,
    };
    let made = session
        .write(place.account, move |tx| {
            if let Some(role) = role
                && tx.open_role::<right::Lookup>(place.account, role).is_ok()
            {
                return Ok(None);
            }
            create_path(tx, &place, role).map(Some)
        })
        .await
        .map_err(|error| session.not_made(account, error))?;
    match made {
        Some(made) => {
            let id = object_id::mailbox(made.account, made.id);
            Ok(Completion::ok("created").with(Note::MailboxId(id)))
        }
        None => Err(Completion::no(Code::UseAttr, "another mailbox is for that").into()),
    }
}

/// Makes a folder and those above it that are missing.
pub(super) fn create_path(tx: &mut Write<'_>, place: &Place, role: Option<Role>) -> Result<Collection> {
    let (parent, name) = parent_of(tx, place)?;
    let kind = CollectionKind::Mail;
    tx.create_collection(place.account, &NewCollection { parent, kind, role, name, resource_name: None })
}

/// The folder above a place, made if it is missing, and the name beneath it.
pub(super) fn parent_of(tx: &mut Write<'_>, place: &Place) -> Result<(CollectionId, vocabulary::LeafName)> {
    let (account, kind) = (place.account, CollectionKind::Mail);
    let (mut missing, mut parent) = (Vec::new(), CollectionId(0));
    let (mut above, name) = place.path.split_last().ok_or(Refusal::NotFound(Subject::Collection))?;
    let name = name.clone();
    while let Some((next, leaf)) = above.split_last() {
        match tx.open_path::<right::Lookup>(account, kind, &above) {
            Ok(grant) => {
                parent = grant.collection().id;
                break;
            }
            Err(Error::Refusal(Refusal::NotFound(_))) => missing.push(leaf.clone()),
            Err(error) => return Err(error),
        }
        above = next;
    }
    debug_assert!(missing.len() < MailboxPath::DEPTH_MAX);
    for leaf in missing.into_iter().rev() {
        let new = NewCollection { parent, kind, role: None, name: leaf, resource_name: None };
        parent = tx.create_collection(account, &new)?.id;
    }
    Ok((parent, name))
}
