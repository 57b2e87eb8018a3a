//! Nine: mails with LF and CRLF side by side (horde's Rfc822.php), and events that share a UID (mailcow issue
//! 6183).

use blackbox::{Element, Phone, berlin, kind, texts, unique};
use phones::{Family, Handset};

use super::{
    SENT, change_elsewhere, mails_before, on_a_server, provisioned_when_told, pull, sees, tells_of_itself,
};

const FAMILY: Family = Family {
    device_type: "Android",
    user_agent: "Nine-Android/4.9.4b",
    asks_in_base64: false,
    window: 50,
    bodies: &[(2, Some(50_000))],
    filter: "0",
};
const VERSIONS: [&str; 2] = ["14.1", "16.1"];

fn set_up(demo: &blackbox::Demo, anna: &blackbox::Account, version: &str) -> Handset {
    let mut handset = Handset::new(demo, anna, FAMILY, version);
    handset.phone.options("MS-ASProtocolVersions").unwrap();
    provisioned_when_told(&mut handset);
    tells_of_itself(&handset);
    handset.sync_folders(true);
    pull(&mut handset);
    handset
}

#[test]
fn a_mail_with_two_kinds_of_line_ends_arrives_whole() {
    on_a_server(|demo, anna, ben| {
        for version in VERSIONS {
            let mut handset = set_up(demo, anna, version);
            let subject = unique();
            let mime = format!(
                "From: <{}>\r\nTo: <{}>\nSubject: {subject}\r\nMIME-Version: 1.0\nContent-Type: text/plain; \
                 charset=utf-8\r\n\nfirst {subject}\nsecond Grüße\r\n\r\nthird\n",
                anna.address, ben.address
            );
            let answer = handset.send(mime.as_bytes());
            assert_eq!((answer.status, answer.body.len()), (200, 0), "{answer:?}");

            let mut imap = demo.imap(ben);
            imap.select("INBOX");
            let uid = blackbox::eventually("the mail arrives", || {
                imap.ok("NOOP");
                imap.uids_of(&subject).first().copied()
            });
            let text = imap.ok(&format!("UID FETCH {uid} BODY.PEEK[TEXT]")).lines().join("");
            let body = format!("first {subject}\r\nsecond Grüße\r\n\r\nthird\r\n");
            assert!(text.contains(&body), "{text:?}");
            let sent = handset.id(SENT);
            handset.pull(&sent);
            assert_eq!(handset.sees(SENT, &subject), 1);
            imap.ok(&format!(r"UID STORE {uid} +FLAGS (\Deleted)"));
        }
    });
}

#[test]
fn events_that_share_a_uid_stop_nothing() {
    on_a_server(|demo, anna, ben| {
        for version in VERSIONS {
            let before = mails_before(demo, anna, ben);
            let mut handset = set_up(demo, anna, version);
            let (calendar, uid) = (handset.id(kind::CALENDAR), unique());
            let event = |subject: &str| {
                let zone = berlin();
                let own = if version < "16" { "UID" } else { "ClientUid" };
                let fields = [
                    ("Timezone", zone.as_str()),
                    (own, uid.as_str()),
                    ("StartTime", "20270701T070000Z"),
                    ("EndTime", "20270701T080000Z"),
                    ("Subject", subject),
                ];
                Element::add_item(&Phone::client_id(), texts("Calendar", &fields))
            };
            let (one, two) = (unique(), unique());
            let request = handset.request(&calendar, &[event(&one), event(&two)]);
            let root = handset.phone.command("Sync", Some(&request)).unwrap();
            let responses = root.at("Collections/Collection/Responses").unwrap();
            let statuses: Vec<_> = responses.all("Add").map(|add| add.get("Status").unwrap()).collect();
            assert_eq!((statuses.len(), statuses[0].as_str()), (2, "1"), "{}", root.shown());
            // It shows what it made under the ids that the answers give.
            let made: Vec<_> = responses.all("Add").filter_map(|add| add.get("ServerId")).collect();
            handset.shows(&calendar, &made);
            handset.take(&calendar, &root);
            let changes = change_elsewhere(demo, anna, ben, before);
            pull(&mut handset);
            sees(&handset, &changes);
        }
    });
}
