//! Conditions on the state of an item or collection: RFC 9110 section 13, RFC 4918 section 10.4.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use dav_wire::etag::ETag;
use dav_wire::header::{Condition, If, IfList, StateToken};
use dav_wire::{ETagList, Href};
use storage::{Grant, Item};

use crate::address::FolderAddress;
use crate::call::Failure;
use crate::cursor::{self, Place};
use crate::location::Location;
use crate::property::item::Tagged as _;

/// What must hold of a resource before anything is done to it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Conditions {
    if_match: Option<ETagList>,
    if_none_match: Option<ETagList>,
    state: Option<If>,
    /// `If-Schedule-Tag-Match`: RFC 6638 section 8.3.
    schedule_tag: Option<String>,
}

/// What one transaction knows of the resource of the request.
struct State<'s> {
    resource: &'s Href,
    /// The tag of an item that is there.
    tag: Option<&'s ETag>,
    /// The collection that the resource is, or lies in.
    collection: &'s Href,
    /// Whether a token is that of the collection as it is now.
    is_current: &'s dyn Fn(&str) -> bool,
}

impl Conditions {
    /// # Errors
    /// 400 for a header that cannot be read: to overlook it would overwrite what the client wants to keep.
    pub(crate) fn of(request: &HttpRequest) -> Result<Self, Failure> {
        let tags = |name: &str| -> Result<Option<ETagList>, Failure> {
            let list = joined(request, name, ",")?.map(|text| ETagList::parse(&text));
            list.transpose().map_err(|_| Failure::from(StatusCode::BAD_REQUEST))
        };
        let state = joined(request, "If", " ")?.map(|text| If::parse(&text));
        Ok(Self {
            if_match: tags("If-Match")?,
            if_none_match: tags("If-None-Match")?,
            state: state.transpose().map_err(|_| StatusCode::BAD_REQUEST)?,
            schedule_tag: joined(request, "If-Schedule-Tag-Match", ",")?,
        })
    }

    /// That there is nothing yet: `Overwrite: F`.
    pub(crate) fn of_absence() -> Self {
        Self { if_none_match: Some(ETagList::Any), ..Self::default() }
    }

    /// That an item is one of these: `If-Match`.
    pub(crate) fn of_match(tags: ETagList) -> Self {
        Self { if_match: Some(tags), ..Self::default() }
    }

    /// That it is as it was read.
    pub(crate) fn of_state(tag: &ETag) -> Self {
        // A tag of our own is one that we read.
        Self { if_match: ETagList::parse(&tag.to_string()).ok(), ..Self::default() }
    }

    /// Whether a change may be made of the item of a name as it is now; `None`: there is none.
    ///
    /// # Errors
    /// 412.
    pub(crate) fn check<R>(
        &self,
        address: &FolderAddress,
        grant: &Grant<'_, R>,
        name: &str,
        current: Option<&ETag>,
    ) -> Result<(), Failure> {
        let resource = address.item(name);
        let is_current = |token: &str| is_current(token, grant);
        self.check_item(&State {
            resource: &resource,
            tag: current,
            collection: &address.href,
            is_current: &is_current,
        })
    }

    /// Whether a change may be made of an item as it is now, whose schedule tag says whether the client has seen all
    /// that it must; `None`: there is no item.
    ///
    /// # Errors
    /// 412.
    pub(crate) fn check_schedule_tag(&self, item: Option<&Item>) -> Result<(), Failure> {
        let Some(wanted) = &self.schedule_tag else { return Ok(()) };
        match item.and_then(|item| item.schedule_tag()) {
            Some(tag) if tag.is_named_by(wanted) => Ok(()),
            _ => Err(StatusCode::PRECONDITION_FAILED.into()),
        }
    }

    fn check_item(&self, state: &State<'_>) -> Result<(), Failure> {
        let holds = self.tags_hold(state.tag) && self.holds_of(state);
        if holds { Ok(()) } else { Err(StatusCode::PRECONDITION_FAILED.into()) }
    }

    /// Whether a change may be made of a collection. It has no tag, but it is there.
    ///
    /// # Errors
    /// 412.
    pub(crate) fn check_collection<R>(
        &self,
        address: &FolderAddress,
        grant: &Grant<'_, R>,
    ) -> Result<(), Failure> {
        let is_current = |token: &str| is_current(token, grant);
        let (resource, collection) = (&address.href, &address.href);
        let state = State { resource, tag: None, collection, is_current: &is_current };
        let holds = self.tags_hold_of_collection() && self.holds_of(&state);
        if holds { Ok(()) } else { Err(StatusCode::PRECONDITION_FAILED.into()) }
    }

    /// Whether the conditions on tags hold of an item; `None`: there is none.
    pub(crate) fn tags_hold(&self, current: Option<&ETag>) -> bool {
        self.if_match.as_ref().is_none_or(|list| list.matches(current)) && !self.is_known(current)
    }

