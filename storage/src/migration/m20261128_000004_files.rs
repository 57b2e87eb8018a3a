//! What plain files need of the store.
//!
//! * A root of its own for every account, a collection of the new kind `files`, which holds others beneath it.
//!   Names are unique within each of them, where those of calendars and address books are so within a home.
//! * `item.media_type`: what the bytes are said to be.
//! * `property.item`: what clients keep of a single item (0: of the collection itself).
//! * `file_lock`: who alone may change what lies at a path, and until when. Rows that expired are swept.
//!
//! Expand step: an older program would not know the kind, so it refuses the newer schema as always.

use sea_orm_migration::prelude::*;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261128_000004_files"
    }
}

/// Every statement is understood by both databases.
const STATEMENTS: &[&str] = &[
    "ALTER TABLE item ADD COLUMN media_type TEXT NOT NULL DEFAULT ''",
    "DROP INDEX collection_resource",
    "CREATE UNIQUE INDEX collection_resource ON collection (account_id, resource_name, kind) \
     WHERE vanished_at = 0 AND resource_name IS NOT NULL AND kind <> 'files'",
    "CREATE UNIQUE INDEX collection_file ON collection (account_id, parent_id, resource_name) \
     WHERE vanished_at = 0 AND kind = 'files'",
    "INSERT INTO collection (account_id, collection_id, parent_id, kind, role, name, uidvalidity, uid_next, \
     highest, floor, created_modseq, modseq, vanished_at, subscribed, messages, unseen, bytes, resource_name) \
     SELECT n.account_id, n.next_collection, 0, 'files', 'files', \
     CASE a.language WHEN 'de' THEN 'Dateien' ELSE 'Files' END, n.next_uidvalidity, 1, \
     n.modseq + 1, 0, n.modseq + 1, n.modseq + 1, 0, 1, 0, 0, 0, 'files' \
     FROM account_counter n JOIN account a ON a.id = n.account_id",
    "UPDATE account_counter SET next_collection = next_collection + 1, \
     next_uidvalidity = next_uidvalidity + 1, modseq = modseq + 1",
];

const POSTGRES: &[&str] = &[
    "ALTER TABLE property ADD COLUMN item BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE property DROP CONSTRAINT property_pkey",
    "ALTER TABLE property ADD PRIMARY KEY (account_id, owner_id, collection_id, item, name)",
];

/// SQLite cannot change a key.
const SQLITE: &[&str] = &[
    "CREATE TABLE property_of_item (account_id BIGINT NOT NULL, owner_id BIGINT NOT NULL, \
     collection_id BIGINT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, modseq BIGINT NOT NULL, \
     item BIGINT NOT NULL DEFAULT 0, PRIMARY KEY (account_id, owner_id, collection_id, item, name)) \
     WITHOUT ROWID",
    "INSERT INTO property_of_item (account_id, owner_id, collection_id, name, value, modseq, item) \
     SELECT account_id, owner_id, collection_id, name, value, modseq, 0 FROM property",
    "DROP TABLE property",
    "ALTER TABLE property_of_item RENAME TO property",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let is_sqlite = manager.get_database_backend() == sea_orm::DbBackend::Sqlite;
        let of_this_one = if is_sqlite { SQLITE } else { POSTGRES };
        for statement in STATEMENTS.iter().chain(of_this_one) {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        let mut lock = lock_table();
        if is_sqlite {
            lock.extra("WITHOUT ROWID");
        }
        manager.create_table(lock).await
    }
}

/// `account_id` is whose files they are, `holder_id` who locked them; `path` is made of the names from the root to
/// what is locked, with line feeds between them.
fn lock_table() -> TableCreateStatement {
    let mut table = Table::create();
    table.table(Alias::new("file_lock"));
    table.col(ColumnDef::new(Alias::new("account_id")).big_integer().not_null());
    for name in ["token", "path"] {
        table.col(ColumnDef::new(Alias::new(name)).text().not_null());
    }
    for name in ["deep", "exclusive", "holder_id"] {
        table.col(ColumnDef::new(Alias::new(name)).big_integer().not_null());
    }
    table.col(ColumnDef::new(Alias::new("owner")).text().not_null());
    table.col(ColumnDef::new(Alias::new("expires_at")).big_integer().not_null());
    let mut key = Index::create();
    for name in ["account_id", "token"] {
        key.col(Alias::new(name));
    }
    table.primary_key(&mut key);
    table.take()
}
