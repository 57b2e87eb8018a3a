//! A password or app password, as keys.

use sea_orm::entity::prelude::*;

/// A password or app password, as keys.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "credential")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false, column_type = "BigInteger")]
    pub account_id: i64,
    #[sea_orm(primary_key, auto_increment = false, column_type = "BigInteger")]
    pub credential_id: i64,
    #[sea_orm(column_type = "Text")]
    pub kind: String,
    #[sea_orm(column_type = "Text")]
    pub name: String,
    #[sea_orm(column_type = "Text")]
    pub argon2: String,
    #[sea_orm(column_type = "Blob")]
    pub scram_salt: Vec<u8>,
    #[sea_orm(column_type = "BigInteger")]
    pub scram_iterations: i64,
    #[sea_orm(column_type = "Blob")]
    pub scram_stored_key: Vec<u8>,
    #[sea_orm(column_type = "Blob")]
    pub scram_server_key: Vec<u8>,
    #[sea_orm(column_type = "BigInteger")]
    pub created_at: i64,
    #[sea_orm(column_type = "BigInteger", nullable)]
    pub last_used_at: Option<i64>,
    #[sea_orm(column_type = "BigInteger", nullable)]
    pub revoked_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
