//! Contents: thresholds, damage, retention, the collector.

use crate::harness::{acting, house, on_each_database};
use storage::{CONTENT_BYTES_MAX, Database, Error, Fault, INLINE_BYTES_MAX, NewItem, Parsed, Refusal, right};
use vocabulary::{ModSeq, Uid};

/// Bytes that no packer makes smaller.
pub(crate) fn noise(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    (0..length)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 32) as u8
        })
        .collect()
}

pub(crate) fn blobs(directory: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    let mut todo = vec![directory.join("blobs")];
    while let Some(folder) = todo.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                todo.push(entry.path());
            } else {
                found.push(entry.path());
            }
        }
    }
    found
}

#[test]
fn the_threshold_decides_between_row_and_blob() {
    on_each_database(|world| async move {
        let (anna, inbox) = (world.anna, world.inbox(world.anna).await);
        for (length, expected) in
            [(INLINE_BYTES_MAX - 1, 0), (INLINE_BYTES_MAX, 0), (INLINE_BYTES_MAX + 1, 1)]
        {
            let bytes = noise(length, length as u64);
            let added = world.insert(anna, inbox, &bytes).await.unwrap();
            assert_eq!(blobs(world.directory.path()).len(), expected, "{length}");
            let uid = added.uid.0;
            let stored = world
                .store
                .read(&acting(anna), move |tx| {
                    tx.contents(&tx.open::<right::ReadItems>(anna, inbox)?, &[uid..=uid], false)
                })
                .await
                .unwrap()
                .remove(0)
                .1;
            assert_eq!(world.store.load(stored).await.unwrap(), bytes);
        }
        let too_large = bytes::Bytes::from(vec![0; CONTENT_BYTES_MAX + 1]);
        let refused = world.store.prepare(anna, too_large, Parsed::default()).await.unwrap_err();
        assert!(matches!(refused.refusal(), Some(Refusal::TooLarge { .. })));
    });
}

#[test]
fn the_same_large_bytes_are_kept_once_within_an_account() {
    on_each_database(|world| async move {
        let bytes = noise(200_000, 7);
        for account in [world.anna, world.anna, world.ben] {
            let inbox = world.inbox(account).await;
            world.insert(account, inbox, &bytes).await.unwrap();
        }
        // Three uploads, two of them named: the third is an orphan that age will take.
        world.pass_days(3);
        let long_ago = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_700_000_000);
        for blob in blobs(world.directory.path()) {
            std::fs::File::options().write(true).open(blob).unwrap().set_modified(long_ago).unwrap();
        }
        let swept = world.store.sweep().await.unwrap();
        assert_eq!(swept.blobs, 1);
        assert_eq!(blobs(world.directory.path()).len(), 2);
    });
}

#[test]
fn a_flipped_bit_in_a_blob_is_found_and_never_served() {
    on_each_database(|world| async move {
        let (anna, inbox) = (world.anna, world.inbox(world.anna).await);
        world.insert(anna, inbox, &noise(100_000, 1)).await.unwrap();
        let path = blobs(world.directory.path()).remove(0);
        let mut bytes = std::fs::read(&path).unwrap();
        for position in [0, 50_000, 99_999] {
            bytes[position] ^= 1;
            std::fs::write(&path, &bytes).unwrap();
            let stored = world
                .store
                .read(&acting(anna), move |tx| {
                    tx.contents(&tx.open::<right::ReadItems>(anna, inbox)?, &[1..=1], false)
                })
                .await
                .unwrap()
                .remove(0)
                .1;
            assert!(world.store.load(stored).await.is_err());
            let violations = world.store.check().await.unwrap();
            assert_eq!(violations.iter().filter(|v| v.invariant == "I3").count(), 1);
            bytes[position] ^= 1;
        }
        std::fs::write(&path, &bytes).unwrap();
    });
}

#[test]
fn a_lost_blob_is_damage_and_a_place_without_any_is_a_fault() {
    on_each_database(|world| async move {
        let (anna, inbox) = (world.anna, world.inbox(world.anna).await);
        world.insert(anna, inbox, &noise(100_000, 1)).await.unwrap();
        let [lost] = &blobs(world.directory.path())[..] else { panic!("one blob") };
        let bytes = std::fs::read(lost).unwrap();
        let load = || async {
            let find = move |tx: &storage::Read<'_>| {
                tx.contents(&tx.open::<right::ReadItems>(anna, inbox)?, &[1..=1], false)
            };
            let stored = world.store.read(&acting(anna), find).await.unwrap().remove(0).1;
            world.store.load(stored).await
        };
        std::fs::remove_file(lost).unwrap();
        assert!(matches!(load().await, Err(Error::Fault(Fault::Blob(_)))), "nothing is mounted here");
        world.insert(anna, inbox, &noise(100_000, 2)).await.unwrap();
        assert!(matches!(load().await, Err(Error::Fault(Fault::Damaged { .. }))));
        std::fs::write(lost, bytes).unwrap();
    });
}

