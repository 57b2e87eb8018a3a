//! The schema, made by one list of migrations for both databases.
//!
//! A migration that has been released never changes (`tests/tidy` keeps its hash). Forward only;
//! an older program refuses a newer schema without writing.

mod m20261123_000001_foundation;
mod m20261127_000002_calendars_and_contacts;
mod m20261127_000003_counted_properties;
mod m20261128_000004_files;
mod m20261128_000006_share_notices;
mod m20261128_000007_meetings;
mod m20261128_000008_attachments;
mod m20261128_000009_push;
mod m20261128_000010_devices;
mod m20261128_000012_recipients;
mod m20261128_000013_marks;
mod m20261128_000014_policies_taken;

use sea_orm_migration::prelude::*;

pub(crate) struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261123_000001_foundation::Migration),
            Box::new(m20261127_000002_calendars_and_contacts::Migration),
            Box::new(m20261127_000003_counted_properties::Migration),
            Box::new(m20261128_000004_files::Migration),
            Box::new(m20261128_000006_share_notices::Migration),
            Box::new(m20261128_000007_meetings::Migration),
            Box::new(m20261128_000008_attachments::Migration),
            Box::new(m20261128_000009_push::Migration),
            Box::new(m20261128_000010_devices::Migration),
            Box::new(m20261128_000012_recipients::Migration),
            Box::new(m20261128_000013_marks::Migration),
            Box::new(m20261128_000014_policies_taken::Migration),
        ]
    }
}
