//! Schedule tags, objects by their UID, schedule inboxes, and whose busy times one may see.

use crate::harness::{World, acting, house, on_each_database};
use storage::{
    Error, Grantee, Item, NewCollection, NewItem, Read, Refusal, Result, SCHEDULE_INBOX,
    SCHEDULE_MESSAGES_MAX, ScheduleTag, Write, right,
};
use vocabulary::{
    AccountId, CollectionId, CollectionKind, Component, Door, Home, LeafName, Principal, Rights, Role, Uid,
};

async fn meeting(world: &World, uid: &str, schedule_tag: ScheduleTag) -> NewItem {
    NewItem {
        component: Some(Component::Event),
        component_uid: Some(uid.to_owned()),
        schedule_tag,
        ..world.prepare(world.anna, format!("meeting {uid}").as_bytes()).await
    }
}

async fn insert(world: &World, folder: CollectionId, new: NewItem) -> Uid {
    let anna = world.anna;
    let run = move |tx: &mut Write<'_>| tx.insert(&tx.open::<right::Insert>(anna, folder)?, &new);
    world.store.write(&acting(anna), &[anna], run).await.unwrap().uid
}

async fn replace(world: &World, folder: CollectionId, uid: Uid, new: NewItem) {
    let anna = world.anna;
    let run = move |tx: &mut Write<'_>| {
        tx.replace(&tx.open::<right::Replace>(anna, folder)?, uid, &new, None, None)
    };
    world.store.write(&acting(anna), &[anna], run).await.unwrap();
}

async fn item(world: &World, folder: CollectionId, uid: Uid) -> Item {
    let anna = world.anna;
    let run = move |tx: &Read<'_>| tx.items(&tx.open::<right::ReadItems>(anna, folder)?, &[uid.0..=uid.0]);
    world.store.read(&acting(anna), run).await.unwrap().remove(0)
}

async fn second_calendar(world: &World) -> CollectionId {
    let anna = world.anna;
    let new = NewCollection {
        parent: CollectionId(0),
        kind: CollectionKind::Calendar,
        role: None,
        name: LeafName::new("Second").unwrap(),
        resource_name: None,
    };
    let make = move |tx: &mut Write<'_>| tx.create_collection(anna, &new);
    world.store.write(&acting(anna), &[anna], make).await.unwrap().id
}

#[test]
fn a_schedule_tag_changes_with_the_meeting_and_stays_when_only_answers_came() {
    on_each_database(|world| async move {
        let calendar = world.role(world.anna, Role::Calendar).await;
        let uid = insert(&world, calendar, meeting(&world, "m", ScheduleTag::New).await).await;
        let first = item(&world, calendar, uid).await;
        assert_eq!(first.schedule_modseq, Some(first.content_modseq));

        replace(&world, calendar, uid, meeting(&world, "m", ScheduleTag::Kept).await).await;
        let answered = item(&world, calendar, uid).await;
        assert_eq!(answered.schedule_modseq, first.schedule_modseq);
        assert!(answered.content_modseq > first.content_modseq);

        replace(&world, calendar, uid, meeting(&world, "m", ScheduleTag::New).await).await;
        let moved = item(&world, calendar, uid).await;
        assert_eq!(moved.schedule_modseq, Some(moved.content_modseq));

        replace(&world, calendar, uid, meeting(&world, "m", ScheduleTag::None).await).await;
        assert_eq!(item(&world, calendar, uid).await.schedule_modseq, None);
        replace(&world, calendar, uid, meeting(&world, "m", ScheduleTag::Kept).await).await;
        let again = item(&world, calendar, uid).await;
        assert_eq!(again.schedule_modseq, Some(again.content_modseq), "there was none to keep");
    });
}

