//! LOCK: RFC 4918 section 9.10.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;
use dav_wire::header::{Depth, Timeout};
use dav_wire::method::LockInfo;
use dav_wire::property::{ActiveLock, LockScope, lock_answer};
use dav_wire::xml::Element;
use dav_wire::{MultiStatus, Precondition, Status, xml};
use http_door::text_header;
use storage::{
    Error, LOCK_OWNER_BYTES_MAX, LOCK_S_MAX, Lock, Locks, NewItem, NewLock, Refusal, Subject, Write, right,
};

use super::condition::token_uri;
use super::guard::{self, Guard};
use super::place::{FilePath, missing};
use super::{change, view};
use crate::call::{Answer, Call};
use crate::method::put::discard_refused;
use crate::status;

/// How long a lock lives whose maker does not say, in seconds.
const LOCK_S: u32 = 3_600;

/// What was asked for.
struct Made {
    /// All locks over the resource.
    locks: Vec<ActiveLock>,
    /// The new one.
    token: String,
    /// The resource was made for it.
    is_new: bool,
}

/// How a LOCK ended.
enum Outcome {
    Made(Made),
    /// Members have locks that the new one cannot stand beside: their paths, and that of the resource.
    Members(Vec<String>, String),
}

pub(super) async fn run(call: &Call, request: &HttpRequest, path: FilePath, body: &[u8]) -> Answer {
    let guard = Guard::of(call, request)?;
    let seconds = seconds(text_header(request, "Timeout"));
    match LockInfo::parse(body)? {
        None => refresh(call, path, guard, seconds).await,
        Some(wanted) => {
            let new = NewLock {
                path: path.names.clone(),
                // RFC 4918 section 9.10.3.
                deep: match call.depth {
                    None | Some(Depth::Infinity) => true,
                    Some(Depth::Zero) => false,
                    Some(Depth::One) => return Err(StatusCode::BAD_REQUEST.into()),
                },
                exclusive: wanted.scope == LockScope::Exclusive,
                owner: wanted.owner.as_ref().map(Element::encode).unwrap_or_default(),
                seconds,
            };
            if new.owner.len() > LOCK_OWNER_BYTES_MAX {
                return Err(StatusCode::PAYLOAD_TOO_LARGE.into());
            }
            make(call, path, guard, new).await
        }
    }
}

/// The server chooses: RFC 4918 section 10.7.
fn seconds(header: Option<&str>) -> u32 {
    match header.and_then(Timeout::parse) {
        None => LOCK_S,
        Some(Timeout::Infinite) => LOCK_S_MAX,
        Some(Timeout::Seconds(wanted)) => wanted.clamp(1, LOCK_S_MAX),
    }
}

async fn make(call: &Call, path: FilePath, guard: Guard, new: NewLock) -> Answer {
    let (account, now) = (path.account(), call.context.clock.now());
    // RFC 4918 section 7.3: where nothing lies, something empty is made.
    let mut empty = workflow::ingest_file(call.store(), account, Bytes::new(), String::new(), now).await?;
    empty.resource_name = path.names.last().cloned();
    let content = empty.content.clone();
    let outcome = change(call, account, move |tx| lock(tx, &path, &guard, &new, &empty)).await;
    discard_refused(call, content, &outcome).await;
    match outcome? {
        Outcome::Made(Made { locks, token, is_new }) => {
            let mut response = if is_new { HttpResponse::Created() } else { HttpResponse::Ok() };
            response.insert_header(("Lock-Token", format!("<{}>", token_uri(&token))));
            Ok(response.content_type(xml::CONTENT_TYPE).body(lock_answer(&locks)))
        }
        Outcome::Members(members, resource) => Ok(in_the_way(call, &members, &resource)),
    }
}

/// RFC 4918 section 9.10.9.
fn in_the_way(call: &Call, members: &[String], resource: &str) -> HttpResponse {
    let mut output = MultiStatus::new(call.detail());
    for member in members {
        let why = Precondition::NoConflictingLock(vec![member.clone()]);
        output.status(member, Status::LOCKED, Some(&why));
    }
    output.status(resource, Status::FAILED_DEPENDENCY, None);
    status::document(Status::MULTI_STATUS, output.finish())
}

