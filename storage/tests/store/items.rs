//! Adding, flags, copies, moves, removal, replacement, quota.

use crate::harness::{acting, house, on_each_database};
use storage::{Error, FlagChange, NewItem, Refusal, right};
use vocabulary::{Flags, Keyword, Keywords, ModSeq, Role, Uid};

#[test]
fn an_item_has_its_bytes_its_uid_and_its_stamp() {
    on_each_database(|world| async move {
        let (anna, inbox) = (world.anna, world.inbox(world.anna).await);
        let one = world.insert(anna, inbox, b"first").await.unwrap();
        let two = world.insert(anna, inbox, &vec![b'x'; 300_000]).await.unwrap();
        assert_eq!((one.uid, two.uid), (Uid(1), Uid(2)));
        assert!(two.modseq > one.modseq);
        let stored = world
            .store
            .read(&acting(anna), move |tx| {
                let grant = tx.open::<right::ReadItems>(anna, inbox)?;
                tx.contents(&grant, &[1..=u32::MAX], false)
            })
            .await
            .unwrap();
        let mut bytes = Vec::new();
        for (_, stored) in stored {
            bytes.push(world.store.load(stored).await.unwrap());
        }
        assert_eq!(&bytes[0][..], b"first");
        assert_eq!(&bytes[1][..], &vec![b'x'; 300_000][..]);
        let folder = world.collection(anna, inbox).await;
        assert_eq!((folder.messages, folder.unseen, folder.bytes), (2, 2, 300_005));
        assert_eq!(folder.highest, two.modseq);
    });
}

#[test]
fn one_request_is_one_stamp_however_many_rows() {
    on_each_database(|world| async move {
        let (anna, inbox) = (world.anna, world.inbox(world.anna).await);
        for number in 0..5 {
            world.insert(anna, inbox, format!("mail {number}").as_bytes()).await.unwrap();
        }
        let before = world.collection(anna, inbox).await.highest;
        let changed = world
            .store
            .write(&acting(anna), &[anna], move |tx| {
                let grant = tx.open::<right::ChangeFlags>(anna, inbox)?;
                let words = Keywords::from_iter([Keyword::new("Work").unwrap()]);
                tx.change_flags(&grant, &[1..=2], &FlagChange::Add(Flags::NONE, words), None, None)?;
                tx.change_flags(
                    &grant,
                    &[1..=5],
                    &FlagChange::Add(Flags::SEEN, Keywords::default()),
                    None,
                    None,
                )
            })
            .await
            .unwrap();
        assert_eq!(changed.modseq, Some(ModSeq(before.0 + 1)));
        assert_eq!(changed.matched.len(), 5);
        let rows = world
            .store
            .read(&acting(anna), move |tx| {
                tx.item_flags(&tx.open::<right::ReadItems>(anna, inbox)?, &(1..=u32::MAX))
            })
            .await
            .unwrap();
        assert!(rows.iter().all(|row| row.modseq.0 == before.0 + 1 && row.flags == Flags::SEEN));
        assert_eq!(rows.iter().filter(|row| row.keywords.to_column() == "Work").count(), 2);
        assert_eq!(world.collection(anna, inbox).await.unseen, 0);
    });
}

#[test]
fn a_change_that_changes_nothing_gets_no_stamp() {
    on_each_database(|world| async move {
        let (anna, inbox) = (world.anna, world.inbox(world.anna).await);
        world.insert(anna, inbox, b"mail").await.unwrap();
        let before = world.collection(anna, inbox).await.highest;
        let outcome = world
            .store
            .write(&acting(anna), &[anna], move |tx| {
                let grant = tx.open::<right::ChangeFlags>(anna, inbox)?;
                tx.change_flags(
                    &grant,
                    &[1..=9],
                    &FlagChange::Remove(Flags::SEEN, Keywords::default()),
                    None,
                    None,
                )
            })
            .await
            .unwrap();
        assert_eq!((outcome.matched, outcome.modseq), (vec![Uid(1)], None));
        assert_eq!(world.collection(anna, inbox).await.highest, before);
    });
}

