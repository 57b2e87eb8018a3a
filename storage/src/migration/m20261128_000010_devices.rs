//! What administering phones needs of the store.
//!
//! * `device.access`: what an administrator decided about this device (`allow`, `quarantine`, `block`); empty: its
//!   domain's rules decide. `device.verdict`: what was last made of that, so that a change of it is told once; empty
//!   for `allow`. `device.pending_policy_hash`: of the policy that the device was given and has not acknowledged yet.
//! * `device_event`: what happened to the devices of `account_id`: who (`actor_id`; 0 for the house), when, what. Rows
//!   outlive their device, and are swept.
//!
//! Expand step: an older program would not sweep the rows, so it refuses the newer schema as always.

use sea_orm_migration::prelude::*;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261128_000010_devices"
    }
}

/// Every statement is understood by both databases.
const COLUMNS: &[&str] = &[
    "ALTER TABLE device ADD COLUMN access TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE device ADD COLUMN verdict TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE device ADD COLUMN pending_policy_hash TEXT NOT NULL DEFAULT ''",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statement in COLUMNS {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        let mut table = event_table();
        if manager.get_database_backend() == sea_orm::DbBackend::Sqlite {
            table.extra("WITHOUT ROWID");
        }
        manager.create_table(table).await
    }
}

fn event_table() -> TableCreateStatement {
    let mut table = Table::create();
    table.table(Alias::new("device_event"));
    for name in ["account_id", "event_id"] {
        table.col(ColumnDef::new(Alias::new(name)).big_integer().not_null());
    }
    for name in ["device_id", "what", "detail"] {
        table.col(ColumnDef::new(Alias::new(name)).text().not_null());
    }
    for name in ["actor_id", "at"] {
        table.col(ColumnDef::new(Alias::new(name)).big_integer().not_null());
    }
    let mut key = Index::create();
    for name in ["account_id", "event_id"] {
        key.col(Alias::new(name));
    }
    table.primary_key(&mut key);
    table.take()
}
