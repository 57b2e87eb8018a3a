//! What is sent: by parameters of the query before 14.0, with the original or instead of it, and without room.

use blackbox::{
    Account, Demo, Element, Exchange, Folder, Mail, Phone, Store, calendar, encode, kind, unique,
};

const INBOX: u32 = 2;
const SENT: u32 = 5;
/// Tags of the base64 query: CollectionId, ItemId, LongId, Occurrence, Options.
const TAGS: [(&str, u8); 5] =
    [("CollectionId", 1), ("ItemId", 3), ("LongId", 4), ("Occurrence", 6), ("SaveInSent", 7)];
/// The file that lies in the original.
const FILE: &str = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldY";

/// A phone that answers a mail of Ben's, and Ben.
struct Desk<'a> {
    demo: &'a Demo,
    anna: Account,
    ben: Account,
    phone: Phone,
    inbox: Folder,
    item: String,
    /// A word of the original's text.
    word: String,
}

impl<'a> Desk<'a> {
    fn new(demo: &'a Demo, version: &str) -> Self {
        let (anna, ben) = demo.colleagues();
        let word = unique();
        let text = format!(
            "From: Ben <{}>\r\nTo: <{}>\r\nSubject: {word}\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n\
             Words of {word}.\r\n--b\r\nContent-Type: application/pdf; name=plan.pdf\r\n\
             Content-Disposition: attachment; filename=plan.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n\
             {FILE}\r\n--b--\r\n",
            ben.address, anna.address
        );
        let mail = Mail { subject: word.clone(), bytes: text.into_bytes() };
        demo.lmtp().deliver(&ben.address, &[&anna.address], &mail);
        let mut phone = demo.phone(&anna, version);
        let inbox = phone.synced(INBOX);
        let item = inbox.items.iter().find(|(_, one)| one.subject == word).unwrap().0.clone();
        Self { demo, anna, ben, phone, inbox, item, word }
    }

    /// A mail of the phone's own to Ben: its subject and its bytes.
    fn own(&self) -> (String, Vec<u8>) {
        let subject = unique();
        let text = format!(
            "From: <{}>\r\nTo: <{}>\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\n\
             Content-Type: text/plain\r\n\r\nMy own words.\r\n",
            self.anna.address, self.ben.address
        );
        (subject, text.into_bytes())
    }

    /// Asks as before 14.0: parameters in the query, the mail in the body.
    fn by_query(&self, command: &str, parameters: &[(&str, &str)], in_base64: bool, mime: &[u8]) -> Exchange {
        let kind = [("Content-Type", "message/rfc822")];
        if !in_base64 {
            let more: String = parameters.iter().map(|(name, value)| format!("&{name}={value}")).collect();
            return self.phone.exchange(command, &more, &kind, mime);
        }
        let tagged: Vec<(u8, &[u8])> = parameters
            .iter()
            .map(|(name, value)| {
                let tag = TAGS.iter().find(|(one, _)| one == name).unwrap().1;
                let options: &[u8] = if *value == "T" { &[1] } else { &[0] };
                (tag, if tag == 7 { options } else { value.as_bytes() })
            })
            .collect();
        self.phone.exchange_by_base64(command, &tagged, &kind, mime)
    }

    /// The mail with a subject that has arrived in Ben's Inbox.
    fn arrived(&self, subject: &str) -> String {
        let mut imap = self.demo.imap(&self.ben);
        imap.select("INBOX");
        let uid = blackbox::eventually("the mail arrives", || {
            imap.ok("NOOP");
            imap.uids_of(subject).first().copied()
        });
        String::from_utf8(imap.body_of(uid)).unwrap()
    }

    /// How often a subject is among the sent mails.
    fn saved(&self, subject: &str) -> usize {
        let sent = self.demo.phone(&self.anna, "16.1").synced(SENT);
        sent.items.values().filter(|mail| mail.subject == subject).count()
    }
}

/// The LongId of the only mail in a folder that has a word, by Search.
pub(crate) fn long_id(phone: &Phone, folder: &str, word: &str) -> String {
    let words = [
        Element::text("AirSync:Class", "Email"),
        Element::text("AirSync:CollectionId", folder),
        Element::text("Search:FreeText", word),
    ];
    let store = [
        Element::text("Search:Name", "Mailbox"),
        Element::of("Search:Query", [Element::of("Search:And", words)]),
        Element::of("Search:Options", [Element::text("Search:Range", "0-0")]),
    ];
    let request = Element::of("Search:Search", [Element::of("Search:Store", store)]);
    let root = phone.command("Search", Some(&request)).unwrap();
    root.get("Response/Store/Result/LongId").unwrap_or_else(|| panic!("{}", root.shown()))
}

fn was_sent(answer: &Exchange) {
    assert_eq!((answer.status, answer.body.len()), (200, 0), "{answer:?}");
}

