//! What time takes away, and how much may wait for it: nothing grows for ever.

use crate::contents::{blobs, noise, run};
use crate::harness::{World, acting, house, on_each_database};
use futures::FutureExt;
use sqlx::{Connection, Executor, Row};
use storage::{
    Cursor, Database, Delivery, Grantee, NewCollection, PasswordKeys, Read, Refusal, Result, Scope, Write,
    right,
};
use vocabulary::{AccountId, CollectionId, CollectionKind, LeafName, Rights, Role, Timestamp, Uid};

/// The number that a statement gives.
pub(crate) async fn number(world: &World, sql: &str) -> i64 {
    match &world.database {
        Database::Sqlite(path) => {
            rusqlite::Connection::open(path).unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
        }
        Database::Postgres(url) => {
            let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
            connection.fetch_one(sqlx::AssertSqlSafe(sql.to_owned())).await.unwrap().get(0)
        }
    }
}

async fn rows(world: &World, table: &str) -> i64 {
    number(world, &format!("SELECT COUNT(*) FROM {table}")).await
}

async fn write<T: Send + 'static>(
    world: &World,
    work: impl for<'tx> FnOnce(&mut Write<'tx>) -> Result<T> + Send + 'static,
) -> T {
    world.store.write(&house(), &[world.anna, world.ben], work).await.unwrap()
}

/// Each on a day of its own: so it is known which is the oldest.
async fn remove(world: &World, account: AccountId, folder: CollectionId, uid: u32) {
    world.pass_days(1);
    write(world, move |tx| tx.remove(&tx.open::<right::Remove>(account, folder)?, &[uid..=uid])).await;
}

async fn cursor_at_end(world: &World, account: AccountId, folder: CollectionId) -> Cursor {
    let read = move |tx: &Read<'_>| Ok(Cursor::at_end(&tx.open::<right::ReadItems>(account, folder)?));
    world.store.read(&house(), read).await.unwrap()
}

/// How many changes a cursor is told; `None` if it must start again.
async fn told(world: &World, account: AccountId, folder: CollectionId, cursor: Cursor) -> Option<usize> {
    let read =
        move |tx: &Read<'_>| tx.changes_since(&tx.open::<right::ReadItems>(account, folder)?, cursor, 1_000);
    match world.store.read(&house(), read).await {
        Ok(changes) => Some(changes.changes.len()),
        Err(error) => {
            assert!(matches!(error.refusal(), Some(Refusal::ResyncRequired { .. })), "{error}");
            None
        }
    }
}

/// An event in Anna's calendar, replaced once.
async fn replaced_event(world: &World) -> (CollectionId, Cursor) {
    let anna = world.anna;
    let calendar = world.role(anna, Role::Calendar).await;
    let (first, second) = (world.prepare(anna, b"first").await, world.prepare(anna, b"second").await);
    write(world, move |tx| tx.insert(&tx.open::<right::Insert>(anna, calendar)?, &first)).await;
    let between = cursor_at_end(world, anna, calendar).await;
    write(world, move |tx| {
        tx.replace(&tx.open::<right::Replace>(anna, calendar)?, Uid(1), &second, None, None)
    })
    .await;
    (calendar, between)
}

#[test]
fn a_version_of_a_living_item_goes_when_no_cursor_can_ask_for_it() {
    on_each_database(|world| async move {
        let (calendar, between) = replaced_event(&world).await;
        let end = cursor_at_end(&world, world.anna, calendar).await;
        world.pass_days(89);
        world.store.sweep().await.unwrap();
        assert_eq!((rows(&world, "version").await, rows(&world, "content").await), (1, 1));
        assert_eq!(told(&world, world.anna, calendar, between).await, Some(1));
        world.pass_days(2);
        assert_eq!(world.store.sweep().await.unwrap().contents, 0);
        assert_eq!(rows(&world, "version").await, 0);
        assert_eq!(told(&world, world.anna, calendar, between).await, None);
        assert_eq!(told(&world, world.anna, calendar, end).await, Some(0));
    });
}

