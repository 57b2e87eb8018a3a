//! Drafts of 16.x: made, edited and sent on a phone, and the same message to every other door.

use mime::Message;
use storage::NewItem;
use vocabulary::{Flags, Role};
use wbxml::page::{airsync, airsync_base, email, email2, item_operations};
use wbxml::{Element, Tag};

use crate::phone::{Answer, Phone, text};
use crate::world::{World, on_each_database};

fn body(kind: &str, data: &str) -> Element {
    Element::new(airsync_base::BODY).with_text(airsync_base::TYPE, kind).with_text(airsync_base::DATA, data)
}

fn file(client_id: &str, name: &str, content: &[u8]) -> Element {
    Element::new(airsync_base::ADD)
        .with_text(airsync_base::CLIENT_ID, client_id)
        .with_opaque(airsync_base::CONTENT, content.to_vec())
        .with_text(airsync_base::CONTENT_TYPE, "application/pdf")
        .with_text(airsync_base::DISPLAY_NAME, name)
        .with_text(airsync_base::METHOD, "1")
}

fn data(fields: &[(Tag, &str)]) -> Element {
    let data = Element::new(airsync::APPLICATION_DATA);
    fields.iter().fold(data, |data, (tag, value)| data.with_text(*tag, *value))
}

fn add(client_id: &str, data: Element) -> Element {
    Element::new(airsync::ADD).with_text(airsync::CLIENT_ID, client_id).with(data)
}

fn change(id: &str, data: Element) -> Element {
    Element::new(airsync::CHANGE).with_text(airsync::SERVER_ID, id).with(data)
}

/// What is answered to a command.
fn response(answer: &Answer, tag: Tag) -> Element {
    let list = answer.collection.as_ref().unwrap().child(airsync::RESPONSES);
    list.and_then(|list| list.child(tag)).unwrap_or_else(|| panic!("{answer:?}")).clone()
}

/// ClientId and FileReference of each file that is told.
fn told_files(response: &Element) -> Vec<(String, String)> {
    let list =
        response.child(airsync::APPLICATION_DATA).and_then(|data| data.child(airsync_base::ATTACHMENTS));
    let files = list.into_iter().flat_map(|list| list.all(airsync_base::ATTACHMENT));
    files.map(|one| (text(one, airsync_base::CLIENT_ID), text(one, airsync_base::FILE_REFERENCE))).collect()
}

/// The phone on the owner's drafts, and what the folder holds.
async fn on_drafts<'w>(world: &'w World, user: &str, account: vocabulary::AccountId) -> Phone<'w> {
    let drafts = world.folder(account, Role::Drafts).await;
    let mut phone = Phone::new(world, user, "phone", "16.1", drafts).await;
    phone.sync_all().await;
    phone
}

async fn messages(world: &World, account: vocabulary::AccountId, role: Role) -> Vec<String> {
    let folder = world.folder(account, role).await;
    world.stored(folder).await.into_iter().map(|(_, text)| text).collect()
}

async fn fetched(phone: &Phone<'_>, reference: &str) -> Option<Vec<u8>> {
    use base64::Engine;
    let fetch = Element::new(item_operations::FETCH)
        .with_text(item_operations::STORE, "Mailbox")
        .with_text(airsync_base::FILE_REFERENCE, reference);
    let request = Element::new(item_operations::ITEM_OPERATIONS).with(fetch);
    let root = phone.command("ItemOperations", Some(&request)).await.unwrap();
    let fetch = root.child(item_operations::RESPONSE).unwrap().child(item_operations::FETCH).unwrap();
    let data = fetch.child(item_operations::PROPERTIES)?.child_value(item_operations::DATA)?.into_owned();
    Some(base64::engine::general_purpose::STANDARD.decode(data).unwrap())
}

