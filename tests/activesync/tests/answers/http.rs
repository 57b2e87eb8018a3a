//! What HTTP carries: MS-ASHTTP.

use blackbox::{Demo, Element, Exchange, Phone, Query, Store, encode};

fn folder_sync(key: &str) -> Vec<u8> {
    let key = Element::text("FolderHierarchy:SyncKey", key);
    encode(&Element::of("FolderHierarchy:FolderSync", [key]))
}

fn on_a_phone(version: &str, claim: impl Fn(&Demo, &Phone)) {
    let demo = Demo::start(Store::Sqlite);
    let (anna, _) = demo.colleagues();
    let mut phone = demo.phone(&anna, version);
    phone.provision();
    claim(&demo, &phone);
    demo.consistent();
}

fn is_wbxml(answer: &Exchange) {
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("content-type"), Some("application/vnd.ms-sync.wbxml"));
    assert_eq!(answer.header("content-length"), Some(answer.body.len().to_string().as_str()));
    assert_eq!(answer.header("content-encoding"), None);
    assert!(answer.root().is_some());
}

// MS-ASHTTP R1 R167 R170 R172 R175 R199 R201 R212 R215 R216 R218 R219 R228 R229 R412 R521 R522
// MS-ASWBXML R1
#[test]
fn an_answer_has_its_length_and_type_and_an_empty_one_has_no_type() {
    on_a_phone("14.1", |demo, phone| {
        is_wbxml(&phone.exchange("FolderSync", "", &[], &folder_sync("0")));
        let (_, ben) = demo.colleagues();
        let mime = format!("To: <{}>\r\nSubject: x\r\n\r\nx\r\n", ben.address);
        let send = Element::of(
            "ComposeMail:SendMail",
            [
                Element::text("ComposeMail:ClientId", &Phone::client_id()),
                Element::opaque("ComposeMail:Mime", mime.as_bytes()),
            ],
        );
        let answer = phone.exchange("SendMail", "", &[], &encode(&send));
        assert_eq!((answer.status, answer.body.len()), (200, 0), "{answer:?}");
        assert_eq!(answer.header("content-length"), Some("0"));
        assert_eq!(answer.header("content-type"), None);
    });
}

// MS-ASHTTP R178 R523
#[test]
fn without_the_right_password_nothing_is_answered_but_401() {
    on_a_phone("14.1", |_, phone| {
        for authorization in ["Basic bm9ib2R5Om5vdGhpbmc=", "Basic !", ""] {
            let headers = [("Authorization", authorization)];
            let answer = phone.exchange("FolderSync", "", &headers, &folder_sync("0"));
            assert_eq!(answer.status, 401, "{authorization}: {answer:?}");
            assert!(answer.header("www-authenticate").is_some_and(|with| with.starts_with("Basic")));
        }
    });
}

// MS-ASHTTP R176 R177 R188
#[test]
fn what_is_malformed_is_400_each_time() {
    on_a_phone("12.1", |_, phone| {
        for _ in 0..2 {
            let answer = phone.exchange("FolderSync", "", &[], b"\x03\x01\x6a\x00\xff\xff");
            assert_eq!(answer.status, 400, "{answer:?}");
        }
    });
}

// MS-ASHTTP R186 R465
#[test]
fn a_command_that_does_not_exist_is_501() {
    on_a_phone("14.1", |_, phone| {
        assert_eq!(phone.exchange("Nonsense", "", &[], b"").status, 501);
    });
}

// MS-ASHTTP R238 R239 R241 R244 R247 R296 R319 R450 R459 R460 R461 R1107 R1201 R12011
#[test]
fn options_tells_the_versions_and_the_commands() {
    on_a_phone("14.1", |_, phone| {
        let versions = phone.options("MS-ASProtocolVersions").unwrap();
        assert_eq!(versions.split(',').collect::<Vec<_>>(), ["12.1", "14.0", "14.1", "16.0", "16.1"]);
        let commands = phone.options("MS-ASProtocolCommands").unwrap();
        let commands: Vec<&str> = commands.split(',').collect();
        for command in ["Sync", "FolderSync", "SendMail", "Ping", "Provision", "ItemOperations", "MoveItems"]
        {
            assert!(commands.contains(&command), "{commands:?}");
        }
        assert!(!commands.contains(&"GetHierarchy"), "{commands:?}");
    });
}

