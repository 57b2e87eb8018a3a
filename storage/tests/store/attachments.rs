//! Managed attachments: they count as long as a living item names them, and are kept for a while after that.

use crate::harness::{World, acting, house, on_each_database};
use storage::{
    ATTACHMENT_NAME_BYTES_MAX, Added, Attachments, Error, NewAttachment, NewItem, Read, Refusal, Result,
    Write, right,
};
use vocabulary::{AccountId, CollectionId, Component, Role, Uid};

/// An event that names tokens, with the attachments that come with it.
pub(crate) async fn event(
    world: &World,
    account: AccountId,
    uid: &str,
    named: &[&str],
    new: &[(&str, &[u8])],
) -> NewItem {
    let mut attachments =
        Attachments { named: named.iter().map(|token| (*token).to_owned()).collect(), new: Vec::new() };
    for (token, bytes) in new {
        let content = world.prepare(account, bytes).await.content;
        let (name, media_type) = ("plan.txt".to_owned(), "text/plain".to_owned());
        attachments.new.push(NewAttachment { token: (*token).to_owned(), content, name, media_type });
    }
    NewItem {
        component: Some(Component::Event),
        component_uid: Some(uid.to_owned()),
        resource_name: Some(format!("{uid}.ics")),
        attachments,
        ..world.prepare(account, b"event").await
    }
}

const EVENT_BYTES: i64 = 5;

async fn insert(world: &World, account: AccountId, into: CollectionId, new: NewItem) -> Result<Added> {
    let work = move |tx: &mut Write<'_>| tx.insert(&tx.open::<right::Insert>(account, into)?, &new);
    world.store.write(&acting(account), &[account], work).await
}

async fn replace(world: &World, account: AccountId, at: (CollectionId, Uid), new: NewItem) {
    let work = move |tx: &mut Write<'_>| {
        tx.replace(&tx.open::<right::Replace>(account, at.0)?, at.1, &new, None, None).map(drop)
    };
    world.store.write(&acting(account), &[account], work).await.unwrap();
}

async fn remove(world: &World, account: AccountId, at: (CollectionId, Uid)) {
    let work = move |tx: &mut Write<'_>| {
        tx.remove(&tx.open::<right::Remove>(account, at.0)?, &[at.1.0..=at.1.0]).map(drop)
    };
    world.store.write(&acting(account), &[account], work).await.unwrap();
}

async fn used(world: &World, account: AccountId) -> i64 {
    world.store.read(&house(), move |tx| Ok(tx.account(account)?.used_bytes)).await.unwrap()
}

async fn set_quota(world: &World, account: AccountId, bytes: i64) {
    let work = move |tx: &mut Write<'_>| {
        let admin = tx.administer()?;
        tx.set_account_quota(&admin, account, bytes)
    };
    world.store.write(&house(), &[account], work).await.unwrap();
}

/// The bytes of an attachment, and how many living items and tombstones name it.
async fn found(world: &World, token: &'static str) -> Option<(Vec<u8>, usize, usize)> {
    let read = move |tx: &Read<'_>| {
        let admin = tx.administer()?;
        let uses = tx.attachment_uses(&admin, token, 9)?;
        Ok(tx.attachment(&admin, token)?.map(|(_, stored)| (stored, uses)))
    };
    let (stored, uses) = world.store.read(&house(), read).await.unwrap()?;
    let living = uses.iter().filter(|one| one.is_living).count();
    Some((world.store.load(stored).await.unwrap().to_vec(), living, uses.len() - living))
}

#[test]
fn it_counts_as_long_as_an_item_of_its_account_names_it() {
    on_each_database(|world| async move {
        let anna = world.anna;
        let calendar = world.role(anna, Role::Calendar).await;
        let new = event(&world, anna, "e1", &["t1"], &[("t1", b"the plan")]).await;
        let one = insert(&world, anna, calendar, new).await.unwrap();
        assert_eq!(used(&world, anna).await, EVENT_BYTES + 8);
        assert_eq!(found(&world, "t1").await, Some((b"the plan".to_vec(), 1, 0)));
        // Another event names it too.
        let new = event(&world, anna, "e2", &["t1", "of nobody"], &[]).await;
        let two = insert(&world, anna, calendar, new).await.unwrap();
        assert_eq!(used(&world, anna).await, 2 * EVENT_BYTES + 8);
        let named =
            move |tx: &Read<'_>| tx.attachments_named(&tx.open::<right::ReadItems>(anna, calendar)?, two.uid);
        assert_eq!(world.store.read(&acting(anna), named).await.unwrap(), ["of nobody", "t1"]);
        replace(&world, anna, (calendar, one.uid), event(&world, anna, "e1", &[], &[]).await).await;
        assert_eq!(used(&world, anna).await, 2 * EVENT_BYTES + 8);
        remove(&world, anna, (calendar, two.uid)).await;
        assert_eq!(used(&world, anna).await, EVENT_BYTES, "nothing names it any more");
        assert_eq!(found(&world, "t1").await, Some((b"the plan".to_vec(), 0, 1)), "but it is kept");
        assert_eq!(found(&world, "of nobody").await, None);
    });
}

