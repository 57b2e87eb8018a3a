//! A collection page by page: every page tells of the moment at which the listing began, whoever writes meanwhile.

use crate::harness::{World, acting, house, on_each_database};
use storage::{Candidates, Grantee, NewItem, Read, Refusal, Resource, Result, Write, right};
use vocabulary::{
    AccountId, CollectionId, Component, Flags, ItemId, Keywords, ModSeq, Preset, Role, Timestamp, Uid,
};

async fn event(world: &World, number: u32, text: &str) -> NewItem {
    NewItem {
        component: Some(Component::Event),
        component_uid: Some(number.to_string()),
        resource_name: Some(format!("{number}.ics")),
        ..world.prepare(world.anna, text.as_bytes()).await
    }
}

async fn write<T: Send + 'static>(
    world: &World,
    work: impl for<'tx> FnOnce(&mut Write<'tx>) -> Result<T> + Send + 'static,
) -> T {
    world.store.write(&acting(world.anna), &[world.anna], work).await.unwrap()
}

async fn insert(world: &World, folder: CollectionId, new: NewItem) {
    let anna = world.anna;
    write(world, move |tx| tx.insert(&tx.open::<right::Insert>(anna, folder)?, &new)).await;
}

async fn replace(world: &World, folder: CollectionId, uid: u32, new: NewItem) {
    let anna = world.anna;
    write(world, move |tx| tx.replace(&tx.open::<right::Replace>(anna, folder)?, Uid(uid), &new, None, None))
        .await;
}

async fn remove(world: &World, folder: CollectionId, uid: u32) {
    let anna = world.anna;
    write(world, move |tx| tx.remove(&tx.open::<right::Remove>(anna, folder)?, &[uid..=uid])).await;
}

/// What a listing tells of an item.
type Told = (Uid, ItemId, ModSeq, i64, Option<String>);

fn told(item: &Resource) -> Told {
    (item.uid, item.id, item.content_modseq, item.size_bytes, item.resource_name.clone())
}

/// A listing in progress.
struct Reader {
    who: AccountId,
    owner: AccountId,
    folder: CollectionId,
    candidates: Candidates,
    at: ModSeq,
    after: Option<Uid>,
}

impl Reader {
    async fn begin(world: &World, who: AccountId, folder: CollectionId, candidates: Candidates) -> Self {
        let at = world.collection(world.anna, folder).await.highest;
        Self { who, owner: world.anna, folder, candidates, at, after: Some(Uid(0)) }
    }

    async fn page(&mut self, world: &World, limit: usize) -> Result<Vec<Told>> {
        let Self { owner, folder, candidates, at, .. } = *self;
        let Some(after) = self.after else { return Ok(Vec::new()) };
        let read = move |tx: &Read<'_>| {
            tx.resources_at(&tx.open::<right::ReadItems>(owner, folder)?, &candidates, at, after, limit)
        };
        let page = world.store.read(&acting(self.who), read).await?;
        assert!(page.resources.len() <= limit);
        self.after = page.next;
        Ok(page.resources.iter().map(told).collect())
    }

    async fn rest(&mut self, world: &World, limit: usize) -> Vec<Told> {
        let mut all = Vec::new();
        while self.after.is_some() {
            all.extend(self.page(world, limit).await.unwrap());
        }
        all
    }
}

async fn whole(world: &World, folder: CollectionId) -> Vec<Told> {
    let anna = world.anna;
    let read =
        move |tx: &Read<'_>| tx.resources(&tx.open::<right::ReadItems>(anna, folder)?, &[1..=u32::MAX]);
    world.store.read(&acting(anna), read).await.unwrap().iter().map(told).collect()
}

#[test]
fn every_page_tells_of_the_moment_at_which_the_listing_began() {
    on_each_database(|world| async move {
        let anna = world.anna;
        let calendar = world.role(anna, Role::Calendar).await;
        for number in 1..=12 {
            insert(&world, calendar, event(&world, number, "as it came").await).await;
        }
        replace(&world, calendar, 3, event(&world, 3, "changed before").await).await;
        remove(&world, calendar, 4).await;
        let before = whole(&world, calendar).await;
        assert_eq!(before.len(), 11);

        let mut reader = Reader::begin(&world, anna, calendar, Candidates::All).await;
        assert_eq!(reader.page(&world, 2).await.unwrap(), before[..2]);
        for text in ["longer than it was", "and once more"] {
            replace(&world, calendar, 3, event(&world, 3, text).await).await;
            replace(&world, calendar, 7, event(&world, 7, text).await).await;
        }
        remove(&world, calendar, 1).await;
        remove(&world, calendar, 8).await;
        replace(&world, calendar, 9, event(&world, 9, "changed, then removed").await).await;
        remove(&world, calendar, 9).await;
        insert(&world, calendar, event(&world, 9, "came again").await).await;
        write(&world, move |tx| {
            let (from, read) = (tx.open::<right::Remove>(anna, calendar)?, tx.open(anna, calendar)?);
            tx.move_resource(&from, &read, &tx.open::<right::Insert>(anna, calendar)?, Uid(10), "other.ics")
        })
        .await;
        let seen = storage::FlagChange::Add(Flags::SEEN, Keywords::default());
        write(&world, move |tx| {
            let grant = tx.open::<right::ChangeFlags>(anna, calendar)?;
            tx.change_flags(&grant, &[11..=11], &seen, None, None)
        })
        .await;
        assert_eq!(reader.page(&world, 1).await.unwrap(), before[2..3]);
        remove(&world, calendar, 12).await;
        assert_eq!(reader.rest(&world, 2).await, before[3..]);

        let now = whole(&world, calendar).await;
        assert_ne!(now, before);
        for limit in [1, now.len() - 1, now.len(), now.len() + 1] {
            let mut reader = Reader::begin(&world, anna, calendar, Candidates::All).await;
            assert_eq!(reader.rest(&world, limit).await, now, "{limit}");
        }
    });
}

