//! POST: what no other method says.

use actix_web::{HttpRequest, web};

use super::{add_member, preference};
use crate::attachment;
use crate::call::{Answer, Call};
use crate::location::Location;
use crate::schedule;

pub(crate) async fn run(call: &Call, request: &HttpRequest, payload: web::Payload) -> Answer {
    match &call.location {
        Location::Outbox(owner) => schedule::post_to_outbox(call, owner, request, payload).await,
        Location::Item(..) => {
            preference::represented(call, attachment::change(call, request, payload).await).await
        }
        _ => preference::represented(call, add_member::run(call, request, payload).await).await,
    }
}
