//! Counters, references and quotas stay exact on the paths that are seldom walked: mails that do not
//! count, refusals that the caller survives, ranges that overlap, two changes in one transaction.

use crate::harness::{World, acting, house, on_each_database};
use std::collections::BTreeSet;
use storage::{FlagChange, NewItem, Refusal, Result, Write, right};
use vocabulary::{
    AccountId, CollectionId, CollectionKind, Flags, Keywords, LeafName, ModSeq, Preset, Rights, Role, Uid,
};

async fn used_bytes(world: &World, account: AccountId) -> i64 {
    world.store.read(&house(), move |tx| tx.account(account)).await.unwrap().used_bytes
}

async fn write<T: Send + 'static>(
    world: &World,
    work: impl for<'tx> FnOnce(&mut Write<'tx>) -> Result<T> + Send + 'static,
) -> T {
    world.store.write(&acting(world.anna), &[world.anna, world.ben], work).await.unwrap()
}

#[test]
fn a_mail_that_does_not_count_is_copied_moved_and_removed_exactly() {
    on_each_database(|world| async move {
        let (anna, inbox) = (world.anna, world.inbox(world.anna).await);
        let archive = world.role(anna, Role::Archive).await;
        let mut warning = world.prepare(anna, b"a warning").await;
        warning.counted = false;
        write(&world, move |tx| tx.insert(&tx.open::<right::Insert>(anna, inbox)?, &warning)).await;
        assert_eq!(used_bytes(&world, anna).await, 0);
        // The copy is the owner's doing, so it counts.
        let copies = write(&world, move |tx| {
            let source = tx.open::<right::ReadItems>(anna, inbox)?;
            tx.copy(&source, &tx.open::<right::Insert>(anna, archive)?, &[1..=1])
        });
        assert_eq!(copies.await.len(), 1);
        world.consistent().await;
        assert_eq!(used_bytes(&world, anna).await, 9);
        let remove = |folder: CollectionId, uid: u32| {
            write(&world, move |tx| tx.remove(&tx.open::<right::Remove>(anna, folder)?, &[uid..=uid]))
        };
        assert_eq!(remove(archive, 1).await, 1);
        world.consistent().await;
        assert_eq!(used_bytes(&world, anna).await, 0);
        // Moved, it is still the same mail that does not count.
        let moved = write(&world, move |tx| {
            let source = tx.open::<right::Remove>(anna, inbox)?;
            let read = tx.open::<right::ReadItems>(anna, inbox)?;
            tx.move_items(&source, &read, &tx.open::<right::Insert>(anna, archive)?, &[1..=1])
        })
        .await;
        world.consistent().await;
        assert_eq!(used_bytes(&world, anna).await, 0);
        assert_eq!(remove(archive, moved[0].to.0).await, 1);
        world.consistent().await;
        assert_eq!(used_bytes(&world, anna).await, 0);
    });
}

async fn set_property(
    world: &World,
    who: AccountId,
    folder: CollectionId,
    name: &'static str,
    value: Option<String>,
) -> Result<()> {
    let anna = world.anna;
    let set = move |tx: &mut Write<'_>| {
        tx.set_property(&tx.open::<right::Lookup>(anna, folder)?, name, value.as_deref())
    };
    world.store.write(&acting(who), &[who], set).await
}

async fn give_to_ben(world: &World, folder: CollectionId) {
    let (anna, ben) = (world.anna, world.ben);
    write(world, move |tx| {
        let grant = tx.open::<right::Administer>(anna, folder)?;
        tx.set_permission(&grant, storage::Grantee::Account(ben), Preset::Reader.rights())
    })
    .await;
}

