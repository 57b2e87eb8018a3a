//! Search of the mailbox and the directory. MS-ASCMD section 2.2.1.16.

use activesync_wire::item::Class;
use activesync_wire::server_id::FolderId;
use storage::{NewAccount, NewItem};
use vocabulary::{AccountClass, AccountKind, CollectionKind, EmailAddress, Flags, Rights, Role, Timestamp};
use wbxml::page::{
    airsync, airsync_base, compose_mail, contacts, document_library, email, email2, gal, item_operations,
    meeting_response as meeting, search as page,
};
use wbxml::{Element, Tag};

use crate::phone::{Phone, text};
use crate::world::{World, on_each_database};

/// One result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) class: String,
    pub(crate) long_id: String,
    pub(crate) collection: String,
    pub(crate) properties: Element,
}

impl Found {
    pub(crate) fn subject(&self) -> String {
        text(&self.properties, email::SUBJECT)
    }
}

/// What a store answers.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: String,
    pub(crate) range: Option<String>,
    pub(crate) total: Option<String>,
    pub(crate) found: Vec<Found>,
    pub(crate) store: Element,
}

impl Answer {
    pub(crate) fn subjects(&self) -> Vec<String> {
        self.found.iter().map(Found::subject).collect()
    }
}

pub(crate) fn free(text: &str) -> Element {
    Element::text(page::FREE_TEXT, text)
}

pub(crate) fn within(folder: FolderId) -> Element {
    Element::text(airsync::COLLECTION_ID, folder.to_string())
}

pub(crate) fn range(text: &str) -> Element {
    Element::text(page::RANGE, text)
}

fn class(name: &str) -> Element {
    Element::text(airsync::CLASS, name)
}

fn in_one(tag: Tag, children: &[Element]) -> Element {
    children.iter().cloned().fold(Element::new(tag), Element::with)
}

async fn ask(phone: &Phone<'_>, name: &str, query: Element, options: &[Element]) -> Answer {
    let store = Element::new(page::STORE)
        .with_text(page::NAME, name)
        .with(query)
        .with(in_one(page::OPTIONS, options));
    let root = phone.command("Search", Some(&Element::new(page::SEARCH).with(store))).await.unwrap();
    assert_eq!(text(&root, page::STATUS), "1", "{root:?}");
    let store = root.child(page::RESPONSE).unwrap().child(page::STORE).unwrap().clone();
    let value = |tag| store.child_value(tag).map(|value| value.into_owned());
    let full = store.all(page::RESULT).filter(|result| result.child(page::LONG_ID).is_some());
    let found = full.map(|result| Found {
        class: text(result, airsync::CLASS),
        long_id: text(result, page::LONG_ID),
        collection: text(result, airsync::COLLECTION_ID),
        properties: result.child(page::PROPERTIES).unwrap().clone(),
    });
    Answer {
        status: text(&store, page::STATUS),
        range: value(page::RANGE),
        total: value(page::TOTAL),
        found: found.collect(),
        store: store.clone(),
    }
}

/// A search of the mailbox for all of these.
pub(crate) async fn mailbox(phone: &Phone<'_>, and: &[Element], options: &[Element]) -> Answer {
    let query = Element::new(page::QUERY).with(in_one(page::AND, and));
    ask(phone, "Mailbox", query, options).await
}

/// Names of those whom a text finds.
async fn names(phone: &Phone<'_>, text_: &str, options: &[Element]) -> Vec<String> {
    let answer = ask(phone, "GAL", Element::text(page::QUERY, text_), options).await;
    let properties = answer.store.all(page::RESULT).map(|result| result.child(page::PROPERTIES).unwrap());
    properties.map(|one| text(one, gal::DISPLAY_NAME)).collect()
}

impl World {
    /// A mail of any bytes.
    pub(crate) async fn deliver(&self, folder: FolderId, mail: &str, received_at: Timestamp) {
        let bytes = mail.replace('\n', "\r\n").into_bytes();
        let content = workflow::ingest(&self.store, folder.account, bytes.into()).await.unwrap();
        self.insert(folder, NewItem::mail(content, received_at)).await;
    }

    pub(crate) fn minutes_ago(&self, minutes: i64) -> Timestamp {
        Timestamp(self.now().0 - minutes * 60_000)
    }

