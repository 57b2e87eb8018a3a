//! ACL of plain files: RFC 3744 section 8.1. A collection has a list; that of an item is its collection's.

use actix_web::{HttpRequest, HttpResponse};
use dav_wire::method::SetAcl;
use storage::{Write, right};
use vocabulary::{Home, Rights};

use super::change;
use super::guard::Guard;
use super::place::{FilePath, Place, missing};
use crate::acl::Plan;
use crate::call::{Answer, Call};
use crate::{directory, privilege};

pub(super) async fn run(call: &Call, request: &HttpRequest, path: FilePath, body: &[u8]) -> Answer {
    let (guard, wanted) = (Guard::of(call, request)?, SetAcl::parse(body)?);
    let known = directory::named(call, wanted.hrefs()).await?;
    let plan = Plan::of(&wanted.entries, Home::Files, path.account(), &known);
    let of_items = privilege::missing(call, Rights::ADMINISTER);
    change(call, path.account(), move |tx: &mut Write<'_>| {
        let place = path.place(tx)?;
        let id = match &place {
            Place::Collection(grant) => grant.collection().id,
            Place::File(..) => return Err(of_items.into()),
            Place::Free(_) | Place::Nowhere => return Err(missing().into()),
        };
        // Whoever may not change the list is not told what is wrong with it.
        drop(tx.open::<right::Administer>(path.account(), id)?);
        let locks = place.locks(tx)?;
        guard.check(tx, &path, &place, &locks)?;
        // RFC 3744 section 8.1: a lock guards the list too.
        guard.may_change(tx, &locks, &[&path])?;
        plan?.apply(tx, &path.folder(id))?
    })
    .await?;
    Ok(HttpResponse::Ok().finish())
}