// MS-ASEMAIL R1184 R1190, MS-ASAIRS R1336 R1325 R1326
#[test]
fn a_draft_is_a_message_and_a_repeat_makes_no_second_one() {
    on_each_database(async |world| {
        let people = world.people().await;
        let mut phone = on_drafts(world, &people.anna_address, people.anna).await;
        let files = Element::new(airsync_base::ATTACHMENTS)
            .with(file("f1", "Pl\u{e4}ne.pdf", b"%PDF one"))
            .with(file("f2", "b.pdf", b"%PDF two"));
        let said = data(&[
            (email::TO, "\"M\u{fc}ller, Ben\" <ben@x.test>; cora@x.test"),
            (email2::BCC, "dan@x.test"),
            (email::SUBJECT, "Gr\u{fc}\u{df}e"),
            (email::IMPORTANCE, "2"),
        ]);
        let said = said.with(files).with(body("2", "<p>Hallo <b>Ben</b></p>"));
        let mut answers = Vec::new();
        // The first answer is lost.
        for _ in 0..2 {
            answers.push(phone.ask_with(100, vec![add("c1", said.clone())]).await);
        }
        let [first, second] = [&answers[0], &answers[1]].map(|answer| response(answer, airsync::ADD));
        assert_eq!(first, second);
        assert_eq!(text(&first, airsync::STATUS), "1");
        let told = first.child(airsync::APPLICATION_DATA).unwrap();
        assert_eq!(told.child(email2::CONVERSATION_ID).unwrap().bytes().len(), 16);
        assert!(told.child(email2::CONVERSATION_INDEX).is_some());
        let names = told_files(&first);
        assert_eq!(names.iter().map(|(client_id, _)| client_id.as_str()).collect::<Vec<_>>(), ["f1", "f2"]);
        phone.key = answers.remove(1).key;
        assert_eq!(fetched(&phone, &names[1].1).await.as_deref(), Some(&b"%PDF two"[..]));

        let drafts = world.folder(people.anna, Role::Drafts).await;
        let stored = world.stored(drafts).await;
        assert_eq!(stored.len(), 1);
        assert!(stored[0].0.flags.contains(Flags::DRAFT | Flags::SEEN));
        let bytes = stored[0].1.as_bytes();
        let summary = mime::describe(bytes).summary;
        assert_eq!(summary.to[0].name, "M\u{fc}ller, Ben");
        assert_eq!((summary.to[1].address.as_str(), summary.bcc.len()), ("cora@x.test", 1));
        assert_eq!(
            (summary.subject.as_str(), summary.importance),
            ("Gr\u{fc}\u{df}e", mime::Importance::High)
        );
        assert_eq!(summary.attachments[0].name, "Pl\u{e4}ne.pdf");
        let message = Message::parse(bytes);
        assert!(message.html_body().unwrap().contains("<b>Ben</b>"));
        assert!(message.text_body().unwrap().contains("Hallo"));
        assert_eq!(&*message.decoded(&summary.attachments[0].section).unwrap(), b"%PDF one");
        // The device knows what it made, and is told nothing more of it.
        let quiet = phone.ask(100).await;
        assert!(quiet.collection.is_none(), "{quiet:?}");
    });
}

const BY_IMAP: &str = "From: Anna <anna@x.test>\r\nTo: ben@x.test\r\nSubject: begun\r\nIn-Reply-To: <q@x.test>\r\n\
    Message-ID: <d@x.test>\r\nX-Own: kept\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n\
    Content-Type: multipart/related; boundary=r\r\n\r\n--r\r\nContent-Type: text/html\r\n\r\n<p>begun</p>\
    <img src=\"cid:pic\">\r\n--r\r\nContent-Type: image/gif\r\nContent-ID: <pic>\r\nContent-Transfer-Encoding: base64\r\n\
    \r\nR0lGODlh\r\n--r--\r\n--o\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n\
    QUFBQQ==\r\n--o\r\nContent-Type: application/pdf; name=b.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nQkJCQg==\r\n\
    --o--\r\n";