#[test]
fn properties_count_in_the_quota_of_whoever_keeps_them() {
    on_each_database(|world| async move {
        let (anna, ben) = (world.anna, world.ben);
        let calendar = world.role(anna, Role::Calendar).await;
        give_to_ben(&world, calendar).await;
        let set = async |who, name, value: Option<&str>| {
            set_property(&world, who, calendar, name, value.map(str::to_owned)).await
        };
        // Name and value, in bytes of UTF-8.
        for (value, used) in
            [(Some("red"), 9), (Some("grün"), 11), (Some(""), 6), (None, 0), (Some("red"), 9)]
        {
            set(anna, "colour", value).await.unwrap();
            assert_eq!(used_bytes(&world, anna).await, used, "{value:?}");
            world.consistent().await;
        }
        set(ben, "colour", Some("blue")).await.unwrap();
        assert_eq!((used_bytes(&world, anna).await, used_bytes(&world, ben).await), (9, 10));

        let limit = async |bytes: i64| {
            let set = move |tx: &mut Write<'_>| tx.set_account_quota(&tx.administer()?, anna, bytes);
            world.store.write(&house(), &[anna], set).await.unwrap();
        };
        limit(20).await;
        let refused = set(anna, "n", Some("0123456789+")).await.unwrap_err();
        assert_eq!(refused.refusal(), Some(&Refusal::OverQuota { limit_bytes: 20 }));
        set(anna, "n", Some("0123456789")).await.unwrap();
        assert_eq!(used_bytes(&world, anna).await, 20);
        // Above the quota less may be kept, but no more; delegates have a quota of their own.
        limit(5).await;
        assert!(set(anna, "n", Some("0123456789+")).await.is_err());
        set(anna, "n", Some("0")).await.unwrap();
        assert!(set(anna, "m", Some("")).await.is_err());
        set(ben, "colour", Some("a much longer colour")).await.unwrap();
        set(anna, "n", None).await.unwrap();
        assert_eq!((used_bytes(&world, anna).await, used_bytes(&world, ben).await), (9, 26));
    });
}

/// Those of its delegates cannot go in the same transaction: it does not declare their accounts.
#[test]
fn properties_go_with_their_folder_and_those_of_delegates_with_the_next_sweep() {
    on_each_database(|world| async move {
        let (anna, ben) = (world.anna, world.ben);
        let new = storage::NewCollection {
            parent: CollectionId(0),
            kind: CollectionKind::Calendar,
            role: None,
            name: LeafName::new("Second").unwrap(),
            resource_name: None,
        };
        let second = write(&world, move |tx| tx.create_collection(anna, &new)).await.id;
        let calendar = world.role(anna, Role::Calendar).await;
        for folder in [second, calendar] {
            give_to_ben(&world, folder).await;
            for who in [anna, ben] {
                set_property(&world, who, folder, "colour", Some("red".to_owned())).await.unwrap();
            }
        }
        write(&world, move |tx| tx.delete_collection(&tx.open::<right::DeleteCollection>(anna, second)?))
            .await;
        assert_eq!((used_bytes(&world, anna).await, used_bytes(&world, ben).await), (9, 18));
        world.consistent().await;
        world.store.sweep().await.unwrap();
        assert_eq!((used_bytes(&world, anna).await, used_bytes(&world, ben).await), (9, 9));
        world.consistent().await;

        let remove = move |tx: &mut Write<'_>| tx.remove_account(&tx.administer()?, anna);
        world.store.write(&house(), &[anna], remove).await.unwrap();
        assert_eq!(used_bytes(&world, ben).await, 9);
        world.consistent().await;
        assert_eq!(world.store.sweep().await.unwrap().rows, 1);
        assert_eq!(used_bytes(&world, ben).await, 0);
    });
}

fn event(mut item: NewItem, uid: &str) -> NewItem {
    item.component_uid = Some(uid.to_owned());
    item.resource_name = Some(format!("{uid}.ics"));
    item
}

