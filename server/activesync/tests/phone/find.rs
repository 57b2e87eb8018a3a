//! Find, from 16.1. MS-ASCMD section 2.2.1.2.

use activesync_wire::server_id::ServerId;
use actix_web::http::StatusCode;
use vocabulary::{CollectionKind, Flags, Role};
use wbxml::page::{airsync, email, find as page, gal, item_operations};
use wbxml::{Element, Limits, decode, encode};

use crate::phone::{Phone, text};
use crate::world::{World, on_each_database, seen};

const ID: &str = "98f1b0a2-0d5c-4b1e-8c0b-7f6f2b6d9e11";
const OTHER: &str = "11111111-0d5c-4b1e-8c0b-7f6f2b6d9e11";

fn find(id: &str, words: &str, within: Option<&str>, options: &[Element]) -> Element {
    let mut query = Element::new(page::QUERY).with_text(airsync::CLASS, "Email");
    if let Some(folder) = within {
        query.push(Element::text(airsync::COLLECTION_ID, folder));
    }
    query.push(Element::text(page::FREE_TEXT, words));
    let options = options.iter().cloned().fold(Element::new(page::OPTIONS), Element::with);
    let criterion = Element::new(page::MAIL_BOX_SEARCH_CRITERION).with(query).with(options);
    let search = Element::new(page::EXECUTE_SEARCH).with(criterion);
    Element::new(page::FIND).with_text(page::SEARCH_ID, id).with(search)
}

fn range(text: &str) -> Element {
    Element::text(page::RANGE, text)
}

/// Status of the whole, and the answer.
async fn ask(phone: &Phone<'_>, request: &Element) -> (String, Option<Element>) {
    let root = phone.command("Find", Some(request)).await.unwrap();
    (text(&root, page::STATUS), root.child(page::RESPONSE).cloned())
}

async fn response(phone: &Phone<'_>, request: &Element) -> Element {
    let (status, response) = ask(phone, request).await;
    assert_eq!(status, "1");
    let response = response.unwrap();
    assert_eq!(text(&response, item_operations::STORE), "Mailbox");
    response
}

fn subjects(response: &Element) -> Vec<String> {
    let properties = response.all(page::RESULT).map(|result| result.child(page::PROPERTIES).unwrap());
    properties.map(|one| text(one, email::SUBJECT)).collect()
}

async fn some_mails(world: &World, inbox: activesync_wire::server_id::FolderId) {
    for (subject, minutes) in [("blue car", 3), ("red car", 2), ("red bike", 1)] {
        world.append(inbox, subject, world.minutes_ago(minutes), Flags::NONE).await;
    }
}

