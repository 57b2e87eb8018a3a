//! A house on each database in turn, and what people have in it.

use bytes::Bytes;
use calendar::schedule::{Agent, Written};
use std::pin::Pin;
use std::process::Command;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use storage::{Account, Clock, Database, NewAccount, NewItem, Options, Outgoing, Read, Store, Write, right};
use vocabulary::{AccountClass, AccountId, AccountKind, Door, EmailAddress, Principal, Role, Timestamp};
use workflow::Delivery;
use workflow::meeting::{Writer, plan};

/// 23 November 2026, 09:00 UTC.
const START_MS: i64 = 1_795_510_800_000;

pub(crate) struct World {
    pub(crate) store: Store,
    _directory: tempfile::TempDir,
}

pub(crate) fn house() -> Principal {
    Principal::System { door: Door::Admin }
}

/// Runs a test on SQLite, and on PostgreSQL. The store is sound after it.
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
        let name = format!("kontor_workflow_{}_{number}", std::process::id());
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
        let now = AtomicI64::new(START_MS);
        let clock = Clock::new(move || Timestamp(now.fetch_add(1, Ordering::Relaxed)));
        let store = Store::open(Options::new(database, directory.path().to_owned(), clock)).await.unwrap();
        let world = Self { store, _directory: directory };
        world
            .write(&[], |tx| {
                let admin = tx.administer()?;
                let domain = tx.create_domain(&admin, "blumen.test", "en")?;
                tx.add_domain_alias(&admin, domain, "bluten.test")
            })
            .await;
        world
    }

    async fn run(self, test: Test<'_>) {
        test(&self).await;
        let violations = self.store.check().await.unwrap();
        assert!(violations.is_empty(), "{violations:#?}");
    }

    pub(crate) async fn person(&self, name: &str) -> Person<'_> {
        self.account(name, AccountClass::Person).await
    }

    pub(crate) async fn account(&self, name: &str, class: AccountClass) -> Person<'_> {
        self.account_of("blumen.test", name, class).await
    }

    /// A list; its address.
    pub(crate) async fn list(&self, name: &str, members: &[&Person<'_>]) -> String {
        let address = format!("{name}@blumen.test");
        let parsed = EmailAddress::parse(&address).unwrap();
        let members: Vec<AccountId> = members.iter().map(|member| member.id()).collect();
        self.write(&[], move |tx| {
            let admin = tx.administer()?;
            let group = tx.create_group(&admin, &parsed)?;
            for member in members {
                tx.set_member(&admin, group, member, true)?;
            }
            Ok(())
        })
        .await;
        address
    }

    /// A person of another domain of the house.
    pub(crate) async fn neighbour(&self, name: &str) -> Person<'_> {
        self.write(&[], |tx| {
            let admin = tx.administer()?;
            tx.create_domain(&admin, "gras.test", "en")
        })
        .await;
        self.account_of("gras.test", name, AccountClass::Person).await
    }

    async fn account_of(&self, domain: &str, name: &str, class: AccountClass) -> Person<'_> {
        let address = format!("{}@{domain}", name.to_lowercase());
        let new = NewAccount {
            address: EmailAddress::parse(&address).unwrap(),
            kind: AccountKind::Exchange,
            class,
            name: name.to_owned(),
            language: None,
            quota_bytes: None,
        };
        let account = self
            .write(&[], move |tx| {
                let id = tx.create_account(&tx.administer()?, &new)?;
                tx.account(id)
            })
            .await;
        Person { world: self, account, address }
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

    /// What the outbox has now of a kind.
    pub(crate) async fn outbox(&self, kind: &'static str) -> Vec<Outgoing> {
        self.read(move |tx| tx.outbox_due(&tx.administer()?, kind, 1_000)).await
    }
}

pub(crate) struct Person<'w> {
    pub(crate) world: &'w World,
    pub(crate) account: Account,
    pub(crate) address: String,
}

