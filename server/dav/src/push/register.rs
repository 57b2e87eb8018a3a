//! Registrations: "Subscription Management" of WebDAV-Push.

use actix_web::HttpResponse;
use actix_web::http::header;
use base64::Engine;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use dav_wire::push::PushRegister;
use dav_wire::xml::Element;
use dav_wire::{Precondition, Segment, http_date};
use storage::{Error, NewPush, PUSH_ENDPOINT_BYTES_MAX, Refusal, Subject, right};
use vocabulary::Timestamp;

use super::Push;
use super::encrypt::Recipient;
use crate::call::{Answer, Call, Failure};
use crate::location::Location;

const HOUR_MS: i64 = 3_600_000;
/// A client that asks for less has asked in the past, or its clock is wrong.
const LIFETIME_MS_MIN: i64 = HOUR_MS;
/// For a client that does not ask.
const LIFETIME_MS: i64 = 7 * 24 * HOUR_MS;
/// "Expiration" wants three days at least to be possible.
const LIFETIME_MS_MAX: i64 = 30 * 24 * HOUR_MS;
/// The draft writes keys without padding; some programs pad.
static BASE64URL: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// POST of a `push-register` document.
pub(crate) async fn register(call: &Call, root: &Element) -> Answer {
    let (Some(push), Location::Collection(collection)) = (&call.push, &call.location) else {
        return Err(Precondition::PushNotAvailable.into());
    };
    let wanted = PushRegister::read(root)?;
    let expires_at = granted(call.context.clock.now(), wanted.expires);
    let new = registration(push, &wanted, expires_at).ok_or(Precondition::InvalidSubscription)?;
    let (address, accounts) = (call.folder(collection).await?, [call.account().id]);
    let write = call.write(&accounts, move |tx| {
        let grant = address.open::<right::ReadItems>(tx)?;
        tx.register_push(&grant, &new)
    });
    let token = write.await.map_err(|error| match error {
        Error::Refusal(Refusal::Denied { .. } | Refusal::Invalid(_)) => {
            Failure::from(Precondition::PushNotAvailable)
        }
        error => Failure::from(error),
    })?;
    let mut response = HttpResponse::NoContent();
    response.insert_header((header::LOCATION, url(&call.origin, &token)));
    response.insert_header((header::EXPIRES, http_date(expires_at)));
    Ok(response.finish())
}

/// DELETE of a registration's URL.
pub(crate) async fn remove(call: &Call, token: &Segment) -> Answer {
    let (account, token) = (call.account().id, token.as_str().to_owned());
    let remove = move |tx: &mut storage::Write<'_>| tx.remove_push(account, &token);
    if call.write(&[account], remove).await? {
        Ok(HttpResponse::NoContent().finish())
    } else {
        Err(Refusal::NotFound(Subject::Registration).into())
    }
}

/// What is kept of a registration, if messages can be sent for it.
fn registration(push: &Push, wanted: &PushRegister, expires_at: Timestamp) -> Option<NewPush> {
    let endpoint = push.target(&wanted.push_resource)?.as_str().to_owned();
    let public_key = BASE64URL.decode(&wanted.public_key).ok()?;
    let auth_secret = BASE64URL.decode(&wanted.auth_secret).ok()?;
    let recipient = Recipient { public_key: &public_key, auth_secret: &auth_secret };
    let is_valid = endpoint.len() <= PUSH_ENDPOINT_BYTES_MAX && recipient.is_valid();
    let (content, properties) = (wanted.content_update, wanted.property_update);
    is_valid.then_some(NewPush { endpoint, public_key, auth_secret, content, properties, expires_at })
}

/// Until when a client has what it asks for, in whole seconds, as HTTP tells it.
fn granted(now: Timestamp, asked: Option<Timestamp>) -> Timestamp {
    let later = |by: i64| now.0.saturating_add(by);
    let until = asked.map_or_else(|| later(LIFETIME_MS), |asked| asked.0);
    Timestamp::from_seconds(Timestamp(until.clamp(later(LIFETIME_MS_MIN), later(LIFETIME_MS_MAX))).seconds())
}

/// A whole URL, by the name that the client calls us: programs keep it apart from where they got it.
fn url(origin: &str, token: &str) -> String {
    // Tokens are hexadecimal digits.
    let path = Segment::new(token).map(|token| Location::Push(token).href().to_string());
    format!("{origin}{}", path.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    // "Expiration".
    #[test]
    fn a_registration_lives_as_long_as_is_asked_within_bounds() {
        let now = Timestamp(1_000_000_000_500);
        let hours = |asked: Option<i64>| {
            let asked = asked.map(|hours| Timestamp(now.0 + hours * HOUR_MS));
            (granted(now, asked).0 - now.0 + 500) / HOUR_MS
        };
        assert_eq!(hours(None), 7 * 24);
        assert_eq!(
            [-5, 0, 1, 72, 720, 721, 100_000].map(|asked| hours(Some(asked))),
            [1, 1, 1, 72, 720, 720, 720]
        );
        assert_eq!(granted(now, None).0 % 1_000, 0);
    }
}
