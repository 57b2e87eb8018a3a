//! The write path's traps: group commit, failures inside a batch, panics, waiting writers.

use crate::changes::{rounds, spawn};
use crate::contents::run;
use crate::harness::{World, acting, on_each_database};
use sqlx::{Connection, Executor, Row};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use storage::{Database, Error, Fault, Refusal, Result, Store, Write, right};
use vocabulary::{AccountId, CollectionId, Uid};

/// Far more than any of this takes.
const DEADLINE: Duration = Duration::from_secs(30);

/// Neither is kept out while the other is busy.
#[test]
fn eight_writers_in_each_of_two_processes_never_see_a_locked_database() {
    on_each_database(|world| async move {
        let (anna, inbox) = (world.anna, world.inbox(world.anna).await);
        let total = 16 * rounds(50);
        let second = world.open_again().await;
        let left = Arc::new(AtomicU64::new(total));
        let ended = Arc::new(AtomicBool::new(false));
        let handles = [world.store.clone(), second.clone()];
        let readers: Vec<_> = handles
            .iter()
            .map(|store| spawn(read_until(store.clone(), anna, inbox, Arc::clone(&ended))))
            .collect();
        let writers: Vec<_> = (0..16)
            .map(|writer| {
                let (world, store, left) =
                    (Arc::clone(&world), handles[writer % 2].clone(), Arc::clone(&left));
                spawn(async move { write_while(&left, &world, &store, inbox).await })
            })
            .collect();
        let mut written = [0; 2];
        for (writer, outcome) in writers.into_iter().enumerate() {
            written[writer % 2] += outcome.await.unwrap();
        }
        ended.store(true, Ordering::Relaxed);
        for reader in readers {
            assert_eq!(reader.await.unwrap(), total);
        }
        assert_eq!(written[0] + written[1], total);
        assert!(written.iter().all(|share| share * 20 >= total), "one was kept out: {written:?}");
        assert_eq!(u64::from(world.collection(anna, inbox).await.uid_next.0), total + 1);
        drop(handles);
        second.close();
    });
}

/// Adds mails to Anna's inbox while any are left to be added; how many it were.
async fn write_while(left: &AtomicU64, world: &World, store: &Store, inbox: CollectionId) -> u64 {
    let anna = world.anna;
    let mut written = 0;
    while left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok() {
        let new = world.prepare(anna, b"mail").await;
        let insert = move |tx: &mut Write<'_>| tx.insert(&tx.open::<right::Insert>(anna, inbox)?, &new);
        store.write(&acting(anna), &[anna], insert).await.unwrap();
        written += 1;
    }
    written
}

/// Reads as fast as it can until the writers have ended, and once more: how many there are then.
async fn read_until(store: Store, anna: AccountId, inbox: CollectionId, ended: Arc<AtomicBool>) -> u64 {
    let mut before = 0;
    loop {
        let last = ended.load(Ordering::Relaxed);
        let read = move |tx: &storage::Read<'_>| {
            let grant = tx.open::<right::ReadItems>(anna, inbox)?;
            Ok((grant.collection().messages as u64, tx.item_flags(&grant, &(1..=u32::MAX))?.len() as u64))
        };
        let (counted, there) = store.read(&acting(anna), read).await.unwrap();
        assert_eq!(counted, there, "not of one moment");
        assert!(there >= before, "what was there has gone");
        if last {
            return there;
        }
        before = there;
    }
}

#[test]
fn a_failing_writer_does_not_harm_the_others_of_its_batch() {
    on_each_database(|world| async move {
        let (anna, inbox) = (world.anna, world.inbox(world.anna).await);
        let writers: Vec<_> = (0..60_u32)
            .map(|number| {
                let world = Arc::clone(&world);
                spawn(async move {
                    let new = world.prepare(anna, format!("mail {number}").as_bytes()).await;
                    let outcome: Result<()> = world
                        .store
                        .write(&acting(anna), &[anna], move |tx| {
                            tx.insert(&tx.open::<right::Insert>(anna, inbox)?, &new)?;
                            match number % 3 {
                                0 => Ok(()),
                                1 => Err(Refusal::Invalid("changed its mind").into()),
                                _ => panic!("this one panics on purpose"),
                            }
                        })
                        .await;
                    match number % 3 {
                        0 => outcome.unwrap(),
                        1 => assert!(matches!(outcome, Err(Error::Refusal(Refusal::Invalid(_))))),
                        _ => assert!(matches!(outcome, Err(Error::Fault(Fault::Panic(_))))),
                    }
                })
            })
            .collect();
        for writer in writers {
            writer.await.unwrap();
        }
        assert_eq!(world.collection(anna, inbox).await.messages, 20);
    });
}