// MS-ASHTTP R281 R491 R504 R518
#[test]
fn both_forms_of_the_query_ask_for_the_same() {
    let demo = Demo::start(Store::Sqlite);
    let (anna, _) = demo.colleagues();
    for version in ["12.1", "14.0", "14.1", "16.0", "16.1"] {
        let answers = [Query::Plain, Query::Base64].map(|query| {
            let mut phone = demo.phone(&anna, version);
            phone.asks_in_base64 = query == Query::Base64;
            phone.provision();
            let root = phone.exchange("FolderSync", "", &[], &folder_sync("0")).root().unwrap();
            let mut changes = root.at("Changes").unwrap().clone();
            changes.children.sort_by_key(|change| change.get("ServerId"));
            let inbox = phone.folders().into_iter().find(|folder| folder.kind == 2).unwrap().id;
            let ping = Element::of(
                "Ping:Ping",
                [
                    Element::text("Ping:HeartbeatInterval", "1"),
                    Element::of(
                        "Ping:Folders",
                        [Element::of(
                            "Ping:Folder",
                            [Element::text("Ping:Id", &inbox), Element::text("Ping:Class", "Email")],
                        )],
                    ),
                ],
            );
            (changes, phone.command("Ping", Some(&ping)).unwrap().get("Status"))
        });
        assert_eq!(answers[0], answers[1], "{version}");
    }
    demo.consistent();
}

// MS-ASHTTP R121 R122 R437 R531
#[test]
fn before_14_a_parameter_says_whether_a_mail_is_saved() {
    on_a_phone("12.1", |demo, phone| {
        let (anna, _) = demo.colleagues();
        for (more, saved) in [("&SaveInSent=T", 1), ("&SaveInSent=F", 0), ("", 0)] {
            let subject = blackbox::unique();
            let mime = format!("From: <{0}>\r\nTo: <{0}>\r\nSubject: {subject}\r\n\r\nx\r\n", anna.address);
            let kind = [("Content-Type", "message/rfc822")];
            let answer = phone.exchange("SendMail", more, &kind, mime.as_bytes());
            assert_eq!((answer.status, answer.body.len()), (200, 0), "{answer:?}");
            let mut imap = demo.imap(&anna);
            imap.select("INBOX");
            blackbox::eventually("the mail arrives", || {
                imap.ok("NOOP");
                (imap.uids_of(&subject).len() == 1).then_some(())
            });
            let lines = imap.ok("LIST \"\" \"*\" RETURN (SPECIAL-USE)").with("\\Sent");
            let sent = lines[0].rsplit_once(" \"/\" ").unwrap().1.to_owned();
            imap.select(sent.trim_matches('"'));
            assert_eq!(imap.uids_of(&subject).len(), saved, "{more}");
        }
    });
}

