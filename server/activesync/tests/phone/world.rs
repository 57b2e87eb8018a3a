//! A house with two people, on each database in turn.

use activesync_server::ActiveSync;
use activesync_wire::server_id::FolderId;
use session::{Context, Limits, Tasks};
use std::path::PathBuf;
use std::pin::Pin;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use storage::{
    Clock, Database, FlagChange, Grantee, Item, NewAccount, NewCollection, NewItem, Options, PasswordKeys,
    Read, Store, Write, right,
};
use vocabulary::{
    AccountClass, AccountId, AccountKind, CollectionId, CollectionKind, Door, EmailAddress, Flags, ItemId,
    Keywords, LeafName, Preset, Principal, Rights, Role, Timestamp,
};

/// 23 November 2026, 09:00 UTC.
const START_MS: i64 = 1_795_510_800_000;
pub(crate) const DAY_MS: i64 = 86_400_000;
pub(crate) const PASSWORD: &str = "a password";

pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) server: ActiveSync,
    tasks: Tasks,
    keys: PasswordKeys,
    now: Arc<AtomicI64>,
    pub(crate) directory: tempfile::TempDir,
}

/// Two people of one domain.
pub(crate) struct People {
    pub(crate) anna: AccountId,
    pub(crate) ben: AccountId,
    pub(crate) anna_address: String,
    pub(crate) ben_address: String,
}

fn house() -> Principal {
    Principal::System { door: Door::Admin }
}