#[test]
fn what_a_phone_cannot_say_of_a_draft_stays_when_it_edits_it() {
    on_each_database(async |world| {
        let people = world.people().await;
        let drafts = world.folder(people.anna, Role::Drafts).await;
        let content = workflow::ingest(&world.store, people.anna, BY_IMAP.as_bytes().into()).await.unwrap();
        let new = NewItem { flags: Flags::DRAFT, ..NewItem::mail(content, world.now()) };
        world.insert(drafts, new).await;
        let mut phone = on_drafts(world, &people.anna_address, people.anna).await;
        let id = phone.id_of("begun");
        let renamed = data(&[(email::SUBJECT, "renamed")]);
        let answer = phone.ask_with(100, vec![change(&id, renamed)]).await;
        assert_eq!((answer.status.as_str(), answer.statuses(&id).len()), ("1", 0));
        phone.key = answer.key;
        let stored = messages(world, people.anna, Role::Drafts).await;
        assert_eq!(stored.len(), 1);
        let (_, before) = BY_IMAP.split_once("\r\n\r\n").unwrap();
        assert_eq!(stored[0].split_once("\r\n\r\n").unwrap().1, before, "the body is untouched");
        for field in ["Subject: renamed", "In-Reply-To: <q@x.test>", "Message-ID: <d@x.test>", "X-Own: kept"]
        {
            assert!(stored[0].contains(&format!("{field}\r\n")), "{field}: {}", stored[0]);
        }

        // The first file goes, the text is another one, and a file comes: the phone hears of the new names.
        let gone =
            Element::new(airsync_base::DELETE).with_text(airsync_base::FILE_REFERENCE, format!("{id}y1"));
        let files = Element::new(airsync_base::ATTACHMENTS).with(gone).with(file("f1", "c.pdf", b"CCCC"));
        let edited = data(&[]).with(files).with(body("2", "<p>done</p><img src=\"cid:pic\">"));
        let answer = phone.ask_with(100, vec![change(&id, edited)]).await;
        let told = told_files(&response(&answer, airsync::CHANGE));
        phone.key = answer.key.clone();
        assert_eq!(told, [("f1".to_owned(), format!("{id}y2"))]);
        assert_eq!(fetched(&phone, &told[0].1).await.as_deref(), Some(&b"CCCC"[..]));
        assert_eq!(fetched(&phone, &format!("{id}y1")).await.as_deref(), Some(&b"BBBB"[..]));
        let shown = answer
            .collection
            .as_ref()
            .unwrap()
            .child(airsync::COMMANDS)
            .unwrap()
            .child(airsync::CHANGE)
            .unwrap();
        let list = shown.child(airsync::APPLICATION_DATA).unwrap().child(airsync_base::ATTACHMENTS).unwrap();
        assert_eq!(list.children().count(), 3);
        let stored = messages(world, people.anna, Role::Drafts).await.remove(0);
        assert!(stored.contains("R0lGODlh") && stored.contains("X-Own: kept"), "{stored}");
        assert!(Message::parse(stored.as_bytes()).html_body().unwrap().starts_with("<p>done</p>"));
    });
}

// MS-ASEMAIL R1389 R1494
#[test]
fn a_draft_that_is_changed_and_sent_leaves_once_and_tells_nobody_of_bcc() {
    on_each_database(async |world| {
        let people = world.people().await;
        let mut phone = on_drafts(world, &people.anna_address, people.anna).await;
        let said = data(&[
            (email::TO, &people.ben_address),
            (email2::BCC, &people.anna_address),
            (email::SUBJECT, "s"),
        ]);
        let answer = phone.ask_with(100, vec![add("c1", said)]).await;
        let id = text(&response(&answer, airsync::ADD), airsync::SERVER_ID);
        phone.key = answer.key;
        assert_eq!(messages(world, people.ben, Role::Inbox).await.len(), 0, "it is saved, not sent");
        let send = change(&id, data(&[(email::SUBJECT, "sent")])).with_empty(email2::SEND);
        for _ in 0..2 {
            let answer = phone.ask_with(100, vec![send.clone()]).await;
            assert_eq!(answer.status, "1");
        }
        let [theirs, copy, own] = [
            messages(world, people.ben, Role::Inbox).await,
            messages(world, people.anna, Role::Inbox).await,
            messages(world, people.anna, Role::Sent).await,
        ];
        assert_eq!((theirs.len(), copy.len(), own.len()), (1, 1, 1));
        assert!(theirs[0].contains("Subject: sent") && !theirs[0].contains("Bcc"), "{}", theirs[0]);
        assert!(own[0].contains("Bcc"), "{}", own[0]);
        assert_eq!(messages(world, people.anna, Role::Drafts).await.len(), 0);
    });
}

