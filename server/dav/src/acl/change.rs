//! What the method ACL makes of the grants: RFC 3744 section 8.1.

use dav_wire::property::{Ace, AcePrincipal, Privilege};
use dav_wire::{Precondition, Property};
use std::collections::{BTreeMap, HashMap};
use storage::{Grantee, Write, right};
use vocabulary::{AccountId, Home, Rights};

use super::list::of_owner;
use super::rights::{are_same, includes_one, privileges_of, rights_of};
use crate::address::FolderAddress;
use crate::call::Checked;
use crate::directory::Named;
use crate::privilege::{is_abstract, is_supported};

/// What a list is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plan {
    home: Home,
    wanted: BTreeMap<Grantee, Vec<Privilege>>,
}

impl Plan {
    /// Reads the entries of a request for a collection. `known` says whom the paths in them name.
    ///
    /// # Errors
    /// RFC 3744 section 8.1.1: each rule that is broken by its name.
    pub(crate) fn of(
        entries: &[Ace],
        home: Home,
        owner: AccountId,
        known: &HashMap<String, Named>,
    ) -> Result<Self, Precondition> {
        let mut wanted: BTreeMap<Grantee, Vec<Privilege>> = BTreeMap::new();
        for entry in entries {
            if entry.inherited_from.is_some() {
                return Err(Precondition::NoInheritedAceConflict);
            }
            if entry.is_protected {
                let protected = of_owner();
                let is_it =
                    entry.principal == protected.principal && are_same(&entry.grant, &protected.grant);
                if !is_it {
                    return Err(Precondition::NoProtectedAceConflict);
                }
                continue;
            }
            for privilege in &entry.grant {
                if !is_supported(*privilege, Some(home)) {
                    return Err(Precondition::NotSupportedPrivilege);
                }
                if is_abstract(*privilege) {
                    return Err(Precondition::NoAbstract);
                }
            }
            match grantee(&entry.principal, known)? {
                // Nothing that is not held already.
                Whom::Owner => {}
                Whom::Grantee(Grantee::Account(account)) if account == owner => {}
                Whom::Grantee(grantee) => wanted.entry(grantee).or_default().extend(&entry.grant),
            }
        }
        Ok(Self { home, wanted })
    }

    /// Makes the grants those of the list. What is given already is left as it is, with all that a list cannot say.
    pub(crate) fn apply(&self, tx: &mut Write<'_>, address: &FolderAddress) -> Checked<()> {
        let grant = address.open::<right::Administer>(tx)?;
        let shares = tx.shares(&grant)?;
        let told = |rights| privileges_of(rights, self.home);
        let mut changes: Vec<(Grantee, Rights)> = Vec::new();
        for (grantee, privileges) in &self.wanted {
            let held = shares.iter().find(|share| share.grantee == *grantee);
            let held = held.map(|share| told(share.rights)).unwrap_or_default();
            if are_same(&held, privileges) {
                continue;
            }
            if !self.can_be_used(privileges) {
                return Ok(Err(Precondition::NoAceConflict.into()));
            }
            changes.push((*grantee, rights_of(privileges)));
        }
        // A grant that no entry can show was not seen by whoever wrote the list.
        let gone = shares
            .iter()
            .filter(|share| !self.wanted.contains_key(&share.grantee) && !told(share.rights).is_empty());
        changes.extend(gone.map(|share| (share.grantee, Rights::NONE)));
        for (grantee, rights) in changes {
            tx.set_permission(&grant, grantee, rights)?;
        }
        Ok(Ok(()))
    }

    /// The store lets nobody change what they cannot read.
    fn can_be_used(&self, privileges: &[Privilege]) -> bool {
        const SEEN_ONLY: [Privilege; 2] = [Privilege::ReadCurrentUserPrivilegeSet, Privilege::ReadFreeBusy];
        let everybody = self.wanted.get(&Grantee::Anyone).map(Vec::as_slice).unwrap_or_default();
        privileges.iter().all(|privilege| SEEN_ONLY.contains(privilege))
            || includes_one(privileges, Privilege::Read)
            || includes_one(everybody, Privilege::Read)
    }
}

/// Whom an entry is about.
enum Whom {
    Owner,
    Grantee(Grantee),
}

