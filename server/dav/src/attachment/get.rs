//! GET and HEAD of an attachment: its bytes as they came, or a part of them.

use actix_web::HttpRequest;
use actix_web::http::{Method, StatusCode};
use dav_wire::{ETag, Segment};
use vocabulary::{ItemId, ModSeq};

use super::access;
use crate::call::{Answer, Call, Failure};
use crate::condition::Conditions;
use crate::files::{Shown, show};

/// What is known of nothing else.
const UNTYPED: &str = "application/octet-stream";

pub(crate) async fn run(call: &Call, request: &HttpRequest, token: &Segment) -> Answer {
    if request.method() != Method::GET && request.method() != Method::HEAD {
        return Err(Failure::not_allowed());
    }
    let conditions = Conditions::of(request)?;
    let found = access::find(call, token.as_str()).await?;
    if !access::may_read(call, &found).await? {
        return Err(access::missing().into());
    }
    let attachment = &found.named.attachment;
    // Under this path there never are other bytes.
    let tag = ETag { item: ItemId(attachment.content.0), content: ModSeq::ZERO };
    if !conditions.of_reading().tags_hold(Some(&tag)) {
        return Err(StatusCode::PRECONDITION_FAILED.into());
    }
    let media_type = attachment.media_type.as_str();
    let shown = Shown {
        tag,
        media_type: if media_type.is_empty() { UNTYPED } else { media_type },
        name: &attachment.name,
        modified: attachment.created_at,
    };
    show(call, request, &conditions, &shown, found.named.stored.clone()).await
}
