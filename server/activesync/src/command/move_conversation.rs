//! Moving a conversation for good: MS-ASCON section 3.2.5.3. What there is of it goes at once, from all folders but
//! those for what the account sends; what is still to come goes when it arrives.

use activesync_wire::server_id::FolderId;
use activesync_wire::status::ItemOperationsStatus as Status;
use std::str::FromStr;
use storage::{Error, Refusal, Write, right};
use vocabulary::{CollectionKind, Rights, Role, Uid};

use crate::call::Call;
use crate::{conversation, status};

/// What the cache of recipients is called where it is shown as a folder.
const RECIPIENT_CACHE: &str = "RI";

/// Runs it. All of it happens, or nothing does.
pub(crate) async fn run(call: &Call, conversation_id: &[u8], destination: &str, always: bool) -> Status {
    if !always {
        return Status::MoveAlwaysMissing;
    }
    if destination == RECIPIENT_CACHE {
        return Status::InvalidCombinationOfIds; // MS-ASCON R262
    }
    let Some((account, thread)) = conversation::thread(conversation_id) else { return Status::NotFound };
    let Ok(to) = FolderId::from_str(destination) else { return Status::NotFound };
    if to.account != account {
        return Status::NotFound;
    }
    let accounts = [account, call.account()];
    let moved = call.store().write(call.principal(), &accounts, move |tx| gather(tx, to, thread)).await;
    match moved {
        Ok(()) => Status::Success,
        Err(error) => status::item_operations(&error),
    }
}

fn gather(tx: &mut Write<'_>, to: FolderId, thread: i64) -> storage::Result<()> {
    let target = tx.open::<right::Insert>(to.account, to.collection)?;
    let (kind, role) = (target.collection().kind, target.collection().role);
    // MS-ASCON R175, R338
    if kind != CollectionKind::Mail || matches!(role, Some(Role::Drafts | Role::Outbox)) {
        return Err(Refusal::Invalid("conversations are not moved there").into());
    }
    let (mut found, mut denied) = (false, false);
    for folder in tx.collections(to.account)? {
        let folder = folder.collection;
        if folder.kind != CollectionKind::Mail {
            continue;
        }
        let read = match tx.open::<right::ReadItems>(to.account, folder.id) {
            Err(Error::Refusal(_)) => continue,
            read => read?,
        };
        let mails = tx.conversation(&read, thread, Uid(u32::MAX))?;
        let ranges: Vec<_> =
            mails.iter().filter(|mail| !mail.vanished).map(|mail| mail.uid.0..=mail.uid.0).collect();
        found |= !ranges.is_empty();
        let is_own = matches!(folder.role, Some(Role::Drafts | Role::Outbox | Role::Sent));
        if ranges.is_empty() || folder.id == to.collection || is_own {
            continue;
        }
        match tx.open::<right::Remove>(to.account, folder.id) {
            // What a delegate may not take away stays; the rule is the owner's to make.
            Err(Error::Refusal(_)) => denied = true,
            source => drop(tx.move_items(&source?, &read, &target, &ranges)?),
        }
    }
    if !found {
        return Err(Refusal::NotFound(storage::Subject::Item).into()); // MS-ASCON R146
    }
    if denied {
        return Err(Refusal::Denied { need: Rights::DELETE_ITEMS }.into());
    }
    let inbox = tx.open_role::<right::Remove>(to.account, Role::Inbox)?;
    tx.set_conversation_rule(&inbox, &target, thread)
}
