//! DELETE: RFC 9051 section 6.3.5. A folder with others beneath it is not deleted.

use crate::completion::{Completion, Outcome};
use crate::session_state::Session;
use imap_wire::MailboxName;
use imap_wire::response::Code;
use storage::right;
use vocabulary::CollectionKind;

pub(crate) async fn run(session: &Session, mailbox: &MailboxName) -> Outcome {
    let place = session.locate(mailbox).await?;
    let deleted = session
        .write(place.account, move |tx| {
            let grant =
                tx.open_path::<right::DeleteCollection>(place.account, CollectionKind::Mail, &place.path)?;
            let id = grant.collection().id;
            if tx.collections(place.account)?.iter().any(|other| other.collection.parent == id) {
                return Ok(false);
            }
            tx.delete_collection(&grant).map(|()| true)
        })
        .await?;
    if deleted {
        Ok(Completion::ok("deleted"))
    } else {
        Err(Completion::no(Code::HasChildren, "there are mailboxes beneath it").into())
    }
}
