//! Our side: the store through its public door.

use crate::measure::{Sample, Stopwatch};
use anyhow::Result;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use storage::{
    Clock, Cursor, Database, FlagChange, NewAccount, NewItem, Options, Parsed, Prepared, Store, right,
};
use vocabulary::{
    AccountClass, AccountId, AccountKind, Door, EmailAddress, Flags, Keywords, Principal, Role, Timestamp,
};

/// Bytes of one mail: noise, so that both sides store the same.
const MAIL_BYTES: usize = 10_240;
const PAGE: usize = 1_000;

pub(crate) struct World {
    store: Store,
    accounts: Vec<AccountId>,
}

fn house() -> Principal {
    Principal::System { door: Door::Lmtp }
}

pub(crate) fn noise(seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    (0..MAIL_BYTES)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 24) as u8
        })
        .collect()
}

pub(crate) fn parsed(number: usize) -> Parsed {
    Parsed {
        header_bytes: 600,
        message_id: Some(format!("{number}@bench.test")),
        preview: "x".repeat(200),
        envelope: vec![b'e'; 400],
        structure: vec![b's'; 250],
        summary: vec![b'm'; 300],
        references: Vec::new(),
    }
}

impl World {
    pub(crate) async fn on_sqlite(directory: &Path, accounts: usize) -> Result<Self> {
        Self::open(Database::Sqlite(directory.join("kontor.db")), directory, accounts).await
    }

    pub(crate) async fn on_postgres(directory: &Path, url: &str, accounts: usize) -> Result<Self> {
        Self::open(Database::Postgres(url.to_owned()), directory, accounts).await
    }

    async fn open(database: Database, directory: &Path, count: usize) -> Result<Self> {
        let clock = Clock::new(|| Timestamp(1_795_510_800_000));
        let store = Store::open(Options::new(database, directory.to_owned(), clock)).await?;
        let accounts = store
            .write(&house(), &[], move |tx| {
                let admin = tx.administer()?;
                tx.create_domain(&admin, "bench.test", "en")?;
                (0..count)
                    .map(|number| {
                        let address = EmailAddress::parse(&format!("u{number}@bench.test"))
                            .map_err(|_| storage::Refusal::Invalid("address"))?;
                        let new = NewAccount {
                            address,
                            kind: AccountKind::Exchange,
                            class: AccountClass::Person,
                            name: String::new(),
                            language: None,
                            quota_bytes: None,
                        };
                        tx.create_account(&admin, &new)
                    })
                    .collect()
            })
            .await?;
        Ok(Self { store, accounts })
    }

    pub(crate) fn close(self) {
        self.store.close();
    }

    async fn prepare(&self, count: usize) -> Result<Vec<Prepared>> {
        let mut prepared = Vec::with_capacity(count);
        for number in 0..count {
            let account = self.accounts[number % self.accounts.len()];
            prepared.push(self.store.prepare(account, noise(number as u64).into(), parsed(number)).await?);
        }
        Ok(prepared)
    }

    pub(crate) async fn deliver(&self, count: usize, writers: usize) -> Result<Sample> {
        let mails = Arc::new(self.prepare(count).await?);
        let next = Arc::new(AtomicUsize::new(0));
        let watch = Stopwatch::start();
        let writing = (0..writers).map(|_| {
            let (store, mails, next) = (self.store.clone(), Arc::clone(&mails), Arc::clone(&next));
            let accounts = self.accounts.clone();
            tokio::spawn(async move {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(mail) = mails.get(number) else { return Ok::<(), storage::Error>(()) };
                    let account = accounts[number % accounts.len()];
                    let new = NewItem::mail(mail.clone(), Timestamp(0));
                    store
                        .write(&house(), &[account], move |tx| {
                            tx.insert(&tx.open_role::<right::Insert>(account, Role::Inbox)?, &new)
                        })
                        .await?;
                }
            })
        });
        for writer in futures::future::join_all(writing).await {
            writer??;
        }
        Ok(watch.stop(count))
    }

    /// Small mails in large transactions: only there to be read.
    pub(crate) async fn fill(&self, count: usize) -> Result<()> {
        let account = self.accounts[0];
        for start in (0..count).step_by(500) {
            let mut batch = Vec::new();
            for number in start..count.min(start + 500) {
                let bytes = format!("Subject: {number}\r\n\r\n").into_bytes();
                batch.push(NewItem::mail(
                    self.store.prepare(account, bytes.into(), parsed(number)).await?,
                    Timestamp(0),
                ));
            }
            self.store
                .write(&house(), &[account], move |tx| {
                    let inbox = tx.open_role::<right::Insert>(account, Role::Inbox)?;
                    batch.iter().try_for_each(|new| tx.insert(&inbox, new).map(drop))
                })
                .await?;
        }
        Ok(())
    }

    pub(crate) async fn change_flags(&self, count: usize) -> Result<Sample> {
        let account = self.accounts[0];
        let watch = Stopwatch::start();
        for number in 0..count {
            let uid = number as u32 % 1_000 + 1;
            let change = match (number / 1_000) % 2 {
                0 => FlagChange::Add(Flags::FLAGGED, Keywords::default()),
                _ => FlagChange::Remove(Flags::FLAGGED, Keywords::default()),
            };
            self.store
                .write(&house(), &[account], move |tx| {
                    let grant = tx.open_role::<right::ChangeFlags>(account, Role::Inbox)?;
                    tx.change_flags(&grant, &[uid..=uid], &change, None, None)
                })
                .await?;
        }
        Ok(watch.stop(count))
    }

    pub(crate) async fn follow_log(&self, items: usize) -> Result<Sample> {
        let account = self.accounts[0];
        // Knows every item and none of their changes: the whole log comes.
        let mut cursor = Cursor { added: vocabulary::Uid(items as u32), ..Cursor::start(0) };
        let mut read = 0;
        let watch = Stopwatch::start();
        loop {
            let changes = self
                .store
                .read(&house(), move |tx| {
                    tx.changes_since(&tx.open_role::<right::ReadItems>(account, Role::Inbox)?, cursor, PAGE)
                })
                .await?;
            read += changes.changes.len();
            cursor = changes.next;
            if !changes.more {
                anyhow::ensure!(read == items, "{read} of {items} changes");
                return Ok(watch.stop(read));
            }
        }
    }

    pub(crate) async fn open_folder(&self, items: usize) -> Result<Sample> {
        let account = self.accounts[0];
        let watch = Stopwatch::start();
        let rows = self
            .store
            .read(&house(), move |tx| {
                tx.item_flags(&tx.open_role::<right::ReadItems>(account, Role::Inbox)?, &(1..=u32::MAX))
            })
            .await?;
        anyhow::ensure!(rows.len() == items, "{} of {items} rows", rows.len());
        Ok(watch.stop(items))
    }
}
