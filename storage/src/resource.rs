//! Items as WebDAV shows them. A listing of thousands reads no more of each than it tells.

use crate::access::{Grant, right};
use crate::backend::Row;
use crate::error::Result;
use crate::item::{Item, UidRanges, component_of, masked_range_params, uid_of};
use crate::transaction::Read;
use vocabulary::{AccountId, Component, ItemId, ModSeq, Timestamp, Uid};

/// What WebDAV shows of an item; the fields are those of [`Item`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// Its number in the collection.
    pub uid: Uid,
    /// The identity that it keeps when it moves.
    pub id: ItemId,
    /// Uncompressed size.
    pub size_bytes: i64,
    /// When it was received.
    pub received_at: Timestamp,
    /// What a filter by time compares.
    pub filter_at: Timestamp,
    /// When its body last changed (ETag).
    pub content_modseq: ModSeq,
    /// Who added it.
    pub author: Option<AccountId>,
    /// Its name.
    pub resource_name: Option<String>,
    /// What kind of object it is.
    pub component: Option<Component>,
    /// Marked private by its owner.
    pub private: bool,
    /// When its schedule tag last changed, if it has one.
    pub schedule_modseq: Option<ModSeq>,
    /// What its bytes are said to be; empty for what the house reads itself.
    pub media_type: String,
}

impl From<Item> for Resource {
    fn from(item: Item) -> Self {
        Self {
            uid: item.uid,
            id: item.id,
            size_bytes: item.size_bytes,
            received_at: item.received_at,
            filter_at: item.filter_at,
            content_modseq: item.content_modseq,
            author: item.author,
            resource_name: item.resource_name,
            component: item.component,
            private: item.private,
            schedule_modseq: item.schedule_modseq,
            media_type: item.media_type,
        }
    }
}

macro_rules! resource_columns {
    () => {
        "uid, object_id, size_bytes, received_at, filter_at, content_modseq, author_id, resource_name, component, \
         private, schedule_modseq, media_type"
    };
}
pub(crate) use resource_columns;

pub(crate) fn resource_of(row: &Row<'_>) -> Result<Resource> {
    Ok(Resource {
        uid: uid_of(row.int(0)?)?,
        id: ItemId(row.int(1)?),
        size_bytes: row.int(2)?,
        received_at: Timestamp(row.int(3)?),
        filter_at: Timestamp(row.int(4)?),
        content_modseq: ModSeq(row.int(5)?),
        author: row.opt_int(6)?.map(AccountId),
        resource_name: row.opt_text(7)?.map(str::to_owned),
        component: component_of(row.text(8)?)?,
        private: row.int(9)? != 0,
        schedule_modseq: Some(ModSeq(row.int(10)?)).filter(|stamp| *stamp > ModSeq::ZERO),
        media_type: row.text(11)?.to_owned(),
    })
}

const RANGE: &str = concat!(
    "SELECT ",
    resource_columns!(),
    " FROM item WHERE account_id = ?1 AND collection_id = ?2 AND uid BETWEEN ?3 AND ?4 AND vanished_at = 0 \
     AND private <= ?5 ORDER BY uid"
);

impl<'tx> Read<'tx> {
    /// Living items of UID ranges, in UID order.
    ///
    /// # Errors
    /// [`crate::Fault`] only.
    pub fn resources(
        &self,
        grant: &Grant<'tx, right::ReadItems>,
        ranges: &UidRanges,
    ) -> Result<Vec<Resource>> {
        let mut resources = Vec::new();
        for range in ranges {
            let params = masked_range_params(grant, range);
            self.connection.for_each(RANGE, &params, |row| {
                resources.push(resource_of(row)?);
                Ok(())
            })?;
        }
        Ok(resources)
    }
}
