//! One list of migrations makes both schemas; what it makes is checked in, and an older program
//! refuses a newer database.

use crate::harness::{Scratch, on_each_database};
use sqlx::{Connection, Executor, Row};
use storage::{Clock, Database, Options, Store};
use vocabulary::Timestamp;

const SQLITE: &str = "SELECT COALESCE(sql, name) FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' \
     AND name NOT LIKE 'seaql%' ORDER BY type DESC, name";
const POSTGRES: &str = "SELECT table_name || '.' || column_name || ' ' || data_type || \
     CASE is_nullable WHEN 'NO' THEN ' not null' ELSE '' END FROM information_schema.columns \
     WHERE table_schema = 'public' AND table_name NOT LIKE 'seaql%' \
     UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename NOT LIKE 'seaql%' ORDER BY 1";

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
        let (text, name) = schema(&world.database).await;
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots").join(name);
        if std::env::var("KONTOR_WRITE_SNAPSHOTS").is_ok() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, format!("{text}\n")).unwrap();
        }
        let known = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(text.trim(), known.trim(), "the schema differs from {name}");
    });
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

/// The fixture was written by the first migration and must stay readable for ever.
#[test]
fn a_database_of_the_first_migration_is_upgraded_and_sound() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let dump = include_str!("../fixtures/foundation.sql");
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("kontor.db");
        rusqlite::Connection::open(&path).unwrap().execute_batch(dump).unwrap();
        upgraded(Database::Sqlite(path), directory.path()).await;

        let scratch = Scratch::create().await;
        let database = Database::Postgres(scratch.url.clone());
        // An empty store gives PostgreSQL its tables; the fixture's rows then go in as they are.
        let directory = tempfile::tempdir().unwrap();
        let options =
            Options::new(database.clone(), directory.path().to_owned(), Clock::new(|| Timestamp(0)));
        Store::open(options).await.unwrap().close();
        execute(&database, "DELETE FROM setting").await;
        for line in dump.lines().filter(|line| line.starts_with("INSERT INTO") && !line.contains("seaql")) {
            execute(&database, &postgres_literals(line)).await;
        }
        upgraded(database, directory.path()).await;
        scratch.remove().await;
    });
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

async fn upgraded(database: Database, directory: &std::path::Path) {
    let options = Options::new(database, directory.to_owned(), Clock::new(|| Timestamp(1_795_510_900_000)));
    let store = Store::open(options).await.unwrap();
    assert_eq!(store.check().await.unwrap(), []);
    let house = crate::harness::house();
    let accounts = store
        .read(&house, |tx| {
            let admin = tx.administer()?;
            tx.accounts(&admin, None)
        })
        .await
        .unwrap();
    assert_eq!(accounts.len(), 2);
    let anna = accounts[0].id;
    let stored = store
        .read(&house, move |tx| {
            let inbox = tx.open_role::<storage::right::ReadItems>(anna, vocabulary::Role::Inbox)?;
            tx.contents(&inbox, &[1..=u32::MAX], false)
        })
        .await
        .unwrap();
    assert!(!stored.is_empty());
    for (_, one) in stored {
        store.load(one).await.unwrap();
    }
    store.close();
}

async fn execute(database: &Database, sql: &str) {
    match database {
        Database::Sqlite(path) => rusqlite::Connection::open(path).unwrap().execute_batch(sql).unwrap(),
        Database::Postgres(url) => {
            let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
            connection.execute(sqlx::AssertSqlSafe(sql.to_owned())).await.unwrap();
        }
    }
}