/// Every writing function that can refuse, in a transaction that goes on.
#[test]
fn a_refusal_that_the_caller_survives_has_written_nothing() {
    on_each_database(|world| async move {
        let anna = world.anna;
        let (inbox, calendar) = (world.inbox(anna).await, world.role(anna, Role::Calendar).await);
        let one = event(world.prepare(anna, b"one").await, "e1");
        let two = event(world.prepare(anna, b"two").await, "e2");
        write(&world, move |tx| {
            let grant = tx.open::<right::Insert>(anna, calendar)?;
            tx.insert(&grant, &one)?;
            tx.insert(&grant, &two)
        })
        .await;
        world.insert(anna, inbox, b"12345678").await.unwrap();
        world
            .store
            .write(&house(), &[anna], move |tx| {
                let admin = tx.administer()?;
                tx.set_account_quota(&admin, anna, 20)
            })
            .await
            .unwrap();
        let before = (world.collection(anna, inbox).await, world.collection(anna, calendar).await);
        let used = used_bytes(&world, anna).await;
        assert_eq!(used, 14);

        let twin = event(world.prepare(anna, b"twin").await, "e1");
        let mut namesake = event(world.prepare(anna, b"name").await, "e3");
        namesake.resource_name = Some("e1.ics".to_owned());
        let large = world.prepare(anna, b"too large for what is left").await;
        let large_event = event(world.prepare(anna, b"too large for what is left").await, "e2");
        let refusals = write(&world, move |tx| {
            let into = tx.open::<right::Insert>(anna, calendar)?;
            let replace = tx.open::<right::Replace>(anna, calendar)?;
            let insert = tx.open::<right::Insert>(anna, inbox)?;
            let read = tx.open::<right::ReadItems>(anna, inbox)?;
            let remove = tx.open::<right::Remove>(anna, inbox)?;
            let outcomes = vec![
                ("insert, same UID", tx.insert(&into, &twin).map(drop)),
                ("insert, same name", tx.insert(&into, &namesake).map(drop)),
                ("insert, full", tx.insert(&insert, &large).map(drop)),
                ("copy, full", tx.copy(&read, &insert, &[1..=1]).map(drop)),
                ("replace, same UID", tx.replace(&replace, Uid(2), &twin, None, None).map(drop)),
                ("replace, same name", tx.replace(&replace, Uid(2), &namesake, None, None).map(drop)),
                ("replace, full", tx.replace(&replace, Uid(2), &large_event, None, None).map(drop)),
                ("replace, stale", tx.replace(&replace, Uid(1), &twin, Some(ModSeq::ZERO), None).map(drop)),
                ("replace, gone", tx.replace(&replace, Uid(9), &twin, None, None).map(drop)),
                ("replace_mail, full", tx.replace_mail(&remove, &insert, Uid(1), &large).map(drop)),
                ("replace_mail, gone", tx.replace_mail(&remove, &insert, Uid(9), &large).map(drop)),
                ("enqueue, to nobody", tx.enqueue(anna, "", &[], &large.content).map(drop)),
            ];
            Ok(outcomes)
        });
        for (what, outcome) in refusals.await {
            match outcome {
                Ok(()) => panic!("{what} was not refused"),
                Err(error) => assert!(error.refusal().is_some(), "{what}: {error}"),
            }
        }
        assert_eq!(used_bytes(&world, anna).await, used);
        let after = (world.collection(anna, inbox).await, world.collection(anna, calendar).await);
        assert_eq!(after, before);
        world.consistent().await;
    });
}

#[test]
fn a_mail_is_not_replaced_across_accounts() {
    on_each_database(|world| async move {
        let (anna, ben) = (world.anna, world.ben);
        let (hers, his) = (world.role(anna, Role::Drafts).await, world.role(ben, Role::Drafts).await);
        write(&world, move |tx| {
            let grant = tx.open::<right::Administer>(anna, hers)?;
            tx.set_permission(&grant, storage::Grantee::Account(ben), Rights::ALL)
        })
        .await;
        world.insert(anna, hers, b"draft").await.unwrap();
        let for_each = [(anna, world.prepare(anna, b"new").await), (ben, world.prepare(ben, b"new").await)];
        for (account, new) in for_each {
            let refused = world
                .store
                .write(&acting(ben), &[anna, ben], move |tx| {
                    let remove = tx.open::<right::Remove>(anna, hers)?;
                    let insert = tx.open::<right::Insert>(ben, his)?;
                    Ok(tx.replace_mail(&remove, &insert, Uid(1), &new).unwrap_err())
                })
                .await
                .unwrap();
            assert!(matches!(refused.refusal(), Some(Refusal::Invalid(_))), "for {account}: {refused}");
            world.consistent().await;
        }
        assert_eq!(world.collection(anna, hers).await.messages, 1);
        assert_eq!(world.collection(ben, his).await.messages, 0);
    });
}