impl Person<'_> {
    pub(crate) fn id(&self) -> AccountId {
        self.account.id
    }

    /// Writes an object into the first calendar, in place of that with its UID. What is to be told waits in the outbox,
    /// as after a crash.
    pub(crate) async fn writes(&self, object: &str) -> Vec<Outgoing> {
        let uid = calendar::schedule::uid_of(object.as_bytes()).unwrap();
        let old = self.items().await.into_iter().find(|(known, ..)| *known == uid);
        let old_bytes = old.as_ref().map(|(.., bytes)| bytes.as_bytes());
        let store = &self.world.store;
        let planned =
            plan(store, &self.writer(), old_bytes, Written::Stored(object.as_bytes())).await.unwrap();
        let bytes: Bytes = planned.rewritten.clone().unwrap_or_else(|| object.as_bytes().to_vec()).into();
        let now = store.clock().now();
        let new = workflow::ingest_calendar_object(store, self.id(), bytes, now).await.unwrap();
        let new = NewItem { schedule_tag: planned.schedule_tag, ..new };
        let (id, principal) = (self.id(), self.principal());
        let accounts = [id];
        let written = store.write(&principal, &accounts, move |tx| {
            match old {
                Some((_, uid, _)) => {
                    let replace = tx.open_role::<right::Replace>(id, Role::Calendar)?;
                    tx.replace(&replace, uid, &new, None, None)?;
                }
                None => {
                    let insert = tx.open_role::<right::Insert>(id, Role::Calendar)?;
                    tx.insert(&insert, &new)?;
                }
            }
            planned.letters.post(tx)
        });
        written.await.unwrap()
    }

    /// Answers in its own copy, as a calendar program does.
    pub(crate) async fn answers(&self, uid: &str, participation: &str) -> Vec<Outgoing> {
        let copy = self.copy(uid).await.replace("\r\n ", "");
        let old = attendee(&copy, &self.address);
        let (head, rest) = old.split_once("PARTSTAT=").unwrap();
        let end = rest.find([';', ':']).unwrap();
        let new = format!("{head}PARTSTAT={participation}{}", &rest[end..]);
        self.writes(&copy.replace(&old, &new)).await
    }

    pub(crate) fn principal(&self) -> Principal {
        Principal::account(self.id(), Door::Dav)
    }

    pub(crate) fn writer(&self) -> Writer {
        let (owner, author) = (self.account.clone(), self.account.clone());
        Writer { owner, author, agent: Agent::Server, uris: Vec::new() }
    }

    async fn items(&self) -> Vec<(String, vocabulary::Uid, String)> {
        let id = self.id();
        let read = move |tx: &Read<'_>| {
            let calendar = tx.open_role::<right::ReadItems>(id, Role::Calendar)?;
            let items = tx.items(&calendar, &[1..=u32::MAX])?;
            Ok(items.into_iter().zip(tx.contents(&calendar, &[1..=u32::MAX], false)?).collect::<Vec<_>>())
        };
        let mut found = Vec::new();
        for (item, (_, content)) in self.world.read(read).await {
            let bytes = self.world.store.load(content).await.unwrap();
            let text = String::from_utf8(bytes.to_vec()).unwrap();
            found.push((item.component_uid.unwrap(), item.uid, text));
        }
        found
    }

    /// The object with a UID in the first calendar.
    pub(crate) async fn copy(&self, uid: &str) -> String {
        self.copies().await.into_iter().find(|(known, _)| known == uid).unwrap().1
    }

    /// All objects of the first calendar, by their UIDs.
    pub(crate) async fn copies(&self) -> Vec<(String, String)> {
        self.items().await.into_iter().map(|(uid, _, text)| (uid, text)).collect()
    }

    /// What it says of an attendee's answer.
    pub(crate) async fn answer_of(&self, uid: &str, who: &Person<'_>) -> String {
        let line = attendee(&self.copy(uid).await, &who.address);
        let (_, rest) = line.split_once("PARTSTAT=").unwrap_or(("", "NEEDS-ACTION:"));
        rest.split([';', ':']).next().unwrap().to_owned()
    }

    /// What is in a special folder, in the order in which it came.
    pub(crate) async fn texts(&self, role: Role) -> Vec<String> {
        let id = self.id();
        let read = move |tx: &Read<'_>| {
            tx.contents(&tx.open_role::<right::ReadItems>(id, role)?, &[1..=u32::MAX], false)
        };
        let mut texts = Vec::new();
        for (_, content) in self.world.read(read).await {
            texts.push(String::from_utf8(self.world.store.load(content).await.unwrap().to_vec()).unwrap());
        }
        texts
    }

    /// How many objects, scheduling messages and mails it has.
    pub(crate) async fn counts(&self) -> (usize, usize, usize) {
        (
            self.texts(Role::Calendar).await.len(),
            self.texts(Role::ScheduleInbox).await.len(),
            self.texts(Role::Inbox).await.len(),
        )
    }

    /// A mail for it comes from outside.
    pub(crate) async fn gets(&self, mail: &str) {
        let delivery = Delivery {
            bytes: mail.as_bytes().to_vec().into(),
            trace: String::new(),
            recipient: self.account.address.clone(),
            received_at: self.world.store.clock().now(),
            door: Door::Lmtp,
        };
        workflow::deliver(&self.world.store, self.id(), delivery).await.unwrap();
    }
}

/// A meeting of an hour on the second of December 2026. `lines`: further lines of the event.
pub(crate) fn meeting(uid: &str, organizer: &str, guests: &[&str], lines: &str) -> String {
    let mut people =
        format!("ORGANIZER:mailto:{organizer}\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:{organizer}\r\n");
    for guest in guests {
        people.push_str(&format!("ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:{guest}\r\n"));
    }
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nBEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20261101T000000Z\r\n\
         DTSTART:20261202T090000Z\r\nDTEND:20261202T100000Z\r\nSUMMARY:Beete planen\r\n{people}{lines}END:VEVENT\r\n\
         END:VCALENDAR\r\n"
    )
}

/// The line of an attendee, unfolded.
pub(crate) fn attendee(object: &str, address: &str) -> String {
    let end = format!(":mailto:{address}");
    let unfolded = object.replace("\r\n ", "");
    let found = unfolded.lines().find(|line| line.starts_with("ATTENDEE") && line.ends_with(&end));
    found.unwrap_or_else(|| panic!("no {address} in {object}")).to_owned()
}

/// An answer names whoever gives it and no other attendee: RFC 5546 section 3.2.3.
pub(crate) fn only_of(object: &str, address: &str) -> String {
    let end = format!(":mailto:{address}");
    let unfolded = object.replace("\r\n ", "");
    let stays = |line: &&str| !line.starts_with("ATTENDEE") || line.ends_with(&end);
    unfolded.lines().filter(stays).map(|line| format!("{line}\r\n")).collect()
}

/// A mail with a scheduling message.
pub(crate) fn carrying(from: &str, to: &str, method: &str, object: &str) -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let object = object.replace("PRODID:", &format!("METHOD:{method}\r\nPRODID:"));
    format!(
        "From: {from}\r\nTo: {to}\r\nMessage-ID: <{number}@elsewhere.test>\r\nSubject: x\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/calendar; method={method}; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{object}"
    )
}