    /// Somebody further in the domain of an address.
    async fn person(&self, name: &str, address: &str) {
        let new = NewAccount {
            address: EmailAddress::parse(address).unwrap(),
            kind: AccountKind::Exchange,
            class: AccountClass::Person,
            name: name.to_owned(),
            language: None,
            quota_bytes: None,
        };
        self.write(&[], move |tx| {
            let admin = tx.administer()?;
            tx.create_account(&admin, &new)
        })
        .await;
    }
}

const WITH_FILE: &str = "From: Cem <cem@x.test>\nTo: anna@x.test\nCc: Dora Diaz <dora@x.test>\nSubject: Gr\u{fc}\u{df}e\n\
    MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html; charset=utf-8\n\n\
    <p class=table>Some <b>fish</b>ing</p>\n--b\nContent-Type: application/pdf; name=invoice.pdf\n\
    Content-Disposition: attachment; filename=invoice.pdf\n\nsecret\n--b--\n";

// MS-ASCMD R3699 R3849 R3846 R3851 R4633
#[test]
fn every_word_must_be_in_what_a_reader_sees() {
    on_each_database(async |world| {
        let people = world.people().await;
        let inbox = world.folder(people.anna, Role::Inbox).await;
        world.append(inbox, "lunch on friday", world.minutes_ago(10), Flags::NONE).await;
        world.deliver(inbox, WITH_FILE, world.minutes_ago(5)).await;
        let phone = Phone::new(world, &people.anna_address, "phone", "14.1", inbox).await;
        for (words, subjects) in [
            ("LUNCH", &["lunch on friday"][..]),
            ("friday ben", &["lunch on friday"]),
            ("friday cem", &[]),
            ("gr\u{fc}\u{df}e", &["Gr\u{fc}\u{df}e"]),
            ("GRU\u{308}SS", &[]),
            ("Gru\u{308}", &["Gr\u{fc}\u{df}e"]),
            ("dora", &["Gr\u{fc}\u{df}e"]),
            ("invoice", &["Gr\u{fc}\u{df}e"]),
            ("fishing", &["Gr\u{fc}\u{df}e"]),
            ("table", &[]),
            ("secret", &[]),
            ("x.test", &["Gr\u{fc}\u{df}e", "lunch on friday"]),
            ("nowhere", &[]),
        ] {
            let answer = mailbox(&phone, &[free(words)], &[]).await;
            assert_eq!(
                (answer.status.as_str(), answer.subjects()),
                ("1", subjects.iter().map(|s| (*s).to_owned()).collect()),
                "{words}"
            );
            assert_eq!(answer.total, Some(subjects.len().to_string()), "{words}");
        }
        let found = mailbox(&phone, &[free("lunch")], &[]).await.found.remove(0);
        assert_eq!((found.class.as_str(), found.collection), ("Email", inbox.to_string()));
        assert!(found.properties.child(airsync_base::BODY).is_none(), "no form of body was asked for");
        assert!(found.long_id.len() <= 256);
    });
}

// MS-ASCMD R3850 R4361 R4638
#[test]
fn pages_are_given_as_asked_and_always_with_range_and_total() {
    on_each_database(async |world| {
        let people = world.people().await;
        let inbox = world.folder(people.anna, Role::Inbox).await;
        for number in 0..5 {
            world.append(inbox, &format!("mail {number}"), world.minutes_ago(number), Flags::NONE).await;
        }
        let phone = Phone::new(world, &people.anna_address, "phone", "14.1", inbox).await;
        for (asked, status, given, subjects) in [
            ("0-1", "1", "0-1", &["mail 0", "mail 1"][..]),
            ("3-9", "1", "3-4", &["mail 3", "mail 4"]),
            ("2-2", "1", "2-2", &["mail 2"]),
            ("0-100", "12", "0-4", &["mail 0", "mail 1", "mail 2", "mail 3", "mail 4"]),
            ("50-59", "1", "50-50", &[]),
        ] {
            let answer = mailbox(&phone, &[free("mail")], &[range(asked)]).await;
            assert_eq!(answer.subjects(), subjects, "{asked}");
            assert_eq!((answer.status.as_str(), answer.range.as_deref()), (status, Some(given)), "{asked}");
            assert_eq!(answer.total.as_deref(), Some("5"));
        }
        let beyond = mailbox(&phone, &[free("mail")], &[range("1000-1009")]).await;
        assert_eq!((beyond.status.as_str(), beyond.found.len()), ("12", 0));
        let nothing = mailbox(&phone, &[free("nowhere")], &[]).await;
        assert_eq!((nothing.range.as_deref(), nothing.total.as_deref()), (Some("0-0"), Some("0")));
        let results: Vec<_> = nothing.store.all(page::RESULT).collect();
        assert!(matches!(results.as_slice(), [one] if one.is_empty()));
    });
}

