//! The store against the raw drivers doing the same statements, on SQLite and PostgreSQL.
//!
//! Both sides run in one run, in turn (A B A B), at equal durability. What counts is the ratio: a
//! shared machine's absolute figures move. `--long` does the full counts, without it a twentieth.
//!
//! ours/raw is the factor by which our layer is slower. With `--long` a row above 1.5 is an error.
#![expect(clippy::print_stdout, reason = "a report on standard output is what this program is for")]

mod measure;
mod ours;
mod raw_postgres;
mod raw_sqlite;
mod statements;

use anyhow::{Context, Result};
use measure::{Row, report};
use std::path::{Path, PathBuf};

/// How much of everything.
#[derive(Clone, Copy)]
struct Scale {
    deliveries: usize,
    flag_changes: usize,
    items: usize,
    rounds: usize,
}

fn main() -> Result<()> {
    let long = std::env::args().any(|argument| argument == "--long");
    let scale = if long {
        Scale { deliveries: 6_000, flag_changes: 6_000, items: 50_000, rounds: 3 }
    } else {
        Scale { deliveries: 600, flag_changes: 600, items: 5_000, rounds: 2 }
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let url = std::env::var("KONTOR_TEST_POSTGRES")
        .context("KONTOR_TEST_POSTGRES names the PostgreSQL server; `tests/run bench` starts one")?;
    let slow = runtime.block_on(async {
        let mut slow = Vec::new();
        for (name, place) in places()? {
            slow.extend(sqlite(name, &place, scale).await?);
        }
        slow.extend(postgres(&url, scale).await?);
        anyhow::Ok(slow)
    })?;
    // A short run is too noisy to accuse anybody.
    anyhow::ensure!(!long || slow.is_empty(), "slower than the raw driver: {}", slow.join(", "));
    Ok(())
}

/// The disk below the working directory's target folder, and memory.
fn places() -> Result<Vec<(&'static str, PathBuf)>> {
    let disk = PathBuf::from("target");
    std::fs::create_dir_all(&disk)?;
    let mut places = vec![("disk", disk)];
    let memory = Path::new("/dev/shm");
    if memory.is_dir() {
        places.push(("tmpfs", memory.to_owned()));
    }
    Ok(places)
}

async fn sqlite(name: &str, place: &Path, scale: Scale) -> Result<Vec<String>> {
    println!("\nSQLite on {name}, 10 KB mails, {} deliveries, {} items", scale.deliveries, scale.items);
    let mut rows: Vec<Row> = Vec::new();
    for _ in 0..scale.rounds {
        for (row, writers) in [("deliveries/s, 1 writer", 1), ("deliveries/s, 16 writers", 16)] {
            let directory = tempfile::tempdir_in(place)?;
            let world = ours::World::on_sqlite(directory.path(), 1).await?;
            let ours = world.deliver(scale.deliveries, writers).await?;
            world.close();
            let directory = tempfile::tempdir_in(place)?;
            ours::World::on_sqlite(directory.path(), 1).await?.close();
            let raw = raw_sqlite::deliver(&directory.path().join("kontor.db"), scale.deliveries, writers)?;
            measure::keep(&mut rows, row, ours, raw);
        }
        let directory = tempfile::tempdir_in(place)?;
        let path = directory.path().join("kontor.db");
        let world = ours::World::on_sqlite(directory.path(), 1).await?;
        world.fill(scale.items).await?;
        let ours = world.change_flags(scale.flag_changes).await?;
        let raw = raw_sqlite::change_flags(&path, scale.flag_changes)?;
        measure::keep(&mut rows, "flag changes/s, 1 writer", ours, raw);
        let ours = world.follow_log(scale.items).await?;
        let raw = raw_sqlite::follow_log(&path, scale.items)?;
        measure::keep(&mut rows, "changes_since, rows/s", ours, raw);
        let ours = world.open_folder(scale.items).await?;
        let raw = raw_sqlite::open_folder(&path, scale.items)?;
        measure::keep(&mut rows, "open a folder, rows/s", ours, raw);
        world.close();
    }
    Ok(report(&rows).into_iter().map(|row| format!("SQLite on {name}: {row}")).collect())
}

async fn postgres(url: &str, scale: Scale) -> Result<Vec<String>> {
    println!("\nPostgreSQL, 10 KB mails, {} deliveries, {} items", scale.deliveries, scale.items);
    let mut rows: Vec<Row> = Vec::new();
    for _ in 0..scale.rounds {
        let cases = [
            ("deliveries/s, 1 writer", 1, 1),
            ("deliveries/s, 16 writers, one mailbox", 16, 1),
            ("deliveries/s, 16 writers, 16 mailboxes", 16, 16),
        ];
        for (row, writers, accounts) in cases {
            let scratch = raw_postgres::Scratch::create(url).await.context("scratch database")?;
            let directory = tempfile::tempdir()?;
            let world = ours::World::on_postgres(directory.path(), &scratch.url, accounts).await?;
            let ours = world.deliver(scale.deliveries, writers).await?;
            world.close();
            scratch.remove().await?;
            let scratch = raw_postgres::Scratch::create(url).await?;
            ours::World::on_postgres(directory.path(), &scratch.url, accounts).await?.close();
            let raw = raw_postgres::deliver(&scratch.url, scale.deliveries, writers, accounts).await?;
            scratch.remove().await?;
            measure::keep(&mut rows, row, ours, raw);
        }
        let scratch = raw_postgres::Scratch::create(url).await?;
        let directory = tempfile::tempdir()?;
        let world = ours::World::on_postgres(directory.path(), &scratch.url, 1).await?;
        world.fill(scale.items).await?;
        let ours = world.change_flags(scale.flag_changes).await?;
        let raw = raw_postgres::change_flags(&scratch.url, scale.flag_changes).await?;
        measure::keep(&mut rows, "flag changes/s, 1 writer", ours, raw);
        let ours = world.follow_log(scale.items).await?;
        let raw = raw_postgres::follow_log(&scratch.url, scale.items).await?;
        measure::keep(&mut rows, "changes_since, rows/s", ours, raw);
        let ours = world.open_folder(scale.items).await?;
        let raw = raw_postgres::open_folder(&scratch.url, scale.items).await?;
        measure::keep(&mut rows, "open a folder, rows/s", ours, raw);
        world.close();
        scratch.remove().await?;
    }
    Ok(report(&rows).into_iter().map(|row| format!("PostgreSQL: {row}")).collect())
}
