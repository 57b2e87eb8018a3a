//! Marks beside the flags, and where mail of a conversation goes.

use crate::harness::{World, acting, house, on_each_database};
use storage::{
    Error, FOLLOW_UP_BYTES_MAX, FlagChange, Grantee, Item, MarkChange, Marks, NewItem, Refusal, Verb, right,
};
use vocabulary::{AccountId, CollectionId, Flags, Keyword, Keywords, Rights, Role, Timestamp, Uid};

async fn items(world: &World, account: AccountId, folder: CollectionId) -> Vec<Item> {
    world
        .store
        .read(&house(), move |tx| tx.items(&tx.open::<right::ReadItems>(account, folder)?, &[1..=u32::MAX]))
        .await
        .unwrap()
}

async fn mark(
    world: &World,
    who: AccountId,
    (owner, folder): (AccountId, CollectionId),
    uid: Uid,
    change: MarkChange,
) -> storage::Result<()> {
    let accounts = [owner];
    let work = move |tx: &mut storage::Write<'_>| {
        let grant = tx.open::<right::ChangeFlags>(owner, folder)?;
        tx.change_marks(&grant, uid, &change, None).map(drop)
    };
    world.store.write(&acting(who), &accounts, work).await
}

fn say(flags: FlagChange, follow_up: &str, verb: Option<Verb>) -> MarkChange {
    MarkChange { flags, follow_up: Some(follow_up.to_owned()), verb }
}

fn add(flags: Flags) -> FlagChange {
    FlagChange::Add(flags, Keywords::default())
}

/// One statement for many rows leaves what a statement for each leaves.
#[test]
fn a_change_of_many_marks_what_changes_of_each_do() {
    on_each_database(|world| async move {
        let anna = world.anna;
        let (many, each) = (world.inbox(anna).await, world.role(anna, Role::Trash).await);
        for folder in [many, each] {
            for number in 0..4 {
                world.insert(anna, folder, format!("mail {number}").as_bytes()).await.unwrap();
            }
            for uid in [1, 2] {
                let change = say(add(Flags::FLAGGED), "due", None);
                mark(&world, anna, (anna, folder), Uid(uid), change).await.unwrap();
            }
        }
        let changes = [
            add(Flags::SEEN),
            FlagChange::Remove(Flags::FLAGGED, Keywords::default()),
            add(Flags::FLAGGED | Flags::DRAFT),
            add(Flags::ANSWERED),
            FlagChange::Remove(Flags::ALL, Keywords::default()),
        ];
        for change in changes {
            let before = (items(&world, anna, many).await, items(&world, anna, each).await);
            world
                .store
                .write(&acting(anna), &[anna], move |tx| {
                    let grant = tx.open::<right::ChangeFlags>(anna, many)?;
                    tx.change_flags(&grant, &[1..=4], &change, None, None)?;
                    let grant = tx.open::<right::ChangeFlags>(anna, each)?;
                    for uid in 1..=4 {
                        tx.change_flags(&grant, &[uid..=uid], &change, None, None)?;
                    }
                    Ok(())
                })
                .await
                .unwrap();
            let after = (items(&world, anna, many).await, items(&world, anna, each).await);
            for ((one, other), (old_one, old_other)) in
                after.0.iter().zip(&after.1).zip(before.0.iter().zip(&before.1))
            {
                assert_eq!((one.flags, &one.marks), (other.flags, &other.marks));
                let moved = |new: &Item, old: &Item| {
                    let (new, old) = (new.mark_stamps, old.mark_stamps);
                    [new.seen > old.seen, new.flag > old.flag, new.labels > old.labels, new.other > old.other]
                };
                assert_eq!(moved(one, old_one), moved(other, old_other));
            }
        }
        assert!(items(&world, anna, many).await.iter().all(|item| item.marks == Marks::default()));
    });
}