#[test]
fn a_writer_that_nobody_waits_for_any_more_is_still_whole() {
    on_each_database(|world| async move {
        let (anna, inbox) = (world.anna, world.inbox(world.anna).await);
        let mut wakes = world.store.wakes(&[anna]);
        for number in 0..20 {
            let new = world.prepare(anna, format!("mail {number}").as_bytes()).await;
            let (who, accounts) = (acting(anna), [anna]);
            let write = world
                .store
                .write(&who, &accounts, move |tx| tx.insert(&tx.open::<right::Insert>(anna, inbox)?, &new));
            // Polled once, so that it is under way (and seldom done already), then dropped: the client
            // has gone.
            let mut write = Box::pin(write);
            let _ = futures::poll!(&mut write);
            drop(write);
        }
        world.insert(anna, inbox, b"after them all").await.unwrap();
        let all = async {
            while world.collection(anna, inbox).await.messages < 21 {
                wakes.any().await;
            }
        };
        tokio::time::timeout(DEADLINE, all).await.expect("a write was lost with its waiter");
        let stored = world
            .store
            .read(&acting(anna), move |tx| {
                tx.contents(&tx.open::<right::ReadItems>(anna, inbox)?, &[1..=u32::MAX], false)
            })
            .await
            .unwrap();
        let mut texts = BTreeSet::new();
        for (_, stored) in stored {
            texts.insert(String::from_utf8(world.store.load(stored).await.unwrap().to_vec()).unwrap());
        }
        let expected = (0..20).map(|number| format!("mail {number}"));
        assert_eq!(texts, expected.chain(["after them all".to_owned()]).collect());
    });
}

#[test]
fn two_conditional_writers_cannot_both_win() {
    on_each_database(|world| async move {
        let anna = world.anna;
        let calendar = world.role(anna, vocabulary::Role::Calendar).await;
        let mut event = world.prepare(anna, b"v0").await;
        event.component_uid = Some("e".to_owned());
        let first = event.clone();
        let added = world
            .store
            .write(&acting(anna), &[anna], move |tx| {
                tx.insert(&tx.open::<right::Insert>(anna, calendar)?, &first)
            })
            .await
            .unwrap();
        let mut expected = added.modseq;
        for round in 0..rounds(20) {
            let racers: Vec<_> = (0..4)
                .map(|racer| {
                    let world = Arc::clone(&world);
                    spawn(async move {
                        let mut new = world.prepare(anna, format!("v{round} {racer}").as_bytes()).await;
                        new.component_uid = Some("e".to_owned());
                        world
                            .store
                            .write(&acting(anna), &[anna], move |tx| {
                                let grant = tx.open::<right::Replace>(anna, calendar)?;
                                tx.replace(&grant, added.uid, &new, Some(expected), None)
                            })
                            .await
                    })
                })
                .collect();
            let mut winners = Vec::new();
            for racer in racers {
                match racer.await.unwrap() {
                    Ok(modseq) => winners.push(modseq),
                    Err(error) => assert!(matches!(error.refusal(), Some(Refusal::Stale { .. })), "{error}"),
                }
            }
            assert_eq!(winners.len(), 1);
            expected = winners[0];
        }
    });
}

/// A trigger that fails stands for a full disk: on SQLite `RAISE(ROLLBACK)` ends the whole
/// transaction by itself, as SQLITE_FULL does, under the feet of everybody in the batch.
async fn set_full(database: &Database, full: bool) {
    match database {
        Database::Sqlite(path) => {
            let sql = if full {
                "CREATE TRIGGER full_disk BEFORE INSERT ON content WHEN NEW.size_bytes = 666 \
                 BEGIN SELECT RAISE(ROLLBACK, 'database or disk is full'); END"
            } else {
                "DROP TRIGGER full_disk"
            };
            let connection = rusqlite::Connection::open(path).unwrap();
            connection.busy_timeout(std::time::Duration::from_secs(10)).unwrap();
            connection.execute_batch(sql).unwrap();
        }
        Database::Postgres(url) => {
            let sql = if full {
                "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
                   IF NEW.size_bytes = 666 THEN RAISE EXCEPTION 'disk full'; END IF; RETURN NEW; END $$; \
                 CREATE TRIGGER full_disk BEFORE INSERT ON content FOR EACH ROW EXECUTE FUNCTION full_disk()"
            } else {
                "DROP TRIGGER full_disk ON content"
            };
            sqlx::PgConnection::connect(url).await.unwrap().execute(sql).await.unwrap();
        }
    }
}

