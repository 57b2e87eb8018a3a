//! calendar-query and addressbook-query: RFC 4791 section 7.8, RFC 6352 section 8.6.

use calendar::ComponentKind;
use dav_wire::report::{
    AddressBookQuery, CalendarQuery, ComponentCondition, ComponentFilter, PropertyRequest,
};
use std::sync::Arc;
use storage::{Item, right};
use vocabulary::{Component, Timestamp};

use super::calendar_filter::{self, CalendarFilter};
use super::{Data, Filter, zone};
use crate::address::FolderAddress;
use crate::call::{Answer, Call};
use crate::folder::Folder;
use crate::location::CollectionLocation;
use crate::members::{Entry, MATCHES_MAX, Members};

pub(super) async fn calendar(
    call: &Arc<Call>,
    collection: &CollectionLocation,
    query: CalendarQuery,
) -> Answer {
    let CalendarQuery { properties, filter, time_zone } = query;
    let candidates = Candidates::of(&filter);
    let found = candidates_of(call, call.folder(collection).await?, candidates).await?;
    let data = Data::of(call, &found.folder, &properties, time_zone.as_ref()).await?;
    let filter = match is_about_kind_only(&filter) {
        true => None,
        false => {
            let zone = zone::of(call, &found.folder, time_zone.as_ref()).await?;
            Some(Filter::Calendar(CalendarFilter { filter, zone }))
        }
    };
    found.members(call, properties, data, filter, MATCHES_MAX).answer().await
}

pub(super) async fn address_book(
    call: &Arc<Call>,
    collection: &CollectionLocation,
    query: AddressBookQuery,
) -> Answer {
    let AddressBookQuery { properties, filter, limit } = query;
    let found = candidates_of(call, call.folder(collection).await?, Candidates::All).await?;
    let data = Data::of(call, &found.folder, &properties, None).await?;
    let limit = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(MATCHES_MAX);
    let filter = Some(Filter::Card(filter));
    found.members(call, properties, data, filter, limit.min(MATCHES_MAX)).answer().await
}

/// What the rows of a folder say of which items can match, without a look at their bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Candidates {
    All,
    Between { component: Component, from: Timestamp, until: Timestamp },
}

impl Candidates {
    /// All conditions of a filter must hold, so one that names a kind of component is enough.
    fn of(filter: &ComponentFilter) -> Self {
        /// Rows hold moments that are exact to the bounds that tasks include and events do not.
        const MARGIN_MS: i64 = 1_000;
        let ComponentCondition::Defined { components, .. } = &filter.condition else { return Self::All };
        let between = components.iter().find_map(|filter| {
            let ComponentCondition::Defined { time_range, .. } = &filter.condition else { return None };
            let component = stored(ComponentKind::by_name(&filter.name)?)?;
            let range = time_range.as_ref().map(calendar_filter::range);
            let (from, until) = range.map_or((i64::MIN, i64::MAX), |range| (range.start.0, range.end.0));
            Some(Self::Between {
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
        between.unwrap_or(Self::All)
    }
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

struct Found {
    folder: Folder,
    items: Vec<Item>,
}

async fn candidates_of(call: &Call, address: FolderAddress, candidates: Candidates) -> Answer<Found> {
    let read = call.store().read(call.principal(), move |tx| {
        let grant = address.open::<right::ReadItems>(tx)?;
        let items = match candidates {
            Candidates::All => tx.items(&grant, &[1..=u32::MAX])?,
            Candidates::Between { component, from, until } => {
                tx.items_between(&grant, component, from, until)?
            }
        };
        Ok(Found { folder: Folder::read(tx, address)?, items })
    });
    Ok(read.await?)
}

impl Found {
    fn members(
        self,
        call: &Arc<Call>,
        request: PropertyRequest,
        data: Option<Data>,
        filter: Option<Filter>,
        matches_max: usize,
    ) -> Members {
        Members {
            call: Arc::clone(call),
            folder: Arc::new(self.folder),
            request,
            entries: self.items.into_iter().map(|item| Entry::Item(Box::new(item))).collect(),
            filter,
            data,
            matches_max,
            tell_of_vanished: false,
            token: None,
        }
    }
}
