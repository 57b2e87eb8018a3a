//! Bodies of POST: who may do what with a collection, and what becomes of an invitation.

use super::ShareAccess;
use crate::RequestError;
use crate::name::{calendarserver, dav};
use crate::xml::{Element, Writer};

/// Most people of one request.
pub const SHAREES_MAX: usize = 500;

/// A request about sharing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SharingRequest {
    /// Of an owner, to the collection.
    Share(Vec<ShareChange>),
    /// Of somebody with whom a collection is shared, to the home.
    Reply(InviteReply),
}

/// What somebody may do from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShareChange {
    /// A principal or a calendar user address, as the client wrote it.
    pub href: String,
    /// `None`: nothing any more.
    pub access: Option<ShareAccess>,
}

/// Whether a collection of another is to be in sight.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InviteReply {
    /// It is.
    pub accepted: bool,
    /// The collection, where its owner has it.
    pub host: String,
}

impl SharingRequest {
    /// Reads the document of a body; `None` if it is about something else.
    ///
    /// # Errors
    /// If it names nobody, or more than [`SHAREES_MAX`].
    pub fn parse(root: &Element) -> Result<Option<Self>, RequestError> {
        let read: fn(&Element) -> Result<Option<ShareChange>, RequestError> = match root.name() {
            calendarserver::SHARE => ShareChange::of_calendarserver,
            dav::SHARE_RESOURCE => ShareChange::of_draft,
            calendarserver::INVITE_REPLY => {
                return InviteReply::parse(root).map(|reply| Some(Self::Reply(reply)));
            }
            _ => return Ok(None),
        };
        let mut changes = Vec::new();
        for child in root.children() {
            changes.extend(read(child)?);
            if changes.len() > SHAREES_MAX {
                return Err(RequestError::malformed(root.name(), "names too many people"));
            }
        }
        if changes.is_empty() {
            return Err(RequestError::malformed(root.name(), "names nobody"));
        }
        Ok(Some(Self::Share(changes)))
    }
}

impl ShareChange {
    fn of_calendarserver(element: &Element) -> Result<Option<Self>, RequestError> {
        let access = match element.name() {
            calendarserver::SET if element.child(calendarserver::READ_WRITE).is_some() => {
                Some(ShareAccess::ReadWrite)
            }
            calendarserver::SET if element.child(calendarserver::READ).is_some() => Some(ShareAccess::Read),
            calendarserver::SET => {
                return Err(RequestError::malformed(element.name(), "neither read nor read-write"));
            }
            calendarserver::REMOVE => None,
            _ => return Ok(None),
        };
        Ok(Some(Self { href: href(element)?, access }))
    }

    fn of_draft(element: &Element) -> Result<Option<Self>, RequestError> {
        if element.name() != dav::SHAREE {
            return Ok(None);
        }
        let wanted = element.child(dav::SHARE_ACCESS).and_then(|access| access.children().next());
        let access = match wanted.map(Element::name) {
            Some(dav::READ_WRITE) => Some(ShareAccess::ReadWrite),
            Some(dav::READ) => Some(ShareAccess::Read),
            Some(dav::NO_ACCESS) => None,
            _ => return Err(RequestError::malformed(element.name(), "no share-access that is known")),
        };
        Ok(Some(Self { href: href(element)?, access }))
    }
}

impl InviteReply {
    fn parse(root: &Element) -> Result<Self, RequestError> {
        let accepted = root.child(calendarserver::INVITE_ACCEPTED).is_some();
        if accepted == root.child(calendarserver::INVITE_DECLINED).is_some() {
            return Err(RequestError::malformed(root.name(), "neither accepted nor declined"));
        }
        let host = root.child(calendarserver::HOSTURL);
        let host = host.ok_or_else(|| RequestError::malformed(root.name(), "no hosturl"))?;
        Ok(Self { accepted, host: href(host)? })
    }
}

fn href(element: &Element) -> Result<String, RequestError> {
    let href = element.child(dav::HREF).map(|href| href.text().trim().to_owned());
    href.ok_or_else(|| RequestError::malformed(element.name(), "no href"))
}

