//! sqlx alone, one connection per task, with the store's settings.

use crate::measure::{Sample, Stopwatch};
use crate::ours::{noise, parsed};
use crate::statements as sql;
use anyhow::{Context, Result};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Row};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

/// As many connections as the store has workers.
const CONNECTIONS_MAX: usize = 8;

/// A database that is dropped afterwards.
pub(crate) struct Scratch {
    admin: String,
    name: String,
    pub(crate) url: String,
}

impl Scratch {
    pub(crate) async fn create(admin: &str) -> Result<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("bench_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        PgConnection::connect(admin).await?.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await?;
        let (server, _) = admin.rsplit_once('/').context("URL")?;
        Ok(Self { url: format!("{server}/{name}"), admin: admin.to_owned(), name })
    }

    pub(crate) async fn remove(self) -> Result<()> {
        let sql = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        PgConnection::connect(&self.admin).await?.execute(AssertSqlSafe(sql)).await?;
        Ok(())
    }
}

/// `?1` becomes `$1`, once per text.
struct Texts {
    counter: &'static str,
    folder: &'static str,
    content: &'static str,
    find_thread: &'static str,
    keep_thread: &'static str,
    take_uid: &'static str,
    count: &'static str,
    item: &'static str,
    write_counter: &'static str,
    activity: &'static str,
    flags: &'static str,
    set_flags: &'static str,
    log: &'static str,
}

fn texts() -> &'static Texts {
    static TEXTS: std::sync::OnceLock<Texts> = std::sync::OnceLock::new();
    let text = |sql: &str| -> &'static str { sql.replace('?', "$").leak() };
    TEXTS.get_or_init(|| Texts {
        counter: text(&format!("{} FOR UPDATE", sql::COUNTER)),
        folder: text(sql::FOLDER),
        content: text(sql::INSERT_CONTENT),
        find_thread: text(sql::FIND_THREAD),
        keep_thread: text(sql::KEEP_THREAD),
        take_uid: text(sql::TAKE_UID),
        count: text(sql::COUNT),
        item: text(sql::INSERT_ITEM),
        write_counter: text(sql::WRITE_COUNTER),
        activity: text(sql::ACTIVITY),
        flags: text(sql::FLAGS),
        set_flags: text(sql::SET_FLAGS),
        log: text(sql::LOG),
    })
}

struct Head {
    modseq: i64,
    used: i64,
    object: i64,
    content: i64,
    thread: i64,
    folder: i64,
}

async fn head(connection: &mut PgConnection, account: i64) -> Result<Head> {
    let row = sqlx::query(texts().counter).bind(account).fetch_one(&mut *connection).await?;
    let folder = sqlx::query(texts().folder).bind(account).fetch_one(&mut *connection).await?;
    folder.try_get::<&str, _>(5)?;
    Ok(Head {
        modseq: row.try_get(0)?,
        used: row.try_get(1)?,
        object: row.try_get(4)?,
        content: row.try_get(5)?,
        thread: row.try_get(6)?,
        folder: folder.try_get(1)?,
    })
}

async fn finish(
    connection: &mut PgConnection,
    account: i64,
    head: &Head,
    size: i64,
    added: i64,
) -> Result<()> {
    sqlx::query(texts().write_counter)
        .bind(account)
        .bind(head.modseq + 1)
        .bind(head.used + size)
        .bind(head.object + added)
        .bind(head.content + added)
        .bind(head.thread + added)
        .execute(&mut *connection)
        .await?;
    sqlx::query(texts().activity).bind(account).bind(head.modseq + 1).execute(&mut *connection).await?;
    connection.execute("COMMIT").await?;
    Ok(())
}

async fn deliver_one(connection: &mut PgConnection, account: i64, number: usize, body: &[u8]) -> Result<()> {
    connection.execute("BEGIN").await?;
    let head = head(connection, account).await?;
    let (size, parsed) = (body.len() as i64, parsed(number));
    let id_hash = (number as i64).wrapping_mul(0x5851_f42d_4c95_7f2d);
    sqlx::query(texts().content)
        .bind(account)
        .bind(head.content)
        .bind(size)
        .bind(&[7_u8; 32][..])
        .bind(parsed.message_id)
        .bind(parsed.preview)
        .bind(parsed.envelope)
        .bind(parsed.structure)
        .bind(parsed.summary)
        .bind(body)
        .execute(&mut *connection)
        .await?;
    sqlx::query(texts().find_thread).bind(account).bind(id_hash).fetch_optional(&mut *connection).await?;
    let keep = sqlx::query(texts().keep_thread).bind(account).bind(id_hash).bind(head.thread);
    keep.execute(&mut *connection).await?;
    let next: i64 = sqlx::query(texts().take_uid)
        .bind(account)
        .bind(head.folder)
        .bind(1_i64)
        .fetch_one(&mut *connection)
        .await?
        .try_get(0)?;
    count(connection, account, &head, 1, size).await?;
    sqlx::query(texts().item)
        .bind(account)
        .bind(head.folder)
        .bind(next - 1)
        .bind(head.object)
        .bind(head.content)
        .bind(head.thread)
        .bind(size)
        .bind(head.modseq + 1)
        .execute(&mut *connection)
        .await?;
    finish(connection, account, &head, size, 1).await
}

