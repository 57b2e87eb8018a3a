//! One list of migrations makes both schemas; what it makes is checked in, and an older program
//! refuses a newer database.

use crate::harness::{Scratch, house, on_each_database};
use crate::retention::number;
use sqlx::{Connection, Executor, Row};
use std::path::{Path, PathBuf};
use storage::{Clock, CursorKey, Database, Options, Read, Scope, Store, right};
use vocabulary::{AccountId, CollectionId, DomainId, Role, Timestamp};

const SQLITE: &str = "SELECT COALESCE(sql, name) FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' \
     AND name NOT LIKE 'seaql%' ORDER BY type DESC, name";
/// From PostgreSQL 18 on a NOT NULL is a constraint too; the columns say it already.
const POSTGRES: &str = "SELECT table_name || '.' || column_name || ' ' || data_type || \
     CASE is_nullable WHEN 'NO' THEN ' not null' ELSE '' END || COALESCE(' default ' || column_default, '') \
     FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE 'seaql%' \
     UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename NOT LIKE 'seaql%' \
     UNION ALL SELECT 'CONSTRAINT ' || t.relname || '.' || c.conname || ' ' || pg_get_constraintdef(c.oid) \
     FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid \
     WHERE c.connamespace = 'public'::regnamespace AND c.contype <> 'n' \
     AND t.relname NOT LIKE 'seaql%' ORDER BY 1";

async fn schema(database: &Database) -> (String, &'static str) {
    match database {
        Database::Sqlite(path) => {
            let connection = rusqlite::Connection::open(path).unwrap();
            let mut statement = connection.prepare(SQLITE).unwrap();
            let rows = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
            let text = rows.map(Result::unwrap).collect::<Vec<_>>().join("\n");
            (text, "schema_sqlite.snap")
        }
        Database::Postgres(url) => {
            let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
            let rows = connection.fetch_all(POSTGRES).await.unwrap();
            let text = rows.iter().map(|row| row.get::<String, _>(0)).collect::<Vec<_>>().join("\n");
            (text, "schema_postgres.snap")
        }
    }
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "KONTOR_WRITE_SNAPSHOTS=1 writes what is then reviewed and committed"
)]
fn the_schemas_are_the_ones_that_are_checked_in() {
    on_each_database(|world| async move {
        if std::env::var("KONTOR_WRITE_SNAPSHOTS").is_ok() {
            let (text, name) = schema(&world.database).await;
            std::fs::create_dir_all(snapshot(name).parent().unwrap()).unwrap();
            std::fs::write(snapshot(name), format!("{text}\n")).unwrap();
        }
        has_todays_schema(&world.database).await;
    });
}

/// One that is violated fails the commit, and with it everybody of the batch (write-path trap 2).
#[test]
fn no_constraint_waits_for_the_commit() {
    on_each_database(|world| async move {
        let waiting = match world.database {
            Database::Sqlite(_) => {
                "SELECT COUNT(*) FROM sqlite_master m, pragma_foreign_key_list(m.name) WHERE m.type = 'table'"
            }
            Database::Postgres(_) => {
                "SELECT COUNT(*) FROM pg_constraint WHERE (contype = 'f' OR condeferrable) \
                 AND connamespace = 'public'::regnamespace"
            }
        };
        assert_eq!(number(&world, waiting).await, 0);
        // Such a one would be seen.
        let table = "CREATE TABLE late (id BIGINT REFERENCES account (id) DEFERRABLE INITIALLY DEFERRED)";
        execute(&world.database, table).await;
        assert_eq!(number(&world, waiting).await, 1);
        execute(&world.database, "DROP TABLE late").await;
    });
}

fn snapshot(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots").join(name)
}

pub(crate) async fn has_todays_schema(database: &Database) {
    let (text, name) = schema(database).await;
    let known = std::fs::read_to_string(snapshot(name)).unwrap_or_default();
    assert_eq!(text.trim(), known.trim(), "the schema differs from {name}");
}

#[test]
fn a_newer_database_is_refused_without_writing() {
    on_each_database(|world| async move {
        let sql = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m20990101_000001_future', 0)";
        let undo = "DELETE FROM seaql_migrations WHERE version = 'm20990101_000001_future'";
        execute(&world.database, sql).await;
        let before = schema(&world.database).await.0;
        let options = Options::new(
            world.database.clone(),
            world.directory.path().to_owned(),
            Clock::new(|| Timestamp(0)),
        );
        let refused = Store::open(options).await.unwrap_err();
        assert!(refused.to_string().contains("newer kontor"), "{refused}");
        assert_eq!(schema(&world.database).await.0, before);
        execute(&world.database, undo).await;
    });
}

/// The fixtures were written by the first migration and must stay readable for ever.
#[test]
fn a_database_of_the_first_migration_is_upgraded_and_sound() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let directory = tempfile::tempdir().unwrap();
        let database = Database::Sqlite(directory.path().join("kontor.db"));
        write_first_schema(&database).await;
        upgraded(database, directory.path()).await;

        let scratch = Scratch::create().await;
        let directory = tempfile::tempdir().unwrap();
        let database = Database::Postgres(scratch.url.clone());
        write_first_schema(&database).await;
        upgraded(database, directory.path()).await;
        scratch.remove().await;
    });
}