// MS-ASCMD R7472, MS-ASAIRS R1395
#[test]
fn what_cannot_be_a_draft_or_cannot_be_sent_is_told_and_stays() {
    on_each_database(async |world| {
        let people = world.people().await;
        let mut phone = on_drafts(world, &people.anna_address, people.anna).await;
        let nobody = format!("nobody@{}", people.ben_address.split_once('@').unwrap().1);
        let said = data(&[(email::TO, &nobody), (email::SUBJECT, "kept")]);
        let answer = phone.ask_with(100, vec![add("c1", said)]).await;
        let id = text(&response(&answer, airsync::ADD), airsync::SERVER_ID);
        phone.key = answer.key;
        let send = change(&id, data(&[(email::SUBJECT, "kept")])).with_empty(email2::SEND);
        let answer = phone.ask_with(100, vec![send]).await;
        assert_eq!(answer.statuses(&id), ["183"]);
        phone.key = answer.key;
        let send = change(&id, data(&[(email::TO, "")])).with_empty(email2::SEND);
        let answer = phone.ask_with(100, vec![send]).await;
        assert_eq!(answer.statuses(&id), ["183"]);
        phone.key = answer.key;
        let odd = Element::new(airsync_base::ATTACHMENTS).with(
            Element::new(airsync_base::ADD)
                .with_text(airsync_base::CLIENT_ID, "f")
                .with_text(airsync_base::METHOD, "6")
                .with_opaque(airsync_base::CONTENT, vec![1]),
        );
        let answer = phone.ask_with(100, vec![add("c2", data(&[]).with(odd))]).await;
        assert_eq!(answer.statuses("c2"), ["6"]);
        assert_eq!(messages(world, people.anna, Role::Drafts).await.len(), 1);

        let inbox = world.folder(people.anna, Role::Inbox).await;
        for version in ["14.1", "16.1"] {
            let mut other = Phone::new(world, &people.anna_address, "other", version, inbox).await;
            other.sync_all().await;
            let answer = other.ask_with(100, vec![add("c3", data(&[(email::SUBJECT, "no draft")]))]).await;
            assert_eq!(answer.statuses("c3"), ["6"], "{version}");
        }
        assert_eq!(messages(world, people.anna, Role::Inbox).await.len(), 0);
    });
}

#[test]
fn a_text_message_is_taken_and_nothing_comes_of_it() {
    on_each_database(async |world| {
        let people = world.people().await;
        for (version, role) in [("14.1", Role::Inbox), ("16.1", Role::Drafts)] {
            let folder = world.folder(people.anna, role).await;
            let mut phone = Phone::new(world, &people.anna_address, "sms", version, folder).await;
            phone.sync_all().await;
            let add = Element::new(airsync::ADD)
                .with_text(airsync::CLASS, "SMS")
                .with_text(airsync::CLIENT_ID, "c1")
                .with(data(&[(email::TO, "[MOBILE:5551234567]")]));
            let answer = phone.ask_with(100, vec![add]).await;
            assert_eq!(answer.statuses("c1"), ["1"], "{version}");
            assert_eq!(messages(world, people.anna, role).await.len(), 0);
        }
    });
}