#[test]
fn a_meeting_that_moves_to_another_calendar_gets_a_new_tag_and_another_event_none() {
    on_each_database(|world| async move {
        let anna = world.anna;
        let (calendar, second) = (world.role(anna, Role::Calendar).await, second_calendar(&world).await);
        insert(&world, calendar, meeting(&world, "m", ScheduleTag::New).await).await;
        insert(&world, calendar, meeting(&world, "e", ScheduleTag::None).await).await;
        let run = move |tx: &mut Write<'_>| {
            let (remove, read) = (tx.open(anna, calendar)?, tx.open(anna, calendar)?);
            tx.move_items(&remove, &read, &tx.open(anna, second)?, &[1..=2])
        };
        world.store.write(&acting(anna), &[anna], run).await.unwrap();
        let (one, two) = (item(&world, second, Uid(1)).await, item(&world, second, Uid(2)).await);
        assert_eq!(one.schedule_modseq, Some(one.content_modseq));
        assert_eq!(two.schedule_modseq, None);
    });
}

async fn places(world: &World, who: AccountId, uid: &'static str) -> Result<Vec<(CollectionId, Uid)>> {
    let anna = world.anna;
    let run = move |tx: &Read<'_>| tx.objects_of_uid(anna, uid);
    let found = world.store.read(&acting(who), run).await?;
    Ok(found.into_iter().map(|one| (one.collection, one.item.uid)).collect())
}

#[test]
fn an_object_is_found_by_its_uid_in_whichever_calendar_of_its_owner_it_is() {
    on_each_database(|world| async move {
        let (anna, ben) = (world.anna, world.ben);
        let (calendar, second) = (world.role(anna, Role::Calendar).await, second_calendar(&world).await);
        let tasks = world.role(anna, Role::Tasks).await;
        insert(&world, calendar, meeting(&world, "a", ScheduleTag::New).await).await;
        insert(&world, second, meeting(&world, "a", ScheduleTag::None).await).await;
        insert(&world, second, meeting(&world, "b", ScheduleTag::New).await).await;
        insert(&world, tasks, meeting(&world, "t", ScheduleTag::New).await).await;
        let contacts = world.role(anna, Role::Contacts).await;
        insert(&world, contacts, meeting(&world, "b", ScheduleTag::None).await).await;
        assert_eq!(places(&world, anna, "a").await.unwrap(), [(calendar, Uid(1)), (second, Uid(1))]);
        assert_eq!(places(&world, anna, "b").await.unwrap(), [(second, Uid(2))]);
        assert_eq!(places(&world, anna, "t").await.unwrap(), [(tasks, Uid(1))]);
        assert_eq!(places(&world, anna, "c").await.unwrap(), []);
        let foreign = places(&world, ben, "a").await;
        assert!(matches!(foreign, Err(Error::Refusal(Refusal::NotFound(_)))), "{foreign:?}");

        let elsewhere = async |folder: CollectionId, uid: &'static str| {
            let run =
                move |tx: &Read<'_>| tx.scheduled_elsewhere(&tx.open::<right::Insert>(anna, folder)?, uid);
            let found = world.store.read(&acting(anna), run).await.unwrap();
            found.map(|one| one.collection)
        };
        assert_eq!(elsewhere(second, "a").await, Some(calendar));
        assert_eq!(elsewhere(calendar, "a").await, None, "the other one is nobody's meeting");
        let run = move |tx: &mut Write<'_>| tx.remove(&tx.open::<right::Remove>(anna, calendar)?, &[1..=1]);
        world.store.write(&acting(anna), &[anna], run).await.unwrap();
        assert_eq!(places(&world, anna, "a").await.unwrap(), [(second, Uid(1))]);
    });
}

async fn file(world: &World, change: impl FnOnce(NewItem) -> NewItem) -> Result<Uid> {
    let anna = world.anna;
    let message = NewItem {
        component: Some(Component::Event),
        counted: false,
        ..world.prepare(anna, b"a message").await
    };
    let message = change(message);
    let run = move |tx: &mut Write<'_>| {
        let admin = tx.administer()?;
        tx.file_schedule_message(&admin, anna, &message)
    };
    Ok(world.store.write(&house(), &[anna], run).await?.uid)
}