// MS-ASCMD R532 R569
// MS-ASHTTP R88 R92 R116 R117 R118 R120 R435 R436 R486 R488 R489 R511 R512 R517 R524 R525 R526 R527 R528 R530 R532
#[test]
fn an_answer_of_12_1_has_what_its_original_has_whichever_way_it_is_named() {
    let demo = Demo::start(Store::Sqlite);
    let desk = Desk::new(&demo, "12.1");
    let long = long_id(&desk.phone, &desk.inbox.id, &desk.word);
    let by_ids = [("CollectionId", desk.inbox.id.as_str()), ("ItemId", desk.item.as_str())];
    let by_long_id = [("LongId", long.as_str())];
    for (command, is_forward) in [("SmartForward", true), ("SmartReply", false)] {
        for named in [&by_ids[..], &by_long_id] {
            for (in_base64, save) in [(false, "T"), (false, "F"), (true, "T"), (true, "F")] {
                let (subject, mime) = desk.own();
                let parameters: Vec<_> = named.iter().copied().chain([("SaveInSent", save)]).collect();
                was_sent(&desk.by_query(command, &parameters, in_base64, &mime));
                let mail = desk.arrived(&subject);
                assert!(mail.contains("My own words."), "{mail}");
                assert!(mail.contains(&format!("Words of {}.", desk.word)), "{mail}");
                assert_eq!(mail.contains(FILE) && mail.contains("plan.pdf"), is_forward, "{mail}");
                assert_eq!(desk.saved(&subject), usize::from(save == "T"), "{command} {parameters:?}");
            }
        }
    }
    demo.consistent();
}

// MS-ASHTTP R119 R513 R529
// MS-ASCMD R5420 R5834
#[test]
fn an_occurrence_is_answered_by_itself_and_a_series_as_a_whole() {
    let demo = Demo::start(Store::Sqlite);
    let desk = Desk::new(&demo, "12.1");
    let (app, uid) = (demo.dav(&desk.anna), unique());
    let inner = format!(
        "DTSTART:20270315T080000Z\nDTEND:20270315T090000Z\nSUMMARY:{uid}\nRRULE:FREQ=WEEKLY;COUNT=4\n"
    );
    app.put(&format!("{}{uid}.ics", app.own(Some("VEVENT"))), &calendar("VEVENT", &uid, &inner)).is(201);
    let events = desk.phone.items(kind::CALENDAR);
    let item = events.id_of(&uid);
    let series = [("CollectionId", events.folder.id.as_str()), ("ItemId", item.as_str())];
    for command in ["SmartForward", "SmartReply"] {
        for in_base64 in [false, true] {
            for (occurrence, day) in [(None, "2027-03-15"), (Some("2027-03-22T08:00:00.000Z"), "2027-03-22")]
            {
                let (subject, mime) = desk.own();
                let parameters: Vec<_> =
                    series.iter().copied().chain(occurrence.map(|at| ("Occurrence", at))).collect();
                was_sent(&desk.by_query(command, &parameters, in_base64, &mime));
                let mail = desk.arrived(&subject);
                assert!(mail.contains("My own words.") && mail.contains(&format!("When: {day}")), "{mail}");
                let has_series = command == "SmartForward" && occurrence.is_none();
                assert_eq!(mail.contains("meeting.ics"), has_series, "{mail}");
            }
            let (_, mime) = desk.own();
            let missing = [series[0], series[1], ("Occurrence", "2027-03-23T08:00:00.000Z")];
            let answer = desk.by_query(command, &missing, in_base64, &mime);
            assert_ne!(answer.status, 200, "there is no such occurrence: {answer:?}");
        }
    }
    demo.consistent();
}

// MS-ASCMD R605 R3775 R4407 R4408 R5776 R5777
#[test]
fn a_mail_that_replaces_the_original_goes_as_it_is() {
    let demo = Demo::start(Store::Sqlite);
    for version in ["14.0", "14.1", "16.0", "16.1"] {
        let desk = Desk::new(&demo, version);
        let ask = |command: &str, item: &str, replaces: bool, mime: &[u8]| {
            let source = [
                Element::text("ComposeMail:FolderId", &desk.inbox.id),
                Element::text("ComposeMail:ItemId", item),
            ];
            let mut inner = vec![
                Element::text("ComposeMail:ClientId", &Phone::client_id()),
                Element::of("ComposeMail:Source", source),
            ];
            inner.extend(replaces.then(|| Element::of("ComposeMail:ReplaceMime", [])));
            inner.push(Element::opaque("ComposeMail:Mime", mime));
            desk.phone.command(command, Some(&Element::of(&format!("ComposeMail:{command}"), inner)))
        };
        for command in ["SmartReply", "SmartForward"] {
            let refused = ask(command, "no-such", true, &desk.own().1).unwrap();
            assert_eq!(refused.get("Status").as_deref(), Some("150"), "{version}: {}", refused.shown());
            for replaces in [true, false] {
                let (subject, mime) = desk.own();
                let sent = ask(command, &desk.item, replaces, &mime);
                assert!(sent.is_none(), "{version} {command}: {sent:?}");
                let mail = desk.arrived(&subject);
                assert!(mail.contains("My own words."), "{version}: {mail}");
                assert_eq!(mail.contains(&desk.word), !replaces, "{version} {command}: {mail}");
                let has_file = mail.contains(FILE);
                assert_eq!(has_file, command == "SmartForward" && !replaces, "{version} {command}: {mail}");
            }
        }
    }
    demo.consistent();
}

