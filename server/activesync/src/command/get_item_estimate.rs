//! GetItemEstimate: MS-ASCMD section 2.2.1.9. It counts what Sync would say.

use activesync_wire::Version;
use activesync_wire::command::get_item_estimate::{Collection, Estimate, answer, parse};
use activesync_wire::command::sync::Options;
use activesync_wire::server_id::FolderId;
use activesync_wire::status::EstimateStatus;
use activesync_wire::sync_key::ClientKey;
use std::str::FromStr;
use storage::right;
use wbxml::Element;

use super::sync::{Asked, Interest, Say, collect, recipients};
use crate::call::{Answer, Call, Reply, StateKey};
use crate::cursor::State;
use crate::folder::class_of;
use crate::status;

/// Counting ends here: nobody shows more.
const COUNT_MAX: usize = 100_000;
/// So many are looked at together.
const STEP: usize = 512;

pub(crate) async fn run(call: &Call, root: &Element) -> Answer {
    let mut estimates = Vec::new();
    for collection in parse(root)? {
        let outcome = estimate(call, &collection).await;
        let class = collection.options.as_ref().and_then(|options| options.class);
        let class = class.filter(|_| call.version < Version::V14_0);
        estimates.push(Estimate { id: collection.id, class, outcome });
    }
    Ok(Reply::document(&answer(estimates)))
}

async fn estimate(call: &Call, collection: &Collection) -> Result<u32, EstimateStatus> {
    let folder = FolderId::from_str(&collection.id).map_err(|_| EstimateStatus::InvalidCollection)?;
    let is_of_recipients = folder == FolderId::RECIPIENTS && call.version >= Version::V14_0;
    let items_max = collection.options.as_ref().and_then(|options| options.max_items);
    if items_max.is_some() && !is_of_recipients {
        return Err(EstimateStatus::InvalidCollection); // MS-ASCMD R3265, R3269
    }
    let key = match collection.key {
        ClientKey::Issued(key) => key,
        ClientKey::Initial => return Err(EstimateStatus::NotPrimed), // MS-ASCMD R4139
        ClientKey::Foreign => return Err(EstimateStatus::InvalidSyncKey),
    };
    if is_of_recipients {
        let counted = recipients::estimate(call, key, items_max).await;
        return counted.map_err(|error| status::estimate(&error))?;
    }
    let place = StateKey::new(call, folder.account, folder.collection);
    let (said, quiet_name, now) = (collection.options.clone(), call.quiet_name(), call.now());
    let counted = call.store().read(call.principal(), move |tx| {
        let grant = tx.open::<right::ReadItems>(folder.account, folder.collection)?;
        let row = tx.cursor_state(&place.cursor())?;
        let state = row.as_deref().and_then(State::decode).unwrap_or_default();
        let Some((_, stand)) = state.find(key) else { return Ok(Err(EstimateStatus::InvalidSyncKey)) };
        let options: Options = said.unwrap_or_else(|| stand.options.clone());
        let class = class_of(grant.collection().kind);
        let asked = Asked::look(Interest::new(class, &options, now), STEP, quiet_name);
        let (mut progress, mut count) = (stand.progress, 0);
        loop {
            let page = collect(tx, &grant, &progress, &asked)?;
            // What only its bytes can say is left out.
            count += page.entries.iter().filter(|entry| !matches!(entry.say, Say::Aged(_))).count();
            progress = page.progress;
            if !page.more || count >= COUNT_MAX {
                return Ok(Ok(u32::try_from(count).unwrap_or(u32::MAX)));
            }
        }
    });
    counted.await.map_err(|error| status::estimate(&error))?
}
