//! PROPPATCH of plain files: RFC 4918 section 9.2. What no specification knows is kept; all is set or nothing.

use actix_web::{HttpRequest, HttpResponse};
use dav_wire::method::PropPatch;
use dav_wire::{Detail, MultiStatus, PropertyAnswer, Status};
use storage::{Write, right};

use super::change;
use super::guard::Guard;
use super::place::{FilePath, Place, missing};
use crate::call::{Answer, Call};
use crate::property::{Changes, Occasion};
use crate::status;

pub(super) async fn run(call: &Call, request: &HttpRequest, path: FilePath, body: &[u8]) -> Answer {
    let guard = Guard::of(call, request)?;
    let changes = Changes::check(PropPatch::parse(body)?.instructions, Occasion::Later);
    let (answers, changes) = match changes {
        Ok(changes) => (changes.done(), Some(changes)),
        Err(answers) => (answers, None),
    };
    let (account, all_set) = (path.account(), changes.is_some());
    let href = change(call, account, move |tx| set(tx, &path, &guard, changes.as_ref())).await?;
    if all_set && call.prefer.minimal {
        // RFC 8144 section 2.2: all went well, and nothing is to be told.
        return Ok(HttpResponse::Ok().finish());
    }
    Ok(multistatus(&href, &answers))
}

fn multistatus(href: &str, answers: &[PropertyAnswer]) -> HttpResponse {
    let mut output = MultiStatus::new(Detail::Full);
    output.response(href, answers);
    status::document(Status::MULTI_STATUS, output.finish())
}

/// Sets everything, or (`None`) finds out only whether it might have been set. The path of the resource.
fn set(tx: &mut Write<'_>, path: &FilePath, guard: &Guard, changes: Option<&Changes>) -> Answer<String> {
    let place = path.place(tx)?;
    let locks = place.locks(tx)?;
    let (collection, item) = match &place {
        Place::Collection(grant) => (grant.collection().id, None),
        Place::File(grant, item) => (grant.collection().id, Some(&**item)),
        Place::Free(_) | Place::Nowhere => return Err(missing().into()),
    };
    let grant = tx.open::<right::Replace>(path.account(), collection)?;
    guard.check(tx, path, &place, &locks)?;
    // RFC 4918 section 7.1.
    guard.may_change(tx, &locks, &[path])?;
    for (name, value) in changes.into_iter().flat_map(Changes::kept) {
        tx.set_file_property(&grant, item, &name, value.as_deref())?;
    }
    Ok(path.href(place.is_collection()).to_string())
}
