//! 3,000 mails into the store within seconds: made on one thread, parsed on every core, inserted a
//! hundred at a time.

use super::fill::account_of;
use super::mails::{DemoMail, mails};
use super::objects::{DemoObject, objects};
use anyhow::{Context as _, Result};
use bytes::Bytes;
use std::collections::{BTreeMap, VecDeque};
use storage::{NewCollection, NewItem, Parsed, Refusal, Store, Write, right};
use tokio::task::{JoinHandle, spawn_blocking};
use vocabulary::{
    AccountId, CollectionId, CollectionKind, Door, Flags, LeafName, Principal, Role, Timestamp,
};

/// Mails of one transaction.
const BATCH_MAILS: usize = 100;
/// Batches that are made or parsed ahead of the one that is inserted.
const BATCHES_AHEAD: usize = 4;

/// A mail whose bytes were read once.
struct Read {
    to_account: usize,
    folder: &'static str,
    received: Timestamp,
    flags: Flags,
    bytes: Bytes,
    parsed: Parsed,
}

/// Puts all mails into the mailboxes, the oldest first.
pub(super) async fn insert_mails(store: &Store, people: &[AccountId], seed: u64) -> Result<()> {
    let now = store.clock().now();
    let (made, mut batches) = tokio::sync::mpsc::channel(BATCHES_AHEAD);
    let making = spawn_blocking(move || {
        let mut mails = mails(seed, now);
        loop {
            let batch: Vec<DemoMail> = mails.by_ref().take(BATCH_MAILS).collect();
            // Nobody takes it when inserting has failed.
            if batch.is_empty() || made.blocking_send(batch).is_err() {
                return;
            }
        }
    });
    let mut folders = Folders::default();
    let mut reading: VecDeque<JoinHandle<Vec<Read>>> = VecDeque::new();
    loop {
        while reading.len() < BATCHES_AHEAD
            && let Some(batch) = batches.recv().await
        {
            reading.push_back(spawn_blocking(move || batch.into_iter().map(read).collect()));
        }
        let Some(next) = reading.pop_front() else { break };
        insert(store, people, &mut folders, next.await.context("a mail could not be read")?).await?;
    }
    making.await.context("a mail could not be made")
}

fn read(mail: DemoMail) -> Read {
    let bytes = match mime::normalise_line_ends(&mail.raw) {
        std::borrow::Cow::Borrowed(_) => Bytes::from(mail.raw),
        std::borrow::Cow::Owned(repaired) => repaired.into(),
    };
    let parsed = workflow::parsed(&bytes);
    let DemoMail { to_account, folder, received, flags, .. } = mail;
    Read { to_account, folder, received, flags, bytes, parsed }
}

async fn insert(store: &Store, people: &[AccountId], folders: &mut Folders, batch: Vec<Read>) -> Result<()> {
    let mut accounts = Vec::new();
    let mut items = Vec::with_capacity(batch.len());
    for mail in batch {
        let account = account_of(people, mail.to_account)?;
        accounts.push(account);
        let content = store.prepare(account, mail.bytes, mail.parsed).await?;
        let item = NewItem { flags: mail.flags, ..NewItem::mail(content, mail.received) };
        items.push((account, mail.folder, item));
    }
    let house = Principal::System { door: Door::Admin };
    let mut known = std::mem::take(folders);
    *folders = store
        .write(&house, &accounts, move |tx| {
            for (account, folder, item) in &items {
                let id = known.find_or_make(tx, *account, folder)?;
                let grant = tx.open::<right::Insert>(*account, id)?;
                tx.insert(&grant, item)?;
            }
            Ok(known)
        })
        .await?;
    Ok(())
}

/// Puts appointments, contacts, tasks and notes where their owners keep them.
pub(super) async fn insert_objects(store: &Store, people: &[AccountId], seed: u64) -> Result<()> {
    let now = store.clock().now();
    let mut ready = Vec::new();
    for DemoObject { to_account, role, name, text } in objects(seed, now) {
        let account = account_of(people, to_account)?;
        let ingested = match role {
            Role::Contacts => workflow::ingest_card(store, account, text.into(), now).await,
            _ => workflow::ingest_calendar_object(store, account, text.into(), now).await,
        };
        let new = ingested.with_context(|| format!("the demo's own {name}"))?;
        ready.push((account, role, NewItem { resource_name: Some(name), ..new }));
    }
    let house = Principal::System { door: Door::Admin };
    store
        .write(&house, people, move |tx| {
            for (account, role, new) in &ready {
                tx.insert(&tx.open_role::<right::Insert>(*account, *role)?, new)?;
            }
            Ok(())
        })
        .await?;
    Ok(())
}

/// The folders that were found or made already.
#[derive(Default)]
struct Folders(BTreeMap<(AccountId, &'static str), CollectionId>);

impl Folders {
    /// The folder at a path whose first part is a special folder.
    fn find_or_make(
        &mut self,
        tx: &mut Write<'_>,
        account: AccountId,
        path: &'static str,
    ) -> storage::Result<CollectionId> {
        if let Some(id) = self.0.get(&(account, path)) {
            return Ok(*id);
        }
        let (special, child) = path.split_once('/').map_or((path, None), |(first, rest)| (first, Some(rest)));
        let role: Role =
            special.to_lowercase().parse().map_err(|_| Refusal::Invalid("a demo folder has no role"))?;
        let mut id = tx.open_role::<right::Lookup>(account, role)?.collection().id;
        if let Some(child) = child {
            let name = LeafName::new(child).map_err(|_| Refusal::Invalid("a demo folder has no name"))?;
            let new = NewCollection {
                parent: id,
                kind: CollectionKind::Mail,
                role: None,
                name,
                resource_name: None,
            };
            id = tx.create_collection(account, &new)?.id;
        }
        self.0.insert((account, path), id);
        Ok(id)
    }
}