fn grantee(principal: &AcePrincipal, known: &HashMap<String, Named>) -> Result<Whom, Precondition> {
    match principal {
        AcePrincipal::Href(href) => match known.get(href) {
            Some(Named::Grantee(grantee)) => Ok(Whom::Grantee(*grantee)),
            // A group of proxies is made of grants itself.
            Some(Named::Proxy) => Err(Precondition::AllowedPrincipal),
            None => Err(Precondition::RecognizedPrincipal),
        },
        AcePrincipal::Authenticated => Ok(Whom::Grantee(Grantee::Anyone)),
        AcePrincipal::Property(name) if *name == Property::Owner.into() => Ok(Whom::Owner),
        AcePrincipal::Property(_) => Err(Precondition::RecognizedPrincipal),
        AcePrincipal::All | AcePrincipal::Unauthenticated | AcePrincipal::Current => {
            Err(Precondition::AllowedPrincipal)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWNER: AccountId = AccountId(7);
    const BEN: Grantee = Grantee::Account(AccountId(8));

    fn ace(principal: AcePrincipal, grant: &[Privilege]) -> Ace {
        Ace { principal, grant: grant.to_vec(), is_protected: false, inherited_from: None }
    }

    fn href(path: &str) -> AcePrincipal {
        AcePrincipal::Href(path.to_owned())
    }

    fn owner() -> AcePrincipal {
        AcePrincipal::Property(Property::Owner.into())
    }

    fn plan(entries: &[Ace], home: Home) -> Result<Vec<(Grantee, Vec<Privilege>)>, Precondition> {
        let known = HashMap::from([
            ("/ben/".to_owned(), Named::Grantee(BEN)),
            ("/anna/".to_owned(), Named::Grantee(Grantee::Account(OWNER))),
            ("/anna/proxy/".to_owned(), Named::Proxy),
        ]);
        Plan::of(entries, home, OWNER, &known).map(|plan| plan.wanted.into_iter().collect())
    }

    #[test]
    fn entries_of_one_are_joined_and_the_owners_ask_for_nothing() {
        let entries = [
            ace(href("/ben/"), &[Privilege::Read]),
            Ace { is_protected: true, ..ace(owner(), &[Privilege::All]) },
            ace(owner(), &[Privilege::Read]),
            ace(href("/anna/"), &[Privilege::Write]),
            ace(AcePrincipal::Authenticated, &[Privilege::ReadFreeBusy]),
            ace(href("/ben/"), &[Privilege::Bind]),
        ];
        let expected = vec![
            (Grantee::Anyone, vec![Privilege::ReadFreeBusy]),
            (BEN, vec![Privilege::Read, Privilege::Bind]),
        ];
        assert_eq!(plan(&entries, Home::Calendars), Ok(expected));
    }

    // RFC 3744 section 8.1.1.
    #[test]
    fn each_rule_that_is_broken_has_its_name() {
        let read = &[Privilege::Read][..];
        for (entry, expected) in [
            (ace(href("/nobody/"), read), Precondition::RecognizedPrincipal),
            (ace(AcePrincipal::Property(Property::Group.into()), read), Precondition::RecognizedPrincipal),
            (ace(href("/anna/proxy/"), read), Precondition::AllowedPrincipal),
            (ace(AcePrincipal::All, read), Precondition::AllowedPrincipal),
            (ace(AcePrincipal::Unauthenticated, read), Precondition::AllowedPrincipal),
            (ace(AcePrincipal::Current, read), Precondition::AllowedPrincipal),
            (ace(href("/ben/"), &[Privilege::WriteAcl]), Precondition::NoAbstract),
            (ace(href("/ben/"), &[Privilege::ScheduleSend]), Precondition::NotSupportedPrivilege),
            (Ace { is_protected: true, ..ace(href("/ben/"), read) }, Precondition::NoProtectedAceConflict),
            (Ace { is_protected: true, ..ace(owner(), read) }, Precondition::NoProtectedAceConflict),
            (
                Ace { inherited_from: Some("/x/".into()), ..ace(href("/ben/"), read) },
                Precondition::NoInheritedAceConflict,
            ),
        ] {
            assert_eq!(plan(std::slice::from_ref(&entry), Home::Calendars), Err(expected), "{entry:?}");
        }
        let busy = ace(href("/ben/"), &[Privilege::ReadFreeBusy]);
        assert_eq!(plan(&[busy], Home::AddressBooks), Err(Precondition::NotSupportedPrivilege));
    }

    #[test]
    fn nobody_changes_what_they_cannot_read() {
        let plan = |everybody: &[Privilege]| Plan {
            home: Home::Calendars,
            wanted: BTreeMap::from([(Grantee::Anyone, everybody.to_vec())]),
        };
        for (privileges, alone, with_all) in [
            (&[Privilege::Write][..], false, true),
            (&[Privilege::Read, Privilege::Write], true, true),
            (&[Privilege::All], true, true),
            (&[Privilege::ReadFreeBusy], true, true),
            (&[Privilege::Share], false, true),
        ] {
            assert_eq!(plan(&[]).can_be_used(privileges), alone, "{privileges:?}");
            assert_eq!(plan(&[Privilege::Read]).can_be_used(privileges), with_all, "{privileges:?}");
        }
    }
}
