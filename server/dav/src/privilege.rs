//! Rights as a client knows them: RFC 3744 section 3, RFC 4791 section 6.1, RFC 6638 section 6.

use dav_wire::property::{Privilege, SupportedPrivilege};
use dav_wire::{MissingPrivilege, Precondition};
use storage::Resource;
use vocabulary::{AccountId, CollectionKind, Home, Rights};

use crate::call::Call;
use crate::folder::Folder;
use crate::location::{self, Location};

/// What everybody may do with what is shown to everybody: principals, and the collections that hold homes.
pub(crate) fn of_reader() -> Vec<Privilege> {
    vec![Privilege::Read, Privilege::ReadCurrentUserPrivilegeSet, Privilege::ReadAcl]
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
    let shares = has(Rights::ADMINISTER);
    let sees_private = has(Rights::SEE_PRIVATE);
    let writes = changes && removes && adds;
    [
        (Privilege::All, has(Rights::READ) && writes && shares && sees_private),
        (Privilege::Read, has(Rights::READ)),
        (Privilege::ReadCurrentUserPrivilegeSet, true),
        (Privilege::ReadFreeBusy, has(Rights::FREE_BUSY) && folder.address.home == Home::Calendars),
        (Privilege::Write, writes),
        (Privilege::WriteProperties, changes || own_items),
        (Privilege::WriteContent, changes || own_items),
        (Privilege::Bind, adds),
        (Privilege::Unbind, removes || own_items),
        (Privilege::Share, shares),
        (Privilege::ReadAcl, shares),
        (Privilege::WriteAcl, shares),
        (Privilege::SeePrivate, sees_private),
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
    held.push(Privilege::ScheduleDeliver);
    held.extend(contained(Privilege::ScheduleDeliver));
    held
}

/// RFC 6638 section 6.2: what one may do with an outbox that one sees.
pub(crate) fn of_outbox() -> Vec<Privilege> {
    let mut held = of_reader();
    held.push(Privilege::ScheduleSend);
    held.extend(contained(Privilege::ScheduleSend));
    held
}

/// What the viewer may do with an item: as with its collection, but somebody who may change only its own may not change
/// those of others, and the list of an item is that of its collection.
pub(crate) fn of_item(folder: &Folder, item: &Resource, viewer: AccountId) -> Vec<Privilege> {
    let mut held = of_folder(folder);
    held.retain(|privilege| !matches!(privilege, Privilege::All | Privilege::Share | Privilege::WriteAcl));
    if !folder.rights.contains(Rights::REPLACE) && item.author != Some(viewer) {
        held.retain(|privilege| !matches!(privilege, Privilege::WriteContent | Privilege::WriteProperties));
    }
    held
}

/// The privileges that are part of another: RFC 3744 section 3.12, RFC 6638 section 6.
pub(crate) fn contained(privilege: Privilege) -> &'static [Privilege] {
    match privilege {
        Privilege::All => &[
            Privilege::Read,
            Privilege::Write,
            Privilege::Share,
            Privilege::SeePrivate,
            Privilege::ScheduleDeliver,
            Privilege::ScheduleSend,
        ],
        Privilege::Read => &[Privilege::ReadCurrentUserPrivilegeSet, Privilege::ReadFreeBusy],
        Privilege::Write => {
            &[Privilege::WriteProperties, Privilege::WriteContent, Privilege::Bind, Privilege::Unbind]
        }
        Privilege::Share => &[Privilege::ReadAcl, Privilege::WriteAcl],
        Privilege::ScheduleDeliver => &[
            Privilege::ScheduleDeliverInvite,
            Privilege::ScheduleDeliverReply,
            Privilege::ScheduleQueryFreeBusy,
        ],
        Privilege::ScheduleSend => {
            &[Privilege::ScheduleSendInvite, Privilege::ScheduleSendReply, Privilege::ScheduleSendFreeBusy]
        }
        _ => &[],
    }
}

/// Whether a privilege cannot be given by itself: the store knows one right for seeing and for changing a list.
pub(crate) fn is_abstract(privilege: Privilege) -> bool {
    matches!(privilege, Privilege::ReadAcl | Privilege::WriteAcl)
}

