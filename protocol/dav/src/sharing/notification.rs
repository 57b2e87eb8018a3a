//! What lies in the collection of notifications: one document for each.

use vocabulary::Timestamp;

use super::{Organizer, ShareAccess};
use crate::name::{Name, attribute, caldav, calendarserver, dav};
use crate::property::Component;
use crate::time::date_time;
use crate::xml::Writer;

/// A notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notification {
    /// Somebody shares something with the reader, or does so no more.
    Invite(InviteNotice),
    /// Somebody took up what the reader shares, or took it out of sight.
    Reply(ReplyNotice),
}

/// The state of what is shared with the reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InviteNotice {
    /// Names the share: a reply repeats it.
    pub uid: String,
    /// The reader's calendar user address.
    pub href: String,
    /// What may be done; `None`: nothing any more.
    pub access: Option<ShareAccess>,
    /// The collection, where its owner has it.
    pub host: String,
    /// Who shares it.
    pub organizer: Organizer,
    /// What the collection is called.
    pub summary: String,
    /// It is a calendar, or else an address book.
    pub is_calendar: bool,
    /// What a calendar holds, if that is known.
    pub components: Vec<Component>,
}

/// What somebody did with what the reader shares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplyNotice {
    /// The calendar user address of who did it.
    pub href: String,
    /// Whether it is in sight.
    pub accepted: bool,
    /// The collection, where its owner has it.
    pub host: String,
    /// The uid of the invitation.
    pub in_reply_to: String,
    /// What the collection is called.
    pub summary: String,
}

impl Notification {
    /// The document, made at a moment.
    #[must_use]
    pub fn document(&self, at: Timestamp) -> Vec<u8> {
        let mut writer = Writer::document(calendarserver::NOTIFICATION);
        writer.leaf(calendarserver::DTSTAMP, &date_time(at));
        self.open(&mut writer);
        match self {
            Self::Invite(notice) => notice.content(&mut writer),
            Self::Reply(notice) => notice.content(&mut writer),
        }
        writer.close();
        writer.finish().into_bytes()
    }

    /// The element that says what kind it is, empty but for its attributes.
    pub(super) fn kind(&self, writer: &mut Writer) {
        self.open(writer);
        writer.close();
    }

    fn open(&self, writer: &mut Writer) {
        match self {
            Self::Invite(notice) => {
                writer.open(calendarserver::INVITE_NOTIFICATION);
                let shared = if notice.is_calendar { "calendar" } else { "addressbook" };
                writer.attribute(attribute::SHARED_TYPE, shared);
            }
            Self::Reply(_) => writer.open(calendarserver::INVITE_REPLY),
        }
    }
}

impl InviteNotice {
    fn content(&self, writer: &mut Writer) {
        writer.leaf(calendarserver::UID, &self.uid);
        writer.leaf(dav::HREF, &self.href);
        // What was given is in sight at once, as at every other door: nothing waits for an answer.
        writer.empty(match self.access {
            Some(_) => calendarserver::INVITE_ACCEPTED,
            None => calendarserver::INVITE_DELETED,
        });
        self.access.unwrap_or(ShareAccess::Read).element(writer);
        boxed(calendarserver::HOSTURL, &self.host, writer);
        self.organizer.element(writer);
        writer.leaf(calendarserver::SUMMARY, &self.summary);
        if !self.components.is_empty() {
            writer.open(caldav::SUPPORTED_CALENDAR_COMPONENT_SET);
            for component in &self.components {
                writer.open(caldav::COMP);
                writer.attribute(attribute::NAME, component.name());
                writer.close();
            }
            writer.close();
        }
    }
}

impl ReplyNotice {
    fn content(&self, writer: &mut Writer) {
        writer.leaf(dav::HREF, &self.href);
        writer.empty(if self.accepted {
            calendarserver::INVITE_ACCEPTED
        } else {
            calendarserver::INVITE_DECLINED
        });
        boxed(calendarserver::HOSTURL, &self.host, writer);
        writer.leaf(calendarserver::IN_REPLY_TO, &self.in_reply_to);
        writer.leaf(calendarserver::SUMMARY, &self.summary);
    }
}

/// A path within an element.
fn boxed(name: Name<'static>, href: &str, writer: &mut Writer) {
    writer.open(name);
    writer.leaf(dav::HREF, href);
    writer.close();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invite(access: Option<ShareAccess>, components: &[Component]) -> Notification {
        Notification::Invite(InviteNotice {
            uid: "7-3-8".into(),
            href: "mailto:ben@a.test".into(),
            access,
            host: "/dav/calendars/anna@a.test/office/".into(),
            organizer: Organizer { href: "mailto:anna@a.test".into(), name: "Anna & Co".into() },
            summary: "Work".into(),
            is_calendar: access.is_some(),
            components: components.to_vec(),
        })
    }

    fn inner(notification: &Notification) -> String {
        let text = String::from_utf8(notification.document(Timestamp(1_795_510_800_000))).unwrap();
        let begin = text.find("<CS:dtstamp>").unwrap();
        text[begin..].to_owned()
    }

    // The order of the elements is that of the definition.
    #[test]
    fn an_invitation_says_what_and_whose_and_how_much() {
        assert_eq!(
            inner(&invite(Some(ShareAccess::ReadWrite), &[Component::Event])),
            "<CS:dtstamp>2026-11-24T09:00:00Z</CS:dtstamp><CS:invite-notification shared-type=\"calendar\">\
             <CS:uid>7-3-8</CS:uid><D:href>mailto:ben@a.test</D:href><CS:invite-accepted/><CS:access>\
             <CS:read-write/></CS:access><CS:hosturl><D:href>/dav/calendars/anna@a.test/office/</D:href></CS:hosturl>\
             <CS:organizer><D:href>mailto:anna@a.test</D:href><CS:common-name>Anna &amp; Co</CS:common-name>\
             </CS:organizer><CS:summary>Work</CS:summary><C:supported-calendar-component-set><C:comp name=\"VEVENT\"/>\
             </C:supported-calendar-component-set></CS:invite-notification></CS:notification>"
        );
        let gone = inner(&invite(None, &[]));
        assert!(gone.contains("<CS:invite-deleted/><CS:access><CS:read/></CS:access>"), "{gone}");
        assert!(gone.contains("shared-type=\"addressbook\""), "{gone}");
    }

    #[test]
    fn a_reply_says_who_did_what() {
        let notice = Notification::Reply(ReplyNotice {
            href: "mailto:ben@a.test".into(),
            accepted: false,
            host: "/c/".into(),
            in_reply_to: "7-3-8".into(),
            summary: "Work".into(),
        });
        assert_eq!(
            inner(&notice),
            "<CS:dtstamp>2026-11-24T09:00:00Z</CS:dtstamp><CS:invite-reply><D:href>mailto:ben@a.test</D:href>\
             <CS:invite-declined/><CS:hosturl><D:href>/c/</D:href></CS:hosturl><CS:in-reply-to>7-3-8</CS:in-reply-to>\
             <CS:summary>Work</CS:summary></CS:invite-reply></CS:notification>"
        );
    }
}
