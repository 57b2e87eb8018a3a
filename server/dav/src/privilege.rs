//! Rights as a client knows them: RFC 3744 section 3, RFC 4791 section 6.1, RFC 6638 section 6.

use dav_wire::property::{Privilege, SupportedPrivilege};
use storage::Item;
use vocabulary::{AccountId, CollectionKind, Rights};

use crate::folder::Folder;

/// What everybody may do with what is shown to everybody: principals, and the collections that hold homes.
pub(crate) fn of_reader() -> Vec<Privilege> {
    vec![Privilege::Read, Privilege::ReadCurrentUserPrivilegeSet]
}

/// What one may do with one's own home: make and delete collections.
pub(crate) fn of_home_owner() -> Vec<Privilege> {
    let mut held = of_reader();
    held.extend([Privilege::Bind, Privilege::Unbind]);
    held
}

/// What the viewer may do with a collection. Whoever may not change items is told of no privilege to write, though it
/// may keep properties of its own: Thunderbird and others take any of them for the whole.
pub(crate) fn of_folder(folder: &Folder) -> Vec<Privilege> {
    if folder.collection.kind == CollectionKind::Schedule {
        return of_inbox(folder.rights);
    }
    let rights = folder.rights;
    let own_items = rights.contains(Rights::OWN_ITEMS);
    let has = |needed: Rights| rights.contains(needed);
    let changes = has(Rights::REPLACE);
    let removes = has(Rights::DELETE_ITEMS | Rights::EXPUNGE);
    let adds = has(Rights::INSERT);
    [
        (Privilege::Read, has(Rights::READ)),
        (Privilege::ReadCurrentUserPrivilegeSet, true),
        (Privilege::ReadFreeBusy, has(Rights::FREE_BUSY)),
        (Privilege::Write, changes && removes && adds),
        (Privilege::WriteProperties, changes || own_items),
        (Privilege::WriteContent, changes || own_items),
        (Privilege::Bind, adds),
        (Privilege::Unbind, removes || own_items),
    ]
    .into_iter()
    .filter_map(|(privilege, held)| held.then_some(privilege))
    .collect()
}

/// RFC 6638 section 6.1. Everybody of the house may deliver; what has been delivered, its owner takes out.
fn of_inbox(rights: Rights) -> Vec<Privilege> {
    let mut held = of_reader();
    if rights.contains(Rights::DELETE_ITEMS | Rights::EXPUNGE) {
        held.push(Privilege::Unbind);
    }
    if rights.contains(Rights::ALL) {
        held.push(Privilege::WriteProperties);
    }
    held.extend([
        Privilege::ScheduleDeliver,
        Privilege::ScheduleDeliverInvite,
        Privilege::ScheduleDeliverReply,
        Privilege::ScheduleQueryFreeBusy,
    ]);
    held
}

/// RFC 6638 section 6.2: what one may do with an outbox that one sees.
pub(crate) fn of_outbox() -> Vec<Privilege> {
    let mut held = of_reader();
    held.extend([
        Privilege::ScheduleSend,
        Privilege::ScheduleSendInvite,
        Privilege::ScheduleSendReply,
        Privilege::ScheduleSendFreeBusy,
    ]);
    held
}

/// What the viewer may do with an item: as with its collection, but somebody who may change only its own may not change
/// those of others.
pub(crate) fn of_item(folder: &Folder, item: &Item, viewer: AccountId) -> Vec<Privilege> {
    let mut held = of_folder(folder);
    if !folder.rights.contains(Rights::REPLACE) && item.author != Some(viewer) {
        held.retain(|privilege| !matches!(privilege, Privilege::WriteContent | Privilege::WriteProperties));
    }
    held
}

/// Which privileges there are, and which are part of which.
pub(crate) fn supported() -> Vec<SupportedPrivilege> {
    let leaf = |privilege, description| node(privilege, description, Vec::new());
    let read = vec![
        leaf(Privilege::ReadCurrentUserPrivilegeSet, "Read one's own privileges"),
        leaf(Privilege::ReadFreeBusy, "Read when somebody is busy"),
    ];
    let write = vec![
        leaf(Privilege::WriteProperties, "Change properties"),
        leaf(Privilege::WriteContent, "Change items"),
        leaf(Privilege::Bind, "Add items"),
        leaf(Privilege::Unbind, "Remove items"),
    ];
    let deliver = vec![
        leaf(Privilege::ScheduleDeliverInvite, "Deliver invitations"),
        leaf(Privilege::ScheduleDeliverReply, "Deliver answers"),
        leaf(Privilege::ScheduleQueryFreeBusy, "Ask when somebody is busy"),
    ];
    let send = vec![
        leaf(Privilege::ScheduleSendInvite, "Send invitations"),
        leaf(Privilege::ScheduleSendReply, "Send answers"),
        leaf(Privilege::ScheduleSendFreeBusy, "Ask when others are busy"),
    ];
    let all = vec![
        node(Privilege::Read, "Read", read),
        node(Privilege::Write, "Change anything", write),
        node(Privilege::ScheduleDeliver, "Deliver scheduling messages", deliver),
        node(Privilege::ScheduleSend, "Send scheduling messages", send),
    ];
    vec![node(Privilege::All, "Everything", all)]
}

fn node(
    privilege: Privilege,
    description: &'static str,
    contains: Vec<SupportedPrivilege>,
) -> SupportedPrivilege {
    SupportedPrivilege { privilege, is_abstract: false, description, contains }
}