#[test]
fn a_version_below_the_floor_goes_with_its_bytes() {
    on_each_database(|world| async move {
        let (calendar, _) = replaced_event(&world).await;
        world.pass_days(31);
        run(&world.database, "UPDATE collection SET floor = highest WHERE role = 'calendar'").await;
        world.store.sweep().await.unwrap();
        assert_eq!(rows(&world, "version").await, 0);
        assert_eq!(world.collection(world.anna, calendar).await.messages, 1);
    });
}

#[test]
fn a_version_that_lost_its_item_goes_with_its_bytes() {
    on_each_database(|world| async move {
        replaced_event(&world).await;
        run(&world.database, "UPDATE version SET uid = 7").await;
        world.pass_days(91);
        // Its bytes are still held: an earlier program kept them longer than its item.
        world.store.sweep().await.unwrap();
        assert_eq!((rows(&world, "version").await, rows(&world, "content").await), (0, 1));
    });
}

#[test]
fn a_mail_of_the_queue_goes_a_day_after_nobody_waits_for_it() {
    on_each_database(|world| async move {
        let anna = world.anna;
        for text in [&b"settled"[..], b"waiting"] {
            let mail = world.prepare(anna, text).await.content;
            let to = ["x@elsewhere.test".to_owned(), "y@elsewhere.test".to_owned()];
            write(&world, move |tx| tx.enqueue(anna, "anna@blumen.test", &to, &mail)).await;
        }
        write(&world, move |tx| {
            let admin = tx.administer()?;
            let due = tx.queue_due(&admin, 10)?;
            assert_eq!(due.len(), 4);
            let settled = [Delivery::Done, Delivery::Failed, Delivery::Done];
            due.iter().zip(settled).try_for_each(|(recipient, state)| {
                let told = state == Delivery::Failed;
                tx.settle_recipient(&admin, recipient, state, "", Timestamp(0), told)
            })
        })
        .await;
        world.store.sweep().await.unwrap();
        assert_eq!(rows(&world, "queue_message").await, 2);
        world.pass_days(2);
        world.store.sweep().await.unwrap();
        let left = (rows(&world, "queue_message").await, rows(&world, "queue_recipient").await);
        assert_eq!((left, rows(&world, "content").await), ((1, 2), 1));
    });
}

#[test]
fn who_did_what_is_kept_as_long_as_the_log() {
    on_each_database(|world| async move {
        let (anna, inbox) = (world.anna, world.inbox(world.anna).await);
        world.insert(anna, inbox, b"long ago").await.unwrap();
        world.pass_days(89);
        world.insert(anna, inbox, b"yesterday").await.unwrap();
        let all = rows(&world, "activity").await;
        world.store.sweep().await.unwrap();
        assert_eq!(rows(&world, "activity").await, all);
        world.pass_days(2);
        world.store.sweep().await.unwrap();
        assert_eq!(rows(&world, "activity").await, 1);
    });
}

#[test]
fn a_deleted_folder_goes_after_its_last_tombstone_and_its_numbers_never_come_back() {
    on_each_database(|world| async move {
        let (anna, ben) = (world.anna, world.ben);
        let make = async |name: &'static str| {
            let new = NewCollection {
                parent: CollectionId(0),
                kind: CollectionKind::Mail,
                role: None,
                name: LeafName::new(name).unwrap(),
                resource_name: None,
            };
            write(&world, move |tx| tx.create_collection(anna, &new)).await
        };
        let old = make("Projekte").await;
        world.insert(anna, old.id, b"mail").await.unwrap();
        let id = old.id;
        write(&world, move |tx| {
            let grant = tx.open::<right::Administer>(anna, id)?;
            tx.set_permission(&grant, Grantee::Account(ben), Rights::READ)?;
            tx.delete_collection(&tx.open::<right::DeleteCollection>(anna, id)?)
        })
        .await;
        let before = (rows(&world, "collection").await, rows(&world, "permission").await);
        world.pass_days(89);
        world.store.sweep().await.unwrap();
        assert_eq!((rows(&world, "collection").await, rows(&world, "permission").await), before);
        world.pass_days(2);
        world.store.sweep().await.unwrap();
        let after = (rows(&world, "collection").await, rows(&world, "permission").await);
        assert_eq!(after, (before.0 - 1, before.1 - 1));
        let new = make("Projekte").await;
        assert!(new.id > old.id && new.uidvalidity > old.uidvalidity, "{new:?}");
    });
}

