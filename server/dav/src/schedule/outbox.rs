//! POST to a schedule outbox: when are others busy? RFC 6638 section 5.

use actix_web::http::header;
use actix_web::{HttpRequest, web};
use calendar::schedule::BusyRequest;
use dav_wire::{Precondition, ScheduleResponse, Status, schedule_response};
use http_door::{BodyError, receive, text_header};
use std::collections::HashMap;
use vocabulary::EmailAddress;
use workflow::meeting::{self, BusyAnswer};

use super::{may_act_for, people};
use crate::call::{Answer, Call, Failure};
use crate::{directory, status};

/// Largest request: some hundred addresses.
const REQUEST_BYTES_MAX: usize = 1 << 20;

pub(crate) async fn run(
    call: &Call,
    owner: &EmailAddress,
    request: &HttpRequest,
    payload: web::Payload,
) -> Answer {
    let owner = directory::by_address(call, owner).await?;
    if !may_act_for(call, &owner).await? {
        return Err(storage::Refusal::NotFound(storage::Subject::Account).into());
    }
    let content_type = text_header(request, "Content-Type").unwrap_or("text/calendar");
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("text/calendar") {
        return Err(Precondition::SupportedCalendarData.into());
    }
    let body = receive(&call.context, call.account().id, request, payload, REQUEST_BYTES_MAX).await;
    let body = body.map_err(|error| match error {
        BodyError::TooLarge => Failure::from(Precondition::MaxResourceSize),
        other => other.status().into(),
    })?;
    if calendar::Object::parse(&body.bytes).is_err() {
        return Err(Precondition::ValidCalendarData.into());
    }
    // RFC 6638 section 5.2.1.
    let parse = |bytes: &[u8]| {
        BusyRequest::parse(bytes).map_err(|_| Failure::from(Precondition::ValidSchedulingMessage))
    };
    let named = parse(&body.bytes)?.attendees;
    let by_mail = people::readdressed(&body.bytes);
    let asked = parse(by_mail.as_deref().unwrap_or(&body.bytes))?;
    // RFC 6638 section 5.2.2.
    if !meeting::is_address_of(call.store(), &owner, &asked.organizer).await? {
        return Err(Precondition::ValidOrganizer.into());
    }
    // What the owner may see a delegate sees too only where it was given the right itself.
    let answers = meeting::free_busy(call.store(), call.account(), call.principal(), &asked).await?;
    let answers: HashMap<&str, &BusyAnswer> =
        answers.iter().map(|answer| (answer.recipient.as_str(), answer)).collect();
    let answer_to =
        |name: &String| answers.get(people::asked_as(name).as_str()).or_else(|| answers.get(name.as_str()));
    let response = |name: &String| Some(response(name, answer_to(name)?));
    let responses: Vec<ScheduleResponse> = named.iter().filter_map(response).collect();
    let mut answer = status::document(Status::OK, schedule_response(&responses));
    let private = header::HeaderValue::from_static("private, no-store");
    answer.headers_mut().insert(header::CACHE_CONTROL, private);
    Ok(answer)
}

/// `recipient`: as the request names it.
fn response(recipient: &str, answer: &BusyAnswer) -> ScheduleResponse {
    let is_mailbox = recipient.contains('@') && !recipient.contains(':') && !recipient.starts_with('/');
    ScheduleResponse {
        recipient: if is_mailbox { format!("mailto:{recipient}") } else { recipient.to_owned() },
        status: answer.status.to_owned(),
        data: answer.object.as_ref().map(|object| String::from_utf8_lossy(object).into_owned()),
    }
}