#[test]
fn a_changed_row_does_not_fit_its_seal() {
    on_each_database(|world| async move {
        let (anna, inbox) = (world.anna, world.inbox(world.anna).await);
        world.insert(anna, inbox, b"mail").await.unwrap();
        let columns = ["preview = 'x'", "envelope = summary", "header_bytes = 77", "message_id = 'evil'"];
        for column in columns {
            let undo = match column.split(' ').next().unwrap() {
                "preview" => "preview = ''",
                "header_bytes" => "header_bytes = 0",
                "message_id" => "message_id = NULL",
                _ => "envelope = hash",
            };
            run(&world.database, &format!("UPDATE content SET {column}")).await;
            let violations = world.store.check().await.unwrap();
            assert!(violations.iter().any(|v| v.invariant == "I3"), "{column}");
            run(&world.database, &format!("UPDATE content SET {undo}")).await;
        }
        let original = if matches!(world.database, Database::Sqlite(_)) { "x'2829'" } else { "'\\x2829'" };
        run(&world.database, &format!("UPDATE content SET envelope = {original}")).await;
    });
}

/// A statement behind the store's back.
pub(crate) async fn run(database: &Database, sql: &str) {
    use sqlx::{Connection, Executor};
    match database {
        Database::Sqlite(path) => {
            rusqlite::Connection::open(path).unwrap().execute_batch(sql).unwrap();
        }
        Database::Postgres(url) => {
            let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
            connection.execute(sqlx::AssertSqlSafe(sql.to_owned())).await.unwrap();
        }
    }
}

#[test]
fn what_was_deleted_stays_until_retention_ends_and_then_goes() {
    on_each_database(|world| async move {
        let (anna, inbox) = (world.anna, world.inbox(world.anna).await);
        world.insert(anna, inbox, &noise(100_000, 3)).await.unwrap();
        let kept = world.insert(anna, inbox, b"stays").await.unwrap();
        let before = storage::Cursor {
            epoch: 0,
            modseq: kept.modseq,
            uid: Uid(u32::MAX),
            added: kept.uid,
            told: kept.modseq,
        };
        world
            .store
            .write(&acting(anna), &[anna], move |tx| {
                tx.remove(&tx.open::<right::Remove>(anna, inbox)?, &[1..=1])
            })
            .await
            .unwrap();
        let found = async |vanished_too| {
            let read = move |tx: &storage::Read<'_>| {
                tx.contents(&tx.open::<right::ReadItems>(anna, inbox)?, &[1..=1], vanished_too)
            };
            world.store.read(&acting(anna), read).await.unwrap().len()
        };
        assert_eq!((found(false).await, found(true).await), (0, 1));
        world.pass_days(29);
        assert_eq!(world.store.sweep().await.unwrap().contents, 0);
        world.pass_days(2);
        assert_eq!(world.store.sweep().await.unwrap().contents, 1);
        assert_eq!(found(true).await, 0);
        // The tombstone is still in the log ..
        let read = move |tx: &storage::Read<'_>| {
            tx.changes_since(&tx.open::<right::ReadItems>(anna, inbox)?, before, 10)
        };
        assert_eq!(world.store.read(&acting(anna), read).await.unwrap().changes.len(), 1);
        // .. until it is swept too, and the floor rises above the cursor.
        world.pass_days(90);
        assert_eq!(world.store.sweep().await.unwrap().tombstones, 1);
        let refused = world.store.read(&acting(anna), read).await.unwrap_err();
        assert!(matches!(refused.refusal(), Some(Refusal::ResyncRequired { .. })));
    });
}

#[test]
fn a_restored_database_gets_a_new_incarnation() {
    on_each_database(|world| async move {
        let (anna, inbox) = (world.anna, world.inbox(world.anna).await);
        let old = world.insert(anna, inbox, b"before").await.unwrap();
        storage::announce_restore(world.directory.path()).unwrap();
        let restored = world.open_again().await;
        assert_eq!(restored.incarnation(), 1);
        let content = restored.prepare(anna, bytes::Bytes::from("after"), Parsed::default()).await.unwrap();
        let new = NewItem::mail(content, world.now());
        let added = restored
            .write(&house(), &[anna], move |tx| tx.insert(&tx.open::<right::Insert>(anna, inbox)?, &new))
            .await
            .unwrap();
        assert!(added.uid.0 > old.uid.0 + (1 << 20) - 1);
        assert!(added.modseq > ModSeq::start_of(1));
        let cursor = storage::Cursor {
            epoch: 0,
            modseq: old.modseq,
            uid: Uid(u32::MAX),
            added: old.uid,
            told: old.modseq,
        };
        let refused = restored
            .read(&house(), move |tx| {
                tx.changes_since(&tx.open::<right::ReadItems>(anna, inbox)?, cursor, 10)
            })
            .await
            .unwrap_err();
        assert!(matches!(refused.refusal(), Some(Refusal::ResyncRequired { .. })));
        restored.close();
    });
}
