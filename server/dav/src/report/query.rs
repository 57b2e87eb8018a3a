//! calendar-query and addressbook-query: RFC 4791 section 7.8, RFC 6352 section 8.6.

use calendar::{ComponentKind, Zone};
use dav_wire::Segment;
use dav_wire::header::Depth;
use dav_wire::report::{
    AddressBookQuery, CalendarQuery, ComponentCondition, ComponentFilter, PropertyRequest,
};
use std::collections::VecDeque;
use std::sync::Arc;
use storage::{Candidates, Item, Read, Refusal, Subject, right};
use vocabulary::{Component, Timestamp};

use super::calendar_filter::{self, CalendarFilter};
use super::{Data, Filter, zone};
use crate::address::FolderAddress;
use crate::call::{Answer, Call};
use crate::folder::Folder;
use crate::location::CollectionLocation;
use crate::members::{self, Entry, Listing, MATCHES_MAX, Members};

/// Most rows of matches that are in memory before the answer begins.
const MATCHES_AT_ONCE: usize = 1_000;

pub(super) async fn calendar(
    call: &Arc<Call>,
    collection: &CollectionLocation,
    query: CalendarQuery,
) -> Answer {
    let CalendarQuery { properties, filter, time_zone } = query;
    let scope = Scope::All(candidates(&filter));
    let asks_more = !is_about_kind_only(&filter);
    let in_zone =
        |zone| asks_more.then(|| Arc::new(Filter::Calendar(CalendarFilter { filter: filter.clone(), zone })));
    let address = call.folder(collection).await?;
    let filter = in_zone(Zone::utc());
    let (of_rows, kept) = (filter.clone(), zone::kept(&properties.selection));
    let read = call.store().read(call.principal(), move |tx| {
        let found = find(tx, &address, &scope, of_rows.as_deref())?;
        Ok((Folder::read(tx, address, &kept)?, found))
    });
    let (folder, found) = read.await?;
    zone::check(time_zone.as_ref())?;
    let data = Data::of(call, &folder, &properties, time_zone.as_ref()).await?;
    let filter = match filter {
        // Nothing that a summary answers lies in a zone.
        Some(filter) if !filter.is_about_summaries() => {
            in_zone(zone::of(call, &folder, time_zone.as_ref()).await?)
        }
        filter => filter,
    };
    found.answer(call, folder, properties, data, filter, MATCHES_MAX).await
}

/// Of a book, or of one card of it: RFC 6352 section 8.
pub(super) async fn address_book(
    call: &Arc<Call>,
    collection: &CollectionLocation,
    card: Option<&Segment>,
    query: AddressBookQuery,
) -> Answer {
    let AddressBookQuery { properties, filter, limit } = query;
    let scope = match (card, call.depth) {
        (Some(name), _) => Scope::One(name.as_str().to_owned()),
        // The book is no card, and its cards are not asked for. Without the header they are meant.
        (None, Some(Depth::Zero)) => Scope::Nothing,
        (None, _) => Scope::All(Candidates::All),
    };
    let limit = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(MATCHES_MAX);
    let address = call.folder(collection).await?;
    // Section 8.6: an empty filter is about every card.
    let filter = (!filter.properties.is_empty()).then(|| Arc::new(Filter::Card(filter)));
    let (of_rows, kept) = (filter.clone(), zone::kept(&properties.selection));
    let read = call.store().read(call.principal(), move |tx| {
        let found = find(tx, &address, &scope, of_rows.as_deref())?;
        Ok((Folder::read(tx, address, &kept)?, found))
    });
    let (folder, found) = read.await?;
    let data = Data::of(call, &folder, &properties, None).await?;
    found.answer(call, folder, properties, data, filter, limit.min(MATCHES_MAX)).await
}

/// Which members of a collection a query is about.
enum Scope {
    All(Candidates),
    One(String),
    Nothing,
}

/// The members that may match.
fn find(
    tx: &Read<'_>,
    address: &FolderAddress,
    scope: &Scope,
    filter: Option<&Filter>,
) -> storage::Result<Found> {
    /// Beyond so many statements it is cheaper to read all rows of the folder, page by page.
    const RANGES_MAX: usize = 64;
    let grant = address.open::<right::ReadItems>(tx)?;
    let component;
    let filter = match scope {
        Scope::Nothing => return Ok(Found::these(Vec::new())),
        Scope::One(name) => {
            let item = tx.item_by_resource(&grant, name)?;
            return Ok(Found::these(vec![item.ok_or(Refusal::NotFound(Subject::Item))?]));
        }
        Scope::All(candidates) => {
            component = candidates.component();
            let Some(filter) = filter.filter(|filter| filter.is_about_summaries()) else {
                return Ok(Found::listed(Listing::of(*candidates)));
            };
            filter
        }
    };
    let (mut wanted, mut is_settled) = (Vec::new(), true);
    tx.summaries(&grant, component, |uid, summary| match filter.matches_summary(summary) {
        Some(false) => {}
        Some(true) => wanted.push(uid),
        // It was stored before such members had an index, or has none.
        None => {
            is_settled = false;
            wanted.push(uid);
        }
    })?;
    let ranges = members::ranges(wanted.iter().map(|uid| uid.0).collect());
    let found = match ranges.len() <= RANGES_MAX && wanted.len() <= MATCHES_AT_ONCE {
        true => Found::these(tx.items(&grant, &ranges)?),
        false => Found::listed(Listing::of_uids(wanted)),
    };
    Ok(Found { is_settled, ..found })
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

/// What was found in rows.
struct Found {
    entries: VecDeque<Entry>,
    listing: Option<Listing>,
    /// Whether it is certain that they all do.
    is_settled: bool,
}

impl Found {
    fn these(items: Vec<Item>) -> Self {
        let entries = items.into_iter().map(|item| Entry::Item(item.into())).collect();
        Self { entries, listing: None, is_settled: false }
    }

    fn listed(listing: Listing) -> Self {
        Self { entries: VecDeque::new(), listing: Some(listing), is_settled: false }
    }

    async fn answer(
        self,
        call: &Arc<Call>,
        folder: Folder,
        request: PropertyRequest,
        data: Option<Data>,
        filter: Option<Arc<Filter>>,
        matches_max: usize,
    ) -> Answer {
        // Where bodies are read all the same, each is asked again: it may have changed since.
        let filter = filter.filter(|_| !self.is_settled || data.is_some());
        let members = Members {
            call: Arc::clone(call),
            folder: Arc::new(folder),
            request,
            entries: self.entries,
            listing: self.listing,
            filter,
            data,
            matches_max,
            tell_of_vanished: false,
            token: None,
        };
        members.answer().await
    }
}
