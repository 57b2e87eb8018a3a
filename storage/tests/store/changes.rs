//! The log: whoever follows it from any cursor, with any page size, ends with the true set.

use crate::harness::{World, acting, house, on_each_database};
use std::collections::BTreeMap;
use std::sync::Arc;
use storage::{ChangeKind, Changes, Cursor, FlagChange, Item, Refusal, Result, right};
use vocabulary::{AccountId, CollectionId, Flags, Keywords, Rights, Role, Uid};

/// A small generator: the seed is printed, so a failure can be run again.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// `tests/run --long` multiplies every count by this.
#[expect(clippy::disallowed_methods, reason = "the count of rounds is the caller's choice")]
pub(crate) fn rounds(short: u64) -> u64 {
    let factor = std::env::var("KONTOR_TEST_FACTOR").ok().and_then(|text| text.parse().ok());
    short * factor.unwrap_or(1)
}

/// What a reader believes: UID to (flags, content).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Copy {
    pub(crate) items: BTreeMap<Uid, (i64, i64)>,
}

impl Copy {
    pub(crate) fn of(items: Vec<Item>) -> Self {
        Self { items: items.into_iter().map(|i| (i.uid, (i.flags.bits(), i.content.0))).collect() }
    }
}

pub(crate) struct Reader {
    pub(crate) copy: Copy,
    pub(crate) cursor: Cursor,
    pub(crate) page: usize,
}

impl Reader {
    pub(crate) fn new(page: usize) -> Self {
        Self { copy: Copy::default(), cursor: Cursor::start(0), page }
    }

    /// Reads one page; `true` while there is more.
    async fn step(
        &mut self,
        world: &World,
        who: AccountId,
        owner: AccountId,
        folder: CollectionId,
    ) -> Result<bool> {
        let (cursor, page) = (self.cursor, self.page);
        let changes = world
            .store
            .read(&acting(who), move |tx| {
                tx.changes_since(&tx.open::<right::ReadItems>(owner, folder)?, cursor, page)
            })
            .await?;
        Ok(self.apply(&changes))
    }

    /// Takes a page in; `true` while there is more.
    pub(crate) fn apply(&mut self, changes: &Changes) -> bool {
        assert!(changes.changes.len() <= self.page);
        for change in &changes.changes {
            let item = &change.item;
            let known = self.copy.items.contains_key(&item.uid);
            match change.kind {
                ChangeKind::Removed => {
                    assert!(known, "an unknown item was removed");
                    self.copy.items.remove(&item.uid);
                }
                ChangeKind::Added => {
                    assert!(!known, "a known item was added");
                    self.copy.items.insert(item.uid, (item.flags.bits(), item.content.0));
                }
                ChangeKind::Changed | ChangeKind::FlagsChanged => {
                    assert!(known, "an unknown item was changed");
                    let before = self.copy.items.insert(item.uid, (item.flags.bits(), item.content.0));
                    if change.kind == ChangeKind::FlagsChanged {
                        assert_eq!(before.map(|(_, content)| content), Some(item.content.0));
                    }
                }
            }
        }
        self.cursor = changes.next;
        changes.more
    }
}

async fn truth(world: &World, owner: AccountId, folder: CollectionId) -> Copy {
    let items = world
        .store
        .read(&house(), move |tx| tx.items(&tx.open::<right::ReadItems>(owner, folder)?, &[1..=u32::MAX]))
        .await
        .unwrap();
    Copy::of(items)
}

async fn share(world: &World, folder: CollectionId, rights: Rights) {
    let (anna, ben) = (world.anna, world.ben);
    world
        .store
        .write(&acting(anna), &[anna], move |tx| {
            let grant = tx.open::<right::Administer>(anna, folder)?;
            tx.set_permission(&grant, storage::Grantee::Account(ben), rights)
        })
        .await
        .unwrap();
}

