//! Resource names and UIDs of events, cards and tasks; own items; private items; properties.

use crate::harness::{World, acting, on_each_database};
use storage::{
    Added, Candidates, Error, Grantee, Item, NewCollection, NewItem, Refusal, Result, Write, right,
};
use vocabulary::{
    AccountId, CollectionId, CollectionKind, Component, Home, LeafName, Preset, Rights, Role, Timestamp, Uid,
};

async fn event(world: &World, uid: &str, name: Option<&str>) -> NewItem {
    NewItem {
        component: Some(Component::Event),
        component_uid: Some(uid.to_owned()),
        resource_name: name.map(str::to_owned),
        ..world.prepare(world.anna, format!("event {uid}").as_bytes()).await
    }
}

async fn insert(world: &World, who: AccountId, folder: CollectionId, new: NewItem) -> Result<Added> {
    let anna = world.anna;
    let run = move |tx: &mut Write<'_>| tx.insert(&tx.open::<right::Insert>(anna, folder)?, &new);
    world.store.write(&acting(who), &[anna], run).await
}

async fn named(world: &World, who: AccountId, folder: CollectionId, name: &'static str) -> Option<Item> {
    let anna = world.anna;
    let read =
        move |tx: &storage::Read<'_>| tx.item_by_resource(&tx.open::<right::ReadItems>(anna, folder)?, name);
    world.store.read(&acting(who), read).await.unwrap()
}

async fn second_calendar(world: &World) -> CollectionId {
    let anna = world.anna;
    let new = NewCollection {
        parent: CollectionId(0),
        kind: CollectionKind::Calendar,
        role: None,
        name: LeafName::new("Second").unwrap(),
        resource_name: Some("second".to_owned()),
    };
    let make = move |tx: &mut Write<'_>| tx.create_collection(anna, &new);
    world.store.write(&acting(anna), &[anna], make).await.unwrap().id
}

async fn share(world: &World, folder: CollectionId, rights: Rights) {
    let (anna, ben) = (world.anna, world.ben);
    let give = move |tx: &mut Write<'_>| {
        let grant = tx.open::<right::Administer>(anna, folder)?;
        tx.set_permission(&grant, Grantee::Account(ben), rights)
    };
    world.store.write(&acting(anna), &[anna], give).await.unwrap();
}

fn is_taken<T>(outcome: &Result<T>) -> bool {
    matches!(outcome, Err(Error::Refusal(Refusal::AlreadyExists(_))))
}

fn is_denied<T>(outcome: &Result<T>) -> bool {
    matches!(outcome, Err(Error::Refusal(Refusal::Denied { .. })))
}

fn is_unknown<T>(outcome: &Result<T>) -> bool {
    matches!(outcome, Err(Error::Refusal(Refusal::NotFound(_))))
}

#[test]
fn an_event_without_a_name_gets_one_that_no_client_has_taken() {
    on_each_database(|world| async move {
        let (anna, calendar) = (world.anna, world.role(world.anna, Role::Calendar).await);
        insert(&world, anna, calendar, event(&world, "a", Some("2.ics")).await).await.unwrap();
        let second = insert(&world, anna, calendar, event(&world, "b", None).await).await.unwrap();
        assert_eq!(second.id.0, 2, "its own name would be 2.ics");
        assert_eq!(named(&world, anna, calendar, "2-1.ics").await.map(|item| item.id), Some(second.id));
    });
}

#[test]
fn names_and_uids_are_bounded_before_anything_is_written() {
    on_each_database(|world| async move {
        let (anna, calendar) = (world.anna, world.role(world.anna, Role::Calendar).await);
        for (uid, name, kept) in
            [(1_000, 255, true), (1_001, 255, false), (1_000, 256, false), (0, 1, false), (1, 0, false)]
        {
            let mut new = event(&world, &"u".repeat(uid), Some(&"n".repeat(name))).await;
            let outcome = insert(&world, anna, calendar, new.clone()).await;
            assert_eq!(outcome.is_ok(), kept, "{uid} {name}");
            new.component_uid = Some("nul\0".to_owned());
            assert!(insert(&world, anna, calendar, new).await.is_err());
        }
    });
}

