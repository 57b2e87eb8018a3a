//! Plain files: WebDAV with nested collections, properties of items, COPY and MOVE of whole trees, and locks (RFC 4918
//! class 2).
//!
//! A path is walked anew in each transaction (`place.rs`); conditions (`condition.rs`) and locks (`guard.rs`) are asked
//! in the one that writes. One request is one transaction: a tree is deleted, moved or copied as a whole or not at all.
//! If members of it are locked, a 207 names them, and nothing has been done.
//!
//! Absent: PROPFIND with `Depth: infinity` (RFC 4918 section 9.1 lets a server refuse it), sync-collection, COPY and MOVE
//! between two accounts, several ranges in one GET, mounting what others share in one's own home: it is reached at its
//! owner's path.

mod acl;
mod condition;
mod delete;
mod get;
mod guard;
mod index;
mod lock;
mod make_collection;
mod place;
mod propfind;
mod proppatch;
mod put;
mod range;
mod transfer;
mod unlock;
mod view;

pub(crate) use get::{Shown, show};
pub(crate) use put::media_type;
pub(crate) use view::{FilesView, locks_of};

use actix_web::{HttpRequest, web};
use http_door::{BodyError, receive};
use std::sync::Arc;
use storage::{Read, Write};
use vocabulary::AccountId;

use crate::call::{Answer, Call, Failure, checked, settled};
use crate::folder::Kept;
use crate::location::FileLocation;
use crate::property::Subject;
use crate::route::XML_BYTES_MAX;
use place::FilePath;

/// Those that plain files answer otherwise than anything else.
pub(crate) const METHODS: [&str; 12] = [
    "GET",
    "HEAD",
    "PUT",
    "DELETE",
    "MKCOL",
    "COPY",
    "MOVE",
    "PROPFIND",
    "PROPPATCH",
    "LOCK",
    "UNLOCK",
    "ACL",
];

/// Answers one of [`METHODS`].
pub(crate) async fn run(
    call: &Arc<Call>,
    location: &FileLocation,
    request: &HttpRequest,
    payload: web::Payload,
) -> Answer {
    let path = FilePath::of(call, location).await?;
    match request.method().as_str() {
        "GET" | "HEAD" => get::run(call, request, path).await,
        "PUT" => put::run(call, request, path, payload).await,
        "DELETE" => delete::run(call, request, path).await,
        "COPY" => transfer::run(call, request, path, transfer::Method::Copy).await,
        "MOVE" => transfer::run(call, request, path, transfer::Method::Move).await,
        "UNLOCK" => unlock::run(call, request, path).await,
        method => {
            let body = receive(&call.context, call.account().id, request, payload, XML_BYTES_MAX).await;
            let body = body.map_err(BodyError::status)?;
            match method {
                "MKCOL" => make_collection::run(call, request, path, &body.bytes).await,
                "PROPFIND" => propfind::run(call, path, &body.bytes).await,
                "PROPPATCH" => proppatch::run(call, request, path, &body.bytes).await,
                "LOCK" => lock::run(call, request, path, &body.bytes).await,
                "ACL" => acl::run(call, request, path, &body.bytes).await,
                _ => Err(Failure::not_allowed()),
            }
        }
    }
}

/// The resource at a path; what is kept of it as far as it is named.
pub(crate) async fn subject(call: &Call, location: &FileLocation, kept: &Kept) -> Answer<Subject> {
    let (path, kept) = (FilePath::of(call, location).await?, kept.clone());
    look(call, move |tx| view::subject(tx, &path, &kept)).await
}

/// One reading transaction.
async fn look<T: Send + 'static>(
    call: &Call,
    work: impl for<'tx> FnOnce(&Read<'tx>) -> Answer<T> + Send + 'static,
) -> Answer<T> {
    settled(call.store().read(call.principal(), move |tx| checked(work(tx))).await)
}

/// One writing transaction on the files of an account. What `work` refuses, it refuses before it writes.
async fn change<T: Send + 'static>(
    call: &Call,
    account: AccountId,
    work: impl for<'tx> FnOnce(&mut Write<'tx>) -> Answer<T> + Send + 'static,
) -> Answer<T> {
    let accounts = call.accounts(account);
    settled(call.write(&accounts, move |tx| checked(work(tx))).await)
}