// MS-ASCMD R72172509 R72172520 R38391804 R9820602 R38971801 R9010602
#[test]
fn a_query_in_its_language_finds_mails_and_what_lists_show_of_them() {
    on_each_database(async |world| {
        let people = world.people().await;
        let inbox = world.folder(people.anna, Role::Inbox).await;
        some_mails(world, inbox).await;
        let file = "From: Cem <cem@x.test>\nTo: Anna <anna@x.test>, Ben <ben@x.test>\nCc: Dora <dora@x.test>\nBcc: Eve <eve@x.test>\n\
            Subject: papers\nImportance: high\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\
            Content-Type: text/plain\n\nHere they are.\n--b\nContent-Type: application/pdf\n\
            Content-Disposition: attachment; filename=deal.pdf\n\nx\n--b--\n";
        world.deliver(inbox, file, world.now()).await;
        let phone = Phone::new(world, &people.anna_address, "phone", "16.1", inbox).await;
        for (words, expected) in [
            ("red", &["red bike", "red car"][..]),
            ("red car", &["red car"]),
            ("\"red car\"", &["red car"]),
            ("\"car red\"", &[]),
            ("blue OR bike", &["red bike", "blue car"]),
            ("car NOT red", &["blue car"]),
            ("subject:text", &[]),
            ("body:text car", &["red car", "blue car"]),
            ("from:cem", &["papers"]),
            ("cc:dora to:ben", &["papers"]),
            ("participants:eve", &["papers"]),
            ("attachment:deal", &["papers"]),
            ("hasattachment:true", &["papers"]),
            ("hasattachment:false red", &["red bike", "red car"]),
            ("received:today car", &["red car", "blue car"]),
            ("received<2026-11-23 car", &[]),
        ] {
            let found = response(&phone, &find(ID, words, None, &[])).await;
            assert_eq!(text(&found, page::STATUS), "1");
            assert_eq!(subjects(&found), expected, "{words}");
            assert_eq!(text(&found, page::TOTAL), expected.len().to_string(), "{words}");
        }
        let papers = world.items(inbox).await.into_iter().find(|(_, subject)| subject == "papers").unwrap().0;
        world.flag(inbox, &papers, seen(true)).await;
        let found = response(&phone, &find(ID, "papers", None, &[])).await;
        let result = found.child(page::RESULT).unwrap();
        assert_eq!(text(result, airsync::CLASS), "Email");
        assert_eq!(text(result, airsync::COLLECTION_ID), inbox.to_string());
        assert_eq!(text(result, airsync::SERVER_ID), ServerId { folder: inbox, item: papers.id }.to_string());
        let properties = result.child(page::PROPERTIES).unwrap();
        for (tag, expected) in [
            (email::DISPLAY_TO, "Anna; Ben"),
            (page::DISPLAY_CC, "Dora"),
            (email::IMPORTANCE, "2"),
            (email::READ, "1"),
            (page::PREVIEW, "Here they are."),
            (page::HAS_ATTACHMENTS, "1"),
            (email::FROM, "\"Cem\" <cem@x.test>"),
        ] {
            assert_eq!(text(properties, tag).trim(), expected);
        }
        assert!(properties.child(page::DISPLAY_BCC).is_none(), "only who writes a mail knows them");
    });
}

// MS-ASCMD R72172518 R37071816
#[test]
fn a_search_begins_with_its_first_result_and_goes_on_under_its_id() {
    on_each_database(async |world| {
        let people = world.people().await;
        let inbox = world.folder(people.anna, Role::Inbox).await;
        some_mails(world, inbox).await;
        let phone = Phone::new(world, &people.anna_address, "phone", "16.1", inbox).await;
        let status = async |id: &str, words: &str, pages: &str| {
            let found = response(&phone, &find(id, words, None, &[range(pages)])).await;
            (text(&found, page::STATUS), found.child_value(page::RANGE).map(|range| range.into_owned()))
        };
        let is = |code: &str, given: Option<&str>| (code.to_owned(), given.map(str::to_owned));
        assert_eq!(status(ID, "red OR blue", "1-1").await, is("4", None));
        assert_eq!(status(ID, "red OR blue", "0-0").await, is("1", Some("0-0")));
        assert_eq!(status(ID, "red OR blue", "1-9").await, is("1", Some("1-2")));
        assert_eq!(status(ID, "red", "1-9").await, is("4", None), "another query");
        assert_eq!(status(OTHER, "red OR blue", "1-9").await, is("4", None), "another search");
        assert_eq!(status(ID, "red OR blue", "5-9").await, is("1", None), "no more results");
        let other = Phone::new(world, &people.anna_address, "other", "16.1", inbox).await;
        let found = response(&other, &find(ID, "red OR blue", None, &[range("1-9")])).await;
        assert_eq!(text(&found, page::STATUS), "4", "another device");
    });
}

