//! The property `acl`: RFC 3744 section 5.5; of inbox and outbox RFC 6638 section 6.

use dav_wire::Property;
use dav_wire::property::{Ace, AcePrincipal, Privilege};
use storage::{Grantee, Share};
use vocabulary::{CollectionKind, Home};

use super::rights::privileges_of;
use crate::folder::Folder;
use crate::location::{self, ProxyAccess};
use crate::property::Subject;

/// Of what everybody of the domain sees, and nobody changes.
pub(crate) fn of_public() -> Vec<Ace> {
    vec![protected(AcePrincipal::Authenticated, vec![Privilege::Read])]
}

/// The entries of a resource; `None`: they are not for the viewer.
pub(crate) fn entries(subject: &Subject) -> Option<Vec<Ace>> {
    let mut entries = of_public();
    match subject {
        Subject::Public(_) | Subject::Principal(_) | Subject::Group(_) => {}
        Subject::Proxy(_) => entries.push(protected(owner(), vec![Privilege::WriteProperties])),
        Subject::Home(..) => entries.push(protected(owner(), vec![Privilege::Bind, Privilege::Unbind])),
        Subject::Notifications(..) => {
            entries = vec![protected(owner(), vec![Privilege::Read, Privilege::Unbind])]
        }
        Subject::Notification(..) => entries = vec![protected(owner(), vec![Privilege::Read])],
        Subject::Folder(folder) => entries = of_folder(folder)?,
        Subject::Item(folder, _) => {
            let from = folder.address.href.to_string();
            let inherited = |entry| Ace { inherited_from: Some(from.clone()), ..entry };
            entries = of_folder(folder)?.into_iter().map(inherited).collect();
        }
        Subject::Outbox(of) => {
            let delegates = location::proxy(&of.address, ProxyAccess::Write).to_string();
            let sends = |principal| protected(principal, vec![Privilege::Read, Privilege::ScheduleSend]);
            entries = vec![sends(owner()), sends(AcePrincipal::Href(delegates))];
        }
    }
    Some(entries)
}

fn owner() -> AcePrincipal {
    AcePrincipal::Property(Property::Owner.into())
}

fn protected(principal: AcePrincipal, grant: Vec<Privilege>) -> Ace {
    Ace { principal, grant, is_protected: true, inherited_from: None }
}

/// What nobody can take from an owner.
pub(super) fn of_owner() -> Ace {
    protected(owner(), vec![Privilege::All])
}

fn of_folder(folder: &Folder) -> Option<Vec<Ace>> {
    if folder.collection.kind == CollectionKind::Schedule {
        return Some(of_inbox());
    }
    let granted = folder.shares.as_ref()?.iter();
    let granted = granted.filter_map(|share| of_share(share, folder.address.home));
    Some(std::iter::once(of_owner()).chain(granted).collect())
}

/// What is delivered comes from the house, and goes when its owner takes it out.
fn of_inbox() -> Vec<Ace> {
    vec![
        protected(owner(), vec![Privilege::Read, Privilege::WriteProperties, Privilege::Unbind]),
        protected(AcePrincipal::Authenticated, vec![Privilege::ScheduleDeliver]),
    ]
}

fn of_share(share: &Share, home: Home) -> Option<Ace> {
    let grant = privileges_of(share.rights, home);
    let principal = match (share.grantee, &share.address) {
        (Grantee::Anyone, _) => AcePrincipal::Authenticated,
        (_, Some(address)) => AcePrincipal::Href(location::principal(address).to_string()),
        (_, None) => return None,
    };
    (!grant.is_empty()).then_some(Ace { principal, grant, is_protected: false, inherited_from: None })
}
