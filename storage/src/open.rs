//! Opening: schema, identity, incarnation.

use crate::error::{Fault, Result};
use crate::migration::Migrator;
use crate::store::{Database, Options};
use sea_orm::{ConnectOptions, ConnectionTrait, DatabaseConnection, DbBackend, Statement, TransactionTrait};
use sea_orm_migration::MigratorTrait;
use std::path::Path;
use vocabulary::ModSeq;

/// What a store knows of itself.
pub(crate) struct Identity {
    pub(crate) incarnation: i64,
    pub(crate) key: [u8; 32],
}

/// Key of the advisory lock under which a store is opened.
const OPENING_LOCK: i64 = 0x6b6f_6e74_6f72;
const INCARNATION_FILE: &str = "incarnation";
/// A restored store jumps every UIDNEXT and every other counter by this much: what was given out
/// after the backup is never given again.
pub(crate) const UID_JUMP: i64 = 1 << 20;

fn fault(error: impl std::fmt::Display) -> Fault {
    Fault::Open(error.to_string())
}

/// Migrates, then reads or makes the store's identity.
pub(crate) async fn prepare(options: &Options) -> Result<Identity> {
    let database = connect(&options.database).await?;
    refuse_newer_schema(&database).await?;
    // Two processes may open a new store at the same moment: the second waits for the first.
    let one_at_a_time = database.get_database_backend() == DbBackend::Postgres;
    if one_at_a_time {
        let sql = format!("SELECT pg_advisory_lock({OPENING_LOCK})");
        database.execute_unprepared(&sql).await.map_err(fault)?;
    }
    Migrator::up(&database, None).await.map_err(fault)?;
    let key = identity_key(&database).await?;
    let incarnation = incarnation(&database, &options.directory).await?;
    // Ends the session, and with it the lock.
    database.close().await.map_err(fault)?;
    Ok(Identity { incarnation, key })
}

async fn connect(database: &Database) -> Result<DatabaseConnection> {
    let url = match database {
        Database::Sqlite(path) => {
            // The first connection sets WAL, before any other sees the file.
            drop(crate::backend::sqlite::open(path, false)?);
            format!("sqlite://{}?mode=rwc", path.display())
        }
        Database::Postgres(url) => url.clone(),
    };
    let mut connect = ConnectOptions::new(url);
    connect.max_connections(1).sqlx_logging(false);
    Ok(sea_orm::Database::connect(connect).await.map_err(fault)?)
}

/// An older program refuses without writing.
async fn refuse_newer_schema(database: &DatabaseConnection) -> Result<()> {
    if !sea_orm_migration::SchemaManager::new(database).has_table("seaql_migrations").await.map_err(fault)? {
        return Ok(());
    }
    let statement =
        Statement::from_string(database.get_database_backend(), "SELECT version FROM seaql_migrations");
    let known: Vec<String> = Migrator::migrations().iter().map(|m| m.name().to_owned()).collect();
    for row in database.query_all_raw(statement).await.map_err(fault)? {
        let version: String = row.try_get_by_index(0).map_err(fault)?;
        if !known.contains(&version) {
            return Err(fault(format!(
                "the database has migration {version}, which this program does not know: it was written by a newer kontor"
            ))
            .into());
        }
    }
    Ok(())
}

async fn setting(database: &DatabaseConnection, name: &str) -> Result<Option<String>> {
    let sql = placeholders(database, "SELECT value FROM setting WHERE scope = 'store' AND name = ?1");
    let statement = Statement::from_sql_and_values(database.get_database_backend(), sql, [name.into()]);
    let row = database.query_one_raw(statement).await.map_err(fault)?;
    Ok(row.map(|row| row.try_get_by_index(0)).transpose().map_err(fault)?)
}

async fn put_setting(database: &impl ConnectionTrait, name: &str, value: &str) -> Result<()> {
    let sql = placeholders(
        database,
        "INSERT INTO setting (scope, name, value) VALUES ('store', ?1, ?2) \
         ON CONFLICT (scope, name) DO UPDATE SET value = excluded.value",
    );
    let values = [name.into(), value.into()];
    let statement = Statement::from_sql_and_values(database.get_database_backend(), sql, values);
    database.execute_raw(statement).await.map_err(fault)?;
    Ok(())
}

fn placeholders(database: &impl ConnectionTrait, sql: &str) -> String {
    match database.get_database_backend() {
        DbBackend::Postgres => sql.replace('?', "$"),
        _ => sql.to_owned(),
    }
}

