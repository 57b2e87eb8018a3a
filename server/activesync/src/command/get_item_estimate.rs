//! GetItemEstimate: MS-ASCMD section 2.2.1.9. It counts what Sync would say.

use activesync_wire::command::get_item_estimate::{Collection, Estimate, answer, parse};
use activesync_wire::command::sync::Options;
use activesync_wire::item::Class;
use activesync_wire::server_id::FolderId;
use activesync_wire::status::{CommonStatus, EstimateStatus};
use activesync_wire::sync_key::ClientKey;
use activesync_wire::{RequestError, Version};
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
        let outcome = estimate(call, &collection).await?;
        let class = collection.options.as_ref().and_then(|options| options.class);
        let class = class.filter(|_| call.version < Version::V14_0);
        estimates.push(Estimate { id: collection.id, class, outcome });
    }
    Ok(Reply::document(&answer(estimates)))
}

/// # Errors
/// Status 103 for conversations of what is no mail (MS-ASCMD R2100).
async fn estimate(call: &Call, collection: &Collection) -> Answer<Result<u32, EstimateStatus>> {
    let Ok(folder) = FolderId::from_str(&collection.id) else {
        return Ok(Err(EstimateStatus::InvalidCollection));
    };
    let is_of_recipients = folder == FolderId::RECIPIENTS && call.version >= Version::V14_0;
    let items_max = collection.options.as_ref().and_then(|options| options.max_items);
    if items_max.is_some() && !is_of_recipients {
        return Ok(Err(EstimateStatus::InvalidCollection)); // MS-ASCMD R3265, R3269
    }
    let key = match collection.key {
        ClientKey::Issued(key) => key,
        ClientKey::Initial => return Ok(Err(EstimateStatus::NotPrimed)), // MS-ASCMD R4139
        ClientKey::Foreign => return Ok(Err(EstimateStatus::InvalidSyncKey)),
    };
    if is_of_recipients {
        let counted = recipients::estimate(call, key, items_max).await;
        return Ok(counted.unwrap_or_else(|error| Err(status::estimate(&error))));
    }
    let whole = collection.conversation_mode;
    let place = StateKey::new(call, folder.account, folder.collection);
    let (said, quiet_name, now) = (collection.options.clone(), call.quiet_name(), call.now());
    let counted = call.store().read(call.principal(), move |tx| {
        let grant = tx.open::<right::ReadItems>(folder.account, folder.collection)?;
        let row = tx.cursor_state(&place.cursor())?;
        let state = row.as_deref().and_then(State::decode).unwrap_or_default();
        let Some((_, stand)) = state.find(key) else { return Ok(Ok(Err(EstimateStatus::InvalidSyncKey))) };
        let options: Options = said.unwrap_or_else(|| stand.options.clone());
        let class = class_of(grant.collection().kind);
        if whole && class != Class::Email {
            return Ok(Err(RequestError::Structure("ConversationMode without mail")));
        }
        if !options.filter_type.fits(class) {
            // MS-ASCMD R3009, R3018
            return Ok(Err(RequestError::common(CommonStatus::ServerError, "FilterType of another class")));
        }
        // A device that has some of them the other way is told what Sync would bring that way.
        let mut progress = stand.progress.clone().of_conversations(whole).unwrap_or(stand.progress);
        let interest = Interest::new(class, &options, now).of_conversations(progress.conversations);
        let asked = Asked::look(interest, STEP, quiet_name);
        let mut count = 0;
        loop {
            let page = collect(tx, &grant, &progress, &asked)?;
            // What only its bytes can say is left out.
            count += page.entries.iter().filter(|entry| !matches!(entry.say, Say::Aged(_))).count();
            progress = page.progress;
            if !page.more || count >= COUNT_MAX {
                return Ok(Ok(Ok(u32::try_from(count).unwrap_or(u32::MAX))));
            }
        }
    });
    match counted.await {
        Ok(Ok(counted)) => Ok(counted),
        Ok(Err(refused)) => Err(refused.into()),
        Err(error) => Ok(Err(status::estimate(&error))),
    }
}