#[test]
fn what_comes_back_within_the_retention_finds_it_and_later_it_is_gone() {
    on_each_database(|world| async move {
        let anna = world.anna;
        let calendar = world.role(anna, Role::Calendar).await;
        let new = event(&world, anna, "e1", &["t1"], &[("t1", b"the plan")]).await;
        let mut last = insert(&world, anna, calendar, new).await.unwrap();
        for _ in 0..2 {
            remove(&world, anna, (calendar, last.uid)).await;
            world.pass_days(29);
            world.store.sweep().await.unwrap();
            let back = event(&world, anna, "e1", &["t1"], &[]).await;
            last = insert(&world, anna, calendar, back).await.unwrap();
            assert_eq!(used(&world, anna).await, EVENT_BYTES + 8);
        }
        remove(&world, anna, (calendar, last.uid)).await;
        world.pass_days(31);
        world.store.sweep().await.unwrap();
        assert_eq!(found(&world, "t1").await, None);
        world.consistent().await;
        // Its tombstones name it still, and go in their time.
        world.pass_days(91);
        world.store.sweep().await.unwrap();
        assert_eq!(crate::retention::number(&world, "SELECT COUNT(*) FROM attachment_use").await, 0);
        assert_eq!(crate::retention::number(&world, "SELECT COUNT(*) FROM content").await, 0);
    });
}

#[test]
fn copies_and_moved_items_name_what_the_original_names() {
    on_each_database(|world| async move {
        let anna = world.anna;
        let (calendar, tasks) = (world.role(anna, Role::Calendar).await, world.role(anna, Role::Tasks).await);
        let new = event(&world, anna, "e1", &["t1"], &[("t1", b"the plan")]).await;
        let one = insert(&world, anna, calendar, new).await.unwrap();
        let copy = move |tx: &mut Write<'_>| {
            let (read, into) = (tx.open(anna, calendar)?, tx.open(anna, tasks)?);
            tx.copy(&read, &into, &[one.uid.0..=one.uid.0])
        };
        let copied = world.store.write(&acting(anna), &[anna], copy).await.unwrap().remove(0).to;
        assert_eq!(used(&world, anna).await, 2 * EVENT_BYTES + 8);
        remove(&world, anna, (calendar, one.uid)).await;
        assert_eq!(found(&world, "t1").await, Some((b"the plan".to_vec(), 1, 1)));
        let back = move |tx: &mut Write<'_>| {
            let (from, read, into) = (tx.open(anna, tasks)?, tx.open(anna, tasks)?, tx.open(anna, calendar)?);
            tx.move_items(&from, &read, &into, &[copied.0..=copied.0])
        };
        let moved = world.store.write(&acting(anna), &[anna], back).await.unwrap().remove(0).to;
        assert_eq!(found(&world, "t1").await, Some((b"the plan".to_vec(), 1, 2)));
        assert_eq!(used(&world, anna).await, EVENT_BYTES + 8);
        remove(&world, anna, (calendar, moved)).await;
        assert_eq!(used(&world, anna).await, 0);
    });
}

#[test]
fn the_quota_is_asked_before_anything_is_written() {
    on_each_database(|world| async move {
        let anna = world.anna;
        let calendar = world.role(anna, Role::Calendar).await;
        set_quota(&world, anna, 20).await;
        let large = event(&world, anna, "e1", &["t1"], &[("t1", &[b'x'; 16])]).await;
        let refused = insert(&world, anna, calendar, large).await;
        assert!(matches!(refused, Err(Error::Refusal(Refusal::OverQuota { .. }))), "{refused:?}");
        assert_eq!((used(&world, anna).await, found(&world, "t1").await), (0, None));
        let new = event(&world, anna, "e1", &["t1"], &[("t1", &[b'x'; 15])]).await;
        let one = insert(&world, anna, calendar, new).await.unwrap();
        assert_eq!(used(&world, anna).await, 20);
        remove(&world, anna, (calendar, one.uid)).await;
        // What comes back into use counts again.
        set_quota(&world, anna, 19).await;
        let back = event(&world, anna, "e1", &["t1"], &[]).await;
        let refused = insert(&world, anna, calendar, back).await;
        assert!(matches!(refused, Err(Error::Refusal(Refusal::OverQuota { .. }))), "{refused:?}");
        assert_eq!(used(&world, anna).await, 0);
    });
}

#[test]
fn what_cannot_be_kept_is_refused() {
    on_each_database(|world| async move {
        let anna = world.anna;
        let calendar = world.role(anna, Role::Calendar).await;
        for name in ["a\nb".to_owned(), "x".repeat(ATTACHMENT_NAME_BYTES_MAX + 1)] {
            let mut new = event(&world, anna, "e1", &["t1"], &[("t1", b"the plan")]).await;
            new.attachments.new[0].name = name;
            let refused = insert(&world, anna, calendar, new).await;
            assert!(matches!(refused, Err(Error::Refusal(Refusal::Invalid(_)))), "{refused:?}");
        }
        let mut new = event(&world, anna, "e1", &["t1"], &[("t1", b"the plan")]).await;
        new.attachments.new[0].name = "x".repeat(ATTACHMENT_NAME_BYTES_MAX);
        insert(&world, anna, calendar, new).await.unwrap();
    });
}

#[test]
fn it_goes_with_its_account() {
    on_each_database(|world| async move {
        let anna = world.anna;
        let calendar = world.role(anna, Role::Calendar).await;
        let new = event(&world, anna, "e1", &["t1"], &[("t1", b"the plan")]).await;
        insert(&world, anna, calendar, new).await.unwrap();
        let gone = move |tx: &mut Write<'_>| {
            let admin = tx.administer()?;
            tx.remove_account(&admin, anna)
        };
        world.store.write(&house(), &[anna], gone).await.unwrap();
        assert_eq!(found(&world, "t1").await, None);
    });
}
