//! sync-collection on a home: RFC 6578 section 3. Its members are collections; one has changed when its properties have, or
//! anything in it, so that whoever follows the home asks only those that are told.
//!
//! Absent: `sync-level` infinite, which would need a place in the log of every collection in one token.

use actix_web::http::StatusCode;
use dav_wire::header::Depth;
use dav_wire::report::{SyncCollection, SyncLevel};
use dav_wire::{HomeMarks, HomePass, MultiStatus, Precondition, Segment, Status, SyncToken};
use std::collections::HashSet;
use std::sync::Arc;
use storage::{Account, HomeLog};
use vocabulary::{AccountId, CollectionId, Home, ModSeq};

use crate::address::FolderAddress;
use crate::call::{Answer, Call, Failure};
use crate::census::Census;
use crate::folder::Kept;
use crate::home::HomeListing;
use crate::kind::Kind;
use crate::location;
use crate::members::MATCHES_MAX;
use crate::pages;
use crate::property::Subject;
use crate::subject;

pub(super) async fn run(call: &Arc<Call>, wanted: SyncCollection) -> Answer {
    // Section 3.3: each collection is followed by itself.
    if wanted.level(call.depth) == SyncLevel::Infinite {
        return Err(Precondition::SyncTraversalSupported.into());
    }
    // Section 3.2 wants 0; older drafts had 1.
    if call.depth == Some(Depth::Infinity) {
        return Err(StatusCode::BAD_REQUEST.into());
    }
    let Subject::Home(home, owner) = subject::find(call, &call.location, &Kept::nothing()).await? else {
        return Err(Precondition::SupportedReport.into());
    };
    if Kind::of(home).is_none() {
        return Err(Precondition::SupportedReport.into());
    }
    let since = wanted.token.as_deref().map(Since::of).transpose()?.unwrap_or_default();
    let census = Census::take(call, home, &owner, ModSeq(since.told.modseq)).await?;
    if since.shared.is_some_and(|shared| shared != census.shared) {
        return Err(Precondition::ValidSyncToken.into());
    }
    let limit = wanted.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(MATCHES_MAX);
    let (shared, marks) = (census.shared, census.marks);
    let mut news = news(census, home, &owner, &since);
    let more = news.len() > limit.min(MATCHES_MAX);
    news.truncate(limit.min(MATCHES_MAX));
    let until = since.pass.map_or(marks, |pass| pass.until);
    // Section 3.6: the token covers what was told, and no more.
    let token = match news.last() {
        Some(News { place: (account, collection), .. }) if more => {
            let pass = HomePass { until, owner: account.0, collection: collection.0 };
            SyncToken::Home { shared, told: since.told, pass: Some(pass) }
        }
        _ => SyncToken::Home { shared, told: until, pass: None },
    };
    let mut output = MultiStatus::new(call.detail());
    let mut collections = Vec::with_capacity(news.len());
    for News { what, .. } in news {
        match what {
            What::There(address) => collections.push(*address),
            What::Gone(href) => output.status(&href, Status::NOT_FOUND, None),
        }
    }
    if more {
        let why = Precondition::NumberOfMatchesWithinLimits;
        let href = location::home(home, &owner.address).to_string();
        output.status(&href, Status::INSUFFICIENT_STORAGE, Some(&why));
    }
    let listing = HomeListing {
        call: Arc::clone(call),
        selection: wanted.properties.selection,
        output,
        collections: collections.into(),
        token: Some(token.to_string()),
    };
    pages::answer(call, listing).await
}

/// What a reader knows.
#[derive(Debug, Clone, Copy, Default)]
struct Since {
    /// `None`: it begins.
    shared: Option<u64>,
    told: HomeMarks,
    pass: Option<HomePass>,
}

impl Since {
    /// # Errors
    /// Section 3.2: what we did not give is refused, never guessed.
    fn of(token: &str) -> Result<Self, Failure> {
        match token.parse() {
            Ok(SyncToken::Home { shared, told, pass }) => Ok(Self { shared: Some(shared), told, pass }),
            Ok(SyncToken::Collection { .. }) | Err(_) => Err(Precondition::ValidSyncToken.into()),
        }
    }
}

/// One member that is told.
struct News {
    /// A pass goes through the home in this order.
    place: (AccountId, CollectionId),
    what: What,
}

enum What {
    There(Box<FolderAddress>),
    Gone(String),
}

/// What a reader is to be told, in the order of the pass and without what was told of it already.
fn news(mut census: Census, home: Home, owner: &Account, since: &Since) -> Vec<News> {
    let shown = std::mem::take(&mut census.shown);
    let names: HashSet<String> = shown
        .iter()
        .filter(|(_, visible)| visible.collection.account == owner.id)
        .filter_map(|(_, visible)| visible.collection.resource_name.clone())
        .collect();
    let mut news: Vec<News> = shown
        .into_iter()
        .filter(|(_, visible)| census.has_changed(owner, &visible.collection, since.told))
        .map(|(address, visible)| News {
            place: (visible.collection.account, visible.collection.id),
            what: What::There(Box::new(address)),
        })
        .collect();
    if let Some(log) = census.log {
        news.extend(gone(log, names, home, owner));
    }
    if let Some(HomePass { owner, collection, .. }) = since.pass {
        news.retain(|one| one.place > (AccountId(owner), CollectionId(collection)));
    }
    news.sort_unstable_by_key(|one| one.place);
    news
}

/// Section 3.5.2: the paths at which there is nothing any more, each once.
fn gone(log: HomeLog, mut told: HashSet<String>, home: Home, owner: &Account) -> Vec<News> {
    let path = location::home(home, &owner.address);
    let mut gone = Vec::new();
    for vanished in log.vanished.into_iter().rev() {
        let Ok(name) = Segment::new(vanished.resource_name.clone()) else { continue };
        if told.insert(vanished.resource_name) {
            let what = What::Gone(path.collection(name).to_string());
            gone.push(News { place: (owner.id, vanished.id), what });
        }
    }
    gone
}
