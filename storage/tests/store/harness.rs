//! A store with one domain and a few people, on each database in turn.

use bytes::Bytes;
use sqlx::{Connection, Executor};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use storage::{
    Added, Clock, Collection, Database, NewAccount, NewItem, Options, Parsed, Result, Store, right,
};
use vocabulary::{
    AccountClass, AccountId, AccountKind, CollectionId, Door, EmailAddress, Principal, Role, Timestamp,
};

/// 23 November 2026, 09:00 UTC.
pub(crate) const START_MS: i64 = 1_795_510_800_000;

pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) directory: tempfile::TempDir,
    pub(crate) database: Database,
    pub(crate) now: Arc<AtomicI64>,
    pub(crate) anna: AccountId,
    pub(crate) ben: AccountId,
    /// Of another domain.
    pub(crate) nora: AccountId,
}

pub(crate) fn house() -> Principal {
    Principal::System { door: Door::Admin }
}

pub(crate) fn acting(account: AccountId) -> Principal {
    Principal::account(account, Door::Imap)
}

pub(crate) fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

/// Runs a test on SQLite, then on a fresh PostgreSQL database; both end with a clean check.
pub(crate) fn on_each_database<'t, F>(test: impl Fn(Arc<World>) -> F + 't)
where
    F: Future<Output = ()> + 't,
{
    run_on_each_database(&|world| Box::pin(test(world)));
}

/// Boxed: so a world is compiled once, and not for each test.
type Test<'t> = dyn Fn(Arc<World>) -> Pin<Box<dyn Future<Output = ()> + 't>> + 't;

fn run_on_each_database(test: &Test<'_>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let placed = Database::Sqlite(PathBuf::new());
        let world = Arc::new(World::new(tempfile::tempdir().unwrap(), placed).await);
        test(Arc::clone(&world)).await;
        world.consistent().await;
        drop(world);

        let scratch = Scratch::create().await;
        let directory = tempfile::tempdir().unwrap();
        let world = Arc::new(World::new(directory, Database::Postgres(scratch.url.clone())).await);
        test(Arc::clone(&world)).await;
        world.consistent().await;
        drop(world);
        scratch.remove().await;
    });
}

/// A database of its own on the server that `tests/run` started.
pub(crate) struct Scratch {
    admin: String,
    name: String,
    pub(crate) url: String,
}

impl Scratch {
    #[expect(clippy::disallowed_methods, reason = "the server's URL comes from tests/run by this way only")]
    pub(crate) async fn create() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let admin = std::env::var("KONTOR_TEST_POSTGRES")
            .expect("KONTOR_TEST_POSTGRES names the PostgreSQL server; `tests/run storage` starts one");
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("kontor_{}_{number}", std::process::id());
        let mut connection = sqlx::PgConnection::connect(&admin).await.unwrap();
        connection.execute(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
        let (server, _) = admin.rsplit_once('/').unwrap();
        let query = admin.split_once('?').map(|(_, query)| format!("?{query}")).unwrap_or_default();
        Self { url: format!("{server}/{name}{query}"), admin, name }
    }

    pub(crate) async fn remove(self) {
        let mut connection = sqlx::PgConnection::connect(&self.admin).await.unwrap();
        let sql = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        connection.execute(sqlx::AssertSqlSafe(sql)).await.unwrap();
    }
}

impl World {
    async fn new(directory: tempfile::TempDir, database: Database) -> Self {
        let database = match database {
            Database::Sqlite(_) => Database::Sqlite(directory.path().join("kontor.db")),
            postgres @ Database::Postgres(_) => postgres,
        };
        let now = Arc::new(AtomicI64::new(START_MS));
        let store = open(&database, directory.path().to_owned(), &now).await;
        let (anna, ben, nora) = people(&store).await;
        Self { store, directory, database, now, anna, ben, nora }
    }

    /// Another handle on the same data, as another process would have it.
    pub(crate) async fn open_again(&self) -> Store {
        open(&self.database, self.directory.path().to_owned(), &self.now).await
    }

    pub(crate) fn pass_days(&self, days: i64) {
        self.now.fetch_add(days * 86_400_000, Ordering::Relaxed);
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp(self.now.load(Ordering::Relaxed))
    }

    pub(crate) async fn consistent(&self) {
        let violations = self.store.check().await.unwrap();
        assert!(violations.is_empty(), "{violations:#?}");
    }

    pub(crate) async fn inbox(&self, account: AccountId) -> CollectionId {
        self.role(account, Role::Inbox).await
    }

    pub(crate) async fn role(&self, account: AccountId, role: Role) -> CollectionId {
        self.store
            .read(&house(), move |tx| Ok(tx.open_role::<right::Lookup>(account, role)?.collection().id))
            .await
            .unwrap()
    }

    pub(crate) async fn collection(&self, account: AccountId, id: CollectionId) -> Collection {
        self.store
            .read(&house(), move |tx| Ok(tx.open::<right::Lookup>(account, id)?.collection().clone()))
            .await
            .unwrap()
    }

    pub(crate) async fn prepare(&self, account: AccountId, bytes: &[u8]) -> NewItem {
        let parsed = Parsed { envelope: b"()".to_vec(), ..Parsed::default() };
        let content = self.store.prepare(account, Bytes::copy_from_slice(bytes), parsed).await.unwrap();
        NewItem::mail(content, self.now())
    }

    /// Inserts as the owner.
    pub(crate) async fn insert(&self, account: AccountId, into: CollectionId, bytes: &[u8]) -> Result<Added> {
        let new = self.prepare(account, bytes).await;
        self.store
            .write(&acting(account), &[account], move |tx| {
                let grant = tx.open::<right::Insert>(account, into)?;
                tx.insert(&grant, &new)
            })
            .await
    }
}

pub(crate) async fn open(database: &Database, directory: PathBuf, now: &Arc<AtomicI64>) -> Store {
    let now = Arc::clone(now);
    let clock = Clock::new(move || Timestamp(now.load(Ordering::Relaxed)));
    Store::open(Options::new(database.clone(), directory, clock)).await.unwrap()
}

async fn people(store: &Store) -> (AccountId, AccountId, AccountId) {
    store
        .write(&house(), &[], |tx| {
            let admin = tx.administer()?;
            tx.create_domain(&admin, "blumen.test", "de")?;
            tx.create_domain(&admin, "nachbar.test", "en")?;
            let mut create = |text: &str| {
                let new = NewAccount {
                    address: address(text),
                    kind: AccountKind::Exchange,
                    class: AccountClass::Person,
                    name: text.to_owned(),
                    language: None,
                    quota_bytes: None,
                };
                tx.create_account(&admin, &new)
            };
            Ok((create("anna@blumen.test")?, create("ben@blumen.test")?, create("nora@nachbar.test")?))
        })
        .await
        .unwrap()
}