async fn inbox_uids(world: &World) -> Vec<u32> {
    let anna = world.anna;
    let run = move |tx: &Read<'_>| {
        let inbox = tx.open_resource::<right::ReadItems>(anna, Home::Scheduling, SCHEDULE_INBOX)?;
        assert_eq!(inbox.collection().role, Some(Role::ScheduleInbox));
        tx.items(&inbox, &[1..=u32::MAX])
    };
    let at_mailbox = world.store.read(&acting(anna), run).await;
    assert!(matches!(at_mailbox, Err(Error::Refusal(Refusal::NotFound(_)))), "it is no mailbox");
    let at_calendar = Principal::account(anna, Door::Dav);
    world.store.read(&at_calendar, run).await.unwrap().iter().map(|item| item.uid.0).collect()
}

#[test]
fn scheduling_messages_wait_for_thirty_days() {
    on_each_database(|world| async move {
        file(&world, |message| message).await.unwrap();
        file(&world, |message| message).await.unwrap();
        world.pass_days(10);
        file(&world, |message| message).await.unwrap();
        world.store.sweep().await.unwrap();
        assert_eq!(inbox_uids(&world).await, [1, 2, 3]);
        world.pass_days(21);
        world.store.sweep().await.unwrap();
        assert_eq!(inbox_uids(&world).await, [3]);
        world.pass_days(10);
        world.store.sweep().await.unwrap();
        assert!(inbox_uids(&world).await.is_empty());
        assert_eq!(world.store.sweep().await.unwrap().rows, 0);
    });
}

#[test]
fn a_schedule_inbox_takes_messages_only_and_the_oldest_makes_room() {
    on_each_database(|world| async move {
        let with_uid = |message| NewItem { component_uid: Some("m".to_owned()), ..message };
        for refused in
            [file(&world, with_uid).await, file(&world, |one| NewItem { counted: true, ..one }).await]
        {
            assert!(matches!(refused, Err(Error::Refusal(Refusal::Invalid(_)))), "{refused:?}");
        }
        let anna = world.anna;
        let message = NewItem {
            component: Some(Component::Event),
            counted: false,
            ..world.prepare(anna, b"a message").await
        };
        let run = move |tx: &mut Write<'_>| {
            let admin = tx.administer()?;
            for _ in 0..=SCHEDULE_MESSAGES_MAX {
                tx.file_schedule_message(&admin, anna, &message)?;
            }
            Ok(tx.account(anna)?.used_bytes)
        };
        assert_eq!(world.store.write(&house(), &[anna], run).await.unwrap(), 0, "no quota is used");
        let uids = inbox_uids(&world).await;
        assert_eq!((uids.len(), uids[0]), (1_000, 2));
    });
}

#[test]
fn busy_times_are_for_those_who_were_given_the_right() {
    on_each_database(|world| async move {
        let (anna, ben, nora) = (world.anna, world.ben, world.nora);
        let (calendar, second) = (world.role(anna, Role::Calendar).await, second_calendar(&world).await);
        let seen = async |who: AccountId| {
            let run = move |tx: &Read<'_>| tx.busy_calendars(anna);
            world.store.read(&acting(who), run).await.unwrap()
        };
        assert_eq!(seen(anna).await, [calendar, second]);
        assert_eq!((seen(ben).await, seen(nora).await), (vec![], vec![]));
        let run = move |tx: &mut Write<'_>| {
            let grant = tx.open::<right::Administer>(anna, second)?;
            tx.set_permission(&grant, Grantee::Account(ben), Rights::FREE_BUSY)
        };
        world.store.write(&acting(anna), &[anna], run).await.unwrap();
        assert_eq!((seen(ben).await, seen(nora).await), (vec![second], vec![]));
    });
}