/// The answer to an invitation that is taken up: where the collection is now.
#[must_use]
pub fn shared_as(href: &str) -> Vec<u8> {
    let mut writer = Writer::document(calendarserver::SHARED_AS);
    writer.leaf(dav::HREF, href);
    writer.finish().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::{Limits, parse};

    fn request(text: &str) -> Result<Option<SharingRequest>, RequestError> {
        let namespaces = "xmlns:D='DAV:' xmlns:CS='http://calendarserver.org/ns/'";
        let text = text.replacen('>', &format!(" {namespaces}>"), 1);
        SharingRequest::parse(&parse(text.as_bytes(), &Limits::REQUEST)?)
    }

    fn change(href: &str, access: Option<ShareAccess>) -> ShareChange {
        ShareChange { href: href.into(), access }
    }

    #[test]
    fn both_dialects_say_who_may_do_what() {
        let apple = "<CS:share><CS:set><D:href> mailto:a@a.test </D:href><CS:common-name>A</CS:common-name>\
             <CS:summary>x</CS:summary><CS:read-write/></CS:set><CS:set><D:href>/p/</D:href><CS:read/></CS:set>\
             <CS:remove><D:href>mailto:b@a.test</D:href></CS:remove><CS:other/></CS:share>";
        let draft = "<D:share-resource><D:sharee><D:href>mailto:a@a.test</D:href><D:prop><D:displayname>A\
             </D:displayname></D:prop><D:share-access><D:read-write/></D:share-access></D:sharee><D:sharee>\
             <D:href>/p/</D:href><D:share-access><D:read/></D:share-access></D:sharee><D:sharee><D:href>mailto:b@a.test\
             </D:href><D:share-access><D:no-access/></D:share-access></D:sharee></D:share-resource>";
        let expected = || {
            SharingRequest::Share(vec![
                change("mailto:a@a.test", Some(ShareAccess::ReadWrite)),
                change("/p/", Some(ShareAccess::Read)),
                change("mailto:b@a.test", None),
            ])
        };
        assert_eq!(request(apple), Ok(Some(expected())));
        assert_eq!(request(draft), Ok(Some(expected())));
    }

    #[test]
    fn a_reply_says_what_becomes_of_an_invitation() {
        let reply = |state| {
            format!(
                "<CS:invite-reply><D:href>mailto:b@a.test</D:href>{state}<CS:hosturl><D:href>/c/</D:href></CS:hosturl>\
                 <CS:in-reply-to>1</CS:in-reply-to><CS:summary>x</CS:summary></CS:invite-reply>"
            )
        };
        for (state, accepted) in [("<CS:invite-accepted/>", true), ("<CS:invite-declined/>", false)] {
            let expected = SharingRequest::Reply(InviteReply { accepted, host: "/c/".into() });
            assert_eq!(request(&reply(state)), Ok(Some(expected)));
        }
        assert!(request(&reply("")).is_err());
        assert!(request(&reply("<CS:invite-accepted/><CS:invite-declined/>")).is_err());
    }

    #[test]
    fn nothing_and_too_much_are_malformed_and_others_are_left_alone() {
        assert_eq!(request("<D:other></D:other>"), Ok(None));
        for text in [
            "<CS:share></CS:share>",
            "<CS:share><CS:set><D:href>/p/</D:href></CS:set></CS:share>",
            "<CS:share><CS:set><CS:read/></CS:set></CS:share>",
            "<D:share-resource><D:sharee><D:href>/p/</D:href></D:sharee></D:share-resource>",
            "<CS:invite-reply><CS:invite-accepted/></CS:invite-reply>",
        ] {
            assert!(matches!(request(text), Err(RequestError::Malformed { .. })), "{text}");
        }
        let many = |count| {
            format!("<CS:share>{}</CS:share>", "<CS:remove><D:href>/p/</D:href></CS:remove>".repeat(count))
        };
        assert!(request(&many(SHAREES_MAX)).is_ok());
        assert!(request(&many(SHAREES_MAX + 1)).is_err());
    }

    #[test]
    fn the_answer_leads_to_the_collection() {
        let text = String::from_utf8(shared_as("/dav/~7.3/")).unwrap();
        assert!(text.ends_with("<D:href>/dav/~7.3/</D:href></CS:shared-as>"), "{text}");
    }
}
