//! Meetings, and what each of their people has of them.

use storage::{Read, right};
use vocabulary::Role;

use crate::client::Client;

/// A meeting at nine on the second of December 2026. `lines`: further lines of the event.
pub(crate) fn meeting(uid: &str, organizer: &Client<'_>, guests: &[&Client<'_>], lines: &str) -> String {
    let mut people =
        format!("ORGANIZER:mailto:{0}\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:{0}\r\n", organizer.address);
    for guest in guests {
        let line = format!("ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:{}\r\n", guest.address);
        people.push_str(&line);
    }
    event(uid, &format!("{people}{lines}"))
}

/// An event at the same time, of nobody.
pub(crate) fn event(uid: &str, lines: &str) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nBEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20261101T000000Z\r\n\
         DTSTART:20261202T090000Z\r\nDTEND:20261202T100000Z\r\nSUMMARY:Beete planen\r\n{lines}END:VEVENT\r\n\
         END:VCALENDAR\r\n"
    )
}

/// The lines of an object, unfolded.
pub(crate) fn unfolded(object: &str) -> Vec<String> {
    object.replace("\r\n ", "").lines().map(str::to_owned).collect()
}

/// The line of an attendee.
pub(crate) fn attendee(object: &str, who: &Client<'_>) -> String {
    let end = format!(":mailto:{}", who.address);
    let found =
        unfolded(object).into_iter().find(|line| line.starts_with("ATTENDEE") && line.ends_with(&end));
    found.unwrap_or_else(|| panic!("no {} in {object}", who.address))
}

/// How an attendee stands in an object.
pub(crate) fn answer_of(object: &str, who: &Client<'_>) -> String {
    let line = attendee(object, who);
    let (_, rest) = line.split_once("PARTSTAT=").unwrap_or(("", "NEEDS-ACTION:"));
    rest.split([';', ':']).next().unwrap().to_owned()
}

/// What somebody has in the first calendar.
pub(crate) struct Copy {
    pub(crate) path: String,
    pub(crate) body: String,
    pub(crate) etag: String,
    pub(crate) tag: Option<String>,
}

impl Client<'_> {
    pub(crate) fn scheduling(&self, rest: &str) -> String {
        format!("/dav/scheduling/{}/{rest}", self.address)
    }

    /// The objects of the first calendar, by their paths.
    pub(crate) async fn copies(&self) -> Vec<Copy> {
        let listed = self.propfind(&self.calendar("calendar/"), "1", "<getetag/>").await.hrefs();
        let mut copies = Vec::new();
        for path in listed.into_iter().skip(1) {
            let found = self.get(&path).await;
            let etag = found.header("etag").unwrap();
            copies.push(Copy { path, etag, tag: found.header("schedule-tag"), body: found.body });
        }
        copies
    }

    /// The only one.
    pub(crate) async fn copy(&self) -> Copy {
        let mut copies = self.copies().await;
        assert_eq!(copies.len(), 1, "of {}", self.address);
        copies.remove(0)
    }

    /// The METHODs in the schedule inbox, in the order in which they came.
    pub(crate) async fn told(&self) -> Vec<String> {
        let listed = self.propfind(&self.scheduling("inbox/"), "1", "<getetag/>").await.hrefs();
        let mut methods = Vec::new();
        for path in listed.into_iter().skip(1) {
            let body = self.get(&path).await.body;
            let method =
                unfolded(&body).into_iter().find_map(|line| Some(line.strip_prefix("METHOD:")?.to_owned()));
            methods.push(method.unwrap());
        }
        methods
    }

    /// The mails in the Inbox, in the order in which they came.
    pub(crate) async fn mails(&self) -> Vec<String> {
        let id = self.id;
        let read = move |tx: &Read<'_>| {
            let inbox = tx.open_role::<right::ReadItems>(id, Role::Inbox)?;
            tx.contents(&inbox, &[1..=u32::MAX], false)
        };
        let mut mails = Vec::new();
        for (_, stored) in self.world.read(read).await {
            let bytes = self.world.store.load(stored).await.unwrap();
            mails.push(String::from_utf8(bytes.to_vec()).unwrap());
        }
        mails
    }

    /// What a calendar program writes when its user answers.
    pub(crate) async fn answers(&self, copy: &Copy, partstat: &str) -> u16 {
        let old = attendee(&copy.body, self);
        let new = old.replace("PARTSTAT=NEEDS-ACTION", &format!("PARTSTAT={partstat}"));
        let body = copy.body.replace("\r\n ", "").replace(&old, &new);
        self.put(&copy.path, body).await.status
    }
}

/// The first value of a header field of a mail.
pub(crate) fn header(mail: &str, name: &str) -> Option<String> {
    let head = mail.split("\r\n\r\n").next().unwrap().replace("\r\n\t", " ").replace("\r\n ", " ");
    let field = format!("{name}: ");
    head.lines().find_map(|line| Some(line.strip_prefix(&field)?.trim().to_owned()))
}