// MS-ASCMD R2031 R2146 R5856 R922
#[test]
fn folders_and_classes_are_those_that_were_asked_for() {
    on_each_database(async |world| {
        let people = world.people().await;
        let inbox = world.folder(people.anna, Role::Inbox).await;
        let top = world.make_folder(people.anna, CollectionKind::Mail, "Top").await;
        let below = world.make_folder_in(top, CollectionKind::Mail, "Below").await;
        let gone = world.make_folder(people.anna, CollectionKind::Mail, "Gone").await;
        for (folder, subject, minutes) in
            [(inbox, "word in", 3), (top, "word top", 2), (below, "word below", 1)]
        {
            world.append(folder, subject, world.minutes_ago(minutes), Flags::NONE).await;
        }
        world.delete_folder(gone).await;
        let calendar = world.folder(people.anna, Role::Calendar).await;
        let event = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nBEGIN:VEVENT\r\nUID:e1\r\nDTSTAMP:20261101T000000Z\r\n\
            DTSTART:20261123T100000Z\r\nDTEND:20261123T110000Z\r\nSUMMARY:word meeting\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
        world.put_bytes(calendar, Class::Calendar, event.into()).await;
        let addresses = world.folder(people.anna, Role::Contacts).await;
        let card =
            "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:c1\r\nFN:Word Smith\r\nN:Smith;Word;;;\r\nEND:VCARD\r\n";
        world.put_bytes(addresses, Class::Contacts, card.into()).await;
        let phone = Phone::new(world, &people.anna_address, "phone", "16.1", inbox).await;
        let found = async |and: &[Element], options: &[Element]| {
            let mut and = and.to_vec();
            and.push(free("word"));
            let answer = mailbox(&phone, &and, options).await;
            assert_eq!(answer.status, "1");
            let mut classes: Vec<String> = answer.found.iter().map(|one| one.class.clone()).collect();
            classes.sort();
            classes.dedup();
            (classes.join(" "), answer.found.len())
        };
        let is = |classes: &str, count| (classes.to_owned(), count);
        let deep = [Element::new(page::DEEP_TRAVERSAL)];
        assert_eq!(found(&[], &[]).await, is("Calendar Contacts Email", 5));
        // Outlook for phones
        assert_eq!(found(&[Element::text(airsync::COLLECTION_ID, "0")], &deep).await.1, 5);
        assert_eq!(found(&[class("Email")], &[]).await, is("Email", 3));
        assert_eq!(found(&[class("Calendar"), class("Contacts")], &[]).await, is("Calendar Contacts", 2));
        assert_eq!(found(&[class("SMS")], &[]).await, is("", 0));
        assert_eq!(found(&[within(top)], &[]).await, is("Email", 1));
        assert_eq!(found(&[within(top)], &deep).await, is("Email", 2));
        assert_eq!(found(&[within(top), within(inbox)], &[]).await, is("Email", 2));
        for (name, status) in [(gone.to_string(), "11"), ("nonsense".to_owned(), "6")] {
            let and = [free("word"), Element::text(airsync::COLLECTION_ID, name)];
            assert_eq!(mailbox(&phone, &and, &[]).await.status, status);
        }
        let contact = mailbox(&phone, &[class("Contacts"), free("smith")], &[]).await.found.remove(0);
        assert_eq!(text(&contact.properties, contacts::LAST_NAME), "Smith");
    });
}

