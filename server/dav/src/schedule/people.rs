//! Calendar users who are named by the paths of their principals, which stand in `calendar-user-address-set` beside their
//! mail addresses: RFC 6638 section 2.4.1. Messages go by mail addresses, so objects get these.

use calendar::schedule::{by_mail, normal};
use dav_wire::Href;

use crate::location::Location;

/// An object with mail addresses in place of paths; `None`: it has no such paths.
pub(super) fn readdressed(object: &[u8]) -> Option<Vec<u8>> {
    by_mail(object, &mail_of)
}

/// The mail address of whose principal this is the path.
fn mail_of(user: &str) -> Option<String> {
    let path = Some(user.trim()).filter(|user| user.starts_with('/'))?;
    match Location::of(&Href::parse(path).ok()?)? {
        Location::Principal(address) => Some(address.to_string()),
        _ => None,
    }
}

/// The form in which a calendar user is asked for.
pub(super) fn asked_as(user: &str) -> String {
    mail_of(user).map_or_else(|| user.to_owned(), |mail| normal(&mail))
}
