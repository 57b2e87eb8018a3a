//! UNLOCK: RFC 4918 section 9.11.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use dav_wire::Precondition;
use dav_wire::header::LockToken;
use http_door::text_header;
use storage::{Write, right};

use super::change;
use super::condition::token_of;
use super::guard::Guard;
use super::place::{FilePath, missing};
use crate::call::{Answer, Call};

pub(super) async fn run(call: &Call, request: &HttpRequest, path: FilePath) -> Answer {
    let guard = Guard::of(call, request)?;
    let header = text_header(request, "Lock-Token").ok_or(StatusCode::BAD_REQUEST)?;
    let LockToken(uri) = LockToken::parse(header).map_err(|_| StatusCode::BAD_REQUEST)?;
    let account = path.account();
    change(call, account, move |tx| end(tx, &path, &guard, &uri)).await?;
    Ok(HttpResponse::NoContent().finish())
}

fn end(tx: &mut Write<'_>, path: &FilePath, guard: &Guard, uri: &str) -> Answer<()> {
    let place = path.place(tx)?;
    let locks = place.locks(tx)?;
    let collection = place.collection().filter(|_| place.is_there()).ok_or_else(missing)?;
    guard.check(tx, path, &place, &locks)?;
    // RFC 4918 section 9.11.1: any resource of the lock's scope will do.
    let over = token_of(uri).and_then(|token| locks.over(&path.names).find(|lock| lock.token == token));
    let lock = over.ok_or(Precondition::LockTokenMatchesRequestUri)?;
    let grant = tx.open::<right::Lookup>(path.account(), collection)?;
    tx.unlock(&grant, &lock.token)?;
    Ok(())
}
