//! Sharing as calendar programs know it: what the properties `invite`, `share-access` and their like say of the grants
//! of a collection. The method that changes them is `method/share.rs`.
//!
//! What somebody grants is in the sight of who may use it at once, at every door, whoever granted it: nothing waits
//! for an invitation to be answered. Whoever does not want to see it takes it away, and may take it back.

use dav_wire::property::ResourceType;
use dav_wire::sharing::{Invite, Invitee, Organizer, ShareAccess, ShareState, SharingValue};
use dav_wire::{Property, Segment, Value};
use storage::{Account, Share};
use vocabulary::{EmailAddress, Home, Rights};

use crate::address::FolderName;
use crate::folder::{Folder, called};
use crate::location;
use crate::property::href;

/// What rights come to in the two words of sharing.
pub(crate) fn access_of(rights: Rights) -> ShareAccess {
    if rights.writes_items() { ShareAccess::ReadWrite } else { ShareAccess::Read }
}

/// Whether a grant shows the collection to somebody.
fn shows(share: &Share) -> bool {
    share.rights.contains(Rights::LOOKUP | Rights::READ)
}

/// What the collection is beside what its kind says. Of calendars only: programs for contacts know nothing of it.
pub(crate) fn resource_type(folder: &Folder) -> Option<ResourceType> {
    if folder.address.home != Home::Calendars {
        return None;
    }
    if folder.is_own() {
        let is_shared = folder.shares.iter().flatten().any(shows);
        is_shared.then_some(ResourceType::SharedOwner)
    } else {
        is_mounted(folder).then_some(ResourceType::Shared)
    }
}

/// Whether it is looked at in the home of somebody it is shared with.
fn is_mounted(folder: &Folder) -> bool {
    matches!(folder.address.name, FolderName::Mount(_))
}

pub(crate) fn value(viewer: &Account, folder: &Folder, property: Property) -> Option<Value> {
    let is_calendar = folder.address.home == Home::Calendars;
    let shares = folder.rights.contains(Rights::ADMINISTER);
    match property {
        Property::AllowedSharingModes if is_calendar && shares => {
            Some(Value::Sharing(SharingValue::CanBeShared))
        }
        Property::Invite if is_calendar => invite(viewer, folder),
        Property::ShareInvite => invite(viewer, folder),
        Property::SharedUrl if is_calendar && is_mounted(folder) => {
            let name = folder.collection.resource_name.clone();
            let home = location::home(folder.address.home, &folder.address.owner.address);
            Some(href(&home.collection(Segment::new(name?).ok()?)))
        }
        Property::ShareAccess => Some(Value::Sharing(SharingValue::State(state(folder)))),
        Property::ShareResourceUri => Some(Value::Href(folder.resource_id())),
        _ => None,
    }
}

fn state(folder: &Folder) -> ShareState {
    if !folder.is_own() {
        return ShareState::Shared(access_of(folder.rights));
    }
    let is_shared = folder.shares.iter().flatten().any(shows);
    if is_shared { ShareState::SharedOwner } else { ShareState::NotShared }
}

/// With whom it is shared; `None`: with nobody. Whoever may not say who may do what is told of itself only.
fn invite(viewer: &Account, folder: &Folder) -> Option<Value> {
    let owner = &folder.address.owner;
    let mut users: Vec<Invitee> =
        folder.shares.iter().flatten().filter(|share| shows(share)).filter_map(user).collect();
    let own = uri(&viewer.address);
    if !folder.is_own() && users.iter().all(|user| user.href != own) {
        // Through a group, or because it is all that may be known.
        let (name, access) = (called(viewer), access_of(folder.rights));
        users.push(Invitee { href: own, name, access, accepted: true });
    }
    let organizer = Organizer { href: uri(&owner.address), name: called(owner) };
    (!users.is_empty()).then_some(Value::Sharing(SharingValue::Invite(Invite { organizer, users })))
}

/// What is granted to everybody of the domain is nobody's invitation.
fn user(share: &Share) -> Option<Invitee> {
    let address = share.address.as_ref()?;
    let name = if share.name.trim().is_empty() { address.to_string() } else { share.name.clone() };
    Some(Invitee { href: uri(address), name, access: access_of(share.rights), accepted: share.in_sight })
}

fn uri(address: &EmailAddress) -> String {
    format!("mailto:{address}")
}
