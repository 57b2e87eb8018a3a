//! Managed attachments: RFC 8607. A file is posted to an event, task or note, and the object names it by an ATTACH with a
//! MANAGED-ID and a link that leads here.
//!
//! An attachment belongs to the account of the object that it was posted to (`storage::Attachment`); its id is a token
//! that nobody guesses, and its bytes never change: what is updated gets another id. Who may read it follows from the
//! objects that name it (`access.rs`). What a PUT, COPY or MOVE names must be there for whoever names it; what lies in
//! another account comes along as a copy (`admit.rs`).
//!
//! The links in objects are whole URIs, made of the host by which the request came. They need not lead anywhere for
//! others: `managed-attachments-server-URL` of a home is empty, so that programs take the host that they know us by.
//!
//! Absent: attachments of alarms; extracting what is attached inline.

mod access;
mod admit;
mod change;
mod get;

pub(crate) use admit::{Foreign, Ingested, ingest};
pub(crate) use change::run as change;
pub(crate) use get::run as get;
pub(crate) use http_door::origin;

use dav_wire::Segment;

use crate::location::Location;

/// Most attachments of one object: `max-attachments-per-resource`.
pub(crate) const ATTACHMENTS_MAX: usize = calendar::edit::ATTACHMENTS_MAX;
/// Largest attachment in bytes: `max-attachment-size`.
pub(crate) const ATTACHMENT_BYTES_MAX: usize = storage::CONTENT_BYTES_MAX;

/// The link to an attachment.
fn uri(origin: &str, token: &str) -> String {
    // Tokens are hexadecimal digits.
    let path = Segment::new(token).map(|token| Location::Attachment(token).href().to_string());
    format!("{origin}{}", path.unwrap_or_default())
}

/// A media type without its parameters, as FMTTYPE has it; `None` if it says nothing.
fn essence(media_type: &str) -> Option<&str> {
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    (!essence.is_empty()).then_some(essence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn a_link_leads_to_the_host_that_was_asked() {
        let told = |headers: &[(&'static str, &'static str)]| {
            let mut request = TestRequest::default();
            for header in headers {
                request = request.append_header(*header);
            }
            origin(&request.to_http_request())
        };
        assert_eq!(told(&[("Host", "a.test:8443")]), "http://a.test:8443");
        assert_eq!(told(&[("Host", "[::1]:80")]), "http://[::1]:80");
        assert_eq!(told(&[("Host", "a.test"), ("X-Forwarded-Proto", "https")]), "https://a.test");
        assert_eq!(told(&[("Host", "a.test/x\"")]), "");
        assert_eq!(uri("https://a.test", "0af"), "https://a.test/dav/attachments/0af");
    }

    #[test]
    fn parameters_of_a_media_type_are_left_out() {
        assert_eq!(essence("text/plain; charset=utf-8"), Some("text/plain"));
        assert_eq!((essence("a/b"), essence("")), (Some("a/b"), None));
    }
}
