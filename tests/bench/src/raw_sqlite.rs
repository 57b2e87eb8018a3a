//! rusqlite alone, on one thread, with the store's settings.

use crate::measure::{Sample, Stopwatch};
use crate::ours::{noise, parsed};
use crate::statements as sql;
use anyhow::Result;
use rusqlite::{Connection, params};
use std::path::Path;

fn open(path: &Path) -> Result<Connection> {
    let connection = Connection::open(path)?;
    connection.set_prepared_statement_cache_capacity(100);
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536; \
         PRAGMA mmap_size = 1073741824; PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 4000;",
    )?;
    Ok(connection)
}

fn run(connection: &Connection, sql: &str, params: impl rusqlite::Params) -> Result<()> {
    connection.prepare_cached(sql)?.execute(params)?;
    Ok(())
}

/// The account's counters and its inbox, as the store reads them first.
struct Head {
    modseq: i64,
    used: i64,
    object: i64,
    content: i64,
    thread: i64,
    folder: i64,
}

fn head(connection: &Connection) -> Result<Head> {
    let (modseq, used, object, content, thread) = connection
        .prepare_cached(sql::COUNTER)?
        .query_row([1], |row| Ok((row.get(0)?, row.get(1)?, row.get(4)?, row.get(5)?, row.get(6)?)))?;
    let folder = connection.prepare_cached(sql::FOLDER)?.query_row([1], |row| {
        row.get::<_, String>(5)?;
        row.get(1)
    })?;
    Ok(Head { modseq, used, object, content, thread, folder })
}

fn finish(connection: &Connection, head: &Head, size: i64, added: i64) -> Result<()> {
    let modseq = head.modseq + 1;
    run(
        connection,
        sql::WRITE_COUNTER,
        params![1, modseq, head.used + size, head.object + added, head.content + added, head.thread + added],
    )?;
    run(connection, sql::ACTIVITY, params![1, modseq])
}

fn deliver_one(connection: &Connection, number: usize, body: &[u8]) -> Result<()> {
    let head = head(connection)?;
    let (size, parsed, hash) = (body.len() as i64, parsed(number), [7_u8; 32]);
    let id_hash = (number as i64).wrapping_mul(0x5851_f42d_4c95_7f2d);
    let content = params![
        1,
        head.content,
        size,
        hash,
        parsed.message_id,
        parsed.preview,
        parsed.envelope,
        parsed.structure,
        parsed.summary,
        body
    ];
    run(connection, sql::INSERT_CONTENT, content)?;
    connection.prepare_cached(sql::FIND_THREAD)?.exists(params![1, id_hash])?;
    run(connection, sql::KEEP_THREAD, params![1, id_hash, head.thread])?;
    let next: i64 =
        connection.prepare_cached(sql::TAKE_UID)?.query_row(params![1, head.folder, 1], |row| row.get(0))?;
    run(connection, sql::COUNT, params![1, head.folder, head.modseq + 1, 1, 1, size])?;
    let item =
        params![1, head.folder, next - 1, head.object, head.content, head.thread, size, head.modseq + 1];
    run(connection, sql::INSERT_ITEM, item)?;
    finish(connection, &head, size, 1)
}

pub(crate) fn deliver(path: &Path, count: usize, batch: usize) -> Result<Sample> {
    let connection = open(path)?;
    let mails: Vec<Vec<u8>> = (0..count).map(|number| noise(number as u64)).collect();
    let watch = Stopwatch::start();
    for (start, chunk) in mails.chunks(batch).enumerate() {
        run(&connection, "BEGIN IMMEDIATE", [])?;
        for (offset, body) in chunk.iter().enumerate() {
            run(&connection, "SAVEPOINT s", [])?;
            deliver_one(&connection, start * batch + offset, body)?;
            run(&connection, "RELEASE s", [])?;
        }
        run(&connection, "COMMIT", [])?;
    }
    Ok(watch.stop(count))
}

pub(crate) fn change_flags(path: &Path, count: usize) -> Result<Sample> {
    let connection = open(path)?;
    let watch = Stopwatch::start();
    for number in 0..count {
        let uid = number as i64 % 1_000 + 1;
        run(&connection, "BEGIN IMMEDIATE", [])?;
        run(&connection, "SAVEPOINT s", [])?;
        let head = head(&connection)?;
        let flags: i64 = connection
            .prepare_cached(sql::FLAGS)?
            .query_row(params![1, head.folder, uid, uid], |row| row.get(1))?;
        run(&connection, sql::SET_FLAGS, params![1, head.folder, uid, flags ^ 4, head.modseq + 1])?;
        run(&connection, sql::COUNT, params![1, head.folder, head.modseq + 1, 0, 0, 0])?;
        finish(&connection, &head, 0, 0)?;
        run(&connection, "RELEASE s", [])?;
        run(&connection, "COMMIT", [])?;
    }
    Ok(watch.stop(count))
}

pub(crate) fn follow_log(path: &Path, items: usize) -> Result<Sample> {
    let connection = open(path)?;
    let folder = head(&connection)?.folder;
    let (mut modseq, mut uid, mut read) = (0_i64, 0_i64, 0);
    let watch = Stopwatch::start();
    loop {
        let mut statement = connection.prepare_cached(sql::LOG)?;
        let mut rows = statement.query(params![1, folder, modseq, uid, items as i64, 1_000])?;
        let mut page = Vec::with_capacity(1_000);
        while let Some(row) = rows.next()? {
            let mut numbers = [0_i64; 14];
            for (slot, column) in numbers.iter_mut().zip([0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13]) {
                *slot = row.get(column)?;
            }
            (uid, modseq) = (row.get(0)?, row.get(12)?);
            let moved: (Option<i64>, Option<i64>) = (row.get(14)?, row.get(15)?);
            let devices: (Option<String>, Option<String>) = (row.get(16)?, row.get(17)?);
            page.push((numbers, row.get::<_, String>(6)?, moved, devices));
        }
        read += page.len();
        if page.len() < 1_000 {
            anyhow::ensure!(read == items, "{read} of {items}");
            return Ok(watch.stop(read));
        }
    }
}

pub(crate) fn open_folder(path: &Path, items: usize) -> Result<Sample> {
    let connection = open(path)?;
    let folder = head(&connection)?.folder;
    let watch = Stopwatch::start();
    let mut statement = connection.prepare_cached(sql::FLAGS)?;
    let mut rows = statement.query(params![1, folder, 1, i64::from(u32::MAX)])?;
    let mut view = Vec::new();
    while let Some(row) = rows.next()? {
        let entry: (i64, i64, String, i64) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
        view.push(entry);
    }
    anyhow::ensure!(view.len() == items, "{} of {items}", view.len());
    Ok(watch.stop(items))
}
