//! Mails on their way: sent, answered, drafted, moved; and their attachments.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use storage::NewItem;
use vocabulary::{Flags, Role};
use wbxml::page::{airsync, airsync_base, compose_mail, email, email2, item_operations, move_items as moves};
use wbxml::{Element, Tag};

use crate::phone::{Phone, text};
use crate::world::{World, on_each_database};

fn message(from: &str, to: &str, subject: &str) -> Vec<u8> {
    format!("From: {from}\r\nTo: {to}\r\nSubject: {subject}\r\n\r\nMy words.\r\n").into_bytes()
}

fn send(id: &str, mime: &[u8]) -> Element {
    Element::new(compose_mail::SEND_MAIL)
        .with_text(compose_mail::CLIENT_ID, id)
        .with_empty(compose_mail::SAVE_IN_SENT_ITEMS)
        .with_opaque(compose_mail::MIME, mime.to_vec())
}

async fn subjects(world: &World, account: vocabulary::AccountId, role: Role) -> Vec<String> {
    let folder = world.folder(account, role).await;
    world.items(folder).await.into_iter().map(|(_, subject)| subject).collect()
}

#[test]
fn a_mail_is_sent_once_or_refused_with_its_reason() {
    on_each_database(async |world| {
        let people = world.people().await;
        let (anna, ben) = (&people.anna_address, &people.ben_address);
        let inbox = world.folder(people.anna, Role::Inbox).await;
        let phone = Phone::new(world, anna, "phone", "16.1", inbox).await;
        let mail = message(anna, ben, "hello");
        assert!(phone.command("SendMail", Some(&send("1", &mail))).await.is_none());
        for (id, mail, status) in [
            ("1", mail.clone(), "118"),
            ("2", message(anna, "nobody@blumen.test", "x"), "116"),
            ("3", message(anna, "no address", "x"), "116"),
            ("4", b"Subject: x\r\n\r\nx\r\n".to_vec(), "119"),
            ("5", message(ben, anna, "x"), "130"),
        ] {
            let refused = phone.command("SendMail", Some(&send(id, &mail))).await.unwrap();
            assert_eq!(text(&refused, compose_mail::STATUS), status, "{id}");
        }
        assert_eq!(subjects(world, people.ben, Role::Inbox).await, ["hello"]);
        assert_eq!(subjects(world, people.anna, Role::Sent).await, ["hello"]);

        let old = Phone::new(world, anna, "old", "12.1", inbox).await;
        let (http, bytes) = old.post("SendMail", message(anna, ben, "raw")).await;
        assert_eq!((http.as_u16(), bytes.len()), (200, 0));
        assert_eq!(subjects(world, people.ben, Role::Inbox).await, ["hello", "raw"]);
        assert_eq!(subjects(world, people.anna, Role::Sent).await, ["hello"], "SaveInSent was not asked");
    });
}

#[test]
fn a_reply_quotes_its_original_and_marks_it() {
    on_each_database(async |world| {
        let people = world.people().await;
        let inbox = world.folder(people.anna, Role::Inbox).await;
        world.append(inbox, "question", world.now(), Flags::NONE).await;
        let mut phone = Phone::new(world, &people.anna_address, "phone", "14.1", inbox).await;
        phone.sync_all().await;
        let reply = |tag: Tag, id: &str, item: &str| {
            let source = Element::new(compose_mail::SOURCE)
                .with_text(compose_mail::FOLDER_ID, inbox.to_string())
                .with_text(compose_mail::ITEM_ID, item);
            let mime = message(&people.anna_address, &people.ben_address, "Re: question");
            Element::new(tag)
                .with_text(compose_mail::CLIENT_ID, id)
                .with(source)
                .with_opaque(compose_mail::MIME, mime)
        };
        let item = phone.id_of("question");
        let sent = phone.command("SmartReply", Some(&reply(compose_mail::SMART_REPLY, "r", &item))).await;
        assert!(sent.is_none(), "{sent:?}");
        let theirs = world.folder(people.ben, Role::Inbox).await;
        let mut other = Phone::new(world, &people.ben_address, "phone", "14.1", theirs).await;
        other.sync_all().await;
        let body = fetched(&other, &other.id_of("Re: question"), "1").await;
        assert!(body.starts_with("My words.") && body.contains("The text of question."), "{body}");
        let (original, _) = world.items(inbox).await.remove(0);
        assert!(original.flags.contains(Flags::ANSWERED));
        let unknown = reply(compose_mail::SMART_REPLY, "s", &format!("{inbox}x999"));
        let refused = phone.command("SmartReply", Some(&unknown)).await.unwrap();
        assert_eq!(text(&refused, compose_mail::STATUS), "150");
    });
}