#[test]
fn a_conversation_and_a_time_of_receipt_can_be_asked_for() {
    on_each_database(async |world| {
        let people = world.people().await;
        let inbox = world.folder(people.anna, Role::Inbox).await;
        let mail = |id: &str, more: &str| {
            format!(
                "From: ben@x.test\nTo: anna@x.test\nMessage-ID: <{id}@x.test>\n{more}Subject: {id}\n\nx\n"
            )
        };
        world.deliver(inbox, &mail("first", ""), world.minutes_ago(30)).await;
        world.deliver(inbox, &mail("other", ""), world.minutes_ago(20)).await;
        world.deliver(inbox, &mail("reply", "In-Reply-To: <first@x.test>\n"), world.minutes_ago(10)).await;
        let phone = Phone::new(world, &people.anna_address, "phone", "14.1", inbox).await;
        let first = mailbox(&phone, &[free("first")], &[range("0-9")]).await;
        let id = first
            .found
            .last()
            .unwrap()
            .properties
            .child(email2::CONVERSATION_ID)
            .unwrap()
            .bytes()
            .into_owned();
        let same = mailbox(&phone, &[Element::opaque(page::CONVERSATION_ID, id)], &[]).await;
        assert_eq!(same.subjects(), ["reply", "first"]);
        let odd = mailbox(&phone, &[Element::opaque(page::CONVERSATION_ID, vec![1, 2, 3])], &[]).await;
        assert_eq!(odd.status, "2");
        let when = |tag, minutes| {
            let at = activesync_wire::date::date_time(world.minutes_ago(minutes));
            Element::new(tag).with_empty(email::DATE_RECEIVED).with_text(page::VALUE, at)
        };
        let (after, before) = (when(page::GREATER_THAN, 30), when(page::LESS_THAN, 10));
        assert_eq!(mailbox(&phone, std::slice::from_ref(&after), &[]).await.subjects(), ["reply", "other"]);
        assert_eq!(mailbox(&phone, std::slice::from_ref(&before), &[]).await.subjects(), ["other", "first"]);
        assert_eq!(mailbox(&phone, &[after, before], &[]).await.subjects(), ["other"]);
    });
}

// MS-ASCMD R3383 R3384 R3388
#[test]
fn bodies_come_in_the_form_that_was_asked_for() {
    on_each_database(async |world| {
        let people = world.people().await;
        let inbox = world.folder(people.anna, Role::Inbox).await;
        let signed = "From: ben@x.test\nSubject: signed\nMIME-Version: 1.0\n\
            Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\n\
            Content-Transfer-Encoding: base64\n\nMDEyMw==\n";
        world.deliver(inbox, signed, world.now()).await;
        world.append(inbox, "plain", world.minutes_ago(1), Flags::NONE).await;
        let phone = Phone::new(world, &people.anna_address, "phone", "14.1", inbox).await;
        let preference =
            |kind: &str| Element::new(airsync_base::BODY_PREFERENCE).with_text(airsync_base::TYPE, kind);
        let types = async |support: &str| {
            let options = [Element::text(airsync::MIME_SUPPORT, support), preference("1"), preference("4")];
            let answer = mailbox(&phone, &[class("Email")], &options).await;
            let body = |found: &Found| found.properties.child(airsync_base::BODY).unwrap().clone();
            let bodies: Vec<Element> = answer.found.iter().map(body).collect();
            for body in &bodies {
                assert!(body.child(airsync_base::ESTIMATED_DATA_SIZE).is_some(), "{body:?}");
                assert!(body.child(airsync_base::DATA).is_some(), "{body:?}");
            }
            bodies.iter().map(|body| text(body, airsync_base::TYPE)).collect::<Vec<_>>()
        };
        assert_eq!(types("0").await, ["1", "1"]);
        assert_eq!(types("1").await, ["4", "1"]);
        assert_eq!(types("2").await, ["4", "4"]);
    });
}