#[test]
fn a_moved_event_keeps_its_uid_name_and_author_and_a_twin_at_the_target_stops_it() {
    on_each_database(|world| async move {
        let (anna, ben) = (world.anna, world.ben);
        let (calendar, second) = (world.role(anna, Role::Calendar).await, second_calendar(&world).await);
        share(&world, calendar, Preset::Editor.rights()).await;
        insert(&world, ben, calendar, event(&world, "a", Some("a.ics")).await).await.unwrap();
        insert(&world, anna, second, event(&world, "b", Some("a.ics")).await).await.unwrap();
        let go = async |from, to, uid: u32| {
            let run = move |tx: &mut Write<'_>| {
                let source = tx.open::<right::Remove>(anna, from)?;
                let read = tx.open::<right::ReadItems>(anna, from)?;
                tx.move_items(&source, &read, &tx.open::<right::Insert>(anna, to)?, &[uid..=uid])
            };
            world.store.write(&acting(anna), &[anna], run).await
        };
        let moved = go(calendar, second, 1).await.unwrap().remove(0);
        let at_target = named(&world, anna, second, "1.ics").await.unwrap();
        assert_eq!((at_target.uid, at_target.author), (moved.to, Some(ben)));
        assert_eq!(at_target.component_uid.as_deref(), Some("a"));
        // Its name was taken there; its UID is free again where it was.
        insert(&world, anna, calendar, event(&world, "a", Some("a.ics")).await).await.unwrap();
        assert!(is_taken(&go(second, calendar, moved.to.0).await), "two events with one UID");
        assert!(named(&world, anna, second, "1.ics").await.is_some(), "nothing was moved");
        // An event in a mail folder could be read by nobody.
        let inbox = world.inbox(anna).await;
        assert!(go(calendar, inbox, 2).await.is_err());
    });
}

#[test]
fn an_event_is_renamed_within_its_calendar() {
    on_each_database(|world| async move {
        let (anna, calendar) = (world.anna, world.role(world.anna, Role::Calendar).await);
        let added = insert(&world, anna, calendar, event(&world, "a", Some("a.ics")).await).await.unwrap();
        insert(&world, anna, calendar, event(&world, "b", Some("b.ics")).await).await.unwrap();
        let rename = async |name: &'static str| {
            let run = move |tx: &mut Write<'_>| {
                let source = tx.open::<right::Remove>(anna, calendar)?;
                let read = tx.open::<right::ReadItems>(anna, calendar)?;
                let target = tx.open::<right::Insert>(anna, calendar)?;
                tx.move_resource(&source, &read, &target, Uid(1), name)
            };
            world.store.write(&acting(anna), &[anna], run).await
        };
        assert!(is_taken(&rename("b.ics").await));
        assert_eq!(rename("c.ics").await.unwrap().id, added.id);
        assert!(named(&world, anna, calendar, "a.ics").await.is_none());
        assert_eq!(named(&world, anna, calendar, "c.ics").await.map(|item| item.id), Some(added.id));
    });
}

#[test]
fn an_author_changes_and_removes_its_own_items_only() {
    on_each_database(|world| async move {
        let (anna, ben) = (world.anna, world.ben);
        let calendar = world.role(anna, Role::Calendar).await;
        share(&world, calendar, Preset::Author.rights()).await;
        insert(&world, anna, calendar, event(&world, "annas", None).await).await.unwrap();
        insert(&world, ben, calendar, event(&world, "bens", None).await).await.unwrap();
        let replace = async |uid: u32, name: &str| {
            let new = event(&world, name, None).await;
            let run = move |tx: &mut Write<'_>| {
                tx.replace(&tx.open::<right::Replace>(anna, calendar)?, Uid(uid), &new, None, None)
            };
            world.store.write(&acting(ben), &[anna], run).await
        };
        let remove = async |uid: u32| {
            let run =
                move |tx: &mut Write<'_>| tx.remove(&tx.open::<right::Remove>(anna, calendar)?, &[uid..=uid]);
            world.store.write(&acting(ben), &[anna], run).await
        };
        assert!(is_denied(&replace(1, "annas").await));
        assert!(is_denied(&remove(1).await));
        assert!(replace(2, "bens").await.is_ok());
        assert_eq!(remove(2).await.unwrap(), 1);
    });
}