/// The body of an item in one form.
async fn fetched(phone: &Phone<'_>, item: &str, kind: &str) -> String {
    let preference = Element::new(airsync_base::BODY_PREFERENCE).with_text(airsync_base::TYPE, kind);
    let fetch = Element::new(item_operations::FETCH)
        .with_text(item_operations::STORE, "Mailbox")
        .with_text(airsync::COLLECTION_ID, phone.folder.to_string())
        .with_text(airsync::SERVER_ID, item)
        .with(Element::new(item_operations::OPTIONS).with(preference));
    let fetch = one_fetch(phone, fetch).await;
    let properties = fetch.child(item_operations::PROPERTIES).unwrap_or_else(|| panic!("{fetch:?}"));
    text(properties.child(airsync_base::BODY).unwrap(), airsync_base::DATA)
}

async fn one_fetch(phone: &Phone<'_>, fetch: Element) -> Element {
    let request = Element::new(item_operations::ITEM_OPERATIONS).with(fetch);
    let root = phone.command("ItemOperations", Some(&request)).await.unwrap();
    root.child(item_operations::RESPONSE).unwrap().child(item_operations::FETCH).unwrap().clone()
}

#[test]
fn a_draft_that_is_sent_leaves_once() {
    on_each_database(async |world| {
        let people = world.people().await;
        let drafts = world.folder(people.anna, Role::Drafts).await;
        let mut phone = Phone::new(world, &people.anna_address, "phone", "16.1", drafts).await;
        phone.sync_all().await;
        let body = Element::new(airsync_base::BODY)
            .with_text(airsync_base::TYPE, "1")
            .with_text(airsync_base::DATA, "Drafted.");
        let data = |to: &str| {
            Element::new(airsync::APPLICATION_DATA)
                .with_text(email::TO, to)
                .with(body.clone())
                .with_text(email::SUBJECT, "drafted")
        };
        let request = |key: &str, command: Element| {
            let collection = Element::new(airsync::COLLECTION)
                .with_text(airsync::SYNC_KEY, key)
                .with_text(airsync::COLLECTION_ID, drafts.to_string())
                .with(Element::new(airsync::COMMANDS).with(command));
            Element::new(airsync::SYNC).with(Element::new(airsync::COLLECTIONS).with(collection))
        };
        let add = |client_id: &str, to: &str| {
            let add = Element::new(airsync::ADD).with_text(airsync::CLIENT_ID, client_id);
            add.with(data(to)).with_empty(email2::SEND)
        };
        let answered = async |key: &str, command: Element| {
            let root = phone.command("Sync", Some(&request(key, command))).await.unwrap();
            let collection = root.child(airsync::COLLECTIONS).unwrap().child(airsync::COLLECTION).unwrap();
            let status = collection
                .child(airsync::RESPONSES)
                .and_then(|list| list.child(airsync::ADD))
                .map(|add| text(add, airsync::STATUS));
            (status, text(collection, airsync::SYNC_KEY))
        };
        // The first answer is lost.
        for _ in 0..2 {
            let (status, _) = answered(&phone.key, add("c1", &people.ben_address)).await;
            assert_eq!(status.as_deref(), Some("1"));
        }
        assert_eq!(subjects(world, people.ben, Role::Inbox).await, ["drafted"]);
        assert_eq!(subjects(world, people.anna, Role::Sent).await, ["drafted"]);
        assert!(subjects(world, people.anna, Role::Drafts).await.is_empty());
        let (status, _) = answered(&phone.key, add("c2", "")).await;
        assert_eq!(status.as_deref(), Some("183"), "MS-ASCMD R7472");
    });
}