/// The key of the content hashes, made at the first opening. Two processes that open a new store
/// together agree, because the second one's insert is refused and it reads the first one's.
async fn identity_key(database: &DatabaseConnection) -> Result<[u8; 32]> {
    if setting(database, "hash_key").await?.is_none() {
        let mut key = [0_u8; 32];
        getrandom::fill(&mut key).map_err(fault)?;
        let sql = placeholders(
            database,
            "INSERT INTO setting (scope, name, value) VALUES ('store', 'hash_key', ?1) \
             ON CONFLICT (scope, name) DO NOTHING",
        );
        let values = [hex(&key).into()];
        let statement = Statement::from_sql_and_values(database.get_database_backend(), sql, values);
        database.execute_raw(statement).await.map_err(fault)?;
    }
    let text = setting(database, "hash_key").await?.unwrap_or_default();
    unhex(&text).ok_or_else(|| fault("the store's hash key is damaged").into())
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let mut key = [0_u8; 32];
    if text.len() != 64 {
        return None;
    }
    for (index, slot) in key.iter_mut().enumerate() {
        *slot = u8::from_str_radix(text.get(index * 2..index * 2 + 2)?, 16).ok()?;
    }
    Some(key)
}

/// The incarnation is kept in the database and outside it. When the file is ahead, the database is
/// an older one put back: it gets a new incarnation, so that no number ever names two things.
async fn incarnation(database: &DatabaseConnection, directory: &Path) -> Result<i64> {
    let file = directory.join(INCARNATION_FILE);
    let inside: i64 = setting(database, "incarnation").await?.and_then(|text| text.parse().ok()).unwrap_or(0);
    let outside: i64 =
        std::fs::read_to_string(&file).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0);
    if outside > inside {
        raise(database, inside, outside).await?;
    }
    let incarnation = outside.max(inside);
    if outside < incarnation || !file.exists() {
        write_durably(&file, &incarnation.to_string())?;
    }
    Ok(incarnation)
}

/// Declares that the database of this store directory is about to be replaced by an older one.
///
/// The next opening sees the higher number and lifts every account above it.
///
/// # Errors
/// [`Fault::Open`] if the file cannot be written.
pub fn announce_restore(directory: &Path) -> Result<()> {
    let file = directory.join(INCARNATION_FILE);
    let known: i64 =
        std::fs::read_to_string(&file).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0);
    write_durably(&file, &(known + 1).to_string())
}

async fn raise(database: &DatabaseConnection, before: i64, incarnation: i64) -> Result<()> {
    // Once per incarnation: the same backup put back twice gives out other numbers each time.
    let jump = (incarnation - before) * UID_JUMP;
    let start = incarnation << ModSeq::INCARNATION_SHIFT;
    let ids = ["next_collection", "next_object", "next_content", "next_thread", "next_uidvalidity"];
    let ids = ids.map(|id| format!("{id} = {id} + {jump}")).join(", ");
    let statements = [
        format!("UPDATE account_counter SET {ids}"),
        format!("UPDATE counter SET value = value + {jump}"),
        format!("UPDATE account_counter SET modseq = {start} WHERE modseq < {start}"),
        format!("UPDATE collection SET uid_next = uid_next + {jump}"),
        // HIGHESTMODSEQ never falls, and no cursor of before stands at the end of a log of today.
        format!("UPDATE collection SET highest = {start} WHERE highest < {start}"),
        format!("UPDATE domain SET modseq = {start} WHERE modseq < {start}"),
    ];
    let transaction = database.begin().await.map_err(fault)?;
    for statement in statements {
        transaction.execute_unprepared(&statement).await.map_err(fault)?;
    }
    put_setting(&transaction, "incarnation", &incarnation.to_string()).await?;
    transaction.commit().await.map_err(|error| fault(error).into())
}

fn write_durably(file: &Path, text: &str) -> Result<()> {
    use std::io::Write;
    let next = file.with_extension("next");
    let write = || -> std::io::Result<()> {
        let mut handle = std::fs::File::create(&next)?;
        handle.write_all(text.as_bytes())?;
        handle.sync_all()?;
        std::fs::rename(&next, file)?;
        match file.parent() {
            Some(parent) => std::fs::File::open(parent)?.sync_all(),
            None => Ok(()),
        }
    };
    write().map_err(|error| fault(error).into())
}