#[test]
fn unchanged_since_leaves_later_changes_alone() {
    on_each_database(|world| async move {
        let (anna, inbox) = (world.anna, world.inbox(world.anna).await);
        let one = world.insert(anna, inbox, b"one").await.unwrap();
        world.insert(anna, inbox, b"two").await.unwrap();
        let outcome = world
            .store
            .write(&acting(anna), &[anna], move |tx| {
                let grant = tx.open::<right::ChangeFlags>(anna, inbox)?;
                let change = FlagChange::Replace(Flags::FLAGGED, Keywords::default());
                tx.change_flags(&grant, &[1..=2], &change, Some(one.modseq), None)
            })
            .await
            .unwrap();
        assert_eq!((outcome.matched, outcome.modified), (vec![Uid(1)], vec![Uid(2)]));
    });
}

#[test]
fn a_moved_item_keeps_its_identity_and_its_tombstone_leads_there() {
    on_each_database(|world| async move {
        let (anna, inbox) = (world.anna, world.inbox(world.anna).await);
        let trash = world.role(anna, Role::Trash).await;
        let added = world.insert(anna, inbox, b"mail").await.unwrap();
        let moved = world
            .store
            .write(&acting(anna), &[anna], move |tx| {
                let source = tx.open::<right::Remove>(anna, inbox)?;
                let read = tx.open::<right::ReadItems>(anna, inbox)?;
                let target = tx.open::<right::Insert>(anna, trash)?;
                tx.move_items(&source, &read, &target, &[1..=1])
            })
            .await
            .unwrap();
        assert_eq!((moved[0].from, moved[0].to, moved[0].id), (Uid(1), Uid(1), added.id));
        let (old, place) = world
            .store
            .read(&acting(anna), move |tx| {
                let old = tx.item_by_id(&tx.open::<right::ReadItems>(anna, inbox)?, added.id)?;
                Ok((old.unwrap(), tx.locate(anna, added.id)?))
            })
            .await
            .unwrap();
        assert!(old.vanished);
        assert_eq!(old.moved_to, Some((trash, Uid(1))));
        assert_eq!(place, Some((trash, Uid(1))));
        let account = world.store.read(&house(), move |tx| tx.account(anna)).await.unwrap();
        assert_eq!(account.used_bytes, 4);
    });
}

#[test]
fn a_copy_is_another_item_with_the_same_bytes() {
    on_each_database(|world| async move {
        let (anna, inbox) = (world.anna, world.inbox(world.anna).await);
        world.insert(anna, inbox, b"mail").await.unwrap();
        let copies = world
            .store
            .write(&acting(anna), &[anna], move |tx| {
                let source = tx.open::<right::ReadItems>(anna, inbox)?;
                let target = tx.open::<right::Insert>(anna, inbox)?;
                tx.copy(&source, &target, &[1..=1])
            })
            .await
            .unwrap();
        assert_eq!((copies[0].from, copies[0].to), (Uid(1), Uid(2)));
        let account = world.store.read(&house(), move |tx| tx.account(anna)).await.unwrap();
        assert_eq!(account.used_bytes, 8);
    });
}

#[test]
fn a_full_mailbox_refuses_and_removal_makes_room() {
    on_each_database(|world| async move {
        let (anna, inbox) = (world.anna, world.inbox(world.anna).await);
        world
            .store
            .write(&house(), &[anna], move |tx| {
                let admin = tx.administer()?;
                tx.set_account_quota(&admin, anna, 10)
            })
            .await
            .unwrap();
        world.insert(anna, inbox, b"12345678").await.unwrap();
        let refused = world.insert(anna, inbox, b"123").await;
        assert_eq!(refused.unwrap_err().refusal(), Some(&Refusal::OverQuota { limit_bytes: 10 }));
        world.insert(anna, inbox, b"12").await.unwrap();
        let mut warning = world.prepare(anna, b"a warning that is not counted").await;
        warning.counted = false;
        world
            .store
            .write(&house(), &[anna], move |tx| {
                let grant = tx.open::<right::Insert>(anna, inbox)?;
                tx.insert(&grant, &warning)
            })
            .await
            .unwrap();
        let removed = world
            .store
            .write(&acting(anna), &[anna], move |tx| {
                let grant = tx.open::<right::Remove>(anna, inbox)?;
                tx.remove(&grant, &[1..=1, 3..=3])
            })
            .await
            .unwrap();
        assert_eq!(removed, 2);
        let account = world.store.read(&house(), move |tx| tx.account(anna)).await.unwrap();
        assert_eq!(account.used_bytes, 2);
    });
}

