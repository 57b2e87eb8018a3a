//! calendar-query and addressbook-query: RFC 4791 section 7.8, RFC 6352 section 8.6.

use calendar::ComponentKind;
use dav_wire::report::{
    AddressBookQuery, CalendarQuery, ComponentCondition, ComponentFilter, PropertyRequest,
};
use std::collections::VecDeque;
use std::sync::Arc;
use storage::{Candidates, right};
use vocabulary::{Component, Timestamp};

use super::calendar_filter::{self, CalendarFilter};
use super::{Data, Filter, zone};
use crate::call::{Answer, Call};
use crate::folder::Folder;
use crate::location::CollectionLocation;
use crate::members::{Listing, MATCHES_MAX, Members};

pub(super) async fn calendar(
    call: &Arc<Call>,
    collection: &CollectionLocation,
    query: CalendarQuery,
) -> Answer {
    let CalendarQuery { properties, filter, time_zone } = query;
    let candidates = candidates(&filter);
    let folder = read(call, collection).await?;
    let data = Data::of(call, &folder, &properties, time_zone.as_ref()).await?;
    let filter = match is_about_kind_only(&filter) {
        true => None,
        false => {
            let zone = zone::of(call, &folder, time_zone.as_ref()).await?;
            Some(Filter::Calendar(CalendarFilter { filter, zone }))
        }
    };
    answer(call, folder, candidates, properties, data, filter, MATCHES_MAX).await
}

pub(super) async fn address_book(
    call: &Arc<Call>,
    collection: &CollectionLocation,
    query: AddressBookQuery,
) -> Answer {
    let AddressBookQuery { properties, filter, limit } = query;
    let folder = read(call, collection).await?;
    let data = Data::of(call, &folder, &properties, None).await?;
    let limit = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(MATCHES_MAX);
    let filter = Some(Filter::Card(filter));
    answer(call, folder, Candidates::All, properties, data, filter, limit.min(MATCHES_MAX)).await
}

/// What the rows of a folder say of which items can match, without a look at their bytes. All conditions of a filter
/// must hold, so one that names a kind of component is enough.
fn candidates(filter: &ComponentFilter) -> Candidates {
    /// Rows hold moments that are exact to the bounds that tasks include and events do not.
    const MARGIN_MS: i64 = 1_000;
    let ComponentCondition::Defined { components, .. } = &filter.condition else { return Candidates::All };
    let between = components.iter().find_map(|filter| {
        let ComponentCondition::Defined { time_range, .. } = &filter.condition else { return None };
        let component = stored(ComponentKind::by_name(&filter.name)?)?;
        let range = time_range.as_ref().map(calendar_filter::range);
        let (from, until) = range.map_or((i64::MIN, i64::MAX), |range| (range.start.0, range.end.0));
        Some(Candidates::Between {
            component,
            // Rows of tasks and notes do not say when they end.
            from: Timestamp(if component == Component::Event {
                from.saturating_sub(MARGIN_MS)
            } else {
                i64::MIN
            }),
            until: Timestamp(until.saturating_add(MARGIN_MS)),
        })
    });
    between.unwrap_or(Candidates::All)
}

fn stored(kind: ComponentKind) -> Option<Component> {
    match kind {
        ComponentKind::Event => Some(Component::Event),
        ComponentKind::ToDo => Some(Component::Todo),
        ComponentKind::Journal => Some(Component::Journal),
        ComponentKind::FreeBusy => None,
    }
}

/// A filter that asks for one kind of component and nothing else: the rows know the answer.
fn is_about_kind_only(filter: &ComponentFilter) -> bool {
    let plain = |filter: &ComponentFilter, inner: usize| match &filter.condition {
        ComponentCondition::Defined { time_range: None, properties, components } => {
            properties.is_empty() && components.len() == inner
        }
        _ => false,
    };
    let ComponentCondition::Defined { components, .. } = &filter.condition else { return false };
    match components.as_slice() {
        [] => plain(filter, 0),
        [only] => {
            plain(filter, 1)
                && plain(only, 0)
                && ComponentKind::by_name(&only.name).and_then(stored).is_some()
        }
        _ => false,
    }
}

/// The folder, if its items may be read.
async fn read(call: &Call, collection: &CollectionLocation) -> Answer<Folder> {
    let address = call.folder(collection).await?;
    let read = call.store().read(call.principal(), move |tx| {
        drop(address.open::<right::ReadItems>(tx)?);
        Folder::read(tx, address, &zone::kept())
    });
    Ok(read.await?)
}

async fn answer(
    call: &Arc<Call>,
    folder: Folder,
    candidates: Candidates,
    request: PropertyRequest,
    data: Option<Data>,
    filter: Option<Filter>,
    matches_max: usize,
) -> Answer {
    let members = Members {
        call: Arc::clone(call),
        folder: Arc::new(folder),
        request,
        entries: VecDeque::new(),
        listing: Some(Listing::of(candidates)),
        filter,
        data,
        matches_max,
        tell_of_vanished: false,
        token: None,
    };
    members.answer().await
}
