//! GETQUOTA and GETQUOTAROOT: RFC 9208 sections 4.1.1 and 4.1.2. An account has one root, the empty
//! name. Colleagues are not told how full somebody's mailbox is.

use crate::completion::{Completion, Failure, Outcome};
use crate::session_state::Session;
use imap_wire::extension::{QuotaResource, QuotaUsage};
use imap_wire::response::Code;
use imap_wire::{MailboxName, Output};
use storage::right;
use vocabulary::CollectionKind;

const ROOT: &str = "";
/// RFC 9208 section 5.1: units of 1,024 octets.
const UNIT_BYTES: u64 = 1024;

pub(crate) async fn get(session: &Session, out: &mut Output, root: &str) -> Outcome {
    if root != ROOT {
        return Err(Completion::no(Code::NonExistent, "there is no such quota root").into());
    }
    usage(session, out).await?;
    Ok(Completion::ok("that is all"))
}

pub(crate) async fn get_root(session: &Session, out: &mut Output, mailbox: &MailboxName) -> Outcome {
    let place = session.locate(mailbox).await?;
    let owner = place.account;
    session
        .read(move |tx| tx.open_path::<right::ReadItems>(owner, CollectionKind::Mail, &place.path).map(drop))
        .await?;
    if owner == session.account {
        out.quota_root(mailbox.as_str(), &[ROOT]);
        usage(session, out).await?;
    } else {
        out.quota_root(mailbox.as_str(), &[]);
    }
    Ok(Completion::ok("that is all"))
}

async fn usage(session: &Session, out: &mut Output) -> Result<(), Failure> {
    let account = session.account;
    let account = session.read(move |tx| tx.account(account)).await?;
    let units = |bytes: i64| bytes.unsigned_abs().div_ceil(UNIT_BYTES);
    let storage = QuotaUsage {
        resource: QuotaResource::Storage,
        used: units(account.used_bytes),
        limit: account.quota_bytes.unsigned_abs() / UNIT_BYTES,
    };
    out.quota(ROOT, &[storage]);
    Ok(())
}