    /// The same of a collection that is there.
    pub(crate) fn tags_hold_of_collection(&self) -> bool {
        self.if_match.as_ref().is_none_or(|list| *list == ETagList::Any)
            && self.if_none_match.as_ref().is_none_or(|list| *list != ETagList::Any)
    }

    /// What `If` says.
    pub(crate) fn state(&self) -> Option<&If> {
        self.state.as_ref()
    }

    /// `If` holds if one of its lists does.
    fn holds_of(&self, state: &State<'_>) -> bool {
        self.state.as_ref().is_none_or(|wanted| wanted.lists.iter().any(|list| met(list, state)))
    }

    /// Whether `If-None-Match` names the item as it is.
    pub(crate) fn is_known(&self, current: Option<&ETag>) -> bool {
        self.if_none_match.as_ref().is_some_and(|list| list.matches(current))
    }

    /// Whether `If-None-Match` names these very bytes, by their tag with its quotes: a GET is then answered with 304.
    pub(crate) fn knows(&self, tag: &str) -> bool {
        self.if_none_match.as_ref().is_some_and(|list| list.has(tag))
    }

    /// The same without `If-None-Match`, which a GET answers otherwise.
    pub(crate) fn of_reading(&self) -> Self {
        Self { if_none_match: None, ..self.clone() }
    }
}

/// The lines of a header as one; `None` if it is not there.
fn joined(request: &HttpRequest, name: &str, separator: &str) -> Result<Option<String>, Failure> {
    let mut lines = Vec::new();
    for value in request.headers().get_all(name) {
        lines.push(value.to_str().map_err(|_| StatusCode::BAD_REQUEST)?);
    }
    Ok((!lines.is_empty()).then(|| lines.join(separator)))
}

/// RFC 6578 section 5; Apple's programs name a collection by its ctag too.
fn is_current<R>(token: &str, grant: &Grant<'_, R>) -> bool {
    match token.strip_prefix(cursor::CTAG_URI) {
        Some(tag) => tag == cursor::ctag(grant.epoch(), grant.collection()),
        None => Place::of(token).is_ok_and(|place| place.is_end_of(grant)),
    }
}

/// Whether a list holds. There are no locks but on plain files (`files/condition.rs`), so no lock token is ever a state of
/// anything; of other resources than the one of the request and its collection nothing is known.
fn met(list: &IfList, state: &State<'_>) -> bool {
    let named = match &list.resource {
        None => Some(state.resource.clone()),
        Some(text) => {
            let location = Href::parse(text).ok().and_then(|href| Location::of(&href));
            location.map(|location| location.href())
        }
    };
    let is_about = |href: &Href| named.as_ref() == Some(href);
    list.conditions.iter().all(|Condition { not, state: wanted }| {
        let is_so = match wanted {
            StateToken::ETag(tag) => {
                is_about(state.resource) && state.tag.is_some_and(|current| tag.names(current))
            }
            StateToken::Uri(token) => is_about(state.collection) && (state.is_current)(token),
        };
        is_so != *not
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;
    use actix_web::test::TestRequest;
    use vocabulary::{ItemId, ModSeq};

    const TAG: ETag = ETag { item: ItemId(7), content: ModSeq(5) };

    fn holds(headers: &[(&'static str, &str)], current: Option<&ETag>) -> bool {
        let mut request = TestRequest::default();
        for header in headers {
            request = request.append_header(*header);
        }
        let resource = Href::parse("/dav/calendars/a@a.test/c/x.ics").unwrap();
        let collection = Href::parse("/dav/calendars/a@a.test/c/").unwrap();
        let is_current = |token: &str| token == "urn:token";
        let state =
            State { resource: &resource, tag: current, collection: &collection, is_current: &is_current };
        Conditions::of(&request.to_http_request()).unwrap().check_item(&state).is_ok()
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
            (&[("If", "([\"7-6\"])"), ("If", "([\"7-5\"])")], true, false),
            (&[("If", "([\"7-6\"])"), ("If", "([\"7-4\"])")], false, false),
            (&[("If", "</dav/calendars/a@a.test/c/> (<urn:token>)")], true, true),
            (&[("If", "<http://h.test/dav/calendars/a%40a.test/c> (<urn:token>)")], true, true),
            (&[("If", "</dav/calendars/a@a.test/c/> (<urn:other>)")], false, false),
            (&[("If", "</dav/calendars/a@a.test/c/> (Not <urn:other>)")], true, true),
            (&[("If", "</dav/calendars/a@a.test/d/> (<urn:token>)")], false, false),
            (&[("If", "(<urn:token>)")], false, false),
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
        for name in ["If", "If-Match", "If-None-Match"] {
            let value = HeaderValue::from_bytes(b"(<urn:\xFC>)").unwrap();
            let request = TestRequest::default().append_header((name, value)).to_http_request();
            assert!(Conditions::of(&request).is_err(), "{name} is not ASCII");
        }
    }
}
