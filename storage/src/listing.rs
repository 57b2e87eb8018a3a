//! A whole collection, page by page, as it was at one moment.
//!
//! No transaction stays open while a client takes an answer. Every page is read in one of its own and
//! still tells of the same moment: rows carry the stamps at which they came, changed and went, and
//! versions say what stood in them before.

use crate::access::{Grant, right};
use crate::backend::{Param, params};
use crate::error::{Refusal, Result};
use crate::resource::{Resource, resource_columns, resource_of};
use crate::transaction::Read;
use vocabulary::{Component, ModSeq, Timestamp, Uid};

/// Which items of a collection are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Candidates {
    /// All.
    All,
    /// Those of a kind of object that can have an occurrence within `[from, until)`: of events those
    /// whose range says so today, of to-dos and journals all.
    Between {
        /// The kind.
        component: Component,
        /// The first moment.
        from: Timestamp,
        /// The moment after the last.
        until: Timestamp,
    },
}

impl Candidates {
    /// The only kind of object that is listed; `None`: any.
    #[must_use]
    pub fn component(&self) -> Option<Component> {
        match self {
            Self::All => None,
            Self::Between { component, .. } => Some(*component),
        }
    }
}

/// Some of the items of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// In UID order.
    pub resources: Vec<Resource>,
    /// After which UID the next page begins. `None`: this was the last.
    pub next: Option<Uid>,
}

const ALL: &str = concat!(
    "SELECT ",
    resource_columns!(),
    " FROM item WHERE account_id = ?1 AND collection_id = ?2 AND uid > ?3 AND created_modseq <= ?4 \
     AND (vanished_at = 0 OR modseq > ?4) AND private <= ?5 ORDER BY uid LIMIT ?6"
);
const BETWEEN: &str = concat!(
    "SELECT ",
    resource_columns!(),
    " FROM item WHERE account_id = ?1 AND collection_id = ?2 AND uid > ?3 AND created_modseq <= ?4 \
     AND (vanished_at = 0 OR modseq > ?4) AND private <= ?5 AND component = ?7 \
     AND (component <> 'event' OR (filter_at >= ?8 AND starts_at < ?9)) ORDER BY uid LIMIT ?6"
);
/// Its bytes may be gone already.
const VERSION: &str = "SELECT v.from_modseq, v.filter_at, v.private, c.size_bytes FROM version v \
     LEFT JOIN content c ON c.account_id = v.account_id AND c.content_id = v.content_id \
     WHERE v.account_id = ?1 AND v.collection_id = ?2 AND v.uid = ?3 AND v.from_modseq <= ?4 AND v.until_modseq > ?4";

impl<'tx> Read<'tx> {
    /// The items that lived when `at` was the highest stamp of the collection, with the content stamps and
    /// sizes that they had; what else a new content brings is today's. At most `limit` of those above a
    /// UID, which is 0 for the first page. What the principal may not see today is left out.
    ///
    /// # Errors
    /// [`Refusal::ResyncRequired`] if the history since `at` is not kept any more.
    pub fn resources_at(
        &self,
        grant: &Grant<'tx, right::ReadItems>,
        candidates: &Candidates,
        at: ModSeq,
        after: Uid,
        limit: usize,
    ) -> Result<Listed> {
        let collection = grant.collection();
        if at < collection.floor {
            return Err(Refusal::ResyncRequired { floor: collection.floor }.into());
        }
        let mut params = params![
            collection.account.0,
            collection.id.0,
            i64::from(after.0),
            at.0,
            grant.private_max(),
            i64::try_from(limit).unwrap_or(i64::MAX),
        ]
        .to_vec();
        let rows = match candidates {
            Candidates::All => self.connection.rows(ALL, &params, resource_of)?,
            Candidates::Between { component, from, until } => {
                params.extend([Param::Text(component.as_str()), Param::Int(from.0), Param::Int(until.0)]);
                self.connection.rows(BETWEEN, &params, resource_of)?
            }
        };
        let next = rows.last().filter(|_| rows.len() >= limit).map(|item| item.uid);
        let mut resources = Vec::with_capacity(rows.len());
        for resource in rows {
            resources.extend(self.as_it_was(grant, resource, at)?);
        }
        Ok(Listed { resources, next })
    }

    /// `None`: it was private, and is not there for whoever may not see such.
    fn as_it_was(
        &self,
        grant: &Grant<'tx, right::ReadItems>,
        now: Resource,
        at: ModSeq,
    ) -> Result<Option<Resource>> {
        if now.content_modseq <= at {
            return Ok(Some(now));
        }
        let collection = grant.collection();
        let params = params![collection.account.0, collection.id.0, i64::from(now.uid.0), at.0];
        let version = self.connection.row(VERSION, params, |row| {
            let was = Resource {
                content_modseq: ModSeq(row.int(0)?),
                filter_at: Timestamp(row.int(1)?),
                private: row.int(2)? != 0,
                size_bytes: row.opt_int(3)?.unwrap_or(now.size_bytes),
                ..now.clone()
            };
            Ok(was)
        })?;
        let was = version.unwrap_or(now);
        Ok((i64::from(was.private) <= grant.private_max()).then_some(was))
    }
}
