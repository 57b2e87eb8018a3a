//! Conditions on the state of an item: RFC 9110 section 13, RFC 4918 section 10.4.

use actix_web::HttpRequest;
use actix_web::http::{StatusCode, header};
use dav_wire::etag::ETag;
use dav_wire::header::{Condition, If, IfList, StateToken};
use dav_wire::{ETagList, Href};

use crate::call::{Failure, text_header};

/// What must hold of an item before anything is done to it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Conditions {
    if_match: Option<ETagList>,
    if_none_match: Option<ETagList>,
    state: Option<If>,
}

impl Conditions {
    /// # Errors
    /// 400 for a header that cannot be read: to overlook it would overwrite what the client wants to keep.
    pub(crate) fn of(request: &HttpRequest) -> Result<Self, Failure> {
        let list = |name: header::HeaderName| -> Result<Option<ETagList>, Failure> {
            let mut lines = Vec::new();
            for value in request.headers().get_all(name) {
                lines.push(value.to_str().map_err(|_| StatusCode::BAD_REQUEST)?);
            }
            if lines.is_empty() {
                return Ok(None);
            }
            Ok(Some(ETagList::parse(&lines.join(",")).map_err(|_| StatusCode::BAD_REQUEST)?))
        };
        Ok(Self {
            if_match: list(header::IF_MATCH)?,
            if_none_match: list(header::IF_NONE_MATCH)?,
            state: text_header(request, "If")
                .map(If::parse)
                .transpose()
                .map_err(|_| StatusCode::BAD_REQUEST)?,
        })
    }

    /// That there is nothing yet: `Overwrite: F`.
    pub(crate) fn of_absence() -> Self {
        Self { if_none_match: Some(ETagList::Any), ..Self::default() }
    }

    /// Whether a change may be made of the item at `href` as it is now; `None`: there is none.
    ///
    /// # Errors
    /// 412.
    pub(crate) fn check(&self, href: &Href, current: Option<&ETag>) -> Result<(), Failure> {
        let holds = self.if_match.as_ref().is_none_or(|list| list.matches(current))
            && !self.is_known(current)
            && self
                .state
                .as_ref()
                .is_none_or(|state| state.lists.iter().any(|list| met(list, href, current)));
        if holds { Ok(()) } else { Err(StatusCode::PRECONDITION_FAILED.into()) }
    }

    /// Whether `If-None-Match` names the item as it is: a GET is then answered with 304.
    pub(crate) fn is_known(&self, current: Option<&ETag>) -> bool {
        self.if_none_match.as_ref().is_some_and(|list| list.matches(current))
    }

    /// The same without `If-None-Match`, which a GET answers otherwise.
    pub(crate) fn of_reading(&self) -> Self {
        Self { if_none_match: None, ..self.clone() }
    }
}

/// Whether a list holds. There are no locks, so no lock token is ever a state of anything; of other resources than the
/// one of the request nothing is known.
fn met(list: &IfList, href: &Href, current: Option<&ETag>) -> bool {
    let own = list.resource.as_ref().is_none_or(|resource| Href::parse(resource).as_ref() == Ok(href));
    list.conditions.iter().all(|Condition { not, state }| {
        let is_so = match state {
            StateToken::ETag(tag) => own && current.is_some_and(|current| tag.names(current)),
            StateToken::Uri(_) => false,
        };
        is_so != *not
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;
    use vocabulary::{ItemId, ModSeq};

    const TAG: ETag = ETag { item: ItemId(7), content: ModSeq(5) };

    fn holds(headers: &[(&'static str, &str)], current: Option<&ETag>) -> bool {
        let mut request = TestRequest::default();
        for header in headers {
            request = request.append_header(*header);
        }
        let href = Href::parse("/dav/calendars/a@a.test/c/x.ics").unwrap();
        Conditions::of(&request.to_http_request()).unwrap().check(&href, current).is_ok()
    }

    #[test]
    fn known_answers() {
        for (headers, there, absent) in [
            (&[][..], true, true),
            (&[("If-Match", "*")], true, false),
            (&[("If-Match", "\"7-5\"")], true, false),
            (&[("If-Match", "\"x\""), ("If-Match", "W/\"7-5\"")], true, false),
            (&[("If-Match", "\"7-6\"")], false, false),
            (&[("If-None-Match", "*")], false, true),
            (&[("If-None-Match", "\"7-5\"")], false, true),
            (&[("If-None-Match", "\"7-6\"")], true, true),
            (&[("If", "([\"7-5\"])")], true, false),
            (&[("If", "(Not [\"7-5\"])")], false, true),
            (&[("If", "(<urn:lock>)")], false, false),
            (&[("If", "(<urn:lock>) (Not <DAV:no-lock> [\"7-5\"])")], true, false),
            (&[("If", "</dav/calendars/a%40a.test/c/x.ics> ([\"7-5\"])")], true, false),
            (&[("If", "</elsewhere> ([\"7-5\"])")], false, false),
        ] {
            assert_eq!(holds(headers, Some(&TAG)), there, "{headers:?}");
            assert_eq!(holds(headers, None), absent, "{headers:?} without an item");
        }
    }

    #[test]
    fn what_cannot_be_read_is_not_overlooked() {
        for header in [("If-Match", "\"a"), ("If-None-Match", ""), ("If", "x")] {
            let request = TestRequest::default().append_header(header).to_http_request();
            assert!(Conditions::of(&request).is_err(), "{header:?}");
        }
    }
}