// MS-ASCMD R97 R98 R443
// MS-ASHTTP R93 R484 R493 R496 R499 R533
#[test]
fn what_is_asked_by_base64_is_done() {
    let demo = Demo::start(Store::Sqlite);
    let desk = Desk::new(&demo, "12.1");
    for (options, saved) in [(Some(1u8), 1), (Some(0), 0), (None, 0)] {
        let (subject, mime) = desk.own();
        let value = options.map(|options| [options]);
        let parameters: Vec<(u8, &[u8])> = value.iter().map(|value| (7, &value[..])).collect();
        let kind = [("Content-Type", "message/rfc822")];
        was_sent(&desk.phone.exchange_by_base64("SendMail", &parameters, &kind, &mime));
        assert!(desk.arrived(&subject).contains("My own words."));
        assert_eq!(desk.saved(&subject), saved, "{options:?}");
    }

    let ask = |command: &str, root: &Element| {
        let answer = desk.phone.exchange_by_base64(command, &[], &[], &encode(root));
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.root().unwrap()
    };
    let folders = |command: &str, fields: &[(&str, &str)]| {
        let inner = blackbox::texts("FolderHierarchy", fields);
        let root = ask(command, &Element::of(&format!("FolderHierarchy:{command}"), inner));
        assert_eq!(root.get("Status").as_deref(), Some("1"), "{}", root.shown());
        root
    };
    let mut imap = demo.imap(&desk.anna);
    let mut mails_in = |name: &str| {
        let lines = imap.ok(&format!("LIST \"\" {name} RETURN (STATUS (MESSAGES))")).with("STATUS");
        lines.first().map(|line| line.rsplit_once('(').unwrap().1.trim_end_matches(')').to_owned())
    };
    let name = unique();
    let key = folders("FolderSync", &[("SyncKey", "0")]).get("SyncKey").unwrap();
    let fields = [("SyncKey", key.as_str()), ("ParentId", "0"), ("DisplayName", &name), ("Type", "12")];
    let made = folders("FolderCreate", &fields);
    let (id, key) = (made.get("ServerId").unwrap(), made.get("SyncKey").unwrap());
    assert_eq!(mails_in(&name).as_deref(), Some("MESSAGES 0"));

    let one = [("SrcMsgId", desk.item.as_str()), ("SrcFldId", &desk.inbox.id), ("DstFldId", &id)];
    let moves = Element::of("Move:MoveItems", [Element::of("Move:Move", blackbox::texts("Move", &one))]);
    let root = ask("MoveItems", &moves);
    assert_eq!(root.get("Response/Status").as_deref(), Some("3"), "{}", root.shown());
    assert_eq!(mails_in(&name).as_deref(), Some("MESSAGES 1"));

    folders("FolderDelete", &[("SyncKey", &key), ("ServerId", &id)]);
    assert_eq!(mails_in(&name), None);
    demo.consistent();
}

#[test]
fn without_room_nothing_is_sent_or_stored_and_the_phone_is_told_why() {
    let demo = Demo::start(Store::Sqlite);
    for version in super::VERSIONS {
        let desk = Desk::new(&demo, version);
        let mut contacts = desk.phone.items(kind::CONTACTS);
        let quota = |size: &str| demo.admin(&["account", "quota", &desk.anna.address, size]);
        quota("1");
        let (subject, mime) = desk.own();
        if version < "14" {
            let answer = desk.by_query("SendMail", &[("SaveInSent", "T")], false, &mime);
            assert_eq!(answer.status, 507, "{answer:?}");
        } else {
            let mail = Mail { subject: subject.clone(), bytes: mime };
            assert_eq!(desk.phone.send_mail(&Phone::client_id(), &mail).as_deref(), Some("113"), "{version}");
        }
        let name = unique();
        let card =
            || Element::add_item(&Phone::client_id(), blackbox::texts("Contacts", &[("LastName", &name)]));
        let told = desk.phone.sync_items_once(&mut contacts, &[card()]);
        let status = told.responses[0].get("Status");
        assert_eq!(status.as_deref(), Some("9"), "{version}: {told:?}");
        quota("1GB");
        assert_eq!(desk.saved(&subject), 0, "{version}");
        let told = desk.phone.sync_items_once(&mut contacts, &[card()]);
        assert_eq!(told.responses[0].get("Status").as_deref(), Some("1"), "{version}: {told:?}");
    }
    demo.consistent();
}
