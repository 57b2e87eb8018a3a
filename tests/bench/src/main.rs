//! The store against the raw drivers doing the same statements, on SQLite and PostgreSQL.
//!
//! Both sides run in one run, in turn (A B A B), at equal durability. What counts is the ratio: a
//! shared machine's absolute figures move. `--long` does the full counts, without it a twentieth.
//!
//! ours/raw is the factor by which our layer is slower. With `--long` a row above 1.5 is an error. Beside the
//! rows that a prototype was measured with stands its figure: 10 KB mails a second on the writer thread with
//! group commit, on SQLite and another machine.
#![expect(clippy::print_stdout, reason = "a report on standard output is what this program is for")]

mod measure;
mod ours;
mod raw_postgres;
mod raw_sqlite;
mod statements;

use anyhow::{Context, Result};
use measure::{Row, report};
use std::path::PathBuf;

/// How much of everything.
#[derive(Clone, Copy)]
struct Scale {
    long: bool,
    deliveries: usize,
    flag_changes: usize,
    items: usize,
    rounds: usize,
}

fn main() -> Result<()> {
    let long = std::env::args().any(|argument| argument == "--long");
    let scale = if long {
        Scale { long, deliveries: 6_000, flag_changes: 6_000, items: 50_000, rounds: 3 }
    } else {
        Scale { long, deliveries: 600, flag_changes: 600, items: 5_000, rounds: 2 }
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let places = places()?;
    let slow = runtime.block_on(async {
        let mut slow = Vec::new();
        for place in &places {
            slow.extend(sqlite(place, scale).await?);
        }
        for place in &places {
            slow.extend(postgres(place, scale).await?);
        }
        anyhow::Ok(slow)
    })?;
    // A short run is too noisy to accuse anybody.
    anyhow::ensure!(!long || slow.is_empty(), "slower than the raw driver: {}", slow.join(", "));
    Ok(())
}

/// Where a database lies.
struct Place {
    name: &'static str,
    /// SQLite's.
    directory: PathBuf,
    /// PostgreSQL's.
    url: String,
}

/// The disk below the working directory's target folder, and memory.
fn places() -> Result<[Place; 2]> {
    let disk = PathBuf::from("target");
    std::fs::create_dir_all(&disk)?;
    let memory = PathBuf::from("/dev/shm");
    anyhow::ensure!(memory.is_dir(), "{} is missing", memory.display());
    let url = |variable: &str| {
        std::env::var(variable)
            .with_context(|| format!("{variable} names a PostgreSQL server; `tests/run bench` starts it"))
    };
    Ok([
        Place { name: "disk", directory: disk, url: url("KONTOR_TEST_POSTGRES")? },
        Place { name: "tmpfs", directory: memory, url: url("KONTOR_TEST_POSTGRES_TMPFS")? },
    ])
}

/// How many deliver at once. With 8 and with 32 the prototype was measured too.
const WRITERS: [(&str, usize); 4] = [
    ("deliveries/s, 1 writer", 1),
    ("deliveries/s, 8 writers", 8),
    ("deliveries/s, 16 writers", 16),
    ("deliveries/s, 32 writers", 32),
];

fn prototype(place: &str, row: &str) -> Option<u32> {
    match (place, row) {
        ("disk", "deliveries/s, 1 writer") => Some(2_666),
        ("disk", "deliveries/s, 8 writers") => Some(6_250),
        ("disk", "deliveries/s, 32 writers") => Some(9_600),
        ("tmpfs", "deliveries/s, 1 writer") => Some(7_050),
        ("tmpfs", "deliveries/s, 8 writers") => Some(18_588),
        ("tmpfs", "deliveries/s, 32 writers") => Some(21_742),
        _ => None,
    }
}

async fn sqlite(place: &Place, scale: Scale) -> Result<Vec<String>> {
    let (name, place) = (place.name, place.directory.as_path());
    println!("\nSQLite on {name}, 10 KB mails, {} deliveries, {} items", scale.deliveries, scale.items);
    let mut rows: Vec<Row> = Vec::new();
    for _ in 0..scale.rounds {
        let asked = WRITERS.into_iter().filter(|(_, writers)| scale.long || [1, 16].contains(writers));
        for (row, writers) in asked {
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
    let slow = report(&rows, name, prototype, scale.long);
    Ok(slow.into_iter().map(|row| format!("SQLite on {name}: {row}")).collect())
}

async fn postgres(place: &Place, scale: Scale) -> Result<Vec<String>> {
    let name = place.name;
    println!("\nPostgreSQL on {name}, 10 KB mails, {} deliveries, {} items", scale.deliveries, scale.items);
    let mut rows: Vec<Row> = Vec::new();
    for _ in 0..scale.rounds {
        deliver_to_postgres(&place.url, scale, &mut rows).await?;
        // A short run has time for those in memory only that wait for the disk most.
        if scale.long || name == "disk" {
            change_and_read_on_postgres(&place.url, scale, &mut rows).await?;
        }
    }
    let slow = report(&rows, name, |_, _| None, scale.long);
    Ok(slow.into_iter().map(|row| format!("PostgreSQL on {name}: {row}")).collect())
}

async fn deliver_to_postgres(url: &str, scale: Scale, rows: &mut Vec<Row>) -> Result<()> {
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
        measure::keep(rows, row, ours, raw);
    }
    Ok(())
}

async fn change_and_read_on_postgres(url: &str, scale: Scale, rows: &mut Vec<Row>) -> Result<()> {
    let scratch = raw_postgres::Scratch::create(url).await?;
    let directory = tempfile::tempdir()?;
    let world = ours::World::on_postgres(directory.path(), &scratch.url, 1).await?;
    world.fill(scale.items).await?;
    let ours = world.change_flags(scale.flag_changes).await?;
    let raw = raw_postgres::change_flags(&scratch.url, scale.flag_changes).await?;
    measure::keep(rows, "flag changes/s, 1 writer", ours, raw);
    let ours = world.follow_log(scale.items).await?;
    let raw = raw_postgres::follow_log(&scratch.url, scale.items).await?;
    measure::keep(rows, "changes_since, rows/s", ours, raw);
    let ours = world.open_folder(scale.items).await?;
    let raw = raw_postgres::open_folder(&scratch.url, scale.items).await?;
    measure::keep(rows, "open a folder, rows/s", ours, raw);
    world.close();
    scratch.remove().await
}
