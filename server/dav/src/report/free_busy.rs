//! free-busy-query: RFC 4791 section 7.10. What is asked for itself counts, also a calendar that its owner calls
//! transparent. With what somebody is busy is not told, so the right to ask is less than that to read.

use actix_web::HttpResponse;
use actix_web::http::header;
use bytes::Bytes;
use calendar::schedule::{Addresses, BusyPeriod, busy_periods, free_busy, merged};
use calendar::{Limits, Object, Zone};
use dav_wire::report::FreeBusyQuery;
use dav_wire::{Precondition, Property, TimeSpan};
use std::ops::Range;
use std::sync::Arc;
use storage::{Candidates, Fault, Listed, right};
use vocabulary::{Component, Rights, Timestamp, Uid};

use super::zone;
use crate::call::{Answer, Call};
use crate::directory::HOUSE;
use crate::folder::{Folder, Kept};
use crate::location::CollectionLocation;
use crate::members::{READERS, ranges};
use crate::property::principal::calendar_addresses;
use crate::status;

/// How many objects are in memory at once.
const PAGE_ROWS: usize = 256;
/// Most periods that one answer tells.
const PERIODS_MAX: usize = 100_000;

/// Whose time it is, and where its days lie.
struct Asked {
    owner: Addresses,
    zone: Zone,
    range: Range<Timestamp>,
}

pub(super) async fn run(call: &Arc<Call>, collection: &CollectionLocation, wanted: FreeBusyQuery) -> Answer {
    let TimeSpan { start, end } = wanted.span;
    let address = call.folder(collection).await?;
    let kept = Kept::named([Property::CalendarTimezoneId, Property::CalendarAvailability]);
    let read = call.store().read(call.principal(), move |tx| Folder::read(tx, address, &kept));
    let folder = Arc::new(read.await?);
    if !(folder.rights.contains(Rights::FREE_BUSY) || folder.rights.contains(Rights::READ)) {
        return Err(status::missing(call, Rights::FREE_BUSY).into());
    }
    let addresses = calendar_addresses(&folder.address.owner);
    let asked = Arc::new(Asked {
        owner: Addresses::new(
            &folder.address.owner.address.to_string(),
            addresses.iter().map(String::as_str),
        ),
        zone: zone::of(call, &folder, None).await?,
        range: start..end,
    });
    let mut busy = asked.unavailable(&folder);
    let mut after = Some(Uid(0));
    while let Some(uid) = after {
        let (objects, next) = page(call, &folder, &asked.range, uid).await?;
        let (asked, turn) = (Arc::clone(&asked), READERS.acquire().await);
        let reckon = move || {
            let _turn = turn;
            asked.add(busy, &objects)
        };
        let reckoned = tokio::task::spawn_blocking(reckon).await;
        busy = reckoned.map_err(|error| storage::Error::from(Fault::Panic(error.to_string())))?;
        if busy.len() > PERIODS_MAX {
            return Err(Precondition::NumberOfMatchesWithinLimits.into());
        }
        after = next;
    }
    let answer = free_busy(&asked.range, &busy, call.context.clock.now());
    let private = (header::CACHE_CONTROL, "private, no-store");
    Ok(HttpResponse::Ok().insert_header(private).content_type("text/calendar; charset=utf-8").body(answer))
}

/// The next objects that may take time in the range, and after which UID those that follow begin. They are read for
/// the house: what the asker may not read takes its owner's time all the same.
async fn page(
    call: &Call,
    folder: &Arc<Folder>,
    range: &Range<Timestamp>,
    after: Uid,
) -> Answer<(Vec<Bytes>, Option<Uid>)> {
    let candidates = Candidates::Between { component: Component::Event, from: range.start, until: range.end };
    let (folder, at) = (Arc::clone(folder), folder.collection.highest);
    let read = call.store().read(&HOUSE, move |tx| {
        let grant = folder.open_again::<right::ReadItems>(tx)?;
        let Listed { items, next } = tx.items_at(&grant, &candidates, at, after, PAGE_ROWS)?;
        let uids = ranges(items.iter().map(|item| item.uid.0).collect());
        Ok((tx.contents(&grant, &uids, false)?, next))
    });
    let (contents, next) = read.await?;
    let mut objects = Vec::with_capacity(contents.len());
    for (_, stored) in contents {
        objects.push(call.store().load(stored).await?);
    }
    Ok((objects, next))
}

impl Asked {
    /// RFC 7953 section 7.2.4: when the owner cannot be asked to come.
    fn unavailable(&self, folder: &Folder) -> Vec<BusyPeriod> {
        let Some(kept) = folder.stored(&Property::CalendarAvailability.into()) else { return Vec::new() };
        let text = kept.text();
        calendar::unavailable(text.as_bytes(), &self.range, &self.zone, &Limits::default())
            .unwrap_or_default()
    }

    fn add(&self, mut busy: Vec<BusyPeriod>, objects: &[Bytes]) -> Vec<BusyPeriod> {
        for object in objects.iter().filter_map(|bytes| Object::parse(bytes).ok()) {
            let window = self.range.clone();
            busy.extend(busy_periods(&object, &self.owner, window, &self.zone, &Limits::default()));
        }
        merged(&busy)
    }
}