// MS-ASCMD R72172512 R72172515
#[test]
fn folders_are_searched_as_asked_and_what_cannot_be_is_told() {
    on_each_database(async |world| {
        let people = world.people().await;
        let inbox = world.folder(people.anna, Role::Inbox).await;
        let top = world.make_folder(people.anna, CollectionKind::Mail, "Top").await;
        let below = world.make_folder_in(top, CollectionKind::Mail, "Below").await;
        for (folder, subject, minutes) in
            [(inbox, "word in", 3), (top, "word top", 2), (below, "word below", 1)]
        {
            world.append(folder, subject, world.minutes_ago(minutes), Flags::NONE).await;
        }
        let theirs = world.folder(people.ben, Role::Inbox).await;
        let phone = Phone::new(world, &people.anna_address, "phone", "16.1", inbox).await;
        let deep = [Element::new(page::DEEP_TRAVERSAL)];
        let top_id = top.to_string();
        for (within, options, expected) in [
            (None, &[][..], &["word below", "word top", "word in"][..]),
            (Some("0"), &[], &["word below", "word top", "word in"]),
            (Some(top_id.as_str()), &[], &["word top"]),
            (Some(top_id.as_str()), &deep, &["word below", "word top"]),
        ] {
            let found = response(&phone, &find(ID, "word", within, options)).await;
            assert_eq!(subjects(&found), expected, "{within:?}");
        }
        let theirs = theirs.to_string();
        for (request, status) in [
            (find(ID, "word", Some(&theirs), &[]), "3"),
            (find(ID, "word", Some("nonsense"), &[]), "3"),
            (find("no guid", "word", None, &[]), "2"),
            (find(ID, "received:soon", None, &[]), "2"),
            (find(ID, "word", None, &[range("0-1000")]), "2"),
        ] {
            let (whole, response) = ask(&phone, &request).await;
            assert_eq!((whole.as_str(), response), (status, None), "{request:?}");
        }
        let many: String = (0..17).map(|number| format!("participants:p{number} ")).collect();
        assert_eq!(ask(&phone, &find(ID, &many, None, &[])).await.0, "2");
    });
}

// MS-ASCMD R131999 R132000 R132004 R1002501
#[test]
fn people_are_found_too() {
    on_each_database(async |world| {
        let people = world.people().await;
        let strangers = world.people().await;
        let inbox = world.folder(people.anna, Role::Inbox).await;
        let phone = Phone::new(world, &people.anna_address, "phone", "16.1", inbox).await;
        let ask = async |words: &str, options: &[Element]| {
            let query = Element::new(page::QUERY).with_text(page::FREE_TEXT, words);
            let options = options.iter().cloned().fold(Element::new(page::OPTIONS), Element::with);
            let criterion = Element::new(page::GAL_SEARCH_CRITERION).with(query).with(options);
            let search = Element::new(page::EXECUTE_SEARCH).with(criterion);
            response(&phone, &Element::new(page::FIND).with_text(page::SEARCH_ID, ID).with(search)).await
        };
        let picture = Element::new(page::PICTURE).with_text(page::MAX_PICTURES, "1");
        let found = ask("ANN", &[range("0-9"), picture]).await;
        assert_eq!((text(&found, page::RANGE), text(&found, page::TOTAL)), ("0-0".into(), "1".into()));
        let properties = found.child(page::RESULT).unwrap().child(page::PROPERTIES).unwrap();
        assert_eq!(text(properties, gal::EMAIL_ADDRESS), people.anna_address);
        assert_eq!(text(properties, gal::ALIAS), "anna");
        assert_eq!(text(properties.child(gal::PICTURE).unwrap(), gal::STATUS), "173");
        let nobody = ask(&strangers.anna_address, &[]).await;
        assert_eq!((nobody.child(page::RESULT), text(&nobody, page::TOTAL)), (None, "0".into()));
    });
}

#[test]
fn find_is_younger_than_16_1_and_both_commands_are_offered() {
    on_each_database(async |world| {
        let people = world.people().await;
        let inbox = world.folder(people.anna, Role::Inbox).await;
        for version in ["12.1", "14.0", "14.1", "16.0"] {
            let device = format!("d{}", version.replace('.', ""));
            let phone = Phone::new(world, &people.anna_address, &device, version, inbox).await;
            let (http, bytes) = phone.post("Find", encode(&find(ID, "x", None, &[]))).await;
            if version == "12.1" {
                assert_eq!(http, StatusCode::NOT_IMPLEMENTED);
            } else {
                let root = decode(&bytes, &Limits::default()).unwrap();
                assert_eq!(text(&root, page::STATUS), "138", "{version}");
            }
        }
        let offered: Vec<_> =
            activesync_wire::Command::supported().map(activesync_wire::Command::name).collect();
        assert!(offered.contains(&"Search") && offered.contains(&"Find"), "{offered:?}");
    });
}
