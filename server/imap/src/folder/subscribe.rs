//! SUBSCRIBE and UNSUBSCRIBE: RFC 9051 sections 6.3.7 and 6.3.8. What a colleague shares is always
//! subscribed, so that it is seen without being looked for.

use crate::completion::{Completion, Outcome};
use crate::session_state::Session;
use imap_wire::MailboxName;
use imap_wire::response::Code;
use storage::right;
use vocabulary::CollectionKind;

pub(crate) async fn run(session: &Session, mailbox: &MailboxName, subscribed: bool) -> Outcome {
    let place = session.locate(mailbox).await?;
    let account = session.account;
    if place.account != account {
        let visible = session.read(move |tx| {
            tx.open_path::<right::Lookup>(place.account, CollectionKind::Mail, &place.path).map(drop)
        });
        visible.await?;
        return if subscribed {
            Ok(Completion::ok("subscribed"))
        } else {
            Err(Completion::no(Code::Cannot, "what is shared with you is always listed").into())
        };
    }
    session
        .write(account, move |tx| {
            let grant = tx.open_path::<right::Lookup>(account, CollectionKind::Mail, &place.path)?;
            tx.subscribe(&grant, subscribed)
        })
        .await?;
    Ok(Completion::ok(if subscribed { "subscribed" } else { "unsubscribed" }))
}
