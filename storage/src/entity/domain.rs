//! A domain: the wall that delegation never crosses.

use sea_orm::entity::prelude::*;

/// A domain: the wall that delegation never crosses.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "domain")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false, column_type = "BigInteger")]
    pub id: i64,
    #[sea_orm(column_type = "Text")]
    pub name: String,
    #[sea_orm(column_type = "BigInteger")]
    pub modseq: i64,
    #[sea_orm(column_type = "BigInteger")]
    pub quota_default_bytes: i64,
    #[sea_orm(column_type = "BigInteger")]
    pub quota_max_bytes: i64,
    #[sea_orm(column_type = "Text")]
    pub language: String,
    #[sea_orm(column_type = "BigInteger")]
    pub created_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