#[test]
fn what_others_keep_to_themselves_is_not_found() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (shared, own) =
            (world.folder(people.anna, Role::Inbox).await, world.folder(people.ben, Role::Inbox).await);
        let secret = world.make_folder(people.anna, CollectionKind::Mail, "Secret").await;
        let calendar = world.folder(people.anna, Role::Calendar).await;
        world.append(shared, "word shared", world.minutes_ago(3), Flags::NONE).await;
        world.append(secret, "word secret", world.minutes_ago(2), Flags::NONE).await;
        world.append(own, "word own", world.minutes_ago(1), Flags::NONE).await;
        for (uid, class) in [("e1", "PRIVATE"), ("e2", "PUBLIC")] {
            let event = format!(
                "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nBEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20261101T000000Z\r\n\
                DTSTART:20261123T100000Z\r\nDTEND:20261123T110000Z\r\nSUMMARY:word {uid}\r\nCLASS:{class}\r\nEND:VEVENT\r\n\
                END:VCALENDAR\r\n"
            );
            world.put_bytes(calendar, Class::Calendar, event.into()).await;
        }
        let ben = Phone::new(world, &people.ben_address, "phone", "16.1", own).await;
        let anna = Phone::new(world, &people.anna_address, "phone", "16.1", shared).await;
        let count = async |phone: &Phone<'_>| mailbox(phone, &[free("word")], &[]).await.found.len();
        assert_eq!((count(&anna).await, count(&ben).await), (4, 1));
        let reader = Rights::of(&[Rights::LOOKUP, Rights::READ]);
        world.share(shared, people.ben, reader).await;
        world.share(calendar, people.ben, reader).await;
        let seen = mailbox(&ben, &[free("word")], &[]).await;
        let mut subjects: Vec<String> = seen
            .found
            .iter()
            .map(|one| {
                let properties = &one.properties;
                let named = [email::SUBJECT, wbxml::page::calendar::SUBJECT];
                named.iter().find_map(|tag| properties.child_value(*tag)).unwrap().into_owned()
            })
            .collect();
        subjects.sort();
        assert_eq!(subjects, ["word e2", "word own", "word shared"]);
        let theirs = mailbox(&ben, &[free("word"), within(secret)], &[]).await;
        assert_eq!(theirs.status, "11");
        world.share(shared, people.ben, Rights::NONE).await;
        world.share(calendar, people.ben, Rights::NONE).await;
        assert_eq!(count(&ben).await, 1);
    });
}

// MS-ASCMD R419 R420 R421 R426 R3847 R5711
#[test]
fn the_directory_is_that_of_the_own_domain_in_the_order_of_names() {
    on_each_database(async |world| {
        let people = world.people().await;
        let strangers = world.people().await;
        let inbox = world.folder(people.anna, Role::Inbox).await;
        let domain = people.anna_address.split('@').nth(1).unwrap();
        world.person("Zoe Annesley", &format!("zoe@{domain}")).await;
        world.person("Anna-Lena Berg", &format!("lena@{domain}")).await;
        let elsewhere = strangers.anna_address.split('@').nth(1).unwrap();
        world.person("Anna Elsewhere", &format!("else@{elsewhere}")).await;
        let phone = Phone::new(world, &people.anna_address, "phone", "14.0", inbox).await;
        let (anna, lena, zoe) = (people.anna_address.as_str(), "Anna-Lena Berg", "Zoe Annesley");
        assert_eq!(names(&phone, "ANN", &[]).await, [lena, anna, zoe]);
        assert_eq!(names(&phone, "berg", &[]).await, [lena]);
        assert_eq!(names(&phone, "len", &[range("0-0")]).await, [lena]);
        assert_eq!(names(&phone, "ann", &[range("1-1")]).await, [anna]);
        for nobody in ["nna", "Elsewhere", elsewhere, &strangers.anna_address] {
            assert!(names(&phone, nobody, &[]).await.is_empty(), "{nobody}");
        }
        let answer = ask(&phone, "GAL", Element::text(page::QUERY, "lena"), &[]).await;
        let properties = answer.store.child(page::RESULT).unwrap().child(page::PROPERTIES).unwrap();
        for (tag, expected) in [
            (gal::ALIAS, "lena"),
            (gal::FIRST_NAME, "Anna-Lena"),
            (gal::LAST_NAME, "Berg"),
            (gal::EMAIL_ADDRESS, &format!("lena@{domain}")),
        ] {
            assert_eq!(text(properties, tag), expected);
        }
        assert_eq!((answer.range.as_deref(), answer.total.as_deref()), (Some("0-0"), Some("1")));
        let nobody = ask(&phone, "GAL", Element::text(page::QUERY, "nobody"), &[]).await;
        assert!(nobody.store.child(page::RESULT).is_none());
        assert_eq!((nobody.range.as_deref(), nobody.total.as_deref()), (Some("0-0"), Some("0")));
    });
}