#[test]
fn a_revoked_password_can_be_looked_up_for_ninety_days() {
    on_each_database(|world| async move {
        let ben = world.ben;
        let keys = [PasswordKeys::new("phone-key").unwrap(), PasswordKeys::new("tablet-key").unwrap()];
        write(&world, move |tx| {
            let admin = tx.administer()?;
            for (name, keys) in ["phone", "tablet"].into_iter().zip(&keys) {
                tx.add_app_password(&admin, ben, name, keys)?;
            }
            tx.revoke_app_password(&admin, ben, "phone")
        })
        .await;
        world.pass_days(89);
        world.store.sweep().await.unwrap();
        assert_eq!(rows(&world, "credential").await, 2);
        world.pass_days(2);
        world.store.sweep().await.unwrap();
        assert_eq!(rows(&world, "credential").await, 1);
    });
}

#[test]
fn nothing_stays_of_a_removed_account_or_domain() {
    on_each_database(|world| async move {
        let anna = world.anna;
        let outgoing = world.prepare(anna, b"outgoing").await.content;
        write(&world, move |tx| {
            tx.put_setting(Scope::Account(anna), "absence", "weg")?;
            tx.push_outgoing(anna, "push", b"payload")?;
            tx.enqueue(anna, "", &["x@elsewhere.test".to_owned()], &outgoing)?;
            let admin = tx.administer()?;
            let domain = tx.create_domain(&admin, "leer.test", "de")?;
            tx.put_setting(Scope::Domain(domain), "banner", "x")?;
            tx.remove_domain(&admin, domain)?;
            tx.remove_account(&admin, anna)
        })
        .await;
        assert_eq!(number(&world, "SELECT COUNT(*) FROM setting WHERE scope <> 'store'").await, 0);
        assert_eq!(number(&world, "SELECT COUNT(*) FROM counter WHERE name LIKE '%/%'").await, 0);
    });
}

async fn set_quota(world: &World, account: AccountId, bytes: i64) {
    write(world, move |tx| {
        let admin = tx.administer()?;
        tx.set_account_quota(&admin, account, bytes)
    })
    .await;
}

/// Which of Anna's mails in a folder can still be read, the deleted ones too.
async fn readable(world: &World, folder: CollectionId) -> Vec<u32> {
    let anna = world.anna;
    let read =
        move |tx: &Read<'_>| tx.contents(&tx.open::<right::ReadItems>(anna, folder)?, &[1..=u32::MAX], true);
    world.store.read(&acting(anna), read).await.unwrap().into_iter().map(|(uid, _)| uid.0).collect()
}

#[test]
fn an_account_retains_at_most_its_quota_once_more_and_the_oldest_bytes_go_first() {
    on_each_database(|world| async move {
        let (anna, inbox) = (world.anna, world.inbox(world.anna).await);
        set_quota(&world, anna, 1_000).await;
        let known = world.insert(anna, inbox, &[b'k'; 100]).await.unwrap().uid.0;
        let before = cursor_at_end(&world, anna, inbox).await;
        assert_eq!(world.store.accounts_to_sweep().now_or_never(), None);
        remove(&world, anna, inbox, known).await;
        assert_eq!(world.store.accounts_to_sweep().now_or_never(), None, "no more than a tenth");
        for uid in 2..=5 {
            world.insert(anna, inbox, &[b'0' + uid as u8; 400]).await.unwrap();
            remove(&world, anna, inbox, uid).await;
        }
        // 1,700 bytes are retained; what is in use stays below the quota.
        assert_eq!(world.store.accounts_to_sweep().now_or_never(), Some(vec![anna]));
        let swept = world.store.sweep_accounts(&[anna]).await.unwrap();
        assert_eq!(swept.contents, 3);
        assert_eq!(readable(&world, inbox).await, [4, 5]);
        assert_eq!(world.store.accounts_to_sweep().now_or_never(), None);
        // The tombstones stay in the log.
        assert_eq!(told(&world, anna, inbox, before).await, Some(1));
        assert_eq!(world.store.sweep().await.unwrap(), storage::Swept::default());
    });
}