#[test]
fn a_private_event_is_not_there_for_a_delegate_who_may_not_see_it() {
    on_each_database(|world| async move {
        let (anna, ben) = (world.anna, world.ben);
        let calendar = world.role(anna, Role::Calendar).await;
        share(&world, calendar, Preset::Editor.rights()).await;
        let secret = NewItem { private: true, ..event(&world, "secret", Some("secret.ics")).await };
        let added = insert(&world, anna, calendar, secret).await.unwrap();
        assert!(named(&world, anna, calendar, "secret.ics").await.is_some());
        assert!(named(&world, ben, calendar, "secret.ics").await.is_none());
        let all = move |tx: &storage::Read<'_>| {
            let grant = tx.open::<right::ReadItems>(anna, calendar)?;
            let (low, high) = (Timestamp(i64::MIN), Timestamp(i64::MAX));
            let mut summaries = 0;
            tx.summaries(&grant, None, |_, _| summaries += 1)?;
            let events = Candidates::Between { component: Component::Event, from: low, until: high };
            let seen = [
                tx.items(&grant, &[1..=9])?.len(),
                tx.resources(&grant, &[1..=9])?.len(),
                summaries,
                tx.item_flags(&grant, &(1..=9))?.len(),
                tx.parsed(&grant, &[1..=9])?.len(),
                tx.contents(&grant, &[1..=9], true)?.len(),
                tx.resources_at(&grant, &Candidates::All, grant.collection().highest, Uid(0), 9)?
                    .resources
                    .len(),
                tx.resources_at(&grant, &events, grant.collection().highest, Uid(0), 9)?.resources.len(),
                tx.items_newest_first(&grant, (high, Uid(u32::MAX)), low, 9)?.len(),
                usize::from(tx.item_by_id(&grant, added.id)?.is_some()),
                usize::from(tx.item_by_component_uid(&grant, "secret")?.is_some()),
                usize::from(tx.locate(anna, added.id)?.is_some()),
                tx.changes_since(&grant, storage::Cursor::start(grant.epoch()), 9)?.changes.len(),
            ];
            Ok((seen, tx.count_since(&grant, low)?))
        };
        assert_eq!(world.store.read(&acting(anna), all).await.unwrap(), ([1; 13], 1));
        assert_eq!(world.store.read(&acting(ben), all).await.unwrap(), ([0; 13], 0));
        let remove =
            move |tx: &mut Write<'_>| tx.remove(&tx.open::<right::Remove>(anna, calendar)?, &[1..=1]);
        assert!(is_unknown(&world.store.write(&acting(ben), &[anna], remove).await));
        let again = event(&world, "secret", None).await;
        let replace = move |tx: &mut Write<'_>| {
            tx.replace(&tx.open::<right::Replace>(anna, calendar)?, Uid(1), &again, None, None)
        };
        assert!(is_unknown(&world.store.write(&acting(ben), &[anna], replace).await));
    });
}

#[test]
fn each_account_has_its_own_view_of_a_calendars_properties() {
    on_each_database(|world| async move {
        let (anna, ben) = (world.anna, world.ben);
        let calendar = world.role(anna, Role::Calendar).await;
        share(&world, calendar, Preset::Reader.rights()).await;
        let set = async |who, name: &'static str, value: Option<&'static str>| {
            let run = move |tx: &mut Write<'_>| {
                tx.set_property(&tx.open::<right::Lookup>(anna, calendar)?, name, value)
            };
            world.store.write(&acting(who), &[who], run).await
        };
        let get = async |who| {
            let run = move |tx: &storage::Read<'_>| tx.properties(&tx.open::<right::Lookup>(anna, calendar)?);
            world.store.read(&acting(who), run).await.unwrap().into_iter().collect::<Vec<_>>()
        };
        let before = world.collection(anna, calendar).await;
        set(anna, "colour", Some("red")).await.unwrap();
        set(anna, "description", Some("Flowers")).await.unwrap();
        let after = world.collection(anna, calendar).await;
        assert!(after.highest > before.highest, "the CTag says that something changed");
        set(ben, "colour", Some("blue")).await.unwrap();
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(get(anna).await, [pair("colour", "red"), pair("description", "Flowers")]);
        assert_eq!(get(ben).await, [pair("colour", "blue"), pair("description", "Flowers")]);
        set(ben, "colour", None).await.unwrap();
        assert_eq!(get(ben).await, get(anna).await);
        let nul = set(anna, "colour", Some("\0")).await;
        assert!(matches!(nul, Err(Error::Refusal(Refusal::Invalid(_)))));
    });
}

#[test]
fn properties_are_found_by_their_names() {
    on_each_database(|world| async move {
        let (anna, ben) = (world.anna, world.ben);
        let calendar = world.role(anna, Role::Calendar).await;
        share(&world, calendar, Preset::Reader.rights()).await;
        let set = move |tx: &mut Write<'_>| {
            let grant = tx.open::<right::Lookup>(anna, calendar)?;
            (0..40).try_for_each(|number| tx.set_property(&grant, &format!("n{number}"), Some("hers")))
        };
        world.store.write(&acting(anna), &[anna], set).await.unwrap();
        let set = move |tx: &mut Write<'_>| {
            tx.set_property(&tx.open::<right::Lookup>(anna, calendar)?, "n7", Some("his"))
        };
        world.store.write(&acting(ben), &[ben], set).await.unwrap();
        let find = async |who, numbers: Vec<u32>| {
            let names: Vec<String> = numbers.iter().map(|number| format!("n{number}")).collect();
            let run = move |tx: &storage::Read<'_>| {
                let grant = tx.open::<right::Lookup>(anna, calendar)?;
                Ok((tx.properties_named(&grant, &names)?, tx.properties(&grant)?))
            };
            world.store.read(&acting(who), run).await.unwrap()
        };
        for who in [anna, ben] {
            for numbers in
                [vec![], vec![7], vec![1, 7, 99], (0..16).collect(), (0..17).collect(), (0..80).collect()]
            {
                let (found, all) = find(who, numbers.clone()).await;
                let wanted = |name: &String| numbers.iter().any(|number| *name == format!("n{number}"));
                let expected: Vec<_> = all.into_iter().filter(|(name, _)| wanted(name)).collect();
                assert_eq!(found.into_iter().collect::<Vec<_>>(), expected, "{numbers:?}");
            }
        }
        let (found, _) = find(ben, vec![7, 8]).await;
        assert_eq!(found.into_values().collect::<Vec<_>>(), ["his", "hers"]);
    });
}