// MS-ASEMAIL R14890 R14900, MS-ASAIRS R173
#[test]
fn a_draft_that_comes_as_a_whole_message_keeps_what_comes_beside_it() {
    on_each_database(async |world| {
        let people = world.people().await;
        let mut phone = on_drafts(world, &people.anna_address, people.anna).await;
        let files = |list: Element| Element::new(airsync_base::ATTACHMENTS).with(list);
        let said = data(&[(email::IMPORTANCE, "2")]).with(body("4", BY_IMAP));
        let answer =
            phone.ask_with(100, vec![add("c1", said.with(files(file("f1", "c.pdf", b"CCCC"))))]).await;
        let told = response(&answer, airsync::ADD);
        let id = text(&told, airsync::SERVER_ID);
        assert_eq!(told_files(&told), [("f1".to_owned(), format!("{id}y3"))]);
        phone.key = answer.key;
        assert_eq!(fetched(&phone, &format!("{id}y3")).await.as_deref(), Some(&b"CCCC"[..]));
        let stored = messages(world, people.anna, Role::Drafts).await.remove(0);
        let summary = mime::describe(stored.as_bytes()).summary;
        assert_eq!((summary.subject.as_str(), summary.importance), ("begun", mime::Importance::High));
        assert_eq!(summary.attachments.len(), 4);

        // One of its files goes with the next version, and a Body without Data leaves it as it is.
        let gone =
            Element::new(airsync_base::DELETE).with_text(airsync_base::FILE_REFERENCE, format!("{id}y2"));
        let said = data(&[]).with(body("4", BY_IMAP)).with(files(gone));
        phone.key = phone.ask_with(100, vec![change(&id, said)]).await.key;
        let names = async || {
            let stored = messages(world, people.anna, Role::Drafts).await.remove(0);
            let files = mime::describe(stored.as_bytes()).summary.attachments;
            (files.into_iter().map(|file| file.name).collect::<Vec<_>>(), stored)
        };
        let (left, before) = names().await;
        assert!(left.contains(&"a.pdf".to_owned()) && !left.contains(&"b.pdf".to_owned()), "{left:?}");
        for kind in ["1", "4"] {
            let silent = Element::new(airsync_base::BODY).with_text(airsync_base::TYPE, kind);
            let said = data(&[(email::SUBJECT, "renamed")]).with(silent);
            phone.key = phone.ask_with(100, vec![change(&id, said)]).await.key;
            let (_, after) = names().await;
            assert!(after.contains("Subject: renamed"), "{after}");
            assert_eq!(after.split_once("\r\n\r\n").unwrap().1, before.split_once("\r\n\r\n").unwrap().1);
        }
    });
}

// MS-ASEMAIL R1489
#[test]
fn a_new_draft_has_the_marks_that_come_with_it_also_when_it_is_said_again() {
    on_each_database(async |world| {
        let people = world.people().await;
        let mut phone = on_drafts(world, &people.anna_address, people.anna).await;
        let flag = || {
            Element::new(email::FLAG).with_text(email::STATUS, "2").with_text(email::FLAG_TYPE, "Follow up")
        };
        let categories = |name: &str| Element::new(email::CATEGORIES).with_text(email::CATEGORY, name);
        let said = |subject: &str, read: &str, category: &str| {
            data(&[(email::SUBJECT, subject), (email::READ, read)]).with(flag()).with(categories(category))
        };
        let drafts = world.folder(people.anna, Role::Drafts).await;
        // The first answer is lost, and the phone has written on.
        for (subject, read, category) in [("one", "0", "Red"), ("two", "1", "Blue")] {
            phone.in_doubt = true;
            let answer = phone.ask_with(100, vec![add("c1", said(subject, read, category))]).await;
            assert_eq!(answer.statuses("c1"), ["1"]);
            let [(item, shown)] = &world.items(drafts).await[..] else { panic!("one draft") };
            assert_eq!(shown, subject);
            assert!(item.flags.contains(Flags::DRAFT | Flags::FLAGGED), "{:?}", item.flags);
            assert_eq!(item.flags.contains(Flags::SEEN), read == "1");
            assert!(item.marks.follow_up.contains("Follow up"), "{}", item.marks.follow_up);
            let keywords = format!("{:?}", item.keywords);
            assert!(keywords.contains(category), "{keywords}");
        }
    });
}