// MS-ASCMD R4371 R4372 R4373 R4374 R4375 R3310 R3311 R2135
#[test]
fn pictures_of_people_are_those_that_the_own_contacts_have() {
    on_each_database(async |world| {
        let people = world.people().await;
        let inbox = world.folder(people.anna, Role::Inbox).await;
        let addresses = world.folder(people.anna, Role::Contacts).await;
        for (uid, address, bytes) in
            [("c1", &people.anna_address, "AQID"), ("c2", &people.ben_address, "AQIDBAUGBwg=")]
        {
            let card = format!(
                "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nFN:{uid}\r\nN:{uid};;;;\r\nEMAIL:{address}\r\n\
                PHOTO;ENCODING=b;TYPE=JPEG:{bytes}\r\nEND:VCARD\r\n"
            );
            world.put_bytes(addresses, Class::Contacts, card.into()).await;
        }
        let domain = people.anna_address.split('@').nth(1).unwrap();
        world.person("Zoe", &format!("zoe@{domain}")).await;
        let phone = Phone::new(world, &people.anna_address, "phone", "14.1", inbox).await;
        let pictures = async |phone: &Phone<'_>, query: &str, size: &str, count: &str| {
            let limits = Element::new(page::PICTURE)
                .with_text(page::MAX_SIZE, size)
                .with_text(page::MAX_PICTURES, count);
            let answer = ask(phone, "GAL", Element::text(page::QUERY, query), &[limits]).await;
            let result = answer.store.child(page::RESULT).unwrap().child(page::PROPERTIES).unwrap().clone();
            let picture = result.child(gal::PICTURE).cloned();
            picture.map(|picture| {
                (text(&picture, gal::STATUS), picture.child(gal::DATA).map(|data| data.bytes().into_owned()))
            })
        };
        let status = |code: &str| Some((code.to_owned(), None));
        assert_eq!(pictures(&phone, "anna", "100", "9").await, Some(("1".to_owned(), Some(vec![1, 2, 3]))));
        assert_eq!(pictures(&phone, "zoe", "100", "9").await, status("173"));
        assert_eq!(pictures(&phone, "ben", "7", "9").await, status("174"));
        assert_eq!(pictures(&phone, "anna", "100", "0").await, status("175"));
        let ben = Phone::new(world, &people.ben_address, "phone", "14.1", inbox).await;
        assert_eq!(
            pictures(&ben, "anna", "100", "9").await,
            status("173"),
            "the contacts of others are theirs"
        );
        let old = Phone::new(world, &people.anna_address, "old", "14.0", inbox).await;
        assert_eq!(pictures(&old, "anna", "100", "9").await, None);
    });
}

#[test]
fn what_is_no_search_here_has_its_status() {
    on_each_database(async |world| {
        let people = world.people().await;
        let inbox = world.folder(people.anna, Role::Inbox).await;
        let phone = Phone::new(world, &people.anna_address, "phone", "14.1", inbox).await;
        let bare = Element::new(page::QUERY).with(free("x"));
        assert_eq!(ask(&phone, "Mailbox", bare, &[]).await.status, "8");
        assert_eq!(mailbox(&phone, &[free("x")], &[range("9-1")]).await.status, "2");
        assert_eq!(ask(&phone, "Moon", Element::text(page::QUERY, "x"), &[]).await.status, "2");
        let link = Element::new(page::EQUAL_TO)
            .with_empty(document_library::LINK_ID)
            .with_text(page::VALUE, r"\\server\share");
        let library = Element::new(page::QUERY).with(link);
        assert_eq!(ask(&phone, "DocumentLibrary", library, &[]).await.status, "13");
        let words = "w ".repeat(33);
        assert_eq!(mailbox(&phone, &[free(&words)], &[]).await.status, "8");
    });
}