#[test]
fn an_event_may_be_replaced_twice_in_one_transaction() {
    on_each_database(|world| async move {
        let anna = world.anna;
        let calendar = world.role(anna, Role::Calendar).await;
        let mut texts = Vec::new();
        for text in [&b"first"[..], b"second", b"the third", &[b'4'; 200_000]] {
            texts.push(event(world.prepare(anna, text).await, "e1"));
        }
        let first = texts[0].clone();
        write(&world, move |tx| tx.insert(&tx.open::<right::Insert>(anna, calendar)?, &first)).await;
        let replaced = texts.clone();
        write(&world, move |tx| {
            let grant = tx.open::<right::Replace>(anna, calendar)?;
            for new in &replaced[1..] {
                tx.replace(&grant, Uid(1), new, None, None)?;
            }
            // Back to small, so that a blob is the one that nobody has seen.
            tx.replace(&grant, Uid(1), &replaced[2], None, None)
        })
        .await;
        world.consistent().await;
        assert_eq!(used_bytes(&world, anna).await, 9);
        // Added and replaced in one transaction: there is no version before it.
        let (fresh, newer) = (world.prepare(anna, b"a").await, world.prepare(anna, b"bb").await);
        let (fresh, newer) = (event(fresh, "e2"), event(newer, "e2"));
        write(&world, move |tx| {
            let added = tx.insert(&tx.open::<right::Insert>(anna, calendar)?, &fresh)?;
            tx.replace(&tx.open::<right::Replace>(anna, calendar)?, added.uid, &newer, None, None)
        })
        .await;
        world.consistent().await;
        let stored = world
            .store
            .read(&acting(anna), move |tx| {
                tx.contents(&tx.open::<right::ReadItems>(anna, calendar)?, &[1..=9], false)
            })
            .await
            .unwrap();
        let mut bodies = Vec::new();
        for (_, stored) in stored {
            bodies.push(world.store.load(stored).await.unwrap());
        }
        assert_eq!(bodies, [&b"the third"[..], b"bb"]);
        // What retention takes is the one version that anybody could have seen.
        world.pass_days(31);
        assert_eq!(world.store.sweep().await.unwrap().contents, 1);
    });
}

#[test]
fn ranges_that_overlap_name_each_item_once() {
    on_each_database(|world| async move {
        let (anna, inbox) = (world.anna, world.inbox(world.anna).await);
        let (archive, trash) = (world.role(anna, Role::Archive).await, world.role(anna, Role::Trash).await);
        for number in 1..=5 {
            world.insert(anna, inbox, format!("mail {number}").as_bytes()).await.unwrap();
        }
        let overlapping = || [2..=4, 1..=3, 4..=4, 3..=9];
        let change = FlagChange::Add(Flags::SEEN, Keywords::default());
        write(&world, move |tx| {
            tx.change_flags(&tx.open::<right::ChangeFlags>(anna, inbox)?, &overlapping(), &change, None, None)
        })
        .await;
        world.consistent().await;
        let copied = write(&world, move |tx| {
            let source = tx.open::<right::ReadItems>(anna, inbox)?;
            tx.copy(&source, &tx.open::<right::Insert>(anna, trash)?, &overlapping())
        })
        .await;
        assert_eq!(copied.len(), 5);
        world.consistent().await;
        let moved = write(&world, move |tx| {
            let source = tx.open::<right::Remove>(anna, inbox)?;
            let read = tx.open::<right::ReadItems>(anna, inbox)?;
            tx.move_items(&source, &read, &tx.open::<right::Insert>(anna, archive)?, &overlapping())
        })
        .await;
        let from: BTreeSet<Uid> = moved.iter().map(|one| one.from).collect();
        let to: BTreeSet<Uid> = moved.iter().map(|one| one.to).collect();
        assert_eq!((moved.len(), from.len(), to.len()), (5, 5, 5));
        world.consistent().await;
        let counts = async |folder| world.collection(anna, folder).await.messages;
        assert_eq!((counts(inbox).await, counts(archive).await, counts(trash).await), (0, 5, 5));
        let removed =
            write(&world, move |tx| tx.remove(&tx.open::<right::Remove>(anna, archive)?, &overlapping()));
        assert_eq!(removed.await, 5);
        assert_eq!(used_bytes(&world, anna).await, 30);
    });
}