#[test]
fn marks_go_with_copies_and_moves_and_new_rows_have_what_they_came_with() {
    on_each_database(|world| async move {
        let anna = world.anna;
        let (inbox, trash) = (world.inbox(anna).await, world.role(anna, Role::Trash).await);
        let marks = Marks { follow_up: "due".into(), verb: Some((Verb::ReplyAll, Timestamp(7))) };
        let new = NewItem {
            flags: Flags::FLAGGED | Flags::ANSWERED,
            marks: marks.clone(),
            ..world.prepare(anna, b"one").await
        };
        world
            .store
            .write(&acting(anna), &[anna], move |tx| {
                tx.insert(&tx.open::<right::Insert>(anna, inbox)?, &new)?;
                let read = tx.open::<right::ReadItems>(anna, inbox)?;
                let target = tx.open::<right::Insert>(anna, trash)?;
                tx.copy(&read, &target, &[1..=1])?;
                let source = tx.open::<right::Remove>(anna, inbox)?;
                tx.move_items(&source, &read, &target, &[1..=1])
            })
            .await
            .unwrap();
        let there = items(&world, anna, trash).await;
        assert_eq!(there.iter().map(|item| item.marks.clone()).collect::<Vec<_>>(), [marks.clone(), marks]);
    });
}

#[test]
fn whoever_may_not_flag_says_nothing_of_a_follow_up() {
    on_each_database(|world| async move {
        let (anna, ben) = (world.anna, world.ben);
        let inbox = world.inbox(anna).await;
        let added = world.insert(anna, inbox, b"one").await.unwrap();
        let share = async |rights: Rights| {
            world
                .store
                .write(&acting(anna), &[anna], move |tx| {
                    let grant = tx.open::<right::Administer>(anna, inbox)?;
                    tx.set_permission(&grant, Grantee::Account(ben), rights)
                })
                .await
                .unwrap();
        };
        let reader = Rights::of(&[Rights::LOOKUP, Rights::READ]);
        let change = || say(add(Flags::FLAGGED | Flags::SEEN), "due", Some(Verb::Reply));
        share(reader | Rights::SEEN).await;
        mark(&world, ben, (anna, inbox), added.uid, change()).await.unwrap();
        let item = items(&world, anna, inbox).await.remove(0);
        assert_eq!((item.flags, item.marks), (Flags::SEEN, Marks::default()));
        share(reader).await;
        let refused = mark(&world, ben, (anna, inbox), added.uid, change()).await;
        assert!(matches!(refused, Err(Error::Refusal(Refusal::Denied { .. }))), "{refused:?}");
        share(reader | Rights::SEEN | Rights::WRITE).await;
        mark(&world, ben, (anna, inbox), added.uid, change()).await.unwrap();
        let item = items(&world, anna, inbox).await.remove(0);
        assert_eq!(item.marks.follow_up, "due");
        assert_eq!(item.marks.verb, Some((Verb::Reply, world.now())));
        let long = say(add(Flags::FLAGGED), &"x".repeat(FOLLOW_UP_BYTES_MAX + 1), None);
        let refused = mark(&world, anna, (anna, inbox), added.uid, long).await;
        assert!(matches!(refused, Err(Error::Refusal(Refusal::Invalid(_)))), "{refused:?}");
    });
}

#[test]
fn a_mail_program_decides_whether_there_is_a_flag_and_a_phone_what_it_says() {
    on_each_database(|world| async move {
        let anna = world.anna;
        let inbox = world.inbox(anna).await;
        let added = world.insert(anna, inbox, b"one").await.unwrap();
        let place = (anna, inbox);
        mark(&world, anna, place, added.uid, say(add(Flags::FLAGGED), "due", None)).await.unwrap();
        let store = async |change: FlagChange| {
            world
                .store
                .write(&acting(anna), &[anna], move |tx| {
                    let grant = tx.open::<right::ChangeFlags>(anna, inbox)?;
                    tx.change_flags(&grant, &[1..=1], &change, None, None)
                })
                .await
                .unwrap();
            items(&world, anna, inbox).await.remove(0)
        };
        let words = Keywords::from_iter([Keyword::new("Red").unwrap()]);
        let item = store(FlagChange::Replace(Flags::FLAGGED | Flags::SEEN, words)).await;
        assert_eq!(item.marks.follow_up, "due", "what else changes leaves it");
        let item = store(FlagChange::Remove(Flags::FLAGGED, Keywords::default())).await;
        assert_eq!(item.marks.follow_up, "");
        let item = store(add(Flags::FLAGGED)).await;
        assert_eq!(item.marks.follow_up, "", "it does not come back");
    });
}