// MS-ASCMD R3716 R5422 R5423
#[test]
fn attachments_come_whole_and_in_pieces() {
    on_each_database(async |world| {
        let people = world.people().await;
        let inbox = world.folder(people.anna, Role::Inbox).await;
        let mail = "Subject: with file\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
            --b\r\nContent-Type: text/plain\r\n\r\nSee file.\r\n--b\r\nContent-Type: application/pdf\r\n\
            Content-Disposition: attachment; filename=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n\
            MDEyMzQ1Njc4OQ==\r\n--b--\r\n";
        let content = workflow::ingest(&world.store, people.anna, mail.as_bytes().into()).await.unwrap();
        world.insert(inbox, NewItem::mail(content, world.now())).await;
        let mut phone = Phone::new(world, &people.anna_address, "phone", "16.1", inbox).await;
        phone.sync_all().await;
        let reference = format!("{}y0", phone.id_of("with file"));
        let fetch = |reference: &str, range: Option<&str>| {
            let fetch = Element::new(item_operations::FETCH)
                .with_text(item_operations::STORE, "Mailbox")
                .with_text(airsync_base::FILE_REFERENCE, reference);
            match range {
                Some(range) => fetch
                    .with(Element::new(item_operations::OPTIONS).with_text(item_operations::RANGE, range)),
                None => fetch,
            }
        };
        for (range, expected) in
            [(None, "0123456789"), (Some("2-4"), "234"), (Some("8-99"), "89"), (Some("0-0"), "0")]
        {
            let answer = one_fetch(&phone, fetch(&reference, range)).await;
            let properties =
                answer.child(item_operations::PROPERTIES).unwrap_or_else(|| panic!("{answer:?}"));
            assert_eq!(text(properties, airsync_base::CONTENT_TYPE), "application/pdf");
            assert_eq!(properties.child(item_operations::RANGE).is_some(), range.is_some());
            let data = STANDARD.decode(text(properties, item_operations::DATA)).unwrap();
            assert_eq!(data, expected.as_bytes());
        }
        let other = format!("{}y1", phone.id_of("with file"));
        for (reference, range, status) in
            [(&reference, Some("10-20"), "8"), (&other, None, "15"), (&"nonsense".to_owned(), None, "15")]
        {
            let answer = one_fetch(&phone, fetch(reference, range)).await;
            assert_eq!(text(&answer, item_operations::STATUS), status, "{reference} {range:?}");
        }
    });
}

#[test]
fn each_move_has_its_answer_and_a_repeat_has_the_same() {
    on_each_database(async |world| {
        let people = world.people().await;
        let inbox = world.folder(people.anna, Role::Inbox).await;
        let (trash, calendar) =
            (world.folder(people.anna, Role::Trash).await, world.folder(people.anna, Role::Calendar).await);
        let theirs = world.folder(people.ben, Role::Inbox).await;
        world.append(inbox, "one", world.now(), Flags::NONE).await;
        let mut phone = Phone::new(world, &people.anna_address, "phone", "16.1", inbox).await;
        phone.sync_all().await;
        let item = phone.id_of("one");
        let moved = async |phone: &Phone<'_>, item: &str, from: String, to: String| {
            let one = Element::new(moves::MOVE)
                .with_text(moves::SRC_MSG_ID, item)
                .with_text(moves::SRC_FLD_ID, from)
                .with_text(moves::DST_FLD_ID, to);
            let request = Element::new(moves::MOVE_ITEMS).with(one);
            let root = phone.command("MoveItems", Some(&request)).await.unwrap();
            let response = root.child(moves::RESPONSE).unwrap();
            (text(response, moves::STATUS), response.child_value(moves::DST_MSG_ID).map(|id| id.into_owned()))
        };
        let inbox_id = || inbox.to_string();
        for (item, from, to, status) in [
            (item.as_str(), inbox_id(), inbox_id(), "4"),
            (&item, inbox_id(), "nothing".to_owned(), "2"),
            (&item, inbox_id(), theirs.to_string(), "2"),
            (&item, inbox_id(), calendar.to_string(), "2"),
            (&item, trash.to_string(), inbox_id(), "1"),
            ("nothing", inbox_id(), trash.to_string(), "1"),
            (&format!("{inbox}x999"), inbox_id(), trash.to_string(), "1"),
        ] {
            assert_eq!(
                moved(&phone, item, from.clone(), to.clone()).await,
                (status.to_owned(), None),
                "{item} {from} {to}"
            );
        }
        let first = moved(&phone, &item, inbox_id(), trash.to_string()).await;
        assert_eq!(first.0, "3");
        assert!(first.1.is_some());
        assert_eq!(moved(&phone, &item, inbox_id(), trash.to_string()).await, first);
        assert_eq!(subjects(world, people.anna, Role::Trash).await, ["one"]);
        phone.sync_all().await;
        let known = moved(&phone, &item, inbox_id(), trash.to_string()).await;
        assert_eq!(known, ("1".to_owned(), None), "the phone was told that it is gone");
    });
}
