//! Rooms and things: they accept what finds them free, in the hours that they can be had, and refuse the rest, by
//! themselves.

use bytes::Bytes;
use calendar::schedule::{self, Agent, Written};
use std::ops::Range;
use std::sync::Arc;
use storage::{Account, Read, Store, Write, right};
use vocabulary::{AccountClass, AccountId, CollectionId, ModSeq, Timestamp};

use super::calendars::stale;
use super::people::{Directory, HOUSE};
use super::plan::{Known, PlanError, Planned, Writer, plan_with};
use super::taken::{Window, out_of_hours, taken};
use crate::time_zone::time_zone;

/// How far ahead occurrences are compared with what is booked; a series that goes on longer is judged by these.
const HORIZON_MS: i64 = 2 * 366 * 86_400_000;

/// Whether an account answers by itself.
pub(super) fn is_bookable(account: &Account) -> bool {
    matches!(account.class, AccountClass::Room | AccountClass::Resource)
}

/// A calendar whose bookings an answer rests on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Watched {
    account: AccountId,
    calendar: CollectionId,
    highest: ModSeq,
}

impl Watched {
    /// # Errors
    /// [`storage::Refusal::Stale`] if anything was booked there since.
    pub(super) fn check(&self, tx: &Write<'_>) -> storage::Result<()> {
        let grant = tx.open::<right::ReadItems>(self.account, self.calendar)?;
        let highest = grant.collection().highest;
        if highest == self.highest { Ok(()) } else { Err(stale(Some(highest))) }
    }
}

/// What a room answers.
pub(super) struct Answer {
    /// Its copy with the answer, and who is to be told; `None`: nothing is to be answered.
    pub(super) answered: Option<(Vec<u8>, Planned)>,
    pub(super) watched: Vec<Watched>,
}

/// The answer to a request; `bytes` are the room's copy as the request makes it, which lies within `extent`.
pub(super) async fn answer(
    store: &Store,
    account: &Account,
    known: &Known,
    bytes: &Bytes,
    extent: Range<Timestamp>,
) -> storage::Result<Answer> {
    let horizon = known.now..Timestamp(known.now.0.saturating_add(HORIZON_MS));
    let zone = time_zone(store, account.id, account.domain).await?;
    let from = horizon.start.max(extent.start);
    let window = Arc::new(Window {
        account: account.id,
        addresses: known.addresses.clone(),
        range: from..horizon.end.min(extent.end).max(from),
        zone: zone.clone(),
        masked_uid: schedule::uid_of(bytes),
        transparent_too: false,
    });
    let closed = out_of_hours(store, &window).await?;
    let mut busy: Vec<_> = closed.into_iter().map(|period| period.range).collect();
    let mut watched = Vec::new();
    let id = account.id;
    for calendar in store.read(&HOUSE, move |tx: &Read<'_>| tx.busy_calendars(id)).await? {
        let taken = taken(store, &window, calendar).await?;
        busy.extend(taken.periods.into_iter().map(|period| period.range));
        watched.push(Watched { account: account.id, calendar, highest: taken.as_of });
    }
    let actor = known.actor(Agent::Server);
    let Some(answered) = schedule::answer(&actor, bytes, &busy, horizon, &zone) else {
        return Ok(Answer { answered: None, watched });
    };
    let directory = Directory::of(store, &[Some(bytes), Some(&answered)]).await?;
    let known = Known { addresses: known.addresses.clone(), directory, now: known.now };
    let writer = Writer::house_of(account);
    let planned = match plan_with(store, &writer, &known, Some(bytes), Written::Stored(&answered)).await {
        Ok(planned) => planned,
        Err(PlanError::Store(error)) => return Err(error),
        Err(PlanError::Refused(error)) => {
            tracing::error!(account = account.id.0, %error, "a room's answer is refused");
            return Ok(Answer { answered: None, watched });
        }
    };
    let bytes = planned.rewritten.clone().unwrap_or(answered);
    Ok(Answer { answered: Some((bytes, planned)), watched })
}