fn event(mut item: NewItem, uid: &str) -> NewItem {
    item.component_uid = Some(uid.to_owned());
    item.resource_name = Some(format!("{uid}.ics"));
    item
}

#[test]
fn an_event_is_replaced_in_place_and_a_stale_writer_loses() {
    on_each_database(|world| async move {
        let anna = world.anna;
        let calendar = world.role(anna, Role::Calendar).await;
        let new = event(world.prepare(anna, b"BEGIN:VCALENDAR 1").await, "e1");
        let added = world
            .store
            .write(&acting(anna), &[anna], move |tx| {
                let grant = tx.open::<right::Insert>(anna, calendar)?;
                tx.insert(&grant, &new)
            })
            .await
            .unwrap();
        let replace = async |text: &'static [u8], expected: ModSeq| {
            let new = event(world.prepare(anna, text).await, "e1");
            world
                .store
                .write(&acting(anna), &[anna], move |tx| {
                    let grant = tx.open::<right::Replace>(anna, calendar)?;
                    tx.replace(&grant, Uid(1), &new, Some(expected), None)
                })
                .await
        };
        let second = replace(b"BEGIN:VCALENDAR 22", added.modseq).await.unwrap();
        let stale = replace(b"BEGIN:VCALENDAR 333", added.modseq).await.unwrap_err();
        assert_eq!(stale.refusal(), Some(&Refusal::Stale { current: second }));
        let twin = event(world.prepare(anna, b"twin").await, "e1");
        let taken = world
            .store
            .write(&acting(anna), &[anna], move |tx| {
                let grant = tx.open::<right::Insert>(anna, calendar)?;
                tx.insert(&grant, &twin)
            })
            .await
            .unwrap_err();
        assert!(matches!(taken, Error::Refusal(Refusal::AlreadyExists(_))));
    });
}

#[test]
fn a_draft_is_replaced_by_a_new_row_with_the_same_identity() {
    on_each_database(|world| async move {
        let anna = world.anna;
        let drafts = world.role(anna, Role::Drafts).await;
        let first = world.insert(anna, drafts, b"draft 1").await.unwrap();
        let new = world.prepare(anna, b"draft 2").await;
        let second = world
            .store
            .write(&acting(anna), &[anna], move |tx| {
                let remove = tx.open::<right::Remove>(anna, drafts)?;
                let insert = tx.open::<right::Insert>(anna, drafts)?;
                tx.replace_mail(&remove, &insert, Uid(1), &new)
            })
            .await
            .unwrap();
        assert_eq!((second.id, second.uid), (first.id, Uid(2)));
    });
}

#[test]
fn threads_follow_references_and_are_never_merged() {
    on_each_database(|world| async move {
        let (anna, inbox) = (world.anna, world.inbox(world.anna).await);
        let mut threads = Vec::new();
        for (id, references) in [("a", vec![]), ("b", vec!["a"]), ("c", vec![]), ("d", vec!["x", "b"])] {
            let parsed = storage::Parsed {
                message_id: Some(id.to_owned()),
                references: references.iter().map(|id| (*id).to_owned()).collect(),
                ..storage::Parsed::default()
            };
            let content = world.store.prepare(anna, bytes::Bytes::from(id), parsed).await.unwrap();
            let new = NewItem::mail(content, world.now());
            let item = world
                .store
                .write(&acting(anna), &[anna], move |tx| {
                    let grant = tx.open::<right::Insert>(anna, inbox)?;
                    let added = tx.insert(&grant, &new)?;
                    let read = tx.open::<right::ReadItems>(anna, inbox)?;
                    Ok(tx.items(&read, &[added.uid.0..=added.uid.0])?.remove(0))
                })
                .await
                .unwrap();
            threads.push(item.thread);
        }
        assert_eq!(threads[0], threads[1]);
        assert_eq!(threads[0], threads[3]);
        assert_ne!(threads[0], threads[2]);
    });
}
