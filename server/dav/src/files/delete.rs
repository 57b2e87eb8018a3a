//! DELETE of plain files: RFC 4918 section 9.6.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use dav_wire::header::Depth;
use dav_wire::{MultiStatus, Precondition, Status};
use storage::{Write, right};

use super::change;
use super::guard::Guard;
use super::place::{FilePath, Place, missing};
use crate::call::{Answer, Call};
use crate::status;

/// What became of a change of a whole tree.
#[derive(Debug)]
pub(super) enum Outcome {
    /// Something stands where nothing stood, or nothing where something stood.
    Done { is_new: bool },
    /// Nothing was done, for these members are locked.
    Locked(Vec<String>),
}

pub(super) async fn run(call: &Call, request: &HttpRequest, path: FilePath) -> Answer {
    let guard = Guard::of(call, request)?;
    let (account, depth) = (path.account(), call.depth);
    let outcome = change(call, account, move |tx| remove(tx, &path, &guard, depth)).await?;
    Ok(match outcome {
        Outcome::Done { .. } => HttpResponse::NoContent().finish(),
        Outcome::Locked(members) => locked(call, &members),
    })
}

/// RFC 4918 section 9.6.2: which members stand in the way.
pub(super) fn locked(call: &Call, members: &[String]) -> HttpResponse {
    let mut output = MultiStatus::new(call.detail());
    for member in members {
        let why = Precondition::LockTokenSubmitted(vec![member.clone()]);
        output.status(member, Status::LOCKED, Some(&why));
    }
    status::document(Status::MULTI_STATUS, output.finish())
}

fn remove(tx: &mut Write<'_>, path: &FilePath, guard: &Guard, depth: Option<Depth>) -> Answer<Outcome> {
    let place = path.place(tx)?;
    let locks = place.locks(tx)?;
    if !place.is_there() {
        return Err(missing().into());
    }
    guard.check(tx, path, &place, &locks)?;
    // Of the root the store says that it cannot be deleted.
    if let Some((above, _)) = path.split() {
        guard.may_change(tx, &locks, &[path, &above])?;
    }
    match place {
        Place::File(above, item) => {
            let grant = tx.open::<right::Remove>(path.account(), above.collection().id)?;
            tx.remove(&grant, &[item.uid.0..=item.uid.0])?;
        }
        Place::Collection(found) => {
            // RFC 4918 section 9.6.1.
            if depth.is_some_and(|depth| depth != Depth::Infinity) {
                return Err(StatusCode::BAD_REQUEST.into());
            }
            let grant = tx.open::<right::DeleteCollection>(path.account(), found.collection().id)?;
            let members = guard.locked_beneath(tx, &locks, path)?;
            if !members.is_empty() {
                return Ok(Outcome::Locked(members));
            }
            tx.delete_files(&grant)?;
        }
        Place::Free(_) | Place::Nowhere => return Err(missing().into()),
    }
    Ok(Outcome::Done { is_new: false })
}
