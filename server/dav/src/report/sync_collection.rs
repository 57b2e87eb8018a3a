//! sync-collection: RFC 6578 section 3.

use actix_web::http::StatusCode;
use dav_wire::header::Depth;
use dav_wire::report::SyncCollection;
use dav_wire::{Precondition, Status};
use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use storage::{Candidates, Change, ChangeKind, Cursor, Read, Refusal, right};

use super::{Data, zone};
use crate::address::FolderAddress;
use crate::call::{Answer, Call};
use crate::cursor::{self, Place};
use crate::folder::Folder;
use crate::location::CollectionLocation;
use crate::members::{Entry, Listing, MATCHES_MAX, Members};

pub(super) async fn run(call: &Arc<Call>, collection: &CollectionLocation, wanted: SyncCollection) -> Answer {
    // Section 3.2 wants 0; Thunderbird and others send the 1 of an older draft.
    if call.depth == Some(Depth::Infinity) {
        return Err(StatusCode::BAD_REQUEST.into());
    }
    let since = wanted.token.as_deref().map(Place::of).transpose()?;
    let limit = wanted.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(MATCHES_MAX);
    // Whoever knows nothing and sets no limit is told all that there is.
    let listing = (since.is_none() && wanted.limit.is_none()).then(|| Listing::of(Candidates::All));
    let (address, is_listed) = (call.folder(collection).await?, listing.is_some());
    let kept = zone::kept(&wanted.properties.selection);
    let read = call.store().read(call.principal(), move |tx| {
        let news = match is_listed {
            true => News::all(tx, &address)?,
            false => News::read(tx, &address, since, limit.min(MATCHES_MAX))?,
        };
        Ok((Folder::read(tx, address, &kept)?, news))
    });
    let (folder, news) = read.await?;
    let members = Members {
        call: Arc::clone(call),
        data: Data::of(call, &folder, &wanted.properties, None).await?,
        request: wanted.properties,
        token: Some(cursor::token(&folder.collection, &news.next)),
        entries: news.entries(&folder),
        listing,
        folder: Arc::new(folder),
        filter: None,
        // The token says that all was told.
        matches_max: usize::MAX,
        tell_of_vanished: false,
    };
    members.answer().await
}

/// What happened in a collection since a reader looked.
struct News {
    changes: Vec<Change>,
    next: Cursor,
    more: bool,
}

impl News {
    /// None but those that a listing of everything tells.
    fn all(tx: &Read<'_>, address: &FolderAddress) -> storage::Result<Self> {
        let grant = address.open::<right::ReadItems>(tx)?;
        Ok(Self { changes: Vec::new(), next: Cursor::at_end(&grant), more: false })
    }

    fn read(
        tx: &Read<'_>,
        address: &FolderAddress,
        since: Option<Place>,
        limit: usize,
    ) -> storage::Result<Self> {
        let grant = address.open::<right::ReadItems>(tx)?;
        let floor = grant.collection().floor;
        let next = match since {
            Some(place) => place.within(grant.collection()).ok_or(Refusal::ResyncRequired { floor })?,
            None => Cursor::start(grant.epoch()),
        };
        let mut news = Self { changes: Vec::new(), next, more: true };
        while news.more && news.changes.len() < limit {
            let page = tx.changes_since(&grant, news.next, limit - news.changes.len())?;
            (news.next, news.more) = (page.next, page.more);
            // Flags are no part of what DAV shows.
            let told = page.changes.into_iter().filter(|change| change.kind != ChangeKind::FlagsChanged);
            news.changes.extend(told);
        }
        Ok(news)
    }

    /// Section 3.5: what was removed is told by a 404. What came again under the same name has changed.
    fn entries(self, folder: &Folder) -> VecDeque<Entry> {
        let there: HashSet<String> = self
            .changes
            .iter()
            .filter(|change| change.kind != ChangeKind::Removed)
            .filter_map(|change| change.item.resource_name.clone())
            .collect();
        let mut entries: VecDeque<Entry> = self
            .changes
            .into_iter()
            .filter_map(|Change { kind, item }| {
                if kind != ChangeKind::Removed {
                    return Some(Entry::Item(item.into()));
                }
                let name = item.resource_name.filter(|name| !there.contains(name))?;
                Some(Entry::Status(folder.address.item(&name).to_string(), Status::NOT_FOUND, None))
            })
            .collect();
        if self.more {
            // Section 3.6: the token covers what was told, and no more.
            let href = folder.address.href.to_string();
            let why = Precondition::NumberOfMatchesWithinLimits;
            entries.push_back(Entry::Status(href, Status::INSUFFICIENT_STORAGE, Some(why)));
        }
        entries
    }
}