#[test]
fn versions_are_retained_bytes_too() {
    on_each_database(|world| async move {
        let anna = world.anna;
        let calendar = world.role(anna, Role::Calendar).await;
        set_quota(&world, anna, 1_000).await;
        let first = world.prepare(anna, &[b'1'; 300]).await;
        write(&world, move |tx| tx.insert(&tx.open::<right::Insert>(anna, calendar)?, &first)).await;
        for number in b'2'..=b'7' {
            world.pass_days(1);
            let new = world.prepare(anna, &[number; 300]).await;
            let replace = move |tx: &mut Write<'_>| {
                let grant = tx.open::<right::Replace>(anna, calendar)?;
                tx.replace(&grant, Uid(1), &new, None, None)
            };
            world.store.write(&acting(anna), &[anna], replace).await.unwrap();
        }
        assert_eq!(world.store.accounts_to_sweep().now_or_never(), Some(vec![anna]));
        assert_eq!(world.store.sweep_accounts(&[anna]).await.unwrap().contents, 3);
        // The three youngest versions and the event itself.
        assert_eq!(rows(&world, "content").await, 4);
        assert_eq!(number(&world, "SELECT MIN(content_id) FROM content").await, 4);
    });
}

#[test]
fn what_was_only_moved_is_not_retained() {
    on_each_database(|world| async move {
        let anna = world.anna;
        let (inbox, archive) = (world.inbox(anna).await, world.role(anna, Role::Archive).await);
        set_quota(&world, anna, 1_000).await;
        world.insert(anna, inbox, &[b'x'; 900]).await.unwrap();
        for (from, to) in [(inbox, archive), (archive, inbox)] {
            write(&world, move |tx| {
                let (remove, read) =
                    (tx.open::<right::Remove>(anna, from)?, tx.open::<right::ReadItems>(anna, from)?);
                tx.move_items(&remove, &read, &tx.open::<right::Insert>(anna, to)?, &[1..=u32::MAX])
            })
            .await;
        }
        assert_eq!(world.store.accounts_to_sweep().now_or_never(), None);
        // Held by two tombstones and its living row, it takes no room beside the quota.
        assert_eq!(world.store.sweep().await.unwrap().contents, 0);
        // Removed, it is one mail, however many tombstones hold it.
        remove(&world, anna, inbox, 2).await;
        assert_eq!(world.store.sweep().await.unwrap().contents, 0);
        world.insert(anna, inbox, &[b'y'; 900]).await.unwrap();
        remove(&world, anna, inbox, 3).await;
        assert_eq!(world.store.sweep().await.unwrap().contents, 3);
        assert_eq!(readable(&world, inbox).await, [3]);
    });
}

#[test]
fn a_large_content_above_the_cap_leaves_the_disk_at_once() {
    on_each_database(|world| async move {
        let (anna, inbox) = (world.anna, world.inbox(world.anna).await);
        set_quota(&world, anna, 150_000).await;
        for uid in 1..=2 {
            world.insert(anna, inbox, &noise(100_000, u64::from(uid))).await.unwrap();
            remove(&world, anna, inbox, uid).await;
        }
        assert_eq!(blobs(world.directory.path()).len(), 2);
        let swept = world.store.sweep_accounts(&[anna]).await.unwrap();
        assert_eq!((swept.contents, swept.blobs), (1, 1));
        assert_eq!(blobs(world.directory.path()).len(), 1);
    });
}
