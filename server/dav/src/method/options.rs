//! OPTIONS: RFC 4918 section 10.1. It is answered without a password, as some programs ask before they have one.

use actix_web::HttpResponse;
use actix_web::http::header;
use vocabulary::Home;

use crate::location::Location;

/// Class 1 and 3; not 2, for there are no locks. RFC 3744 section 7.2, RFC 4791 section 5.1, RFC 5689 section 3.1,
/// RFC 6352 section 6.1, RFC 6638 section 2, RFC 8607 section 3.2.
/// What follows is of the calendar server's extensions and of the draft on sharing.
const DAV: &str = "1, 3, access-control, calendar-access, addressbook, extended-mkcol, \
     calendar-auto-schedule, calendar-no-timezone, calendar-managed-attachments, \
     calendar-proxy, calendarserver-sharing, calendarserver-principal-search, \
     calendarserver-principal-property-search, resource-sharing";

/// The same where clients can be told of changes: WebDAV-Push, "Service Detection".
const DAV_WITH_PUSH: &str = "1, 3, access-control, calendar-access, addressbook, extended-mkcol, \
     calendar-auto-schedule, calendar-no-timezone, calendar-managed-attachments, \
     calendar-proxy, calendarserver-sharing, calendarserver-principal-search, \
     calendarserver-principal-property-search, resource-sharing, webdav-push";

/// Of plain files, which have locks.
const DAV_OF_FILES: &str = "1, 2, 3, access-control, extended-mkcol";

/// What is told of a resource in every answer.
pub(crate) fn classes(location: Option<&Location>, pushes: bool) -> &'static str {
    match location {
        Some(Location::File(_)) => DAV_OF_FILES,
        _ if pushes => DAV_WITH_PUSH,
        _ => DAV,
    }
}

/// The answer for a path.
pub(crate) fn answer(location: Option<&Location>) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    if matches!(location, Some(Location::File(_))) {
        // Microsoft's programs ask for it before they write.
        response.insert_header(("MS-Author-Via", "DAV"));
    }
    response.insert_header((header::ALLOW, allow(location))).finish()
}

/// What may be asked of a resource of this kind. A collection that is not there may be made.
pub(crate) fn allow(location: Option<&Location>) -> &'static str {
    match location {
        None | Some(Location::Root | Location::Principals | Location::Homes(_)) => {
            "OPTIONS, PROPFIND, REPORT, ACL"
        }
        Some(Location::Outbox(_)) => "OPTIONS, POST, PROPFIND, REPORT, ACL",
        Some(Location::Collection(collection)) if collection.home == Home::Scheduling => {
            "OPTIONS, PROPFIND, PROPPATCH, REPORT, ACL"
        }
        Some(Location::Item(collection, _)) if collection.home == Home::Scheduling => {
            "OPTIONS, GET, HEAD, DELETE, PROPFIND, REPORT, ACL"
        }
        Some(Location::Principal(_) | Location::Proxy(..)) => "OPTIONS, PROPFIND, PROPPATCH, REPORT, ACL",
        Some(Location::Home(..)) => "OPTIONS, POST, PROPFIND, PROPPATCH, REPORT, ACL",
        Some(Location::Notifications(_)) => "OPTIONS, PROPFIND, REPORT",
        Some(Location::Notification(..)) => "OPTIONS, GET, HEAD, DELETE, PROPFIND, REPORT",
        Some(Location::Collection(_)) => {
            "OPTIONS, POST, DELETE, COPY, MOVE, PROPFIND, PROPPATCH, REPORT, ACL, MKCOL, MKCALENDAR"
        }
        Some(Location::File(_)) => {
            "OPTIONS, GET, HEAD, PUT, DELETE, MKCOL, COPY, MOVE, PROPFIND, PROPPATCH, LOCK, UNLOCK, REPORT, ACL"
        }
        Some(Location::Push(_)) => "OPTIONS, DELETE",
        Some(Location::Attachment(_)) => "OPTIONS, GET, HEAD",
        Some(Location::Item(collection, _)) if collection.home == Home::Calendars => {
            "OPTIONS, GET, HEAD, POST, PUT, DELETE, COPY, MOVE, PROPFIND, PROPPATCH, REPORT, ACL"
        }
        Some(Location::Item(..)) => {
            "OPTIONS, GET, HEAD, PUT, DELETE, COPY, MOVE, PROPFIND, PROPPATCH, REPORT, ACL"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // WebDAV-Push, "Service Detection".
    #[test]
    fn push_is_one_more_class() {
        assert_eq!(DAV_WITH_PUSH, format!("{DAV}, webdav-push"));
        assert_eq!(classes(None, false), DAV);
        assert_eq!(classes(Some(&Location::Root), true), DAV_WITH_PUSH);
    }
}