fn lock(
    tx: &mut Write<'_>,
    path: &FilePath,
    guard: &Guard,
    new: &NewLock,
    empty: &NewItem,
) -> Answer<Outcome> {
    let place = path.place(tx)?;
    let locks = place.locks(tx)?;
    let collection = place.collection().ok_or(StatusCode::CONFLICT)?;
    let is_new = !place.is_there();
    if is_new {
        drop(tx.open::<right::Insert>(path.account(), collection)?);
    } else {
        drop(tx.open::<right::Replace>(path.account(), collection)?);
    }
    guard.check(tx, path, &place, &locks)?;
    if let Some(members) = conflict(tx, path, &locks, new)? {
        return Ok(Outcome::Members(members, path.href(place.is_collection()).to_string()));
    }
    if is_new {
        let (above, _) = path.split().ok_or(StatusCode::CONFLICT)?;
        guard.may_change(tx, &locks, &[&above])?;
        let insert = tx.open::<right::Insert>(path.account(), collection)?;
        tx.insert(&insert, empty)?;
    }
    let grant = tx.open::<right::Replace>(path.account(), collection)?;
    // Nobody came between: the same was asked in this transaction.
    let made = tx.lock_files(&grant, new)?.map_err(|_| Error::from(Refusal::AlreadyExists(Subject::Item)))?;
    Ok(Outcome::Made(Made { locks: told(tx, path)?, token: made.token, is_new }))
}

/// The paths of members whose locks are in the way, if nothing else is.
///
/// # Errors
/// 423 if the resource itself is locked: RFC 4918 section 9.10.5.
fn conflict(tx: &Write<'_>, path: &FilePath, locks: &Locks, new: &NewLock) -> Answer<Option<Vec<String>>> {
    let (mut over, mut beneath) = (Vec::new(), Vec::new());
    for lock in locks.against(new) {
        let root = guard::root(tx, path, lock)?.to_string();
        let is_beneath = lock.path.len() > path.names.len();
        if is_beneath { &mut beneath } else { &mut over }.push(root);
    }
    if !over.is_empty() {
        over.dedup();
        return Err(Precondition::NoConflictingLock(over).into());
    }
    beneath.sort_unstable();
    beneath.dedup();
    Ok((!beneath.is_empty()).then_some(beneath))
}

/// All locks over what lies at a path, as they are now.
fn told(tx: &Write<'_>, path: &FilePath) -> storage::Result<Vec<ActiveLock>> {
    let locks = path.place(tx)?.locks(tx)?;
    locks.over(&path.names).map(|lock| view::active(tx, path, lock)).collect()
}

/// RFC 4918 section 9.10.2: any resource of the lock's scope will do.
async fn refresh(call: &Call, path: FilePath, guard: Guard, seconds: u32) -> Answer {
    if guard.tokens().is_empty() {
        return Err(StatusCode::BAD_REQUEST.into());
    }
    let account = path.account();
    let locks = change(call, account, move |tx| live_on(tx, &path, &guard, seconds)).await?;
    Ok(HttpResponse::Ok().content_type(xml::CONTENT_TYPE).body(lock_answer(&locks)))
}

fn live_on(tx: &mut Write<'_>, path: &FilePath, guard: &Guard, seconds: u32) -> Answer<Vec<ActiveLock>> {
    let place = path.place(tx)?;
    let locks = place.locks(tx)?;
    let collection = place.collection().filter(|_| place.is_there()).ok_or_else(missing)?;
    guard.check(tx, path, &place, &locks)?;
    let named = |lock: &&Lock| guard.tokens().contains(&lock.token);
    let lock = locks.over(&path.names).find(named).ok_or(StatusCode::PRECONDITION_FAILED)?;
    let grant = tx.open::<right::Lookup>(path.account(), collection)?;
    tx.refresh_lock(&grant, &lock.token, seconds)?;
    Ok(told(tx, path)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 4918 section 10.7.
    #[test]
    fn a_lock_lives_for_a_while_and_never_for_ever() {
        for (header, expected) in [
            (None, LOCK_S),
            (Some("nonsense"), LOCK_S),
            (Some("Second-60"), 60),
            (Some("Second-0"), 1),
            (Some("Second-4100000000"), LOCK_S_MAX),
            (Some("Infinite"), LOCK_S_MAX),
        ] {
            assert_eq!(seconds(header), expected, "{header:?}");
        }
    }
}