/// One random operation by anna or by ben.
async fn random_operation(world: &World, random: &mut Random, folders: [CollectionId; 2]) {
    let anna = world.anna;
    let who = acting(if random.below(3) == 0 { world.ben } else { anna });
    let folder = folders[random.below(2) as usize];
    let other = if folder == folders[0] { folders[1] } else { folders[0] };
    let first = 1 + random.below(40) as u32;
    let range = first..=first + random.below(6) as u32;
    let choice = random.below(10);
    let new = match choice {
        0..=3 => Some(world.prepare(anna, format!("mail {}", random.below(1 << 40)).as_bytes()).await),
        _ => None,
    };
    let flags = Flags::from_bits(random.below(32) as i64);
    world
        .store
        .write(&who, &[anna], move |tx| {
            let ranges = [range];
            match (choice, new) {
                (_, Some(new)) => drop(tx.insert(&tx.open::<right::Insert>(anna, folder)?, &new)?),
                (4..=6, _) => {
                    let grant = tx.open::<right::ChangeFlags>(anna, folder)?;
                    let change = match choice {
                        4 => FlagChange::Add(flags, Keywords::default()),
                        5 => FlagChange::Remove(flags, Keywords::default()),
                        _ => FlagChange::Replace(flags, Keywords::default()),
                    };
                    tx.change_flags(&grant, &ranges, &change, None, None)?;
                }
                (7, _) => drop(tx.remove(&tx.open::<right::Remove>(anna, folder)?, &ranges)?),
                (8, _) => {
                    let source = tx.open::<right::Remove>(anna, folder)?;
                    let read = tx.open::<right::ReadItems>(anna, folder)?;
                    let target = tx.open::<right::Insert>(anna, other)?;
                    tx.move_items(&source, &read, &target, &ranges)?;
                }
                _ => {
                    let source = tx.open::<right::ReadItems>(anna, folder)?;
                    let target = tx.open::<right::Insert>(anna, other)?;
                    tx.copy(&source, &target, &ranges)?;
                }
            }
            Ok(())
        })
        .await
        .unwrap();
}

#[test]
fn a_reader_with_any_cursor_and_page_size_ends_with_the_true_set() {
    let seed = 0x5eed_0000_0001;
    println!("seed {seed:#x}");
    on_each_database(move |world| async move {
        let mut random = Random(seed);
        let anna = world.anna;
        let folders = [world.inbox(anna).await, world.role(anna, Role::Archive).await];
        for folder in folders {
            share(&world, folder, Rights::ALL).await;
        }
        // Readers that start at different times read a page now and then while others write.
        let mut readers: Vec<(CollectionId, Reader)> = Vec::new();
        for round in 0..rounds(300) {
            random_operation(&world, &mut random, folders).await;
            if round % 20 == 0 {
                let page = [1, 2, 3, 7, 100][random.below(5) as usize];
                readers.push((folders[(round / 20 % 2) as usize], Reader::new(page)));
            }
            let turn = random.below(readers.len() as u64) as usize;
            let (folder, reader) = &mut readers[turn];
            reader.step(&world, anna, anna, *folder).await.unwrap();
        }
        for (folder, reader) in &mut readers {
            while reader.step(&world, anna, anna, *folder).await.unwrap() {}
            assert_eq!(reader.copy, truth(&world, anna, *folder).await);
        }
    });
}

#[test]
fn readers_beside_concurrent_writers_end_with_the_true_set() {
    on_each_database(|world| async move {
        let anna = world.anna;
        let folders = [world.inbox(anna).await, world.role(anna, Role::Archive).await];
        for folder in folders {
            share(&world, folder, Rights::ALL).await;
        }
        let writers: Vec<_> = (1..=4_u64)
            .map(|seed| {
                let world = Arc::clone(&world);
                spawn(async move {
                    let mut random = Random(seed);
                    for _ in 0..rounds(60) {
                        random_operation(&world, &mut random, folders).await;
                    }
                })
            })
            .collect();
        let mut reader = Reader::new(3);
        let mut wakes = world.store.wakes(&[anna]);
        let mut writing = futures::future::join_all(writers);
        loop {
            while reader.step(&world, anna, anna, folders[0]).await.unwrap() {}
            tokio::select! {
                () = wakes.any() => {}
                _ = &mut writing => break,
            }
        }
        while reader.step(&world, anna, anna, folders[0]).await.unwrap() {}
        assert_eq!(reader.copy, truth(&world, anna, folders[0]).await);
    });
}

#[expect(clippy::disallowed_methods, reason = "a test's own tasks; it joins them all")]
pub(crate) fn spawn<F>(future: F) -> tokio::task::JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send,
{
    tokio::spawn(future)
}

#[test]
fn a_page_may_end_inside_a_run_of_equal_stamps() {
    on_each_database(|world| async move {
        let (anna, inbox) = (world.anna, world.inbox(world.anna).await);
        for number in 0..50 {
            world.insert(anna, inbox, format!("mail {number}").as_bytes()).await.unwrap();
        }
        let mut reader = Reader::new(7);
        while reader.step(&world, anna, anna, inbox).await.unwrap() {}
        world
            .store
            .write(&acting(anna), &[anna], move |tx| {
                let grant = tx.open::<right::ChangeFlags>(anna, inbox)?;
                tx.change_flags(
                    &grant,
                    &[1..=50],
                    &FlagChange::Add(Flags::SEEN, Keywords::default()),
                    None,
                    None,
                )
            })
            .await
            .unwrap();
        let mut pages = 1;
        while reader.step(&world, anna, anna, inbox).await.unwrap() {
            pages += 1;
        }
        assert_eq!(pages, 8);
        assert_eq!(reader.copy, truth(&world, anna, inbox).await);
    });
}