/// Whether a resource of a home, or (`None`) another, knows a privilege.
pub(crate) fn is_supported(privilege: Privilege, home: Option<Home>) -> bool {
    let is_known = privilege == Privilege::All || is_within(privilege, Privilege::All);
    is_known
        && match privilege {
            Privilege::ReadFreeBusy => home == Some(Home::Calendars),
            _ if is_of_scheduling(privilege) => home == Some(Home::Scheduling),
            _ => true,
        }
}

/// RFC 6638 section 6: they have a meaning for inbox and outbox only.
fn is_of_scheduling(privilege: Privilege) -> bool {
    let wholes = [Privilege::ScheduleDeliver, Privilege::ScheduleSend];
    wholes.into_iter().any(|whole| privilege == whole || is_within(privilege, whole))
}

/// Whether a privilege is part of another.
pub(crate) fn is_within(privilege: Privilege, whole: Privilege) -> bool {
    contained(whole).iter().any(|part| *part == privilege || is_within(privilege, *part))
}

/// Which privileges there are, and which are part of which.
pub(crate) fn supported(home: Option<Home>) -> Vec<SupportedPrivilege> {
    vec![node(Privilege::All, home)]
}

fn node(privilege: Privilege, home: Option<Home>) -> SupportedPrivilege {
    let parts = contained(privilege).iter().filter(|part| is_supported(**part, home));
    SupportedPrivilege {
        privilege,
        is_abstract: is_abstract(privilege),
        description: description(privilege),
        contains: parts.map(|part| node(*part, home)).collect(),
    }
}

fn description(privilege: Privilege) -> &'static str {
    match privilege {
        Privilege::All => "Everything",
        Privilege::Read => "Read",
        Privilege::ReadCurrentUserPrivilegeSet => "Read one's own privileges",
        Privilege::ReadFreeBusy => "Read when somebody is busy",
        Privilege::Write => "Change anything",
        Privilege::WriteProperties => "Change properties",
        Privilege::WriteContent => "Change items",
        Privilege::Bind => "Add items, and change those that one added",
        Privilege::Unbind => "Remove items",
        Privilege::Share => "Say who may do what",
        Privilege::ReadAcl => "Read who may do what",
        Privilege::WriteAcl => "Change who may do what",
        Privilege::SeePrivate => "See what is marked private",
        Privilege::ScheduleDeliver => "Deliver scheduling messages",
        Privilege::ScheduleDeliverInvite => "Deliver invitations",
        Privilege::ScheduleDeliverReply => "Deliver answers",
        Privilege::ScheduleQueryFreeBusy => "Ask when somebody is busy",
        Privilege::ScheduleSend => "Send scheduling messages",
        Privilege::ScheduleSendInvite => "Send invitations",
        Privilege::ScheduleSendReply => "Send answers",
        Privilege::ScheduleSendFreeBusy => "Ask when others are busy",
        _ => "",
    }
}

/// RFC 3744 section 7.1.1. What is added or removed is so in the collection that holds it.
pub(crate) fn missing(call: &Call, need: Rights) -> Precondition {
    let privilege = privilege_for(need);
    let lies_in = match &call.location {
        Location::Item(collection, _) => Some(collection.href()),
        Location::Collection(collection) => Some(location::home(collection.home, &collection.owner)),
        _ => None,
    };
    let href = match privilege {
        Privilege::Bind | Privilege::Unbind => lies_in.unwrap_or_else(|| call.location.href()),
        _ => call.location.href(),
    };
    Precondition::NeedPrivileges(vec![MissingPrivilege { href: href.to_string(), privilege }])
}

/// The privilege that a client knows a right by.
fn privilege_for(need: Rights) -> Privilege {
    if need.contains(Rights::INSERT) {
        Privilege::Bind
    } else if need.contains(Rights::DELETE_ITEMS) || need.contains(Rights::DELETE_COLLECTION) {
        Privilege::Unbind
    } else if need.contains(Rights::REPLACE) {
        Privilege::WriteContent
    } else if need.contains(Rights::ADMINISTER) {
        Privilege::WriteAcl
    } else if need.contains(Rights::FREE_BUSY) {
        Privilege::ReadFreeBusy
    } else if need.contains(Rights::SEND_ON_BEHALF) {
        // RFC 6638 section 6.2.
        Privilege::ScheduleSend
    } else if need.contains(Rights::READ) || need.contains(Rights::LOOKUP) {
        Privilege::Read
    } else {
        Privilege::Write
    }
}
