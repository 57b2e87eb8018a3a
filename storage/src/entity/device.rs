//! A phone, as one account knows it.

use sea_orm::entity::prelude::*;

/// A phone, as one account knows it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "device")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false, column_type = "BigInteger")]
    pub account_id: i64,
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub device_id: String,
    #[sea_orm(column_type = "Text")]
    pub device_type: String,
    #[sea_orm(column_type = "Text")]
    pub user_agent: String,
    #[sea_orm(column_type = "Text")]
    pub protocol_version: String,
    #[sea_orm(column_type = "Text")]
    pub information: String,
    #[sea_orm(column_type = "BigInteger")]
    pub policy_key: i64,
    #[sea_orm(column_type = "BigInteger")]
    pub pending_policy_key: i64,
    #[sea_orm(column_type = "Text")]
    pub policy_hash: String,
    #[sea_orm(column_type = "Text")]
    pub wipe: String,
    #[sea_orm(column_type = "BigInteger")]
    pub created_at: i64,
    #[sea_orm(column_type = "BigInteger")]
    pub last_seen_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
