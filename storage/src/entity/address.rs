//! An address and where it leads.

use sea_orm::entity::prelude::*;

/// An address and where it leads.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "address")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub address: String,
    #[sea_orm(column_type = "BigInteger")]
    pub domain_id: i64,
    #[sea_orm(column_type = "BigInteger", nullable)]
    pub account_id: Option<i64>,
    #[sea_orm(column_type = "BigInteger", nullable)]
    pub group_id: Option<i64>,
    #[sea_orm(column_type = "BigInteger")]
    pub is_primary: i64,
    #[sea_orm(column_type = "BigInteger")]
    pub created_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
