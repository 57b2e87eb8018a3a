//! A whole collection, page by page, as it was at one moment.
//!
//! No transaction stays open while a client takes an answer. Every page is read in one of its own and
//! still tells of the same moment: rows carry the stamps at which they came, changed and went, and
//! versions say what stood in them before.

use crate::access::{Grant, right};
use crate::backend::{Param, params};
use crate::error::{Refusal, Result};
use crate::item::{Item, item_columns, item_of};
use crate::transaction::Read;
use vocabulary::{Component, ContentId, ModSeq, Timestamp, Uid};

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
    pub items: Vec<Item>,
    /// After which UID the next page begins. `None`: this was the last.
    pub next: Option<Uid>,
}

const ALL: &str = concat!(
    "SELECT ",
    item_columns!(),
    " FROM item WHERE account_id = ?1 AND collection_id = ?2 AND uid > ?3 AND created_modseq <= ?4 \
     AND (vanished_at = 0 OR modseq > ?4) AND private <= ?5 ORDER BY uid LIMIT ?6"
);
const BETWEEN: &str = concat!(
    "SELECT ",
    item_columns!(),
    " FROM item WHERE account_id = ?1 AND collection_id = ?2 AND uid > ?3 AND created_modseq <= ?4 \
     AND (vanished_at = 0 OR modseq > ?4) AND private <= ?5 AND component = ?7 \
     AND (component <> 'event' OR (filter_at >= ?8 AND starts_at < ?9)) ORDER BY uid LIMIT ?6"
);
/// Its bytes may be gone already.
const VERSION: &str = "SELECT v.from_modseq, v.content_id, v.filter_at, v.private, c.size_bytes FROM version v \
     LEFT JOIN content c ON c.account_id = v.account_id AND c.content_id = v.content_id \
     WHERE v.account_id = ?1 AND v.collection_id = ?2 AND v.uid = ?3 AND v.from_modseq <= ?4 AND v.until_modseq > ?4";

impl<'tx> Read<'tx> {
    /// The items that lived when `at` was the highest stamp of the collection, with the content stamps and
    /// sizes that they had; what else a new content brings is today's. At most `limit` of those above a
    /// UID, which is 0 for the first page. What the principal may not see today is left out.
    ///
    /// # Errors
    /// [`Refusal::ResyncRequired`] if the history since `at` is not kept any more.
    pub fn items_at(
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
            Candidates::All => self.connection.rows(ALL, &params, item_of)?,
            Candidates::Between { component, from, until } => {
                params.extend([Param::Text(component.as_str()), Param::Int(from.0), Param::Int(until.0)]);
                self.connection.rows(BETWEEN, &params, item_of)?
            }
        };
        let next = rows.last().filter(|_| rows.len() >= limit).map(|item| item.uid);
        let mut items = Vec::with_capacity(rows.len());
        for item in rows {
            items.extend(self.as_it_was(grant, item, at)?);
        }
        Ok(Listed { items, next })
    }

    /// `None`: it was private, and is not there for whoever may not see such.
    fn as_it_was(
        &self,
        grant: &Grant<'tx, right::ReadItems>,
        item: Item,
        at: ModSeq,
    ) -> Result<Option<Item>> {
        let living = Item { vanished: false, moved_to: None, ..item };
        if living.content_modseq <= at {
            return Ok(Some(living));
        }
        let collection = grant.collection();
        let params = params![collection.account.0, collection.id.0, i64::from(living.uid.0), at.0];
        let version = self.connection.row(VERSION, params, |row| {
            let was = Item {
                content_modseq: ModSeq(row.int(0)?),
                content: ContentId(row.int(1)?),
                filter_at: Timestamp(row.int(2)?),
                private: row.int(3)? != 0,
                size_bytes: row.opt_int(4)?.unwrap_or(living.size_bytes),
                ..living.clone()
            };
            Ok(was)
        })?;
        let was = version.unwrap_or(living);
        Ok((i64::from(was.private) <= grant.private_max()).then_some(was))
    }
}