#[test]
fn a_changed_grant_makes_old_cursors_start_again() {
    on_each_database(|world| async move {
        let (anna, ben, inbox) = (world.anna, world.ben, world.inbox(world.anna).await);
        world.insert(anna, inbox, b"mail").await.unwrap();
        share(&world, inbox, Rights::LOOKUP | Rights::READ).await;
        let grant_epoch = async || {
            world
                .store
                .read(&acting(ben), move |tx| Ok(tx.open::<right::ReadItems>(anna, inbox)?.epoch()))
                .await
        };
        let mut reader = Reader::new(10);
        reader.cursor = Cursor::start(grant_epoch().await.unwrap());
        reader.step(&world, ben, anna, inbox).await.unwrap();
        assert_eq!(reader.copy.items.len(), 1);
        share(&world, inbox, Rights::LOOKUP | Rights::READ | Rights::SEEN).await;
        let refused = reader.step(&world, ben, anna, inbox).await.unwrap_err();
        assert!(matches!(refused.refusal(), Some(Refusal::ResyncRequired { .. })));
        reader.cursor = Cursor::start(grant_epoch().await.unwrap());
        share(&world, inbox, Rights::NONE).await;
        let gone = reader.step(&world, ben, anna, inbox).await.unwrap_err();
        assert!(matches!(gone.refusal(), Some(Refusal::NotFound(_))));
        // Given again: still another view than the first.
        share(&world, inbox, Rights::LOOKUP | Rights::READ).await;
        assert!(reader.step(&world, ben, anna, inbox).await.is_err());
    });
}

/// Whoever stopped inside a run of equal stamps may have missed the rest of the run, once its
/// tombstones are gone; whoever had read the run to its end has missed nothing.
#[test]
fn a_cursor_inside_a_run_that_was_swept_starts_again_and_one_at_its_end_does_not() {
    on_each_database(|world| async move {
        let (anna, inbox) = (world.anna, world.inbox(world.anna).await);
        for number in 0..6 {
            world.insert(anna, inbox, format!("mail {number}").as_bytes()).await.unwrap();
        }
        let mut inside = Reader::new(2);
        while inside.step(&world, anna, anna, inbox).await.unwrap() {}
        let mut at_end = Reader::new(100);
        while at_end.step(&world, anna, anna, inbox).await.unwrap() {}
        let remove =
            move |tx: &mut storage::Write<'_>| tx.remove(&tx.open::<right::Remove>(anna, inbox)?, &[1..=5]);
        assert_eq!(world.store.write(&acting(anna), &[anna], remove).await.unwrap(), 5);
        assert!(inside.step(&world, anna, anna, inbox).await.unwrap(), "three removals are still to come");
        assert!(!at_end.step(&world, anna, anna, inbox).await.unwrap());
        assert_eq!((inside.copy.items.len(), at_end.copy.items.len()), (4, 1));
        world.pass_days(91);
        assert_eq!(world.store.sweep().await.unwrap().tombstones, 5);
        let refused = inside.step(&world, anna, anna, inbox).await.unwrap_err();
        assert!(matches!(refused.refusal(), Some(Refusal::ResyncRequired { .. })), "{refused}");
        assert!(!at_end.step(&world, anna, anna, inbox).await.unwrap());
        assert_eq!(at_end.copy, truth(&world, anna, inbox).await);
        let mut anew = Reader::new(2);
        while anew.step(&world, anna, anna, inbox).await.unwrap() {}
        assert_eq!(anew.copy, truth(&world, anna, inbox).await);
    });
}

#[test]
fn a_commit_wakes_readers_of_every_process() {
    on_each_database(|world| async move {
        let (anna, inbox) = (world.anna, world.inbox(world.anna).await);
        let second = world.open_again().await;
        let watching = match world.database {
            storage::Database::Sqlite(_) => &world.store,
            storage::Database::Postgres(_) => &second,
        };
        let mut wakes = watching.wakes(&[anna]);
        let mut others = watching.wakes(&[world.ben]);
        world.insert(anna, inbox, b"mail").await.unwrap();
        tokio::time::timeout(std::time::Duration::from_secs(4), wakes.any()).await.expect("nobody was woken");
        let quiet = std::future::poll_fn(|context| {
            let mut pending = std::pin::pin!(others.any());
            std::task::Poll::Ready(pending.as_mut().poll(context).is_pending())
        });
        assert!(quiet.await);
        second.close();
    });
}