/// Size by UID.
async fn sizes(world: &World, inbox: CollectionId) -> BTreeMap<Uid, i64> {
    let anna = world.anna;
    let read =
        move |tx: &storage::Read<'_>| tx.items(&tx.open::<right::ReadItems>(anna, inbox)?, &[1..=u32::MAX]);
    let items = world.store.read(&acting(anna), read).await.unwrap();
    items.into_iter().map(|item| (item.uid, item.size_bytes)).collect()
}

#[test]
fn when_the_database_rolls_back_by_itself_only_what_is_there_was_acknowledged() {
    on_each_database(|world| async move {
        let (anna, inbox) = (world.anna, world.inbox(world.anna).await);
        set_full(&world.database, true).await;
        let write = |number: usize| {
            let world = Arc::clone(&world);
            async move {
                let size = if number % 6 == 5 { 666 } else { 100 + number };
                let new = world.prepare(anna, &vec![b'x'; size]).await;
                let small = world.prepare(anna, b"after the failure").await;
                let outcome = world
                    .store
                    .write(&acting(anna), &[anna], move |tx| {
                        let grant = tx.open::<right::Insert>(anna, inbox)?;
                        match tx.insert(&grant, &new) {
                            // Swallowed: what comes next must not run outside the transaction, and
                            // the closure's Ok must not become an acknowledgement.
                            Err(_) if number % 12 == 5 => {
                                assert!(tx.insert(&grant, &small).is_err());
                                Ok(Uid(0))
                            }
                            other => other.map(|added| added.uid),
                        }
                    })
                    .await;
                (size, outcome)
            }
        };
        let writers: Vec<_> = (0..120).map(|number| spawn(write(number))).collect();
        let mut acknowledged = BTreeMap::new();
        for writer in writers {
            match writer.await.unwrap() {
                (666, outcome) => assert!(matches!(outcome, Err(Error::Fault(_))), "{outcome:?}"),
                (size, Ok(uid)) => assert_eq!(acknowledged.insert(uid, size as i64), None, "{uid} twice"),
                (_, Err(error)) => {
                    // Only those that shared a batch with a failing one: PostgreSQL has no batches.
                    assert!(matches!(world.database, Database::Sqlite(_)), "{error}");
                    assert!(matches!(error, Error::Fault(_)), "{error}");
                }
            }
        }
        assert_eq!(sizes(&world, inbox).await, acknowledged);
        world.consistent().await;
        // There is room again: the same store goes on.
        set_full(&world.database, false).await;
        for number in [5, 6, 11] {
            let (size, outcome) = write(number).await;
            acknowledged.insert(outcome.unwrap(), size as i64);
        }
        assert_eq!(sizes(&world, inbox).await, acknowledged);
    });
}

/// The store's own schema has no deferred constraint (schema.rs), so one is added behind its back. On SQLite
/// the store would not look at it; there the writer's own tests show what it does to a batch.
#[test]
fn what_the_commit_itself_refuses_is_acknowledged_to_nobody() {
    on_each_database(|world| async move {
        if matches!(world.database, Database::Sqlite(_)) {
            return;
        }
        let (anna, inbox) = (world.anna, world.inbox(world.anna).await);
        let deferred = "CREATE TABLE allowed (bytes BIGINT PRIMARY KEY); \
             INSERT INTO allowed SELECT generate_series(1, 600); ALTER TABLE item ADD CONSTRAINT late \
             FOREIGN KEY (size_bytes) REFERENCES allowed (bytes) DEFERRABLE INITIALLY DEFERRED";
        run(&world.database, deferred).await;
        let write = |number: usize| {
            let world = Arc::clone(&world);
            async move {
                let size = if number % 6 == 5 { 666 } else { 100 + number };
                (size, world.insert(anna, inbox, &vec![b'x'; size]).await)
            }
        };
        let writers: Vec<_> = (0..60).map(|number| spawn(write(number))).collect();
        let mut acknowledged = BTreeMap::new();
        for writer in writers {
            match writer.await.unwrap() {
                (666, outcome) => assert!(matches!(outcome, Err(Error::Fault(_))), "{outcome:?}"),
                (size, outcome) => {
                    acknowledged.insert(outcome.unwrap().uid, size as i64);
                }
            }
        }
        assert_eq!(acknowledged.len(), 50);
        assert_eq!(sizes(&world, inbox).await, acknowledged);
        run(&world.database, "DROP TABLE allowed CASCADE").await;
        let (size, outcome) = write(5).await;
        acknowledged.insert(outcome.unwrap().uid, size as i64);
        assert_eq!(sizes(&world, inbox).await, acknowledged);
    });
}

