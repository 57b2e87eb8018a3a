//! Privileges as rights of the store, and back.

use dav_wire::property::Privilege;
use vocabulary::{Home, Preset, Rights};

use crate::privilege::{contained, is_supported};

/// Those that an entry may name, the wider ones first.
const NAMED: [Privilege; 11] = [
    Privilege::All,
    Privilege::Read,
    Privilege::Write,
    Privilege::Share,
    Privilege::SeePrivate,
    Privilege::Bind,
    Privilege::WriteProperties,
    Privilege::WriteContent,
    Privilege::Unbind,
    Privilege::ReadCurrentUserPrivilegeSet,
    Privilege::ReadFreeBusy,
];

/// What is given by an entry with these privileges. `read` makes a reader, with `bind` an author, with `write` an
/// editor, `all` as good as an owner.
pub(super) fn rights_of(privileges: &[Privilege]) -> Rights {
    privileges.iter().fold(Rights::NONE, |rights, privilege| rights | given_by(*privilege))
}

fn given_by(privilege: Privilege) -> Rights {
    match privilege {
        Privilege::All => Preset::Owner.rights(),
        Privilege::Read => Preset::Reader.rights(),
        Privilege::ReadCurrentUserPrivilegeSet => Rights::LOOKUP,
        Privilege::ReadFreeBusy => Rights::FREE_BUSY,
        // Whoever may add something may take it back.
        Privilege::Bind => Rights::INSERT | Rights::POST | Rights::SEEN | Rights::OWN_ITEMS,
        Privilege::WriteProperties => Rights::WRITE | Rights::SEEN,
        Privilege::WriteContent => Rights::REPLACE,
        Privilege::Unbind => Rights::DELETE_ITEMS | Rights::EXPUNGE,
        // Beside its parts: folders beneath.
        Privilege::Write => rights_of(contained(Privilege::Write)) | Rights::CREATE,
        Privilege::Share => Rights::ADMINISTER,
        Privilege::SeePrivate => Rights::SEE_PRIVATE,
        _ => Rights::NONE,
    }
}

/// The rights without which a privilege would be a lie.
fn needed_for(privilege: Privilege) -> Rights {
    match privilege {
        Privilege::Read => Rights::LOOKUP | Rights::READ,
        Privilege::Bind => Rights::INSERT,
        Privilege::WriteProperties => Rights::WRITE,
        Privilege::All | Privilege::Write => {
            contained(privilege).iter().fold(Rights::NONE, |rights, part| rights | needed_for(*part))
        }
        _ => given_by(privilege),
    }
}

/// What an entry says of these rights: the widest privileges that are true. Empty: nothing that has a name.
pub(super) fn privileges_of(rights: Rights, home: Home) -> Vec<Privilege> {
    let mut held: Vec<Privilege> = Vec::new();
    for privilege in NAMED {
        let is_said = held.iter().any(|wider| crate::privilege::is_within(privilege, *wider));
        if !is_said && is_supported(privilege, Some(home)) && rights.contains(needed_for(privilege)) {
            held.push(privilege);
        }
    }
    held
}

/// Whether two entries give the same, whatever they name it.
pub(super) fn are_same(one: &[Privilege], other: &[Privilege]) -> bool {
    includes(one, other) && includes(other, one)
}

fn includes(privileges: &[Privilege], all: &[Privilege]) -> bool {
    all.iter().all(|wanted| includes_one(privileges, *wanted))
}

/// Whether a privilege is among these, by name, as part of another, or in all its parts.
pub(super) fn includes_one(privileges: &[Privilege], wanted: Privilege) -> bool {
    let is_said = |held: &Privilege| *held == wanted || crate::privilege::is_within(wanted, *held);
    // Those of scheduling are in no list that can be written.
    let parts = contained(wanted).iter().copied().filter(|part| is_supported(*part, Some(Home::Calendars)));
    let parts: Vec<Privilege> = parts.collect();
    // Reading is more than its parts.
    privileges.iter().any(is_said)
        || (wanted != Privilege::Read && !parts.is_empty() && includes(privileges, &parts))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const READ: Privilege = Privilege::Read;

    #[test]
    fn the_presets_have_names() {
        for (preset, privileges) in [
            (Preset::FreeBusy, &[Privilege::ReadFreeBusy][..]),
            (Preset::Reader, &[READ]),
            (Preset::Author, &[READ, Privilege::Bind]),
            (Preset::Editor, &[READ, Privilege::Write]),
            (Preset::Owner, &[Privilege::All]),
        ] {
            assert_eq!(rights_of(privileges), preset.rights(), "{preset:?}");
            assert_eq!(privileges_of(preset.rights(), Home::Calendars), privileges, "{preset:?}");
        }
        assert_eq!(privileges_of(Preset::FreeBusy.rights(), Home::AddressBooks), []);
    }

    #[test]
    fn what_a_mail_program_gave_by_letters_is_told_too() {
        let shown = |letters| privileges_of(Rights::from_letters(letters).unwrap(), Home::Calendars);
        let cups = Privilege::ReadCurrentUserPrivilegeSet;
        assert_eq!(shown("lr"), [READ]);
        assert_eq!(shown("lrs"), [READ]);
        assert_eq!(shown("lri"), [READ, Privilege::Bind]);
        assert_eq!(shown("lrte"), [READ, Privilege::Unbind]);
        assert_eq!(shown("lrt"), [READ], "what is only marked is not removed");
        assert_eq!(shown("lra"), [READ, Privilege::Share]);
        assert_eq!(shown("l"), [cups]);
        assert_eq!(shown("p"), []);
    }

    #[test]
    fn parts_and_wholes_are_the_same() {
        let parts = [Privilege::Bind, Privilege::Unbind, Privilege::WriteContent, Privilege::WriteProperties];
        assert!(are_same(&[READ, Privilege::Write], &[&[READ][..], &parts].concat()));
        assert!(are_same(&[READ], &[READ, Privilege::ReadFreeBusy]));
        assert!(!are_same(&[READ], &[Privilege::ReadCurrentUserPrivilegeSet, Privilege::ReadFreeBusy]));
        assert!(!are_same(&[READ, Privilege::Write], &[READ, Privilege::Bind]));
    }

    fn privileges() -> impl Strategy<Value = Vec<Privilege>> {
        prop::sample::subsequence(NAMED.to_vec(), 0..=NAMED.len())
    }

    proptest! {
        // RFC 3744 section 8.1: the list is then exactly what was asked for.
        #[test]
        fn what_was_given_is_what_is_told(wanted in privileges()) {
            let told = privileges_of(rights_of(&wanted), Home::Calendars);
            prop_assert!(are_same(&told, &wanted), "{wanted:?} became {told:?}");
        }

        #[test]
        fn what_is_told_of_any_rights_can_be_given_and_is_then_told_again(bits in 0_i64..1 << 22) {
            let told = privileges_of(Rights::from_bits(bits), Home::Calendars);
            prop_assert_eq!(privileges_of(rights_of(&told), Home::Calendars), told);
        }
    }
}
