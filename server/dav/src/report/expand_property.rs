//! expand-property: RFC 3253 section 3.8. The paths in a property are replaced by what they lead to.

use dav_wire::report::{ExpandProperty, ExpandedProperty};
use dav_wire::{ExpandedResponse, Href, MultiStatus, PropertyAnswer, Status, Value};
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use storage::{Error, Refusal};

use crate::call::{Answer, Call, Failure};
use crate::folder::Kept;
use crate::location::Location;
use crate::property::{self, Subject};
use crate::{status, subject};

/// How many paths are followed for one request.
const FOLLOWED_MAX: usize = 1_000;

pub(super) async fn run(call: &Call, wanted: &ExpandProperty) -> Answer {
    let subject = subject::find(call, &call.location, &kept(&wanted.properties)).await?;
    let mut left = FOLLOWED_MAX;
    let answers = expand(call, &subject, &wanted.properties, &mut left).await?;
    let mut output = MultiStatus::new(call.detail());
    // Under the path that was asked for, as a principal is found by other addresses too.
    output.response(&call.location.href().to_string(), &answers);
    Ok(status::document(Status::MULTI_STATUS, output.finish()))
}

/// As deep as the request nests, which the reader bounds.
fn expand<'a>(
    call: &'a Call,
    subject: &'a Subject,
    wanted: &'a [ExpandedProperty],
    left: &'a mut usize,
) -> LocalBoxFuture<'a, Answer<Vec<PropertyAnswer>>> {
    async move {
        let mut answers = Vec::with_capacity(wanted.len());
        for ExpandedProperty { name, properties } in wanted {
            let value = property::value(call.account(), subject, name);
            let hrefs = match value {
                Some(Value::Href(href)) if !properties.is_empty() => vec![href],
                Some(Value::Hrefs(hrefs)) if !properties.is_empty() => hrefs,
                Some(value) => {
                    answers.push(PropertyAnswer::value(name.clone(), value));
                    continue;
                }
                None => {
                    answers.push(PropertyAnswer::missing(name.clone()));
                    continue;
                }
            };
            let mut responses = Vec::new();
            for href in hrefs {
                *left = left
                    .checked_sub(1)
                    .ok_or(Failure::Status(actix_web::http::StatusCode::INSUFFICIENT_STORAGE))?;
                if let Some(found) = follow(call, &href, &kept(properties)).await? {
                    let properties = expand(call, &found, properties, left).await?;
                    responses.push(ExpandedResponse { href: found.href().to_string(), properties });
                }
            }
            answers.push(PropertyAnswer::value(name.clone(), Value::Responses(responses)));
        }
        Ok(answers)
    }
    .boxed_local()
}

fn kept(wanted: &[ExpandedProperty]) -> Kept {
    Kept::named(wanted.iter().map(|property| property.name.clone()))
}

/// What lies at a path; `None` if nothing does, as at a `mailto:`.
pub(super) async fn follow(call: &Call, href: &str, kept: &Kept) -> Answer<Option<Subject>> {
    let Some(location) = Href::parse(href).ok().and_then(|href| Location::of(&href)) else { return Ok(None) };
    match subject::find(call, &location, kept).await {
        Ok(subject) => Ok(Some(subject)),
        Err(Failure::Store(Error::Refusal(Refusal::NotFound(_)))) => Ok(None),
        Err(failure) => Err(failure),
    }
}