/// Properties came with the second migration, and count since the third.
#[test]
fn what_was_kept_before_it_counted_is_counted_by_the_upgrade() {
    on_each_database(|world| async move {
        let (anna, ben) = (world.anna, world.ben);
        let calendar = world.role(anna, Role::Calendar).await;
        let row = |viewer: AccountId, name: &str, value: &str| {
            format!("INSERT INTO property VALUES ({viewer}, {anna}, {calendar}, '{name}', '{value}', 0, 0);")
        };
        let sql = [
            row(anna, "{urn:x}own", "<ä/>"),
            row(anna, "{DAV:}displayname", "<a/>"),
            row(ben, "displayname", "<b/>"),
            "DELETE FROM seaql_migrations WHERE version = 'm20261127_000003_counted_properties'".to_owned(),
        ];
        execute(&world.database, &sql.concat()).await;
        assert!(!world.store.check().await.unwrap().is_empty(), "it is not counted yet");
        let upgraded = world.open_again().await;
        let used = move |tx: &Read<'_>| Ok((tx.account(anna)?.used_bytes, tx.account(ben)?.used_bytes));
        assert_eq!(upgraded.read(&house(), used).await.unwrap(), (15, 15));
        assert_eq!(number(&world, "SELECT COUNT(*) FROM property").await, 2);
        upgraded.close();
    });
}

/// What the first migration made, with something in every table.
pub(crate) async fn write_first_schema(database: &Database) {
    let dump = include_str!("../fixtures/foundation.sql");
    let rows = || dump.lines().filter(|line| line.starts_with("INSERT INTO"));
    for table in dump.lines().filter_map(|line| line.strip_prefix("CREATE TABLE \"")?.split('"').next()) {
        let beginning = format!("INSERT INTO \"{table}\" ");
        assert!(rows().any(|row| row.starts_with(&beginning)), "{table} is empty");
    }
    match database {
        Database::Sqlite(_) => execute(database, dump).await,
        Database::Postgres(_) => {
            execute(database, include_str!("../fixtures/foundation_postgres.sql")).await;
            execute(database, &rows().map(postgres_literals).collect::<String>()).await;
        }
    }
}

/// `,X'00ff'` becomes `,'\x00ff'` (a blob is never the first column, and `INBOX'` is none).
fn postgres_literals(line: &str) -> String {
    let mut text = String::new();
    let mut rest = line;
    while let Some(at) = rest.find(",X'") {
        text.push_str(&rest[..at]);
        text.push_str(",'\\x");
        rest = &rest[at + 3..];
    }
    text.push_str(rest);
    text
}

/// Opened by this program, it has today's tables, and each thing is found in it.
async fn upgraded(database: Database, directory: &Path) {
    let clock = Clock::new(|| Timestamp(1_795_510_900_000));
    let store = Store::open(Options::new(database.clone(), directory.to_owned(), clock)).await.unwrap();
    has_todays_schema(&database).await;
    assert_eq!(store.check().await.unwrap(), []);
    let anna = AccountId(1);
    let read = move |tx: &Read<'_>| {
        let admin = tx.administer()?;
        let inbox = tx.open_role::<right::ReadItems>(anna, Role::Inbox)?;
        let sharing = tx.open_role::<right::Administer>(anna, Role::Inbox)?;
        let key = CursorKey { account: anna, reader: "phone", owner: anna, collection: CollectionId(1) };
        let found = [
            ("accounts", tx.accounts(&admin, None)?.len()),
            ("domains' other names", tx.domains(&admin)?[0].aliases.len()),
            ("members", tx.groups(&admin, DomainId(1))?[0].members.len()),
            ("passwords", tx.credentials(&admin, anna)?.len()),
            ("folders", tx.collections(anna)?.len()),
            ("grants", tx.permissions(&sharing)?.len()),
            ("mails", tx.items(&inbox, &[1..=u32::MAX])?.len()),
            ("devices", tx.devices(anna)?.len()),
            ("reader's state", tx.cursor_state(&key)?.unwrap().len()),
            ("outbox", tx.outbox_due(&admin, "push", 10)?.len()),
            ("queue", tx.queue_due(&admin, 10)?.len()),
            ("setting", tx.setting(Scope::Account(anna), "absence")?.unwrap().len()),
        ];
        Ok((found, tx.contents(&inbox, &[1..=u32::MAX], true)?))
    };
    let (found, contents) = store.read(&house(), read).await.unwrap();
    let expected = [
        ("accounts", 2),
        ("domains' other names", 1),
        ("members", 1),
        ("passwords", 1),
        ("folders", 12),
        ("grants", 1),
        ("mails", 3),
        ("devices", 1),
        ("reader's state", 1),
        ("outbox", 1),
        ("queue", 1),
        ("setting", 3),
    ];
    assert_eq!(found, expected);
    assert_eq!(contents.len(), 4);
    for (_, one) in contents {
        store.load(one).await.unwrap();
    }
    store.close();
}

pub(crate) async fn execute(database: &Database, sql: &str) {
    match database {
        Database::Sqlite(path) => rusqlite::Connection::open(path).unwrap().execute_batch(sql).unwrap(),
        Database::Postgres(url) => {
            let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
            connection.execute(sqlx::AssertSqlSafe(sql.to_owned())).await.unwrap();
        }
    }
}
