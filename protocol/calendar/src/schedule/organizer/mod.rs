//! What an organiser writes: RFC 6638 section 3.2.1.

mod change;
mod guests;
mod merge;
mod tell;

use std::collections::BTreeMap;

use content_line::Edit;

use super::copy::Copy;
use super::line::put;
use super::{Actor, Agent, Plan, Refused, Role, stamp};
use change::{Changes, changes};
use guests::{Due, Dues, guests};
use merge::merge;
use tell::{REFRESHED_MAX, Teller, Told};
pub(super) use tell::{is_deliverable, refresh, request_for};

/// Most guests of one meeting.
const GUESTS_MAX: usize = 10_000;

/// What SCHEDULE-STATUS a recipient gets.
pub(super) type StatusOf<'a> = &'a dyn Fn(&str) -> &'static str;

/// An organiser's new bytes.
///
/// `old` is the organiser's copy so far, if the owner was its organiser.
pub(super) fn write(
    actor: &Actor<'_>,
    old: Option<&Copy<'_>>,
    new: &Copy<'_>,
    status: StatusOf<'_>,
) -> Result<Plan, Refused> {
    let written = new.document.bytes();
    let is_own = is_own(actor, new, old);
    let changes = changes(old, new, &is_own);
    let merged = merge(actor, old, new, &changes, &is_own)?;
    let next = Copy::parse(&merged.bytes)?;
    let mut plan = Plan {
        keeps_tag: old.is_some_and(|old| old.document.bytes() == written),
        ..Plan::of(Role::Organizer)
    };
    let mut statuses = BTreeMap::new();
    if actor.agent == Agent::Server {
        let told = tell(actor, old, &next, &changes, &merged.forced, &is_own, status)?;
        (plan.messages, plan.refresh, statuses) = (told.messages, told.refresh, told.statuses);
        for address in merged.forced.iter().filter(|(_, is_known)| !**is_known).map(|(address, _)| address) {
            // RFC 6638 section 7.2: a method that nobody knows.
            statuses.entry(address.clone()).or_insert("2.3");
        }
    }
    let tells = !plan.messages.is_empty() || !plan.refresh.is_empty() || !statuses.is_empty();
    let bytes = finished(actor, old, &next, tells, &statuses);
    plan.rewritten = (bytes != written).then_some(bytes);
    Ok(plan)
}

/// An organiser's removal.
pub(super) fn remove(actor: &Actor<'_>, old: &Copy<'_>, status: StatusOf<'_>) -> Result<Plan, Refused> {
    let is_own = is_own(actor, old, None);
    let mut plan = Plan::of(Role::Organizer);
    if actor.agent == Agent::Server {
        let mut teller = Teller::new(actor, Some(old), stamp::next(old.stamp(), actor.now), status);
        teller.cancel_all(old, guests(old, &is_own))?;
        plan.messages = teller.finish().messages;
    }
    Ok(plan)
}

/// Whether an address is the organiser's: RFC 6638 section 3.2.1 wants no message to him.
fn is_own<'c>(actor: &Actor<'c>, new: &Copy<'_>, old: Option<&Copy<'_>>) -> impl Fn(&str) -> bool + use<'c> {
    let organizer = |copy: &Copy<'_>| copy.organizer().map(|person| person.address.clone());
    let named = [organizer(new), old.and_then(organizer)];
    let owner = actor.owner;
    move |address| owner.contains(address) || named.iter().flatten().any(|named| named == address)
}

fn tell(
    actor: &Actor<'_>,
    old: Option<&Copy<'_>>,
    next: &Copy<'_>,
    changes: &Changes,
    forced: &BTreeMap<String, bool>,
    is_own: &dyn Fn(&str) -> bool,
    status: StatusOf<'_>,
) -> Result<Told, Refused> {
    let last = old.and_then(Copy::stamp);
    let mut teller = Teller::new(actor, old, stamp::next(last, actor.now), status);
    let before = old.map(|old| guests(old, is_own)).unwrap_or_default();
    let after = guests(next, is_own);
    if after.len() > GUESTS_MAX {
        return Err(Refused::TooMany);
    }
    let dues = old.map(|old| Dues::new(old, next, changes));
    let mut uninvited = BTreeMap::new();
    for (address, part) in &before {
        if !after.contains_key(address) {
            uninvited.insert(address.clone(), part.clone());
        }
    }
    let mut requests = Vec::new();
    let mut refreshed = Vec::new();
    let mut cancelled = Vec::new();
    for (address, part) in &after {
        let due = match (&dues, before.get(address)) {
            _ if forced.get(address) == Some(&true) => Due::Request,
            (Some(dues), Some(before)) => dues.of(before, part),
            _ => Due::Request,
        };
        match due {
            Due::Nothing => {}
            Due::Refresh => refreshed.push((address, part)),
            Due::Request => requests.push((address, part)),
            Due::Cancel { for_all, occurrences } => cancelled.push((address, for_all, occurrences)),
        }
    }
    teller.request(next, &requests, false)?;
    if after.len() <= REFRESHED_MAX {
        teller.request(next, &refreshed, true)?;
    }
    if let Some(old) = old {
        teller.cancel_occurrences(old, &changes.excluded, cancelled)?;
        if after.is_empty() {
            teller.cancel_all(old, uninvited)?;
        } else {
            teller.uninvite(old, uninvited)?;
        }
    }
    Ok(teller.finish())
}

/// The bytes with what was told and when.
fn finished(
    actor: &Actor<'_>,
    old: Option<&Copy<'_>>,
    next: &Copy<'_>,
    tells: bool,
    statuses: &BTreeMap<String, &'static str>,
) -> Vec<u8> {
    let mut edit = next.document.edit();
    let now = stamp::next(old.and_then(Copy::stamp), actor.now);
    for (at, component) in next.object.components.iter().enumerate() {
        if tells {
            put(&mut edit, &next.document, component.lines, "DTSTAMP", &crate::edit::stamp(now));
        } else {
            keep_stamp(actor, old, next, at, &mut edit);
        }
        for person in next.people(at).attendees.iter().filter(|person| person.by_server) {
            if let Some(status) = statuses.get(&person.address) {
                edit.set_parameter(person.line, "SCHEDULE-STATUS", &[status]);
            }
        }
    }
    edit.finish()
}

/// Messages are ordered by DTSTAMP, so it never goes back, and no clock of a client takes it into the future.
fn keep_stamp(
    actor: &Actor<'_>,
    old: Option<&Copy<'_>>,
    next: &Copy<'_>,
    at: usize,
    edit: &mut Edit<'_, '_>,
) {
    let Some((component, written)) =
        next.component(at).and_then(|component| Some((component, component.stamp?)))
    else {
        return;
    };
    let before = old.and_then(Copy::stamp).filter(|before| stamp::is_plausible(*before, actor.now));
    let kept = match before {
        Some(before) if written < before => before,
        _ if !stamp::is_plausible(written, actor.now) => stamp::next(before, actor.now),
        _ => return,
    };
    put(edit, &next.document, component.lines, "DTSTAMP", &crate::edit::stamp(kept));
}