/// More of them than there are threads.
#[test]
fn readers_that_panic_leave_their_threads_to_others() {
    on_each_database(|world| async move {
        let (anna, inbox) = (world.anna, world.inbox(world.anna).await);
        for _ in 0..20 {
            let panics = move |tx: &storage::Read<'_>| -> Result<()> {
                tx.open::<right::ReadItems>(anna, inbox)?;
                panic!("this one panics on purpose")
            };
            let outcome = world.store.read(&acting(anna), panics).await;
            assert!(matches!(outcome, Err(Error::Fault(Fault::Panic(_)))), "{outcome:?}");
        }
        let added = world.insert(anna, inbox, b"mail").await.unwrap();
        for _ in 0..20 {
            assert_eq!(sizes(&world, inbox).await, BTreeMap::from([(added.uid, 4)]), "of an old moment");
        }
    });
}

/// Ends what the store's workers hold, as a server does that is restarted.
const END_CONNECTIONS: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
     WHERE datname = current_database() AND pid <> pg_backend_pid()";

/// A `BEGIN` that fails because the connection has ended has done nothing yet, so it is tried again; what was
/// under way is lost, and told so.
#[test]
fn connections_that_the_server_ended_are_made_anew() {
    on_each_database(|world| async move {
        if matches!(world.database, Database::Sqlite(_)) {
            return;
        }
        let (anna, inbox) = (world.anna, world.inbox(world.anna).await);
        run(&world.database, END_CONNECTIONS).await;
        let mut acknowledged = BTreeMap::new();
        // More than there are workers, each of which has lost its connection.
        for number in 1..=20_i64 {
            let body = vec![b'x'; usize::try_from(number).unwrap()];
            acknowledged.insert(world.insert(anna, inbox, &body).await.unwrap().uid, number);
        }
        let (began, under_way) = std::sync::mpsc::channel();
        let (go_on, ended) = std::sync::mpsc::channel();
        let new = world.prepare(anna, b"lost").await;
        let writer = Arc::clone(&world);
        let write = spawn(async move {
            let work = move |tx: &mut Write<'_>| {
                let added = tx.insert(&tx.open::<right::Insert>(anna, inbox)?, &new);
                began.send(()).unwrap();
                ended.recv().unwrap();
                added
            };
            writer.store.write(&acting(anna), &[anna], work).await
        });
        tokio::task::spawn_blocking(move || under_way.recv()).await.unwrap().unwrap();
        run(&world.database, END_CONNECTIONS).await;
        go_on.send(()).unwrap();
        let outcome = write.await.unwrap();
        assert!(matches!(outcome, Err(Error::Fault(_))), "{outcome:?}");
        assert_eq!(sizes(&world, inbox).await, acknowledged);
        acknowledged.insert(world.insert(anna, inbox, b"mail").await.unwrap().uid, 4);
        assert_eq!(sizes(&world, inbox).await, acknowledged);
    });
}

/// A trigger sees how its transaction will be committed.
#[test]
fn a_commit_is_durable_whatever_the_servers_default_is() {
    on_each_database(|world| async move {
        let Database::Postgres(url) = &world.database else { return };
        let (anna, inbox) = (world.anna, world.inbox(world.anna).await);
        let lazy = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', \
             current_database()); END $$; \
             CREATE FUNCTION lazy() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
               IF current_setting('synchronous_commit') <> 'on' THEN RAISE EXCEPTION 'lazy'; END IF; \
             RETURN NEW; END $$; \
             CREATE TRIGGER lazy BEFORE INSERT ON item FOR EACH ROW EXECUTE FUNCTION lazy()";
        run(&world.database, lazy).await;
        let mut other = sqlx::PgConnection::connect(url).await.unwrap();
        let setting: String = other.fetch_one("SHOW synchronous_commit").await.unwrap().get(0);
        assert_eq!(setting, "off", "the server's default is what is tested against");
        let store = world.open_again().await;
        let new = world.prepare(anna, b"mail").await;
        let insert = move |tx: &mut Write<'_>| tx.insert(&tx.open::<right::Insert>(anna, inbox)?, &new);
        store.write(&acting(anna), &[anna], insert).await.unwrap();
        store.close();
    });
}
