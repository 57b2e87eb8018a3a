//! What calendars, address books, tasks and notes need of the store.
//!
//! * `item.component`: what kind of object an item is (a calendar may hold events, to-dos and journals side
//!   by side), and `item.starts_at`, so that a query for a range of time reads only what can lie in it
//!   (`filter_at` is the other end).
//! * `collection.resource_name`: the last segment of the collection's DAV URL. Clients choose it, and want
//!   the collection back under exactly this name.
//! * `property`: what clients keep of a collection beside its name (colour, order, description, time zone,
//!   properties that no specification knows), each account its own.
//!
//! Expand step: an older program would not fill the columns, so it refuses the newer schema as always.

use sea_orm_migration::prelude::*;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261127_000002_calendars_and_contacts"
    }
}

/// Every statement is understood by both databases.
const STATEMENTS: &[&str] = &[
    "ALTER TABLE item ADD COLUMN component TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE item ADD COLUMN starts_at BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE collection ADD COLUMN resource_name TEXT",
    "UPDATE collection SET resource_name = CAST(collection_id AS TEXT) WHERE kind <> 'mail'",
    "CREATE UNIQUE INDEX collection_resource ON collection (account_id, kind, resource_name) \
     WHERE vanished_at = 0 AND resource_name IS NOT NULL",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statement in STATEMENTS {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        let mut property = property_table();
        if manager.get_database_backend() == sea_orm::DbBackend::Sqlite {
            property.extra("WITHOUT ROWID");
        }
        manager.create_table(property).await
    }
}

/// `account_id` is whose view it is; the owner's own view is everybody's default.
fn property_table() -> TableCreateStatement {
    let mut table = Table::create();
    table.table(Alias::new("property"));
    for name in ["account_id", "owner_id", "collection_id"] {
        table.col(ColumnDef::new(Alias::new(name)).big_integer().not_null());
    }
    for name in ["name", "value"] {
        table.col(ColumnDef::new(Alias::new(name)).text().not_null());
    }
    table.col(ColumnDef::new(Alias::new("modseq")).big_integer().not_null());
    let mut key = Index::create();
    for name in ["account_id", "owner_id", "collection_id", "name"] {
        key.col(Alias::new(name));
    }
    table.primary_key(&mut key);
    table.take()
}
