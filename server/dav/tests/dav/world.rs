//! A house with people of two domains, on each database in turn.

use bytes::Bytes;
use dav_server::{Dav, Push, PushSettings};
use session::{Context, Limits};
use std::pin::Pin;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::time::Duration;
use storage::{
    Clock, Database, Grantee, NewAccount, NewItem, Options, Parsed, PasswordKeys, Permission, Read, Store,
    Write, right,
};
use vocabulary::{
    AccountClass, AccountId, AccountKind, CollectionId, Component, Door, EmailAddress, GroupId, Principal,
    Rights, Role, Timestamp,
};

use crate::client::Client;

/// 23 November 2026, 09:00 UTC.
const START_MS: i64 = 1_795_510_800_000;
pub(crate) const PASSWORD: &str = "a password";

pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) dav: Dav,
    context: Context,
    now: Arc<AtomicI64>,
    keys: PasswordKeys,
    _directory: tempfile::TempDir,
}

/// Anna, Ben and Cara of one domain, and Dora of another.
pub(crate) struct People<'w> {
    pub(crate) anna: Client<'w>,
    pub(crate) ben: Client<'w>,
    pub(crate) cara: Client<'w>,
    pub(crate) dora: Client<'w>,
}

fn house() -> Principal {
    Principal::System { door: Door::Admin }
}

/// Runs a test on SQLite, and on PostgreSQL.
pub(crate) fn on_each_database(test: impl AsyncFn(&World) + 'static) {
    // What it gives borrows it.
    let test: &'static _ = Box::leak(Box::new(test));
    run_on_each_database(&|world| Box::pin(test(world)));
}

/// Boxed: so a world is compiled once, and not for each test.
type Test<'t> = &'t dyn for<'w> Fn(&'w World) -> Pin<Box<dyn Future<Output = ()> + 'w>>;

fn run_on_each_database(test: Test<'_>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let directory = tempfile::tempdir().unwrap();
        let database = Database::Sqlite(directory.path().join("kontor.db"));
        World::new(directory, database).await.run(test).await;
        let scratch = Scratch::create();
        let database = Database::Postgres(scratch.url.clone());
        World::new(tempfile::tempdir().unwrap(), database).await.run(test).await;
        scratch.remove();
    });
}

/// A database of its own on the server that `tests/run` started.
struct Scratch {
    admin: String,
    name: String,
    url: String,
}

impl Scratch {
    #[expect(clippy::disallowed_methods, reason = "the server's URL comes from tests/run by this way only")]
    fn create() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let admin = std::env::var("KONTOR_TEST_POSTGRES")
            .expect("KONTOR_TEST_POSTGRES names the PostgreSQL server; `tests/run server` starts one");
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("kontor_dav_{}_{number}", std::process::id());
        psql(&admin, &format!("CREATE DATABASE {name}"));
        let (server, _) = admin.rsplit_once('/').unwrap();
        Self { url: format!("{server}/{name}"), admin, name }
    }

    fn remove(self) {
        psql(&self.admin, &format!("DROP DATABASE {} WITH (FORCE)", self.name));
    }
}

