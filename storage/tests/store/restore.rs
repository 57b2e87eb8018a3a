//! An older database is put back: what is made afterwards never has the name of what was made after
//! the backup, for phones and programs remember those names.

use crate::harness::{START_MS, Scratch, acting, address, house, on_each_database, open};
use bytes::Bytes;
use sqlx::{Connection, Executor};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use storage::{Cursor, Database, NewAccount, NewCollection, NewItem, Parsed, Refusal, Store, right};
use vocabulary::{AccountClass, AccountId, AccountKind, CollectionId, CollectionKind, LeafName, Role};

/// A copy of a closed database, to be put back.
enum Backup {
    Sqlite { file: PathBuf, copy: PathBuf },
    Postgres { admin: String, name: String, copy: String },
}

impl Backup {
    async fn take(database: &Database) -> Self {
        let backup = match database {
            Database::Sqlite(file) => {
                Self::Sqlite { file: file.clone(), copy: file.with_extension("backup") }
            }
            Database::Postgres(url) => {
                let (server, rest) = url.rsplit_once('/').unwrap();
                let (name, query) = rest.split_once('?').unwrap_or((rest, ""));
                let admin = format!("{server}/postgres?{query}");
                Self::Postgres { admin, name: name.to_owned(), copy: format!("{name}_backup") }
            }
        };
        match &backup {
            Self::Sqlite { file, copy } => copy_files(file, copy),
            Self::Postgres { name, copy, .. } => backup.copy_database(name, copy).await,
        }
        backup
    }

    async fn put_back(&self) {
        match self {
            Self::Sqlite { file, copy } => copy_files(copy, file),
            Self::Postgres { name, copy, .. } => {
                self.execute(format!("DROP DATABASE {name} WITH (FORCE)")).await;
                self.copy_database(copy, name).await;
            }
        }
    }

    async fn remove(self) {
        if let Self::Postgres { copy, .. } = &self {
            self.execute(format!("DROP DATABASE {copy} WITH (FORCE)")).await;
        }
    }

    /// The listener of a closed store may still be connected: a template must be alone.
    async fn copy_database(&self, from: &str, to: &str) {
        let end = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{from}'");
        self.execute(end).await;
        self.execute(format!("CREATE DATABASE {to} TEMPLATE {from}")).await;
    }

    async fn execute(&self, sql: String) {
        let Self::Postgres { admin, .. } = self else { return };
        let mut connection = sqlx::PgConnection::connect(admin).await.unwrap();
        connection.execute(sqlx::AssertSqlSafe(sql)).await.unwrap();
    }
}

/// A SQLite database is its file and its write-ahead log: neither fits another's.
fn copy_files(from: &Path, to: &Path) {
    let beside = |file: &Path, suffix: &str| PathBuf::from(format!("{}{suffix}", file.display()));
    for suffix in ["", "-wal", "-shm"] {
        let (from, to) = (beside(from, suffix), beside(to, suffix));
        if to.exists() {
            std::fs::remove_file(&to).unwrap();
        }
        if from.exists() && suffix != "-shm" {
            std::fs::copy(&from, &to).unwrap();
        }
    }
}

fn new_account(text: &str) -> NewAccount {
    NewAccount {
        address: address(text),
        kind: AccountKind::Exchange,
        class: AccountClass::Person,
        name: text.to_owned(),
        language: None,
        quota_bytes: None,
    }
}

async fn first_account(store: &Store) -> AccountId {
    store
        .write(&house(), &[], |tx| {
            let admin = tx.administer()?;
            tx.create_domain(&admin, "blumen.test", "de")?;
            tx.create_account(&admin, &new_account("anna@blumen.test"))
        })
        .await
        .unwrap()
}

async fn mail(store: &Store, anna: AccountId, text: &'static str) -> NewItem {
    let content = store.prepare(anna, Bytes::from(text), Parsed::default()).await.unwrap();
    NewItem::mail(content, store.clock().now())
}

