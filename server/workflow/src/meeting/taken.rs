//! What takes an account's time: its events, and the hours in which it says that it cannot be asked to come. A calendar
//! is read some objects at a time: it is never in memory as a whole. It is read for the house: what the asker may not
//! read takes its owner's time all the same.

use bytes::Bytes;
use calendar::schedule::{Addresses, BusyPeriod, busy_periods, merged};
use calendar::{Limits, Object, Zone, unavailable};
use std::ops::Range;
use std::sync::Arc;
use storage::{Candidates, Error, Fault, Grant, Read, Refusal, Store, right};
use tokio::sync::Semaphore;
use vocabulary::{AccountId, CollectionId, Component, ModSeq, Role, Timestamp, Uid};

use super::calendars::{CALENDAR_AVAILABILITY, CALENDAR_TRANSPARENCY, TRANSPARENT};
use super::people::HOUSE;

/// Objects that are in memory at once.
const PAGE: usize = 128;
/// Most periods of a calendar that are told.
const PERIODS_MAX: usize = 100_000;
/// Pages that are reckoned at once in the whole house: it bounds their memory, and the threads that they hold.
static RECKONERS: Semaphore = Semaphore::const_new(4);

/// Whose time is asked for, and when.
#[derive(Debug)]
pub struct Window {
    /// Whose calendars are read.
    pub account: AccountId,
    /// By which events name the owner, whose answer says whether they take time.
    pub addresses: Addresses,
    /// The time that is asked for.
    pub range: Range<Timestamp>,
    /// That of floating times.
    pub zone: Zone,
    /// The event of this UID does not count.
    pub masked_uid: Option<String>,
    /// Whether a calendar counts that its owner calls transparent (RFC 6638 section 9.1).
    pub transparent_too: bool,
}

/// What a calendar takes of a window.
#[derive(Debug)]
pub struct Taken {
    /// In order, without overlaps.
    pub periods: Vec<BusyPeriod>,
    /// The calendar's highest stamp when it was begun to be read.
    pub as_of: ModSeq,
}

struct Page {
    /// What the calendar itself says of its owner's hours; on the first page only.
    availability: Option<String>,
    contents: Vec<storage::Stored>,
    next: Option<Uid>,
    highest: ModSeq,
}

/// What a calendar takes of a window, with the hours outside of those that it says are available. The right to know it
/// is asked by the caller.
///
/// # Errors
/// [`Refusal::NotFound`] if the calendar is gone, [`Refusal::Invalid`] for more than can be told.
pub async fn taken(store: &Store, window: &Arc<Window>, calendar: CollectionId) -> storage::Result<Taken> {
    let (mut periods, mut as_of, mut after) = (Vec::<BusyPeriod>::new(), None, Uid(0));
    loop {
        let asked = Arc::clone(window);
        let Page { availability, contents, next, highest } =
            store.read(&HOUSE, move |tx| page(tx, &asked, calendar, after)).await?;
        let as_of = *as_of.get_or_insert(highest);
        let mut objects = Vec::with_capacity(contents.len());
        for content in contents {
            objects.push(store.load(content).await?);
        }
        // Series of every kind are expanded: not on the threads that serve connections.
        let asked = Arc::clone(window);
        let reckoned = reckon(move || {
            periods.extend(availability.into_iter().flat_map(|text| hours(&text, &asked)));
            add(periods, &objects, &asked)
        });
        periods = reckoned.await?;
        if periods.len() > PERIODS_MAX {
            return Err(Refusal::Invalid("more busy times than can be told").into());
        }
        match next {
            Some(next) => after = next,
            None => return Ok(Taken { periods, as_of }),
        }
    }
}

/// The hours of a window in which an account cannot be asked to come, whatever is in its calendars, as its schedule inbox
/// says: RFC 7953 section 7.2.4. The right to know it is asked by the caller.
///
/// # Errors
/// [`Fault`] only.
pub(super) async fn out_of_hours(store: &Store, window: &Arc<Window>) -> storage::Result<Vec<BusyPeriod>> {
    let account = window.account;
    let read = move |tx: &Read<'_>| match tx.open_role::<right::Lookup>(account, Role::ScheduleInbox) {
        Ok(inbox) => availability(tx, &inbox),
        Err(Error::Refusal(_)) => Ok(None),
        Err(error) => Err(error),
    };
    let Some(text) = store.read(&HOUSE, read).await? else { return Ok(Vec::new()) };
    let asked = Arc::clone(window);
    reckon(move || hours(&text, &asked)).await
}

/// Away from the threads that serve connections, when it is its turn.
async fn reckon<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> storage::Result<T> {
    let turn = RECKONERS.acquire().await;
    let reckoned = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        work()
    });
    reckoned.await.map_err(|error| Fault::Panic(error.to_string()).into())
}

fn page(tx: &Read<'_>, window: &Window, calendar: CollectionId, after: Uid) -> storage::Result<Page> {
    let grant = tx.open::<right::ReadItems>(window.account, calendar)?;
    let highest = grant.collection().highest;
    let lookup = tx.open::<right::Lookup>(window.account, calendar)?;
    if !window.transparent_too && is_transparent(tx, &lookup)? {
        return Ok(Page { availability: None, contents: Vec::new(), next: None, highest });
    }
    let availability = if after == Uid(0) { availability(tx, &lookup)? } else { None };
    let Range { start: from, end: until } = window.range;
    let between = Candidates::Between { component: Component::Event, from, until };
    let listed = tx.resources_at(&grant, &between, highest, after, PAGE)?;
    let masked = match &window.masked_uid {
        Some(uid) => tx.item_by_component_uid(&grant, uid)?.map(|item| item.uid),
        None => None,
    };
    let counted = listed.resources.iter().map(|resource| resource.uid).filter(|uid| Some(*uid) != masked);
    let uids: Vec<_> = counted.map(|uid| uid.0..=uid.0).collect();
    let contents = tx.contents(&grant, &uids, false)?.into_iter().map(|(_, content)| content).collect();
    Ok(Page { availability, contents, next: listed.next, highest })
}

fn is_transparent<'tx>(tx: &Read<'tx>, calendar: &Grant<'tx, right::Lookup>) -> storage::Result<bool> {
    let said = tx.properties_named(calendar, &[CALENDAR_TRANSPARENCY.to_owned()])?;
    Ok(said.get(CALENDAR_TRANSPARENCY).is_some_and(|word| word == TRANSPARENT))
}

fn availability<'tx>(
    tx: &Read<'tx>,
    collection: &Grant<'tx, right::Lookup>,
) -> storage::Result<Option<String>> {
    let mut said = tx.properties_named(collection, &[CALENDAR_AVAILABILITY.to_owned()])?;
    Ok(said.remove(CALENDAR_AVAILABILITY))
}

/// When the owner is out of the hours that an availability names. It was looked at when it was set.
fn hours(availability: &str, window: &Window) -> Vec<BusyPeriod> {
    unavailable(availability.as_bytes(), &window.range, &window.zone, &Limits::default()).unwrap_or_default()
}

fn add(mut periods: Vec<BusyPeriod>, objects: &[Bytes], window: &Window) -> Vec<BusyPeriod> {
    for object in objects.iter().filter_map(|bytes| Object::parse(bytes).ok()) {
        let (owner, range) = (&window.addresses, window.range.clone());
        periods.extend(busy_periods(&object, owner, range, &window.zone, &Limits::default()));
    }
    merged(&periods)
}
