//! The write path's traps: group commit, failures inside a batch, panics, waiting writers.

use crate::changes::{rounds, spawn};
use crate::harness::{acting, on_each_database};
use std::sync::Arc;
use storage::{Error, Fault, Refusal, Result, right};

#[test]
fn sixteen_writers_never_see_a_locked_database() {
    on_each_database(|world| async move {
        let (anna, inbox) = (world.anna, world.inbox(world.anna).await);
        let per_writer = rounds(50);
        let writers: Vec<_> = (0..16)
            .map(|writer| {
                let world = Arc::clone(&world);
                spawn(async move {
                    for number in 0..per_writer {
                        world.insert(anna, inbox, format!("{writer} {number}").as_bytes()).await.unwrap();
                    }
                })
            })
            .collect();
        for writer in writers {
            writer.await.unwrap();
        }
        let folder = world.collection(anna, inbox).await;
        assert_eq!(folder.messages as u64, 16 * per_writer);
        assert_eq!(u64::from(folder.uid_next.0), 16 * per_writer + 1);
    });
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
        for number in 0..20 {
            let new = world.prepare(anna, format!("mail {number}").as_bytes()).await;
            let (who, accounts) = (acting(anna), [anna]);
            let write = world
                .store
                .write(&who, &accounts, move |tx| tx.insert(&tx.open::<right::Insert>(anna, inbox)?, &new));
            // Polled once, so that it is under way, then dropped: the client has gone.
            let mut write = Box::pin(write);
            assert!(futures::poll!(&mut write).is_pending());
            drop(write);
        }
        world.insert(anna, inbox, b"after them all").await.unwrap();
        let folder = world.collection(anna, inbox).await;
        assert!(folder.messages >= 1 && i64::from(folder.uid_next.0) > folder.messages);
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

#[test]
fn a_full_database_refuses_and_goes_on_when_there_is_room() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        // SQLite only: `max_page_count` makes SQLITE_FULL, upon which SQLite rolls back by itself.
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("full.db");
        let connection = rusqlite::Connection::open(&path).unwrap();
        connection
            .execute_batch(
                "PRAGMA journal_mode = WAL; CREATE TABLE t (a BLOB); INSERT INTO t VALUES (zeroblob(4000));
                 PRAGMA max_page_count = 20;",
            )
            .unwrap();
        connection
            .execute_batch("BEGIN IMMEDIATE; SAVEPOINT s; INSERT INTO t VALUES (zeroblob(3000));")
            .unwrap();
        let full = connection.execute_batch("INSERT INTO t VALUES (zeroblob(400000));");
        assert!(full.is_err());
        // The law that the writer relies on: after SQLITE_FULL either the transaction is still open
        // and can be rolled back, or the savepoint is gone and RELEASE fails.
        if connection.is_autocommit() {
            assert!(connection.execute_batch("RELEASE s").is_err());
        } else {
            connection.execute_batch("ROLLBACK").unwrap();
        }
        connection.execute_batch("INSERT INTO t VALUES (zeroblob(100));").unwrap();
    });
}