/// Makes the same things, always under the same names; the numbers that they got.
async fn make(store: &Store, anna: AccountId) -> Vec<(&'static str, i64)> {
    let in_folder = mail(store, anna, "in the new folder").await;
    let in_inbox = mail(store, anna, "in the old folder").await;
    store
        .write(&house(), &[anna], move |tx| {
            let admin = tx.administer()?;
            let group = tx.create_group(&admin, &address("laden@blumen.test"))?;
            let ben = tx.create_account(&admin, &new_account("ben@blumen.test"))?;
            let domain = tx.create_domain(&admin, "nachbar.test", "de")?;
            let name = LeafName::new("Projekte").unwrap();
            let new = NewCollection {
                parent: CollectionId(0),
                kind: CollectionKind::Mail,
                role: None,
                name,
                resource_name: None,
            };
            let folder = tx.create_collection(anna, &new)?;
            let item = tx.insert(&tx.open::<right::Insert>(anna, folder.id)?, &in_folder)?;
            let row = tx.items(&tx.open::<right::ReadItems>(anna, folder.id)?, &[1..=u32::MAX])?.remove(0);
            let outgoing = tx.push_outgoing(anna, "push", b"payload")?;
            let queued = tx.enqueue(anna, "", &["x@elsewhere.test".to_owned()], &in_inbox.content)?;
            let other = tx.insert(&tx.open_role::<right::Insert>(anna, Role::Inbox)?, &in_inbox)?;
            Ok(vec![
                ("group", group.0),
                ("account", ben.0),
                ("domain", domain.0),
                ("outgoing", outgoing),
                ("queued", queued),
                ("collection", folder.id.0),
                ("uidvalidity", i64::from(folder.uidvalidity.0)),
                ("item", item.id.0),
                ("content", row.content.0),
                ("thread", row.thread),
                ("uid", i64::from(other.uid.0)),
                ("modseq", other.modseq.0),
            ])
        })
        .await
        .unwrap()
}

/// The numbers that name two things.
async fn restored(database: Database, directory: &Path) -> Vec<String> {
    let now = Arc::new(AtomicI64::new(START_MS));
    let store = open(&database, directory.to_owned(), &now).await;
    let anna = first_account(&store).await;
    let before = mail(&store, anna, "before the backup").await;
    store
        .write(&acting(anna), &[anna], move |tx| {
            tx.insert(&tx.open_role::<right::Insert>(anna, Role::Inbox)?, &before)
        })
        .await
        .unwrap();
    store.close();
    let backup = Backup::take(&database).await;
    let (mut given, mut wrong) = (HashSet::new(), Vec::new());
    // The same backup twice: what was made between the two restores is remembered as well.
    for round in 0..3 {
        let store = open(&database, directory.to_owned(), &now).await;
        assert_eq!(store.incarnation(), round);
        let made = make(&store, anna).await;
        let twice: Vec<_> = made.into_iter().filter(|one| !given.insert(*one)).collect();
        if !twice.is_empty() {
            wrong.push(format!("{database:?} after restore {round}: {twice:?}"));
        }
        assert_eq!(store.check().await.unwrap(), []);
        let stored = store
            .read(&acting(anna), move |tx| {
                tx.contents(&tx.open_role::<right::ReadItems>(anna, Role::Inbox)?, &[1..=1], false)
            })
            .await
            .unwrap();
        let (_, stored) = stored.into_iter().next().unwrap();
        assert_eq!(store.load(stored).await.unwrap(), "before the backup");
        store.close();
        storage::announce_restore(directory).unwrap();
        backup.put_back().await;
    }
    backup.remove().await;
    wrong
}

#[test]
fn after_a_restore_nothing_gets_a_name_that_was_given_after_the_backup() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("kontor.db");
        let mut wrong = restored(Database::Sqlite(path), directory.path()).await;

        let scratch = Scratch::create().await;
        let directory = tempfile::tempdir().unwrap();
        wrong.extend(restored(Database::Postgres(scratch.url.clone()), directory.path()).await);
        scratch.remove().await;
        assert_eq!(wrong, Vec::<String>::new());
    });
}

/// Where the log of each folder of an account ends, and a cursor there.
async fn ends(store: &Store, account: AccountId) -> Vec<Cursor> {
    store
        .read(&acting(account), move |tx| {
            let folders = tx.collections(account)?.into_iter().map(|visible| visible.collection.id);
            folders.map(|id| Ok(Cursor::at_end(&tx.open::<right::ReadItems>(account, id)?))).collect()
        })
        .await
        .unwrap()
}

/// Also of folders in which nothing has happened since.
#[test]
fn after_a_restore_no_highest_stamp_has_fallen_and_every_cursor_starts_again() {
    on_each_database(|world| async move {
        let (anna, inbox) = (world.anna, world.inbox(world.anna).await);
        world.insert(anna, inbox, b"before the backup").await.unwrap();
        let mut before = ends(&world.store, anna).await;
        for restores in 1..=2 {
            storage::announce_restore(world.directory.path()).unwrap();
            let restored = world.open_again().await;
            assert_eq!(restored.incarnation(), restores);
            let after = ends(&restored, anna).await;
            assert_eq!((after.len(), before.len()), (10, 10));
            assert!(before.iter().zip(&after).all(|(old, new)| new.modseq > old.modseq), "{after:?}");
            for (folder, cursor) in (1..).map(CollectionId).zip(before) {
                let read = move |tx: &storage::Read<'_>| {
                    tx.changes_since(&tx.open::<right::ReadItems>(anna, folder)?, cursor, 10)
                };
                let refused = restored.read(&acting(anna), read).await.unwrap_err();
                assert!(matches!(refused.refusal(), Some(Refusal::ResyncRequired { .. })), "{refused}");
            }
            before = after;
            restored.close();
        }
    });
}