#[test]
fn a_long_id_names_its_item_wherever_it_goes_and_only_for_who_may_read_it() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (inbox, trash) =
            (world.folder(people.anna, Role::Inbox).await, world.folder(people.anna, Role::Trash).await);
        world.append(inbox, "original", world.now(), Flags::NONE).await;
        let phone = Phone::new(world, &people.anna_address, "phone", "16.1", inbox).await;
        let ben = Phone::new(world, &people.ben_address, "phone", "16.1", inbox).await;
        let id = mailbox(&phone, &[free("original")], &[]).await.found.remove(0).long_id;
        let fetch = async |phone: &Phone<'_>, id: &str| {
            let fetch = Element::new(item_operations::FETCH)
                .with_text(item_operations::STORE, "Mailbox")
                .with_text(page::LONG_ID, id);
            let root = Element::new(item_operations::ITEM_OPERATIONS).with(fetch);
            let root = phone.command("ItemOperations", Some(&root)).await.unwrap();
            let fetch = root.child(item_operations::RESPONSE).unwrap().child(item_operations::FETCH).unwrap();
            assert_eq!(text(fetch, page::LONG_ID), id);
            let properties = fetch.child(item_operations::PROPERTIES);
            (text(fetch, item_operations::STATUS), properties.map(|one| text(one, email::SUBJECT)))
        };
        let whole = ("1".to_owned(), Some("original".to_owned()));
        assert_eq!(fetch(&phone, &id).await, whole);
        let item = world.items(inbox).await.remove(0).0;
        world.move_to(inbox, trash, &item).await;
        assert_eq!(fetch(&phone, &id).await, whole, "it has moved");
        assert_eq!(fetch(&ben, &id).await, ("6".to_owned(), None), "no right to it");
        assert_eq!(fetch(&phone, "nonsense").await, ("6".to_owned(), None));

        let mail = format!("From: {0}\r\nTo: {0}\r\nSubject: Re: it\r\n\r\nMine.\r\n", people.anna_address);
        let reply = |client: &str, id: &str| {
            Element::new(compose_mail::SMART_REPLY)
                .with_text(compose_mail::CLIENT_ID, client)
                .with(Element::new(compose_mail::SOURCE).with_text(compose_mail::LONG_ID, id))
                .with_opaque(compose_mail::MIME, mail.clone().into_bytes())
        };
        assert!(phone.command("SmartReply", Some(&reply("1", &id))).await.is_none());
        let stored = world.stored(inbox).await;
        assert!(stored.iter().any(|(_, text)| text.contains("The text of original.")), "{stored:?}");
        let refused = phone.command("SmartReply", Some(&reply("2", "nonsense"))).await.unwrap();
        assert_eq!(text(&refused, compose_mail::STATUS), "150");

        let respond = Element::new(meeting::MEETING_RESPONSE).with(
            Element::new(meeting::REQUEST)
                .with_text(meeting::USER_RESPONSE, "1")
                .with_text(page::LONG_ID, &id),
        );
        let answer = phone.command("MeetingResponse", Some(&respond)).await.unwrap();
        let result = answer.child(meeting::RESULT).unwrap();
        assert_eq!(text(result, meeting::STATUS), "2", "a mail that invites to nothing");
    });
}

#[test]
fn ten_thousand_mails_are_searched_without_reading_what_need_not_be_read() {
    on_each_database(async |world| {
        const MAILS: usize = 10_000;
        let people = world.people().await;
        let inbox = world.folder(people.anna, Role::Inbox).await;
        let mut news = Vec::with_capacity(MAILS);
        for number in 0..MAILS {
            let mail =
                format!("From: ben@x.test\r\nTo: anna@x.test\r\nSubject: common n{number}n\r\n\r\nbody\r\n");
            let content =
                workflow::ingest(&world.store, people.anna, mail.into_bytes().into()).await.unwrap();
            let minutes = i64::try_from(number).unwrap();
            news.push(NewItem::mail(content, world.minutes_ago(minutes)));
        }
        world
            .write(&[people.anna], move |tx| {
                let grant = tx.open::<storage::right::Insert>(inbox.account, inbox.collection)?;
                news.iter().try_for_each(|new| tx.insert(&grant, new).map(drop))
            })
            .await;
        let phone = Phone::new(world, &people.anna_address, "phone", "16.1", inbox).await;
        let before = world.server.searched();
        let rare = mailbox(&phone, &[free("n9999n")], &[]).await;
        assert_eq!(rare.subjects(), ["common n9999n"]);
        let after = world.server.searched();
        assert_eq!(after.items - before.items, 10_000, "each once");
        let before = after;
        let common = mailbox(&phone, &[free("common")], &[range("900-999")]).await;
        assert_eq!((common.found.len(), common.total.as_deref()), (100, Some("1000")));
        assert_eq!(common.subjects()[99], "common n999n");
        let after = world.server.searched();
        assert!(after.items - before.items < 1_500, "no further than what can be retrieved");
        assert_eq!(after.bytes - before.bytes, 0, "what was parsed decides");
    });
}