// MS-ASHTTP R94 R95 R154 R155 R440 R534
// MS-ASCMD R236 R5503 R5505 R5506 R5509 R5510 R5511 R5512 R5513 R5517 R5518 R3633
// MS-ASAIRS R244 R405 R176
#[test]
fn a_fetch_in_parts_has_the_content_behind_the_document() {
    on_a_phone("14.1", |demo, phone| {
        let (anna, ben) = demo.colleagues();
        let mail = blackbox::Mail::plain(&ben.address, &anna.address);
        demo.lmtp().deliver(&ben.address, &[&anna.address], &mail);
        let mut other = demo.phone(&anna, "14.1");
        let inbox = other.synced(2);
        let item = inbox.items.iter().find(|(_, one)| one.subject == mail.subject).unwrap().0.clone();
        let preference = Element::of("AirSyncBase:BodyPreference", [Element::text("AirSyncBase:Type", "1")]);
        let fetch = Element::of(
            "ItemOperations:Fetch",
            [
                Element::text("ItemOperations:Store", "Mailbox"),
                Element::text("AirSync:CollectionId", &inbox.id),
                Element::text("AirSync:ServerId", &item),
                Element::of("ItemOperations:Options", [preference]),
            ],
        );
        let body = encode(&Element::of("ItemOperations:ItemOperations", [fetch]));
        for value in ["F", ""] {
            let headers: &[(&str, &str)] =
                if value.is_empty() { &[] } else { &[("MS-ASAcceptMultiPart", value)] };
            let answer = phone.exchange("ItemOperations", "", headers, &body);
            is_wbxml(&answer);
            let shown = answer.root().unwrap();
            let inner = shown.at("Response/Fetch/Properties/Body").unwrap();
            assert!(inner.at("Data").is_some() && inner.at("Part").is_none(), "{}", inner.shown());
        }
        let without = phone.exchange_by_base64("ItemOperations", &[(7, &[0])], &[], &body);
        is_wbxml(&without);
        for answer in [
            phone.exchange("ItemOperations", "", &[("MS-ASAcceptMultiPart", "T")], &body),
            // AcceptMultiPart among the Options of a base64 query.
            phone.exchange_by_base64("ItemOperations", &[(7, &[2])], &[], &body),
        ] {
            has_a_body_in_parts(&answer, &mail.subject);
        }
    });
}

/// The document, and the body of a mail with a subject behind it.
fn has_a_body_in_parts(answer: &Exchange, subject: &str) {
    assert_eq!(answer.header("content-type"), Some("application/vnd.ms-sync.multipart"));
    let number =
        |at: usize| usize::try_from(u32::from_le_bytes(answer.body[at..at + 4].try_into().unwrap())).unwrap();
    let count = number(0);
    assert_eq!(count, 2, "the document and one body");
    let part = |index: usize| {
        let (offset, length) = (number(4 + 8 * index), number(8 + 8 * index));
        answer.body[offset..offset + length].to_vec()
    };
    assert_eq!(number(4), 4 + 8 * count, "the first part stands behind the numbers");
    let document = Exchange { status: 200, headers: Vec::new(), body: part(0) }.root().unwrap();
    let inner = document.at("Response/Fetch/Properties/Body").unwrap();
    assert_eq!(inner.get("Part").as_deref(), Some("1"), "{}", inner.shown());
    assert!(inner.at("Data").is_none());
    let text = String::from_utf8(part(1)).unwrap();
    assert!(text.contains(&format!("The end of {subject}")), "{text}");
}

// MS-ASHTTP R180
#[test]
fn whoever_may_not_use_this_door_is_told_403() {
    let demo = Demo::start(Store::Sqlite);
    for kind in ["imap", "pop3"] {
        for version in super::VERSIONS {
            let phone = demo.phone(&demo.account(kind), version);
            let answer = phone.exchange("FolderSync", "", &[], &folder_sync("0"));
            assert_eq!(answer.status, 403, "{kind} {version}: {answer:?}");
        }
        assert_eq!(demo.phone(&demo.account(kind), "16.1").options_status(), 403, "{kind}");
    }
    demo.consistent();
}

// MS-ASHTTP R197 R214
#[test]
fn an_answer_that_is_compressed_says_so() {
    on_a_phone("14.1", |_, phone| {
        let answer = phone.exchange("FolderSync", "", &[("Accept-Encoding", "gzip")], &folder_sync("0"));
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.header("content-encoding"), Some("gzip"), "{answer:?}");
        assert!(answer.body.starts_with(b"\x1f\x8b"), "{answer:?}");
    });
}