#[test]
fn a_listing_ends_with_the_history_that_it_needs() {
    on_each_database(|world| async move {
        let anna = world.anna;
        let calendar = world.role(anna, Role::Calendar).await;
        for number in 1..=3 {
            insert(&world, calendar, event(&world, number, "as it came").await).await;
        }
        let before = whole(&world, calendar).await;
        let mut reader = Reader::begin(&world, anna, calendar, Candidates::All).await;
        reader.page(&world, 1).await.unwrap();
        replace(&world, calendar, 2, event(&world, 2, "changed since").await).await;
        remove(&world, calendar, 3).await;
        // The bytes of then go first; what they were goes with the log.
        world.pass_days(31);
        assert!(world.store.sweep().await.unwrap().contents > 0);
        let stamps = |told: &[Told]| told.iter().map(|one| (one.0, one.2)).collect::<Vec<_>>();
        assert_eq!(stamps(&reader.rest(&world, 9).await), stamps(&before[1..]));
        world.pass_days(90);
        world.store.sweep().await.unwrap();
        reader.after = Some(Uid(1));
        let refused = reader.page(&world, 9).await.unwrap_err();
        assert!(matches!(refused.refusal(), Some(Refusal::ResyncRequired { .. })), "{refused}");
    });
}

#[test]
fn what_is_or_was_private_is_in_no_listing_of_whoever_may_not_see_it() {
    on_each_database(|world| async move {
        let (anna, ben) = (world.anna, world.ben);
        let calendar = world.role(anna, Role::Calendar).await;
        let share = move |tx: &mut Write<'_>| {
            let grant = tx.open::<right::Administer>(anna, calendar)?;
            tx.set_permission(&grant, Grantee::Account(ben), Preset::Editor.rights())
        };
        world.store.write(&house(), &[anna], share).await.unwrap();
        // By number: always open, always private, private at first, private in the end.
        let private = [(1, false, false), (2, true, true), (3, true, false), (4, false, true)];
        for (number, then, _) in private {
            let new = NewItem { private: then, ..event(&world, number, "as it came").await };
            insert(&world, calendar, new).await;
        }
        let mut his = Reader::begin(&world, ben, calendar, Candidates::All).await;
        let mut hers = Reader::begin(&world, anna, calendar, Candidates::All).await;
        let before = whole(&world, calendar).await;
        for (number, _, now) in private {
            let new = NewItem { private: now, ..event(&world, number, "changed since").await };
            replace(&world, calendar, number, new).await;
        }
        assert_eq!(his.rest(&world, 1).await, before[..1]);
        assert_eq!(hers.rest(&world, 1).await, before);
    });
}

#[test]
fn a_listing_by_time_tells_what_can_lie_in_it() {
    on_each_database(|world| async move {
        let anna = world.anna;
        let calendar = world.role(anna, Role::Calendar).await;
        let hour = |hour: i64| Timestamp(hour * 3_600_000);
        // From nine to ten, ten to eleven, eleven to twelve; and a task.
        for number in 1..=3_u32 {
            let start = 8 + i64::from(number);
            let new = NewItem {
                starts_at: hour(start),
                filter_at: hour(start + 1),
                ..event(&world, number, "an hour").await
            };
            insert(&world, calendar, new).await;
        }
        let task = NewItem { component: Some(Component::Todo), ..event(&world, 4, "a task").await };
        insert(&world, calendar, task).await;
        let all = whole(&world, calendar).await;
        let between = |component, from, until| Candidates::Between { component, from, until };
        let (low, high) = (Timestamp(i64::MIN), Timestamp(i64::MAX));
        for (candidates, expected) in [
            (Candidates::All, &all[..]),
            (between(Component::Event, low, high), &all[..3]),
            (between(Component::Event, hour(10), hour(11)), &all[..2]),
            (between(Component::Event, Timestamp(hour(10).0 + 1), hour(11)), &all[1..2]),
            (between(Component::Event, hour(13), high), &[]),
            (between(Component::Todo, hour(13), high), &all[3..]),
            (between(Component::Card, low, high), &[]),
        ] {
            let mut reader = Reader::begin(&world, anna, calendar, candidates).await;
            assert_eq!(reader.rest(&world, 1).await, expected, "{candidates:?}");
        }
    });
}
