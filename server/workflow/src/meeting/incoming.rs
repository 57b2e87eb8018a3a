//! Scheduling messages that come as mail: RFC 6047. The mail is stored as every mail; in the same transaction a letter is
//! posted, and its delivery changes the recipient's calendar.
//!
//! Nobody but the organiser changes a meeting, and nobody answers for another. Who somebody is, is proved by the login of
//! a submission. A mail from outside proves nothing about people of this house: one that claims to be from one of them
//! changes nothing. Whether it may claim to be from its own domain (DKIM, SPF) is for the mail transport to say.

use bytes::Bytes;
use calendar::Object;
use calendar::schedule::{Addresses, Method, brief, normal};
use mime::Message;
use storage::{Account, Error, Read, Refusal, Store};

use super::letter::{GUESTS_MAX, Guest, Letter, Manner};
use super::people::HOUSE;
use super::plan::owner_addresses;

/// Largest scheduling message that is looked at.
const OBJECT_BYTES_MAX: usize = 10 << 20;

/// Whose mail it is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Origin<'a> {
    /// One of ours, who has logged in.
    Login(&'a Account),
    /// Anybody.
    Outside,
}

/// A scheduling message that a mail carries, and whose it is.
#[derive(Debug, Clone)]
pub(crate) struct Invitation {
    method: Method,
    from: String,
    object: Vec<u8>,
}

impl Invitation {
    /// Letters to the accounts that the mail has reached.
    pub(crate) fn letters(&self, guests: &[Guest]) -> Vec<Vec<u8>> {
        let letter = |guests: &[Guest]| Letter {
            manner: Manner::Mailed,
            method: self.method,
            from: self.from.clone(),
            author: None,
            object: self.object.clone(),
            guests: guests.to_vec(),
        };
        guests.chunks(GUESTS_MAX).map(|guests| letter(guests).encode()).collect()
    }
}

/// The scheduling message of a mail; `None` if there is none that could change a calendar.
///
/// # Errors
/// [`storage::Fault`] only.
pub(crate) async fn invitation_in(
    store: &Store,
    mail: &Bytes,
    origin: Origin<'_>,
) -> storage::Result<Option<Invitation>> {
    if !may_carry_calendar(mail) {
        return Ok(None);
    }
    let Some(text) = Message::parse(mail).calendar_body() else { return Ok(None) };
    if text.len() > OBJECT_BYTES_MAX {
        return Ok(None);
    }
    let object = text.into_bytes();
    let Some(brief) = brief(&object) else { return Ok(None) };
    let method = brief.method;
    let from = match origin {
        Origin::Login(account) => {
            let addresses = owner_addresses(store, account, &[]).await?;
            Some(named_address(&object, method, &addresses))
        }
        Origin::Outside => outside_address(store, mail).await?,
    };
    Ok(from.map(|from| Invitation { method, from, object }))
}

/// Whether a text/calendar part may be in it, found out without taking the mail apart.
fn may_carry_calendar(mail: &[u8]) -> bool {
    const TYPE: &[u8] = b"/calendar";
    let at_slash = mail.split(|byte| *byte == b'/').skip(1);
    at_slash
        .into_iter()
        .any(|rest| rest.get(..TYPE.len() - 1).is_some_and(|begin| begin.eq_ignore_ascii_case(&TYPE[1..])))
}

/// By which of its addresses the object names the account, which may write from another one.
fn named_address(object: &[u8], method: Method, addresses: &Addresses) -> String {
    let named = Object::parse(object).ok().and_then(|object| {
        let components = object.components.iter();
        let mut named: Box<dyn Iterator<Item = &str>> = match method {
            Method::Reply | Method::Counter | Method::Refresh => Box::new(
                components.flat_map(|one| one.attendees.iter().map(|attendee| attendee.address.as_str())),
            ),
            Method::Publish | Method::Request | Method::Add | Method::Cancel | Method::DeclineCounter => {
                Box::new(components.filter_map(|one| Some(one.organizer.as_ref()?.address.as_str())))
            }
        };
        named.find(|address| addresses.contains(address)).map(normal)
    });
    named.unwrap_or_else(|| addresses.primary().to_owned())
}

/// The one address that a mail from outside says to be from, unless it is one of this house.
async fn outside_address(store: &Store, mail: &[u8]) -> storage::Result<Option<String>> {
    let head = mail.get(..mime::header::head_length(mail)).unwrap_or(mail);
    let summary = mime::describe(head).summary;
    let [from] = summary.from.as_slice() else { return Ok(None) };
    let from = normal(&from.address);
    let Some((_, domain)) = from.rsplit_once('@') else { return Ok(None) };
    let domain = domain.trim_end_matches('.').to_owned();
    let is_ours = store
        .read(&HOUSE, move |tx: &Read<'_>| match tx.domain_by_name(&domain) {
            Ok(_) => Ok(true),
            Err(Error::Refusal(Refusal::NotFound(_))) => Ok(false),
            Err(error) => Err(error),
        })
        .await?;
    Ok((!is_ours).then_some(from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_calendar_part_is_noticed_in_every_spelling() {
        for (mail, expected) in [
            ("Content-Type: text/calendar; method=REQUEST\r\n\r\n", true),
            ("Content-Type: TEXT/Calendar\r\n\r\n", true),
            ("Content-Type: multipart/mixed\r\n\r\na/b//calendar", true),
            ("Content-Type: text/plain\r\n\r\ncalendar", false),
            ("a/calenda", false),
            ("/", false),
        ] {
            assert_eq!(may_carry_calendar(mail.as_bytes()), expected, "{mail}");
        }
    }
}