async fn count(
    connection: &mut PgConnection,
    account: i64,
    head: &Head,
    added: i64,
    size: i64,
) -> Result<()> {
    sqlx::query(texts().count)
        .bind(account)
        .bind(head.folder)
        .bind(head.modseq + 1)
        .bind(added)
        .bind(added)
        .bind(size)
        .execute(connection)
        .await?;
    Ok(())
}

pub(crate) async fn deliver(url: &str, mails: usize, writers: usize, accounts: usize) -> Result<Sample> {
    let bodies: Arc<Vec<Vec<u8>>> = Arc::new((0..mails).map(|number| noise(number as u64)).collect());
    let next = Arc::new(AtomicUsize::new(0));
    let mut connections = Vec::new();
    for _ in 0..writers.min(CONNECTIONS_MAX) {
        let mut connection = PgConnection::connect(url).await?;
        connection.execute("SET synchronous_commit = on").await?;
        connections.push(connection);
    }
    let watch = Stopwatch::start();
    let writing = connections.into_iter().map(|mut connection| {
        let (bodies, next) = (Arc::clone(&bodies), Arc::clone(&next));
        tokio::spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let Some(body) = bodies.get(number) else { return anyhow::Ok(()) };
                deliver_one(&mut connection, (number % accounts) as i64 + 1, number, body).await?;
            }
        })
    });
    for writer in futures::future::join_all(writing).await {
        writer??;
    }
    Ok(watch.stop(mails))
}

pub(crate) async fn change_flags(url: &str, changes: usize) -> Result<Sample> {
    let mut connection = PgConnection::connect(url).await?;
    let watch = Stopwatch::start();
    for number in 0..changes {
        let uid = number as i64 % 1_000 + 1;
        connection.execute("BEGIN").await?;
        let head = head(&mut connection, 1).await?;
        let row = sqlx::query(texts().flags).bind(1_i64).bind(head.folder).bind(uid).bind(uid);
        let flags: i64 = row.fetch_one(&mut connection).await?.try_get(1)?;
        sqlx::query(texts().set_flags)
            .bind(1_i64)
            .bind(head.folder)
            .bind(uid)
            .bind(flags ^ 4)
            .bind(head.modseq + 1)
            .execute(&mut connection)
            .await?;
        count(&mut connection, 1, &head, 0, 0).await?;
        finish(&mut connection, 1, &head, 0, 0).await?;
    }
    Ok(watch.stop(changes))
}

pub(crate) async fn follow_log(url: &str, items: usize) -> Result<Sample> {
    let mut connection = PgConnection::connect(url).await?;
    let folder = head(&mut connection, 1).await?.folder;
    let (mut modseq, mut uid, mut read) = (0_i64, 0_i64, 0);
    let watch = Stopwatch::start();
    loop {
        let query = sqlx::query(texts().log).bind(1_i64).bind(folder).bind(modseq).bind(uid);
        let rows = query.bind(items as i64).bind(1_000_i64).fetch_all(&mut connection).await?;
        let mut page = Vec::with_capacity(1_000);
        for row in &rows {
            let mut numbers = [0_i64; 14];
            for (slot, column) in numbers.iter_mut().zip([0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13]) {
                *slot = row.try_get(column)?;
            }
            (uid, modseq) = (row.try_get(0)?, row.try_get(12)?);
            let moved: (Option<i64>, Option<i64>) = (row.try_get(14)?, row.try_get(15)?);
            let devices: (Option<String>, Option<String>) = (row.try_get(16)?, row.try_get(17)?);
            page.push((numbers, row.try_get::<String, _>(6)?, moved, devices));
        }
        read += page.len();
        if page.len() < 1_000 {
            anyhow::ensure!(read == items, "{read} of {items}");
            return Ok(watch.stop(read));
        }
    }
}

pub(crate) async fn open_folder(url: &str, items: usize) -> Result<Sample> {
    let mut connection = PgConnection::connect(url).await?;
    let folder = head(&mut connection, 1).await?.folder;
    let watch = Stopwatch::start();
    let query = sqlx::query(texts().flags).bind(1_i64).bind(folder).bind(1_i64).bind(i64::from(u32::MAX));
    let mut view: Vec<(i64, i64, String, i64)> = Vec::new();
    for row in query.fetch_all(&mut connection).await? {
        view.push((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?));
    }
    anyhow::ensure!(view.len() == items, "{} of {items}", view.len());
    Ok(watch.stop(items))
}