fn psql(url: &str, sql: &str) {
    let done = Command::new("psql").args(["--quiet", "--no-psqlrc", url, "--command", sql]).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

impl World {
    async fn new(directory: tempfile::TempDir, database: Database) -> Self {
        let now = Arc::new(AtomicI64::new(START_MS));
        let clock = Arc::clone(&now);
        let clock = Clock::new(move || Timestamp(clock.fetch_add(1, Ordering::Relaxed)));
        let store = Store::open(Options::new(database, directory.path().to_owned(), clock)).await.unwrap();
        let context = Context::new(store.clone(), "dav.blumen.test", Limits::default()).await.unwrap();
        let settings = PushSettings {
            contact: "mailto:postmaster@blumen.test".to_owned(),
            own_networks: ["127.0.0.1".parse::<session::Network>().unwrap()].into(),
            interval_ms: 0,
        };
        let push = Push::start(&context, settings).await.unwrap();
        Self {
            store,
            dav: Dav::new(context.clone()).pushing(push),
            context,
            now,
            keys: PasswordKeys::new(PASSWORD).unwrap(),
            _directory: directory,
        }
    }

    async fn run(self, test: Test<'_>) {
        test(&self).await;
        self.context.tasks.begin_shutdown();
        assert!(self.context.tasks.drained(Duration::from_secs(30)).await);
        let violations = self.store.check().await.unwrap();
        assert!(violations.is_empty(), "{violations:#?}");
    }

    pub(crate) fn pass_minutes(&self, minutes: i64) {
        self.now.fetch_add(minutes * 60_000, Ordering::Relaxed);
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp(self.now.load(Ordering::Relaxed))
    }

    /// People whom no other case has met.
    pub(crate) async fn people(&self) -> People<'_> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let (own, other) = (format!("blumen{number}.test"), format!("steine{number}.test"));
        for domain in [own.clone(), other.clone()] {
            self.write(&[], move |tx| tx.create_domain(&tx.administer()?, &domain, "en").map(drop)).await;
        }
        People {
            anna: self.person("Anna", &own, AccountKind::Exchange).await,
            ben: self.person("Ben", &own, AccountKind::Exchange).await,
            cara: self.person("Cara", &own, AccountKind::Exchange).await,
            dora: self.person("Dora", &other, AccountKind::Exchange).await,
        }
    }

    pub(crate) async fn person(&self, name: &str, domain: &str, kind: AccountKind) -> Client<'_> {
        self.account(name, domain, kind, AccountClass::Person).await
    }

    /// A room, a thing, or a person.
    pub(crate) async fn person_of(&self, name: &str, domain: &str, class: AccountClass) -> Client<'_> {
        self.account(name, domain, AccountKind::Exchange, class).await
    }

    pub(crate) async fn account(
        &self,
        name: &str,
        domain: &str,
        kind: AccountKind,
        class: AccountClass,
    ) -> Client<'_> {
        let address = format!("{}@{domain}", name.to_lowercase());
        let (new, keys) = (
            NewAccount {
                address: EmailAddress::parse(&address).unwrap(),
                kind,
                class,
                name: name.to_owned(),
                language: None,
                quota_bytes: None,
            },
            self.keys.clone(),
        );
        let id = self
            .write(&[], move |tx| {
                let admin = tx.administer()?;
                let id = tx.create_account(&admin, &new)?;
                tx.set_password(&admin, id, &keys)?;
                Ok(id)
            })
            .await;
        Client { world: self, id, address, password: PASSWORD.to_owned() }
    }

    /// A group of the people of a domain.
    pub(crate) async fn group(&self, name: &str, members: &[&Client<'_>]) -> (GroupId, String) {
        let domain = members[0].address.split_once('@').unwrap().1;
        let text = format!("{name}@{domain}");
        let address = EmailAddress::parse(&text).unwrap();
        let ids: Vec<AccountId> = members.iter().map(|member| member.id).collect();
        let make = self.write(&[], move |tx| {
            let admin = tx.administer()?;
            let group = tx.create_group(&admin, &address)?;
            ids.into_iter().try_for_each(|id| tx.set_member(&admin, group, id, true))?;
            Ok(group)
        });
        (make.await, text)
    }

    /// The rights that are granted on a special folder.
    pub(crate) async fn granted(&self, owner: &Client<'_>, role: Role) -> Vec<Permission> {
        let owner = owner.id;
        self.read(move |tx| tx.permissions(&tx.open_role::<right::Administer>(owner, role)?)).await
    }

    pub(crate) async fn write<T: Send + 'static>(
        &self,
        accounts: &[AccountId],
        work: impl for<'tx> FnOnce(&mut Write<'tx>) -> storage::Result<T> + Send + 'static,
    ) -> T {
        self.store.write(&house(), accounts, work).await.unwrap()
    }

    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl for<'tx> FnOnce(&Read<'tx>) -> storage::Result<T> + Send + 'static,
    ) -> T {
        self.store.read(&house(), work).await.unwrap()
    }

    pub(crate) async fn folder(&self, account: AccountId, role: Role) -> CollectionId {
        self.read(move |tx| Ok(tx.open_role::<right::Lookup>(account, role)?.collection().id)).await
    }

    /// Stores an object as it was stored before such objects had an index, readable or not.
    pub(crate) async fn put_without_index(
        &self,
        client: &Client<'_>,
        role: Role,
        component: Component,
        name: &str,
        text: String,
    ) {
        let content = self.store.prepare(client.id, Bytes::from(text), Parsed::default()).await.unwrap();
        let (owner, folder) = (client.id, self.folder(client.id, role).await);
        let new = NewItem {
            component: Some(component),
            component_uid: Some(name.to_owned()),
            resource_name: Some(name.to_owned()),
            filter_at: Timestamp(i64::MAX),
            ..NewItem::mail(content, Timestamp(0))
        };
        let insert = move |tx: &mut Write<'_>| tx.insert(&tx.open::<right::Insert>(owner, folder)?, &new);
        self.write(&[owner], insert).await;
    }

    /// Gives rights on a special folder.
    pub(crate) async fn share(&self, owner: &Client<'_>, role: Role, with: &Client<'_>, rights: Rights) {
        self.grant(owner, role, Grantee::Account(with.id), rights).await;
    }

    pub(crate) async fn grant(&self, owner: &Client<'_>, role: Role, grantee: Grantee, rights: Rights) {
        let owner = owner.id;
        self.write(&[owner], move |tx| {
            let grant = tx.open_role::<right::Administer>(owner, role)?;
            tx.set_permission(&grant, grantee, rights)
        })
        .await;
    }
}