#[test]
fn a_special_folder_may_be_called_otherwise_and_stays_what_it_is() {
    on_each_database(|world| async move {
        let anna = world.anna;
        second_calendar(&world).await;
        let calendar = world.role(anna, Role::Calendar).await;
        let rename = async |role, beneath: CollectionId, name: &'static str| {
            let run = move |tx: &mut Write<'_>| {
                let grant = tx.open_role::<right::DeleteCollection>(anna, role)?;
                tx.rename_collection(&grant, beneath, &LeafName::new(name).unwrap())
            };
            world.store.write(&acting(anna), &[anna], run).await
        };
        let root = CollectionId(0);
        rename(Role::Calendar, root, "Mein Kalender").await.unwrap();
        let renamed = world.collection(anna, calendar).await;
        assert_eq!((renamed.name.as_str(), renamed.role), ("Mein Kalender", Some(Role::Calendar)));
        assert_eq!(world.role(anna, Role::Calendar).await, calendar);
        assert!(is_taken(&rename(Role::Calendar, root, "Second").await));
        let refused = rename(Role::Calendar, world.role(anna, Role::Tasks).await, "Beneath").await;
        assert!(matches!(refused, Err(Error::Refusal(Refusal::Invalid(_)))));
        for role in [Role::Inbox, Role::Trash] {
            let refused = rename(role, root, "Eingang").await;
            assert!(matches!(refused, Err(Error::Refusal(Refusal::Invalid(_)))), "{role:?}");
        }
    });
}

#[test]
fn a_collection_is_found_again_under_the_name_that_its_maker_chose() {
    on_each_database(|world| async move {
        let anna = world.anna;
        let second = second_calendar(&world).await;
        let find = async |home, name: &'static str| {
            let run = move |tx: &storage::Read<'_>| {
                Ok(tx.open_resource::<right::Lookup>(anna, home, name)?.collection().id)
            };
            world.store.read(&acting(anna), run).await
        };
        assert_eq!(find(Home::Calendars, "second").await.unwrap(), second);
        assert!(is_unknown(&find(Home::AddressBooks, "second").await));
        assert_eq!(
            find(Home::AddressBooks, "contacts").await.unwrap(),
            world.role(anna, Role::Contacts).await
        );
        let again = NewCollection {
            parent: CollectionId(0),
            kind: CollectionKind::Tasks,
            role: None,
            name: LeafName::new("Other").unwrap(),
            resource_name: Some("second".to_owned()),
        };
        let make = move |tx: &mut Write<'_>| tx.create_collection(anna, &again).map(drop);
        assert!(is_taken(&world.store.write(&acting(anna), &[anna], make).await), "one home, one name");
    });
}

#[test]
fn a_calendar_moves_to_another_name() {
    on_each_database(|world| async move {
        let anna = world.anna;
        let second = second_calendar(&world).await;
        let calendar = world.role(anna, Role::Calendar).await;
        let rename = async |folder: CollectionId, name: &'static str| {
            let work = move |tx: &mut Write<'_>| {
                tx.rename_resource(&tx.open::<right::DeleteCollection>(anna, folder)?, name)
            };
            world.store.write(&acting(anna), &[anna], work).await
        };
        rename(second, "third").await.unwrap();
        rename(second, "third").await.unwrap();
        assert_eq!(world.collection(anna, second).await.resource_name.as_deref(), Some("third"));
        assert!(is_taken(&rename(second, "calendar").await));
        for outcome in [
            rename(calendar, "x").await,
            rename(world.inbox(anna).await, "x").await,
            rename(second, "").await,
        ] {
            assert!(matches!(outcome, Err(Error::Refusal(Refusal::Invalid(_)))), "{outcome:?}");
        }
        let open = move |tx: &storage::Read<'_>| {
            Ok(tx.open_resource::<right::Lookup>(anna, Home::Calendars, "third")?.collection().id)
        };
        assert_eq!(world.store.read(&acting(anna), open).await.unwrap(), second);
    });
}
