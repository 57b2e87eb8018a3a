//! When a device took its policy: a domain may have it taken anew every so many hours.
//!
//! * `device.policy_taken_at`: 0 for one that took it before this was noted, or never did.
//!
//! Expand step: an older program would not fill the column, so it refuses the newer schema as always.

use sea_orm_migration::prelude::*;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261128_000014_policies_taken"
    }
}

/// Understood by both databases.
const COLUMN: &str = "ALTER TABLE device ADD COLUMN policy_taken_at BIGINT NOT NULL DEFAULT 0";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(COLUMN).await.map(drop)
    }
}
