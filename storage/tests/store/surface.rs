//! The walk of `gate.rs` misses nothing: the source itself says which public functions a transaction
//! has, and each is walked, needs the house's token, or is excused here with a reason.

use crate::gate::{operations, owner_operations, role_operations};
use crate::gate_files::file_operations;
use crate::harness::{acting, on_each_database};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use storage::{Refusal, Scope};
use vocabulary::{Door, Principal};

/// Public functions that no right guards, and why none needs to.
const EXCUSED: &[(&str, &str)] = &[
    ("principal", "says who acts"),
    ("now", "says when"),
    ("administer", "gives the token: only_the_house_administers"),
    ("domain_by_name", "a domain's name stands in every address of it, and in DNS"),
    ("shared_collections", "gate::what_is_shared_is_listed_to_those_who_may_see_it"),
    ("resource_names", "says nothing: identity::a_name_is_a_uuid_of_its_numbers_and_of_its_store"),
    ("delegations", "shares::a_delegate_is_who_was_named_and_not_everybody"),
    ("is_out_of_sight", "shares::what_is_out_of_sight_is_listed_nowhere_until_it_is_shown_again"),
    ("show_share", "shares::what_is_out_of_sight_is_listed_nowhere_until_it_is_shown_again"),
    ("notices", "shares::whoever_is_concerned_is_told_and_nobody_else"),
    ("forget_notice", "shares::whoever_is_concerned_is_told_and_nobody_else"),
    ("open_resource", "names::a_collection_is_found_again: opened by the same gate as open_path"),
    (
        "scheduled_elsewhere",
        "schedule::an_object_is_found_by_its_uid_in_whichever_calendar_of_its_owner_it_is",
    ),
    ("busy_calendars", "schedule::busy_times_are_for_those_who_were_given_the_right"),
    ("move_files", "files::a_tree_moves_as_one_and_stays_what_it_was: needs two folders"),
    ("rename_resource", "names::a_calendar_moves_to_another_name: of folders that are no files"),
    (
        "kept_of_others",
        "homes::what_is_kept_of_others_is_counted_for_whoever_keeps_it: counts one's own rows",
    ),
    ("set_property", "names::each_account_has_its_own_view_of_a_calendars_properties"),
    ("register_push", "pushes::only_who_may_read_a_collection_is_told_of_it: in the account of who asks"),
    ("silence_pushes", "pushes::a_client_is_not_told_of_what_it_did_itself: of who asks, and no other"),
    ("remembered", "accounts::answers_are_remembered_for_each_principal_apart"),
    ("remember", "accounts::answers_are_remembered_for_each_principal_apart"),
    ("forget_remembered", "accounts::answers_are_remembered_for_each_principal_apart"),
];

fn sources(folder: &Path, texts: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, texts);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            texts.push(std::fs::read_to_string(path).unwrap());
        }
    }
}

/// Every `pub fn` in an `impl` block of `Read` or `Write`, with its signature. The source is
/// formatted by rustfmt, so a block ends where a line is a lone brace.
fn public_functions(texts: &[String]) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for text in texts {
        let mut inside = false;
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            let of_transaction = line.contains("Read<'") || line.contains("Write<'");
            if line.starts_with("impl") && of_transaction && !line.contains(" for ") {
                inside = true;
            } else if line == "}" {
                inside = false;
            }
            let Some(rest) = line.strip_prefix("    pub fn ").filter(|_| inside) else { continue };
            let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            let mut signature = rest.to_owned();
            while !signature.ends_with('{') {
                signature.push_str(lines.next().unwrap());
            }
            assert_eq!(found.insert(name.clone(), signature), None, "{name} twice");
        }
    }
    found
}

#[test]
fn every_public_function_of_a_transaction_is_walked_or_excused() {
    let mut texts = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut texts);
    let functions = public_functions(&texts);
    assert!(functions.len() > 70, "the source was not understood: {:?}", functions.keys());
    let (house, guarded): (BTreeMap<_, _>, BTreeMap<_, _>) =
        functions.into_iter().partition(|(_, signature)| signature.contains("dmin: &Admin<'tx>"));
    assert!(house.len() > 20 && house.contains_key("remove_account"));
    let walked = [operations(), role_operations(), owner_operations(), file_operations()];
    let walked: BTreeSet<&str> =
        walked.iter().flatten().map(|one| one.name.split(' ').next().unwrap()).collect();
    let excused: BTreeSet<&str> = EXCUSED.iter().map(|(name, _)| *name).collect();
    assert!(walked.is_disjoint(&excused));
    let expected: BTreeSet<&str> = guarded.keys().map(String::as_str).collect();
    let covered: BTreeSet<&str> = walked.union(&excused).copied().collect();
    let missing: Vec<_> = expected.difference(&covered).collect();
    assert!(missing.is_empty(), "walked by no stranger: {missing:?}");
    let gone: Vec<_> = covered.difference(&expected).collect();
    assert!(gone.is_empty(), "walked, but no public function: {gone:?}");
    // The token is made in one place, by `administer`; its field is private to that module.
    let made: usize = texts.iter().map(|text| text.matches("Admin { _brand").count()).sum();
    assert_eq!(made, 1, "the house's token is made elsewhere too");
}

#[test]
fn only_the_house_administers() {
    on_each_database(|world| async move {
        let (anna, domain) = (world.anna, world.domain(world.anna).await);
        let by_the_front_door = Principal::account(anna, Door::Admin);
        let house = Principal::System { door: Door::Imap };
        for (principal, may) in [(&acting(anna), false), (&by_the_front_door, false), (&house, true)] {
            let mut outcomes = vec![
                world.store.read(principal, |tx| tx.administer().map(drop)).await,
                world.store.write(principal, &[], |tx| tx.administer().map(drop)).await,
            ];
            outcomes.push(world.store.read(principal, move |tx| tx.setting(domain, "x").map(drop)).await);
            outcomes
                .push(world.store.write(principal, &[], move |tx| tx.put_setting(domain, "x", "y")).await);
            for outcome in outcomes {
                match outcome {
                    Ok(()) => assert!(may, "{principal:?}"),
                    Err(error) => {
                        assert!(!may, "{principal:?}: {error}");
                        assert!(matches!(error.refusal(), Some(Refusal::Denied { .. })), "{error}");
                    }
                }
            }
        }
    });
}

impl crate::harness::World {
    async fn domain(&self, account: vocabulary::AccountId) -> Scope {
        let read = move |tx: &storage::Read<'_>| Ok(Scope::Domain(tx.account(account)?.domain));
        self.store.read(&crate::harness::house(), read).await.unwrap()
    }
}
