//! What accounts keep of collections beside their names counts towards the quota: what was kept before is
//! counted here.
//!
//! The name that an owner gives to a collection is that of the folder, and nothing else; the property that stood
//! beside it when a folder could not be called so goes, for no door but one ever showed it.
//!
//! The tables stay as they are. An older program would not count, so it refuses the newer schema as always.

use sea_orm_migration::prelude::*;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261127_000003_counted_properties"
    }
}

/// Every statement is understood by both databases.
const STATEMENTS: &[&str] = &[
    "DELETE FROM property WHERE account_id = owner_id AND name = '{DAV:}displayname'",
    "UPDATE account_counter SET used_bytes = used_bytes + COALESCE(( \
       SELECT SUM(OCTET_LENGTH(p.name) + OCTET_LENGTH(p.value)) FROM property p \
       WHERE p.account_id = account_counter.account_id), 0)",
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
        Ok(())
    }
}
