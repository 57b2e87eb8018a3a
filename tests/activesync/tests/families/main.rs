//! What the users of each family of clients see while things change through other doors: every mail once, and
//! nothing that vanishes and comes again.
//!
//! The habits are those that are published: protocol logs in issue threads of other servers, and what their
//! sources work around.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that fails says why")]

mod gmail;
mod ios;
mod nine;
mod outlook;
mod samsung;

use blackbox::{Account, Demo, Element, Mail, Store, calendar, kind, unique};
use phones::Handset;

const INBOX: u32 = 2;
const TRASH: u32 = 4;
const SENT: u32 = 5;

/// A server for one claim, and its check at the end.
fn on_a_server(claim: impl Fn(&Demo, &Account, &Account)) {
    let demo = Demo::start(Store::Sqlite);
    let (anna, ben) = demo.colleagues();
    claim(&demo, &anna, &ben);
    demo.consistent();
}

/// What happened at other doors while a client looked away.
struct Changes {
    /// Came by SMTP and LMTP, both unread.
    arrived: [String; 2],
    /// Read by IMAP.
    read: String,
    /// Moved to the Trash by IMAP.
    moved: String,
    /// Deleted for good by IMAP.
    deleted: String,
    /// Made by CalDAV.
    event: String,
}

/// Mails that lie in the Inbox before the client comes; the subjects of those to be read, moved and deleted.
fn mails_before(demo: &Demo, anna: &Account, ben: &Account) -> [String; 3] {
    [(); 3].map(|()| {
        let mail = Mail::plain(&ben.address, &anna.address);
        demo.lmtp().deliver(&ben.address, &[&anna.address], &mail);
        mail.subject
    })
}

fn change_elsewhere(demo: &Demo, anna: &Account, ben: &Account, before: [String; 3]) -> Changes {
    let [read, moved, deleted] = before;
    let (by_smtp, by_lmtp) =
        (Mail::plain(&ben.address, &anna.address), Mail::plain(&ben.address, &anna.address));
    demo.submission(ben).deliver(&ben.address, &[&anna.address], &by_smtp);
    demo.lmtp().deliver(&ben.address, &[&anna.address], &by_lmtp);
    let mut imap = demo.imap(anna);
    imap.select("INBOX");
    let trash = trash_of(&mut imap);
    let uid = imap.uids_of(&read)[0];
    imap.ok(&format!(r"UID STORE {uid} +FLAGS (\Seen)"));
    let uid = imap.uids_of(&moved)[0];
    imap.ok(&format!("UID MOVE {uid} {trash}"));
    let uid = imap.uids_of(&deleted)[0];
    imap.ok(&format!(r"UID STORE {uid} +FLAGS (\Deleted)"));
    imap.ok("EXPUNGE");
    // What is submitted arrives a little later.
    blackbox::eventually("the submitted mail is in the Inbox", || {
        imap.ok("NOOP");
        (imap.uids_of(&by_smtp.subject).len() == 1).then_some(())
    });
    let (app, event) = (demo.dav(anna), unique());
    let inner = format!(
        "DTSTART;TZID=Europe/Berlin:20270315T090000\nDTEND;TZID=Europe/Berlin:20270315T100000\nSUMMARY:{event}\n"
    );
    app.put(&format!("{}{event}.ics", app.own(Some("VEVENT"))), &calendar("VEVENT", &event, &inner)).is(201);
    Changes { arrived: [by_smtp.subject, by_lmtp.subject], read, moved, deleted, event }
}

/// The folder with the special use `\Trash` (RFC 6154), quoted.
fn trash_of(imap: &mut blackbox::Imap) -> String {
    let lines = imap.ok("LIST \"\" \"*\" RETURN (SPECIAL-USE)").with("\\Trash");
    let line = lines.first().unwrap_or_else(|| panic!("no Trash"));
    line.rsplit_once(" \"/\" ").unwrap_or_else(|| panic!("{line}")).1.to_owned()
}

/// What the user sees once the client has asked for Inbox, Trash and calendar.
fn sees(handset: &Handset, changes: &Changes) {
    for subject in &changes.arrived {
        assert_eq!(handset.sees(INBOX, subject), 1, "{subject} has arrived");
    }
    let read = &handset.folder(INBOX).items[&handset.item(INBOX, &changes.read)];
    assert_eq!(read.get("Read").as_deref(), Some("1"), "{}", read.shown());
    assert_eq!((handset.sees(INBOX, &changes.moved), handset.sees(TRASH, &changes.moved)), (0, 1));
    assert_eq!((handset.sees(INBOX, &changes.deleted), handset.sees(TRASH, &changes.deleted)), (0, 0));
    assert_eq!(handset.sees(kind::CALENDAR, &changes.event), 1);
    handset.saw_no_reset();
}

/// As many mails as IMAP has in the Inbox.
fn has_the_whole_inbox(handset: &Handset, demo: &Demo, anna: &Account) {
    let exists = demo.imap(anna).select("INBOX").with(" EXISTS").remove(0);
    assert_eq!(format!("{} EXISTS", handset.folder(INBOX).items.len()), exists);
}

/// The folders that a client shows first.
fn pull(handset: &mut Handset) {
    for kind in [INBOX, TRASH, kind::CALENDAR] {
        let id = handset.id(kind);
        handset.pull(&id);
    }
}

/// A client that is told to provision does so (MS-ASPROV); before that it sees nothing.
fn provisioned_when_told(handset: &mut Handset) {
    let key = Element::text("FolderHierarchy:SyncKey", "0");
    let body = blackbox::encode(&Element::of("FolderHierarchy:FolderSync", [key]));
    let answer = handset.phone.exchange("FolderSync", "", &[], &body);
    if handset.version.as_str() < "14" {
        assert_eq!(answer.status, 449);
    } else {
        let root = answer.root().unwrap();
        assert_eq!(root.get("Status").as_deref(), Some("142"), "{}", root.shown());
    }
    handset.phone.provision();
}

/// Settings with what the device is.
fn tells_of_itself(handset: &Handset) {
    let fields = [("Model", "Model 1"), ("OS", "OS 1"), ("FriendlyName", "Mine"), ("OSLanguage", "de")];
    let set = Element::of("Settings:Set", blackbox::texts("Settings", &fields));
    let information = Element::of("Settings:DeviceInformation", [set]);
    let root = handset.phone.command("Settings", Some(&Element::of("Settings:Settings", [information])));
    assert_eq!(root.unwrap().get("Status").as_deref(), Some("1"));
}