/// Runs a test on SQLite, and on PostgreSQL if there is one.
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
        World::new(tempfile::tempdir().unwrap(), Database::Postgres(scratch.url.clone()))
            .await
            .run(test)
            .await;
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
        let name = format!("kontor_phone_{}_{number}", std::process::id());
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
        let clock = Clock::new({
            let now = Arc::clone(&now);
            move || Timestamp(now.load(Ordering::Relaxed))
        });
        let path: PathBuf = directory.path().to_owned();
        let store = Store::open(Options::new(database, path, clock)).await.unwrap();
        let mut context = Context::new(store.clone(), "mail.blumen.test", Limits::default()).await.unwrap();
        context.public_host = Some("phones.blumen.test:8443".into());
        let tasks = context.tasks.clone();
        let server = ActiveSync::new(context);
        let keys = PasswordKeys::new(PASSWORD).unwrap();
        Self { store, server, tasks, keys, now, directory }
    }

    async fn run(self, test: Test<'_>) {
        test(&self).await;
        let violations = self.store.check().await.unwrap();
        assert!(violations.is_empty(), "{violations:#?}");
    }

    /// People whom no other case has met.
    pub(crate) async fn people(&self) -> People {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let domain = format!("blumen{}.test", NUMBER.fetch_add(1, Ordering::Relaxed));
        let (anna_address, ben_address) = (format!("anna@{domain}"), format!("ben@{domain}"));
        let (anna, ben, keys) = (anna_address.clone(), ben_address.clone(), self.keys.clone());
        let (anna, ben) = self
            .write(&[], move |tx| {
                let admin = tx.administer()?;
                tx.create_domain(&admin, &domain, "en")?;
                let mut create = |text: &str| {
                    let new = NewAccount {
                        address: EmailAddress::parse(text).unwrap(),
                        kind: AccountKind::Exchange,
                        class: AccountClass::Person,
                        name: text.to_owned(),
                        language: None,
                        quota_bytes: None,
                    };
                    let id = tx.create_account(&admin, &new)?;
                    tx.set_password(&admin, id, &keys)?;
                    Ok::<_, storage::Error>(id)
                };
                Ok((create(&anna)?, create(&ben)?))
            })
            .await;
        People { anna, ben, anna_address, ben_address }
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

    /// The server is asked to end.
    pub(crate) fn begin_shutdown(&self) {
        self.tasks.begin_shutdown();
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp(self.now.load(Ordering::Relaxed))
    }

    pub(crate) fn pass_ms(&self, ms: i64) {
        self.now.fetch_add(ms, Ordering::Relaxed);
    }

    pub(crate) async fn folder(&self, account: AccountId, role: Role) -> FolderId {
        let find = move |tx: &Read<'_>| Ok(tx.open_role::<right::Lookup>(account, role)?.collection().id);
        FolderId { account, collection: self.store.read(&house(), find).await.unwrap() }
    }

    pub(crate) async fn make_folder(&self, account: AccountId, kind: CollectionKind, name: &str) -> FolderId {
        self.make_folder_in(FolderId { account, collection: CollectionId(0) }, kind, name).await
    }

    pub(crate) async fn make_folder_in(
        &self,
        parent: FolderId,
        kind: CollectionKind,
        name: &str,
    ) -> FolderId {
        let account = parent.account;
        let new = NewCollection {
            parent: parent.collection,
            kind,
            role: None,
            name: LeafName::new(name).unwrap(),
            resource_name: None,
        };
        let make = move |tx: &mut storage::Write<'_>| Ok(tx.create_collection(account, &new)?.id);
        FolderId { account, collection: self.write(&[account], make).await }
    }

    pub(crate) async fn delete_folder(&self, folder: FolderId) {
        self.write(&[folder.account], move |tx| {
            let grant = tx.open::<right::DeleteCollection>(folder.account, folder.collection)?;
            tx.delete_collection(&grant)
        })
        .await;
    }

    /// A mail as IMAP APPEND would bring it.
    pub(crate) async fn append(
        &self,
        folder: FolderId,
        subject: &str,
        received_at: Timestamp,
        flags: Flags,
    ) -> ItemId {
        let text = format!(
            "From: Ben <ben@x.test>\r\nTo: anna@x.test\r\nSubject: {subject}\r\n\r\nThe text of {subject}.\r\n"
        );
        let content = workflow::ingest(&self.store, folder.account, text.into_bytes().into()).await.unwrap();
        let new = NewItem { flags, ..NewItem::mail(content, received_at) };
        self.write(&[folder.account], move |tx| {
            let grant = tx.open::<right::Insert>(folder.account, folder.collection)?;
            Ok(tx.insert(&grant, &new)?.id)
        })
        .await
    }

    pub(crate) async fn insert(&self, folder: FolderId, new: NewItem) {
        self.write(&[folder.account], move |tx| {
            let grant = tx.open::<right::Insert>(folder.account, folder.collection)?;
            tx.insert(&grant, &new)
        })
        .await;
    }

    pub(crate) async fn items(&self, folder: FolderId) -> Vec<(Item, String)> {
        let (items, parsed) = self
            .read(move |tx| {
                let grant = tx.open::<right::ReadItems>(folder.account, folder.collection)?;
                Ok((tx.items(&grant, &[1..=u32::MAX])?, tx.parsed(&grant, &[1..=u32::MAX])?))
            })
            .await;
        items
            .into_iter()
            .zip(parsed)
            .map(|(item, (_, parsed))| (item, workflow::summary(&parsed).subject))
            .collect()
    }

    pub(crate) async fn flag(&self, folder: FolderId, item: &Item, change: FlagChange) {
        let uid = item.uid.0;
        self.write(&[folder.account], move |tx| {
            let grant = tx.open::<right::ChangeFlags>(folder.account, folder.collection)?;
            tx.change_flags(&grant, &[uid..=uid], &change, None, None)
        })
        .await;
    }

    pub(crate) async fn remove(&self, folder: FolderId, item: &Item) {
        let uid = item.uid.0;
        self.write(&[folder.account], move |tx| {
            let grant = tx.open::<right::Remove>(folder.account, folder.collection)?;
            tx.remove(&grant, &[uid..=uid])
        })
        .await;
    }

    pub(crate) async fn move_to(&self, from: FolderId, to: FolderId, item: &Item) {
        let uid = item.uid.0;
        self.write(&[from.account], move |tx| {
            let source = tx.open::<right::Remove>(from.account, from.collection)?;
            let read = tx.open::<right::ReadItems>(from.account, from.collection)?;
            let target = tx.open::<right::Insert>(to.account, to.collection)?;
            tx.move_items(&source, &read, &target, &[uid..=uid])
        })
        .await;
    }

    pub(crate) async fn share(&self, folder: FolderId, with: AccountId, rights: Rights) {
        self.write(&[folder.account], move |tx| {
            let grant = tx.open::<right::Administer>(folder.account, folder.collection)?;
            tx.set_permission(&grant, Grantee::Account(with), rights)
        })
        .await;
    }

    pub(crate) async fn state_bytes(&self, account: AccountId, device: &str, folder: FolderId) -> usize {
        let reader = device.to_owned();
        let bytes = self.read(move |tx| {
            tx.cursor_state(&storage::CursorKey {
                account,
                reader: &reader,
                owner: folder.account,
                collection: folder.collection,
            })
        });
        bytes.await.map_or(0, |bytes| bytes.len())
    }
}

pub(crate) fn editor() -> Rights {
    Preset::Editor.rights()
}

pub(crate) fn seen(on: bool) -> FlagChange {
    one(Flags::SEEN, on)
}

pub(crate) fn flagged(on: bool) -> FlagChange {
    one(Flags::FLAGGED, on)
}

fn one(flag: Flags, on: bool) -> FlagChange {
    if on {
        FlagChange::Add(flag, Keywords::default())
    } else {
        FlagChange::Remove(flag, Keywords::default())
    }
}
